package dev.martlet.internal.worker.function;

import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A cloud whose queue holds an event until it is told to release it, which it may do twice. */
final class LateCloud implements FunctionClient {
  private final FunctionClient cloud;
  final CompletableFuture<ByteBuffer> taken = new CompletableFuture<>();

  /** Whether instances end while they start. */
  volatile boolean broken;

  LateCloud(FunctionClient cloud) {
    this.cloud = cloud;
  }

  /** Has the event run, and returns what the function answered to the cloud. */
  CompletableFuture<FunctionAnswer> release() {
    return cloud.invoke(taken.join().duplicate());
  }

  @Override
  public PlatformLimits limits() {
    return cloud.limits();
  }

  @Override
  public int longestSubmission() {
    return cloud.longestSubmission();
  }

  @Override
  public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
    return broken
        ? CompletableFuture.failedFuture(
            new FunctionException(FunctionException.Kind.CRASHED, "no entry point", null))
        : cloud.invoke(request);
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    taken.complete(request);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    cloud.close();
  }
}
