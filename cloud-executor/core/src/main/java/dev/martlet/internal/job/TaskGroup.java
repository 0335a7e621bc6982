package dev.martlet.internal.job;

import dev.martlet.CloudJob.State;
import dev.martlet.internal.envelope.JobPart;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tasks that an instance runs one after the other, as the store shows them. Not thread-safe. */
final class TaskGroup {
  private static final int PATIENCE_IN_QUEUE = 4;

  private final String name;
  private final Instant sent;
  private final @Nullable State[] ends;
  private final TreeMap<Integer, Integer> rows = new TreeMap<>();
  private int open;
  private @Nullable Instant life;

  // When a client has seen last that something had changed.
  private boolean seen;
  private @Nullable Instant seenLife;
  private int seenOpen;
  private long seenNanos;
  private int patience = 1;

  TaskGroup(String name, int count, Instant sent) {
    this.name = name;
    this.sent = sent;
    this.ends = new State[count];
    this.open = count;
  }

  String name() {
    return name;
  }

  int count() {
    return ends.length;
  }

  /** Returns how many of its tasks are not over. */
  int open() {
    return open;
  }

  boolean isOver() {
    return open == 0;
  }

  /** Returns when it was put into the store. */
  Instant sent() {
    return sent;
  }

  void life(Instant at) {
    life = at;
  }

  @Nullable Instant life() {
    return life;
  }

  boolean hasRow(int from) {
    return rows.containsKey(from);
  }

  void row(int from, List<JobPart.Outcome> outcomes) {
    for (int i = 0; i < outcomes.size() && from + i < ends.length; i++) {
      State s =
          switch (outcomes.get(i).end()) {
            case DONE -> State.DONE;
            case FAILED -> State.FAILED;
            case CANCELLED -> State.CANCELLED;
          };
      if (ends[from + i] == null) {
        open--;
      }
      ends[from + i] = s;
    }
    rows.put(from, outcomes.size());
  }

  /** Returns where the outcomes begin among which is that of a place. */
  int rowOf(int place) {
    return rows.floorKey(place);
  }

  State state(int place) {
    @Nullable State end = ends[place];
    return end != null ? end : life == null ? State.QUEUED : State.RUNNING;
  }

  /**
   * Returns whether nothing has changed for long; then waits for longer. What has not begun may
   * wait in the cloud's queue, or its instance may have ended before it could tell.
   */
  boolean isSilent(Duration silence) {
    long now = System.nanoTime();
    if (open == 0) {
      return false;
    }
    if (!seen || !Objects.equals(life, seenLife) || open != seenOpen) {
      seen = true;
      seenLife = life;
      seenOpen = open;
      seenNanos = now;
      patience = life == null ? PATIENCE_IN_QUEUE : 1;
      return false;
    }
    if (now - seenNanos < silence.toNanos() * patience) {
      return false;
    }
    patience = Math.min(64, 2 * patience);
    seenNanos = now;
    return true;
  }
}
