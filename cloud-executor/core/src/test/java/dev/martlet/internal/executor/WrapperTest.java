package dev.martlet.internal.executor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.ListenableFutureTask;
import com.google.common.util.concurrent.ListeningExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Wrappers are opened: their function goes away, and they finish at home without blocked threads.
 */
@Timeout(60)
class WrapperTest {
  /** Keeps calls until the test answers them. */
  private static final class Held implements Remote {
    final Queue<RemoteCall> calls = new ConcurrentLinkedQueue<>();
    final Queue<RemoteCall> interrupted = new ConcurrentLinkedQueue<>();

    @Override
    public String send(RemoteCall call) {
      calls.add(call);
      return null;
    }

    @Override
    public int ahead(RemoteCall call) {
      return 0;
    }

    @Override
    public void check(Body body) {}

    @Override
    public void interrupt(RemoteCall call) {
      interrupted.add(call);
    }

    @Override
    public void close() {}

    RemoteCall take() {
      await().until(() -> !calls.isEmpty());
      return calls.remove();
    }
  }

  private final Held remote = new Held();
  private final CloudPool pool = new CloudPool(new PoolConfig("wrap", 64, false, null, remote));

  @AfterEach
  void end() {
    for (RemoteCall c = remote.calls.poll(); c != null; c = remote.calls.poll()) {
      c.failed(new CancellationException(), 0, 0);
    }
    pool.close();
  }

  /** Checks what was sent, answers it from a thread like a worker's, and returns the future. */
  private <T> CompletableFuture<T> answer(
      CompletableFuture<T> future, Body.Kind kind, Object first, Object second, Object value) {
    RemoteCall call = remote.take();
    assertThat(call.body().kind()).isEqualTo(kind);
    assertThat(call.body().first()).isEqualTo(first);
    assertThat(call.body().second()).isEqualTo(second);
    assertThat(future).isNotDone();
    call.completed(value, 1, 1);
    return future;
  }

  @Test
  @DisplayName("every asynchronous stage sends its function and arguments, and takes the answer")
  void stages() {
    Throwable e = new IllegalStateException("on purpose");
    CompletableFuture<Integer> one = CompletableFuture.completedFuture(1);
    CompletableFuture<Integer> two = CompletableFuture.completedFuture(2);
    CompletableFuture<Integer> none = CompletableFuture.completedFuture(null);
    CompletableFuture<Integer> bad = CompletableFuture.failedFuture(e);
    CompletableFuture<Integer> never = new CompletableFuture<>();
    AtomicInteger home = new AtomicInteger();

    Stream.of(
            answer(
                CompletableFuture.supplyAsync(home::incrementAndGet, pool),
                Body.Kind.SUPPLY,
                null,
                null,
                7),
            answer(one.thenApplyAsync(home::addAndGet, pool), Body.Kind.APPLY, 1, null, 7),
            answer(none.thenApplyAsync(n -> home.get(), pool), Body.Kind.APPLY, null, null, 7),
            answer(one.handleAsync((n, x) -> home.get(), pool), Body.Kind.BI_APPLY, 1, null, 7),
            answer(bad.handleAsync((n, x) -> home.get(), pool), Body.Kind.BI_APPLY, null, e, 7),
            answer(bad.exceptionallyAsync(x -> home.get(), pool), Body.Kind.APPLY, e, null, 7),
            answer(one.thenCombineAsync(two, Integer::sum, pool), Body.Kind.BI_APPLY, 1, 2, 7),
            answer(
                never.applyToEitherAsync(two, home::addAndGet, pool), Body.Kind.APPLY, 2, null, 7),
            answer(
                one.thenComposeAsync(CompletableFuture::completedFuture, pool),
                Body.Kind.APPLY,
                1,
                null,
                CompletableFuture.completedFuture(7)),
            answer(
                bad.exceptionallyComposeAsync(x -> one, pool),
                Body.Kind.APPLY,
                e,
                null,
                CompletableFuture.completedFuture(7)))
        .forEach(f -> assertThat(f.join()).isEqualTo(7));

    Runnable run = home::incrementAndGet;
    Stream.of(
            answer(CompletableFuture.runAsync(run, pool), Body.Kind.RUN, null, null, null),
            answer(one.thenAcceptAsync(home::set, pool), Body.Kind.ACCEPT, 1, null, null),
            answer(one.thenRunAsync(run, pool), Body.Kind.RUN, null, null, null),
            answer(
                one.thenAcceptBothAsync(two, (a, b) -> home.set(a), pool),
                Body.Kind.BI_ACCEPT,
                1,
                2,
                null),
            answer(one.runAfterBothAsync(two, run, pool), Body.Kind.RUN, null, null, null),
            answer(one.acceptEitherAsync(never, home::set, pool), Body.Kind.ACCEPT, 1, null, null),
            answer(one.runAfterEitherAsync(never, run, pool), Body.Kind.RUN, null, null, null))
        .forEach(f -> assertThat(f.join()).isNull());
    assertThat(
            answer(
                    one.whenCompleteAsync((n, x) -> home.set(n), pool),
                    Body.Kind.BI_ACCEPT,
                    1,
                    null,
                    null)
                .join())
        .isEqualTo(1);
    assertThat(home).as("functions called at home").hasValue(0);
  }

