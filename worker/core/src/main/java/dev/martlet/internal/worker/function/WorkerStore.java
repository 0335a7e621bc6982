package dev.martlet.internal.worker.function;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The client's store, as a worker uses it. Thread-safe. */
public interface WorkerStore {
  /**
   * Reads an object; null if there is none.
   *
   * @throws IOException if it cannot be read, after all that might help was tried
   */
  @Nullable ByteBuffer get(String key) throws IOException;

  /**
   * Writes an object.
   *
   * @throws IOException if it cannot be written, after all that might help was tried
   */
  void put(String key, List<ByteBuffer> content) throws IOException;

  /**
   * Writes a small object within seconds or not at all.
   *
   * @throws IOException if that failed
   */
  default void putNow(String key, List<ByteBuffer> content) throws IOException {
    put(key, content);
  }

  /**
   * Writes an object unless there is one of the key. Of several who do so at once, one succeeds;
   * whoever does so again, not knowing what has become of the first time, may hear that it was
   * another.
   *
   * @return whether it was written for certain
   * @throws IOException if it cannot be written, after all that might help was tried
   */
  boolean putIfAbsent(String key, List<ByteBuffer> content) throws IOException;
}
