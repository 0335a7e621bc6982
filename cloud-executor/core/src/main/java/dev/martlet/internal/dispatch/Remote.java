package dev.martlet.internal.dispatch;

import dev.martlet.Usage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The way out of the client JVM: sends calls away, brings outcomes and effects back. */
public interface Remote extends AutoCloseable {
  /**
   * Sends a call. The call holds its slot, and former calls of the slot have committed.
   *
   * @return {@code null} if the call was sent, else why it has to run at home
   */
  @Nullable String send(RemoteCall call);

  /**
   * Returns how many calls like this one may be sent to a slot beyond the one that it runs: 0
   * unless the task shares nothing mutable, does not depend on its thread, and is known to be
   * short. What is found out for it may be kept as the call's attempt.
   */
  int ahead(RemoteCall call);

  /**
   * Checks before anything is queued that a task can leave home.
   *
   * @throws dev.martlet.UncapturableException if it cannot
   */
  void check(Body body);

  /**
   * Stops a call that was cancelled with interruption: its thread is interrupted. The call's
   * outcome is still delivered, for its effects.
   */
  void interrupt(RemoteCall call);

  /** The task of a call that is away has been cancelled, which its copy is to know. */
  default void taskCancelled(RemoteCall call) {}

  /** The pool has been shut down while the call runs: what the call submits is to be rejected. */
  default void shutDown(RemoteCall call) {}

  /**
   * A thread waits for a call that is away: time to send what was held back. The thread may also be
   * used to read answers and to complete calls that {@linkplain RemoteCall#isPlain run no user
   * code}. Returns when the condition holds, the time is up or the thread is interrupted, which is
   * left for the caller to see, or early for no reason. Whoever makes the condition true shall
   * unpark the waiting thread.
   *
   * @param nanos how long at most
   * @param done whether the thread need not wait any more
   * @return whether the thread was of use; if not, it is to wait by itself
   */
  default boolean awaited(long nanos, BooleanSupplier done) {
    return false;
  }

  /** Returns whether there is memory for what another call is given. */
  default boolean hasRoom() {
    return true;
  }

  /** Waits for that a while. Only threads of the program may. */
  default void awaitRoom() {}

  /** Has an action run when there is, or after a while: it sends a call, and looks again. */
  default void whenRoom(Runnable action) {
    execute(action);
  }

  /** Runs what may run user code, on a thread of Martlet. */
  default void execute(Runnable task) {
    task.run();
  }

  /** Returns whether workers run on the client's processors. */
  default boolean sharesProcessors() {
    return false;
  }

  /** Returns whether it takes milliseconds to reach a worker, so that tiny calls go together. */
  default boolean isFar() {
    return false;
  }

  /** Returns what all invocations of a cloud's function used so far, or null if there were none. */
  default @Nullable Usage usage() {
    return null;
  }

  /** Ends all workers. Calls still away fail. Idempotent. */
  @Override
  void close();
}
