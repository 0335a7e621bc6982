package dev.martlet.forkjoin;

import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.CoreProvider;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.Subtrees;
import dev.martlet.internal.forkjoin.hook.HookedThread;
import dev.martlet.internal.forkjoin.hook.Hooks;
import dev.martlet.spi.PoolSettings;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A fork/join pool that sends away the tasks that it is told to. */
final class AwayPool implements AutoCloseable {
  final CloudPool calls;
  final AtomicInteger away = new AtomicInteger();
  final Queue<String> reasons = new ConcurrentLinkedQueue<>();
  private final Hooks hooks = Hooks.open();
  private final ForkJoinPool pool;
  private volatile Predicate<ForkJoinTask<?>> leaves = t -> false;

  AwayPool(int parallelism) {
    calls = open(Map.of("parallelism", Integer.toString(parallelism)));
    pool = new ForkJoinPool(parallelism, Worker::new, null, false);
  }

  static CloudPool open(Map<String, Object> settings) {
    return (CloudPool)
        new CoreProvider().newPool(new PoolSettings(settings, Map.of(), Map.of(), List.of(), null));
  }

  private final class Worker extends HookedThread {
    private @Nullable ForkJoinTask<?> last;

    Worker(ForkJoinPool pool) {
      super(pool);
    }

    @Override
    protected @Nullable Object compute(ForkJoinTask<?> task) {
      if (task == last || !leaves.test(task)) {
        return null;
      }
      last = task;
      Body body = Subtrees.body(task);
      if (body == null) {
        reasons.add(String.valueOf(Subtrees.reason(task)));
        return null;
      }
      Errand errand = calls.send(body);
      if (errand.await() == Errand.Fate.HOME) {
        reasons.add(String.valueOf(errand.reason()));
        return null;
      }
      away.incrementAndGet();
      Object value = Subtrees.finish(task, errand);
      return value == null ? hooks.none() : value;
    }

    @Override
    protected void fork(ForkJoinTask<?> task) {
      hooks.see(task.getClass());
    }

    @Override
    protected Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source) {
      return source;
    }
  }

  /** Invokes a task, of whose tree those leave that are told to. */
  <T> T invoke(ForkJoinTask<T> task, Predicate<ForkJoinTask<?>> those) {
    leaves = those;
    away.set(0);
    reasons.clear();
    hooks.see(task.getClass());
    try {
      return pool.invoke(task);
    } finally {
      boolean unused = pool.awaitQuiescence(1, java.util.concurrent.TimeUnit.MINUTES);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
    calls.close();
    Hooks.close();
  }
}
