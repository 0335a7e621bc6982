package dev.martlet.experiments;

import dev.martlet.testkit.aws.LambdaTestKit;
import dev.martlet.testkit.aws.S3TestKit;
import dev.martlet.testkit.aws.SqsTestKit;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A process with the test kit's Lambda, in light mode, its S3 and, if asked for, its SQS, all at a
 * distance. It prints where they are; {@code c} on its input makes all instances cold, and the end
 * of that ends it.
 */
final class Cloud {
  static final String BUCKET = "experiments";

  /** The name of a function that sleeps for so many milliseconds, and answers when it began to. */
  static final String SLEEPER = "sleeper";

  private Cloud() {}

  /**
   * Runs the cloud.
   *
   * @param args the round trip and what a cold start takes, in milliseconds, and whether there is a
   *     queue
   */
  public static void main(String[] args) throws IOException {
    PrintStream teller = System.out;
    System.setOut(System.err); // nobody reads on
    Duration roundTrip = Duration.ofMillis(Long.parseLong(args[0]));
    Duration coldStart = Duration.ofMillis(Long.parseLong(args[1]));
    boolean queues = Boolean.parseBoolean(args[2]);
    try (@Nullable SqsTestKit sqs = queues ? SqsTestKit.start() : null;
        S3TestKit s3 = S3TestKit.start();
        LambdaTestKit lambda =
            LambdaTestKit.builder()
                .s3(s3)
                .light(true)
                .sharedClasses(true)
                .concurrency(4_000)
                .roundTrip(roundTrip)
                .coldStart(coldStart)
                .start()) {
      s3.createBucket(BUCKET);
      // For functions, which are near.
      System.setProperty("aws.endpointUrlLambda", lambda.nearEndpoint().toString());
      System.setProperty("aws.endpointUrlS3", s3.endpoint().toString());
      lambda.deploy(
          SLEEPER,
          1_769,
          Duration.ofMinutes(15),
          () ->
              (in, out, context) -> {
                long began = System.currentTimeMillis();
                String millis = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                try {
                  Thread.sleep(Long.parseLong(millis));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                out.write(Long.toString(began).getBytes(StandardCharsets.US_ASCII));
              });
      String ofQueue = "";
      if (sqs != null) {
        String queue = sqs.createQueue("events");
        s3.sendEvents(BUCKET, sqs, queue);
        ofQueue = " " + sqs.endpoint(roundTrip) + " " + queue;
      }
      teller.println("cloud " + lambda.endpoint() + " " + s3.endpoint(roundTrip) + ofQueue);
      for (int command = System.in.read(); command >= 0; command = System.in.read()) {
        if (command == 'c') {
          lambda.retireIdle();
          teller.println("cold " + lambda.statistics().instances());
        }
      }
    }
    System.exit(0);
  }
}
