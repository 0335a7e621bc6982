package dev.martlet.internal.dispatch;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a call has printed so far, over its attempts: an attempt that repeats a lost one does not
 * say again what that one has said already. Confined to whoever holds the attempt's lines.
 */
final class Lines {
  private static final int MOST = 1 << 12;

  private int[] hashes = {};
  private int count;
  private int repeated;

  /** An attempt begins. */
  void begin() {
    repeated = 0;
  }

  /** Returns whether a message of the current attempt has not been handed on by a former one. */
  boolean isNew(ByteBuffer message) {
    int hash = message.hashCode();
    if (repeated < count) {
      if (hashes[repeated] == hash) {
        repeated++;
        return false;
      }
      count = repeated;
    }
    if (count < MOST) {
      if (count == hashes.length) {
        hashes = Arrays.copyOf(hashes, Math.max(4, 2 * count));
      }
      hashes[count++] = hash;
      repeated = count;
    }
    return true;
  }
}
