package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a worker sees that its client is gone. */
class PulseTest {
  private static final int NONE = -1;
  private static final int BROKEN = -2;

  private int sign;
  private int looks;
  private final Pulse pulse =
      new Pulse(
          () -> {
            looks++;
            if (sign == BROKEN) {
              throw new IOException("on purpose");
            }
            return sign == NONE ? null : ByteBuffer.allocate(4).putInt(0, sign);
          },
          0);

  private boolean isGoneAt(long seconds) {
    return pulse.isGone(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  @DisplayName("a client whose sign of life changes is there, and is looked at once a minute")
  void there() {
    for (int second = 0; second <= 900; second++) {
      sign = second / 60;
      assertThat(isGoneAt(second)).isFalse();
    }
    assertThat(looks).isEqualTo(15);
  }

  @Test
  @DisplayName("a client whose sign of life does not change for some minutes is gone")
  void gone() {
    assertThat(isGoneAt(60)).isFalse();
    assertThat(isGoneAt(120)).isFalse();
    assertThat(isGoneAt(240)).isFalse();
    assertThat(isGoneAt(300)).isTrue();
  }

  @Test
  @DisplayName("a client whose sign of life vanishes is gone, and one that never had any is not")
  void never() {
    sign = NONE;
    assertThat(isGoneAt(180)).isFalse();
    assertThat(isGoneAt(500)).isFalse();
    sign = 1;
    assertThat(isGoneAt(560)).isFalse();
    sign = NONE;
    assertThat(isGoneAt(620)).isFalse();
    assertThat(isGoneAt(900)).isTrue();
  }

  @Test
  @DisplayName("a store that cannot be read says nothing of the client")
  void broken() {
    sign = BROKEN;
    for (int second = 0; second <= 900; second += 60) {
      assertThat(isGoneAt(second)).isFalse();
    }
    sign = 1;
    assertThat(isGoneAt(960)).isFalse();
    assertThat(isGoneAt(1_100)).isFalse();
    assertThat(isGoneAt(1_200)).isTrue();
  }
}
