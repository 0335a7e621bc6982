package dev.martlet.contract;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ExecutorService} with a fixed number of threads promises, a sentence a test. In
 * the spirit of the JSR-166 TCK.
 */
@Timeout(120)
public abstract class ExecutorContractTest {
  private static final long LONG = 60;

  private final List<ExecutorService> pools = new ArrayList<>();
  private final List<CountDownLatch> gates = new ArrayList<>();

  /** Creates a pool that runs at most so many tasks at a time. */
  protected abstract ExecutorService newPool(int parallelism);

  /** Returns a pool that is ended after the test. */
  protected final ExecutorService pool(int parallelism) {
    ExecutorService pool = newPool(parallelism);
    pools.add(pool);
    return pool;
  }

  /** Returns a latch of one that is opened after the test at the latest. */
  protected final CountDownLatch gate() {
    CountDownLatch gate = new CountDownLatch(1);
    gates.add(gate);
    return gate;
  }

  @AfterEach
  final void end() throws InterruptedException {
    gates.forEach(CountDownLatch::countDown);
    for (ExecutorService pool : pools) {
      pool.shutdown();
      if (!pool.awaitTermination(LONG, SECONDS)) {
        pool.shutdownNow();
        throw new AssertionError("the pool did not terminate: " + pool);
      }
    }
  }

