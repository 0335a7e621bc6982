package dev.martlet.samples;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command line. Without a sample's name, runs the mergesort and the word count. */
@Command(
    name = "martlet-samples",
    description = {
      "Runs the same code on a JDK pool and on a Martlet pool, and compares.",
      "Without a command: merge-sort and word-count."
    },
    subcommands = {
      MergeSort.class,
      WordCount.class,
      MonteCarloPi.class,
      Mandelbrot.class,
      SortTable.class,
      NQueens.class,
      Knapsack.class,
      Primes.class,
      WordFrequencies.class,
      KMeans.class
    })
public final class Samples implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  /** Runs the samples named by the arguments. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Samples())
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (!(e instanceof Comparison.FailedException || e instanceof IOException)) {
                throw e;
              }
              command.getErr().println(e.getMessage());
              return 1;
            });
  }

  @Override
  public Integer call() throws Exception {
    int failed = new MergeSort(comparison).call();
    return new WordCount(comparison).call() + failed;
  }
}
