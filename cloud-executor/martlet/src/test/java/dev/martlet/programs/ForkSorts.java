package dev.martlet.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.stream.IntStream;

/** Sorting, merging and searching of arrays by fork and join. */
@SuppressWarnings("serial")
final class ForkSorts {
  private ForkSorts() {}

  static int[] numbers(int n, long seed) {
    return new Random(seed).ints(n, 0, 1_000_000).toArray();
  }

  static class MergeSort extends RecursiveAction {
    private final int[] array;
    private final int[] buffer;
    private final int from;
    private final int to;

    MergeSort(int[] array, int[] buffer, int from, int to) {
      this.array = array;
      this.buffer = buffer;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from <= 512) {
        Arrays.sort(array, from, to);
        return;
      }
      int mid = (from + to) >>> 1;
      invokeAll(new MergeSort(array, buffer, from, mid), new MergeSort(array, buffer, mid, to));
      System.arraycopy(array, from, buffer, from, to - from);
      for (int i = from, j = mid, k = from; k < to; k++) {
        array[k] = j >= to || (i < mid && buffer[i] <= buffer[j]) ? buffer[i++] : buffer[j++];
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object mergeSortWithSharedBuffer(ForkJoinPool pool) {
    int[] a = numbers(20_000, 1);
    pool.invoke(new MergeSort(a, new int[a.length], 0, a.length));
    return a;
  }

  static class CopyingSort<T> extends RecursiveTask<List<T>> {
    private final List<T> list;
    private final Comparator<? super T> order;

    CopyingSort(List<T> list, Comparator<? super T> order) {
      this.list = list;
      this.order = order;
    }

    @Override
    protected List<T> compute() {
      if (list.size() < 2) {
        return list;
      }
      int mid = list.size() / 2;
      CopyingSort<T> left = new CopyingSort<>(list.subList(0, mid), order);
      CopyingSort<T> right = new CopyingSort<>(list.subList(mid, list.size()), order);
      left.fork();
      List<T> r = right.compute();
      List<T> l = left.join();
      List<T> merged = new ArrayList<>(list.size());
      int i = 0;
      int j = 0;
      while (i < l.size() && j < r.size()) {
        merged.add(order.compare(l.get(i), r.get(j)) <= 0 ? l.get(i++) : r.get(j++));
      }
      merged.addAll(l.subList(i, l.size()));
      merged.addAll(r.subList(j, r.size()));
      return merged;
    }
  }

  record Person(String name, int age) {}

  @Forks(Forks.Where.AWAY)
  static Object genericSortOfRecords(ForkJoinPool pool) {
    List<Person> people = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      people.add(new Person("p" + (i * 7919 % 300), i * 31 % 90));
    }
    List<Person> sorted =
        pool.invoke(
            new CopyingSort<>(
                people, Comparator.comparingInt(Person::age).thenComparing(Person::name)));
    boolean same = sorted.stream().allMatch(p -> people.stream().anyMatch(q -> q == p));
    return List.of(sorted, same);
  }

