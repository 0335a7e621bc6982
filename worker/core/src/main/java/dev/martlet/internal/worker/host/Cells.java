package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.LocalMap;
import dev.martlet.internal.codec.Locals;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The thread-locals that came with a call. While it runs, the thread that runs it has their values;
 * what they hold in the end goes home. Threads that the task starts have none yet, as anywhere. But
 * threads of pools that outlive the task may have some at home. Guarded by the call's monitor.
 */
final class Cells implements Locals {
  /** A thread-local, and what it held when it came or was last told. */
  private static final class Cell {
    final ThreadLocal<?> local;
    boolean set;
    @Nullable Object value;

    Cell(ThreadLocal<?> local, boolean set, @Nullable Object value) {
      this.local = local;
      this.set = set;
      this.value = value;
    }
  }

  /** What a thread-local holds now, if anything. */
  record Change(ThreadLocal<?> local, boolean set, @Nullable Object value) {}

  private final Thread thread = Thread.currentThread();
  private final List<Cell> cells = new ArrayList<>(0);
  private boolean elsewhere;
  private boolean others;

  @Override
  public boolean isSet(ThreadLocal<?> local) {
    return LocalMap.isSet(LocalMap.ofThread(), local);
  }

  @Override
  public @Nullable Object get(ThreadLocal<?> local) {
    return LocalMap.get(LocalMap.ofThread(), local);
  }

  @Override
  public void set(ThreadLocal<?> local, @Nullable Object value) {
    cells.add(new Cell(local, true, value));
    if (Thread.currentThread() == thread) {
      LocalMap.install(LocalMap.set(LocalMap.ofThread(), local, value));
    } else {
      elsewhere = true;
    }
  }

  @Override
  public void remove(ThreadLocal<?> local) {
    cells.add(new Cell(local, false, null));
    elsewhere |= Thread.currentThread() != thread;
  }

  /** Threads of a pool work for the task. */
  void others() {
    others = true;
  }

  /** Returns why the task has to run at home, or {@code null}. */
  @Nullable String objection() {
    if (cells.isEmpty()) {
      return null;
    } else if (elsewhere) {
      return "uses a ThreadLocal on another thread before its own";
    }
    return others ? "uses a ThreadLocal, and other threads of a pool that may have it too" : null;
  }

  /** Returns what has changed since the last time. */
  List<Change> changes() {
    List<Change> changes = new ArrayList<>(0);
    for (Cell c : cells) {
      boolean set = isSet(c.local);
      Object value = get(c.local);
      if (set != c.set || value != c.value) {
        c.set = set;
        c.value = value;
        changes.add(new Change(c.local, set, value));
      }
    }
    return changes;
  }

  /** Takes the values from the thread. */
  void clear() {
    for (Cell c : cells) {
      LocalMap.remove(LocalMap.ofThread(), c.local);
    }
    cells.clear();
  }
}
