package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Letter;
import dev.martlet.internal.envelope.Response;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One invocation with its calls. It may be run more than once: clouds deliver twice, and a refused
 * one is sent again. The first run that is heard of is the one that counts; others are told that
 * the call has ended. An answer counts when all letters that its run sent before have been heard.
 * Thread-safe; no lock is held while others are called.
 */
final class Trip {
  /** Stands for all calls of an invocation: what follows is an order to stop. */
  static final int ALL = -1;

  // Answers may be large, and many may come at a time.
  private static final int LONG_WAY = 20;

  // What a run has sent is in the store before its answer, so one more look should do.
  private static final int MOST_LOOKS = 20;

  /** What is to be done with a letter. */
  enum Turn {
    /** It is the next one. */
    NEXT,
    /** Another one must come first. */
    LATER,
    /** It was heard before. */
    HEARD,
    /** It is of a run that does not count. */
    UNWANTED
  }

  private final FunctionPlatform platform;
  private final Lane lane;
  private final long invocation;
  private final List<Parcel> parcels;
  private final long began = System.nanoTime();
  private final Object saying = new Object();
  private final List<Parcel> notBegun = new ArrayList<>();
  private final List<String> stored = new ArrayList<>();
  private CompletableFuture<Void> said = CompletableFuture.completedFuture(null);
  private int messages;

  // Guarded by this.
  private @Nullable CompletableFuture<?> flight;
  private @Nullable Long run;
  private @Nullable Response waiting;
  private @Nullable Usage used;
  private int looks;
  private int heard;
  private int open;
  private boolean startsInstance;
  private int codeVersion;
  private List<Briefing.Bundle> along = List.of();
  private boolean departed;
  private boolean submitted;
  private boolean arriving;
  private @Nullable Instant sign;
  private int silentLooks;
  private boolean over;
  private boolean left;
  private long room;

  Trip(FunctionPlatform platform, Lane lane, long invocation, List<Parcel> parcels) {
    this.platform = platform;
    this.lane = lane;
    this.invocation = invocation;
    this.parcels = parcels;
    this.open = parcels.size();
  }

  long invocation() {
    return invocation;
  }

  Lane lane() {
    return lane;
  }

  List<Parcel> parcels() {
    return parcels;
  }

  /** Returns for how long the trip has gone on. */
  long nanos() {
    return System.nanoTime() - began;
  }

  /** Says whether an instance probably has to start for it. */
  synchronized void startsInstance(boolean starts) {
    startsInstance = starts;
  }

  /** Returns whether an instance probably has to start for it. */
  synchronized boolean startsInstance() {
    return startsInstance;
  }

  /**
   * Says what its request tells of code.
   *
   * @param version of the answers
   * @param bundles which go along
   */
  synchronized void brings(int version, List<Briefing.Bundle> bundles) {
    codeVersion = version;
    along = bundles;
  }

  /** Returns of which version the answers about code are that it brings. */
  synchronized int codeVersion() {
    return codeVersion;
  }

  /** Returns the bundles that go along. */
  synchronized List<Briefing.Bundle> along() {
    return along;
  }

  /** It is about to leave; false if nobody wants it any more. */
  synchronized boolean depart() {
    departed = true;
    return !over;
  }

  void flight(CompletableFuture<?> future) {
    boolean late;
    synchronized (this) {
      flight = future;
      late = over;
    }
    if (late) {
      future.cancel(false);
    }
  }

  synchronized boolean isOpen() {
    return !over;
  }

  /** Returns for how many bytes of copies the trip needs room. */
  long bytes() {
    long bytes = 0;
    for (Parcel p : parcels) {
      bytes += p.bytes() < Budget.SMALL ? 0 : p.bytes();
    }
    return bytes;
  }

  /** Gets room, until it is given back; false if nobody wants it any more. */
  synchronized boolean room(long bytes) {
    room = over ? 0 : bytes;
    return !over;
  }

  /** Returns how much room is given back of so much. */
  synchronized long giveBack(long bytes) {
    long given = Math.min(room, bytes);
    room -= given;
    return given;
  }

