package dev.martlet.internal.aws;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who passes a gate, and when. */
@Timeout(60)
class GateTest {
  @Test
  @DisplayName("so many are under way and no more, and the others follow in order")
  void order() {
    Gate gate = new Gate(2);
    List<CompletableFuture<String>> begun = new ArrayList<>();
    List<CompletableFuture<String>> results = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      results.add(
          gate.pass(
              () -> {
                CompletableFuture<String> operation = new CompletableFuture<>();
                begun.add(operation);
                return operation;
              }));
    }
    assertThat(begun).hasSize(2);
    begun.get(1).complete("second");
    assertThat(results.get(1)).isCompletedWithValue("second");
    assertThat(begun).hasSize(3);
    begun.get(0).completeExceptionally(new IllegalStateException());
    assertThat(results.get(0)).isCompletedExceptionally();
    assertThat(begun).hasSize(4);
    begun.get(3).complete("fourth");
    assertThat(results.get(3)).isCompletedWithValue("fourth");
  }

  @Test
  @DisplayName("what is cancelled while it waits never begins, and what has begun is cancelled")
  void cancels() {
    Gate gate = new Gate(1);
    CompletableFuture<String> operation = new CompletableFuture<>();
    AtomicInteger begun = new AtomicInteger();
    CompletableFuture<String> first = gate.pass(() -> operation);
    CompletableFuture<String> second =
        gate.pass(
            () -> {
              begun.incrementAndGet();
              return new CompletableFuture<>();
            });
    second.cancel(true);
    first.cancel(true);
    assertThat(operation).isCancelled();
    assertThat(begun).hasValue(0);
    assertThat(gate.pass(() -> CompletableFuture.completedFuture("third")))
        .isCompletedWithValue("third");
  }

  @Test
  @DisplayName("an operation that throws fails its future alone")
  void throwing() {
    Gate gate = new Gate(1);
    assertThat(
            gate.pass(
                () -> {
                  throw new IllegalStateException("closed");
                }))
        .isCompletedExceptionally();
    assertThat(gate.pass(() -> CompletableFuture.completedFuture(1))).isCompletedWithValue(1);
  }

  @Test
  @DisplayName("a hundred thousand that wait pass without deep stacks")
  void deep() {
    Gate gate = new Gate(1);
    CompletableFuture<Integer> first = new CompletableFuture<>();
    List<CompletableFuture<Integer>> results = new ArrayList<>();
    results.add(gate.pass(() -> first));
    for (int i = 0; i < 100_000; i++) {
      int n = i;
      results.add(gate.pass(() -> CompletableFuture.completedFuture(n)));
    }
    first.complete(0);
    assertThat(results).allMatch(CompletableFuture::isDone);
  }

  @Test
  @DisplayName("many threads at once lose nobody")
  void races() throws Exception {
    Gate gate = new Gate(3);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<CompletableFuture<Void>> results = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        results.add(
            gate.pass(
                () -> {
                  most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                  return CompletableFuture.runAsync(inside::decrementAndGet, pool);
                }));
      }
      CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).get(50, SECONDS);
    } finally {
      pool.shutdownNow();
    }
    assertThat(most.get()).isBetween(1, 3);
  }
}
