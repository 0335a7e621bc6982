package dev.martlet.internal.forkjoin;

import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.Errand;

/** Where a fork/join pool sends what leaves it. */
public interface Calls {
  /**
   * Sends a body; the current thread takes its outcome.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the pool has terminated
   */
  Errand send(Body body);
}
