package dev.martlet.experiments;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;

/**
 * A process that does what {@link Client} does without Martlet: AWS's SDK invokes a function of the
 * cloud that does nothing but sleep. What this machine takes for the cloud itself can be seen
 * there.
 */
final class Bare {
  private static final int CONNECTIONS = 4_000;

  private Bare() {}

  /**
   * Invokes the function.
   *
   * @param args where the cloud is, how many milliseconds each call takes, and how many run, time
   *     after time
   */
  public static void main(String[] args) throws Exception {
    Meter meter = new Meter();
    try (LambdaAsyncClient lambda =
        LambdaAsyncClient.builder()
            .endpointOverride(URI.create(args[0]))
            .region(Region.EU_WEST_1)
            .httpClientBuilder(
                NettyNioAsyncHttpClient.builder()
                    .maxConcurrency(CONNECTIONS)
                    .maxPendingConnectionAcquires(CONNECTIONS)
                    .connectionTimeout(Duration.ofMinutes(1))
                    .connectionAcquisitionTimeout(Duration.ofMinutes(1))
                    .readTimeout(Duration.ofMinutes(15)))
            .build()) {
      int most = Stream.of(args).skip(2).mapToInt(Integer::parseInt).max().orElseThrow();
      List<long[]> unused = run(lambda, most, "1000");
      for (int i = 2; i < args.length; i++) {
        meter.begin();
        long began = System.currentTimeMillis();
        List<long[]> all = run(lambda, Integer.parseInt(args[i]), args[1]);
        meter.end(began, all);
      }
    }
    System.exit(0);
  }

  private static List<long[]> run(LambdaAsyncClient lambda, int calls, String millis) {
    List<CompletableFuture<long[]>> results = new ArrayList<>(calls);
    for (int i = 0; i < calls; i++) {
      results.add(
          lambda
              .invoke(b -> b.functionName(Cloud.SLEEPER).payload(SdkBytes.fromUtf8String(millis)))
              .thenApply(
                  answer ->
                      new long[] {
                        Long.parseLong(answer.payload().asUtf8String()), System.currentTimeMillis()
                      }));
    }
    List<long[]> all = new ArrayList<>(calls);
    for (CompletableFuture<long[]> result : results) {
      all.add(result.join());
    }
    return all;
  }
}
