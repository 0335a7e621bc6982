package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Calls that take too long, and calls that are cancelled. */
class TimeoutsTest {
  private static final int LONG = 100_000;

  // Other calls must be done in time, also on a new worker and on a busy machine.
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  @RegisterExtension final Watchdog watchdog = new Watchdog();
  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() {
    Workers.awaitNone();
  }

  private static CloudExecutorService pool(int retries) {
    return CloudExecutors.builder()
        .parallelism(4)
        .workers(1)
        .retries(retries)
        .callTimeout(TIMEOUT)
        .build();
  }

  private static TimeoutException timeout(Future<?> future) {
    ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
    assertThat(e).hasCauseInstanceOf(TimeoutException.class);
    assertThat(e.getCause()).hasMessageContaining(TIMEOUT.toString());
    return (TimeoutException) e.getCause();
  }

  @Test
  @DisplayName("a task that heeds its time-out fails with it, and its worker lives")
  void heeds() throws Exception {
    try (CloudExecutorService pool = pool(2)) {
      long pid = pool.submit(Tasks::pid).get();
      int[] effects = new int[1];
      Future<?> slow =
          pool.submit(
              () -> {
                try {
                  Thread.sleep(LONG);
                } finally {
                  effects[0] = 7;
                }
                return null;
              });
      assertThat(timeout(slow).getSuppressed()[0]).isInstanceOf(InterruptedException.class);
      assertThat(effects).containsExactly(7);
      assertThat(pool.submit(Tasks::pid).get()).isEqualTo(pid);
      assertThat(pool.statistics().retried()).isZero();
    }
  }

  @Test
  @DisplayName("a task that does not heed its time-out loses its worker, other calls do not")
  void doesNotHeed() throws Exception {
    Path file = directory.resolve("attempts");
    String name = file.toString();
    try (CloudExecutorService pool = pool(0)) {
      long pid = pool.submit(Tasks::pid).get();
      Future<?> deaf =
          pool.submit(
              () -> {
                Tasks.append(name, "begun");
                Tasks.spinForEver();
              });
      long n = 0;
      while (!deaf.isDone()) {
        List<Future<Long>> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          long number = n++;
          others.add(
              pool.submit(
                  () -> {
                    Thread.sleep(20);
                    return number;
                  }));
        }
        for (Future<Long> other : others) {
          assertThat(other.get()).isEqualTo(n - others.size() + others.indexOf(other));
        }
      }
      timeout(deaf);
      assertThat(Tasks.lines(file)).hasSize(1);
      Workers.awaitEnd(pid);
      assertThat(pool.submit(Tasks::pid).get()).isNotEqualTo(pid);
    }
  }

  @Test
  @DisplayName("a task at home that takes too long is interrupted and fails with the time-out")
  void heedsAtHome() throws Exception {
    try (CloudExecutorService pool = pool(2)) {
      AtomicInteger shared = new AtomicInteger();
      Future<?> slow =
          pool.submit(
              () -> {
                int n = shared.incrementAndGet();
                Thread.sleep(LONG);
                return n;
              });
      assertThat(timeout(slow).getSuppressed()[0]).isInstanceOf(InterruptedException.class);
      assertThat(shared).hasValue(1);
      assertThat(pool.statistics().home()).isEqualTo(1);
      Future<Integer> next = pool.submit(() -> shared.incrementAndGet());
      assertThat(next.get()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a task at home that does not heed its time-out fails all the same")
  void doesNotHeedAtHome() throws Exception {
    AtomicInteger shared = new AtomicInteger();
    try (CloudExecutorService pool = pool(2)) {
      Future<?> deaf =
          pool.submit(
              () -> {
                while (shared.get() == 0) {
                  Thread.onSpinWait();
                }
                return shared.incrementAndGet();
              });
      timeout(deaf);
      shared.set(1);
    }
    assertThat(shared).hasValue(2);
  }

  @Test
  @DisplayName("cancel(true) interrupts a task away, and what it did in its finally block arrives")
  void cancels() throws Exception {
    Path file = directory.resolve("begun");
    String name = file.toString();
    int[] effects = new int[2];
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Future<?> sleeps =
          pool.submit(
              () -> {
                Tasks.append(name, "begun");
                try {
                  Thread.sleep(LONG);
                } finally {
                  effects[0] = 1;
                }
                return null;
              });
      Future<?> loops =
          pool.submit(
              () -> {
                Tasks.append(name, "begun");
                while (!Thread.currentThread().isInterrupted()) {
                  Thread.onSpinWait();
                }
                effects[1] = 2;
              });
      await().until(() -> Tasks.lines(file).size() == 2);
      assertThat(sleeps.cancel(true)).isTrue();
      assertThat(loops.cancel(true)).isTrue();
      assertThat(catchThrowableOfType(CancellationException.class, sleeps::get)).isNotNull();
    }
    assertThat(effects).containsExactly(1, 2);
  }

  @Test
  @DisplayName("a call that is cancelled before it starts never runs")
  void cancelsEarly() throws Exception {
    Path file = directory.resolve("begun");
    String name = file.toString();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      Future<?> first =
          pool.submit(
              () -> {
                Tasks.append(name, "first");
                Thread.sleep(LONG);
                return null;
              });
      Future<?> second = pool.submit(() -> Tasks.append(name, "second"));
      await().until(() -> Tasks.lines(file).size() == 1);
      assertThat(second.cancel(true)).isTrue();
      assertThat(first.cancel(true)).isTrue();
    }
    assertThat(Tasks.lines(file)).containsExactly("first");
  }

  @Test
  @DisplayName("shutdownNow interrupts what runs away and returns what never began")
  void shutsDown() throws Exception {
    Path file = directory.resolve("begun");
    String name = file.toString();
    CloudExecutorService pool = CloudExecutors.newCloudPool(2);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(
          pool.submit(
              () -> {
                Tasks.append(name, "begun");
                Thread.sleep(LONG);
                return null;
              }));
    }
    await().until(() -> Tasks.lines(file).size() == 2);
    assertThat(pool.shutdownNow()).hasSize(3);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    for (Future<?> f : all.subList(0, 2)) {
      ExecutionException e = catchThrowableOfType(ExecutionException.class, f::get);
      assertThat(e).hasCauseInstanceOf(InterruptedException.class);
    }
    assertThat(Tasks.lines(file)).hasSize(2);
  }

  @Test
  @DisplayName("a task that was interrupted by shutdownNow is interrupted again when it is retried")
  void staysInterrupted() throws Exception {
    Path file = directory.resolve("pids");
    String name = file.toString();
    CloudExecutorService pool = CloudExecutors.newCloudPool(1);
    Future<?> future =
        pool.submit(
            () -> {
              Tasks.append(name, Long.toString(Tasks.pid()));
              if (CloudContext.current().attempt() == 1) {
                Tasks.spinForEver();
              }
              Thread.sleep(LONG);
              return null;
            });
    await().until(() -> Tasks.lines(file).size() == 1);
    pool.shutdownNow();
    Workers.kill(Long.parseLong(Tasks.lines(file).get(0)));
    ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
    assertThat(e).hasCauseInstanceOf(InterruptedException.class);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Tasks.lines(file)).hasSize(2);
  }
}
