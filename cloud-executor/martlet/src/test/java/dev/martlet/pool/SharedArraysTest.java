package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.Effects;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long arrays that many tasks need. */
@Timeout(120)
class SharedArraysTest {
  private static final int N = 1_000_000;
  private static final long WHOLE = 8L * N;
  private static final long LITTLE = 100_000;

  // What a range that was changed may bring along at its ends, and a request itself.
  private static final long AROUND = 3 << 16;

  private static long[] everybodys = {};

  private CloudExecutorService pool = pool(4, 1);

  private static CloudExecutorService pool(int parallelism, int workers) {
    return CloudExecutors.builder().parallelism(parallelism).workers(workers).strict(true).build();
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private long sent(Callable<?> action) throws Exception {
    long before = pool.statistics().bytesOut();
    action.call();
    return pool.statistics().bytesOut() - before;
  }

  private long sum(long[] array) throws Exception {
    return pool.submit(() -> Arrays.stream(array).sum()).get();
  }

  @Test
  @DisplayName("an array that has not changed is not sent again")
  void unchanged() throws Exception {
    long[] array = new Random(1).longs(N).toArray();
    long sum = Arrays.stream(array).sum();
    assertThat(sent(() -> assertThat(sum(array)).isEqualTo(sum))).isGreaterThan(WHOLE);
    assertThat(sent(() -> assertThat(sum(array)).isEqualTo(sum))).isLessThan(LITTLE);
  }

  @Test
  @DisplayName("of an array that changed at home about what changed is sent")
  void changedAtHome() throws Exception {
    long[] array = new Random(1).longs(N).toArray();
    sum(array);
    for (int from : new int[] {0, 300_000, N - 20_000}) {
      Arrays.fill(array, from, from + 20_000, from);
      long sum = Arrays.stream(array).sum();
      assertThat(sent(() -> assertThat(sum(array)).isEqualTo(sum)))
          .isBetween(20_000L * 8, 20_000L * 8 + AROUND);
    }
  }

  @Test
  @DisplayName("of an array that a task changed about what changed is sent to other workers")
  void changedByTask() throws Exception {
    pool.close();
    pool = pool(2, 2);
    long[] array = new Random(1).longs(N).toArray();
    both(array);
    long out =
        sent(
            () -> {
              pool.submit(() -> Arrays.fill(array, 500_000, 520_000, 7)).get();
              assertThat(array[510_000]).isEqualTo(7);
              both(array);
              return null;
            });
    assertThat(out).isLessThan(2 * (20_000 * 8 + AROUND));
  }

  /** Has two tasks at a time, and so both workers, sum the array up. */
  private void both(long[] array) throws Exception {
    long sum = Arrays.stream(array).sum();
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(pool.submit(() -> Arrays.stream(array).sum()));
    }
    for (Future<Long> f : all) {
      assertThat(f.get()).isEqualTo(sum);
    }
  }

  @Test
  @DisplayName("an array that many tasks need goes to each worker once")
  void onceAWorker() throws Exception {
    pool.close();
    pool = pool(8, 2);
    long[] array = new Random(1).longs(N).toArray();
    long sum = Arrays.stream(array).sum();
    long out =
        sent(
            () -> {
              List<Future<Long>> all = new ArrayList<>();
              for (int i = 0; i < 64; i++) {
                int from = i * (N / 64);
                int to = from + N / 64;
                all.add(pool.submit(() -> Arrays.stream(array, from, to).sum()));
              }
              long got = 0;
              for (Future<Long> f : all) {
                got += f.get();
              }
              assertThat(got).isEqualTo(sum);
              return null;
            });
    assertThat(out).isLessThan(2 * WHOLE + LITTLE);
  }

  @Test
  @DisplayName("ranges that tasks sort in place come back, whoever else writes beside them")
  void inPlace() throws Exception {
    pool.close();
    pool = pool(8, 2);
    long[] array = new Random(1).longs(N).toArray();
    long[] expected = array.clone();
    List<Future<?>> all = new ArrayList<>();
    int step = N / 50;
    for (int from = 0; from < N; from += 2 * step) {
      int start = from;
      all.add(pool.submit(() -> Arrays.sort(array, start, start + step)));
      Arrays.fill(array, from + step, from + 2 * step, from);
      Arrays.sort(expected, from, from + step);
      Arrays.fill(expected, from + step, from + 2 * step, from);
    }
    for (Future<?> f : all) {
      f.get();
    }
    assertThat(Arrays.mismatch(array, expected)).isEqualTo(-1);
  }

