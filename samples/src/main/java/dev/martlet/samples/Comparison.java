package dev.martlet.samples;

import dev.martlet.CallStatistics;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.PoolStatistics;
import dev.martlet.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/**
 * Runs a job on a JDK pool and on a Martlet pool, twice each, and prints how they compare. The
 * first run is cold: it starts workers, sends them code, and is interpreted.
 */
final class Comparison {
  @Option(
      names = {"-n", "--parallelism"},
      description = "Tasks at a time (default: this machine's processors).")
  int parallelism = Runtime.getRuntime().availableProcessors();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  IntFunction<ExecutorService> martlet = CloudExecutors::newCloudPool;
  IntFunction<ForkJoinPool> forkJoin = CloudExecutors::newCloudForkJoinPool;
  PrintStream out = System.out;

  /** Code that needs nothing but a pool. */
  @FunctionalInterface
  interface Job<T> {
    T run(ExecutorService pool) throws Exception;
  }

  /** Code that needs a fork/join pool. */
  @FunctionalInterface
  interface ForkJoinJob<T> {
    T run(ForkJoinPool pool) throws Exception;
  }

  /** The pools differ, or there is no Martlet pool. */
  static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** What a job gave in two runs, how long these took, and what the pool says of it. */
  private record Runs<T>(
      T result, long firstNanos, long secondNanos, @Nullable PoolStatistics statistics) {}

  /**
   * Runs the job on both pools and prints the report.
   *
   * @return the job's result
   * @throws FailedException if the results are not the same
   */
  <T> T run(String title, Job<T> job, BiPredicate<T, T> same) throws Exception {
    ExecutorService fixed = Executors.newFixedThreadPool(parallelism);
    return run(title, "JDK pool, " + count(parallelism, "thread"), fixed, job, same);
  }

  /** Does the same against the JDK pool given, and shuts it down. */
  <T> T run(String title, String name, ExecutorService jdk, Job<T> job, BiPredicate<T, T> same)
      throws Exception {
    out.println();
    out.println(Ansi.AUTO.new Text("@|bold " + title + "|@"));
    line("", "%12s %12s", "cold", "warm");
    Runs<T> home = runs(jdk, job::run, same);
    times(name, home);
    Runs<T> away = runs(opened(martlet), job::run, same);
    times("Martlet pool, " + count(parallelism, "slot"), away);
    compare(title, home, away, same);
    return away.result;
  }

  /** Does the same on two fork/join pools. */
  <T> T runForkJoin(String title, ForkJoinJob<T> job, BiPredicate<T, T> same) throws Exception {
    out.println();
    out.println(Ansi.AUTO.new Text("@|bold " + title + "|@"));
    line("", "%12s %12s", "cold", "warm");
    Runs<T> home = runs(new ForkJoinPool(parallelism), job::run, same);
    times("JDK pool, " + count(parallelism, "thread"), home);
    Runs<T> away = runs(opened(forkJoin), job::run, same);
    times("Martlet pool, " + count(parallelism, "thread"), away);
    compare(title, home, away, same);
    return away.result;
  }

  private <T> void compare(String title, Runs<T> home, Runs<T> away, BiPredicate<T, T> same) {
    line(
        "ratio",
        "%11.2fx %11.2fx",
        (double) away.firstNanos / home.firstNanos,
        (double) away.secondNanos / home.secondNanos);
    out.println();
    if (away.statistics != null) {
      print(away.statistics);
    }
    boolean equal = same.test(home.result, away.result);
    line("results", equal ? "equal" : "DIFFERENT");
    if (!equal) {
      throw new FailedException(title + ": the pools' results differ", null);
    }
  }

  /** Prints a line of the report. */
  void line(String label, String format, Object... values) {
    out.printf(Locale.ROOT, "  %-28s%s%n", label, String.format(Locale.ROOT, format, values));
  }

