package dev.martlet.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.agent.Jvms;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogTest {
  /** Runs the program with Martlet's classes and the jars of SLF4J that match. */
  private static Jvms.Result run(String jars) throws Exception {
    String classes =
        Stream.of(Log.class, Program.class)
            .map(c -> c.getProtectionDomain().getCodeSource().getLocation())
            .map(url -> Path.of(url.getPath()).toString())
            .collect(Collectors.joining(File.pathSeparator));
    String logging;
    try (Stream<Path> files = Files.list(Path.of("target/slf4j"))) {
      logging =
          files
              .map(Path::toString)
              .filter(file -> file.matches(".*/slf4j-" + jars + "\\.jar"))
              .collect(Collectors.joining(File.pathSeparator));
    }
    assertThat(logging).isNotEmpty();
    return Jvms.run(
        Path.of(System.getProperty("java.home")),
        List.of(),
        classes + File.pathSeparator + logging,
        Program.class.getName());
  }

  @ParameterizedTest
  @DisplayName("without a provider nothing is logged, and SLF4J does not complain")
  @ValueSource(strings = {"api-1\\.7.*", "api-2\\.0.*", "(api-2\\.0|simple-1\\.7).*"})
  void silent(String jars) throws Exception {
    Jvms.Result r = run(jars);
    assertThat(r.err()).isEmpty();
    assertThat(r.out()).isEqualToIgnoringNewLines("NOPLogger");
  }

  @ParameterizedTest
  @DisplayName("with a provider of SLF4J 1.7 or 2.0 Martlet logs to it, and to it alone")
  @CsvSource({"(api|simple)-1\\.7.*", "(api|simple)-2\\.0.*"})
  void logs(String jars) throws Exception {
    Jvms.Result r = run(jars);
    assertThat(r.err())
        .isEqualToIgnoringNewLines("[main] WARN " + Program.class.getName() + " - a warning");
    assertThat(r.out()).isEqualToIgnoringNewLines("SimpleLogger");
  }

  /** Logs a warning. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Log.of(Program.class).warn("a {}", "warning");
      System.out.println(Log.of(Program.class).getClass().getSimpleName());
    }
  }
}
