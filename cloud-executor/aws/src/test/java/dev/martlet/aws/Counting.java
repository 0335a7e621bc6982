package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Tasks that return their numbers, and count at home how many of them there were. */
final class Counting {
  private final AtomicInteger count = new AtomicInteger();
  private final List<Future<Integer>> all = new ArrayList<>();

  /** Submits so many tasks to a pool. */
  Counting(ExecutorService pool, int tasks) {
    AtomicInteger counted = count;
    for (int i = 0; i < tasks; i++) {
      int n = i;
      all.add(
          pool.submit(
              () -> {
                counted.incrementAndGet();
                return n;
              }));
    }
  }

  /** Waits for all, none of which is to be lost or wrong. */
  void assertAnswered() throws Exception {
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).get()).isEqualTo(i);
    }
    assertOnce();
  }

  /** Also of use when the pool is closed, and nothing late can count any more. */
  void assertOnce() {
    assertThat(count).hasValue(all.size());
  }
}
