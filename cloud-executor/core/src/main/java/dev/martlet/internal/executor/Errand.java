package dev.martlet.internal.executor;

import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.dispatch.Body;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A call whose outcome is taken by the thread that sent it, such as a worker thread of a fork/join
 * pool. If the call cannot leave, or came back without having counted, that thread runs it itself:
 * an errand never runs on a home thread. Only the sender may call {@link #await} and what is read
 * after it.
 */
public final class Errand extends Call implements BooleanSupplier {
  /** What has become of an errand. */
  public enum Fate {
    /** The task returned; its effects have been applied. */
    RETURNED,
    /** The task threw, and its effects have been applied; or the call was lost or refused. */
    THREW,
    /** Nothing has happened: the sender runs the task. */
    HOME
  }

  private final Thread owner = Thread.currentThread();
  private @Nullable Object value;
  private @Nullable Throwable failure;
  private volatile @Nullable Fate fate;
  private volatile boolean cancelled;
  private volatile boolean taskCancelled;
  private volatile boolean stopped;
  private boolean heard;
  private boolean leftInterrupted;
  private long runNanos;

  Errand(CloudPool pool, Body body) {
    super(pool, body);
  }

  @Override
  public boolean isForked() {
    return true;
  }

  /**
   * Waits for the errand's fate. An interruption is passed on to the task and does not end the
   * wait. When this returns, the thread is interrupted if the task left its own so, or has not
   * heard of the interruption.
   */
  public Fate await() {
    boolean interrupted = false;
    try {
      for (; ; ) {
        Fate f = fate;
        if (f != null) {
          return f;
        }
        if (Thread.interrupted()) {
          interrupted = true;
          pool.interruptAway(this);
        } else if (!pool.helpRead(this, Long.MAX_VALUE) && fate == null) {
          LockSupport.park(this);
        }
      }
    } finally {
      if (leftInterrupted || (interrupted && !heard)) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns what the task returned. */
  public @Nullable Object value() {
    return value;
  }

  /** Returns what the task threw. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Returns how long the task ran on its worker, in nanoseconds. */
  public long runNanos() {
    return runNanos;
  }

  /** Returns why the sender has to run the task itself, for a person. */
  public @Nullable String reason() {
    return where;
  }

  /** Interrupts the task, whose outcome nobody wants any more; it need not be sent again. */
  public void cancel() {
    cancelled = true;
    pool.interruptAway(this);
  }

  /** Has the task's copy know that the task was cancelled. It goes on, as it does at home. */
  public void taskCancelled() {
    taskCancelled = true;
    pool.taskCancelled(this);
  }

  /** Interrupts all that the task does, and has it begin nothing more. */
  void stop() {
    stopped = true;
    pool.interruptAway(this);
  }

  @Override
  public boolean isTaskCancelled() {
    return taskCancelled;
  }

  @Override
  public boolean isStopped() {
    return stopped;
  }

  @Override
  public void ended(boolean heard, boolean interrupted) {
    this.heard = heard;
    this.leftInterrupted = interrupted;
  }

  @Override
  public boolean getAsBoolean() {
    return fate != null || stage() != AWAY || isAnswered();
  }

  @Override
  public boolean isPlain() {
    return true;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  /** What thread-locals hold belongs to the sender, where it cannot be had. */
  @Override
  public @Nullable Locals locals() {
    return null;
  }

  @Override
  Runnable runnable() {
    return () -> {};
  }

  @Override
  boolean unwanted() {
    return false;
  }

  @Override
  void sentAgain() {
    LockSupport.unpark(owner);
  }

  @Override
  void deliver(@Nullable Object value, @Nullable Throwable failure, long runNanos, long in) {
    pool.counts().ended(this, false, failure != null, runNanos, in, System.nanoTime());
    this.value = value;
    this.failure = failure;
    this.runNanos = runNanos;
    boolean room = pool.release(this);
    end(failure == null ? Fate.RETURNED : Fate.THREW);
    pool.next(this, room);
  }

  @Override
  void startHome() {
    move(HOME, ENDED);
    pool.counts().ended(this, true, false, 0, 0, System.nanoTime());
    pool.release(this);
    end(Fate.HOME);
    pool.next();
  }

  private void end(Fate f) {
    fate = f;
    LockSupport.unpark(owner);
  }

  @Override
  void runHome() {
    throw new AssertionError("an errand has no home thread");
  }

  @Override
  void refuse(Throwable failure) {
    throw new AssertionError("an errand has no home thread", failure);
  }
}
