package dev.martlet.internal.forkjoin;

import dev.martlet.internal.agent.StackRoom;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.frontier.Profile;
import dev.martlet.internal.forkjoin.frontier.Visit;
import dev.martlet.internal.forkjoin.frontier.Weight;
import dev.martlet.internal.forkjoin.hook.HookedThread;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Spliterator;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a pool. It computes tasks, or waits for one that is away; then it does nothing else,
 * so that a pool has no more calls under way than threads. A call depends on no task at home, so
 * this cannot end in a deadlock.
 *
 * <p>A computation that it looks at runs in a {@link Frame}: the hook in {@code compute} calls
 * {@code compute} again and returns what that returned. The hook is reached a second time by this,
 * and perhaps again by {@code super.compute()}; the task is that of the innermost frame then.
 */
final class PoolThread extends HookedThread {
  private static final MethodHandle TASK;
  private static final MethodHandle ACTION;

  static {
    try {
      MethodHandles.Lookup l = Trusted.lookup();
      TASK = l.findVirtual(RecursiveTask.class, "compute", MethodType.methodType(Object.class));
      ACTION = l.findVirtual(RecursiveAction.class, "compute", MethodType.methodType(void.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** After so many small tasks a thread looks at no more of them until it is woken. */
  private static final int BORED = 64;

  private final Bridge bridge;
  private final Depths.Key key = new Depths.Key();
  private @Nullable Frame frame;
  private int small;

  PoolThread(Pool pool, Bridge bridge) {
    super(pool);
    this.bridge = bridge;
    StackRoom.give(this);
    setContextClassLoader(ClassLoader.getSystemClassLoader());
  }

  @Override
  public void run() {
    bridge.started(this);
    try {
      super.run();
    } finally {
      bridge.ended(this);
    }
  }

  /** Has the thread look at what comes next. Called by other threads. */
  void wake() {
    fine = false;
    small = 0;
  }

  /** Returns whether the thread is within a computation, as far as others see. */
  boolean isBusy() {
    return frame != null;
  }

  @Override
  protected Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source) {
    return bridge.leaves().leaf(pipeline, sink, source);
  }

  @Override
  protected void fork(ForkJoinTask<?> task) {
    Frame f = frame;
    if (f != null) {
      f.visit.forked();
    }
    int depth = f == null ? bridge.policy().deepest() : f.depth + 1;
    if (!bridge.watches(task)) {
      if (getPool() instanceof Pool pool) {
        Job.within(pool, task, depth);
      }
      return;
    }
    if (bridge.policy().isLight(bridge.profile(task, depth))) {
      small();
    } else {
      bridge.depths().put(task, depth);
    }
  }

  @Override
  protected @Nullable Object compute(ForkJoinTask<?> task) {
    Frame outer = frame;
    if ((outer != null && outer.task == task) || !bridge.watches(task)) {
      return null;
    }
    int depth = bridge.depths().take(task, key);
    if (depth == Depths.UNKNOWN) {
      depth = outer == null ? bridge.policy().deepest() : outer.depth + 1;
      if (outer != null) {
        outer.visit.forked();
      }
    }
    Profile profile = bridge.profile(task, depth);
    Visit visit = decide(profile, depth, task);
    if (visit.isAway() && !staysInterrupted(visit)) {
      Body body = Subtrees.body(task);
      if (body == null) {
        String reason = Subtrees.reason(task);
        bridge.stayed(task, depth, visit, reason == null ? "it cannot leave" : reason);
      } else {
        Errand errand = send(task, body, depth, visit);
        if (errand != null) {
          Object value = Subtrees.finish(task, errand);
          return value == null ? bridge.none() : value;
        }
      }
    }
    boolean former = fine;
    enter(new Frame(outer, task, depth, visit));
    try {
      Object value = call(task);
      return value == null ? bridge.none() : value;
    } catch (Throwable e) {
      throw sneaky(e);
    } finally {
      leave(outer, former);
    }
  }

  private static @Nullable Object call(ForkJoinTask<?> task) throws Throwable {
    if (task instanceof RecursiveTask<?> t) {
      return (Object) TASK.invokeExact((RecursiveTask) t);
    }
    if (task instanceof RecursiveAction a) {
      ACTION.invokeExact(a);
    } else {
      ((CountedCompleter<?>) task).compute();
    }
    return null;
  }

  /** Runs a function that was submitted to the pool, or forked as a task of the JDK. */
  @Nullable Object run(Body body, int depth) throws Exception {
    Object function = body.function();
    Frame outer = frame;
    boolean former = fine;
    fine = false;
    Visit visit = decide(bridge.profile(function, depth), depth, function);
    if (visit.isAway() && !staysInterrupted(visit)) {
      Errand errand = send(null, body, depth, visit);
      if (errand != null) {
        fine = former;
        Throwable failure = errand.failure();
        if (failure != null) {
          throw PoolThread.<RuntimeException>sneaky(failure);
        }
        return errand.value();
      }
    }
    enter(new Frame(outer, function, depth, visit));
    try {
      return body.invoke();
    } finally {
      leave(outer, former);
    }
  }

  /** A computation that begins on an interrupted thread may look at once whether it is so. */
  private static boolean staysInterrupted(Visit visit) {
    if (!Thread.currentThread().isInterrupted()) {
      return false;
    }
    visit.stays("its thread is interrupted", false);
    return true;
  }

  private Visit decide(Profile profile, int depth, Object task) {
    Frame outer = frame;
    return bridge
        .policy()
        .decide(profile, depth, outer != null && outer.isAtWork(), () -> Weight.shipNanos(task));
  }

  private void enter(Frame f) {
    if (f.outer == null) {
      bridge.active();
    }
    frame = f;
    f.visit.begin();
    fine = bridge.policy().isFine(f.visit);
  }

  private void leave(@Nullable Frame outer, boolean former) {
    Frame f = frame;
    frame = outer;
    fine = former;
    if (f != null && bridge.policy().isLight(f.visit.end())) {
      if (f.depth >= bridge.policy().deepest()) {
        fine = true; // it was looked at as a sample
        bridge.bored();
      }
      small();
      if (f.task instanceof ForkJoinTask) {
        bridge.small(f.task.getClass());
      }
    } else {
      small = 0;
    }
  }

  private void small() {
    if (++small > BORED) {
      fine = true;
      bridge.bored();
    }
  }

  /**
   * Sends a call and waits for it.
   *
   * @param task the task whose cancellation cancels the call
   * @return the call, or {@code null} if its function is to be called here
   */
  private @Nullable Errand send(@Nullable ForkJoinTask<?> task, Body body, int depth, Visit visit) {
    Errand errand;
    try {
      errand = bridge.calls().send(body);
    } catch (RejectedExecutionException e) {
      visit.stays("the pool's workers are gone", false);
      return null;
    }
    if (task != null) {
      bridge.sent(task, errand);
    }
    try {
      if (errand.await() == Errand.Fate.HOME) {
        String reason = errand.reason();
        bridge.stays(
            body.function(), depth, visit, reason == null ? "it cannot leave" : reason, false);
        return null;
      }
    } finally {
      if (task != null) {
        bridge.returned(errand);
      }
    }
    visit.returned(errand.runNanos());
    return errand;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable t) throws T {
    throw (T) t;
  }
}
