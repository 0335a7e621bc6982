package dev.martlet.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrustedTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  static Stream<Path> homes() throws IOException {
    return Jvms.homes().stream();
  }

  @ParameterizedTest
  @DisplayName("a JVM with the options for it finds the lookup without an agent, and in silence")
  @MethodSource("homes")
  void found(Path home) throws Exception {
    String printed = Jvms.run(home, List.of(), CLASS_PATH, Options.class.getName()).out().strip();
    List<String> options = new ArrayList<>(printed.isEmpty() ? List.of() : List.of(printed));
    options.add("-XX:+DisableAttachMechanism");
    Jvms.Result r = Jvms.run(home, options, CLASS_PATH, Program.class.getName());
    assertThat(r.out().strip()).isEqualTo("/trusted");
    assertThat(r.err()).isEmpty();
  }

  /** Prints the options. */
  public static final class Options {
    private Options() {}

    public static void main(String[] args) {
      System.out.println(String.join(" ", Trusted.jvmOptions()));
    }
  }

  /** Prints the lookup. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) {
      System.out.println(Trusted.lookup());
    }
  }
}
