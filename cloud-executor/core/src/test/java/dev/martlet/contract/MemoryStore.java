package dev.martlet.contract;

import dev.martlet.spi.Store;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A store in this JVM, whose futures are complete at once. */
public final class MemoryStore implements Store {
  private static final int PAGE = 1000;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9/._=-]{1,900}");

  private final ConcurrentNavigableMap<String, Stored> all = new ConcurrentSkipListMap<>();

  private record Stored(byte[] bytes, Instant modified) {
    Item item(String key) {
      return new Item(key, bytes.length, modified);
    }
  }

  /** Returns the keys of all objects. */
  public List<String> keys() {
    return List.copyOf(all.keySet());
  }

  private static <T> CompletableFuture<T> at(String key, Supplier<T> action) {
    if (!KEY.matcher(key).matches()) {
      return CompletableFuture.failedFuture(
          new StoreException("\"" + key + "\" is no key", false, null));
    }
    return CompletableFuture.completedFuture(action.get());
  }

  private static Stored stored(List<ByteBuffer> content) {
    ByteBuffer whole = ByteBuffer.allocate(content.stream().mapToInt(ByteBuffer::remaining).sum());
    content.forEach(b -> whole.put(b.duplicate()));
    return new Stored(whole.array(), Instant.now());
  }

  @Override
  public CompletableFuture<Void> put(String key, List<ByteBuffer> content) {
    return at(
        key,
        () -> {
          all.put(key, stored(content));
          return null;
        });
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content) {
    return at(key, () -> all.putIfAbsent(key, stored(content)) == null);
  }

  @Override
  public CompletableFuture<ByteBuffer> get(String key) {
    return at(
        key,
        () -> {
          Stored s = all.get(key);
          return s == null ? null : ByteBuffer.wrap(s.bytes.clone());
        });
  }

  @Override
  public CompletableFuture<ByteBuffer> get(String key, long from, int length) {
    return get(key)
        .thenApply(
            b ->
                b == null
                    ? null
                    : b.slice((int) from, Math.min(length, b.remaining() - (int) from)));
  }

  @Override
  public CompletableFuture<Item> find(String key) {
    return at(
        key,
        () -> {
          Stored s = all.get(key);
          return s == null ? null : s.item(key);
        });
  }

  @Override
  public CompletableFuture<Page> list(String prefix, String after) {
    List<Item> items = new ArrayList<>();
    boolean inclusive = prefix.compareTo(after) > 0;
    for (Map.Entry<String, Stored> e :
        all.tailMap(inclusive ? prefix : after, inclusive).entrySet()) {
      if (!e.getKey().startsWith(prefix)) {
        break;
      }
      if (items.size() == PAGE) {
        return CompletableFuture.completedFuture(new Page(items, true));
      }
      items.add(e.getValue().item(e.getKey()));
    }
    return CompletableFuture.completedFuture(new Page(items, false));
  }

  @Override
  public CompletableFuture<Void> delete(Collection<String> keys) {
    CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    for (String key : keys) {
      CompletableFuture<Void> next =
          at(
              key,
              () -> {
                all.remove(key);
                return null;
              });
      last = last.thenCompose(done -> next);
    }
    return last;
  }

  @Override
  public void close() {}
}
