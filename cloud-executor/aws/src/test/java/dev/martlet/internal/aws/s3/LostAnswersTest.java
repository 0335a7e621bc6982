package dev.martlet.internal.aws.s3;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.S3Server;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/** What comes of it when S3 did what it was told and its answer was lost. */
@Timeout(120)
class LostAnswersTest {
  private static final int PART = 5 << 20;

  private static S3Server server;

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Turns the first good answer to each request of some kinds into an error of the server. */
  private static final class Loses implements ExecutionInterceptor {
    private final Set<String> kinds;
    private final Set<String> lost = ConcurrentHashMap.newKeySet();

    Loses(String... kinds) {
      this.kinds = Set.of(kinds);
    }

    @Override
    public SdkHttpResponse modifyHttpResponse(
        Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
      SdkHttpResponse response = context.httpResponse();
      String kind = context.request().getClass().getSimpleName();
      return response.isSuccessful()
              && kinds.contains(kind)
              && lost.add(context.httpRequest().encodedPath() + kind)
          ? response.toBuilder().statusCode(503).build()
          : response;
    }
  }

  /** Does something before the first request for a range that does not begin with the object. */
  private static final class Meanwhile implements ExecutionInterceptor {
    private final Runnable action;
    private final AtomicBoolean done = new AtomicBoolean();

    Meanwhile(Runnable action) {
      this.action = action;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      if (context.request() instanceof GetObjectRequest get
          && !get.range().startsWith("bytes=0-")
          && !done.getAndSet(true)) {
        action.run();
      }
    }
  }

  private static S3Store store(ExecutionInterceptor... hooks) {
    return new S3Store(AwsClients.s3(server.settings(), hooks), S3Server.BUCKET, "lost/", PART);
  }

  private static List<ByteBuffer> bytes(int length, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      bytes.put(i, (byte) value);
    }
    return List.of(bytes);
  }

  @Test
  @DisplayName("who wrote an object if absent knows it, though the answer was lost")
  void smallObject() throws Exception {
    Loses loses = new Loses("PutObjectRequest");
    try (S3Store store = store(loses)) {
      assertThat(store.putIfAbsent("small", bytes(10, 1)).get(60, SECONDS)).isTrue();
      assertThat(loses.lost).hasSize(1);
      assertThat(store.putIfAbsent("small", bytes(10, 2)).get(60, SECONDS)).isFalse();
      assertThat(store.get("small").get(60, SECONDS)).isEqualTo(bytes(10, 1).get(0));
    }
  }

  @Test
  @DisplayName("who wrote a big object if absent knows it, though answers were lost")
  void bigObject() throws Exception {
    Loses loses =
        new Loses(
            "CreateMultipartUploadRequest",
            "UploadPartRequest",
            "CompleteMultipartUploadRequest",
            "GetObjectRequest");
    List<ByteBuffer> content = bytes(2 * PART + 3, 7);
    try (S3Store store = store(loses)) {
      assertThat(store.putIfAbsent("big", content).get(60, SECONDS)).isTrue();
      assertThat(store.get("big").get(60, SECONDS)).isEqualTo(content.get(0));
      assertThat(loses.lost).hasSizeGreaterThanOrEqualTo(4);
      store.put("other", content).get(60, SECONDS);
      assertThat(store.get("other").get(60, SECONDS)).isEqualTo(content.get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * PART, 2 * PART - 7, 10, 0})
  @DisplayName("of an object that is written while it is read no part is mixed with the other's")
  void writtenMeanwhile(int length) throws Exception {
    try (S3Store other = store()) {
      List<ByteBuffer> before = bytes(3 * PART, 1);
      List<ByteBuffer> after = bytes(length, 2);
      other.put("changed", before).get(60, SECONDS);
      Meanwhile meanwhile = new Meanwhile(() -> other.put("changed", after).join());
      try (S3Store store = store(meanwhile)) {
        assertThat(store.get("changed").get(60, SECONDS)).isEqualTo(after.get(0));
        assertThat(meanwhile.done).isTrue();
      }
    }
  }

  @Test
  @DisplayName("a bucket that is not there, wrong keys and an absent server fail by their kinds")
  void failures() {
    try (S3Store store = new S3Store(AwsClients.s3(server.settings()), "no-such-bucket", "lost/")) {
      assertThat(failure(store)).hasMessageContaining("aws s3 mb s3://no-such-bucket");
      assertThat(failure(store).isTransient()).isFalse();
    }
    AwsSettings nowhere =
        AwsSettings.read(Map.of("region", "eu-west-1", "s3Endpoint", "http://127.0.0.1:1"));
    try (S3Store store = new S3Store(AwsClients.s3(nowhere), S3Server.BUCKET, "lost/")) {
      assertThat(failure(store).isTransient()).isTrue();
    }
  }

  @Test
  @DisplayName("of many requests to a server that is not there none is forgotten")
  void nowhere() throws Exception {
    AwsSettings nowhere =
        AwsSettings.read(Map.of("region", "eu-west-1", "s3Endpoint", "http://127.0.0.1:1"));
    try (S3Store store = new S3Store(AwsClients.s3(nowhere), S3Server.BUCKET, "lost/")) {
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(store.put("k" + i, bytes(1, 1)));
      }
      for (CompletableFuture<?> one : all) {
        assertThat(catchThrowable(() -> one.get(60, SECONDS)))
            .isInstanceOf(ExecutionException.class)
            .hasMessageContaining("Connection refused");
      }
    }
  }

  private static StoreException failure(S3Store store) {
    Throwable e = catchThrowable(() -> store.put("k", bytes(1, 1)).get(60, SECONDS));
    assertThat(e).isInstanceOf(ExecutionException.class);
    assertThat(e.getCause()).isInstanceOf(StoreException.class);
    return (StoreException) e.getCause();
  }
}
