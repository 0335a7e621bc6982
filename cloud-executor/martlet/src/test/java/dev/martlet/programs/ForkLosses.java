package dev.martlet.programs;

import dev.martlet.CloudForkJoinPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** Programs in the middle of which workers die. */
@SuppressWarnings("serial")
final class ForkLosses {
  private ForkLosses() {}

  /** Kills the workers of a Martlet pool a moment after it has begun. */
  static Thread killer(ForkJoinPool pool) {
    Thread t =
        new Thread(
            () -> {
              if (!(pool instanceof CloudForkJoinPool)) {
                return;
              }
              try {
                Thread.sleep(40);
              } catch (InterruptedException e) {
                return;
              }
              ProcessHandle.current()
                  .children()
                  .filter(p -> p.info().command().orElse("").endsWith("java"))
                  .forEach(ProcessHandle::destroyForcibly);
            });
    t.start();
    return t;
  }

  static class Sum extends RecursiveTask<Long> {
    private final int[] array;
    private final LongAdder leaves;
    private final int from;
    private final int to;

    Sum(int[] array, LongAdder leaves, int from, int to) {
      this.array = array;
      this.leaves = leaves;
      this.from = from;
      this.to = to;
    }

    @Override
    protected Long compute() {
      if (to - from > 100) {
        int mid = (from + to) / 2;
        Sum left = new Sum(array, leaves, from, mid);
        Sum right = new Sum(array, leaves, mid, to);
        invokeAll(left, right);
        return left.join() + right.join();
      }
      ForkHeavy.work();
      long sum = 0;
      for (int i = from; i < to; i++) {
        sum += array[i]++;
      }
      leaves.increment();
      return sum;
    }
  }

  @Forks
  static Object sumWithEffectsOnce(ForkJoinPool pool) throws Exception {
    int[] array = ForkSorts.numbers(1_000, 3);
    LongAdder leaves = new LongAdder();
    Thread killer = killer(pool);
    Long sum = pool.invoke(new Sum(array, leaves, 0, array.length));
    killer.join();
    return List.of(sum, leaves.sum(), array);
  }

  static class Fill extends CountedCompleter<Void> {
    private final ConcurrentHashMap<Integer, Integer> map;
    private final int from;
    private final int to;

    Fill(CountedCompleter<?> p, ConcurrentHashMap<Integer, Integer> map, int from, int to) {
      super(p);
      this.map = map;
      this.from = from;
      this.to = to;
    }

    @Override
    public void compute() {
      if (to - from > 2) {
        int mid = (from + to) / 2;
        setPendingCount(2);
        new Fill(this, map, from, mid).fork();
        new Fill(this, map, mid, to).fork();
      } else {
        ForkHeavy.work();
        for (int i = from; i < to; i++) {
          map.merge(i, 1, Integer::sum);
        }
      }
      tryComplete();
    }
  }

  @Forks
  static Object completersIntoAMap(ForkJoinPool pool) throws Exception {
    ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
    Thread killer = killer(pool);
    pool.invoke(new Fill(null, map, 0, 16));
    killer.join();
    return new java.util.TreeMap<>(map);
  }

  @Forks
  static Object streamIntoAnArray(ForkJoinPool pool) throws Exception {
    int[] counts = new int[12];
    Thread killer = killer(pool);
    List<Integer> list =
        pool.submit(
                () -> {
                  IntStream.range(0, 12)
                      .parallel()
                      .forEach(
                          i -> {
                            ForkHeavy.work();
                            counts[i]++;
                          });
                  return IntStream.range(0, 12).parallel().map(i -> counts[i] * i).boxed().toList();
                })
            .get();
    killer.join();
    return List.of(list, counts);
  }

  static class Act extends RecursiveAction {
    private final List<String> log;
    private final int n;

    Act(List<String> log, int n) {
      this.log = log;
      this.n = n;
    }

    @Override
    protected void compute() {
      if (n > 0) {
        ForkJoinTask<Void> next = new Act(log, n - 1).fork();
        next.join();
        ForkHeavy.work();
      }
      log.add("act " + n);
    }
  }

  @Forks
  static Object chainOfActions(ForkJoinPool pool) throws Exception {
    List<String> log = new ArrayList<>();
    Thread killer = killer(pool);
    pool.invoke(new Act(log, 4));
    killer.join();
    return log;
  }
}
