package dev.martlet.forkjoin;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every fork/join pool does. Most tests share one pool. */
@SuppressWarnings({"serial", "FutureReturnValueIgnored"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ForkJoinContract {
  private ForkJoinPool pool;

  abstract ForkJoinPool newPool(int parallelism);

  @BeforeAll
  void open() {
    pool = newPool(4);
  }

  @AfterAll
  void close() throws InterruptedException {
    pool.shutdownNow();
    assertThat(pool.awaitTermination(30, SECONDS)).isTrue();
  }

  static class FibException extends RuntimeException {
    FibException() {
      super("no such number");
    }
  }

  /** Computes a Fibonacci number; fails at a negative one. */
  static class FibTask extends RecursiveTask<Integer> {
    final int number;

    FibTask(int number) {
      this.number = number;
    }

    @Override
    protected Integer compute() {
      if (number < 0) {
        throw new FibException();
      }
      if (number <= 1) {
        return number;
      }
      FibTask f1 = new FibTask(number - 1);
      f1.fork();
      return new FibTask(number - 2).compute() + f1.join();
    }
  }

  /** The result is in a field. */
  static class FibAction extends RecursiveAction {
    final int number;
    int result;

    FibAction(int number) {
      this.number = number;
    }

    @Override
    protected void compute() {
      if (number < 0) {
        throw new FibException();
      }
      if (number <= 1) {
        result = number;
      } else {
        FibAction f1 = new FibAction(number - 1);
        FibAction f2 = new FibAction(number - 2);
        invokeAll(f1, f2);
        result = f1.result + f2.result;
      }
    }
  }

  /** Sums a range; children complete their parent. */
  static class SumCompleter extends CountedCompleter<Long> {
    final int[] array;
    final int lo;
    final int hi;
    long sum;
    SumCompleter left;
    SumCompleter right;

    SumCompleter(CountedCompleter<?> parent, int[] array, int lo, int hi) {
      super(parent);
      this.array = array;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    public void compute() {
      if (hi - lo > 2) {
        int mid = (lo + hi) >>> 1;
        setPendingCount(2);
        left = new SumCompleter(this, array, lo, mid);
        right = new SumCompleter(this, array, mid, hi);
        left.fork();
        right.fork();
      } else {
        for (int i = lo; i < hi; i++) {
          sum += array[i];
        }
      }
      tryComplete();
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      if (left != null) {
        sum = left.sum + right.sum;
      }
    }

    @Override
    public Long getRawResult() {
      return sum;
    }
  }

  static final class CheckedException extends Exception {}

  // Tasks

  @Test
  @DisplayName("invoke returns what compute returned")
  void invokeReturns() {
    FibTask f = new FibTask(12);
    assertThat(pool.invoke(f)).isEqualTo(144);
    assertThat(f.isDone()).isTrue();
    assertThat(f.isCompletedNormally()).isTrue();
    assertThat(f.isCompletedAbnormally()).isFalse();
    assertThat(f.isCancelled()).isFalse();
    assertThat(f.getException()).isNull();
    assertThat(f.getRawResult()).isEqualTo(144);
    assertThat(f.join()).isEqualTo(144);
  }

  @Test
  @DisplayName("an action leaves its result in its own field")
  void actionReturns() {
    FibAction f = new FibAction(10);
    assertThat(pool.invoke(f)).isNull();
    assertThat(f.result).isEqualTo(55);
    assertThat(f.isCompletedNormally()).isTrue();
  }

  @Test
  @DisplayName("a completer is done when all its children are")
  void completerReturns() {
    int[] array = new int[100];
    Arrays.setAll(array, i -> i);
    SumCompleter task = new SumCompleter(null, array, 0, 100);
    assertThat(pool.invoke(task)).isEqualTo(4950L);
    assertThat(task.isCompletedNormally()).isTrue();
  }

  @Test
  @DisplayName("invoke throws what compute threw")
  void invokeThrows() {
    FibTask f = new FibTask(-1);
    assertThatThrownBy(() -> pool.invoke(f)).isInstanceOf(FibException.class);
    assertThat(f.isDone()).isTrue();
    assertThat(f.isCompletedNormally()).isFalse();
    assertThat(f.isCompletedAbnormally()).isTrue();
    assertThat(f.isCancelled()).isFalse();
    assertThat(f.getException()).isInstanceOf(FibException.class).hasMessage("no such number");
    assertThatThrownBy(f::join).isInstanceOf(FibException.class);
    assertThatThrownBy(f::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(FibException.class);
  }

  @Test
  @DisplayName("an exception deep in the tree reaches the root")
  void deepFailure() {
    class Deep extends RecursiveTask<Integer> {
      final int depth;

      Deep(int depth) {
        this.depth = depth;
      }

      @Override
      protected Integer compute() {
        if (depth == 0) {
          throw new FibException();
        }
        Deep a = new Deep(depth - 1);
        a.fork();
        return a.join();
      }
    }
    assertThatThrownBy(() -> pool.invoke(new Deep(6))).isInstanceOf(FibException.class);
  }

  @Test
  @DisplayName("submit returns the task itself, and get its result")
  void submitTask() throws Exception {
    FibTask f = new FibTask(8);
    assertThat(pool.submit(f)).isSameAs(f);
    assertThat(f.get()).isEqualTo(21);
    assertThat(f.get(30, SECONDS)).isEqualTo(21);
  }

  @Test
  @DisplayName("execute runs a task")
  void executeTask() {
    FibTask f = new FibTask(8);
    pool.execute(f);
    assertThat(f.join()).isEqualTo(21);
    FibAction g = new FibAction(8);
    pool.execute(g);
    g.join();
    assertThat(g.result).isEqualTo(21);
  }

  @Test
  @DisplayName("quietlyJoin and quietlyInvoke do not throw")
  void quietly() {
    FibTask f = new FibTask(-1);
    pool.execute(f);
    f.quietlyJoin();
    assertThat(f.isCompletedAbnormally()).isTrue();
    boolean inside =
        pool.submit(
                () -> {
                  FibTask g = new FibTask(-1);
                  g.quietlyInvoke();
                  return g.isCompletedAbnormally() && g.getException() instanceof FibException;
                })
            .join();
    assertThat(inside).isTrue();
  }

  @Test
  @DisplayName("a cancelled task throws CancellationException and is not computed")
  void cancelled() {
    FibTask f = new FibTask(8);
    assertThat(f.cancel(true)).isTrue();
    assertThatThrownBy(() -> pool.invoke(f)).isInstanceOf(CancellationException.class);
    assertThat(f.isCancelled()).isTrue();
    assertThat(f.isCompletedAbnormally()).isTrue();
    assertThat(f.getException()).isInstanceOf(CancellationException.class);
  }

  @Test
  @DisplayName("a reinitialized task runs again")
  void reinitialize() {
    FibTask f = new FibTask(8);
    for (int i = 0; i < 3; i++) {
      assertThat(pool.invoke(f)).isEqualTo(21);
      f.reinitialize();
      assertThat(f.isDone()).isFalse();
    }
  }

  @Test
  @DisplayName("complete and completeExceptionally decide the outcome")
  void completed() {
    FibTask f = new FibTask(8);
    f.complete(5);
    assertThat(pool.invoke(f)).isEqualTo(5);
    FibTask g = new FibTask(8);
    g.completeExceptionally(new FibException());
    assertThatThrownBy(() -> pool.invoke(g)).isInstanceOf(FibException.class);
  }

  @Test
  @DisplayName("invokeAll of two, several and a collection of tasks runs all")
  void invokeAllTasks() {
    class All extends RecursiveTask<Integer> {
      @Override
      protected Integer compute() {
        FibTask f = new FibTask(8);
        FibTask g = new FibTask(9);
        invokeAll(f, g);
        FibTask h = new FibTask(7);
        FibTask i = new FibTask(6);
        FibTask j = new FibTask(5);
        invokeAll(h, i, j);
        List<FibTask> more = List.of(new FibTask(4), new FibTask(3));
        Collection<FibTask> same = invokeAll(more);
        int sum = f.join() + g.join() + h.join() + i.join() + j.join();
        for (FibTask t : same) {
          sum += t.join();
        }
        return same == more ? sum : -1;
      }
    }
    assertThat(pool.invoke(new All())).isEqualTo(21 + 34 + 13 + 8 + 5 + 3 + 2);
  }

  @Test
  @DisplayName("invokeAll throws what one of its tasks threw")
  void invokeAllThrows() {
    class All extends RecursiveAction {
      @Override
      protected void compute() {
        invokeAll(new FibTask(8), new FibTask(-1), new FibTask(3));
      }
    }
    assertThatThrownBy(() -> pool.invoke(new All())).isInstanceOf(FibException.class);
  }

  @Test
  @DisplayName("a task that was forked can be unforked and run by its thread")
  void unfork() {
    class Unfork extends RecursiveTask<Integer> {
      @Override
      protected Integer compute() {
        FibTask f = new FibTask(7);
        f.fork();
        return f.tryUnfork() ? f.invoke() : f.join();
      }
    }
    assertThat(pool.invoke(new Unfork())).isEqualTo(13);
  }

  @Test
  @DisplayName("helpQuiesce runs what was forked")
  void helpQuiesce() {
    class Quiesce extends RecursiveTask<Boolean> {
      @Override
      protected Boolean compute() {
        FibTask f = new FibTask(8);
        f.fork();
        helpQuiesce();
        return f.isDone() && f.join() == 21;
      }
    }
    assertThat(pool.invoke(new Quiesce())).isTrue();
  }

  @Test
  @DisplayName("tasks see that they are in a fork/join pool, and what its queues hold")
  void inside() {
    class Inside extends RecursiveTask<Boolean> {
      @Override
      protected Boolean compute() {
        return inForkJoinPool()
            && getPool() != null
            && getQueuedTaskCount() >= 0
            && getSurplusQueuedTaskCount() >= -100;
      }
    }
    assertThat(pool.invoke(new Inside())).isTrue();
    assertThat(ForkJoinTask.inForkJoinPool()).isFalse();
  }

  @Test
  @DisplayName("tags are the user's")
  void tags() {
    FibTask f = new FibTask(9);
    f.setForkJoinTaskTag((short) 7);
    assertThat(pool.invoke(f)).isEqualTo(34);
    assertThat(f.getForkJoinTaskTag()).isEqualTo((short) 7);
    assertThat(f.compareAndSetForkJoinTaskTag((short) 7, (short) 8)).isTrue();
  }

  @Test
  @DisplayName("a task may compute another one directly, and one of another class")
  void direct() {
    class Direct extends RecursiveTask<Integer> {
      @Override
      protected Integer compute() {
        FibAction action = new FibAction(7);
        action.invoke();
        int[] array = {1, 2, 3, 4, 5};
        return new FibTask(6).compute()
            + action.result
            + new SumCompleter(null, array, 0, 5).invoke().intValue();
      }
    }
    assertThat(pool.invoke(new Direct())).isEqualTo(8 + 13 + 15);
  }

  @Test
  @DisplayName("a completer's exception is its root's")
  void completerThrows() {
    class Failing extends CountedCompleter<Void> {
      final int depth;

      Failing(CountedCompleter<?> parent, int depth) {
        super(parent, 2);
        this.depth = depth;
      }

      @Override
      public void compute() {
        if (depth == 0) {
          throw new FibException();
        }
        new Failing(this, depth - 1).fork();
        new Failing(this, depth - 1).fork();
        tryComplete();
      }
    }
    Failing root = new Failing(null, 3);
    assertThatThrownBy(() -> pool.invoke(root)).isInstanceOf(FibException.class);
    assertThat(root.isCompletedAbnormally()).isTrue();
  }

  // Functions

  @Test
  @DisplayName("submit of a callable returns its result")
  void submitCallable() throws Exception {
    assertThat(pool.submit(() -> "value").get()).isEqualTo("value");
    assertThat(pool.submit(() -> "value").join()).isEqualTo("value");
  }

  @Test
  @DisplayName("submit of a runnable returns the given result, or null")
  void submitRunnable() throws Exception {
    AtomicBoolean ran = new AtomicBoolean();
    assertThat(pool.submit(() -> ran.set(true), "done").get()).isEqualTo("done");
    assertThat(ran).isTrue();
    Runnable r = () -> ran.set(false);
    assertThat(pool.submit(r).get()).isNull();
    assertThat(ran).isFalse();
  }

  @Test
  @DisplayName("execute runs a runnable")
  void executeRunnable() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    pool.execute(done::countDown);
    assertThat(done.await(30, SECONDS)).isTrue();
  }

  @Test
  @DisplayName("get throws ExecutionException with what a callable threw")
  void submitThrows() {
    ForkJoinTask<Object> f =
        pool.submit(
            () -> {
              throw new CheckedException();
            });
    assertThatThrownBy(f::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(CheckedException.class);
    assertThat(f.isCompletedAbnormally()).isTrue();
  }

  @Test
  @DisplayName("null is refused")
  void nulls() {
    assertThatThrownBy(() -> pool.invoke(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.submit((Callable<?>) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.submit((ForkJoinTask<?>) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.execute((Runnable) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.execute((ForkJoinTask<?>) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.invokeAll(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.invokeAny(null)).isInstanceOf(NullPointerException.class);
    List<Callable<String>> withNull = new ArrayList<>(List.of(() -> "a"));
    withNull.add(null);
    assertThatThrownBy(() -> pool.invokeAll(withNull)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pool.invokeAll(withNull, 30, SECONDS))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("invokeAny returns one result, or throws if all fail or there is none")
  void invokeAny() throws Exception {
    assertThat(pool.<String>invokeAny(List.of(() -> "a", () -> "a"))).isEqualTo("a");
    assertThat(pool.<String>invokeAny(List.of(() -> "a", () -> "a"), 30, SECONDS)).isEqualTo("a");
    assertThatThrownBy(() -> pool.invokeAny(List.<Callable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class);
    Callable<String> failing =
        () -> {
          throw new CheckedException();
        };
    assertThatThrownBy(() -> pool.invokeAny(List.of(failing)))
        .isInstanceOf(ExecutionException.class);
  }

  @Test
  @DisplayName("invokeAll returns done futures in order")
  void invokeAll() throws Exception {
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i;
      calls.add(() -> n * n);
    }
    for (List<Future<Integer>> futures :
        List.of(pool.invokeAll(calls), pool.invokeAll(calls, 30, SECONDS))) {
      assertThat(futures).hasSize(10);
      for (int i = 0; i < 10; i++) {
        assertThat(futures.get(i).isDone()).isTrue();
        assertThat(futures.get(i).get()).isEqualTo(i * i);
      }
    }
    assertThat(pool.invokeAll(List.<Callable<Integer>>of())).isEmpty();
  }

  @Test
  @DisplayName("a timed get gives up in time")
  void timedGet() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    ForkJoinTask<Boolean> f = pool.submit(() -> release.await(30, SECONDS));
    assertThatThrownBy(() -> f.get(20, MILLISECONDS)).isInstanceOf(TimeoutException.class);
    release.countDown();
    assertThat(f.get(30, SECONDS)).isTrue();
  }

  @Test
  @DisplayName("a task may submit to its pool")
  void nested() {
    ForkJoinPool p = pool;
    assertThat(p.submit(() -> p.submit(() -> 5).join() + p.invoke(new FibTask(6))).join())
        .isEqualTo(13);
  }

  // Pool

  @Test
  @DisplayName("a new pool is quiet, and what it was told")
  void queries() throws InterruptedException {
    ForkJoinPool p = newPool(3);
    try {
      assertThat(p.getParallelism()).isEqualTo(3);
      assertThat(p.getAsyncMode()).isFalse();
      assertThat(p.getUncaughtExceptionHandler()).isNull();
      assertThat(p.getPoolSize()).isZero();
      assertThat(p.getActiveThreadCount()).isZero();
      assertThat(p.getRunningThreadCount()).isZero();
      assertThat(p.getQueuedSubmissionCount()).isZero();
      assertThat(p.getQueuedTaskCount()).isZero();
      assertThat(p.hasQueuedSubmissions()).isFalse();
      assertThat(p.isQuiescent()).isTrue();
      assertThat(p.isShutdown()).isFalse();
      assertThat(p.isTerminating()).isFalse();
      assertThat(p.isTerminated()).isFalse();
      assertThat(p.toString()).contains("Running").contains("parallelism = 3");
    } finally {
      p.shutdown();
    }
    assertThat(p.awaitTermination(30, SECONDS)).isTrue();
    assertThat(p.isTerminated()).isTrue();
    assertThat(p.toString()).contains("Terminated");
  }

  @Test
  @DisplayName("a pool that was shut down rejects tasks, and finishes those that it has")
  void shutdown() throws Exception {
    ForkJoinPool p = newPool(1);
    CountDownLatch release = new CountDownLatch(1);
    ForkJoinTask<Boolean> first = p.submit(() -> release.await(30, SECONDS));
    FibTask second = new FibTask(8);
    p.execute(second);
    p.shutdown();
    assertThat(p.isShutdown()).isTrue();
    assertThat(p.isTerminated()).isFalse();
    assertThatThrownBy(() -> p.submit(new FibTask(3)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    assertThat(p.awaitTermination(1, MILLISECONDS)).isFalse();
    release.countDown();
    assertThat(first.get()).isTrue();
    assertThat(second.get()).isEqualTo(21);
    assertThat(p.awaitTermination(30, SECONDS)).isTrue();
    assertThat(p.isTerminated()).isTrue();
  }

  @Test
  @DisplayName("shutdownNow interrupts what runs, and leaves nothing that waits undone")
  void shutdownNow() throws Exception {
    ForkJoinPool p = newPool(1);
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Throwable> seen = new AtomicReference<>();
    p.execute(
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            seen.set(e);
          }
        });
    assertThat(begun.await(30, SECONDS)).isTrue();
    List<FibTask> waiting = Stream.generate(() -> new FibTask(8)).limit(100).toList();
    waiting.forEach(p::execute);
    assertThat(p.shutdownNow()).isEmpty();
    assertThat(p.awaitTermination(30, SECONDS)).isTrue();
    assertThat(seen.get()).isInstanceOf(InterruptedException.class);
    await().until(() -> waiting.stream().allMatch(ForkJoinTask::isDone));
    // The JDK's pool may run some, or cancel their children, before its thread sees that it stops.
    assertThat(waiting)
        .allMatch(
            t ->
                t.isCompletedNormally()
                    ? t.getRawResult() == 21
                    : t.getException() instanceof CancellationException);
  }

  @Test
  @DisplayName("awaitQuiescence waits until nothing runs")
  void quiescence() {
    AtomicInteger count = new AtomicInteger();
    List<FibTask> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      FibTask task = new FibTask(6);
      tasks.add(task);
      pool.execute(task);
      pool.execute(() -> Collections.nCopies(3, 1).forEach(count::addAndGet));
    }
    assertThat(pool.awaitQuiescence(30, SECONDS)).isTrue();
    assertThat(tasks).allMatch(ForkJoinTask::isDone);
    assertThat(count).hasValue(30);
    assertThat(pool.isQuiescent()).isTrue();
  }

  @Test
  @DisplayName("threads are daemons named after the pool, with the system's context loader")
  void threads() throws Exception {
    CountDownLatch both = new CountDownLatch(2); // live objects: stays at home
    AtomicReference<Thread> thread = new AtomicReference<>();
    both.countDown();
    pool.submit(
            () -> {
              both.countDown();
              both.await();
              thread.set(Thread.currentThread());
              return null;
            })
        .get(30, SECONDS);
    assertThat(thread.get().isDaemon()).isTrue();
    assertThat(thread.get().getName()).matches("ForkJoinPool-\\d+-worker-\\d+");
    assertThat(thread.get().getContextClassLoader()).isSameAs(ClassLoader.getSystemClassLoader());
  }
}
