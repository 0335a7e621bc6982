package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import dev.martlet.spi.PlatformLimits;
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
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Submits requests: directly, or in groups by way of invokers, which are instances of the same
 * function that submit them from within the cloud.
 *
 * <p><b>When invokers pay.</b> A direct submission takes a round trip {@code t} of one of {@code c}
 * connections. Of {@code n} that wait, the last is through after
 *
 * <pre>  direct  = ⌈n / c⌉ × t</pre>
 *
 * and by {@code ⌈n / 100⌉} invokers, all at once, after
 *
 * <pre>  relayed = ⌈⌈n / 100⌉ / c⌉ × t + s + h</pre>
 *
 * where {@code s} is what an invoker takes to start and {@code h} to submit its group. {@code t} is
 * measured by direct submissions, {@code h} is told by invokers, and {@code s} is what is left of
 * the time until they answer; before the first one answers, a cold start is assumed. What waits
 * goes to invokers if that takes less than two thirds of the time. The first submission of all goes
 * alone, so that {@code t} is known.
 *
 * <p><b>What invokers may lose.</b> What the cloud did not take of theirs, they tell, and it fails
 * as if it had been submitted directly: what is throttled is sent again later. An invocation of an
 * invoker that did not begin has submitted nothing, so its group goes directly. Of an invoker that
 * ends without an answer it is not known what it has submitted: all of its group fails as a
 * submission does whose connection is cut, so that what has begun is waited for, and all else is
 * {@linkplain Vigil#withhold withheld} and submitted anew. Invokers that may not submit are not
 * asked again, nor are they after two of them in a row have ended so.
 *
 * <p>Thread-safe; no lock is held while others are called.
 */
final class Spawner implements FunctionClient {
  private static final int GROUP = 100;
  private static final double WORTH_IT = 0.67;
  private static final double COLD_NANOS = 1.5e9;
  private static final double HANDLING_NANOS = 0.3e9;
  private static final long GATHER_MILLIS = 3;
  private static final long PATIENCE_SECONDS = 60;
  private static final double NEW = 0.3;
  private static final int MOST_ENDED = 2;

  private final FunctionClient functions;
  private final ScheduledExecutorService timer;
  private final LongSupplier clock;
  private final Consumer<FunctionAnswer> invoked;
  private final boolean always;
  private final int connections;
  private final long most;

  // Guarded by this.
  private final ArrayDeque<Submission> waiting = new ArrayDeque<>();
  private int open;
  private int toRelay;
  private boolean gathering;
  private boolean relays;
  private int endedInRow;
  private double trip = Double.NaN;
  private double start = COLD_NANOS;
  private double handling = HANDLING_NANOS;

  /** Whether requests go to invokers. */
  enum Use {
    /** If that pays. */
    AUTOMATIC,
    /** If they can. */
    ALWAYS,
    /** Not at all. */
    NEVER
  }

  /** A request and who waits for its submission. */
  private record Submission(ByteBuffer request, CompletableFuture<Void> result) {}

  /** What is to be done next. */
  private record Step(List<Submission> what, boolean relayed) {}

  /**
   * Creates a spawner.
   *
   * @param functions what it submits to; closed with it
   * @param clock counts nanoseconds
   * @param invoked hears of invokers that have answered
   */
  Spawner(
      FunctionClient functions,
      Use use,
      ScheduledExecutorService timer,
      LongSupplier clock,
      Consumer<FunctionAnswer> invoked) {
    this.functions = functions;
    this.timer = timer;
    this.clock = clock;
    this.invoked = invoked;
    this.connections = Math.max(1, functions.connections());
    this.most = functions.limits().inlineRequest() / 2;
    this.always = use == Use.ALWAYS;
    this.relays = use != Use.NEVER && functions.relay() != null;
  }

  @Override
  public PlatformLimits limits() {
    return functions.limits();
  }

  @Override
  public int longestSubmission() {
    return functions.longestSubmission();
  }

  @Override
  public int connections() {
    return functions.connections();
  }

  @Override
  public String timeLimit() {
    return functions.timeLimit();
  }

  @Override
  public @Nullable Usage estimate(Duration init, Duration duration, long memoryUsed) {
    return functions.estimate(init, duration, memoryUsed);
  }

  @Override
  public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
    return functions.invoke(request);
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    Submission s = new Submission(request, new CompletableFuture<>());
    boolean gathers;
    synchronized (this) {
      if (!relays) {
        return functions.submit(request);
      }
      waiting.add(s);
      gathers = !gathering;
      gathering = true;
    }
    if (gathers) {
      Future<?> unused = later(this::gathered, GATHER_MILLIS, TimeUnit.MILLISECONDS);
    }
    return s.result;
  }

  private void gathered() {
    synchronized (this) {
      gathering = false;
    }
    goOn();
  }

  /** Sends what there is room for. */
  private void goOn() {
    for (Step s = next(); s != null; s = next()) {
      if (s.relayed) {
        relay(s.what);
      } else {
        submit(s.what.get(0));
      }
    }
  }

  private synchronized @Nullable Step next() {
    while (!waiting.isEmpty() && waiting.getFirst().result.isDone()) {
      waiting.removeFirst(); // nobody wants it any more
    }
    boolean first = Double.isNaN(trip) && !always;
    if (waiting.isEmpty() || open >= connections || (first && relays && open > 0)) {
      return null;
    }
    open++;
    if (toRelay == 0 && !first && pays(waiting.size())) {
      toRelay = waiting.size();
    }
    if (toRelay == 0 || !relays) {
      toRelay = 0;
      return new Step(List.of(waiting.removeFirst()), false);
    }
    List<Submission> group = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty() && group.size() < GROUP) {
      if (waiting.getFirst().result.isDone()) {
        waiting.removeFirst();
        continue;
      }
      bytes += waiting.getFirst().request.remaining() + 4;
      if (!group.isEmpty() && bytes > most) {
        break;
      }
      group.add(waiting.removeFirst());
    }
    toRelay = Math.max(0, toRelay - group.size());
    return new Step(group, true);
  }

  private boolean pays(int n) {
    return relays && (always || relayed(n) < WORTH_IT * direct(n));
  }

  private double direct(int n) {
    return Math.ceil(n / (double) connections) * trip;
  }

  private double relayed(int n) {
    double groups = Math.ceil(n / (double) GROUP);
    return Math.ceil(groups / connections) * trip + start + handling;
  }

  private void submit(Submission s) {
    long began = clock.getAsLong();
    CompletableFuture<Void> sent = begin(() -> functions.submit(s.request));
    CompletableFuture<Void> unused =
        s.result.whenComplete(
            (v, e) -> {
              if (s.result.isCancelled()) {
                sent.cancel(true);
              }
            });
    unused =
        sent.whenComplete(
            (v, e) -> {
              synchronized (this) {
                open--;
                double took = clock.getAsLong() - began;
                // The first one has made a connection, which takes some round trips more.
                trip = Double.isNaN(trip) ? took : Math.min(took, trip + NEW * (took - trip));
              }
              settle(s, e);
              goOn();
            });
  }

  private static void settle(Submission s, @Nullable Throwable failure) {
    boolean unused =
        failure == null
            ? s.result.complete(null)
            : s.result.completeExceptionally(FunctionPlatform.cause(failure));
  }

  private static <T> CompletableFuture<T> begin(Supplier<CompletableFuture<T>> action) {
    try {
      return action.get();
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void relay(List<Submission> group) {
    long began = clock.getAsLong();
    List<ByteBuffer> requests = new ArrayList<>(group.size());
    for (Submission s : group) {
      requests.add(s.request);
    }
    FunctionClient.Place place = functions.relay();
    CompletableFuture<FunctionAnswer> sent =
        place == null
            ? CompletableFuture.failedFuture(new IllegalStateException("no place"))
            : begin(
                () ->
                    functions.invoke(
                        new Relay(place.region(), place.function(), requests).encode()));
    Future<?> patience = later(() -> sent.cancel(true), PATIENCE_SECONDS, TimeUnit.SECONDS);
    CompletableFuture<?> unused =
        sent.whenComplete(
            (answer, e) -> {
              if (patience != null) {
                patience.cancel(false);
              }
              synchronized (this) {
                open--;
                endedInRow = e == null ? 0 : endedInRow;
              }
              try {
                if (e == null) {
                  invoked.accept(answer);
                  took(group, answer, clock.getAsLong() - began);
                } else {
                  failed(group, FunctionPlatform.cause(e));
                }
              } catch (RuntimeException | Error failure) {
                group.forEach(s -> settle(s, failure));
              }
              goOn();
            });
  }

  private void took(List<Submission> group, FunctionAnswer answer, long nanos) {
    Relay.Results results;
    try {
      results = Relay.Results.decode(answer.payload());
    } catch (RuntimeException e) {
      failed(group, e);
      return;
    }
    synchronized (this) {
      handling += NEW * (results.nanos() - handling);
      if (!Double.isNaN(trip)) {
        start += NEW * (Math.max(0, nanos - results.nanos() - trip) - start);
      }
    }
    for (int i = 0; i < group.size(); i++) {
      Submission s = group.get(i);
      Relay.Result r = i < results.all().size() ? results.all().get(i) : Relay.Result.TAKEN;
      switch (r.kind()) {
        case TAKEN -> settle(s, null);
        case THROTTLED -> settle(s, new FunctionException(Kind.THROTTLED, r.why(), null));
        case UNKNOWN -> settle(s, new FunctionException(Kind.CUT, r.why(), null));
        case REFUSED -> directly(List.of(s), r.why());
      }
    }
  }

  private void failed(List<Submission> group, Throwable cause) {
    Kind kind = cause instanceof FunctionException e ? e.kind() : Kind.CUT;
    String why = String.valueOf(cause.getMessage());
    switch (kind) {
      // It has not begun.
      case THROTTLED -> {
        for (Submission s : group) {
          settle(s, cause);
        }
      }
      case NOT_STARTED, REFUSED, TOO_LARGE -> directly(group, why);
      case UNAVAILABLE, CUT, CRASHED, OUT_OF_MEMORY, TIMED_OUT -> {
        String ended = "an invoker has ended without an answer: " + why;
        boolean enough;
        synchronized (this) {
          enough = ++endedInRow >= MOST_ENDED;
        }
        if (enough) {
          directly(List.of(), ended);
        }
        for (Submission s : group) {
          settle(s, new FunctionException(Kind.CUT, ended, cause));
        }
      }
    }
  }

  /** Submits directly what invokers cannot, now and from now on. */
  private void directly(List<Submission> group, String why) {
    boolean tells;
    synchronized (this) {
      tells = relays;
      relays = false;
      if (Double.isNaN(trip)) {
        trip = 0;
      }
      waiting.addAll(group);
    }
    if (tells) {
      Log.of(Spawner.class).warn("Calls are submitted from here, since invokers cannot: {}", why);
    }
    Future<?> unused = later(this::goOn, 0, TimeUnit.MILLISECONDS);
  }

  /** Plans an action; returns null if this has been closed, and with it all that waits. */
  private @Nullable Future<?> later(Runnable action, long time, TimeUnit unit) {
    try {
      return timer.schedule(action, time, unit);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  @Override
  public void close() {
    functions.close();
  }
}
