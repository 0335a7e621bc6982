package dev.martlet.internal.forkjoin;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.PoolStatistics;
import dev.martlet.internal.config.Settings;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.CoreProvider;
import dev.martlet.internal.forkjoin.frontier.Clock;
import dev.martlet.internal.forkjoin.frontier.Policy;
import dev.martlet.internal.forkjoin.hook.Hooks;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's pool with threads of its own kind: forking, joining, stealing and all of the contract
 * are the JDK's. What is given to the pool becomes known to its {@link Bridge} first, and a {@link
 * PoolThread} decides for each computation that it meets whether that leaves.
 *
 * <p>The workers, the hooks and the bridge's thread end when the pool has terminated: the last of
 * its threads sees to that, or whoever shuts down a pool that has none.
 */
public final class Pool extends CloudForkJoinPool {
  private static final int MOST_SPARES = 256;
  private static final long KEEP_ALIVE_SECONDS = 60;
  private static final double SHIP_FACTOR_HERE = 10; // its workers share the home's processors
  private static final double SHIP_FACTOR = 2;

  /** Methods of JDKs after 17. */
  private static final class Methods {
    private static final MethodHandles.Lookup LOOKUP = lookup();

    static final Newer EXTERNAL_SUBMIT =
        of("externalSubmit", ForkJoinTask.class, ForkJoinTask.class);
    static final Newer LAZY_SUBMIT = of("lazySubmit", ForkJoinTask.class, ForkJoinTask.class);
    static final Newer INVOKE_ALL = of("invokeAllUninterruptibly", List.class, Collection.class);
    static final Newer SUBMIT_WITH_TIMEOUT =
        of(
            "submitWithTimeout",
            ForkJoinTask.class,
            Callable.class,
            long.class,
            TimeUnit.class,
            Consumer.class);
    static final Newer SCHEDULE_RUNNABLE = scheduled("schedule", Runnable.class, long.class);
    static final Newer SCHEDULE_CALLABLE = scheduled("schedule", Callable.class, long.class);
    static final Newer AT_FIXED_RATE =
        scheduled("scheduleAtFixedRate", Runnable.class, long.class, long.class);
    static final Newer WITH_FIXED_DELAY =
        scheduled("scheduleWithFixedDelay", Runnable.class, long.class, long.class);

    private static Newer of(String name, Class<?> result, Class<?>... parameters) {
      return new Newer(LOOKUP, ForkJoinPool.class, name, result, parameters);
    }

    private static Newer scheduled(String name, Class<?>... parameters) {
      List<Class<?>> all = new ArrayList<>(List.of(parameters));
      all.add(TimeUnit.class);
      return of(name, ScheduledFuture.class, all.toArray(new Class<?>[0]));
    }
  }

  private static MethodHandles.Lookup lookup() {
    return MethodHandles.lookup();
  }

  private final Frontier frontier;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean ending = new AtomicBoolean();

  // Set right after construction; null if nothing ever leaves.
  private @Nullable CloudPool remote;
  private @Nullable Bridge bridge;

  private Pool(int parallelism, Frontier frontier, ForkJoinWorkerThreadFactory factory) {
    super(
        parallelism,
        factory,
        /* handler= */ null,
        /* asyncMode= */ false,
        /* corePoolSize= */ 0,
        parallelism + MOST_SPARES,
        /* minimumRunnable= */ 1,
        KEEP_ALIVE_SECONDS,
        TimeUnit.SECONDS);
    this.frontier = frontier;
  }

