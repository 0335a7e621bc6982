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
  /** What runs and may be interrupted. */
  @FunctionalInterface
  interface Target {
    /** Interrupts the thread that runs the task. */
    void interrupt();

    /** Interrupts all that the task has started, and has it begin nothing more. */
    default void stop() {
      interrupt();
    }

    /** The live task has been cancelled. */
    default void cancelled() {}
  }

  private final Thread thread;
  private final Runnable shutDown;
  private boolean requested;
  private boolean stopped;
  private boolean cancelled;
  private boolean unwanted;
  private @Nullable Target running;

  Interrupts(Thread thread, Runnable shutDown) {
    this.thread = thread;
    this.shutDown = shutDown;
  }

  @Override
  public synchronized void accept(ByteBuffer message) {
    byte kind = message.hasRemaining() ? message.get() : -1;
    switch (kind) {
      case Protocol.SHUT_DOWN -> shutDown.run();
      case Protocol.CANCELLED -> {
        cancelled = true;
        if (running != null) {
          running.cancelled();
        }
      }
      case Protocol.INTERRUPT -> {
        byte how = message.hasRemaining() ? message.get() : 0;
        boolean all = how == Protocol.ALL;
        unwanted |= how == Protocol.UNWANTED;
        requested = true;
        stopped |= all;
        if (running != null && all) {
          running.stop();
        } else if (running != null) {
          running.interrupt();
        }
      }
      default -> {}
    }
  }

  /**
   * Begins the task, which is interrupted as its thread is.
   *
   * @param stop what else is to be done if all that the task has started is to end
   */
  void beginHere(Runnable stop) {
    begin(new Here(stop));
  }

  /** Begins the task, which is interrupted in a way of its own. */
  synchronized void begin(Target target) {
    running = target;
    if (cancelled) {
      target.cancelled();
    }
    if (stopped) {
      target.stop();
    } else if (requested) {
      target.interrupt();
    }
  }

  /** Returns whether the client does not want the task any more. */
  synchronized boolean isUnwanted() {
    return unwanted;
  }

  /** The task's own code has ended: nobody interrupts its thread, but what it has started. */
  synchronized void ran() {
    if (running instanceof Here here) {
      here.ran = true;
    }
    boolean unused = Thread.interrupted();
  }

  /** Ends the task; the thread's interrupt status is clear afterwards. */
  synchronized void end() {
    running = null;
    boolean unused = Thread.interrupted();
  }

  /** A task that is called on the thread; guarded by the whole. */
  private final class Here implements Target {
    private final Runnable stop;
    private boolean ran;

    Here(Runnable stop) {
      this.stop = stop;
    }

    @Override
    public void interrupt() {
      if (!ran) {
        thread.interrupt();
      }
    }

    @Override
    public void stop() {
      interrupt();
      stop.run();
    }
  }
}
