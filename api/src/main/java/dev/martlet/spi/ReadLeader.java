package dev.martlet.spi;

import java.util.function.BooleanSupplier;

/**
 * Lets a thread that waits for a call read the lines itself, which saves the wake-up of another
 * thread. A platform that reads lines implements it.
 */
public interface ReadLeader {
  /**
   * Reads, or waits for its turn to read, until a condition holds, the time is up, or the thread is
   * interrupted, which is left for the caller to see. May also return early for no reason.
   * Listeners of any call may be called on this thread. Whoever makes the condition true shall
   * {@linkplain java.util.concurrent.locks.LockSupport#unpark unpark} the waiting thread.
   *
   * @param nanos how long at most
   * @param done evaluated by the calling thread only
   * @return whether the condition holds
   */
  boolean help(long nanos, BooleanSupplier done);
}
