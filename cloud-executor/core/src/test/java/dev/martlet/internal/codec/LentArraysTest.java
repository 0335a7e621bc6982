package dev.martlet.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Long arrays of bytes that are not copied on their way. */
class LentArraysTest {
  private static final int LONG = 1 << 16;

  private static byte[] random(int length) {
    byte[] b = new byte[length];
    new Random(length).nextBytes(b);
    return b;
  }

  private static GraphEncoder encode(Object o) throws UntravelableException {
    GraphEncoder encoder = new GraphEncoder(TestSpace.SPACE, Border.OPEN, new ObjectTable());
    encoder.lend();
    encoder.write(o);
    return encoder;
  }

  /** Joins what a line joins: whatever was not lent, up to the next that was. */
  private static List<ByteBuffer> parts(List<ByteBuffer> buffers) {
    List<ByteBuffer> parts = new ArrayList<>();
    byte[] plain = {};
    for (ByteBuffer b : buffers) {
      byte[] bytes = new byte[b.remaining()];
      b.duplicate().get(bytes);
      if (b.isReadOnly() && bytes.length >= LONG) {
        parts.add(ByteBuffer.wrap(plain));
        parts.add(ByteBuffer.wrap(bytes));
        plain = new byte[0];
      } else {
        int at = plain.length;
        plain = Arrays.copyOf(plain, at + bytes.length);
        System.arraycopy(bytes, 0, plain, at, bytes.length);
      }
    }
    parts.add(ByteBuffer.wrap(plain));
    return parts;
  }

  private static Object decode(List<ByteBuffer> parts) {
    ObjectTable table = new ObjectTable();
    GraphDecoder decoder =
        new GraphDecoder(TestSpace.SPACE, Border.OPEN, table, parts.get(0), Trust.INBOUND);
    decoder.resetParts(table, parts);
    Object o = decoder.read();
    assertThat(decoder.remaining()).isZero();
    return o;
  }

  @Test
  @DisplayName("a long array of bytes becomes part of the message, and its part becomes the array")
  void notCopied() throws Exception {
    byte[] array = random(LONG);
    List<ByteBuffer> parts = parts(encode(array).buffers());
    assertThat(parts).hasSize(3);
    assertThat(decode(parts)).isEqualTo(array).isSameAs(parts.get(1).array());
  }

  @Test
  @DisplayName("arrays of all lengths, shared ones among them, arrive in their places")
  void mixed() throws Exception {
    byte[] shared = random(LONG + 5);
    Object[] graph = {
      "before",
      random(LONG + 5),
      new Object[] {random(10), shared, random(1 << 14)},
      shared,
      random(LONG),
      new int[] {1, 2, 3},
      random(3 * LONG),
      "after"
    };
    Object[] copy = (Object[]) decode(parts(encode(graph).buffers()));
    assertThat(Arrays.deepEquals(copy, graph)).isTrue();
    assertThat(copy[3]).isSameAs(((Object[]) copy[2])[1]);
  }

  @Test
  @DisplayName("lent or not, the bytes are the same")
  void sameBytes() throws Exception {
    Object[] graph = {random(LONG), "x", random(2 * LONG)};
    assertThat(encode(graph).toByteArray()).isEqualTo(TestSpace.encode(graph));
  }

  @Test
  @DisplayName("a graph that does not travel leaves nothing behind lent arrays that were written")
  void undone() throws Exception {
    GraphEncoder encoder = encode(random(LONG));
    byte[] before = encoder.toByteArray();
    try {
      encoder.write(new Object[] {random(2 * LONG), new Thread()});
      throw new AssertionError("a thread has travelled");
    } catch (UntravelableException e) {
      assertThat(encoder.toByteArray()).isEqualTo(before);
    }
    encoder.write("more");
    assertThat(encoder.size()).isGreaterThan(before.length);
  }
}
