package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What {@linkplain Names#life a sign of life} says: which run has the invocation. Whoever writes
 * the first one has it, and no run begins without; so a client that does not want it run any more
 * writes that nobody has it.
 */
public final class Life {
  /** Has what no run is to begin. */
  public static final long NOBODY = 0;

  private Life() {}

  /** Returns what says that a run has the invocation. */
  public static List<ByteBuffer> seal(Vault vault, String name, long run) {
    return List.of(vault.seal(name, List.of(ByteBuffer.allocate(Long.BYTES).putLong(0, run))));
  }

  /**
   * Returns the run that has the invocation.
   *
   * @throws MalformedException if it does not say
   */
  public static long open(Vault vault, String name, ByteBuffer box) {
    ByteBuffer plain = vault.open(name, box);
    Fields.require(plain.remaining() == Long.BYTES, name);
    return plain.getLong();
  }
}
