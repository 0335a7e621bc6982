package dev.martlet.internal.aws.lambda;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * What invocations cost, and why.
 *
 * @param invocations how many there were
 * @param cold how many of them started an instance
 * @param gigabyteSeconds memory by billed time
 * @param dollars the price; zero if there is no price for the region
 */
public record Cost(long invocations, long cold, BigDecimal gigabyteSeconds, BigDecimal dollars) {
  /** Nothing. */
  public static final Cost NONE = new Cost(0, 0, BigDecimal.ZERO, BigDecimal.ZERO);

  private static final BigDecimal MEGABYTES = BigDecimal.valueOf(1024);

  /** Returns the cost of one invocation. */
  public static Cost of(Usage usage, Prices.Price price) {
    BigDecimal seconds = BigDecimal.valueOf(usage.billed().toNanos(), 9);
    BigDecimal amount =
        seconds.multiply(
            BigDecimal.valueOf(usage.memory()).divide(MEGABYTES, MathContext.DECIMAL64));
    return new Cost(
        1,
        usage.isCold() ? 1 : 0,
        amount,
        amount.multiply(price.gigabyteSecond()).add(price.request()));
  }

  /** Returns the sum of both. */
  public Cost plus(Cost other) {
    return new Cost(
        invocations + other.invocations,
        cold + other.cold,
        gigabyteSeconds.add(other.gigabyteSeconds),
        dollars.add(other.dollars));
  }
}
