package dev.martlet.benchmarks;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures the JDK's fork/join pool and Martlet's with the same work and parallelism, and prints
 * one table. Each pool has JVMs of its own, in turn, so that neither sees the other's hooks and
 * profiles, and both see the same noise.
 *
 * <pre>
 * --quick  one JVM for each, for a first impression
 * NAME...  some rows only: FIBONACCI, SORT_IN_PLACE, MERGE_SORT, PRIMES, WAITING, COMPUTE
 * </pre>
 */
public final class ForkJoinMain {
  private static final int JVMS = 3;
  private static final List<ForkJoinWork> ALL = List.of(ForkJoinWork.values());
  private static final int WARM_UPS = 8;

  /**
   * For how long a pool is warmed at least. Until the collector has tenured the queues of the tasks
   * of either pool, it is measured which of the two gets there first.
   */
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final int RUNS = 7;
  private static final int WAITING_RUNS = 3;

  private ForkJoinMain() {}

  /** Runs the benchmarks. */
  public static void main(String[] args) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(args));
    boolean quick = arguments.remove("--quick");
    boolean jdkHere = arguments.remove("--jdk");
    boolean martletHere = arguments.remove("--martlet");
    List<ForkJoinWork> rows = rows(arguments);
    if (rows == null) {
      System.err.println("usage: [--quick] [ROW ...], a row being one of " + ALL);
      System.exit(2);
      return;
    }
    if (jdkHere || martletHere) {
      measure(rows, martletHere);
      return;
    }
    Map<ForkJoinWork, List<Double>> jdk = new EnumMap<>(ForkJoinWork.class);
    Map<ForkJoinWork, List<Double>> martlet = new EnumMap<>(ForkJoinWork.class);
    Map<ForkJoinWork, String> away = new EnumMap<>(ForkJoinWork.class);
    for (int i = 0; i < (quick ? 1 : JVMS); i++) {
      for (ForkJoinWork work : rows) {
        child(work, "--jdk", jdk, away);
        child(work, "--martlet", martlet, away);
      }
    }
    System.out.printf(
        "%d cores, JDK %s%n",
        Runtime.getRuntime().availableProcessors(), System.getProperty("java.version"));
    System.out.printf("%-45s %12s %12s %6s %10s%n", "", "JDK", "Martlet", "M/JDK", "calls away");
    for (ForkJoinWork work : rows) {
      double j = median(jdk.getOrDefault(work, List.of()));
      double m = median(martlet.getOrDefault(work, List.of()));
      System.out.printf(
          Locale.ROOT,
          "%-45s %12s %12s %6.2f %10s%n",
          work.title(),
          show(j),
          show(m),
          m / j,
          away.getOrDefault(work, "-"));
    }
  }

  /** Returns the rows of these names, all if there is none, or {@code null} if one is unknown. */
  private static @Nullable List<ForkJoinWork> rows(List<String> names) {
    List<ForkJoinWork> rows = new ArrayList<>();
    for (String name : names) {
      ForkJoinWork row = null;
      for (ForkJoinWork work : ALL) {
        row = work.name().equalsIgnoreCase(name) ? work : row;
      }
      if (row == null) {
        return null;
      }
      rows.add(row);
    }
    return rows.isEmpty() ? ALL : rows;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static String show(double nanos) {
    return nanos < 1e4
        ? String.format(Locale.ROOT, "%.2f ns", nanos)
        : String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }

  private static void child(
      ForkJoinWork work,
      String pool,
      Map<ForkJoinWork, List<Double>> into,
      Map<ForkJoinWork, String> away)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                ForkJoinMain.class.getName(),
                pool,
                work.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("nanos")) {
          into.computeIfAbsent(work, w -> new ArrayList<>()).add(Double.parseDouble(words[1]));
        } else if (words[0].equals("away")) {
          away.put(work, words[1]);
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException(work + " failed with " + pool);
    }
  }

  private static void measure(List<ForkJoinWork> rows, boolean martlet) {
    for (ForkJoinWork work : rows) {
      ForkJoinPool pool =
          martlet
              ? CloudExecutors.newCloudForkJoinPool(work.parallelism())
              : new ForkJoinPool(work.parallelism());
      try {
        Object input = work.input();
        boolean waits = work == ForkJoinWork.WAITING;
        long began = System.nanoTime();
        for (int i = 0;
            waits ? i < 1 : i < WARM_UPS || System.nanoTime() - began < WARM_UP_NANOS;
            i++) {
          Object unused = work.run(pool, work.prepare(input));
        }
        for (int i = 0; i < (waits ? WAITING_RUNS : RUNS); i++) {
          Object prepared = work.prepare(input);
          long before = away(pool);
          long start = System.nanoTime();
          Object unused = work.run(pool, prepared);
          long nanos = System.nanoTime() - start;
          System.out.println("nanos " + (double) nanos / work.operations());
          if (martlet) {
            System.out.println("away " + (away(pool) - before));
          }
        }
      } finally {
        pool.shutdown();
      }
    }
  }

  private static long away(ForkJoinPool pool) {
    return pool instanceof CloudForkJoinPool p ? p.statistics().away() : 0;
  }
}
