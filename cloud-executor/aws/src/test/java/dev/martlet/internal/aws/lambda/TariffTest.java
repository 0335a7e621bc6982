package dev.martlet.internal.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.Usage;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What invocations cost. */
class TariffTest {
  private static final Prices PRICES = Prices.table();

  private static Tariff tariff(int memory, int storage, String region) {
    return new Tariff(memory, storage, PRICES.of(region, "x86_64").orElse(null));
  }

  private static Report report(long billedMillis, int memory) {
    return new Report(
        "id",
        Duration.ofMillis(billedMillis),
        Duration.ofMillis(billedMillis),
        Duration.ZERO,
        memory,
        100);
  }

  @Test
  @DisplayName("an invocation costs its memory by its billed time, and its request")
  void oneInvocation() {
    Usage usage = tariff(2048, 512, "eu-west-1").usage(report(2_000, 2048));
    assertThat(usage.gigabyteSeconds()).isEqualByComparingTo("4");
    assertThat(usage.price()).isEqualByComparingTo("0.0000668668");
    assertThat(usage.currency()).isEqualTo("USD");
    assertThat(usage.memorySize()).isEqualTo(2048L << 20);
    assertThat(usage.memoryUsed()).isEqualTo(100L << 20);
    assertThat(usage.estimated()).isZero();
  }

  @Test
  @DisplayName("room in /tmp beyond what is free costs, too")
  void storage() {
    assertThat(tariff(1024, 512 + 2048, "us-east-1").usage(report(1_000, 1024)).price())
        .isEqualByComparingTo("0.0000169285"); // 166667 + 2000 + 2 * 309
    assertThat(tariff(1024, 1024, "me-central-1").usage(report(1_000, 1024)).price()).isNull();
  }

  @Test
  @DisplayName("a million invocations cost a million times as much as one, to the last digit")
  void sum() {
    Usage one = tariff(1769, 512, "us-east-1").usage(report(1, 1769));
    Usage sum = one;
    for (int i = 1; i < 1_000_000; i++) {
      sum = sum.plus(one);
    }
    assertThat(sum.invocations()).isEqualTo(1_000_000);
    assertThat(sum.gigabyteSeconds()).isEqualByComparingTo("1727.5390625");
    assertThat(sum.price()).isEqualByComparingTo("0.22879237529296875");
  }

  @Test
  @DisplayName("what is estimated is the worker's time with the instance's start, and marked so")
  void estimate() {
    Usage usage =
        tariff(1024, 512, "eu-west-1")
            .estimate(Duration.ofMillis(300), Duration.ofNanos(1_000_001), 7);
    assertThat(usage.billed()).isEqualTo(Duration.ofMillis(302));
    assertThat(usage.gigabyteSeconds()).isEqualByComparingTo("0.302");
    assertThat(usage.init()).isEqualTo(Duration.ofMillis(300));
    assertThat(usage.memoryUsed()).isEqualTo(7);
    assertThat(usage.estimated()).isEqualTo(1);
  }

  @Test
  @DisplayName("a region that is not in the table has usage and no price")
  void elsewhere() {
    Usage mars = tariff(1024, 512, "mars-north-1").usage(report(1_000, 1024));
    assertThat(mars.gigabyteSeconds()).isEqualByComparingTo("1");
    assertThat(mars.price()).isNull();
    assertThat(mars.currency()).isNull();
    assertThat(mars.plus(mars).price()).isNull();
  }

  @Test
  @DisplayName("the table has its date, and nothing for regions that it does not know")
  void table() {
    assertThat(PRICES.date()).isAfter(LocalDate.of(2026, 1, 1));
    assertThat(PRICES.of("eu-central-2", "arm64")).isPresent();
    assertThat(PRICES.of("mars-north-1", "x86_64")).isEmpty();
  }

  @Test
  @DisplayName("the last report of a log counts, and a log without one is no report")
  void reports() {
    String report =
        "REPORT RequestId: %s\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\t"
            + "Max Memory Used: 50 MB\t\n";
    assertThat(Report.ofLog(String.format(report, "forged") + String.format(report, "own")))
        .map(Report::id)
        .isEqualTo(Optional.of("own"));
    assertThat(Report.ofLog("hello")).isEmpty();
    assertThat(Report.ofLogTail("%%%")).isEmpty();
  }
}
