package dev.martlet.internal.aws.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Warnings;
import dev.martlet.testkit.aws.S3TestKit;
import dev.martlet.testkit.aws.SqsTestKit;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SqsEventsTest {
  @BeforeAll
  static void identify() {
    System.setProperty("aws.accessKeyId", S3TestKit.class.getSimpleName());
    System.setProperty("aws.secretAccessKey", "any");
  }

  /** The kit's queue tells those who wait of new messages only, so they ask often. */
  private static SqsEvents open(URI endpoint, String queue) {
    AwsSettings settings =
        AwsSettings.read(Map.of("region", "eu-west-1", "sqsEndpoint", endpoint.toString()));
    return new SqsEvents(AwsClients.sqs(settings), queue, "martlet/", 1);
  }

  @Test
  @DisplayName("each of two clients of a queue hears of what is its own, and of nothing else")
  void twoClients() {
    Set<String> one = ConcurrentHashMap.newKeySet();
    Set<String> other = ConcurrentHashMap.newKeySet();
    try (SqsTestKit sqs = SqsTestKit.start();
        S3TestKit s3 = S3TestKit.start()) {
      String queue = sqs.createQueue("events");
      s3.createBucket("watched");
      s3.sendEvents("watched", sqs, queue);
      try (SqsEvents first = open(sqs.endpoint(), queue);
          SqsEvents second = open(sqs.endpoint(), queue)) {
        first.listen("s/1/", one::add);
        second.listen("s/2/", other::add);
        for (int i = 0; i < 30; i++) {
          s3.write("watched", "martlet/s/1/in/" + i, new byte[1]);
          s3.write("watched", "martlet/s/2/in/" + i, new byte[1]);
          s3.write("watched", "martlet/code/" + i, new byte[1]);
        }
        await().atMost(Duration.ofSeconds(100)).until(() -> one.size() + other.size() == 60);
      }
    }
    assertThat(one).hasSize(30).allMatch(k -> k.startsWith("s/1/in/"));
    assertThat(other).hasSize(30).allMatch(k -> k.startsWith("s/2/in/"));
  }

  @Test
  @DisplayName("a listener that fails hears of what comes afterwards")
  void failingListener() {
    Set<String> heard = ConcurrentHashMap.newKeySet();
    try (SqsTestKit sqs = SqsTestKit.start();
        S3TestKit s3 = S3TestKit.start()) {
      String queue = sqs.createQueue("events");
      s3.createBucket("watched");
      s3.sendEvents("watched", sqs, queue);
      try (SqsEvents events = open(sqs.endpoint(), queue)) {
        events.listen(
            "s/1/",
            key -> {
              heard.add(key);
              throw new IllegalStateException("on purpose");
            });
        for (int i = 0; i < 10; i++) {
          int n = i;
          s3.write("watched", "martlet/s/1/in/" + n, new byte[1]);
          await().atMost(Duration.ofSeconds(100)).until(() -> heard.size() == n + 1);
        }
      }
    }
  }

  @Test
  @DisplayName("whoever may not delete messages hears all the same, and is told of it once")
  void mayNotDelete() {
    Set<String> heard = ConcurrentHashMap.newKeySet();
    try (SqsTestKit sqs = SqsTestKit.start();
        S3TestKit s3 = S3TestKit.start();
        Warnings warnings = new Warnings("aws.queue")) {
      String queue = sqs.createQueue("events");
      s3.createBucket("watched");
      s3.sendEvents("watched", sqs, queue);
      try (SqsEvents events = open(sqs.endpointWithout("DeleteMessageBatch"), queue)) {
        events.listen("s/1/", heard::add);
        for (int i = 0; i < 5; i++) {
          int n = i;
          s3.write("watched", "martlet/s/1/in/" + n, new byte[1]);
          await().atMost(Duration.ofSeconds(100)).until(() -> heard.size() == n + 1);
        }
        await().atMost(Duration.ofSeconds(100)).until(() -> !warnings.texts().isEmpty());
      }
      assertThat(warnings.texts())
          .singleElement()
          .asString()
          .contains(queue, "sqs:DeleteMessage", "martlet doctor");
    }
  }

  @Test
  @DisplayName("what is no notification names nothing")
  void keys() {
    assertThat(SqsEvents.keys("{\"Records\":[{\"s3\":{\"object\":{\"key\":\"a%2Fb+c\"}}}]}"))
        .isEqualTo(List.of("a/b c"));
    assertThat(SqsEvents.keys("{\"Event\":\"s3:TestEvent\"}")).isEmpty();
    assertThat(SqsEvents.keys("hello")).isEmpty();
  }
}
