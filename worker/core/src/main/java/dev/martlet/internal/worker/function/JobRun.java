package dev.martlet.internal.worker.function;

import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.JobEvent;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Numbers;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One run of a group of a job's tasks. Nobody hears of it, so what it does is in the store.
 *
 * <p>The tasks are run in batches that take about a second, and the outcomes of each are kept under
 * the number of its first task, unless there are some already: several runs of a group, which the
 * cloud's queue and impatient clients may cause, so make one row of outcomes between them. A run
 * begins where the row ends.
 *
 * <p>A sign of life tells where the run is, so that a client can see that it has ended without a
 * word. A group whose run has ended so is run task by task, until it is clear which one it is that
 * ends them; that one fails, and the others go on.
 *
 * <p>An attempt at a task whose code could not be read does not count: after a pause, and only a
 * few times, the run goes on with that task. Then it fails, and the next ones fail at once that
 * lack their code, too.
 *
 * <p>A run that is to end before all is done, because its time is up or a task has ended its
 * instance, says so; the rest waits for a client.
 */
final class JobRun {
  private static final long BATCH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int FIRST_BATCH = 4;
  private static final int MOST_ENDS = 3;
  private static final int MOST_LOST = 3;
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final JobEvent event;
  private final WorkerStore store;
  private final String instance;
  private final long deadline;
  private final JobNames names;
  private final Vault vault;
  private final JobGroup group;
  private final Set<String> initialised;
  private int first = -1;
  private int at;
  private int size = FIRST_BATCH;
  private boolean careful;
  private int ends; // how many runs have ended at this place
  private int lost; // attempts in a row
  private boolean waits;
  private boolean gone;
  private long lifeNanos;
  private long batchNanos;
  private final Mark cancelled;
  private final Mark flushed = new Mark(JobNames.ALL);
  private @Nullable Marks marks;
  private long marksNanos;

  /** Tasks that are run together. */
  record Batch(Request request, JobMail mail) {}

  /**
   * Begins a run.
   *
   * @param instance the instance's name
   * @param deadline until when it may take
   */
  JobRun(JobEvent event, WorkerStore store, String instance, long deadline) throws IOException {
    this.event = event;
    this.store = store;
    this.instance = instance;
    this.deadline = deadline;
    this.names = new JobNames(event.job(), event.key());
    this.vault = new Vault(event.key());
    this.cancelled = new Mark(event.group());
    ByteBuffer found = open(names.group(event.group(), event.count()));
    if (found == null) {
      // The job was deleted.
      this.group =
          new JobGroup(
              new byte[Request.SESSION],
              ByteBuffer.allocate(0),
              0,
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of());
    } else {
      this.group = JobGroup.decode(found);
    }
    this.initialised = new HashSet<>(group.initialised());
  }

  /** Returns answers that hold for this group. */
  List<Known> known() {
    return group.known();
  }

  /** Returns what of the client is there before the task begins: its classes are initialised. */
  boolean isInitialised(String type) {
    return initialised.contains(type);
  }

  /** Returns where an attachment is. */
  String attachmentKey(String name) {
    return names.attachment(name);
  }

  /** Returns what an instance must know of the client. */
  Briefing briefing() {
    return new Briefing(event.key(), event.place(), group.world());
  }

  /**
   * Returns the next batch; null if none is left to this run.
   *
   * @param run the random number of the batch's run
   */
  @Nullable Batch next(long run) throws IOException {
    adapt();
    if (waits && !pause()) {
      live(false);
      return null;
    }
    skip();
    if (first < 0 && at < group.tasks().size()) {
      meet();
      first = at;
    }
    if (at >= group.tasks().size()) {
      return null;
    }
    live(true);
    if (gone) {
      return null;
    }
    if (careful) {
      size = 1;
    }
    int to = Math.min(group.tasks().size(), mayTryAgain() ? at + size : at + 1);
    List<Request.Call> calls = new ArrayList<>();
    for (JobGroup.Task t : group.tasks().subList(at, to)) {
      // Where another run was faster than a part of a batch, the rest of it runs once more.
      List<ByteBuffer> payload = t.payload().stream().map(ByteBuffer::duplicate).toList();
      calls.add(new Request.Call(0, false, payload, List.of()));
    }
    Request request =
        new Request(
            group.session(), null, 0, true, group.version(), group.code(), group.content(), calls);
    batchNanos = System.nanoTime();
    return new Batch(request, new JobMail(this, store, vault, run, at, to));
  }

  /** The last batch tells how many tasks take about a second. */
  private void adapt() {
    if (batchNanos != 0) {
      long took = System.nanoTime() - batchNanos;
      batchNanos = 0;
      if (took < BATCH_NANOS / 2) {
        size = Math.min(1 << 12, 2 * size);
      } else if (took > BATCH_NANOS) {
        size = (int) Math.max(1, size * BATCH_NANOS / took);
      }
    }
  }

