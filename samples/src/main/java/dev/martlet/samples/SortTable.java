package dev.martlet.samples;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.PoolStatistics;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/**
 * The mergesort of IBM-PyWren's paper (Sampé et al., "Serverless Data Analytics in the IBM Cloud",
 * Middleware 2018, section 6.3): time over the number of integers, for each depth at which subtrees
 * leave. With depth d, 2^d functions sort N / 2^d integers each; their parents merge.
 */
@Command(
    name = "sort-table",
    description = "Sorts integers by fork/join at depths 0 to 4: a table, and a plot of it.")
final class SortTable implements Callable<Integer> {
  /** Below this, Java's own sort is faster than to fork. */
  static final int SEQUENTIAL = 1 << 13;

  private static final String JDK = "JDK";
  private static final String DEPTH = "d = ";
  private static final String AUTOMATIC = "automatic";

  @Option(
      names = {"-s", "--sizes"},
      split = ",",
      description = "How many integers (default: ${DEFAULT-VALUE}).")
  private List<Integer> sizes = List.of(500_000, 1_000_000, 5_000_000, 10_000_000, 25_000_000);

  @Option(
      names = {"-d", "--depths"},
      split = ",",
      description = "At which depths subtrees leave (default: ${DEFAULT-VALUE}).")
  private List<Integer> depths = List.of(0, 1, 2, 3, 4);

  @Option(
      names = {"-r", "--runs"},
      description = "Runs of which the median counts (default: ${DEFAULT-VALUE}).")
  private int runs = 3;

  @Option(
      names = {"-n", "--parallelism"},
      description = "Calls at a time (default: ${DEFAULT-VALUE}).")
  private int parallelism = 16;

  @Option(
      names = {"-o", "--output"},
      description =
          "The directory of the plots; it is made if need be (default: ${DEFAULT-VALUE}).")
  private Path directory = Path.of(".");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  PrintStream out = System.out;
  Function<Frontier, ForkJoinPool> pool = this::pool;

  /** A way to sort by fork/join. */
  enum Way {
    IN_PLACE("in place (RecursiveAction)", "sort-in-place.png") {
      @Override
      int[] sort(ForkJoinPool pool, int[] numbers) {
        int[] sorted = numbers.clone();
        pool.invoke(new SortInPlace(sorted, 0, sorted.length));
        return sorted;
      }
    },
    COPYING("copying (RecursiveTask)", "sort-copying.png") {
      @Override
      int[] sort(ForkJoinPool pool, int[] numbers) {
        return pool.invoke(new SortCopy(numbers));
      }
    };

    final String title;
    final String file;

    Way(String title, String file) {
      this.title = title;
      this.file = file;
    }

    abstract int[] sort(ForkJoinPool pool, int[] numbers);
  }

  /** Sorts a range of an array, as the documentation of {@link RecursiveAction} does. */
  static final class SortInPlace extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    private final int[] array;
    private final int from;
    private final int to;

