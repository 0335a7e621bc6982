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

  /** Whether it runs nothing of what is invoked, and says that it did. */
  volatile boolean deaf;

  /** What it says when it has taken an event; null if it says that. */
  volatile FunctionException.Kind says;

  /** What happens before it says so. */
  volatile Runnable before = () -> {};

  /** Whether it goes on when the platform is closed. */
  volatile boolean outlives;

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
    if (deaf) {
      return CompletableFuture.completedFuture(
          new FunctionAnswer(ByteBuffer.allocate(0), "nobody", null));
    }
    return broken
        ? failed(FunctionException.Kind.CRASHED, "no entry point")
        : cloud.invoke(request);
  }

  private static <T> CompletableFuture<T> failed(FunctionException.Kind kind, String why) {
    return CompletableFuture.failedFuture(new FunctionException(kind, why, null));
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    taken.complete(request);
    before.run();
    FunctionException.Kind kind = says;
    return kind == null ? CompletableFuture.completedFuture(null) : failed(kind, "on purpose");
  }

  @Override
  public void close() {
    if (!outlives) {
      cloud.close();
    }
  }
}
