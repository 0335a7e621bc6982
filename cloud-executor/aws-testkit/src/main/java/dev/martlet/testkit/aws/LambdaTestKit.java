package dev.martlet.testkit.aws;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.martlet.internal.testkit.Counters;
import dev.martlet.internal.testkit.Kit;
import dev.martlet.internal.testkit.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * AWS Lambda on this machine, for tests: Lambda's REST API on a port of the loopback interface, and
 * behind it one process of Lambda's own Java runtime for each instance, with Lambda's rules.
 *
 * <pre>{@code
 * try (S3TestKit s3 = S3TestKit.start();
 *     LambdaTestKit lambda = LambdaTestKit.builder().s3(s3).concurrency(4).start();
 *     LambdaClient client =
 *         LambdaClient.builder()
 *             .endpointOverride(lambda.endpoint())
 *             .region(Region.of(lambda.region()))
 *             .credentialsProvider(
 *                 StaticCredentialsProvider.create(
 *                     AwsBasicCredentials.create(lambda.accessKeyId(), lambda.secretAccessKey())))
 *             .build()) {
 *   client.createFunction(
 *       f ->
 *           f.functionName("hello")
 *               .runtime(Runtime.JAVA17)
 *               .role("arn:aws:iam::000000000000:role/any")
 *               .handler("com.example.Hello::handleRequest")
 *               .code(c -> c.zipFile(SdkBytes.fromByteArray(zip))));
 *   InvokeResponse answer =
 *       client.invoke(i -> i.functionName("hello").payload(SdkBytes.fromUtf8String("{}")));
 * }
 * }</pre>
 *
 * <p>The rules: a request has 6 MB at most (an event 1 MB) and is JSON; an answer has 6 MB at most;
 * an instance runs one call at a time, is stopped between calls, and is used again, the last one
 * first, until it has been idle for long; a call that takes too long ends its instance, as an exit
 * of the process does; what is above the concurrency limit is answered with 429; events are queued,
 * delivered at least once, and tried twice more if they fail. Requests must be signed (Signature
 * Version 4) with the kit's credentials. {@link #inject Faults} can be injected, and a {@linkplain
 * Builder#roundTrip distance} between client and Lambda.
 *
 * <p>The endpoint also answers STS's GetCallerIdentity, IAM's GetRole and CloudWatch Logs'
 * FilterLogEvents, for tools that deploy functions or look after them.
 *
 * <p>Functions find the kit's Lambda and S3 by the environment variables that the SDK reads. A
 * wrapper script ({@code AWS_LAMBDA_EXEC_WRAPPER}) in {@code /var/task} is looked for in what the
 * function's zip was unpacked to.
 *
 * <p>In {@linkplain Builder#light light mode}, or {@linkplain #deploy with handlers} of this JVM,
 * instances are objects and thousands of them cost little.
 *
 * <p>Processes and files are gone when the kit is closed, and also when its JVM ends without that.
 * Thread-safe.
 */
public final class LambdaTestKit implements AutoCloseable {
  private final Kit kit;
  private final Settings settings;

  private LambdaTestKit(Builder builder) {
    settings = builder.settings();
    S3TestKit s3 = builder.s3;
    try {
      kit =
          new Kit(
              settings,
              (bucket, key) -> {
                if (s3 == null) {
                  throw new IllegalStateException("The kit has no S3");
                }
                return s3.read(bucket, key);
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a builder with Lambda's rules and nothing that goes wrong. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts a kit with the builder's defaults. */
  public static LambdaTestKit start() {
    return builder().start();
  }

  /** Returns the endpoint for clients, at the configured distance. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + kit.farPort());
  }

  /** Returns the endpoint that functions use: without distance. */
  public URI nearEndpoint() {
    return URI.create("http://127.0.0.1:" + kit.nearPort());
  }

  /** Returns the access key that requests must be signed with. */
  public String accessKeyId() {
    return settings.accessKey();
  }

  /** Returns the secret key that requests must be signed with. */
  public String secretAccessKey() {
    return settings.secretKey();
  }

  /** Returns the region that functions are told. */
  public String region() {
    return settings.region();
  }

  /** Makes things go wrong from now on, or stops that with {@link Faults#none}. */
  public void inject(Faults faults) {
    kit.faults(faults);
  }

  /**
   * Adds a function whose instances live in this JVM.
   *
   * @param handlers makes an instance's handler
   */
  public void deploy(
      String name, int memory, Duration timeout, Supplier<RequestStreamHandler> handlers) {
    kit.add(name, memory, timeout.toMillis(), handlers);
  }

  /** Returns whether processes are held to their memory and share of processors. */
  public boolean limits() {
    return kit.limits();
  }

  /** Ends all instances that are idle, so that the next calls are cold starts. */
  public void retireIdle() {
    kit.retireIdle();
  }

  /**
   * Returns the processes of instances that run a call whose caller waits for the answer, as those
   * of events do not. To kill one is to take the answer away.
   */
  public List<ProcessHandle> awaited() {
    return kit.awaited();
  }

  /** Returns what a function's calls that are over have logged; of much the latest lines. */
  public String log(String function) {
    return kit.log(function);
  }

  /** Returns what was counted so far. */
  public LambdaStatistics statistics() {
    Counters counters = kit.counters();
    return new LambdaStatistics(
        counters.requests.sum(),
        counters.invocations.sum(),
        counters.runs.sum(),
        counters.coldStarts.sum(),
        counters.throttled.sum(),
        counters.functionErrors.sum(),
        counters.retries.sum(),
        counters.dropped.sum(),
        counters.faults.sum(),
        counters.instances.get(),
        counters.running.get(),
        counters.peak.get(),
        counters.bytesIn.sum(),
        counters.bytesOut.sum());
  }

  /** Ends all instances and deletes their files. */
  @Override
  public void close() {
    kit.close();
  }

  /** Builds a kit. Not thread-safe. */
  public static final class Builder {
    private String region = "eu-west-1";
    private String accessKey = "AKIATESTKITTESTKIT00";
    private String secretKey = "test-kit-secret";
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private final List<String> jvmArguments = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private int concurrency;
    private Duration idle = Duration.ofMinutes(5);
    private boolean freeze = true;
    private boolean limits;
    private int scaling = Integer.MAX_VALUE;
    private Duration settling = Duration.ZERO;
    private boolean light;
    private boolean sharedClasses;
    private Duration coldStart = Duration.ZERO;
    private Duration roundTrip = Duration.ZERO;
    private List<Duration> retryDelays = List.of(Duration.ofMillis(50), Duration.ofMillis(100));
    private @Nullable S3TestKit s3;

    private Builder() {}

    /** Sets the region that functions are told; eu-west-1 otherwise. */
    @CanIgnoreReturnValue
    public Builder region(String region) {
      this.region = region;
      return this;
    }

    /** Sets the credentials of clients and functions. */
    @CanIgnoreReturnValue
    public Builder credentials(String accessKeyId, String secretAccessKey) {
      this.accessKey = accessKeyId;
      this.secretKey = secretAccessKey;
      return this;
    }

    /**
     * Gives functions an S3, which code can be uploaded to as well. Its credentials become the
     * kit's.
     */
    @CanIgnoreReturnValue
    public Builder s3(S3TestKit s3) {
      this.s3 = s3;
      environment.put("AWS_ENDPOINT_URL_S3", s3.endpoint().toString());
      return credentials(s3.accessKeyId(), s3.secretAccessKey());
    }

    /** Tells functions where SQS is. */
    @CanIgnoreReturnValue
    public Builder sqs(SqsTestKit sqs) {
      environment.put("AWS_ENDPOINT_URL_SQS", sqs.endpoint().toString());
      return this;
    }

    /**
     * Sets the command that instances run, whatever runtime a function names; this JVM's otherwise.
     */
    @CanIgnoreReturnValue
    public Builder java(Path java) {
      this.java = java;
      return this;
    }

    /** Adds arguments for the JVMs of all instances. */
    @CanIgnoreReturnValue
    public Builder jvmArguments(String... arguments) {
      jvmArguments.addAll(List.of(arguments));
      return this;
    }

    /** Adds a variable to the environment of all functions. */
    @CanIgnoreReturnValue
    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /**
     * Sets how many calls may run at once in all; Lambda's 1,000 in light mode and 10 otherwise, as
     * each is a process.
     */
    @CanIgnoreReturnValue
    public Builder concurrency(int concurrency) {
      this.concurrency = concurrency;
      return this;
    }

    /** Sets after how long an idle instance is ended; 5 minutes otherwise. */
    @CanIgnoreReturnValue
    public Builder idleTime(Duration idle) {
      this.idle = idle;
      return this;
    }

    /** Sets whether processes are stopped between calls; they are otherwise. */
    @CanIgnoreReturnValue
    public Builder freeze(boolean freeze) {
      this.freeze = freeze;
      return this;
    }

    /**
     * Holds processes to their function's memory, and to a processor for 1,769 MB of it, by control
     * groups, where this JVM may make them: {@link LambdaTestKit#limits} tells. Off otherwise.
     */
    @CanIgnoreReturnValue
    public Builder limits(boolean limits) {
      this.limits = limits;
      return this;
    }

    /**
     * Sets how many instances a function may start within ten seconds, above which calls are
     * throttled: 1,000 on Lambda; no such limit otherwise.
     */
    @CanIgnoreReturnValue
    public Builder scaling(int instances) {
      this.scaling = instances;
      return this;
    }

    /**
     * Sets how long a new function is pending, in which it cannot be invoked, and how long an
     * update is in progress, in which there can be no other: a second or more on Lambda; no time
     * otherwise.
     */
    @CanIgnoreReturnValue
    public Builder settling(Duration settling) {
      this.settling = settling;
      return this;
    }

    /**
     * Runs uploaded functions in this JVM, in a class loader for each instance, if their handlers
     * are {@link RequestStreamHandler}s. Nothing keeps them from what the whole JVM shares.
     */
    @CanIgnoreReturnValue
    public Builder light(boolean light) {
      this.light = light;
      return this;
    }

    /**
     * In light mode, has all instances of an uploaded function use the same classes, and new ones
     * go on with the handlers of those that have ended, so that even thousands start at once; for
     * functions that keep nothing in static fields that another instance must not see.
     */
    @CanIgnoreReturnValue
    public Builder sharedClasses(boolean shared) {
      this.sharedClasses = shared;
      return this;
    }

    /** Sets what a cold start takes longer than it does by itself; nothing otherwise. */
    @CanIgnoreReturnValue
    public Builder coldStart(Duration more) {
      this.coldStart = more;
      return this;
    }

    /**
     * Sets how far clients are away; no distance otherwise. The first request of a connection waits
     * two more round trips, as for TCP and TLS.
     */
    @CanIgnoreReturnValue
    public Builder roundTrip(Duration roundTrip) {
      this.roundTrip = roundTrip;
      return this;
    }

    /** Sets when events that failed are tried again; soon otherwise (Lambda: 1 and 2 minutes). */
    @CanIgnoreReturnValue
    public Builder retryDelays(Duration first, Duration second) {
      retryDelays = List.of(first, second);
      return this;
    }

    private Settings settings() {
      return new Settings(
          accessKey,
          secretKey,
          region,
          "000000000000",
          java,
          List.copyOf(jvmArguments),
          Map.copyOf(environment),
          concurrency > 0 ? concurrency : light ? 1_000 : 10,
          idle,
          freeze,
          limits,
          scaling,
          settling,
          light,
          sharedClasses,
          coldStart,
          roundTrip,
          retryDelays);
    }

    /** Starts the kit. */
    public LambdaTestKit start() {
      return new LambdaTestKit(this);
    }
  }
}
