package dev.martlet.internal.leaf;

import dev.martlet.internal.leaf.Sinks.Shape;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * The numbers of a leaf that is a range.
 *
 * @param from the first
 * @param upTo the last, or one less than the first if there is none
 */
public record Range(long from, long upTo) {
  /** Returns how many they are; no leaf is longer than a long can say. */
  public long size() {
    return upTo - from + 1;
  }

  /** Gives them to a sink, and returns how many it took. */
  public long feed(Shape in, Object sink, boolean cancellable) {
    if (from > upTo) {
      return 0;
    }
    if (in == Shape.INT) {
      IntConsumer to = (IntConsumer) sink;
      int last = (int) upTo;
      int i = (int) from;
      for (; !(cancellable && Sinks.isCancelled(sink)); i++) {
        to.accept(i);
        if (i == last) {
          return size();
        }
      }
      return i - from;
    }
    LongConsumer to = (LongConsumer) sink;
    long i = from;
    for (; !(cancellable && Sinks.isCancelled(sink)); i++) {
      to.accept(i);
      if (i == upTo) {
        return size();
      }
    }
    return i - from;
  }
}
