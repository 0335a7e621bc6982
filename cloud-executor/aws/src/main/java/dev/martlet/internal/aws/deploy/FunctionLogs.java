package dev.martlet.internal.aws.deploy;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Said;
import java.time.Instant;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsAsyncClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/** What a function's instances have written. Methods block. */
public final class FunctionLogs implements AutoCloseable {
  private final CloudWatchLogsAsyncClient client;

  /** Opens the logs. */
  public FunctionLogs(AwsSettings settings) {
    client =
        AwsClients.managing(CloudWatchLogsAsyncClient.builder(), settings, settings.endpoint())
            .build();
  }

  /**
   * Reads lines in the order of their times.
   *
   * @param from when the first was written
   */
  public void read(String function, Instant from, Consumer<String> lines) {
    String token = null;
    do {
      String next = token;
      FilterLogEventsResponse page;
      try {
        page =
            AwsClients.await(
                client.filterLogEvents(
                    f ->
                        f.logGroupName("/aws/lambda/" + function)
                            .startTime(from.toEpochMilli())
                            .nextToken(next)));
      } catch (ResourceNotFoundException e) {
        return; // it was never invoked
      } catch (RuntimeException e) {
        throw new DeploymentException("the logs of " + function + ": " + Said.by(e), e);
      }
      page.events()
          .forEach(
              e -> lines.accept(Instant.ofEpochMilli(e.timestamp()) + " " + e.message().strip()));
      token = page.nextToken();
    } while (token != null);
  }

  @Override
  public void close() {
    client.close();
  }
}
