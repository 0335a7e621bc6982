package dev.martlet.internal.function;

import dev.martlet.WorkerLostException;
import dev.martlet.internal.envelope.Letter;
import dev.martlet.internal.envelope.Response;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One invocation with its calls. It may be run more than once: clouds deliver twice, and a refused
 * one is sent again. The first run that is heard of is the one that counts; others are told that
 * the call has ended. Thread-safe.
 */
final class Trip {
  /** Stands for all calls of an invocation: what follows is an order to stop. */
  static final int ALL = -1;

  private final FunctionPlatform platform;
  private final Lane lane;
  private final long invocation;
  private final List<Parcel> parcels;
  private final Object saying = new Object();
  private final List<Parcel> notBegun = new ArrayList<>();
  private CompletableFuture<Void> said = CompletableFuture.completedFuture(null);
  private int messages;
  private @Nullable CompletableFuture<?> flight;
  private @Nullable Long run;
  private int letters;
  private int open;
  private boolean ended;

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

  synchronized void flight(CompletableFuture<?> future) {
    flight = future;
    if (ended) {
      future.cancel(false);
    }
  }

  synchronized boolean isOpen() {
    return !ended;
  }

  /** Returns whether a run is the one that counts. */
  private boolean isOf(long ofRun) {
    if (run == null) {
      run = ofRun;
    }
    return run == ofRun;
  }

  /**
   * A letter of a run has come. Letters are taken in order.
   *
   * @return whether it is that run's turn and number; null if nobody wants it any more
   */
  @Nullable Boolean takes(long ofRun, int number) {
    synchronized (this) {
      if (ended || !isOf(ofRun)) {
        return null;
      }
      if (number != letters) {
        return number > letters ? Boolean.FALSE : null;
      }
      letters++;
      return Boolean.TRUE;
    }
  }

  void hear(List<Letter.Message> heard) {
    for (Letter.Message m : heard) {
      if (m.index() >= 0 && m.index() < parcels.size()) {
        parcels.get(m.index()).received(m.bytes());
      }
    }
  }

  /** Sends a message to a running call. Messages arrive in order. */
  void say(int index, ByteBuffer message) {
    synchronized (saying) {
      int n = messages++;
      said =
          said.exceptionally(e -> null).thenCompose(done -> platform.say(this, n, index, message));
    }
  }

  /** Gives all calls up. */
  void kill() {
    say(ALL, ByteBuffer.allocate(0));
    lose(WorkerLostException.Reason.KILLED, "its worker was given up");
  }

  /** All calls that have not ended are lost with the worker. */
  void lose(WorkerLostException.Reason reason, String detail) {
    if (end()) {
      for (Parcel p : parcels) {
        p.lost(reason, detail, true);
      }
      platform.ended(this, List.of());
    }
  }

  /** No call has begun, and none can. */
  void refuse(String detail) {
    if (end()) {
      for (Parcel p : parcels) {
        p.lost(WorkerLostException.Reason.NOT_STARTED, detail, false);
      }
      platform.ended(this, List.of());
    }
  }

  /** All calls that have not ended fail. */
  void fail(Throwable cause) {
    if (end()) {
      for (Parcel p : parcels) {
        p.failed(cause);
      }
      platform.ended(this, List.of());
    }
  }

  void outOfTime(String message) {
    if (end()) {
      for (Parcel p : parcels) {
        p.outOfTime(message);
      }
      platform.ended(this, List.of());
    }
  }

  private synchronized boolean end() {
    boolean first = !ended;
    ended = true;
    if (first && flight != null) {
      flight.cancel(false);
    }
    return first;
  }

  /** A run has answered. */
  void answer(Response response) {
    synchronized (this) {
      if (ended) {
        return;
      }
      if (!isOf(response.run())) {
        // Some of the calls' effects may be there already, of another run than this.
        platform.execute(
            () ->
                lose(
                    WorkerLostException.Reason.DISCONNECTED,
                    "two runs of an invocation have answered"));
        return;
      }
      ended = true;
    }
    List<Response.Outcome> outcomes = response.outcomes();
    for (int i = 0; i < parcels.size(); i++) {
      Parcel p = parcels.get(i);
      if (i >= outcomes.size()) {
        p.lost(WorkerLostException.Reason.DISCONNECTED, "the worker has not answered it", true);
        settled();
        continue;
      }
      Response.Outcome o = outcomes.get(i);
      for (ByteBuffer m : o.messages()) {
        p.received(m);
      }
      ByteBuffer answer = o.answer().get(0);
      switch (o.kind()) {
        case ANSWERED -> p.completed(answer);
        case STORED -> {
          CompletableFuture<ByteBuffer> unused =
              platform
                  .fetch(this, response.run(), i)
                  .whenComplete((bytes, e) -> arrive(p, bytes, e));
          continue;
        }
        case ABANDONED ->
            p.lost(WorkerLostException.Reason.DISCONNECTED, FunctionPlatform.text(answer), true);
        case NOT_BEGUN -> {
          p.leave();
          synchronized (this) {
            notBegun.add(p);
          }
        }
        case OUT_OF_TIME -> p.outOfTime(FunctionPlatform.text(answer));
      }
      settled();
    }
  }

  private void arrive(Parcel p, @Nullable ByteBuffer bytes, @Nullable Throwable failure) {
    if (bytes != null) {
      p.completed(bytes);
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
    platform.ended(this, notBegun);
  }
}
