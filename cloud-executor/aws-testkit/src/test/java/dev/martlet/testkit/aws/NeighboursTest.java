package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;

/** What there is of other services. */
class NeighboursTest {
  static Subjects subjects;

  @BeforeAll
  static void start() {
    subjects = new Subjects(LambdaTestKit.builder().light(true).start());
    subjects.kit.deploy(
        "logging",
        128,
        Duration.ofSeconds(20),
        () -> (input, output, context) -> context.getLogger().log("said\n"));
  }

  @AfterAll
  static void stop() {
    subjects.close();
  }

  private static AwsBasicCredentials credentials() {
    return AwsBasicCredentials.create(subjects.kit.accessKeyId(), subjects.kit.secretAccessKey());
  }

  /** Posts a signed request to the root. */
  private static HttpResponse<String> post(String service, String type, String target, String body)
      throws Exception {
    URI uri = subjects.kit.endpoint().resolve("/");
    SdkHttpRequest request =
        SdkHttpRequest.builder()
            .uri(uri)
            .method(SdkHttpMethod.POST)
            .putHeader("Content-Type", type)
            .putHeader("X-Amz-Target", target)
            .build();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                s ->
                    s.identity(credentials())
                        .request(request)
                        .payload(() -> new ByteArrayInputStream(bytes))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, subjects.kit.region()))
            .request();
    HttpRequest.Builder http =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
    signed.forEachHeader(
        (name, values) -> {
          if (!name.equalsIgnoreCase("Host") && !name.equalsIgnoreCase("Content-Length")) {
            values.forEach(value -> http.header(name, value));
          }
        });
    return HttpClient.newHttpClient().send(http.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theCallerIsTold() {
    try (StsClient sts =
        StsClient.builder()
            .endpointOverride(subjects.kit.endpoint())
            .region(Region.of(subjects.kit.region()))
            .credentialsProvider(StaticCredentialsProvider.create(credentials()))
            .build()) {
      assertThat(sts.getCallerIdentity().account()).isEqualTo("000000000000");
      assertThat(sts.getCallerIdentity().arn())
          .isEqualTo("arn:aws:iam::000000000000:user/test-kit");
    }
  }

  @Test
  void everyRoleExistsAndLambdaMayTakeIt() throws Exception {
    HttpResponse<String> answer =
        post(
            "iam",
            "application/x-www-form-urlencoded",
            "",
            "Action=GetRole&Version=2010-05-08&RoleName=some");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("<Arn>arn:aws:iam::000000000000:role/some</Arn>");
    assertThat(URLDecoder.decode(answer.body(), StandardCharsets.UTF_8))
        .contains("lambda.amazonaws.com");
  }

  @Test
  void theLogsAreReadPageByPage() throws Exception {
    subjects.call("logging", "x");
    subjects.call("logging", "x");
    StringBuilder all = new StringBuilder();
    String token = "";
    int pages = 0;
    do {
      HttpResponse<String> page =
          filter("{\"logGroupName\":\"/aws/lambda/logging\",\"limit\":3" + token + "}");
      assertThat(page.statusCode()).isEqualTo(200);
      all.append(page.body());
      pages++;
      Matcher next = Pattern.compile("\"nextToken\":\"(\\d+)\"").matcher(page.body());
      token = next.find() ? ",\"nextToken\":\"" + next.group(1) + "\"" : "";
    } while (!token.isEmpty());
    assertThat(pages).isGreaterThan(1);
    for (String line : List.of("said\\n", "REPORT RequestId: ", "START RequestId: ")) {
      assertThat(all.toString().split(Pattern.quote("\"message\":\"" + line), -1)).hasSize(3);
    }
  }

  @Test
  void theLogsOfAFunctionThatIsNotThereAreRefused() throws Exception {
    HttpResponse<String> answer = filter("{\"logGroupName\":\"/aws/lambda/nothing\"}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("ResourceNotFoundException");
  }

  private static HttpResponse<String> filter(String request) throws Exception {
    return post("logs", "application/x-amz-json-1.1", "Logs_20140328.FilterLogEvents", request);
  }
}
