package dev.martlet.internal.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What calls cost. */
class CostTest {
  private static final Prices PRICES = Prices.table();

  private static Usage usage(long billedMillis, int memory, long initMillis) {
    return new Usage(
        "id",
        Duration.ofMillis(billedMillis),
        Duration.ofMillis(billedMillis),
        Duration.ofMillis(initMillis),
        memory,
        100);
  }

  @Test
  @DisplayName("a call costs its memory by its billed time, and its request")
  void oneCall() {
    Cost cost = Cost.of(usage(2_000, 2048, 0), PRICES.of("eu-west-1", "x86_64").orElseThrow());
    assertThat(cost.gigabyteSeconds()).isEqualByComparingTo("4");
    assertThat(cost.dollars()).isEqualByComparingTo("0.0000668668");
    assertThat(cost.cold()).isZero();
  }

  @Test
  @DisplayName("costs add up")
  void sum() {
    Prices.Price price = PRICES.of("us-east-1", "arm64").orElseThrow();
    Cost sum = Cost.NONE;
    for (int i = 0; i < 1_000_000; i++) {
      sum = sum.plus(Cost.of(usage(1, 1024, i == 0 ? 200 : 0), price));
    }
    assertThat(sum.invocations()).isEqualTo(1_000_000);
    assertThat(sum.cold()).isEqualTo(1);
    assertThat(sum.gigabyteSeconds()).isEqualByComparingTo("1000");
    assertThat(sum.dollars()).isEqualByComparingTo(new BigDecimal("0.2133334"));
  }

  @Test
  @DisplayName("the table has its date, and nothing for regions that it does not know")
  void table() {
    assertThat(PRICES.date()).isAfter(LocalDate.of(2026, 1, 1));
    assertThat(PRICES.of("mars-north-1", "x86_64")).isEmpty();
  }

  @Test
  @DisplayName("the last report of a log counts, and a log without one is no usage")
  void reports() {
    String report =
        "REPORT RequestId: %s\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\t"
            + "Max Memory Used: 50 MB\t\n";
    assertThat(Usage.ofLog(String.format(report, "forged") + String.format(report, "own")))
        .map(Usage::id)
        .isEqualTo(Optional.of("own"));
    assertThat(Usage.ofLog("hello")).isEmpty();
    assertThat(Usage.ofLogTail("%%%")).isEmpty();
  }
}
