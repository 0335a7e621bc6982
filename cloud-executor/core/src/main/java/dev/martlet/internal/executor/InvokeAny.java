package dev.martlet.internal.executor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One {@code invokeAny}.
 *
 * @param <T> the type of the result
 */
final class InvokeAny<T> {
  private final CloudPool pool;

  InvokeAny(CloudPool pool) {
    this.pool = pool;
  }

  T call(Collection<? extends Callable<T>> tasks, boolean timed, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    int open = tasks.size();
    if (open == 0) {
      throw new IllegalArgumentException();
    }
    long deadline = timed ? System.nanoTime() + nanos : 0;
    List<FutureCall<T>> calls = new ArrayList<>(open);
    LinkedBlockingQueue<FutureCall<T>> ended = new LinkedBlockingQueue<>();
    Call holder = pool.holder();
    ExecutionException failure = null;
    try {
      // Tasks are submitted as long as none has ended, as the JDK does: fewer may be enough.
      Iterator<? extends Callable<T>> rest = tasks.iterator();
      int running = 0;
      while (rest.hasNext() || running > 0) {
        FutureCall<T> done = ended.poll();
        if (done == null && rest.hasNext()) {
          FutureCall<T> call = pool.newTaskFor(rest.next());
          call.after = () -> ended.add(call);
          calls.add(call);
          pool.accept(call);
          running++;
          continue;
        }
        if (done == null) {
          if (holder != null) {
            helpOne(holder, calls);
          }
          pool.flush();
          done =
              timed ? ended.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS) : ended.take();
          if (done == null) {
            throw new TimeoutException();
          }
        }
        running--;
        try {
          return done.get();
        } catch (ExecutionException e) {
          failure = e;
        } catch (RuntimeException e) {
          failure = new ExecutionException(e);
        }
      }
      throw Objects.requireNonNull(failure);
    } finally {
      for (FutureCall<T> c : calls) {
        c.cancel(true);
      }
    }
  }

  /** Lends the slot to the first call that has not begun, unless one runs on loan already. */
  private void helpOne(Call holder, List<FutureCall<T>> calls) {
    for (FutureCall<T> c : calls) {
      if (c.stage() != Call.ENDED && c.slot == holder.slot) {
        return;
      }
    }
    for (FutureCall<T> c : calls) {
      if (pool.help(holder, c)) {
        return;
      }
    }
  }
}