  @Test
  @DisplayName("a shorter array is sent twice at most")
  void shorter() throws Exception {
    long[] array = new Random(1).longs(40_000).toArray();
    long sum = Arrays.stream(array).sum();
    for (int i = 0; i < 2; i++) {
      assertThat(sum(array)).isEqualTo(sum);
    }
    assertThat(sent(() -> assertThat(sum(array)).isEqualTo(sum))).isLessThan(10_000);
  }

  @Test
  @DisplayName("arrays of every primitive type are changed in place, by one call after another")
  void types() throws Exception {
    int n = 5_000_000;
    boolean[] z = new boolean[n];
    byte[] b = new byte[n];
    short[] s = new short[n];
    char[] c = new char[n];
    int[] i = new int[n];
    long[] l = new long[n];
    float[] f = new float[n];
    double[] d = new double[n];
    f[17] = Float.NaN;
    d[18] = -0.0;
    for (int round = 1; round <= 3; round++) {
      int at = round * 1_000_003;
      byte v = (byte) round;
      pool.submit(
              () -> {
                z[at] = !z[at - 1_000_003];
                b[at] = (byte) (b[at - 1_000_003] + v);
                s[at] = (short) (s[at - 1_000_003] + v);
                c[at] = (char) (c[at - 1_000_003] + v);
                i[at] = i[at - 1_000_003] + v;
                l[at] = l[at - 1_000_003] + v;
                f[at] = Float.isNaN(f[17]) ? f[at - 1_000_003] + v : 0;
                d[at] = 1 / d[18] < 0 ? d[at - 1_000_003] + v : 0;
              })
          .get();
      int all = round * (round + 1) / 2;
      assertThat(z[at]).isEqualTo(round % 2 == 1);
      assertThat(List.of((int) b[at], (int) s[at], (int) c[at], i[at], (int) l[at]))
          .containsOnly(all);
      assertThat(f[at]).isEqualTo(all);
      assertThat(d[at]).isEqualTo(all);
    }
    assertThat(sent(() -> pool.submit(() -> z[5] ? b[5] : s[5] + c[5] + i[5]).get()))
        .isLessThan(LITTLE);
  }

  @Test
  @DisplayName("an array in a static field is not sent again either")
  void statics() throws Exception {
    everybodys = new Random(1).longs(N).toArray();
    long sum = Arrays.stream(everybodys).sum();
    Callable<Long> task = () -> Arrays.stream(everybodys).sum();
    assertThat(pool.submit(task).get()).isEqualTo(sum);
    assertThat(sent(() -> assertThat(pool.submit(task).get()).isEqualTo(sum))).isLessThan(LITTLE);
    everybodys[3]++;
    assertThat(pool.submit(task).get()).isEqualTo(sum + 1);
    pool.submit(() -> everybodys[4]++).get();
    assertThat(pool.submit(task).get()).isEqualTo(sum + 2);
    everybodys = new long[0];
  }

  @Test
  @DisplayName("without effects a task still has an array of its own")
  void withoutEffects() throws Exception {
    pool.close();
    pool = CloudExecutors.builder().parallelism(1).effects(Effects.OFF).strict(true).build();
    long[] array = new long[N];
    for (int i = 0; i < 5; i++) {
      assertThat(pool.submit(() -> ++array[7]).get()).isEqualTo(1);
    }
    assertThat(array[7]).isZero();
    assertThat(sent(() -> pool.submit(() -> array[7]).get())).isLessThan(LITTLE);
  }

  @Test
  @DisplayName("an array that is reached in two ways is one array")
  void identity() throws Exception {
    long[] array = new long[N];
    long[][] both = {array, array};
    for (int i = 1; i <= 3; i++) {
      assertThat(
              pool.submit(
                      () -> {
                        both[0][5]++;
                        return both[1] == array ? both : both.clone();
                      })
                  .get())
          .isSameAs(both);
      assertThat(array[5]).isEqualTo(i);
    }
  }

  @Test
  @DisplayName("what a task did to an array before it threw comes back")
  void threw() throws Exception {
    long[] array = new long[N];
    Future<?> f =
        pool.submit(
            () -> {
              array[N - 1] = 5;
              throw new IllegalStateException();
            });
    org.assertj.core.api.Assertions.assertThatThrownBy(f::get)
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(array[N - 1]).isEqualTo(5);
    assertThat(pool.submit(() -> array[N - 1]).get()).isEqualTo(5);
  }
}
