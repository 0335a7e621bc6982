package dev.martlet.internal.worker.lambda;

import dev.martlet.internal.envelope.Relay;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The function that this instance is one of, to be invoked from within. Thread-safe. */
final class OwnFunction {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration LONGEST = Duration.ofMinutes(16);
  private static final int MOST_TEXT = 300;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  /** Submits an event; completes with what became of it. */
  CompletableFuture<Relay.Result> submit(String region, String function, ByteBuffer request)
      throws IOException {
    return http.sendAsync(
            post("Event", ANSWER, region, function, request), HttpResponse.BodyHandlers.ofString())
        .thenApply(r -> result(r.statusCode(), r.body()));
  }

  /** Invokes it; completes with its answer. */
  CompletableFuture<ByteBuffer> invoke(String region, String function, ByteBuffer request)
      throws IOException {
    return http.sendAsync(
            post("RequestResponse", LONGEST, region, function, request),
            HttpResponse.BodyHandlers.ofByteArray())
        .thenCompose(OwnFunction::answer);
  }

  private static HttpRequest post(
      String type, Duration timeout, String region, String function, ByteBuffer request)
      throws IOException {
    URI endpoint = endpoint(region);
    String path = "/2015-03-31/functions/" + function + "/invocations";
    byte[] body = body(request);
    HttpRequest.Builder post =
        HttpRequest.newBuilder(endpoint.resolve(path))
            .timeout(timeout)
            .header("X-Amz-Invocation-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    Signature.headers(
            endpoint.getAuthority(), path, region, body, Credentials.current(), Instant.now())
        .forEach(post::header);
    return post.build();
  }

  private static CompletableFuture<ByteBuffer> answer(HttpResponse<byte[]> response) {
    byte[] body = response.body();
    boolean failed = response.headers().firstValue("X-Amz-Function-Error").isPresent();
    if (response.statusCode() != 200 || failed) {
      Relay.Result result = result(response.statusCode(), text(body));
      return CompletableFuture.failedFuture(new IOException(result.why()));
    }
    try {
      return CompletableFuture.completedFuture(LambdaWorker.decode(body));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new IOException("the function's answer is none of Martlet's: " + text(body), e));
    }
  }

  private static String text(byte[] body) {
    return new String(body, 0, Math.min(MOST_TEXT, body.length), StandardCharsets.UTF_8);
  }

  private static byte[] body(ByteBuffer request) {
    byte[] content = new byte[request.remaining()];
    request.duplicate().get(content);
    return ('"' + Base64.getEncoder().encodeToString(content) + '"')
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static URI endpoint(String region) {
    String set = Endpoints.LAMBDA;
    return URI.create(set != null ? set : "https://lambda." + region + "." + domain(region));
  }

  private static String domain(String region) {
    return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  }

  private static Relay.Result result(int status, @Nullable String text) {
    if (status == 202) {
      return Relay.Result.TAKEN;
    }
    String body = text == null ? "" : text;
    String why = "an instance that invoked its function was answered with " + status + ": " + body;
    why = why.substring(0, Math.min(MOST_TEXT, why.length()));
    if (status == 429) {
      return new Relay.Result(Relay.Kind.THROTTLED, why);
    }
    return new Relay.Result(
        status >= 500 || status == 408 || status == 409 ? Relay.Kind.UNKNOWN : Relay.Kind.REFUSED,
        status == 403
            ? why + "; the function's role needs lambda:InvokeFunction, see `martlet doctor`"
            : why);
  }
}
