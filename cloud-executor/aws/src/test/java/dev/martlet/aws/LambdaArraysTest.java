package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.Store;
import dev.martlet.testkit.aws.Faults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Long arrays that many calls on AWS Lambda share. */
@ExtendWith(LambdaHere.class)
@Timeout(600)
class LambdaArraysTest {
  private static final int BYTES = 9 << 20;

  private static double[] table = {};

  private record Holder(double[] inner, List<double[]> list) {}

  private static double[] numbers() {
    return new Random(5).doubles(BYTES / Double.BYTES).toArray();
  }

  @Test
  @DisplayName("an array that many calls use is brought to the store once")
  void once() throws Exception {
    double[] shared = numbers();
    double expected = Arrays.stream(shared).sum();
    LambdaHere.empty();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(3)) {
      List<Future<Double>> sums = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        sums.add(pool.submit(() -> Arrays.stream(shared).sum()));
      }
      for (Future<Double> sum : sums) {
        assertThat(sum.get()).isEqualTo(expected);
      }
      assertThat(pool.statistics().away()).isEqualTo(12);
      assertThat(pool.statistics().bytesOut()).isBetween((long) BYTES, BYTES + (1L << 20));
      assertThat(keys()).anyMatch(key -> key.contains("/data/a/"));
    }
    assertThat(keys()).noneMatch(key -> key.contains("/data/"));
  }

  /** Returns what pools have in the bucket. */
  private static List<String> keys() {
    AwsSettings settings =
        AwsSettings.read(
            Map.of(
                "region", LambdaHere.kit().region(),
                "bucket", System.getProperty("martlet.aws.bucket"),
                "s3Endpoint", System.getProperty("martlet.aws.s3Endpoint")));
    try (Store store =
        new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      return store.list("s/", "").join().items().stream().map(Store.Item::key).toList();
    }
  }

  @Test
  @DisplayName("a call sees what the array held when it was submitted, whoever has changed it")
  void changes() throws Exception {
    double[] shared = numbers();
    double[] expected = shared.clone();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 0; i < 8; i++) {
        int k = i;
        shared[i * 1000] = -i; // the client
        expected[i * 1000] = -i;
        Callable<double[]> task =
            () -> {
              shared[k * 50_000 + 1] += 7; // the task
              return new double[] {shared[k * 1000], Arrays.stream(shared).sum()};
            };
        expected[k * 50_000 + 1] += 7;
        double[] seen = pool.submit(task).get();
        assertThat(seen[0]).isEqualTo(-i);
        assertThat(seen[1]).isEqualTo(Arrays.stream(expected).sum());
        assertThat(Arrays.mismatch(shared, expected)).isEqualTo(-1);
      }
      assertThat(pool.statistics().home()).isZero();
    }
  }

  @Test
  @DisplayName("calls that write other parts of one array at the same time both win")
  void siblings() throws Exception {
    double[] shared = numbers();
    double[] expected = shared.clone();
    LambdaHere.kit().inject(Faults.none().withDuplicates(0.5));
    System.setProperty("martlet.aws.mode", "event");
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int from = i * 5_000;
        all.add(
            pool.submit(
                () -> {
                  for (int j = from; j < from + 5_000; j++) {
                    shared[j] = shared[j] * 2 + 1;
                  }
                }));
      }
      for (Future<?> f : all) {
        f.get();
      }
      double sum = pool.submit(() -> Arrays.stream(shared).sum()).get();
      for (int j = 0; j < 80_000; j++) {
        expected[j] = expected[j] * 2 + 1;
      }
      assertThat(Arrays.mismatch(shared, expected)).isEqualTo(-1);
      assertThat(sum).isEqualTo(Arrays.stream(expected).sum());
    } finally {
      System.clearProperty("martlet.aws.mode");
      LambdaHere.kit().inject(Faults.none());
    }
  }

  @Test
  @DisplayName("an array that a call has by several ways is one array there, and so is its change")
  void aliases() throws Exception {
    double[] shared = numbers();
    Holder holder = new Holder(shared, new ArrayList<>(List.of(shared)));
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 1; i <= 2; i++) {
        int k = i;
        Callable<Object[]> task =
            () -> {
              boolean same = holder.inner() == shared && holder.list().get(0) == shared;
              shared[k] = k;
              return new Object[] {same, holder.list().get(0)[k], shared};
            };
        Object[] seen = pool.submit(task).get();
        assertThat(seen[0]).isEqualTo(true);
        assertThat(seen[1]).isEqualTo((double) k);
        assertThat(seen[2]).isSameAs(shared);
        assertThat(shared[k]).isEqualTo(k);
      }
    }
  }

  @Test
  @DisplayName("a long array in a static field is brought once, and written back")
  void statics() throws Exception {
    table = numbers();
    double expected = Arrays.stream(table).sum();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 0; i < 6; i++) {
        assertThat(pool.submit(() -> Arrays.stream(table).sum()).get()).isEqualTo(expected);
      }
      assertThat(pool.statistics().bytesOut()).isBetween((long) BYTES, BYTES + (1L << 20));
      pool.submit(() -> table[3] = 42).get();
      assertThat(table[3]).isEqualTo(42);
      assertThat(pool.submit(() -> table[3]).get()).isEqualTo(42);
      assertThat(pool.statistics().home()).isZero();
    }
  }
}
