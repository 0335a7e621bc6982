package dev.martlet.internal.worker.host;

import java.util.concurrent.CountedCompleter;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the completer of a subtree's root, which is at home, and notes what it is told: at
 * home that goes on from there.
 */
final class Completer extends CountedCompleter<Object> {
  private static final long serialVersionUID = 1L;

  // Final, since what is told here are no effects.
  private final transient AtomicReference<@Nullable CountedCompleter<?>> caller =
      new AtomicReference<>();

  @Override
  public void compute() {
    throw new IllegalStateException("the completer of a subtree is at home");
  }

  @Override
  public void onCompletion(CountedCompleter<?> c) {
    caller.set(c);
  }

  @Override
  public boolean onExceptionalCompletion(Throwable thrown, CountedCompleter<?> c) {
    return false;
  }

  /** Returns who has completed, if not quietly. */
  @Nullable CountedCompleter<?> caller() {
    return caller.get();
  }
}
