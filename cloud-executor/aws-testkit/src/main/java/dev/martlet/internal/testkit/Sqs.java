package dev.martlet.internal.testkit;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.jspecify.annotations.Nullable;

/** An ElasticMQ in this JVM. */
public final class Sqs implements AutoCloseable {
  private static final String TARGET = "X-Amz-Target";
  private static final String TYPE = "Content-Type";
  private static final String JSON = "application/x-amz-json-1.0";
  private static final Pattern URL = Pattern.compile("<QueueUrl>([^<]+)</QueueUrl>");

  private final HttpClient http = HttpClient.newHttpClient();
  private final SQSRestServer server;
  private final int port;
  private @Nullable HttpServer gates;

  public Sqs() {
    server =
        SQSRestServerBuilder.withInterface("127.0.0.1")
            .withDynamicPort()
            .withAWSRegion("eu-west-1")
            .start();
    port = server.waitUntilStarted().localAddress().getPort();
  }

  public int port() {
    return port;
  }

  /** Makes a queue, unless there is one of the name, and returns its URL. */
  public String createQueue(String name) {
    String answer = post(endpoint(), "CreateQueue", "QueueName", name).join();
    Matcher url = URL.matcher(answer);
    if (!url.find()) {
      throw new IllegalArgumentException("No queue " + name + ": " + answer);
    }
    return url.group(1);
  }

  /** Sends a message some time soon. */
  public void send(String queue, String message) {
    var unused = post(URI.create(queue), "SendMessage", "MessageBody", message);
  }

  /** Opens a port where some actions are refused and all others passed on. */
  public synchronized int refusing(Set<String> actions) {
    HttpServer g = gates == null ? new HttpServer("sqs") : gates;
    gates = g;
    return g.listen(exchange -> pass(exchange, actions)).number();
  }

  private void pass(Exchange exchange, Set<String> refused) {
    String target = Objects.requireNonNullElse(exchange.header(TARGET), "");
    String action = target.substring(target.lastIndexOf('.') + 1);
    if (refused.contains(action)) {
      exchange.answer(
          403,
          Map.of(TYPE, JSON, "x-amzn-query-error", "AccessDenied;Sender"),
          ("{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"User:"
                  + " arn:aws:iam::000000000000:user/test is not authorized to perform: sqs:"
                  + action.toLowerCase(Locale.ROOT)
                  + " because no identity-based policy allows it\"}")
              .getBytes(StandardCharsets.UTF_8));
      return;
    }
    HttpRequest request =
        HttpRequest.newBuilder(endpoint().resolve(exchange.path()))
            .header(TYPE, JSON)
            .header(TARGET, target)
            .POST(HttpRequest.BodyPublishers.ofByteArray(exchange.body()))
            .build();
    var unused =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
            .whenComplete(
                (answer, e) -> {
                  if (e == null) {
                    exchange.answer(answer.statusCode(), Map.of(TYPE, JSON), answer.body());
                  } else {
                    exchange.cut();
                  }
                });
  }

  private URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  private CompletableFuture<String> post(URI to, String action, String name, String value) {
    String form =
        "Action="
            + action
            + "&Version=2012-11-05&"
            + name
            + "="
            + URLEncoder.encode(value, StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(to)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenApply(HttpResponse::body);
  }

  /** Stops the server; it ends when those that still wait for messages have waited enough. */
  @Override
  public synchronized void close() {
    if (gates != null) {
      gates.close();
    }
    var unused = server.stopAndGetFuture().apply();
  }
}
