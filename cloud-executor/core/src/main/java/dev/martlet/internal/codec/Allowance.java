package dev.martlet.internal.codec;

/**
 * How much more room the tables of a graph may have than their entries need, all together: a few
 * bytes of a graph that is not trusted cannot take all memory. For use by one thread.
 */
final class Allowance {
  private long left = 1 << 20;

  boolean take(long slots) {
    if (slots > left) {
      return false;
    }
    left -= slots;
    return true;
  }
}
