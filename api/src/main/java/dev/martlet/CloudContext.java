package dev.martlet;

import dev.martlet.spi.CurrentContext;
import org.jspecify.annotations.Nullable;

/** What a running task may know of itself and its pool. */
public interface CloudContext {
  /**
   * Returns the context of the task that the current thread runs.
   *
   * @throws IllegalStateException if the current thread runs no task of a Martlet pool
   */
  static CloudContext current() {
    CloudContext context = CurrentContext.get();
    if (context == null) {
      throw new IllegalStateException("this thread runs no task of a Martlet pool");
    }
    return context;
  }

  /** Returns the pool that runs the task; tasks submitted to it are nested calls. */
  CloudExecutorService pool();

  /** Returns the call's number in its pool. */
  long callId();

  /** Returns the number of this attempt, from 1. */
  int attempt();

  /** Returns the worker that runs the task, or {@code null} if it runs in the client JVM. */
  @Nullable String instance();
}
