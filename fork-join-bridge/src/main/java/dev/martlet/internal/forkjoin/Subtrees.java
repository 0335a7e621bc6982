package dev.martlet.internal.forkjoin;

import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.subtree.Completion;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import org.jspecify.annotations.Nullable;

/**
 * How a fork/join task leaves with all that it forks, and how its outcome becomes that of the live
 * task. Thread-safe.
 */
public final class Subtrees {
  private Subtrees() {}

  /**
   * Returns the call of a task's {@code compute}, or null if the task has to be computed here.
   *
   * @param task a task that the current thread is about to compute
   */
  public static @Nullable Body body(ForkJoinTask<?> task) {
    boolean ships =
        task instanceof RecursiveTask
            || task instanceof RecursiveAction
            || task instanceof CountedCompleter;
    return ships && reason(task) == null ? Body.of(Body.Kind.COMPUTE, task) : null;
  }

  /** Returns why all tasks of the class are computed here, for a person, or null. */
  public static @Nullable String reason(ForkJoinTask<?> task) {
    return Capture.site(task).home();
  }

  /**
   * Ends the computation of a task whose call {@linkplain Errand#await returned or threw}.
   *
   * @param returned its call, whose fate is not {@link Errand.Fate#HOME}
   * @return what {@code compute} returns in its place; it throws what that would throw, checked or
   *     not
   */
  public static @Nullable Object finish(ForkJoinTask<?> task, Errand returned) {
    Throwable failure = returned.failure();
    if (failure != null) {
      throw sneaky(failure);
    }
    if (task instanceof CountedCompleter<?> c) {
      try {
        Completion.tell(c, returned.value());
      } catch (Throwable t) {
        throw sneaky(t);
      }
      return null;
    }
    return returned.value();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable t) throws T {
    throw (T) t;
  }
}
