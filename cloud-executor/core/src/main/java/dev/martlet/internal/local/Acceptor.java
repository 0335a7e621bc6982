package dev.martlet.internal.local;

import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The socket at which workers arrive. A connection says {@link Hello} within some seconds, with a
 * token that one starting worker was given, or it is closed; nothing else is read from it before.
 */
final class Acceptor implements Runnable, AutoCloseable {
  private static final int MAX_STRANGERS = 64;
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final long PAUSE_NANOS = 50_000_000;
  private static final int MAX_PATH = 100;

  private final LocalPlatform platform;
  private final ServerSocketChannel server;
  private final Selector selector;
  private final AtomicBoolean complained = new AtomicBoolean();

  Acceptor(LocalPlatform platform, Path directory) throws IOException {
    this.platform = platform;
    this.server = listen(directory.resolve("s"));
    this.selector = Selector.open();
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    if (path.toString().length() <= MAX_PATH && Launcher.namesArePlain()) {
      try {
        ServerSocketChannel s = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
          return s.bind(UnixDomainSocketAddress.of(path), 128);
        } catch (IOException e) {
          s.close();
        }
      } catch (UnsupportedOperationException | IOException e) {
        // There is always the loopback.
      }
    }
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
  }

  SocketAddress address() throws IOException {
    return server.getLocalAddress();
  }

  /** A connection that has not said who it is. */
  private static final class Stranger {
    final ByteBuffer hello = ByteBuffer.allocate(Hello.LENGTH);
    final long since = System.nanoTime();
  }

  @Override
  public void run() {
    while (selector.isOpen()) {
      try {
        selector.select(selector.keys().size() > 1 ? 1_000 : 0);
        if (!selector.isOpen()) {
          return;
        }
        // Copied, since to admit one is to select again.
        for (SelectionKey k : List.copyOf(selector.selectedKeys())) {
          handle(k);
        }
        selector.selectedKeys().clear();
        dismissOld();
      } catch (IOException | RuntimeException e) {
        if (selector.isOpen()) {
          if (complained.compareAndSet(false, true)) {
            Log.of(Acceptor.class).warn("Accepting workers failed", e);
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  private void handle(SelectionKey k) throws IOException {
    if (!k.isValid()) {
      return;
    }
    if (k.isAcceptable()) {
      SocketChannel c = server.accept();
      if (c != null) {
        c.configureBlocking(false);
        c.register(selector, SelectionKey.OP_READ, new Stranger());
        if (selector.keys().size() > MAX_STRANGERS) {
          dismissOldest();
        }
      }
      return;
    }
    SocketChannel c = (SocketChannel) k.channel();
    Stranger s = (Stranger) k.attachment();
    try {
      if (c.read(s.hello) < 0) {
        refuse(k, "it left");
      } else if (!s.hello.hasRemaining()) {
        admit(k, c, s);
      }
    } catch (IOException e) {
      refuse(k, e.toString());
    }
  }

  private void admit(SelectionKey k, SocketChannel c, Stranger s) throws IOException {
    byte[] token = Arrays.copyOf(s.hello.array(), Hello.TOKEN);
    Instance instance = whose(token);
    if (instance == null || !instance.claim()) {
      refuse(k, "its token is wrong");
      return;
    }
    k.cancel();
    selector.selectNow();
    if (c.getLocalAddress() instanceof InetSocketAddress) {
      c.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    instance.connected(c, Hello.decode(s.hello));
  }

  private @Nullable Instance whose(byte[] token) {
    Instance found = null;
    for (Instance i : platform.instances()) {
      byte[] t = i.token();
      if (t != null && MessageDigest.isEqual(t, token)) {
        found = i;
      }
    }
    return found;
  }

  private void dismissOld() throws IOException {
    long now = System.nanoTime();
    for (SelectionKey k : selector.keys()) {
      if (k.isValid() && k.attachment() instanceof Stranger s && now - s.since > PATIENCE_NANOS) {
        refuse(k, "it said nothing");
      }
    }
  }

  private void dismissOldest() throws IOException {
    SelectionKey oldest = null;
    for (SelectionKey k : selector.keys()) {
      if (k.isValid()
          && k.attachment() instanceof Stranger s
          && (oldest == null || s.since - ((Stranger) oldest.attachment()).since < 0)) {
        oldest = k;
      }
    }
    if (oldest != null) {
      refuse(oldest, "there are too many");
    }
  }

  private void refuse(SelectionKey k, String why) throws IOException {
    k.cancel();
    k.channel().close();
    if (complained.compareAndSet(false, true)) {
      Log.of(Acceptor.class).warn("A connection that is not a worker's was refused: {}", why);
    }
  }

  @Override
  public void close() {
    try {
      for (SelectionKey k : selector.keys()) {
        k.channel().close();
      }
      selector.close();
      server.close();
    } catch (IOException | RuntimeException e) {
      // It is gone either way.
    }
  }
}
