package dev.martlet.internal.worker.process;

import dev.martlet.internal.local.ClassArchive;
import dev.martlet.internal.local.Hello;
import dev.martlet.internal.local.PrivateDirectory;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The worker process. Its standard input tells it where to connect and with which token. It ends
 * with its line, whatever runs here, and looks now and then whether its parent is alive.
 */
public final class WorkerMain {
  /** The exit status of a worker that ran out of memory outside of a task. */
  static final int NO_MEMORY = 3;

  private static final String REHEARSE = "rehearse";
  private static final String HOST = "dev.martlet.internal.worker.host.CallHost";
  private static final String HOST_VARIABLE = "MARTLET_INTERNAL_HOST";
  private static final long LOOK_NANOS = 1_000_000_000;
  private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);
  private static final byte[] LAST_WORDS =
      "java.lang.OutOfMemoryError\n".getBytes(StandardCharsets.US_ASCII);

  private static volatile @Nullable Path directory;

  private WorkerMain() {}

  /** Runs the worker, or has its classes archived. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length > 1) {
      List<String> worker = List.of(args).subList(2, args.length);
      ClassArchive.make(Path.of(args[1]), worker, List.of(WorkerMain.class.getName(), REHEARSE));
      return;
    }
    InputStream stdin = new FileInputStream(FileDescriptor.in);
    System.setIn(InputStream.nullInputStream());
    WorkerHost host = host();
    if (args.length > 0) {
      rehearse(host);
      return;
    }
    host.warmUp();
    DataInputStream in = new DataInputStream(stdin);
    String address = in.readUTF();
    int port = in.readInt();
    byte[] token = in.readNBytes(Hello.TOKEN);
    if (port == 0) {
      directory = Path.of(address).getParent();
    }
    new Server(host, connect(address, port, token)).start();
    awaitEndOfParent();
    end(0);
  }

  /** Loads what every worker loads, for an archive of loaded classes. */
  private static void rehearse(WorkerHost host) throws IOException {
    Hello.mine();
    Path socket = Files.createTempFile("martlet", ".socket");
    Files.delete(socket);
    try (ServerSocketChannel here = listen(socket)) {
      SocketChannel channel = SocketChannel.open(here.getLocalAddress());
      channel.configureBlocking(false);
      new Server(host, channel).start();
      ProcessHandle.current().parent();
      host.rehearse();
    } finally {
      Files.deleteIfExists(socket);
    }
    System.exit(0);
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException | UnsupportedOperationException e) {
      return ServerSocketChannel.open()
          .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }
  }

  private static WorkerHost host() {
    // By name, since a service loader opens every jar of the class path.
    String name = System.getenv(HOST_VARIABLE);
    try {
      return Class.forName(name == null ? HOST : name)
          .asSubclass(WorkerHost.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("there is no host for calls on the class path", e);
    }
  }

  private static SocketChannel connect(String address, int port, byte[] token) throws IOException {
    SocketAddress to =
        port == 0
            ? UnixDomainSocketAddress.of(address)
            : new InetSocketAddress(InetAddress.getByName(address), port);
    SocketChannel channel = SocketChannel.open(to);
    if (port != 0) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    ByteBuffer hello = Hello.mine().encode(token);
    while (hello.hasRemaining()) {
      channel.write(hello);
    }
    channel.configureBlocking(false);
    return channel;
  }

  /**
   * Waits without being in native code, as in a read from the standard input: a JVM waits for
   * threads in native code before it exits.
   */
  private static void awaitEndOfParent() {
    ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
    while (parent == null || parent.isAlive()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Ends the process because the client has, and cleans up after one that was killed. */
  static void end(int status) {
    try {
      Path d = directory;
      if (d != null) {
        PrivateDirectory.removeAbandoned(d);
      }
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  /** Ends the process because memory is out, without needing any. */
  static void haltForMemory() {
    try {
      ERR.write(LAST_WORDS);
    } catch (IOException e) {
      // The exit status has to do.
    } finally {
      Runtime.getRuntime().halt(NO_MEMORY);
    }
  }
}
