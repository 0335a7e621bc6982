package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of tasks of a group that were run one after the other.
 *
 * @param run the random number of the run
 * @param instance the instance's name
 * @param outcomes an outcome for each task, in order
 */
public record JobPart(long run, String instance, List<Outcome> outcomes) {
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 30;

  /**
   * What became of a task.
   *
   * @param end how it ended, as far as its state tells
   * @param kind how it ended, as far as the instance tells
   * @param messages what it has printed and logged
   * @param answer its answer, or a text; empty if it lies in the store
   */
  public record Outcome(
      End end, Response.Kind kind, List<ByteBuffer> messages, ByteBuffer answer) {}

  /** How a task ended. */
  public enum End {
    DONE(0),
    FAILED(1),
    CANCELLED(2);

    private final int code;

    End(int code) {
      this.code = code;
    }

    private static End of(int code) {
      for (End e : values()) {
        if (e.code == code) {
          return e;
        }
      }
      throw new MalformedException("an end of kind " + code, null);
    }
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out().put(VERSION).putLong(run).putString(instance);
    out.putInt(outcomes.size());
    for (Outcome o : outcomes) {
      out.put(o.end.code).put(o.kind.code).putInt(o.messages.size());
      for (ByteBuffer m : o.messages) {
        out.putBytes(List.of(m));
      }
      out.putBytes(List.of(o.answer));
    }
    return out.done();
  }

  /**
   * Reads outcomes.
   *
   * @throws MalformedException if they are none
   */
  public static JobPart decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    long run = in.getLong();
    String instance = in.getString();
    List<Outcome> outcomes = new ArrayList<>();
    for (int n = in.getCount(10); n > 0; n--) {
      End end = End.of(in.get());
      Response.Kind kind = Response.Kind.of(in.get());
      List<ByteBuffer> messages = new ArrayList<>();
      for (int m = in.getCount(4); m > 0; m--) {
        messages.add(in.getBytes());
      }
      outcomes.add(new Outcome(end, kind, messages, in.getBytes()));
    }
    in.end();
    return new JobPart(run, instance, outcomes);
  }
}
