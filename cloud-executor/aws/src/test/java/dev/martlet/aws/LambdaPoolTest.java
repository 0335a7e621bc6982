package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools whose platform is AWS Lambda. */
@ExtendWith(LambdaHere.class)
@Timeout(120)
class LambdaPoolTest {
  @Test
  @DisplayName("a plain lambda runs in another process, and its changes are seen here")
  void runsAway() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      List<Future<Long>> pids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        pids.add(
            pool.submit(
                () -> {
                  count.incrementAndGet();
                  return ProcessHandle.current().pid();
                }));
      }
      for (Future<Long> pid : pids) {
        assertThat(pid.get()).isNotEqualTo(ProcessHandle.current().pid());
      }
      assertThat(pool.statistics().away()).isEqualTo(20);
    }
    assertThat(count).hasValue(20);
  }

  @Test
  @DisplayName("what is longer than Lambda carries travels through the store, both ways")
  void carriesMuch() throws Exception {
    byte[] much = new byte[20_000_000];
    new Random(1).nextBytes(much);
    byte[] expected = much.clone();
    expected[7] = 42;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Callable<byte[]> task =
          () -> {
            much[7] = 42;
            return much.clone();
          };
      byte[] copy = pool.submit(task).get();
      assertThat(copy).isEqualTo(expected);
      assertThat(much).isEqualTo(expected);
    }
  }

  @Test
  @DisplayName("tiny tasks travel together")
  void batches() throws Exception {
    long before = LambdaHere.kit().statistics().invocations();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        int n = i;
        all.add(pool.submit(() -> n * n));
      }
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).get()).isEqualTo(i * i);
      }
      assertThat(pool.statistics().away()).isEqualTo(5_000);
      assertThat(LambdaHere.kit().statistics().invocations() - before).isLessThan(500);
    }
  }

  @Test
  @DisplayName("a cancelled task is interrupted where it runs")
  void cancels() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch interrupted = new CountDownLatch(1);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Future<?> task =
          pool.submit(
              () -> {
                begun.incrementAndGet();
                try {
                  Thread.sleep(60_000);
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              });
      await().until(() -> begun.get() == 1);
      assertThat(task.cancel(true)).isTrue();
      assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
