package dev.martlet.internal.streams;

import dev.martlet.internal.capture.Site;
import dev.martlet.internal.leaf.Chain;
import dev.martlet.internal.leaf.Chain.Mode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the leaves of one pipeline: which code they run, how they may travel, and what
 * they cost. Pipelines are told apart by their sinks' classes and those of the functions in them.
 * Held by the first class of the program among these, so it goes with it. Estimates are racy on
 * purpose.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // an estimate
final class LeafSite {
  private static final ClassValue<Map<List<Class<?>>, LeafSite>> SITES =
      new ClassValue<>() {
        @Override
        protected Map<List<Class<?>>, LeafSite> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private static final int MOST = 1_024;
  private static final int ENOUGH = 3;
  private static final int RETRY = 64;
  private static final int WARM = 2;
  private static final int RETRIAL = 16;
  private static final double SLOWER = 1.2;
  private static final long FIRST_SHIP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final @Nullable Class<?> host;
  private final Map<Mode, Site> sites = new EnumMap<>(Mode.class);
  private final Map<Mode, AtomicInteger> refusals = new EnumMap<>(Mode.class);
  private final AtomicInteger samples = new AtomicInteger();

  private volatile double homeNanos = Double.NaN;
  private volatile double awayNanos = Double.NaN;
  private volatile long shipNanos = FIRST_SHIP_NANOS;
  private volatile int sent;
  private volatile long sampleStart;

  private LeafSite(@Nullable Class<?> host, List<Class<?>> classes) {
    this.host = host;
    String name = name(classes);
    AtomicBoolean logged = new AtomicBoolean();
    for (Mode m : Mode.values()) {
      sites.put(m, new Site(name, logged));
      refusals.put(m, new AtomicInteger());
    }
  }

  static LeafSite of(Chain chain) {
    List<Class<?>> classes = chain.classes();
    Class<?> anchor = null;
    for (Class<?> c : classes) {
      Class<?> code = Chain.code(c);
      if (!Chain.isOfJdk(code)) {
        anchor = code;
        break;
      }
    }
    Class<?> host = anchor;
    Map<List<Class<?>>, LeafSite> sites = SITES.get(anchor == null ? Object.class : anchor);
    LeafSite known = sites.get(classes);
    if (known != null) {
      return known;
    }
    if (sites.size() >= MOST) {
      sites.clear(); // functions that are put together in ever new ways
    }
    return sites.computeIfAbsent(classes, all -> new LeafSite(host, all));
  }

  private static String name(List<Class<?>> classes) {
    for (Class<?> c : classes) {
      if (!Chain.isOfJdk(Chain.code(c))) {
        return "stream leaves with " + Site.name(c);
      }
    }
    return "stream leaves";
  }

  /** Returns the program's class whose functions the leaves run, if there is one. */
  @Nullable Class<?> host() {
    return host;
  }

  /** Returns the call site of leaves that travel in a certain way. */
  Site site(Mode mode) {
    return Objects.requireNonNull(sites.get(mode));
  }

  /** Returns how a leaf is to be sent, or {@code null} if that has failed too often. */
  @Nullable Mode mode(Chain chain, @Nullable Mode failed) {
    if (failed == null
        && isOpen(chain.mode())
        && (chain.hasStages() || chain.mode() != Mode.REPLAY)) {
      return chain.mode();
    }
    boolean replay = failed != Mode.REPLAY && chain.mode() != Mode.REPLAY && chain.hasStages();
    return replay && isOpen(Mode.REPLAY) ? Mode.REPLAY : null;
  }

  private boolean isOpen(Mode mode) {
    AtomicInteger r = refusals(mode);
    return r.get() < ENOUGH || r.incrementAndGet() % RETRY == 0;
  }

  private AtomicInteger refusals(Mode mode) {
    return Objects.requireNonNull(refusals.get(mode));
  }

  /** A leaf could not travel. */
  void refused(Mode mode) {
    refusals(mode).incrementAndGet();
  }

  /** A leaf did travel. */
  void accepted(Mode mode) {
    AtomicInteger r = refusals(mode);
    if (r.get() != 0) {
      r.set(0);
    }
  }

  /* ---------------- Cost ---------------- */

  /** Returns how long an element takes, or NaN if that is not known. */
  double elementNanos() {
    double home = homeNanos;
    return Double.isNaN(home) ? awayNanos : home;
  }

  /** Elements were run at home. */
  void ran(long elements, long nanos) {
    if (elements > 0) {
      homeNanos = average(homeNanos, (double) nanos / elements);
    }
  }

  /**
   * A leaf was away, and back.
   *
   * @param nanos how long that took
   * @param runNanos for how much of it the leaf was running
   */
  void went(long elements, long nanos, long runNanos) {
    // The first ones wait for a worker's start and for code, and measure nothing.
    if (++sent > WARM) {
      if (elements > 0) {
        awayNanos = average(awayNanos, (double) runNanos / elements);
      }
      long now = Math.max(0, nanos - runNanos);
      long known = shipNanos;
      shipNanos = now < known ? now : known + (now - known) / 8;
    }
  }

  private static double average(double known, double now) {
    return Double.isNaN(known) ? now : known + (now - known) / 4;
  }

  /** Returns how long it takes to ship a leaf there and back. */
  long shipNanos() {
    return shipNanos;
  }

  /** Returns whether elements take longer away than at home; now and then that is tried again. */
  boolean isSlowAway(long elements) {
    return awayNanos + (double) shipNanos / elements > SLOWER * homeNanos && ++sent % RETRIAL != 0;
  }

  /** Begins one of the few first leaves that run at home to be measured. */
  boolean beginSample(int most) {
    if (samples.incrementAndGet() > most) {
      samples.decrementAndGet();
      return false;
    }
    sampleStart = System.nanoTime();
    return true;
  }

  void endSample() {
    samples.decrementAndGet();
  }

  /** Returns how long the youngest of these has been running. */
  long sampleNanos() {
    return System.nanoTime() - sampleStart;
  }
}
