package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.function.Weather.Day;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.Probe;
import dev.martlet.internal.worker.process.Probe.Heard;
import dev.martlet.internal.worker.process.Probe.Lost;
import dev.martlet.spi.Platform;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of invocations when the cloud, its instances and its store go wrong. */
class FunctionFaultTest {
  private static final Map<String, Object> EVENT = Map.of("mode", "event");
  private static final Map<String, Object> RESPONSE = Map.of("mode", "response");

  private final MemoryStore store = new MemoryStore();

  private Platform open(MemoryFunctions functions, Map<String, Object> settings) {
    return Clouds.open(functions, store, settings, Duration.ofMillis(700), Duration.ofSeconds(2));
  }

  private MemoryFunctions cloud(Weather weather) {
    return new MemoryFunctions(store, weather, Clouds.LONGEST_RUN, Integer.MAX_VALUE);
  }

  private static ByteBuffer work(int messages, int questions, int number) {
    return ByteBuffer.allocate(13)
        .put(EchoHost.WORK)
        .putInt(messages)
        .putInt(questions)
        .putInt(number)
        .flip();
  }

  /** Waits for the end of a call that sends messages, asks and answers; false if it was lost. */
  private static boolean worked(Heard h, int messages, int questions, int number) throws Exception {
    boolean lost = false;
    long who = 0;
    try {
      ByteBuffer answer = h.response();
      who = answer.getLong();
      assertThat(answer.getInt()).isEqualTo(number);
      assertThat(answer.remaining()).isEqualTo(8 * questions);
      while (answer.hasRemaining()) {
        assertThat(answer.getLong()).isEqualTo(who);
      }
      assertThat(h.messages).hasSize(messages);
    } catch (ExecutionException e) {
      assertThat(((Lost) e.getCause()).reason)
          .isIn(Reason.DISCONNECTED, Reason.INCAPABLE, Reason.EXITED);
      lost = true;
    }
    for (int i = 0; i < h.messages.size(); i++) {
      ByteBuffer m = h.messages.get(i).duplicate();
      who = who == 0 ? m.getLong(0) : who;
      assertThat(m.getLong()).as("one run is heard").isEqualTo(who);
      assertThat(m.getInt()).as("in order").isEqualTo(i);
    }
    assertThat(h.ends).hasValue(1);
    assertThat(h.late).hasValue(0);
    return !lost;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  @DisplayName("in bad weather calls end once, one run of each is heard, and what is lost is told")
  void badWeather(long seed) throws Exception {
    Weather weather =
        new Weather(seed)
            .chance(Day.THROTTLED, 0.07)
            .chance(Day.UNAVAILABLE, 0.07)
            .chance(Day.UNAVAILABLE_LATE, 0.07)
            .chance(Day.CUT, 0.07)
            .chance(Day.CUT_EARLY, 0.05)
            .chance(Day.TWICE, 0.1)
            .store(0.01, 200_000);
    int calls = 400;
    int done = 0;
    try (Platform p = Clouds.open(cloud(weather), new BadStore(store, weather), RESPONSE, null)) {
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        all.add(Probe.invoke(p, i % 40, work(i % 7, i % 3, i)));
      }
      for (int i = 0; i < calls; i++) {
        done += worked(all.get(i), i % 7, i % 7 == 0 ? 0 : Math.min(i % 3, i % 7), i) ? 1 : 0;
      }
    }
    assertThat(done).isBetween(calls / 10, calls - 1);
  }

