package dev.martlet.internal.function;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A slot's calls. One trip at a time: what comes meanwhile goes together on the next one, so that
 * tiny tasks do not become as many invocations. Thread-safe.
 */
final class Lane {
  private static final int MOST = 1 << 12;

  private final int slot;
  private final long mostBytes;
  private final ArrayDeque<Parcel> waiting = new ArrayDeque<>();
  private boolean flying;

  /**
   * Creates a lane.
   *
   * @param mostBytes how many bytes go together at most; a longer call goes alone
   */
  Lane(int slot, long mostBytes) {
    this.slot = slot;
    this.mostBytes = mostBytes;
  }

  int slot() {
    return slot;
  }

  /** Adds a call; returns those that are to leave now. */
  synchronized List<Parcel> add(Parcel parcel) {
    waiting.addLast(parcel);
    return flying ? List.of() : take();
  }

  /** Puts calls back that did not begin, before all others. */
  synchronized void putBack(List<Parcel> parcels) {
    for (int i = parcels.size() - 1; i >= 0; i--) {
      parcels.get(i).leave();
      waiting.addFirst(parcels.get(i));
    }
  }

  /** A trip has ended; returns those that are to leave now. */
  synchronized List<Parcel> returned() {
    flying = false;
    return take();
  }

  synchronized void remove(Parcel parcel) {
    waiting.remove(parcel);
  }

  /** Empties the lane. */
  synchronized List<Parcel> clear() {
    List<Parcel> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  private List<Parcel> take() {
    List<Parcel> batch = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty() && batch.size() < MOST) {
      if (!waiting.getFirst().isOpen()) {
        waiting.removeFirst(); // given up
        continue;
      }
      bytes += waiting.getFirst().bytes();
      if (!batch.isEmpty() && bytes > mostBytes) {
        break;
      }
      batch.add(waiting.removeFirst());
    }
    flying = !batch.isEmpty();
    return batch;
  }
}
