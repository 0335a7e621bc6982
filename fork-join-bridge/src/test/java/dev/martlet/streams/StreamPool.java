package dev.martlet.streams;

import dev.martlet.Frontier;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.CoreProvider;
import dev.martlet.internal.forkjoin.hook.HookedThread;
import dev.martlet.internal.forkjoin.hook.Hooks;
import dev.martlet.internal.streams.Leaves;
import dev.martlet.spi.PoolSettings;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/** A fork/join pool whose threads know of nothing but stream leaves. */
final class StreamPool implements AutoCloseable {
  final CloudPool calls;
  final Leaves leaves;
  final ForkJoinPool pool;

  StreamPool(Frontier frontier, int parallelism, Map<String, Object> settings) {
    calls =
        (CloudPool)
            new CoreProvider()
                .newPool(new PoolSettings(settings, Map.of(), Map.of(), List.of(), null));
    leaves = new Leaves(calls::send, frontier, parallelism, 2, 10);
    Hooks unused = Hooks.open();
    pool = new ForkJoinPool(parallelism, Watched::new, null, false);
  }

  static StreamPool allRemote() {
    return new StreamPool(Frontier.allRemote(), 4, Map.of("parallelism", "4"));
  }

  /** Runs something in the pool; what it throws is thrown as it is. */
  <T extends @Nullable Object> T run(Callable<T> task) {
    try {
      return pool.submit(task).join();
    } catch (CompletionException e) {
      throw Throw.any(e.getCause());
    }
  }

  /** Returns how many calls have been away so far. */
  long away() {
    return calls.statistics().away();
  }

  @Override
  public void close() {
    pool.shutdown();
    Hooks.close();
    calls.close();
  }

  private final class Watched extends HookedThread {
    Watched(ForkJoinPool pool) {
      super(pool);
    }

    @Override
    protected @Nullable Object compute(ForkJoinTask<?> task) {
      return null;
    }

    @Override
    protected void fork(ForkJoinTask<?> task) {}

    @Override
    protected Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source) {
      return leaves.leaf(pipeline, sink, source);
    }
  }

  /** Throws anything. */
  static final class Throw {
    private Throw() {}

    @SuppressWarnings("unchecked")
    static <T extends Throwable> RuntimeException any(@Nullable Throwable e) throws T {
      throw (T) (e == null ? new AssertionError() : e);
    }
  }
}
