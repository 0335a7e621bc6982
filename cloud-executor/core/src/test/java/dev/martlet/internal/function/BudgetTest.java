package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The memory for requests of calls under way. */
@Timeout(60)
class BudgetTest {
  private final Budget budget = new Budget(10_000, Runnable::run);
  private final AtomicBoolean interrupted = new AtomicBoolean();

  private Thread waiter() {
    Thread thread =
        new Thread(
            () -> {
              budget.await();
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    thread.setDaemon(true);
    thread.start();
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  @Test
  @DisplayName("copies are kept in the first half, and beyond it only until they are stored")
  void briefly() {
    assertThat(budget.room(5_000)).isCompletedWithValue(false);
    assertThat(budget.room(600)).isCompletedWithValue(true);
    assertThat(budget.room(0)).isCompletedWithValue(false);
    budget.leave(5_000);
    assertThat(budget.room(600)).isCompletedWithValue(false);
    assertThat(budget.copies()).isEqualTo(1_200);
    assertThat(budget.peak()).isEqualTo(5_600);
  }

  @Test
  @DisplayName("who finds no room for copies gets some in turn, and nothing is too much for ever")
  void inTurn() {
    assertThat(budget.room(8_000)).isCompletedWithValue(true);
    CompletableFuture<Boolean> huge = budget.room(50_000);
    CompletableFuture<Boolean> after = budget.room(1_000);
    assertThat(huge).isNotDone();
    assertThat(after).isNotDone();
    budget.leave(8_000);
    assertThat(huge).isCompletedWithValue(true);
    assertThat(after).isNotDone();
    budget.leave(50_000);
    assertThat(after).isCompletedWithValue(false);
    assertThat(budget.copies()).isEqualTo(1_000);
  }

  @Test
  @DisplayName("small requests do not count")
  void small() {
    for (int i = 0; i < 1_000; i++) {
      budget.add(Budget.SMALL - 1);
    }
    budget.remove(Budget.SMALL - 1);
    assertThat(budget.requests()).isZero();
    budget.await();
  }

  @Test
  @DisplayName("whoever is about to make a request waits while the budget is exceeded")
  void waits() throws Exception {
    budget.add(20_000);
    budget.add(1_000);
    Thread first = waiter();
    Thread second = waiter();
    budget.remove(1_000);
    assertThat(first.isAlive() && second.isAlive()).isTrue();
    budget.remove(20_000);
    first.join();
    second.join();
    assertThat(interrupted).isFalse();
  }

  @Test
  @DisplayName("an interrupt is no reason not to wait, and is not lost")
  void interrupt() throws Exception {
    budget.add(20_000);
    Thread waiter = waiter();
    waiter.interrupt();
    await().until(() -> !waiter.isInterrupted() && waiter.getState() == Thread.State.TIMED_WAITING);
    budget.remove(20_000);
    waiter.join();
    assertThat(interrupted).isTrue();
  }

  @Test
  @DisplayName("what waits for room without a thread gets some in turn, one at a time")
  void turns() {
    List<Runnable> begun = new ArrayList<>();
    Budget narrow = new Budget(10_000, begun::add);
    List<Integer> done = new ArrayList<>();
    narrow.add(20_000);
    assertThat(narrow.hasRoom()).isFalse();
    for (int i = 0; i < 4; i++) {
      int n = i;
      narrow.whenRoom(
          () -> {
            done.add(n);
            narrow.add(6_000);
          });
    }
    assertThat(begun).isEmpty();
    narrow.remove(20_000);
    runAll(begun);
    assertThat(done).containsExactly(0, 1);
    assertThat(narrow.hasRoom()).isFalse();
    narrow.remove(6_000);
    runAll(begun);
    assertThat(done).containsExactly(0, 1, 2);
    narrow.close();
    runAll(begun);
    assertThat(done).containsExactly(0, 1, 2, 3);
  }

  private static void runAll(List<Runnable> begun) {
    while (!begun.isEmpty()) {
      begun.remove(0).run();
    }
  }

  @Test
  @DisplayName("nobody waits for what is closed")
  void closed() throws Exception {
    budget.add(20_000);
    Thread waiter = waiter();
    budget.close();
    waiter.join();
    budget.await();
    assertThat(budget.room(20_000)).isCompletedWithValue(true);
    assertThat(budget.room(20_000)).isCompletedWithValue(true);
  }
}
