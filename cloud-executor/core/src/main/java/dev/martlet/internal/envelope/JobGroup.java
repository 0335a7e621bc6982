package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks of a job that an instance runs one after the other, and what it would otherwise ask of the
 * client.
 *
 * @param session the client's session: who has made the tasks
 * @param world what an instance is told of the client before the first task
 * @param version changes when former answers about code are void
 * @param code hashes of the answers about code that are in the store
 * @param content likewise of those that are the same for all sessions
 * @param known answers that are for this group
 * @param initialised the application's classes that are initialised at home
 * @param tasks the tasks
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record JobGroup(
    byte[] session,
    ByteBuffer world,
    int version,
    List<byte[]> code,
    List<byte[]> content,
    List<Known> known,
    List<String> initialised,
    List<Task> tasks) {
  private static final int VERSION = 1;
  private static final int LONGEST = Integer.MAX_VALUE;

  /**
   * A task.
   *
   * @param index its index in the job
   * @param payload its request
   */
  public record Task(int index, List<ByteBuffer> payload) {}

  /** Returns a group of other tasks of the same client. */
  public JobGroup with(List<Task> others) {
    return new JobGroup(session, world, version, code, content, known, initialised, others);
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out().put(VERSION).putRaw(session);
    out.putBytes(List.of(world)).putInt(version);
    for (List<byte[]> hashes : List.of(code, content)) {
      out.putInt(hashes.size());
      for (byte[] hash : hashes) {
        out.putRaw(hash);
      }
    }
    out.putBytes(List.of(Known.encode(known))).putInt(initialised.size());
    for (String name : initialised) {
      out.putString(name);
    }
    out.putInt(tasks.size());
    for (Task t : tasks) {
      out.putInt(t.index).putBytes(t.payload);
    }
    return out.done();
  }

  /**
   * Reads a group.
   *
   * @throws MalformedException if it is none, or one of another version of Martlet
   */
  public static JobGroup decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    byte[] session = in.getRaw(Request.SESSION);
    ByteBuffer world = in.getBytes();
    int answers = in.getInt();
    List<byte[]> code = hashes(in);
    List<byte[]> content = hashes(in);
    List<Known> known = Known.decode(in.getBytes());
    List<String> initialised = new ArrayList<>();
    for (int n = in.getCount(4); n > 0; n--) {
      initialised.add(in.getString());
    }
    List<Task> tasks = new ArrayList<>();
    for (int n = in.getCount(8); n > 0; n--) {
      int index = in.getInt();
      tasks.add(new Task(index, List.of(in.getBytes())));
    }
    in.end();
    return new JobGroup(session, world, answers, code, content, known, initialised, tasks);
  }

  private static List<byte[]> hashes(Fields.In in) {
    List<byte[]> hashes = new ArrayList<>();
    for (int n = in.getCount(Request.HASH); n > 0; n--) {
      hashes.add(in.getRaw(Request.HASH));
    }
    return hashes;
  }
}
