package dev.martlet.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class LabTest {
  @Test
  @DisplayName("a client with a small heap has more calls under way at a time than threads by far")
  void manyAtOnce() throws Exception {
    Lab lab = new Lab(1, new Model(0.02, 0.05));
    Lab.Seen seen = lab.run(100, 1, Map.of());
    assertThat(seen.ended()).hasSize(100);
    assertThat(seen.ended()[0]).isGreaterThanOrEqualTo(1);
    assertThat(seen.threads()).isBetween(1, 32 + Runtime.getRuntime().availableProcessors());
  }
}
