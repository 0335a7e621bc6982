package dev.martlet.internal.aws.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/** Knows who asks, and one role. */
final class FakeAccount implements AutoCloseable {
  private final HttpServer server;
  private volatile @Nullable String trust = "lambda.amazonaws.com";
  private volatile boolean knowsCaller = true;

  FakeAccount() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext(
        "/",
        exchange -> {
          String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          boolean role = request.contains("Action=GetRole");
          int status = role ? (trust == null ? 404 : 200) : knowsCaller ? 200 : 403;
          byte[] answer = (status == 200 ? role ? role() : caller() : error(role)).getBytes(UTF_8);
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/xml");
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
  }

  /** Sets who may take the role; null if there is no role. */
  void trust(@Nullable String service) {
    trust = service;
  }

  void knowsCaller(boolean knows) {
    knowsCaller = knows;
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static String caller() {
    return "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        + "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId>"
        + "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
  }

  private String role() {
    String document = URLEncoder.encode("{\"Principal\":{\"Service\":\"" + trust + "\"}}", UTF_8);
    return "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult>"
        + "<Role><RoleName>w</RoleName><Arn>arn:aws:iam::123456789012:role/w</Arn>"
        + "<AssumeRolePolicyDocument>"
        + document
        + "</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>";
  }

  private static String error(boolean role) {
    String code = role ? "NoSuchEntity" : "InvalidClientTokenId";
    return "<ErrorResponse><Error><Type>Sender</Type><Code>"
        + code
        + "</Code><Message>no</Message></Error></ErrorResponse>";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
