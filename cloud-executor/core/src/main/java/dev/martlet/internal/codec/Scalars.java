package dev.martlet.internal.codec;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values that are no objects of a graph: null and boxed primitives, and as roots short strings.
 * They are written as in a graph.
 */
public final class Scalars {
  /** The most bytes that a value takes, strings apart. */
  public static final int MOST = 11;

  private static final int SHORT = 1 << 12;

  private Scalars() {}

  /** Returns whether the bytes from a position to the limit are such a root. */
  public static boolean is(ByteBuffer bytes, int at) {
    return bytes.hasArray()
        && at < bytes.limit()
        && ((bytes.get(at) >= Wire.NULL && bytes.get(at) <= Wire.STRING)
            || bytes.get(at) == Wire.LITERAL)
        && bytes.limit() - at < SHORT;
  }

  /**
   * Writes a value that is no string.
   *
   * @return false, and nothing is written, if it is something else
   */
  public static boolean write(@Nullable Object o, ByteBuffer to) {
    if (o == null) {
      to.put((byte) Wire.NULL);
    } else if (o instanceof Integer i) {
      to.put((byte) Wire.INT);
      writeLong(i, to);
    } else if (o instanceof Long l) {
      to.put((byte) Wire.LONG);
      writeLong(l, to);
    } else if (o instanceof Double d) {
      to.put((byte) Wire.DOUBLE);
      writeFixedLong(Double.doubleToRawLongBits(d), to);
    } else if (o instanceof Boolean b) {
      to.put((byte) (b ? Wire.TRUE : Wire.FALSE));
    } else if (o instanceof Float f) {
      to.put((byte) Wire.FLOAT);
      writeFixedInt(Float.floatToRawIntBits(f), to);
    } else if (o instanceof Short s) {
      to.put((byte) Wire.SHORT);
      writeLong(s, to);
    } else if (o instanceof Byte b) {
      to.put((byte) Wire.BYTE);
      to.put(b);
    } else if (o instanceof Character c) {
      to.put((byte) Wire.CHAR);
      writeVar(c, to);
    } else {
      return false;
    }
    return true;
  }

  /**
   * Reads a value.
   *
   * @throws CodecException if it is none
   */
  public static @Nullable Object read(ByteBuffer from) {
    try {
      return value(from);
    } catch (BufferUnderflowException e) {
      throw new CodecException("the bytes end too early", e);
    }
  }

  @SuppressWarnings("StatementSwitchToExpressionSwitch") // as it is, it compiles to one jump
  private static @Nullable Object value(ByteBuffer from) {
    int token = from.get();
    return switch (token) {
      case Wire.NULL -> null;
      case Wire.TRUE -> true;
      case Wire.FALSE -> false;
      case Wire.INT -> (int) readLong(from);
      case Wire.LONG -> readLong(from);
      case Wire.DOUBLE -> Double.longBitsToDouble(readFixedLong(from));
      case Wire.FLOAT -> Float.intBitsToFloat(readFixedInt(from));
      case Wire.SHORT -> (short) readLong(from);
      case Wire.BYTE -> from.get();
      case Wire.CHAR -> (char) readVar(from);
      case Wire.STRING -> text(from);
      case Wire.LITERAL -> text(from).intern();
      default -> throw new CodecException("no scalar begins with " + token);
    };
  }

  private static String text(ByteBuffer from) {
    return new ByteSource(List.of(from.duplicate())).readString();
  }

  static void writeVar(long v, ByteBuffer to) {
    while ((v & ~0x7FL) != 0) {
      to.put((byte) (v | 0x80));
      v >>>= 7;
    }
    to.put((byte) v);
  }

  static void writeLong(long v, ByteBuffer to) {
    writeVar((v << 1) ^ (v >> 63), to);
  }

  static void writeFixedInt(int v, ByteBuffer to) {
    to.putInt(Integer.reverseBytes(v));
  }

  static void writeFixedLong(long v, ByteBuffer to) {
    to.putLong(Long.reverseBytes(v));
  }

  static long readVar(ByteBuffer from) {
    long v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int b = from.get();
      v |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw new CodecException("a number is too long");
  }

  static long readLong(ByteBuffer from) {
    long v = readVar(from);
    return (v >>> 1) ^ -(v & 1);
  }

  static int readFixedInt(ByteBuffer from) {
    return Integer.reverseBytes(from.getInt());
  }

  static long readFixedLong(ByteBuffer from) {
    return Long.reverseBytes(from.getLong());
  }
}
