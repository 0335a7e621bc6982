package dev.martlet.internal.local;

import dev.martlet.internal.agent.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A payload that arrives at a {@link Wire} in chunks. If there is no memory for it, the rest of it
 * is skipped, so that the line can go on.
 */
final class Incoming {
  final long number;
  final byte type;
  final long id;
  final int slot;
  private final int[] ends; // of the parts
  private final byte[][] bytes;
  private @Nullable OutOfMemoryError failure;
  private int part;
  private int at;

  Incoming(long number, byte type, long id, int slot, int[] ends) {
    this.number = number;
    this.type = type;
    this.id = id;
    this.slot = slot;
    this.ends = ends;
    this.bytes = new byte[ends.length][];
  }

  int size() {
    return ends[ends.length - 1];
  }

  int left() {
    return size() - at;
  }

  boolean isComplete() {
    return left() == 0;
  }

  /** Returns why there is no payload, or {@code null}. */
  @Nullable OutOfMemoryError failure() {
    return failure;
  }

  void take(ByteBuffer from, int n) {
    int end = at + n;
    int limit = from.position() + n;
    try {
      if (failure == null) {
        copy(from, n);
      }
    } catch (OutOfMemoryError e) {
      failure = e;
      Arrays.fill(bytes, null);
    }
    at = end;
    from.position(limit);
  }

  private void copy(ByteBuffer from, int n) {
    for (int todo = n; todo > 0; ) {
      while (at == ends[part]) {
        part++;
      }
      int begin = part == 0 ? 0 : ends[part - 1];
      byte[] b = bytes[part];
      if (b == null) {
        b = Memory.bytes(ends[part] - begin);
        bytes[part] = b;
      }
      int k = Math.min(todo, ends[part] - at);
      from.get(b, at - begin, k);
      at += k;
      todo -= k;
    }
  }

  ByteBuffer[] parts() {
    ByteBuffer[] parts = new ByteBuffer[bytes.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = ByteBuffer.wrap(bytes[i] == null ? new byte[0] : bytes[i]);
    }
    return parts;
  }
}
