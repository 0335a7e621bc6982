package dev.martlet.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;

/**
 * What only a new JVM can show, one figure a line: the time from {@code main} to the first result,
 * the processor time of 20,000 tiny tasks right after it, and, where asked for, the heap that a
 * waiting call takes.
 */
final class ColdProbe {
  static final int TINY = 20_000;
  private static final int WAITING = 50_000;
  private static final int ATTEMPTS = 4;

  private ColdProbe() {}

  public static void main(String[] args) throws Exception {
    long start = System.nanoTime();
    Contender contender = Contender.valueOf(args[0]);
    Peer peer = contender.open();
    int first = peer.call(1);
    long elapsed = System.nanoTime() - start;
    if (first != 1) {
      throw new IllegalStateException("wrong result");
    }
    print(Figure.COLD_START, elapsed);
    if (peer instanceof PoolPeer pool) {
      tinyTasks(pool);
      if (Boolean.parseBoolean(args[1])) {
        memory(pool);
      }
    }
    peer.close();
    System.exit(0);
  }

  private static void tinyTasks(PoolPeer pool) throws Exception {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    long sum = pool.pipeline(TINY);
    print(Figure.TINY_TASKS, system.getProcessCpuTime() - before);
    if (sum != TINY * (TINY - 1L) / 2) {
      throw new IllegalStateException("wrong result");
    }
  }

  /** Fills the pool's slots for a while, and measures what else is submitted meanwhile. */
  private static void memory(PoolPeer pool) throws Exception {
    Future<?>[] futures = new Future<?>[WAITING];
    // Twice the slots, since Hazelcast's pools may run one task more than their size.
    int holders = 2 * Runtime.getRuntime().availableProcessors();
    long hold = 2_000;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++, hold *= 2) {
      Arrays.fill(futures, null);
      long before = usedHeap();
      List<Future<Integer>> held = pool.hold(holders, hold);
      for (int i = 0; i < WAITING; i++) {
        futures[i] = pool.submit(i);
      }
      long after = usedHeap();
      long done = Arrays.stream(futures).filter(Future::isDone).count();
      for (Future<Integer> future : held) {
        future.get();
      }
      for (int i = 0; i < WAITING; i++) {
        if (!Integer.valueOf(i).equals(futures[i].get())) {
          throw new IllegalStateException("wrong result");
        }
      }
      if (done < WAITING / 100) {
        print(Figure.MEMORY, (after - before) / WAITING);
        return;
      }
    }
    throw new IllegalStateException("the calls ended before they could be measured");
  }

  private static long usedHeap() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void print(Figure figure, long value) {
    System.out.println(figure + "=" + value);
  }
}
