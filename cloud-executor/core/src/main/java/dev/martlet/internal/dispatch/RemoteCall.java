package dev.martlet.internal.dispatch;

import dev.martlet.Usage;
import dev.martlet.internal.codec.Locals;
import org.jspecify.annotations.Nullable;

/**
 * One call, as {@link Remote} sees it. Exactly one of {@code completed}, {@code failed} and {@code
 * goHome} is called, once, on a thread of Martlet that may run user code; or, if the call is plain,
 * {@code arrived} on a thread that may not.
 */
public interface RemoteCall {
  /** Returns the call's number in its pool, from 1. */
  long id();

  /** Returns what is shipped. */
  Body body();

  /** Returns the slot that the call holds, from 0. */
  int slot();

  /** Returns what thread-locals hold for the task, or null if none may travel. */
  default @Nullable Locals locals() {
    return null;
  }

  /** Returns the name of the thread that the task shall run under. */
  String threadName();

  /** Returns the frames of the submitting thread, to follow those of the worker; may be empty. */
  StackTraceElement[] submitter();

  /** Returns whether the call was cancelled, so that it need not be sent again. */
  boolean isCancelled();

  /** Returns whether completing the call with a value runs no user code. */
  boolean isPlain();

  /** As {@link #completed} of a plain call, on a thread that must not run user code. */
  void arrived(@Nullable Object value, long runNanos, long bytes);

  /** Returns whether the task shall be interrupted as soon as it begins. */
  default boolean isInterrupted() {
    return false;
  }

  /** Returns whether an interruption is for all that the task has started, which is to end. */
  default boolean isStopped() {
    return false;
  }

  /** Returns whether the task's copy is to know that the task has been cancelled. */
  default boolean isTaskCancelled() {
    return false;
  }

  /**
   * Told before the call completes.
   *
   * @param heard whether its thread was interrupted while it ran the task
   * @param interrupted whether the task left its thread interrupted
   */
  default void ended(boolean heard, boolean interrupted) {}

  /** Returns whether the task is one of a fork/join pool, and runs on a thread of such a one. */
  default boolean isForked() {
    return false;
  }

  /** Returns whether the pool takes no more calls, also from this one. */
  default boolean isRefused() {
    return false;
  }

  /**
   * An answer has come that takes time to read. A thread that waits for the call runs it if it may.
   *
   * @return whether the current thread is such a one and runs it as soon as it is back; otherwise
   *     the caller has another thread run it
   */
  default boolean answered(Answer answer) {
    return false;
  }

  /** The answer has been read, whatever has come of it. */
  default void read(Answer answer) {}

  /** Keeps what {@link Remote} knows of the call's attempt. */
  void attempt(Object attempt);

  /** Returns what was kept last. */
  @Nullable Object attempt();

  /** An attempt was sent. */
  void sent(String instance, boolean cold, long bytes);

  /** Which instance has run the attempt, if that was not known when it was sent. */
  default void ran(String instance, boolean cold) {}

  /** What an attempt used of a cloud's function. */
  default void used(Usage part) {}

  /** Bytes were sent for the attempt besides those. */
  default void sentMore(long bytes) {}

  /**
   * The task returned, and its effects have been applied.
   *
   * @param value what it returned
   * @param runNanos how long its code ran
   * @param bytes bytes received
   */
  void completed(@Nullable Object value, long runNanos, long bytes);

  /**
   * The task threw, and its effects have been applied; or the call was lost or timed out.
   *
   * @param failure what {@code get} shall wrap
   * @param runNanos how long its code ran, 0 if unknown
   * @param bytes bytes received
   */
  void failed(Throwable failure, long runNanos, long bytes);

  /**
   * The attempt was dropped without any effect: run the call at home, in the same slot.
   *
   * @param reason why, for a person
   */
  void goHome(String reason);
}
