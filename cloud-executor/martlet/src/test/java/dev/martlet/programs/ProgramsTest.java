package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.CloudExecutorService;
import dev.martlet.PoolStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs on Martlet's pools, compared with the JDK's. */
class ProgramsTest {
  private static final int ONE_IN = 5;
  private static final Pools pools = new Pools();

  @AfterAll
  static void stop() {
    pools.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName(
      "a program gives on a Martlet pool what it gives on a JDK pool, and runs where it should")
  void agrees(Program program) {
    String expected = JdkProgramsTest.onJdk(program);
    onMartlet(
        program,
        false,
        (pool, before) -> {
          assertThat(program.outcome(pool)).as(program.toString()).isEqualTo(expected);
          if (program.where() == Runs.Where.AWAY) {
            soon().untilAsserted(() -> assertAllAway(program, pool, before));
          } else if (program.where() == Runs.Where.HOME) {
            soon()
                .untilAsserted(
                    () ->
                        assertThat(pool.statistics().home())
                            .as("tasks at home")
                            .isGreaterThan(before.home()));
          }
        });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("away")
  @DisplayName("strict mode refuses nothing of a program that acquires nothing shared")
  void isTaken(Program program) {
    String expected = JdkProgramsTest.onJdk(program);
    onMartlet(
        program,
        true,
        (pool, before) -> {
          assertThat(program.outcome(pool)).as(program.toString()).isEqualTo(expected);
          soon().untilAsserted(() -> assertAllAway(program, pool, before));
        });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("home")
  @DisplayName("a program that needs live objects is refused in strict mode")
  void isRefused(Program program) {
    onMartlet(
        program,
        true,
        (pool, before) -> {
          assertThat(program.outcome(pool))
              .as(program.toString())
              .contains("UncapturableException");
          assertThat(pool.statistics().home()).isEqualTo(before.home());
        });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("either")
  @DisplayName("strict mode refuses or is right")
  void isRefusedOrRight(Program program) {
    String expected = JdkProgramsTest.onJdk(program);
    onMartlet(
        program,
        true,
        (pool, before) -> {
          String outcome = program.outcome(pool);
          if (!outcome.contains("UncapturableException")) {
            assertThat(outcome).isEqualTo(expected);
          }
          assertThat(pool.statistics().home()).isEqualTo(before.home());
        });
  }

  private static void onMartlet(
      Program program, boolean strict, BiConsumer<CloudExecutorService, PoolStatistics> body) {
    CloudExecutorService pool =
        program.needsOwnPool()
            ? Pools.martlet(program.parallelism(), strict)
            : pools.shared(program.parallelism(), strict);
    boolean passed = false;
    try {
      body.accept(pool, pool.statistics());
      passed = true;
    } finally {
      if (!passed || program.needsOwnPool()) {
        pools.discard(pool);
      }
    }
  }

  /** Most often at once, which would otherwise be seen a tenth of a second later. */
  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(10))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10));
  }

  private static void assertAllAway(
      Program program, CloudExecutorService pool, PoolStatistics before) {
    PoolStatistics now = pool.statistics();
    long away = now.away() - before.away();
    long cancelled = now.cancelled() - before.cancelled();
    assertThat(now.home()).as("tasks at home").isEqualTo(before.home());
    assertThat(now.submitted()).as("tasks").isGreaterThan(before.submitted());
    if (pool.isShutdown()) {
      return; // what shutdownNow has returned was never run
    }
    assertThat(away + cancelled)
        .as(program + ": tasks on workers or cancelled, of those submitted")
        .isGreaterThanOrEqualTo(now.submitted() - before.submitted());
  }

  static List<Program> programs() {
    return Program.all();
  }

  /** Some of them, since all have shown that they run away, unless some were asked for. */
  static List<Program> away() {
    boolean all = System.getProperty("program") != null;
    List<Program> chosen = new ArrayList<>();
    int n = 0;
    for (Program p : programs(Runs.Where.AWAY)) {
      if (all || n++ % ONE_IN == 0) {
        chosen.add(p);
      }
    }
    return chosen;
  }

  static List<Program> home() {
    return programs(Runs.Where.HOME);
  }

  static List<Program> either() {
    return programs(Runs.Where.EITHER);
  }

  private static List<Program> programs(Runs.Where where) {
    return Program.all().stream().filter(p -> p.where() == where).toList();
  }
}
