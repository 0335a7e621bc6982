package dev.martlet.internal.function;

import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Events that no run has taken for long: the cloud may have lost them or given them up, its
 * instances may end while they start, or there is no room. They are invoked, as what is not queued
 * is, which tells which of these it is: an event that there is no room for waits with right, for as
 * long as it takes; with one whose instance cannot start the invocation fails, too; and one that
 * was lost runs. That is safe, since one run at most takes an event.
 *
 * <p>More and more of them are invoked at a time, until there is no room; then one, after pauses
 * that get longer. Thread-safe.
 */
final class Overdue {
  private static final long PAUSE_MILLIS = 1_000;
  private static final int MOST_PAUSES = 16;
  private static final int MOST_AT_A_TIME = 64;
  private static final int MOST_TIMES = 3;

  private final FunctionPlatform platform;
  private final FunctionClient functions;
  private final ScheduledExecutorService timer;
  private final Duration patience;

  // Guarded by this.
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
  private boolean ticking;
  private int atATime = 1;

  // For how many pauses nothing is invoked, since there was no room, and how many are left of them.
  private int pauses;
  private int pausesLeft;

  /** An event, and how often it was invoked, and with what result. */
  private record Event(Trip trip, ByteBuffer request, int times, String why) {
    boolean isOverdue() {
      return trip.isOpen() && !trip.isHeard();
    }
  }

  /**
   * Creates a queue of none.
   *
   * @param patience for how long nothing needs be heard of an event
   */
  Overdue(
      FunctionPlatform platform,
      FunctionClient functions,
      ScheduledExecutorService timer,
      Duration patience) {
    this.platform = platform;
    this.functions = functions;
    this.timer = timer;
    this.patience = patience;
  }

  /** The cloud has queued a trip's request. */
  void submitted(Trip trip, ByteBuffer request) {
    lookLater(new Event(trip, request, 0, ""));
  }

  private void lookLater(Event event) {
    later(() -> FunctionPlatform.attempt(event.trip, () -> look(event)), patience.toMillis());
  }

  private void look(Event event) {
    if (!event.isOverdue()) {
      return;
    }
    if (event.times == MOST_TIMES) {
      FunctionException e =
          new FunctionException(Kind.CUT, "the cloud has not run it: " + event.why, null);
      platform.withhold(event.trip, certain -> platform.fail(event.trip, e), () -> {});
      return;
    }
    add(event);
  }

  private void add(Event event) {
    boolean begins;
    synchronized (this) {
      waiting.addLast(event);
      begins = !ticking;
      ticking = true;
    }
    if (begins) {
      later(this::tick, 0);
    }
  }

  private void tick() {
    List<Event> now = new ArrayList<>();
    synchronized (this) {
      boolean full = pausesLeft > 0;
      pausesLeft -= full ? 1 : 0;
      waiting.removeIf(e -> !e.isOverdue());
      while (!full && !waiting.isEmpty() && now.size() < atATime) {
        now.add(waiting.removeFirst());
      }
      atATime = Math.min(MOST_AT_A_TIME, full ? 1 : 2 * atATime);
      ticking = full || !now.isEmpty();
      if (ticking) {
        later(this::tick, PAUSE_MILLIS);
      } else {
        atATime = 1;
      }
    }
    now.forEach(e -> FunctionPlatform.attempt(e.trip, () -> invoke(e)));
  }

  private void invoke(Event event) {
    CompletableFuture<FunctionAnswer> flight;
    try {
      flight = functions.invoke(event.request.duplicate());
    } catch (RuntimeException | Error e) {
      flight = CompletableFuture.failedFuture(e);
    }
    event.trip.flight(flight);
    CompletableFuture<?> unused =
        flight.whenComplete(
            (answer, failure) ->
                FunctionPlatform.attempt(
                    event.trip, () -> ended(event, failure == null ? null : cause(failure))));
  }

  private static Throwable cause(Throwable failure) {
    return FunctionPlatform.cause(failure);
  }

  /** An invocation has ended. If it took the event, its answer is in the store. */
  private void ended(Event event, @Nullable Throwable failure) {
    if (failure == null) {
      synchronized (this) {
        pauses = 0; // there is room again
      }
    }
    if (failure instanceof FunctionException e && event.isOverdue()) {
      switch (e.kind()) {
        case THROTTLED -> {
          synchronized (this) {
            if (pausesLeft == 0) {
              pauses = Math.max(1, Math.min(2 * pauses, MOST_PAUSES));
              pausesLeft = pauses;
            }
          }
          add(event);
          return;
        }
        case CRASHED, OUT_OF_MEMORY, TIMED_OUT -> {
          // If a run has begun nevertheless, it is seen whether it goes on.
          platform.withhold(event.trip, certain -> platform.fail(event.trip, e), () -> {});
          return;
        }
        case UNAVAILABLE, CUT, NOT_STARTED, REFUSED, TOO_LARGE -> {} // the event may yet run
      }
    }
    String why = failure == null ? "an invocation did not take it" : failure.toString();
    lookLater(new Event(event.trip, event.request, event.times + 1, why));
  }

  private void later(Runnable action, long millis) {
    try {
      Future<?> unused = timer.schedule(action, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The platform has been closed, which has ended all trips.
    }
  }
}
