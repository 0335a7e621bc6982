package dev.martlet.internal.executor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the pool's places. {@code word} tells what it holds; zero means free:
 *
 * <ul>
 *   <li>the number of calls;
 *   <li>EXCLUSIVE: one call, and those that it lent the slot to while it waits for them;
 *   <li>otherwise calls that were fed ahead. SENDING: one of them is being sent, so that no other
 *       overtakes it. HOLD: one of them came back to run at home, which it does when the others
 *       have ended, and no other is let in before.
 * </ul>
 *
 * A slot has one home thread, always the same as long as that one is idle in time; more only while
 * the slot is lent.
 */
final class Slot {
  private static final int EXCLUSIVE = 1 << 24;
  private static final int SENDING = 1 << 25;
  private static final int HOLD = 1 << 26;
  private static final int LOAD = EXCLUSIVE - 1;

  /** How many calls are fed to a busy slot at most. */
  static final int MOST_AHEAD = (1 << 15) - 1;

  /** A slot with fewer calls is filled again at once. */
  private static final int REFILL = 32;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Slot.class, "word", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final CloudPool pool;
  final int index;
  final String threadName;

  private volatile int word;

  /** Calls fed ahead, at {@link Call#place}; entries are written by the one that set SENDING. */
  private volatile Call @Nullable [] fed;

  private int tail;

  /** Calls that hold the slot otherwise. Guarded by this. */
  private final List<Call> holders = new ArrayList<>(1);

  /** Fed calls that have to run at home. Guarded by this. */
  private @Nullable PriorityQueue<Call> homes;

  /** Idle home threads. Guarded by this. */
  private final ArrayDeque<HomeThread> idle = new ArrayDeque<>(1);

  /** What thread-locals hold for the slot's calls, and whether one has it. Guarded by this. */
  private final CallLocals.Values values = new CallLocals.Values();

  private boolean valuesTaken;

  /** Likewise, for calls that run beside others. Guarded by this. */
  private final ArrayDeque<CallLocals.Values> otherValues = new ArrayDeque<>(0);

  private boolean closed;

  Slot(CloudPool pool, int index) {
    this.pool = pool;
    this.index = index;
    this.threadName = pool.name() + "-thread-" + (index + 1);
  }

  boolean isFree() {
    return word == 0;
  }

  /**
   * Reserves the slot for a call, which may share it with others. {@link #bind} or {@link #cancel}
   * must follow.
   *
   * @param ahead how many such calls may be sent to a busy slot
   */
  boolean reserve(int ahead) {
    if (ahead <= 0) {
      return word == 0 && WORD.compareAndSet(this, 0, EXCLUSIVE | 1);
    }
    int wish = ahead + 1;
    for (; ; ) {
      int w = word;
      Call[] ring = fed;
      int most = w == 0 || ring == null ? wish : Math.min(wish, limit(ring));
      if ((w & ~LOAD) != 0 || w >= most) {
        return false;
      }
      if (WORD.compareAndSet(this, w, (w + 1) | SENDING)) {
        ring = fed;
        if (ring == null || (w == 0 && limit(ring) < most)) {
          try {
            fed = new Call[Integer.highestOneBit(most + most / 3) << 1];
          } catch (OutOfMemoryError e) {
            cancel(ahead);
            throw e;
          }
          tail = 0;
        }
        return true;
      }
    }
  }

  /** Reserves a place beside a call that holds the slot. */
  synchronized boolean reserveBeside(Call holder) {
    if (holder.place < 0 && !holders.contains(holder)) {
      return false;
    }
    WORD.getAndAdd(this, 1);
    return true;
  }

  /** Gives a reservation back. */
  void cancel(int ahead) {
    if (ahead > 0) {
      sent();
    }
    decrement();
  }

  /** Uses a reservation. */
  @SuppressWarnings("NullAway")
  void bind(Call call, int ahead) {
    call.slot = this;
    if (ahead > 0) {
      put(fed, call);
    } else {
      synchronized (this) {
        holders.add(call);
      }
    }
  }

  /** Keeps a quarter of the ring empty, so that a place is found soon. */
  private static int limit(Call[] ring) {
    return ring.length - ring.length / 4;
  }

