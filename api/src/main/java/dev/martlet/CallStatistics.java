package dev.martlet;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one call. Instants are of the client's clock; one that was not reached is {@code
 * null}.
 *
 * @param id the call's number in its pool, from 1
 * @param place where it ran
 * @param reason why it ran at home; {@code null} if it ran away
 * @param queued when it was submitted
 * @param sent when it was sent to a worker (last attempt), or began at home
 * @param started when its code began
 * @param ended when its future completed
 * @param bytesOut bytes sent for the call, over all attempts
 * @param bytesIn bytes received for the call, over all attempts
 * @param attempts how often it was sent; 0 if it ran at home from the start
 * @param instance the worker of the last attempt, such as {@code local-1 (pid 4711)}; {@code null}
 *     if it ran at home
 * @param coldStart whether its worker was started for it
 * @param usage its part of what the invocations of a cloud's function used that it travelled in, as
 *     far as was heard of them before it ended, without those of calls that it has made itself;
 *     {@code null} if it was in none
 */
public record CallStatistics(
    long id,
    Place place,
    @Nullable String reason,
    Instant queued,
    @Nullable Instant sent,
    @Nullable Instant started,
    @Nullable Instant ended,
    long bytesOut,
    long bytesIn,
    int attempts,
    @Nullable String instance,
    boolean coldStart,
    @Nullable Usage usage) {

  /** Where a call ran. */
  public enum Place {
    /** On a worker. */
    AWAY,
    /** In the client JVM. */
    HOME
  }

  /** Returns the time from submission to completion, or zero if the call has not ended. */
  public Duration elapsed() {
    return ended == null ? Duration.ZERO : Duration.between(queued, ended);
  }
}
