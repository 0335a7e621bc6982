package dev.martlet.internal.aws.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.S3Server;
import dev.martlet.internal.aws.doctor.Finding.State;
import dev.martlet.testkit.aws.LambdaTestKit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the doctor sees, and what it says about it. */
@Timeout(120)
class DoctorTest {
  private static final String ROLE = "arn:aws:iam::123456789012:role/w";

  private static FakeAccount account;
  private static S3Server s3;
  private static LambdaTestKit lambda;

  @BeforeAll
  static void start() throws Exception {
    account = new FakeAccount();
    s3 = new S3Server();
    lambda =
        LambdaTestKit.builder()
            .credentials(S3Server.KEY, S3Server.SECRET)
            .concurrency(10)
            .light(true)
            .start();
  }

  @AfterAll
  static void stop() {
    lambda.close();
    s3.close();
    account.close();
  }

  @BeforeEach
  void healthy() {
    account.trust("lambda.amazonaws.com");
    account.knowsCaller(true);
  }

  private static Map<String, Finding> examine(Map<String, Object> more) {
    Map<String, Object> values = new HashMap<>();
    values.put("region", "eu-west-1");
    values.put("role", ROLE);
    values.put("bucket", S3Server.BUCKET);
    values.put("endpoint", account.endpoint());
    values.put("s3Endpoint", String.valueOf(s3.settings().s3Endpoint()));
    values.put("lambdaEndpoint", lambda.endpoint().toString().replaceAll("/$", ""));
    values.putAll(more);
    values.values().removeIf(""::equals);
    Map<String, Finding> findings = new HashMap<>();
    for (Finding f : new Doctor(AwsSettings.read(values)).examine()) {
      findings.put(f.what(), f);
    }
    return findings;
  }

  @Test
  @DisplayName("what is well is found well, and a small account and a function to be made are told")
  void well() {
    Map<String, Finding> found = examine(Map.of());
    for (String what : List.of("JDK", "region", "credentials", "role", "bucket")) {
      assertThat(found.get(what).state()).as(what).isEqualTo(State.GOOD);
      assertThat(found.get(what).fixes()).isEmpty();
    }
    assertThat(found.get("credentials").detail()).isEqualTo("arn:aws:iam::123456789012:user/me");
    assertThat(found.get("Lambda").state()).isEqualTo(State.WEAK);
    assertThat(found.get("Lambda").fixes().get(0))
        .startsWith("aws service-quotas request-service-quota-increase --region eu-west-1");
    assertThat(found.get("function").fixes()).containsExactly("martlet deploy");
  }

  @Test
  @DisplayName("credentials that are not valid end the examination")
  void credentials() {
    account.knowsCaller(false);
    Map<String, Finding> found = examine(Map.of());
    assertThat(found.get("credentials").state()).isEqualTo(State.BAD);
    assertThat(found).doesNotContainKey("bucket");
  }

  @Test
  @DisplayName("a role that is not there is made by two commands")
  void noRole() {
    account.trust(null);
    assertThat(examine(Map.of()).get("role").fixes())
        .hasSize(2)
        .anySatisfy(
            fix ->
                assertThat(fix)
                    .startsWith(
                        "aws iam create-role --role-name w --assume-role-policy-document '{")
                    .doesNotContain("\n"))
        .anySatisfy(
            fix ->
                assertThat(fix)
                    .startsWith("aws iam put-role-policy --role-name w --policy-name w")
                    .contains("arn:aws:s3:::bucket/martlet/*"));
    assertThat(examine(Map.of("role", "")).get("role").fixes().get(0))
        .startsWith("aws iam create-role --role-name martlet-worker");
  }

  @Test
  @DisplayName("a role that Lambda may not take gets a new trust")
  void wrongRole() {
    account.trust("ec2.amazonaws.com");
    Finding role = examine(Map.of()).get("role");
    assertThat(role.state()).isEqualTo(State.BAD);
    assertThat(role.fixes().get(0)).startsWith("aws iam update-assume-role-policy --role-name w");
  }

  @Test
  @DisplayName("a bucket without conditional writes is told")
  void unconditional() throws Exception {
    HttpServer careless =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    careless.createContext(
        "/",
        exchange -> {
          byte[] answer = new byte[exchange.getRequestMethod().equals("GET") ? 1 : 0];
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("ETag", "\"0\"");
            exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    careless.start();
    try {
      String endpoint = "http://127.0.0.1:" + careless.getAddress().getPort();
      Finding bucket = examine(Map.of("s3Endpoint", endpoint)).get("bucket");
      assertThat(bucket.state()).isEqualTo(State.BAD);
      assertThat(bucket.detail()).contains("If-None-Match");
    } finally {
      careless.stop(0);
    }
  }

  @Test
  @DisplayName("a bucket that is not there is made by a command")
  void noBucket() {
    Finding bucket = examine(Map.of("bucket", "other-bucket")).get("bucket");
    assertThat(bucket.state()).isEqualTo(State.BAD);
    assertThat(bucket.fixes()).containsExactly("aws s3 mb s3://other-bucket --region eu-west-1");
    assertThat(examine(Map.of("bucket", "")).get("bucket").fixes())
        .containsExactly("aws s3 mb s3://NAME --region eu-west-1");
  }

  @Test
  @DisplayName("where nobody answers no permission is asked for")
  void unreachable() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String nobody = "http://127.0.0.1:" + port;
    Map<String, Finding> found = examine(Map.of("s3Endpoint", nobody, "lambdaEndpoint", nobody));
    assertThat(found.get("bucket").state()).isEqualTo(State.BAD);
    assertThat(found.get("bucket").fixes()).isEmpty();
    assertThat(found.get("Lambda").state()).isEqualTo(State.UNKNOWN);
    assertThat(found.get("Lambda").fixes()).isEmpty();
    Finding credentials = examine(Map.of("endpoint", nobody)).get("credentials");
    assertThat(credentials.state()).isEqualTo(State.BAD);
    assertThat(credentials.fixes()).isEmpty();
  }

  @Test
  @DisplayName("a function of another JDK than the program's is told")
  void otherJdk() {
    String other = Runtime.version().feature() == 21 ? "java17" : "java21";
    assertThat(examine(Map.of("runtime", other)).get("JDK").state()).isEqualTo(State.BAD);
  }
}
