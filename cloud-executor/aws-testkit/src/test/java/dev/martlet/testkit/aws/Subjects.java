package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.testkit.aws.subject.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.CreateFunctionRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;

/** A kit, a client of it that does not try again, and functions of {@link Subject}. */
final class Subjects implements AutoCloseable {
  final LambdaTestKit kit;
  final LambdaAsyncClient client;

  Subjects(LambdaTestKit kit) {
    this.kit = kit;
    client = client(kit.accessKeyId(), kit.secretAccessKey());
  }

  LambdaAsyncClient client(String accessKey, String secret) {
    return LambdaAsyncClient.builder()
        .endpointOverride(kit.endpoint())
        .region(Region.of(kit.region()))
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .maxConcurrency(2_000)
                .maxPendingConnectionAcquires(2_000))
        .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secret)))
        .build();
  }

  void create(String name) {
    create(name, f -> {});
  }

  void create(String name, Consumer<CreateFunctionRequest.Builder> more) {
    client
        .createFunction(
            f -> {
              f.functionName(name)
                  .runtime("java17")
                  .role("arn:aws:iam::000000000000:role/any")
                  .handler(Subject.class.getName() + "::handleRequest")
                  .memorySize(256)
                  .timeout(60)
                  .code(c -> c.zipFile(SdkBytes.fromByteArray(zip())));
              more.accept(f);
            })
        .join();
  }

  static byte[] zip() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Class<?> type : List.of(Subject.class, Subject.Late.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        zip.putNextEntry(new ZipEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(zip);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  CompletableFuture<InvokeResponse> send(String function, String what) {
    return client.invoke(i -> i.functionName(function).payload(text(what)));
  }

  void event(String function, String what) {
    InvokeResponse taken =
        client
            .invoke(i -> i.functionName(function).invocationType("Event").payload(text(what)))
            .join();
    assertThat(taken.statusCode()).isEqualTo(202);
  }

  InvokeResponse call(String function, String what) {
    return send(function, what).join();
  }

  String answer(String function, String what) {
    InvokeResponse response = call(function, what);
    assertThat(response.payload().asUtf8String()).isNotNull();
    assertThat(response.functionError()).as(response.payload().asUtf8String()).isNull();
    return response.payload().asUtf8String();
  }

  static SdkBytes text(String what) {
    return SdkBytes.fromUtf8String('"' + what + '"');
  }

  /** Returns how the service refused. */
  static LambdaException refusal(CompletableFuture<?> request) {
    try {
      request.join();
    } catch (CompletionException e) {
      assertThat(e.getCause()).isInstanceOf(LambdaException.class);
      return (LambdaException) e.getCause();
    }
    throw new AssertionError("Not refused");
  }

  @Override
  public void close() {
    client.close();
    kit.close();
  }
}
