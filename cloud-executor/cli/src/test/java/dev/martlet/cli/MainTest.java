package dev.martlet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the commands do and say. */
@Timeout(120)
class MainTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private String config(String text) throws Exception {
    return Files.writeString(directory.resolve("martlet.yaml"), text).toString();
  }

  @AfterEach
  void forget() {
    System.clearProperty("martlet.config");
  }

  @Test
  @DisplayName("hello runs calls on the platform of the settings, and says how long they took")
  void hello() throws Exception {
    assertThat(run("hello", "--calls", "3", "--config", config("platform: local\n"))).isZero();
    assertThat(out.toString())
        .startsWith("Hello from Java " + Runtime.version())
        .contains("first call on local: ")
        .contains("3 calls after it")
        .contains("4 of 4 calls ran away from home.");
  }

  @Test
  @DisplayName("without a command the usage is shown, with all commands")
  void usage() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("deploy", "doctor", "hello", "logs", "clean", "undeploy");
  }

  @Test
  @DisplayName("the version is told")
  void version() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).matches("martlet \\d+\\.\\d+.*\\s*");
  }

  @Test
  @DisplayName("settings that are not there fail in one line")
  void noConfig() {
    assertThat(run("hello", "--config", directory.resolve("absent.yaml").toString())).isEqualTo(1);
    assertThat(err.toString()).startsWith("martlet: --config: there is no file ").hasLineCount(1);
  }
}
