package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run of an invocation answers.
 *
 * @param run its random number: an invocation may run more than once
 * @param letters how many letters it has sent before, which come first
 * @param instance the instance's name
 * @param first whether it was the first run of the instance
 * @param outcomes an outcome for each call, in order
 */
public record Response(
    long run, int letters, String instance, boolean first, List<Outcome> outcomes) {
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 30;

  /** What became of a call. */
  public enum Kind {
    /** It has answered. */
    ANSWERED(0),
    /** It has answered, and the answer lies in the store. */
    STORED(1),
    /** The worker cannot run it; the text says why. */
    ABANDONED(2),
    /** It has not begun, and is to be sent again. */
    NOT_BEGUN(3),
    /** It ran until the instance's time was almost up. */
    OUT_OF_TIME(4),
    /** It ended the instance. */
    EXITED(5),
    /** It used up the instance's memory. */
    OUT_OF_MEMORY(6);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(int code) {
      for (Kind k : values()) {
        if (k.code == code) {
          return k;
        }
      }
      throw new MalformedException("an outcome of kind " + code, null);
    }
  }

  /**
   * What became of a call.
   *
   * @param messages what it said, as far as that was not sent before
   * @param answer its answer, or a text
   */
  public record Outcome(Kind kind, List<ByteBuffer> messages, List<ByteBuffer> answer) {}

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out();
    out.put(VERSION)
        .putLong(run)
        .putInt(letters)
        .putString(instance)
        .put(first ? 1 : 0)
        .putInt(outcomes.size());
    for (Outcome o : outcomes) {
      out.put(o.kind.code).putInt(o.messages.size());
      for (ByteBuffer m : o.messages) {
        out.putBytes(List.of(m));
      }
      out.putBytes(o.answer);
    }
    return out.done();
  }

  /**
   * Reads a response.
   *
   * @throws MalformedException if it is none
   */
  public static Response decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    long run = in.getLong();
    int letters = in.getInt();
    String instance = in.getString();
    boolean first = in.get() != 0;
    List<Outcome> outcomes = new ArrayList<>();
    for (int n = in.getCount(9); n > 0; n--) {
      Kind kind = Kind.of(in.get());
      List<ByteBuffer> messages = new ArrayList<>();
      for (int m = in.getCount(4); m > 0; m--) {
        messages.add(in.getBytes());
      }
      outcomes.add(new Outcome(kind, messages, List.of(in.getBytes())));
    }
    in.end();
    return new Response(run, letters, instance, first, outcomes);
  }
}
