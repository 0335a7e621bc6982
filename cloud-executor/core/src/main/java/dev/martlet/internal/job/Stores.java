package dev.martlet.internal.job;

import dev.martlet.spi.FunctionException;
import dev.martlet.spi.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for what stores and functions do. */
final class Stores {
  private static final int MOST_TRIES = 30;
  private static final long FIRST_PAUSE_NANOS = 50_000_000;
  private static final int LONGEST_PAUSE_SHIFT = 7;

  private Stores() {}

  /** Waits, whether or not the thread is interrupted: it does not take long. */
  static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof RuntimeException r) {
        throw r;
      } else if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether what has failed may succeed if it is tried again. */
  static boolean isHopeful(RuntimeException failure) {
    if (failure instanceof FunctionException e) {
      return switch (e.kind()) {
        case THROTTLED, UNAVAILABLE, CUT -> true;
        default -> false;
      };
    }
    return failure instanceof StoreException e && e.isTransient();
  }

  /** Does something that may be done twice, and waits for it; tries for minutes if need be. */
  static <T extends @Nullable Object> T steadily(Supplier<CompletableFuture<T>> action) {
    for (int i = 0; ; i++) {
      try {
        return await(action.get());
      } catch (RuntimeException e) {
        if (!isHopeful(e) || i == MOST_TRIES) {
          throw e;
        }
      }
      long longest = FIRST_PAUSE_NANOS << Math.min(i, LONGEST_PAUSE_SHIFT);
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest / 2, longest));
    }
  }
}
