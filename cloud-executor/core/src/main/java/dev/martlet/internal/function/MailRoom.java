package dev.martlet.internal.function;

import dev.martlet.internal.envelope.Letter;
import dev.martlet.internal.envelope.MalformedException;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Looks for letters and answers in the session's inbox: often after something was sent or found,
 * then less and less often; not at all while nothing is under way. A list shows everything that
 * awaits the client, whatever the number of calls. Thread-safe.
 */
final class MailRoom {
  private static final long SHORTEST_MILLIS = 10;
  private static final long LONGEST_MILLIS = 1_000;
  private static final double SLOWER = 1.3;
  private static final long CLEAR_SECONDS = 10;

  private final FunctionPlatform platform;
  private final Store store;
  private final Names names;
  private final Vault vault;
  private final ScheduledExecutorService timer;

  // Guarded by this.
  private double pause = SHORTEST_MILLIS;
  private @Nullable Future<?> next;
  private boolean looking;
  private boolean lookAgain;
  private List<Runnable> afterNext = new ArrayList<>();

  // Of the one look that is under way.
  private final Set<String> taken = new HashSet<>();

  MailRoom(
      FunctionPlatform platform,
      Store store,
      Names names,
      Vault vault,
      ScheduledExecutorService timer) {
    this.platform = platform;
    this.store = store;
    this.names = names;
    this.vault = vault;
    this.timer = timer;
  }

  /** Something has been sent, so that letters may come. */
  synchronized void expect() {
    pause = SHORTEST_MILLIS;
    schedule();
  }

  /** Looks once more, and takes what there is, before it acts. */
  void sweep(Runnable afterwards) {
    synchronized (this) {
      afterNext.add(afterwards);
      if (looking) {
        lookAgain = true;
        return;
      }
    }
    look();
  }

