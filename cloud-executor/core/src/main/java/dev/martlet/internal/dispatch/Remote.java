package dev.martlet.internal.dispatch;

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
   * Returns how many calls like this one may be sent to a slot beyond the one that it runs: 0 unless
   * the task shares nothing mutable, does not depend on its thread, and is known to be short.
   */
  int ahead(Body body);

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

  /** Ends all workers. Calls still away fail. Idempotent. */
  @Override
  void close();
}