  /** Returns whether something was heard of a run. */
  synchronized boolean isHeard() {
    return run != null || sign != null;
  }

  /** The cloud has queued it. */
  synchronized void submitted() {
    submitted = true;
  }

  /** Returns whether it is in the cloud's queue or was, and has not ended. */
  synchronized boolean isSubmitted() {
    return submitted && !over;
  }

  /** Returns whether it is in the cloud's queue or was. */
  synchronized boolean wasSubmitted() {
    return submitted;
  }

  /** Its answer begins or ceases to be on its way from the store. */
  synchronized void arriving(boolean begins) {
    arriving = begins;
  }

  /**
   * Looks whether its run goes on. One that has not begun, for all that is known, is not silent.
   *
   * @param newest when the run's sign of life was written; null if there is none
   * @param most at how many looks a run may have been silent
   * @return whether it was at more
   */
  synchronized boolean looked(@Nullable Instant newest, int most) {
    if (over) {
      return false;
    }
    if (newest != null && !newest.equals(sign)) {
      sign = newest;
      silentLooks = 0;
    } else if (isHeard()) {
      silentLooks++;
    }
    return silentLooks > (arriving ? LONG_WAY * most : most);
  }

  /** Returns whether nothing was heard since somebody looked whether its run goes on. */
  synchronized boolean isSilent() {
    return silentLooks > 0;
  }

  /** Loses a run that may go on. */
  void giveUp(String detail) {
    if (isOpen()) {
      CompletableFuture<Void> unused = stop();
      lose(WorkerLostException.Reason.DISCONNECTED, detail);
    }
  }

  /** Something of the trip is in the store, to be deleted when it has come to an end. */
  void stored(String key) {
    synchronized (stored) {
      stored.add(key);
    }
  }

  /** Completes when all that was attached was brought to the store, or it was tried. */
  CompletableFuture<Void> attached() {
    return CompletableFuture.allOf(
        parcels.stream()
            .map(p -> p.attached().exceptionally(e -> null)) // the call asks for what it lacks
            .toArray(CompletableFuture<?>[]::new));
  }

  /** Returns what of the trip is in the store. */
  List<String> stored() {
    synchronized (stored) {
      return List.copyOf(stored);
    }
  }

  /* --------------- What runs say --------------- */

  private boolean isOf(long ofRun) {
    if (run == null) {
      run = ofRun;
    }
    return run == ofRun;
  }

  /** Tells what is to be done with a run's letter. */
  synchronized Turn turn(long ofRun, int number) {
    if (over || !isOf(ofRun)) {
      return Turn.UNWANTED;
    }
    return number == heard ? Turn.NEXT : number > heard ? Turn.LATER : Turn.HEARD;
  }

  /** The next letter has come. */
  void hear(List<Letter.Message> letter) {
    if (isOpen()) {
      for (Letter.Message m : letter) {
        if (m.index() >= 0 && m.index() < parcels.size()) {
          parcels.get(m.index()).received(m.bytes());
        } else if (m.index() < 0 && ~m.index() < parcels.size()) {
          late(parcels.get(~m.index()), m.bytes());
        }
      }
    }
    Response response;
    synchronized (this) {
      heard++;
      looks = 0;
      silentLooks = 0;
      response = waiting;
      if (response == null || over || heard < response.letters()) {
        return;
      }
      over = true;
    }
    take(response);
  }

  private void late(Parcel p, ByteBuffer times) {
    Duration ran = Duration.ofNanos(times.getLong(0));
    Duration left = Duration.ofNanos(times.getLong(Long.BYTES));
    p.nearsTimeLimit(ran, left, platform.timeLimit());
  }

  /** The inbox has been looked at. */
  void looked() {
    synchronized (this) {
      if (waiting == null || over || ++looks < MOST_LOOKS) {
        return;
      }
    }
    lose(WorkerLostException.Reason.DISCONNECTED, "what it has sent before is not in the store");
  }

  /** The inbox could not be looked at for long. */
  void lookFailed(String why) {
    synchronized (this) {
      if (waiting == null || over) {
        return;
      }
    }
    lose(WorkerLostException.Reason.DISCONNECTED, "the store cannot be read: " + why);
  }

