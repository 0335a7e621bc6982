package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.aws.LambdaHere;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs on AWS Lambda, compared with the JDK's pools. Some of them, unless {@code -Dprogram}
 * names which.
 */
@ExtendWith(LambdaHere.class)
class LambdaProgramsTest {
  private static final int ONE_IN = 60;

  /** It reads a file of the client, which is not there. */
  private static final Set<String> READ_FILES = Set.of("Library.relativeFiles");

  /** What differs where workers are on other machines, or once did. */
  private static final Set<String> ALWAYS =
      Set.of(
          "Library.processHandleAndEnvironment",
          "Mirrors.stackWalked",
          "Surprises.deepRecursions",
          "Surprises.deepRecursionsThatWouldBeCaught",
          "Surprises.setsOfLiteralsIterateAlike",
          "Surroundings.defaultCharset",
          "Surroundings.environmentVariables",
          "Surroundings.standardProperties",
          "Surroundings.temporaryFileByItsAbsolutePath",
          "Surroundings.workingDirectory",
          "ThreadLocals.ofLibrary",
          "ThreadLocals.ofLibraryInOneThread");

  /** Its task makes calls of which each makes the next one. */
  private static final String REPEATED = "Contract.shutdownEndsTaskThatRepeatsItself";

  private static final String NESTED = "martlet.aws.nested";

  private static final Pools pools = new Pools();

  @AfterAll
  static void stop() {
    pools.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives on Lambda what it gives on a JDK pool")
  void agrees(Program program) {
    String expected = JdkProgramsTest.onJdk(program);
    CloudExecutorService pool =
        program.needsOwnPool()
            ? Pools.martlet(program.parallelism(), false)
            : pools.shared(program.parallelism(), false);
    boolean passed = false;
    try {
      assertThat(program.outcome(pool)).as(program.toString()).isEqualTo(expected);
      passed = true;
    } finally {
      if (!passed || program.needsOwnPool()) {
        pools.discard(pool);
      }
    }
  }

  @Test
  @DisplayName("what calls on other instances submit is rejected once the pool is shut down")
  void shutdownElsewhere() {
    System.setProperty(NESTED, "always");
    try {
      agrees(
          Program.all().stream()
              .filter(p -> p.toString().equals(REPEATED))
              .findFirst()
              .orElseThrow());
    } finally {
      System.clearProperty(NESTED);
    }
  }

  static List<Program> programs() {
    boolean some = System.getProperty("program") == null;
    List<Program> chosen = new ArrayList<>();
    int n = 0;
    for (Program p : Program.all()) {
      if (!READ_FILES.contains(p.toString())
          && (!some || ALWAYS.contains(p.toString()) || n++ % ONE_IN == 0)) {
        chosen.add(p);
      }
    }
    return chosen;
  }
}
