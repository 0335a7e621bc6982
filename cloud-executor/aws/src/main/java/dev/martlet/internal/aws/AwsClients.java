package dev.martlet.internal.aws;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.net.SocketOption;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * Makes the SDK's clients. All of them are non-blocking, each with a thread of its own that ends
 * with it. What they complete they complete on a few threads that all share, that end when there is
 * nothing to do, and that must not be blocked.
 */
public final class AwsClients {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int S3_CONNECTIONS = 500;
  private static final int SQS_CONNECTIONS = 64;

  /** Networks forget connections that are silent for some minutes; a function may take longer. */
  private static final int SECONDS_TO_PROBE = 60;

  private AwsClients() {}

  /**
   * Returns a client of Lambda for invocations: it waits as long as the function may take, for
   * thousands of answers at a time, and tries nothing again.
   */
  public static LambdaAsyncClient invoking(AwsSettings settings, ExecutionInterceptor... hooks) {
    Duration wait = settings.timeout().plusSeconds(60);
    return apply(
            LambdaAsyncClient.builder(),
            settings,
            settings.lambdaEndpoint(),
            http(settings.connections(), wait),
            AwsRetryStrategy.doNotRetry(),
            hooks)
        .build();
  }

  /** Returns a client of Lambda for everything else. */
  public static LambdaAsyncClient managing(AwsSettings settings, ExecutionInterceptor... hooks) {
    return managing(LambdaAsyncClient.builder(), settings, settings.lambdaEndpoint(), hooks)
        .build();
  }

  /** Returns a client of S3. */
  public static S3AsyncClient s3(AwsSettings settings, ExecutionInterceptor... hooks) {
    S3AsyncClientBuilder builder =
        S3AsyncClient.builder()
            .forcePathStyle(settings.pathStyle())
            // A region's own address, since the legacy one of us-east-1 is another.
            .crossRegionAccessEnabled(false);
    if (settings.s3Endpoint() != null) {
      // What other servers than AWS's understand.
      builder
          .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
          .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
          .addPlugin(LegacyMd5Plugin.create());
    }
    return apply(
            builder,
            settings,
            settings.s3Endpoint(),
            http(S3_CONNECTIONS, Duration.ofSeconds(60)),
            AwsRetryStrategy.standardRetryStrategy(),
            hooks)
        .build();
  }

  /** Returns a client of SQS, with room for requests that wait for messages. */
  public static SqsAsyncClient sqs(AwsSettings settings, ExecutionInterceptor... hooks) {
    return apply(
            SqsAsyncClient.builder(),
            settings,
            settings.sqsEndpoint(),
            http(SQS_CONNECTIONS, Duration.ofSeconds(60)),
            AwsRetryStrategy.standardRetryStrategy(),
            hooks)
        .build();
  }

  /** Prepares a client of any other service. */
  public static <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> B managing(
      B builder, AwsSettings settings, @Nullable URI endpoint, ExecutionInterceptor... hooks) {
    return apply(
        builder,
        settings,
        endpoint,
        http(8, Duration.ofSeconds(60)),
        AwsRetryStrategy.standardRetryStrategy(),
        hooks);
  }

  private static <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> B apply(
      B builder,
      AwsSettings settings,
      @Nullable URI endpoint,
      Connections.Builder http,
      RetryStrategy retries,
      ExecutionInterceptor... hooks) {
    ClientOverrideConfiguration.Builder override =
        ClientOverrideConfiguration.builder()
            .retryStrategy(retries)
            .scheduledExecutorService(Threads.TIMER);
    for (ExecutionInterceptor hook : hooks) {
      override.addExecutionInterceptor(hook);
    }
    Region region = settings.findRegion();
    builder
        .region(region)
        .httpClientBuilder(http)
        .overrideConfiguration(override.build())
        .asyncConfiguration(
            a ->
                a.advancedOption(
                    SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Threads.COMPLETING));
    if (endpoint != null) {
      builder.endpointOverride(endpoint);
    }
    return builder;
  }

  private static Connections.Builder http(int connections, Duration wait) {
    NettyNioAsyncHttpClient.Builder http =
        NettyNioAsyncHttpClient.builder()
            .maxPendingConnectionAcquires(Integer.MAX_VALUE)
            // Nobody waits for another's answer here: to make a connection is all that takes time.
            .connectionAcquisitionTimeout(Duration.ofSeconds(30))
            .connectionTimeout(Duration.ofSeconds(10))
            .readTimeout(wait)
            .writeTimeout(Duration.ofSeconds(60))
            .tcpKeepAlive(true);
    for (SocketOption<Integer> option :
        Set.of(ExtendedSocketOptions.TCP_KEEPIDLE, ExtendedSocketOptions.TCP_KEEPINTERVAL)) {
      if (Threads.SOCKETS.contains(option)) {
        http.putChannelOption(NioChannelOption.of(option), SECONDS_TO_PROBE);
      }
    }
    return new Connections.Builder(http, connections, Threads.named("martlet-aws-io"));
  }

  /** Waits for what a client completes, and fails as that has failed. */
  @CanIgnoreReturnValue
  public static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Made with the first client. */
  private static final class Threads {
    static final ThreadPoolExecutor COMPLETING = completing();
    static final ScheduledThreadPoolExecutor TIMER = timer();
    static final Set<SocketOption<?>> SOCKETS = socketOptions();

    private static ThreadPoolExecutor completing() {
      int threads = Math.max(4, PROCESSORS);
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              threads,
              threads,
              10,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              named("martlet-aws-completing"));
      pool.allowCoreThreadTimeOut(true);
      return pool;
    }

    private static ScheduledThreadPoolExecutor timer() {
      ScheduledThreadPoolExecutor timer =
          new ScheduledThreadPoolExecutor(1, named("martlet-aws-timer"));
      timer.setKeepAliveTime(10, TimeUnit.SECONDS);
      timer.allowCoreThreadTimeOut(true);
      timer.setRemoveOnCancelPolicy(true);
      return timer;
    }

    private static Set<SocketOption<?>> socketOptions() {
      try (SocketChannel channel = SocketChannel.open()) {
        return channel.supportedOptions();
      } catch (IOException e) {
        return Set.of();
      }
    }

    static ThreadFactory named(String name) {
      AtomicInteger number = new AtomicInteger();
      return task -> {
        Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
        thread.setDaemon(true);
        return thread;
      };
    }
  }
}
