package dev.martlet.internal.executor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudContext;
import dev.martlet.UncapturableException;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool and its remote. */
@Timeout(60)
class CloudPoolTest {
  private static class Scripted extends StayHome {
    final LinkedBlockingQueue<RemoteCall> calls = new LinkedBlockingQueue<>();
    final AtomicBoolean closed = new AtomicBoolean();

    Scripted() {
      super("");
    }

    @Override
    public String send(RemoteCall call) {
      calls.add(call);
      return null;
    }

    @Override
    public void close() {
      closed.set(true);
    }

    RemoteCall take() throws InterruptedException {
      RemoteCall call = calls.poll(30, SECONDS);
      assertThat(call).isNotNull();
      return call;
    }
  }

  private static CloudPool pool(int n, boolean strict, Remote remote) {
    return new CloudPool(new PoolConfig("pool-7", n, strict, null, remote));
  }

  @Test
  @DisplayName("a remote that throws fails the call and frees the slot")
  void sendThrows() throws Exception {
    AtomicInteger sends = new AtomicInteger();
    Remote remote =
        new StayHome("") {
          @Override
          public String send(RemoteCall call) {
            if (sends.getAndIncrement() == 0) {
              throw new OutOfMemoryError("on purpose");
            }
            return "home";
          }
        };
    try (CloudPool p = pool(1, false, remote)) {
      Future<?> f = p.submit(() -> "value");
      assertThatThrownBy(f::get).hasCauseInstanceOf(OutOfMemoryError.class);
      assertThat(p.submit(() -> "value").get()).isEqualTo("value");
    }
  }

