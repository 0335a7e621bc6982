package dev.martlet.internal.worker.host;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.PoolStatistics;
import dev.martlet.internal.agent.StackRoom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The client's fork/join pool, as a subtree on this worker sees it: it has the client's
 * parallelism, but only as many threads as the subtree has a share of.
 *
 * <p>A local worker is one of as many as the machine has cores, and runs subtrees of other slots
 * beside this one, so one thread would keep its core busy. There is a second one for what sleeps or
 * waits for a sibling, as it may do in any pool of more than one thread. Elsewhere a call has its
 * machine to itself.
 */
final class SubtreePool extends CloudForkJoinPool {
  private static final int LOCAL_THREADS = 2;
  private static final int SPARE_THREADS = 256;
  private static final long KEEP_SECONDS = 10;

  private final int parallelism;
  private final Set<Thread> threads;
  private volatile boolean discarded;

  SubtreePool(String name, int parallelism, boolean local, ClassLoader contextLoader) {
    this(
        parallelism,
        Math.min(
            parallelism,
            local
                ? LOCAL_THREADS
                : Math.max(LOCAL_THREADS, Runtime.getRuntime().availableProcessors())),
        new Factory(name, contextLoader));
  }

  private SubtreePool(int parallelism, int share, Factory factory) {
    super(
        share,
        factory,
        /* handler= */ null,
        /* asyncMode= */ false,
        /* corePoolSize= */ share,
        /* maximumPoolSize= */ share + SPARE_THREADS,
        /* minimumRunnable= */ 1,
        KEEP_SECONDS,
        TimeUnit.SECONDS);
    this.parallelism = parallelism;
    this.threads = factory.threads;
  }

  private static final class Factory implements ForkJoinWorkerThreadFactory {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final String name;
    private final ClassLoader contextLoader;

    Factory(String name, ClassLoader contextLoader) {
      this.name = name;
      this.contextLoader = contextLoader;
    }

    @Override
    public ForkJoinWorkerThread newThread(ForkJoinPool pool) {
      return new Worker(pool, this);
    }
  }

  private static final class Worker extends ForkJoinWorkerThread {
    private final Set<Thread> all;

    Worker(ForkJoinPool pool, Factory factory) {
      super(pool);
      all = factory.threads;
      StackRoom.give(this);
      setName(getName().replaceFirst("^.*-worker-", factory.name + "-worker-"));
      setContextClassLoader(factory.contextLoader);
    }

    @Override
    protected void onStart() {
      super.onStart();
      all.add(this);
    }

    @Override
    protected void onTermination(Throwable exception) {
      all.remove(this);
      super.onTermination(exception);
    }
  }

  /**
   * Returns whether there is work that no thread comes to, since all wait, or spin for ever in the
   * JDK's own search for what to do, as they may in JDK 17 where completers and other tasks mix.
   *
   * @throws dev.martlet.internal.worker.weave.AttemptDropped if one waits for what is not here
   */
  boolean isStuck(CallRun run) {
    boolean waiting = true;
    for (Thread t : threads) {
      if (LockSupport.getBlocker(t) instanceof ForkJoinTask<?> task) {
        run.checkAwaited(task);
      }
      waiting &= t.getState() == Thread.State.WAITING || isSearching(t);
    }
    return waiting && (hasQueuedSubmissions() || getQueuedTaskCount() > 0);
  }

  private static boolean isSearching(Thread t) {
    StackTraceElement[] frames = t.getStackTrace();
    return frames.length > 0
        && frames[0].getClassName().startsWith("java.util.concurrent.ForkJoinPool");
  }

  /** Returns whether a thread runs what a subtree that has ended has left; others but look. */
  boolean isComputing() {
    return threads.stream().anyMatch(SubtreePool::isComputing);
  }

  private static boolean isComputing(Thread t) {
    for (StackTraceElement frame : t.getStackTrace()) {
      if (frame.getClassName().equals(Subtree.COMPUTATION)) {
        return false; // it is about to return
      }
      if (frame.getMethodName().equals("doExec")
          && frame.getClassName().equals(ForkJoinTask.class.getName())) {
        return true;
      }
    }
    return false;
  }

  /** Ends it, with what runs in it. */
  void discard() {
    discarded = true;
    List<Runnable> unused = super.shutdownNow();
  }

  boolean isDiscarded() {
    return discarded;
  }

  private static void atHome(String what) {
    CallRun run = CallRun.ofThread();
    if (run != null) {
      run.homeOnly(what + " the pool");
    }
    throw new IllegalStateException("a task on a worker cannot do that: it " + what + " the pool");
  }

  @Override
  public int getParallelism() {
    return parallelism;
  }

  @Override
  public PoolStatistics statistics() {
    return new PoolStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, null, List.of());
  }

  @Override
  public Frontier frontier() {
    return Frontier.allLocal();
  }

  @Override
  public void shutdown() {
    atHome("shuts down");
  }

  @Override
  public List<Runnable> shutdownNow() {
    atHome("shuts down");
    return List.of();
  }

  @Override
  public void close() {
    atHome("closes");
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    atHome("awaits the termination of");
    return false;
  }
}
