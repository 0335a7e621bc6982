package dev.martlet.internal.function;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many invocations are under way at a time: as many as are wanted, until the cloud refuses one;
 * then additive increase, multiplicative decrease (Chiu and Jain, 1989). Refusals of invocations
 * that left before the last decrease count once. Those that find no room wait in order, those that
 * were refused first.
 *
 * <p>Invocations that take long tell nothing for long, so time is taken for an answer too: where
 * nothing was refused for a while, there is room for some more. Thread-safe.
 */
final class Throttle {
  private static final double DECREASE = 0.7;
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final double STEP = 0.03;

  private final int most;
  private final LongSupplier clock;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private double window;
  private int flying;
  private long epoch;
  private long lastChange;

  /** Threads that let others depart: what they are told meanwhile they see when they go on. */
  @SuppressWarnings("ThreadLocalUsage") // removed on the way out
  private final ThreadLocal<Boolean> departing = ThreadLocal.withInitial(() -> false);

  /**
   * Creates a throttle.
   *
   * @param most how many fly at a time at most
   * @param clock counts nanoseconds
   */
  Throttle(int most, LongSupplier clock) {
    this.most = most;
    this.clock = clock;
    this.window = most;
  }

  /** Has an invocation leave, now or when there is room. It must not throw. */
  void enter(Runnable departure) {
    synchronized (this) {
      waiting.addLast(departure);
    }
    depart();
  }

  /** As {@link #enter}, before all that wait. */
  void enterAgain(Runnable departure) {
    synchronized (this) {
      waiting.addFirst(departure);
    }
    depart();
  }

  /** Returns the number of the current decrease, which an invocation that leaves keeps. */
  synchronized long epoch() {
    return epoch;
  }

  /** An invocation is back. */
  void returned() {
    synchronized (this) {
      flying--;
      widen(1 / window);
    }
    depart();
  }

  /** One that was to leave did not. */
  void stayed() {
    synchronized (this) {
      flying--;
    }
    depart();
  }

  /**
   * The cloud has refused an invocation.
   *
   * @param since the epoch when it left
   */
  void refused(long since) {
    synchronized (this) {
      flying--;
      if (since == epoch) {
        epoch++;
        window = Math.max(1, Math.min(window, flying + 1) * DECREASE);
      }
      lastChange = clock.getAsLong();
    }
    depart();
  }

  /** To be called now and then while there is room wanted. */
  void tick() {
    synchronized (this) {
      long now = clock.getAsLong();
      if (window >= most || now - lastChange < STEP_NANOS) {
        return;
      }
      lastChange = now;
      widen(Math.max(1, window * STEP));
    }
    depart();
  }

  private void widen(double by) {
    window = Math.min(most, window + by);
  }

  /** Returns how many may fly at a time for now. */
  synchronized int window() {
    return (int) window;
  }

  /** Returns whether it holds nobody back. */
  synchronized boolean isOpen() {
    return window >= most;
  }

  private void depart() {
    if (departing.get()) {
      return; // Further up on this stack the loop goes on.
    }
    departing.set(true);
    try {
      for (; ; ) {
        Runnable next;
        synchronized (this) {
          if (flying >= (int) window || waiting.isEmpty()) {
            return;
          }
          flying++;
          next = waiting.removeFirst();
        }
        next.run();
      }
    } finally {
      departing.remove();
    }
  }
}
