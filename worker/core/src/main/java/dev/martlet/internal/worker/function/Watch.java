package dev.martlet.internal.worker.function;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that looks after a run that takes long. Most runs are over before it has taken notice
 * of them, and to begin one wakes nobody: it looks up now and then by itself, until nothing has
 * happened for a while. Thread-safe.
 */
final class Watch {
  // A run that is over before that is not worth a look at the mail.
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int MOST_IDLE_LOOKS = 10;

  private @Nullable Run current;
  private @Nullable Run seen;
  private @Nullable Run urgent;
  private @Nullable Thread thread;
  private boolean asleep;
  private boolean closed;

  /** A run begins, which is to be looked after before its deadline. */
  synchronized void begin(Run run, long deadline) {
    current = run;
    if (thread == null) {
      Thread t = new Thread(null, this::look, "martlet-watch", 0, false);
      t.setDaemon(true);
      thread = t;
      t.start();
    }
    if (deadline - System.nanoTime() < 2 * QUIET_NANOS) {
      urgent = run;
    }
    if (asleep || urgent == run) {
      notifyAll();
    }
  }

  /** A run wants to be looked after at once. */
  synchronized void hurry(Run run) {
    urgent = run;
    notifyAll();
  }

  /** A run is over. */
  synchronized void end() {
    current = null;
    seen = null;
    urgent = null;
  }

  /** Lets the thread end. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private void look() {
    for (Run run = await(); run != null; run = await()) {
      run.attend();
    }
  }

  /** Waits for a run that takes long; null at the end. */
  private synchronized @Nullable Run await() {
    for (int idle = 0; !closed; ) {
      Run run = current;
      if (run != null && (run == urgent || run == seen)) {
        return run;
      }
      idle = run == null ? idle + 1 : 0;
      seen = run;
      try {
        asleep = idle > MOST_IDLE_LOOKS;
        if (asleep) {
          wait();
          idle = 0;
        } else {
          TimeUnit.NANOSECONDS.timedWait(this, QUIET_NANOS);
        }
      } catch (InterruptedException e) {
        // A call that meets all threads has interrupted it.
      }
      asleep = false;
    }
    return null;
  }
}
