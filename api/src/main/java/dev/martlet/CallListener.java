package dev.martlet;

import java.time.Duration;

/**
 * Hears what a pool's calls do. Methods are called on Martlet's own threads, several at a time, and
 * should return soon; what they throw is logged and dropped.
 */
public interface CallListener {
  /** A call has ended: with a result, by an exception, or by cancellation. */
  default void ended(CallStatistics call) {}

  /**
   * A call will soon run out of the time that its platform allows: it has used four fifths of it.
   *
   * @param call the call's number in its pool
   * @param left how long it may go on
   */
  default void nearsTimeLimit(long call, Duration left) {}

  /**
   * A task on a worker printed a line.
   *
   * @param line the line, without its end
   * @param error whether it was printed to standard error
   * @return whether the line has been taken, so that it is not printed on the client
   */
  default boolean printed(String line, boolean error) {
    return false;
  }
}
