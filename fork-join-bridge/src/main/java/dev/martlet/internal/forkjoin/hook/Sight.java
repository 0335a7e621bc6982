package dev.martlet.internal.forkjoin.hook;

import org.jspecify.annotations.Nullable;

/** What is known of a task class. */
public final class Sight {
  private static final Sight OTHER = new Sight(false, null);
  private static final Sight WATCHED = new Sight(true, null);

  private final boolean watched;
  private final @Nullable String obstacle;

  private Sight(boolean watched, @Nullable String obstacle) {
    this.watched = watched;
    this.obstacle = obstacle;
  }

  static Sight watched() {
    return WATCHED;
  }

  static Sight other() {
    return OTHER;
  }

  static Sight failed(String obstacle) {
    return new Sight(false, obstacle);
  }

  /** Returns whether the computations of such tasks are reported. */
  public boolean isWatched() {
    return watched;
  }

  /**
   * Returns why they are not, for a person; {@code null} if they are, or if there is nothing to
   * report: the JDK's own tasks, and those without a {@code compute} method.
   */
  public @Nullable String obstacle() {
    return obstacle;
  }
}
