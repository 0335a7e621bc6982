package dev.martlet.pool;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.ListenableFutureTask;
import com.google.common.util.concurrent.ListeningExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Futures of other makers on a pool whose workers are processes; strict, so nothing runs here. */
@Timeout(60)
class StagesTest {
  private static CloudExecutorService pool;

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(64).workers(1).strict(true).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  static long pid() {
    return ProcessHandle.current().pid();
  }

  private static long slowPid() {
    try {
      Thread.sleep(700);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return pid();
  }

  private static void isAway(long pid) {
    assertThat(pid).isPositive().isNotEqualTo(pid());
  }

  @Test
  @DisplayName("a stage of a minimal completion stage runs in another process")
  void minimalStage() {
    CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
    isAway(
        done.minimalCompletionStage()
            .thenApplyAsync(x -> pid(), pool)
            .toCompletableFuture()
            .join());
  }

  @Test
  @DisplayName("every asynchronous stage runs its function in another process")
  void stages() throws Exception {
    CompletableFuture<Long> first = CompletableFuture.supplyAsync(StagesTest::pid, pool);
    isAway(first.get());
    long[] ran = new long[1];
    CompletableFuture.runAsync(() -> ran[0] = pid(), pool).get();
    isAway(ran[0]);
    isAway(first.thenApplyAsync(p -> pid(), pool).get());
    isAway(first.handleAsync((p, e) -> pid(), pool).get());
    isAway(first.thenCombineAsync(first, (a, b) -> pid(), pool).get());
    isAway(
        CompletableFuture.<Long>failedFuture(new IllegalStateException("on purpose"))
            .exceptionallyAsync(e -> pid(), pool)
            .get());
    long[] accepted = new long[1];
    first.thenAcceptAsync(p -> accepted[0] = pid(), pool).get();
    isAway(accepted[0]);
    long[] completed = new long[1];
    assertThat(first.whenCompleteAsync((p, e) -> completed[0] = pid(), pool).get())
        .isEqualTo(first.get());
    isAway(completed[0]);
    isAway(new CompletableFuture<Long>().completeAsync(StagesTest::pid, pool).get());
  }

  @Test
  @DisplayName("a completion service's tasks run in another process")
  void completionService() throws Exception {
    ExecutorCompletionService<Long> service = new ExecutorCompletionService<>(pool);
    for (int i = 0; i < 5; i++) {
      service.submit(StagesTest::pid);
    }
    for (int i = 0; i < 5; i++) {
      isAway(service.take().get());
    }
  }

  @Test
  @DisplayName("a FutureTask's function runs in another process, and done() at home")
  void futureTask() throws Exception {
    long[] done = new long[1];
    FutureTask<Long> task =
        new FutureTask<>(StagesTest::pid) {
          @Override
          protected void done() {
            done[0] = pid();
          }
        };
    pool.execute(task);
    isAway(task.get(30, SECONDS));
    await().until(() -> done[0] == pid());
  }

  @Test
  @DisplayName("Guava's futures run their functions in another process, and listeners at home")
  void guava() throws Exception {
    ListeningExecutorService listening = MoreExecutors.listeningDecorator(pool);
    ListenableFuture<Long> f = listening.submit(StagesTest::pid);
    ListenableFuture<Boolean> same =
        Futures.transform(f, p -> p == pid(), MoreExecutors.directExecutor());
    isAway(f.get(30, SECONDS));
    assertThat(same.get(30, SECONDS)).isFalse();
    ListenableFutureTask<Long> task = ListenableFutureTask.create(StagesTest::pid);
    pool.execute(task);
    isAway(task.get(30, SECONDS));
  }

  @Test
  @DisplayName("no thread of this JVM is blocked while stages run elsewhere")
  void noThreadBlocked() throws Exception {
    CompletableFuture.supplyAsync(StagesTest::slowPid, pool).get();
    Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    List<CompletableFuture<Long>> stages = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      stages.add(CompletableFuture.supplyAsync(StagesTest::slowPid, pool));
    }
    Set<Thread> during = new HashSet<>(Thread.getAllStackTraces().keySet());
    during.removeAll(before);
    assertThat(stages).noneMatch(CompletableFuture::isDone);
    assertThat(during).hasSizeLessThan(10);
    for (CompletableFuture<Long> f : stages) {
      isAway(f.get());
    }
  }

  @Test
  @DisplayName("a dependent that blocks its thread does not hold up other answers")
  void dependentsOffTheReader() throws Exception {
    CompletableFuture<Long> other = new CompletableFuture<>();
    CompletableFuture<Long> waits =
        CompletableFuture.supplyAsync(StagesTest::slowPid, pool).thenApply(p -> other.join());
    CompletableFuture.supplyAsync(StagesTest::slowPid, pool)
        .thenCompose(p -> CompletableFuture.supplyAsync(StagesTest::pid, pool))
        .thenAccept(other::complete);
    isAway(waits.get(30, SECONDS));
  }
}
