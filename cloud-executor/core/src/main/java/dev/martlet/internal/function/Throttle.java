package dev.martlet.internal.function;

import java.util.ArrayDeque;

/**
 * How many invocations are under way at a time: as many as are wanted, until the cloud refuses one;
 * then additive increase, multiplicative decrease (Chiu and Jain, 1989). Refusals of invocations
 * that left before the last decrease count once. Those that find no room wait in order, those that
 * were refused first. Thread-safe.
 */
final class Throttle {
  private static final double DECREASE = 0.7;

  private final int most;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private double window;
  private int flying;
  private long epoch;

  /** Creates a throttle that lets at most so many fly at a time. */
  Throttle(int most) {
    this.most = most;
    this.window = most;
  }

  /** Has an invocation leave, now or when there is room. */
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
      if (window < most) {
        window = Math.min(most, window + 1 / window);
      }
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
    }
    depart();
  }

  /** Returns how many may fly at a time for now. */
  synchronized int window() {
    return (int) window;
  }

  private void depart() {
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
  }
}
