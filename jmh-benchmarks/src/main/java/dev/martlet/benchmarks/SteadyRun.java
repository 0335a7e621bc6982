package dev.martlet.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs {@link CallBenchmark} under JMH with {@code -prof gc}, each figure in a JVM of its own. */
final class SteadyRun {
  private final boolean quick;
  private final long rounds;

  SteadyRun(boolean quick, long rounds) {
    this.quick = quick;
    this.rounds = rounds;
  }

  /** Measures one column; returns whether all its benchmarks ended well. */
  boolean run(Contender contender, Table table, Path log) throws RunnerException {
    List<String> jvmOptions = new ArrayList<>(contender.jvmOptions());
    jvmOptions.add("-D" + CallBenchmark.ROUNDS + "=" + rounds);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\b" + CallBenchmark.class.getSimpleName() + "\\.")
            .param("contender", contender.name())
            .warmupIterations(quick ? 1 : 3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(quick ? 3 : 5)
            .measurementTime(TimeValue.milliseconds(quick ? 300 : 800))
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(jvmOptions.toArray(String[]::new))
            .timeout(TimeValue.minutes(1))
            .output(log.toString());
    if (!contender.isPool()) {
      options.exclude("\\.spin$");
    }
    if (!contender.sharesMemory()) {
      options.exclude("Ranges$");
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    for (RunResult result : results) {
      read(result, contender, table);
    }
    return results.size() == (contender.sharesMemory() ? 7 : contender.isPool() ? 5 : 4);
  }

  private static void read(RunResult result, Contender contender, Table table) {
    Result<?> nanos = result.getPrimaryResult();
    double median = nanos.getStatistics().getPercentile(50);
    double allocated = allocated(result.getSecondaryResults());
    String benchmark = result.getParams().getBenchmark();
    switch (benchmark.substring(benchmark.lastIndexOf('.') + 1)) {
      case "roundTrip" -> {
        table.put(contender, Figure.ROUND_TRIP_P50, median);
        table.put(contender, Figure.ROUND_TRIP_P99, nanos.getStatistics().getPercentile(99));
        table.put(contender, Figure.ROUND_TRIP_ALLOCATION, allocated);
      }
      case "pipelined" -> {
        table.put(contender, Figure.PIPELINED, 1e9 / median);
        table.put(contender, Figure.PIPELINED_ALLOCATION, allocated);
      }
      case "argument" -> {
        table.put(contender, Figure.ARGUMENT, median);
        table.put(contender, Figure.ARGUMENT_ALLOCATION, allocated);
      }
      case "result" -> {
        table.put(contender, Figure.RESULT, median);
        table.put(contender, Figure.RESULT_ALLOCATION, allocated);
      }
      case "sumRanges" -> table.put(contender, Figure.SUM_RANGES, median);
      case "sortRanges" -> table.put(contender, Figure.SORT_RANGES, median);
      case "spin" -> table.put(contender, Figure.SPIN, median);
      default -> throw new IllegalStateException(benchmark);
    }
  }

  @SuppressWarnings("rawtypes")
  private static double allocated(Map<String, Result> results) {
    return results.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
        .mapToDouble(entry -> entry.getValue().getScore())
        .findFirst()
        .orElse(Double.NaN);
  }
}
