package dev.martlet.internal.aws.lambda;

import java.nio.ByteBuffer;
import java.util.Base64;

/** Bytes as Lambda carries them: Base64 in a JSON string. */
final class Envelope {
  private static final int IN = 3 << 12;

  private Envelope() {}

  /** Returns how many bytes fit an envelope of so many. */
  static int capacity(int envelope) {
    return (envelope - 2) / 4 * 3;
  }

  static byte[] wrap(ByteBuffer content) {
    ByteBuffer left = content.duplicate();
    byte[] envelope = new byte[2 + (int) ((left.remaining() + 2L) / 3 * 4)];
    envelope[0] = '"';
    int at = 1;
    byte[] in = new byte[Math.min(IN, left.remaining())];
    byte[] out = new byte[IN / 3 * 4];
    Base64.Encoder encoder = Base64.getEncoder();
    while (left.hasRemaining()) {
      int n = Math.min(IN, left.remaining());
      byte[] source = n == in.length ? in : new byte[n];
      left.get(source);
      int written = encoder.encode(source, out);
      System.arraycopy(out, 0, envelope, at, written);
      at += written;
    }
    envelope[at] = '"';
    return envelope;
  }

  /**
   * Returns what is in an envelope.
   *
   * @throws IllegalArgumentException if it is none
   */
  static ByteBuffer unwrap(byte[] envelope) {
    int last = envelope.length - 1;
    if (last < 1 || envelope[0] != '"' || envelope[last] != '"') {
      throw new IllegalArgumentException("no string");
    }
    return Base64.getDecoder().decode(ByteBuffer.wrap(envelope, 1, last - 1));
  }
}
