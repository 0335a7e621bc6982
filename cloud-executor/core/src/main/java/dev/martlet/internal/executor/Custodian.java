package dev.martlet.internal.executor;

import dev.martlet.internal.threads.OwnThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that keeps the client JVM alive while a pool is in use (if that is wished), tells
 * listeners, frees stages that tasks wait for, and closes the remote when the pool has terminated.
 */
final class Custodian extends OwnThread {
  private static final long SHORTEST_MILLIS = 1;
  private static final long LONGEST_MILLIS = 32;

  private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
  private final CloudPool pool;

  /** Queued calls for which a task at home may wait without our knowing. */
  private final List<Call> watched = new ArrayList<>();

  private @Nullable Runnable last;

  Custodian(CloudPool pool) {
    super(pool.threadGroup(), null, pool.name() + "-custodian");
    this.pool = pool;
    setDaemon(pool.isDaemon());
    setContextClassLoader(pool.contextLoader());
  }

  /** Adds a job. */
  void add(Runnable job) {
    jobs.add(job);
  }

  /** Adds the last job, after which the thread ends. */
  void end(Runnable job) {
    jobs.add(
        () -> {
          last = job;
        });
  }

  /**
   * Looks after a queued stage until it begins. A task that waits for it in {@code
   * CompletableFuture.join} does not pass through this package, so the stage's waiters are looked
   * at from time to time.
   */
  void watch(Call call) {
    jobs.add(() -> watched.add(call));
  }

  @Override
  public void run() {
    long pause = SHORTEST_MILLIS;
    while (last == null) {
      try {
        Runnable job = watched.isEmpty() ? jobs.take() : jobs.poll(pause, TimeUnit.MILLISECONDS);
        if (job != null) {
          job.run();
          pause = SHORTEST_MILLIS;
        } else {
          watched.removeIf(pool::beginIfAwaited);
          pause = Math.min(2 * pause, LONGEST_MILLIS);
        }
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt this thread.
      } catch (Throwable e) {
        CloudPool.log(e);
      }
    }
    last.run();
  }
}
