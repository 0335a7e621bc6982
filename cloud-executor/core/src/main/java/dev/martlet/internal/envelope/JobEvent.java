package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What has a group of a job's tasks run: where they are, and the key to them. It is taken from the
 * cloud's queue, where nobody waits for it.
 *
 * @param place where the store is, for the platform's worker to open
 * @param job the job's name
 * @param key the job's key for what lies in the store
 * @param group what the group is called
 * @param count how many tasks it has
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record JobEvent(Map<String, String> place, String job, byte[] key, String group, int count) {
  private static final byte MARK = 'J';
  private static final int LONGEST = 1 << 20;

  /** Returns whether bytes are an event rather than a {@link Request}. */
  public static boolean is(ByteBuffer bytes) {
    return bytes.hasRemaining() && bytes.get(bytes.position()) == MARK;
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out().putInt(place.size());
    for (Map.Entry<String, String> e : place.entrySet()) {
      out.putString(e.getKey()).putString(e.getValue());
    }
    ByteBuffer rest = out.putString(job).putRaw(key).putString(group).putInt(count).done();
    return ByteBuffer.allocate(1 + rest.remaining()).put(MARK).put(rest).flip();
  }

  /**
   * Reads an event.
   *
   * @throws MalformedException if it is none
   */
  public static JobEvent decode(ByteBuffer bytes) {
    Fields.require(is(bytes), "no event of a job");
    Fields.In in =
        Fields.In.unpack(bytes.slice(bytes.position() + 1, bytes.remaining() - 1), LONGEST);
    Map<String, String> place = new LinkedHashMap<>();
    for (int n = in.getCount(8); n > 0; n--) {
      place.put(in.getString(), in.getString());
    }
    JobEvent event =
        new JobEvent(place, in.getString(), in.getRaw(Vault.KEY), in.getString(), in.getInt());
    in.end();
    return event;
  }
}
