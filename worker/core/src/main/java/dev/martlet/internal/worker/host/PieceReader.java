package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;

/** Reads an answer that consists of pieces of arrays. What came by itself is not copied. */
final class PieceReader {
  private final ByteBuffer[] parts;
  private int part;

  PieceReader(ByteBuffer[] answer) {
    parts = answer;
    if (answer[0].get() != Protocol.OK) {
      throw new CodecException("pieces of an array cannot be had");
    }
  }

  @SuppressWarnings("ByteBufferBackingArray") // they are the receiver's own
  byte[] next(int length) {
    ByteBuffer b = part();
    if (b.hasArray() && b.position() == 0 && b.array().length == length && b.limit() == length) {
      b.position(length);
      return b.array();
    }
    byte[] piece = Memory.bytes(length);
    for (int at = 0; at < length; ) {
      b = part();
      int n = Math.min(length - at, b.remaining());
      b.get(piece, at, n);
      at += n;
    }
    return piece;
  }

  private ByteBuffer part() {
    while (part < parts.length && !parts[part].hasRemaining()) {
      part++;
    }
    if (part == parts.length) {
      throw new CodecException("pieces of an array are missing");
    }
    return parts[part];
  }
}
