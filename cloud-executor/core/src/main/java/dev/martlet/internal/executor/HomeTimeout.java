package dev.martlet.internal.executor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The time-out of a call that runs at home, on the current thread. The thread is interrupted, and
 * if the task does not heed it, the future fails soon after; the call keeps its slot until the task
 * ends, as threads cannot be ended from outside.
 */
final class HomeTimeout {
  private static final long GRACE_MILLIS = 1_000;

  private final Thread thread = Thread.currentThread();
  private final Consumer<TimeoutException> fail;
  private final TimeoutException failure;
  private boolean fired;
  private boolean ended;
  private CompletableFuture<@Nullable Void> alarm;

  private HomeTimeout(Duration limit, Consumer<TimeoutException> fail) {
    this.fail = fail;
    this.failure =
        new TimeoutException("the call took longer than the pool's call time-out of " + limit);
    failure.setStackTrace(new StackTraceElement[0]);
    this.alarm = after(limit.toMillis(), this::fire);
  }

  /** Starts the clock, if there is a limit. */
  static @Nullable HomeTimeout start(@Nullable Duration limit, Consumer<TimeoutException> fail) {
    return limit == null ? null : new HomeTimeout(limit, fail);
  }

  /** Returns what the call fails with: its own outcome, unless it took too long. */
  static @Nullable Throwable end(@Nullable HomeTimeout timeout, @Nullable Throwable failure) {
    if (timeout == null || !timeout.end()) {
      return failure;
    }
    if (failure != null) {
      timeout.failure.addSuppressed(failure);
    }
    return timeout.failure;
  }

  private synchronized boolean end() {
    ended = true;
    alarm.complete(null);
    return fired;
  }

  private synchronized void fire() {
    if (!ended) {
      fired = true;
      thread.interrupt();
      alarm = after(GRACE_MILLIS, this::giveUp);
    }
  }

  private synchronized void giveUp() {
    if (!ended) {
      fail.accept(failure);
    }
  }

  private static CompletableFuture<@Nullable Void> after(long millis, Runnable action) {
    CompletableFuture<@Nullable Void> alarm = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> unused =
        alarm
            .orTimeout(millis, TimeUnit.MILLISECONDS)
            .whenComplete(
                (nothing, late) -> {
                  if (late != null) {
                    action.run();
                  }
                });
    return alarm;
  }
}
