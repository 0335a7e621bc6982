package dev.martlet.internal.function;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much memory the requests of calls take that are under way, so that it does not grow with
 * their number. There are two parts of it, each of which is bounded.
 *
 * <p><b>Requests</b>, as they are made when calls leave, hold the values of that moment. (Long
 * arrays of bytes are lent by the program, and do not count; what is {@linkplain Attachments
 * attached} counts until it is in the store.) Beyond the bound no other request is made: a thread
 * of the program that submits a task waits before; what Martlet's own threads would start when a
 * call has ended, or send again, waits without a thread, since what others wait for may be done by
 * that very thread next.
 *
 * <p><b>Copies</b> are what requests become to be sent: a part of the invocation, which the cloud's
 * client keeps until the answer comes, or an encrypted object on its way to the store. A trip has
 * to get room for them before they are made; nobody's thread waits for that. Room in the first half
 * may be kept as long as the calls run. Beyond it requests that are not small go to the store, and
 * request and copy are forgotten here as soon as they are there, while the call runs on; what must
 * be sent once more is made anew from the program's objects, as after any loss.
 *
 * <p>So what is waited for is that bytes get to the store, and not that tasks end, which might
 * themselves need the one who waits. Those that bring bytes to the store never wait here. If the
 * store is slow, or calls wait for others of their slot, it takes longer, but nobody waits longer
 * than {@link #LONGEST_WAIT_NANOS} at a time.
 *
 * <p>Thread-safe; no lock is held while others are called.
 */
final class Budget {
  /** Shorter requests do not count: what else a call needs is more. */
  static final int SMALL = 1 << 9;

  static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final int PART_OF_HEAP = 8;

  private final long most;
  private final Executor executor;

  // Guarded by this.
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private long copies;
  private long peak;
  private final ArrayDeque<CompletableFuture<Void>> turns = new ArrayDeque<>();
  private @Nullable CompletableFuture<Void> turn;
  private volatile boolean closed;
  private volatile long requests;

  /** Who waits for room. */
  private record Waiting(long bytes, CompletableFuture<Boolean> room) {}

  /**
   * Creates a budget.
   *
   * @param most how many bytes each part has
   * @param executor runs those who have waited for room
   */
  Budget(long most, Executor executor) {
    this.most = most;
    this.executor = executor;
  }

  /** Returns the budget of a platform in this JVM. */
  static Budget ofHeap(Executor executor) {
    long most = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    return new Budget(Long.getLong("martlet.internal.requestBytes", most), executor);
  }

  /* --------------- Requests --------------- */

  /** Returns whether requests do not hold too much. */
  boolean hasRoom() {
    return requests <= most || closed;
  }

  /** Waits while requests hold too much, though not for ever. */
  void await() {
    if (hasRoom()) {
      return;
    }
    long end = System.nanoTime() + LONGEST_WAIT_NANOS;
    boolean interrupted = false;
    synchronized (this) {
      long left = LONGEST_WAIT_NANOS;
      while (left > 0 && !hasRoom()) {
        try {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
        left = end - System.nanoTime();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Has an action run when requests do not hold too much, or have done so for long: on another
   * thread, one at a time, since each makes a request.
   */
  void whenRoom(Runnable action) {
    CompletableFuture<Void> own =
        new CompletableFuture<Void>()
            .completeOnTimeout(null, LONGEST_WAIT_NANOS, TimeUnit.NANOSECONDS);
    CompletableFuture<Void> unused =
        own.thenRunAsync(action, executor).whenComplete((done, e) -> over(own));
    synchronized (this) {
      turns.add(own);
    }
    nextTurn();
  }

  private void over(CompletableFuture<Void> own) {
    synchronized (this) {
      turns.removeIf(t -> t == own); // if its time was up
      turn = turn == own ? null : turn;
    }
    nextTurn();
  }

  private void nextTurn() {
    CompletableFuture<Void> next;
    synchronized (this) {
      if (turn != null || !hasRoom()) {
        return;
      }
      next = turns.poll();
      turn = next;
    }
    if (next != null && !next.complete(null)) {
      over(next); // its time was just up
    }
  }

  /** Counts a request. */
  void add(long bytes) {
    if (bytes >= SMALL) {
      synchronized (this) {
        requests += bytes;
      }
    }
  }

  /** A request is not held any more. */
  void remove(long bytes) {
    if (bytes >= SMALL) {
      synchronized (this) {
        boolean full = requests > most;
        requests -= bytes;
        if (!full || requests > most) {
          return;
        }
        notifyAll();
      }
      nextTurn();
    }
  }

  /** Returns how many bytes requests hold. */
  long requests() {
    return requests;
  }

  /* --------------- Copies --------------- */

  /**
   * Asks for room for copies.
   *
   * @return completes when there is room; then whether what is not small is to be held no longer
   *     than until it is in the store
   */
  CompletableFuture<Boolean> room(long bytes) {
    synchronized (this) {
      if (!closed && !(queue.isEmpty() && fits(bytes))) {
        CompletableFuture<Boolean> room = new CompletableFuture<>();
        queue.add(new Waiting(bytes, room));
        return room;
      }
      return CompletableFuture.completedFuture(take(bytes));
    }
  }

  private boolean fits(long bytes) {
    return bytes == 0 || copies == 0 || copies + bytes <= most;
  }

  private boolean take(long bytes) {
    copies += bytes;
    peak = Math.max(peak, copies);
    return bytes > 0 && copies > most / 2;
  }

  /** Gives room back. */
  void leave(long bytes) {
    if (bytes > 0) {
      synchronized (this) {
        copies -= bytes;
      }
      grant();
    }
  }

  private void grant() {
    List<Runnable> granted = new ArrayList<>();
    synchronized (this) {
      while (!queue.isEmpty() && (closed || fits(queue.element().bytes))) {
        Waiting next = queue.remove();
        boolean briefly = take(next.bytes);
        granted.add(() -> next.room.complete(briefly));
      }
    }
    granted.forEach(executor::execute);
  }

  /** Returns how many bytes copies take. */
  synchronized long copies() {
    return copies;
  }

  /** Returns how many bytes copies took at most. */
  synchronized long peak() {
    return peak;
  }

  /** Lets everybody go on. */
  void close() {
    List<CompletableFuture<Void>> all;
    synchronized (this) {
      closed = true;
      notifyAll();
      all = List.copyOf(turns);
      turns.clear();
    }
    all.forEach(t -> t.complete(null));
    grant();
  }
}
