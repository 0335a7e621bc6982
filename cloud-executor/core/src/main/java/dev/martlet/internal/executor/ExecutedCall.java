package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Body;
import org.jspecify.annotations.Nullable;

/**
 * A Runnable that was given to {@code execute}: the user's own, which is shipped, or a library's
 * wrapper, of which only the function is shipped and which then runs at home with the ready value.
 */
final class ExecutedCall extends Call {
  private final Runnable runnable;
  private final @Nullable Wrapper wrapper;

  /** What came from away, until a home thread takes it. */
  private @Nullable Throwable failure;

  ExecutedCall(CloudPool pool, Runnable runnable, @Nullable Body body, @Nullable Wrapper wrapper) {
    super(pool, body);
    this.runnable = runnable;
    this.wrapper = wrapper;
  }

  @Override
  Runnable runnable() {
    return runnable;
  }

  @Override
  void begin() {
    if (wrapper != null) {
      wrapper.begin(this);
    }
  }

  @Override
  boolean unwanted() {
    return wrapper != null && wrapper.unwanted();
  }

  @Override
  boolean isOpened() {
    return wrapper != null;
  }

  @Override
  @Nullable Thread waiter() {
    return wrapper == null ? null : wrapper.waiter();
  }

  @Override
  public boolean isPlain() {
    return wrapper == null;
  }

  @Override
  public boolean isCancelled() {
    return unwanted();
  }

  @Override
  void deliver(@Nullable Object value, @Nullable Throwable failure, long runNanos, long in) {
    pool.counts().ended(this, false, failure != null, runNanos, in, System.nanoTime());
    if (wrapper != null) {
      wrapper.end();
      wrapper.install(value, failure);
      pool.finish(this, runnable);
    } else if (failure != null) {
      // The handler shall see a thread of the pool, as if the task had thrown on it.
      this.failure = failure;
      holding().home(this);
    } else {
      pool.next(this, pool.release(this));
    }
  }

  @Override
  void runHome() {
    if (failure != null) {
      uncaught(failure);
      return;
    }
    if (stage() == ENDED) {
      try {
        runnable.run();
      } catch (Throwable e) {
        uncaught(e);
      }
      return;
    }
    long start = System.nanoTime();
    sentNanos = start;
    if (wrapper != null) {
      wrapper.end();
    }
    boolean failed = false;
    HomeTimeout timeout = HomeTimeout.start(pool.callTimeout(), e -> {});
    runner = Thread.currentThread();
    try {
      if (pool.isStopped()) {
        Thread.currentThread().interrupt();
      }
      runnable.run();
    } catch (Throwable e) {
      failed = true;
      uncaught(e);
    } finally {
      failed |= HomeTimeout.end(timeout, null) != null;
      runner = null;
      move(HOME, ENDED);
      long end = System.nanoTime();
      pool.counts().ended(this, true, failed, end - start, 0, end);
    }
  }

  @Override
  void refuse(Throwable failure) {
    move(HOME, ENDED);
    pool.counts().ended(this, true, true, 0, 0, System.nanoTime());
    if (wrapper == null) {
      uncaught(failure);
      return;
    }
    wrapper.end();
    wrapper.install(null, failure);
    try {
      runnable.run();
    } catch (Throwable e) {
      uncaught(e);
    }
  }

  static void uncaught(Throwable failure) {
    Thread t = Thread.currentThread();
    try {
      t.getUncaughtExceptionHandler().uncaughtException(t, failure);
    } catch (Throwable e) {
      CloudPool.log(e);
    }
  }
}
