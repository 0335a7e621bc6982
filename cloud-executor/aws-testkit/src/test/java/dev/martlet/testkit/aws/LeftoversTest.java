package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither processes nor files are left. */
class LeftoversTest {
  /** A JVM with a kit, which tells its instance's process and that one's child. */
  static final class Main {
    public static void main(String[] args) throws IOException {
      Subjects subjects = new Subjects(LambdaTestKit.start());
      subjects.create("plain");
      System.out.println(subjects.answer("plain", "pid"));
      System.out.println(subjects.answer("plain", "child"));
      if (args[0].equals("exit")) {
        System.exit(0);
      }
      System.out.println(System.in.read());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit", "kill"})
  void nothingIsLeftWhenAKitsJvmEnds(String how, @TempDir Path directory) throws Exception {
    Process jvm =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.io.tmpdir=" + directory,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    how))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = jvm.inputReader()) {
      long instance = Long.parseLong(output.readLine());
      long child = Long.parseLong(output.readLine());
      if (how.equals("kill")) {
        assertThat(ProcessHandle.of(instance)).isPresent();
        assertThat(ProcessHandle.of(child)).isPresent();
        jvm.destroyForcibly();
      }
      await().until(() -> ProcessHandle.of(instance).isEmpty());
      await().until(() -> ProcessHandle.of(child).isEmpty());
      await()
          .until(
              () -> {
                try (var files = Files.list(directory)) {
                  return files.noneMatch(f -> f.toString().contains("lambda-test-kit"));
                }
              });
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  @Test
  void nothingIsLeftWhenAKitIsClosed() {
    long instance;
    long child;
    Path temporary;
    try (Subjects subjects = new Subjects(LambdaTestKit.start())) {
      subjects.create("plain");
      instance = Long.parseLong(subjects.answer("plain", "pid"));
      child = Long.parseLong(subjects.answer("plain", "child"));
      temporary = Path.of(subjects.answer("plain", "env TMPDIR").replace("\"", ""));
      assertThat(ProcessHandle.of(instance)).isPresent();
      assertThat(ProcessHandle.of(child)).isPresent();
      assertThat(temporary).isDirectory();
    }
    await().until(() -> ProcessHandle.of(instance).isEmpty());
    await().until(() -> ProcessHandle.of(child).isEmpty());
    await().until(() -> !Files.exists(temporary.getParent().getParent()));
  }

  @Test
  void aKitMayBeClosedTwice() {
    LambdaTestKit kit = LambdaTestKit.start();
    kit.close();
    kit.close();
    assertThat(kit.statistics().instances()).isZero();
  }
}
