package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;

/**
 * What a job is.
 *
 * @param madeMillis when it was made, since 1970
 * @param program what has made it, for a person
 */
public record JobRecord(long madeMillis, String program) {
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 20;

  /** Returns the bytes. */
  public ByteBuffer encode() {
    return new Fields.Out().put(VERSION).putLong(madeMillis).putString(program).done();
  }

  /**
   * Reads a record.
   *
   * @throws MalformedException if it is none
   */
  public static JobRecord decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    int version = in.get();
    Fields.require(version == VERSION, "of version " + version + " instead of " + VERSION);
    JobRecord record = new JobRecord(in.getLong(), in.getString());
    in.end();
    return record;
  }
}
