package dev.martlet.internal.aws.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.martlet.internal.aws.AwsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How logs are read. */
@Timeout(60)
class FunctionLogsTest {
  @Test
  @DisplayName("lines come with their times, page by page")
  void pages() throws Exception {
    System.setProperty("aws.accessKeyId", "key");
    System.setProperty("aws.secretAccessKey", "secret");
    List<String> requests = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext(
        "/",
        exchange -> {
          requests.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          String page =
              requests.size() == 1
                  ? "{\"events\":[{\"timestamp\":0,\"message\":\"one\\n\"}],\"nextToken\":\"t\"}"
                  : "{\"events\":[{\"timestamp\":1000,\"message\":\"two\"}]}";
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
            exchange.sendResponseHeaders(200, page.length());
            exchange.getResponseBody().write(page.getBytes(UTF_8));
          }
        });
    server.start();
    List<String> lines = new ArrayList<>();
    AwsSettings settings =
        AwsSettings.read(
            Map.of(
                "region",
                "eu-west-1",
                "endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort()));
    try (FunctionLogs logs = new FunctionLogs(settings)) {
      logs.read("worker", Instant.ofEpochMilli(42), lines::add);
    } finally {
      server.stop(0);
    }
    assertThat(lines).containsExactly("1970-01-01T00:00:00Z one", "1970-01-01T00:00:01Z two");
    assertThat(requests.get(0)).contains("/aws/lambda/worker").contains("42");
    assertThat(requests.get(1)).contains("\"nextToken\":\"t\"");
  }
}
