package dev.martlet.internal.aws.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the script starts Java. */
class StartScriptTest {
  private static final String RUNTIMES = "-XX:SharedArchiveFile=";

  @TempDir Path directory;
  private Path task;
  private Path java;

  /** Has a Java that prints what it is told, an argument a line. */
  @BeforeEach
  void create() throws Exception {
    task = Files.createDirectories(directory.resolve("task"));
    try (InputStream in = WorkerZip.class.getResourceAsStream(WorkerZip.SCRIPT)) {
      Files.copy(in, task.resolve("martlet.sh"));
    }
    java = Files.createDirectories(directory.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(directory.resolve("jdk/lib/server"));
    Files.writeString(own(), "the JDK's");
  }

  private Path own() {
    return directory.resolve("jdk/lib/server/classes.jsa");
  }

  private String start(@Nullable String options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", task + "/martlet.sh", java + ""));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LAMBDA_TASK_ROOT", task.toString());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    if (options != null) {
      builder.environment().put("JAVA_TOOL_OPTIONS", options);
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  @DisplayName("without an archive all is as the runtime wants it, and the worker is on the path")
  void without() throws Exception {
    assertThat(
            start(null, "-Xshare:on", RUNTIMES + "r.jsa", "-Da=b c", "-cp", "/x y:/z", "M", "h::r"))
        .isEqualTo(
            "-Xss4m\n-Xshare:on\n"
                + RUNTIMES
                + "r.jsa\n-Da=b c\n-cp\n/x y:/z:lib/martlet.jar\nM\nh::r\n");
  }

  @Test
  @DisplayName("the archive stands on the runtime's, or on the JDK's")
  void stands() throws Exception {
    Files.writeString(task.resolve("martlet.jsa"), "archive");
    Path runtimes = Files.writeString(directory.resolve("r.jsa"), "the runtime's");
    assertThat(start(null, "-Xshare:on", RUNTIMES + runtimes, "-cp", "/z", "M"))
        .isEqualTo(
            "-Xshare:auto\n"
                + RUNTIMES
                + runtimes
                + ":martlet.jsa\n-Xss4m\n-cp\n/z:lib/martlet.jar\nM\n");
    assertThat(start(null, "-cp", "/z", "M")).contains(RUNTIMES + own() + ":martlet.jsa\n");
    Files.delete(own());
    assertThat(start(null, "-cp", "/z", "M")).doesNotContain("jsa");
  }

  @Test
  @DisplayName("whoever chooses what classes are read from has it so")
  void yields() throws Exception {
    Files.writeString(task.resolve("martlet.jsa"), "archive");
    assertThat(start(null, "-XX:AOTCache=runtime.aot", "-cp", "/z", "M"))
        .startsWith("-Xss4m\n-XX:AOTCache=runtime.aot\n")
        .doesNotContain("jsa");
    assertThat(start(null, "-Xshare:off", "-cp", "/z", "M")).startsWith("-Xss4m\n-Xshare:off\n-cp");
    assertThat(start("-Xshare:auto", "-cp", "/z", "M")).startsWith("-Xss4m\n-cp");
    assertThat(start(RUNTIMES + "mine.jsa", "-cp", "/z", "M")).startsWith("-Xss4m\n-cp");
  }

  @Test
  @DisplayName("whoever chooses how much stack threads have has it so")
  void stack() throws Exception {
    assertThat(start("-Xss2m", "-cp", "/z", "M")).startsWith("-cp");
    assertThat(start("-XX:ThreadStackSize=2048", "-cp", "/z", "M")).startsWith("-cp");
    assertThat(start(null, "-Xss2m", "-cp", "/z", "M")).startsWith("-Xss2m\n-cp");
  }

  @Test
  @DisplayName("a JVM that the archive does not fit begins with its own, and says nothing of it")
  void doesNotFit() throws Exception {
    java = Path.of(System.getProperty("java.home"), "bin", "java");
    String plain = start("-Da=b", "-version");
    Path archive = task.resolve("martlet.jsa");
    String unused = start(null, "-XX:ArchiveClassesAtExit=" + archive, "-version");
    assumeTrue(Files.exists(archive), "this JDK has no archive of its own to stand on");
    // The version and the JVM's name, as another JVM may write them; the rest is of that one, too.
    for (int at : new int[] {8, 200}) {
      byte[] bytes = Files.readAllBytes(archive);
      Arrays.fill(bytes, at, at + 2, (byte) 1);
      Files.delete(archive);
      Files.write(archive, bytes);
      assertThat(start("-Da=b", "-Xshare:on", "-version").replaceFirst("Picked up .*\\n", ""))
          .isEqualTo(plain.replaceFirst("Picked up .*\\n", ""))
          .contains("sharing");
    }
  }
}
