package dev.martlet.internal.codec;

import java.lang.reflect.Array;

/**
 * Elements that were written to a primitive array.
 *
 * @param from the index of the first
 * @param values an array of them
 */
public record ArrayRange(int from, Object values) {
  long bytes() {
    return (long) Array.getLength(values) * Elements.width(values);
  }
}