  /** Finds a place; calls end nearly in order. */
  @SuppressWarnings("NullAway")
  private void put(Call[] ring, Call call) {
    int i = tail;
    while (ring[i] != null) {
      i = (i + 1) & (ring.length - 1);
    }
    ring[i] = call;
    call.place = i;
    tail = (i + 1) & (ring.length - 1);
  }

  /** The fed call has left. */
  void sent() {
    WORD.getAndAdd(this, -SENDING);
  }

  /**
   * Gives back what the call holds.
   *
   * @return whether there is room worth filling: a slot with many calls is filled again when half
   *     of them have ended, not after each
   */
  @SuppressWarnings("NullAway")
  boolean release(Call call) {
    call.endLocals();
    int place = call.place;
    if (place >= 0) {
      fed[place] = null;
    } else {
      synchronized (this) {
        holders.remove(call);
      }
    }
    int load = decrement();
    return place < 0 || load < REFILL || load <= fed.length / 2;
  }

  private int decrement() {
    int w;
    int next;
    do {
      w = word;
      next = (w & LOAD) == 1 ? w & SENDING : w - 1;
    } while (!WORD.compareAndSet(this, w, next));
    if ((next & HOLD) != 0) {
      runHeld();
    }
    return next & LOAD;
  }

  /** Runs a call at home: at once if it holds the slot, else when the others have ended. */
  void home(Call call) {
    if (call.place < 0) {
      start(call);
      return;
    }
    synchronized (this) {
      if (homes == null) {
        homes = new PriorityQueue<>(Comparator.comparingLong(Call::id));
      }
      homes.add(call);
      WORD.getAndBitwiseOr(this, HOLD);
    }
    runHeld();
  }

  private void runHeld() {
    Call next = null;
    synchronized (this) {
      if (homes != null && !homes.isEmpty() && (word & LOAD) == homes.size()) {
        next = homes.poll();
      }
    }
    if (next != null) {
      start(next);
    }
  }

  /** Lets a held call run at once, since one that it would wait for waits for it. */
  void hurry(Call call) {
    boolean held;
    synchronized (this) {
      held = homes != null && homes.remove(call);
    }
    if (held) {
      start(call);
    }
  }

  private void start(Call call) {
    HomeThread t;
    synchronized (this) {
      t = idle.poll();
    }
    if (t != null) {
      t.give(call);
      return;
    }
    try {
      new HomeThread(this, call).start();
    } catch (Throwable e) {
      call.refuse(e);
      pool.release(call);
      pool.next();
    }
  }

  /** Takes what thread-locals hold for a call; {@link #giveValues} must follow. */
  synchronized CallLocals.Values takeValues() {
    if (!valuesTaken) {
      valuesTaken = true;
      return values;
    }
    CallLocals.Values other = otherValues.poll();
    return other == null ? new CallLocals.Values() : other;
  }

  synchronized void giveValues(CallLocals.Values v) {
    if (v == values) {
      valuesTaken = false;
    } else if (v.map != null) {
      otherValues.push(v);
    }
  }

  /** A thread has nothing to do. Returns whether it shall wait for more. */
  synchronized boolean rest(HomeThread thread) {
    if (closed || !idle.isEmpty()) {
      return false;
    }
    idle.push(thread);
    return true;
  }

  /** A thread waits no longer. Returns whether it may end; otherwise it was given a call. */
  synchronized boolean leave(HomeThread thread) {
    return idle.remove(thread);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Lets home threads end; no call comes any more. */
  synchronized void close() {
    closed = true;
    values.map = null;
    otherValues.clear();
    idle.forEach(LockSupport::unpark);
  }

  /** Does something with each call that holds the slot. */
  void forEach(Consumer<Call> action) {
    List<Call> calls;
    synchronized (this) {
      calls = new ArrayList<>(holders);
    }
    Call[] ring = fed;
    if (ring != null) {
      for (Call c : ring) {
        if (c != null) {
          calls.add(c);
        }
      }
    }
    calls.forEach(action);
  }

  int load() {
    return word & LOAD;
  }
}
