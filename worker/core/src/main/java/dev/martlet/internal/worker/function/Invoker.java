package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Relay;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Submits a client's requests from within the cloud, some at a time. It tries nothing again, since
 * the client decides that, and does not look into them.
 */
final class Invoker {
  private static final int AT_A_TIME = 32;

  private final Surroundings surroundings;
  private final Relay relay;

  Invoker(Surroundings surroundings, Relay relay) {
    this.surroundings = surroundings;
    this.relay = relay;
  }

  /** Submits all, and returns what the client is told. */
  ByteBuffer run() {
    long began = System.nanoTime();
    Semaphore free = new Semaphore(AT_A_TIME);
    List<CompletableFuture<Relay.Result>> all = new ArrayList<>();
    for (ByteBuffer request : relay.requests()) {
      free.acquireUninterruptibly();
      CompletableFuture<Relay.Result> one;
      try {
        one = surroundings.submit(relay.region(), relay.function(), request);
      } catch (RuntimeException e) {
        one = CompletableFuture.failedFuture(e);
      }
      all.add(one.exceptionally(Invoker::unknown).whenComplete((r, e) -> free.release()));
    }
    List<Relay.Result> results = new ArrayList<>();
    for (CompletableFuture<Relay.Result> one : all) {
      results.add(one.join());
    }
    return new Relay.Results(System.nanoTime() - began, results).encode();
  }

  private static Relay.Result unknown(Throwable e) {
    return new Relay.Result(Relay.Kind.UNKNOWN, Objects.toString(e.getMessage(), e.toString()));
  }
}
