package dev.martlet;

import java.time.Duration;
import java.util.Objects;

/**
 * Where the subtrees of a fork/join computation, and the leaves of a parallel stream, leave for
 * workers. Immutable.
 */
public final class Frontier {
  /** How the frontier is found. */
  public enum Kind {
    /** By measure: a subtree leaves if that pays. */
    AUTOMATIC,
    /** At a depth of the tree. */
    DEPTH,
    /** By the measured run time of a subtree. */
    WORK,
    /** Nothing leaves. */
    HOME,
    /** Everything leaves. */
    AWAY
  }

  private static final Frontier AUTOMATIC = new Frontier(Kind.AUTOMATIC, 0, Duration.ZERO);
  private static final Frontier HOME = new Frontier(Kind.HOME, 0, Duration.ZERO);
  private static final Frontier AWAY = new Frontier(Kind.AWAY, 0, Duration.ZERO);

  private final Kind kind;
  private final int depth;
  private final Duration work;

  private Frontier(Kind kind, int depth, Duration work) {
    this.kind = kind;
    this.depth = depth;
    this.work = work;
  }

  /**
   * The default: chosen from the pool's parallelism, what the workers have free, and the measured
   * cost to run and to ship. A subtree that would take longer to ship than to run stays home.
   */
  public static Frontier automatic() {
    return AUTOMATIC;
  }

  /**
   * Subtrees leave at a fixed depth: 0 is the task that was given to the pool, 1 are those that it
   * forks or computes, and so on. Stream leaves all leave.
   *
   * @throws IllegalArgumentException if negative
   */
  public static Frontier depth(int depth) {
    if (depth < 0) {
      throw new IllegalArgumentException("depth must not be negative, but is " + depth);
    }
    return new Frontier(Kind.DEPTH, depth, Duration.ZERO);
  }

  /**
   * Subtrees and stream leaves leave if they are known to run at least so long, whatever it costs
   * to ship them.
   *
   * @throws IllegalArgumentException if negative
   */
  public static Frontier minimumWork(Duration work) {
    if (Objects.requireNonNull(work, "work").isNegative()) {
      throw new IllegalArgumentException("work must not be negative, but is " + work);
    }
    return new Frontier(Kind.WORK, 0, work);
  }

  /** Nothing leaves: a plain {@link java.util.concurrent.ForkJoinPool}. */
  public static Frontier allLocal() {
    return HOME;
  }

  /** The tasks given to the pool leave as a whole, and so do all stream leaves. */
  public static Frontier allRemote() {
    return AWAY;
  }

  /** Returns how the frontier is found. */
  public Kind kind() {
    return kind;
  }

  /** Returns the depth of a {@link Kind#DEPTH} frontier, else 0. */
  public int depth() {
    return depth;
  }

  /** Returns the least work of a {@link Kind#WORK} frontier, else zero. */
  public Duration work() {
    return work;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Frontier f && kind == f.kind && depth == f.depth && work.equals(f.work);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, depth, work);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case AUTOMATIC -> "automatic";
      case DEPTH -> "depth " + depth;
      case WORK -> "minimum work " + work;
      case HOME -> "all local";
      case AWAY -> "all remote";
    };
  }
}
