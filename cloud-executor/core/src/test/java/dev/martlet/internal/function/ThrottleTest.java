package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private final AtomicLong clock = new AtomicLong();
  private final Throttle throttle = new Throttle(1_000, clock::get);
  private final List<Integer> left = new ArrayList<>();

  private void enter(int from, int to) {
    for (int i = from; i < to; i++) {
      int n = i;
      throttle.enter(() -> left.add(n));
    }
  }

  @Test
  @DisplayName("as many leave as may fly, the others in order as those come back")
  void holdsBack() {
    enter(0, 1_500);
    assertThat(left).hasSize(1_000);
    for (int i = 0; i < 500; i++) {
      throttle.returned();
    }
    assertThat(left).hasSize(1_500).isSorted();
  }

  @Test
  @DisplayName("refusals shrink the window once for all that left before, and the refused go first")
  void shrinksOnce() {
    long epoch = throttle.epoch();
    enter(0, 1_000);
    for (int i = 0; i < 100; i++) {
      throttle.refused(epoch);
    }
    assertThat(throttle.window()).isEqualTo(700);
    enter(1_000, 1_002);
    throttle.enterAgain(() -> left.add(-1));
    assertThat(left).hasSize(1_000);
    for (int i = 0; i < 201; i++) {
      throttle.returned();
    }
    assertThat(left.subList(1_000, 1_001)).containsExactly(-1);
    throttle.refused(throttle.epoch());
    assertThat(throttle.window()).isLessThan(500);
  }

  @Test
  @DisplayName("the window recovers with what comes back")
  void recovers() {
    enter(0, 1_000);
    throttle.refused(throttle.epoch());
    int shrunk = throttle.window();
    for (int i = 0; i < 300_000 && throttle.window() < 1_000; i++) {
      throttle.returned();
      throttle.enter(() -> {});
    }
    assertThat(shrunk).isLessThan(1_000);
    assertThat(throttle.window()).isEqualTo(1_000);
    assertThat(throttle.isOpen()).isTrue();
  }

  @Test
  @DisplayName("the window recovers with time, where nothing comes back, but not right after")
  void recoversWithTime() {
    enter(0, 1_000);
    throttle.refused(throttle.epoch());
    int shrunk = throttle.window();
    throttle.tick();
    assertThat(throttle.window()).isEqualTo(shrunk);
    for (int i = 0; i < 20; i++) {
      clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
      throttle.tick();
    }
    assertThat(throttle.window()).isEqualTo(1_000);
  }

  @Test
  @DisplayName("one may always fly, however many are refused")
  void letsOneFly() {
    for (int i = 0; i < 100; i++) {
      AtomicInteger flown = new AtomicInteger();
      throttle.enter(flown::incrementAndGet);
      assertThat(flown).hasValue(1);
      throttle.refused(throttle.epoch());
    }
    assertThat(throttle.window()).isEqualTo(1);
  }

  @Test
  @DisplayName("those that are back before their departure is over need no stack")
  void isNotRecursive() {
    Throttle narrow = new Throttle(1, clock::get);
    AtomicInteger flown = new AtomicInteger();
    List<Runnable> held = new ArrayList<>();
    narrow.enter(() -> held.add(narrow::returned));
    for (int i = 0; i < 200_000; i++) {
      narrow.enter(
          () -> {
            flown.incrementAndGet();
            narrow.returned();
          });
    }
    assertThat(flown).hasValue(0);
    held.get(0).run();
    assertThat(flown).hasValue(200_000);
  }
}
