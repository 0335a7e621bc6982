package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A growing row of chunks of bytes, without a limit of 2 GB. Long arrays of bytes may be lent: then
 * they are not copied but become part of the row.
 */
@SuppressWarnings("ByteBufferBackingArray") // what is not lent wraps arrays of ours
final class ByteSink {
  private static final int FIRST = 512;

  // With its header within a megabyte: collectors give large arrays whole regions of that size.
  private static final int CHUNK = (1 << 20) - (1 << 10);

  private static final int LENT = 1 << 14;

  private byte[] first = new byte[FIRST];
  private byte[] buf = first;
  private int start; // of what is in buf but not in full
  private int pos;
  private final List<ByteBuffer> full = new ArrayList<>(); // read-only where lent
  private long fullBytes;
  private boolean lends;

  long size() {
    return fullBytes + (pos - start);
  }

  void reset() {
    full.clear();
    fullBytes = 0;
    buf = first;
    start = 0;
    pos = 0;
    lends = false;
  }

  /** Sets whether long arrays of bytes are lent, and returns whether they were. */
  boolean lend(boolean lend) {
    boolean former = lends;
    lends = lend;
    return former;
  }

  /** Forgets what was written from a size on. */
  void truncate(long size) {
    while (size < fullBytes) {
      ByteBuffer last = full.remove(full.size() - 1);
      fullBytes -= last.remaining();
      if (last.isReadOnly()) {
        last.limit(last.position() + (int) Math.max(0, size - fullBytes));
        start = pos;
        if (last.hasRemaining()) {
          full.add(last);
          fullBytes += last.remaining();
        }
      } else {
        buf = last.array();
        start = last.position();
      }
    }
    pos = start + (int) (size - fullBytes);
  }

  private void cut() {
    if (pos > start) {
      full.add(ByteBuffer.wrap(buf, start, pos - start));
      fullBytes += pos - start;
      start = pos;
    }
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
      cut();
      if (buf == first) {
        first = new byte[FIRST];
      }
      buf = Memory.bytes(Math.max(n, CHUNK));
      start = 0;
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
    char[] some = new char[Math.min(n, 1 << 12)];
    for (int from = 0; from < n; from += some.length) {
      int piece = Math.min(n - from, some.length);
      s.getChars(from, from + piece, some, 0);
      writeElements(some, 0, piece);
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
      if (lends && length >= LENT) {
        cut();
        full.add(ByteBuffer.wrap(b, from, length).asReadOnlyBuffer());
        fullBytes += length;
      } else {
        write(b, from, length);
      }
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
    if (pos > start || all.isEmpty()) {
      all.add(ByteBuffer.wrap(buf, start, pos - start));
    }
    return all;
  }

  byte[] toByteArray() {
    byte[] all = Memory.bytes(Math.toIntExact(size()));
    int at = 0;
    for (ByteBuffer b : full) {
      b.get(b.position(), all, at, b.remaining());
      at += b.remaining();
    }
    System.arraycopy(buf, start, all, at, pos - start);
    return all;
  }
}
