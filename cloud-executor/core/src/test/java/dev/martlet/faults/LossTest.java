package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.martlet.WorkerLostException;
import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.capture.ClientBorder;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.Scalars;
import dev.martlet.internal.dispatch.Dispatcher;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.PoolConfig;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls whose attempts are lost, over a platform that loses what it is told. */
class LossTest {
  private static final int VALUE = 42;

  /** Ends an invocation. */
  private interface End {
    void of(Platform.InvocationListener listener);
  }

  private static final End ANSWERED = l -> l.completed(answer());
  private static final End CUT = lost(Reason.DISCONNECTED, true);
  private static final End KILLED = lost(Reason.KILLED, true);
  private static final End INCAPABLE = lost(Reason.INCAPABLE, true);
  private static final End NOT_BEGUN = lost(Reason.KILLED, false);

  private static End lost(Reason reason, boolean begun) {
    return l -> l.lost(reason, "on purpose", begun);
  }

  private static ByteBuffer answer() {
    ByteBuffer b = ByteBuffer.allocate(64).put(Protocol.RETURNED).putLong(1_000);
    b.put((byte) 0).putInt(0);
    assertThat(Scalars.write(VALUE, b)).isTrue();
    return b.flip();
  }

  /** A platform without workers. Invocations for which there is no end yet wait. */
  private static final class Losing implements Platform {
    private final boolean interactive;
    private final IntFunction<End> ends;
    final List<Integer> slots = new CopyOnWriteArrayList<>();
    final List<Byte> flags = new CopyOnWriteArrayList<>();
    final List<InvocationListener> waiting = new CopyOnWriteArrayList<>();

    Losing(boolean interactive, IntFunction<End> ends) {
      this.interactive = interactive;
      this.ends = ends;
    }

    @Override
    public String name() {
      return "losing";
    }

    @Override
    public PlatformLimits limits() {
      return new PlatformLimits(1 << 20, 1 << 20, Duration.ofMinutes(1), interactive, false);
    }

    @Override
    public synchronized Invocation invoke(
        int slot, List<ByteBuffer> payload, InvocationListener listener) {
      int number = slots.size();
      slots.add(slot);
      flags.add(payload.get(0).get(payload.get(0).position()));
      listener.sent("losing", false);
      End end = ends.apply(number);
      if (end == null) {
        waiting.add(listener);
      } else {
        listener.ran("losing-1", number == 0);
        end.of(listener);
      }
      return new Invocation() {
        @Override
        public void send(ByteBuffer message) {}

        @Override
        public void kill() {}
      };
    }

    @Override
    public void close() {
      waiting.forEach(KILLED::of);
    }
  }

  private Dispatcher dispatcher;
  private CloudPool pool;

  private void open(Losing platform, int parallelism, int retries) {
    ClassWorld world = new ClassWorld(Set.of(), null);
    Border border = new ClientBorder(() -> pool, () -> null);
    ArrayMirrors mirrors = new ArrayMirrors();
    Dispatcher.Config config =
        new Dispatcher.Config(
            "loss", false, parallelism, retries, null, true, true, Map.of(), null);
    dispatcher =
        new Dispatcher(
            config,
            world,
            new Capture(world, border, mirrors),
            border,
            mirrors,
            (bytes, questions) -> platform);
    pool = new CloudPool(new PoolConfig("loss", parallelism, false, null, dispatcher));
  }

