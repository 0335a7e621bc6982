package dev.martlet.internal.aws.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.martlet.internal.aws.AwsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Answers invocations as it is told. */
final class FakeLambda implements AutoCloseable {
  static final String FUNCTION = "worker";

  private final HttpServer server;
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile Handler handler = (exchange, request) -> {};

  /** An invocation. */
  record Request(String path, String type, String log, byte[] payload) {}

  /** Answers; must not block. */
  interface Handler {
    void handle(HttpExchange exchange, Request request) throws IOException;
  }

  FakeLambda() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.createContext(
        "/",
        exchange -> {
          Request request =
              new Request(
                  exchange.getRequestURI().getPath(),
                  exchange.getRequestHeaders().getFirst("X-Amz-Invocation-Type"),
                  String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Log-Type")),
                  exchange.getRequestBody().readAllBytes());
          requests.add(request);
          handler.handle(exchange, request);
        });
    server.start();
  }

  void handle(Handler handler) {
    this.handler = handler;
  }

  /** Answers every invocation alike. */
  void answer(int status, String body, Map<String, String> headers) {
    handle((exchange, request) -> respond(exchange, status, body.getBytes("UTF-8"), headers));
  }

  static void respond(HttpExchange exchange, int status, byte[] body, Map<String, String> headers) {
    try (exchange) {
      exchange.getResponseHeaders().set("x-amzn-RequestId", "id-1");
      headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  AwsSettings settings() {
    return settings(server.getAddress().getPort());
  }

  static AwsSettings settings(int port) {
    return AwsSettings.read(
        Map.of("region", "eu-west-1", "lambdaEndpoint", "http://127.0.0.1:" + port));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
