package dev.martlet.internal.function;

import dev.martlet.WorkerLostException;
import dev.martlet.spi.Platform.Invocation;
import dev.martlet.spi.Platform.InvocationListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One call on its way: first it waits in its lane, then it is on a trip. Thread-safe. */
final class Parcel implements Invocation {
  private final Lane lane;
  private final InvocationListener listener;
  private final List<ByteBuffer> payload;
  private final long bytes;
  private final List<ByteBuffer> early = new ArrayList<>();
  private @Nullable Trip trip;
  private int index;
  private boolean ended;

  Parcel(Lane lane, List<ByteBuffer> payload, InvocationListener listener) {
    this.lane = lane;
    this.payload = payload;
    this.listener = listener;
    long n = 0;
    for (ByteBuffer b : payload) {
      n += b.remaining();
    }
    this.bytes = n;
  }

  List<ByteBuffer> payload() {
    return payload;
  }

  long bytes() {
    return bytes;
  }

  /** Goes on a trip, as its index-th call; returns what was said to it before. */
  synchronized List<ByteBuffer> board(Trip on, int at) {
    trip = on;
    index = at;
    List<ByteBuffer> messages = List.copyOf(early);
    early.clear();
    return messages;
  }

  /** Waits again. */
  synchronized void leave() {
    trip = null;
  }

  @Override
  public void send(ByteBuffer message) {
    Trip on;
    synchronized (this) {
      if (ended) {
        return;
      }
      on = trip;
      if (on == null) {
        early.add(message);
        return;
      }
    }
    on.say(index, message);
  }

  @Override
  public void kill() {
    Trip on;
    synchronized (this) {
      on = trip;
    }
    if (on != null) {
      on.kill();
    } else if (lane.remove(this)) {
      lost(WorkerLostException.Reason.KILLED, null, false);
    }
  }

  private synchronized boolean end() {
    boolean first = !ended;
    ended = true;
    return first;
  }

  synchronized boolean isOpen() {
    return !ended;
  }

  void sent(String instance, boolean cold) {
    if (isOpen()) {
      listener.sent(instance, cold);
    }
  }

  void received(ByteBuffer message) {
    if (isOpen()) {
      listener.received(message);
    }
  }

  void completed(ByteBuffer answer) {
    if (end()) {
      listener.completed(answer);
    }
  }

  void outOfTime(String message) {
    if (end()) {
      listener.failed(new TimeoutException(message));
    }
  }

  void failed(Throwable cause) {
    if (end()) {
      listener.failed(cause);
    }
  }

  void lost(WorkerLostException.Reason reason, @Nullable String detail, boolean begun) {
    if (end()) {
      listener.lost(reason, detail, begun);
    }
  }
}
