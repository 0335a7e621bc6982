package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Body;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The future that {@code submit} returns, with the contract of {@link
 * java.util.concurrent.FutureTask}, whose states it has. The state belongs to the callers' view and
 * the {@link Call#stage} to the task: after a cancellation the state is final, and the stage goes
 * on.
 *
 * @param <V> the type of the result
 */
@SuppressWarnings("ThreadPriorityCheck") // As FutureTask, yields where the next state is promised.
final class FutureCall<V> extends Call implements RunnableFuture<V>, BooleanSupplier {
  private static final int NEW = 0;
  private static final int COMPLETING = 1;
  private static final int NORMAL = 2;
  private static final int EXCEPTIONAL = 3;
  private static final int CANCELLED = 4;
  private static final int INTERRUPTING = 5;
  private static final int INTERRUPTED = 6;

  private static final VarHandle STATE;
  private static final VarHandle WAITERS;

  static {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup();
      STATE = l.findVarHandle(FutureCall.class, "state", int.class);
      WAITERS = l.findVarHandle(FutureCall.class, "waiters", Waiter.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int state;
  private volatile @Nullable Waiter waiters;

  /** The ready result of a Runnable while NEW; then what the task returned or threw. */
  private @Nullable Object outcome;

  /** Runs when the task has ended or was found cancelled, before the slot is given back. */
  @Nullable Runnable after;

  FutureCall(CloudPool pool, Body body, @Nullable V result) {
    super(pool, body);
    this.outcome = result;
  }

  @Override
  Runnable runnable() {
    Runnable a = after;
    return a != null ? a : this;
  }

  @Override
  boolean unwanted() {
    return state != NEW;
  }

  @Override
  boolean endUnwanted() {
    return after == null && move(AWAY, ENDED);
  }

  @Override
  void deliver(@Nullable Object value, @Nullable Throwable failure, long runNanos, long in) {
    boolean won = settle(value, failure, runNanos, in, false);
    awaitInterrupter();
    if (after != null) {
      if (won) {
        wake();
      }
      pool.finish(this, after);
      return;
    }
    boolean room = pool.release(this);
    if (won) {
      wake();
    }
    pool.next(this, room);
  }

  @Override
  void runHome() {
    if (stage() == ENDED && after != null) {
      after.run();
      return;
    }
    long start = System.nanoTime();
    sentNanos = start;
    runner = Thread.currentThread();
    try {
      if (state == NEW) {
        if (pool.isStopped()) {
          Thread.currentThread().interrupt();
        }
        Object value = null;
        Throwable failure = null;
        HomeTimeout timeout = HomeTimeout.start(pool.callTimeout(), e -> giveUp(e, start));
        try {
          value = body().invoke();
        } catch (Throwable e) {
          failure = e;
        }
        failure = HomeTimeout.end(timeout, failure);
        if (settle(value, failure, System.nanoTime() - start, 0, true)) {
          wake();
        }
      }
    } finally {
      runner = null;
      awaitInterrupter();
      move(HOME, ENDED);
      if (after != null) {
        after.run();
      }
    }
  }

  /** Fails the future, while the task goes on. */
  private void giveUp(Throwable failure, long start) {
    if (settle(null, failure, System.nanoTime() - start, 0, true)) {
      wake();
    }
  }

  @Override
  void refuse(Throwable failure) {
    move(HOME, ENDED);
    if (settle(null, failure, 0, 0, true)) {
      wake();
    }
    if (after != null) {
      after.run();
    }
  }

  /** Runs the task here and now, if it has not begun. */
  @Override
  public void run() {
    if (!move(MADE, HOME) && !move(QUEUED, HOME)) {
      return;
    }
    runner = Thread.currentThread();
    try {
      if (state == NEW) {
        Object value = null;
        Throwable failure = null;
        try {
          value = body().invoke();
        } catch (Throwable e) {
          failure = e;
        }
        if (set(value, failure)) {
          wake();
        }
      }
    } finally {
      runner = null;
      awaitInterrupter();
      move(HOME, ENDED);
    }
  }

  private boolean settle(
      @Nullable Object value, @Nullable Throwable failure, long runNanos, long in, boolean home) {
    if (state != NEW) {
      pool.counts().received(in);
      return false;
    }
    long now = System.nanoTime();
    // Counted before the state is set: who sees the result sees it counted.
    pool.counts().ended(this, home, failure != null, runNanos, in, now);
    return set(value, failure);
  }

  private boolean set(@Nullable Object value, @Nullable Throwable failure) {
    if (!STATE.compareAndSet(this, NEW, COMPLETING)) {
      return false;
    }
    if (failure != null) {
      outcome = failure;
      state = EXCEPTIONAL;
    } else {
      if (body().kind() != Body.Kind.RUN) {
        outcome = value;
      }
      state = NORMAL;
    }
    return true;
  }

  /** Waits out an interrupt that is on its way to the task's thread. */
  private void awaitInterrupter() {
    while (state == INTERRUPTING) {
      Thread.yield();
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (state != NEW
        || !STATE.compareAndSet(this, NEW, mayInterruptIfRunning ? INTERRUPTING : CANCELLED)) {
      return false;
    }
    try {
      if (mayInterruptIfRunning) {
        try {
          interruptTask();
        } finally {
          state = INTERRUPTED;
        }
      }
    } finally {
      wake();
      pool.counts().cancelled(this);
    }
    return true;
  }

  @Override
  public boolean isPlain() {
    return after == null;
  }

  @Override
  public boolean isCancelled() {
    return state >= CANCELLED;
  }

  @Override
  public boolean isDone() {
    return state != NEW;
  }

  @Override
  public V get() throws InterruptedException, ExecutionException {
    int s = state;
    if (s <= COMPLETING) {
      s = await(false, 0);
    }
    return report(s);
  }

  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long nanos = unit.toNanos(timeout);
    int s = state;
    if (s <= COMPLETING) {
      s = await(true, nanos);
      if (s <= COMPLETING) {
        throw new TimeoutException();
      }
    }
    return report(s);
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  private V report(int s) throws ExecutionException {
    if (s == NORMAL) {
      return (V) outcome;
    }
    if (s >= CANCELLED) {
      throw new CancellationException();
    }
    throw new ExecutionException((Throwable) outcome);
  }

  /** As {@code Future.resultNow} of JDK 19. */
  @SuppressWarnings({"unchecked", "NullAway", "MissingOverride"})
  public V resultNow() {
    return switch (settled()) {
      case NORMAL -> (V) outcome;
      case EXCEPTIONAL -> throw new IllegalStateException("Task completed with exception");
      case NEW -> throw new IllegalStateException("Task has not completed");
      default -> throw new IllegalStateException("Task was cancelled");
    };
  }

  /** As {@code Future.exceptionNow} of JDK 19. */
  @SuppressWarnings({"NullAway", "MissingOverride"})
  public Throwable exceptionNow() {
    return switch (settled()) {
      case NORMAL -> throw new IllegalStateException("Task completed with a result");
      case EXCEPTIONAL -> (Throwable) outcome;
      case NEW -> throw new IllegalStateException("Task has not completed");
      default -> throw new IllegalStateException("Task was cancelled");
    };
  }

  private int settled() {
    int s;
    while ((s = state) == COMPLETING) {
      Thread.yield();
    }
    return s;
  }

  private int await(boolean timed, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (timed && nanos <= 0) {
      return state;
    }
    long start = System.nanoTime();
    pool.awaited(this);
    Waiter w = null;
    for (; ; ) {
      int s = state;
      if (s > COMPLETING) {
        return s;
      }
      if (s == COMPLETING) {
        Thread.yield();
      } else if (Thread.interrupted()) {
        forget(w);
        throw new InterruptedException();
      } else if (w == null) {
        w = new Waiter();
        Waiter top;
        do {
          top = waiters;
          w.next = top;
        } while (!WAITERS.compareAndSet(this, top, w));
      } else {
        long left = timed ? nanos - (System.nanoTime() - start) : Long.MAX_VALUE;
        if (left <= 0) {
          forget(w);
          return state;
        }
        // Reading may have used up the wake-up, even of what it ended itself.
        if (!pool.helpRead(this, left) && state == NEW) {
          if (timed) {
            LockSupport.parkNanos(this, left);
          } else {
            LockSupport.park(this);
          }
        }
      }
    }
  }

  /** The call has ended, or reading the lines cannot end it any more. */
  @Override
  public boolean getAsBoolean() {
    return state > COMPLETING || stage() != AWAY || isAnswered();
  }

  @Override
  void sentAgain() {
    for (Waiter w = waiters; w != null; w = w.next) {
      LockSupport.unpark(w.thread);
    }
  }

  private void wake() {
    Waiter w = waiters == null ? null : (Waiter) WAITERS.getAndSet(this, null);
    while (w != null) {
      Thread t = w.thread;
      if (t != null) {
        w.thread = null;
        LockSupport.unpark(t);
      }
      Waiter next = w.next;
      w.next = null;
      w = next;
    }
  }

  /** Unlinks waiters that left, so that many short waits for one call leave no garbage behind. */
  private void forget(@Nullable Waiter waiter) {
    if (waiter == null) {
      return;
    }
    waiter.thread = null;
    retry:
    for (; ; ) {
      Waiter before = null;
      for (Waiter w = waiters, next; w != null; w = next) {
        next = w.next;
        if (w.thread != null) {
          before = w;
        } else if (before != null) {
          before.next = next;
          if (before.thread == null) {
            continue retry;
          }
        } else if (!WAITERS.compareAndSet(this, w, next)) {
          continue retry;
        }
      }
      return;
    }
  }

  @Override
  public String toString() {
    int s = state;
    String status =
        switch (s) {
          case NORMAL -> "[Completed normally]";
          case EXCEPTIONAL -> "[Completed exceptionally: " + outcome + "]";
          case CANCELLED, INTERRUPTING, INTERRUPTED -> "[Cancelled]";
          default -> "[Not completed, task = " + body().function() + "]";
        };
    return getClass().getName() + "@" + Integer.toHexString(hashCode()) + status;
  }

  private static final class Waiter {
    volatile @Nullable Thread thread = Thread.currentThread();
    volatile @Nullable Waiter next;
  }
}
