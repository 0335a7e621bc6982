package dev.martlet.internal.job;

import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
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

  /** Hands a request to the cloud's queue, which may take it twice. */
  static void submit(FunctionClient functions, ByteBuffer request) {
    for (int i = 0; ; i++) {
      try {
        await(functions.submit(request.duplicate()));
        return;
      } catch (FunctionException e) {
        boolean hopeful =
            switch (e.kind()) {
              case THROTTLED, UNAVAILABLE, CUT -> true;
              default -> false;
            };
        if (!hopeful || i == MOST_TRIES) {
          throw e;
        }
      }
      long longest = FIRST_PAUSE_NANOS << Math.min(i, LONGEST_PAUSE_SHIFT);
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest / 2, longest));
    }
  }
}
