package dev.martlet.internal.forkjoin;

import java.util.Spliterator;

/** Where a pool's threads run the leaves of parallel streams. */
@FunctionalInterface
public interface StreamLeaves {
  /**
   * Returns what is to be traversed when a pipeline is about to feed a source to a sink.
   *
   * @param pipeline the {@code AbstractPipeline}, of a sequential stream too
   */
  Spliterator<?> leaf(Object pipeline, Object sink, Spliterator<?> source);
}
