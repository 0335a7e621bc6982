package dev.martlet.internal.bridge;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.internal.config.Settings;
import dev.martlet.internal.forkjoin.Pool;
import dev.martlet.spi.ForkJoinProvider;
import dev.martlet.spi.PoolSettings;
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
    return Pool.open(
        settings,
        frontier == null ? settings.frontier() : frontier,
        pool -> (pipeline, sink, source) -> source);
  }

  @Override
  public <T> Stream<T> parallel(Supplier<? extends Spliterator<T>> source, CloudForkJoinPool pool) {
    return StreamSupport.stream(source.get(), /* parallel= */ true);
  }
}
