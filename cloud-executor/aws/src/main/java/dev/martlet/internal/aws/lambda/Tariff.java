package dev.martlet.internal.aws.lambda;

import dev.martlet.Usage;
import dev.martlet.internal.aws.AwsSettings;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What invocations of one function cost. */
final class Tariff {
  private static final String CURRENCY = "USD";
  private static final BigDecimal MEGABYTES = BigDecimal.valueOf(1024);
  private static final int FREE_STORAGE = 512;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final int memory;
  private final int storage;
  private final Prices.@Nullable Price price;

  /**
   * Creates a tariff.
   *
   * @param memory of the function, in MB
   * @param storage of its {@code /tmp}, in MB
   * @param price null if there is none for its region
   */
  Tariff(int memory, int storage, Prices.@Nullable Price price) {
    this.memory = memory;
    this.storage = storage;
    this.price = price;
  }

  static Tariff of(AwsSettings settings) {
    return new Tariff(
        settings.memory(),
        settings.ephemeralStorage(),
        Prices.table().of(settings.findRegion().id(), settings.architecture()).orElse(null));
  }

  /** Returns what an invocation used, as Lambda reports it. */
  Usage usage(Report report) {
    return usage(
        false,
        report.init(),
        report.duration(),
        report.billed(),
        report.memory(),
        (long) report.used() << 20);
  }

  /** Returns what an invocation used, by its worker's own clock: Lambda's has been at it longer. */
  Usage estimate(Duration init, Duration duration, long memoryUsed) {
    long nanos = init.plus(duration).toNanos();
    long millis = (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
    return usage(true, init, duration, Duration.ofMillis(millis), memory, memoryUsed);
  }

  private Usage usage(
      boolean estimated, Duration init, Duration duration, Duration billed, int size, long used) {
    BigDecimal seconds = BigDecimal.valueOf(billed.toNanos(), 9).stripTrailingZeros();
    BigDecimal amount = seconds.multiply(gigabytes(size));
    BigDecimal cost = price(seconds, amount);
    return new Usage(
        1,
        estimated ? 1 : 0,
        init,
        duration,
        billed,
        (long) size << 20,
        used,
        amount,
        cost,
        cost == null ? null : CURRENCY);
  }

  private @Nullable BigDecimal price(BigDecimal seconds, BigDecimal amount) {
    Prices.Price p = price;
    if (p == null) {
      return null;
    }
    BigDecimal cost = amount.multiply(p.gigabyteSecond()).add(p.request());
    BigDecimal ofStorage = p.storage();
    if (storage <= FREE_STORAGE) {
      return cost;
    }
    return ofStorage == null
        ? null
        : cost.add(seconds.multiply(gigabytes(storage - FREE_STORAGE)).multiply(ofStorage));
  }

  private static BigDecimal gigabytes(int megabytes) {
    return BigDecimal.valueOf(megabytes).divide(MEGABYTES, MathContext.DECIMAL64);
  }
}
