package dev.martlet.internal.dispatch;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds of light tasks the workers of which slots have been told of: a row of bits by slot.
 * It may be wrong, since workers come and go; a worker says what it does not know. Thread-safe.
 */
final class Told {
  private final AtomicReferenceArray<@Nullable AtomicIntegerArray> rows;

  Told(int slots) {
    rows = new AtomicReferenceArray<>(slots);
  }

  boolean is(int number, int slot) {
    AtomicIntegerArray row = slot < rows.length() ? rows.get(slot) : null;
    int word = number >> 5;
    return row != null && word < row.length() && (row.getAcquire(word) & 1 << number) != 0;
  }

  /** The slot's worker has been told, or is about to be. */
  synchronized void set(int number, int slot) {
    if (slot >= rows.length()) {
      return;
    }
    int word = number >> 5;
    AtomicIntegerArray row = rows.get(slot);
    if (row == null || word >= row.length()) {
      AtomicIntegerArray larger = new AtomicIntegerArray(Math.max(4, word * 2));
      for (int i = 0; row != null && i < row.length(); i++) {
        larger.set(i, row.get(i));
      }
      row = larger;
      rows.set(slot, row);
    }
    row.setRelease(word, row.get(word) | 1 << number);
  }
}
