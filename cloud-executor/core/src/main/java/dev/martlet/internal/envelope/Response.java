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
 * @param measure what the run used
 * @param elsewhere what the runs used that its calls have made elsewhere, as far as it has heard
 * @param news what the instance has to say about code
 * @param outcomes an outcome for each call, in order
 */
public record Response(
    long run,
    int letters,
    String instance,
    boolean first,
    Measure measure,
    List<Measure> elsewhere,
    News news,
    List<Outcome> outcomes) {
  private static final int VERSION = 4;
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
    OUT_OF_MEMORY(6),
    /** It has not begun, since the instance was not told of its session. */
    UNTOLD(7);

    final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(int code) {
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
   * @param nanos how long it ran
   * @param messages what it said, as far as that was not sent before
   * @param answer its answer, or a text
   */
  public record Outcome(
      Kind kind, long nanos, List<ByteBuffer> messages, List<ByteBuffer> answer) {}

  /**
   * What an instance has found out about code since it last said so.
   *
   * @param used hash codes of questions that it had answers to from elsewhere, and needed them
   * @param made answers that it has found itself, which other instances of the session can have
   */
  public record News(List<Integer> used, List<Known> made) {
    /** None. */
    public static final News NONE = new News(List.of(), List.of());

    private void write(Fields.Out out) {
      out.putInt(used.size());
      used.forEach(out::putInt);
      Known.write(made, out);
    }

    private static News read(Fields.In in) {
      List<Integer> used = new ArrayList<>();
      for (int n = in.getCount(Integer.BYTES); n > 0; n--) {
        used.add(in.getInt());
      }
      return new News(used, Known.read(in));
    }
  }

  /**
   * What a run used, by its worker's own clock.
   *
   * @param submitted whether nobody else reports it
   * @param initNanos how long the instance took to start; 0 if it was there already
   * @param nanos how long the run took
   * @param memoryUsed the most memory that the instance has used in bytes; 0 if that is not known
   */
  public record Measure(boolean submitted, long initNanos, long nanos, long memoryUsed) {
    private static final int BYTES = 1 + 3 * Long.BYTES;

    private void write(Fields.Out out) {
      out.put(submitted ? 1 : 0).putLong(initNanos).putLong(nanos).putLong(memoryUsed);
    }

    private static Measure read(Fields.In in) {
      return new Measure(in.get() != 0, in.getLong(), in.getLong(), in.getLong());
    }

    /** Returns what both have used. */
    public Measure plus(Measure other) {
      return new Measure(
          submitted,
          initNanos + other.initNanos,
          nanos + other.nanos,
          Math.max(memoryUsed, other.memoryUsed));
    }
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out();
    out.put(VERSION).putLong(run).putInt(letters).putString(instance).put(first ? 1 : 0);
    measure.write(out);
    out.putInt(elsewhere.size());
    for (Measure m : elsewhere) {
      m.write(out);
    }
    news.write(out);
    out.putInt(outcomes.size());
    for (Outcome o : outcomes) {
      out.put(o.kind.code).putLong(o.nanos).putInt(o.messages.size());
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
    Measure measure = Measure.read(in);
    List<Measure> elsewhere = new ArrayList<>();
    for (int n = in.getCount(Measure.BYTES); n > 0; n--) {
      elsewhere.add(Measure.read(in));
    }
    News news = News.read(in);
    List<Outcome> outcomes = new ArrayList<>();
    for (int n = in.getCount(17); n > 0; n--) {
      Kind kind = Kind.of(in.get());
      long nanos = in.getLong();
      List<ByteBuffer> messages = new ArrayList<>();
      for (int m = in.getCount(4); m > 0; m--) {
        messages.add(in.getBytes());
      }
      outcomes.add(new Outcome(kind, nanos, messages, List.of(in.getBytes())));
    }
    in.end();
    return new Response(run, letters, instance, first, measure, elsewhere, news, outcomes);
  }
}