  @Test
  @DisplayName("a stage of a failed source that needs its value sends nothing")
  void nothingToSend() {
    CompletableFuture<Integer> bad = CompletableFuture.failedFuture(new IllegalStateException("x"));
    assertThatThrownBy(() -> bad.thenApplyAsync(n -> n, pool).join())
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(remote.calls).isEmpty();
  }

  @Test
  @DisplayName("what the function threw away fails the stage")
  void stageFails() {
    CompletableFuture<Integer> f = CompletableFuture.supplyAsync(() -> 1, pool);
    java.io.IOException e = new java.io.IOException("on purpose");
    remote.take().failed(e, 1, 1);
    assertThatThrownBy(f::join).hasCause(e);
  }

  @Test
  @DisplayName("a stage that comes home runs there, once")
  void stageComesHome() {
    AtomicInteger ran = new AtomicInteger();
    CompletableFuture<Integer> f = CompletableFuture.supplyAsync(ran::incrementAndGet, pool);
    remote.take().goHome("on purpose");
    assertThat(f.join()).isEqualTo(1);
    assertThat(ran).hasValue(1);
  }

  @Test
  @DisplayName("cancel(true) of a FutureTask interrupts its function away")
  void futureTaskCancel() throws Exception {
    FutureTask<String> task = new FutureTask<>(() -> "value");
    pool.execute(task);
    RemoteCall call = remote.take();
    task.cancel(true);
    assertThat(remote.interrupted).contains(call);
    assertThat(call.isCancelled()).isTrue();
    call.failed(new InterruptedException(), 1, 1);
    assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
  }

  @Test
  @DisplayName("cancel(false) of a FutureTask does not interrupt its function away")
  void futureTaskCancelGently() {
    FutureTask<String> task = new FutureTask<>(() -> "value");
    pool.execute(task);
    RemoteCall call = remote.take();
    task.cancel(false);
    assertThat(remote.interrupted).isEmpty();
    call.completed("value", 1, 1);
  }

  @Test
  @DisplayName("a FutureTask over a Runnable sends the Runnable and returns the live result")
  void futureTaskRunnable() throws Exception {
    Runnable run = () -> {};
    Object result = new Object();
    FutureTask<Object> task = new FutureTask<>(run, result);
    pool.execute(task);
    RemoteCall call = remote.take();
    assertThat(call.body()).isEqualTo(Body.of(Body.Kind.RUN, run));
    call.completed(null, 1, 1);
    assertThat(task.get(30, SECONDS)).isSameAs(result);
  }

  @Test
  @DisplayName("a FutureTask with a run method of its own runs at home")
  void futureTaskOwnRun() throws Exception {
    AtomicBoolean own = new AtomicBoolean();
    FutureTask<String> task =
        new FutureTask<>(() -> "value") {
          @Override
          public void run() {
            own.set(true);
            super.run();
          }
        };
    pool.execute(task);
    assertThat(task.get(30, SECONDS)).isEqualTo("value");
    assertThat(own).isTrue();
    assertThat(remote.calls).isEmpty();
  }

  @Test
  @DisplayName("tasks of completion services go away and land in the queue")
  void completionService() throws Exception {
    for (ExecutorCompletionService<String> service :
        List.of(
            new ExecutorCompletionService<String>(pool),
            new ExecutorCompletionService<String>(pool::execute))) {
      Future<String> f = service.submit(() -> "home");
      RemoteCall call = remote.take();
      assertThat(call.body().kind()).isEqualTo(Body.Kind.CALL);
      assertThat(service.poll()).isNull();
      call.completed("away", 1, 1);
      assertThat(service.poll(30, SECONDS)).isSameAs(f);
      assertThat(f.get()).isEqualTo("away");
    }
  }

