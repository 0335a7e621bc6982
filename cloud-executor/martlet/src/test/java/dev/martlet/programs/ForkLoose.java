package dev.martlet.programs;

import static dev.martlet.programs.Support.all;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** Fork/join tasks that nobody joins, and the order in which leaves iterate. */
@SuppressWarnings("serial")
final class ForkLoose {
  private ForkLoose() {}

  static final class Spread extends RecursiveAction {
    private final int depth;
    private final LongAdder seen;
    private final CountDownLatch left;

    Spread(int depth, LongAdder seen, CountDownLatch left) {
      this.depth = depth;
      this.seen = seen;
      this.left = left;
    }

    @Override
    protected void compute() {
      seen.add(depth);
      if (depth > 0) {
        new Spread(depth - 1, seen, left).fork();
        new Spread(depth - 1, seen, left).fork();
      } else {
        left.countDown();
      }
    }
  }

  @Forks
  static Object forkedAndNeverJoined(ForkJoinPool pool) throws Exception {
    LongAdder seen = new LongAdder();
    CountDownLatch left = new CountDownLatch(16);
    pool.execute(new Spread(4, seen, left));
    boolean done = left.await(30, TimeUnit.SECONDS);
    return all(done, seen.sum());
  }

  @Forks
  static Object executedByEachOther(ForkJoinPool pool) throws Exception {
    ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    CountDownLatch end = new CountDownLatch(2);
    class Step implements Runnable {
      final String name;
      final int n;

      Step(String name, int n) {
        this.name = name;
        this.n = n;
      }

      @Override
      public void run() {
        log.add(name + n);
        if (n > 0) {
          pool.execute(new Step(name, n - 1));
        } else {
          end.countDown();
        }
      }
    }
    pool.execute(new Step("a", 5));
    pool.submit(new Step("b", 3));
    boolean done = end.await(30, TimeUnit.SECONDS);
    return all(done, log.stream().sorted().toList());
  }

  @Forks
  static Object partiesOfAPhaser(ForkJoinPool pool) {
    Phaser phaser = new Phaser(1);
    LongAdder sum = new LongAdder();
    for (int i = 0; i < 6; i++) {
      int n = i;
      phaser.register();
      ForkJoinTask<?> unused =
          pool.submit(
              () -> {
                sum.add(n);
                phaser.arriveAndDeregister();
              });
    }
    int phase = phaser.arriveAndAwaitAdvance();
    return all(phase, sum.sum());
  }

  static final class Orders extends RecursiveTask<List<String>> {
    private final int from;
    private final int to;
    private final Set<String> names;

    Orders(int from, int to, Set<String> names) {
      this.from = from;
      this.to = to;
      this.names = names;
    }

    @Override
    protected List<String> compute() {
      if (to - from == 1) {
        return List.of(from + ":" + names + Map.of(1, "a", 2, "b", 3, "c"));
      }
      int mid = (from + to) >>> 1;
      Orders left = new Orders(from, mid, names);
      left.fork();
      List<String> right = new Orders(mid, to, names).compute();
      List<String> both = new ArrayList<>(left.join());
      both.addAll(right);
      return both;
    }
  }

  @Forks
  static Object setsIterateAlike(ForkJoinPool pool) {
    Set<String> names = Set.of("ann", "bob", "cid", "dan", "eve");
    String home = names + "" + Map.of(1, "a", 2, "b", 3, "c");
    List<String> orders = pool.invoke(new Orders(0, 8, names));
    return IntStream.range(0, 8).allMatch(i -> orders.get(i).equals(i + ":" + home));
  }
}
