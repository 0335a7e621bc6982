package dev.martlet.internal.worker.host;

import dev.martlet.CallListener;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.PoolStatistics;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.dispatch.Remote;
import dev.martlet.internal.dispatch.RemoteCall;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.PoolConfig;
import dev.martlet.internal.executor.StayHome;
import dev.martlet.internal.worker.process.Elsewhere;
import dev.martlet.internal.worker.process.Line;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The job's pool, as a task on this worker sees it. Nested calls run in this JVM, on the task's own
 * objects, so they share memory with it as on a JDK pool, or {@linkplain NestedRemote elsewhere};
 * the task's attempt ends when they have.
 */
final class NestedPool implements CloudExecutorService {
  private static final String REASON = "a nested call runs where the task does";

  // Nobody at home asks for such a call.
  private static final long NO_WIRE_ID = 0;

  private final String name;
  private final int parallelism;
  private @Nullable CallRun run;
  private @Nullable Line line;
  private int generation;
  private @Nullable Opened opened;

  // Pools with calls that have not ended, the last of which takes more; guarded by this.
  private final List<Opened> live = new ArrayList<>(1);
  private volatile boolean refusing;

  NestedPool(String name, int parallelism) {
    this.name = name;
    this.parallelism = parallelism;
  }

  /**
   * Says whose calls these are.
   *
   * @param generation of the client's classes
   * @param line tells where calls can go; null if nowhere
   */
  void attach(CallRun to, int generation, @Nullable Line line) {
    run = to;
    to.nested(this);
    this.generation = generation;
    this.line = line;
  }

  private CloudContext context(long callId, int attempt) {
    return new WorkerContext(this, callId, attempt, run);
  }

  private Remote remote() {
    CallRun r = run;
    Line l = line;
    Elsewhere elsewhere = l == null ? null : l.elsewhere();
    return r == null || elsewhere == null
        ? new Here()
        : new NestedRemote(r, this::header, this::context, elsewhere);
  }

  private final class Here extends StayHome {
    Here() {
      super(REASON);
    }

    @Override
    public CloudContext context(long callId, int attempt) {
      return NestedPool.this.context(callId, attempt);
    }
  }

  /** Makes what precedes the graph of a call that leaves. */
  private ByteBuffer header(RemoteCall call, ByteBuffer ahead, byte[] initialised) {
    byte[] thread = Protocol.utf8(call.threadName());
    ByteBuffer state = run == null ? ByteBuffer.allocate(0) : run.state();
    int flags = Protocol.EFFECTS | Protocol.NESTED;
    if (refusing) {
      flags |= Protocol.REFUSING;
    }
    if (state.hasRemaining()) {
      flags |= Protocol.STATE;
    }
    int length = 1 + 8 + 8 + 4 + 4 + 8 + 4 + thread.length;
    length += 4 + state.remaining() + 4 + ahead.remaining() + 4 + initialised.length;
    ByteBuffer b = ByteBuffer.allocate(length).put((byte) flags);
    b.putLong(NO_WIRE_ID).putLong(call.id()).putInt(1).putInt(generation);
    b.putLong(System.nanoTime() + (run == null ? 0 : run.nanosAhead()));
    Protocol.putString(b, thread);
    if (state.hasRemaining()) {
      b.putInt(state.remaining()).put(state);
    }
    b.putInt(ahead.remaining()).put(ahead.duplicate());
    Protocol.putString(b, initialised);
    return b.flip();
  }

  /** The pool of the calls in this JVM, until they have ended. */
  private static final class Opened {
    final CloudPool pool;

    /** How many threads submit something to it now; guarded by the nested pool. */
    int submitting;

    Opened(CloudPool pool) {
      this.pool = pool;
    }
  }

  private synchronized Opened open() {
    Opened o = opened;
    if (o == null) {
      Remote remote = remote();
      CallListener listener = remote instanceof CallListener l ? l : null;
      o = new Opened(new CloudPool(new PoolConfig(name, parallelism, false, listener, remote)));
      opened = o;
      live.add(o);
    }
    return o;
  }