  /**
   * Opens a pool.
   *
   * @param leaves makes what runs the leaves of parallel streams
   * @throws IllegalStateException if neither an agent nor self-attachment is possible in this JVM
   */
  public static Pool open(
      Settings settings, Frontier frontier, Function<? super Pool, StreamLeaves> leaves) {
    int parallelism = settings.parallelism();
    if (frontier.kind() == Frontier.Kind.HOME) {
      return new Pool(parallelism, frontier, defaultForkJoinWorkerThreadFactory);
    }
    CloudPool remote = CoreProvider.newPool(settings, /* daemon= */ true);
    try {
      Hooks hooks = Hooks.open();
      Pool pool = new Pool(parallelism, frontier, p -> ((Pool) p).newThread());
      pool.remote = remote;
      remote.serve(pool);
      pool.bridge =
          new Bridge(
              "cloud-fork-join-" + parallelism,
              hooks,
              remote::send,
              new Policy(
                  frontier,
                  parallelism,
                  Runtime.getRuntime().availableProcessors(),
                  pool.shipFactor(),
                  Clock.SYSTEM),
              leaves.apply(pool),
              pool::endIfTerminated);
      return pool;
    } catch (RuntimeException | Error e) {
      remote.shutdown();
      throw e;
    }
  }

  /** Returns how many times as long as to ship a computation it must run to leave. */
  public double shipFactor() {
    CloudPool r = remote;
    return r != null && r.sharesProcessors() ? SHIP_FACTOR_HERE : SHIP_FACTOR;
  }

  private ForkJoinWorkerThread newThread() {
    return new PoolThread(this, Objects.requireNonNull(bridge));
  }

  /** Returns the way to the workers, or {@code null} if nothing ever leaves. */
  public @Nullable Calls calls() {
    CloudPool r = remote;
    return r == null ? null : r::send;
  }

  /** Returns what runs the leaves of streams, or {@code null} if nothing ever leaves. */
  public @Nullable StreamLeaves leaves() {
    Bridge b = bridge;
    return b == null ? null : b.leaves();
  }

  @Override
  public Frontier frontier() {
    return frontier;
  }

