package dev.martlet.internal.codec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A list that finds its elements by identity. Short lists are scanned; the index of a longer one is
 * built by the first search, so that a list which is only read by position never pays for it.
 */
final class IdentityList {
  private static final int SCANNED = 12;

  private @Nullable Object[] items = new @Nullable Object[16];
  private int size;
  private int[] index = {}; // position + 1, open addressing
  private int indexed;

  int size() {
    return size;
  }

  @Nullable Object get(int position) {
    return items[position];
  }

  void set(int position, @Nullable Object o) {
    items[position] = o;
    if (position < indexed) {
      indexed = 0;
      Arrays.fill(index, 0);
    }
  }

  int add(@Nullable Object o) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size + (size >> 1));
    }
    items[size] = o;
    return size++;
  }

  int indexOf(Object o) {
    if (size <= SCANNED) {
      for (int i = 0; i < size; i++) {
        if (items[i] == o) {
          return i;
        }
      }
      return -1;
    }
    if (indexed < size) {
      extendIndex();
    }
    int mask = index.length - 1;
    for (int i = slot(o, mask); ; i = (i + 1) & mask) {
      int p = index[i];
      if (p == 0) {
        return -1;
      }
      if (items[p - 1] == o) {
        return p - 1;
      }
    }
  }

  void truncate(int newSize) {
    Arrays.fill(items, newSize, size, null);
    size = newSize;
    if (indexed > newSize) {
      indexed = 0;
      Arrays.fill(index, 0);
    }
  }

  void clear() {
    if (items.length > 1024) {
      items = new @Nullable Object[16];
      index = new int[0];
      indexed = 0;
      size = 0;
    } else {
      truncate(0);
    }
  }

  private void extendIndex() {
    if (index.length < size * 2) {
      index = new int[Integer.highestOneBit(size) * 4];
      indexed = 0;
    }
    int mask = index.length - 1;
    for (; indexed < size; indexed++) {
      Object o = items[indexed];
      if (o != null) {
        int i = slot(o, mask);
        while (index[i] != 0) {
          i = (i + 1) & mask;
        }
        index[i] = indexed + 1;
      }
    }
  }

  private static int slot(Object o, int mask) {
    int h = System.identityHashCode(o) * 0x9E3779B9;
    return (h ^ (h >>> 15)) & mask;
  }
}
