package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Platform.Attachment;
import dev.martlet.spi.Platform.Invocation;
import dev.martlet.spi.Platform.InvocationListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: first it waits in its lane, then it is on a trip, perhaps on another one if
 * it did not begin on that. It keeps what was said to it, for the next trip. Thread-safe.
 */
final class Parcel implements Invocation {
  // What was said before goes with the request as long as it is small.
  private static final int MOST_EARLY = 1 << 14;

  private final Lane lane;
  private final InvocationListener listener;
  private final Budget budget;
  private final Attachments attachments;
  private final List<Attachments.Use> used = new ArrayList<>(1);
  private final long bytes;
  private final long own;
  private final List<ByteBuffer> said = new ArrayList<>(0);
  private List<ByteBuffer> payload;
  private boolean held = true;
  private @Nullable Trip trip;
  private int index;
  private boolean wasSent;
  private boolean untold;
  private boolean ended;

  Parcel(
      Lane lane,
      List<ByteBuffer> payload,
      InvocationListener listener,
      Budget budget,
      Attachments attachments) {
    this.lane = lane;
    this.attachments = attachments;
    this.budget = budget;
    this.payload = payload;
    this.listener = listener;
    long n = 0;
    for (ByteBuffer b : payload) {
      n += b.remaining();
    }
    this.bytes = n;
    long lent = 0;
    for (ByteBuffer b : payload) {
      lent += b.isReadOnly() ? b.remaining() : 0;
    }
    this.own = n - lent;
    budget.add(own);
  }

  /** Returns the request; nothing if it has been let go. */
  synchronized List<ByteBuffer> payload() {
    return payload;
  }

  /** Returns whether the request is here, and so can be sent. */
  synchronized boolean isHeld() {
    return held;
  }

  /** The request is in the store. */
  void letGo() {
    long freed;
    synchronized (this) {
      payload = List.of();
      freed = unheld();
    }
    budget.remove(freed);
  }

  /** Returns how many bytes are held no more. */
  private synchronized long unheld() {
    long freed = held ? own : 0;
    held = false;
    return freed;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void attach(List<Attachment> all) {
    Attachments.Use use = attachments.use(all);
    budget.add(use.fresh());
    CompletableFuture<Void> unused =
        use.there().whenComplete((there, failure) -> attached(use, failure == null));
    synchronized (this) {
      if (!ended) {
        used.add(use);
        return;
      }
    }
    attachments.leave(use);
  }

  private void attached(Attachments.Use use, boolean there) {
    budget.remove(use.fresh());
    if (there && isOpen()) {
      tell(() -> listener.attached(use.fresh()));
    }
  }

  /** Completes when what was attached is in the store. */
  synchronized CompletableFuture<Void> attached() {
    return CompletableFuture.allOf(
        used.stream().map(Attachments.Use::there).toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Goes on a trip, as its index-th call.
   *
   * @return what was said to it before, to go with the request
   */
  synchronized List<ByteBuffer> board(Trip on, int at) {
    trip = on;
    index = at;
    int small = 0;
    for (int n = 0; small < said.size(); small++) {
      n += said.get(small).remaining();
      if (n > MOST_EARLY) {
        break;
      }
    }
    for (ByteBuffer m : said.subList(small, said.size())) {
      CompletableFuture<Void> unused = on.say(at, m.duplicate());
    }
    List<ByteBuffer> early = new ArrayList<>(small);
    for (ByteBuffer m : said.subList(0, small)) {
      early.add(m.duplicate());
    }
    return early;
  }

  /** Waits again. */
  synchronized void leave() {
    trip = null;
  }

  /** It has met an instance that was not told of the session. */
  synchronized void untold() {
    untold = true;
  }

  /** Returns whether the next instance is told in any case. */
  synchronized boolean isUntold() {
    return untold;
  }

  @Override
  public synchronized void send(ByteBuffer message) {
    if (ended) {
      return;
    }
    said.add(message.duplicate());
    if (trip != null) {
      CompletableFuture<Void> unused = trip.say(index, message);
    }
  }

  @Override
  public void kill() {
    Trip on;
    synchronized (this) {
      if (ended) {
        return;
      }
      on = trip;
    }
    if (on != null) {
      CompletableFuture<Void> unused = on.kill();
    } else {
      lane.remove(this);
      lost(WorkerLostException.Reason.KILLED, null, false);
    }
  }

  private boolean end() {
    List<Attachments.Use> left;
    long freed;
    synchronized (this) {
      if (ended) {
        return false;
      }
      ended = true;
      said.clear();
      freed = unheld(); // nobody keeps a call that has ended
      left = List.copyOf(used);
      used.clear();
    }
    budget.remove(freed);
    left.forEach(attachments::leave);
    return true;
  }

  synchronized boolean isOpen() {
    return !ended;
  }

  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (RuntimeException | Error e) {
      Log.of(Parcel.class).warn("What became of a call was not taken", e);
    }
  }

  /** A call whose end is not taken fails. */
  private void tellEnd(Runnable end) {
    try {
      end.run();
    } catch (RuntimeException | Error e) {
      tell(() -> listener.failed(e));
    }
  }

  void sent(String instance) {
    synchronized (this) {
      if (ended || wasSent) {
        return;
      }
      wasSent = true;
    }
    tell(() -> listener.sent(instance, false));
  }

  void ran(String instance, boolean cold) {
    if (isOpen()) {
      tell(() -> listener.ran(instance, cold));
    }
  }

  void used(Usage part) {
    if (isOpen()) {
      tell(() -> listener.used(part));
    }
  }

  void nearsTimeLimit(Duration ran, Duration left, String limit) {
    if (isOpen()) {
      tell(() -> listener.nearsTimeLimit(ran, left, limit));
    }
  }

  void received(ByteBuffer message) {
    if (isOpen()) {
      tell(() -> listener.received(message));
    }
  }

  void completed(ByteBuffer answer) {
    if (end()) {
      tellEnd(() -> listener.completed(answer));
    }
  }

  void outOfTime(String message) {
    failed(new TimeoutException(message));
  }

  void failed(Throwable cause) {
    if (end()) {
      tell(() -> listener.failed(cause));
    }
  }

  void lost(WorkerLostException.Reason reason, @Nullable String detail, boolean begun) {
    if (end()) {
      tellEnd(() -> listener.lost(reason, detail, begun));
    }
  }
}
