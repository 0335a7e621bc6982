package dev.martlet;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What invocations of a cloud's function used, and their list price, without free amounts and
 * discounts. An invocation that several calls shared is divided among them so that the parts add up
 * to it exactly: its time, its gigabyte-seconds and its price by how long each of them ran, what
 * cannot be divided with the first of them.
 *
 * @param invocations how many there were
 * @param estimated how many of them the cloud has not reported, so that their workers' own clocks
 *     stand in for what is billed
 * @param init how long instances took to start
 * @param duration how long the function ran
 * @param billed for how long it costs
 * @param memorySize the function's memory in bytes
 * @param memoryUsed the most memory that an instance used in bytes, since it was started; 0 if that
 *     is not known
 * @param gigabyteSeconds memory by billed time
 * @param price what it costs; {@code null} if there is no price for where the function is
 * @param currency the currency of the price, such as {@code USD}; {@code null} if there is none
 */
public record Usage(
    long invocations,
    long estimated,
    Duration init,
    Duration duration,
    Duration billed,
    long memorySize,
    long memoryUsed,
    BigDecimal gigabyteSeconds,
    @Nullable BigDecimal price,
    @Nullable String currency) {

  /**
   * Returns the sum of both; of memory it is the larger one. There is a price if both have one, in
   * one currency.
   */
  public Usage plus(Usage other) {
    BigDecimal cost = null;
    if (price != null && other.price != null && Objects.equals(currency, other.currency)) {
      cost = price.add(other.price);
    }
    return new Usage(
        invocations + other.invocations,
        estimated + other.estimated,
        init.plus(other.init),
        duration.plus(other.duration),
        billed.plus(other.billed),
        Math.max(memorySize, other.memorySize),
        Math.max(memoryUsed, other.memoryUsed),
        gigabyteSeconds.add(other.gigabyteSeconds),
        cost,
        cost == null ? null : currency);
  }
}