  @AfterEach
  void close() throws Exception {
    pool.shutdownNow();
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  private static Callable<Integer> task(boolean light) {
    if (light) {
      return () -> 1;
    }
    int[] shared = {1};
    return () -> ++shared[0];
  }

  private static WorkerLostException failure(Future<?> f) {
    ExecutionException e =
        catchThrowableOfType(ExecutionException.class, () -> f.get(60, TimeUnit.SECONDS));
    assertThat(e).hasCauseInstanceOf(WorkerLostException.class);
    return (WorkerLostException) e.getCause();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a call is sent again some times whose connection alone is lost, apart from others")
  void survivesCuts(boolean light) throws Exception {
    Losing p = new Losing(false, i -> i < 8 ? CUT : ANSWERED);
    open(p, 4, 2);
    assertThat(pool.submit(task(light)).get(60, TimeUnit.SECONDS)).isEqualTo(VALUE);
    assertThat(p.slots).hasSize(9).startsWith(0, 4, 4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a call whose connection is always lost fails in the end")
  void givesUp(boolean light) {
    Losing p = new Losing(false, i -> CUT);
    open(p, 4, 2);
    assertThat(failure(pool.submit(task(light))).reason()).isEqualTo(Reason.DISCONNECTED);
    assertThat(p.slots).hasSize(1 + 8 + 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a call that no worker can run fails after its retries, with the reason")
  void incapable(boolean light) {
    Losing p = new Losing(false, i -> INCAPABLE);
    open(p, 4, 2);
    WorkerLostException e = failure(pool.submit(task(light)));
    assertThat(e.reason()).isEqualTo(Reason.INCAPABLE);
    assertThat(e).hasMessage("the worker could not run it: on purpose (attempt 3 of 3)");
    assertThat(p.slots).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("lost connections do not use up the retries that lost workers have")
  void countsApart(boolean light) {
    Losing p = new Losing(false, i -> i % 2 == 0 ? CUT : KILLED);
    open(p, 4, 2);
    assertThat(failure(pool.submit(task(light))).reason()).isEqualTo(Reason.KILLED);
    assertThat(p.slots).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("without retries a call that may have begun is sent once, whatever was lost")
  void atMostOnce(boolean light) {
    Losing p = new Losing(false, i -> i == 0 ? NOT_BEGUN : CUT);
    open(p, 4, 0);
    assertThat(failure(pool.submit(task(light))).reason()).isEqualTo(Reason.DISCONNECTED);
    assertThat(p.slots).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("where there is a line to each worker, its loss counts as the worker's")
  void countsLines(boolean light) {
    Losing p = new Losing(true, i -> CUT);
    open(p, 4, 2);
    assertThat(failure(pool.submit(task(light))).reason()).isEqualTo(Reason.DISCONNECTED);
    assertThat(p.slots).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a call that pauses before it is sent again ends when all is closed")
  void endsPauses(boolean light) {
    Losing p = new Losing(false, i -> CUT);
    open(p, 1, 100);
    Future<Integer> f = pool.submit(task(light));
    await().until(() -> p.slots.size() > 3);
    dispatcher.close();
    await().atMost(60, TimeUnit.SECONDS).until(f::isDone);
  }

  @Test
  @DisplayName("light calls that were lost together are sent again together where workers are far")
  void recoversTogether() throws Exception {
    int calls = 100;
    Losing p = new Losing(false, i -> i < 2 * calls ? null : ANSWERED);
    open(p, calls, 2);
    List<Future<Integer>> all = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      all.add(pool.submit(task(true)));
    }
    await().until(() -> p.waiting.size() == calls);
    List.copyOf(p.waiting).forEach(KILLED::of);
    await().until(() -> p.waiting.size() == 2 * calls);
    p.waiting.subList(calls, 2 * calls).forEach(ANSWERED::of);
    for (Future<Integer> f : all) {
      assertThat(f.get(60, TimeUnit.SECONDS)).isEqualTo(VALUE);
    }
    assertThat(p.slots.subList(calls, 2 * calls)).allMatch(s -> s >= calls);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("light calls travel in brief only to a worker that a slot keeps")
  void travelsInFull(boolean interactive) throws Exception {
    Losing p = new Losing(interactive, i -> ANSWERED);
    open(p, 1, 2);
    for (int i = 0; i < 20; i++) {
      int captured = i;
      assertThat(pool.submit(() -> captured).get(60, TimeUnit.SECONDS)).isEqualTo(VALUE);
    }
    assertThat(p.flags).hasSize(20).allMatch(f -> (f & Protocol.SHARED) != 0);
    assertThat(p.flags.stream().filter(f -> (f & Protocol.KNOWN) != 0).count())
        .isEqualTo(interactive ? 19 : 0);
  }

  @Test
  @DisplayName("the instance that is known with the answer only is told of the call")
  void tellsInstance() throws Exception {
    Losing p = new Losing(false, i -> ANSWERED);
    open(p, 1, 2);
    pool.submit(task(false)).get(60, TimeUnit.SECONDS);
    await()
        .untilAsserted(
            () ->
                assertThat(pool.statistics().recent())
                    .singleElement()
                    .matches(c -> "losing-1".equals(c.instance()) && c.coldStart()));
    assertThat(pool.statistics().coldStarts()).isEqualTo(1);
  }
}
