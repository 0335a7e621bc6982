package dev.martlet.internal.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An answer that has come and is to be read. It is read once: by a thread that waits for the call,
 * which saves the wake-up of another one and then its own, or by one of Martlet's.
 */
public final class Answer implements Runnable {
  private final RemoteCall call;
  private final Runnable reading;
  private final boolean byWaiter;
  private final AtomicBoolean taken = new AtomicBoolean();

  /**
   * Creates an answer.
   *
   * @param byWaiter whether a thread that waits for the call may read it
   */
  Answer(RemoteCall call, Runnable reading, boolean byWaiter) {
    this.call = call;
    this.reading = reading;
    this.byWaiter = byWaiter;
  }

  /** Returns whether a thread that waits for the call may read it. */
  public boolean isForWaiter() {
    return byWaiter;
  }

  /** Reads it, unless another thread does. */
  @Override
  public void run() {
    if (!taken.getAndSet(true)) {
      try {
        reading.run();
      } finally {
        call.read(this);
      }
    }
  }
}
