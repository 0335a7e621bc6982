package dev.martlet.internal.executor;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.UncapturableException;
import dev.martlet.Usage;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.dispatch.Answer;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.RemoteCall;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One task on its way through the pool.
 *
 * <p>{@code stage} moves forward only. Whoever moves it owns the next step, so a call is begun once
 * (by the queue, or by a task that waits for it) and ends once, whatever a remote reports late or
 * twice:
 *
 * <pre>
 *   MADE -> QUEUED -> AWAY -> ENDED
 *                       \-> HOME -> ENDED
 * </pre>
 *
 * A cancelled call goes on through its stages, since it holds its slot until the task really ends.
 * The fields besides {@code stage} are written by the owner of the step.
 */
abstract class Call implements RemoteCall {
  static final int MADE = 0;
  static final int QUEUED = 1;
  static final int AWAY = 2;
  static final int HOME = 3;
  static final int ENDED = 4;

  private static final VarHandle STAGE;
  private static final VarHandle READER;
  private static final VarHandle ATTEMPT;

  static {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup();
      STAGE = l.findVarHandle(Call.class, "stage", int.class);
      READER = l.findVarHandle(Call.class, "reader", Object.class);
      ATTEMPT = l.findVarHandle(Call.class, "attempt", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final CloudPool pool;

  /** What is shipped; {@code null} if the call can only run at home. */
  final @Nullable Body body;

  private volatile int stage;

  /** How many such calls may be sent to a busy slot. */
  char ahead;

  long id;
  long queuedNanos;
  long sentNanos;
  long bytesOut;
  char attempts;
  boolean cold;

  /** The worker if the call is away, the reason if it is at home. */
  @Nullable String where;

  /** What its attempts used of a cloud's function, as far as that is known. */
  @Nullable Usage usage;

  @Nullable Origin origin;
  @Nullable Slot slot;

  /** The call's place among those that were fed to the slot; -1 if it holds the slot otherwise. */
  int place = -1;

  /** The home thread that runs the call. */
  volatile @Nullable Thread runner;

  /** The thread that is sending the call, on which no user code may run. */
  @Nullable Thread sender;

  private @Nullable CallLocals locals;

  /** Whether the task shall be interrupted where it runs away. */
  volatile boolean interrupted;

  Call(CloudPool pool, @Nullable Body body) {
    this.pool = pool;
    this.body = body;
  }

  final int stage() {
    return stage;
  }

  final boolean move(int from, int to) {
    return stage == from && STAGE.compareAndSet(this, from, to);
  }

  /** Returns what {@code shutdownNow} returns for the call. */
  abstract Runnable runnable();

  /** The call got its slot and is about to be sent. */
  void begin() {}

  /** Returns whether nobody waits for the function any more, so that it need not be called. */
  abstract boolean unwanted();

  /** Returns whether the call is a library's wrapper that was opened. */
  boolean isOpened() {
    return false;
  }

  /** Returns a thread that waits for the call's outcome, if that can be known from the outside. */
  @Nullable Thread waiter() {
    return null;
  }

  /** Ends a call that nobody wants, if nothing of it has to run. */
  boolean endUnwanted() {
    return false;
  }

  private volatile @Nullable Object attempt;

  /** The thread that reads the lines for this call, or the answer that has come. */
  private volatile @Nullable Object reader;

  @Override
  public final void attempt(Object attempt) {
    this.attempt = attempt;
  }

  @Override
  public final @Nullable Object attempt() {
    return attempt;
  }

  /** A call that has ended may be held for long; its attempt, with what was sent, is not. */
  private void forgetAttempt() {
    ATTEMPT.setRelease(this, null);
  }

  /** Returns whether an answer has come, which makes it needless to read the lines. */
  final boolean isAnswered() {
    return reader instanceof Answer;
  }

  /** The current thread begins to read the lines. Returns false if an answer is being read. */
  final boolean beginReading() {
    if (reader == null && READER.compareAndSet(this, null, Thread.currentThread())) {
      return true;
    }
    takeAnswer();
    return !isAnswered();
  }

  /** The current thread reads the lines no more. */
  final void endReading() {
    if (!READER.compareAndSet(this, Thread.currentThread(), null)) {
      takeAnswer();
    }
  }

  private void takeAnswer() {
    if (reader instanceof Answer a && a.isForWaiter()) {
      a.run();
    }
  }

  @Override
  public final boolean answered(Answer answer) {
    return READER.getAndSet(this, answer) == Thread.currentThread() && answer.isForWaiter();
  }

  @Override
  public final void read(Answer answer) {
    READER.compareAndSet(this, answer, null);
    if (stage == AWAY) {
      sentAgain();
    }
  }

  /** The answer has not ended the call. */
  void sentAgain() {}

  /** Whether the call ends on a thread that must not run user code. */
  boolean quiet;

  /** Hands over what came from away, and gives the slot back. */
  abstract void deliver(
      @Nullable Object value, @Nullable Throwable failure, long runNanos, long in);

  /** Runs the call on a home thread; everything but giving the slot back. */
  abstract void runHome();

  /** Fails the call before its function was called at home. */
  abstract void refuse(Throwable failure);

  /** Interrupts the task where it runs. */
  final void interruptTask() {
    switch (stage) {
      case AWAY -> pool.interruptAway(this);
      case HOME -> {
        Thread t = runner;
        if (t != null) {
          t.interrupt();
        }
      }
      default -> {}
    }
  }

  @Override
  public final boolean isInterrupted() {
    return interrupted;
  }

  /** {@code shutdownNow} interrupts what tasks have submitted, too. */
  @Override
  public boolean isStopped() {
    return pool.isStopped();
  }

  @Override
  public final boolean isRefused() {
    return pool.isShutdown();
  }

  @Override
  public final long id() {
    return id;
  }

  @Override
  public final Body body() {
    Body b = body;
    if (b == null) {
      throw new IllegalStateException("the call does not travel");
    }
    return b;
  }

  @Override
  public final int slot() {
    return holding().index;
  }

  @Override
  public @Nullable Locals locals() {
    return threadLocals();
  }

  /** Returns what thread-locals hold for the call. */
  final CallLocals threadLocals() {
    CallLocals l = locals;
    if (l == null) {
      l = new CallLocals(holding());
      locals = l;
    }
    return l;
  }

  /** The call leaves its slot. */
  final void endLocals() {
    CallLocals l = locals;
    if (l != null) {
      locals = null;
      l.close();
    }
  }

  final Slot holding() {
    Slot s = slot;
    if (s == null) {
      throw new IllegalStateException("the call has not begun");
    }
    return s;
  }

  @Override
  public final String threadName() {
    return holding().threadName;
  }

  @Override
  public final StackTraceElement[] submitter() {
    return Origin.frames(origin);
  }

  @Override
  public final void sent(String instance, boolean cold, long bytes) {
    if (sentNanos == 0 || attempts > 0) {
      sentNanos = System.nanoTime();
    }
    where = instance;
    this.cold |= cold;
    bytesOut += bytes;
    pool.counts().sent(attempts++ > 0, cold, bytes);
  }

  @Override
  public final void ran(String instance, boolean cold) {
    where = instance;
    if (cold) {
      this.cold = true;
      pool.counts().coldStart();
    }
  }

  @Override
  public final void used(Usage part) {
    Usage u = usage;
    usage = u == null ? part : u.plus(part);
  }

  @Override
  public final void sentMore(long bytes) {
    bytesOut += bytes;
    pool.counts().sent(bytes);
  }

  @Override
  public final void completed(@Nullable Object value, long runNanos, long bytes) {
    if (move(AWAY, ENDED)) {
      end(value, null, runNanos, bytes);
    }
  }

  private void end(@Nullable Object value, @Nullable Throwable failure, long runNanos, long bytes) {
    forgetAttempt();
    try {
      deliver(value, failure, runNanos, bytes);
    } catch (RuntimeException | Error e) {
      CloudPool.log(e); // what follows the outcome, which was told first
    }
  }

  @Override
  public final void arrived(@Nullable Object value, long runNanos, long bytes) {
    if (move(AWAY, ENDED)) {
      quiet = true;
      end(value, null, runNanos, bytes);
    }
  }

  @Override
  public final void failed(Throwable failure, long runNanos, long bytes) {
    if (move(AWAY, ENDED)) {
      end(null, failure, runNanos, bytes);
    }
  }

  @Override
  public final void goHome(String reason) {
    if (pool.isStrict() && !unwanted()) {
      failed(new UncapturableException(reason, ""), 0, 0);
    } else {
      toHome(reason);
    }
  }

  /** Lets the call run at home. */
  final void toHome(@Nullable String reason) {
    if (move(AWAY, HOME)) {
      forgetAttempt();
      where = reason;
      startHome();
    }
  }

  /** Has the call run at home, where its slot's other calls allow it. */
  void startHome() {
    holding().home(this);
  }

  /** Returns the context of the task's attempt at home. */
  final CloudContext context() {
    CloudContext given = pool.context(id, attempts + 1);
    return given != null ? given : new Context(pool, id, attempts + 1);
  }

  private record Context(CloudExecutorService pool, long callId, int attempt)
      implements CloudContext {
    @Override
    public @Nullable String instance() {
      return null;
    }
  }
}
