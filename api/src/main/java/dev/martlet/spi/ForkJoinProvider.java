package dev.martlet.spi;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import java.util.Spliterator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes fork/join pools and streams. Martlet's fork/join bridge is the one implementation; found by
 * {@link java.util.ServiceLoader}.
 */
public interface ForkJoinProvider {
  /**
   * Creates a pool.
   *
   * @param frontier where subtrees leave, or {@code null} for the configured one
   * @throws IllegalArgumentException if a setting is unknown or its value is not valid
   */
  CloudForkJoinPool newPool(PoolSettings settings, @Nullable Frontier frontier);

  /** Returns a parallel stream whose leaves run on the pool's workers. */
  <T> Stream<T> parallel(Supplier<? extends Spliterator<T>> source, CloudForkJoinPool pool);
}
