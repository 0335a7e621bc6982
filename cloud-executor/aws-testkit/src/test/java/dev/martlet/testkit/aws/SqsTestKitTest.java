package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SqsException;

class SqsTestKitTest {
  static SqsTestKit kit;
  static SqsClient client;

  @BeforeAll
  static void start() {
    kit = SqsTestKit.start();
    client = client(kit.endpoint());
  }

  private static SqsClient client(URI endpoint) {
    return SqsClient.builder()
        .endpointOverride(endpoint)
        .region(Region.EU_WEST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
        .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    kit.close();
  }

  private static String receive(String queue) {
    Message message =
        client.receiveMessage(r -> r.queueUrl(queue).waitTimeSeconds(20)).messages().get(0);
    client.deleteMessage(d -> d.queueUrl(queue).receiptHandle(message.receiptHandle()));
    return message.body();
  }

  @Test
  void deliversWhatIsSent() {
    String url = client.createQueue(q -> q.queueName("queue")).queueUrl();
    assertThat(url).startsWith(kit.endpoint().toString()).isEqualTo(kit.createQueue("queue"));
    client.sendMessage(m -> m.queueUrl(url).messageBody("hello"));
    assertThat(receive(url)).isEqualTo("hello");
    assertThat(client.receiveMessage(r -> r.queueUrl(url)).messages()).isEmpty();
  }

  @Test
  void refusesWhatIsNotAllowedAndPassesOnTheRest() {
    String url = kit.createQueue("guarded");
    try (SqsClient guarded = client(kit.endpointWithout("ReceiveMessage"))) {
      guarded.sendMessage(m -> m.queueUrl(url).messageBody("hello"));
      assertThatThrownBy(() -> guarded.receiveMessage(r -> r.queueUrl(url)))
          .isInstanceOfSatisfying(
              SqsException.class,
              e -> {
                assertThat(e.statusCode()).isEqualTo(403);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
              });
    }
    assertThat(receive(url)).isEqualTo("hello");
  }

  @Test
  void hasAnEventOfEachObjectThatIsWrittenToABucket() {
    String queue = kit.createQueue("events");
    try (S3TestKit s3 = S3TestKit.start()) {
      s3.createBucket("watched");
      s3.createBucket("other");
      s3.sendEvents("watched", kit, queue);
      s3.write("other", "unseen", new byte[1]);
      s3.write("watched", "a/b c", new byte[42]);
      assertThat(receive(queue))
          .contains("\"eventName\":\"ObjectCreated:Put\"")
          .contains("\"name\":\"watched\"")
          .contains("\"key\":\"a%2Fb+c\"")
          .contains("\"size\":42");
      assertThat(client.receiveMessage(r -> r.queueUrl(queue)).messages()).isEmpty();
    }
  }
}
