package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.AssertionStatus;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;

/**
 * What a worker is told of its client before the first call.
 *
 * @param state the client's JVM-wide state
 * @param local whether the client runs on the same machine
 * @param assertions where assertions are enabled
 * @param parallelism the pool's slots
 * @param systemLoader the number of the system class loader
 * @param contextLoader the number of the class loader that tasks see as their context loader, or
 *     {@link Protocol#NO_LOADER}
 * @param poolName the pool's name
 * @param setOrder how the client's immutable sets iterate
 */
record World(
    JvmState state,
    boolean local,
    AssertionStatus assertions,
    int parallelism,
    int systemLoader,
    int contextLoader,
    String poolName,
    long setOrder) {
  static World read(ByteBuffer in) {
    JvmState state = JvmState.read(Protocol.getBytes(in));
    boolean local = (in.get() & Protocol.LOCAL) != 0;
    AssertionStatus assertions = AssertionStatus.read(Protocol.getBytes(in));
    return new World(
        state,
        local,
        assertions,
        in.getInt(),
        in.getInt(),
        in.getInt(),
        Protocol.getString(in),
        in.getLong());
  }
}
