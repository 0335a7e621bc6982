package dev.martlet.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Estimates pi by throwing points at a square, each task with a seed of its own. */
@Command(name = "pi", description = "Estimates pi by random points, with error bars.")
final class MonteCarloPi implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-p", "--points"},
      description = "Points a task (default: ${DEFAULT-VALUE}).")
  private int points = 2_000_000;

  @Option(
      names = {"-t", "--tasks"},
      description = "How many tasks (default: ${DEFAULT-VALUE}).")
  private int tasks = 64;

  /** An estimate and its standard error. */
  record Estimate(double value, double error) {}

  @Override
  public Integer call() throws Exception {
    String title = String.format("Monte Carlo pi, %,d tasks of %,d points", tasks, points);
    Estimate pi = comparison.run(title, pool -> estimate(pool, tasks, points), Estimate::equals);
    comparison.line("pi", "%.6f +- %.6f (95 %%)", pi.value, 1.96 * pi.error);
    comparison.line("off by", "%.1f standard errors", Math.abs(pi.value - Math.PI) / pi.error);
    return 0;
  }

  static Estimate estimate(ExecutorService pool, int tasks, int points)
      throws ExecutionException, InterruptedException {
    List<Future<Integer>> hits = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      int seed = t;
      hits.add(pool.submit(() -> hits(seed, points)));
    }
    long inside = 0;
    for (Future<Integer> h : hits) {
      inside += h.get();
    }
    double n = (double) tasks * points;
    double share = inside / n;
    return new Estimate(4 * share, 4 * Math.sqrt(share * (1 - share) / n));
  }

  static int hits(int seed, int points) {
    SplittableRandom random = new SplittableRandom(seed);
    int hits = 0;
    for (int i = 0; i < points; i++) {
      double x = random.nextDouble();
      double y = random.nextDouble();
      hits += x * x + y * y < 1 ? 1 : 0;
    }
    return hits;
  }
}
