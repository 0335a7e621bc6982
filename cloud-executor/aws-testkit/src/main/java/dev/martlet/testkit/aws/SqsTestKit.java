package dev.martlet.testkit.aws;

import dev.martlet.internal.testkit.DelayLine;
import dev.martlet.internal.testkit.Sqs;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * SQS on this machine, for tests: on a port of the loopback interface, in memory. Does not check
 * signatures.
 *
 * <pre>{@code
 * try (SqsTestKit sqs = SqsTestKit.start();
 *     SqsClient client =
 *         SqsClient.builder()
 *             .endpointOverride(sqs.endpoint())
 *             .region(Region.EU_WEST_1)
 *             .credentialsProvider(
 *                 StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
 *             .build()) {
 *   String url = client.createQueue(q -> q.queueName("queue")).queueUrl();
 *   client.sendMessage(m -> m.queueUrl(url).messageBody("hello"));
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class SqsTestKit implements AutoCloseable {
  private final Sqs sqs = new Sqs();
  private final Map<Duration, DelayLine> lines = new HashMap<>();

  private SqsTestKit() {}

  /** Starts an SQS without queues. */
  public static SqsTestKit start() {
    return new SqsTestKit();
  }

  /** Returns the endpoint for clients. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + sqs.port());
  }

  /**
   * Returns an endpoint for clients at a distance: what they send arrives half a round trip later,
   * and so do the answers; a new connection costs two round trips more, as with TLS.
   */
  public synchronized URI endpoint(Duration roundTrip) {
    DelayLine line = lines.computeIfAbsent(roundTrip, r -> new DelayLine(sqs.port(), r));
    return URI.create("http://127.0.0.1:" + line.port());
  }

  /**
   * Returns an endpoint for clients whom no policy allows some actions, such as {@code
   * "ReceiveMessage"}: these are refused with AccessDenied.
   */
  public URI endpointWithout(String... actions) {
    return URI.create("http://127.0.0.1:" + sqs.refusing(Set.of(actions)));
  }

  /** Makes a queue, unless there is one of the name, and returns its URL. */
  public String createQueue(String name) {
    return sqs.createQueue(name);
  }

  /** Sends a message to a queue, some time soon. */
  void send(String queueUrl, String message) {
    sqs.send(queueUrl, message);
  }

  /** Ends it; messages are gone. */
  @Override
  public synchronized void close() {
    lines.values().forEach(DelayLine::close);
    sqs.close();
  }
}
