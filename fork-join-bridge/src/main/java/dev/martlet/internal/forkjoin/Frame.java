package dev.martlet.internal.forkjoin;

import dev.martlet.internal.forkjoin.frontier.Visit;
import org.jspecify.annotations.Nullable;

/** A computation that a thread has looked at and that runs on it. */
final class Frame {
  final @Nullable Frame outer;

  /** The task, or what was submitted in a task of the JDK. */
  final Object task;

  final int depth;
  final Visit visit;

  Frame(@Nullable Frame outer, Object task, int depth, Visit visit) {
    this.outer = outer;
    this.task = task;
    this.depth = depth;
    this.visit = visit;
  }

  /** Returns whether this computation, or one that it is part of, is at work at home. */
  boolean isAtWork() {
    for (Frame f = this; f != null; f = f.outer) {
      if (f.visit.isAtWork()) {
        return true;
      }
    }
    return false;
  }
}
