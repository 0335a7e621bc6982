package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.PoolStatistics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs for fork/join pools on Martlet's, compared with the JDK's. */
class ForkProgramsTest {
  private static final int PARALLELISM = 4;
  private static final Map<Frontier, CloudForkJoinPool> pools = new ConcurrentHashMap<>();
  private static final Map<String, String> expected = new ConcurrentHashMap<>();

  @AfterAll
  static void stop() {
    pools.values().forEach(ForkJoinPool::shutdownNow);
    pools.clear();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives the same where subtrees leave by measure")
  void byMeasure(ForkProgram program) {
    agrees(program, Frontier.automatic());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives the same where all leaves")
  void allRemote(ForkProgram program) {
    agrees(program, Frontier.allRemote());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("light")
  @DisplayName("a program gives the same where subtrees leave two forks below the root")
  void twoDeep(ForkProgram program) {
    agrees(program, Frontier.depth(2));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("light")
  @DisplayName("a program gives the same where nothing leaves")
  void allLocal(ForkProgram program) {
    agrees(program, Frontier.allLocal());
  }

  private static void agrees(ForkProgram program, Frontier frontier) {
    CloudForkJoinPool pool = pools.computeIfAbsent(frontier, ForkProgramsTest::open);
    PoolStatistics before = pool.statistics();
    boolean passed = false;
    try {
      assertThat(program.outcome(pool)).as(program + " with " + frontier).isEqualTo(onJdk(program));
      check(program, frontier, pool.statistics(), before);
      passed = true;
    } finally {
      if (!passed) {
        pools.remove(frontier);
        pool.shutdownNow();
      }
    }
  }

  private static void check(
      ForkProgram program, Frontier frontier, PoolStatistics now, PoolStatistics before) {
    long away = now.away() - before.away();
    long home = now.home() - before.home();
    if (frontier.equals(Frontier.allRemote())) {
      switch (program.where()) {
        case AWAY -> {
          assertThat(away).as(program + ": calls away").isPositive();
          assertThat(home).as(program + ": calls at home").isZero();
        }
        case HOME -> assertThat(away).as(program + ": calls away").isZero();
        case EITHER -> {}
      }
    }
    if (frontier.equals(Frontier.automatic()) && program.isHeavy()) {
      assertThat(away).as(program + ": calls away by measure").isPositive();
    }
  }

  private static CloudForkJoinPool open(Frontier frontier) {
    return CloudExecutors.builder().parallelism(PARALLELISM).frontier(frontier).buildForkJoinPool();
  }

  /** Returns what a program gives on a JDK pool, where it runs once for all who ask. */
  static String onJdk(ForkProgram program) {
    return expected.computeIfAbsent(program.toString(), p -> runOnJdk(program));
  }

  private static String runOnJdk(ForkProgram program) {
    ForkJoinPool pool = new ForkJoinPool(PARALLELISM);
    try {
      String outcome = program.outcome(pool);
      assertThat(outcome).doesNotStartWith("thrown");
      return outcome;
    } finally {
      pool.shutdownNow();
    }
  }

  static List<ForkProgram> programs() {
    return ForkProgram.all();
  }

  static List<ForkProgram> light() {
    return ForkProgram.all().stream().filter(p -> !p.isHeavy()).toList();
  }
}
