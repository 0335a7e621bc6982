package dev.martlet.internal.executor;

import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.CloudJob;
import dev.martlet.PoolStatistics;
import dev.martlet.UncapturableException;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import dev.martlet.internal.job.Jobs;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.threads.OwnThread;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code ExecutorService} face of Martlet: n slots, a queue, and the JDK's contract around what
 * a {@link Remote} does.
 *
 * <p><b>Starting.</b> A call takes a free {@link Slot} on the submitting thread, without a lock, if
 * nobody waits in the queue; otherwise it waits there. Whoever gives a slot back afterwards reads
 * {@code queued}, and whoever queues a call afterwards looks for a slot, so one of the two sees the
 * other. Calls leave the queue in order, under {@code lock}, and are sent without it; the calls
 * that are fed to one slot leave in order too, since a slot lets nobody in while one is being sent.
 *
 * <p><b>Ending.</b> A call's future is set, then its slot is given back, then waiters wake. What
 * runs user code (the rest of a wrapper, a home run) does so before the slot is given back, and
 * never on a thread that is sending.
 *
 * <p><b>Waiting.</b> A task that waits for a call which has not begun lends it its own slot: the
 * awaited call overtakes the queue and holds the slot besides the waiting one. So a chain of nested
 * calls of any depth goes on in one slot, one at a time.
 *
 * <p><b>Terminating.</b> RUNNING, SHUTDOWN (queue is worked off), STOP (queue was emptied), TIDYING
 * (nothing is left; the remote is closed), TERMINATED; forward only. A submission looks at the
 * state again after it has taken a slot, and the terminator looks at the slots after it has set the
 * state.
 */
public final class CloudPool extends AbstractExecutorService implements CloudExecutorService {
  private static final int RUNNING = 0;
  private static final int SHUTDOWN = 1;
  private static final int STOP = 2;
  private static final int TIDYING = 3;
  private static final int TERMINATED = 4;

  private static final int SPINS = 200;
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How many slots are looked at for a free one before a call is fed to a busy one. */
  private static final int PROBES = 16;

  /** The call that the current thread runs, or on whose behalf it runs user code. */
  private static final ThreadLocal<@Nullable Call> CURRENT = new ThreadLocal<>();

  private final PoolConfig config;
  private final Remote remote;
  private final boolean far;
  private final Slot[] slots;
  private final @Nullable ThreadGroup group = Thread.currentThread().getThreadGroup();
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition terminated = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final ArrayDeque<Call> queue = new ArrayDeque<>();

  /** The size of the queue, written under the lock. */
  private volatile @Nullable CloudForkJoinPool forkJoinPool;

  private volatile int queued;

  /** Written under the lock. */
  private volatile int runState;

  private volatile boolean errandsStopped;
  private volatile boolean idleAwaited;

  private volatile @Nullable Custodian custodian;
  private volatile @Nullable Jobs jobs;
  private final AtomicReference<@Nullable RuntimeException> unsent = new AtomicReference<>();
  private final AtomicBoolean awaitsRoom = new AtomicBoolean();

  /** Whether the current thread is starting calls; kept per thread, since it is asked often. */
  private final ThreadLocal<boolean[]> starting = ThreadLocal.withInitial(() -> new boolean[1]);

  private @Nullable Origin lastOrigin;
  private int turn;

  private final AtomicLong ids = new AtomicLong();
  private final Counts counts;

  /** Creates a pool. */
  public CloudPool(PoolConfig config) {
    this.config = config;
    this.remote = config.remote();
    this.far = remote.isFar();
    this.counts = new Counts(config.listener(), this::tell);
    this.slots = new Slot[config.parallelism()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(this, i);
    }
  }

  String name() {
    return config.name();
  }

  boolean isDaemon() {
    return config.daemon();
  }

  @Nullable CloudContext context(long callId, int attempt) {
    return remote instanceof StayHome s ? s.context(callId, attempt) : null;
  }

