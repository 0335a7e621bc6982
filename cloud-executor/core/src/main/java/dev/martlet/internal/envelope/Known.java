package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A question whose answer is the same for every instance, with that answer. What one instance had
 * to ask, the others find in the store.
 */
public record Known(ByteBuffer question, List<ByteBuffer> answer) {
  private static final int LONGEST = 1 << 30;

  /** Returns the bytes of several. */
  public static ByteBuffer encode(List<Known> all) {
    Fields.Out out = new Fields.Out();
    write(all, out);
    return out.doneTightly();
  }

  static void write(List<Known> all, Fields.Out out) {
    out.putInt(all.size());
    for (Known k : all) {
      out.putBytes(List.of(k.question)).putBytes(k.answer);
    }
  }

  /**
   * Reads several.
   *
   * @throws MalformedException if it is none
   */
  public static List<Known> decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    List<Known> all = read(in);
    in.end();
    return all;
  }

  static List<Known> read(Fields.In in) {
    List<Known> all = new ArrayList<>();
    for (int n = in.getCount(8); n > 0; n--) {
      ByteBuffer question = in.getBytes();
      all.add(new Known(question, List.of(in.getBytes())));
    }
    return all;
  }
}
