package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tasks that start threads, or hand work to others, and wait for them or not. */
final class Threads {
  private static int number;

  private Threads() {}

  /** Work that is still under way when the task that started it has long returned. */
  private static final class Late implements Runnable {
    final int[] slots = new int[2];
    final List<String> list = new ArrayList<>();
    final AtomicInteger counter = new AtomicInteger();
    final CountDownLatch done = new CountDownLatch(1);

    @Override
    public void run() {
      pause();
      work();
    }

    static void pause() {
      try {
        Thread.sleep(300);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void work() {
      slots[1] = 7;
      list.add("late");
      counter.incrementAndGet();
      number += 3;
      done.countDown();
    }
  }

  private interface Starter {
    void start(Late work) throws Exception;
  }

  /** Has a task start the work, and waits for what the work does last. */
  private static Object late(ExecutorService pool, Starter starter) throws Exception {
    number = 1;
    Late work = new Late();
    Future<?> future =
        pool.submit(
            () -> {
              work.slots[0] = 5;
              starter.start(work);
              return null;
            });
    future.get();
    work.done.await(20, TimeUnit.SECONDS);
    return all(work.slots, work.list, work.counter, number);
  }

  // ---- left running ----

  @Runs(HOME)
  static Object lateInOwnPoolShutDown(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          ExecutorService own = Executors.newFixedThreadPool(2);
          own.execute(work);
          own.shutdown();
        });
  }