  /** The invocation has ended, perhaps without an answer. */
  synchronized void used(@Nullable Usage usage) {
    used = usage == null ? used : usage;
  }

  /**
   * A run has answered.
   *
   * @param usage what it used, if that is known by now
   */
  void answer(Response response, @Nullable Usage usage) {
    boolean one;
    boolean whole;
    synchronized (this) {
      if (over || waiting != null) {
        return;
      }
      one = isOf(response.run()) && heard <= response.letters();
      whole = heard == response.letters();
      if (one && usage != null) {
        used = usage;
      }
      if (one && whole) {
        over = true;
      } else if (one) {
        waiting = response;
        looks = 0;
      }
    }
    if (!one) {
      // Some of the calls' effects may be there already, of another run than this.
      giveUp("two runs of an invocation have answered");
    } else if (whole) {
      take(response);
    } else {
      platform.look();
    }
  }

  private void take(Response response) {
    List<Response.Outcome> outcomes = response.outcomes();
    long[] nanos = new long[parcels.size()];
    for (int i = 0; i < Math.min(nanos.length, outcomes.size()); i++) {
      nanos[i] = outcomes.get(i).nanos();
    }
    tellUsage(nanos);
    boolean told = outcomes.stream().noneMatch(o -> o.kind() == Response.Kind.UNTOLD);
    platform.heard(this, response, told);
    for (int i = 0; i < parcels.size(); i++) {
      Parcel p = parcels.get(i);
      if (i >= outcomes.size()) {
        p.lost(WorkerLostException.Reason.DISCONNECTED, "the worker has not answered it", true);
        settled();
        continue;
      }
      Response.Outcome o = outcomes.get(i);
      if (o.kind() != Response.Kind.NOT_BEGUN && told) {
        p.ran(response.instance(), response.first() && i == 0);
      }
      for (ByteBuffer m : o.messages()) {
        p.received(m);
      }
      ByteBuffer answer = o.answer().get(0);
      switch (o.kind()) {
        case ANSWERED -> p.completed(answer);
        case STORED -> {
          CompletableFuture<ByteBuffer> unused =
              fetch(response.run(), i, answer)
                  .whenComplete(
                      (bytes, e) -> FunctionPlatform.attempt(this, () -> arrive(p, bytes, e)));
          continue;
        }
        case ABANDONED ->
            p.lost(WorkerLostException.Reason.INCAPABLE, FunctionPlatform.text(answer), true);
        case UNTOLD -> {
          p.untold();
          notBegun(p);
        }
        case NOT_BEGUN -> notBegun(p);
        case OUT_OF_TIME -> outOfTime(p, FunctionPlatform.text(answer));
        case EXITED ->
            p.lost(WorkerLostException.Reason.EXITED, FunctionPlatform.text(answer), true);
        case OUT_OF_MEMORY ->
            p.lost(WorkerLostException.Reason.OUT_OF_MEMORY, FunctionPlatform.text(answer), true);
      }
      settled();
    }
  }

