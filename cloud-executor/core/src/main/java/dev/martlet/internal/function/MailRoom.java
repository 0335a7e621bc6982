package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.envelope.Known;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for letters and answers in the session's inbox: often after something was found, less and
 * less often while nothing is, not at all while nothing is under way. A list shows everything that
 * awaits the client, whatever the number of calls. One look at a time; of a run's letters, one at a
 * time in their order.
 *
 * <p>Looks are requests, which stores charge for: after something was found some thirty within four
 * seconds, from then on 120 a minute, for all calls together.
 *
 * <p>Where {@linkplain dev.martlet.spi.StoreEvents events} tell what comes, answers are taken when
 * they are told of, and what is left for looks, which are rare then, is what events forget.
 * Thread-safe.
 */
final class MailRoom {
  private static final double SHORTEST_MILLIS = 10;
  private static final double LONGEST_MILLIS = 500;
  private static final double SLOWER = 1.15;

  // Many calls that never write shall not cost a look each.
  private static final double LONGEST_FIRST_MILLIS = 200;
  private static final double SLOWER_FIRST = 1.02;

  // Each of them has been tried several times.
  private static final int MOST_FAILURES = 8;
  private static final long CLEAR_SECONDS = 10;
  private static final int MOST_DROPPED = 500;

  // Where events tell of what comes.
  private static final long SHORTEST_TOLD_MILLIS = 2_000;

  private final FunctionPlatform platform;
  private final Store store;
  private final Names names;
  private final Vault vault;
  private final ScheduledExecutorService timer;

  // Guarded by this.
  private double firstPause = SHORTEST_MILLIS;
  private double pause = SHORTEST_MILLIS;
  private @Nullable Future<?> next;
  private long nextNanos;
  private boolean looking;
  private boolean lookAgain;
  private int failures;
  private List<Consumer<Boolean>> afterNext = new ArrayList<>();
  private List<String> dropped = new ArrayList<>();
  private boolean told;

  // The shortest that an instance took to start; 0 as long as that is not known.
  private long startMillis;
  private boolean awaitsStart;
  private Look current = new Look();

  // What need not be looked at again, as long as it is there.
  private final Set<String> taken = ConcurrentHashMap.newKeySet();

  /**
   * Creates a mail room.
   *
   * @param store tries again what fails
   */
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

  /** An instance has started in so many nanoseconds. */
  synchronized void started(long nanos) {
    long millis = Math.min(TimeUnit.NANOSECONDS.toMillis(nanos), (long) LONGEST_MILLIS);
    startMillis = startMillis == 0 ? millis : Math.min(startMillis, millis);
  }

  /**
   * Something has been sent, so that letters may come.
   *
   * @param start whether an instance probably has to start first; until one can have done that,
   *     there is nothing to see
   */
  synchronized void expect(boolean start) {
    if (!start || startMillis == 0) {
      expect();
    } else if (!awaitsStart) {
      try {
        Future<?> unused = timer.schedule(this::ready, startMillis, TimeUnit.MILLISECONDS);
        awaitsStart = true;
      } catch (RejectedExecutionException e) {
        return; // closed
      }
      schedule();
    }
  }

  private synchronized void ready() {
    awaitsStart = false;
    expect();
  }

  private synchronized void expect() {
    firstPause = Math.min(LONGEST_FIRST_MILLIS, firstPause * SLOWER_FIRST);
    pause = Math.min(pause, firstPause);
    schedule();
  }

  /** Looks once more, and takes what there is, before it acts. */
  void sweep(Runnable afterwards) {
    sweep((Boolean looked) -> afterwards.run());
  }

  /**
   * Looks once more, and takes what there is, before it acts.
   *
   * @param afterwards is told whether it could look
   */
  void sweep(Consumer<Boolean> afterwards) {
    synchronized (this) {
      afterNext.add(afterwards);
      if (looking) {
        lookAgain = true;
        return;
      }
    }
    look();
  }

  /** An event tells that something has come. */
  void told(String key) {
    if (!key.startsWith(names.inbox())) {
      return;
    }
    Look look;
    synchronized (this) {
      told = true;
      look = current;
    }
    if (!names.isAnswer(key)) {
      look(); // letters have an order
      return;
    }
    look.seen.add(key); // though the list may have been made before
    if (taken.add(key)) {
      CompletableFuture<Boolean> unused = look.take(key);
    }
  }