  @Nullable ThreadGroup threadGroup() {
    return group;
  }

  @Nullable ClassLoader contextLoader() {
    return loader;
  }

  @Override
  public int parallelism() {
    return slots.length;
  }

  // Submission

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    FutureCall<T> call = newTaskFor(task);
    accept(call);
    return call;
  }

  @Override
  public <T> Future<T> submit(Runnable task, T result) {
    FutureTask<T> handed = Wrappers.handed(task, result);
    if (handed != null) {
      execute(handed);
      return handed;
    }
    FutureCall<T> call = newTaskFor(task, result);
    accept(call);
    return call;
  }

  @Override
  public Future<?> submit(Runnable task) {
    FutureTask<@Nullable Void> handed = Wrappers.handed(task, null);
    if (handed != null) {
      execute(handed);
      return handed;
    }
    FutureCall<@Nullable Void> call =
        new FutureCall<>(this, Body.of(Body.Kind.RUN, Objects.requireNonNull(task)), null);
    accept(call);
    return call;
  }

  @Override
  protected <T> FutureCall<T> newTaskFor(Callable<T> task) {
    return Wrappers.future(this, Objects.requireNonNull(task));
  }

  @Override
  protected <T> FutureCall<T> newTaskFor(Runnable task, @Nullable T result) {
    return new FutureCall<>(this, Body.of(Body.Kind.RUN, Objects.requireNonNull(task)), result);
  }

  @Override
  public void execute(Runnable command) {
    Objects.requireNonNull(command);
    if (command instanceof FutureCall<?> call && call.pool == this) {
      accept(call);
    } else {
      accept(Wrappers.open(this, command));
    }
  }

  /** Gives the pool its jobs, which it closes. */
  void jobs(Jobs own) {
    jobs = own;
  }

  @Override
  public CloudJob detach(String name) {
    Jobs j = jobs;
    return j == null ? CloudExecutorService.super.detach(name) : j.detach(name);
  }

  /** Attaches to a job, with which the pool ends. */
  CloudJob attach(String name) {
    Jobs j = jobs;
    return j == null ? CloudExecutorService.super.detach(name) : j.attach(name, this::shutdown);
  }

  /** Makes this the pool of what a fork/join pool sends away. */
  public void serve(CloudForkJoinPool pool) {
    forkJoinPool = pool;
  }

  @Nullable CloudForkJoinPool forkJoinPool() {
    return forkJoinPool;
  }

  /** Returns whether workers run on the client's processors. */
  public boolean sharesProcessors() {
    return remote.sharesProcessors();
  }

  /**
   * Sends a body for a thread that takes its outcome itself, or runs it itself if it cannot leave.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the pool is shut down, or its
   *     errands are stopped
   */
  public Errand send(Body body) {
    if (errandsStopped) {
      throw new RejectedExecutionException("the fork/join pool has been stopped");
    }
    Errand errand = new Errand(this, body);
    accept(errand);
    if (errandsStopped) {
      errand.stop();
    }
    return errand;
  }

  /** Interrupts all that errands do where they run, and takes no more of them. */
  public void stopErrands() {
    errandsStopped = true;
    for (Slot s : slots) {
      s.forEach(
          call -> {
            if (call instanceof Errand e) {
              e.stop();
            }
          });
    }
  }

  void accept(Call call) {
    if (runState != RUNNING) {
      throw rejected(call);
    }
    if (call.stage() != Call.MADE) {
      return;
    }
    Body body = call.body;
    if (body != null) {
      if (config.strict()) {
        remote.check(body);
      }
      call.ahead = (char) Math.max(0, Math.min(ahead(call), Slot.MOST_AHEAD));
    } else if (config.strict() && !call.unwanted() && !call.isOpened()) {
      throw new UncapturableException(Wrappers.UNKNOWN, "");
    }
    long now = System.nanoTime();
    call.queuedNanos = now;
    if (body != null) {
      Origin origin = Origin.of(body.function(), now, lastOrigin);
      lastOrigin = origin;
      call.origin = origin;
    }
    if (queued == 0) {
      Slot slot = reserve(call.ahead);
      if (slot != null && body != null && !remote.hasRoom()) {
        slot.cancel(call.ahead);
        slot = hasRoom() ? reserve(call.ahead) : null;
      }
      if (slot != null) {
        start(call, slot);
        return;
      }
    }
    lock();
    try {
      if (runState != RUNNING) {
        throw rejected(call);
      }
      if (!call.move(Call.MADE, Call.QUEUED)) {
        return;
      }
      call.id = ids.incrementAndGet();
      queue.add(call);
      queued = queue.size();
      if (custodian == null) {
        startCustodian();
      }
    } finally {
      lock.unlock();
    }
    if (call.isOpened() && CURRENT.get() != null) {
      Custodian c = custodian;
      if (c != null) {
        c.watch(call);
      }
    }
    next();
  }

  private void start(Call call, Slot slot) {
    boolean accepted = runState == RUNNING;
    if (!accepted || !call.move(Call.MADE, Call.AWAY)) {
      slot.cancel(call.ahead);
      next();
      if (!accepted) {
        throw rejected(call);
      }
      return;
    }
    slot.bind(call, call.ahead);
    call.sentNanos = call.queuedNanos;
    call.id = ids.incrementAndGet();
    if (custodian == null) {
      lock.lock();
      try {
        startCustodian();
      } finally {
        lock.unlock();
      }
    }
    launch(call);
    next();
  }

  /** Returns whether there is memory for another call, for which the program's threads wait. */
  private boolean hasRoom() {
    if (!OwnThread.isCurrent()) {
      remote.awaitRoom();
    }
    return remote.hasRoom();
  }

  private int ahead(Call call) {
    try {
      return remote.ahead(call);
    } catch (RuntimeException | Error e) {
      log(e);
      return 0;
    }
  }

  private RejectedExecutionException rejected(Call call) {
    return new RejectedExecutionException("Task " + call.runnable() + " rejected from " + this);
  }

  /** Finds a slot and reserves it. */
  private @Nullable Slot reserve(int ahead) {
    int n = slots.length;
    for (int i = 0, probes = ahead <= 0 ? n : Math.min(n, PROBES); i < probes; i++) {
      Slot s = slots[i];
      if (s.isFree() && s.reserve(ahead)) {
        return s;
      }
    }
    if (ahead > 0) {
      int start = (turn++ & Integer.MAX_VALUE) % n;
      for (int i = 0; i < n; i++) {
        Slot s = slots[(start + i) % n];
        if (s.reserve(ahead)) {
          return s;
        }
      }
    }
    return null;
  }

  /** Sends a call that has its slot, or lets it run at home. */
  private void launch(Call call) {
    Slot slot = call.holding();
    boolean fed = call.place >= 0;
    String reason = null;
    try {
      if (call.unwanted()) {
        if (call.endUnwanted()) {
          release(call);
          next();
        } else {
          call.toHome(null);
        }
        return;
      }
      call.begin();
      if (call.body == null) {
        call.toHome(Wrappers.UNKNOWN);
        return;
      }
      call.sender = Thread.currentThread();
      reason = remote.send(call);
    } catch (Throwable e) {
      call.failed(NoMemory.told(e, "what a task is given", 0), 0, 0);
      if (e instanceof Error) {
        log(e);
      }
    } finally {
      call.sender = null;
      if (fed) {
        slot.sent();
      }
    }
    if (reason != null) {
      call.goHome(reason);
    } else if (call.interrupted || runState >= STOP) {
      // The interrupt may have come before the call had left.
      interruptAway(call);
    }
  }

  /** Starts calls from the queue while there are slots. */
  private void startQueued() {
    startQueued(false, false);
  }

  /**
   * Starts calls from the queue.
   *
   * @param quiet whether only such may be started here whose sending runs no unknown code; others
   *     are left to another thread, since this one is needed for reading
   * @param roomy whether there is memory for the first of them, or it has waited for that long
   *     enough
   */
  private void startQueued(boolean quiet, boolean roomy) {
    boolean[] here = starting.get();
    if (here[0]) {
      return; // Further up on this stack the loop goes on.
    }
    here[0] = true;
    try {
      for (Call call = poll(quiet, roomy); call != null; call = poll(quiet, false)) {
        launch(call);
      }
    } catch (RuntimeException | Error e) {
      log(e);
      startSoon();
    } finally {
      here[0] = false;
    }
  }

  /** Starts calls in a while, when there may be what they could not be started without. */
  private void startSoon() {
    Custodian c = custodian;
    if (c != null) {
      c.add(
          () -> {
            LockSupport.parkNanos(SOON_NANOS);
            startQueued();
          });
    }
  }

  /** Starts calls when there is memory for what they are given. */
  private void startWhenRoom() {
    if (!awaitsRoom.getAndSet(true)) {
      remote.whenRoom(
          () -> {
            awaitsRoom.set(false);
            startQueued(false, true);
          });
    }
  }

  /** Takes the oldest call that has not begun, and gives it a slot. */
  private @Nullable Call poll(boolean quiet, boolean roomy) {
    lock();
    try {
      for (; ; ) {
        Call call = queue.peek();
        if (call == null) {
          return null;
        }
        if (far && call.ahead == 0 && call.body != null) {
          // Its like may have been measured while it waited.
          call.ahead = (char) Math.max(0, Math.min(ahead(call), Slot.MOST_AHEAD));
        }
        if (call.body != null && !roomy && !remote.hasRoom()) {
          startWhenRoom();
          return null;
        }
        if (quiet && (call.ahead == 0 || !call.isPlain())) {
          remote.execute(this::startQueued);
          return null;
        }
        Slot slot = null;
        if (call.stage() == Call.QUEUED) {
          slot = reserve(call.ahead);
          if (slot == null) {
            return null;
          }
        }
        queue.poll();
        queued = queue.size();
        if (slot != null) {
          if (call.move(Call.QUEUED, Call.AWAY)) {
            slot.bind(call, call.ahead);
            return call;
          }
          slot.cancel(call.ahead);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes the lock. It is held for moments only, so a thread spins before it sleeps. */
  private void lock() {
    for (int i = 0; i < SPINS; i++) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  // Ending

  /**
   * Gives back what a call holds. {@link #next} must follow.
   *
   * @return whether the slot has room worth filling
   */
  boolean release(Call call) {
    return call.holding().release(call);
  }

  /** Something was given back: starts what waits for it. */
  void next() {
    next(true);
  }

  /**
   * Something was given back by a call.
   *
   * @param room whether it is worth while to look into the queue
   */
  void next(Call ended, boolean room) {
    if (ended.quiet && room && queued > 0) {
      startQueued(true, false);
      room = false;
    }
    next(room);
  }

  private void next(boolean room) {
    if (room && queued > 0) {
      startQueued();
    }
    if (idleAwaited) {
      signalIdle();
    }
    if (runState != RUNNING) {
      tryTerminate();
    }
  }

  /** Runs the rest of a call that came back, and gives its slot back. */
  void finish(Call call, Runnable rest) {
    if (call.sender == Thread.currentThread()) {
      call.holding().home(call);
      return;
    }
    try {
      call.threadLocals()
          .run(
              () -> {
                Call former = enter(call);
                try {
                  rest.run();
                } catch (Throwable e) {
                  ExecutedCall.uncaught(e);
                } finally {
                  enter(former);
                }
              });
    } finally {
      release(call);
      next();
    }
  }

  void interruptAway(Call call) {
    call.interrupted = true;
    if (call.stage() == Call.AWAY) {
      try {
        remote.interrupt(call);
      } catch (RuntimeException e) {
        log(e);
      }
    }
  }

  void taskCancelled(Call call) {
    if (call.stage() == Call.AWAY) {
      try {
        remote.taskCancelled(call);
      } catch (RuntimeException e) {
        log(e);
      }
    }
  }

  boolean isStopped() {
    return runState >= STOP;
  }

  @Nullable Duration callTimeout() {
    return config.callTimeout();
  }

  boolean isStrict() {
    return config.strict();
  }

  // Waiting

  static @Nullable Call enter(@Nullable Call call) {
    Call former = CURRENT.get();
    if (call == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(call);
    }
    return former;
  }

  /**
   * Runs code in this JVM on behalf of a call that is away, such as a submission by its task to
   * this pool and the wait for its result. While the code waits for a call of this pool, that call
   * may use the slot.
   */
  public static <T> T within(RemoteCall call, Callable<T> code) throws Exception {
    Call former = enter((Call) call);
    try {
      return code.call();
    } finally {
      enter(former);
    }
  }

  /** The current thread is about to wait for a call. */
  void awaited(Call wanted) {
    Call holder = holder();
    if (holder != null) {
      help(holder, wanted);
    }
  }

  /** Returns the call of this pool that the current thread runs, or on whose behalf it does. */
  @Nullable Call holder() {
    Call holder = CURRENT.get();
    return holder != null && holder.pool == this ? holder : null;
  }

  /** The current thread is about to wait for calls without reading answers. */
  void flush() {
    remote.awaited(0, () -> true);
  }

  /**
   * The current thread waits for a call: it may read answers meanwhile, and park for that, so it
   * has to look again whether the call has ended before it parks.
   *
   * @return whether the thread was of use
   */
  <C extends Call & BooleanSupplier> boolean helpRead(C wanted, long nanos) {
    if (wanted.stage() != Call.AWAY || !wanted.beginReading()) {
      return wanted.stage() == Call.ENDED;
    }
    try {
      return remote.awaited(nanos, wanted);
    } finally {
      wanted.endReading();
    }
  }

  /**
   * Begins a queued stage if a task at home waits for it.
   *
   * @return whether the stage has begun
   */
  boolean beginIfAwaited(Call stage) {
    if (stage.stage() == Call.QUEUED && stage.waiter() instanceof HomeThread t && t.isOf(this)) {
      Call holder = t.current();
      if (holder != null) {
        help(holder, stage);
      }
    }
    return stage.stage() != Call.QUEUED;
  }

  /** Returns whether the call has begun by the help of the one that waits for it. */
  boolean help(Call holder, Call wanted) {
    if (wanted.stage() == Call.QUEUED && holder.holding().reserveBeside(holder)) {
      Slot slot = holder.holding();
      boolean mine = wanted.move(Call.QUEUED, Call.AWAY);
      if (mine) {
        slot.bind(wanted, 0);
        launch(wanted);
      } else {
        slot.cancel(0);
      }
      next();
      return mine;
    }
    if (wanted.stage() == Call.HOME) {
      wanted.holding().hurry(wanted);
    }
    return false;
  }

  // Bulk

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return new InvokeAny<T>(this).call(tasks, false, 0);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return new InvokeAny<T>(this).call(tasks, true, unit.toNanos(timeout));
  }

  // Life cycle

  private void startCustodian() {
    if (custodian == null) {
      Custodian c = new Custodian(this);
      c.start();
      custodian = c;
    }
  }

  @Override
  public void shutdown() {
    advance(SHUTDOWN);
    refuseNested();
    tryTerminate();
  }

  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> neverBegun = new ArrayList<>();
    lock.lock();
    try {
      advance(STOP);
      for (Call call = queue.poll(); call != null; call = queue.poll()) {
        if (call.move(Call.QUEUED, Call.MADE)) {
          neverBegun.add(call.runnable());
        }
      }
      queued = 0;
    } finally {
      lock.unlock();
    }
    refuseNested();
    for (Slot s : slots) {
      s.forEach(Call::interruptTask);
    }
    tryTerminate();
    return neverBegun;
  }

  /** Has what calls submit where they run rejected from now on, as when the pool is shut down. */
  public void refuseNested() {
    for (Slot s : slots) {
      s.forEach(
          call -> {
            if (call.stage() == Call.AWAY) {
              remote.shutDown(call);
            }
          });
    }
  }

  private void advance(int state) {
    lock.lock();
    try {
      if (runState < state) {
        runState = state;
      }
    } finally {
      lock.unlock();
    }
  }

  private void tryTerminate() {
    Custodian c;
    lock.lock();
    try {
      if (runState != SHUTDOWN && runState != STOP) {
        return;
      }
      if (!isIdle()) {
        return;
      }
      runState = TIDYING;
      c = custodian;
    } finally {
      lock.unlock();
    }
    if (c == null) {
      tidy();
    } else {
      c.end(this::tidy);
    }
  }

  /** Returns whether no call is under way; with the lock. */
  private boolean isIdle() {
    for (Call call : queue) {
      if (call.stage() == Call.QUEUED) {
        return false;
      }
    }
    for (Slot s : slots) {
      if (!s.isFree()) {
        return false;
      }
    }
    return true;
  }

  private void signalIdle() {
    lock.lock();
    try {
      if (isIdle()) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no call is under way, nor any that those under way submit, which the pool takes as
   * ever.
   */
  public void awaitIdle() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      idleAwaited = true;
      while (!isIdle()) {
        idle.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void tidy() {
    for (Slot s : slots) {
      s.close();
    }
    try (remote) {
      closeJobs();
    } catch (Throwable e) {
      log(e);
    }
    lock.lock();
    try {
      runState = TERMINATED;
      terminated.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void closeJobs() {
    Jobs j = jobs;
    try {
      if (j != null) {
        j.close();
      }
    } catch (RuntimeException e) {
      unsent.set(e); // logged by the job
    }
  }

  @Override
  public boolean isShutdown() {
    return runState != RUNNING;
  }

  @Override
  public boolean isTerminated() {
    return runState == TERMINATED;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long nanos = unit.toNanos(timeout);
    lock.lockInterruptibly();
    try {
      while (runState != TERMINATED) {
        if (nanos <= 0) {
          return false;
        }
        nanos = terminated.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    boolean done = isTerminated();
    if (!done) {
      shutdown();
    }
    boolean interrupted = false;
    while (!done) {
      try {
        done = awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        if (!interrupted) {
          shutdownNow();
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException e = unsent.getAndSet(null);
    if (e != null) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Has the custodian call the listener. */
  private void tell(Runnable news) {
    Custodian c = custodian;
    if (c != null) {
      c.add(news);
    }
  }

  Counts counts() {
    return counts;
  }

  @Override
  public PoolStatistics statistics() {
    return counts.statistics(ids.get(), remote.usage());
  }

  static void log(Throwable e) {
    try {
      Log.of(CloudPool.class).warn("Martlet went on after an unexpected exception", e);
    } catch (OutOfMemoryError none) {
      // It goes on all the same.
    }
  }

  @Override
  public String toString() {
    int state = runState;
    int active = 0;
    for (Slot s : slots) {
      active += s.load();
    }
    return getClass().getName()
        + "@"
        + Integer.toHexString(hashCode())
        + (state == RUNNING ? "[Running" : state == TERMINATED ? "[Terminated" : "[Shutting down")
        + ", name = "
        + name()
        + ", parallelism = "
        + slots.length
        + ", active tasks = "
        + active
        + ", queued tasks = "
        + queued
        + ", completed tasks = "
        + counts.ended()
        + "]";
  }
}
