package dev.martlet.internal.local;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The calls that are on one line, in a ring by number. A number whose place is taken by a call that
 * runs long is skipped, so the ring grows with the calls in flight and not with their age. Adding
 * takes a lock; finding does not. A place is free if it is empty or its call has ended, for an
 * ended call may reappear when the ring grows.
 */
final class InFlight {
  private static final int FIRST = 16;

  private volatile AtomicReferenceArray<@Nullable LocalCall> ring;
  private final AtomicInteger count = new AtomicInteger();
  private long next;
  private boolean closed;

  InFlight() {
    this(FIRST);
  }

  /** Creates a table; the number of places is a power of two. */
  InFlight(int places) {
    ring = new AtomicReferenceArray<>(places);
  }

  /** Gives the call a number and keeps it; false if nothing is taken any more. */
  synchronized boolean add(LocalCall call) {
    if (closed) {
      return false;
    }
    AtomicReferenceArray<@Nullable LocalCall> r = ring;
    if (count.get() >= r.length() / 2) {
      r = grow(r);
    }
    for (; ; ) {
      long id = next++;
      int at = (int) id & (r.length() - 1);
      LocalCall there = r.get(at);
      if (there == null || there.hasEnded()) {
        call.id = id;
        count.incrementAndGet();
        r.set(at, call);
        return true;
      }
    }
  }

  private AtomicReferenceArray<@Nullable LocalCall> grow(
      AtomicReferenceArray<@Nullable LocalCall> old) {
    AtomicReferenceArray<@Nullable LocalCall> r = new AtomicReferenceArray<>(old.length() * 2);
    for (int i = 0; i < old.length(); i++) {
      LocalCall c = old.get(i);
      if (c != null && !c.hasEnded()) {
        r.set((int) c.id & (r.length() - 1), c);
      }
    }
    ring = r;
    return r;
  }

  @Nullable LocalCall get(long id) {
    AtomicReferenceArray<@Nullable LocalCall> r = ring;
    LocalCall c = r.get((int) id & (r.length() - 1));
    return c != null && c.id == id && !c.hasEnded() ? c : null;
  }

  /** Lets go of a call that was just ended by the caller. */
  void ended(LocalCall call) {
    AtomicReferenceArray<@Nullable LocalCall> r = ring;
    r.compareAndSet((int) call.id & (r.length() - 1), call, null);
    count.decrementAndGet();
  }

  int count() {
    return count.get();
  }

  /** Takes no more calls and returns those that are left. */
  synchronized List<LocalCall> close() {
    closed = true;
    List<LocalCall> left = new ArrayList<>();
    AtomicReferenceArray<@Nullable LocalCall> r = ring;
    for (int i = 0; i < r.length(); i++) {
      LocalCall c = r.get(i);
      if (c != null && !c.hasEnded()) {
        left.add(c);
      }
    }
    return left;
  }
}
