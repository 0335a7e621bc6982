package dev.martlet.internal.aws;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many operations be under way at a time; others wait, the first one first. The SDK's own
 * queue for connections is no place to wait in: requests grow old there, since they are signed, and
 * some are forgotten when connections fail. Thread-safe.
 */
public final class Gate {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final ThreadLocal<Boolean> passing = ThreadLocal.withInitial(() -> false);
  private int free;

  /** Creates a gate. */
  public Gate(int most) {
    free = most;
  }

  /**
   * Begins an operation when there is room. Who cancels the future while it waits keeps it from
   * beginning, and later cancels the operation.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // each hands on all that happens
  public <T extends @Nullable Object> CompletableFuture<T> pass(
      Supplier<CompletableFuture<T>> operation) {
    CompletableFuture<T> result = new CompletableFuture<>();
    synchronized (this) {
      waiting.add(() -> begin(operation, result));
    }
    next();
    return result;
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  private <T extends @Nullable Object> void begin(
      Supplier<CompletableFuture<T>> operation, CompletableFuture<T> result) {
    if (result.isDone()) {
      leave();
      return;
    }
    CompletableFuture<T> begun;
    try {
      begun = operation.get();
    } catch (RuntimeException | Error e) {
      leave();
      result.completeExceptionally(e);
      return;
    }
    begun.whenComplete(
        (value, e) -> {
          leave();
          if (e == null) {
            result.complete(value);
          } else {
            result.completeExceptionally(e);
          }
        });
    result.whenComplete(
        (value, e) -> {
          if (result.isCancelled()) {
            begun.cancel(true);
          }
        });
  }

  private void leave() {
    synchronized (this) {
      free++;
    }
    next();
  }

  /** Begins what there is room for; within itself it does nothing, so that no stack grows deep. */
  private void next() {
    if (passing.get()) {
      return;
    }
    passing.set(true);
    try {
      for (Runnable first = take(); first != null; first = take()) {
        first.run();
      }
    } finally {
      passing.remove();
    }
  }

  private synchronized @Nullable Runnable take() {
    if (free == 0 || waiting.isEmpty()) {
      return null;
    }
    free--;
    return waiting.remove();
  }
}
