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
import dev.martlet.internal.function.Attachments;
import dev.martlet.spi.Depot;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A job's records in the store. They are looked at as a whole, by one list; of outcomes it is kept
 * how tasks ended, and what they returned is fetched when it is asked for. Thread-safe; methods
 * block while the store is asked.
 */
public final class JobRecords {
  private static final int AT_ONCE = 16;
  private static final int PARTS_KEPT = 8;

  /** A group or a maker of which nothing was heard for so long has lost its instance, or ended. */
  private static final Duration LOST = Duration.ofSeconds(60);

  /** An event is in the cloud's queue for less. */
  private static final Duration QUEUED = Duration.ofHours(6);

  /** The store's clock and this machine's differ by less. */
  private static final Duration SKEW = Duration.ofMinutes(20);

  private final Depot depot;
  private final String name;
  private final byte[] key;
  private final Duration patience;
  private final JobNames names;
  private final Sealed store;

  // Guarded by this.
  private final TaskIndex tasks = new TaskIndex();
  private final Map<String, Integer> marks = new HashMap<>(); // how many versions there are
  private final Map<String, JobPart> parts =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, JobPart> eldest) {
          return size() > PARTS_KEPT;
        }
      };
  private boolean ended;
  private @Nullable Instant maker; // its sign of life
  private Instant lastSent = Instant.MIN; // by the store's clock or the maker's
  private long lastSeenNanos = System.nanoTime();

  /**
   * Opens the records of a job.
   *
   * @throws IllegalStateException if there is no such job, or the key is another one's
   */
  public static JobRecords open(Depot depot, String name, byte[] key) {
    JobRecords records = of(depot, name, key);
    records.sent(Instant.ofEpochMilli(records.record().madeMillis()));
    records.refresh();
    return records;
  }

  /** Returns the records of a job that is to be made. */
  static JobRecords of(Depot depot, String name, byte[] key) {
    return new JobRecords(depot, name, key, LOST);
  }

  /**
   * Creates records.
   *
   * @param patience how long a maker may be silent that has not ended
   */
  JobRecords(Depot depot, String name, byte[] key, Duration patience) {
    this.patience = patience;
    this.depot = depot;
    this.name = name;
    this.key = key;
    this.names = new JobNames(name, key);
    this.store = new Sealed(depot.store(), key);
  }

  /** Returns the names of all jobs in a store. */
  public static List<String> list(Store store) {
    TreeSet<String> jobs = new TreeSet<>();
    String after = "";
    for (; ; ) {
      Store.Page page = Stores.await(store.list(Names.JOBS, after));
      String last = null;
      for (Store.Item item : page.items()) {
        last = JobNames.ofAny(item.key());
        if (last != null) {
          jobs.add(last);
        }
        after = item.key();
      }
      if (!page.more()) {
        return List.copyOf(jobs);
      }
      if (last != null) {
        after = JobNames.last(last);
      }
    }
  }

  /** Makes the record of a job; false if there is one already. */
  boolean make(JobRecord record) {
    String at = JobNames.record(name);
    sent(Instant.ofEpochMilli(record.madeMillis()));
    return store.putIfAbsent(at, record.encode()) || isOurs(at);
  }

  /** Returns whether an attempt has succeeded that seemed to have failed: nobody has this key. */
  private boolean isOurs(String record) {
    try {
      return store.find(record) != null;
    } catch (MalformedException e) {
      return false;
    }
  }

  /** Returns what the job is. */
  public JobRecord record() {
    try {
      ByteBuffer record = store.find(JobNames.record(name));
      if (record == null) {
        throw new IllegalStateException("there is no job " + name);
      }
      return JobRecord.decode(record);
    } catch (MalformedException e) {
      throw new IllegalStateException(
          "the key of the job " + name + " is that of another job of this name", e);
    }
  }

  String name() {
    return name;
  }

  /* --------------- What there is --------------- */

  /**
   * Looks at the store.
   *
   * @throws IllegalStateException if the job was deleted
   */
  public synchronized void refresh() {
    List<Store.Item> items = store.list(names.tasks());
    boolean deleted = tasks.size() > 0;
    for (Store.Item item : items) {
      JobNames.Group group = names.ofGroup(item.key());
      deleted &= group == null;
      if (group == null || tasks.has(group)) {
        continue;
      }
      sent(item.modified());
      if (group.isAgain()) {
        tasks.add(group, item.modified(), content(group.group(), group.count()));
      } else {
        tasks.add(group, item.modified());
      }
    }
    if (deleted) {
      throw new IllegalStateException("the job " + name + " was deleted");
    }
    List<String> fresh = new ArrayList<>();
    for (Store.Item item : items) {
      see(item, fresh);
    }
    tasks.complete(
        ended
            || System.nanoTime() - lastSeenNanos > patience.toNanos()
            || lastSent.isBefore(Instant.now().minus(SKEW)));
    ArrayDeque<CompletableFuture<JobPart>> flying = new ArrayDeque<>();
    ArrayDeque<JobNames.Part> of = new ArrayDeque<>();
    for (String part : fresh) {
      if (flying.size() >= AT_ONCE) {
        take(of.remove(), Stores.await(flying.remove()));
      }
      flying.add(store.get(part).thenApply(JobPart::decode));
      of.add(Objects.requireNonNull(names.ofPart(part)));
    }
    while (!flying.isEmpty()) {
      take(of.remove(), Stores.await(flying.remove()));
    }
  }

  /** The maker has done something. */
  private synchronized void sent(Instant at) {
    lastSent = at.isAfter(lastSent) ? at : lastSent;
    lastSeenNanos = System.nanoTime();
  }

  private void see(Store.Item item, List<String> fresh) {
    JobNames.Part part = names.ofPart(item.key());
    if (part != null) {
      TaskGroup g = tasks.group(part.group());
      if (g == null || !g.hasRow(part.from())) {
        fresh.add(item.key());
      }
      return;
    }
    String alive = names.ofLife(item.key());
    TaskGroup g = alive == null ? null : tasks.group(alive);
    if (g != null) {
      g.life(item.modified());
    }
    JobNames.Mark mark = names.ofMark(item.key());
    if (mark != null) {
      marks.merge(mark.group(), mark.version() + 1, Math::max);
    }
    if (item.key().equals(names.maker()) && !item.modified().equals(maker)) {
      maker = item.modified();
      sent(maker);
    }
    ended |= item.key().equals(names.end());
  }

  private void take(JobNames.Part part, JobPart content) {
    TaskGroup g = tasks.group(part.group());
    if (g != null) {
      g.row(part.from(), content.outcomes());
    }
  }

  private JobGroup content(String group, int count) {
    return JobGroup.decode(Stores.await(store.get(names.group(group, count))));
  }

  /** Returns how many tasks there were at the last look. */
  public synchronized int size() {
    return tasks.size();
  }

  /** Returns whether no more tasks came, at the last look: the maker had ended, or seemed to. */
  public synchronized boolean isComplete() {
    return tasks.isComplete();
  }

  /** Returns whether there was an outcome of a task at the last look. */
  synchronized boolean hasEnded(int index) {
    TaskIndex.Place p = tasks.place(index);
    return p != null && p.state().isOver();
  }

  /** Returns whether a task was there at the last look, or would not come any more. */
  synchronized boolean isSent(int index) {
    return tasks.place(index) != null || tasks.isComplete();
  }

  /** Returns what had become of a task at the last look. */
  public synchronized State state(int index) {
    return tasks.state(index);
  }

  /** Returns how many tasks were in each state at the last look. */
  public synchronized Map<State, Integer> states() {
    return tasks.states();
  }

  /** Returns all tasks as of the last look. */
  public synchronized List<Entry> entries() {
    return tasks.entries();
  }

  /** Returns how many tasks were not over at the last look. */
  synchronized int open() {
    return tasks.open();
  }

  /** An outcome, wherever its answer lies. */
  record Outcome(JobPart.Outcome what, ByteBuffer answer) {}

  /** Returns the outcome of a task that is over; null if it was never sent. */
  synchronized @Nullable Outcome outcome(int index) {
    TaskIndex.Place p = tasks.place(index);
    if (p == null) {
      return null;
    }
    int from = p.group().rowOf(p.at());
    JobPart part =
        parts.computeIfAbsent(
            names.part(p.group().name(), from), k -> JobPart.decode(Stores.await(store.get(k))));
    int i = p.at() - from;
    JobPart.Outcome o = part.outcomes().get(i);
    ByteBuffer answer =
        switch (o.kind()) {
          case STORED -> Stores.await(store.get(names.outcome(part.run(), i)));
          default -> o.answer();
        };
    return new Outcome(o, answer);
  }

  /* --------------- What is done about it --------------- */

  /** Where tasks find what they share. */
  Attachments.Place attachments() {
    return new Attachments.Place() {
      @Override
      public CompletableFuture<Void> put(String name, List<ByteBuffer> content) {
        return store.write(names.attachment(name), content);
      }

      @Override
      public CompletableFuture<Void> delete(List<String> all) {
        return depot.store().delete(all.stream().map(names::attachment).toList());
      }
    };
  }

  /** Puts a group there, and has it run. */
  void send(String group, JobGroup content) {
    int count = content.tasks().size();
    ByteBuffer plain = content.encode();
    Stores.steadily(() -> store.write(names.group(group, count), plain));
    run(group, count);
  }

  /** Has a group run, perhaps beside another run. */
  private void run(String group, int count) {
    Stores.steadily(() -> submit(group, count));
  }

  /** Hands a group to the cloud's queue, which may take it twice. */
  private CompletableFuture<Void> submit(String group, int count) {
    JobEvent event = new JobEvent(depot.place(), name, key, group, count);
    return depot.functions().submit(event.encode());
  }

  /** Shows that the maker may add tasks. */
  void sign() {
    store.put(names.maker(), Numbers.encode(List.of()));
  }

  /** Marks that all tasks are there. */
  void end() {
    store.put(names.end(), Numbers.encode(List.of(size())));
  }

  /** Cancels a task; false if it is over. */
  public synchronized boolean cancel(int index) {
    refresh();
    Objects.checkIndex(index, tasks.size());
    TaskIndex.Place p = tasks.place(index);
    if (p == null || p.state().isOver()) {
      return false;
    }
    mark(
        p.group().name(),
        before -> {
          TreeSet<Integer> all = new TreeSet<>(before);
          all.add(p.at());
          return List.copyOf(all);
        });
    return true;
  }

  /** Writes the next version of a mark of what is cancelled; another client may do so, too. */
  private void mark(String group, UnaryOperator<List<Integer>> change) {
    int version = marks.getOrDefault(group, 0);
    List<Integer> before = version == 0 ? List.of() : read(names.cancelled(group, version - 1));
    for (; ; version++) {
      List<Integer> now = change.apply(before);
      if (now.equals(before)) {
        return;
      }
      String name = names.cancelled(group, version);
      if (store.putIfAbsent(name, Numbers.encode(now))) {
        marks.put(group, version + 1);
        return;
      }
      before = read(name);
    }
  }

  private List<Integer> read(String name) {
    return Numbers.decode(Stores.await(store.get(name)));
  }

  /** Cancels what has not begun; returns how many tasks may be concerned. */
  public synchronized int flush() {
    refresh();
    List<Integer> limits = List.of(tasks.size(), tasks.nextAgain());
    mark(
        JobNames.ALL,
        before ->
            before.isEmpty()
                ? limits
                : List.of(
                    Math.max(before.get(0), limits.get(0)),
                    Math.max(before.get(1), limits.get(1))));
    return tasks.open();
  }

  /** Has tasks run again that have failed or were lost; returns how many. */
  public synchronized int resubmit() {
    refresh();
    int count = 0;
    for (TaskGroup g : tasks.groups()) {
      if (!g.isOver() && isLost(g)) {
        count += g.open();
        run(g.name(), g.count());
      }
    }
    for (Map.Entry<TaskGroup, List<Integer>> e : tasks.failed().entrySet()) {
      JobGroup from = content(e.getKey().name(), e.getKey().count());
      List<JobGroup.Task> some = new ArrayList<>();
      for (int place : e.getValue()) {
        some.add(from.tasks().get(place));
      }
      sendAgain(from.with(some));
      count += some.size();
    }
    refresh();
    return count;
  }

  /** Returns whether an instance has gone, or an event that is not in the queue any more. */
  private boolean isLost(TaskGroup g) {
    Instant life = g.life();
    Instant last = life != null ? life : g.sent();
    // Of a maker that has gone nobody knows whether it got to sending all that it had put there.
    boolean queued = life == null && (ended || !isComplete());
    Duration most = queued ? QUEUED : LOST;
    return last.isBefore(Instant.now().minus(most));
  }

  private void sendAgain(JobGroup content) {
    int number = tasks.nextAgain();
    // Another client may do so at the same time.
    while (!store.putIfAbsent(names.taken(JobNames.again(number)), Numbers.encode(List.of()))) {
      number++;
    }
    String group = JobNames.again(number);
    send(group, content);
    tasks.add(new JobNames.Group(group, content.tasks().size()), Instant.now(), content);
  }

  /**
   * Has groups run again whose instances seem to be gone without a word: a sign of life has not
   * changed for longer than it takes to renew it. To err makes some work be done twice. If it is
   * not possible now it may be so later.
   *
   * @param silence for how long at least
   */
  synchronized void tend(Duration silence) {
    for (TaskGroup g : tasks.groups()) {
      if (g.isSilent(silence)) {
        try {
          Stores.await(submit(g.name(), g.count()));
        } catch (FunctionException e) {
          if (!Stores.isHopeful(e)) {
            throw e;
          }
        }
      }
    }
  }

  /** Deletes all. */
  public void delete() {
    int unused = flush();
    List<String> keys = new ArrayList<>();
    store.list(JobNames.all(name)).forEach(item -> keys.add(item.key()));
    // Whoever lists jobs meanwhile shall still see this one.
    String record = JobNames.record(name);
    keys.remove(record);
    keys.add(record);
    store.delete(keys);
  }
}
