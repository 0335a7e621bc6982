package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    client = client(kit.secretAccessKey());
  }

  static S3AsyncClient client(String secret) {
    return S3AsyncClient.builder()
        .endpointOverride(kit.endpoint())
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
  void refusesAWrongSecret() {
    try (S3AsyncClient stranger = client("wrong")) {
      assertThatThrownBy(() -> stranger.listObjectsV2(l -> l.bucket("bucket")).join())
          .hasCauseInstanceOf(S3Exception.class)
          .satisfies(e -> assertThat(((S3Exception) e.getCause()).statusCode()).isEqualTo(403));
    }
  }
}
