package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.internal.envelope.Relay;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpawnerTest {
  private static final long MILLI = 1_000_000;

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final AtomicLong clock = new AtomicLong();
  private final Cloud cloud = new Cloud();
  private final List<CompletableFuture<Void>> results = new ArrayList<>();
  private final List<FunctionClient.FunctionAnswer> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  /** Keeps what it is told until the test answers. */
  private static final class Cloud implements FunctionClient {
    final List<CompletableFuture<Void>> direct = new ArrayList<>();
    final List<CompletableFuture<FunctionAnswer>> invokers = new ArrayList<>();
    final List<Relay> relays = new ArrayList<>();

    @Override
    public PlatformLimits limits() {
      return new PlatformLimits(6 << 20, 6 << 20, Duration.ofMinutes(15), false, false);
    }

    @Override
    public int longestSubmission() {
      return 1 << 20;
    }

    @Override
    public int connections() {
      return 20;
    }

    @Override
    public Place relay() {
      return new Place("there", "function");
    }

    @Override
    public synchronized CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
      CompletableFuture<FunctionAnswer> f = new CompletableFuture<>();
      relays.add(Relay.decode(request));
      invokers.add(f);
      return f;
    }

    @Override
    public synchronized CompletableFuture<Void> submit(ByteBuffer request) {
      CompletableFuture<Void> f = new CompletableFuture<>();
      direct.add(f);
      return f;
    }

    synchronized int directs() {
      return direct.size();
    }

    synchronized int relayed() {
      return relays.stream().mapToInt(r -> r.requests().size()).sum();
    }

    synchronized CompletableFuture<Void> direct(int i) {
      return direct.get(i);
    }

    @Override
    public void close() {}
  }

  private Spawner spawner(Spawner.Use use) {
    return new Spawner(cloud, use, timer, clock::get, heard::add);
  }

  /** Submits so many at once: nothing is sent meanwhile. */
  private void submit(Spawner spawner, int n) {
    CountDownLatch submitted = new CountDownLatch(1);
    timer.execute(
        () -> {
          try {
            submitted.await();
          } catch (InterruptedException e) {
            // The test is over.
          }
        });
    for (int i = 0; i < n; i++) {
      results.add(spawner.submit(ByteBuffer.allocate(8).putInt(i).putInt(7).flip()));
    }
    submitted.countDown();
  }

  /** The first submission takes so long, and is waited for by all others. */
  private void measure(long millis) {
    await().until(() -> cloud.directs() == 1);
    clock.addAndGet(millis * MILLI);
    cloud.direct(0).complete(null);
  }

  private void answer(int invoker, Relay.Result... all) {
    cloud
        .invokers
        .get(invoker)
        .complete(
            new FunctionClient.FunctionAnswer(
                new Relay.Results(MILLI, List.of(all)).encode(), "id", null));
  }

  @Test
  @DisplayName("from far away many requests go to invokers in groups, as they are")
  void far() {
    submit(spawner(Spawner.Use.AUTOMATIC), 1_000);
    measure(100);
    await().until(() -> cloud.relayed() == 999);
    assertThat(cloud.relays).hasSize(10);
    assertThat(cloud.relays.get(0).function()).isEqualTo("function");
    assertThat(cloud.relays.get(9).requests().get(98).getInt(0)).isEqualTo(999);
    assertThat(cloud.directs()).isEqualTo(1);
  }

  @Test
  @DisplayName("from nearby, or if they are few, requests go directly, as many as may be open")
  void near() {
    Spawner spawner = spawner(Spawner.Use.AUTOMATIC);
    submit(spawner, 500);
    measure(1);
    await().until(() -> cloud.directs() == 21);
    for (int i = 1; i < 500; i++) {
      cloud.direct(i).complete(null);
    }
    assertThat(cloud.relays).isEmpty();
    assertThat(results).allMatch(CompletableFuture::isDone);
  }

  @Test
  @DisplayName("what invokers were refused is told as if it had been submitted directly")
  void told() {
    submit(spawner(Spawner.Use.ALWAYS), 3);
    await().until(() -> cloud.relayed() == 3);
    answer(
        0,
        Relay.Result.TAKEN,
        new Relay.Result(Relay.Kind.THROTTLED, "full"),
        new Relay.Result(Relay.Kind.UNKNOWN, "cut"));
    assertThat(results.get(0)).isCompleted();
    assertThat(kind(results.get(1))).isEqualTo(Kind.THROTTLED);
    assertThat(kind(results.get(2))).isEqualTo(Kind.CUT);
    assertThat(heard).hasSize(1);
  }

  private static Kind kind(CompletableFuture<Void> failed) {
    return ((FunctionException) failed.handle((v, e) -> e).join()).kind();
  }

  @Test
  @DisplayName("what an invoker took along is told at once, since it may be submitted or not")
  void dead() {
    submit(spawner(Spawner.Use.ALWAYS), 3);
    await().until(() -> cloud.relayed() == 3);
    cloud.invokers.get(0).completeExceptionally(new FunctionException(Kind.CRASHED, "x", null));
    assertThat(results).allMatch(r -> kind(r) == Kind.CUT);
  }

  @Test
  @DisplayName("after two invokers in a row that ended without an answer, requests go directly")
  void allDead() {
    Spawner spawner = spawner(Spawner.Use.ALWAYS);
    for (int i = 0; i < 2; i++) {
      int invoker = i;
      submit(spawner, 2);
      await().until(() -> cloud.relayed() == 2 * (invoker + 1));
      cloud.invokers.get(i).completeExceptionally(new FunctionException(Kind.CRASHED, "x", null));
    }
    submit(spawner, 3);
    await().until(() -> cloud.directs() == 3);
    assertThat(cloud.relayed()).isEqualTo(4);
  }

  @Test
  @DisplayName("what nobody wants any more is not given to an invoker")
  void unwanted() {
    Spawner spawner = spawner(Spawner.Use.ALWAYS);
    CountDownLatch submitted = new CountDownLatch(1);
    timer.execute(
        () -> {
          try {
            submitted.await();
          } catch (InterruptedException e) {
            // The test is over.
          }
        });
    for (int i = 0; i < 5; i++) {
      results.add(spawner.submit(ByteBuffer.allocate(8).putInt(i).putInt(7).flip()));
    }
    results.get(0).cancel(false);
    results.get(3).cancel(false);
    submitted.countDown();
    await().until(() -> cloud.relayed() > 0);
    assertThat(cloud.relays.get(0).requests())
        .extracting(r -> r.getInt(0))
        .containsExactly(1, 2, 4);
  }

  @Test
  @DisplayName("what an invoker may not submit goes directly, and so does all that comes after")
  void refused() {
    Spawner spawner = spawner(Spawner.Use.ALWAYS);
    submit(spawner, 2);
    await().until(() -> cloud.relayed() == 2);
    answer(0, new Relay.Result(Relay.Kind.REFUSED, "no permission"), Relay.Result.TAKEN);
    await().until(() -> cloud.directs() == 1);
    assertThat(results.get(0)).isNotDone();
    submit(spawner, 5);
    await().until(() -> cloud.directs() == 6);
    cloud.direct(0).complete(null);
    assertThat(results.get(0)).isCompleted();
  }
}
