package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Interrupts a call's thread on request of the client, but only while it runs the task: one that
 * comes before is kept, one that comes after does not reach the thread's next call.
 */
final class Interrupts implements Consumer<ByteBuffer> {
  private final Thread thread;
  private boolean requested;
  private boolean running;

  Interrupts(Thread thread) {
    this.thread = thread;
  }

  @Override
  public synchronized void accept(ByteBuffer message) {
    if (message.hasRemaining() && message.get() == Protocol.INTERRUPT) {
      requested = true;
      if (running) {
        thread.interrupt();
      }
    }
  }

  synchronized void begin() {
    running = true;
    if (requested) {
      thread.interrupt();
    }
  }

  /** Ends the task; the thread's interrupt status is clear afterwards. */
  synchronized void end() {
    running = false;
    boolean unused = Thread.interrupted();
  }
}
