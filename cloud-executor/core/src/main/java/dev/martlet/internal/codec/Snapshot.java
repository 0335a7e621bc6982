package dev.martlet.internal.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The content of an object that is built anew: elements in order, and a few numbers. */
final class Snapshot {
  private static final int[] NO_SHAPE = {};

  private @Nullable Object[] elements;
  private int size;
  long a;
  long b;
  int[] shape = NO_SHAPE;
  @Nullable Allowance allowance; // if capacities are bounded closely

  Snapshot() {
    this(new @Nullable Object[16]);
  }

  Snapshot(@Nullable Object[] buffer) {
    this.elements = buffer;
  }

  int size() {
    return size;
  }

  @Nullable Object get(int i) {
    return elements[i];
  }

  /** Returns the keys of a map. */
  List<@Nullable Object> keys() {
    List<@Nullable Object> keys = new ArrayList<>(size / 2);
    for (int i = 0; i + 1 < size; i += 2) {
      keys.add(elements[i]);
    }
    return keys;
  }

  void add(@Nullable Object o) {
    if (size == elements.length) {
      elements = Arrays.copyOf(elements, size * 2);
    }
    elements[size++] = o;
  }

  void set(int i, @Nullable Object o) {
    elements[i] = o;
  }

  /**
   * Returns the capacity to use for a map's table: the original's, which is {@code a}, unless it is
   * out of proportion.
   */
  long capacity() {
    long entries = size / 2;
    Allowance allowed = allowance;
    if (allowed == null) {
      return Math.min(a, Math.max(1 << 20, entries * 64));
    }
    long needed = Math.max(64, entries * 4);
    return a <= needed || allowed.take(a - needed) ? a : needed;
  }

  void clear() {
    if (elements.length > 1024) {
      elements = new @Nullable Object[16];
    } else {
      Arrays.fill(elements, 0, size, null);
    }
    size = 0;
    a = 0;
    b = 0;
    shape = NO_SHAPE;
  }

  @Nullable Object[] elements() {
    return Arrays.copyOf(elements, size);
  }
}
