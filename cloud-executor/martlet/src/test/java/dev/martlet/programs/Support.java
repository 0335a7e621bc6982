package dev.martlet.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** What many programs need. */
final class Support {
  private Support() {}

  /** The parts of a program's outcome; {@code null} is allowed. */
  static List<Object> all(Object... parts) {
    return new ArrayList<>(Arrays.asList(parts));
  }

  /** A future's value, or what its task threw. */
  static Object outcome(Future<?> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (CancellationException e) {
      return "cancelled";
    }
  }

  static List<Object> outcomes(List<? extends Future<?>> futures) throws InterruptedException {
    List<Object> outcomes = new ArrayList<>();
    for (Future<?> future : futures) {
      outcomes.add(outcome(future));
    }
    return outcomes;
  }

  /** Submits {@code n} tasks and collects their values in order. */
  static <T> List<T> collect(ExecutorService pool, int n, IntFunction<Callable<T>> tasks)
      throws Exception {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      futures.add(pool.submit(tasks.apply(i)));
    }
    List<T> values = new ArrayList<>();
    for (Future<T> future : futures) {
      values.add(future.get());
    }
    return values;
  }

  /** Submits {@code n} tasks and waits for all of them. */
  static void each(ExecutorService pool, int n, IntFunction<Runnable> tasks) throws Exception {
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      futures.add(pool.submit(tasks.apply(i)));
    }
    for (Future<?> future : futures) {
      future.get();
    }
  }
}
