package dev.martlet.internal.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.internal.worker.process.Probe.Lost;
import dev.martlet.spi.Platform;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of calls when workers, clients and lines go wrong, with real processes. */
class LocalFaultTest {
  private static Heard blocked(Platform p, int slot) throws Exception {
    Heard h = Probe.invoke(p, slot, Probe.payload(EchoHost.BLOCK));
    Probe.invoke(p, slot + 1, Probe.payload(EchoHost.ECHO)).response();
    return h;
  }

  private static void assertRuns(Platform p, int slot) throws Exception {
    assertThat(Probe.invoke(p, slot, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
        .containsExactly(1);
  }

  @Test
  @DisplayName(
      "a worker that is killed loses its calls as killed, names the signal, and is replaced")
  void kill9() throws Exception {
    try (Platform p = Probe.open(1)) {
      Heard h = blocked(p, 0);
      h.process().destroyForcibly();
      Lost lost = h.lost();
      assertThat(lost.reason).isEqualTo(Reason.KILLED);
      assertThat(lost).hasMessageContaining("SIGKILL").hasMessageContaining("pid");
      assertThat(lost.begun).isTrue();
      assertRuns(p, 0);
    }
  }

  @Test
  @DisplayName("killing one worker leaves the calls of others alone")
  void killsOne() throws Exception {
    try (Platform p = Probe.open(2)) {
      Heard victim = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      Heard other = Probe.invoke(p, 1, Probe.payload(EchoHost.TALK));
      victim.process().destroyForcibly();
      victim.lost();
      other.invocation.send(ByteBuffer.allocate(0));
      assertThat(other.response().hasRemaining()).isFalse();
    }
  }

  @Test
  @DisplayName("kills in a row lose or complete every call exactly once")
  void killsOften() throws Exception {
    List<Heard> all = new ArrayList<>();
    Random random = new Random(3);
    try (Platform p = Probe.open(2)) {
      for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 50; k++) {
          all.add(Probe.invoke(p, k, Probe.payload(EchoHost.ECHO), ByteBuffer.allocate(k * 1000)));
        }
        Heard some = all.get(all.size() - 1 - random.nextInt(50));
        if (i % 3 == 0) {
          some.instance();
        }
        some.invocation.kill();
      }
      for (Heard h : all) {
        try {
          h.response();
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(((Lost) e.getCause()).reason).isEqualTo(Reason.KILLED);
        }
      }
      assertRuns(p, 0);
      assertRuns(p, 1);
    }
    assertThat(all).hasSize(1000).allMatch(h -> h.ends.get() == 1);
  }

  @Test
  @DisplayName(
      "System.exit in a call is reported as an exit with its status, and so is an exit of 200")
  void exits() throws Exception {
    try (Platform p = Probe.open(1)) {
      for (int status : new int[] {0, 42, 200}) {
        Lost lost = Probe.invoke(p, 0, Probe.number(EchoHost.EXIT, status)).lost();
        assertThat(lost.reason).isEqualTo(Reason.EXITED);
        assertThat(lost).hasMessageContaining("exit status " + status);
      }
      Lost halted = Probe.invoke(p, 0, Probe.number(EchoHost.HALT, 43)).lost();
      assertThat(halted.reason).isEqualTo(Reason.EXITED);
      assertThat(halted).hasMessageContaining("exit status 43");
      assertRuns(p, 0);
    }
  }

  @Test
  @DisplayName("what was sent before an exit arrives")
  void exitsBehindResponses() throws Exception {
    try (Platform p = Probe.open(1)) {
      Heard big = Probe.invoke(p, 0, Probe.number(EchoHost.MAKE, 20_000_000));
      Heard exit = Probe.invoke(p, 0, Probe.number(EchoHost.EXIT, 1));
      assertThat(exit.lost().reason).isEqualTo(Reason.EXITED);
      assertThat(big.response().remaining()).isEqualTo(20_000_000);
    }
  }

