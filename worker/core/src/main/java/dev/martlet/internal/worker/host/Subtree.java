package dev.martlet.internal.worker.host;

import dev.martlet.CloudContext;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.subtree.Completion;
import dev.martlet.internal.subtree.TaskState;
import dev.martlet.spi.CurrentContext;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subtree of fork/join tasks that came from a client, and runs in a pool here until all of its
 * tasks have ended. Its root is a task, which is computed, not executed: what becomes of it is for
 * the client's pool to say; or a function that was given to the client's pool.
 */
final class Subtree implements Interrupts.Target {
  /** The class whose method runs the root. */
  static final String COMPUTATION = Computation.class.getName();

  private static final long LOOK_MILLIS = 100;
  private static final int PATIENCE = 20;

  private static final MethodHandle TASK = compute(RecursiveTask.class, Object.class);
  private static final MethodHandle ACTION = compute(RecursiveAction.class, void.class);

  private final Body body;
  private final @Nullable ForkJoinTask<?> root;
  private final CallRun run;
  private final SubtreePool pool;
  private final @Nullable Completer completer;
  private final @Nullable CloudContext context;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Object value;
  private @Nullable Throwable thrown;

  // Guarded by this.
  private @Nullable Thread computing;
  private boolean over;
  private boolean requested;
  private boolean heard;
  private boolean leftInterrupted;

  Subtree(Body body, CallRun run, SubtreePool pool, @Nullable Completer completer) {
    this.body = body;
    this.root = body.kind() == Body.Kind.COMPUTE ? (ForkJoinTask<?>) body.function() : null;
    this.run = run;
    this.pool = pool;
    this.completer = completer;
    this.context = CurrentContext.get();
  }

  private static MethodHandle compute(Class<?> type, Class<?> result) {
    try {
      MethodHandles.Lookup lookup = Trusted.lookup();
      return lookup
          .findVirtual(type, "compute", MethodType.methodType(result))
          .asType(MethodType.methodType(result, ForkJoinTask.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Runs it, and returns what the root's computation returned, or how a completer completed. */
  @Nullable Object run(Interrupts interrupts) throws Throwable {
    Computation computation = new Computation();
    interrupts.begin(this);
    try {
      pool.execute(computation);
    } catch (RejectedExecutionException e) {
      throw pool.isDiscarded() ? new CancellationException() : e;
    }
    boolean interrupted = false;
    int idle = 0;
    for (; ; ) {
      try {
        if (ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
        if (computation.isCancelled()) {
          throw new CancellationException();
        }
        idle = pool.isStuck(run) ? idle + 1 : 0;
        if (idle >= PATIENCE) {
          run.homeOnly("waits for more than its share of threads gives");
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (root instanceof CountedCompleter<?> c) {
      return completed(c);
    }
    if (thrown != null) {
      throw thrown;
    }
    return value;
  }

  @Override
  public synchronized void interrupt() {
    Thread t = computing;
    if (t != null) {
      heard = true;
      t.interrupt();
    } else if (!over) {
      requested = true;
    }
  }

  @Override
  public synchronized void stop() {
    heard |= !over;
    pool.discard();
  }

  @Override
  public void cancelled() {
    if (root != null) {
      // As the live task is, on which its computation may look.
      TaskState.setCancelled(root);
    }
  }

  private synchronized void beginComputing() {
    computing = Thread.currentThread();
    if (requested) {
      interrupt();
    }
  }

  private synchronized void endComputing() {
    computing = null;
    over = true;
    leftInterrupted = Thread.interrupted();
  }

  /** Returns what the client's thread is to know of interruptions, as bits of how a call ended. */
  synchronized int interruptions() {
    return (heard ? Protocol.HEARD : 0) | (leftInterrupted ? Protocol.INTERRUPTED : 0);
  }

  /**
   * Returns how a completer has completed.
   *
   * @throws Throwable what its computation threw, if it has not completed
   */
  private Object completed(CountedCompleter<?> c) throws Throwable {
    Completer above = completer;
    CountedCompleter<?> top = above == null ? c : above;
    boolean done = c.isDone() || top.isDone() || run.completesQuietly();
    if (thrown != null && !done) {
      throw thrown;
    }
    if (!done) {
      // Unless what it has started completes it.
      run.settle();
      if (!c.isDone() && !top.isDone() && !run.completesQuietly()) {
        run.homeOnly("is completed by others");
      }
    }
    Completion.Chain chain = Completion.Chain.NONE;
    Throwable failure = null;
    if (above != null) {
      CountedCompleter<?> caller = above.caller();
      failure = TaskState.thrown(above);
      if (failure != null) {
        chain = Completion.Chain.FAILS;
      } else if (caller != null) {
        chain = caller == above ? Completion.Chain.TRIES : Completion.Chain.COMPLETES;
      } else if (above.isDone()) {
        chain = Completion.Chain.PROPAGATES;
      }
    }
    return Completion.describe(c, chain, failure, run.completesQuietly(), thrown);
  }

  private final class Computation extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    @Override
    protected void compute() {
      CloudContext former = CurrentContext.set(context);
      beginComputing();
      try {
        if (root instanceof RecursiveTask) {
          value = (Object) TASK.invokeExact(root);
        } else if (root instanceof CountedCompleter<?> c) {
          c.compute();
        } else if (root == null) {
          value = body.invoke();
        } else {
          ACTION.invokeExact(root);
        }
      } catch (Throwable t) {
        thrown = t;
      } finally {
        endComputing();
        try {
          helpQuiesce();
        } finally {
          CurrentContext.set(former);
          ended.countDown();
        }
      }
    }
  }
}
