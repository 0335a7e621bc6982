package dev.martlet.internal.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The S3 of a Ceph cluster that lives in memory, and not longer than this JVM. */
public final class Ceph implements AutoCloseable {
  public static final String KEY = "AKIATESTKITTESTKIT00";
  public static final String SECRET = "test-kit-secret";

  private static final List<String> PROGRAMS =
      List.of(
          "ceph",
          "ceph-authtool",
          "ceph-mon",
          "ceph-osd",
          "monmaptool",
          "radosgw",
          "radosgw-admin",
          "timeout");
  private static final int TRIES = 3;
  private static final long GATEWAY_SECONDS = 60;

  private final Process shell;
  private final int port;

  private Ceph(Process shell, int port) {
    this.shell = shell;
    this.port = port;
  }

  /** Returns the programs that are needed and not there. */
  public static List<String> missing() {
    List<Path> path =
        Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
            .map(Path::of)
            .toList();
    return PROGRAMS.stream()
        .filter(p -> path.stream().noneMatch(d -> Files.isExecutable(d.resolve(p))))
        .toList();
  }

  /** Starts a cluster. */
  public static Ceph start() throws IOException, InterruptedException {
    for (int n = 1; ; n++) {
      try {
        return startOnce();
      } catch (IOException e) {
        if (n == TRIES) { // a port may have been taken meanwhile
          throw e;
        }
      }
    }
  }

  private static Ceph startOnce() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("martlet-ceph");
    int port;
    Process shell;
    try (ServerSocket monitor = free();
        ServerSocket gateway = free();
        InputStream script = Ceph.class.getResourceAsStream("ceph.sh")) {
      port = gateway.getLocalPort();
      shell =
          new ProcessBuilder(
                  "/bin/sh",
                  "-c",
                  new String(script.readAllBytes(), UTF_8),
                  "ceph",
                  directory.toString(),
                  String.valueOf(monitor.getLocalPort()),
                  String.valueOf(port),
                  KEY,
                  SECRET)
              .redirectErrorStream(true)
              .start();
    }
    Ceph ceph = new Ceph(shell, port);
    try {
      BufferedReader said = shell.inputReader(UTF_8);
      String line = said.readLine();
      if (!"started".equals(line)) {
        throw new IOException(line + said.lines().collect(Collectors.joining("\n", "\n", "")));
      }
      try {
        ceph.awaitGateway();
      } catch (IOException e) {
        throw new IOException(Files.readString(directory.resolve("log")), e);
      }
      return ceph;
    } catch (IOException | InterruptedException | RuntimeException e) {
      ceph.close();
      throw e;
    }
  }

  private static ServerSocket free() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private void awaitGateway() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    for (; ; ) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(GATEWAY_SECONDS)) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Ends all processes and deletes their files. */
  @Override
  public void close() {
    try {
      shell.getOutputStream().close();
      if (!shell.waitFor(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("Ceph does not end");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
