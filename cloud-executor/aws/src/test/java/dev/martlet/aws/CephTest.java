package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.contract.StoreContractTest;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Ceph;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.Store;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The S3 of Ceph, another one than AWS's that is in wide use, as a store and under pools. */
@ExtendWith(LambdaHere.class)
@Timeout(300)
class CephTest {
  private static final String BUCKET = "ceph";
  private static final String REGION = "us-east-1"; // in others buckets have a location

  private static @Nullable Ceph ceph;
  private static final Map<String, @Nullable String> BEFORE = new LinkedHashMap<>();

  @BeforeAll
  static void start() throws Exception {
    List<String> missing = Ceph.missing();
    if (!"required".equals(System.getenv("TEST_CEPH"))) {
      assumeTrue(missing.isEmpty(), () -> "Ceph is not installed: there is no " + missing);
    }
    assertThat(missing).isEmpty();
    ceph = Ceph.start();
    Map<String, String> properties =
        Map.of(
            "aws.accessKeyId",
            Ceph.KEY,
            "aws.secretAccessKey",
            Ceph.SECRET,
            "martlet.aws.bucket",
            BUCKET,
            "martlet.aws.s3Endpoint",
            ceph.endpoint().toString());
    properties.forEach((key, value) -> BEFORE.put(key, System.setProperty(key, value)));
    try (var client = AwsClients.s3(settings())) {
      assertThat(client.createBucket(b -> b.bucket(BUCKET)).get(60, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @AfterAll
  static void stop() {
    BEFORE.forEach(
        (key, value) -> {
          if (value == null) {
            System.clearProperty(key);
          } else {
            System.setProperty(key, value);
          }
        });
    if (ceph != null) {
      ceph.close();
    }
  }

  private static AwsSettings settings() {
    String endpoint = Objects.requireNonNull(ceph).endpoint().toString();
    return AwsSettings.read(Map.of("region", REGION, "bucket", BUCKET, "s3Endpoint", endpoint));
  }

  @Nested
  @DisplayName("as a store")
  class AsStore extends StoreContractTest {
    @Override
    protected Store newStore() {
      return new S3Store(AwsClients.s3(settings()), BUCKET, UUID.randomUUID() + "/");
    }

    @Override
    protected int bigSize() {
      return 35_000_000;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"response", "event"})
  @DisplayName("a pool on Lambda brings much and little through it, both ways, and effects once")
  void pools(String mode) throws Exception {
    byte[] much = new byte[20_000_000];
    new Random(1).nextBytes(much);
    byte[] expected = much.clone();
    expected[7] = 42;
    Counting calls;
    System.setProperty("martlet.aws.mode", mode);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(3)) {
      Callable<byte[]> task =
          () -> {
            much[7] = 42;
            return much.clone();
          };
      Future<byte[]> copy = pool.submit(task);
      calls = new Counting(pool, 60);
      calls.assertAnswered();
      assertThat(copy.get()).isEqualTo(expected);
      assertThat(much).isEqualTo(expected);
      assertThat(pool.statistics().away()).isEqualTo(61);
    } finally {
      System.clearProperty("martlet.aws.mode");
    }
    calls.assertOnce();
  }

  @Test
  @DisplayName("a pool that has ended leaves no objects but code")
  void leavesNothing() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      byte[] much = new byte[10_000_000];
      new Random(2).nextBytes(much);
      assertThat(pool.submit(() -> much[5]).get()).isEqualTo(much[5]);
    }
    try (S3Store store = new S3Store(AwsClients.s3(settings()), BUCKET, "martlet/")) {
      assertThat(store.list("", "").get(60, TimeUnit.SECONDS).items())
          .extracting(Store.Item::key)
          .isNotEmpty()
          .allMatch(key -> key.startsWith("code/"));
    }
  }
}