  /** Waits before an attempt that was lost is repeated; false if there is no time for that. */
  private boolean pause() {
    waits = false;
    long until = System.nanoTime() + (FIRST_PAUSE_NANOS << (lost - 1));
    if (until - deadline >= 0) {
      return false;
    }
    for (long left; (left = until - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
    return true;
  }

  /** Returns whether an attempt that is lost is repeated. */
  boolean mayTryAgain() {
    return lost < MOST_LOST;
  }

  /** An attempt does not count; returns null if it is repeated, else how the task has failed. */
  @Nullable ByteBuffer lost(String why) {
    if (mayTryAgain()) {
      lost++;
      waits = true;
      return null;
    }
    int attempts = MOST_LOST + 1;
    return text(instance + ": " + why + " (attempt " + attempts + " of " + attempts + ")");
  }

  /** An attempt counts. */
  void counts() {
    lost = 0;
  }

  /** Goes to the end of the row of outcomes. */
  private void skip() throws IOException {
    for (; at < group.tasks().size(); ) {
      ByteBuffer part = open(names.part(event.group(), at));
      if (part == null) {
        return;
      }
      goTo(at + Math.max(1, JobPart.decode(part).outcomes().size()));
    }
  }

  private void goTo(int place) {
    at = place;
    ends = 0;
  }

  /** Looks whether former runs have ended here, and fails a task that has ended them all. */
  private void meet() throws IOException {
    ByteBuffer life = open(names.life(event.group()));
    List<Integer> last = life == null ? List.of() : Numbers.decode(life);
    // Another run that is still at it has left a sign a moment ago.
    if (last.size() == 4
        && last.get(0) == 1
        && last.get(1) == at
        && seconds() - last.get(3) > 2 * TimeUnit.NANOSECONDS.toSeconds(LIFE_NANOS)) {
      careful = true;
      ends = last.get(2) + 1;
    }
    if (ends > MOST_ENDS) {
      List<JobPart.Outcome> lost =
          List.of(
              new JobPart.Outcome(
                  JobPart.End.FAILED,
                  Response.Kind.EXITED,
                  List.of(),
                  text("its instances ended without a word, " + (MOST_ENDS + 1) + " times")));
      keep(at, new JobPart(0, instance, lost));
      skip();
    }
  }

  /** Shows that the run goes on, or that it does not. */
  private synchronized void live(boolean running) throws IOException {
    // Nobody would ever delete the sign of a job that is deleted.
    if (isGone()) {
      return;
    }
    lifeNanos = System.nanoTime();
    List<Integer> life = List.of(running ? 1 : 0, at, ends, seconds());
    put(names.life(event.group()), Numbers.encode(life));
  }

  private static int seconds() {
    return (int) TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
  }

  /** Shows that the run goes on, if that was not done for a while. */
  synchronized void live() {
    if (System.nanoTime() - lifeNanos > LIFE_NANOS) {
      try {
        live(true);
      } catch (IOException e) {
        Log.of(JobRun.class).debug("No sign of life was left", e);
      }
    }
  }

  /** What is to stop: all, or all that has not begun, or places in the group. */
  record Marks(boolean gone, boolean flushed, Set<Integer> cancelled) {}

  /** Looks what is to stop, about once a second. */
  synchronized Marks marks() throws IOException {
    Marks m = marks;
    if (m == null || System.nanoTime() - marksNanos > LOOK_NANOS) {
      marksNanos = System.nanoTime();
      List<Integer> places = cancelled.latest();
      List<Integer> limits = flushed.latest();
      m = new Marks(isGone(), isWithin(limits), Set.copyOf(places));
      marks = m;
    }
    return m;
  }

  /** Returns whether the job was deleted. */
  private synchronized boolean isGone() throws IOException {
    gone = gone || store.get(JobNames.record(event.job())) == null;
    return gone;
  }

  /** A mark of what is cancelled, whose latest version has all of the former ones. */
  private final class Mark {
    private final String of;
    private int versions; // how many there are at least
    private List<Integer> numbers = List.of();

    Mark(String of) {
      this.of = of;
    }

    /** Looks for later versions, in wider and wider steps. */
    List<Integer> latest() throws IOException {
      for (int step = 1; ; ) {
        ByteBuffer later = open(names.cancelled(of, versions + step - 1));
        if (later != null) {
          numbers = Numbers.decode(later);
          versions += step;
          step *= 2;
        } else if (step == 1) {
          return numbers;
        } else {
          step = 1;
        }
      }
    }
  }

  /** Returns whether this group was there when all was cancelled that had not begun. */
  private boolean isWithin(List<Integer> limits) {
    boolean again = event.group().startsWith("r");
    int number = Integer.parseInt(again ? event.group().substring(1) : event.group());
    return limits.size() == 2 && number < limits.get(again ? 1 : 0);
  }

  /**
   * Keeps outcomes, unless there are some already.
   *
   * @param from the place of the first one
   * @param last whether no more come of this run although there are more tasks
   */
  void ended(int from, JobPart part, boolean last) throws IOException {
    keep(from, part);
    if (last) {
      skip();
      live(false);
    }
  }

  private void keep(int from, JobPart part) throws IOException {
    // What is left of a job that was deleted nobody would ever delete.
    if (!part.outcomes().isEmpty() && !isGone()) {
      String name = names.part(event.group(), from);
      if (store.putIfAbsent(name, List.of(vault.seal(name, List.of(part.encode()))))) {
        goTo(from + part.outcomes().size());
      }
    }
  }

  String instance() {
    return instance;
  }

  /** Returns the name of a long outcome. */
  String outcome(long run, int i) {
    return names.outcome(run, i);
  }

  void put(String name, ByteBuffer plain) throws IOException {
    store.put(name, List.of(vault.seal(name, List.of(plain))));
  }

  private @Nullable ByteBuffer open(String name) throws IOException {
    ByteBuffer box = store.get(name);
    return box == null ? null : vault.open(name, box);
  }

  /** Returns whether the task at a place had all the time that there is: it was the first one. */
  boolean hadAllTime(int place) {
    return place == first;
  }

  static ByteBuffer text(String s) {
    return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
  }
}