  /** Waits for a latch, with a limit that a working pool never reaches. */
  protected static void pass(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(LONG, SECONDS)).as("the latch was opened").isTrue();
  }

  /** Begins a task that runs until the latch is opened, and returns when it runs. */
  protected static Future<?> block(ExecutorService pool, CountDownLatch gate)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Future<?> f =
        pool.submit(
            () -> {
              begun.countDown();
              gate.await();
              return null;
            });
    pass(begun);
    return f;
  }

  // execute

  @Test
  @DisplayName("execute runs the command")
  void execute() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    pool(2).execute(done::countDown);
    pass(done);
  }

  @Test
  @DisplayName("execute(null) throws NullPointerException")
  void executeNull() {
    assertThatThrownBy(() -> pool(1).execute(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("a command that throws does not harm the next")
  void executeThrows() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch done = new CountDownLatch(1);
    AtomicReference<Throwable> seen = new AtomicReference<>();
    CountDownLatch handled = new CountDownLatch(1);
    Thread.UncaughtExceptionHandler former = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (t, e) -> {
          seen.set(e);
          handled.countDown();
        });
    try {
      p.execute(
          () -> {
            throw new IllegalStateException("on purpose");
          });
      p.execute(done::countDown);
      pass(done);
      pass(handled);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(former);
    }
    assertThat(seen.get()).isInstanceOf(IllegalStateException.class).hasMessage("on purpose");
  }

  @Test
  @DisplayName("execute runs a FutureTask, which completes")
  void executeFutureTask() throws Exception {
    FutureTask<String> task = new FutureTask<>(() -> "value");
    pool(1).execute(task);
    assertThat(task.get(LONG, SECONDS)).isEqualTo("value");
  }

  // submit

  @Test
  @DisplayName("submit(callable).get returns what the callable returned")
  void submitCallable() throws Exception {
    assertThat(pool(2).submit(() -> "value").get()).isEqualTo("value");
  }

  @Test
  @DisplayName("submit(callable) may return null")
  void submitCallableNull() throws Exception {
    Callable<Object> task = () -> null;
    assertThat(pool(2).submit(task).get()).isNull();
  }

  @Test
  @DisplayName("submit(runnable).get returns null after the run")
  void submitRunnable() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    Runnable task = ran::incrementAndGet;
    Future<?> f = pool(2).submit(task);
    assertThat(f.get()).isNull();
    assertThat(f.isDone()).isTrue();
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("submit(runnable, result).get returns the very result")
  void submitRunnableResult() throws Exception {
    Object result = new Object();
    AtomicInteger ran = new AtomicInteger();
    Runnable task = ran::incrementAndGet;
    assertThat(pool(2).submit(task, result).get()).isSameAs(result);
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("submit of Executors.callable(runnable, result) returns the very result")
  void submitAdapter() throws Exception {
    Object result = new Object();
    AtomicInteger ran = new AtomicInteger();
    assertThat(pool(1).submit(Executors.callable(ran::incrementAndGet, result)).get())
        .isSameAs(result);
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("submit of null throws NullPointerException")
  void submitNull() {
    ExecutorService p = pool(1);
    assertThatThrownBy(() -> p.submit((Callable<?>) null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.submit(null, "result")).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("get throws ExecutionException whose cause the callable threw")
  void submitThrows() {
    Future<?> f =
        pool(1)
            .submit(
                (Callable<?>)
                    () -> {
                      throw new java.io.IOException("on purpose");
                    });
    assertThatThrownBy(f::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("on purpose");
    assertThat(f.isDone()).isTrue();
    assertThat(f.isCancelled()).isFalse();
    assertThat(f.cancel(true)).isFalse();
  }

  @Test
  @DisplayName("get throws ExecutionException whose cause is the Error that the task threw")
  void submitThrowsError() {
    Future<?> f =
        pool(1)
            .submit(
                (Runnable)
                    () -> {
                      throw new AssertionError("on purpose");
                    });
    assertThatThrownBy(f::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(AssertionError.class)
        .hasMessage("on purpose");
  }

  @Test
  @DisplayName("a pool of one runs tasks in the order of their submission")
  void sequentialInOrder() throws Exception {
    ExecutorService p = pool(1);
    List<Integer> order = new ArrayList<>();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int n = i;
      futures.add(p.submit(() -> order.add(n)));
    }
    for (Future<?> f : futures) {
      f.get();
    }
    assertThat(order).hasSize(200).isSorted();
  }

  @Test
  @DisplayName("in a pool of one, a task finds the future of the former done")
  void formerIsDone() throws Exception {
    ExecutorService p = pool(1);
    for (int i = 0; i < 50; i++) {
      Future<?> first = p.submit(() -> "first");
      CountDownLatch home = new CountDownLatch(0);
      Future<Boolean> second =
          p.submit(
              () -> {
                home.await();
                return first.isDone();
              });
      assertThat(second.get()).isTrue();
    }
  }

  @Test
  @DisplayName("no more tasks run at a time than the pool has threads")
  void bound() throws Exception {
    ExecutorService p = pool(3);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      futures.add(
          p.submit(
              () -> {
                int now = running.incrementAndGet();
                most.accumulateAndGet(now, Math::max);
                Thread.yield();
                running.decrementAndGet();
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  @DisplayName("as many tasks run at a time as the pool has threads")
  void concurrency() throws Exception {
    ExecutorService p = pool(4);
    CountDownLatch all = new CountDownLatch(4);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      futures.add(
          p.submit(
              () -> {
                all.countDown();
                pass(all);
                return null;
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
  }

  @Test
  @DisplayName("what a task wrote is seen after get")
  void happensBefore() throws Exception {
    ExecutorService p = pool(2);
    for (int i = 0; i < 200; i++) {
      int n = i;
      int[] cell = new int[1];
      p.submit(
              () -> {
                cell[0] = n;
              })
          .get();
      assertThat(cell[0]).isEqualTo(n);
    }
  }

  @Test
  @DisplayName("many threads may submit at a time, and every task runs once")
  void manySubmitters() throws Exception {
    ExecutorService p = pool(3);
    AtomicInteger ran = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    Set<Future<?>> futures = Collections.synchronizedSet(new HashSet<>());
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 250; i++) {
                  futures.add(
                      p.submit(
                          () -> {
                            ran.incrementAndGet();
                          }));
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Future<?> f : futures) {
      f.get();
    }
    assertThat(futures).hasSize(1000);
    assertThat(ran).hasValue(1000);
  }

  // Future

  @Test
  @DisplayName("a future is not done while its task runs")
  void notDone() throws Exception {
    CountDownLatch gate = gate();
    Future<?> f = block(pool(1), gate);
    assertThat(f.isDone()).isFalse();
    assertThat(f.isCancelled()).isFalse();
    gate.countDown();
    f.get();
    assertThat(f.isDone()).isTrue();
  }

  @Test
  @DisplayName("timed get throws TimeoutException while the task runs, and later returns")
  void timedGet() throws Exception {
    CountDownLatch gate = gate();
    Future<?> f = block(pool(1), gate);
    assertThatThrownBy(() -> f.get(5, MILLISECONDS)).isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> f.get(0, SECONDS)).isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> f.get(-1, SECONDS)).isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> f.get(Long.MIN_VALUE, NANOSECONDS))
        .isInstanceOf(TimeoutException.class);
    gate.countDown();
    assertThat(f.get(Long.MAX_VALUE, NANOSECONDS)).isNull();
    assertThat(f.get(0, SECONDS)).isNull();
  }

  @Test
  @DisplayName("get with a null unit throws NullPointerException")
  void getNullUnit() throws Exception {
    Future<?> f = pool(1).submit(() -> "value");
    assertThatThrownBy(() -> f.get(1, null)).isInstanceOf(NullPointerException.class);
    f.get();
    assertThatThrownBy(() -> f.get(1, null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("an interrupted get throws InterruptedException and clears the interrupt")
  void interruptedGet() throws Exception {
    CountDownLatch gate = gate();
    Future<?> f = block(pool(1), gate);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean still = new AtomicBoolean(true);
    Thread waiter =
        new Thread(
            () -> {
              try {
                f.get();
              } catch (Throwable e) {
                thrown.set(e);
                still.set(Thread.currentThread().isInterrupted());
              }
            });
    waiter.start();
    await().until(() -> waiter.getState() == Thread.State.WAITING);
    waiter.interrupt();
    waiter.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(still).isFalse();
    assertThat(f.isDone()).isFalse();
  }

  @Test
  @DisplayName("an interrupted timed get throws InterruptedException")
  void interruptedTimedGet() throws Exception {
    Future<?> f = block(pool(1), gate());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> f.get(LONG, SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  @DisplayName("get of a done future returns although the thread is interrupted")
  void interruptedGetOfDone() throws Exception {
    Future<String> f = pool(1).submit(() -> "value");
    f.get();
    Thread.currentThread().interrupt();
    try {
      assertThat(f.get()).isEqualTo("value");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  @DisplayName("all waiters of a future are released")
  void manyWaiters() throws Exception {
    CountDownLatch gate = gate();
    Future<?> f = block(pool(1), gate);
    CountDownLatch released = new CountDownLatch(5);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Thread t =
          new Thread(
              () -> {
                try {
                  f.get();
                  released.countDown();
                } catch (InterruptedException | ExecutionException e) {
                  throw new AssertionError(e);
                }
              });
      threads.add(t);
      t.start();
    }
    for (Thread t : threads) {
      await().until(() -> t.getState() == Thread.State.WAITING);
    }
    gate.countDown();
    pass(released);
    for (Thread t : threads) {
      t.join();
    }
  }

  @Test
  @DisplayName("a future's string tells its state")
  void futureString() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    Future<?> blocked = block(p, gate);
    Future<?> cancelled = p.submit(() -> "value");
    assertThat(blocked.toString()).contains("Not completed, task =");
    cancelled.cancel(false);
    assertThat(cancelled.toString()).endsWith("[Cancelled]");
    gate.countDown();
    blocked.get();
    assertThat(blocked.toString()).endsWith("[Completed normally]");
    Future<?> failed =
        p.submit(
            (Runnable)
                () -> {
                  throw new IllegalStateException("on purpose");
                });
    assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
    assertThat(failed.toString())
        .endsWith("[Completed exceptionally: java.lang.IllegalStateException: on purpose]");
  }

  @Test
  @DisplayName("resultNow and exceptionNow tell the outcome of a done future and nothing else")
  void resultNow() throws Exception {
    ExecutorService p = pool(1);
    Future<?> done = p.submit(() -> "value");
    done.get();
    Future<?> failed =
        p.submit(
            (Callable<?>)
                () -> {
                  throw new java.io.IOException("on purpose");
                });
    assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
    Future<?> running = block(p, gate());
    Future<?> cancelled = p.submit(() -> "value");
    cancelled.cancel(true);
    assertThat(now(done, "resultNow")).isEqualTo("value");
    assertThat(now(failed, "exceptionNow"))
        .isInstanceOf(java.io.IOException.class)
        .hasFieldOrPropertyWithValue("message", "on purpose");
    for (Future<?> f : List.of(failed, running, cancelled)) {
      assertThat(now(f, "resultNow")).isInstanceOf(IllegalStateException.class);
    }
    for (Future<?> f : List.of(done, running, cancelled)) {
      assertThat(now(f, "exceptionNow")).isInstanceOf(IllegalStateException.class);
    }
  }

  /** Calls a method that futures have from JDK 19 on; on 17 only those that bring it along. */
  private static Object now(Future<?> f, String method) throws Exception {
    try {
      java.lang.reflect.Method m;
      try {
        m = Future.class.getMethod(method);
      } catch (NoSuchMethodException e) {
        try {
          m = f.getClass().getMethod(method);
          m.setAccessible(true);
        } catch (NoSuchMethodException old) {
          org.junit.jupiter.api.Assumptions.abort("this JDK's own futures have no " + method);
          throw old;
        }
      }
      return m.invoke(f);
    } catch (java.lang.reflect.InvocationTargetException e) {
      return e.getCause();
    }
  }

  // cancel

  @Test
  @DisplayName("a task cancelled before it begins never runs")
  void cancelQueued() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    Future<?> blocked = block(p, gate);
    AtomicInteger ran = new AtomicInteger();
    for (boolean interrupt : new boolean[] {false, true}) {
      Future<?> f =
          p.submit(
              () -> {
                ran.incrementAndGet();
              });
      assertThat(f.cancel(interrupt)).isTrue();
      assertThat(f.isCancelled()).isTrue();
      assertThat(f.isDone()).isTrue();
      assertThat(f.cancel(true)).isFalse();
      assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
      assertThatThrownBy(() -> f.get(1, SECONDS)).isInstanceOf(CancellationException.class);
    }
    gate.countDown();
    blocked.get();
    p.submit(() -> "last").get();
    assertThat(ran).hasValue(0);
  }

  @Test
  @DisplayName("cancel(true) interrupts the running task")
  void cancelRunning() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch never = gate();
    Future<?> f =
        p.submit(
            () -> {
              begun.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    pass(begun);
    assertThat(f.cancel(true)).isTrue();
    pass(interrupted);
    assertThat(f.isCancelled()).isTrue();
    assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
  }

  @Test
  @DisplayName("cancel(false) lets the running task end")
  void cancelRunningGently() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    Future<?> f =
        p.submit(
            () -> {
              begun.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
              ended.countDown();
            });
    pass(begun);
    assertThat(f.cancel(false)).isTrue();
    assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
    assertThat(ended.getCount()).isEqualTo(1);
    gate.countDown();
    pass(ended);
    assertThat(interrupted).isFalse();
  }

  @Test
  @DisplayName("a cancelled task keeps its thread until it has really ended")
  void cancelKeepsThread() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    Future<?> blocked = block(p, gate);
    blocked.cancel(false);
    Future<String> next = p.submit(() -> "next");
    assertThatThrownBy(() -> next.get(20, MILLISECONDS)).isInstanceOf(TimeoutException.class);
    p.shutdown();
    assertThat(p.awaitTermination(5, MILLISECONDS)).isFalse();
    gate.countDown();
    assertThat(next.get()).isEqualTo("next");
  }

  @Test
  @DisplayName("cancel of a completed task returns false and changes nothing")
  void cancelDone() throws Exception {
    Future<String> f = pool(1).submit(() -> "value");
    f.get();
    assertThat(f.cancel(true)).isFalse();
    assertThat(f.cancel(false)).isFalse();
    assertThat(f.isCancelled()).isFalse();
    assertThat(f.get()).isEqualTo("value");
  }

  @Test
  @DisplayName("cancellation frees a waiting get at once")
  void cancelFreesWaiter() throws Exception {
    Future<?> f = block(pool(1), gate());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                f.get();
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    waiter.start();
    await().until(() -> waiter.getState() == Thread.State.WAITING);
    f.cancel(false);
    waiter.join();
    assertThat(thrown.get()).isInstanceOf(CancellationException.class);
  }

  @Test
  @DisplayName("the interrupt of a cancelled task does not reach the next")
  void interruptDoesNotLeak() throws Exception {
    ExecutorService p = pool(1);
    for (int i = 0; i < 50; i++) {
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> f =
          p.submit(
              () -> {
                begun.countDown();
                LockSupport.parkNanos(100_000);
              });
      pass(begun);
      f.cancel(true);
      CountDownLatch open = new CountDownLatch(0);
      assertThat(
              p.submit(
                      () -> {
                        open.getCount();
                        return Thread.currentThread().isInterrupted();
                      })
                  .get())
          .isFalse();
    }
  }

  @Test
  @DisplayName("cancelling and completing at a time gives either, and all observers agree")
  void cancelRace() throws Exception {
    ExecutorService p = pool(2);
    for (int i = 0; i < 300; i++) {
      Future<String> f = p.submit(() -> "value");
      if (i % 3 == 0) {
        Thread.yield();
      }
      boolean won = f.cancel(i % 2 == 0);
      assertThat(f.isCancelled()).isEqualTo(won);
      if (won) {
        assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
      } else {
        assertThat(f.get()).isEqualTo("value");
      }
    }
  }

  // shutdown

  @Test
  @DisplayName("a new pool is neither shut down nor terminated")
  void newPoolRuns() throws Exception {
    ExecutorService p = pool(1);
    assertThat(p.isShutdown()).isFalse();
    assertThat(p.isTerminated()).isFalse();
    assertThat(p.awaitTermination(1, MILLISECONDS)).isFalse();
    p.submit(() -> "value").get();
    assertThat(p.isShutdown()).isFalse();
    assertThat(p.isTerminated()).isFalse();
  }

  @Test
  @DisplayName("a pool that was never used terminates on shutdown")
  void shutdownUnused() throws Exception {
    ExecutorService p = pool(3);
    p.shutdown();
    assertThat(p.isShutdown()).isTrue();
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
    assertThat(p.isTerminated()).isTrue();
    p.shutdown();
    assertThat(p.shutdownNow()).isEmpty();
    assertThat(p.isTerminated()).isTrue();
  }

  @Test
  @DisplayName("after shutdown every way of submission is rejected")
  void rejection() {
    ExecutorService p = pool(1);
    p.shutdown();
    Callable<String> c = () -> "value";
    Runnable r = () -> {};
    assertThatThrownBy(() -> p.execute(r)).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.submit(c)).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.submit(r)).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.submit(r, "result")).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.invokeAll(List.of(c)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> p.invokeAny(List.of(c)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> "value", p))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  @DisplayName("a rejection names the task and the pool")
  void rejectionMessage() {
    ExecutorService p = pool(1);
    p.shutdown();
    Runnable r =
        new Runnable() {
          @Override
          public void run() {}

          @Override
          public String toString() {
            return "the task";
          }
        };
    assertThatThrownBy(() -> p.execute(r))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("the task")
        .hasMessageContaining(p.getClass().getSimpleName());
  }

  @Test
  @DisplayName("null is NullPointerException, not a rejection, after shutdown too")
  void nullAfterShutdown() {
    ExecutorService p = pool(1);
    p.shutdown();
    assertThatThrownBy(() -> p.execute(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAll(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAny(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("shutdown lets running and queued tasks end")
  void shutdownFinishes() throws Exception {
    ExecutorService p = pool(2);
    CountDownLatch gate = gate();
    Future<?> a = block(p, gate);
    Future<?> b = block(p, gate);
    List<Future<Integer>> queued = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      queued.add(p.submit(() -> n));
    }
    p.shutdown();
    assertThat(p.isShutdown()).isTrue();
    assertThat(p.isTerminated()).isFalse();
    assertThat(p.awaitTermination(1, MILLISECONDS)).isFalse();
    gate.countDown();
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
    assertThat(a.isDone()).isTrue();
    assertThat(b.isDone()).isTrue();
    for (int i = 0; i < 20; i++) {
      assertThat(queued.get(i).isDone()).isTrue();
      assertThat(queued.get(i).get()).isEqualTo(i);
    }
  }

  @Test
  @DisplayName("shutdownNow returns the commands that never began, as they were given")
  void shutdownNowReturnsCommands() throws Exception {
    ExecutorService p = pool(1);
    Future<?> running = block(p, gate());
    AtomicInteger ran = new AtomicInteger();
    List<Runnable> commands = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Runnable r = ran::incrementAndGet;
      commands.add(r);
      p.execute(r);
    }
    List<Runnable> never = p.shutdownNow();
    assertThat(never).containsExactlyElementsOf(commands);
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
    assertThat(ran).hasValue(0);
    assertThatThrownBy(running::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  @DisplayName("shutdownNow returns the futures of what was submitted and never began")
  void shutdownNowReturnsFutures() throws Exception {
    ExecutorService p = pool(1);
    block(p, gate());
    AtomicInteger ran = new AtomicInteger();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      futures.add(
          p.submit(
              () -> {
                ran.incrementAndGet();
              }));
    }
    List<Runnable> never = p.shutdownNow();
    assertThat(never).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat((Object) never.get(i)).isSameAs(futures.get(i));
      assertThat(futures.get(i).isDone()).isFalse();
    }
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
    assertThat(ran).hasValue(0);
    never.get(0).run();
    assertThat(futures.get(0).get()).isNull();
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("shutdownNow interrupts what runs, and termination waits for it")
  void shutdownNowInterrupts() throws Exception {
    ExecutorService p = pool(2);
    CountDownLatch never = gate();
    CountDownLatch gate = gate();
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch interrupted = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      p.execute(
          () -> {
            begun.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.countDown();
            }
            boolean passed = false;
            while (!passed) {
              try {
                gate.await();
                passed = true;
              } catch (InterruptedException e) {
                // Again.
              }
            }
          });
    }
    pass(begun);
    assertThat(p.shutdownNow()).isEmpty();
    pass(interrupted);
    assertThat(p.isShutdown()).isTrue();
    assertThat(p.isTerminated()).isFalse();
    gate.countDown();
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
  }

  @Test
  @DisplayName("shutdownNow after shutdown empties the queue")
  void shutdownNowAfterShutdown() throws Exception {
    ExecutorService p = pool(1);
    block(p, gate());
    Future<?> queued = p.submit(() -> "value");
    p.shutdown();
    assertThat(p.shutdownNow()).hasSize(1);
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
    assertThat(queued.isDone()).isFalse();
  }

  @Test
  @DisplayName("an interrupted awaitTermination throws InterruptedException")
  void interruptedAwaitTermination() throws Exception {
    ExecutorService p = pool(1);
    block(p, gate());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> p.awaitTermination(LONG, SECONDS))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  @DisplayName("awaitTermination returns false at once when it shall not wait")
  void awaitTerminationNoWait() throws Exception {
    ExecutorService p = pool(1);
    block(p, gate());
    p.shutdown();
    assertThat(p.awaitTermination(0, SECONDS)).isFalse();
    assertThat(p.awaitTermination(-1, SECONDS)).isFalse();
    assertThat(p.awaitTermination(Long.MIN_VALUE, NANOSECONDS)).isFalse();
  }

  @Test
  @DisplayName("awaitTermination with a null unit throws NullPointerException")
  void awaitTerminationNull() {
    assertThatThrownBy(() -> pool(1).awaitTermination(1, null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("a task may shut its own pool down")
  void shutdownFromTask() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch done = new CountDownLatch(1);
    p.execute(
        () -> {
          p.shutdown();
          done.countDown();
        });
    pass(done);
    assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
  }

  @Test
  @DisplayName("close waits for queued tasks and terminates; a second close does nothing")
  void close() throws Exception {
    ExecutorService p = pool(1);
    org.junit.jupiter.api.Assumptions.assumeTrue(p instanceof AutoCloseable);
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      futures.add(p.submit(() -> n));
    }
    ((AutoCloseable) p).close();
    assertThat(p.isTerminated()).isTrue();
    for (Future<Integer> f : futures) {
      assertThat(f.isDone()).isTrue();
    }
    ((AutoCloseable) p).close();
  }

  @Test
  @DisplayName("an interrupted close stops the tasks, waits, and keeps the interrupt")
  void interruptedClose() throws Exception {
    ExecutorService p = pool(1);
    org.junit.jupiter.api.Assumptions.assumeTrue(p instanceof AutoCloseable);
    Future<?> running = block(p, gate());
    Future<?> queued = p.submit(() -> "value");
    Thread.currentThread().interrupt();
    try {
      ((AutoCloseable) p).close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(p.isTerminated()).isTrue();
    assertThat(queued.isDone()).isFalse();
    assertThatThrownBy(running::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  @DisplayName("while submitters race with shutdown, a task is rejected or it runs")
  void submitRacesShutdown() throws Exception {
    for (int round = 0; round < 20; round++) {
      ExecutorService p = pool(2);
      AtomicInteger accepted = new AtomicInteger();
      List<Future<?>> futures = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    go.await();
                    for (int i = 0; i < 50; i++) {
                      futures.add(p.submit(() -> "value"));
                      accepted.incrementAndGet();
                    }
                  } catch (RejectedExecutionException e) {
                    // The pool was shut down.
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
        threads.add(thread);
        thread.start();
      }
      go.countDown();
      Thread.yield();
      p.shutdown();
      assertThat(p.awaitTermination(LONG, SECONDS)).isTrue();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(futures).hasSize(accepted.get()).allMatch(Future::isDone);
    }
  }

  // invokeAll

  @Test
  @DisplayName("invokeAll returns done futures in the order of the tasks")
  void invokeAll() throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      tasks.add(() -> n);
    }
    List<Future<Integer>> futures = pool(3).invokeAll(tasks);
    assertThat(futures).hasSize(20).allMatch(Future::isDone);
    for (int i = 0; i < 20; i++) {
      assertThat(futures.get(i).get()).isEqualTo(i);
    }
  }

  @Test
  @DisplayName("invokeAll of nothing returns nothing")
  void invokeAllEmpty() throws Exception {
    ExecutorService p = pool(1);
    assertThat(p.invokeAll(List.<Callable<String>>of())).isEmpty();
    assertThat(p.invokeAll(List.<Callable<String>>of(), 1, SECONDS)).isEmpty();
  }

  @Test
  @DisplayName("invokeAll throws NullPointerException for null and for null elements")
  void invokeAllNull() {
    ExecutorService p = pool(1);
    List<Callable<String>> withNull = Arrays.asList(() -> "value", null);
    assertThatThrownBy(() -> p.invokeAll(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAll(withNull)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAll(null, 1, SECONDS))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAll(withNull, 1, SECONDS))
        .isInstanceOf(NullPointerException.class);
    List<Callable<String>> good = List.of(() -> "value");
    assertThatThrownBy(() -> p.invokeAll(good, 1, null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("invokeAll returns although a task throws")
  void invokeAllThrows() throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              throw new java.io.IOException("on purpose");
            },
            () -> "value");
    List<Future<String>> futures = pool(2).invokeAll(tasks);
    assertThatThrownBy(() -> futures.get(0).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(java.io.IOException.class);
    assertThat(futures.get(1).get()).isEqualTo("value");
  }

  @Test
  @DisplayName("timed invokeAll cancels what has not ended in time")
  void invokeAllTimed() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    List<Callable<String>> tasks =
        List.of(
            () -> {
              gate.await();
              return "never";
            },
            () -> "queued");
    List<Future<String>> futures = p.invokeAll(tasks, 20, MILLISECONDS);
    assertThat(futures).hasSize(2).allMatch(Future::isDone).allMatch(Future::isCancelled);
  }

  @Test
  @DisplayName("timed invokeAll returns all results if there is time")
  void invokeAllTimedEnough() throws Exception {
    List<Callable<String>> tasks = List.of(() -> "a", () -> "b");
    List<Future<String>> futures = pool(2).invokeAll(tasks, LONG, SECONDS);
    assertThat(futures.get(0).get() + futures.get(1).get()).isEqualTo("ab");
  }

  @Test
  @DisplayName("an interrupted invokeAll cancels its tasks")
  void invokeAllInterrupted() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Callable<String> task =
        () -> {
          begun.countDown();
          try {
            gate.await();
          } finally {
            ended.countDown();
          }
          return "never";
        };
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                p.invokeAll(List.of(task));
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    caller.start();
    pass(begun);
    caller.interrupt();
    caller.join();
    pass(ended);
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  // invokeAny

  @Test
  @DisplayName("invokeAny returns the result of a task that succeeds")
  void invokeAny() throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            () -> "value",
            () -> "value");
    assertThat(pool(2).invokeAny(tasks)).isEqualTo("value");
    assertThat(pool(1).invokeAny(tasks)).isEqualTo("value");
    assertThat(pool(2).invokeAny(tasks, LONG, SECONDS)).isEqualTo("value");
  }

  @Test
  @DisplayName("invokeAny throws ExecutionException if all tasks throw")
  void invokeAnyAllThrow() {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            () -> {
              throw new IllegalStateException("on purpose");
            });
    assertThatThrownBy(() -> pool(2).invokeAny(tasks))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("on purpose");
    assertThatThrownBy(() -> pool(2).invokeAny(tasks, LONG, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("invokeAny of nothing throws IllegalArgumentException")
  void invokeAnyEmpty() {
    ExecutorService p = pool(1);
    assertThatThrownBy(() -> p.invokeAny(List.<Callable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> p.invokeAny(List.<Callable<String>>of(), 1, SECONDS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("invokeAny throws NullPointerException for null and for null elements")
  void invokeAnyNull() {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    List<Callable<String>> withNull =
        Arrays.asList(
            () -> {
              gate.await();
              return "never";
            },
            null);
    assertThatThrownBy(() -> p.invokeAny(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAny(withNull)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAny(null, 1, SECONDS))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> p.invokeAny(withNull, 1, SECONDS))
        .isInstanceOf(NullPointerException.class);
    List<Callable<String>> good = List.of(() -> "value");
    assertThatThrownBy(() -> p.invokeAny(good, 1, null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  @DisplayName("timed invokeAny throws TimeoutException and cancels its tasks")
  void invokeAnyTimeout() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Callable<String> task =
        () -> {
          begun.countDown();
          try {
            gate.await();
          } finally {
            ended.countDown();
          }
          return "never";
        };
    assertThatThrownBy(() -> p.invokeAny(List.of(task), 200, MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    if (begun.getCount() == 0) {
      pass(ended);
    }
    assertThat(p.submit(() -> "next").get()).isEqualTo("next");
  }

  @Test
  @DisplayName("invokeAny cancels the tasks that it does not need")
  void invokeAnyCancels() throws Exception {
    ExecutorService p = pool(2);
    CountDownLatch gate = gate();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    List<Callable<String>> tasks =
        List.of(
            () -> {
              begun.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
              return "slow";
            },
            () -> {
              begun.await();
              return "fast";
            });
    assertThat(p.invokeAny(tasks)).isEqualTo("fast");
    pass(interrupted);
  }

  // ExecutorCompletionService

  @Test
  @DisplayName("a completion service delivers every submitted task's very future")
  void completionService() throws Exception {
    ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool(2));
    Set<Future<Integer>> submitted = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      submitted.add(service.submit(() -> n));
    }
    Set<Future<Integer>> taken = new HashSet<>();
    int sum = 0;
    for (int i = 0; i < 20; i++) {
      Future<Integer> f = service.take();
      assertThat(f.isDone()).isTrue();
      taken.add(f);
      sum += f.get();
    }
    assertThat(taken).isEqualTo(submitted);
    assertThat(sum).isEqualTo(190);
    assertThat(service.poll()).isNull();
  }

  @Test
  @DisplayName("a completion service delivers failures and runnables with results")
  void completionServiceFailure() throws Exception {
    ExecutorCompletionService<Object> service = new ExecutorCompletionService<>(pool(1));
    service.submit(
        () -> {
          throw new java.io.IOException("on purpose");
        });
    Object result = new Object();
    service.submit(() -> {}, result);
    Future<Object> first = service.take();
    assertThatThrownBy(first::get).hasCauseInstanceOf(java.io.IOException.class);
    assertThat(service.poll(LONG, SECONDS).get()).isSameAs(result);
  }

  @Test
  @DisplayName("a completion service delivers cancelled tasks")
  void completionServiceCancel() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    ExecutorCompletionService<String> service = new ExecutorCompletionService<>(p);
    Future<?> blocked = block(p, gate);
    Future<String> f = service.submit(() -> "value");
    f.cancel(true);
    gate.countDown();
    blocked.get();
    Future<String> taken = service.take();
    assertThat(taken).isSameAs(f);
    assertThat(taken.isCancelled()).isTrue();
  }

  @Test
  @DisplayName("a completion service over a bare executor and a queue of one's own works")
  void completionServiceOverExecutor() throws Exception {
    ExecutorService p = pool(2);
    BlockingQueue<Future<String>> queue = new LinkedBlockingQueue<>();
    ExecutorCompletionService<String> service = new ExecutorCompletionService<>(p::execute, queue);
    Future<String> f = service.submit(() -> "value");
    assertThat(queue.poll(LONG, SECONDS)).isSameAs(f);
    assertThat(f.get()).isEqualTo("value");
  }

  @Test
  @DisplayName("a submitted task of a completion service can be cancelled while it runs")
  void completionServiceCancelRunning() throws Exception {
    ExecutorService p = pool(1);
    ExecutorCompletionService<String> service = new ExecutorCompletionService<>(p);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch gate = gate();
    Future<String> f =
        service.submit(
            () -> {
              begun.countDown();
              gate.await();
              return "never";
            });
    pass(begun);
    assertThat(f.cancel(true)).isTrue();
    assertThat(service.poll(LONG, SECONDS)).isSameAs(f);
    assertThat(p.submit(() -> "next").get()).isEqualTo("next");
  }

  // FutureTask

  @Test
  @DisplayName("FutureTask.cancel(true) interrupts its callable in the pool")
  void futureTaskCancel() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch never = gate();
    FutureTask<String> task =
        new FutureTask<>(
            () -> {
              begun.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
              return "never";
            });
    p.execute(task);
    pass(begun);
    assertThat(task.cancel(true)).isTrue();
    pass(interrupted);
    assertThat(p.submit(() -> "next").get()).isEqualTo("next");
    assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
  }

  @Test
  @DisplayName("a FutureTask over a Runnable returns its very result and calls done once")
  void futureTaskRunnable() throws Exception {
    Object result = new Object();
    AtomicInteger done = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch called = new CountDownLatch(1);
    FutureTask<Object> task =
        new FutureTask<>(ran::incrementAndGet, result) {
          @Override
          protected void done() {
            done.incrementAndGet();
            called.countDown();
          }
        };
    ExecutorService p = pool(1);
    p.execute(task);
    assertThat(task.get(LONG, SECONDS)).isSameAs(result);
    pass(called);
    p.execute(task);
    p.submit(() -> "next").get();
    assertThat(ran).hasValue(1);
    assertThat(done).hasValue(1);
  }

  @Test
  @DisplayName("a FutureTask reports what its callable threw")
  void futureTaskThrows() {
    FutureTask<String> task =
        new FutureTask<>(
            () -> {
              throw new java.io.IOException("on purpose");
            });
    pool(1).execute(task);
    assertThatThrownBy(() -> task.get(LONG, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("on purpose");
  }

  @Test
  @DisplayName("a FutureTask cancelled in the queue never runs")
  void futureTaskCancelQueued() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    Future<?> blocked = block(p, gate);
    AtomicInteger ran = new AtomicInteger();
    FutureTask<Object> task = new FutureTask<>(ran::incrementAndGet, null);
    p.execute(task);
    task.cancel(false);
    gate.countDown();
    blocked.get();
    p.submit(() -> "next").get();
    assertThat(ran).hasValue(0);
  }

  // CompletableFuture

  @Test
  @DisplayName("supplyAsync and runAsync complete")
  void supplyAsync() throws Exception {
    ExecutorService p = pool(2);
    AtomicInteger ran = new AtomicInteger();
    assertThat(CompletableFuture.supplyAsync(() -> "value", p).get()).isEqualTo("value");
    assertThat(CompletableFuture.supplyAsync(() -> null, p).get()).isNull();
    assertThat(CompletableFuture.runAsync(ran::incrementAndGet, p).get()).isNull();
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("a stage whose function throws completes exceptionally with it")
  void stageThrows() {
    ExecutorService p = pool(1);
    CompletableFuture<String> f =
        CompletableFuture.supplyAsync(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            p);
    assertThatThrownBy(f::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("on purpose");
    assertThatThrownBy(f::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("stages of one source get its value")
  void stagesOfOne() {
    ExecutorService p = pool(2);
    for (CompletableFuture<Integer> source :
        List.of(
            CompletableFuture.completedFuture(20), CompletableFuture.supplyAsync(() -> 20, p))) {
      AtomicInteger seen = new AtomicInteger();
      assertThat(source.thenApplyAsync(n -> n + 1, p).join()).isEqualTo(21);
      assertThat(source.thenAcceptAsync(seen::addAndGet, p).join()).isNull();
      assertThat(source.thenRunAsync(seen::incrementAndGet, p).join()).isNull();
      assertThat(seen).hasValue(21);
      assertThat(source.handleAsync((n, e) -> e == null ? n + 2 : -1, p).join()).isEqualTo(22);
      assertThat(source.whenCompleteAsync((n, e) -> seen.addAndGet(n), p).join()).isEqualTo(20);
      assertThat(seen).hasValue(41);
      assertThat(source.thenComposeAsync(n -> CompletableFuture.completedFuture(n + 3), p).join())
          .isEqualTo(23);
      assertThat(source.exceptionallyAsync(e -> -1, p).join()).isEqualTo(20);
      assertThat(
              source
                  .exceptionallyComposeAsync(e -> CompletableFuture.completedFuture(-1), p)
                  .join())
          .isEqualTo(20);
    }
  }

  @Test
  @DisplayName("stages of a source with null get null")
  void stagesOfNull() {
    ExecutorService p = pool(1);
    CompletableFuture<String> source = CompletableFuture.completedFuture(null);
    assertThat(source.thenApplyAsync(s -> "was " + s, p).join()).isEqualTo("was null");
    assertThat(source.handleAsync((s, e) -> s + " " + e, p).join()).isEqualTo("null null");
    assertThat(source.thenCombineAsync(source, (a, b) -> a + " " + b, p).join())
        .isEqualTo("null null");
    assertThat(source.applyToEitherAsync(source, s -> "was " + s, p).join()).isEqualTo("was null");
    assertThat(source.thenApplyAsync(s -> s, p).join()).isNull();
  }

  @Test
  @DisplayName("stages of a failed source fail or handle it")
  void stagesOfFailed() {
    ExecutorService p = pool(2);
    CompletableFuture<Integer> good = CompletableFuture.completedFuture(1);
    CompletableFuture<Integer> source =
        CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
    AtomicInteger called = new AtomicInteger();
    List<CompletableFuture<?>> failing =
        List.of(
            source.thenApplyAsync(n -> called.incrementAndGet(), p),
            source.thenAcceptAsync(n -> called.incrementAndGet(), p),
            source.thenRunAsync(called::incrementAndGet, p),
            source.thenComposeAsync(
                n -> CompletableFuture.completedFuture(called.incrementAndGet()), p),
            source.thenCombineAsync(good, (a, b) -> called.incrementAndGet(), p),
            good.thenCombineAsync(source, (a, b) -> called.incrementAndGet(), p),
            source.thenAcceptBothAsync(good, (a, b) -> called.incrementAndGet(), p),
            good.runAfterBothAsync(source, called::incrementAndGet, p),
            source.applyToEitherAsync(new CompletableFuture<>(), n -> called.incrementAndGet(), p),
            source.acceptEitherAsync(new CompletableFuture<>(), n -> called.incrementAndGet(), p),
            source.runAfterEitherAsync(new CompletableFuture<>(), called::incrementAndGet, p));
    for (CompletableFuture<?> f : failing) {
      assertThatThrownBy(f::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
    }
    assertThat(called).hasValue(0);
    assertThat(source.handleAsync((n, e) -> e.getMessage(), p).join()).isEqualTo("on purpose");
    assertThat(source.exceptionallyAsync(e -> 7, p).join()).isEqualTo(7);
    assertThat(
            source.exceptionallyComposeAsync(e -> CompletableFuture.completedFuture(8), p).join())
        .isEqualTo(8);
    assertThatThrownBy(() -> source.whenCompleteAsync((n, e) -> called.incrementAndGet(), p).join())
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(called).hasValue(1);
  }

  @Test
  @DisplayName("stages of two sources get both values or either")
  void stagesOfTwo() {
    ExecutorService p = pool(2);
    CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 20, p);
    CompletableFuture<Integer> b = CompletableFuture.supplyAsync(() -> 3, p);
    AtomicInteger seen = new AtomicInteger();
    assertThat(a.thenCombineAsync(b, Integer::sum, p).join()).isEqualTo(23);
    a.thenAcceptBothAsync(b, (x, y) -> seen.addAndGet(x * y), p).join();
    a.runAfterBothAsync(b, seen::incrementAndGet, p).join();
    assertThat(seen).hasValue(61);
    CompletableFuture<Integer> never = new CompletableFuture<>();
    assertThat(a.applyToEitherAsync(never, n -> n + 1, p).join()).isEqualTo(21);
    assertThat(never.applyToEitherAsync(a, n -> n + 1, p).join()).isEqualTo(21);
    never.acceptEitherAsync(b, seen::addAndGet, p).join();
    b.runAfterEitherAsync(never, seen::incrementAndGet, p).join();
    assertThat(seen).hasValue(65);
  }

  @Test
  @DisplayName("each kind of stage whose function throws fails with it")
  void everyStageThrows() {
    ExecutorService p = pool(2);
    CompletableFuture<Integer> a = CompletableFuture.completedFuture(1);
    CompletableFuture<Integer> bad =
        CompletableFuture.failedFuture(new java.io.IOException("source"));
    List<CompletableFuture<?>> stages =
        List.of(
            a.thenApplyAsync(n -> fail(), p),
            a.thenAcceptAsync(n -> fail(), p),
            a.thenRunAsync(() -> fail(), p),
            a.handleAsync((n, e) -> fail(), p),
            a.whenCompleteAsync((n, e) -> fail(), p),
            bad.exceptionallyAsync(e -> fail(), p),
            a.thenComposeAsync(n -> failStage(), p),
            a.thenCombineAsync(a, (x, y) -> fail(), p),
            a.thenAcceptBothAsync(a, (x, y) -> fail(), p),
            a.runAfterBothAsync(a, () -> fail(), p),
            a.applyToEitherAsync(a, n -> fail(), p),
            a.acceptEitherAsync(a, n -> fail(), p),
            a.runAfterEitherAsync(a, () -> fail(), p));
    for (CompletableFuture<?> f : stages) {
      assertThatThrownBy(f::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("on purpose");
    }
  }

  private static int fail() {
    throw new IllegalStateException("on purpose");
  }

  private static CompletableFuture<Integer> failStage() {
    throw new IllegalStateException("on purpose");
  }

  @Test
  @DisplayName("a stage that was completed before its turn does not call its function")
  void completedStage() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    Future<?> blocked = block(p, gate);
    AtomicInteger called = new AtomicInteger();
    CompletableFuture<Integer> f = CompletableFuture.supplyAsync(called::incrementAndGet, p);
    CompletableFuture<Integer> g = CompletableFuture.supplyAsync(called::incrementAndGet, p);
    f.complete(-1);
    g.cancel(true);
    gate.countDown();
    blocked.get();
    p.submit(() -> "next").get();
    assertThat(f.join()).isEqualTo(-1);
    assertThat(g.isCancelled()).isTrue();
    assertThat(called).hasValue(0);
  }

  @Test
  @DisplayName("a long chain of stages completes in order")
  void stageChain() {
    ExecutorService p = pool(2);
    CompletableFuture<Integer> f = CompletableFuture.supplyAsync(() -> 0, p);
    for (int i = 0; i < 100; i++) {
      f = f.thenApplyAsync(n -> n + 1, p);
    }
    assertThat(f.join()).isEqualTo(100);
  }

  @Test
  @DisplayName("allOf and anyOf work on stages of the pool")
  void allOf() {
    ExecutorService p = pool(2);
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i;
      all.add(CompletableFuture.supplyAsync(() -> n, p));
    }
    CompletableFuture<?>[] array = all.toArray(new CompletableFuture<?>[0]);
    CompletableFuture.allOf(array).join();
    assertThat(all.stream().mapToInt(CompletableFuture::join).sum()).isEqualTo(45);
    assertThat(CompletableFuture.anyOf(array).join()).isInstanceOf(Integer.class);
  }

  // Threads

  @Test
  @DisplayName("a task runs on a live, non-daemon thread with the creator's context loader")
  void threads() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch open = new CountDownLatch(0);
    assertThat(
            p.submit(
                    () -> {
                      open.await();
                      return Thread.currentThread().isDaemon();
                    })
                .get())
        .isFalse();
    ClassLoader mine = Thread.currentThread().getContextClassLoader();
    assertThat(
            p.submit(
                    () -> {
                      open.await();
                      return Thread.currentThread().getContextClassLoader() == mine;
                    })
                .get())
        .isTrue();
  }
}
