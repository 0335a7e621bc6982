package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link ByteSink} wrote. Heap buffers are read in place, others through a window. */
final class ByteSource {
  private static final int WINDOW = 1 << 13;
  private static final byte[] EMPTY = {};

  private final List<ByteBuffer> buffers;
  private final boolean whole;
  private int claimed = -1;
  private boolean isWindow;
  private int next;
  private byte[] buf = EMPTY;
  private int pos;
  private int limit;
  private long beyond; // bytes after limit

  ByteSource(List<ByteBuffer> buffers) {
    this(buffers, false);
  }

  /**
   * Creates a source.
   *
   * @param whole whether every second buffer is the content of one array, for this to give away
   */
  ByteSource(List<ByteBuffer> buffers, boolean whole) {
    this.buffers = buffers;
    this.whole = whole;
    for (ByteBuffer b : buffers) {
      beyond += b.remaining();
    }
  }

  long remaining() {
    return beyond + (limit - pos);
  }

  /** Returns the next array that can be had as it is, if it has this length. */
  byte @Nullable [] claim(int length) {
    int i = claimed + 2;
    if (!whole || i >= buffers.size() || buffers.get(i).remaining() != length) {
      return null;
    }
    claimed = i;
    return buffers.get(i).array();
  }

  /** Returns where the elements of an array are, if they will stay there. */
  ObjectTable.@Nullable Origin origin(Object array, int length) {
    if (pos == limit) {
      refill();
    }
    long bytes = (long) length * Elements.width(array);
    return array instanceof boolean[]
            || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN
            || limit - pos < bytes
            || buf == array
            || isWindow
        ? null
        : new ObjectTable.Origin(buf, pos);
  }

  private void refill() {
    while (pos == limit) {
      if (next == buffers.size()) {
        throw new CodecException("the bytes end too early");
      }
      ByteBuffer b = buffers.get(next);
      if (!b.hasRemaining()) {
        next++;
      } else if (b.hasArray()) {
        isWindow = false;
        buf = b.array();
        pos = b.arrayOffset() + b.position();
        limit = pos + b.remaining();
        beyond -= b.remaining();
        b.position(b.limit());
        next++;
      } else {
        if (!isWindow) {
          buf = new byte[WINDOW];
        }
        isWindow = true;
        int n = Math.min(WINDOW, b.remaining());
        b.get(buf, 0, n);
        pos = 0;
        limit = n;
        beyond -= n;
      }
    }
  }

  int readByte() {
    if (pos == limit) {
      refill();
    }
    return buf[pos++];
  }

  /** Returns the next byte without taking it. */
  int peek() {
    if (pos == limit) {
      refill();
    }
    return buf[pos];
  }

  int readVar() {
    int v = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = readByte();
      v |= (b & 0x7F) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw new CodecException("a number is too long");
  }

  int readInt() {
    int v = readVar();
    return (v >>> 1) ^ -(v & 1);
  }

  long readLong() {
    long v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int b = readByte();
      v |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return (v >>> 1) ^ -(v & 1);
      }
    }
    throw new CodecException("a number is too long");
  }

  int readFixedShort() {
    return (readByte() & 0xFF) | (readByte() << 8);
  }

  int readFixedInt() {
    int v = 0;
    for (int i = 0; i < 4; i++) {
      v |= (readByte() & 0xFF) << (8 * i);
    }
    return v;
  }

  long readFixedLong() {
    long v = 0;
    for (int i = 0; i < 8; i++) {
      v |= (readByte() & 0xFFL) << (8 * i);
    }
    return v;
  }

  /** Reads a number of things that take at least {@code width} bytes each. */
  int readLength(int width) {
    int n = readVar();
    if (n < 0 || (long) n * width > remaining()) {
      throw new CodecException("a length of " + n + " exceeds the bytes");
    }
    return n;
  }

  @SuppressWarnings("deprecation") // String(byte[], int, int, int) is the copy that is wanted
  String readString() {
    long coded = readLong();
    boolean wide = (coded & 1) != 0;
    long length = coded >> 1;
    if (length < 0 || length * (wide ? 2 : 1) > remaining() || length > Integer.MAX_VALUE - 8) {
      throw new CodecException("a string of " + length + " exceeds the bytes");
    }
    int n = (int) length;
    if (wide) {
      char[] chars = new char[n];
      readElements(chars, 0, n);
      return new String(chars);
    }
    if (limit - pos >= n) {
      String s = new String(buf, 0, pos, n);
      pos += n;
      return s;
    }
    byte[] bytes = Memory.bytes(n);
    read(bytes, 0, n);
    return new String(bytes, 0);
  }

  void read(byte[] b, int from, int n) {
    while (n > 0) {
      if (pos == limit) {
        refill();
      }
      if (b == buf && from == pos && n == limit - pos) {
        pos = limit; // it was claimed
        return;
      }
      int piece = Math.min(n, limit - pos);
      System.arraycopy(buf, pos, b, from, piece);
      pos += piece;
      from += piece;
      n -= piece;
    }
  }

  void readElements(Object array, int from, int length) {
    if (array instanceof byte[] b) {
      read(b, from, length);
      return;
    }
    int to = from + length;
    if (array instanceof boolean[] z) {
      for (int i = from; i < to; i++) {
        z[i] = readByte() != 0;
      }
      return;
    }
    int width = Elements.width(array);
    byte[] split = new byte[width];
    while (from < to) {
      if (pos == limit) {
        refill();
      }
      int n = Math.min(to - from, (limit - pos) / width);
      if (n > 0) {
        Elements.get(slice(buf, pos, n * width), array, from, n);
        pos += n * width;
      } else {
        read(split, 0, width);
        n = 1;
        Elements.get(slice(split, 0, width), array, from, 1);
      }
      from += n;
    }
  }

  private static ByteBuffer slice(byte[] b, int from, int n) {
    return ByteBuffer.wrap(b, from, n).slice().order(ByteOrder.LITTLE_ENDIAN);
  }
}
