package dev.martlet.internal.worker.host;

import dev.martlet.CloudContext;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.spi.CurrentContext;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import org.jspecify.annotations.Nullable;

/**
 * A subtree of fork/join tasks that came from a client, and runs in a pool here until all of its
 * tasks have ended. Its root is computed, not executed: what becomes of it is for the client's pool
 * to say.
 */
final class Subtree {
  private static final MethodHandle TASK = compute(RecursiveTask.class, Object.class);
  private static final MethodHandle ACTION = compute(RecursiveAction.class, void.class);

  private final ForkJoinTask<?> root;
  private final SubtreePool pool;
  private final @Nullable CloudContext context;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Object value;
  private @Nullable Throwable thrown;

  Subtree(ForkJoinTask<?> root, SubtreePool pool) {
    this.root = root;
    this.pool = pool;
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

  /** Runs it, and returns what the root's computation returned. */
  @Nullable Object run(Interrupts interrupts) throws Throwable {
    interrupts.begin(pool::interrupt);
    pool.execute(new Computation());
    boolean interrupted = false;
    for (; ; ) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thrown != null) {
      throw thrown;
    }
    return value;
  }

  private final class Computation extends RecursiveAction {
    private static final long serialVersionUID = 1L;

    @Override
    protected void compute() {
      CloudContext former = CurrentContext.set(context);
      try {
        if (root instanceof RecursiveTask) {
          value = (Object) TASK.invokeExact(root);
        } else {
          ACTION.invokeExact(root);
        }
      } catch (Throwable t) {
        thrown = t;
      } finally {
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