  @Test
  @DisplayName("ten thousand calls in bad weather are all done by sending again what was lost")
  void manyCalls() throws Exception {
    Weather weather =
        new Weather(4)
            .chance(Day.THROTTLED, 0.05)
            .chance(Day.UNAVAILABLE, 0.05)
            .chance(Day.UNAVAILABLE_LATE, 0.05)
            .chance(Day.CUT, 0.05)
            .chance(Day.TWICE, 0.05);
    int calls = 10_000;
    try (Platform p = open(cloud(weather), RESPONSE)) {
      List<Integer> todo = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        todo.add(i);
      }
      Set<Integer> done = new HashSet<>();
      for (int round = 0; round < 20 && !todo.isEmpty(); round++) {
        List<Heard> all = new ArrayList<>();
        for (int i : todo) {
          all.add(Probe.invoke(p, i % 1_000, work(i % 2, 0, i)));
        }
        List<Integer> lost = new ArrayList<>();
        for (int i = 0; i < todo.size(); i++) {
          if (worked(all.get(i), todo.get(i) % 2, 0, todo.get(i))) {
            assertThat(done.add(todo.get(i))).isTrue();
          } else {
            lost.add(todo.get(i));
          }
        }
        todo = lost;
      }
      assertThat(done).hasSize(calls);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"never", "always"})
  @DisplayName(
      "events that are lost or delivered twice are answered once or told, whoever queues them")
  void badQueue(String invokers) throws Exception {
    Weather weather =
        new Weather(5)
            .chance(Day.THROTTLED, 0.07)
            .chance(Day.CUT, 0.1)
            .chance(Day.TWICE, 0.2)
            .store(0.005, 100_000);
    int calls = 200;
    MemoryFunctions functions = cloud(weather);
    Map<String, Object> settings = Map.of("mode", "event", "invokers", invokers);
    Set<Integer> done = new HashSet<>();
    try (Platform p = open(functions, settings)) {
      // An invoker that is cut off loses all that it was to queue.
      for (int round = 0; round < 20 && done.size() < calls; round++) {
        Map<Integer, Heard> all = new HashMap<>();
        for (int i = 0; i < calls; i++) {
          if (!done.contains(i)) {
            all.put(i, Probe.invoke(p, i, work(3, 1, i)));
          }
        }
        for (Map.Entry<Integer, Heard> e : all.entrySet()) {
          if (worked(e.getValue(), 3, 1, e.getKey())) {
            done.add(e.getKey());
          }
        }
      }
    }
    assertThat(done).hasSize(calls);
    assertThat(functions.relayed.get() > 0).isEqualTo(invokers.equals("always"));
  }

  @Test
  @DisplayName("a cloud with few places is filled and not overrun, and nothing is lost")
  void fewPlaces() throws Exception {
    MemoryFunctions functions = new MemoryFunctions(store, Weather.fine(), Clouds.LONGEST_RUN, 20);
    try (Platform p = open(functions, RESPONSE)) {
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        all.add(Probe.invoke(p, i, Probe.number(EchoHost.SLEEP, 5)));
      }
      for (Heard h : all) {
        h.response();
        assertThat(h.ends).hasValue(1);
      }
    }
    assertThat(functions.throttled).hasPositiveValue();
    assertThat(functions.mostRunning).hasValue(20);
  }

  @Test
  @DisplayName("what tiny calls of a slot need is few invocations")
  void packs() throws Exception {
    MemoryFunctions functions = cloud(Weather.fine());
    try (Platform p = open(functions, RESPONSE)) {
      List<Heard> all = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        all.add(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) i)));
      }
      for (int i = 0; i < 5_000; i++) {
        assertThat(all.get(i).bytes()).containsExactly((byte) i);
      }
    }
    assertThat(functions.invocations.get()).isLessThan(500);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a call beyond the longest run is out of time, and the one behind it runs elsewhere")
  void outOfTime(boolean event) throws Exception {
    MemoryFunctions functions =
        new MemoryFunctions(store, Weather.fine(), Duration.ofSeconds(2), Integer.MAX_VALUE);
    try (Platform p =
        Clouds.open(functions, store, event ? EVENT : RESPONSE, Duration.ofMinutes(1))) {
      Heard first = Probe.invoke(p, 0, Probe.number(EchoHost.SLEEP, 100));
      Heard block = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      Heard behind = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1));
      first.response();
      Heard after = Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 2));
      assertThat(behind.bytes()).containsExactly(1);
      assertThat(after.bytes()).containsExactly(2);
      assertThat(block.lost())
          .hasMessageContaining("time was up")
          .hasMessageContaining("an invocation may run for PT2S");
      assertThat(block.lefts).hasSize(1);
      assertThat(block.lefts.get(0)).isPositive().isLessThan(Duration.ofSeconds(1));
      assertThat(first.lefts).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("messages to a call that has not begun go with it when it is sent again")
  void remembersMessages(boolean event) throws Exception {
    MemoryFunctions functions =
        new MemoryFunctions(store, Weather.fine(), Duration.ofSeconds(2), Integer.MAX_VALUE);
    try (Platform p =
        Clouds.open(functions, store, event ? EVENT : RESPONSE, Duration.ofMinutes(1))) {
      Heard first = Probe.invoke(p, 0, Probe.number(EchoHost.SLEEP, 100));
      Heard block = Probe.invoke(p, 0, Probe.payload(EchoHost.BLOCK));
      Heard talk = Probe.invoke(p, 0, Probe.payload(EchoHost.TALK));
      first.response();
      talk.invocation.send(ByteBuffer.wrap(new byte[] {5}));
      talk.invocation.send(ByteBuffer.allocate(0));
      block.lost();
      talk.response();
      assertThat(talk.messages).containsExactly(ByteBuffer.wrap(new byte[] {5}));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("an instance whose memory is used up is told as such")
  void outOfMemory(boolean event) throws Exception {
    try (Platform p =
        Clouds.open(
            cloud(Weather.fine()), store, event ? EVENT : RESPONSE, Duration.ofMinutes(1))) {
      Heard h = Probe.invoke(p, 0, Probe.payload(EchoHost.NO_MEMORY));
      assertThat(h.lost().reason).isEqualTo(Reason.OUT_OF_MEMORY);
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
    }
  }

  @Test
  @DisplayName("a call that the worker cannot run is told as such")
  void incapable() throws Exception {
    try (Platform p = open(cloud(Weather.fine()), RESPONSE)) {
      assertThat(Probe.invoke(p, 0, Probe.payload((byte) 99)).lost().reason)
          .isEqualTo(Reason.INCAPABLE);
    }
  }

  @Test
  @DisplayName("a session with something in the store shows that it lives until it is closed")
  void showsLife() throws Exception {
    try (Platform p = open(cloud(Weather.fine()), RESPONSE)) {
      Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)).response();
      assertThat(store.keys()).noneMatch(k -> k.startsWith("live/"));
      Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO), noise(500_000)).response();
      assertThat(store.keys()).filteredOn(k -> k.startsWith("live/")).hasSize(1);
    }
    assertThat(store.keys()).isEmpty();
  }

  @Test
  @DisplayName(
      "calls that meet instances which were not told of their session run once, after that")
  void tellsAnew() throws Exception {
    MemoryFunctions functions = cloud(Weather.fine());
    try (Platform p = open(functions, RESPONSE)) {
      for (int round = 0; round < 3; round++) {
        List<Heard> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          all.add(Probe.invoke(p, i, work(2, 1, i)));
        }
        for (int i = 0; i < 20; i++) {
          assertThat(worked(all.get(i), 2, 1, i)).isTrue();
        }
        functions.recycle();
      }
      int before = functions.invocations.get();
      Probe.invoke(p, 0, work(0, 0, 0)).response();
      Probe.invoke(p, 0, work(0, 0, 0)).response();
      assertThat(functions.invocations.get() - before).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("an event that was killed before it began does not begin")
  void stopsEvents() throws Exception {
    LateCloud functions = new LateCloud(cloud(Weather.fine()));
    try (Platform p = Clouds.open(functions, store, EVENT, Duration.ofMinutes(1))) {
      Heard h = Probe.invoke(p, 0, work(1, 0, 1));
      functions.taken.get(60, TimeUnit.SECONDS);
      h.invocation.kill();
      assertThat(h.lost().reason).isEqualTo(Reason.KILLED);
      assertThat(functions.release().get(60, TimeUnit.SECONDS).payload().hasRemaining()).isFalse();
      assertThat(h.messages).isEmpty();
      assertThat(store.keys()).noneMatch(k -> k.contains("/in/"));
    }
  }

  @Test
  @DisplayName("a store that is out of order for good loses calls that need it, and no others")
  void noStore() throws Exception {
    Weather weather = new Weather(6);
    try (Platform p = Clouds.open(cloud(weather), new BadStore(store, weather), RESPONSE, null)) {
      Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO)).response();
      weather.store(1, 0);
      assertThat(Probe.invoke(p, 0, Probe.payload(EchoHost.ECHO, (byte) 1)).bytes())
          .containsExactly(1);
      Heard large = Probe.invoke(p, 1, Probe.payload(EchoHost.ECHO), noise(500_000));
      Heard larger = Probe.invoke(p, 2, Probe.number(EchoHost.MAKE_NOISE, 500_000));
      assertThat(large.lost().reason).isEqualTo(Reason.NOT_STARTED);
      assertThat(larger.lost()).hasMessageContaining("store");
      weather.store(0, 0);
    }
  }

  private static ByteBuffer noise(int bytes) {
    byte[] b = new byte[bytes];
    new java.util.Random(7).nextBytes(b);
    return ByteBuffer.wrap(b);
  }
}
