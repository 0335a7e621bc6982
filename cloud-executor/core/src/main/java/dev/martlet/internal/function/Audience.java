package dev.martlet.internal.function;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The instances that have been told of the session: while there are as many as invocations are
 * under way, a cloud that keeps instances in use will hardly take another one, and what they know
 * need not travel. If it does, it says so, and the invocation is sent again. Thread-safe.
 */
final class Audience {
  // Clouds keep idle instances longer than that.
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(3);

  private final LongSupplier clock;
  private final Map<String, Long> told = new LinkedHashMap<>();

  /**
   * Creates an audience of none.
   *
   * @param clock counts nanoseconds
   */
  Audience(LongSupplier clock) {
    this.clock = clock;
  }

  /** An instance that was told has answered. */
  synchronized void heard(String instance) {
    told.remove(instance);
    told.put(instance, clock.getAsLong());
  }

  /** An instance was not told: those that were seem to be gone. */
  synchronized void untold() {
    told.clear();
  }

  /** Returns whether so many invocations at a time probably find instances that were told. */
  synchronized boolean suffices(int invocations) {
    if (told.size() < invocations) {
      return false;
    }
    long now = clock.getAsLong();
    Iterator<Long> eldest = told.values().iterator();
    while (eldest.hasNext() && now - eldest.next() > KEPT_NANOS) {
      eldest.remove();
    }
    return told.size() >= invocations;
  }
}
