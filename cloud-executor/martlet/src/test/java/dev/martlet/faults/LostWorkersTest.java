package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.martlet.CallStatistics;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.WorkerLostException;
import dev.martlet.WorkerLostException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LostWorkersTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();
  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() {
    Workers.awaitNone();
  }

  private static CloudExecutorService pool(int parallelism, int retries) {
    return CloudExecutors.builder()
        .parallelism(parallelism)
        .workers(2)
        .retries(retries)
        .jvmOptions("-Xmx64m")
        .build();
  }

  private static WorkerLostException lost(Future<?> future) {
    ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
    assertThat(e).hasCauseInstanceOf(WorkerLostException.class);
    return (WorkerLostException) e.getCause();
  }

  private void failsAfterAll(int retries, Reason reason, String says, Callable<Object> end)
      throws Exception {
    Path file = directory.resolve("attempts");
    String name = file.toString();
    try (CloudExecutorService pool = pool(2, retries)) {
      Future<Object> future =
          pool.submit(
              () -> {
                Tasks.append(name, Long.toString(Tasks.pid()));
                return end.call();
              });
      WorkerLostException e = lost(future);
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
      assertThat(e.getMessage()).contains("local-", "pid ", says);
      assertThat(e.getMessage()).contains("attempt " + (retries + 1) + " of " + (retries + 1));
      assertThat(Tasks.lines(file)).hasSize(retries + 1);
      assertThat(pool.submit(() -> Tasks.spin(7)).get()).isEqualTo(Tasks.spin(7));
      CallStatistics call = pool.statistics().recent().get(0);
      assertThat(call.attempts()).isEqualTo(retries + 1);
      assertThat(call.place()).isEqualTo(CallStatistics.Place.AWAY);
      assertThat(pool.statistics().retried()).isEqualTo(retries);
      assertThat(pool.statistics().failed()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  @DisplayName("a call whose worker is killed is run again as the policy says, then says so")
  void killed(int retries) throws Exception {
    failsAfterAll(
        retries,
        Reason.KILLED,
        "SIGKILL",
        () -> {
          Tasks.killMyself();
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  @DisplayName("a call that exits is run again as the policy says, then says the status")
  void exits(int retries) throws Exception {
    failsAfterAll(
        retries,
        Reason.EXITED,
        "exit status 3",
        () -> {
          System.exit(3);
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  @DisplayName("a call that halts is run again as the policy says, then says the status")
  void halts(int retries) throws Exception {
    failsAfterAll(
        retries,
        Reason.EXITED,
        "exit status 5",
        () -> {
          Runtime.getRuntime().halt(5);
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  @DisplayName("a call that runs out of memory is run again as the policy says, then says so")
  void exhausts(int retries) throws Exception {
    failsAfterAll(retries, Reason.OUT_OF_MEMORY, "memory", Tasks::exhaustMemory);
  }

  @Test
  @DisplayName("an OutOfMemoryError of the task's own and a StackOverflowError arrive themselves")
  void errorsArrive() {
    try (CloudExecutorService pool = pool(1, 2)) {
      Future<Object> own =
          pool.submit(
              () -> {
                throw new OutOfMemoryError("mine");
              });
      ExecutionException e = catchThrowableOfType(ExecutionException.class, own::get);
      assertThat(e.getCause()).isInstanceOf(OutOfMemoryError.class).hasMessage("mine");
      Future<Integer> deep = pool.submit(() -> Tasks.deep(0));
      e = catchThrowableOfType(ExecutionException.class, deep::get);
      assertThat(e.getCause()).isInstanceOf(StackOverflowError.class);
      assertThat(pool.statistics().retried()).isZero();
      assertThat(pool.statistics().away()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a worker killed from outside costs no call")
  void killedFromOutside() throws Exception {
    Path file = directory.resolve("pids");
    String name = file.toString();
    try (CloudExecutorService pool = pool(4, 2)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int n = i;
        all.add(
            pool.submit(
                () -> {
                  if (CloudContext.current().attempt() == 1) {
                    Tasks.append(name, Long.toString(Tasks.pid()));
                    Thread.sleep(60_000);
                  }
                  return n;
                }));
      }
      org.awaitility.Awaitility.await().until(() -> Tasks.lines(file).size() == 4);
      Tasks.lines(file).stream().map(Long::valueOf).forEach(Workers::kill);
      for (int i = 0; i < 4; i++) {
        assertThat(all.get(i).get()).isEqualTo(i);
      }
      assertThat(pool.statistics().retried()).isEqualTo(4);
    }
  }

  private static final ThreadLocal<List<String>> TRACE = ThreadLocal.withInitial(ArrayList::new);
  private static final ThreadLocal<Integer> COUNT = ThreadLocal.withInitial(() -> 0);

  @Test
  @DisplayName("what a lost attempt put into thread-locals is not seen by any other")
  void threadLocalsOfLostAttempts() throws Exception {
    try (CloudExecutorService pool = pool(1, 2)) {
      List<Object> seen = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String name = "task " + i;
        boolean kills = i == 1;
        seen.add(
            pool.submit(
                    () -> {
                      TRACE.get().add(name);
                      COUNT.set(COUNT.get() + 1);
                      if (kills && CloudContext.current().attempt() == 1) {
                        Tasks.killMyself();
                      }
                      return TRACE.get().size() + " of " + COUNT.get();
                    })
                .get());
      }
      assertThat(seen).containsExactly("1 of 1", "2 of 2", "3 of 3");
      assertThat(pool.submit(() -> List.copyOf(TRACE.get())).get())
          .containsExactly("task 0", "task 1", "task 2");
      assertThat(pool.statistics().retried()).isEqualTo(1);
      assertThat(pool.statistics().home()).isZero();
    }
    assertThat(TRACE.get()).isEmpty();
  }

  @Test
  @DisplayName("a call that is lost for good leaves thread-locals as they were")
  void threadLocalsOfLostCall() throws Exception {
    try (CloudExecutorService pool = pool(1, 0)) {
      pool.submit(() -> COUNT.set(5)).get();
      Future<?> killed =
          pool.submit(
              () -> {
                COUNT.set(6);
                Tasks.killMyself();
              });
      assertThat(lost(killed).reason()).isEqualTo(Reason.KILLED);
      assertThat(pool.submit(() -> COUNT.get()).get()).isEqualTo(5);
      assertThat(pool.statistics().home()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @DisplayName("a task that kills every worker fails alone")
  void failsAlone(int retries) throws Exception {
    try (CloudExecutorService pool = pool(8, retries)) {
      List<Future<Long>> all = new ArrayList<>();
      Future<?> killer = null;
      for (int i = 0; i < 200; i++) {
        if (i == 50) {
          killer = pool.submit(Tasks::killMyself);
        }
        int n = i;
        all.add(
            pool.submit(
                () -> {
                  Thread.sleep(20);
                  return Tasks.spin(n);
                }));
      }
      assertThat(lost(killer).reason()).isEqualTo(Reason.KILLED);
      for (int i = 0; i < 200; i++) {
        assertThat(all.get(i).get()).isEqualTo(Tasks.spin(i));
      }
      assertThat(pool.statistics().failed()).isEqualTo(1);
    }
  }

  private static Callable<Integer> number(int n) {
    return () -> n;
  }

  @Test
  @DisplayName("a new worker is told of the tasks that the one before knew")
  void replacedWorkerIsTold() throws Exception {
    try (CloudExecutorService pool = pool(2, 2)) {
      for (int round = 0; round < 5; round++) {
        List<Future<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
          futures.add(pool.submit(number(i)));
        }
        for (int i = 0; i < futures.size(); i++) {
          assertThat(futures.get(i).get()).isEqualTo(i);
        }
        for (ProcessHandle worker : Workers.all()) {
          Workers.kill(worker.pid());
          Workers.awaitEnd(worker.pid());
        }
      }
      assertThat(pool.statistics().home()).isZero();
      assertThat(pool.statistics().failed()).isZero();
    }
  }

  @Test
  @DisplayName("without retries, a lost worker takes along no more than what it runs")
  void nothingWaitsOnWorkersWithoutRetries() throws Exception {
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(2).workers(1).retries(0).build()) {
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        futures.add(pool.submit(number(i)));
        if (i == 1_000) {
          pool.submit(Tasks::killMyself);
        }
      }
      int lost = 0;
      for (Future<Integer> future : futures) {
        try {
          assertThat(future.get()).isNotNegative();
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(WorkerLostException.class);
          lost++;
        }
      }
      assertThat(lost).isLessThanOrEqualTo(1);
    }
  }
}
