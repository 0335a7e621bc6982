package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.internal.worker.process.Probe.Lost;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events whose run ends without a word, or never begins, and such as only take long. */
class LostEventsTest {
  private static final Map<String, Object> EVENT = Map.of("mode", "event", "invokers", "never");
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(10);

  // As much longer than runs need to show that they go on as that of pools.
  private static final Duration SILENCE = Clouds.SILENCE.dividedBy(MemoryFunctions.HASTE);

  private final MemoryStore store = new MemoryStore();
  private final MemoryFunctions functions = cloud(Weather.fine());
  private final LateCloud late = new LateCloud(functions);

  private MemoryFunctions cloud(Weather weather) {
    return new MemoryFunctions(store, weather, Clouds.LONGEST_RUN, Integer.MAX_VALUE);
  }

  private Platform open(Duration patience) {
    return Clouds.open(late, store, EVENT, patience, LONG);
  }

  private static Heard echo(Platform p) {
    return Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1));
  }

  private long answers() {
    return store.keys().stream().filter(k -> k.contains("/in/r/")).count();
  }

  private long begun() {
    return store.keys().stream().filter(k -> k.startsWith("run/")).count();
  }

  @Test
  @DisplayName("a run that is killed is told of soon, and one that takes longer than that is not")
  void killed() throws Exception {
    try (Platform p = Clouds.open(functions, store, EVENT, LONG, SILENCE)) {
      Heard dead = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      await().atMost(1, TimeUnit.MINUTES).until(() -> begun() == 1);
      functions.killBusy();
      Heard alive = Probe.invoke(p, 1, Probe.number(EchoHost.SLEEP, 15_000));
      assertThat(dead.lost())
          .hasMessageContaining("no sign of life")
          .extracting(e -> e.reason)
          .isEqualTo(Reason.DISCONNECTED);
      alive.response();
    }
    assertThat(begun()).isZero();
  }

  @Test
  @DisplayName("runs are not given up for a store that is out of order for all for long")
  void storeOutOfOrder() throws Exception {
    Weather weather = new Weather(1);
    MemoryFunctions cloud = cloud(weather);
    try (Platform p = Clouds.open(cloud, new BadStore(store, weather), EVENT, LONG, SILENCE)) {
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int n = i + 1;
        all.add(Probe.invoke(p, i, Probe.number(EchoHost.SLEEP, 12_000)));
        await().atMost(1, TimeUnit.MINUTES).until(() -> begun() == n);
        TimeUnit.MILLISECONDS.sleep(100); // so that they show it at different times
      }
      weather.store(1, 0);
      TimeUnit.MILLISECONDS.sleep(SILENCE.toMillis() * 5 / 4);
      weather.store(0, 0);
      for (Heard h : all) {
        h.response();
      }
    }
  }

  @Test
  @DisplayName("an event that there is no room for waits as long as it takes")
  void noRoom() throws Exception {
    functions.concurrency = 0;
    try (Platform p = open(SHORT)) {
      Heard h = echo(p);
      await().atMost(1, TimeUnit.MINUTES).until(() -> functions.throttled.get() > 0);
      TimeUnit.MILLISECONDS.sleep(10 * SHORT.toMillis());
      assertThat(h.ends).hasValue(0);
      functions.concurrency = 2; // the platform may invoke it once more at the same time
      late.release().get(1, TimeUnit.MINUTES);
      assertThat(h.bytes()).containsExactly(1);
    }
  }

  @Test
  @DisplayName("an event that the cloud has lost runs, and does not if the cloud finds it again")
  void lost() throws Exception {
    try (Platform p = open(SHORT)) {
      Heard h = echo(p);
      assertThat(h.bytes()).containsExactly(1);
      assertThat(late.taken).isDone();
      await().atMost(1, TimeUnit.MINUTES).until(() -> answers() == 0);
      assertThat(late.release().get(1, TimeUnit.MINUTES).payload().hasRemaining()).isFalse();
      assertThat(answers()).isZero();
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("of an event that is delivered twice one run begins")
  void twice() throws Exception {
    try (Platform p = open(LONG)) {
      Heard h = Probe.invoke(p, 0, Probe.number(EchoHost.SLEEP, 5_000));
      late.taken.get(1, TimeUnit.MINUTES);
      CompletableFuture.anyOf(late.release(), late.release()).get(1, TimeUnit.MINUTES);
      assertThat(answers()).isZero();
      assertThat(h.ends).hasValue(0);
      h.response();
    }
  }

  @Test
  @DisplayName("an event whose instances end while they start is told of soon, and never runs then")
  void broken() throws Exception {
    late.broken = true;
    late.outlives = true;
    try (functions) {
      try (Platform p = open(SHORT)) {
        Heard h = echo(p);
        assertThat(h.lost())
            .hasMessageContaining("no entry point")
            .extracting(e -> e.reason)
            .isEqualTo(Reason.EXITED);
        runsNothing();
      }
      runsNothing();
    }
  }

  /** The cloud has the event run after all. */
  private void runsNothing() throws Exception {
    late.release().get(1, TimeUnit.MINUTES);
    assertThat(store.keys()).noneMatch(k -> k.contains("/in/"));
  }

  @Test
  @DisplayName("an event that the cloud has lost for good is told of, and never runs then")
  void lostForGood() throws Exception {
    late.deaf = true;
    try (Platform p = open(SHORT)) {
      assertThat(echo(p).lost()).hasMessageContaining("the cloud has not run it");
      runsNothing();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CUT", "UNAVAILABLE"})
  @DisplayName("what seems not to be queued has not begun, and never runs then")
  void notQueued(FunctionException.Kind kind) throws Exception {
    late.says = kind;
    late.outlives = true;
    try (functions) {
      try (Platform p = open(LONG)) {
        Lost lost = echo(p).lost();
        assertThat(lost.begun).isFalse();
        assertThat(lost.reason).isEqualTo(Reason.DISCONNECTED);
        runsNothing();
      }
      runsNothing();
    }
  }

  @Test
  @DisplayName("what seems not to be queued, but runs, is answered")
  void queuedNevertheless() throws Exception {
    late.says = FunctionException.Kind.CUT;
    late.before =
        () -> {
          CompletableFuture<?> unused = late.release();
          await().atMost(1, TimeUnit.MINUTES).until(() -> begun() == 1);
        };
    try (Platform p = open(LONG)) {
      Heard h = Probe.invoke(p, 0, Probe.number(EchoHost.SLEEP, 500));
      h.response();
      assertThat(h.ends).hasValue(1);
    }
  }

  @Test
  @DisplayName("what seems not to be queued may have begun where nobody can tell")
  void nobodyKnows() throws Exception {
    Weather weather = new Weather(2);
    late.says = FunctionException.Kind.CUT;
    late.before = () -> weather.store(1, 0);
    try (Platform p = Clouds.open(late, new BadStore(store, weather), EVENT, LONG, LONG)) {
      assertThat(echo(p).lost().begun).isTrue();
      weather.store(0, 0);
    }
  }
}
