package dev.martlet.internal.job;

import dev.martlet.CloudJob.Entry;
import dev.martlet.CloudJob.State;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which task is in which group: the one that it was sent with, or the latest one that it was run
 * again with. Not thread-safe.
 */
final class TaskIndex {
  private final TreeMap<Integer, TaskGroup> first = new TreeMap<>();
  private final TreeMap<String, TaskGroup> again = new TreeMap<>();
  private final Map<Integer, Place> latest = new HashMap<>();
  private boolean complete;

  /** Where a task is. */
  record Place(TaskGroup group, int at) {
    State state() {
      return group.state(at);
    }
  }

  boolean has(JobNames.Group group) {
    return group(group.group()) != null;
  }

  /** Adds a group of tasks that follow each other. */
  void add(JobNames.Group group, Instant sent) {
    TaskGroup g = new TaskGroup(group.group(), group.count(), sent);
    first.put(Integer.parseInt(group.group()), g);
  }

  /** Adds a group of tasks that are run again. */
  void add(JobNames.Group group, Instant sent, JobGroup content) {
    TaskGroup g = new TaskGroup(group.group(), group.count(), sent);
    again.put(g.name(), g);
    for (int i = 0; i < content.tasks().size(); i++) {
      Place place = new Place(g, i);
      latest.merge(
          content.tasks().get(i).index(),
          place,
          (a, b) -> a.group.name().compareTo(b.group.name()) < 0 ? b : a);
    }
  }

  @Nullable TaskGroup group(String name) {
    return name.startsWith("r") ? again.get(name) : first.get(Integer.parseInt(name));
  }

  List<TaskGroup> groups() {
    List<TaskGroup> all = new ArrayList<>(first.values());
    all.addAll(again.values());
    return all;
  }

  /** Returns the number of the next group of tasks that are run again. */
  int nextAgain() {
    return again.isEmpty() ? 0 : Integer.parseInt(again.lastKey().substring(1)) + 1;
  }

  int size() {
    Map.Entry<Integer, TaskGroup> last = first.lastEntry();
    return last == null ? 0 : last.getKey() + last.getValue().count();
  }

  /**
   * Sets whether nothing more comes, so that what is missing before the last group is lost: groups
   * leave side by side, so it might be on its way.
   */
  void complete(boolean now) {
    complete = now;
  }

  boolean isComplete() {
    return complete;
  }

  /** Returns where a task is; null if it was not sent, though a later one was. */
  @Nullable Place place(int index) {
    Place p = latest.get(index);
    if (p != null) {
      return p;
    }
    Map.Entry<Integer, TaskGroup> g = first.floorEntry(index);
    return g == null || index >= g.getKey() + g.getValue().count()
        ? null
        : new Place(g.getValue(), index - g.getKey());
  }

  State state(int index) {
    Place p = place(index);
    return p != null ? p.state() : complete ? State.FAILED : State.QUEUED;
  }

  Map<State, Integer> states() {
    Map<State, Integer> counts = new EnumMap<>(State.class);
    for (State s : State.values()) {
      counts.put(s, 0);
    }
    for (int i = 0; i < size(); i++) {
      counts.merge(state(i), 1, Integer::sum);
    }
    return counts;
  }

  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      entries.add(new Entry(i, state(i)));
    }
    return entries;
  }

  /** Returns how many tasks are not over. */
  int open() {
    int open = 0;
    for (int i = 0; i < size(); i++) {
      open += state(i).isOver() ? 0 : 1;
    }
    return open;
  }

  /** Returns the tasks that have failed and can be run again, by their groups. */
  Map<TaskGroup, List<Integer>> failed() {
    Map<TaskGroup, List<Integer>> failed = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      Place p = place(i);
      if (p != null && p.state() == State.FAILED) {
        failed.computeIfAbsent(p.group, g -> new ArrayList<>()).add(p.at);
      }
    }
    return failed;
  }
}
