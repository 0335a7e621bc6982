package dev.martlet.internal.local;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Platform;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** One invocation. Whoever ends it first calls its listener. */
final class LocalCall implements Platform.Invocation {
  private static final AtomicIntegerFieldUpdater<LocalCall> ENDED =
      AtomicIntegerFieldUpdater.newUpdater(LocalCall.class, "ended");

  final int slot;
  private final Platform.InvocationListener listener;
  private volatile int ended;
  volatile @Nullable Instance instance;
  long id = -1;

  // Until it is known, the call may have left.
  long ticket;

  LocalCall(int slot, Platform.InvocationListener listener) {
    this.slot = slot;
    this.listener = listener;
  }

  boolean hasEnded() {
    return ended != 0;
  }

  private boolean end() {
    return ENDED.compareAndSet(this, 0, 1);
  }

  void sent(String name, boolean cold) {
    try {
      listener.sent(name, cold);
    } catch (RuntimeException | Error e) {
      complain(e);
    }
  }

  void received(ByteBuffer message) {
    try {
      listener.received(message);
    } catch (RuntimeException | Error e) {
      complain(e);
    }
  }

  void completed(ByteBuffer response, InFlight from) {
    if (end()) {
      from.ended(this);
      try {
        listener.completed(response);
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  void completed(ByteBuffer[] response, InFlight from) {
    if (end()) {
      from.ended(this);
      try {
        listener.completed(response);
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }
  }

  void failed(Throwable cause, InFlight from) {
    if (end()) {
      from.ended(this);
      fail(cause);
    }
  }

  private void fail(Throwable cause) {
    try {
      listener.failed(cause);
    } catch (RuntimeException | Error e) {
      complain(e);
    }
  }

  /** Ends the call as lost; false if it had ended before. */
  boolean lost(Reason reason, @Nullable String detail, boolean begun, @Nullable InFlight from) {
    if (!end()) {
      return false;
    }
    if (from != null) {
      from.ended(this);
    }
    try {
      listener.lost(reason, detail, begun);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
    return true;
  }

  private static void complain(Throwable e) {
    Log.of(LocalCall.class).warn("A listener of an invocation failed", e);
  }

  @Override
  public void send(ByteBuffer message) {
    Instance i = instance;
    if (i != null && !hasEnded()) {
      i.message(this, message);
    }
  }

  @Override
  public void kill() {
    Instance i = instance;
    if (i != null && !hasEnded()) {
      i.kill(this);
    }
  }
}
