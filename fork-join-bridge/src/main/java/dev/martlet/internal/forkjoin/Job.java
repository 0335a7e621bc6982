package dev.martlet.internal.forkjoin;

import dev.martlet.internal.dispatch.Body;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * A function that was given to a pool. The JDK's pool makes a task of it, which it runs on a thread
 * of its own.
 */
final class Job<T> implements Callable<T>, Runnable {
  private final Pool pool;
  private final Body body;
  private final Callable<T> here;

  private Job(Pool pool, Body body, Callable<T> here) {
    this.pool = pool;
    this.body = body;
    this.here = here;
  }

  static <T> Job<T> of(Pool pool, Callable<T> function) {
    return new Job<>(pool, Body.of(Body.Kind.CALL, Objects.requireNonNull(function)), function);
  }

  @SuppressWarnings("NullAway") // a Runnable returns nothing
  static Job<Void> of(Pool pool, Runnable function) {
    return new Job<>(
        pool,
        Body.of(Body.Kind.RUN, Objects.requireNonNull(function)),
        () -> {
          function.run();
          return null;
        });
  }

  @Override
  public T call() throws Exception {
    return Thread.currentThread() instanceof PoolThread t && t.getPool() == pool
        ? t.run(body, here)
        : here.call();
  }

  @Override
  public void run() {
    try {
      call();
    } catch (Exception e) {
      throw Job.<RuntimeException>sneaky(e); // what a Runnable threw
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable t) throws E {
    throw (E) t;
  }

  @Override
  public String toString() {
    return body.function().toString();
  }
}