  /**
   * Makes a directory for files, with those that it is in, unless it is there.
   *
   * @throws FailedException if files cannot be written into it
   */
  static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new FailedException("There is no directory " + directory + ", nor can it be made", e);
    }
    if (!Files.isWritable(directory)) {
      throw new FailedException("The directory " + directory + " is not writable", null);
    }
  }

  private <P> P opened(IntFunction<P> opener) {
    try {
      return opener.apply(parallelism);
    } catch (IllegalStateException e) {
      throw new FailedException("There is no Martlet pool: " + e.getMessage(), e);
    }
  }

  /** What is done with a pool of some type. */
  @FunctionalInterface
  private interface Work<P, T> {
    T run(P pool) throws Exception;
  }

  private static <P extends ExecutorService, T> Runs<T> runs(
      P pool, Work<P, T> job, BiPredicate<T, T> same) throws Exception {
    try {
      long start = System.nanoTime();
      T first = job.run(pool);
      long middle = System.nanoTime();
      T second = job.run(pool);
      long end = System.nanoTime();
      if (!same.test(first, second)) {
        throw new FailedException("Two runs on one pool differ", null);
      }
      return new Runs<>(second, middle - start, end - middle, statistics(pool));
    } finally {
      pool.shutdown();
      if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        pool.shutdownNow();
      }
    }
  }

  private static @Nullable PoolStatistics statistics(ExecutorService pool) {
    return pool instanceof CloudExecutorService c
        ? c.statistics()
        : pool instanceof CloudForkJoinPool c ? c.statistics() : null;
  }

  private void times(String label, Runs<?> runs) {
    line(label, "%10.3f s %10.3f s", runs.firstNanos / 1e9, runs.secondNanos / 1e9);
  }

  private void print(PoolStatistics s) {
    line(
        "calls",
        "%,d: %,d away, %,d at home, %,d failed, %,d retried",
        s.submitted(),
        s.away(),
        s.home(),
        s.failed(),
        s.retried());
    line("bytes", "%s out, %s in", bytes(s.bytesOut()), bytes(s.bytesIn()));
    line("workers started", "%,d", s.coldStarts());
    Usage usage = s.usage();
    if (usage != null) {
      BigDecimal price = usage.price();
      line(
          "cost",
          "%,d invocations, %.3f GB-seconds%s",
          usage.invocations(),
          usage.gigabyteSeconds(),
          price == null ? "" : String.format(Locale.ROOT, ", %s %.6f", usage.currency(), price));
    }
    Map<String, Share> away = new TreeMap<>();
    Map<String, Share> home = new TreeMap<>();
    for (CallStatistics call : s.recent()) {
      String key = call.instance() != null ? call.instance() : String.valueOf(call.reason());
      (call.place() == CallStatistics.Place.AWAY ? away : home)
          .computeIfAbsent(key, k -> new Share())
          .add(call);
    }
    shares("on ", away);
    shares("at home: ", home);
  }

  private void shares(String prefix, Map<String, Share> shares) {
    shares.forEach(
        (name, share) -> {
          String label = prefix + name;
          if (label.length() > 25) { // a reason is a sentence: give it a line
            out.println("  " + label);
            label = "";
          }
          line(label, "%s", share);
        });
  }

  private static String count(int n, String unit) {
    return n + " " + unit + (n == 1 ? "" : "s");
  }

  static String bytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  /** The calls of one worker, or of one reason to stay at home. */
  private static final class Share {
    private long calls;
    private long out;
    private long in;
    private long coldStarts;
    private Duration ran = Duration.ZERO;

    void add(CallStatistics call) {
      calls++;
      out += call.bytesOut();
      in += call.bytesIn();
      coldStarts += call.coldStart() ? 1 : 0;
      if (call.started() != null && call.ended() != null) {
        ran = ran.plus(Duration.between(call.started(), call.ended()));
      }
    }

    @Override
    public String toString() {
      List<String> parts =
          List.of(
              String.format(Locale.ROOT, "%,5d calls", calls),
              String.format(Locale.ROOT, "%9s out", bytes(out)),
              String.format(Locale.ROOT, "%9s in", bytes(in)),
              String.format(Locale.ROOT, "%8.1f ms a call", ran.toNanos() / 1e6 / calls),
              coldStarts > 0 ? "cold start" : "");
      return String.join("  ", parts).stripTrailing();
    }
  }
}
