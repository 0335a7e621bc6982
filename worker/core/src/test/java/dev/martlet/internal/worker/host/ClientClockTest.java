package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClientClockTest {
  @Test
  @DisplayName(
      "is never ahead of the client's clock, and never goes back, however long requests take")
  void isBetween() {
    Random random = new Random(1);
    for (long ahead : new long[] {0, 1_000_000, -1_000_000, Long.MAX_VALUE - 500, Long.MIN_VALUE}) {
      ClientClock clock = new ClientClock();
      long here = random.nextLong();
      long last = here + ahead - 1_000;
      for (int i = 0; i < 100; i++) {
        long took = random.nextInt(1_000);
        long sent = here + ahead;
        here += took;
        long now = here + clock.heard(sent, here);
        assertThat(here + ahead - now).isBetween(0L, took);
        assertThat(now - last).isNotNegative();
        last = now;
      }
    }
  }
}