  @Override
  public PoolStatistics statistics() {
    CloudPool r = remote;
    Bridge b = bridge;
    if (r == null || b == null) {
      return new PoolStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, null, List.of());
    }
    PoolStatistics s = r.statistics();
    long stayed = b.stayed();
    return new PoolStatistics(
        s.submitted() + stayed,
        s.away(),
        s.home() + stayed,
        s.failed(),
        s.cancelled(),
        s.retried(),
        s.bytesOut(),
        s.bytesIn(),
        s.coldStarts(),
        s.usage(),
        s.recent());
  }

  // Submission

  private <T extends ForkJoinTask<?>> T known(T task) {
    Bridge b = bridge;
    if (b != null && !Job.within(this, Objects.requireNonNull(task), 0)) {
      b.submitting(task);
    }
    return task;
  }

  private <T> Callable<T> job(Callable<T> function) {
    return bridge == null ? function : Job.of(this, function);
  }

  private Runnable job(Runnable function) {
    boolean stays = bridge == null || Job.within(this, Objects.requireNonNull(function));
    return stays ? function : Job.of(this, function);
  }

  private <T> Collection<? extends Callable<T>> jobs(Collection<? extends Callable<T>> functions) {
    if (bridge == null) {
      return functions;
    }
    List<Callable<T>> jobs = new ArrayList<>(functions.size());
    for (Callable<T> f : functions) {
      jobs.add(f == null ? f : job(f)); // the JDK refuses null when it gets there
    }
    return jobs;
  }

  @Override
  protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
    return super.newTaskFor(job(callable));
  }

  @Override
  protected <T> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
    return super.newTaskFor(job(runnable), value);
  }

  @Override
  public <T> T invoke(ForkJoinTask<T> task) {
    return super.invoke(known(task));
  }

  @Override
  public void execute(ForkJoinTask<?> task) {
    super.execute(known(task));
  }

  @Override
  public void execute(Runnable task) {
    if (task instanceof ForkJoinTask<?> t) {
      super.execute(known(t));
    } else {
      super.execute(job(task));
    }
  }

  @Override
  public <T> ForkJoinTask<T> submit(ForkJoinTask<T> task) {
    return super.submit(known(task));
  }

  @Override
  public <T> ForkJoinTask<T> submit(Callable<T> task) {
    return super.submit(job(task));
  }

  @Override
  public <T> ForkJoinTask<T> submit(Runnable task, T result) {
    return super.submit(job(task), result);
  }

  @Override
  public ForkJoinTask<?> submit(Runnable task) {
    return task instanceof ForkJoinTask<?> t ? super.submit(known(t)) : super.submit(job(task));
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) {
    return super.invokeAll(jobs(tasks));
  }

  @Override
  public <T> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    return super.invokeAll(jobs(tasks), timeout, unit);
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    return super.invokeAny(jobs(tasks));
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return super.invokeAny(jobs(tasks), timeout, unit);
  }

  // Submission on JDKs after 17, whose methods these override

  /** Submits a task as an external thread does. */
  public <T> ForkJoinTask<T> externalSubmit(ForkJoinTask<T> task) {
    return Methods.EXTERNAL_SUBMIT.call(this, known(task));
  }

  /** Submits a task without waking a thread for it. */
  public <T> ForkJoinTask<T> lazySubmit(ForkJoinTask<T> task) {
    return Methods.LAZY_SUBMIT.call(this, known(task));
  }

  /** Runs all and waits for them without heeding interruption. */
  public <T> List<Future<T>> invokeAllUninterruptibly(Collection<? extends Callable<T>> tasks) {
    return Methods.INVOKE_ALL.call(this, jobs(tasks));
  }

  /** Submits a task that is cancelled, or acted upon, if it takes too long. */
  public <V> ForkJoinTask<V> submitWithTimeout(
      Callable<V> callable,
      long timeout,
      TimeUnit unit,
      @Nullable Consumer<? super ForkJoinTask<V>> timeoutAction) {
    return Methods.SUBMIT_WITH_TIMEOUT.call(this, job(callable), timeout, unit, timeoutAction);
  }

  /** Runs a command after a delay. */
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return Methods.SCHEDULE_RUNNABLE.call(this, job(command), delay, unit);
  }

  /** Calls a function after a delay. */
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return Methods.SCHEDULE_CALLABLE.call(this, job(callable), delay, unit);
  }

  /** Runs a command again and again, by its beginnings. */
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return Methods.AT_FIXED_RATE.call(this, job(command), initialDelay, period, unit);
  }

  /** Runs a command again and again, with pauses. */
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return Methods.WITH_FIXED_DELAY.call(this, job(command), initialDelay, delay, unit);
  }

  // Life cycle

  @Override
  public void shutdown() {
    super.shutdown();
    endIfTerminated();
  }

  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> neverBegun = super.shutdownNow();
    CloudPool r = remote;
    if (r != null) {
      r.stopErrands();
    }
    endIfTerminated();
    return neverBegun;
  }

  private void endIfTerminated() {
    if (super.isTerminated()) {
      end();
    }
  }

  private void end() {
    if (!ending.compareAndSet(false, true)) {
      return;
    }
    try {
      Bridge b = bridge;
      if (b != null) {
        b.close();
        Hooks.close();
      }
      CloudPool r = remote;
      if (r != null) {
        r.shutdown();
      }
    } finally {
      ended.countDown();
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long start = System.nanoTime();
    if (!super.awaitTermination(timeout, unit)) {
      return false;
    }
    end();
    long left = unit.toNanos(timeout) - (System.nanoTime() - start);
    CloudPool r = remote;
    if (ended.await(left, TimeUnit.NANOSECONDS) && r != null) {
      left = unit.toNanos(timeout) - (System.nanoTime() - start);
      r.awaitTermination(left, TimeUnit.NANOSECONDS);
    }
    return true;
  }

  @Override
  public void close() {
    shutdown();
    boolean done = false;
    boolean interrupted = false;
    while (!done) {
      try {
        done = awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        if (!interrupted) {
          shutdownNow();
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
