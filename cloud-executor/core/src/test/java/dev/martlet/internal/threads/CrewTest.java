package dev.martlet.internal.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CrewTest {
  private final ScheduledExecutorService watchman = Executors.newScheduledThreadPool(1);
  private final Crew crew = new Crew(watchman, Executors.defaultThreadFactory());

  @AfterEach
  void end() throws InterruptedException {
    crew.shutdown();
    watchman.shutdownNow();
    assertThat(crew.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Each waits for the next one. */
  private void chain(int from, CountDownLatch[] links) {
    for (int i = from; i < links.length; i++) {
      CountDownLatch own = links[i];
      CountDownLatch next = i + 1 < links.length ? links[i + 1] : new CountDownLatch(0);
      crew.execute(
          () -> {
            try {
              next.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            own.countDown();
          });
    }
  }

  private static CountDownLatch[] links(int number) {
    CountDownLatch[] links = new CountDownLatch[number];
    for (int i = 0; i < number; i++) {
      links[i] = new CountDownLatch(1);
    }
    return links;
  }

  @Test
  @DisplayName("those that get on are few, however much there is to do")
  void few() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(10_000);
    for (int i = 0; i < 10_000; i++) {
      crew.execute(all::countDown);
    }
    all.await();
    assertThat(crew.getLargestPoolSize()).isLessThanOrEqualTo(8);
  }

  @Test
  @DisplayName("those that wait for each other all get a thread")
  void grows() throws InterruptedException {
    CountDownLatch[] links = links(20);
    chain(0, links);
    links[0].await();
    assertThat(crew.getLargestPoolSize()).isGreaterThan(8);
  }

  @Test
  @DisplayName("what waits when the crew is closed is run, even if it is waited for")
  void closes() throws InterruptedException {
    CountDownLatch[] links = links(20);
    chain(0, links);
    crew.shutdown();
    links[0].await();
  }
}
