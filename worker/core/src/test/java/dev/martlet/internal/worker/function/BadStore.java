package dev.martlet.internal.worker.function;

import dev.martlet.spi.Store;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A store that is slow and fails as the weather says, before or after it has done something. */
final class BadStore implements Store {
  private final Store store;
  private final Weather weather;

  BadStore(Store store, Weather weather) {
    this.store = store;
    this.weather = weather;
  }

  private <T> CompletableFuture<T> maybe(Supplier<CompletableFuture<T>> action) {
    boolean fails = weather.storeFails();
    CompletableFuture<T> done =
        fails && weather.coin() ? CompletableFuture.completedFuture(null) : action.get();
    return done.thenApplyAsync(
        value -> {
          if (fails) {
            throw new StoreException("the store fails on purpose", true, null);
          }
          return value;
        },
        CompletableFuture.delayedExecutor(weather.storeNanos(), TimeUnit.NANOSECONDS));
  }

  @Override
  public CompletableFuture<Void> put(String key, List<ByteBuffer> content) {
    return maybe(() -> store.put(key, content));
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content) {
    return maybe(() -> store.putIfAbsent(key, content));
  }

  @Override
  public CompletableFuture<ByteBuffer> get(String key) {
    return maybe(() -> store.get(key));
  }

  @Override
  public CompletableFuture<ByteBuffer> get(String key, long from, int length) {
    return maybe(() -> store.get(key, from, length));
  }

  @Override
  public CompletableFuture<Item> find(String key) {
    return maybe(() -> store.find(key));
  }

  @Override
  public CompletableFuture<Page> list(String prefix, String after) {
    return maybe(() -> store.list(prefix, after));
  }

  @Override
  public CompletableFuture<Void> delete(Collection<String> keys) {
    return maybe(() -> store.delete(keys));
  }

  @Override
  public void close() {}
}
