package dev.martlet.internal.aws.lambda;

import dev.martlet.Usage;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.Gate;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LogType;

/**
 * Invokes one Lambda function. Lambda carries JSON only: bytes travel as Base64 in a string, both
 * ways.
 *
 * <p>Futures complete on threads of {@link dev.martlet.internal.aws.AwsClients}, which must not be
 * blocked. Thread-safe.
 */
public final class LambdaFunctions implements FunctionClient {
  /** Lambda's limit of requests and answers. */
  private static final int SYNCHRONOUS = 6 << 20;

  /** Lambda's limit of events. */
  private static final int ASYNCHRONOUS = 1 << 20;

  private final LambdaAsyncClient client;
  private final String function;
  private final AwsSettings settings;
  private final Tariff tariff;
  private final Gate gate;

  /**
   * Creates a client of a function.
   *
   * @param client belongs to this one from now on
   * @param function its name or ARN
   */
  public LambdaFunctions(LambdaAsyncClient client, String function, AwsSettings settings) {
    this.client = client;
    this.function = function;
    this.settings = settings;
    this.tariff = Tariff.of(settings);
    this.gate = new Gate(settings.connections());
  }

  @Override
  public PlatformLimits limits() {
    int inline = Envelope.capacity(SYNCHRONOUS);
    return new PlatformLimits(inline, inline, settings.timeout(), false, false);
  }

  @Override
  public int longestSubmission() {
    return Envelope.capacity(ASYNCHRONOUS);
  }

  @Override
  public String timeLimit() {
    return settings.timeout().compareTo(AwsSettings.LONGEST) < 0
        ? String.format(
            "the function's time-out is %d s; the setting aws.timeout can be %d minutes at most",
            settings.timeout().toSeconds(), AwsSettings.LONGEST.toMinutes())
        : String.format(
            "the function's time-out is %d minutes, the longest that Lambda has",
            AwsSettings.LONGEST.toMinutes());
  }

  @Override
  public int connections() {
    return settings.connections();
  }

  @Override
  public Place relay() {
    return new Place(settings.findRegion().id(), function);
  }

  @Override
  public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
    return send(request, SYNCHRONOUS, InvocationType.REQUEST_RESPONSE, this::answer);
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    return send(request, ASYNCHRONOUS, InvocationType.EVENT, r -> null);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // each hands on all that happens
  private <T extends @Nullable Object> CompletableFuture<T> send(
      ByteBuffer request, int limit, InvocationType type, Function<InvokeResponse, T> read) {
    int most = Envelope.capacity(limit);
    if (request.remaining() > most) {
      return CompletableFuture.failedFuture(
          new FunctionException(
              FunctionException.Kind.TOO_LARGE,
              String.format(
                  "a request of %,d bytes; Lambda carries %,d", request.remaining(), most),
              null));
    }
    SdkBytes payload = SdkBytes.fromByteArrayUnsafe(Envelope.wrap(request));
    LogType log =
        settings.reports() && type == InvocationType.REQUEST_RESPONSE ? LogType.TAIL : LogType.NONE;
    CompletableFuture<InvokeResponse> sent =
        gate.pass(
            () ->
                client.invoke(
                    b ->
                        b.functionName(function)
                            .invocationType(type)
                            .logType(log)
                            .payload(payload)));
    CompletableFuture<T> result = new CompletableFuture<>();
    sent.whenComplete(
        (response, e) -> {
          try {
            OutOfMemoryError none = e == null ? null : NoMemory.in(e);
            if (none != null) {
              result.completeExceptionally(none);
            } else if (e != null) {
              result.completeExceptionally(Failures.translate(function, e));
            } else {
              result.complete(read.apply(response));
            }
          } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
          }
        });
    result.whenComplete(
        (r, e) -> {
          if (result.isCancelled()) {
            sent.cancel(true);
          }
        });
    return result;
  }

  private FunctionAnswer answer(InvokeResponse response) {
    Usage usage =
        response.logResult() == null
            ? null
            : Report.ofLogTail(response.logResult()).map(tariff::usage).orElse(null);
    String id = response.responseMetadata().requestId();
    byte[] payload =
        response.payload() == null ? new byte[0] : response.payload().asByteArrayUnsafe();
    if (response.functionError() != null) {
      throw Failures.ofFunction(function, id, payload, usage);
    }
    try {
      return new FunctionAnswer(Envelope.unwrap(payload), id, usage);
    } catch (IllegalArgumentException e) {
      throw new FunctionException(
          FunctionException.Kind.REFUSED,
          "the function "
              + function
              + " answered what no worker of Martlet does: deploy the worker with `martlet deploy`",
          e,
          usage);
    }
  }

  @Override
  public Usage estimate(Duration init, Duration duration, long memoryUsed) {
    return tariff.estimate(init, duration, memoryUsed);
  }

  @Override
  public void close() {
    client.close();
  }
}
