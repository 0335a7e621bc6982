package dev.martlet.internal.forkjoin;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.Wrappers;
import java.lang.reflect.Field;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * A function that was given to a pool, or forked in a task of the JDK. It is called on a thread of
 * the pool, by whatever task or future holds it.
 */
final class Job<T> implements Callable<T>, Runnable {
  /** Where a task of the JDK keeps its function; empty for all other classes. */
  private static final ClassValue<long[]> FUNCTIONS =
      new ClassValue<>() {
        @Override
        protected long[] computeValue(Class<?> type) {
          if (type.getName().startsWith("java.util.concurrent.ForkJoinTask$Adapted")) {
            for (Field f : type.getDeclaredFields()) {
              if (f.getType() == Callable.class || f.getType() == Runnable.class) {
                return new long[] {Memory.offset(f)};
              }
            }
          }
          return new long[0];
        }
      };

  private final Pool pool;
  private final Body body;
  private final int depth;

  private Job(Pool pool, Body body, int depth) {
    this.pool = pool;
    this.body = body;
    this.depth = depth;
  }

  @SuppressWarnings("unchecked")
  static <T> Callable<T> of(Pool pool, Callable<T> function) {
    return function instanceof Job
        ? function
        : new Job<>(pool, Body.of(Body.Kind.CALL, Objects.requireNonNull(function)), 0);
  }

  static Runnable of(Pool pool, Runnable function) {
    return function instanceof Job
        ? function
        : new Job<Void>(pool, Body.of(Body.Kind.RUN, Objects.requireNonNull(function)), 0);
  }

  /** Makes a job of the function in a future or stage, and returns whether this is one. */
  static boolean within(Pool pool, Runnable wrapper) {
    return Wrappers.divert(wrapper, body -> new Job<>(pool, body, 0).call());
  }

  /**
   * Makes a job of the function in a task of the JDK that is about to be submitted or forked.
   *
   * @return whether this is such a task
   */
  static boolean within(Pool pool, ForkJoinTask<?> task, int depth) {
    long[] offsets = FUNCTIONS.get(task.getClass());
    if (offsets.length == 0) {
      return task instanceof Runnable wrapper && within(pool, wrapper);
    }
    Object function = Memory.getReference(task, offsets[0]);
    if (function != null && !(function instanceof Job)) {
      Body.Kind kind = function instanceof Callable ? Body.Kind.CALL : Body.Kind.RUN;
      Memory.putReference(task, offsets[0], new Job<>(pool, Body.of(kind, function), depth));
    }
    return true;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // it returns what its function does
  public T call() throws Exception {
    @Nullable Object value =
        Thread.currentThread() instanceof PoolThread t && t.getPool() == pool
            ? t.run(body, depth)
            : body.invoke();
    return (T) value;
  }

  @Override
  public void run() {
    try {
      call();
    } catch (Exception e) {
      throw Job.<RuntimeException>sneaky(e); // what a Runnable threw
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable t) throws E {
    throw (E) t;
  }

  @Override
  public String toString() {
    return body.function().toString();
  }
}
