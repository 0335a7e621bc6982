package dev.martlet.internal.job;

import dev.martlet.CloudJob.Entry;
import dev.martlet.CloudJob.State;
import dev.martlet.internal.envelope.JobEvent;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.envelope.JobRecord;
import dev.martlet.internal.envelope.MalformedException;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Numbers;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.spi.Depot;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job's records in the store. They are looked at as a whole, by one list; of outcomes it is kept
 * how tasks ended, and what they returned is fetched when it is asked for. Thread-safe; methods
 * block while the store is asked.
 */
public final class JobRecords {
  private static final int AT_ONCE = 16;
  private static final int PARTS_KEPT = 8;

  /** A group of which nothing was heard for so long has lost its instance. */
  private static final Duration LOST = Duration.ofSeconds(60);

  private final Depot depot;
  private final String name;
  private final byte[] key;
  private final JobNames names;
  private final Vault vault;

  // Guarded by this.
  private final TreeMap<Integer, TaskGroup> first = new TreeMap<>();
  private final TreeMap<String, TaskGroup> again = new TreeMap<>();
  private final Map<Integer, Place> latest = new HashMap<>();
  private final Map<String, JobPart> parts =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, JobPart> eldest) {
          return size() > PARTS_KEPT;
        }
      };
  private boolean ended;

  private record Place(TaskGroup group, int place) {}

  /**
   * Opens the records of a job.
   *
   * @throws IllegalStateException if there is no such job, or the key is another one's
   */
  public static JobRecords open(Depot depot, String name, byte[] key) {
    JobRecords records = new JobRecords(depot, name, key);
    JobRecord unused = records.record();
    records.refresh();
    return records;
  }

  JobRecords(Depot depot, String name, byte[] key) {
    this.depot = depot;
    this.name = name;
    this.key = key;
    this.names = new JobNames(name, key);
    this.vault = new Vault(key);
  }

  /** Returns the names of all jobs in a store. */
  public static List<String> list(Store store) {
    List<String> jobs = new ArrayList<>();
    String after = "";
    for (Store.Page page; ; ) {
      page = Stores.await(store.list(Names.JOBS, after));
      String last = null;
      for (Store.Item item : page.items()) {
        String job = JobNames.ofAny(item.key());
        if (job != null && !job.equals(last)) {
          last = job;
          if (!jobs.contains(job)) {
            jobs.add(job);
          }
        }
        after = item.key();
      }
      if (!page.more()) {
        return jobs;
      }
      if (last != null) {
        after = JobNames.last(last);
      }
    }
  }

  /** Makes the record of a job; false if there is one already. */
  boolean make(JobRecord record) {
    String to = JobNames.record(name);
    ByteBuffer box = vault.seal(to, List.of(record.encode()));
    return Stores.await(depot.store().putIfAbsent(to, List.of(box)));
  }

  /** Returns what the job is. */
  public JobRecord record() {
    String at = JobNames.record(name);
    ByteBuffer box = Stores.await(depot.store().get(at));
    if (box == null) {
      throw new IllegalStateException("there is no job " + name);
    }
    try {
      return JobRecord.decode(vault.open(at, box));
    } catch (MalformedException e) {
      throw new IllegalStateException(
          "the key of the job " + name + " is that of another job of this name", e);
    }
  }

  String name() {
    return name;
  }

  /* --------------- What there is --------------- */

  /** Looks at the store. */
  public synchronized void refresh() {
    List<Store.Item> items = items(names.tasks());
    for (Store.Item item : items) {
      JobNames.Group group = names.ofGroup(item.key());
      if (group != null) {
        see(group);
      }
    }
    List<String> fresh = new ArrayList<>();
    for (Store.Item item : items) {
      see(item, fresh);
    }
    ArrayDeque<CompletableFuture<JobPart>> flying = new ArrayDeque<>();
    ArrayDeque<JobNames.Part> of = new ArrayDeque<>();
    for (String key : fresh) {
      JobNames.Part part = Objects.requireNonNull(names.ofPart(key));
      if (flying.size() >= AT_ONCE) {
        take(of.remove(), Stores.await(flying.remove()));
      }
      flying.add(get(key).thenApply(JobPart::decode));
      of.add(part);
    }
    while (!flying.isEmpty()) {
      take(of.remove(), Stores.await(flying.remove()));
    }
  }

  private List<Store.Item> items(String prefix) {
    List<Store.Item> items = new ArrayList<>();
    String after = "";
    for (Store.Page page; ; ) {
      page = Stores.await(depot.store().list(prefix, after));
      items.addAll(page.items());
      if (!page.more() || page.items().isEmpty()) {
        return items;
      }
      after = page.items().get(page.items().size() - 1).key();
    }
  }

  private void see(JobNames.Group group) {
    if (!group.isAgain()) {
      first.computeIfAbsent(
          Integer.parseInt(group.group()), i -> new TaskGroup(group.group(), group.count()));
    } else if (!again.containsKey(group.group())) {
      add(group);
    }
  }

  private void see(Store.Item item, List<String> fresh) {
    String at = item.key();
    JobNames.Part part = names.ofPart(at);
    if (part != null) {
      TaskGroup g = group(part.group());
      if (g == null || !g.hasRow(part.from())) {
        fresh.add(at);
      }
      return;
    }
    String alive = names.ofLife(at);
    if (alive != null) {
      TaskGroup g = group(alive);
      if (g != null) {
        g.life(item.modified());
      }
    }
    ended |= at.equals(names.end());
  }

  private @Nullable TaskGroup group(String group) {
    return group.startsWith("r") ? again.get(group) : first.get(Integer.parseInt(group));
  }

  private void add(JobNames.Group group) {
    JobGroup content = content(group.group(), group.count());
    TaskGroup g = new TaskGroup(group.group(), group.count());
    again.put(group.group(), g);
    for (int i = 0; i < content.tasks().size(); i++) {
      int index = content.tasks().get(i).index();
      g.index(i, index);
      Place before = latest.get(index);
      if (before == null || before.group.name().compareTo(g.name()) < 0) {
        latest.put(index, new Place(g, i));
      }
    }
  }

  private void take(JobNames.Part part, JobPart content) {
    TaskGroup g = group(part.group());
    if (g != null) {
      g.row(part.from(), content.outcomes());
    }
  }

  private JobGroup content(String group, int count) {
    return JobGroup.decode(Stores.await(get(names.group(group, count))));
  }

  private CompletableFuture<ByteBuffer> get(String at) {
    return depot
        .store()
        .get(at)
        .thenApply(
            box -> {
              if (box == null) {
                throw new IllegalStateException("there is no " + at + ": was the job deleted?");
              }
              return vault.open(at, box);
            });
  }

  private void put(String to, ByteBuffer plain) {
    Stores.await(depot.store().put(to, List.of(vault.seal(to, List.of(plain)))));
  }

  /** Returns how many tasks there are in the store. */
  public synchronized int size() {
    Map.Entry<Integer, TaskGroup> last = first.lastEntry();
    return last == null ? 0 : last.getKey() + last.getValue().count();
  }

  private @Nullable Place place(int index) {
    Place p = latest.get(index);
    if (p != null) {
      return p;
    }
    Map.Entry<Integer, TaskGroup> g = first.floorEntry(index);
    return g == null || index >= g.getKey() + g.getValue().count()
        ? null
        : new Place(g.getValue(), index - g.getKey());
  }

  /** Returns what had become of a task at the last look. */
  public synchronized State state(int index) {
    Place p = place(index);
    // Its client ended while it was sending it.
    return p == null ? State.FAILED : p.group.state(p.place);
  }

  /** Returns how many tasks were in each state at the last look. */
  public synchronized Map<State, Integer> states() {
    Map<State, Integer> counts = new EnumMap<>(State.class);
    for (State s : State.values()) {
      counts.put(s, 0);
    }
    for (int i = 0; i < size(); i++) {
      counts.merge(state(i), 1, Integer::sum);
    }
    return counts;
  }

  /** Returns all tasks as of the last look. */
  public synchronized List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      entries.add(new Entry(i, state(i)));
    }
    return entries;
  }

  /** Returns whether nothing more becomes of any task. */
  synchronized boolean isOver() {
    for (int i = 0; i < size(); i++) {
      if (!state(i).isOver()) {
        return false;
      }
    }
    return true;
  }

  /** Returns how many tasks are not over. */
  synchronized int open() {
    int open = 0;
    for (TaskGroup g : groups()) {
      open += g.open();
    }
    return open;
  }

  /** An outcome, wherever its answer lies. */
  record Outcome(JobPart.Outcome what, String instance, ByteBuffer answer) {}

  /** Returns the outcome of a task that is over; null if it was never sent. */
  synchronized @Nullable Outcome outcome(int index) {
    Place p = place(index);
    if (p == null) {
      return null;
    }
    int from = p.group.rowOf(p.place);
    JobPart part =
        parts.computeIfAbsent(
            names.part(p.group.name(), from), k -> JobPart.decode(Stores.await(get(k))));
    int i = p.place - from;
    JobPart.Outcome o = part.outcomes().get(i);
    ByteBuffer answer =
        switch (o.kind()) {
          case STORED -> Stores.await(get(names.outcome(part.run(), i)));
          default -> o.answer();
        };
    return new Outcome(o, part.instance(), answer);
  }

  /* --------------- What is done about it --------------- */

  /** Puts a group there, and has it run. */
  void send(String group, JobGroup content) {
    int count = content.tasks().size();
    put(names.group(group, count), content.encode());
    run(group, count);
  }

  /** Has a group run, perhaps beside another run. */
  private void run(String group, int count) {
    JobEvent event = new JobEvent(depot.place(), name, key, group, count);
    Stores.submit(depot.functions(), event.encode());
  }

  /** Marks that all tasks are there. */
  void end() {
    put(names.end(), Numbers.encode(List.of(size())));
  }

  /** Cancels a task; false if it is over. */
  public synchronized boolean cancel(int index) {
    refresh();
    Place p = place(index);
    if (p == null || p.group.state(p.place).isOver()) {
      return false;
    }
    String at = names.cancelled(p.group.name());
    ByteBuffer box = Stores.await(depot.store().get(at));
    TreeSet<Integer> all = new TreeSet<>();
    if (box != null) {
      all.addAll(Numbers.decode(vault.open(at, box)));
    }
    all.add(p.place);
    put(at, Numbers.encode(all));
    return true;
  }

  /** Cancels what has not begun; returns how many tasks may be concerned. */
  public synchronized int flush() {
    refresh();
    put(names.flushed(), Numbers.encode(List.of(size(), nextAgain())));
    int count = 0;
    for (int i = 0; i < size(); i++) {
      count += state(i).isOver() ? 0 : 1;
    }
    return count;
  }

  private int nextAgain() {
    return again.isEmpty() ? 0 : Integer.parseInt(again.lastKey().substring(1)) + 1;
  }

  /** Has tasks run again that have failed or were lost; returns how many. */
  public synchronized int resubmit() {
    refresh();
    Map<TaskGroup, List<Integer>> failed = new LinkedHashMap<>();
    int count = 0;
    for (int i = 0; i < size(); i++) {
      Place p = place(i);
      if (p != null && p.group.state(p.place) == State.FAILED) {
        failed.computeIfAbsent(p.group, g -> new ArrayList<>()).add(p.place);
      }
    }
    for (TaskGroup g : groups()) {
      Instant life = g.life();
      boolean lost = life == null ? !ended : life.isBefore(Instant.now().minus(LOST));
      if (!g.isOver() && lost) {
        count += g.open();
        run(g.name(), g.count());
      }
    }
    for (Map.Entry<TaskGroup, List<Integer>> e : failed.entrySet()) {
      JobGroup from = content(e.getKey().name(), e.getKey().count());
      List<JobGroup.Task> tasks = new ArrayList<>();
      for (int place : e.getValue()) {
        tasks.add(from.tasks().get(place));
      }
      JobGroup to =
          new JobGroup(
              from.session(),
              from.world(),
              from.version(),
              from.code(),
              from.known(),
              from.initialised(),
              tasks);
      sendAgain(to);
      count += tasks.size();
    }
    refresh();
    return count;
  }

  private void sendAgain(JobGroup content) {
    ByteBuffer plain = content.encode();
    for (int number = nextAgain(); ; number++) {
      String group = JobNames.again(number);
      String to = names.group(group, content.tasks().size());
      ByteBuffer box = vault.seal(to, List.of(plain));
      if (Stores.await(depot.store().putIfAbsent(to, List.of(box)))) {
        add(new JobNames.Group(group, content.tasks().size()));
        run(group, content.tasks().size());
        return;
      }
      refresh();
    }
  }

  private List<TaskGroup> groups() {
    List<TaskGroup> all = new ArrayList<>(first.values());
    all.addAll(again.values());
    return all;
  }

  /**
   * Has groups run again whose instances seem to be gone without a word: a sign of life has not
   * changed for longer than it takes to renew it. To err makes some work be done twice.
   *
   * @param silence for how long at least
   */
  synchronized void tend(Duration silence) {
    for (TaskGroup g : groups()) {
      if (g.isSilent(silence)) {
        run(g.name(), g.count());
      }
    }
  }

  /** Deletes all. */
  public void delete() {
    int unused = flush();
    List<String> keys = new ArrayList<>();
    items(JobNames.all(name)).forEach(item -> keys.add(item.key()));
    // Whoever lists jobs meanwhile shall still see this one.
    keys.sort((a, b) -> Boolean.compare(a.endsWith("/job"), b.endsWith("/job")));
    for (int from = 0; from < keys.size(); from += 1000) {
      Stores.await(depot.store().delete(keys.subList(from, Math.min(keys.size(), from + 1000))));
    }
  }
}
