package dev.martlet.internal.worker.host;

import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/**
 * A realm's own common pool: what a call hands to {@link ForkJoinPool#commonPool} runs here, so
 * that it is known whose it is and when it has ended. Like the JDK's it cannot be shut down by its
 * users. Parallel streams keep to the JDK's, since whoever starts one waits for it.
 */
final class CommonPool extends ForkJoinPool {
  private static final int SPARE_THREADS = 256;
  private static final long KEEP_SECONDS = 10;

  CommonPool(ClassLoader contextLoader) {
    // One more than the JDK's: a caller that joins does not help in a pool other than the JDK's.
    this(contextLoader, getCommonPoolParallelism() + 1);
  }

  private CommonPool(ClassLoader contextLoader, int parallelism) {
    super(
        parallelism,
        pool -> new Worker(pool, contextLoader),
        /* handler= */ null,
        /* asyncMode= */ false,
        parallelism,
        parallelism + SPARE_THREADS,
        /* minimumRunnable= */ 1,
        /* saturate= */ null,
        KEEP_SECONDS,
        TimeUnit.SECONDS);
  }

  private static final class Worker extends ForkJoinWorkerThread {
    Worker(ForkJoinPool pool, ClassLoader contextLoader) {
      super(pool);
      setName(getName().replaceFirst("^.*-worker-", "ForkJoinPool.commonPool-worker-"));
      setContextClassLoader(contextLoader);
    }
  }

  /** Ends it, with what runs in it. */
  void discard() {
    List<Runnable> unused = super.shutdownNow();
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    boolean unused = awaitQuiescence(timeout, unit);
    return false;
  }

  /** Does nothing; later JDKs have a method that this overrides. */
  public void close() {}
}