  /** Plans the next look, unless an earlier one is planned. */
  private synchronized void schedule() {
    long millis = told ? Math.max(SHORTEST_TOLD_MILLIS, (long) pause) : (long) pause;
    long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    if (looking || (next != null && nextNanos <= at)) {
      return;
    }
    if (next != null) {
      next.cancel(false);
    }
    try {
      nextNanos = at;
      next = timer.schedule(this::look, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      next = null; // closed
    }
  }

  private void look() {
    boolean idle;
    List<Consumer<Boolean>> after;
    Look look;
    synchronized (this) {
      if (looking) {
        lookAgain = true;
        return;
      }
      if (next != null) {
        next.cancel(false);
        next = null;
      }
      idle = afterNext.isEmpty() && platform.isIdle();
      looking = !idle;
      after = afterNext;
      afterNext = new ArrayList<>();
      look = idle ? current : new Look();
      current = look;
    }
    if (idle) {
      delete(dropped());
      return;
    }
    CompletableFuture<Void> unused =
        CompletableFuture.completedFuture("")
            .thenCompose(look::page)
            .whenComplete(
                (done, e) -> {
                  if (e == null) {
                    taken.retainAll(look.seen);
                  } else {
                    Log.of(MailRoom.class).debug("The inbox cannot be read", e);
                  }
                  FunctionPlatform.attempt(() -> over(look.found, e));
                  for (Consumer<Boolean> a : after) {
                    platform.execute(() -> a.accept(e == null));
                  }
                });
  }

  private void over(boolean found, @Nullable Throwable failure) {
    boolean again;
    boolean hopeless;
    synchronized (this) {
      looking = false;
      again = lookAgain;
      lookAgain = false;
      failures = failure == null ? 0 : failures + 1;
      hopeless = failures >= MOST_FAILURES;
      if (found) {
        firstPause = SHORTEST_MILLIS;
      }
      pause = found ? SHORTEST_MILLIS : Math.min(LONGEST_MILLIS, pause * SLOWER + 1);
      if (!again && !platform.isIdle()) {
        schedule();
      }
    }
    delete(dropped());
    if (failure == null) {
      platform.forEach(Trip::looked);
    } else if (hopeless) {
      String why = FunctionPlatform.cause(failure).toString();
      platform.forEach(t -> t.lookFailed(why));
    }
    if (again) {
      platform.execute(this::look); // on another stack
    }
  }

  /** One look at all of the inbox. */
  private final class Look {
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private volatile boolean found;

    /** Takes what comes after a name. */
    CompletableFuture<Void> page(String after) {
      return store
          .list(names.inbox(), after)
          .thenComposeAsync(page -> page(page, after), platform::execute);
    }

    private CompletableFuture<Void> page(Store.Page page, String after) {
      List<CompletableFuture<Boolean>> all = new ArrayList<>();
      Map<String, CompletableFuture<Boolean>> runs = new HashMap<>();
      String last = after;
      for (Store.Item item : page.items()) {
        String key = item.key();
        last = key;
        seen.add(key);
        if (taken.add(key)) {
          String run = key.substring(0, key.lastIndexOf('/'));
          CompletableFuture<Boolean> done =
              runs.getOrDefault(run, CompletableFuture.completedFuture(true))
                  .thenCompose(goOn -> goOn ? take(key) : later(key));
          runs.put(run, done);
          all.add(done);
        }
      }
      String from = last;
      return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
          .thenCompose(
              done -> page.more() ? page(from) : CompletableFuture.<Void>completedFuture(null));
    }

    /** Leaves something to the next look; completes with false, since what follows must wait. */
    private CompletableFuture<Boolean> later(String key) {
      taken.remove(key);
      return CompletableFuture.completedFuture(false);
    }

    /** Takes something; completes with whether the next of the same run may be taken. */
    private CompletableFuture<Boolean> take(String key) {
      platform.stored();
      Names.Incoming of;
      try {
        of = names.incoming(key);
      } catch (MalformedException e) {
        return CompletableFuture.completedFuture(true); // not ours
      }
      Trip trip = platform.trip(of.invocation());
      Trip.Turn turn = Trip.Turn.UNWANTED;
      if (trip != null && !of.answer()) {
        turn = trip.turn(of.run(), of.number());
        if (turn == Trip.Turn.LATER) {
          return later(key);
        } else if (turn == Trip.Turn.HEARD) {
          return CompletableFuture.completedFuture(true);
        }
      }
      found = true;
      if (trip != null && of.answer()) {
        trip.arriving(true);
      }
      boolean wanted = turn == Trip.Turn.NEXT;
      return store
          .get(key)
          .thenApplyAsync(
              box -> {
                if (of.answer()) {
                  if (box != null) {
                    answer(key, trip, box);
                  }
                  drop(key);
                } else if (box == null) {
                  return false;
                } else {
                  letter(key, of, wanted ? trip : null, box);
                }
                return true;
              },
              platform::execute)
          .exceptionally(
              e -> {
                Log.of(MailRoom.class).debug("{} cannot be read", key, e);
                if (trip == null) {
                  return false;
                }
                trip.arriving(false);
                if (FunctionPlatform.cause(e) instanceof Error error) {
                  trip.broke(error); // the next look would not help
                }
                return false;
              })
          .thenCompose(taken -> taken ? CompletableFuture.completedFuture(true) : later(key));
    }
  }

  private void answer(String key, @Nullable Trip trip, ByteBuffer box) {
    Response response;
    try {
      response = Response.decode(vault.open(key, box));
    } catch (RuntimeException e) {
      if (trip != null) {
        trip.lose(WorkerLostException.Reason.DISCONNECTED, unreadable(e));
      }
      return;
    }
    Usage usage = platform.ledger().delivered(response);
    if (trip != null) {
      trip.answer(response, usage);
    }
  }

  private void letter(String key, Names.Incoming of, @Nullable Trip trip, ByteBuffer box) {
    Letter letter;
    try {
      letter = Letter.decode(vault.open(key, box));
    } catch (RuntimeException e) {
      if (trip != null) {
        trip.giveUp(unreadable(e));
      }
      drop(key);
      return;
    }
    if (trip != null) {
      trip.hear(letter.messages());
    }
    if (letter.questions().isEmpty()) {
      drop(key);
    } else {
      // It may take long, and must not hold up other mail.
      Runnable reply = () -> reply(key, of, letter.questions(), trip);
      if (trip == null) {
        platform.execute(reply);
      } else {
        platform.execute(trip, reply);
      }
    }
  }

  private static String unreadable(RuntimeException e) {
    return "what it has sent cannot be read: " + e.getMessage();
  }

  /** Deletes what was taken, many at a time: when a look is over. */
  private void drop(String key) {
    List<String> keys;
    synchronized (this) {
      dropped.add(key);
      if ((looking || told) && dropped.size() < MOST_DROPPED) {
        return;
      }
      keys = dropped();
    }
    delete(keys);
  }

  private synchronized List<String> dropped() {
    List<String> keys = dropped;
    dropped = new ArrayList<>();
    return keys;
  }

  private void delete(List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    CompletableFuture<Void> unused =
        store
            .delete(keys)
            .whenComplete(
                (done, e) -> {
                  if (e != null) {
                    Log.of(MailRoom.class).debug("{} were not deleted", keys, e);
                  }
                });
  }

  private void reply(
      String key, Names.Incoming of, List<ByteBuffer> questions, @Nullable Trip trip) {
    Log.of(MailRoom.class).debug("{} asks {}", key, questions.size());
    List<Letter.Reply> replies = new ArrayList<>();
    List<Known> known = new ArrayList<>();
    for (ByteBuffer question : questions) {
      // Whoever fails to get code may never be able to run it.
      boolean answers = (trip != null && trip.isOpen()) || platform.isRepeatable(question);
      replies.add(answers ? answer(question, known) : failure("the call has ended"));
    }
    String name = names.reply(of.invocation(), of.run(), of.number());
    CompletableFuture<Void> replied =
        (trip == null ? CompletableFuture.<Void>completedFuture(null) : trip.attached())
            .thenCompose(
                there -> platform.put(name, List.of(new Letter.Replies(replies, known).encode())));
    if (trip != null) {
      trip.stored(name);
    }
    CompletableFuture<Void> unused =
        replied.whenComplete(
            (done, e) -> {
              if (e != null) {
                Log.of(MailRoom.class).warn("A worker's question cannot be answered", e);
                if (trip != null) {
                  trip.giveUp("its question cannot be answered: " + FunctionPlatform.cause(e));
                }
              }
              drop(key);
            });
  }

  private Letter.Reply answer(ByteBuffer question, List<Known> known) {
    try {
      return new Letter.Reply(false, platform.answer(question, known));
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
      CompletableFuture.allOf(clear(names.session(), "", orders), clear(names.lives(), "", orders))
          .get(CLEAR_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      Log.of(MailRoom.class)
          .warn(
              "What this session had in the store, under {}, was not deleted", names.session(), e);
    }
  }

  private CompletableFuture<Void> clear(String prefix, String after, boolean orders) {
    return store
        .list(prefix, after)
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
              return page.more() ? deleted.thenCompose(v -> clear(prefix, from, orders)) : deleted;
            });
  }
}
