package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who knows of a session. */
class AudienceTest {
  private final AtomicLong now = new AtomicLong();
  private final Audience audience = new Audience(now::get);

  @Test
  @DisplayName("it suffices while no more invocations are under way than instances were told")
  void suffices() {
    assertThat(audience.suffices(1)).isFalse();
    audience.heard("a");
    audience.heard("a");
    assertThat(audience.suffices(1)).isTrue();
    assertThat(audience.suffices(2)).isFalse();
    audience.heard("b");
    assertThat(audience.suffices(2)).isTrue();
  }

  @Test
  @DisplayName("an instance that has not answered for long does not count")
  void old() {
    audience.heard("a");
    now.addAndGet(TimeUnit.MINUTES.toNanos(2));
    audience.heard("b");
    now.addAndGet(TimeUnit.MINUTES.toNanos(2));
    assertThat(audience.suffices(2)).isFalse();
    assertThat(audience.suffices(1)).isTrue();
  }

  @Test
  @DisplayName("after one that was not told, all are told again")
  void untold() {
    audience.heard("a");
    audience.heard("b");
    audience.untold();
    assertThat(audience.suffices(1)).isFalse();
  }
}
