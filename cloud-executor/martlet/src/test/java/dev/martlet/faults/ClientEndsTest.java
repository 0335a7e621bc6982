package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.WorkerLostException;
import dev.martlet.WorkerLostException.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that end while calls run, and workers that do not fit their client. */
class ClientEndsTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();
  @TempDir Path directory;

  /** A client whose calls run for ever, of which one heeds interruption. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws Exception {
      String file = args[1];
      CloudExecutorService pool = CloudExecutors.builder().parallelism(4).workers(2).build();
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean deaf = i == 0 && !args[0].equals("close");
        all.add(
            pool.submit(
                () -> {
                  Tasks.append(file, Long.toString(Tasks.pid()));
                  if (deaf) {
                    Tasks.spinForEver();
                  }
                  Thread.sleep(1_000_000);
                  return null;
                }));
      }
      switch (args[0]) {
        case "exit", "close" -> {
          while (Tasks.lines(Path.of(file)).size() < 4) {
            Thread.sleep(10);
          }
          if (args[0].equals("close")) {
            Thread.currentThread().interrupt();
            pool.close();
          } else {
            System.exit(0);
          }
        }
        case "halt" -> {
          while (Tasks.lines(Path.of(file)).size() < 4) {
            Thread.sleep(10);
          }
          Runtime.getRuntime().halt(0);
        }
        default -> all.get(0).get();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "exit", "halt", "TERM", "HUP", "INT", "KILL"})
  @DisplayName("a client that ends while calls run leaves no worker and no file, however it ends")
  void leavesNothing(String how) throws Exception {
    assumeFalse(isIgnored(how), "this JVM was started so that it and its children ignore it");
    Path file = directory.resolve("pids");
    Path runtime = Files.createDirectory(directory.resolve("r"));
    Process client = start(how, file, runtime);
    boolean signalled = how.equals(how.toUpperCase(Locale.ROOT));
    try {
      await().atMost(Duration.ofSeconds(60)).until(() -> Tasks.lines(file).size() == 4);
      assertThat(runtime).isNotEmptyDirectory();
      if (signalled) {
        assertThat(Tasks.leftIn(runtime)).isNotEmpty();
        Tasks.signal(how, client.pid());
      }
      assertThat(client.waitFor(60, TimeUnit.SECONDS))
          .as(Files.readString(directory.resolve("said")))
          .isTrue();
      if (!signalled) {
        assertThat(client.exitValue()).isZero();
      }
    } finally {
      client.destroyForcibly().waitFor();
    }
    for (String pid : Tasks.lines(file)) {
      Workers.awaitEnd(Long.parseLong(pid));
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> Tasks.leftIn(runtime).isEmpty());
  }

  /** Returns whether a signal is ignored here, as shells have it for what they start aside. */
  private static boolean isIgnored(String signal) throws IOException {
    int number = List.of("HUP", "INT").indexOf(signal);
    Path status = Path.of("/proc/self/status");
    if (number < 0 || !Files.exists(status)) {
      return false;
    }
    String mask =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElse("0");
    return (Long.parseUnsignedLong(mask.replaceAll(".*\\s", ""), 16) >> number & 1) != 0;
  }

  private Process start(String how, Path file, Path runtime, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Client.class.getName()));
    command.addAll(List.of(how, file.toString()));
    ProcessBuilder b = new ProcessBuilder(command);
    b.redirectErrorStream(true).redirectOutput(directory.resolve("said").toFile());
    b.environment().put("XDG_RUNTIME_DIR", runtime.toString());
    return b.start();
  }

  @Test
  @DisplayName("where a socket's path would be too long, workers are reached over the loopback")
  void loopback() throws Exception {
    Path file = directory.resolve("pids");
    Path runtime = Files.createDirectory(directory.resolve("r".repeat(120)));
    Process client = start("TERM", file, runtime);
    try {
      await().atMost(Duration.ofSeconds(60)).until(() -> Tasks.lines(file).size() == 4);
      try (Stream<Path> all = Files.walk(runtime)) {
        assertThat(all.map(p -> p.getFileName().toString())).contains("lock").doesNotContain("s");
      }
      Tasks.signal("TERM", client.pid());
      assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      client.destroyForcibly().waitFor();
    }
    for (String pid : Tasks.lines(file)) {
      Workers.awaitEnd(Long.parseLong(pid));
    }
    assertThat(Tasks.leftIn(runtime)).isEmpty();
  }

  @Test
  @DisplayName("a default charset without ASCII works, or the error says that it is the cause")
  void charset() throws Exception {
    Path file = directory.resolve("pids");
    Path runtime = Files.createDirectory(directory.resolve("r"));
    Path said = directory.resolve("said");
    Process client =
        start("run", file, runtime, "-Dfile.encoding=UTF-16", "-Dstdout.encoding=UTF-8");
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  Tasks.lines(file).size() == 4
                      || new String(Files.readAllBytes(said), StandardCharsets.ISO_8859_1)
                          .replace("\0", "")
                          .contains("-Dfile.encoding"));
    } finally {
      client.destroyForcibly().waitFor();
    }
    for (String pid : Tasks.lines(file)) {
      Workers.awaitEnd(Long.parseLong(pid));
    }
  }

  @Test
  @DisplayName("a worker of another version fails the call with both versions and the remedy")
  void otherVersion() throws Exception {
    Path version = directory.resolve("META-INF/maven/dev.martlet/martlet-core/pom.properties");
    Files.createDirectories(version.getParent());
    Files.writeString(version, "version=9.9.9");
    String path = directory + File.pathSeparator + System.getProperty("java.class.path");
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(2).jvmOptions("-cp", path).build()) {
      Future<Long> future = pool.submit(Tasks::pid);
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e.getCause()).isInstanceOf(WorkerLostException.class);
      assertThat(((WorkerLostException) e.getCause()).reason()).isEqualTo(Reason.NOT_STARTED);
      assertThat(e.getCause().getMessage()).contains("9.9.9", "one Martlet version");
      assertThat(e.getCause().getMessage().indexOf("9.9.9"))
          .isEqualTo(e.getCause().getMessage().lastIndexOf("9.9.9"));
    }
    Workers.awaitNone();
  }

  @Test
  @DisplayName("workers that cannot be started fail the call with what the JVM said")
  void cannotStart() throws Exception {
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(2).retries(0).jvmOptions("-Xnonsense").build()) {
      Future<Long> future = pool.submit(Tasks::pid);
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e.getCause()).isInstanceOf(WorkerLostException.class);
      assertThat(((WorkerLostException) e.getCause()).reason()).isEqualTo(Reason.NOT_STARTED);
      assertThat(e.getCause().getMessage()).contains("-Xnonsense");
    }
    Workers.awaitNone();
  }
}