  @Test
  @DisplayName("a worker that dies of a full heap is reported as out of memory")
  void fillsHeap() throws Exception {
    try (Platform p = Probe.open(1, Map.of(), List.of("-Xmx32m"))) {
      Lost lost = Probe.invoke(p, 0, Probe.payload(EchoHost.FILL)).lost();
      assertThat(lost.reason).isEqualTo(Reason.OUT_OF_MEMORY);
      assertRuns(p, 0);
      Heard tooBig =
          Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO), ByteBuffer.allocate(64 << 20));
      assertThat(tooBig.lost().reason).isEqualTo(Reason.OUT_OF_MEMORY);
      assertRuns(p, 0);
    }
  }

  @Test
  @DisplayName(
      "a JVM that is told to exit or crash when memory is out is reported as out of memory")
  void exitsOnOutOfMemory() throws Exception {
    try (Platform p = Probe.open(1, Map.of(), List.of("-Xmx32m", "-XX:+ExitOnOutOfMemoryError"))) {
      Lost lost = Probe.invoke(p, 0, Probe.payload(EchoHost.FILL)).lost();
      assertThat(lost.reason).isEqualTo(Reason.OUT_OF_MEMORY);
    }
  }

  @Test
  @DisplayName(
      "a stopped worker is lost as disconnected after leaseTimeout, not before, and is replaced")
  void stops() throws Exception {
    try (Platform p = Probe.open(1, Map.of("leaseTimeout", Duration.ofSeconds(4)), List.of())) {
      Heard h = blocked(p, 0);
      ProcessHandle process = h.process();
      long start = System.nanoTime();
      signal("STOP", process);
      Lost lost = h.lost();
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.SECONDS.toNanos(2));
      assertThat(lost.reason).isEqualTo(Reason.DISCONNECTED);
      assertThat(process.isAlive()).isFalse();
      assertRuns(p, 0);
    }
  }

  @Test
  @DisplayName("a worker that is stopped for less than leaseTimeout goes on")
  void pauses() throws Exception {
    try (Platform p = Probe.open(1, Map.of("leaseTimeout", Duration.ofSeconds(30)), List.of())) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK));
      Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO)).response();
      signal("STOP", h.process());
      Heard during = Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO, (byte) 1));
      TimeUnit.MILLISECONDS.sleep(1500);
      assertThat(during.end).isNotDone();
      signal("CONT", h.process());
      assertThat(during.bytes()).containsExactly(1);
      h.invocation.send(ByteBuffer.allocate(0));
      h.response();
    }
  }

  private static void signal(String name, ProcessHandle process) throws Exception {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(status).isZero();
    // A process with many threads takes a moment to stop.
    TimeUnit.MILLISECONDS.sleep(300);
  }

  @Test
  @DisplayName(
      "a JVM that cannot start is reported with its last words instead of being tried for ever")
  void cannotStart() throws Exception {
    try (Platform p = Probe.open(1, Map.of(), List.of("-XX:NoSuchOption=1"))) {
      Lost lost = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)).lost();
      assertThat(lost.reason).isEqualTo(Reason.NOT_STARTED);
      assertThat(lost.begun).isFalse();
      assertThat(lost).hasMessageContaining("NoSuchOption");
    }
  }

  @Test
  @DisplayName("a host that cannot open its world is reported with what it threw")
  void isUnfit() throws Exception {
    try (Platform p = Probe.open(1, Map.of(), List.of(), "unfit", q -> q)) {
      Lost lost = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)).lost();
      assertThat(lost.reason).isEqualTo(Reason.NOT_STARTED);
      assertThat(lost).hasMessageContaining("this world is unfit");
    }
  }

  @Test
  @DisplayName("a host that throws loses that call alone")
  void hostThrows() throws Exception {
    try (Platform p = Probe.open(1)) {
      Heard other = blocked(p, 0);
      Lost lost = Probe.invoke(p, 1, Probe.payload(EchoHost.THROW)).lost();
      assertThat(lost).hasMessageContaining("the host failed");
      assertRuns(p, 1);
      assertThat(other.end).isNotDone();
    }
  }

  @Test
  @DisplayName("a question that cannot be answered is an exception for who asks")
  void answersFail() throws Exception {
    try (Platform p =
        Probe.open(
            1,
            Map.of(),
            List.of(),
            "world",
            q -> {
              throw new IllegalStateException("no answer here");
            })) {
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ASK)).lost())
          .hasMessageContaining("no answer here");
    }
  }

  @Test
  @DisplayName("a thread that asks while it is interrupted gets its answer and stays interrupted")
  void asksInterrupted() throws Exception {
    try (Platform p = Probe.open(1)) {
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ASK_INTERRUPTED, (byte) 5)).bytes())
          .containsExactly(5, 1);
      assertRuns(p, 0);
    }
  }

  /* --------------- Strangers --------------- */

  private static String formerTmp;
  private static Path tmp;

  @BeforeAll
  static void keepToOurselves() throws IOException {
    formerTmp = System.getProperty("java.io.tmpdir");
    tmp = Files.createTempDirectory("mt");
    System.setProperty("java.io.tmpdir", tmp.toString());
  }

  @AfterAll
  static void restore() throws IOException {
    System.setProperty("java.io.tmpdir", formerTmp);
    assertThat(sockets()).isEmpty();
    try (Stream<Path> files = Files.walk(tmp)) {
      for (Path f : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(f);
      }
    }
  }

  /** Returns the sockets of pools that keep to the same directory. */
  private static List<Path> sockets() throws IOException {
    Path base = tmp.resolve("martlet-" + System.getProperty("user.name").replaceAll("\\W", "_"));
    if (!Files.isDirectory(base)) {
      return List.of();
    }
    try (Stream<Path> s = Files.list(base)) {
      return s.map(x -> x.resolve("s")).filter(Files::exists).toList();
    }
  }

  @Test
  @DisplayName("strangers at the socket are refused and disturb nobody")
  void refusesStrangers() throws Exception {
    Assumptions.assumeTrue(System.getenv("XDG_RUNTIME_DIR") == null);
    List<SocketChannel> silent = new ArrayList<>();
    try (Platform p = Probe.open(2)) {
      List<Path> mine = sockets();
      assertThat(mine).hasSize(1);
      Heard running = blocked(p, 0);
      Random random = new Random(4);
      for (int i = 0; i < 300; i++) {
        SocketChannel c = SocketChannel.open(UnixDomainSocketAddress.of(mine.get(0)));
        byte[] garbage = new byte[random.nextInt(400)];
        random.nextBytes(garbage);
        try {
          c.write(ByteBuffer.wrap(garbage));
        } catch (IOException e) {
          // It may be refused that fast.
        }
        if (i % 2 == 0) {
          c.close();
        } else {
          silent.add(c);
        }
      }
      // This one has to come through all of them.
      assertRuns(p, 1);
      running.process().destroyForcibly();
      running.lost();
      assertRuns(p, 0);
    } finally {
      for (SocketChannel c : silent) {
        c.close();
      }
    }
    assertThat(sockets()).isEmpty();
  }

  private static ByteBuffer frame(int length, int type, long id, int... rest) {
    ByteBuffer b = ByteBuffer.allocate(18 + 4 * rest.length).put(EchoHost.GARBAGE);
    b.putInt(length).put((byte) type).putLong(id).putInt(-1);
    for (int r : rest) {
      b.putInt(r);
    }
    return b.flip();
  }

  @Test
  @DisplayName(
      "a worker whose line is corrupted is ended, its calls are disconnected, others go on")
  void refusesGarbage() throws Exception {
    byte[] noise = new byte[100_000];
    new Random(5).nextBytes(noise);
    ByteBuffer random = ByteBuffer.allocate(noise.length + 1).put(EchoHost.GARBAGE).put(noise);
    List<ByteBuffer> garbage =
        List.of(
            random.flip(),
            frame(Integer.MAX_VALUE, 4, 0),
            frame(-1, 4, 0),
            frame(0, 4, 0),
            frame(13 + 32 * 1024 + 1, 4, 0),
            frame(13, 99, 0),
            frame(13, 2, 0),
            frame(14, 12, 77, 0),
            frame(13 + 8, 4 | 0x40, 0, 1, -5),
            frame(13 + 8, 4 | 0x40, 0, 1, Integer.MAX_VALUE),
            frame(13 + 4, 4 | 0x40, 0, 1, 8));
    try (Platform p = Probe.open(2)) {
      Heard other = Probe.invoke(p, 1, Probe.payload(EchoHost.TALK));
      for (ByteBuffer g : garbage) {
        Heard victim = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
        Heard guilty = Probe.invoke(p, 2, g);
        assertThat(victim.lost().reason).isEqualTo(Reason.DISCONNECTED);
        assertThat(guilty.lost().reason).isEqualTo(Reason.DISCONNECTED);
        assertThat(victim.ends).hasValue(1);
      }
      assertRuns(p, 0);
      other.invocation.send(ByteBuffer.allocate(0));
      other.response();
    }
  }

  @Test
  @DisplayName("a frame for a call that is not there is ignored")
  void ignoresStaleFrames() throws Exception {
    try (Platform p = Probe.open(1)) {
      Probe.invoke(p, 0, frame(13, 4, 4711));
      Probe.invoke(p, 0, frame(13, 3, -1));
      assertRuns(p, 0);
    }
  }

  @Test
  @DisplayName("a worker of another version is refused with both versions and the remedy")
  void refusesOtherVersions(@TempDir Path dir) throws Exception {
    Path version = dir.resolve("META-INF/maven/dev.martlet/martlet-core/pom.properties");
    Files.createDirectories(version.getParent());
    Files.writeString(version, "version=9.9.9");
    String path =
        dir
            + File.pathSeparator
            + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    try (Platform p = Probe.openLast(1, List.of("-cp", path))) {
      Heard one = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      Heard two = Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO));
      for (Heard h : List.of(one, two)) {
        Lost lost = h.lost();
        assertThat(lost.reason).isEqualTo(Reason.NOT_STARTED);
        assertThat(lost.begun).isFalse();
        assertThat(lost).hasMessageContaining("9.9.9").hasMessageContaining("class path");
      }
    }
  }

  /* --------------- The client's death --------------- */

  /** A client that starts two workers, blocks both, says which they are, and waits. */
  static final class Client {
    public static void main(String[] args) throws Exception {
      Platform p = Probe.open(2);
      for (int slot = 0; slot < 2; slot++) {
        Heard h = blocked(p, slot);
        System.out.println(h.process().pid());
        assertRuns(p, slot + 2);
      }
      System.out.println("ready");
      if (System.in.read() < 0) {
        System.exit(0);
      }
    }
  }

  private static Process client() throws IOException {
    ProcessBuilder b =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + tmp,
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Client.class.getName());
    b.environment().remove("XDG_RUNTIME_DIR");
    return b.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static List<ProcessHandle> workers(Process client) throws IOException {
    List<ProcessHandle> workers = new ArrayList<>();
    BufferedReader r =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    for (String s; (s = r.readLine()) != null && !s.equals("ready"); ) {
      workers.add(ProcessHandle.of(Long.parseLong(s)).orElseThrow());
    }
    assertThat(workers).hasSize(2).allMatch(ProcessHandle::isAlive);
    return workers;
  }

  @Test
  @DisplayName("workers of a client that is killed end and remove its directory")
  void clientIsKilled() throws Exception {
    Process client = client();
    List<ProcessHandle> workers = workers(client);
    List<Path> left = sockets();
    assertThat(left).hasSize(1);
    client.destroyForcibly().waitFor();
    for (ProcessHandle w : workers) {
      w.onExit().get(60, TimeUnit.SECONDS);
    }
    assertThat(left.get(0).getParent()).doesNotExist();
    assertThat(left.get(0).resolveSibling("../" + left.get(0).getParent().getFileName() + ".lock"))
        .doesNotExist();
  }

  @Test
  @DisplayName(
      "what a client and its workers left that were killed together, the next pool removes")
  void allAreKilled() throws Exception {
    Process client = client();
    List<ProcessHandle> workers = workers(client);
    List<Path> left = sockets();
    assertThat(left).hasSize(1);
    for (ProcessHandle w : workers) {
      new ProcessBuilder("kill", "-STOP", Long.toString(w.pid())).start().waitFor();
    }
    client.destroyForcibly().waitFor();
    workers.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle w : workers) {
      w.onExit().get(60, TimeUnit.SECONDS);
    }
    assertThat(left.get(0)).exists();
    Process next = client();
    workers(next);
    assertThat(left.get(0).getParent()).doesNotExist();
    next.getOutputStream().close();
    next.waitFor();
  }

  @Test
  @DisplayName("a client that exits without closing its pool leaves no worker and no directory")
  void clientExits() throws Exception {
    Process client = client();
    List<ProcessHandle> workers = workers(client);
    client.getOutputStream().close();
    client.waitFor();
    for (ProcessHandle w : workers) {
      w.onExit().get(60, TimeUnit.SECONDS);
    }
    assertThat(sockets()).isEmpty();
  }
}
