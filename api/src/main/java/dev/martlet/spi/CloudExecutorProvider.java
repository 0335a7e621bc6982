package dev.martlet.spi;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudJob;
import dev.martlet.TaskExplanation;

/**
 * Makes pools. Martlet's core is the one implementation; found by {@link java.util.ServiceLoader}.
 */
public interface CloudExecutorProvider {
  /**
   * Creates a pool.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   */
  CloudExecutorService newPool(PoolSettings settings);

  /**
   * Attaches to a job, with the configured settings.
   *
   * @throws IllegalStateException if there is no such job, or no key to it here
   * @throws UnsupportedOperationException if the platform has no jobs
   */
  default CloudJob attach(String name) {
    throw new UnsupportedOperationException("there are no jobs here");
  }

  /**
   * Tells where a task would run and what would travel.
   *
   * @param task a {@link java.util.concurrent.Callable} or a {@link Runnable}
   */
  TaskExplanation explain(Object task);
}
