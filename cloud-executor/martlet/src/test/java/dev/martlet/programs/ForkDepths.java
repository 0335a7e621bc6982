package dev.martlet.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Deep and wide trees, and tasks that use threads and pools of other kinds. */
@SuppressWarnings("serial")
final class ForkDepths {
  private ForkDepths() {}

  @Forks(Forks.Where.AWAY)
  static Object chainOfHundreds(ForkJoinPool pool) {
    return pool.invoke(new ForkContracts.Chain(600));
  }

  @Forks(Forks.Where.AWAY)
  static Object wideRoot(ForkJoinPool pool) {
    long[] slots = new long[400];
    return List.of(pool.invoke(new ForkContracts.Wide(400, slots)), slots);
  }

  static class Deep extends CountedCompleter<Long> {
    final AtomicLong sum;
    final int n;

    Deep(CountedCompleter<?> p, AtomicLong sum, int n) {
      super(p, n == 0 ? 0 : 1);
      this.sum = sum;
      this.n = n;
    }

    @Override
    public void compute() {
      sum.addAndGet(n);
      if (n > 0) {
        new Deep(this, sum, n - 1).fork();
      }
      tryComplete();
    }
  }

  @Forks
  static Object completersTenThousandDeep(ForkJoinPool pool) {
    AtomicLong sum = new AtomicLong();
    pool.invoke(new Deep(null, sum, 10_000));
    return sum.get();
  }

  static class Skewed extends RecursiveTask<Integer> {
    final int n;

    Skewed(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n <= 1) {
        return 1;
      }
      Skewed small = new Skewed(1);
      Skewed large = new Skewed(n - 1);
      large.fork();
      int s = small.compute();
      return s + large.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object skewedTree(ForkJoinPool pool) {
    return pool.invoke(new Skewed(400));
  }

  static class UsesOthers extends RecursiveTask<List<Object>> {
    final int n;

    UsesOthers(int n) {
      this.n = n;
    }

    @Override
    protected List<Object> compute() {
      if (n > 0) {
        UsesOthers l = new UsesOthers(n - 1);
        UsesOthers r = new UsesOthers(n - 1);
        invokeAll(l, r);
        List<Object> all = new ArrayList<>(l.join());
        all.addAll(r.join());
        return all;
      }
      try {
        List<Object> all = new ArrayList<>();
        all.add(CompletableFuture.supplyAsync(() -> 3).thenApply(i -> i * 2).get());
        all.add(ForkJoinPool.commonPool().submit(() -> "common").get());
        all.add(ForkJoinPool.commonPool().invoke(new ForkContracts.Divide(3, "none", "")));
        ExecutorService own = Executors.newFixedThreadPool(2);
        try {
          Future<Integer> f = own.submit(() -> 11);
          all.add(f.get());
        } finally {
          own.shutdown();
          all.add(own.awaitTermination(30, TimeUnit.SECONDS));
        }
        ForkJoinPool inner = new ForkJoinPool(2);
        try {
          all.add(inner.invoke(new ForkContracts.Divide(2, "none", "")));
          all.add(inner.submit(() -> IntStream.range(0, 50).parallel().sum()).get());
        } finally {
          inner.shutdown();
        }
        int[] box = new int[1];
        Thread t = new Thread(() -> box[0] = 9);
        t.start();
        t.join();
        all.add(box[0]);
        return all;
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Forks
  static Object otherPoolsInsideTasks(ForkJoinPool pool) {
    return pool.invoke(new UsesOthers(2));
  }

  @Forks
  static Object manySubmittersAtOnce(ForkJoinPool pool) throws Exception {
    int[][] arrays = new int[6][];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < arrays.length; i++) {
      int n = i;
      arrays[i] = ForkSorts.numbers(2_000 + i, i);
      Thread t =
          new Thread(
              () -> pool.invoke(new ForkSorts.QuickSort(arrays[n], 0, arrays[n].length - 1)));
      threads.add(t);
      t.start();
    }
    for (Thread t : threads) {
      t.join();
    }
    return Arrays.stream(arrays).map(Arrays::hashCode).collect(Collectors.toList());
  }

  static class Counter extends RecursiveAction {
    private static final ThreadLocal<int[]> CALLS = ThreadLocal.withInitial(() -> new int[1]);
    final AtomicLong total;
    final int n;

    Counter(AtomicLong total, int n) {
      this.total = total;
      this.n = n;
    }

    @Override
    protected void compute() {
      if (n > 0) {
        invokeAll(new Counter(total, n - 1), new Counter(total, n - 1));
        return;
      }
      int[] calls = CALLS.get();
      calls[0]++;
      total.addAndGet(calls[0] > 0 ? 1 : 100);
    }
  }

  @Forks
  static Object threadLocalCounts(ForkJoinPool pool) {
    AtomicLong total = new AtomicLong();
    pool.invoke(new Counter(total, 5));
    return total.get();
  }

  static class Timed extends RecursiveTask<String> {
    @Override
    protected String compute() {
      ForkJoinTask<String> child = ForkJoinTask.adapt(() -> "done");
      child.fork();
      try {
        String first = child.get(30, TimeUnit.SECONDS);
        RecursiveTask<Integer> never =
            new RecursiveTask<>() {
              @Override
              protected Integer compute() {
                return 1;
              }
            };
        try {
          never.get(5, TimeUnit.MILLISECONDS);
          return "no timeout";
        } catch (java.util.concurrent.TimeoutException e) {
          return first + " timeout " + never.isDone();
        }
      } catch (Exception e) {
        return e.toString();
      }
    }
  }

  @Forks
  static Object timedGets(ForkJoinPool pool) {
    return pool.invoke(new Timed());
  }

  static class Restarted extends RecursiveTask<Integer> {
    private Restarted child;
    private final int depth;
    private int runs;

    Restarted(int depth) {
      this.depth = depth;
    }

    @Override
    protected Integer compute() {
      runs++;
      if (depth == 0) {
        return runs;
      }
      if (child == null) {
        child = new Restarted(depth - 1);
      } else {
        child.reinitialize();
      }
      child.fork();
      return child.join() * 10 + runs;
    }
  }

  @Forks
  static Object childrenKeptAndRestarted(ForkJoinPool pool) {
    Restarted r = new Restarted(3);
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(pool.invoke(r));
      all.add(r.child.isDone() + " " + r.child.getRawResult());
      r.reinitialize();
    }
    return all;
  }
}
