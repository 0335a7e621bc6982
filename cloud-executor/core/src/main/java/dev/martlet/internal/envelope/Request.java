package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An invocation: calls that run one after the other. An instance that knows the session already
 * needs no briefing; one that does not, and gets none, answers that all calls are {@linkplain
 * Response.Kind#UNTOLD untold}.
 *
 * @param session whose; names the client's things in the store
 * @param briefing what an instance must know of the session, unless it seems to know it
 * @param invocation its number in the session
 * @param submitted whether the answer goes to the store
 * @param version changes when former answers about code are void
 * @param code hashes of the answers about code that are in the store, as this session has them
 * @param content likewise of those that are the same for all sessions
 * @param calls the calls; none if the instance is to put an archive of its classes into the store
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Request(
    byte[] session,
    @Nullable Briefing briefing,
    long invocation,
    boolean submitted,
    int version,
    List<byte[]> code,
    List<byte[]> content,
    List<Call> calls) {
  /** Bytes of a session's name. */
  public static final int SESSION = 16;

  /** Bytes of a hash. */
  public static final int HASH = 32;

  /** The longest request in bytes, unpacked. */
  private static final int LONGEST = 1 << 30;

  private static final int VERSION = 6;

  /**
   * A call.
   *
   * @param slot the client's slot
   * @param stored whether its request lies in the store
   * @param payload its request, unless it lies in the store
   * @param messages what was said to it before it was sent
   */
  public record Call(
      int slot, boolean stored, List<ByteBuffer> payload, List<ByteBuffer> messages) {}

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out();
    out.put(VERSION).putRaw(session).put(briefing == null ? 0 : 1);
    if (briefing != null) {
      briefing.write(out);
    }
    out.putLong(invocation).put(submitted ? 1 : 0).putInt(version);
    putHashes(code, out);
    putHashes(content, out);
    out.putInt(calls.size());
    for (Call c : calls) {
      out.putInt(c.slot).put(c.stored ? 1 : 0).putBytes(c.payload).putInt(c.messages.size());
      for (ByteBuffer m : c.messages) {
        out.putBytes(List.of(m));
      }
    }
    return out.done();
  }

  /**
   * Reads a request.
   *
   * @throws MalformedException if it is none, or one of another version of Martlet
   */
  public static Request decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    byte[] session = in.getRaw(SESSION);
    Briefing briefing = in.get() == 0 ? null : Briefing.read(in);
    long invocation = in.getLong();
    boolean submitted = in.get() != 0;
    int answers = in.getInt();
    List<byte[]> code = getHashes(in);
    List<byte[]> content = getHashes(in);
    List<Call> calls = new ArrayList<>();
    for (int n = in.getCount(13); n > 0; n--) {
      int slot = in.getInt();
      boolean stored = in.get() != 0;
      ByteBuffer payload = in.getBytes();
      List<ByteBuffer> messages = new ArrayList<>();
      for (int m = in.getCount(4); m > 0; m--) {
        messages.add(in.getBytes());
      }
      calls.add(new Call(slot, stored, List.of(payload), messages));
    }
    in.end();
    return new Request(session, briefing, invocation, submitted, answers, code, content, calls);
  }

  private static void putHashes(List<byte[]> hashes, Fields.Out out) {
    out.putInt(hashes.size());
    for (byte[] hash : hashes) {
      out.putRaw(hash);
    }
  }

  private static List<byte[]> getHashes(Fields.In in) {
    List<byte[]> hashes = new ArrayList<>();
    for (int n = in.getCount(HASH); n > 0; n--) {
      hashes.add(in.getRaw(HASH));
    }
    return hashes;
  }
}
