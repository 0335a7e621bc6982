package dev.martlet.spi;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Object storage: for what is too big for an invocation, or must outlive the client. Objects are
 * read as they were last written, at once and by everybody. Thread-safe; no method blocks.
 *
 * <p>Keys are of ASCII letters, digits and {@code / . _ - =}, and of 900 characters at most. What
 * fails completes the future with a {@link StoreException} that names the key.
 */
public interface Store extends AutoCloseable {
  /**
   * Writes an object, over a former one of the key.
   *
   * @param content its bytes; the buffers belong to the store until the future is complete
   */
  CompletableFuture<Void> put(String key, List<ByteBuffer> content);

  /**
   * Writes an object unless there is one of the key. Of several who do so at once, one succeeds.
   *
   * @return whether it was written
   */
  CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content);

  /** Reads an object; null if there is none. */
  CompletableFuture<@Nullable ByteBuffer> get(String key);

  /**
   * Reads a range of an object; null if there is no such object. A range that goes beyond the
   * object ends with it.
   *
   * @param from the first byte, which the object has
   * @param length how many bytes, 1 or more
   */
  CompletableFuture<@Nullable ByteBuffer> get(String key, long from, int length);

  /** Returns what is known of an object; null if there is none. */
  CompletableFuture<@Nullable Item> find(String key);

  /**
   * Lists objects in the order of their keys, a page at a time.
   *
   * @param prefix how the keys begin
   * @param after lists keys after this one only; empty for the first page
   */
  CompletableFuture<Page> list(String prefix, String after);

  /** Deletes objects; those that are not there count as deleted. */
  CompletableFuture<Void> delete(Collection<String> keys);

  /** Gives connections back. What is under way may fail. */
  @Override
  void close();

  /**
   * An object.
   *
   * @param key its key
   * @param size its bytes
   * @param modified when it was written
   */
  record Item(String key, long size, Instant modified) {}

  /**
   * A page of a list.
   *
   * @param items at most some thousand objects
   * @param more whether there are objects after the last one of these
   */
  record Page(List<Item> items, boolean more) {
    /** Creates a page with an unmodifiable copy. */
    public Page {
      items = List.copyOf(items);
    }
  }
}
