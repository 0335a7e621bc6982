package dev.martlet.internal.bridge;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.internal.config.Settings;
import dev.martlet.internal.forkjoin.Pool;
import dev.martlet.internal.forkjoin.StreamLeaves;
import dev.martlet.internal.streams.Leaves;
import dev.martlet.spi.ForkJoinProvider;
import dev.martlet.spi.PoolSettings;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Spliterator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Makes fork/join pools, and streams on them. */
public final class BridgeProvider implements ForkJoinProvider {
  /** Creates the provider; {@link ServiceLoader} does. */
  public BridgeProvider() {}

  @Override
  public CloudForkJoinPool newPool(PoolSettings given, @Nullable Frontier frontier) {
    Settings settings = Settings.resolve(given);
    Frontier f = frontier == null ? settings.frontier() : frontier;
    return Pool.open(settings, f, pool -> leaves(pool, settings, f));
  }

  private static StreamLeaves leaves(Pool pool, Settings settings, Frontier frontier) {
    return new Leaves(
        Objects.requireNonNull(pool.calls()),
        frontier,
        settings.parallelism(),
        Runtime.getRuntime().availableProcessors(),
        pool.shipFactor());
  }

  @Override
  public <T> Stream<T> parallel(Supplier<? extends Spliterator<T>> source, CloudForkJoinPool pool) {
    return pool instanceof Pool p && p.leaves() instanceof Leaves leaves
        ? leaves.stream(source.get())
        : StreamSupport.stream(source.get(), /* parallel= */ true);
  }
}
