package dev.martlet.internal.forkjoin.frontier;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the computations of one task class at one depth. Threads update it without a
 * lock: that one overwrites another's measure now and then does no harm.
 */
@SuppressWarnings("NonAtomicVolatileUpdate")
public final class Profile {
  /** The share of the newest measure. */
  private static final double NEW = 0.3;

  /** How many calls wait for a worker's start and for code, and measure nothing. */
  private static final int WARM = 2;

  private static final int TRIES = 3;

  /** How many times as long as at home a computation may be away while processors are free. */
  private static final double SLOWER = 1.2;

  /** Conditions change: how often what was slow away, or slow to ship, is tried again. */
  private static final int RETRY = 16;

  private volatile double home = Double.NaN;
  private volatile double away = Double.NaN;
  private volatile double ship = Double.NaN;
  private volatile int sent;
  private volatile int retries;
  private volatile boolean forks;
  private volatile @Nullable String obstacle;
  private volatile int failures;

  // Guarded by this.
  private int running;

  /** Since when some computation is running, or 0. */
  private volatile long since;

  /** Returns whether a computation has been measured. */
  boolean isKnown() {
    return !Double.isNaN(home) || !Double.isNaN(away);
  }

  /** Returns how long a computation takes, in nanoseconds. */
  double run() {
    double h = home;
    return Double.isNaN(h) ? away : h;
  }

  /** Returns whether a computation takes longer away than at home; now and then it is retried. */
  boolean isSlowAway() {
    return away + ship > SLOWER * home && !isTriedAgain();
  }

  /**
   * Returns whether to send one although the last ones were slow, to see whether they still are.
   */
  boolean isTriedAgain() {
    return ++retries % RETRY == 0;
  }

  /** Returns whether calls that leave from now on measure something. */
  boolean isWarm() {
    return sent >= WARM;
  }

  /** Returns what it takes to send one and to get it back, or NaN if that is not known. */
  double ship() {
    return ship;
  }

  /** Returns whether a computation has forked or computed another task. */
  boolean forks() {
    return forks;
  }

  void forked() {
    if (!forks) {
      forks = true;
    }
  }

  /** Returns for how long at least the oldest of the running computations has been at it. */
  long elapsed(long now) {
    long s = since;
    return s == 0 ? 0 : now - s;
  }

  synchronized void began(long now) {
    if (running++ == 0) {
      since = now == 0 ? 1 : now;
    }
  }

  synchronized void ended() {
    if (--running == 0) {
      since = 0;
    }
  }

  /** A computation ran. */
  void ran(long nanos) {
    home = average(home, (double) nanos);
  }

  private static double average(double old, double last) {
    return Double.isNaN(old) ? last : old + NEW * (last - old);
  }

  /**
   * A computation was away. Many leave at once and wait for each other, so that the time it takes
   * to ship one is rather too long than too short: a shorter one counts at once.
   *
   * @param warm whether calls had been back when it left; else it waited as the first ones did
   */
  void went(long nanos, long runNanos, boolean warm) {
    failures = 0;
    obstacle = null;
    sent++;
    if (warm) {
      away = average(away, (double) runNanos);
      double last = Math.max(0, nanos - runNanos);
      ship = Math.min(last, average(ship, last));
    }
  }

  /** Such computations cannot leave. */
  void bind(String reason) {
    obstacle = reason;
  }

  /** A computation could not leave. If that happens again and again, no more are tried. */
  void stayed(String reason) {
    if (++failures >= TRIES) {
      obstacle = reason;
    }
  }

  /** Returns why such computations do not leave, or {@code null} if they may. */
  public @Nullable String obstacle() {
    return obstacle;
  }

  /** Returns whether such a computation stays; now and then one tries whether it still has to. */
  boolean isHindered() {
    return obstacle != null && !isTriedAgain();
  }
}
