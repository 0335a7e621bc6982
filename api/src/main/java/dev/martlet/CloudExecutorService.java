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
   * Shuts down and waits until all submitted tasks have ended. If interrupted while waiting, stops
   * them as by {@link #shutdownNow()}, goes on waiting, and re-asserts the interrupt on return.
   */
  @Override
  void close();
}
