package dev.martlet.internal.executor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.PoolStatistics;
import dev.martlet.contract.ExecutorContractTest;
import dev.martlet.internal.dispatch.Remote;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a Martlet pool promises beyond the JDK. */
abstract class CloudPoolContract extends ExecutorContractTest {
  /** Creates a way out. */
  protected abstract Remote remote();

  @Override
  protected ExecutorService newPool(int parallelism) {
    return new CloudPool(new PoolConfig("pool", parallelism, false, null, remote()));
  }

  private static int nest(ExecutorService p, int depth) throws Exception {
    return depth == 0 ? 0 : p.submit(() -> nest(p, depth - 1)).get() + 1;
  }

  @Test
  @DisplayName("submit and get nested twenty deep finishes on a pool of one")
  void nested() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(nest(pool(1), 20)).isEqualTo(20);
    }
  }

  @Test
  @DisplayName("a nested call overtakes the queue")
  void nestedOvertakes() throws Exception {
    ExecutorService p = pool(1);
    CountDownLatch gate = gate();
    List<Future<Integer>> futures = new ArrayList<>();
    Future<?> blocked = block(p, gate);
    for (int i = 0; i < 10; i++) {
      futures.add(p.submit(() -> nest(p, 5)));
    }
    gate.countDown();
    blocked.get();
    for (Future<Integer> f : futures) {
      assertThat(f.get(60, SECONDS)).isEqualTo(5);
    }
  }

  @Test
  @DisplayName("a recursion of many nested calls gives the right sum")
  void fibonacci() throws Exception {
    for (int n : new int[] {1, 3}) {
      assertThat(fib(pool(n), 9)).isEqualTo(34);
    }
  }

  private static int fib(ExecutorService p, int n) throws Exception {
    if (n < 2) {
      return n;
    }
    Future<Integer> a = p.submit(() -> fib(p, n - 1));
    Future<Integer> b = p.submit(() -> fib(p, n - 2));
    return a.get(60, SECONDS) + b.get(60, SECONDS);
  }

  @Test
  @DisplayName("invokeAll and invokeAny nested in a task of a pool of one finish")
  void nestedBulk() throws Exception {
    ExecutorService p = pool(1);
    List<Callable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> 3);
    assertThat(
            p.submit(
                    () -> {
                      int sum = 0;
                      for (Future<Integer> f : p.invokeAll(tasks)) {
                        sum += f.get();
                      }
                      return sum;
                    })
                .get(60, SECONDS))
        .isEqualTo(6);
    assertThat(p.submit(() -> p.invokeAny(tasks)).get(60, SECONDS)).isBetween(1, 3);
    List<Callable<Integer>> failing =
        List.of(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            () -> 2);
    assertThat(p.submit(() -> p.invokeAny(failing)).get(60, SECONDS)).isEqualTo(2);
  }

  @Test
  @DisplayName("a pool of one never runs two tasks at a time, nested ones of a waiting task aside")
  void oneAtATime() throws Exception {
    ExecutorService p = pool(1);
    AtomicInteger running = new AtomicInteger();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      futures.add(
          p.submit(
              () -> {
                assertThat(running.incrementAndGet()).isEqualTo(1);
                Future<?> inner =
                    p.submit(
                        () -> {
                          assertThat(running.incrementAndGet()).isEqualTo(1);
                          running.decrementAndGet();
                        });
                running.decrementAndGet();
                inner.get();
                assertThat(running.incrementAndGet()).isEqualTo(1);
                running.decrementAndGet();
                return null;
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
  }

  @Test
  @DisplayName("totals and recent calls add up")
  void statistics() throws Exception {
    CloudPool p = (CloudPool) pool(2);
    CountDownLatch gate = gate();
    for (int i = 0; i < 10; i++) {
      p.submit(() -> "value").get();
    }
    Future<?> failed =
        p.submit(
            (Runnable)
                () -> {
                  throw new IllegalStateException("on purpose");
                });
    assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
    Future<?> a = block(p, gate);
    Future<?> b = block(p, gate);
    Future<?> cancelled = p.submit(() -> "value");
    cancelled.cancel(true);
    gate.countDown();
    a.get();
    b.get();
    PoolStatistics s = p.statistics();
    assertThat(s.submitted()).isEqualTo(14);
    assertThat(s.away() + s.home()).isEqualTo(13);
    assertThat(s.failed()).isEqualTo(1);
    assertThat(s.cancelled()).isEqualTo(1);
    assertThat(s.recent()).hasSize(14);
    assertThat(s.recent()).extracting(CallStatistics::id).doesNotHaveDuplicates();
    for (CallStatistics c : s.recent()) {
      assertThat(c.ended()).isAfterOrEqualTo(c.queued());
      if (c.place() == CallStatistics.Place.AWAY) {
        assertThat(c.reason()).isNull();
      } else {
        assertThat(c.instance()).isNull();
      }
    }
  }

  @Test
  @DisplayName("a listener hears of every call, and what it throws does no harm")
  void listener() throws Exception {
    ConcurrentLinkedQueue<CallStatistics> heard = new ConcurrentLinkedQueue<>();
    CallListener listener =
        new CallListener() {
          @Override
          public void ended(CallStatistics call) {
            heard.add(call);
            throw new IllegalStateException("on purpose");
          }
        };
    try (CloudPool p = new CloudPool(new PoolConfig("pool", 2, false, listener, remote()))) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(p.submit(() -> "value"));
      }
      for (Future<?> f : futures) {
        f.get();
      }
      await().until(() -> heard.size() == 20);
    }
    assertThat(heard).extracting(CallStatistics::id).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("tiny calls fed to busy slots all complete, whatever happens to some")
  void tiny() throws Exception {
    interface TinyTask extends Callable<Integer>, FakeRemote.Tiny {}
    for (int n : new int[] {1, 3}) {
      ExecutorService p = pool(n);
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        int k = i;
        futures.add(p.submit((TinyTask) () -> k));
      }
      for (int i = 0; i < 2000; i++) {
        assertThat(futures.get(i).get(60, SECONDS)).isEqualTo(i);
      }
    }
  }

  @Test
  @DisplayName("a pool that has terminated leaves no thread behind")
  void noThreadLeft() throws Exception {
    String name = "ending-" + System.nanoTime();
    CloudPool p = new CloudPool(new PoolConfig(name, 3, false, null, remote()));
    CountDownLatch gate = gate();
    for (int i = 0; i < 3; i++) {
      block(p, gate);
    }
    gate.countDown();
    p.close();
    await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(t -> t.getName().startsWith(name)));
  }
}
