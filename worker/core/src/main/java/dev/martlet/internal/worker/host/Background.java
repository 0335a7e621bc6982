package dev.martlet.internal.worker.host;

import dev.martlet.internal.worker.loader.CodeUnavailableError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What works in one realm beside the thread of its call: threads, and work that waits for one. A
 * call's effects are complete only when all that has come to rest.
 *
 * <p>A thread inherits whom it works for from the one that makes it, so that one made deep inside
 * the JDK is noticed, and found again among the JVM's threads. The rest is told by woven code:
 * threads that may have been made to inherit nothing, and work that will come to a thread that
 * serves everybody. The realm has a {@linkplain CommonPool common pool} of its own.
 *
 * <p>A thread of a pool that waits for work is at rest: what could give it any is at rest too, or
 * is a later call in this realm, for which it then works.
 */
final class Background {
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long MOST_REST_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final int YIELDS = 100;
  private static final String DELAYER = "CompletableFutureDelayScheduler";
  private static final String IN_SUBTREES = "work in the fork/join pool";

  private static final Inherited OF_THREAD = new Inherited();

  private final List<Object> told = new ArrayList<>();
  private int toldLimit = 16;
  private final AtomicInteger delayed = new AtomicInteger();
  private final @Nullable Background owner;
  private volatile @Nullable CallRun run;
  private volatile @Nullable CommonPool pool;
  private volatile @Nullable SubtreePool subtrees;
  private volatile boolean threads;

  Background() {
    this(null);
  }

  private Background(@Nullable Background owner) {
    this.owner = owner;
  }

  private static final class Inherited extends InheritableThreadLocal<@Nullable Background> {
    @Override
    protected @Nullable Background childValue(@Nullable Background parent) {
      if (parent != null) {
        parent.threads = true;
      }
      return parent;
    }
  }

  /** Returns whom the current thread works for, or {@code null}. */
  static @Nullable CallRun run() {
    Background b = OF_THREAD.get();
    if (b == null) {
      return null;
    }
    return b.owner == null ? b.run : b.owner.run;
  }

  /**
   * Returns whether a thread serves everybody, so that what it has inherited from whom it was made
   * for first means nothing.
   */
  static boolean isEverybodys(Thread thread) {
    return (thread instanceof ForkJoinWorkerThread w && w.getPool() == ForkJoinPool.commonPool())
        || thread.getName().equals(DELAYER)
        || JdkThreads.isOfCommonPool(thread);
  }

  /** Sets whose the realm is from now on. */
  void open(@Nullable CallRun call) {
    run = call;
    synchronized (told) {
      told.clear();
    }
  }

  /** The current thread needs code that could not be had. */
  void unavailable(CodeUnavailableError e) {
    CallRun ofRealm = run;
    CallRun ofThread = run();
    if (ofRealm != null) {
      ofRealm.unanswered(e);
    }
    if (ofThread != null) {
      ofThread.unanswered(e);
    }
  }

  /** Has the current thread work here. */
  void enter() {
    OF_THREAD.set(this);
  }

  /** Ends what {@link #enter} has begun. */
  static void exit() {
    OF_THREAD.set(null);
  }

  /**
   * Makes an object that stays when the call has ended; so do its threads, and the threads that
   * these make.
   */
  <T> T apart(Supplier<? extends T> maker) {
    Background former = OF_THREAD.get();
    OF_THREAD.set(new Background(this));
    try {
      return maker.get();
    } finally {
      OF_THREAD.set(former);
    }
  }

  /** Notes a thread or a future that woven code has started. */
  void started(Object what) {
    Background b = OF_THREAD.get();
    if (b == null || b.owner == null) {
      synchronized (told) {
        if (told.size() >= toldLimit) {
          told.removeIf(Background::atRest);
          toldLimit = 2 * told.size() + 16;
        }
        told.add(what);
      }
    }
  }

  /** Returns an executor that counts what it has been given until that has ended. */
  Executor delayed(Executor executor) {
    return task -> {
      if (task == null) {
        throw new NullPointerException();
      }
      delayed.incrementAndGet();
      executor.execute(
          () -> {
            try {
              task.run();
            } finally {
              delayed.decrementAndGet();
            }
          });
    };
  }

  /** Returns the realm's common pool. */
  synchronized CommonPool pool(ClassLoader contextLoader) {
    CommonPool p = pool;
    if (p == null) {
      p = new CommonPool(contextLoader);
      pool = p;
    }
    return p;
  }

