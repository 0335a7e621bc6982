package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A list of numbers. */
public final class Numbers {
  private static final int LONGEST = 1 << 28;

  private Numbers() {}

  /** Returns the bytes of numbers. */
  public static ByteBuffer encode(Collection<Integer> numbers) {
    Fields.Out out = new Fields.Out().putInt(numbers.size());
    numbers.forEach(out::putInt);
    return out.done();
  }

  /**
   * Reads numbers.
   *
   * @throws MalformedException if they are none
   */
  public static List<Integer> decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    List<Integer> numbers = new ArrayList<>();
    for (int n = in.getCount(4); n > 0; n--) {
      numbers.add(in.getInt());
    }
    in.end();
    return numbers;
  }
}
