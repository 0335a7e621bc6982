package dev.martlet.internal.codec;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Roots that are no objects of a graph: null, boxed primitives and short strings. */
public final class Scalars {
  private static final int SHORT = 1 << 12;

  private Scalars() {}

  /** Returns whether the bytes from a position to the limit are such a root. */
  public static boolean is(ByteBuffer bytes, int at) {
    return bytes.hasArray()
        && at < bytes.limit()
        && bytes.get(at) >= Wire.NULL
        && bytes.get(at) <= Wire.STRING
        && bytes.limit() - at < SHORT;
  }

  /**
   * Reads the root.
   *
   * @throws CodecException if it is none
   */
  public static @Nullable Object read(ByteBuffer bytes, int at) {
    int token = bytes.get(at);
    if (token == Wire.NULL) {
      return null;
    }
    ByteSource source = new ByteSource(List.of(bytes.slice(at + 1, bytes.limit() - at - 1)));
    Object value;
    switch (token) {
      case Wire.TRUE -> value = true;
      case Wire.FALSE -> value = false;
      case Wire.INT -> value = source.readInt();
      case Wire.LONG -> value = source.readLong();
      case Wire.DOUBLE -> value = Double.longBitsToDouble(source.readFixedLong());
      case Wire.FLOAT -> value = Float.intBitsToFloat(source.readFixedInt());
      case Wire.SHORT -> value = (short) source.readInt();
      case Wire.BYTE -> value = (byte) source.readByte();
      case Wire.CHAR -> value = (char) source.readVar();
      case Wire.STRING -> value = source.readString();
      default -> throw new CodecException("no scalar begins with " + token);
    }
    return value;
  }
}
