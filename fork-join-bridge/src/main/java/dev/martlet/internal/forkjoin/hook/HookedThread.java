package dev.martlet.internal.forkjoin.hook;

import java.util.Spliterator;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;

/**
 * A thread that is told what begins on it. The methods are called on the thread itself, by the code
 * that they are about; what they throw is thrown there.
 */
public abstract class HookedThread extends ForkJoinWorkerThread {
  /** Whether tasks are too fine here to be looked at: {@link #compute} and {@link #fork} rest. */
  protected boolean fine;

  /** Creates a thread. */
  protected HookedThread(ForkJoinPool pool) {
    super(pool);
  }

  /**
   * A task is about to be computed: because the JDK executes it, and again when its {@code compute}
   * begins, and when an overridden one is called by {@code super.compute()}.
   *
   * @return {@code null} to go on; else the body is skipped, and this returned, or {@link
   *     Hooks#NULL} for {@code null}
   */
  protected abstract @Nullable Object compute(ForkJoinTask<?> task);

  /** A task is about to be forked. */
  protected abstract void fork(ForkJoinTask<?> task);

  /**
   * A stage of a stream is about to feed a source's elements to a sink; in a parallel stream this
   * is a leaf. It is told of sequential streams too, and twice for those that may stop early.
   *
   * @param pipeline the {@code AbstractPipeline}
   * @return what is traversed in the source's place
   */
  protected abstract Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source);
}
