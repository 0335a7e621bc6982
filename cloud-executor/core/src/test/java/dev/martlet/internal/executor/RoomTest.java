package dev.martlet.internal.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import dev.martlet.internal.threads.OwnThread;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool whose calls under way have been given as much as there is memory for. */
@Timeout(60)
class RoomTest {
  /** Keeps calls until the test answers them; has room for so many. */
  private static final class Narrow implements Remote {
    final Queue<RemoteCall> calls = new ConcurrentLinkedQueue<>();
    final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    final CountDownLatch freed = new CountDownLatch(1);
    volatile Thread waits;
    volatile int most = 1;

    @Override
    public String send(RemoteCall call) {
      calls.add(call);
      return null;
    }

    @Override
    public boolean hasRoom() {
      return calls.size() < most;
    }

    @Override
    public void awaitRoom() {
      waits = Thread.currentThread();
      try {
        freed.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void whenRoom(Runnable action) {
      waiting.add(action);
    }

    @Override
    public int ahead(RemoteCall call) {
      return 0;
    }

    @Override
    public void check(Body body) {}

    @Override
    public void interrupt(RemoteCall call) {}

    @Override
    public void close() {}
  }

  private final Narrow remote = new Narrow();
  private final CloudPool pool = new CloudPool(new PoolConfig("narrow", 2, false, null, remote));

  @AfterEach
  void end() {
    remote.most = Integer.MAX_VALUE;
    remote.freed.countDown();
    for (Runnable r = remote.waiting.poll(); r != null; r = remote.waiting.poll()) {
      r.run();
    }
    for (RemoteCall c = remote.calls.poll(); c != null; c = remote.calls.poll()) {
      c.completed(null, 0, 0);
    }
    pool.close();
  }

  /** Does something on a thread like Martlet's own, which is to be done with it. */
  private static void own(Runnable action) throws Exception {
    Thread t = new OwnThread(null, action, "own");
    t.setDaemon(true);
    t.start();
    t.join();
  }

  @Test
  @DisplayName("a thread on which a call ends starts no other then, and waits for nothing")
  void ends() throws Exception {
    remote.most = 2;
    Future<?> first = pool.submit(() -> 1);
    Future<?> second = pool.submit(() -> 2);
    // There is no slot either, so the program's thread does not wait.
    Future<?> third = pool.submit(() -> 3);
    remote.most = 1;
    own(() -> remote.calls.remove().completed(1, 0, 0));
    assertThat(first.get()).isEqualTo(1);
    assertThat(third.isDone()).isFalse();
    assertThat(remote.calls).hasSize(1);
    own(() -> remote.calls.remove().completed(2, 0, 0));
    assertThat(second.get()).isEqualTo(2);
    remote.waiting.remove().run();
    own(() -> remote.calls.remove().completed(3, 0, 0));
    assertThat(third.get()).isEqualTo(3);
  }

  @Test
  @DisplayName("what a task's end submits on Martlet's thread waits without that")
  void submits() throws Exception {
    Future<?> first = pool.submit(() -> 1);
    CompletableFuture<Future<Integer>> later = new CompletableFuture<>();
    own(() -> later.complete(pool.submit(() -> 2)));
    assertThat(remote.calls).hasSize(1);
    // It has waited for long enough, though there is no room yet.
    remote.waiting.remove().run();
    assertThat(remote.calls).hasSize(2);
    own(() -> remote.calls.remove().completed(1, 0, 0));
    own(() -> remote.calls.remove().completed(2, 0, 0));
    assertThat(first.get()).isEqualTo(1);
    assertThat(later.get().get()).isEqualTo(2);
  }

  @Test
  @DisplayName("a thread of the program waits before it submits")
  void waits() throws Exception {
    Future<?> first = pool.submit(() -> 1);
    CompletableFuture<Future<Integer>> second =
        CompletableFuture.supplyAsync(() -> pool.submit(() -> 2));
    await().until(() -> remote.waits != null);
    assertThat(second).isNotDone();
    remote.most = 2;
    remote.freed.countDown();
    await().until(() -> remote.calls.size() == 2);
    own(() -> remote.calls.remove().completed(1, 0, 0));
    own(() -> remote.calls.remove().completed(2, 0, 0));
    assertThat(first.get()).isEqualTo(1);
    assertThat(second.get().get()).isEqualTo(2);
  }
}
