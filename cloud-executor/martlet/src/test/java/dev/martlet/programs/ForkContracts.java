package dev.martlet.programs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** What tasks and their pool promise each other. */
@SuppressWarnings("serial")
final class ForkContracts {
  private ForkContracts() {}

  /** What was thrown at the root of all. */
  static String thrown(Callable<?> body) {
    try {
      return "returned " + body.call();
    } catch (Throwable e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return root.getClass().getName() + ": " + root.getMessage();
    }
  }

  static class Divide extends RecursiveTask<Integer> {
    final int depth;
    final String failing;
    final String path;

    Divide(int depth, String failing, String path) {
      this.depth = depth;
      this.failing = failing;
      this.path = path;
    }

    @Override
    protected Integer compute() {
      if (path.equals(failing)) {
        throw new ArithmeticException("at " + path);
      }
      if (depth == 0) {
        return 1;
      }
      Divide l = new Divide(depth - 1, failing, path + "l");
      Divide r = new Divide(depth - 1, failing, path + "r");
      l.fork();
      return r.compute() + l.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object exceptionsFromAnywhere(ForkJoinPool pool) {
    List<String> all = new ArrayList<>();
    for (String failing : new String[] {"", "l", "r", "rl", "lrr", "never"}) {
      Divide d = new Divide(3, failing, "");
      all.add(thrown(() -> pool.invoke(d)));
      all.add(d.isCompletedAbnormally() + " " + (d.getException() == null));
    }
    return all;
  }

  static class Recovering extends RecursiveTask<String> {
    final int depth;

    Recovering(int depth) {
      this.depth = depth;
    }

    @Override
    protected String compute() {
      if (depth == 0) {
        throw new UnsupportedOperationException("leaf");
      }
      Recovering child = new Recovering(depth - 1);
      child.fork();
      try {
        return child.join() + "." + depth;
      } catch (UnsupportedOperationException e) {
        Throwable root = e.getCause() == null ? e : e.getCause();
        return "caught " + root.getMessage() + " at " + depth + " " + child.isCompletedAbnormally();
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object exceptionsCaughtInTheTree(ForkJoinPool pool) {
    return pool.invoke(new Recovering(5));
  }

  static class Oops extends Exception {
    final int code;
    final List<String> details = new ArrayList<>();

    Oops(int code) {
      super("oops " + code);
      this.code = code;
      details.add("detail");
    }
  }

  @Forks
  static Object adaptedCallables(ForkJoinPool pool) {
    List<Object> all = new ArrayList<>();
    ForkJoinTask<Integer> value = ForkJoinTask.adapt(() -> 42);
    all.add(pool.invoke(value));
    ForkJoinTask<Integer> checked =
        ForkJoinTask.adapt(
            () -> {
              throw new FileNotFoundException("no file");
            });
    all.add(thrown(() -> pool.invoke(checked)));
    ForkJoinTask<Integer> own =
        ForkJoinTask.adapt(
            (Callable<Integer>)
                () -> {
                  throw new Oops(7);
                });
    all.add(thrown(() -> pool.submit(own).get()));
    int[] changed = new int[1];
    ForkJoinTask<String> runnable = ForkJoinTask.adapt(() -> changed[0] = 5, "result");
    all.add(pool.submit(runnable).join() + changed[0]);
    ForkJoinTask<?> plain = ForkJoinTask.adapt(() -> changed[0]++);
    pool.execute((ForkJoinTask<?>) plain);
    plain.join();
    all.add(changed[0]);
    return all;
  }

  static class Adapts extends RecursiveTask<Integer> {
    final int n;

    Adapts(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      ForkJoinTask<Integer> a = ForkJoinTask.adapt(() -> n * 2);
      ForkJoinTask<Integer> b = ForkJoinTask.adapt((Callable<Integer>) () -> n * 3);
      a.fork();
      b.fork();
      int[] box = new int[1];
      ForkJoinTask<?> c = ForkJoinTask.adapt(() -> box[0] = n);
      c.fork().join();
      return a.join() + b.join() + box[0];
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object adaptedInsideTasks(ForkJoinPool pool) {
    return pool.invoke(new Adapts(7));
  }

  @Forks
  static Object submittedLambdasThrow(ForkJoinPool pool) throws Exception {
    List<Object> all = new ArrayList<>();
    Future<Integer> f =
        pool.submit(
            (Callable<Integer>)
                () -> {
                  throw new IOException("io");
                });
    try {
      f.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      all.add(cause);
    }
    all.add(
        thrown(
            () ->
                pool.submit(
                        (Runnable)
                            () -> {
                              throw new IllegalCallerException("runnable");
                            })
                    .join()));
    all.add(thrown(() -> pool.submit(() -> Integer.parseInt("x")).join()));
    all.add(thrown(() -> pool.submit(() -> new int[2][3][1].length).get()));
    return all;
  }

  static class Slow extends RecursiveAction {
    final AtomicInteger started;

    Slow(AtomicInteger started) {
      this.started = started;
    }

    @Override
    protected void compute() {
      started.incrementAndGet();
      while (!isCancelled()) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Forks
  static Object cancelledWhileItRuns(ForkJoinPool pool) throws Exception {
    AtomicInteger started = new AtomicInteger();
    Slow slow = new Slow(started);
    pool.execute(slow);
    Thread.sleep(30);
    boolean cancelled = slow.cancel(true);
    String thrown = thrown(slow::join);
    return List.of(cancelled, thrown, slow.isCancelled(), slow.isDone());
  }

  static class CancelsSibling extends RecursiveTask<String> {
    @Override
    protected String compute() {
      RecursiveAction other =
          new RecursiveAction() {
            @Override
            protected void compute() {
              throw new AssertionError("must not run");
            }
          };
      boolean cancelled = other.cancel(false);
      other.fork();
      String got;
      try {
        other.join();
        got = "joined";
      } catch (CancellationException e) {
        got = "cancelled";
      }
      return cancelled + " " + got + " " + other.isCompletedNormally();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object cancelledBeforeItRuns(ForkJoinPool pool) {
    ForkJoinTask<Integer> never = ForkJoinTask.adapt(() -> 1);
    never.cancel(true);
    return List.of(pool.invoke(new CancelsSibling()), thrown(() -> pool.invoke(never)));
  }

  @Forks
  static Object invokeAllOfCallables(ForkJoinPool pool) throws Exception {
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      calls.add(
          () -> {
            if (n == 13) {
              throw new Oops(n);
            }
            return "call " + n;
          });
    }
    List<Object> all = new ArrayList<>();
    for (Future<String> f : pool.invokeAll(calls)) {
      all.add(thrown(f::get));
    }
    all.add(pool.invokeAny(List.of(() -> "any", () -> "any")));
    all.add(pool.invokeAll(calls.subList(0, 2), 1, TimeUnit.MINUTES).get(1).get());
    return all;
  }

  static class Bag extends RecursiveTask<Integer> {
    final int kind;

    Bag(int kind) {
      this.kind = kind;
    }

    static ForkJoinTask<Integer> value(int n) {
      return new RecursiveTask<>() {
        @Override
        protected Integer compute() {
          return n * n;
        }
      };
    }

    @Override
    protected Integer compute() {
      List<ForkJoinTask<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(value(i));
      }
      switch (kind) {
        case 0 -> {
          Collection<ForkJoinTask<Integer>> same = invokeAll(all);
          if (same != all) {
            return -1;
          }
        }
        case 1 -> invokeAll(all.toArray(new ForkJoinTask<?>[0]));
        case 2 -> {
          for (int i = 0; i < 10; i += 2) {
            invokeAll(all.get(i), all.get(i + 1));
          }
        }
        case 3 -> all.forEach(ForkJoinTask::invoke);
        case 4 -> all.forEach(ForkJoinTask::quietlyInvoke);
        case 5 -> {
          all.forEach(ForkJoinTask::fork);
          all.forEach(ForkJoinTask::quietlyJoin);
        }
        case 6 -> {
          all.forEach(ForkJoinTask::fork);
          for (int i = 9; i >= 0; i--) {
            if (all.get(i).tryUnfork()) {
              all.get(i).invoke();
            }
          }
          helpQuiesce();
        }
        default -> {
          all.forEach(ForkJoinTask::fork);
          for (ForkJoinTask<Integer> t : all) {
            try {
              t.get();
            } catch (InterruptedException | ExecutionException e) {
              throw new IllegalStateException(e);
            }
          }
        }
      }
      int sum = 0;
      for (ForkJoinTask<Integer> t : all) {
        sum += t.isCompletedNormally() ? t.getRawResult() : -1_000;
      }
      return sum;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object waysToRunMany(ForkJoinPool pool) {
    List<Integer> sums = new ArrayList<>();
    for (int kind = 0; kind < 8; kind++) {
      sums.add(pool.invoke(new Bag(kind)));
    }
    return sums;
  }

  static class NestedSubmit extends RecursiveTask<Integer> {
    final ForkJoinPool pool;
    final int depth;

    NestedSubmit(ForkJoinPool pool, int depth) {
      this.pool = pool;
      this.depth = depth;
    }

    @Override
    protected Integer compute() {
      if (depth == 0) {
        return 1;
      }
      ForkJoinTask<Integer> a = pool.submit(new NestedSubmit(pool, depth - 1));
      ForkJoinTask<Integer> b = pool.submit(() -> depth);
      return a.join() + b.join();
    }
  }

  @Forks
  static Object tasksThatSubmit(ForkJoinPool pool) {
    return List.of(
        pool.invoke(new NestedSubmit(pool, 6)),
        pool.submit(() -> pool.submit(() -> pool.submit(() -> "deep").join() + "er").join())
            .join());
  }

  static class GetsItsPool extends RecursiveTask<List<Object>> {
    @Override
    protected List<Object> compute() {
      List<Object> all = new ArrayList<>();
      all.add(inForkJoinPool());
      all.add(getPool() != null);
      all.add(getPool().getParallelism());
      all.add(Thread.currentThread() instanceof ForkJoinWorkerThread);
      all.add(getQueuedTaskCount());
      all.add(getSurplusQueuedTaskCount() <= 1);
      all.add(getPool().submit(() -> ForkJoinTask.inForkJoinPool()).join());
      all.add(ForkJoinTask.adapt(() -> ForkJoinTask.getPool() == getPool()).fork().join());
      all.add(getPool().getAsyncMode());
      all.add(getPool().isShutdown());
      all.add(((ForkJoinWorkerThread) Thread.currentThread()).getPool() == getPool());
      all.add(Thread.currentThread().isDaemon());
      return all;
    }
  }

  @Forks
  static Object whatTasksSeeOfTheirPool(ForkJoinPool pool) {
    return List.of(
        pool.invoke(new GetsItsPool()),
        pool.submit(
                () -> {
                  GetsItsPool g = new GetsItsPool();
                  return List.of(
                      ForkJoinTask.inForkJoinPool(),
                      ForkJoinTask.getPool() == pool,
                      Thread.currentThread() instanceof ForkJoinWorkerThread,
                      g.fork().join());
                })
            .join());
  }

  @Forks
  static Object poolAsExecutorOfFutures(ForkJoinPool pool) {
    CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 20, pool);
    CompletableFuture<Integer> b = CompletableFuture.supplyAsync(() -> 22, pool);
    int[] seen = new int[1];
    CompletableFuture<String> all =
        a.thenCombineAsync(b, Integer::sum, pool)
            .thenApplyAsync(n -> "n" + n, pool)
            .handleAsync((s, e) -> s + (e == null), pool);
    all.thenRunAsync(() -> seen[0] = 1, pool).join();
    CompletableFuture<Object> failed =
        CompletableFuture.supplyAsync(
            () -> {
              throw new IllegalStateException("async");
            },
            pool);
    return List.of(all.join(), seen[0], thrown(failed::join));
  }

  @Forks
  static Object completionService(ForkJoinPool pool) throws Exception {
    ExecutorCompletionService<Integer> service =
        new ExecutorCompletionService<>(pool, new LinkedBlockingQueue<>());
    for (int i = 0; i < 10; i++) {
      int n = i;
      service.submit(() -> n * n);
    }
    int sum = 0;
    for (int i = 0; i < 10; i++) {
      sum += service.take().get();
    }
    return sum;
  }

  static final class Locked<T> implements ForkJoinPool.ManagedBlocker {
    private final ReentrantLock lock;
    private boolean held;

    Locked(ReentrantLock lock) {
      this.lock = lock;
    }

    @Override
    public boolean block() {
      if (!held) {
        lock.lock();
        held = true;
      }
      return true;
    }

    @Override
    public boolean isReleasable() {
      return held || (held = lock.tryLock());
    }
  }

  static class Blocks extends RecursiveAction {
    final ReentrantLock lock;
    final int[] count;
    final int n;

    Blocks(ReentrantLock lock, int[] count, int n) {
      this.lock = lock;
      this.count = count;
      this.n = n;
    }

    @Override
    protected void compute() {
      if (n > 1) {
        invokeAll(new Blocks(lock, count, n / 2), new Blocks(lock, count, n - n / 2));
        return;
      }
      try {
        ForkJoinPool.managedBlock(new Locked<Void>(lock));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      try {
        count[0]++;
      } finally {
        lock.unlock();
      }
    }
  }

  @Forks
  static Object managedBlockers(ForkJoinPool pool) {
    int[] count = new int[1];
    pool.invoke(new Blocks(new ReentrantLock(), count, 40));
    return count;
  }

  static class Waits extends RecursiveTask<String> {
    final long[] slept = new long[1];

    @Override
    protected String compute() {
      boolean[] done = new boolean[1];
      try {
        ForkJoinPool.managedBlock(
            new ForkJoinPool.ManagedBlocker() {
              @Override
              public boolean block() throws InterruptedException {
                Thread.sleep(5);
                done[0] = true;
                return true;
              }

              @Override
              public boolean isReleasable() {
                return done[0];
              }
            });
      } catch (InterruptedException e) {
        return "interrupted";
      }
      slept[0] = 1;
      return "slept";
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object managedBlockOfItsOwn(ForkJoinPool pool) {
    Waits w = new Waits();
    return List.of(pool.invoke(w), w.slept);
  }

  static class Chain extends RecursiveTask<Integer> {
    final int n;

    Chain(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n == 0) {
        return 0;
      }
      Chain next = new Chain(n - 1);
      next.fork();
      return next.join() + 1;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object chainOfForks(ForkJoinPool pool) {
    return pool.invoke(new Chain(300));
  }

  static class Sequel extends RecursiveAction {
    final long[] sum;
    final int n;

    Sequel(long[] sum, int n) {
      this.sum = sum;
      this.n = n;
    }

    @Override
    protected void compute() {
      sum[0] += n;
    }
  }

  @Forks
  static Object tenThousandOneAfterAnother(ForkJoinPool pool) {
    long[] sum = new long[1];
    return pool.submit(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                new Sequel(sum, i).fork().join();
              }
              return sum[0];
            })
        .join();
  }

  static class Wide extends RecursiveTask<Long> {
    final int n;
    final long[] slots;

    Wide(int n, long[] slots) {
      this.n = n;
      this.slots = slots;
    }

    @Override
    protected Long compute() {
      if (slots == null) {
        return (long) n;
      }
      List<Wide> all = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        Wide w = new Wide(i, null);
        all.add(w);
        w.fork();
      }
      long sum = 0;
      for (Wide w : all) {
        slots[w.n] = w.join();
        sum += w.getRawResult();
      }
      return sum;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object tenThousandWide(ForkJoinPool pool) {
    // Not all of them one by one: that is measured elsewhere.
    long[] slots = new long[10_000];
    return List.of(
        pool.submit(() -> new Wide(10_000, slots).compute()).join(), Arrays.hashCode(slots));
  }

  static class Again extends RecursiveTask<Integer> {
    int runs;
    int input;

    @Override
    protected Integer compute() {
      runs++;
      return input * 2;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object reinitializedAndRunAgain(ForkJoinPool pool) {
    Again a = new Again();
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      a.input = i;
      all.add(pool.invoke(a));
      all.add(a.isDone());
      a.reinitialize();
      all.add(a.isDone());
    }
    all.add(a.runs);
    return all;
  }

  static class Tagged extends RecursiveAction {
    final List<Tagged> below = new ArrayList<>();
    final String name;

    Tagged(String name) {
      this.name = name;
      setForkJoinTaskTag((short) name.length());
    }

    @Override
    protected void compute() {
      if (name.length() < 3) {
        for (String s : new String[] {"a", "b"}) {
          Tagged t = new Tagged(name + s);
          below.add(t);
          t.fork();
        }
        for (Tagged t : below) {
          t.join();
          t.compareAndSetForkJoinTaskTag((short) (name.length() + 1), (short) 77);
        }
      }
    }

    String describe() {
      StringBuilder all = new StringBuilder(name + getForkJoinTaskTag() + isDone());
      for (Tagged t : below) {
        all.append('(').append(t.describe()).append(')');
      }
      return all.toString();
    }
  }

  @Forks
  static Object treeOfTaggedTasksKept(ForkJoinPool pool) {
    Tagged root = new Tagged("r");
    pool.invoke(root);
    return root.describe();
  }

  static class Nothing extends RecursiveTask<Void> {
    final AtomicReference<String> seen;

    Nothing(AtomicReference<String> seen) {
      this.seen = seen;
    }

    @Override
    protected Void compute() {
      seen.set("ran");
      return null;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object nullResults(ForkJoinPool pool) throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    Nothing n = new Nothing(seen);
    return Arrays.asList(
        pool.invoke(n), seen.get(), n.getRawResult(), pool.submit(() -> null).get(), n.join());
  }

  static class Sets extends RecursiveTask<String> {
    final int kind;

    Sets(int kind) {
      this.kind = kind;
    }

    @Override
    protected String compute() {
      switch (kind) {
        case 0 -> complete("completed");
        case 1 -> completeExceptionally(new IllegalStateException("set"));
        case 2 -> cancel(false);
        case 3 -> quietlyComplete();
        default -> setRawResult("raw");
      }
      return "returned";
    }
  }

  @Forks
  static Object tasksThatCompleteThemselves(ForkJoinPool pool) {
    List<Object> all = new ArrayList<>();
    for (int kind = 0; kind < 5; kind++) {
      Sets s = new Sets(kind);
      pool.execute(s);
      pool.awaitQuiescence(30, TimeUnit.SECONDS);
      all.add(thrown(s::join));
      all.add(s.isCompletedNormally() + " " + s.isCancelled() + " " + s.isDone());
    }
    return all;
  }

  @Forks
  static Object whatSubmittedLambdasSee(ForkJoinPool pool) {
    return List.of(
        pool.submit(() -> ForkJoinTask.inForkJoinPool()).join(),
        pool.submit(() -> ForkJoinTask.getPool().getParallelism()).join(),
        pool.submit(() -> ForkJoinTask.getQueuedTaskCount()).join(),
        pool.submit(() -> new Divide(3, "none", "").fork().join()).join());
  }

  @Forks
  static Object latchesAndTimeouts(ForkJoinPool pool) throws Exception {
    CountDownLatch latch = new CountDownLatch(5);
    for (int i = 0; i < 5; i++) {
      pool.execute(latch::countDown);
    }
    boolean counted = latch.await(30, TimeUnit.SECONDS);
    ForkJoinTask<String> t = pool.submit(() -> "in time");
    return List.of(
        counted, t.get(30, TimeUnit.SECONDS), pool.awaitQuiescence(30, TimeUnit.SECONDS));
  }

  static class Opposite extends RecursiveTask<Integer> {
    final int n;
    final boolean even;

    Opposite(int n, boolean even) {
      this.n = n;
      this.even = even;
    }

    @Override
    protected Integer compute() {
      if (n == 0) {
        return even ? 0 : 1;
      }
      return even ? new Helper(n - 1).fork().join().intValue() : new Opposite(n - 1, true).invoke();
    }
  }

  static class Helper extends RecursiveTask<Number> {
    final int n;

    Helper(int n) {
      this.n = n;
    }

    @Override
    protected Number compute() {
      return (long) new Opposite(n, false).fork().join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object classesThatForkEachOther(ForkJoinPool pool) {
    return List.of(
        pool.invoke(new Opposite(9, true)),
        pool.invoke(new Opposite(10, true)),
        pool.invoke(new Helper(3)));
  }

  static class Interrupted extends RecursiveTask<String> {
    @Override
    protected String compute() {
      Thread.currentThread().interrupt();
      RecursiveAction child = new Sequel(new long[1], 3);
      child.fork();
      child.join();
      return "interrupted " + Thread.interrupted();
    }
  }

  @Forks
  static Object interruptedTasks(ForkJoinPool pool) {
    return pool.invoke(new Interrupted());
  }

  static class Errors extends RecursiveAction {
    final int kind;

    Errors(int kind) {
      this.kind = kind;
    }

    @Override
    protected void compute() {
      switch (kind) {
        case 0 -> throw new StackOverflowError("mine");
        case 1 -> throw new AssertionError("assertion");
        case 2 -> throw new Error("plain");
        case 3 -> new Errors(3).compute();
        default -> sneak(new Oops(kind));
      }
    }

    @SuppressWarnings("unchecked")
    static <T extends Throwable> void sneak(Throwable t) throws T {
      throw (T) t;
    }
  }

  @Forks
  static Object errorsAndSneakyExceptions(ForkJoinPool pool) {
    List<String> all = new ArrayList<>();
    for (int kind = 0; kind < 5; kind++) {
      Errors e = new Errors(kind);
      all.add(thrown(() -> pool.invoke(e)));
    }
    return all;
  }
}
