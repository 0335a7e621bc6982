package dev.martlet.internal.worker.function;

import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that takes an invocation that was submitted for its run, and shows from then on that
 * the run goes on, so that its client hears of it soon if it has ended without a word. Nothing that
 * the run does can hold it up, nor a request of the store that hangs. Thread-safe.
 */
final class LifeSign {
  /** How often that is shown; clients give a run up that has not shown it for some periods. */
  static final Duration PERIOD = Duration.ofSeconds(5);

  private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

  private final long periodNanos;
  private @Nullable Mailbox current;
  private @Nullable Boolean taken;
  private @Nullable Throwable failure;
  private @Nullable Thread thread;
  private boolean busy;
  private boolean closed;

  LifeSign(Duration period) {
    periodNanos = period.toNanos();
  }

  /** A run wants to take its invocation. */
  synchronized void begin(Mailbox of) {
    current = of;
    if (thread == null) {
      Thread t = new Thread(null, this::show, "martlet-life", 0, false);
      t.setDaemon(true);
      thread = t;
      t.start();
    }
    notifyAll();
  }

  /**
   * Waits until the invocation is taken, unless nobody asked for that.
   *
   * @return false if another run has it
   * @throws IOException if nobody knows
   */
  synchronized boolean isTaken() throws IOException {
    while (current != null && taken == null && failure == null && !closed) {
      await(LONG_NANOS);
    }
    if (failure != null) {
      throw new IOException("the invocation could not be taken", failure);
    }
    return current == null || Boolean.TRUE.equals(taken);
  }

  /** The run is over, and shows nothing any more when this returns. */
  synchronized void end() {
    current = null;
    notifyAll();
    while (busy) {
      await(LONG_NANOS);
    }
    taken = null;
    failure = null;
  }

  /** Lets the thread end. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private void await(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, nanos);
    } catch (InterruptedException e) {
      // What is left of a call has interrupted it.
    }
  }

  private void show() {
    long shown = System.nanoTime();
    for (Mailbox m = next(shown); m != null; m = next(shown)) {
      shown = System.nanoTime();
      boolean unused = Thread.interrupted(); // by what is left of a call
      try {
        if (isNew()) {
          take(m);
        } else {
          m.show();
        }
      } catch (IOException | RuntimeException | VirtualMachineError e) {
        Log.of(LifeSign.class).debug("A sign of life was not written", e);
      } finally {
        over();
      }
    }
  }

  private synchronized boolean isNew() {
    return taken == null;
  }

  private void take(Mailbox m) {
    try {
      boolean took = m.take();
      synchronized (this) {
        taken = took;
        notifyAll();
      }
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      synchronized (this) {
        failure = e;
        notifyAll();
      }
    }
  }

  private synchronized void over() {
    busy = false;
    notifyAll();
  }

  /** Waits for what is to be done next; null at the end. */
  private synchronized @Nullable Mailbox next(long shown) {
    while (!closed) {
      Mailbox m = current;
      boolean shows = m != null && failure == null && !Boolean.FALSE.equals(taken);
      long left = taken == null ? 0 : shown + periodNanos - System.nanoTime();
      if (shows && left <= 0) {
        busy = true;
        return m;
      }
      await(shows ? left : LONG_NANOS);
    }
    return null;
  }
}
