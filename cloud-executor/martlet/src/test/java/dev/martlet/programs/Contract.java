package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.outcome;
import static dev.martlet.programs.Support.outcomes;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The contract of executors and futures, as programs lean on it. */
@SuppressWarnings({"serial", "try"})
final class Contract {
  private Contract() {}

  // ---- invokeAll, invokeAny, completion services ----

  @Runs(AWAY)
  static Object invokeAll(ExecutorService pool) throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      tasks.add(() -> n * 2);
    }
    List<Future<Integer>> futures = pool.invokeAll(tasks);
    boolean done = futures.stream().allMatch(Future::isDone);
    return all(done, outcomes(futures), pool.invokeAll(List.<Callable<Integer>>of()).size());
  }

  @Runs(AWAY)
  static Object invokeAllWithFailures(ExecutorService pool) throws Exception {
    List<Callable<Object>> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int n = i;
      tasks.add(
          () -> {
            if (n % 2 == 0) {
              throw new IOException("even " + n);
            }
            return n;
          });
    }
    return outcomes(pool.invokeAll(tasks));
  }

  @Runs(AWAY)
  static Object invokeAllTimed(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks = List.of(() -> "a", () -> "b", () -> "c");
    return outcomes(pool.invokeAll(tasks, 30, TimeUnit.SECONDS));
  }

  @Runs(AWAY)
  static Object invokeAllTimesOut(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tasks.add(
          () -> {
            Thread.sleep(50_000);
            return "slept";
          });
    }
    List<Future<String>> futures = pool.invokeAll(tasks, 200, TimeUnit.MILLISECONDS);
    return all(futures.stream().allMatch(Future::isCancelled), outcomes(futures));
  }

  @Runs(AWAY)
  static Object invokeAny(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              throw new IOException("not this");
            },
            () -> "this",
            () -> {
              throw new IllegalStateException("nor this");
            });
    return all(pool.invokeAny(tasks), pool.invokeAny(tasks, 30, TimeUnit.SECONDS));
  }

  @Runs(AWAY)
  static Object invokeAnyCancelsTheSlow(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              Thread.sleep(50_000);
              return "slow";
            },
            () -> "quick");
    return pool.invokeAny(tasks);
  }

  @Runs(AWAY)
  static Object invokeAnyFails(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks =
        Collections.nCopies(
            3,
            () -> {
              throw new IOException("none");
            });
    try {
      return pool.invokeAny(tasks);
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Runs(AWAY)
  static Object invokeAnyTimesOut(ExecutorService pool) throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> {
              Thread.sleep(50_000);
              return "slow";
            });
    try {
      return pool.invokeAny(tasks, 100, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return "timed out";
    }
  }

  @Runs(AWAY)
  static Object completionService(ExecutorService pool) throws Exception {
    CompletionService<Integer> service = new ExecutorCompletionService<>(pool);
    int[] slots = new int[10];
    for (int i = 0; i < 10; i++) {
      int n = i;
      service.submit(() -> n * n);
    }
    service.submit(() -> slots[3] = 3, -1);
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      values.add(service.take().get());
    }
    Collections.sort(values);
    return all(values, slots, service.poll());
  }

  @Runs(AWAY)
  static Object futureTaskExecuted(ExecutorService pool) throws Exception {
    int[] doneCalls = new int[1];
    CountDownLatch done = new CountDownLatch(1);
    FutureTask<String> task =
        new FutureTask<>(() -> "from a future task") {
          @Override
          protected void done() {
            doneCalls[0]++;
            done.countDown();
          }
        };
    pool.execute(task);
    Object value = task.get();
    done.await();
    FutureTask<Integer> failing =
        new FutureTask<>(
            () -> {
              throw new IOException("failed");
            });
    pool.execute(failing);
    return all(value, doneCalls, outcome(failing), task.isDone(), task.isCancelled());
  }

  // ---- completable futures ----

  @Runs(AWAY)
  static Object supplyAndRunAsync(ExecutorService pool) throws Exception {
    int[] slot = new int[1];
    CompletableFuture<Integer> supplied = CompletableFuture.supplyAsync(() -> 6 * 7, pool);
    CompletableFuture<Void> run = CompletableFuture.runAsync(() -> slot[0] = 9, pool);
    return all(supplied.get(), run.get(), slot);
  }

  @Runs(AWAY)
  static Object asyncStages(ExecutorService pool) throws Exception {
    int[] slots = new int[4];
    CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 10, pool);
    CompletableFuture<Integer> b = a.thenApplyAsync(x -> x + 1, pool);
    CompletableFuture<Void> c = b.thenAcceptAsync(x -> slots[0] = x, pool);
    CompletableFuture<Void> d = c.thenRunAsync(() -> slots[1] = 2, pool);
    CompletableFuture<Integer> e = a.thenCombineAsync(b, (x, y) -> x * y, pool);
    CompletableFuture<Void> f = a.thenAcceptBothAsync(b, (x, y) -> slots[2] = x - y, pool);
    CompletableFuture<Void> g = d.runAfterBothAsync(f, () -> slots[3] = 4, pool);
    CompletableFuture<String> h =
        e.thenComposeAsync(x -> CompletableFuture.completedFuture("composed " + x), pool);
    CompletableFuture<String> i = h.handleAsync((x, t) -> x + " " + t, pool);
    CompletableFuture<String> j = i.whenCompleteAsync((x, t) -> {}, pool);
    g.get();
    return all(b.get(), e.get(), h.get(), j.get(), slots);
  }

  @Runs(AWAY)
  static Object eitherStages(ExecutorService pool) throws Exception {
    CompletableFuture<String> never = new CompletableFuture<>();
    CompletableFuture<String> now = CompletableFuture.completedFuture("now");
    int[] slots = new int[2];
    CompletableFuture<Integer> a = never.applyToEitherAsync(now, String::length, pool);
    CompletableFuture<Void> b = now.acceptEitherAsync(never, x -> slots[0] = x.length(), pool);
    CompletableFuture<Void> c = never.runAfterEitherAsync(now, () -> slots[1] = 7, pool);
    CompletableFuture.allOf(a, b, c).get();
    return all(a.get(), slots);
  }

  @Runs(AWAY)
  static Object failingStages(ExecutorService pool) throws Exception {
    CompletableFuture<Integer> failed =
        CompletableFuture.supplyAsync(() -> Integer.parseInt("no number"), pool);
    CompletableFuture<Integer> skipped = failed.thenApplyAsync(x -> x + 1, pool);
    CompletableFuture<Integer> healed =
        skipped.handleAsync((x, t) -> t instanceof CompletionException ? -1 : -2, pool);
    CompletableFuture<Integer> excepted = failed.exceptionally(t -> t.getMessage().length());
    Object joined;
    try {
      joined = skipped.join();
    } catch (CompletionException e) {
      joined = e.getCause();
    }
    return all(outcome(failed), joined, healed.get(), excepted.get());
  }

  @Runs(AWAY)
  static Object longChainOfStages(ExecutorService pool) throws Exception {
    CompletableFuture<Integer> future = CompletableFuture.completedFuture(0);
    for (int i = 0; i < 100; i++) {
      int n = i;
      future = future.thenApplyAsync(x -> x + n, pool);
    }
    return future.get();
  }

  @Runs(AWAY)
  static Object allOfManyStages(ExecutorService pool) throws Exception {
    List<CompletableFuture<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int n = i;
      futures.add(CompletableFuture.supplyAsync(() -> n * 3, pool).thenApply(x -> x + 1));
    }
    CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
    return futures.stream().map(CompletableFuture::join).toList();
  }

  @Runs(AWAY)
  static Object completeAsync(ExecutorService pool) throws Exception {
    CompletableFuture<String> future = new CompletableFuture<>();
    CompletableFuture<Integer> length = future.thenApply(String::length);
    future.completeAsync(() -> "completed", pool);
    return all(length.get(30, TimeUnit.SECONDS), future.get());
  }

  // ---- exceptions ----

  private static class OrderException extends Exception {
    private final int code;
    private final List<String> items;
    private final transient Object context;

    OrderException(String message, int code, List<String> items, Throwable cause) {
      super(message, cause);
      this.code = code;
      this.items = items;
      this.context = "ctx " + code;
    }
  }

  private static final class TeapotError extends Error {
    TeapotError(int cups) {
      super("teapot with " + cups);
    }

    @Override
    public String getMessage() {
      return super.getMessage() + "!";
    }
  }

  @Runs(AWAY)
  static Object exceptionsOfEveryKind(ExecutorService pool) throws Exception {
    int zero = 0;
    List<Callable<Object>> tasks =
        List.of(
            () -> {
              throw new FileNotFoundException("checked");
            },
            () -> {
              throw new UncheckedIOException("wrapped", new IOException("inner"));
            },
            () -> {
              throw new OrderException("own", 7, new ArrayList<>(List.of("x")), null);
            },
            () -> {
              throw new TeapotError(2);
            },
            () -> {
              throw new AssertionError("assertion", new RuntimeException("why"));
            },
            () -> {
              throw new StackOverflowError();
            },
            () -> Arrays.asList(1, 2).get(5),
            () -> (Object) ((String) (Object) 1),
            () -> new int[-1],
            () -> List.of(1).iterator().next() / zero,
            () -> {
              throw new RuntimeException();
            },
            () -> {
              throw new RuntimeException(new IOException("only a cause"));
            });
    List<Object> seen = new ArrayList<>();
    for (Callable<Object> task : tasks) {
      seen.add(outcome(pool.submit(task)));
    }
    return seen;
  }

  @Runs(AWAY)
  static Object executionExceptionItself(ExecutorService pool) throws Exception {
    try {
      return pool.submit(
              () -> {
                throw new OrderException("m", 1, List.of(), new IOException("c"));
              })
          .get();
    } catch (ExecutionException e) {
      return e;
    }
  }

  @Runs(AWAY)
  static Object nullPointer(ExecutorService pool) throws Exception {
    String[] none = new String[1];
    return outcome(pool.submit(() -> none[0].length()));
  }

  private static int endless(int n) {
    return endless(n + 1) + 1;
  }

  @Runs(AWAY)
  static Object realStackOverflow(ExecutorService pool) throws Exception {
    Object thrown = outcome(pool.submit(() -> endless(0)));
    return all(thrown instanceof StackOverflowError, pool.submit(() -> "alive").get());
  }

  @Runs(AWAY)
  static Object suppressedExceptions(ExecutorService pool) throws Exception {
    return outcome(
        pool.submit(
            () -> {
              try (AutoCloseable a =
                      () -> {
                        throw new IOException("close a");
                      };
                  AutoCloseable b =
                      () -> {
                        throw new IllegalStateException("close b");
                      }) {
                throw new OrderException("body", 3, List.of("i"), null);
              }
            }));
  }

  @Runs(AWAY)
  static Object chainOfCauses(ExecutorService pool) throws Exception {
    return outcome(
        pool.submit(
            () -> {
              Throwable t = new IOException("root");
              for (int i = 0; i < 20; i++) {
                t = new RuntimeException("level " + i, t);
              }
              throw (RuntimeException) t;
            }));
  }

  @Runs(AWAY)
  static Object cyclicCauses(ExecutorService pool) throws Exception {
    Throwable t =
        (Throwable)
            outcome(
                pool.submit(
                    () -> {
                      Exception a = new Exception("a");
                      Exception b = new Exception("b", a);
                      a.initCause(b);
                      throw b;
                    }));
    return all(t.getMessage(), t.getCause().getMessage(), t.getCause().getCause() == t);
  }

  @Runs(AWAY)
  static Object exceptionThatHoldsCapturedObject(ExecutorService pool) throws Exception {
    List<String> items = new ArrayList<>(List.of("a"));
    OrderException e =
        (OrderException)
            outcome(
                pool.submit(
                    () -> {
                      items.add("b");
                      throw new OrderException("held", 9, items, null);
                    }));
    return all(e.items == items, e.context, e);
  }

  @Runs(AWAY)
  static Object exceptionWithBigObject(ExecutorService pool) throws Exception {
    OrderException e =
        (OrderException)
            outcome(
                pool.submit(
                    () -> {
                      List<String> items = new ArrayList<>();
                      for (int i = 0; i < 20_000; i++) {
                        items.add("item " + i);
                      }
                      throw new OrderException("big", 1, items, null);
                    }));
    return all(e.items.size(), e.items.get(19_999));
  }

  @Runs(AWAY)
  static Object capturedExceptionThrown(ExecutorService pool) throws Exception {
    IOException mine = new IOException("made by the client");
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  throw mine;
                }));
    return all(thrown == mine, mine);
  }

  @Runs(AWAY)
  static Object localAndAnonymousExceptions(ExecutorService pool) throws Exception {
    class Local extends RuntimeException {
      final int depth;

      Local(int depth) {
        this.depth = depth;
      }
    }
    int n = 4;
    return all(
        outcome(
            pool.submit(
                () -> {
                  throw new Local(n);
                })),
        outcome(
            pool.submit(
                () -> {
                  throw new IllegalStateException("anonymous") {
                    @Override
                    public String toString() {
                      return "anonymous " + n;
                    }
                  };
                })));
  }

  private static void level3(int n) {
    throw new IllegalArgumentException("bad " + n);
  }

  private static void level2(int n) {
    level3(n + 1);
  }

  @Runs(AWAY)
  static Object stackTraceNamesTheTask(ExecutorService pool) throws Exception {
    Throwable t =
        (Throwable)
            outcome(
                pool.submit(
                    () -> {
                      level2(1);
                      return null;
                    }));
    StackTraceElement[] trace = t.getStackTrace();
    return all(trace[0].getMethodName(), trace[1].getMethodName(), trace[0].getLineNumber() > 0);
  }

  @Runs(AWAY)
  static Object caughtInsideTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              try {
                return 12 / i;
              } catch (ArithmeticException e) {
                return -1;
              }
            });
  }

  // ---- cancel and shut down ----

  @Runs(AWAY)
  static Object cancelInterruptsSleeper(ExecutorService pool) throws Exception {
    pool.submit(() -> "warm").get();
    CountDownLatch left = new CountDownLatch(1);
    boolean[] interrupted = new boolean[1];
    Future<?> sleeper =
        pool.submit(
            () -> {
              try {
                Thread.sleep(50_000);
              } catch (InterruptedException e) {
                interrupted[0] = true;
              } finally {
                left.countDown();
              }
            });
    Thread.sleep(500);
    boolean cancelled = sleeper.cancel(true);
    boolean again = sleeper.cancel(true);
    return all(
        left.await(30, TimeUnit.SECONDS),
        cancelled,
        again,
        interrupted[0],
        sleeper.isCancelled(),
        sleeper.isDone(),
        outcome(sleeper));
  }

  @Runs(AWAY)
  static Object cancelWithoutInterruptLetsItRun(ExecutorService pool) throws Exception {
    pool.submit(() -> "warm").get();
    CountDownLatch left = new CountDownLatch(1);
    int[] slot = new int[1];
    Future<?> task =
        pool.submit(
            () -> {
              try {
                Thread.sleep(900);
                slot[0] = 1;
              } catch (InterruptedException e) {
                slot[0] = -1;
              } finally {
                left.countDown();
              }
            });
    Thread.sleep(400);
    boolean cancelled = task.cancel(false);
    return all(left.await(30, TimeUnit.SECONDS), cancelled, task.isCancelled(), slot);
  }

  @Runs(EITHER)
  static Object clientWaitsUntilTaskHasStarted(ExecutorService pool) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    Future<?> sleeper =
        pool.submit(
            () -> {
              started.countDown();
              try {
                Thread.sleep(50_000);
              } finally {
                left.countDown();
              }
              return null;
            });
    boolean running = started.await(30, TimeUnit.SECONDS);
    sleeper.cancel(true);
    return all(running, left.await(30, TimeUnit.SECONDS), outcome(sleeper));
  }

  @Runs(EITHER)
  static Object clientWatchesProgress(ExecutorService pool) throws Exception {
    AtomicInteger progress = new AtomicInteger();
    AtomicBoolean seen = new AtomicBoolean();
    Future<String> task =
        pool.submit(
            () -> {
              progress.incrementAndGet();
              while (!seen.get()) {
                Thread.sleep(1);
              }
              return "done";
            });
    while (progress.get() == 0 && !task.isDone()) {
      Thread.sleep(1);
    }
    seen.set(true);
    return all(task.get(), progress);
  }

  @Sequential
  @Runs(EITHER)
  static Object cancelledBeforeItStarted(ExecutorService pool) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    int[] ran = new int[1];
    Future<?> first =
        pool.submit(
            () -> {
              go.await();
              return null;
            });
    Future<?> second = pool.submit(() -> ran[0]++);
    boolean cancelled = second.cancel(true);
    go.countDown();
    Object firstOutcome = outcome(first);
    Object third = pool.submit(() -> ran[0]).get();
    return all(cancelled, firstOutcome, third, outcome(second));
  }

  @Runs(AWAY)
  static Object cancelAfterEnd(ExecutorService pool) throws Exception {
    Future<Integer> future = pool.submit(() -> 1);
    future.get();
    return all(future.cancel(true), future.isCancelled(), future.isDone(), future.get());
  }

  @Runs(AWAY)
  static Object getTimesOutThenSucceeds(ExecutorService pool) throws Exception {
    Future<String> slow =
        pool.submit(
            () -> {
              Thread.sleep(500);
              return "late";
            });
    Object first;
    try {
      first = slow.get(20, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      first = "timed out";
    }
    return all(first, slow.get());
  }

  @Runs(AWAY)
  static Object interruptedWaiter(ExecutorService pool) throws Exception {
    Future<String> slow =
        pool.submit(
            () -> {
              Thread.sleep(400);
              return "unharmed";
            });
    Thread.currentThread().interrupt();
    Object first;
    try {
      first = slow.get();
    } catch (InterruptedException e) {
      first = "interrupted";
    }
    return all(first, Thread.currentThread().isInterrupted(), slow.get());
  }

  @Runs(AWAY)
  static Object interruptStatusInsideTask(ExecutorService pool) throws Exception {
    Object leftSet =
        pool.submit(
                () -> {
                  Thread.currentThread().interrupt();
                  return Thread.currentThread().isInterrupted();
                })
            .get();
    List<Boolean> later = collect(pool, 8, i -> () -> Thread.interrupted());
    return all(leftSet, later);
  }

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object shutdownNowReturnsQueued(ExecutorService pool) throws Exception {
    pool.submit(() -> "warm").get();
    CountDownLatch left = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    pool.submit(
        () -> {
          try {
            Thread.sleep(50_000);
          } catch (InterruptedException e) {
            interrupted.set(true);
          } finally {
            left.countDown();
          }
        });
    Thread.sleep(500);
    Future<?> queued = pool.submit(() -> "never");
    Runnable plain = () -> {};
    pool.execute(plain);
    List<Runnable> never = pool.shutdownNow();
    boolean ended = pool.awaitTermination(30, TimeUnit.SECONDS);
    return all(
        left.await(30, TimeUnit.SECONDS),
        never.size(),
        never.get(1) == plain,
        never.get(0) == queued,
        queued.isDone(),
        ended,
        pool.isShutdown(),
        pool.isTerminated(),
        interrupted);
  }

  @OwnPool
  @Runs(AWAY)
  static Object shutdownNowInterruptsTasksOfTasks(ExecutorService pool) throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    Future<?> outer =
        pool.submit(
            () -> {
              Future<?> inner =
                  pool.submit(
                      () -> {
                        began.countDown();
                        try {
                          Thread.sleep(50_000);
                        } catch (InterruptedException e) {
                          interrupted.set(true);
                        }
                      });
              try {
                inner.get();
              } catch (InterruptedException | ExecutionException e) {
                // Its pool was shut down.
              }
            });
    began.await();
    List<Runnable> never = pool.shutdownNow();
    return all(
        never, pool.awaitTermination(30, TimeUnit.SECONDS), outer.isDone(), interrupted.get());
  }

  @OwnPool
  @Runs(AWAY)
  static Object cancelInterruptsNoTaskOfTheTask(ExecutorService pool) throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Future<?> outer =
        pool.submit(
            () -> {
              pool.submit(
                  () -> {
                    began.countDown();
                    Thread.sleep(2_000);
                    ended.set(true);
                    return null;
                  });
              while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
              }
            });
    began.await();
    boolean cancelled = outer.cancel(true);
    pool.shutdown();
    return all(cancelled, pool.awaitTermination(30, TimeUnit.SECONDS), ended.get());
  }

  /** Submits itself again for as long as the pool takes it. */
  private record Again(ExecutorService pool) implements Runnable {
    @Override
    public void run() {
      try {
        Thread.sleep(2);
        pool.execute(this);
      } catch (RejectedExecutionException | InterruptedException e) {
        // The pool was shut down.
      }
    }
  }

  @OwnPool
  @Runs(AWAY)
  static Object shutdownEndsTaskThatRepeatsItself(ExecutorService pool) throws Exception {
    pool.execute(new Again(pool));
    Future<Integer> other = pool.submit(() -> 1);
    Thread.sleep(200);
    pool.shutdown();
    return all(pool.awaitTermination(30, TimeUnit.SECONDS), other.get());
  }

  @OwnPool
  @Runs(AWAY)
  static Object queuedTaskIsRejectedAfterShutdown(ExecutorService pool) throws Exception {
    List<Future<String>> futures = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int n = i;
      futures.add(
          pool.submit(
              () -> {
                Thread.sleep(100);
                try {
                  return n < 8 ? "" : "" + pool.submit(() -> n).get();
                } catch (RejectedExecutionException e) {
                  return "rejected";
                }
              }));
    }
    pool.shutdown();
    return outcomes(futures);
  }

  @OwnPool
  @Runs(EITHER)
  static Object taskSeesThatItsPoolIsShutDown(ExecutorService pool) throws Exception {
    Future<Boolean> waits =
        pool.submit(
            () -> {
              while (!pool.isShutdown()) {
                Thread.onSpinWait();
              }
              return pool.isTerminated();
            });
    Thread.sleep(200);
    pool.shutdown();
    return all(waits.get(), pool.awaitTermination(30, TimeUnit.SECONDS));
  }

  @OwnPool
  @Runs(AWAY)
  static Object shutdownFinishesQueued(ExecutorService pool) throws Exception {
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      futures.add(
          pool.submit(
              () -> {
                Thread.sleep(5);
                return n;
              }));
    }
    pool.shutdown();
    Object rejected;
    try {
      rejected = pool.submit(() -> 1);
    } catch (RejectedExecutionException e) {
      rejected = "rejected";
    }
    boolean ended = pool.awaitTermination(30, TimeUnit.SECONDS);
    boolean done = futures.stream().allMatch(Future::isDone);
    return all(rejected, ended, done, pool.isTerminated(), outcomes(futures));
  }

  @OwnPool
  @Runs(AWAY)
  static Object awaitTerminationTimesOut(ExecutorService pool) throws Exception {
    Future<Integer> slow =
        pool.submit(
            () -> {
              Thread.sleep(500);
              return 5;
            });
    boolean before = pool.awaitTermination(10, TimeUnit.MILLISECONDS);
    pool.shutdown();
    boolean early = pool.awaitTermination(10, TimeUnit.MILLISECONDS);
    boolean late = pool.awaitTermination(30, TimeUnit.SECONDS);
    return all(before, early, late, slow.get());
  }

  @Runs(AWAY)
  static Object nulls(ExecutorService pool) throws Exception {
    List<Object> seen = new ArrayList<>();
    List<Callable<?>> calls =
        List.of(
            () -> pool.submit((Callable<?>) null),
            () -> pool.submit((Runnable) null),
            () -> {
              pool.execute(null);
              return null;
            },
            () -> pool.invokeAll(null),
            () -> pool.invokeAny((Collection<Callable<Object>>) null),
            () -> pool.invokeAny(List.<Callable<Object>>of()));
    for (Callable<?> call : calls) {
      try {
        seen.add(call.call());
      } catch (NullPointerException | IllegalArgumentException e) {
        seen.add(e.getClass().getSimpleName());
      }
    }
    seen.add(pool.submit(() -> "alive").get());
    return seen;
  }

  @Runs(AWAY)
  static Object submitWithResult(ExecutorService pool) throws Exception {
    List<String> result = new ArrayList<>();
    List<String> back = pool.submit(() -> result.add("filled"), result).get();
    return all(back == result, back, pool.submit(() -> {}, null).get());
  }

  @Runs(AWAY)
  static Object executeRunsEverything(ExecutorService pool) throws Exception {
    CountDownLatch latch = new CountDownLatch(50);
    AtomicInteger sum = new AtomicInteger();
    for (int i = 0; i < 50; i++) {
      int n = i;
      pool.execute(
          () -> {
            sum.addAndGet(n);
            latch.countDown();
          });
    }
    latch.await();
    return sum;
  }

  @Runs(AWAY)
  static Object executeSurvivesExceptions(ExecutorService pool) throws Exception {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    CountDownLatch handled = new CountDownLatch(3);
    List<String> messages = Collections.synchronizedList(new ArrayList<>());
    Thread.setDefaultUncaughtExceptionHandler(
        (t, e) -> {
          messages.add(e.getMessage());
          handled.countDown();
        });
    try {
      for (int i = 0; i < 3; i++) {
        int n = i;
        pool.execute(
            () -> {
              throw new IllegalStateException("uncaught " + n);
            });
      }
      boolean all = handled.await(30, TimeUnit.SECONDS);
      List<String> sorted = new ArrayList<>(messages);
      Collections.sort(sorted);
      return all(all, sorted, pool.submit(() -> "alive").get());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object oneThreadKeepsOrder(ExecutorService pool) throws Exception {
    List<Integer> order = new ArrayList<>();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      int n = i;
      futures.add(pool.submit(() -> order.add(n)));
    }
    return all(outcomes(futures), order);
  }

  @Runs(AWAY)
  static Object manyTinyTasks(ExecutorService pool) throws Exception {
    long sum = 0;
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int n = i;
      futures.add(pool.submit(() -> n));
    }
    for (Future<Integer> future : futures) {
      sum = sum * 31 + future.get();
    }
    return sum;
  }

  @Runs(AWAY)
  static Object manyClientThreads(ExecutorService pool) throws Exception {
    int[] sums = new int[4];
    List<Thread> clients = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      int client = c;
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 50; i++) {
                    int n = i;
                    sums[client] += pool.submit(() -> n * client).get();
                  }
                } catch (Exception e) {
                  sums[client] = -1;
                }
              });
      thread.start();
      clients.add(thread);
    }
    for (Thread thread : clients) {
      thread.join();
    }
    return sums;
  }

  @Runs(AWAY)
  static Object threadsHaveNames(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Thread thread = Thread.currentThread();
              return all(thread.getName().isBlank(), thread.isAlive(), thread.getPriority() > 0);
            })
        .get();
  }

  // ---- nested submission ----

  private static int nestedDepth(ExecutorService pool, int depth) throws Exception {
    return depth == 0 ? 0 : 1 + pool.submit(() -> nestedDepth(pool, depth - 1)).get();
  }

  @Runs(AWAY)
  static Object nestedOnce(ExecutorService pool) throws Exception {
    return pool.submit(() -> pool.submit(() -> 20).get() + pool.submit(() -> 22).get()).get();
  }

  @Runs(AWAY)
  static Object nestedAsDeepAsThePool(ExecutorService pool) throws Exception {
    return nestedDepth(pool, 4);
  }

  @Nested
  @Runs(AWAY)
  static Object nestedDeeperThanThePool(ExecutorService pool) throws Exception {
    return nestedDepth(pool, 20);
  }

  @Nested
  @Sequential
  @Runs(AWAY)
  static Object nestedOnOneThread(ExecutorService pool) throws Exception {
    return nestedDepth(pool, 20);
  }

  private static long fib(ExecutorService pool, int n) throws Exception {
    if (n < 2) {
      return n;
    }
    Future<Long> a = pool.submit(() -> fib(pool, n - 1));
    Future<Long> b = pool.submit(() -> fib(pool, n - 2));
    return a.get() + b.get();
  }

  @Nested
  @Runs(AWAY)
  static Object nestedFibonacci(ExecutorService pool) throws Exception {
    return fib(pool, 9);
  }

  private static Future<Integer> submitLater(ExecutorService pool, int n) {
    return pool.submit(() -> n * n);
  }

  @Runs(AWAY)
  static Object nestedEffects(ExecutorService pool) throws Exception {
    int[] array = new int[6];
    pool.submit(
            () -> {
              List<Future<?>> inner = new ArrayList<>();
              for (int i = 0; i < 6; i++) {
                int n = i;
                inner.add(pool.submit(() -> array[n] = n * 5));
              }
              for (Future<?> future : inner) {
                future.get();
              }
              return Arrays.stream(array).sum();
            })
        .get();
    return array;
  }

  @Runs(AWAY)
  static Object nestedFailure(ExecutorService pool) throws Exception {
    return outcome(
        pool.submit(
            () -> {
              try {
                return pool.submit(
                        () -> {
                          throw new OrderException("inner", 5, List.of("n"), null);
                        })
                    .get();
              } catch (ExecutionException e) {
                throw new IllegalStateException("outer", e.getCause());
              }
            }));
  }

  @Runs(AWAY)
  static Object nestedInvokeAll(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              List<Callable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> 3);
              int sum = 0;
              for (Future<Integer> future : pool.invokeAll(tasks)) {
                sum += future.get();
              }
              return sum;
            })
        .get();
  }

  @Runs(AWAY)
  static Object nestedCompletableFuture(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                CompletableFuture.supplyAsync(() -> 6, pool).thenApplyAsync(x -> x * 7, pool).get())
        .get();
  }

  private static final class Crawler {
    private final ExecutorService pool;
    private final String[][] links = {{"b", "c"}, {"c"}, {}};

    Crawler(ExecutorService pool) {
      this.pool = pool;
    }

    Future<Integer> visit(String page) {
      return pool.submit(() -> count(page));
    }

    private int count(String page) throws Exception {
      int sum = 1;
      for (String link : links[page.charAt(0) - 'a']) {
        sum += visit(link).get();
      }
      return sum;
    }
  }

  @Runs(AWAY)
  static Object poolInFieldUsedByTask(ExecutorService pool) throws Exception {
    return new Crawler(pool).visit("a").get();
  }

  @Runs(AWAY)
  static Object taskReturnsNestedValues(ExecutorService pool) throws Exception {
    Supplier<Integer> base = () -> 3;
    return pool.submit(
            () -> {
              List<Integer> values = new ArrayList<>();
              for (int i = 0; i < 4; i++) {
                values.add(submitLater(pool, i + base.get()).get());
              }
              return values;
            })
        .get();
  }

  @Runs(EITHER)
  static Object cancelExceptionFromGet(ExecutorService pool) throws Exception {
    Future<?> sleeper =
        pool.submit(
            () -> {
              Thread.sleep(50_000);
              return null;
            });
    sleeper.cancel(true);
    try {
      return sleeper.get();
    } catch (CancellationException e) {
      return all(e.getMessage(), e.getCause());
    }
  }

  // ---- futures that are submitted ----

  @Runs(AWAY)
  static Object submittedFutureTasks(ExecutorService pool) throws Exception {
    FutureTask<Integer> good = new FutureTask<>(() -> 6 * 7);
    FutureTask<String> bad =
        new FutureTask<>(
            () -> {
              throw new IOException("x");
            });
    Future<?> ofGood = pool.submit(good);
    Future<String> ofBad = pool.submit(bad, "submitted");
    return all(good.get(), ofGood.get(), ofBad.get(), outcome(bad), ofGood.isDone());
  }

  @Runs(AWAY)
  static Object submittedFutureTasksCancelled(ExecutorService pool) throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    Callable<Integer> sleeping =
        () -> {
          begun.countDown();
          Thread.sleep(60_000);
          return 1;
        };
    FutureTask<Integer> inner = new FutureTask<>(sleeping);
    FutureTask<Integer> outer = new FutureTask<>(sleeping);
    Future<?> ofInner = pool.submit(inner);
    Future<?> ofOuter = pool.submit(outer);
    begun.await();
    boolean cancelled = inner.cancel(true) && ofOuter.cancel(true);
    return all(
        cancelled,
        outcome(inner),
        outcome(ofInner),
        outcome(outer) instanceof InterruptedException,
        outcome(ofOuter));
  }
}
