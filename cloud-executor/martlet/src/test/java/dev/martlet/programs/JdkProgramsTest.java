package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs on the JDK's pools: what the corpus takes for granted about itself. */
class JdkProgramsTest {
  private static final int RUNS = 2;
  private static final Map<Program, String> outcomes = new ConcurrentHashMap<>();

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives the same outcome whenever it runs on a JDK pool")
  void isDeterministic(Program program) {
    String outcome = onJdk(program);
    assertThat(outcome).doesNotStartWith("thrown");
    for (int i = 1; i < RUNS; i++) {
      assertThat(runOnJdk(program)).isEqualTo(outcome);
    }
  }

  @Test
  @DisplayName("the corpus has programs of every kind")
  void isComplete() {
    assumeTrue(System.getProperty("program") == null, "only some were asked for");
    assertThat(Program.all()).hasSizeGreaterThan(300);
    assertThat(Program.all()).extracting(Program::where).contains(Runs.Where.values());
  }

  /** Returns what a program gives on a JDK pool, where it runs once for all who ask. */
  static String onJdk(Program program) {
    return outcomes.computeIfAbsent(program, JdkProgramsTest::runOnJdk);
  }

  private static String runOnJdk(Program program) {
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
