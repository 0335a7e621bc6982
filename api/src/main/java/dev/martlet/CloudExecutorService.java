package dev.martlet;

import java.util.concurrent.ExecutorService;

/**
 * An executor whose tasks run on remote workers, with the contract of the JDK's pools.
 *
 * <p>Tasks are plain lambdas and objects. A task runs on a copy of what it captures, and what it
 * changes is brought back before its future completes. A task that has to see live objects (it
 * synchronises with others, or it reads what cannot travel) runs in this JVM on the pool's own
 * threads, or is refused in strict mode.
 *
 * <p>Memory consistency effects: actions in a thread before the submission of a task <i>happen
 * before</i> the task's actions, which, with its effects on the client's objects, <i>happen
 * before</i> the result is retrieved via {@code Future.get()}.
 */
public interface CloudExecutorService extends ExecutorService, AutoCloseable {
  /** Returns the pool's totals and most recent calls, as of now. */
  PoolStatistics statistics();

  /** Returns how many calls the pool runs at a time. */
  int parallelism();

  /**
   * Makes a job, whose tasks go on when this client has ended. They are no calls of this pool: it
   * waits for none of them, and they do not count in its parallelism. Shutting it down {@linkplain
   * CloudJob#close closes} its jobs; whether all their tasks could be sent, {@link #close} tells.
   *
   * @param name letters, digits, {@code -}, {@code _} and {@code .}, 64 at most
   * @throws IllegalArgumentException if a job cannot be called so
   * @throws IllegalStateException if there is a job of that name: {@link CloudExecutors#attach}
   *     attaches to it
   * @throws UnsupportedOperationException if tasks do not outlive their client on this platform
   */
  default CloudJob detach(String name) {
    throw new UnsupportedOperationException(
        "tasks of this pool end with it; a job needs a platform with a queue and a store, such as"
            + " aws-lambda");
  }

  /**
   * Shuts down and waits until all submitted tasks have ended. If interrupted while waiting, stops
   * them as by {@link #shutdownNow()}, goes on waiting, and re-asserts the interrupt on return.
   *
   * @throws IllegalStateException if tasks of a job that was {@linkplain #detach made} here could
   *     not be sent; the pool is terminated all the same, and only the first call tells
   */
  @Override
  void close();
}