  @Test
  @DisplayName("tasks of Guava's listening decorator go away, and listeners hear of them")
  void listeningDecorator() throws Exception {
    ListeningExecutorService guava = MoreExecutors.listeningDecorator(pool);
    ListenableFuture<String> f = guava.submit(() -> "home");
    CountDownLatch heard = new CountDownLatch(1);
    f.addListener(heard::countDown, MoreExecutors.directExecutor());
    RemoteCall call = remote.take();
    assertThat(call.body().invoke()).isEqualTo("home");
    call.completed("away", 1, 1);
    assertThat(f.get(30, SECONDS)).isEqualTo("away");
    assertThat(heard.await(30, SECONDS)).isTrue();

    ListenableFuture<String> failed = guava.submit(() -> "home");
    java.io.IOException e = new java.io.IOException("on purpose");
    remote.take().failed(e, 1, 1);
    assertThatThrownBy(() -> failed.get(30, SECONDS)).hasCause(e);

    Object result = new Object();
    ListenableFuture<Object> run = guava.submit(() -> {}, result);
    RemoteCall runCall = remote.take();
    assertThat(runCall.body().kind()).isEqualTo(Body.Kind.RUN);
    runCall.completed(null, 1, 1);
    assertThat(run.get(30, SECONDS)).isSameAs(result);

    ListenableFuture<String> atHome = guava.submit(() -> "home");
    remote.take().goHome("on purpose");
    assertThat(atHome.get(30, SECONDS)).isEqualTo("home");
  }

  @Test
  @DisplayName("cancel(true) of a Guava future interrupts its function away")
  void listeningCancel() {
    ListenableFuture<String> f = MoreExecutors.listeningDecorator(pool).submit(() -> "home");
    RemoteCall call = remote.take();
    f.cancel(true);
    assertThat(remote.interrupted).contains(call);
    assertThat(call.isCancelled()).isTrue();
    call.failed(new InterruptedException(), 1, 1);
    assertThat(Futures.immediateVoidFuture()).isDone();
    assertThat(f.isCancelled()).isTrue();
  }

  @Test
  @DisplayName("Guava's ListenableFutureTask goes away")
  void listenableFutureTask() throws Exception {
    ListenableFutureTask<String> task = ListenableFutureTask.create(() -> "home");
    pool.execute(task);
    remote.take().completed("away", 1, 1);
    assertThat(task.get(30, SECONDS)).isEqualTo("away");
  }

  @Test
  @DisplayName("Executors.callable is opened; the user's Runnable is shipped as it is")
  void adapters() throws Exception {
    Runnable run = () -> {};
    Future<String> f = pool.submit(Executors.callable(run, "result"));
    RemoteCall call = remote.take();
    assertThat(call.body()).isEqualTo(Body.of(Body.Kind.RUN, run));
    call.completed(null, 1, 1);
    assertThat(f.get()).isEqualTo("result");
    pool.execute(run);
    RemoteCall raw = remote.take();
    assertThat(raw.body()).isEqualTo(Body.of(Body.Kind.RUN, run));
    raw.completed(null, 1, 1);
  }

  @Test
  @DisplayName("a Runnable of the JDK's own runs at home")
  void libraryRunnable() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(new Thread(ran::countDown));
    assertThat(ran.await(30, SECONDS)).isTrue();
    assertThat(remote.calls).isEmpty();
  }

  @Test
  @DisplayName("dependents run on a thread of Martlet although the answer came during submission")
  void answerDuringSubmission() throws Exception {
    Remote immediate =
        new StayHome("") {
          @Override
          public String send(RemoteCall call) {
            call.completed("away", 1, 1);
            return null;
          }
        };
    try (CloudPool p = new CloudPool(new PoolConfig("now", 1, false, null, immediate))) {
      AtomicReference<Thread> where = new AtomicReference<>();
      CompletableFuture<Void> source = new CompletableFuture<>();
      CompletableFuture<Void> f =
          source
              .thenApplyAsync(n -> "home", p)
              .thenAccept(
                  s -> {
                    assertThat(s).isEqualTo("away");
                    where.set(Thread.currentThread());
                  });
      source.complete(null);
      f.get(30, SECONDS);
      assertThat(where.get()).isNotSameAs(Thread.currentThread());
      assertThat(p.submit(() -> "home").get()).isEqualTo("away");
    }
  }
}