  @Test
  @DisplayName("a call that cannot be begun at home fails and frees the slot")
  void homeThrows() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Remote remote =
        new StayHome("") {
          @Override
          public CloudContext context(long callId, int attempt) {
            if (begun.getAndIncrement() == 0) {
              throw new OutOfMemoryError("on purpose");
            }
            return null;
          }
        };
    try (CloudPool p = pool(1, false, remote)) {
      Future<?> f = p.submit(() -> "value");
      assertThatThrownBy(f::get).hasCauseInstanceOf(OutOfMemoryError.class);
      assertThat(p.submit(() -> "value").get()).isEqualTo("value");
    }
  }

  @Test
  @DisplayName("strict mode refuses at submission what the remote cannot take, and queues nothing")
  void strictSubmit() throws Exception {
    Remote remote =
        new Scripted() {
          @Override
          public void check(Body body) {
            throw new UncapturableException("on purpose", "lambda -> socket");
          }
        };
    try (CloudPool p = pool(1, true, remote)) {
      AtomicInteger ran = new AtomicInteger();
      assertThatThrownBy(() -> p.submit(ran::incrementAndGet))
          .isInstanceOf(UncapturableException.class);
      assertThatThrownBy(() -> p.execute(ran::incrementAndGet))
          .isInstanceOf(UncapturableException.class);
      assertThatThrownBy(() -> CompletableFuture.runAsync(ran::incrementAndGet, p))
          .isInstanceOf(UncapturableException.class);
      assertThat(p.statistics().submitted()).isZero();
      assertThat(ran).hasValue(0);
    }
  }

  @Test
  @DisplayName("strict mode fails a call that would come home")
  void strictHome() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (CloudPool p = pool(1, true, new StayHome("no way out"))) {
      Future<?> f = p.submit(ran::incrementAndGet);
      assertThatThrownBy(f::get)
          .hasCauseInstanceOf(UncapturableException.class)
          .hasMessageContaining("no way out");
      CompletableFuture<Integer> stage = CompletableFuture.supplyAsync(ran::incrementAndGet, p);
      assertThatThrownBy(stage::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(UncapturableException.class);
    }
    assertThat(ran).hasValue(0);
  }

  @Test
  @DisplayName("a home run has its slot's thread name and a context")
  void context() throws Exception {
    try (CloudPool p = pool(1, false, new StayHome("home"))) {
      String seen =
          p.submit(
                  () -> {
                    CloudContext c = CloudContext.current();
                    assertThat(c.pool()).isSameAs(p);
                    assertThat(c.instance()).isNull();
                    return Thread.currentThread().getName() + " " + c.callId() + " " + c.attempt();
                  })
              .get();
      assertThat(seen).isEqualTo("pool-7-thread-1 1 1");
    }
  }

  @Test
  @DisplayName("all tasks of a pool of one run at home on one thread")
  void oneThread() throws Exception {
    try (CloudPool p = pool(1, false, new StayHome("home"))) {
      ThreadLocal<Integer> count = ThreadLocal.withInitial(() -> 0);
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        futures.add(
            p.submit(
                () -> {
                  count.set(count.get() + 1);
                  return count.get();
                }));
        if (i % 10 == 0) {
          futures.get(i).get();
        }
      }
      for (int i = 0; i < 500; i++) {
        assertThat(futures.get(i).get()).isEqualTo(i + 1);
      }
    }
  }

  @Test
  @DisplayName("what an attempt away puts into a thread-local is there at home, in the same slot")
  void threadLocals() throws Exception {
    Scripted remote = new Scripted();
    ThreadLocal<String> local = ThreadLocal.withInitial(() -> "initial");
    try (CloudPool p = pool(1, false, remote)) {
      Future<?> away = p.submit(() -> local.set("home"));
      RemoteCall call = remote.take();
      Locals first = Objects.requireNonNull(call.locals());
      assertThat(first.isSet(local)).isFalse();
      first.set(local, "away");
      call.completed(null, 1, 1);
      away.get();
      Future<String> home =
          p.submit(
              () -> {
                String former = local.get();
                local.set("home");
                return former + " then " + local.get();
              });
      call = remote.take();
      assertThat(Objects.requireNonNull(call.locals()).get(local)).isEqualTo("away");
      call.goHome("");
      assertThat(home.get()).isEqualTo("away then home");
      Future<String> last = p.submit(local::get);
      call = remote.take();
      Locals third = Objects.requireNonNull(call.locals());
      assertThat(third.get(local)).isEqualTo("home");
      third.remove(local);
      assertThatThrownBy(() -> first.get(local)).isInstanceOf(IllegalStateException.class);
      call.goHome("");
      assertThat(last.get()).isEqualTo("initial");
    }
    assertThat(local.get()).isEqualTo("initial");
  }

  @Test
  @DisplayName("calls that run at a time have thread-locals of their own, also in one slot")
  void threadLocalsBeside() throws Exception {
    ThreadLocal<List<String>> local = ThreadLocal.withInitial(ArrayList::new);
    try (CloudPool p = pool(1, false, new StayHome("home"))) {
      Callable<List<String>> inner =
          () -> {
            local.get().add("inner");
            return local.get();
          };
      Callable<List<String>> outer =
          () -> {
            local.get().add("outer");
            assertThat(p.submit(inner).get()).doesNotContain("outer");
            local.get().add("after");
            return local.get();
          };
      p.submit(outer).get();
      assertThat(p.submit(outer).get()).containsExactly("outer", "after", "outer", "after");
    }
  }

  @Test
  @DisplayName("an uncaught exception from away reaches the handler of a pool thread")
  void uncaughtAway() throws Exception {
    Scripted remote = new Scripted();
    AtomicReference<String> where = new AtomicReference<>();
    CountDownLatch handled = new CountDownLatch(1);
    Thread.UncaughtExceptionHandler former = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (t, e) -> {
          where.set(t.getName() + " " + e.getMessage());
          handled.countDown();
        });
    try (CloudPool p = pool(1, false, remote)) {
      p.execute(() -> {});
      remote.take().failed(new IllegalStateException("on purpose"), 1, 1);
      assertThat(handled.await(30, SECONDS)).isTrue();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(former);
    }
    assertThat(where.get()).isEqualTo("pool-7-thread-1 on purpose");
  }

  @Test
  @DisplayName("a call away holds its slot after a cancellation until its answer is there")
  void cancelledHoldsSlot() throws Exception {
    Scripted remote = new Scripted();
    try (CloudPool p = pool(1, false, remote)) {
      Future<String> a = p.submit(() -> "a");
      Future<String> b = p.submit(() -> "b");
      RemoteCall first = remote.take();
      a.cancel(true);
      assertThat(first.isCancelled()).isTrue();
      assertThat(remote.calls).isEmpty();
      p.shutdown();
      assertThat(p.isTerminated()).isFalse();
      first.completed("late", 1, 1);
      remote.take().completed("away", 1, 1);
      assertThat(b.get()).isEqualTo("away");
      assertThat(a.isCancelled()).isTrue();
    }
    assertThat(remote.closed).isTrue();
  }

  @Test
  @DisplayName("only the first answer counts")
  void oneAnswer() throws Exception {
    Scripted remote = new Scripted();
    try (CloudPool p = pool(1, false, remote)) {
      AtomicInteger home = new AtomicInteger();
      Future<Integer> f = p.submit(home::incrementAndGet);
      RemoteCall call = remote.take();
      call.completed(7, 1, 1);
      call.completed(8, 1, 1);
      call.failed(new IllegalStateException("late"), 1, 1);
      call.goHome("late");
      assertThat(f.get()).isEqualTo(7);
      Future<Integer> next = p.submit(home::incrementAndGet);
      remote.take().completed(9, 1, 1);
      assertThat(next.get()).isEqualTo(9);
      assertThat(home).hasValue(0);
    }
  }

  @Test
  @DisplayName("short calls are fed to a busy slot up to the remote's number, in order")
  void feedAhead() throws Exception {
    Scripted remote =
        new Scripted() {
          @Override
          public int ahead(RemoteCall call) {
            return 3;
          }
        };
    try (CloudPool p = pool(1, false, remote)) {
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        int n = i;
        futures.add(p.submit(() -> n));
      }
      assertThat(remote.calls).extracting(RemoteCall::id).containsExactly(1L, 2L, 3L, 4L);
      for (int i = 0; i < 10; i++) {
        RemoteCall call = remote.take();
        assertThat(call.id()).isEqualTo(i + 1);
        call.completed(i, 1, 1);
        assertThat(remote.calls.size()).isEqualTo(Math.min(3 + 1, 10 - i - 1));
      }
      for (int i = 0; i < 10; i++) {
        assertThat(futures.get(i).get()).isEqualTo(i);
      }
    }
  }

  @Test
  @DisplayName("a fed call that comes home waits until the others of its slot have ended")
  void fedComesHome() throws Exception {
    Scripted remote =
        new Scripted() {
          @Override
          public int ahead(RemoteCall call) {
            return 3;
          }
        };
    try (CloudPool p = pool(1, false, remote)) {
      AtomicInteger home = new AtomicInteger();
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        futures.add(p.submit(home::incrementAndGet));
      }
      RemoteCall first = remote.take();
      RemoteCall second = remote.take();
      RemoteCall third = remote.take();
      RemoteCall fourth = remote.take();
      second.goHome("on purpose");
      fourth.goHome("on purpose");
      first.completed(0, 1, 1);
      assertThat(remote.calls).as("nobody is let in meanwhile").isEmpty();
      assertThatThrownBy(() -> futures.get(1).get(20, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(home).hasValue(0);
      third.completed(0, 1, 1);
      assertThat(futures.get(1).get()).isEqualTo(1);
      assertThat(futures.get(3).get()).isEqualTo(2);
      remote.take().completed(0, 1, 1);
      assertThat(futures.get(4).get()).isEqualTo(0);
    }
  }

  @Test
  @DisplayName("the submitter's frames lead to the line that submitted")
  void submitter() throws Exception {
    Scripted remote = new Scripted();
    try (CloudPool p = pool(1, false, remote)) {
      Future<String> f = p.submit(() -> "value");
      RemoteCall call = remote.take();
      assertThat(call.submitter()[0].getClassName()).isEqualTo(CloudPoolTest.class.getName());
      assertThat(call.submitter()[0].getMethodName()).isEqualTo("submitter");
      call.completed("value", 1, 1);
      f.get();
    }
  }

  /** Ends a call by the thread that reads for it, which parks while it does so. */
  private static final class Reading extends Scripted {
    Runnable end = () -> {};

    @Override
    public boolean awaited(long nanos, BooleanSupplier done) {
      end.run();
      LockSupport.park(this); // as a lock might: the thread was woken for the end
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("a thread that has read the end of its call does not wait for being woken again")
  void readEnd(boolean timed) throws Exception {
    Reading remote = new Reading();
    try (CloudPool p = pool(1, false, remote)) {
      Future<?> f = p.submit(() -> "value");
      RemoteCall call = remote.take();
      remote.end = () -> call.completed("value", 0, 0);
      assertThat(timed ? f.get(1, TimeUnit.DAYS) : f.get()).isEqualTo("value");
    }
  }

  @Test
  @DisplayName("a thread does not wait for a call that was cancelled while the thread read answers")
  void readCancelled() throws Exception {
    Reading remote = new Reading();
    try (CloudPool p = pool(1, false, remote)) {
      Future<?> f = p.submit(() -> "value");
      RemoteCall call = remote.take();
      remote.end = () -> f.cancel(false);
      assertThatThrownBy(f::get).isInstanceOf(CancellationException.class);
      call.completed("value", 0, 0);
    }
  }

  @Test
  @DisplayName("the queue does not grow the stack when a remote answers at once")
  void noRecursion() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Remote remote =
        new StayHome("") {
          @Override
          public String send(RemoteCall call) {
            if (call.id() == 1) {
              return "the first waits";
            }
            call.completed(call.id(), 1, 1);
            return null;
          }
        };
    try (CloudPool p = pool(1, false, remote)) {
      p.submit(
          () -> {
            gate.await();
            return null;
          });
      List<Future<Object>> futures = new ArrayList<>();
      for (int i = 0; i < 100_000; i++) {
        futures.add(p.submit(() -> null));
      }
      gate.countDown();
      for (Future<Object> f : futures) {
        assertThat(f.get()).isInstanceOf(Long.class);
      }
    }
  }

  @Test
  @DisplayName("a nested wait on a future of a pool of one works with a time limit too")
  void nestedTimed() throws Exception {
    try (CloudPool p = pool(1, false, new StayHome("home"))) {
      assertThat(p.submit(() -> p.submit(() -> "inner").get(30, SECONDS)).get()).isEqualTo("inner");
      Future<?> outer =
          p.submit(
              () -> {
                CountDownLatch never = new CountDownLatch(1);
                Future<?> inner =
                    p.submit(
                        () -> {
                          never.await();
                          return null;
                        });
                try {
                  return inner.get(10, TimeUnit.MILLISECONDS);
                } finally {
                  never.countDown();
                }
              });
      assertThatThrownBy(outer::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TimeoutException.class);
      assertThat(p.submit(() -> "next").get()).isEqualTo("next");
    }
  }

  @Test
  @DisplayName("a task that joins stages of its own pool of one does not deadlock")
  void nestedJoin() throws Exception {
    try (CloudPool p = pool(1, false, new StayHome("home"))) {
      assertThat(p.submit(() -> join(p, 20)).get(30, SECONDS)).isEqualTo(20);
    }
  }

  private static int join(CloudPool p, int depth) {
    return depth == 0
        ? 0
        : CompletableFuture.supplyAsync(() -> join(p, depth - 1), p).thenApply(n -> n + 1).join();
  }
}
