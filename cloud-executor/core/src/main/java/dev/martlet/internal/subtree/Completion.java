package dev.martlet.internal.subtree;

import java.util.concurrent.CountedCompleter;
import org.jspecify.annotations.Nullable;

/**
 * How a subtree of counted completers has ended on a worker, where its root had a stand-in for its
 * completer. At home the root ends likewise, and completion goes on up the live tree.
 */
public final class Completion {
  /** How the stand-in was reached. */
  public enum Chain {
    /** Not at all. */
    NONE,
    /** The root has completed, and so its completer does if it waits for no other. */
    COMPLETES,
    /** The completer was told by a method of its own. */
    TRIES,
    /** The root has completed quietly. */
    PROPAGATES,
    /** The root has ended by an exception. */
    FAILS
  }

  private static final int RUNNING = 0;
  private static final int NORMAL = 1;
  private static final int THROWN = 2;
  private static final int CANCELLED = 3;
  private static final int LENGTH = 6;

  private Completion() {}

  /**
   * Describes what has become of a subtree, by things that travel.
   *
   * @param failure by which exception the stand-in was reached
   * @param rootQuietly whether the root of the whole tree was completed
   * @param thrown what the root's own computation threw
   */
  public static Object describe(
      CountedCompleter<?> root,
      Chain chain,
      @Nullable Throwable failure,
      boolean rootQuietly,
      @Nullable Throwable thrown) {
    Throwable own = TaskState.thrown(root);
    int state;
    if (!root.isDone()) {
      state = RUNNING;
    } else if (!root.isCompletedAbnormally()) {
      state = NORMAL;
    } else {
      state = own == null ? CANCELLED : THROWN;
    }
    return new Object[] {state, own, chain.name(), failure, rootQuietly, thrown};
  }

  /**
   * Has a live root end as it was described, and those above it complete that only waited for it.
   *
   * @throws Throwable what the root's computation threw, or what a completer throws
   */
  public static void tell(CountedCompleter<?> root, @Nullable Object description) throws Throwable {
    if (!(description instanceof Object[] d) || d.length != LENGTH) {
      throw new IllegalStateException("a subtree that did not say how it ended");
    }
    switch ((int) d[0]) {
      case NORMAL -> root.quietlyComplete();
      case THROWN -> TaskState.setThrown(root, (Throwable) d[1]);
      case CANCELLED -> TaskState.setCancelled(root);
      default -> {}
    }
    CountedCompleter<?> above = root.getCompleter();
    if (above != null) {
      if ((boolean) d[4]) {
        above.quietlyCompleteRoot();
      }
      switch (Chain.valueOf((String) d[2])) {
        case COMPLETES -> complete(above, root);
        case TRIES -> above.tryComplete();
        case PROPAGATES -> above.propagateCompletion();
        case FAILS -> fail(above, root, (Throwable) d[3]);
        default -> {}
      }
    }
    if (d[5] instanceof Throwable thrown) {
      throw thrown;
    }
  }

  /** Goes on as {@link CountedCompleter#tryComplete} would have. */
  private static void complete(CountedCompleter<?> above, CountedCompleter<?> caller) {
    CountedCompleter<?> a = above;
    CountedCompleter<?> s = caller;
    for (; ; ) {
      int pending = a.getPendingCount();
      if (pending == 0) {
        a.onCompletion(s);
        s = a;
        a = s.getCompleter();
        if (a == null) {
          s.quietlyComplete();
          return;
        }
      } else if (a.compareAndSetPendingCount(pending, pending - 1)) {
        return;
      }
    }
  }

  /** Goes on as the JDK does with what a task has thrown. */
  private static void fail(
      CountedCompleter<?> above, CountedCompleter<?> caller, Throwable thrown) {
    CountedCompleter<?> a = above;
    CountedCompleter<?> p = caller;
    while (a != null && !a.isDone()) {
      TaskState.setThrown(a, thrown);
      if (TaskState.thrown(a) != thrown || !a.onExceptionalCompletion(thrown, p)) {
        return;
      }
      p = a;
      a = p.getCompleter();
    }
  }
}
