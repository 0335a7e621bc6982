package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.PoolStatistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Workers are killed at random while calls of all kinds run. {@code martlet.internal.chaos} sets
 * how many calls, and {@code martlet.internal.chaos.pause} the least milliseconds between two
 * kills.
 */
class ChaosTest {
  private static final int CALLS = Integer.getInteger("martlet.internal.chaos", 10_000);
  private static final int PAUSE = Integer.getInteger("martlet.internal.chaos.pause", 600);
  private static final int PROGRESS = 100;
  private static final int STARTED_SECONDS = 2;
  private static final int KINDS = 5;
  private static final int BATCH = 1_000;

  @RegisterExtension final Watchdog watchdog = new Watchdog(60 + CALLS / 50);

  /** What calls change. */
  private static final class Shared {
    final AtomicInteger counter = new AtomicInteger();
    final LongAdder adder = new LongAdder();
    final ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
    final Map<String, Integer> printed = new ConcurrentHashMap<>();
    final AtomicInteger ended = new AtomicInteger();
  }

  @Test
  @DisplayName("while workers are killed, every result is right and each effect happens once")
  void survives() throws Exception {
    Shared shared = new Shared();
    CallListener listener =
        new CallListener() {
          @Override
          public void ended(CallStatistics call) {
            shared.ended.incrementAndGet();
          }

          @Override
          public boolean printed(String line, boolean error) {
            shared.printed.merge(line, 1, Integer::sum);
            return true;
          }
        };
    AtomicInteger kills = new AtomicInteger();
    PoolStatistics statistics;
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(8).retries(10).listener(listener).build()) {
      AtomicBoolean done = new AtomicBoolean();
      Thread killer = new Thread(() -> killUntil(done, kills, shared.ended), "killer");
      killer.start();
      try {
        for (int from = 0; from < CALLS; from += BATCH) {
          batch(pool, shared, from, Math.min(CALLS, from + BATCH));
        }
      } finally {
        done.set(true);
        killer.join();
      }
      statistics = pool.statistics();
    }
    int each = CALLS / KINDS;
    assertThat(shared.counter).hasValue(each);
    assertThat(shared.adder.sum()).isEqualTo(sum());
    assertThat(shared.map.values().stream().mapToInt(i -> i).sum()).isEqualTo(each);
    assertThat(shared.map).hasSize(Math.min(each, 10));
    assertThat(shared.printed).hasSize(each).allSatisfy((line, n) -> assertThat(n).isEqualTo(1));
    assertThat(kills).hasValueGreaterThan(0);
    assertThat(statistics.home()).isZero();
    assertThat(statistics.away()).isEqualTo(CALLS);
    assertThat(statistics.failed()).isEqualTo(each);
    System.out.println(
        CALLS + " calls, " + kills + " kills, " + statistics.retried() + " calls run again");
    Workers.awaitNone();
  }

  private static long sum() {
    long sum = 0;
    for (int i = 0; i < CALLS; i++) {
      sum += i % KINDS == 2 ? i : 0;
    }
    return sum;
  }

  /**
   * Kills workers as long as calls go on: a busy machine must not spend its time starting them.
   * Every other time it spares those that start, of which three in a row count as a failure.
   */
  private static void killUntil(AtomicBoolean done, AtomicInteger kills, AtomicInteger ended) {
    Random random = new Random(42);
    int before = 0;
    while (!done.get()) {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
      Instant young = Instant.now().minusSeconds(kills.get() % 2 == 0 ? 0 : STARTED_SECONDS);
      if (ended.get() - before >= PROGRESS && Workers.killOne(random, young)) {
        before = ended.get();
        kills.incrementAndGet();
      }
    }
  }

  private static void batch(CloudExecutorService pool, Shared shared, int from, int to)
      throws Exception {
    long[] slots = new long[to - from];
    List<Future<?>> all = new ArrayList<>();
    for (int i = from; i < to; i++) {
      all.add(submit(pool, shared, slots, i, i - from));
    }
    for (int i = from; i < to; i++) {
      Future<?> future = all.get(i - from);
      switch (i % KINDS) {
        case 0 -> assertThat((Object) future.get()).isEqualTo(Tasks.spin(i));
        case 1 -> {
          assertThat((Object) future.get()).isNull();
          assertThat(slots[i - from]).isEqualTo(Tasks.spin(i));
        }
        case 3 -> {
          ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
          assertThat(e.getCause()).isInstanceOf(IllegalStateException.class).hasMessage("of " + i);
        }
        default -> assertThat((Object) future.get()).isNull();
      }
    }
  }

  private static Future<?> submit(
      CloudExecutorService pool, Shared shared, long[] slots, int i, int at) {
    return switch (i % KINDS) {
      case 0 -> pool.submit(() -> Tasks.spin(i));
      case 1 ->
          pool.submit(
              () -> {
                slots[at] = Tasks.spin(i);
              });
      case 2 -> {
        AtomicInteger counter = shared.counter;
        LongAdder adder = shared.adder;
        ConcurrentHashMap<String, Integer> map = shared.map;
        yield pool.submit(
            () -> {
              counter.incrementAndGet();
              adder.add(i);
              map.merge("key " + i / KINDS % 10, 1, Integer::sum);
            });
      }
      case 3 ->
          pool.submit(
              () -> {
                throw new IllegalStateException("of " + i);
              });
      default ->
          pool.submit(
              () -> {
                System.out.println("line " + i);
              });
    };
  }
}
