package dev.martlet.internal.worker.host;

import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.effects.OperationLog;
import dev.martlet.internal.subtree.TaskState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * The fork/join tasks that came with a subtree. Its root is the subtree's own, and so are those
 * that it forks or runs; others that have not ended may be on their way elsewhere, so nothing is to
 * be learnt of them here. What becomes of them is brought home as operations on the live tasks.
 * Guarded by its run.
 */
final class ForkedTasks {
  private static final String TASK = "java/util/concurrent/ForkJoinTask";
  private static final String COMPLETER = "java/util/concurrent/CountedCompleter";

  /** Calls by which a task comes to be the subtree's own. */
  private static final Set<String> RUNS =
      Set.of("fork", "invoke", "quietlyInvoke", "compute", "invokeAll", "submit", "execute");

  private final ObjectTable table;
  private final ForkJoinTask<?> root;
  private final @Nullable Completer completer;
  private final List<Twin> twins = new ArrayList<>();
  private final Set<ForkJoinTask<?>> strangers = Collections.newSetFromMap(new IdentityHashMap<>());
  private int covered;

  /** A task as it came. */
  private record Twin(int id, ForkJoinTask<?> task, boolean done, short tag, int pending) {}

  ForkedTasks(ObjectTable table, ForkJoinTask<?> root, @Nullable Completer completer) {
    this.table = table;
    this.root = root;
    this.completer = completer;
  }

  /** Takes twins of the tasks that came into the table since the last time. */
  void cover() {
    for (; covered < table.size(); covered++) {
      if (table.get(covered) instanceof ForkJoinTask<?> t) {
        if (t != root && !t.isDone()) {
          strangers.add(t);
        }
        if (t != completer) {
          twins.add(new Twin(covered, t, t.isDone(), t.getForkJoinTaskTag(), pending(t)));
        }
      }
    }
  }

  /** Has what the subtree itself has made, and made known, taken for its own. */
  void coverOwn() {
    for (; covered < table.size(); covered++) {
      if (table.get(covered) instanceof ForkJoinTask<?> t) {
        twins.add(new Twin(covered, t, t.isDone(), t.getForkJoinTaskTag(), pending(t)));
      }
    }
  }

  private static int pending(ForkJoinTask<?> t) {
    return t instanceof CountedCompleter<?> c ? c.getPendingCount() : 0;
  }

  /** Returns whether there is any call of a task that has to be judged. */
  boolean judge() {
    return completer != null || !strangers.isEmpty();
  }

  /** Returns why a method must not be called here on a task, or null if it may. */
  @Nullable String objection(ForkJoinTask<?> task, String method) {
    if (completer != null && Capture.OF_WHOLE_TREE.contains(method)) {
      return "calls " + method + " in a part of a tree";
    }
    if (!strangers.contains(task) || (task != completer && task.isDone())) {
      return null;
    }
    if (RUNS.contains(method)) {
      strangers.remove(task);
      return null;
    }
    return "calls " + method + " of a " + task.getClass().getName() + " that others may run";
  }

  /** Returns whether a task is one whose end cannot be awaited here. */
  boolean isStranger(ForkJoinTask<?> task) {
    return strangers.contains(task) && !task.isDone();
  }

  /** Logs what has become of the tasks. */
  void log(OperationLog log) {
    for (Twin t : twins) {
      ForkJoinTask<?> task = t.task;
      if (pending(task) != t.pending) {
        log.call(t.id, COMPLETER, "setPendingCount", "(I)V", new Object[] {pending(task)});
      }
      if (task.getForkJoinTaskTag() != t.tag) {
        log.call(
            t.id, TASK, "setForkJoinTaskTag", "(S)S", new Object[] {task.getForkJoinTaskTag()});
      }
      if (!t.done && task.isDone() && !(task == root && task instanceof CountedCompleter)) {
        logEnd(t.id, task, log);
      }
    }
  }

  private static void logEnd(int id, ForkJoinTask<?> task, OperationLog log) {
    Throwable thrown = TaskState.thrown(task);
    if (thrown != null) {
      log.call(id, TASK, "trySetThrown", TaskState.SET_THROWN_DESCRIPTOR, new Object[] {thrown});
    } else if (task.isCompletedAbnormally()) {
      log.call(id, TASK, "trySetCancelled", "()I", new Object[0]);
    } else {
      log.call(id, TASK, "quietlyComplete", "()V", new Object[0]);
    }
  }
}
