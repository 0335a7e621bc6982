package dev.martlet.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A pool that calls are submitted to. */
final class PoolPeer implements Peer {
  private final Submitter pool;
  private final Tasks tasks;
  private final Closeable closer;

  /** {@link java.util.concurrent.ExecutorService#submit(Callable)}, or what stands for it. */
  interface Submitter {
    <T> Future<T> submit(Callable<T> task);
  }

  PoolPeer(Submitter pool, Tasks tasks, Closeable closer) {
    this.pool = pool;
    this.tasks = tasks;
    this.closer = closer;
  }

  /** Keeps every slot of the pool busy. */
  List<Future<Integer>> hold(int slots, long millis) {
    List<Future<Integer>> held = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      held.add(pool.submit(tasks.hold(millis)));
    }
    return held;
  }

  Future<Integer> submit(int number) {
    return pool.submit(tasks.number(number));
  }

  @Override
  public int call(int number) throws Exception {
    return submit(number).get();
  }

  @Override
  public long pipeline(int calls) throws Exception {
    Future<?>[] futures = new Future<?>[calls];
    for (int i = 0; i < calls; i++) {
      futures[i] = submit(i);
    }
    long sum = 0;
    for (Future<?> future : futures) {
      sum += (Integer) future.get();
    }
    return sum;
  }

  @Override
  public int send(byte[] argument) throws Exception {
    return pool.submit(tasks.lengthOf(argument)).get();
  }

  @Override
  public byte[] fetch(int length) throws Exception {
    return pool.submit(tasks.bytes(length)).get();
  }

  @Override
  public long spin(int count, long rounds) throws Exception {
    Future<?>[] futures = new Future<?>[count];
    for (int i = 0; i < count; i++) {
      futures[i] = pool.submit(tasks.spin(rounds));
    }
    long sum = 0;
    for (Future<?> future : futures) {
      sum += (Long) future.get();
    }
    return sum;
  }

  @Override
  public long sumRanges(long[] array, int count) throws Exception {
    long sum = 0;
    for (Future<Long> future : ranges(array, count, tasks::sum)) {
      sum += future.get();
    }
    return sum;
  }

  @Override
  public void sortRanges(long[] array, int count) throws Exception {
    for (Future<Integer> future : ranges(array, count, tasks::sort)) {
      future.get();
    }
  }

  private interface RangeTask<T> {
    Callable<T> of(long[] array, int from, int to);
  }

  private <T> List<Future<T>> ranges(long[] array, int count, RangeTask<T> task) {
    List<Future<T>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) array.length * i / count);
      int to = (int) ((long) array.length * (i + 1) / count);
      all.add(pool.submit(task.of(array, from, to)));
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    closer.close();
  }
}
