package dev.martlet.internal.envelope;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The pieces that envelopes are made of. Every length is checked against what is there. */
final class Fields {
  private static final int PLAIN = 0;
  private static final int DEFLATED = 1;
  private static final int WORTH_IT = 512;
  private static final int CHUNK = 1 << 16;

  // A deflated byte is 1,032 bytes at most (RFC 1951).
  private static final int MOST_PACKED = 1_040;

  private Fields() {}

  /** Writes fields. */
  static final class Out {
    private final List<ByteBuffer> parts = new ArrayList<>();
    private ByteBuffer last = ByteBuffer.allocate(256);

    // Of it, what packing once more would not make shorter.
    private long packedBefore;

    Out put(int b) {
      room(1).put((byte) b);
      return this;
    }

    Out putInt(int i) {
      room(4).putInt(i);
      return this;
    }

    Out putLong(long l) {
      room(8).putLong(l);
      return this;
    }

    Out putRaw(byte[] bytes) {
      room(bytes.length).put(bytes);
      return this;
    }

    Out putString(String s) {
      byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
      return putInt(utf8.length).putRaw(utf8);
    }

    /** Writes bytes with their length. They must not change before all is written. */
    Out putBytes(List<ByteBuffer> bytes) {
      long length = 0;
      for (ByteBuffer b : bytes) {
        length += b.remaining();
      }
      putInt(Math.toIntExact(length));
      for (ByteBuffer b : bytes) {
        if (b.remaining() < CHUNK) {
          room(b.remaining()).put(b.duplicate());
        } else {
          parts.add(last.flip());
          parts.add(b.duplicate());
          last = ByteBuffer.allocate(256);
        }
      }
      return this;
    }

    /** Writes bytes that end what is written. They must not change before. */
    Out putRest(ByteBuffer bytes) {
      parts.add(last.flip());
      parts.add(bytes.duplicate());
      last = ByteBuffer.allocate(0);
      return this;
    }

    /** Writes, with their length, bytes that {@link #done} has packed. */
    Out putPacked(ByteBuffer packed) {
      packedBefore += packed.remaining();
      return putBytes(List.of(packed));
    }

    private ByteBuffer room(int bytes) {
      if (last.remaining() < bytes) {
        parts.add(last.flip());
        last = ByteBuffer.allocate(Math.max(bytes, Math.min(2 * last.capacity(), CHUNK)));
      }
      return last;
    }

    /** Returns all that was written, packed if that makes it shorter. */
    ByteBuffer done() {
      return done(Deflater.BEST_SPEED);
    }

    /** Returns the same, packed tighter: it is read more often than it is written. */
    ByteBuffer doneTightly() {
      return done(Deflater.DEFAULT_COMPRESSION);
    }

    private ByteBuffer done(int level) {
      parts.add(last.flip());
      long length = 0;
      for (ByteBuffer b : parts) {
        length += b.remaining();
      }
      int size = Math.toIntExact(length);
      int worthIt = size / 8;
      if (size >= WORTH_IT && length - packedBefore > worthIt) {
        byte[] packed = deflate(size, level);
        if (packed.length < size - worthIt) {
          return ByteBuffer.allocate(5 + packed.length)
              .put((byte) DEFLATED)
              .putInt(size)
              .put(packed)
              .flip();
        }
      }
      ByteBuffer all = ByteBuffer.allocate(Math.addExact(1, size)).put((byte) PLAIN);
      for (ByteBuffer b : parts) {
        all.put(b.duplicate());
      }
      return all.flip();
    }

    private byte[] deflate(int size, int level) {
      Deflater deflater = new Deflater(level, /* nowrap= */ true);
      try {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(64, size / 3));
        byte[] chunk = new byte[Math.min(size, CHUNK)];
        for (int i = 0; i < parts.size(); i++) {
          boolean isLast = i == parts.size() - 1;
          deflater.setInput(parts.get(i).duplicate());
          if (isLast) {
            deflater.finish();
          }
          while (isLast ? !deflater.finished() : !deflater.needsInput()) {
            out.write(chunk, 0, deflater.deflate(chunk));
          }
        }
        return out.toByteArray();
      } finally {
        deflater.end();
      }
    }
  }

  /** Reads fields. */
  static final class In {
    private final ByteBuffer in;

    /**
     * Unpacks what {@link Out#done} has packed.
     *
     * @param most how many bytes it may be at most
     */
    static In unpack(ByteBuffer packed, int most) {
      ByteBuffer in = packed.slice();
      require(in.remaining() >= 1, "nothing");
      int how = in.get();
      if (how == PLAIN) {
        return new In(in.slice());
      }
      require(how == DEFLATED && in.remaining() >= 4, "packed in an unknown way");
      int size = in.getInt();
      boolean possible = size >= 0 && size <= (long) in.remaining() * MOST_PACKED;
      require(possible && size <= most, size + " bytes, packed");
      Inflater inflater = new Inflater(/* nowrap= */ true);
      try {
        // The length is only believed as far as there is something to fill it.
        byte[] all = new byte[Math.min(size, CHUNK)];
        inflater.setInput(in);
        int at = 0;
        while (at < size) {
          if (at == all.length) {
            all = Arrays.copyOf(all, (int) Math.min(size, 2L * all.length));
          }
          int n = inflater.inflate(all, at, all.length - at);
          require(n > 0, "not whole");
          at += n;
        }
        return new In(ByteBuffer.wrap(all));
      } catch (DataFormatException e) {
        throw new MalformedException("it cannot be unpacked", e);
      } finally {
        inflater.end();
      }
    }

    private In(ByteBuffer in) {
      this.in = in;
    }

    int get() {
      need(1);
      return in.get();
    }

    int getInt() {
      need(4);
      return in.getInt();
    }

    long getLong() {
      need(8);
      return in.getLong();
    }

    byte[] getRaw(int length) {
      need(length);
      byte[] bytes = new byte[length];
      in.get(bytes);
      return bytes;
    }

    /** Reads a number of things, of at least so many bytes each. */
    int getCount(int bytesEach) {
      int count = getInt();
      require(count >= 0 && (long) count * bytesEach <= in.remaining(), count + " things");
      return count;
    }

    String getString() {
      return new String(getRaw(getCount(1)), StandardCharsets.UTF_8);
    }

    ByteBuffer getBytes() {
      int length = getCount(1);
      ByteBuffer slice = in.slice(in.position(), length);
      in.position(in.position() + length);
      return slice;
    }

    /** Reads all that is left. */
    ByteBuffer getRest() {
      ByteBuffer rest = in.slice();
      in.position(in.limit());
      return rest;
    }

    void end() {
      require(!in.hasRemaining(), in.remaining() + " bytes too many");
    }

    private void need(int bytes) {
      require(bytes >= 0 && bytes <= in.remaining(), "cut off");
    }
  }

  static void require(boolean condition, String what) {
    if (!condition) {
      throw new MalformedException(what, null);
    }
  }
}
