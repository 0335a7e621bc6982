package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs on the JDK's pools: what the corpus takes for granted about itself. */
class JdkProgramsTest {
  private static final int RUNS = 5;

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives the same outcome whenever it runs on a JDK pool")
  void isDeterministic(Program program) {
    Set<String> outcomes = new HashSet<>();
    for (int i = 0; i < RUNS; i++) {
      outcomes.add(onJdk(program));
    }
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes).noneMatch(o -> o.startsWith("thrown"));
  }

  @Test
  @DisplayName("the corpus has programs of every kind")
  void isComplete() {
    assumeTrue(System.getProperty("program") == null, "only some were asked for");
    assertThat(Program.all()).hasSizeGreaterThan(300);
    assertThat(Program.all()).extracting(Program::where).contains(Runs.Where.values());
  }

  static String onJdk(Program program) {
    ExecutorService pool = Pools.jdk(program);
    try {
      return program.outcome(pool);
    } finally {
      pool.shutdownNow();
    }
  }

  static List<Program> programs() {
    return Program.all();
  }
}
