package dev.martlet.internal.worker.host;

import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.dispatch.Protocol;
import java.nio.ByteBuffer;

/**
 * What a worker is told of its client before the first call.
 *
 * @param state the client's JVM-wide state
 * @param local whether the client runs on the same machine
 * @param assertions whether assertions are enabled
 * @param parallelism the pool's slots
 * @param systemLoader the number of the class loader that tasks see as their context loader
 * @param poolName the pool's name
 */
record World(
    JvmState state,
    boolean local,
    boolean assertions,
    int parallelism,
    int systemLoader,
    String poolName) {
  static World read(ByteBuffer in) {
    JvmState state = JvmState.read(Protocol.getBytes(in));
    byte flags = in.get();
    boolean local = (flags & Protocol.LOCAL) != 0;
    boolean assertions = (flags & Protocol.ASSERTIONS) != 0;
    return new World(state, local, assertions, in.getInt(), in.getInt(), Protocol.getString(in));
  }
}
