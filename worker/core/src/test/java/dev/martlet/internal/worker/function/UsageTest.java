package dev.martlet.internal.worker.function;

import static dev.martlet.internal.worker.function.MemoryFunctions.ESTIMATED;
import static dev.martlet.internal.worker.function.MemoryFunctions.REPORTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.Usage;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.function.Weather.Day;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.spi.Platform;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What invocations used is heard of, and told to those that used it. */
@Timeout(60)
class UsageTest {
  private final MemoryStore store = new MemoryStore();

  private MemoryFunctions cloud(Weather weather) {
    return new MemoryFunctions(store, weather, Clouds.LONGEST_RUN, Integer.MAX_VALUE);
  }

  private Platform open(MemoryFunctions functions, String mode) {
    return Clouds.open(functions, store, Map.of("mode", mode), Duration.ofMinutes(1));
  }

  private static void assertSum(Usage sum, Usage one, long times) {
    assertThat(sum).isNotNull();
    assertThat(sum.invocations()).isEqualTo(times);
    assertThat(sum.estimated()).isEqualTo(one.estimated() * times);
    assertThat(sum.billed()).isEqualTo(one.billed().multipliedBy(times));
    BigDecimal n = BigDecimal.valueOf(times);
    assertThat(sum.gigabyteSeconds()).isEqualByComparingTo(one.gigabyteSeconds().multiply(n));
    assertThat(sum.price()).isEqualByComparingTo(one.price().multiply(n));
  }

  @Test
  @DisplayName("calls that share invocations have parts of them that add up to all, exactly")
  void shared() throws Exception {
    MemoryFunctions functions = cloud(Weather.fine());
    try (Platform p = open(functions, "response")) {
      assertThat(p.usage()).isNull();
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        all.add(Probe.invoke(p, i % 2, Probe.payload(EchoHost.ECHO, (byte) i)));
      }
      Usage sum = null;
      for (Heard h : all) {
        h.response();
        for (Usage u : h.usages) {
          sum = sum == null ? u : sum.plus(u);
        }
      }
      assertThat(functions.invocations.get()).isLessThan(500);
      assertSum(sum, REPORTED, functions.invocations.get());
      assertSum(p.usage(), REPORTED, functions.invocations.get());
    }
  }

  @Test
  @DisplayName("what the cloud does not report its worker estimates, invoked or submitted")
  void estimated() throws Exception {
    for (String mode : List.of("response", "event")) {
      MemoryFunctions functions = cloud(Weather.fine());
      functions.reports = false;
      try (Platform p = open(functions, mode)) {
        Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
        h.response();
        assertThat(h.usages).containsExactly(ESTIMATED);
        assertSum(p.usage(), ESTIMATED, 1);
      }
    }
  }

  @Test
  @DisplayName("an invocation that ended its instance is counted once, with its call")
  void crashed() throws Exception {
    try (Platform p = open(cloud(Weather.fine()), "response")) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.NO_MEMORY));
      h.lost();
      assertThat(h.usages).containsExactly(REPORTED);
      assertSum(p.usage(), REPORTED, 1);
    }
  }

  @Test
  @DisplayName("an event that the cloud delivers twice counts twice, and its call has one of them")
  void twice() throws Exception {
    try (Platform p = open(cloud(new Weather(1).chance(Day.TWICE, 1)), "event")) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO));
      h.response();
      Heard other = Probe.invoke(p, 1, Probe.number(EchoHost.SLEEP, 500)); // somebody looks
      await().until(() -> p.usage() != null && p.usage().invocations() >= 2);
      assertThat(h.usages).containsExactly(ESTIMATED);
      other.response();
    }
  }

  @Test
  @DisplayName("a call that runs out of time counts once, by what the cloud reports of its end")
  void outOfTime() throws Exception {
    MemoryFunctions functions =
        new MemoryFunctions(store, Weather.fine(), Duration.ofMillis(400), Integer.MAX_VALUE);
    try (Platform p = open(functions, "response")) {
      Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK)).lost();
      await().until(() -> p.usage() != null);
      assertSum(p.usage(), REPORTED, 1);
    }
  }
}
