package dev.martlet.internal.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsAsyncClient;

@Timeout(60)
class SaidTest {
  @Test
  @DisplayName("where there is no connection the SDK's advice to make more is not repeated")
  void noConnection() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        StsAsyncClient sts =
            StsAsyncClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + silent.getLocalPort()))
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .httpClientBuilder(
                    NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(1)
                        .connectionAcquisitionTimeout(Duration.ofMillis(100)))
                .build()) {
      var unanswered = sts.getCallerIdentity();
      Throwable e = null;
      try {
        sts.getCallerIdentity().join();
      } catch (CompletionException failure) {
        e = failure.getCause();
      }
      assertThat(e).isInstanceOf(SdkClientException.class).hasMessageContaining("max connections");
      assertThat(Said.by(e)).startsWith("no connection").doesNotContain("max connections");
      unanswered.cancel(true);
    }
  }

  @Test
  @DisplayName("other messages are said as they are")
  void others() {
    assertThat(Said.by(SdkClientException.create("no"))).isEqualTo("no");
    assertThat(Said.by(new IllegalStateException("no"))).isEqualTo("no");
  }
}
