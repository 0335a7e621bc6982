package dev.martlet.internal.worker.function;

import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A cloud whose queue holds an event until it is told to release it. */
final class LateCloud implements FunctionClient {
  private final FunctionClient cloud;
  final CompletableFuture<ByteBuffer> taken = new CompletableFuture<>();

  LateCloud(FunctionClient cloud) {
    this.cloud = cloud;
  }

  /** Has the event run, and returns what the function answered to the cloud. */
  CompletableFuture<FunctionAnswer> release() {
    return cloud.invoke(taken.join());
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
    return cloud.invoke(request);
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
