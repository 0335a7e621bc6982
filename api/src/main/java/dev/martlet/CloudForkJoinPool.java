package dev.martlet;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ForkJoinPool} whose heavy subtrees and stream leaves run on remote workers.
 *
 * <p>Tasks are submitted, forked and joined as ever. Above the {@linkplain Frontier frontier} a
 * tree of tasks unrolls on this pool's own threads; a subtree at the frontier is sent to a worker
 * as one call, together with what it needs, and its changes to what it shares with the caller are
 * applied before it counts as done. The leaves of a parallel stream that is started inside the pool
 * are sent in the same way. What cannot leave runs on the pool's threads, with the same result.
 *
 * <p>Memory effects are those of {@link ForkJoinPool}. Thread-safe.
 */
public abstract class CloudForkJoinPool extends ForkJoinPool implements AutoCloseable {
  /** For implementations: creates a pool as {@link ForkJoinPool} does. */
  protected CloudForkJoinPool(
      int parallelism,
      ForkJoinWorkerThreadFactory factory,
      Thread.@Nullable UncaughtExceptionHandler handler,
      boolean asyncMode,
      int corePoolSize,
      int maximumPoolSize,
      int minimumRunnable,
      long keepAliveTime,
      TimeUnit unit) {
    super(
        parallelism,
        factory,
        handler,
        asyncMode,
        corePoolSize,
        maximumPoolSize,
        minimumRunnable,
        /* saturate= */ null,
        keepAliveTime,
        unit);
  }

  /**
   * Returns the pool's totals and its most recent calls. A call is a subtree or a leaf that was
   * sent or tried; one that could not leave counts as run at home. Those that the frontier keeps on
   * the pool's own threads are no calls.
   */
  public abstract PoolStatistics statistics();

  /** Returns where subtrees and leaves leave. */
  public abstract Frontier frontier();

  /**
   * Shuts down, waits until all tasks have ended, and ends the workers. If interrupted while
   * waiting, stops all tasks as {@link #shutdownNow} does, and goes on waiting.
   */
  @Override
  public abstract void close();
}