  @Forks(Forks.Where.AWAY)
  static Object genericSortBackwardsOfWords(ForkJoinPool pool) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      words.add(Integer.toString(i * 7919 % 1000, 36));
    }
    return pool.invoke(new CopyingSort<>(words, Comparator.<String>reverseOrder()));
  }

  static class QuickSort extends RecursiveAction {
    final int[] a;
    int lo;
    int hi;

    QuickSort(int[] a, int lo, int hi) {
      this.a = a;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    protected void compute() {
      if (lo >= hi) {
        return;
      }
      int p = a[(lo + hi) >>> 1];
      int i = lo;
      int j = hi;
      while (i <= j) {
        while (a[i] < p) {
          i++;
        }
        while (a[j] > p) {
          j--;
        }
        if (i <= j) {
          int t = a[i];
          a[i++] = a[j];
          a[j--] = t;
        }
      }
      QuickSort left = new QuickSort(a, lo, j);
      QuickSort right = new QuickSort(a, i, hi);
      left.fork();
      right.compute();
      left.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object quickSortInPlace(ForkJoinPool pool) {
    int[] a = numbers(5_000, 2);
    pool.invoke(new QuickSort(a, 0, a.length - 1));
    return a;
  }

  /** Sorts strings, one task in a chain of right halves. */
  static final class StringQuickSort extends RecursiveAction {
    private final String[] words;
    private final int from;
    private final int to;

    StringQuickSort(String[] words, int from, int to) {
      this.words = words;
      this.from = from;
      this.to = to;
    }

    @Override
    public void compute() {
      int lo = from;
      int hi = to;
      List<StringQuickSort> forked = new ArrayList<>();
      while (hi - lo > 8) {
        String pivot = words[lo];
        int m = lo;
        for (int i = lo + 1; i < hi; i++) {
          if (words[i].compareTo(pivot) < 0) {
            m++;
            String t = words[m];
            words[m] = words[i];
            words[i] = t;
          }
        }
        words[lo] = words[m];
        words[m] = pivot;
        StringQuickSort left = new StringQuickSort(words, lo, m);
        forked.add(left);
        left.fork();
        lo = m + 1;
      }
      Arrays.sort(words, lo, hi);
      for (StringQuickSort s : forked) {
        s.join();
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object stringQuickSortWithForkLoop(ForkJoinPool pool) {
    String[] words = new String[1_000];
    Arrays.setAll(words, i -> Integer.toString(i * 7919 % 100_003, 29));
    pool.submit(new StringQuickSort(words, 0, words.length)).join();
    return words;
  }

  static class Max extends RecursiveTask<Integer> {
    private static final int LIMIT = 100;
    private final int[] a;
    private final int from;
    private final int to;

    Max(int[] a, int from, int to) {
      this.a = a;
      this.from = from;
      this.to = to;
    }

    @Override
    protected Integer compute() {
      if (to - from <= LIMIT) {
        int max = a[from];
        for (int i = from; i < to; i++) {
          max = Math.max(max, a[i]);
        }
        return max;
      }
      int mid = (from + to) / 2;
      Max l = new Max(a, from, mid);
      Max r = new Max(a, mid, to);
      ForkJoinTask.invokeAll(l, r);
      return Math.max(l.join(), r.getRawResult());
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object maximum(ForkJoinPool pool) {
    int[] a = numbers(5_000, 3);
    return pool.invoke(new Max(a, 0, a.length));
  }

  static class IndexOf extends RecursiveTask<Integer> {
    final String[] a;
    final String wanted;
    final int from;
    final int to;

    IndexOf(String[] a, String wanted, int from, int to) {
      this.a = a;
      this.wanted = wanted;
      this.from = from;
      this.to = to;
    }

    @Override
    protected Integer compute() {
      if (to - from == 1) {
        return a[from] == wanted ? from : null;
      }
      int mid = (from + to) / 2;
      IndexOf l = new IndexOf(a, wanted, from, mid);
      IndexOf r = new IndexOf(a, wanted, mid, to);
      r.fork();
      Integer found = l.compute();
      Integer other = r.join();
      return found != null ? found : other;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object identityIsKeptAndNullReturned(ForkJoinPool pool) {
    String[] a = new String[64];
    Arrays.setAll(a, i -> new String("same"));
    return Arrays.asList(
        pool.invoke(new IndexOf(a, a[41], 0, 64)),
        pool.invoke(new IndexOf(a, new String("same"), 0, 64)));
  }

  static class PrefixSum extends RecursiveAction {
    private final long[] a;
    private final long[] sums;
    private final int node;
    private final int from;
    private final int to;
    private final boolean down;
    private final long before;

    PrefixSum(long[] a, long[] sums, int node, int from, int to, boolean down, long before) {
      this.a = a;
      this.sums = sums;
      this.node = node;
      this.from = from;
      this.to = to;
      this.down = down;
      this.before = before;
    }

    @Override
    protected void compute() {
      if (to - from <= 16) {
        long sum = before;
        for (int i = from; i < to; i++) {
          sum += a[i];
          if (down) {
            a[i] = sum;
          }
        }
        if (!down) {
          sums[node] = sum;
        }
        return;
      }
      int mid = (from + to) / 2;
      long leftSum = down ? sums[2 * node + 1] : 0;
      PrefixSum left = new PrefixSum(a, sums, 2 * node + 1, from, mid, down, before);
      PrefixSum right =
          new PrefixSum(a, sums, 2 * node + 2, mid, to, down, down ? before + leftSum : 0);
      invokeAll(left, right);
      if (!down) {
        sums[node] = sums[2 * node + 1] + sums[2 * node + 2];
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object prefixSumsInTwoPasses(ForkJoinPool pool) {
    long[] a = IntStream.range(0, 1_000).mapToLong(i -> i * 37 % 101).toArray();
    long[] sums = new long[512];
    pool.invoke(new PrefixSum(a, sums, 0, 0, a.length, false, 0));
    pool.invoke(new PrefixSum(a, sums, 0, 0, a.length, true, 0));
    return List.of(a, sums[0]);
  }

  @Forks
  static Object parallelArraysInsideThePool(ForkJoinPool pool) throws Exception {
    return pool.submit(
            () -> {
              int[] a = numbers(50_000, 4);
              Arrays.parallelSort(a);
              long[] b = new long[20_000];
              Arrays.parallelSetAll(b, i -> i % 7);
              Arrays.parallelPrefix(b, Long::sum);
              String[] s = new String[9_000];
              Arrays.parallelSetAll(s, i -> "s" + (i * 31 % 9_000));
              Arrays.parallelSort(s, Comparator.reverseOrder());
              return List.of(Arrays.hashCode(a), Arrays.hashCode(b), Arrays.hashCode(s));
            })
        .get();
  }

  @Forks
  static Object parallelSortOfCallersArrays(ForkJoinPool pool) throws Exception {
    int[] a = numbers(30_000, 5);
    Integer[] boxed = Arrays.stream(numbers(10_000, 6)).boxed().toArray(Integer[]::new);
    pool.submit(() -> Arrays.parallelSort(a)).get();
    pool.submit(() -> Arrays.parallelSort(boxed, (x, y) -> y - x)).get();
    double[] prefix = new double[9_000];
    Arrays.fill(prefix, 1);
    pool.submit(() -> Arrays.parallelPrefix(prefix, (x, y) -> x + 2 * y)).join();
    return List.of(Arrays.hashCode(a), Arrays.hashCode(boxed), Arrays.hashCode(prefix));
  }

  @Forks(value = Forks.Where.AWAY)
  static Object sortedRangesOfOneArray(ForkJoinPool pool) {
    int[] a = numbers(100_000, 7);
    List<ForkJoinTask<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int from = i * 10_000;
      tasks.add(pool.submit(() -> Arrays.sort(a, from, from + 10_000)));
    }
    tasks.forEach(ForkJoinTask::join);
    return Arrays.hashCode(a);
  }
}