  private CompletableFuture<ByteBuffer> fetch(long ofRun, int index, ByteBuffer told) {
    try {
      return platform.fetch(this, ofRun, index, told);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void notBegun(Parcel p) {
    if (p.isHeld()) {
      synchronized (this) {
        notBegun.add(p);
      }
    } else {
      p.lost(WorkerLostException.Reason.NOT_STARTED, "its run ended before it began", false);
    }
  }

  /** Tells the calls their parts of what the run used. */
  private void tellUsage(long[] weights) {
    Usage u;
    synchronized (this) {
      u = used;
    }
    if (u != null) {
      List<Usage> parts = Ledger.divide(u, weights);
      for (int i = 0; i < weights.length; i++) {
        if (weights[i] > 0 || parts.get(i).invocations() > 0) {
          parcels.get(i).used(parts.get(i));
        }
      }
    }
  }

  private void arrive(Parcel p, @Nullable ByteBuffer bytes, @Nullable Throwable failure) {
    if (bytes != null) {
      p.completed(bytes);
    } else if (failure != null && FunctionPlatform.cause(failure) instanceof Error e) {
      p.failed(NoMemory.told(e, "a result", 0)); // another run would not help
    } else {
      p.lost(
          WorkerLostException.Reason.DISCONNECTED,
          "its answer is not in the store: " + failure,
          true);
    }
    settled();
  }

  private void settled() {
    synchronized (this) {
      if (--open > 0) {
        return;
      }
    }
    leave(true);
  }

  /** Frees the lane, once. */
  private void leave(boolean answered) {
    synchronized (this) {
      if (left) {
        return;
      }
      left = true;
    }
    platform.ended(this, notBegun, answered);
  }

  /* --------------- What is said to them --------------- */

  /** Sends a message to a running call. Messages arrive in order. */
  CompletableFuture<Void> say(int index, ByteBuffer message) {
    synchronized (saying) {
      int n = messages++;
      said = said.thenCompose(done -> platform.say(this, n, index, message));
      return said;
    }
  }

  /** Orders the run to stop, whenever it begins; completes when the order is out. */
  CompletableFuture<Void> stop() {
    platform.ordered();
    return say(ALL, ByteBuffer.allocate(0));
  }

  /* --------------- Other ends --------------- */

  /**
   * Gives all calls up.
   *
   * @return completes when the order to stop is out
   */
  CompletableFuture<Void> kill() {
    boolean stop;
    boolean begun;
    synchronized (this) {
      begun = departed;
      stop = departed && !over;
    }
    CompletableFuture<Void> told = stop ? stop() : CompletableFuture.completedFuture(null);
    String detail = begun ? "its worker was given up" : null;
    end(p -> p.lost(WorkerLostException.Reason.KILLED, detail, begun), true);
    return told;
  }

  /** All calls are lost with the worker. */
  void lose(WorkerLostException.Reason reason, String detail) {
    lose(reason, detail, /* begun= */ true);
  }

  /**
   * All calls are lost with the worker.
   *
   * @param begun whether any may have begun
   */
  void lose(WorkerLostException.Reason reason, String detail, boolean begun) {
    end(p -> p.lost(reason, detail, begun), false);
  }

  /** No call has begun, and none can. */
  void refuse(String detail) {
    end(p -> p.lost(WorkerLostException.Reason.NOT_STARTED, detail, false), false);
  }

  /** All calls fail. */
  void fail(Throwable cause) {
    Throwable told = NoMemory.told(cause, "a request, or the answer to it", bytes());
    end(p -> p.failed(told), false);
  }

  /** The cloud has ended the instance. Which of the calls took so long is not known. */
  void outOfTime(String message) {
    if (parcels.size() == 1) {
      end(p -> outOfTime(p, message), false);
    } else {
      lose(WorkerLostException.Reason.KILLED, message);
    }
  }

  private void outOfTime(Parcel p, String message) {
    p.outOfTime(message + ": " + platform.timeLimit());
  }

  /**
   * Ends the trip.
   *
   * @param always whether calls are ended too whose answers are on their way from the store
   */
  private void end(Consumer<Parcel> how, boolean always) {
    boolean first;
    CompletableFuture<?> f;
    synchronized (this) {
      first = !over;
      over = true;
      f = flight;
    }
    if (!first && !always) {
      return;
    }
    if (first) {
      long[] alike = new long[parcels.size()]; // nobody knows which of them ran
      Arrays.fill(alike, 1);
      tellUsage(alike);
    }
    parcels.forEach(how);
    if (first) {
      if (f != null) {
        f.cancel(false);
      }
      leave(false);
    }
  }

  /** What was to be done for it here has failed, whatever that was: all calls fail. */
  void broke(Throwable cause) {
    Throwable told = NoMemory.told(cause, "what came of a request", bytes());
    synchronized (this) {
      over = true;
      notBegun.clear();
    }
    for (Parcel p : parcels) {
      p.failed(told);
    }
    leave(false);
    if (wasSubmitted()) {
      CompletableFuture<Void> unused = stop();
    }
  }
}
