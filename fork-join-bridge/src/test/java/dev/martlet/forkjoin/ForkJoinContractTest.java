package dev.martlet.forkjoin;

import dev.martlet.CloudExecutors;
import dev.martlet.Frontier;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/** The contract on the JDK's pool, and on Martlet's wherever subtrees leave. */
class ForkJoinContractTest {
  private static ForkJoinPool cloud(int parallelism, Frontier frontier) {
    return CloudExecutors.builder().parallelism(parallelism).frontier(frontier).buildForkJoinPool();
  }

  @Nested
  @DisplayName("the JDK's pool")
  class Jdk extends ForkJoinContract {
    @Override
    ForkJoinPool newPool(int parallelism) {
      return new ForkJoinPool(parallelism);
    }
  }

  @Nested
  @DisplayName("all local")
  class Home extends ForkJoinContract {
    @Override
    ForkJoinPool newPool(int parallelism) {
      return cloud(parallelism, Frontier.allLocal());
    }
  }

  @Nested
  @DisplayName("by measure")
  class Automatic extends ForkJoinContract {
    @Override
    ForkJoinPool newPool(int parallelism) {
      return cloud(parallelism, Frontier.automatic());
    }
  }

  @Nested
  @DisplayName("at a depth")
  class Depth extends ForkJoinContract {
    @Override
    ForkJoinPool newPool(int parallelism) {
      return cloud(parallelism, Frontier.depth(2));
    }
  }

  @Nested
  @DisplayName("all remote")
  class Away extends ForkJoinContract {
    @Override
    ForkJoinPool newPool(int parallelism) {
      return cloud(parallelism, Frontier.allRemote());
    }
  }
}
