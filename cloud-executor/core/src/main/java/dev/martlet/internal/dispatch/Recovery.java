package dev.martlet.internal.dispatch;

import dev.martlet.Usage;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Sends again, one after the other, calls that were lost together: the one among them that ends its
 * worker does not take the others along again. Thread-safe.
 */
final class Recovery {
  private final Dispatcher dispatcher;
  private final ArrayDeque<RemoteCall> waiting = new ArrayDeque<>();
  private boolean busy;

  Recovery(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  void add(RemoteCall call) {
    synchronized (this) {
      waiting.add(call);
      if (busy) {
        return;
      }
      busy = true;
    }
    next();
  }

  private void next() {
    RemoteCall call;
    synchronized (this) {
      call = waiting.poll();
      busy = call != null;
    }
    if (call != null) {
      dispatcher.again(new Recovering(call), 2);
    }
  }

  /** The next one, on another stack. */
  private void over() {
    dispatcher.execute(this::next);
  }

  /** A call whose end lets the next one begin. */
  private final class Recovering implements RemoteCall {
    private final RemoteCall call;

    Recovering(RemoteCall call) {
      this.call = call;
    }

    @Override
    public long id() {
      return call.id();
    }

    @Override
    public Body body() {
      return call.body();
    }

    @Override
    public int slot() {
      return call.slot();
    }

    @Override
    public String threadName() {
      return call.threadName();
    }

    @Override
    public StackTraceElement[] submitter() {
      return call.submitter();
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public boolean isInterrupted() {
      return call.isInterrupted();
    }

    @Override
    public boolean isStopped() {
      return call.isStopped();
    }

    @Override
    public void ended(boolean heard, boolean interrupted) {
      call.ended(heard, interrupted);
    }

    @Override
    public boolean isRefused() {
      return call.isRefused();
    }

    @Override
    public boolean isPlain() {
      return call.isPlain();
    }

    @Override
    public void attempt(Object attempt) {
      call.attempt(attempt);
    }

    @Override
    public @Nullable Object attempt() {
      return call.attempt();
    }

    @Override
    public void sent(String instance, boolean cold, long bytes) {
      call.sent(instance, cold, bytes);
    }

    @Override
    public void ran(String instance, boolean cold) {
      call.ran(instance, cold);
    }

    @Override
    public void used(Usage part) {
      call.used(part);
    }

    @Override
    public void sentMore(long bytes) {
      call.sentMore(bytes);
    }

    @Override
    public void arrived(@Nullable Object value, long runNanos, long bytes) {
      over();
      call.arrived(value, runNanos, bytes);
    }

    @Override
    public void completed(@Nullable Object value, long runNanos, long bytes) {
      over();
      call.completed(value, runNanos, bytes);
    }

    @Override
    public void failed(Throwable failure, long runNanos, long bytes) {
      over();
      call.failed(failure, runNanos, bytes);
    }

    @Override
    public void goHome(String reason) {
      over();
      call.goHome(reason);
    }
  }
}
