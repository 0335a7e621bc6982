package dev.martlet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool's totals, and its most recent calls.
 *
 * @param submitted calls accepted
 * @param away calls that completed on a worker
 * @param home calls that completed in the client JVM
 * @param failed completed calls whose task threw, timed out or was lost
 * @param cancelled calls that were cancelled
 * @param retried attempts beyond the first
 * @param bytesOut bytes sent to workers
 * @param bytesIn bytes received from workers
 * @param coldStarts workers started
 * @param usage what all invocations of a cloud's function used that were heard of, also those of
 *     calls that were cancelled or are sent again, those that the cloud has repeated, and those of
 *     calls that calls have made elsewhere; {@code null} if there were none
 * @param recent the last calls that ended, oldest first, 1,024 at most
 */
public record PoolStatistics(
    long submitted,
    long away,
    long home,
    long failed,
    long cancelled,
    long retried,
    long bytesOut,
    long bytesIn,
    long coldStarts,
    @Nullable Usage usage,
    List<CallStatistics> recent) {

  /** Creates the statistics with an unmodifiable copy of the list. */
  public PoolStatistics {
    recent = List.copyOf(recent);
  }
}
