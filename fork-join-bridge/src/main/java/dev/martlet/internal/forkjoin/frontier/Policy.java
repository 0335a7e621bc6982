package dev.martlet.internal.forkjoin.frontier;

import dev.martlet.Frontier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * A pool's frontier: which computations leave.
 *
 * <p><b>By measure</b>, a computation that forks unrolls at home until the tree is wide enough to
 * occupy the pool. What takes longer than a few milliseconds, and several times as long as to ship
 * it, is worth a call. Of these, some have a place at home, where they keep processors busy that
 * would idle otherwise; all others leave. A computation counts as one that forks or not, and as
 * taking so long, by what its like did: those of the same class at the same depth. If nothing is
 * known of them, as many as there are places run at home, and the next ones wait for some
 * milliseconds: either the first have forked or ended by then, or they are worth a call.
 *
 * <p><b>Looking costs more than a small task.</b> So a thread looks at the tasks within a
 * computation only if that is worth a call itself, or if nothing is known and it is near the root.
 *
 * <p>Thread-safe.
 */
public final class Policy {
  static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  static final long LIGHT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long GLANCE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  /** How many levels below those that unroll are looked at if nothing is known. */
  private static final int LEVELS = 3;

  private final Frontier.Kind kind;
  private final Clock clock;
  private final int level;
  private final double leastNanos;
  private final double shipFactor;
  private final int places;
  private final int processors;
  private final AtomicInteger taken = new AtomicInteger();

  /**
   * Creates a policy.
   *
   * @param processors how many processors the home has
   * @param shipFactor how many times as long as to ship a computation it must run to leave
   */
  public Policy(
      Frontier frontier, int parallelism, int processors, double shipFactor, Clock clock) {
    this.kind = frontier.kind();
    this.clock = clock;
    this.level =
        switch (kind) {
          case DEPTH -> frontier.depth();
          case AWAY -> 0;
          default -> 32 - Integer.numberOfLeadingZeros(2 * parallelism - 1);
        };
    this.leastNanos = kind == Frontier.Kind.WORK ? frontier.work().toNanos() : LEAST_NANOS;
    this.shipFactor = kind == Frontier.Kind.WORK ? 0 : shipFactor;
    this.processors = processors;
    this.places = Math.min(processors, (parallelism + 1) / 2);
  }

  /** Returns whether computations leave by measure, so that not every one has to be looked at. */
  public boolean isByMeasure() {
    return kind == Frontier.Kind.AUTOMATIC || kind == Frontier.Kind.WORK;
  }

  /** Returns the depth from which on computations are alike. */
  public int deepest() {
    return level + LEVELS;
  }

  /** Returns whether a computation that forks stays at a depth, so that the tree widens. */
  boolean unrolls(int depth) {
    return depth < level;
  }

  long now() {
    return clock.nanos();
  }

  void giveBack() {
    taken.decrementAndGet();
  }

  /**
   * Decides about a computation that is about to begin. It may take some milliseconds.
   *
   * @param within whether it is part of one that is at work on this thread
   * @param shipNanos estimates how long it takes to ship it
   */
  public Visit decide(Profile profile, int depth, boolean within, LongSupplier shipNanos) {
    Visit visit = new Visit(this, profile, depth, clock.nanos());
    if (profile.isHindered()) {
      return visit;
    }
    switch (kind) {
      case HOME -> {}
      case DEPTH, AWAY -> {
        if (depth == level) {
          visit.leave();
        }
      }
      case AUTOMATIC, WORK -> measure(visit, within, shipNanos);
    }
    return visit;
  }

  private void measure(Visit visit, boolean within, LongSupplier shipNanos) {
    Profile p = visit.profile();
    if (p.forks() && unrolls(visit.depth())) {
      return;
    }
    boolean known = p.isKnown();
    if (known && p.run() < leastNanos) {
      return;
    }
    if (within) {
      return;
    }
    if ((kind == Frontier.Kind.AUTOMATIC || !known) && take(places)) {
      visit.take();
      return;
    }
    double ship = p.ship();
    if (Double.isNaN(ship) || (p.run() < least(ship) && p.isTriedAgain())) {
      ship = shipFactor == 0 ? 0 : shipNanos.getAsLong();
    }
    boolean heavy = known ? p.run() >= least(ship) : turnsOutHeavy(visit, least(ship));
    visit.decided();
    if (!heavy) {
      return;
    }
    if (p.isSlowAway() && take(processors)) {
      visit.take();
    } else {
      visit.leave();
    }
  }

  private double least(double ship) {
    return Math.max(leastNanos, shipFactor * ship);
  }

  private boolean take(int most) {
    if (taken.incrementAndGet() <= most) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  /** Waits until it shows what kind of computation it is of which nothing is known. */
  private boolean turnsOutHeavy(Visit visit, double least) {
    Profile p = visit.profile();
    long begin = clock.nanos();
    for (long now = begin; ; now = clock.nanos()) {
      if (p.isKnown()) {
        return p.run() >= least && !(p.forks() && unrolls(visit.depth()));
      }
      if (p.forks() && unrolls(visit.depth())) {
        return false;
      }
      if (p.elapsed(now) >= least) {
        return true;
      }
      if (p.forks() || now - begin >= PATIENCE_NANOS) {
        return false;
      }
      clock.pause(GLANCE_NANOS);
    }
  }

  /**
   * Returns whether the tasks within a computation that runs here are too small to be looked at.
   */
  public boolean isFine(Visit visit) {
    Profile p = visit.profile();
    return switch (kind) {
      case HOME -> true;
      case DEPTH, AWAY -> visit.depth() >= level;
      case AUTOMATIC, WORK -> p.isKnown() ? p.run() < leastNanos : visit.depth() >= deepest();
    };
  }

  /** Returns whether a computation of so many nanoseconds was not worth a look. */
  public boolean isLight(long nanos) {
    return nanos < LIGHT_NANOS && isByMeasure();
  }

  /** Returns whether tasks are known to be so small that they are not worth a look. */
  public boolean isLight(Profile profile) {
    return isByMeasure() && profile.isKnown() && profile.run() < LIGHT_NANOS;
  }
}
