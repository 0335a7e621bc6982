package dev.martlet.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The end of a line of which one end cannot write any more. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class WireTest {
  private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path directory;
  private final List<Long> heard = new ArrayList<>();
  private boolean ended;

  private final class Hearer implements Wire.Handler {
    @Override
    public boolean frame(byte type, long id, int slot, ByteBuffer payload) {
      heard.add(id);
      return false;
    }

    @Override
    public void closed(IOException cause) {
      ended = true;
    }
  }

  /** Has no memory when a socket is full. */
  private static final class PoorOwner implements Reactor.Owner {
    @Override
    public void attention() {}

    @Override
    public void blocked() {
      throw new OutOfMemoryError("on purpose");
    }
  }

  /** Opens a line, the other end of which does something. */
  private void line(Other other) throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Reactor reactor = new Reactor(new PoorOwner(), 0)) {
      server.bind(address);
      SocketChannel here = SocketChannel.open(address);
      try (SocketChannel there = server.accept()) {
        here.configureBlocking(false);
        Wire wire = new Wire(here, new Hearer(), reactor);
        reactor.add(wire);
        other.act(wire, there);
        assertThat(reactor.tryLead()).isTrue();
        reactor.lead(() -> ended, System.nanoTime() + LONG_NANOS);
        reactor.resign();
      }
    }
  }

  /** What happens on a line. */
  private interface Other {
    void act(Wire wire, SocketChannel there) throws Exception;
  }

  private static void submit(Wire wire, ByteBuffer payload) {
    wire.submit(Wire.MESSAGE, 1, 0, new ByteBuffer[] {payload}, Wire.When.NOW);
  }

  @Test
  @DisplayName(
      "what the other end has said before it ended is heard, though nothing can be written")
  void saidBefore() throws Exception {
    line(
        (wire, there) -> {
          there.write(
              ByteBuffer.allocate(17).putInt(13).put(Wire.COMPLETE).putLong(7).putInt(0).flip());
          there.close();
          submit(wire, ByteBuffer.allocate(1));
        });
    assertThat(heard).containsExactly(7L);
    assertThat(ended).isTrue();
  }

  @Test
  @DisplayName("a line ends on which there was no memory to write")
  void noMemory() throws Exception {
    line(
        (wire, there) ->
            assertThatThrownBy(() -> submit(wire, ByteBuffer.allocate(10_000_000)))
                .isInstanceOf(OutOfMemoryError.class));
    assertThat(ended).isTrue();
  }
}
