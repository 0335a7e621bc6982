package dev.martlet.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.stream.LongStream;

/** What fork/join pools are measured with, one constant a row. */
@SuppressWarnings("serial")
enum ForkJoinWork {
  FIBONACCI("(a) Fibonacci(30), fine-grained", 0) {
    @Override
    Object run(ForkJoinPool pool, Object input) {
      return pool.invoke(new Fibonacci(30));
    }
  },
  SORT_IN_PLACE("(b) sort of 10 M longs, in place", 0) {
    @Override
    Object input() {
      return new SplittableRandom(1).longs(10_000_000).toArray();
    }

    @Override
    Object prepare(Object input) {
      return ((long[]) input).clone();
    }

    @Override
    Object run(ForkJoinPool pool, Object input) {
      long[] array = (long[]) input;
      pool.invoke(new SortTask(array, 0, array.length));
      return array[array.length / 2];
    }
  },
  MERGE_SORT("(c) mergesort of 10 M ints, copying", 0) {
    @Override
    Object input() {
      return new SplittableRandom(1).ints(10_000_000).toArray();
    }

    @Override
    Object run(ForkJoinPool pool, Object input) {
      return pool.invoke(new MergeSort((int[]) input))[5_000_000];
    }
  },
  PRIMES("(d) primes to 5 M, by stream", 0) {
    @Override
    Object run(ForkJoinPool pool, Object input) {
      return pool.submit(
              () -> LongStream.rangeClosed(2, 5_000_000).parallel().filter(PRIME::test).count())
          .join();
    }
  },
  WAITING("(e) 64 leaves that wait 100 ms, 16 workers", 16) {
    @Override
    Object run(ForkJoinPool pool, Object input) {
      return pool.invoke(new Waiting(64)).stream().distinct().count();
    }
  },
  COMPUTE("(f) an intercepted compute that stays, each", 1) {
    @Override
    Object run(ForkJoinPool pool, Object input) {
      return pool.invoke(new Direct(25));
    }

    @Override
    int operations() {
      return 1 << 25;
    }
  };

  private final String title;
  private final int parallelism;

  ForkJoinWork(String title, int parallelism) {
    this.title = title;
    this.parallelism = parallelism;
  }

  String title() {
    return title;
  }

  int parallelism() {
    return parallelism == 0 ? Runtime.getRuntime().availableProcessors() : parallelism;
  }

  /** Makes what all runs share. */
  Object input() {
    return this;
  }

  /** Makes what one run may change; its time does not count. */
  Object prepare(Object input) {
    return input;
  }

  /** Does the work; the answer is the same every time, but for where it was found. */
  abstract Object run(ForkJoinPool pool, Object input);

  /** Returns by how many the time is divided. */
  int operations() {
    return 1;
  }

  private static final Prime PRIME = new Prime();

  private static final class Prime {
    boolean test(long n) {
      if (n % 2 == 0) {
        return n == 2;
      }
      for (long d = 3; d * d <= n; d += 2) {
        if (n % d == 0) {
          return false;
        }
      }
      return true;
    }
  }

  private static final class Fibonacci extends RecursiveTask<Integer> {
    private final int n;

    Fibonacci(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n <= 1) {
        return n;
      }
      Fibonacci f = new Fibonacci(n - 1);
      f.fork();
      return new Fibonacci(n - 2).compute() + f.join();
    }
  }

  /** As in the JDK's documentation of {@code RecursiveAction}. */
  private static final class SortTask extends RecursiveAction {
    private static final int THRESHOLD = 1000;

    private final long[] array;
    private final int lo;
    private final int hi;

    SortTask(long[] array, int lo, int hi) {
      this.array = array;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    protected void compute() {
      if (hi - lo < THRESHOLD) {
        Arrays.sort(array, lo, hi);
      } else {
        int mid = (lo + hi) >>> 1;
        invokeAll(new SortTask(array, lo, mid), new SortTask(array, mid, hi));
        merge(mid);
      }
    }

    private void merge(int mid) {
      long[] buffer = Arrays.copyOfRange(array, lo, mid);
      for (int i = 0, j = lo, k = mid; i < buffer.length; j++) {
        array[j] = k == hi || buffer[i] < array[k] ? buffer[i++] : array[k++];
      }
    }
  }

  private static final class MergeSort extends RecursiveTask<int[]> {
    private static final int THRESHOLD = 10_000;

    private final int[] part;

    MergeSort(int[] part) {
      this.part = part;
    }

    @Override
    protected int[] compute() {
      if (part.length < THRESHOLD) {
        int[] sorted = part.clone();
        Arrays.sort(sorted);
        return sorted;
      }
      int mid = part.length >>> 1;
      MergeSort left = new MergeSort(Arrays.copyOfRange(part, 0, mid));
      left.fork();
      int[] b = new MergeSort(Arrays.copyOfRange(part, mid, part.length)).compute();
      int[] a = left.join();
      int[] all = new int[part.length];
      for (int i = 0, j = 0, k = 0; k < all.length; k++) {
        all[k] = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
      }
      return all;
    }
  }

  /** Its result tells in which processes the leaves were. */
  private static final class Waiting extends RecursiveTask<List<Long>> {
    private final int leaves;

    Waiting(int leaves) {
      this.leaves = leaves;
    }

    @Override
    protected List<Long> compute() {
      if (leaves == 1) {
        try {
          Thread.sleep(100);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return List.of(ProcessHandle.current().pid());
      }
      Waiting left = new Waiting(leaves / 2);
      left.fork();
      List<Long> processes = new ArrayList<>(new Waiting(leaves - leaves / 2).compute());
      processes.addAll(left.join());
      return processes;
    }
  }

  /** Computes its children itself. */
  private static final class Direct extends RecursiveTask<Integer> {
    private final int depth;

    Direct(int depth) {
      this.depth = depth;
    }

    @Override
    protected Integer compute() {
      return depth == 0
          ? Integer.valueOf(1)
          : Integer.valueOf(
              (new Direct(depth - 1).compute() + new Direct(depth - 1).compute()) & 0x7f);
    }
  }
}