  private synchronized @Nullable Opened opened() {
    return opened;
  }

  /** The submission of nested calls, for which the pool stays open. */
  private final class Submission implements AutoCloseable {
    private final Opened in;
    final CloudPool to;

    Submission() {
      CallRun r = run;
      if (r != null) {
        r.delegates();
      }
      synchronized (NestedPool.this) {
        if (refusing) {
          throw new RejectedExecutionException("the pool " + name + " has been shut down");
        }
        in = open();
        in.submitting++;
      }
      to = in.pool;
    }

    @Override
    public void close() {
      synchronized (NestedPool.this) {
        in.submitting--;
        NestedPool.this.notifyAll();
      }
    }
  }

  /** Rejects what is submitted from now on, wherever, since the client's pool does. */
  void refuse() {
    for (Opened o : refused()) {
      o.pool.refuseNested();
    }
  }

  /** Interrupts all nested calls, and begins none any more, since the client's pool does so. */
  void stop() {
    for (Opened o : refused()) {
      List<Runnable> unused = o.pool.shutdownNow();
    }
  }

  private synchronized List<Opened> refused() {
    refusing = true;
    return List.copyOf(live);
  }

  /**
   * Waits until all nested calls have ended, also those that nested calls submit and do not wait
   * for. An interruption is the task's and not theirs, which {@link #stop} interrupts. What threads
   * of the task submit later has a pool of its own.
   *
   * @return whether there were any since this was asked last
   */
  boolean join() {
    Opened o = opened();
    if (o == null) {
      return false;
    }
    boolean interrupted = false;
    for (boolean ended = false; !ended; ) {
      try {
        awaitEnd(o);
        ended = true;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private void awaitEnd(Opened o) throws InterruptedException {
    o.pool.awaitIdle();
    synchronized (this) {
      opened = opened == o ? null : opened;
      while (o.submitting > 0) {
        wait();
      }
    }
    o.pool.shutdown();
    boolean unused = o.pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    synchronized (this) {
      live.remove(o);
    }
  }

  private RuntimeException atHome(String what) {
    CallRun r = run;
    if (r != null) {
      r.homeOnly(what + " the pool");
    }
    return new IllegalStateException("the task " + what + " the pool, which is not here");
  }

  @Override
  public void shutdown() {
    throw atHome("shuts down");
  }

  @Override
  public List<Runnable> shutdownNow() {
    throw atHome("shuts down");
  }

  @Override
  public void close() {
    throw atHome("closes");
  }

  @Override
  public boolean isShutdown() {
    // It may wait until it is.
    throw atHome("asks for the state of");
  }

  @Override
  public boolean isTerminated() {
    // Not while this task runs.
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    throw atHome("awaits the termination of");
  }

  @Override
  public PoolStatistics statistics() {
    return open().pool.statistics();
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  @Override
  public void execute(Runnable task) {
    try (Submission s = new Submission()) {
      s.to.execute(task);
    }
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    try (Submission s = new Submission()) {
      return s.to.submit(task);
    }
  }

  @Override
  public <T> Future<T> submit(Runnable task, T result) {
    try (Submission s = new Submission()) {
      return s.to.submit(task, result);
    }
  }

  @Override
  public Future<?> submit(Runnable task) {
    try (Submission s = new Submission()) {
      return s.to.submit(task);
    }
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
      throws InterruptedException {
    try (Submission s = new Submission()) {
      return s.to.invokeAll(tasks);
    }
  }

  @Override
  public <T> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    try (Submission s = new Submission()) {
      return s.to.invokeAll(tasks, timeout, unit);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try (Submission s = new Submission()) {
      return s.to.invokeAny(tasks);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Submission s = new Submission()) {
      return s.to.invokeAny(tasks, timeout, unit);
    }
  }
}
