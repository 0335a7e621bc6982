package dev.martlet.internal.worker.host;

import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs what is due a little later. Its thread starts with the first. Thread-safe. */
final class FlushTimer implements AutoCloseable {
  private @Nullable ScheduledExecutorService executor;
  private boolean closed;

  /**
   * Has something run.
   *
   * @throws RejectedExecutionException if this is closed
   */
  synchronized void schedule(Runnable action, long millis) {
    ScheduledExecutorService e = executor;
    if (e == null) {
      if (closed) {
        throw new RejectedExecutionException("the timer is closed");
      }
      e = Executors.newSingleThreadScheduledExecutor(FlushTimer::thread);
      executor = e;
    }
    Future<?> unused = e.schedule(action, millis, TimeUnit.MILLISECONDS);
  }

  private static Thread thread(Runnable r) {
    Thread t = new Thread(null, r, "martlet-flush", 0, false);
    t.setDaemon(true);
    return t;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
