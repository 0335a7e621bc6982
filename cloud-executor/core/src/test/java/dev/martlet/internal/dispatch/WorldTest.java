package dev.martlet.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorldTest {
  @ParameterizedTest(name = "of a client that is here: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("what an instance is told of its client is read as it was written")
  void roundTrip(boolean local) {
    ByteBuffer state = ByteBuffer.wrap(new byte[] {1, 2, 3});
    World world =
        new World(state, local, AssertionStatus.current(), 7, 1, 2, "pool-\u00e9", 1L << 40);
    World read = World.read(world.toBytes());
    assertThat(read.state()).isEqualTo(state);
    assertThat(read.local()).isEqualTo(local);
    assertThat(read.assertions().toBytes()).isEqualTo(world.assertions().toBytes());
    assertThat(read.parallelism()).isEqualTo(7);
    assertThat(read.systemLoader()).isEqualTo(1);
    assertThat(read.contextLoader()).isEqualTo(2);
    assertThat(read.poolName()).isEqualTo("pool-\u00e9");
    assertThat(read.setOrder()).isEqualTo(1L << 40);
  }
}
