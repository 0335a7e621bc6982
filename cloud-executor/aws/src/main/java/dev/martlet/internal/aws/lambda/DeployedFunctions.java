package dev.martlet.internal.aws.lambda;

import dev.martlet.Usage;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A function that is still being deployed: invocations wait until it is. Thread-safe. */
public final class DeployedFunctions implements FunctionClient {
  private final FunctionClient functions;
  private final CompletableFuture<Void> deployed;

  /**
   * Creates the client.
   *
   * @param functions the client of the function
   * @param deployment completes when the function can be invoked
   */
  public DeployedFunctions(FunctionClient functions, CompletableFuture<?> deployment) {
    this.functions = functions;
    this.deployed =
        deployment.handle(
            (done, e) -> {
              if (e != null) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new FunctionException(
                    FunctionException.Kind.NOT_STARTED,
                    "the worker cannot be deployed: " + cause.getMessage(),
                    cause);
              }
              return null;
            });
  }

  @Override
  public PlatformLimits limits() {
    return functions.limits();
  }

  @Override
  public int longestSubmission() {
    return functions.longestSubmission();
  }

  @Override
  public String timeLimit() {
    return functions.timeLimit();
  }

  @Override
  public int connections() {
    return functions.connections();
  }

  @Override
  public @Nullable Place relay() {
    return functions.relay();
  }

  @Override
  public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
    return then(f -> f.invoke(request));
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    return then(f -> f.submit(request));
  }

  /** Does something once the function is there; to cancel that is to cancel what was begun. */
  private <T> CompletableFuture<T> then(Function<FunctionClient, CompletableFuture<T>> action) {
    if (deployed.isDone() && !deployed.isCompletedExceptionally()) {
      return action.apply(functions);
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<T> begun =
        deployed.thenCompose(
            d -> {
              CompletableFuture<T> f = action.apply(functions);
              CompletableFuture<T> unused =
                  result.whenComplete(
                      (r, e) -> {
                        if (result.isCancelled()) {
                          f.cancel(true);
                        }
                      });
              return f;
            });
    CompletableFuture<T> unused =
        begun.whenComplete(
            (r, e) -> {
              if (e != null) {
                result.completeExceptionally(e);
              } else {
                result.complete(r);
              }
            });
    return result;
  }

  @Override
  public @Nullable Usage estimate(Duration init, Duration duration, long memoryUsed) {
    return functions.estimate(init, duration, memoryUsed);
  }

  @Override
  public void close() {
    functions.close();
  }
}
