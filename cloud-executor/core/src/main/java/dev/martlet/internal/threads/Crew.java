package dev.martlet.internal.threads;

import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads for what comes from a cloud: few, however many calls are in flight, as long as they
 * get on. What they run may wait for something that another one of them is to do, since a worker's
 * question may run an initialiser, and an answer what depends on a future. So whenever nothing was
 * begun for a while although something waits, there is one more of them. Those that find nothing to
 * do end. Thread-safe.
 */
public final class Crew extends ThreadPoolExecutor {
  private static final int FEW =
      Math.max(4, Math.min(6, Runtime.getRuntime().availableProcessors()));
  private static final long STUCK_MILLIS = 50;
  private static final long REST_SECONDS = 20;

  private final ScheduledExecutorService watchman;
  private final AtomicLong begun = new AtomicLong();
  private final AtomicBoolean watched = new AtomicBoolean();

  /**
   * Creates a crew.
   *
   * @param watchman looks after it now and then
   */
  public Crew(ScheduledExecutorService watchman, ThreadFactory factory) {
    super(
        FEW,
        Integer.MAX_VALUE,
        REST_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        factory);
    this.watchman = watchman;
    allowCoreThreadTimeOut(true);
  }

  @Override
  protected void beforeExecute(Thread t, Runnable r) {
    begun.incrementAndGet();
  }

  @Override
  public void execute(Runnable action) {
    super.execute(action);
    watch();
  }

  private void watch() {
    if (!getQueue().isEmpty() && !watched.getAndSet(true)) {
      lookLater(begun.get());
    }
  }

  private void lookLater(long seen) {
    try {
      Future<?> unused = watchman.schedule(() -> look(seen), STUCK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // It is about to be shut down.
    }
  }

  private void look(long seen) {
    try {
      grow(seen);
    } catch (OutOfMemoryError e) {
      lookLater(seen); // there may be another thread to be had in a while
    }
  }

  private void grow(long seen) {
    if (getQueue().isEmpty()) {
      setCorePoolSize(FEW);
      watched.set(false);
      watch();
      return;
    }
    long now = begun.get();
    if (now == seen) {
      setCorePoolSize(getCorePoolSize() + 1);
    }
    lookLater(now);
  }

  /** Takes nothing more; all that waits has a thread, since nobody watches any more. */
  @Override
  public void shutdown() {
    setCorePoolSize(getCorePoolSize() + getQueue().size());
    super.shutdown();
  }
}
