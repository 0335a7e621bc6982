package dev.martlet.internal.worker.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.worker.host.NestedKind.StaticField;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NestedKindTest {
  private final NestedKind kind = NestedKind.of((Runnable) () -> {});

  @Test
  @DisplayName("calls are long enough to leave once they have taken long, for their size")
  void becomesLong() {
    assertThat(kind.isLong(0)).isFalse();
    kind.ran(TimeUnit.SECONDS.toNanos(1));
    assertThat(kind.isLong(1_000)).isTrue();
    assertThat(kind.isLong(1_000_000_000)).isFalse();
    for (int i = 0; i < 20; i++) {
      kind.ran(1_000);
    }
    assertThat(kind.isLong(0)).isFalse();
  }

  @Test
  @DisplayName("a static field that one call lacked goes with the next one")
  void learns() {
    StaticField field = new StaticField(1, "App", "count");
    assertThat(kind.lacks(field)).isTrue();
    assertThat(kind.lacks(field)).isFalse();
    assertThat(kind.statics()).containsExactly(field);
    assertThat(kind.home()).isNull();
  }

  @Test
  @DisplayName("calls that leave for nothing again and again stay in the end")
  void givesUp() {
    kind.vain("for once");
    kind.ranAway(1);
    assertThat(kind.home()).isNull();
    for (int i = 0; i < 100; i++) {
      kind.vain("again");
    }
    assertThat(kind.home()).isEqualTo("again");
  }
}
