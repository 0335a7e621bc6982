package dev.martlet.internal.worker.host;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.PoolStatistics;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.PoolConfig;
import dev.martlet.internal.executor.StayHome;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The job's pool, as a task on this worker sees it. Nested calls run in this JVM, on the task's own
 * objects, so they share memory with it as on a JDK pool; the task's attempt ends when they have.
 */
final class NestedPool implements CloudExecutorService {
  private static final String REASON = "a nested call runs where the task does";

  private final String name;
  private final int parallelism;
  private @Nullable CallRun run;
  private @Nullable CloudPool pool;
  private volatile boolean refusing;

  NestedPool(String name, int parallelism) {
    this.name = name;
    this.parallelism = parallelism;
  }

  private final class Here extends StayHome {
    Here() {
      super(REASON);
    }

    @Override
    public CloudContext context(long callId, int attempt) {
      return new WorkerContext(NestedPool.this, callId, attempt, run);
    }
  }

  void attach(CallRun to) {
    run = to;
  }

  private synchronized CloudPool pool() {
    CloudPool p = pool;
    if (p == null) {
      p = new CloudPool(new PoolConfig(name, parallelism, false, null, new Here()));
      pool = p;
    }
    return p;
  }

  /** Rejects what is submitted from now on, since the client's pool does. */
  void refuse() {
    refusing = true;
  }

  /** Returns the pool that takes a nested call. */
  private CloudPool open() {
    if (refusing) {
      throw new RejectedExecutionException("the pool " + name + " has been shut down");
    }
    CallRun r = run;
    if (r != null) {
      r.delegates();
    }
    return pool();
  }

  /** Waits until all nested calls have ended. */
  void join() {
    CloudPool p;
    synchronized (this) {
      p = pool;
    }
    if (p != null) {
      p.close();
    }
  }

  private RuntimeException atHome(String what) {
    CallRun r = run;
    if (r != null) {
      r.homeOnly(what + " the pool");
    }
    return new IllegalStateException("the task " + what + " the pool, which is not here");
  }

  @Override
  public void shutdown() {
    throw atHome("shuts down");
  }

  @Override
  public List<Runnable> shutdownNow() {
    throw atHome("shuts down");
  }

  @Override
  public void close() {
    throw atHome("closes");
  }

  @Override
  public boolean isShutdown() {
    // It may wait until it is.
    throw atHome("asks for the state of");
  }

  @Override
  public boolean isTerminated() {
    // Not while this task runs.
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    throw atHome("awaits the termination of");
  }

  @Override
  public PoolStatistics statistics() {
    return pool().statistics();
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  @Override
  public void execute(Runnable task) {
    open().execute(task);
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    return open().submit(task);
  }

  @Override
  public <T> Future<T> submit(Runnable task, T result) {
    return open().submit(task, result);
  }

  @Override
  public Future<?> submit(Runnable task) {
    return open().submit(task);
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
      throws InterruptedException {
    return open().invokeAll(tasks);
  }

  @Override
  public <T> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    return open().invokeAll(tasks, timeout, unit);
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    return open().invokeAny(tasks);
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return open().invokeAny(tasks, timeout, unit);
  }
}
