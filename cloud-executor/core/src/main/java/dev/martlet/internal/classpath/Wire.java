package dev.martlet.internal.classpath;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The questions that a worker asks about the client's classes, and the pieces that questions and
 * answers are made of. A question is a type byte and its arguments:
 *
 * <pre>
 * IMAGE      loader                      → generation, packages, loader image
 * HASHES     loader                      → count, a hash per entry; {@link Hash#NONE} for a
 *                                          directory and for what was changed or is unreadable
 * NAMES      hash of a jar               → {@link JarNames}
 * BLOB       hash, offset, length        → total length, bytes
 * FIND       loader, entry, name, known  → content
 * CLASS      loader, name, known         → defining loader, application?, source, content
 * RESOURCES  loader, name, all?          → count, (URL, content)…
 * CONSTANTS  loader, name of an enum     → count, an identity hash code per constant
 * FILES      loader, name                → count, (entry, content)… of all directories
 * TYPE       loader, name, anew?         → as CLASS
 * WOVEN      generation, loader, name, JDK
 *                                        → a class as another worker has woven it
 * </pre>
 *
 * Content is a hash, a length and, if {@code known} is not that hash and the length is at most
 * {@link #INLINE}, the bytes; others are read as blobs. An answer begins with {@link #OK}, {@link
 * #ABSENT} or {@link #ERROR} and a message. {@link #GIVEN} stands for {@link #OK} where a blob came
 * with the call itself: whoever asks need not check it, if nobody else gets it.
 *
 * <p>The client is never asked for WOVEN, since only workers weave: they answer one another, by way
 * of what the client keeps for them.
 *
 * <p>Workers on the client's machine ask with FIND and CLASS. Others ask with FILES and TYPE, whose
 * content never has its bytes: so what a name means, which each client tells for itself, is apart
 * from what is the same for all of them, the answers to BLOB and NAMES.
 */
public final class Wire {
  public static final byte IMAGE = 1;
  public static final byte HASHES = 2;
  public static final byte NAMES = 3;
  public static final byte BLOB = 4;
  public static final byte FIND = 5;
  public static final byte CLASS = 6;
  public static final byte RESOURCES = 7;
  public static final byte CONSTANTS = 8;
  public static final byte FILES = 9;
  public static final byte TYPE = 10;
  public static final byte WOVEN = 11;

  public static final byte OK = 0;
  public static final byte ABSENT = 1;
  public static final byte ERROR = 2;
  public static final byte GIVEN = 3;

  /** The longest content that an answer carries itself. */
  public static final int INLINE = 1 << 18;

  /** The longest piece of a blob. */
  public static final int CHUNK = 1 << 20;

  /** The longest string. */
  public static final int STRING = 1 << 16;

  /** The most elements of a list. */
  public static final int LIST = 1 << 17;

  private Wire() {}

  /** Something that cannot be a question or an answer. */
  public static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Creates the exception. */
    public MalformedException(String message) {
      super(message);
    }
  }

  /**
   * Reads pieces, each checked against what is left: from an array, since buffers take a new JVM
   * long.
   */
  public static final class Reader {
    private final byte[] in;
    private final int end;
    private int at;

    /** Creates a reader of the remaining bytes, which stay as they are. */
    public Reader(ByteBuffer in) {
      if (in.hasArray()) {
        this.in = in.array();
        at = in.arrayOffset() + in.position();
      } else {
        this.in = new byte[in.remaining()];
        in.duplicate().get(this.in);
      }
      end = at + in.remaining();
    }

    private Reader(byte[] in, int from, int end) {
      this.in = in;
      this.at = from;
      this.end = end;
    }

    /** Reads a byte. */
    public byte get() {
      return in[take(1)];
    }

    /** Reads a boolean. */
    public boolean bool() {
      return get() != 0;
    }

    /** Reads an int. */
    public int integer() {
      return Wire.integer(in, take(4));
    }

    /** Reads a long. */
    public long number() {
      int high = integer();
      return (long) high << 32 | (integer() & 0xFFFF_FFFFL);
    }

    /** Reads a string. */
    public String string() {
      int n = length(STRING);
      return n == 0 ? "" : new String(in, take(n), n, StandardCharsets.UTF_8);
    }

    /** Reads a hash. */
    public Hash hash() {
      int from = take(Hash.LENGTH);
      return Hash.ofSum(Arrays.copyOfRange(in, from, at));
    }

    /** Reads the length of a list. */
    public int count() {
      int n = integer();
      if (n < 0 || n > LIST || n > end - at) {
        throw new MalformedException("a list of " + n);
      }
      return n;
    }

    /** Reads bytes with their length. */
    public byte[] bytes(int limit) {
      int from = take(length(limit));
      return Arrays.copyOfRange(in, from, at);
    }

    /** Returns a reader of bytes that have their length before them. */
    Reader part() {
      int from = take(length(Integer.MAX_VALUE));
      return new Reader(in, from, at);
    }

    /** Checks that nothing is left. */
    public void end() {
      if (at < end) {
        throw new MalformedException((end - at) + " bytes too many");
      }
    }

    private int length(int limit) {
      int n = integer();
      if (n < 0 || n > limit) {
        throw new MalformedException("a length of " + n + ", at most " + limit);
      }
      return n;
    }

    private int take(int n) {
      if (end - at < n) {
        throw new MalformedException("cut off: " + n + " bytes wanted, " + (end - at) + " left");
      }
      int from = at;
      at += n;
      return from;
    }
  }

  /** Writes pieces. */
  public static final class Writer {
    private ByteBuffer out = ByteBuffer.allocate(256);

    /** Creates a writer of a part of a question or an answer. */
    Writer() {}

    /** Creates a writer whose first byte is a question's or an answer's type. */
    public Writer(byte type) {
      out.put(type);
    }

    /** Writes a boolean. */
    public Writer bool(boolean b) {
      room(1).put((byte) (b ? 1 : 0));
      return this;
    }

    /** Writes a byte. */
    public Writer put(byte b) {
      room(1).put(b);
      return this;
    }

    /** Writes an int. */
    public Writer integer(int i) {
      room(4).putInt(i);
      return this;
    }

    /** Writes a long. */
    public Writer number(long l) {
      room(8).putLong(l);
      return this;
    }

    /** Writes a string. */
    public Writer string(String s) {
      byte[] b = s.getBytes(StandardCharsets.UTF_8);
      if (b.length > STRING) {
        throw new MalformedException("a string of " + b.length + " bytes");
      }
      return bytes(b);
    }

    /** Writes a hash. */
    public Writer hash(Hash h) {
      room(Hash.LENGTH).put(h.sum());
      return this;
    }

    /** Writes bytes with their length. */
    public Writer bytes(byte[] b) {
      room(4 + b.length).putInt(b.length).put(b);
      return this;
    }

    /** Writes bytes as they are. */
    Writer raw(ByteBuffer bytes) {
      room(bytes.remaining()).put(bytes);
      return this;
    }

    /** Writes what another has written, with its length. */
    Writer part(Writer other) {
      ByteBuffer bytes = other.done();
      room(4 + bytes.remaining()).putInt(bytes.remaining()).put(bytes);
      return this;
    }

    /** Returns what was written. */
    public ByteBuffer done() {
      return out.flip();
    }

    private ByteBuffer room(int n) {
      if (out.remaining() < n) {
        int size = Math.addExact(out.position(), n);
        out =
            ByteBuffer.allocate(Math.max(size, (int) Math.min(2L * size, 1 << 30))).put(out.flip());
      }
      return out;
    }
  }

  /** Returns the int that begins at a byte. */
  static int integer(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }

  /** Returns a good answer as one that came with the call, others as they are. */
  static ByteBuffer given(ByteBuffer answer) {
    if (answer.get(answer.position()) != OK) {
      return answer.duplicate();
    }
    ByteBuffer given = ByteBuffer.allocate(answer.remaining()).put(answer.duplicate()).flip();
    return given.put(0, GIVEN);
  }

  /** Returns an answer that says what is wrong. */
  static ByteBuffer error(Throwable e) {
    String message =
        e instanceof BufferUnderflowException ? "cut off" : String.valueOf(e.getMessage());
    String text = e.getClass().getSimpleName() + ": " + message;
    return new Writer(ERROR).string(text.substring(0, Math.min(text.length(), 2000))).done();
  }
}
