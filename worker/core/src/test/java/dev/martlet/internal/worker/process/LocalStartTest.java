package dev.martlet.internal.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.spi.Platform;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How local workers start: ahead of their platform, and without what only makes it faster. */
class LocalStartTest {
  @TempDir Path directory;

  @Test
  @DisplayName("a worker that was started ahead serves the platform that it was started for")
  void takesTheForerunner() throws Exception {
    Set<Long> before = children();
    Probe.expect(List.of("-Dahead=1"));
    long ahead = newChild(before);
    try (Platform p = Probe.open(1, Map.of(), List.of("-Dahead=1"), "world", q -> q)) {
      assertThat(pid(p)).isEqualTo(ahead);
    }
    await().until(() -> !isAlive(ahead));
  }

  @Test
  @DisplayName("a worker that was started ahead with other options serves nobody, and ends")
  void leavesOthers() throws Exception {
    Set<Long> before = children();
    Probe.expect(List.of("-Dahead=2"));
    long ahead = newChild(before);
    try (Platform p = Probe.open(1, Map.of(), List.of("-Dahead=3"), "world", q -> q)) {
      assertThat(pid(p)).isNotEqualTo(ahead);
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> !isAlive(ahead));
  }

  @Test
  @DisplayName("a worker that was started ahead and has ended is not missed")
  void outlivesTheForerunner() throws Exception {
    Set<Long> before = children();
    Probe.expect(List.of("-Dahead=4"));
    ProcessHandle ahead = ProcessHandle.of(newChild(before)).orElseThrow();
    ahead.destroyForcibly();
    ahead.onExit().get();
    try (Platform p = Probe.open(1, Map.of(), List.of("-Dahead=4"), "world", q -> q)) {
      assertThat(pid(p)).isNotEqualTo(ahead.pid());
    }
  }

  @Test
  @DisplayName("options with which no JVM starts ahead are reported by the platform")
  void reportsBadOptions() throws Exception {
    Probe.expect(List.of("-XX:NoSuchOption"));
    try (Platform p = Probe.open(1, Map.of(), List.of("-XX:NoSuchOption"), "world", q -> q)) {
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.PID)).end)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .withMessageContaining("NoSuchOption");
    }
  }

  @Test
  @DisplayName("where nothing can be cached, workers start without an archive")
  void startsWithoutCache() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    for (Path cache : List.of(file, file.resolve("below"))) {
      Map<String, Object> settings = Map.of("cache", cache);
      try (Platform p = Probe.open(1, settings, List.of(), "world", q -> q)) {
        assertThat(pid(p)).isPositive();
      }
    }
    assertThat(file).isEmptyFile();
  }

  @Test
  @DisplayName("an archive that is none does not keep a worker from starting")
  void startsWithBrokenArchive() throws Exception {
    Path archive = Files.writeString(directory.resolve("broken.jsa"), "nothing of the kind");
    List<String> options = List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive);
    try (Platform p = Probe.open(1, Map.of(), options, "world", q -> q)) {
      assertThat(pid(p)).isPositive();
    }
  }

  private static long pid(Platform p) throws Exception {
    return ByteBuffer.wrap(Probe.invoke(p, 0, Probe.payload(EchoHost.PID)).bytes()).getLong();
  }

  private static Set<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  private static long newChild(Set<Long> before) {
    await().until(() -> !before.containsAll(children()));
    Set<Long> now = children();
    now.removeAll(before);
    return now.iterator().next();
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
