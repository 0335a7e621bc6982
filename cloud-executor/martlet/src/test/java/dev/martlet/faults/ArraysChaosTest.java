package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers are killed at random while tasks and home write to ranges of long arrays. */
class ArraysChaosTest {
  private static final int ROUNDS = Integer.getInteger("martlet.internal.chaos.rounds", 20);
  private static final int LONGEST = 700_000;

  // Those that have run something: one that is killed while it starts, again and again, is a
  // failure.
  private final Set<Long> workers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger kills = new AtomicInteger();

  @RegisterExtension final Watchdog watchdog = new Watchdog(60 + 5 * ROUNDS);

  /** Changes a range of an array in place. */
  private static void change(long[] a, int from, int to, int kind, long seed) {
    switch (kind) {
      case 0 -> Arrays.sort(a, from, to);
      case 1 -> Arrays.fill(a, from, to, seed);
      case 2 -> {
        for (int i = from; i < to; i += 1 + (int) (seed & 63)) {
          a[i] = a[i] * 31 + i;
        }
      }
      default -> {
        if (to > from) {
          a[from + (int) ((seed >>> 1) % (to - from))] ^= seed;
        }
      }
    }
  }

  private static long hash(int[] a) {
    long h = 0;
    for (int x : a) {
      h = h * 31 + x;
    }
    return h;
  }

  @Test
  @DisplayName("while workers are killed, arrays that all write to are as without workers")
  void survives() throws Exception {
    Random random = new Random(Long.getLong("martlet.internal.chaos.seed", 7));
    AtomicBoolean done = new AtomicBoolean();
    Thread killer = new Thread(() -> killUntil(done), "killer");
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(6).workers(2).retries(20).build()) {
      killer.start();
      try {
        long[][] arrays = new long[4][];
        long[][] expected = new long[4][];
        int[] reads = random.ints(200_000).toArray();
        for (int round = 0; round < ROUNDS; round++) {
          for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] == null || random.nextInt(8) == 0) {
              arrays[i] = random.longs(10_000 + random.nextInt(LONGEST)).toArray();
              expected[i] = arrays[i].clone();
            }
          }
          round(pool, random, arrays, expected, reads);
          for (int i = 0; i < arrays.length; i++) {
            assertThat(Arrays.mismatch(arrays[i], expected[i]))
                .as("round %s, array %s", round, i)
                .isEqualTo(-1);
          }
        }
        assertThat(pool.statistics().home()).isZero();
        assertThat(kills).hasValueGreaterThan(0);
      } finally {
        done.set(true);
        killer.join();
      }
    }
    Workers.awaitNone();
  }

  private void round(
      CloudExecutorService pool, Random random, long[][] arrays, long[][] expected, int[] reads)
      throws Exception {
    List<Callable<Boolean>> checks = new ArrayList<>();
    for (int i = 0; i < arrays.length; i++) {
      long[] a = arrays[i];
      int at = 0;
      while (at < a.length) {
        int from = at;
        int to = Math.min(a.length, at + 1 + random.nextInt(a.length / 3));
        int kind = random.nextInt(4);
        long seed = random.nextLong();
        change(expected[i], from, to, kind, seed);
        if (random.nextInt(4) == 0) {
          change(a, from, to, kind, seed);
        } else {
          Future<Long> f =
              pool.submit(
                  () -> {
                    change(a, from, to, kind, seed);
                    return ProcessHandle.current().pid();
                  });
          checks.add(() -> workers.add(f.get()) || true);
        }
        at = to;
      }
    }
    reads[random.nextInt(reads.length)]++;
    long hash = hash(reads);
    Future<Long> f = pool.submit(() -> hash(reads));
    checks.add(() -> f.get() == hash);
    for (Callable<Boolean> c : checks) {
      assertThat(c.call()).isTrue();
    }
  }

  private void killUntil(AtomicBoolean done) {
    Random random = new Random(42);
    while (!done.get()) {
      try {
        Thread.sleep(700);
      } catch (InterruptedException e) {
        return;
      }
      List<Long> alive =
          Workers.all().stream().map(ProcessHandle::pid).filter(workers::contains).toList();
      if (!alive.isEmpty()) {
        Workers.kill(alive.get(random.nextInt(alive.size())));
        kills.incrementAndGet();
      }
    }
  }
}
