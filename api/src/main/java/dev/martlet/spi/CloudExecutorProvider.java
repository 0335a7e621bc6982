package dev.martlet.spi;

import dev.martlet.CloudExecutorService;
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
   * Tells where a task would run and what would travel.
   *
   * @param task a {@link java.util.concurrent.Callable} or a {@link Runnable}
   */
  TaskExplanation explain(Object task);
}