  @Runs(HOME)
  static Object lateInSingleThread(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          ExecutorService own = Executors.newSingleThreadExecutor();
          own.submit(work);
          own.shutdown();
        });
  }

  @Runs(HOME)
  static Object lateInPoolWithFactory(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          ExecutorService own =
              Executors.newCachedThreadPool(
                  r -> {
                    Thread t = new Thread(r, "worker");
                    t.setDaemon(true);
                    return t;
                  });
          own.execute(work);
        });
  }

  @Runs(HOME)
  static Object lateInScheduledPool(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          ScheduledExecutorService own = Executors.newScheduledThreadPool(1);
          own.schedule(work::work, 300, TimeUnit.MILLISECONDS);
          own.shutdown();
        });
  }

  @Runs(HOME)
  static Object lateInTimer(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          Timer timer = new Timer(true);
          timer.schedule(
              new TimerTask() {
                @Override
                public void run() {
                  timer.cancel();
                  work.work();
                }
              },
              300);
        });
  }

  @Runs(HOME)
  static Object lateInRunAsync(ExecutorService pool) throws Exception {
    return late(pool, work -> CompletableFuture.runAsync(work));
  }

  @Runs(HOME)
  static Object lateInSupplyAsyncByReference(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          java.util.function.Function<Runnable, CompletableFuture<Void>> start =
              CompletableFuture::runAsync;
          start.apply(work);
        });
  }

  @Runs(HOME)
  static Object lateInAsyncStage(ExecutorService pool) throws Exception {
    return late(
        pool,
        work ->
            CompletableFuture.completedFuture(1)
                .thenApplyAsync(
                    x -> {
                      Late.pause();
                      return x;
                    })
                .thenAccept(x -> work.work()));
  }

  @Runs(HOME)
  static Object lateInDefaultExecutor(ExecutorService pool) throws Exception {
    return late(pool, work -> new CompletableFuture<Void>().defaultExecutor().execute(work));
  }

  @Runs(HOME)
  static Object lateInDelayedExecutor(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(work::work));
  }

  @Runs(HOME)
  static Object lateAfterTimeout(ExecutorService pool) throws Exception {
    return late(
        pool,
        work ->
            new CompletableFuture<Integer>()
                .completeOnTimeout(1, 300, TimeUnit.MILLISECONDS)
                .thenAccept(x -> work.work()));
  }

  @Runs(HOME)
  static Object lateInCommonPool(ExecutorService pool) throws Exception {
    return late(pool, work -> ForkJoinPool.commonPool().execute(work));
  }

  /** Those that follow may find a worker whose common pool was emptied. */
  @Runs(HOME)
  static Object commonPoolAfterLateWork(ExecutorService pool) throws Exception {
    List<Object> found = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      CountDownLatch ended = new CountDownLatch(1);
      pool.submit(
              () ->
                  ForkJoinPool.commonPool()
                      .execute(
                          () -> {
                            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250));
                            ended.countDown();
                          }))
          .get();
      for (int k = 0; k < 8; k++) {
        State s = new State();
        found.add(
            pool.submit(() -> CompletableFuture.supplyAsync(() -> s.slots[3] + 1).get()).get());
      }
      found.add(ended.await(20, TimeUnit.SECONDS));
    }
    return found;
  }

  @Runs(HOME)
  static Object lateFork(ExecutorService pool) throws Exception {
    return late(pool, work -> ForkJoinTask.adapt(work).fork());
  }

  private static final class Action extends RecursiveAction {
    private static final long serialVersionUID = 1;
    final transient Runnable work;
    final int depth;

    Action(Runnable work, int depth) {
      this.work = work;
      this.depth = depth;
    }

    @Override
    protected void compute() {
      if (depth == 0) {
        work.run();
      } else {
        new Action(work, depth - 1).fork();
      }
    }
  }

  @Runs(HOME)
  static Object lateForkOfFork(ExecutorService pool) throws Exception {
    return late(pool, work -> new Action(work, 3).fork());
  }

  @Runs(HOME)
  static Object lateInOwnForkJoinPool(ExecutorService pool) throws Exception {
    return late(pool, work -> new ForkJoinPool(2).execute(work));
  }

  @Runs(HOME)
  static Object lateThread(ExecutorService pool) throws Exception {
    return late(pool, work -> new Thread(null, work, "late", 0, false).start());
  }

  @Runs(HOME)
  static Object lateThreadOfDefaultFactory(ExecutorService pool) throws Exception {
    return late(pool, work -> Executors.defaultThreadFactory().newThread(work).start());
  }

  @Runs(HOME)
  static Object lateInThreadOfThread(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          Thread outer = new Thread(() -> new Thread(work).start());
          outer.start();
          outer.join();
        });
  }

  @Runs(HOME)
  static Object lateAfterFailure(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> {
          try {
            pool.submit(
                    () -> {
                      CompletableFuture.runAsync(work);
                      throw new IllegalStateException("started and failed");
                    })
                .get();
          } catch (java.util.concurrent.ExecutionException e) {
            work.list.add(e.getCause().getMessage());
          }
        });
  }

  @Runs(HOME)
  static Object failsAndLeavesRunning(ExecutorService pool) throws Exception {
    number = 1;
    Late work = new Late();
    Future<?> future =
        pool.submit(
            () -> {
              ExecutorService own = Executors.newCachedThreadPool();
              own.execute(work);
              own.shutdown();
              throw new IllegalStateException("started and failed");
            });
    Object outcome = Support.outcome(future);
    if (outcome.getClass().getName().endsWith("UncapturableException")) {
      return outcome;
    }
    work.done.await(20, TimeUnit.SECONDS);
    return all(outcome, work.slots, work.list, work.counter, number);
  }

  /** Since JDK 21; platform threads before. */
  private static Thread virtual(Runnable work) throws Exception {
    try {
      Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      return (Thread) start.invoke(null, work);
    } catch (NoSuchMethodException e) {
      Thread t = new Thread(work);
      t.start();
      return t;
    }
  }

  private static ExecutorService virtualPool() throws Exception {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (NoSuchMethodException e) {
      return Executors.newCachedThreadPool();
    }
  }

  private static ThreadFactory virtualFactory() throws Exception {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (ThreadFactory)
          Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (NoSuchMethodException e) {
      return Executors.defaultThreadFactory();
    }
  }

  @Runs(HOME)
  static Object lateVirtualThread(ExecutorService pool) throws Exception {
    return late(pool, work -> virtual(work));
  }

  @Runs(HOME)
  static Object lateInVirtualPool(ExecutorService pool) throws Exception {
    return late(pool, work -> virtualPool().execute(work));
  }

  @Runs(HOME)
  static Object lateInPoolOfVirtualThreads(ExecutorService pool) throws Exception {
    return late(pool, work -> Executors.newFixedThreadPool(1, virtualFactory()).execute(work));
  }

  /** Since JDK 25 such a pool runs delayed tasks too; others do before. */
  private static ScheduledExecutorService scheduling(ForkJoinPool pool) {
    Object o = pool;
    return o instanceof ScheduledExecutorService s ? s : Executors.newScheduledThreadPool(1);
  }

  @Runs(HOME)
  static Object lateInScheduledCommonPool(ExecutorService pool) throws Exception {
    return late(
        pool,
        work ->
            scheduling(ForkJoinPool.commonPool()).schedule(work::work, 300, TimeUnit.MILLISECONDS));
  }

  @Runs(HOME)
  static Object lateInScheduledForkJoinPool(ExecutorService pool) throws Exception {
    return late(
        pool,
        work -> scheduling(new ForkJoinPool(2)).schedule(work::work, 300, TimeUnit.MILLISECONDS));
  }

  // ---- joined ----

  /** What joined work changes. */
  private static final class State {
    final int[] slots = new int[4];
    final AtomicInteger counter = new AtomicInteger();
    final List<String> list = new ArrayList<>();
  }

  private static Object joined(ExecutorService pool, State state, Callable<?> task)
      throws Exception {
    number = 1;
    for (int i = 0; i < 3; i++) {
      pool.submit(task).get();
    }
    return all(state.slots, state.counter, state.list, number);
  }

  @Runs(AWAY)
  static Object joinedOwnPool(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          ExecutorService own = Executors.newFixedThreadPool(4);
          for (int i = 0; i < 4; i++) {
            int n = i;
            own.execute(
                () -> {
                  s.slots[n] += n + 1;
                  s.counter.incrementAndGet();
                });
          }
          own.shutdown();
          own.awaitTermination(20, TimeUnit.SECONDS);
          s.list.add("done");
          number++;
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedOwnPoolByFutures(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          ExecutorService own = Executors.newFixedThreadPool(2);
          List<Callable<Integer>> calls = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            int n = i;
            calls.add(() -> s.slots[n] += n);
          }
          for (Future<Integer> f : own.invokeAll(calls)) {
            s.list.add("" + f.get());
          }
          own.shutdown();
          return null;
        });
  }

  @Runs(AWAY)
  static Object ownPoolLeftIdle(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          ExecutorService own = Executors.newFixedThreadPool(2);
          s.list.add("" + own.submit(() -> ++s.slots[1]).get());
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedAsync(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          List<CompletableFuture<Integer>> all = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            int n = i;
            all.add(
                CompletableFuture.supplyAsync(() -> s.slots[n] += n + 1)
                    .thenApplyAsync(x -> x * 2)
                    .whenCompleteAsync((x, t) -> s.counter.incrementAndGet()));
          }
          s.list.add("" + all.stream().mapToInt(CompletableFuture::join).sum());
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedTimeouts(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          s.list.add(
              ""
                  + CompletableFuture.supplyAsync(
                          () -> 4, CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS))
                      .orTimeout(20, TimeUnit.SECONDS)
                      .join());
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedCommonPool(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          ForkJoinPool common = ForkJoinPool.commonPool();
          Future<?> f = common.submit(() -> Arrays.setAll(s.slots, i -> s.slots[i] + i));
          f.get();
          common.shutdown();
          s.list.add(common.isShutdown() + " " + common.submit(() -> s.slots[3]).get());
          return null;
        });
  }

  private static final class Fibonacci extends RecursiveTask<Integer> {
    private static final long serialVersionUID = 1;
    final int n;

    Fibonacci(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n < 2) {
        return n;
      }
      Fibonacci a = new Fibonacci(n - 1);
      a.fork();
      return new Fibonacci(n - 2).compute() + a.join();
    }
  }

  @Runs(AWAY)
  static Object joinedForks(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          s.list.add("" + new Fibonacci(12).invoke());
          s.list.add("" + new Fibonacci(11).fork().join());
          s.list.add("" + ForkJoinPool.commonPool().invoke(new Fibonacci(10)));
          s.list.add("" + new ForkJoinPool(3).invoke(new Fibonacci(9)));
          Fibonacci a = new Fibonacci(8);
          Fibonacci b = new Fibonacci(7);
          ForkJoinTask.invokeAll(a, b);
          s.list.add(a.join() + " " + b.join());
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedTimer(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          CountDownLatch fired = new CountDownLatch(1);
          Timer timer = new Timer();
          timer.schedule(
              new TimerTask() {
                @Override
                public void run() {
                  s.slots[0]++;
                  fired.countDown();
                }
              },
              5);
          fired.await();
          timer.cancel();
          return null;
        });
  }

  @Runs(EITHER)
  static Object threadsSubmitWhenTheirTaskHasEnded(ExecutorService pool) throws Exception {
    AtomicInteger ran = new AtomicInteger();
    pool.submit(
            () -> {
              for (int i = 0; i < 3; i++) {
                new Thread(
                        () -> {
                          for (int k = 0; k < 40; k++) {
                            pool.execute(() -> ran.incrementAndGet());
                          }
                        })
                    .start();
              }
            })
        .get();
    for (int i = 0; i < 1_000 && ran.get() < 120; i++) {
      Thread.sleep(20);
    }
    return ran.get();
  }

  @OwnPool
  @Runs(EITHER)
  static Object threadSubmitsUntilThePoolIsShutDown(ExecutorService pool) throws Exception {
    Future<String> outer =
        pool.submit(
            () -> {
              new Thread(
                      () -> {
                        try {
                          for (int i = 0; ; i++) {
                            int n = i;
                            pool.submit(() -> n).get();
                            Thread.sleep(1);
                          }
                        } catch (RejectedExecutionException
                            | ExecutionException
                            | InterruptedException e) {
                          // The pool takes no more.
                        }
                      })
                  .start();
              return "begun";
            });
    String begun = outer.get();
    pool.shutdown();
    return begun + pool.awaitTermination(30, TimeUnit.SECONDS);
  }

  @OwnPool
  @Runs(EITHER)
  static Object shutdownNowInterruptsTasksOfThreads(ExecutorService pool) throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    pool.submit(
        () -> {
          Runnable sleep =
              () -> {
                began.countDown();
                try {
                  Thread.sleep(50_000);
                } catch (InterruptedException e) {
                  interrupted.set(true);
                }
              };
          new Thread(
                  () -> {
                    try {
                      Thread.sleep(50);
                      pool.submit(sleep).get();
                    } catch (ExecutionException | InterruptedException e) {
                      // The pool was stopped.
                    }
                  })
              .start();
        });
    began.await();
    pool.shutdownNow();
    return all(pool.awaitTermination(30, TimeUnit.SECONDS), interrupted.get());
  }

  @Runs(AWAY)
  static Object joinedScheduledPool(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          ScheduledThreadPoolExecutor own = new ScheduledThreadPoolExecutor(1);
          own.schedule(() -> s.slots[2]++, 5, TimeUnit.MILLISECONDS).get();
          own.shutdownNow();
          return null;
        });
  }

  @Runs(AWAY)
  static Object joinedVirtualThreads(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          Thread t = virtual(() -> s.slots[0]++);
          t.join();
          ExecutorService own = virtualPool();
          s.list.add("" + own.submit(() -> ++s.slots[1]).get());
          own.shutdown();
          own.awaitTermination(20, TimeUnit.SECONDS);
          return null;
        });
  }

  @Runs(AWAY)
  static Object parallelStreams(ExecutorService pool) throws Exception {
    State s = new State();
    return joined(
        pool,
        s,
        () -> {
          IntStream.range(0, 4).parallel().forEach(i -> s.slots[i] += i);
          IntStream.range(0, 1000).parallel().forEach(i -> s.counter.incrementAndGet());
          s.list.add("" + IntStream.range(0, 1000).boxed().parallel().mapToInt(i -> i).sum());
          return null;
        });
  }

  @Runs(AWAY)
  static Object manyTasksWithParallelStreams(ExecutorService pool) throws Exception {
    AtomicInteger[] counters = new AtomicInteger[6];
    Arrays.setAll(counters, i -> new AtomicInteger());
    Support.each(
        pool,
        6,
        i ->
            () ->
                IntStream.range(0, 2000)
                    .parallel()
                    .forEach(
                        n -> {
                          if (n % 100 == i) {
                            counters[i].addAndGet(n);
                          }
                        }));
    return counters;
  }

  @Runs(EITHER)
  static Object staticsInParallelStreams(ExecutorService pool) throws Exception {
    int[] found = new int[4];
    number = 100;
    Support.each(
        pool,
        4,
        i -> () -> found[i] = IntStream.range(0, 500).parallel().map(n -> n % 7 + number).sum());
    return found;
  }

  /** A service with two providers. */
  private static List<String> services() {
    List<String> names = new ArrayList<>();
    for (Surroundings.Plugin p : ServiceLoader.load(Surroundings.Plugin.class)) {
      names.add(p.apply("x"));
    }
    Collections.sort(names);
    return names;
  }

  @Runs(AWAY)
  static Object servicesOnOtherThreads(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              List<Object> found = new ArrayList<>();
              found.add(CompletableFuture.supplyAsync(Threads::services).get());
              found.add(new ForkJoinPool(2).submit(Threads::services).get());
              found.add(
                  IntStream.range(0, 8)
                      .parallel()
                      .mapToObj(i -> services().toString())
                      .distinct()
                      .collect(Collectors.toList()));
              ExecutorService own = Executors.newSingleThreadExecutor();
              found.add(own.submit(Threads::services).get());
              own.shutdown();
              found.add(
                  CompletableFuture.supplyAsync(
                          () -> {
                            ClassLoader loader = Thread.currentThread().getContextClassLoader();
                            return loader.getResource("dev/martlet/programs/poem.txt") != null;
                          })
                      .get());
              return found;
            })
        .get();
  }
}
