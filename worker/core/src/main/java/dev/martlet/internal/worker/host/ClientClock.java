package dev.martlet.internal.worker.host;

/**
 * What {@link System#nanoTime} is on a client whose machine is another: each JVM counts from a
 * moment of its own, so a deadline that a task was given would mean nothing here.
 *
 * <p>A request says when it was sent, and came later than that. So the clock is never ahead of the
 * client's, is behind it by what the quickest of all requests took, and never goes back.
 * Thread-safe.
 */
final class ClientClock {
  private boolean known;
  private long ahead;

  /**
   * Takes note of a request.
   *
   * @param sent the client's time when it was sent
   * @param now the time here
   * @return by how much the client's time is ahead of the time here
   */
  synchronized long heard(long sent, long now) {
    long least = sent - now;
    if (!known || least - ahead > 0) {
      ahead = least;
      known = true;
    }
    return ahead;
  }
}
