package dev.martlet.testkit.aws;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
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
  void keepsNoConnectionFromADistanceThatHasEnded() throws IOException {
    URI endpoint = kit.endpoint(Duration.ofMillis(20));
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
        if (i % 2 == 0) {
          socket.setSoLinger(true, 0); // no farewell
        }
        socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
        if (i % 2 != 0) {
          assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
        }
      }
    }
    await().until(() -> descriptors() < before + 100);
  }

  /** Returns how many descriptors this process has open; 0 if that is not known. */
  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
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
