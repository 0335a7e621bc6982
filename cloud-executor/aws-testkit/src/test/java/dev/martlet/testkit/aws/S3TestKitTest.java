package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3TestKitTest {
  static S3TestKit kit;
  static S3AsyncClient client;

  @BeforeAll
  static void start() {
    kit = S3TestKit.start();
    kit.createBucket("bucket");
    client = client(kit.endpoint(), kit.secretAccessKey());
  }

  static S3AsyncClient client(URI endpoint, String secret) {
    return S3AsyncClient.builder()
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .region(Region.EU_WEST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(kit.accessKeyId(), secret)))
        .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    kit.close();
  }

  @Test
  void keepsWhatIsPut() {
    client.putObject(p -> p.bucket("bucket").key("a"), AsyncRequestBody.fromString("value")).join();
    assertThat(
            client
                .getObject(g -> g.bucket("bucket").key("a"), AsyncResponseTransformer.toBytes())
                .join()
                .asUtf8String())
        .isEqualTo("value");
  }

  @Test
  void refusesToPutOverAnObjectIfNoneIsWanted() {
    client
        .putObject(
            p -> p.bucket("bucket").key("once").ifNoneMatch("*"), AsyncRequestBody.fromString("1"))
        .join();
    assertThatThrownBy(
            () ->
                client
                    .putObject(
                        p -> p.bucket("bucket").key("once").ifNoneMatch("*"),
                        AsyncRequestBody.fromString("2"))
                    .join())
        .hasCauseInstanceOf(S3Exception.class)
        .satisfies(e -> assertThat(((S3Exception) e.getCause()).statusCode()).isEqualTo(412));
  }

  @Test
  void isReachedFromADistanceToo() {
    Duration distance = Duration.ofMillis(40);
    byte[] big = new byte[2 * 1024 * 1024];
    new Random(1).nextBytes(big);
    try (S3AsyncClient far = client(kit.endpoint(distance), kit.secretAccessKey())) {
      List<CompletableFuture<?>> writes =
          IntStream.range(0, 20)
              .<CompletableFuture<?>>mapToObj(
                  i ->
                      far.putObject(
                          p -> p.bucket("bucket").key("far-" + i), AsyncRequestBody.fromBytes(big)))
              .toList();
      writes.forEach(CompletableFuture::join);
      long begun = System.nanoTime();
      byte[] read =
          far.getObject(g -> g.bucket("bucket").key("far-7"), AsyncResponseTransformer.toBytes())
              .join()
              .asByteArrayUnsafe();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(distance);
      assertThat(read).isEqualTo(big);
    }
    assertThat(kit.read("bucket", "far-3")).isEqualTo(big);
  }

  @Test
  void refusesAWrongSecret() {
    try (S3AsyncClient stranger = client(kit.endpoint(), "wrong")) {
      assertThatThrownBy(() -> stranger.listObjectsV2(l -> l.bucket("bucket")).join())
          .hasCauseInstanceOf(S3Exception.class)
          .satisfies(e -> assertThat(((S3Exception) e.getCause()).statusCode()).isEqualTo(403));
    }
  }
}