  /** Returns the realm's pool for subtrees. */
  synchronized SubtreePool subtrees(Supplier<SubtreePool> maker) {
    SubtreePool p = subtrees;
    if (p == null) {
      p = maker.get();
      subtrees = p;
    }
    return p;
  }

  /**
   * Waits a moment for everything to come to rest; longer for threads of the subtree's pool that
   * run nothing any more, which take their time on a busy machine.
   *
   * @return what has not, or {@code null}
   */
  @SuppressWarnings("ThreadPriorityCheck") // mostly it is but for an instant
  @Nullable String awaitRest() {
    String working = working();
    if (working == null) {
      return null;
    }
    long start = System.nanoTime();
    for (int i = 0; working != null; i++) {
      long nanos = System.nanoTime() - start;
      if (nanos >= REST_NANOS && (nanos >= MOST_REST_NANOS || !isCalmingDown())) {
        break;
      }
      if (i < YIELDS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      working = working();
    }
    return working;
  }

  private boolean isCalmingDown() {
    SubtreePool s = subtrees;
    return s != null && IN_SUBTREES.equals(working()) && !s.isComputing();
  }

  /** Interrupts what is not at rest. */
  void interrupt() {
    CommonPool p = pool;
    if (p != null) {
      p.discard();
    }
    SubtreePool s = subtrees;
    if (s != null) {
      s.discard();
    }
    synchronized (told) {
      for (Object o : told) {
        if (o instanceof Thread t) {
          t.interrupt();
        }
      }
    }
    if (threads) {
      JdkThreads.all().stream().filter(this::isMine).forEach(Thread::interrupt);
    }
  }

  /**
   * Returns whether the realm must not serve another call: something is still at work, or its
   * pools, which libraries may have kept, have been ended.
   */
  boolean isSpent() {
    CommonPool p = pool;
    SubtreePool s = subtrees;
    return (p != null && p.isShutdown()) || (s != null && s.isDiscarded()) || working() != null;
  }

  /**
   * Returns what is not at rest, or {@code null}. Work moves from one place to another, such as a
   * delayed task to its pool, so nothing is only what was found twice.
   */
  private @Nullable String working() {
    String working = look();
    return working == null ? look() : working;
  }

  private @Nullable String look() {
    synchronized (told) {
      for (Object o : told) {
        if (!atRest(o)) {
          return o instanceof Thread t ? "the thread " + t.getName() : "a future";
        }
      }
    }
    if (delayed.get() > 0) {
      return "delayed work";
    }
    CommonPool p = pool;
    if (p != null && !atRest(p)) {
      return "work in the common pool";
    }
    SubtreePool s = subtrees;
    if (s != null && !atRest(s)) {
      return IN_SUBTREES;
    }
    if (threads) {
      boolean any = false;
      for (Thread t : JdkThreads.all()) {
        if (isMine(t)) {
          any = true;
          if (!atRest(t)) {
            return "the thread " + t.getName();
          }
        }
      }
      threads = any;
    }
    return null;
  }

  private boolean isMine(Thread t) {
    return t != Thread.currentThread()
        && !isEverybodys(t)
        && !(t instanceof ForkJoinWorkerThread w
            && (w.getPool() == pool || w.getPool() == subtrees))
        && JdkThreads.inherited(t, OF_THREAD) == this;
  }

  private static boolean atRest(Object o) {
    if (o instanceof Thread t) {
      if (!t.isAlive()) {
        return true;
      }
      if (t instanceof ForkJoinWorkerThread w) {
        ForkJoinPool p = w.getPool();
        return p != null && atRest(p);
      }
      if (JdkThreads.isDelaying(t)) {
        return JdkThreads.keepsNothing(t);
      }
      ThreadPoolExecutor p = JdkThreads.poolOf(t);
      return p != null && (p.isTerminated() || (isIdle(p) && isParked(t) && isIdle(p)));
    }
    if (o instanceof CompletableFuture<?> f) {
      return f.isDone();
    }
    if (o instanceof ForkJoinPool p) {
      return p.isTerminated()
          || (p.isQuiescent()
              && !p.hasQueuedSubmissions()
              && p.getActiveThreadCount() == 0
              && p.isQuiescent());
    }
    throw new IllegalArgumentException(o.getClass().getName());
  }

  private static boolean isIdle(ThreadPoolExecutor p) {
    return p.getQueue().isEmpty() && p.getActiveCount() == 0;
  }

  private static boolean isParked(Thread t) {
    Thread.State state = t.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }
}
