package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A request that an instance makes for a call of a call that it runs itself. Whoever made the
 * request waits for the answer, and nobody else does: there are no letters, and no questions.
 *
 * @param depth how many calls are above, which wait for this one; from 1
 * @param nanos for how long somebody waits
 * @param request the request
 */
public record Nested(int depth, long nanos, ByteBuffer request) {
  // No request begins like this.
  private static final byte MARK = 'N';
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 30;

  /** Returns whether bytes are a nested request rather than a {@link Request} by itself. */
  public static boolean is(ByteBuffer bytes) {
    return bytes.hasRemaining() && bytes.get(bytes.position()) == MARK;
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out =
        new Fields.Out().put(VERSION).putInt(depth).putLong(nanos).putBytes(List.of(request));
    ByteBuffer content = out.done();
    return ByteBuffer.allocate(1 + content.remaining()).put(MARK).put(content).flip();
  }

  /**
   * Reads a nested request.
   *
   * @throws MalformedException if it is none
   */
  public static Nested decode(ByteBuffer bytes) {
    Fields.require(is(bytes), "no nested request");
    Fields.In in =
        Fields.In.unpack(bytes.slice(bytes.position() + 1, bytes.remaining() - 1), LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    Nested nested = new Nested(in.getInt(), in.getLong(), in.getBytes());
    Fields.require(nested.depth > 0, "a depth of " + nested.depth);
    in.end();
    return nested;
  }
}
