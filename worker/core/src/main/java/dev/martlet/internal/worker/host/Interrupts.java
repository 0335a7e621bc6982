package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts a call's thread on request of the client, but only while it runs the task: one that
 * comes before is kept, one that comes after does not reach the thread's next call. Also hears that
 * the client's pool has been shut down.
 */
final class Interrupts implements Consumer<ByteBuffer> {
  private final Thread thread;
  private final Runnable shutDown;
  private boolean requested;
  private boolean cancelled;
  private @Nullable Runnable running;

  Interrupts(Thread thread, Runnable shutDown) {
    this.thread = thread;
    this.shutDown = shutDown;
  }

  @Override
  public synchronized void accept(ByteBuffer message) {
    byte kind = message.hasRemaining() ? message.get() : -1;
    if (kind == Protocol.SHUT_DOWN) {
      shutDown.run();
    } else if (kind == Protocol.INTERRUPT) {
      requested = true;
      cancelled |= message.hasRemaining() && message.get() == Protocol.CANCELLED;
      Runnable interruption = running;
      if (interruption != null) {
        interruption.run();
      }
    }
  }

  void begin() {
    begin(thread::interrupt);
  }

  /** Begins the task, which is interrupted in a way of its own. */
  synchronized void begin(Runnable interruption) {
    running = interruption;
    if (requested) {
      interruption.run();
    }
  }

  /** Returns whether the client does not want the task any more. */
  synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Ends the task; the thread's interrupt status is clear afterwards. */
  synchronized void end() {
    running = null;
    boolean unused = Thread.interrupted();
  }
}