  private synchronized void schedule() {
    if (looking) {
      return;
    }
    if (next != null) {
      next.cancel(false);
    }
    try {
      next = timer.schedule(this::look, (long) pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      next = null; // closed
    }
  }

  private void look() {
    List<Runnable> after;
    synchronized (this) {
      if (looking) {
        return;
      }
      looking = true;
      after = afterNext;
      afterNext = new ArrayList<>();
    }
    Look look = new Look();
    CompletableFuture<Boolean> unused =
        look.page("")
            .whenComplete(
                (found, e) -> {
                  if (e != null) {
                    Log.of(MailRoom.class).debug("The inbox cannot be read", e);
                  }
                  taken.retainAll(look.seen);
                  for (Runnable r : after) {
                    platform.execute(r);
                  }
                  over(found != null && found);
                });
  }

  private void over(boolean found) {
    boolean again;
    synchronized (this) {
      looking = false;
      again = lookAgain;
      lookAgain = false;
      pause = found ? SHORTEST_MILLIS : Math.min(LONGEST_MILLIS, pause * SLOWER + 1);
      if (!again && !platform.isIdle()) {
        schedule();
      }
    }
    if (again) {
      look();
    }
  }

  /** One look at all of the inbox. */
  private final class Look {
    private final Set<String> seen = new HashSet<>();
    private boolean found;

    /** Takes what comes after a name; completes with whether there was anything new. */
    CompletableFuture<Boolean> page(String after) {
      return store
          .list(names.inbox(), after)
          .thenCompose(
              page -> {
                List<CompletableFuture<Void>> all = new ArrayList<>();
                Map<String, CompletableFuture<Void>> runs = new HashMap<>();
                String last = after;
                for (Store.Item item : page.items()) {
                  last = item.key();
                  seen.add(last);
                  if (taken.add(last)) {
                    found = true;
                    String key = last;
                    String run = key.substring(0, key.lastIndexOf('/'));
                    // A run's letters one after the other.
                    CompletableFuture<Void> done =
                        runs.getOrDefault(run, CompletableFuture.completedFuture(null))
                            .thenCompose(before -> take(key));
                    runs.put(run, done);
                    all.add(done);
                  }
                }
                CompletableFuture<Void> done =
                    CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
                if (!page.more()) {
                  return done.thenApply(v -> found);
                }
                String from = last;
                return done.thenCompose(v -> page(from));
              });
    }

    private CompletableFuture<Void> take(String key) {
      platform.stored();
      Names.Incoming incoming;
      try {
        incoming = names.incoming(key);
      } catch (MalformedException e) {
        return CompletableFuture.completedFuture(null);
      }
      Trip trip = platform.trip(incoming.invocation());
      if (incoming.answer()) {
        return trip == null ? drop(key) : answer(key, trip);
      }
      Boolean turn = trip == null ? null : trip.takes(incoming.run(), incoming.number());
      if (turn != null && !turn) {
        taken.remove(key); // one before it has not come yet
        return CompletableFuture.completedFuture(null);
      }
      return letter(key, incoming, turn == null ? null : trip);
    }

    private CompletableFuture<Void> drop(String key) {
      return store.delete(List.of(key));
    }

    private CompletableFuture<Void> answer(String key, Trip trip) {
      return store
          .get(key)
          .thenCompose(
              box -> {
                if (box != null) {
                  Response response = Response.decode(vault.open(key, box));
                  platform.execute(() -> trip.answer(response));
                }
                return drop(key);
              });
    }

    private CompletableFuture<Void> letter(String key, Names.Incoming of, @Nullable Trip trip) {
      return store
          .get(key)
          .thenAccept(
              box -> {
                if (box != null) {
                  Letter letter = Letter.decode(vault.open(key, box));
                  if (trip != null) {
                    trip.hear(letter.messages());
                  }
                  // It may take long, and must not hold up other mail.
                  platform.execute(() -> reply(key, of, letter, trip != null));
                }
              });
    }
  }

  private void reply(String key, Names.Incoming of, Letter letter, boolean wanted) {
    CompletableFuture<Void> replied = CompletableFuture.completedFuture(null);
    if (!letter.questions().isEmpty()) {
      List<Letter.Reply> replies = new ArrayList<>();
      for (ByteBuffer question : letter.questions()) {
        replies.add(wanted ? answer(question) : failure("the call has ended"));
      }
      replied =
          platform.put(
              names.reply(of.invocation(), of.run(), of.number()), List.of(Letter.encode(replies)));
    }
    CompletableFuture<Void> unused =
        replied
            .thenCompose(done -> store.delete(List.of(key)))
            .whenComplete(
                (done, e) -> {
                  if (e != null) {
                    Log.of(MailRoom.class).warn("A letter of a worker cannot be answered", e);
                  }
                });
  }

  private Letter.Reply answer(ByteBuffer question) {
    try {
      return new Letter.Reply(false, platform.answer(question));
    } catch (Throwable e) {
      return failure(e.toString());
    }
  }

  private static Letter.Reply failure(String why) {
    return new Letter.Reply(true, List.of(ByteBuffer.wrap(why.getBytes(StandardCharsets.UTF_8))));
  }

  /**
   * Deletes what is left of the session.
   *
   * @param orders whether to leave orders to stop for those that still run
   */
  void clear(boolean orders) {
    try {
      clear("", orders).get(CLEAR_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      Log.of(MailRoom.class)
          .warn(
              "What this session had in the store, under {}, was not deleted", names.session(), e);
    }
  }

  private CompletableFuture<Void> clear(String after, boolean orders) {
    return store
        .list(names.session(), after)
        .thenCompose(
            page -> {
              List<String> keys = new ArrayList<>();
              String last = after;
              for (Store.Item item : page.items()) {
                last = item.key();
                if (!orders || !names.isMessage(last)) {
                  keys.add(last);
                }
              }
              CompletableFuture<Void> deleted =
                  keys.isEmpty() ? CompletableFuture.completedFuture(null) : store.delete(keys);
              String from = last;
              return page.more() ? deleted.thenCompose(v -> clear(from, orders)) : deleted;
            });
  }
}