    SortInPlace(int[] array, int from, int to) {
      this.array = array;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from < SEQUENTIAL) {
        Arrays.sort(array, from, to);
        return;
      }
      int middle = (from + to) >>> 1;
      invokeAll(new SortInPlace(array, from, middle), new SortInPlace(array, middle, to));
      int[] left = Arrays.copyOfRange(array, from, middle);
      for (int i = 0, j = from, k = middle; i < left.length; j++) {
        array[j] = k == to || left[i] <= array[k] ? left[i++] : array[k++];
      }
    }
  }

  /** Returns an array's integers in order, and leaves the array as it is. */
  static final class SortCopy extends RecursiveTask<int[]> {
    private static final long serialVersionUID = 1L;

    private final int[] numbers;

    SortCopy(int[] numbers) {
      this.numbers = numbers;
    }

    @Override
    protected int[] compute() {
      if (numbers.length < SEQUENTIAL) {
        int[] sorted = numbers.clone();
        Arrays.sort(sorted);
        return sorted;
      }
      int middle = numbers.length >>> 1;
      SortCopy left = new SortCopy(Arrays.copyOfRange(numbers, 0, middle));
      left.fork();
      int[] b = new SortCopy(Arrays.copyOfRange(numbers, middle, numbers.length)).compute();
      int[] a = left.join();
      int[] merged = new int[numbers.length];
      for (int i = 0, j = 0, k = 0; k < merged.length; k++) {
        merged[k] = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
      }
      return merged;
    }
  }

  /** What a column of the table shows at one size. */
  private record Cell(double seconds, long calls, long bytes) {}

  @Override
  public Integer call() throws Exception {
    Comparison.makeDirectory(directory);
    for (Way way : Way.values()) {
      table(way);
    }
    return 0;
  }

  private void table(Way way) throws Exception {
    out.println();
    out.println(Ansi.AUTO.new Text("@|bold Mergesort " + way.title + ", seconds|@"));
    Map<String, List<Cell>> columns = new LinkedHashMap<>();
    columns.put(JDK, measure(way, new ForkJoinPool(parallelism)));
    for (int depth : depths) {
      columns.put(DEPTH + depth, measure(way, pool.apply(Frontier.depth(depth))));
    }
    columns.put(AUTOMATIC, measure(way, pool.apply(Frontier.automatic())));
    StringBuilder head = new StringBuilder(String.format("  %12s", "N"));
    columns.keySet().forEach(c -> head.append(String.format("%12s", c)));
    out.println(head.append("  best depth"));
    for (int row = 0; row < sizes.size(); row++) {
      out.println(line(row, columns));
    }
    out.println("  " + why(columns));
    Path plot = directory.resolve(way.file);
    Map<String, double[]> lines = new LinkedHashMap<>();
    columns.forEach(
        (name, cells) -> lines.put(name, cells.stream().mapToDouble(Cell::seconds).toArray()));
    double[] x = sizes.stream().mapToDouble(n -> n / 1e6).toArray();
    out.println("  " + Plot.save(plot, "Mergesort " + way.title, "million integers", x, lines));
  }

  private ForkJoinPool pool(Frontier frontier) {
    return CloudExecutors.builder().parallelism(parallelism).frontier(frontier).buildForkJoinPool();
  }

  private String line(int row, Map<String, List<Cell>> columns) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %,12d", sizes.get(row)));
    columns.forEach(
        (c, cells) -> line.append(String.format(Locale.ROOT, "%12.3f", cells.get(row).seconds)));
    return line + "  " + best(row, columns);
  }

  private String best(int row, Map<String, List<Cell>> columns) {
    return columns.entrySet().stream()
        .filter(c -> c.getKey().startsWith(DEPTH))
        .min(Comparator.comparingDouble(c -> c.getValue().get(row).seconds))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** Says what each depth ships at the largest size, which is what makes the difference. */
  private String why(Map<String, List<Cell>> columns) {
    int last = sizes.size() - 1;
    List<String> parts = new ArrayList<>();
    columns.forEach(
        (name, cells) -> {
          Cell c = cells.get(last);
          if (!name.equals(JDK)) {
            String each = Comparison.bytes(c.bytes);
            parts.add(String.format(Locale.ROOT, "%s: %,d calls, %s", name, c.calls, each));
          }
        });
    return String.format(Locale.ROOT, "shipped a run at N = %,d: ", sizes.get(last))
        + String.join("; ", parts);
  }

  /** Sorts every size, after a run that nobody counts. */
  private List<Cell> measure(Way way, ForkJoinPool pool) throws InterruptedException {
    try {
      List<Cell> cells = new ArrayList<>();
      for (int n : sizes) {
        int[] numbers = new SplittableRandom(n).ints(n).toArray();
        int[] expected = numbers.clone();
        Arrays.sort(expected);
        double[] seconds = new double[runs];
        long calls = 0;
        long bytes = 0;
        for (int run = -1; run < runs; run++) {
          Cell cell = measure(way, pool, numbers, expected);
          if (run >= 0) {
            seconds[run] = cell.seconds;
            calls = cell.calls;
            bytes = cell.bytes;
          }
        }
        Arrays.sort(seconds);
        cells.add(new Cell(seconds[runs / 2], calls, bytes));
      }
      return cells;
    } finally {
      pool.shutdown();
      if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        pool.shutdownNow();
      }
    }
  }

  private static Cell measure(Way way, ForkJoinPool pool, int[] numbers, int[] expected) {
    PoolStatistics before = statistics(pool);
    long start = System.nanoTime();
    int[] sorted = way.sort(pool, numbers);
    double seconds = (System.nanoTime() - start) / 1e9;
    PoolStatistics after = statistics(pool);
    if (!Arrays.equals(sorted, expected)) {
      throw new Comparison.FailedException("the numbers are not in order", null);
    }
    return new Cell(
        seconds,
        after.away() - before.away(),
        after.bytesOut() + after.bytesIn() - before.bytesOut() - before.bytesIn());
  }

  private static PoolStatistics statistics(ForkJoinPool pool) {
    return pool instanceof CloudForkJoinPool cloud
        ? cloud.statistics()
        : new PoolStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, null, List.of());
  }
}
