package dev.martlet.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.CloudStreams;
import dev.martlet.Frontier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams in a fork/join pool as users have it. */
@Timeout(60)
class PoolStreamsTest {
  private static final long HOME = ProcessHandle.current().pid();

  private static long slowly() {
    try {
      Thread.sleep(15);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return ProcessHandle.current().pid();
  }

  @Test
  @DisplayName(
      "the leaves of a long parallel stream run in other processes too, those of a short one here")
  void leaves() throws Exception {
    try (CloudForkJoinPool pool = CloudExecutors.newCloudForkJoinPool(8)) {
      Set<Long> pids =
          pool.submit(
                  () ->
                      IntStream.range(0, 128)
                          .parallel()
                          .mapToObj(i -> slowly())
                          .collect(Collectors.toSet()))
              .get();
      assertThat(pids).hasSizeGreaterThan(1);
      long away = pool.statistics().away();
      assertThat(away).isPositive();
      int sum = pool.submit(() -> IntStream.range(0, 1_000).parallel().map(i -> i + 1).sum()).get();
      assertThat(sum).isEqualTo(500_500);
    }
  }

  @Test
  @DisplayName("a stream of Martlet's own leaves from a thread that is not the pool's")
  void cloudStreams() {
    List<Integer> list = IntStream.range(0, 100).boxed().toList();
    try (CloudForkJoinPool pool =
        CloudExecutors.builder()
            .parallelism(4)
            .frontier(Frontier.minimumWork(Duration.ZERO))
            .buildForkJoinPool()) {
      Set<Long> pids =
          CloudStreams.parallel(list, pool).map(i -> slowly()).collect(Collectors.toSet());
      assertThat(pids).hasSizeGreaterThan(1);
      assertThat(CloudStreams.parallel(list.spliterator(), pool).map(i -> i * 2).toList())
          .isEqualTo(list.stream().map(i -> i * 2).toList());
      assertThat(pids).contains(HOME);
    }
    try (CloudForkJoinPool pool =
        CloudExecutors.builder().parallelism(2).frontier(Frontier.allLocal()).buildForkJoinPool()) {
      assertThat(
              CloudStreams.parallel(list, pool)
                  .map(i -> ProcessHandle.current().pid())
                  .collect(Collectors.toSet()))
          .containsOnly(HOME);
    }
  }
}
