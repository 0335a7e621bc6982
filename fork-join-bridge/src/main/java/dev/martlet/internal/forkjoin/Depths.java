package dev.martlet.internal.forkjoin;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * The depths of tasks that were submitted or forked and have not begun. A task that never begins is
 * forgotten when nobody holds it any more. Thread-safe.
 */
final class Depths {
  /** The depth of a task that is not known. */
  static final int UNKNOWN = -1;

  private final ConcurrentHashMap<Object, Integer> depths = new ConcurrentHashMap<>();
  private final ReferenceQueue<ForkJoinTask<?>> gone = new ReferenceQueue<>();

  /** A task as a key. A thread keeps one to look tasks up. */
  static final class Key {
    private @Nullable ForkJoinTask<?> task;

    @Override
    public int hashCode() {
      return System.identityHashCode(task);
    }

    @Override
    @SuppressWarnings("EqualsUnsafeCast") // no other keys are in the table
    public boolean equals(@Nullable Object o) {
      return o != null && ((Weak) o).refersTo(task);
    }
  }

  private static final class Weak extends WeakReference<ForkJoinTask<?>> {
    private final int hash;

    Weak(ForkJoinTask<?> task, ReferenceQueue<ForkJoinTask<?>> gone) {
      super(task, gone);
      this.hash = System.identityHashCode(task);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      if (this == o) {
        return true;
      }
      ForkJoinTask<?> task = get();
      return task != null && o instanceof Weak w && w.refersTo(task);
    }
  }

  /** Notes the depth of a task that is about to be submitted or forked. */
  void put(ForkJoinTask<?> task, int depth) {
    for (Reference<?> r = gone.poll(); r != null; r = gone.poll()) {
      depths.remove(r);
    }
    depths.put(new Weak(task, gone), depth);
  }

  /** Returns and forgets the depth of a task that begins, or {@link #UNKNOWN}. */
  int take(ForkJoinTask<?> task, Key key) {
    if (depths.isEmpty()) {
      return UNKNOWN;
    }
    key.task = task;
    Integer depth = depths.remove(key);
    key.task = null;
    return depth == null ? UNKNOWN : depth;
  }

  int size() {
    return depths.size();
  }
}
