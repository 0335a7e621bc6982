package dev.martlet.samples;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Sorts integers: a part for each slot is submitted from here, and each of these tasks hands halves
 * of its part to the pool again and waits for them. Nested tasks run in the JVM of their parent.
 */
@Command(name = "merge-sort", description = "Sorts random integers by nested submission.")
final class MergeSort implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-s", "--size"},
      description = "How many integers (default: ${DEFAULT-VALUE}).")
  private int size = 2_000_000;

  MergeSort() {}

  MergeSort(Comparison comparison) {
    this.comparison = comparison;
  }

  @Override
  public Integer call() throws Exception {
    int[] numbers = new SplittableRandom(42).ints(size).toArray();
    int parts = comparison.parallelism;
    int leaf = Math.max(1, size / (4 * parts));
    LongAdder tasks = new LongAdder();
    String title = String.format("Mergesort of %,d integers by nested submission", size);
    // Tasks that wait for tasks starve a fixed pool of the JDK; a Martlet pool lends their slots.
    int[] sorted =
        comparison.run(
            title,
            "JDK pool, thread per task",
            Executors.newCachedThreadPool(),
            pool -> {
              tasks.reset();
              return sort(pool, numbers, parts, leaf, tasks);
            },
            Arrays::equals);
    comparison.line("tasks, nested ones too", "%,d a run", tasks.sum());
    comparison.line("smallest, median, largest", "%s", summary(sorted));
    return 0;
  }

  /**
   * Returns the numbers in order. The parts are sorted on the pool and merged by the caller.
   *
   * @param tasks counts all tasks, wherever they run
   */
  static int[] sort(ExecutorService pool, int[] numbers, int parts, int leaf, LongAdder tasks)
      throws ExecutionException, InterruptedException {
    List<Future<int[]>> futures = new ArrayList<>();
    for (long p = 0; p < parts; p++) {
      int from = (int) (p * numbers.length / parts);
      int to = (int) ((p + 1) * numbers.length / parts);
      int[] part = Arrays.copyOfRange(numbers, from, to);
      futures.add(pool.submit(() -> sort(pool, part, leaf, tasks)));
    }
    Deque<int[]> sorted = new ArrayDeque<>();
    for (Future<int[]> future : futures) {
      sorted.add(future.get());
    }
    while (sorted.size() > 1) {
      sorted.add(merge(sorted.remove(), sorted.remove()));
    }
    return sorted.remove();
  }

  private static int[] sort(ExecutorService pool, int[] numbers, int leaf, LongAdder tasks)
      throws ExecutionException, InterruptedException {
    tasks.increment();
    if (numbers.length <= leaf) {
      int[] sorted = numbers.clone();
      Arrays.sort(sorted);
      return sorted;
    }
    int middle = numbers.length >>> 1;
    int[] left = Arrays.copyOfRange(numbers, 0, middle);
    int[] right = Arrays.copyOfRange(numbers, middle, numbers.length);
    Future<int[]> sortedLeft = pool.submit(() -> sort(pool, left, leaf, tasks));
    Future<int[]> sortedRight = pool.submit(() -> sort(pool, right, leaf, tasks));
    return merge(sortedLeft.get(), sortedRight.get());
  }

  static int[] merge(int[] a, int[] b) {
    int[] merged = new int[a.length + b.length];
    int i = 0;
    int j = 0;
    for (int k = 0; k < merged.length; k++) {
      boolean first = j == b.length || (i < a.length && a[i] <= b[j]);
      merged[k] = first ? a[i++] : b[j++];
    }
    return merged;
  }

  private static String summary(int[] sorted) {
    return sorted.length == 0
        ? "none"
        : String.format(
            "%,d  %,d  %,d", sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
  }
}
