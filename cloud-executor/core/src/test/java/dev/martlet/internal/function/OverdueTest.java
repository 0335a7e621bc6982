package dev.martlet.internal.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When events that nobody takes are invoked, by a clock that the test winds. */
@Timeout(60)
class OverdueTest {
  private static final int PATIENCE = 60;

  private final Clock clock = new Clock();
  private final Cloud cloud = new Cloud();
  private final FunctionPlatform platform =
      new FunctionPlatform(
          "memory",
          new PlatformConfig(Map.of(), 1, 1, Map.of(), List.of(), ByteBuffer.allocate(0), q -> q),
          cloud,
          new MemoryStore(),
          Map.of());
  private final Overdue overdue = new Overdue(platform, cloud, clock, Duration.ofSeconds(PATIENCE));
  private final List<Trip> trips = new ArrayList<>();

  @AfterEach
  void close() {
    platform.close();
    clock.shutdownNow();
  }

  private record Planned(long millis, int number, Runnable action) {}

  /** Runs what is planned when the test lets the time pass. */
  private static final class Clock extends ScheduledThreadPoolExecutor {
    private final PriorityQueue<Planned> plan =
        new PriorityQueue<>(
            Comparator.comparingLong(Planned::millis).thenComparingInt(Planned::number));
    private int planned;
    private long now;

    Clock() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
      plan.add(new Planned(now + unit.toMillis(delay), planned++, action));
      return null;
    }

    void pass(int seconds) {
      long until = now + seconds * 1_000L;
      while (!plan.isEmpty() && plan.element().millis <= until) {
        Planned next = plan.remove();
        now = next.millis;
        next.action.run();
      }
      now = until;
    }

    int seconds() {
      return Math.toIntExact(now / 1_000);
    }
  }

  /** Notes when it is asked. */
  private final class Cloud implements FunctionClient {
    final List<Integer> asked = new ArrayList<>();
    boolean full;

    @Override
    public PlatformLimits limits() {
      return new PlatformLimits(1_000, 1_000, Duration.ofMinutes(15), false, false);
    }

    @Override
    public int longestSubmission() {
      return 1_000;
    }

    @Override
    public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
      asked.add(clock.seconds());
      if (full) {
        return CompletableFuture.failedFuture(
            new FunctionException(FunctionException.Kind.THROTTLED, "full", null));
      }
      take(request.getInt(0));
      return CompletableFuture.completedFuture(
          new FunctionAnswer(ByteBuffer.allocate(0), "id", null));
    }

    @Override
    public CompletableFuture<Void> submit(ByteBuffer request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  /** A run shows that it has an event. */
  private void take(int event) {
    trips.get(event).looked(Instant.EPOCH, 6);
  }

  private void submit() {
    ByteBuffer request = ByteBuffer.allocate(Integer.BYTES).putInt(0, trips.size());
    trips.add(new Trip(platform, new Lane(0, 0), trips.size(), List.of()));
    overdue.submitted(trips.get(trips.size() - 1), request);
  }

  @Test
  @DisplayName("an event that is taken in time is not invoked")
  void inTime() {
    submit();
    clock.pass(PATIENCE - 1);
    take(0);
    clock.pass(10 * PATIENCE);
    assertThat(cloud.asked).isEmpty();
  }

  @Test
  @DisplayName(
      "where there is no room, events are tried one by one, after longer and longer pauses")
  void pauses() {
    cloud.full = true;
    submit();
    submit();
    clock.pass(PATIENCE + 60);
    assertThat(cloud.asked).containsExactly(60, 62, 65, 70, 79, 96, 113);
  }

  @Test
  @DisplayName("when there is room again, pauses begin anew, and more and more are tried at a time")
  void roomAgain() {
    cloud.full = true;
    for (int i = 0; i < 12; i++) {
      submit();
    }
    clock.pass(PATIENCE + 30); // it has been asked at 79, and would be at 96
    cloud.asked.clear();
    cloud.full = false;
    clock.pass(9);
    assertThat(cloud.asked).containsExactly(96, 97, 97, 98, 98, 98, 98, 99, 99, 99, 99, 99);

    cloud.full = true;
    cloud.asked.clear();
    submit();
    clock.pass(PATIENCE + 6);
    assertThat(cloud.asked).containsExactly(159, 161, 164);
  }

  @Test
  @DisplayName("however many events are overdue, so many are tried at a time and no more")
  void atATime() {
    for (int i = 0; i < 256; i++) {
      submit();
    }
    clock.pass(PATIENCE + 8);
    assertThat(cloud.asked).hasSize(1 + 2 + 4 + 8 + 16 + 32 + 64 + 64 + 64);
    for (int second = 0; second < 8; second++) {
      int at = PATIENCE + second;
      assertThat(cloud.asked.stream().filter(s -> s == at)).hasSize(Math.min(64, 1 << second));
    }
  }
}
