package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that an instance is to submit to its own function, each as it is: it neither opens nor
 * changes them.
 *
 * @param region where the function is
 * @param function its name
 * @param requests the requests
 */
public record Relay(String region, String function, List<ByteBuffer> requests) {
  // No request begins like this.
  private static final byte MARK = 'R';
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 30;

  /** What became of a request. */
  public enum Kind {
    /** The cloud has taken it. */
    TAKEN,
    /** The cloud has no room for it now. */
    THROTTLED,
    /** The cloud may have taken it, or not. */
    UNKNOWN,
    /** The cloud does not take it, and will not. */
    REFUSED
  }

  /**
   * What became of a request.
   *
   * @param why for a person; empty if it was taken
   */
  public record Result(Kind kind, String why) {
    /** What became of all that were taken. */
    public static final Result TAKEN = new Result(Kind.TAKEN, "");
  }

  /**
   * What became of all requests, in order.
   *
   * @param nanos how long that took
   */
  public record Results(long nanos, List<Result> all) {
    /** Returns the bytes. */
    public ByteBuffer encode() {
      Fields.Out out = new Fields.Out().put(VERSION).putLong(nanos).putInt(all.size());
      for (Result r : all) {
        out.putString(r.kind.name()).putString(r.why);
      }
      return out.done();
    }

    /**
     * Reads results.
     *
     * @throws MalformedException if these are none
     */
    public static Results decode(ByteBuffer bytes) {
      Fields.In in = Fields.In.unpack(bytes, LONGEST);
      version(in);
      long nanos = in.getLong();
      List<Result> all = new ArrayList<>();
      for (int n = in.getCount(8); n > 0; n--) {
        all.add(new Result(kind(in.getString()), in.getString()));
      }
      in.end();
      return new Results(nanos, all);
    }
  }

  /** Returns whether bytes are to be relayed, and no request themselves. */
  public static boolean is(ByteBuffer bytes) {
    return bytes.hasRemaining() && bytes.get(bytes.position()) == MARK;
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out =
        new Fields.Out().put(VERSION).putString(region).putString(function).putInt(requests.size());
    for (ByteBuffer r : requests) {
      out.putBytes(List.of(r));
    }
    ByteBuffer content = out.done();
    return ByteBuffer.allocate(1 + content.remaining()).put(MARK).put(content).flip();
  }

  /**
   * Reads what is to be relayed.
   *
   * @throws MalformedException if it is nothing of the kind
   */
  public static Relay decode(ByteBuffer bytes) {
    Fields.require(is(bytes), "nothing to relay");
    ByteBuffer content = bytes.slice(bytes.position() + 1, bytes.remaining() - 1);
    Fields.In in = Fields.In.unpack(content, LONGEST);
    version(in);
    String region = in.getString();
    String function = in.getString();
    List<ByteBuffer> requests = new ArrayList<>();
    for (int n = in.getCount(4); n > 0; n--) {
      requests.add(in.getBytes());
    }
    in.end();
    return new Relay(region, function, requests);
  }

  private static Kind kind(String name) {
    try {
      return Kind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("a result of kind " + name, e);
    }
  }

  private static void version(Fields.In in) {
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
  }
}
