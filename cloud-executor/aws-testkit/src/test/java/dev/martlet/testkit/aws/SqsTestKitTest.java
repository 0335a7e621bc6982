package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

class SqsTestKitTest {
  @Test
  void deliversWhatIsSent() {
    try (SqsTestKit kit = SqsTestKit.start();
        SqsClient client =
            SqsClient.builder()
                .endpointOverride(kit.endpoint())
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .build()) {
      String url = client.createQueue(q -> q.queueName("queue")).queueUrl();
      assertThat(url).startsWith(kit.endpoint().toString());
      client.sendMessage(m -> m.queueUrl(url).messageBody("hello"));
      Message message =
          client.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20)).messages().get(0);
      assertThat(message.body()).isEqualTo("hello");
      client.deleteMessage(d -> d.queueUrl(url).receiptHandle(message.receiptHandle()));
      assertThat(client.receiveMessage(r -> r.queueUrl(url)).messages()).isEmpty();
    }
  }
}
