package dev.martlet.internal.aws.s3;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Runs numbered requests, a few at a time; the first failure keeps others from beginning. */
final class Parts {
  private static final int AT_A_TIME = 8;

  private final int count;
  private final IntFunction<CompletableFuture<?>> request;
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean failed;

  private Parts(int count, IntFunction<CompletableFuture<?>> request) {
    this.count = count;
    this.request = request;
  }

  /**
   * Runs requests {@code 0} to {@code count - 1}.
   *
   * @return completes when none is under way any more
   */
  static CompletableFuture<Void> run(int count, IntFunction<CompletableFuture<?>> request) {
    Parts parts = new Parts(count, request);
    CompletableFuture<?>[] lanes = new CompletableFuture<?>[Math.min(count, AT_A_TIME)];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = parts.lane();
    }
    return CompletableFuture.allOf(lanes);
  }

  private CompletableFuture<?> lane() {
    int n = next.getAndIncrement();
    if (n >= count || failed) {
      return CompletableFuture.completedFuture(null);
    }
    return request.apply(n).whenComplete((r, e) -> failed |= e != null).thenCompose(r -> lane());
  }
}
