package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.aws.LambdaHere;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs for fork/join pools on AWS Lambda, compared with the JDK's. Some of them, unless
 * {@code -Dprogram} names which.
 */
@ExtendWith(LambdaHere.class)
class LambdaForkProgramsTest {
  private static final int ONE_IN = 80;
  private static final int PARALLELISM = 4;

  /** Instances iterate in an order of their own. */
  private static final String OTHERWISE = "ForkLoose.setsIterateAlike";

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  @DisplayName("a program gives on Lambda what it gives on the JDK's fork/join pool")
  void agrees(ForkProgram program) {
    try (CloudForkJoinPool pool =
        CloudExecutors.builder()
            .parallelism(PARALLELISM)
            .frontier(Frontier.allRemote())
            .buildForkJoinPool()) {
      assertThat(program.outcome(pool))
          .as(program.toString())
          .isEqualTo(ForkProgramsTest.onJdk(program));
    }
  }

  static List<ForkProgram> programs() {
    boolean some = System.getProperty("program") == null;
    List<ForkProgram> chosen = new ArrayList<>();
    int n = 0;
    for (ForkProgram p : ForkProgram.all()) {
      if (!p.toString().equals(OTHERWISE) && (!some || n++ % ONE_IN == 0)) {
        chosen.add(p);
      }
    }
    return chosen;
  }
}
