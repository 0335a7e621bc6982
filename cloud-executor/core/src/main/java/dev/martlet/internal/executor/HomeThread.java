package dev.martlet.internal.executor;

import dev.martlet.CloudContext;
import dev.martlet.internal.agent.StackRoom;
import dev.martlet.spi.CurrentContext;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread of the client JVM that runs the calls of one slot that stay at home. */
@SuppressWarnings("ThreadPriorityCheck") // As Executors.defaultThreadFactory does.
final class HomeThread extends Thread {
  private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Slot slot;
  private volatile @Nullable Call next;
  private volatile @Nullable Call current;

  HomeThread(Slot slot, Call first) {
    super(slot.pool.threadGroup(), null, slot.threadName, 0);
    this.slot = slot;
    this.next = first;
    setDaemon(false);
    setPriority(NORM_PRIORITY);
    setContextClassLoader(slot.pool.contextLoader());
    StackRoom.give(this);
  }

  /** Returns the call that this thread runs. */
  @Nullable Call current() {
    return current;
  }

  boolean isOf(CloudPool pool) {
    return slot.pool == pool;
  }

  /** Hands a call to this thread, which is idle. */
  void give(Call call) {
    next = call;
    LockSupport.unpark(this);
  }

  @Override
  public void run() {
    for (Call call = await(); call != null; call = await()) {
      next = null;
      current = call;
      Call c = call;
      try {
        c.threadLocals().run(() -> run(c));
      } catch (Throwable e) {
        if (c.stage() == Call.HOME) {
          c.refuse(e); // it has not begun
        }
        CloudPool.log(e);
      } finally {
        current = null;
      }
      Thread.interrupted();
      // Idle before the slot is free, so that the slot's next call at home finds this thread.
      boolean rests = slot.rest(this);
      slot.pool.release(call);
      slot.pool.next();
      if (!rests) {
        return;
      }
    }
  }

  private static void run(Call call) {
    CloudContext former = CurrentContext.set(call.context());
    Call formerCall = CloudPool.enter(call);
    try {
      call.runHome();
    } finally {
      CloudPool.enter(formerCall);
      CurrentContext.set(former);
    }
  }

  private @Nullable Call await() {
    long deadline = System.nanoTime() + KEEP_ALIVE_NANOS;
    for (; ; ) {
      Call c = next;
      if (c != null) {
        return c;
      }
      long left = deadline - System.nanoTime();
      if (slot.isClosed() || (left <= 0 && slot.pool.parallelism() > 1)) {
        if (slot.leave(this)) {
          return null;
        }
        Thread.onSpinWait();
      } else if (slot.pool.parallelism() > 1) {
        LockSupport.parkNanos(slot, left);
      } else {
        LockSupport.park(slot);
      }
      Thread.interrupted();
    }
  }
}
