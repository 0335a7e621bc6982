package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Life;
import dev.martlet.internal.envelope.MalformedException;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees that runs of what was submitted go on, since no cloud tells that one has ended without a
 * word. A run writes an object when it begins and every few seconds from then on. One whose object
 * stays as it is for long is given up, after one more look at what it may have said and answered.
 *
 * <p>That it changes counts, not when, since clocks differ; and looks count, not time: the client's
 * computer may have slept, or the store may have been out of order. All signs are seen by one list
 * for each thousand of them; while nothing is submitted there are none.
 *
 * <p>The first sign is what a run takes its invocation by. So one that is to run no more, though it
 * may wait in the cloud's queue, is {@linkplain #withhold withheld} by such a sign.
 *
 * <p>The sign of a run that has answered stays for some minutes, so that none begins if the cloud
 * delivers once more; if no call may run twice, it stays as long as the session. Thread-safe.
 */
final class Vigil {
  private static final int MOST_SILENT = 6;
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int MOST_DELETED = 500;

  private final FunctionPlatform platform;
  private final Store store;
  private final Names names;
  private final Vault vault;
  private final MailRoom mail;
  private final ScheduledExecutorService timer;
  private final Duration silence;
  private final long pauseNanos;

  // Guarded by this.
  private boolean looking;
  private final ArrayDeque<Ended> ended = new ArrayDeque<>();

  private record Ended(long invocation, long nanos) {}

  /**
   * Creates a vigil.
   *
   * @param vault has the session's key
   * @param silence after what time a run that does not show that it goes on is given up
   */
  Vigil(
      FunctionPlatform platform,
      Store store,
      Names names,
      Vault vault,
      MailRoom mail,
      ScheduledExecutorService timer,
      Duration silence) {
    this.platform = platform;
    this.store = store;
    this.names = names;
    this.vault = vault;
    this.mail = mail;
    this.timer = timer;
    this.silence = silence;
    this.pauseNanos = silence.toNanos() / MOST_SILENT;
  }

  /** Something has been submitted. */
  synchronized void begin() {
    if (!looking) {
      looking = true;
      lookLater();
    }
  }

  /** The run of something that was submitted has answered. */
  synchronized void ended(Trip trip) {
    ended.addLast(new Ended(trip.invocation(), System.nanoTime()));
  }

  /**
   * Sees to it that no run of an invocation begins any more.
   *
   * @return completes with false if one has begun
   */
  CompletableFuture<Boolean> withhold(Trip trip) {
    String name = names.life(trip.invocation());
    return store
        .putIfAbsent(name, Life.seal(vault, name, Life.NOBODY))
        .thenCompose(
            first ->
                first
                    ? CompletableFuture.completedFuture(true)
                    : store.get(name).thenApply(box -> isWithheld(name, box)));
  }

  /** It may have been by a try that was not answered. */
  private boolean isWithheld(String name, @Nullable ByteBuffer box) {
    return box != null && Life.open(vault, name, box) == Life.NOBODY;
  }

  private void lookLater() {
    try {
      Future<?> unused = timer.schedule(this::look, pauseNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The platform has been closed, which has ended all trips.
    }
  }

  private void look() {
    synchronized (this) {
      looking = platform.hasSubmitted();
      if (!looking) {
        return;
      }
    }
    FunctionPlatform.attempt(this::deleteOld);
    Map<Long, Instant> signs = new HashMap<>();
    CompletableFuture<Void> unused =
        CompletableFuture.completedFuture("")
            .thenCompose(first -> page(first, signs))
            .thenRun(() -> seen(signs))
            .whenComplete(
                (done, e) -> {
                  if (e != null) {
                    Log.of(Vigil.class).debug("Signs of life cannot be looked for", e);
                  }
                  lookLater();
                });
  }

  private void deleteOld() {
    List<String> old = new ArrayList<>();
    synchronized (this) {
      long before = System.nanoTime() - KEPT_NANOS;
      while (old.size() < MOST_DELETED && !ended.isEmpty() && ended.getFirst().nanos - before < 0) {
        old.add(names.life(ended.removeFirst().invocation));
      }
    }
    if (!old.isEmpty()) {
      CompletableFuture<Void> unused =
          store
              .delete(old)
              .whenComplete(
                  (done, e) -> {
                    if (e != null) {
                      Log.of(Vigil.class).debug("{} were not deleted", old, e);
                    }
                  });
    }
  }

  /** Adds the signs that come after a name. */
  private CompletableFuture<Void> page(String after, Map<Long, Instant> signs) {
    return store
        .list(names.lives(), after)
        .thenComposeAsync(
            page -> {
              String last = after;
              for (Store.Item item : page.items()) {
                last = item.key();
                try {
                  signs.put(names.living(last), item.modified());
                } catch (MalformedException e) {
                  Log.of(Vigil.class).debug("Not a sign of life", e);
                }
              }
              return page.more() ? page(last, signs) : CompletableFuture.completedFuture(null);
            },
            platform::execute);
  }

  private void seen(Map<Long, Instant> signs) {
    String detail =
        "its instance has shown no sign of life for " + silence.toSeconds() + " seconds";
    platform.forEach(
        trip -> {
          if (trip.isSubmitted() && trip.looked(signs.get(trip.invocation()), MOST_SILENT)) {
            mail.sweep(
                looked -> {
                  if (looked && trip.isSilent()) {
                    trip.giveUp(detail);
                  }
                });
          }
        });
  }
}
