package dev.martlet.internal.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A set of lines of which one thread at a time, the leader, reads.
 *
 * <p>A leader first looks again and again, giving its core away in between: where both ends share a
 * core this is what lets the other end run, and where they do not it saves the wake-up of a
 * sleeping core. The budget for it halves when it was in vain and is restored when it was not. Then
 * the leader sleeps in the selector.
 */
public final class Reactor implements AutoCloseable {
  // Longer than a round trip in which both ends sleep: once one end finds what it looks for without
  // sleeping, so does the other.
  private static final long SPIN_NANOS = 100_000;
  private static final long LEAST_SPIN_NANOS = 4_000;
  private static final int FEW = 4;

  private final Selector selector;
  private final Owner owner;
  private final long flushAge;
  private final AtomicReference<@Nullable Thread> leader = new AtomicReference<>();
  private volatile Wire[] wires = {};
  private volatile boolean asleep;
  private volatile boolean closed;
  private volatile long turns;
  private long budget = SPIN_NANOS;
  private int sleeps;

  /** Sees to the lines when nobody leads. */
  public interface Owner {
    /** Frames wait for a flush and their submitter will not see to it. */
    void attention();

    /** A socket is full, and somebody has to lead to empty it. */
    void blocked();
  }

  /**
   * Creates a reactor.
   *
   * @param flushAge how long in nanoseconds waiting frames may gather while the leader looks for
   *     input
   */
  public Reactor(Owner owner, long flushAge) {
    this.owner = owner;
    this.flushAge = flushAge;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a line. */
  public void add(Wire wire) throws ClosedChannelException {
    SelectionKey key = wire.channel().register(selector, SelectionKey.OP_READ, wire);
    wire.key(key);
    synchronized (this) {
      Wire[] w = Arrays.copyOf(wires, wires.length + 1);
      w[w.length - 1] = wire;
      wires = w;
    }
    if (wire.isBlocked()) {
      key.interestOpsOr(SelectionKey.OP_WRITE);
    }
    wakeup();
  }

  private synchronized void remove(Wire wire) {
    wires = Arrays.stream(wires).filter(w -> w != wire).toArray(Wire[]::new);
  }

  /** Takes the lead if nobody has it. */
  public boolean tryLead() {
    return leader.get() == null && leader.compareAndSet(null, Thread.currentThread());
  }

  /** Gives the lead back. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // only the leader counts
  public void resign() {
    turns++;
    leader.set(null);
  }

  /** Returns who leads. */
  public @Nullable Thread leader() {
    return leader.get();
  }

  /** Returns how often the lead was given back. */
  public long turns() {
    return turns;
  }

  /** Returns whether a socket is full. */
  public boolean isBlocked() {
    for (Wire w : wires) {
      if (w.isBlocked()) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether frames wait for a flush. */
  public boolean isPending() {
    for (Wire w : wires) {
      if (w.isPending()) {
        return true;
      }
    }
    return false;
  }

  /** Writes what waits on any line. */
  public void flush() {
    for (Wire w : wires) {
      w.flush();
    }
  }

  /** Wakes the leader if it sleeps or is about to. */
  public void wakeup() {
    selector.wakeup();
  }

  void attention() {
    owner.attention();
  }

  void blocked() {
    if (asleep) {
      selector.wakeup();
    }
    owner.blocked();
  }

  /** Returns whether the leader sleeps. */
  public boolean isAsleep() {
    return asleep;
  }

  /**
   * Reads until a condition holds, a handler says stop, the time is up, or the thread is
   * interrupted. The caller has the lead.
   *
   * @param deadline in the time of {@link System#nanoTime}, or {@link Long#MAX_VALUE} for none
   */
  public void lead(BooleanSupplier done, long deadline) {
    lead(done, deadline, Long.MAX_VALUE);
  }

  /**
   * As {@link #lead(BooleanSupplier, long)}, and looks at the condition from time to time.
   *
   * @param nap how long to sleep at most in milliseconds: what another thread makes true does not
   *     end the sleep
   */
  @SuppressWarnings("ThreadPriorityCheck") // the yield is what the class is about
  public void lead(BooleanSupplier done, long deadline, long nap) {
    long spinEnd = 0;
    for (; ; ) {
      Wire.Received r = look();
      if (r != Wire.Received.NOTHING && spinEnd != 0) {
        budget = SPIN_NANOS;
        spinEnd = 0;
      }
      if (r == Wire.Received.PAUSED || done.getAsBoolean() || closed) {
        return;
      }
      if (r == Wire.Received.SOMETHING) {
        continue;
      }
      Thread t = Thread.currentThread();
      if (t.isInterrupted()) {
        return;
      }
      long now = System.nanoTime();
      if (deadline != Long.MAX_VALUE && deadline - now <= 0) {
        return;
      }
      if (spinEnd == 0) {
        spinEnd = now + ((++sleeps & 63) == 0 ? SPIN_NANOS : budget);
      }
      if (now < spinEnd) {
        Thread.yield();
        continue;
      }
      budget = Math.max(budget / 2, LEAST_SPIN_NANOS);
      sleep(done, deadline, now, nap);
      spinEnd = 0;
    }
  }

  private void sleep(BooleanSupplier done, long deadline, long now, long nap) {
    flush();
    asleep = true;
    try {
      if (done.getAsBoolean() || isPending()) {
        return;
      }
      if (deadline == Long.MAX_VALUE && nap == Long.MAX_VALUE) {
        selector.select();
      } else {
        long left =
            deadline == Long.MAX_VALUE ? nap : Math.max(1, (deadline - now + 999_999) / 1_000_000);
        selector.select(Math.min(nap, left));
      }
      handleSelected();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClosedSelectorException e) {
      closed = true;
    } finally {
      asleep = false;
    }
  }

  private void handleSelected() {
    for (SelectionKey k : selector.selectedKeys()) {
      if (k.isValid() && k.isWritable() && k.attachment() instanceof Wire w) {
        w.writable();
      }
    }
    if (wires.length <= FEW) {
      selector.selectedKeys().clear();
    }
  }

  private Wire.Received look() {
    Wire[] ws = wires;
    Wire.Received result = Wire.Received.NOTHING;
    if (ws.length <= FEW) {
      for (Wire w : ws) {
        Wire.Received r = receive(w);
        if (r == Wire.Received.PAUSED) {
          return r;
        }
        if (r == Wire.Received.SOMETHING) {
          result = r;
        }
      }
      return result;
    }
    try {
      selector.selectNow();
      for (SelectionKey k : selector.selectedKeys()) {
        if (k.attachment() instanceof Wire w && receive(w) == Wire.Received.SOMETHING) {
          result = Wire.Received.SOMETHING;
        }
      }
      selector.selectedKeys().clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClosedSelectorException e) {
      closed = true;
      return result;
    }
    for (Wire w : ws) {
      if (!w.channel().isOpen()) {
        receive(w);
      } else if (w.isBlocked()) {
        w.writable();
      } else {
        w.flushOlderThan(flushAge);
      }
    }
    return result;
  }

  private Wire.Received receive(Wire w) {
    Wire.Received r = w.receive(flushAge);
    if (r == Wire.Received.CLOSED) {
      remove(w);
      return Wire.Received.SOMETHING;
    }
    return r;
  }

  /** Closes the selector. The lines are closed by those who added them. */
  @Override
  public void close() {
    closed = true;
    try {
      selector.close();
    } catch (IOException e) {
      // There is nothing to be done about it.
    }
  }
}
