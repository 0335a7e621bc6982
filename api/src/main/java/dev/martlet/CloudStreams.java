package dev.martlet;

import java.util.Collection;
import java.util.Objects;
import java.util.Spliterator;
import java.util.stream.Stream;

/**
 * Parallel streams whose leaves run on remote workers wherever their terminal operation is called,
 * without instrumentation of the JDK.
 */
public final class CloudStreams {
  private CloudStreams() {}

  /**
   * Returns a parallel stream over a collection. Its operations run as those of {@link
   * Collection#parallelStream}, in encounter order where there is one.
   */
  public static <T> Stream<T> parallel(Collection<T> source, CloudForkJoinPool pool) {
    Objects.requireNonNull(source, "source");
    return CloudExecutors.forkJoin().parallel(source::spliterator, pool);
  }

  /** Returns a parallel stream over what a spliterator covers. */
  public static <T> Stream<T> parallel(Spliterator<T> source, CloudForkJoinPool pool) {
    Objects.requireNonNull(source, "source");
    return CloudExecutors.forkJoin().parallel(() -> source, pool);
  }
}
