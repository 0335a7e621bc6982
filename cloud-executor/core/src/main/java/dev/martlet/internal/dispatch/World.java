package dev.martlet.internal.dispatch;

import java.nio.ByteBuffer;

/**
 * What an instance is told of its client before the first call.
 *
 * @param state the client's {@linkplain JvmState JVM-wide state}
 * @param local whether the client runs on the same machine
 * @param assertions where assertions are enabled
 * @param parallelism the pool's slots
 * @param systemLoader the number of the system class loader
 * @param contextLoader the number of the class loader that tasks see as their context loader, or
 *     {@link Protocol#NO_LOADER}
 * @param poolName the pool's name
 * @param setOrder how the client's immutable sets iterate
 */
public record World(
    ByteBuffer state,
    boolean local,
    AssertionStatus assertions,
    int parallelism,
    int systemLoader,
    int contextLoader,
    String poolName,
    long setOrder) {

  /** Writes it. */
  public ByteBuffer toBytes() {
    byte[] name = Protocol.utf8(poolName);
    byte[] asserted = assertions.toBytes();
    int length = 4 + state.remaining() + 1 + 4 + asserted.length + 4 + 4 + 4 + 4 + name.length + 8;
    ByteBuffer b = ByteBuffer.allocate(length);
    b.putInt(state.remaining()).put(state.duplicate());
    b.put((byte) (local ? Protocol.LOCAL : 0));
    Protocol.putString(b, asserted);
    b.putInt(parallelism).putInt(systemLoader).putInt(contextLoader);
    Protocol.putString(b, name);
    return b.putLong(setOrder).flip();
  }

  /** Reads one, whose state is a view of the bytes. */
  public static World read(ByteBuffer in) {
    return new World(
        Protocol.getBytes(in),
        (in.get() & Protocol.LOCAL) != 0,
        AssertionStatus.read(Protocol.getBytes(in)),
        in.getInt(),
        in.getInt(),
        in.getInt(),
        Protocol.getString(in),
        in.getLong());
  }
}
