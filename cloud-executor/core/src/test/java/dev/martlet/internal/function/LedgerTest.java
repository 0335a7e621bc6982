package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** How what an invocation used is divided among its calls. */
class LedgerTest {
  private static Usage whole(long nanos, BigDecimal amount) {
    return new Usage(
        1,
        0,
        Duration.ofMillis(250),
        Duration.ofNanos(nanos),
        Duration.ofNanos(nanos + 7),
        1 << 30,
        1 << 20,
        amount,
        amount.multiply(new BigDecimal("0.0000166667")),
        "USD");
  }

  @Property(tries = 200)
  @Label("parts add up to the whole exactly")
  void exact(
      @ForAll @LongRange(min = 0, max = 900_000_000_000L) long nanos,
      @ForAll @LongRange(min = 0, max = 1L << 50) long amount,
      @ForAll @Size(min = 1, max = 40) List<@LongRange(min = 0, max = 900_000_000_000L) Long> ran) {
    Usage whole = whole(nanos, BigDecimal.valueOf(amount, 19));
    long[] weights = ran.stream().mapToLong(n -> n).toArray();
    List<Usage> parts = Ledger.divide(whole, weights);
    Usage sum = parts.stream().reduce(Usage::plus).orElseThrow();
    assertThat(sum)
        .usingComparatorForType(BigDecimal::compareTo, BigDecimal.class)
        .usingRecursiveComparison()
        .isEqualTo(whole);
    for (Usage part : parts) {
      assertThat(part.gigabyteSeconds()).isNotNegative();
      assertThat(part.duration()).isGreaterThanOrEqualTo(Duration.ZERO);
    }
  }

  @Example
  @Label("parts are as the times that calls ran, and the first that ran has the rest and the start")
  void inProportion() {
    List<Usage> parts = Ledger.divide(whole(1_000, BigDecimal.TEN), new long[] {0, 1, 2, 0, 4});
    assertThat(parts)
        .extracting(p -> p.duration().toNanos())
        .containsExactly(0L, 144L, 285L, 0L, 571L);
    assertThat(parts).extracting(Usage::invocations).containsExactly(0L, 1L, 0L, 0L, 0L);
    assertThat(parts).extracting(p -> p.init().toMillis()).containsExactly(0L, 250L, 0L, 0L, 0L);
  }
}
