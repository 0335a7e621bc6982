package dev.martlet.internal.worker.function;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** What goes wrong, by chance, but each time alike for a seed. Thread-safe. */
final class Weather {
  /** What becomes of an invocation. */
  enum Day {
    FINE,
    THROTTLED,
    /** It does not run. */
    UNAVAILABLE,
    /** It has run. */
    UNAVAILABLE_LATE,
    /** Its answer is lost. */
    CUT,
    /** It goes on, and nobody waits. */
    CUT_EARLY,
    /** Two instances run it, and one of them answers. */
    TWICE
  }

  private final Random random;
  private final Map<Day, Double> chances = new EnumMap<>(Day.class);
  private volatile double failures;
  private volatile long slowNanos;

  Weather(long seed) {
    random = new Random(seed);
  }

  static Weather fine() {
    return new Weather(0);
  }

  Weather chance(Day day, double chance) {
    chances.put(day, chance);
    return this;
  }

  /** Sets how many of the store's operations fail, and how long they take at most. */
  Weather store(double chance, long nanos) {
    failures = chance;
    slowNanos = nanos;
    return this;
  }

  synchronized Day next() {
    double d = random.nextDouble();
    for (Map.Entry<Day, Double> e : chances.entrySet()) {
      d -= e.getValue();
      if (d < 0) {
        return e.getKey();
      }
    }
    return Day.FINE;
  }

  synchronized boolean coin() {
    return random.nextBoolean();
  }

  boolean storeFails() {
    synchronized (this) {
      return failures > 0 && random.nextDouble() < failures;
    }
  }

  long storeNanos() {
    synchronized (this) {
      return slowNanos == 0 ? 0 : random.nextInt((int) slowNanos);
    }
  }
}
