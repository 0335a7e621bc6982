package dev.martlet.internal.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A growing row of chunks of bytes, without a limit of 2 GB. */
@SuppressWarnings("ByteBufferBackingArray") // all buffers wrap whole arrays of ours
final class ByteSink {
  private static final int FIRST = 512;
  private static final int CHUNK = 1 << 20;

  private byte[] first = new byte[FIRST];
  private byte[] buf = first;
  private int pos;
  private final List<ByteBuffer> full = new ArrayList<>();
  private long fullBytes;

  long size() {
    return fullBytes + pos;
  }

  void reset() {
    full.clear();
    fullBytes = 0;
    buf = first;
    pos = 0;
  }

  /** Forgets what was written from a size on. */
  void truncate(long size) {
    while (size < fullBytes) {
      ByteBuffer last = full.remove(full.size() - 1);
      fullBytes -= last.remaining();
      buf = last.array();
    }
    pos = (int) (size - fullBytes);
  }

  private void room(int n) {
    if (buf.length - pos < n) {
      grow(n);
    }
  }

  private void grow(int n) {
    if (full.isEmpty() && buf.length < CHUNK && pos + n <= CHUNK) {
      buf = Arrays.copyOf(buf, Math.max(pos + n, Math.min(CHUNK, buf.length * 4)));
      if (buf.length <= 1 << 16) {
        first = buf;
      }
    } else {
      full.add(ByteBuffer.wrap(buf, 0, pos));
      fullBytes += pos;
      if (buf == first) {
        first = new byte[FIRST];
      }
      buf = new byte[Math.max(n, CHUNK)];
      pos = 0;
    }
  }

  void writeByte(int b) {
    if (pos == buf.length) {
      grow(1);
    }
    buf[pos++] = (byte) b;
  }

  /** Writes an int in 1 to 5 bytes; small unsigned values take the fewest. */
  void writeVar(int v) {
    room(5);
    int p = pos;
    byte[] b = buf;
    while ((v & ~0x7F) != 0) {
      b[p++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    b[p++] = (byte) v;
    pos = p;
  }

  void writeInt(int v) {
    writeVar((v << 1) ^ (v >> 31));
  }

  void writeLong(long x) {
    room(10);
    long v = (x << 1) ^ (x >> 63);
    while ((v & ~0x7FL) != 0) {
      buf[pos++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    buf[pos++] = (byte) v;
  }

  void writeFixedShort(int v) {
    room(2);
    buf[pos] = (byte) v;
    buf[pos + 1] = (byte) (v >> 8);
    pos += 2;
  }

  void writeFixedInt(int v) {
    room(4);
    for (int i = 0; i < 4; i++) {
      buf[pos++] = (byte) (v >> (8 * i));
    }
  }

  void writeFixedLong(long v) {
    room(8);
    for (int i = 0; i < 8; i++) {
      buf[pos++] = (byte) (v >> (8 * i));
    }
  }

  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is the copy that is wanted
  void writeString(String s) {
    int n = s.length();
    for (int i = 0; i < n; i++) {
      if (s.charAt(i) > 0xFF) {
        writeWideString(s);
        return;
      }
    }
    writeLong((long) n << 1);
    int from = 0;
    while (from < n) {
      room(1);
      int piece = Math.min(n - from, Math.max(buf.length - pos, Math.min(n - from, CHUNK)));
      room(piece);
      s.getBytes(from, from + piece, buf, pos);
      pos += piece;
      from += piece;
    }
  }

  private void writeWideString(String s) {
    int n = s.length();
    writeLong(((long) n << 1) | 1);
    for (int i = 0; i < n; i++) {
      writeFixedShort(s.charAt(i));
    }
  }

  void write(byte[] b, int from, int n) {
    while (n > 0) {
      if (pos == buf.length) {
        grow(Math.min(n, CHUNK));
      }
      int piece = Math.min(n, buf.length - pos);
      System.arraycopy(b, from, buf, pos, piece);
      pos += piece;
      from += piece;
      n -= piece;
    }
  }

  /** Writes the elements of a primitive array, little-endian, without their number. */
  void writeElements(Object array, int from, int length) {
    if (array instanceof byte[] b) {
      write(b, from, length);
      return;
    }
    int to = from + length;
    if (array instanceof boolean[] z) {
      for (int i = from; i < to; i++) {
        writeByte(z[i] ? 1 : 0);
      }
      return;
    }
    int width = Elements.width(array);
    while (from < to) {
      if (buf.length - pos < width) {
        grow((int) Math.min((long) (to - from) * width, CHUNK));
      }
      int n = Math.min(to - from, (buf.length - pos) / width);
      ByteBuffer target =
          ByteBuffer.wrap(buf, pos, n * width).slice().order(ByteOrder.LITTLE_ENDIAN);
      Elements.put(array, from, n, target);
      pos += n * width;
      from += n;
    }
  }

  List<ByteBuffer> buffers() {
    List<ByteBuffer> all = new ArrayList<>(full.size() + 1);
    for (ByteBuffer b : full) {
      all.add(b.duplicate());
    }
    all.add(ByteBuffer.wrap(buf, 0, pos));
    return all;
  }

  byte[] toByteArray() {
    byte[] all = new byte[Math.toIntExact(size())];
    int at = 0;
    for (ByteBuffer b : full) {
      System.arraycopy(b.array(), b.arrayOffset() + b.position(), all, at, b.remaining());
      at += b.remaining();
    }
    System.arraycopy(buf, 0, all, at, pos);
    return all;
  }
}
