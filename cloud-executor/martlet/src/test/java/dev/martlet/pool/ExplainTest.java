package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CallStatistics;
import dev.martlet.CallStatistics.Place;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.TaskExplanation;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@link CloudExecutors#explain} says. */
class ExplainTest {
  /** An object as applications have them: the task needs little of it. */
  static final class Service {
    private final Logger logger = LoggerFactory.getLogger(Service.class);
    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final Thread thread = new Thread(() -> {});
    private final InputStream open = InputStream.nullInputStream();
    private final int[] data = {1, 2, 3};

    Callable<Integer> sum() {
      return () -> {
        logger.info("summing");
        return Helper.sum(data);
      };
    }

    Callable<String> threadName() {
      return () -> thread.getName();
    }

    Callable<Boolean> ended() {
      return () -> pool.isTerminated();
    }

    Callable<Integer> read() {
      return () -> open.read();
    }
  }

  static final class Helper {
    static int sum(int[] data) {
      int s = 0;
      for (int d : data) {
        s += d;
      }
      return s;
    }
  }

  @Test
  @DisplayName("fields that a task does not read stay home, and the rest travels")
  void pruned() {
    TaskExplanation e = CloudExecutors.explain(new Service().sum());
    assertThat(e.place()).as(e.reason()).isEqualTo(Place.AWAY);
    assertThat(e.reason()).isNotBlank();
    assertThat(e.classes()).contains(Service.class.getName(), Helper.class.getName());
    assertThat(e.objects()).isBetween(3, 10);
    assertThat(e.bytes()).isBetween(20L, 2_000L);
    assertThat(e.keptHome())
        .containsExactlyInAnyOrder(
            Service.class.getName() + ".pool",
            Service.class.getName() + ".thread",
            Service.class.getName() + ".open");
  }

  @Test
  @DisplayName("a task that needs a thread, a pool or an open stream is at home, by its path")
  void home() throws Exception {
    Service service = new Service();
    TaskExplanation thread = CloudExecutors.explain(service.threadName());
    assertThat(thread.place()).isEqualTo(Place.HOME);
    assertThat(thread.reason()).contains("thread", "java.lang.Thread", "Service");
    TaskExplanation pool = CloudExecutors.explain(service.ended());
    assertThat(pool.place()).isEqualTo(Place.HOME);
    assertThat(pool.reason()).contains("pool");
    try (InputStream file = new FileInputStream("pom.xml")) {
      Callable<Integer> read = file::read;
      TaskExplanation e = CloudExecutors.explain(read);
      assertThat(e.place()).isEqualTo(Place.HOME);
      assertThat(e.reason()).contains("java.io.FileInputStream");
      InputStream wrapped = new java.io.BufferedInputStream(file);
      assertThat(CloudExecutors.explain(() -> wrapped.read()).place()).isEqualTo(Place.HOME);
    }
    InputStream memory = new ByteArrayInputStream(new byte[] {1});
    assertThat(CloudExecutors.explain((Callable<Integer>) () -> 1 + memory.hashCode()).reason())
        .isNotBlank();
  }

  @Test
  @DisplayName("a task that waits for others is at home, and the reason names the operation")
  void acquires() {
    CountDownLatch latch = new CountDownLatch(1);
    TaskExplanation e =
        CloudExecutors.explain(
            () -> {
              latch.await();
              return 1;
            });
    assertThat(e.place()).isEqualTo(Place.HOME);
    assertThat(e.reason()).contains("CountDownLatch.await");
    AtomicInteger count = new AtomicInteger();
    TaskExplanation release =
        CloudExecutors.explain(
            (Runnable)
                () -> {
                  count.incrementAndGet();
                });
    assertThat(release.place()).as(release.reason()).isEqualTo(Place.AWAY);
  }

  @Test
  @DisplayName("a task that locks a captured object is at home, whatever the object's type")
  void locks() throws Exception {
    Object plain = new Object();
    int[] array = {1};
    Callable<Integer> locksPlain =
        () -> {
          synchronized (plain) {
            return ++array[0];
          }
        };
    Callable<Integer> locksArray =
        () -> {
          synchronized (array) {
            return ++array[0];
          }
        };
    for (Callable<Integer> task : List.of(locksPlain, locksArray)) {
      TaskExplanation e = CloudExecutors.explain(task);
      assertThat(e.place()).as(e.reason()).isEqualTo(Place.HOME);
      assertThat(e.reason()).contains("synchronized on a");
    }
    List<CallStatistics> calls;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      assertThat(pool.submit(locksPlain).get()).isEqualTo(2);
      calls = pool.statistics().recent();
    }
    assertThat(calls).hasSize(1).allMatch(c -> c.place() == Place.HOME && c.attempts() == 0);
  }

  @Test
  @DisplayName("of a task that only its run can judge it says what would bring it home")
  void unsure() {
    TaskExplanation e =
        CloudExecutors.explain(
            () -> {
              Thread thread = new Thread(() -> {});
              thread.start();
              thread.join();
              return 1;
            });
    assertThat(e.place()).as(e.reason()).isEqualTo(Place.AWAY);
    assertThat(e.reason()).contains("comes home if", "Thread.start");
  }
}
