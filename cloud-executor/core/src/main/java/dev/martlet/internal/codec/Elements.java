package dev.martlet.internal.codec;

import java.nio.ByteBuffer;

/** Bulk copies between primitive arrays and bytes. */
final class Elements {
  private Elements() {}

  static int width(Object array) {
    return switch (array.getClass().descriptorString().charAt(1)) {
      case 'B', 'Z' -> 1;
      case 'S', 'C' -> 2;
      case 'I', 'F' -> 4;
      default -> 8;
    };
  }

  static void put(Object array, int from, int n, ByteBuffer to) {
    switch (array.getClass().descriptorString().charAt(1)) {
      case 'S' -> to.asShortBuffer().put((short[]) array, from, n);
      case 'C' -> to.asCharBuffer().put((char[]) array, from, n);
      case 'I' -> to.asIntBuffer().put((int[]) array, from, n);
      case 'F' -> to.asFloatBuffer().put((float[]) array, from, n);
      case 'J' -> to.asLongBuffer().put((long[]) array, from, n);
      case 'D' -> to.asDoubleBuffer().put((double[]) array, from, n);
      default -> throw new IllegalArgumentException(array.getClass().getName());
    }
  }

  static void get(ByteBuffer from, Object array, int at, int n) {
    switch (array.getClass().descriptorString().charAt(1)) {
      case 'S' -> from.asShortBuffer().get((short[]) array, at, n);
      case 'C' -> from.asCharBuffer().get((char[]) array, at, n);
      case 'I' -> from.asIntBuffer().get((int[]) array, at, n);
      case 'F' -> from.asFloatBuffer().get((float[]) array, at, n);
      case 'J' -> from.asLongBuffer().get((long[]) array, at, n);
      case 'D' -> from.asDoubleBuffer().get((double[]) array, at, n);
      default -> throw new IllegalArgumentException(array.getClass().getName());
    }
  }
}
