package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.programs.mains.Failing;
import dev.martlet.programs.mains.Hello;
import dev.martlet.programs.mains.Printing;
import dev.martlet.programs.mains.Statics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole programs in JVMs of their own, as a user starts them, on each JDK that is installed. */
class SecondJvmIT {
  private static final long SECONDS = 60;

  private record Run(String name, Path java, Class<?> main, List<String> args, String stdout) {
    @Override
    public String toString() {
      return main.getSimpleName() + " on " + name;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("runs")
  @DisplayName("a program without flags prints what it should, and nothing on standard error")
  void runsWithoutFlags(Run run) throws Exception {
    List<String> stderr = start(run, List.of());
    // JDK 21 and later tell that an agent was loaded at run time.
    assertThat(stderr)
        .allMatch(
            line ->
                line.startsWith("WARNING: A Java agent has been loaded dynamically")
                    || line.startsWith("WARNING: If a serviceability tool is in use")
                    || line.startsWith("WARNING: If a serviceability tool is not in use")
                    || line.startsWith("WARNING: Dynamic loading of agents will be disallowed"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("runs")
  @DisplayName("a program started with the agent prints nothing on standard error")
  void runsWithAgent(Run run) throws Exception {
    assertThat(start(run, List.of("-javaagent:" + agent()))).isEmpty();
  }

  private static List<String> start(Run run, List<String> options) throws Exception {
    List<String> command = new ArrayList<>(List.of(run.java().toString()));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), run.main().getName()));
    command.addAll(run.args());
    Path out = Files.createTempFile("martlet", ".out");
    Path err = Files.createTempFile("martlet", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      // A JVM tells on standard error that it has picked these up.
      builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
      Process process = builder.start();
      try {
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        assertThat(ended).as("%s has ended; so far it said %s", run, said(out, err)).isTrue();
        assertThat(process.exitValue()).as("exit; it said %s", said(out, err)).isZero();
        assertThat(Files.readString(out)).isEqualToNormalizingNewlines(run.stdout());
        return Files.readAllLines(err);
      } finally {
        process.destroyForcibly().waitFor();
      }
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String said(Path out, Path err) throws IOException {
    return Files.readString(out) + Files.readString(err);
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** Martlet's jar, which is on the class path since it has been packaged. */
  private static String agent() {
    return Stream.of(classPath().split(File.pathSeparator))
        .filter(entry -> Path.of(entry).getFileName().toString().matches("martlet-\\d.*\\.jar"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no Martlet jar on the class path " + classPath()));
  }

  static List<Run> runs() throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path java : javas()) {
      String name = java.getParent().getParent().getFileName().toString();
      runs.add(new Run(name, java, Hello.class, List.of(), "hello world\nsum 30\n"));
      runs.add(new Run(name, java, Hello.class, List.of("you"), "hello you\nsum 30\n"));
      runs.add(
          new Run(
              name,
              java,
              Statics.class,
              List.of(),
              "6\n6 {a=1, b=6}\n11 [initialised, task]\n12 [initialised, task]\n"));
      runs.add(new Run(name, java, Printing.class, List.of(), "line 0\nline 1\nline 2\nend\n"));
      runs.add(new Run(name, java, Failing.class, List.of(), "java.io.IOException: lost\n"));
    }
    return runs;
  }

  /** This JVM's launcher, and those of JDK 17 and 25 where they are usually installed. */
  private static Set<Path> javas() throws IOException {
    Set<Path> javas = new LinkedHashSet<>();
    javas.add(launcher(Path.of(System.getProperty("java.home"))));
    File[] homes =
        new File("/usr/lib/jvm").listFiles((d, name) -> name.matches(".*\\b(17|25)\\b.*"));
    if (homes != null) {
      Arrays.sort(homes);
      for (File home : homes) {
        Path java = launcher(home.toPath());
        if (Files.isExecutable(java)) {
          javas.add(java.toRealPath());
        }
      }
    }
    return javas;
  }

  private static Path launcher(Path home) throws IOException {
    Path java = home.resolve("bin").resolve("java");
    return Files.exists(java) ? java.toRealPath() : java;
  }
}
