package dev.martlet.internal.function;

import dev.martlet.internal.log.Log;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Has trips leave when the {@linkplain Throttle cloud takes them}. One that the cloud has no room
 * for is sent again later, which is no loss. Thread-safe.
 */
final class Departures {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final int LONGEST_PAUSE_SHIFT = 6;
  private static final long TICK_MILLIS = 200;
  private static final int WORTH_A_WARNING = 12;

  private final FunctionPlatform platform;
  private final FunctionClient functions;
  private final MailRoom mail;
  private final Overdue overdue;
  private final ScheduledExecutorService timer;
  private final Throttle throttle;
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Creates what lets trips leave.
   *
   * @param overdue looks after what was submitted
   * @param most how many are under way at a time
   */
  Departures(
      FunctionPlatform platform,
      FunctionClient functions,
      MailRoom mail,
      Overdue overdue,
      ScheduledExecutorService timer,
      int most) {
    this.platform = platform;
    this.functions = functions;
    this.mail = mail;
    this.overdue = overdue;
    this.timer = timer;
    this.throttle = new Throttle(most, System::nanoTime);
  }

  /** Has a trip leave, now or when there is room. */
  void add(Trip trip, ByteBuffer request, boolean submits) {
    throttle.enter(() -> depart(trip, request, submits, 0));
  }

  private void depart(Trip trip, ByteBuffer request, boolean submits, int refusals) {
    try {
      begin(trip, request, submits, refusals);
    } catch (RuntimeException | Error e) {
      trip.broke(e);
      throttle.stayed();
    }
  }

  private void begin(Trip trip, ByteBuffer request, boolean submits, int refusals) {
    if (trip.parcels().stream().noneMatch(Parcel::isOpen)) {
      trip.refuse("nobody wants it any more");
    }
    if (!trip.depart()) {
      throttle.stayed();
      return;
    }
    long epoch = throttle.epoch();
    for (Parcel p : trip.parcels()) {
      p.sent(platform.name());
    }
    mail.expect(trip.startsInstance());
    if (submits) {
      platform.stored(); // by its run, before long
    }
    CompletableFuture<?> flight;
    try {
      ByteBuffer bytes = request.duplicate();
      flight = submits ? functions.submit(bytes) : functions.invoke(bytes);
    } catch (RuntimeException | Error e) {
      flight = CompletableFuture.failedFuture(e);
    }
    trip.flight(flight);
    CompletableFuture<?> unused =
        flight.whenComplete(
            (answer, failure) ->
                FunctionPlatform.attempt(
                    trip,
                    () -> {
                      if (failure == null) {
                        throttle.returned();
                        returned(trip, request, answer);
                      } else {
                        Throwable cause = FunctionPlatform.cause(failure);
                        failed(trip, request, submits, refusals, epoch, cause);
                      }
                    }));
  }

  private void returned(Trip trip, ByteBuffer request, @Nullable Object answer) {
    if (answer instanceof FunctionAnswer a) {
      platform.execute(trip, () -> platform.arrive(trip, a));
    } else {
      submitted(trip, request);
    }
  }

  private void failed(
      Trip trip, ByteBuffer request, boolean submits, int refusals, long epoch, Throwable cause) {
    if (cause instanceof FunctionException e && e.kind() == FunctionException.Kind.THROTTLED) {
      throttle.refused(epoch);
      tick();
      warn(refusals, e);
      later(
          () -> throttle.enterAgain(() -> depart(trip, request, submits, refusals + 1)),
          pause(refusals));
      return;
    }
    throttle.returned();
    platform.execute(
        trip,
        () -> {
          if (submits) {
            platform.notSubmitted(trip, cause, () -> submitted(trip, request));
          } else {
            platform.fail(trip, cause);
          }
        });
  }

  private void submitted(Trip trip, ByteBuffer request) {
    platform.submitted(trip);
    overdue.submitted(trip, request);
  }

  private void warn(int refusals, FunctionException e) {
    if (refusals == WORTH_A_WARNING && !warned.getAndSet(true)) {
      Log.of(FunctionPlatform.class)
          .warn("Calls wait for {}, which refuses them: {}", platform.name(), e);
    }
  }

  /** Lets time widen the throttle, until it is wide open or nothing is under way. */
  private void tick() {
    if (!ticking.getAndSet(true)) {
      tickLater();
    }
  }

  private void tickLater() {
    later(
        () -> {
          FunctionPlatform.attempt(throttle::tick);
          if (throttle.isOpen() || platform.isIdle()) {
            ticking.set(false);
          } else {
            tickLater();
          }
        },
        TICK_MILLIS);
  }

  private static long pause(int times) {
    long longest = FIRST_PAUSE_MILLIS << Math.min(times, LONGEST_PAUSE_SHIFT);
    return ThreadLocalRandom.current().nextLong(longest / 2, longest);
  }

  private void later(Runnable action, long millis) {
    try {
      Future<?> unused = timer.schedule(action, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The platform has been closed, which has ended all trips.
    }
  }
}
