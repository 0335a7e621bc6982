package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts a call's thread on request of the client, but only while it runs the task: one that
 * comes before is kept, one that comes after does not reach the thread's next call.
 */
final class Interrupts implements Consumer<ByteBuffer> {
  private final Thread thread;
  private boolean requested;
  private @Nullable Runnable running;

  Interrupts(Thread thread) {
    this.thread = thread;
  }

  @Override
  public synchronized void accept(ByteBuffer message) {
    if (message.hasRemaining() && message.get() == Protocol.INTERRUPT) {
      requested = true;
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

  /** Ends the task; the thread's interrupt status is clear afterwards. */
  synchronized void end() {
    running = null;
    boolean unused = Thread.interrupted();
  }
}
