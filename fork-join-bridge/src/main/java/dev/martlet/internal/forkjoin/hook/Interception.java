package dev.martlet.internal.forkjoin.hook;

import java.util.Spliterator;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/** Where the hooks lead. On other threads than a pool's, and deep in a tree, this is all. */
final class Interception {
  private Interception() {}

  static @Nullable Object compute(ForkJoinTask<?> task) {
    return Thread.currentThread() instanceof HookedThread t && !t.fine ? t.compute(task) : null;
  }

  static void fork(ForkJoinTask<?> task) {
    if (Thread.currentThread() instanceof HookedThread t && !t.fine) {
      t.fork(task);
    }
  }

  static Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source) {
    return Thread.currentThread() instanceof HookedThread t
        ? t.traverse(pipeline, sink, source)
        : source;
  }
}
