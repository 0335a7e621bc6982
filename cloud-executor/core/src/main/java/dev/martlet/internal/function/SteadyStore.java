package dev.martlet.internal.function;

import dev.martlet.spi.Store;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that tries again what fails and may yet succeed, some times, later and later. What was
 * written by an attempt that failed may be found by the next one.
 */
final class SteadyStore implements Store {
  private static final int MOST = 7;
  private static final long FIRST_PAUSE_MILLIS = 20;

  private final Store store;
  private final ScheduledExecutorService timer;

  SteadyStore(Store store, ScheduledExecutorService timer) {
    this.store = store;
    this.timer = timer;
  }

  @Override
  public CompletableFuture<Void> put(String key, List<ByteBuffer> content) {
    return steadily(() -> store.put(key, again(content)));
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content) {
    return steadily(() -> store.putIfAbsent(key, again(content)));
  }

  /** A failed attempt may have read some of it. */
  private static List<ByteBuffer> again(List<ByteBuffer> content) {
    List<ByteBuffer> all = new ArrayList<>(content.size());
    for (ByteBuffer b : content) {
      all.add(b.duplicate());
    }
    return all;
  }

  @Override
  public CompletableFuture<@Nullable ByteBuffer> get(String key) {
    return steadily(() -> store.get(key));
  }

  @Override
  public CompletableFuture<@Nullable ByteBuffer> get(String key, long from, int length) {
    return steadily(() -> store.get(key, from, length));
  }

  @Override
  public CompletableFuture<@Nullable Item> find(String key) {
    return steadily(() -> store.find(key));
  }

  @Override
  public CompletableFuture<Page> list(String prefix, String after) {
    return steadily(() -> store.list(prefix, after));
  }

  @Override
  public CompletableFuture<Void> delete(Collection<String> keys) {
    return steadily(() -> store.delete(keys));
  }

  @Override
  public void close() {
    store.close();
  }

  private <T extends @Nullable Object> CompletableFuture<T> steadily(
      Supplier<CompletableFuture<T>> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    attempt(action, 1, result);
    return result;
  }

  private <T extends @Nullable Object> void attempt(
      Supplier<CompletableFuture<T>> action, int number, CompletableFuture<T> result) {
    CompletableFuture<T> attempt;
    try {
      attempt = action.get();
    } catch (RuntimeException | Error e) {
      attempt = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<T> unused =
        attempt.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                result.complete(value);
                return;
              }
              Throwable cause = FunctionPlatform.cause(failure);
              boolean hopeful = cause instanceof StoreException e && e.isTransient();
              if (number >= MOST || !hopeful || !later(action, number, result)) {
                result.completeExceptionally(cause);
              }
            });
  }

  private <T extends @Nullable Object> boolean later(
      Supplier<CompletableFuture<T>> action, int number, CompletableFuture<T> result) {
    long longest = FIRST_PAUSE_MILLIS << number;
    long pause = ThreadLocalRandom.current().nextLong(longest / 2, longest);
    try {
      Future<?> unused =
          timer.schedule(() -> attempt(action, number + 1, result), pause, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return false;
    }
  }
}
