package dev.martlet.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudJob.State;
import dev.martlet.Usage;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.envelope.JobEvent;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.envelope.JobPart.End;
import dev.martlet.internal.envelope.JobRecord;
import dev.martlet.internal.envelope.Numbers;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.spi.Depot;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A job's records, of which clients see parts. */
class JobRecordsTest {
  private static final byte[] KEY = new byte[Vault.KEY];

  private final MemoryStore store = new MemoryStore();
  private final Queue queue = new Queue();
  private final Depot depot = new Depot(queue, store, Map.of());
  private final JobNames names = new JobNames("job", KEY);
  private final Sealed sealed = new Sealed(store, KEY);
  private final JobRecords records = made();

  /** The cloud's queue, from which nobody takes. */
  private static final class Queue implements FunctionClient {
    private final List<JobEvent> events = Collections.synchronizedList(new ArrayList<>());
    private volatile int refused;

    @Override
    public PlatformLimits limits() {
      return new PlatformLimits(1 << 20, 1 << 20, Duration.ofMinutes(15), false, false);
    }

    @Override
    public int longestSubmission() {
      return 1 << 20;
    }

    @Override
    public Usage estimate(Duration init, Duration duration, long memoryUsed) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> submit(ByteBuffer request) {
      if (refused > 0) {
        refused--;
        return CompletableFuture.failedFuture(
            new FunctionException(FunctionException.Kind.THROTTLED, "on purpose", null));
      }
      events.add(JobEvent.decode(request));
      return CompletableFuture.completedFuture(null);
    }

    List<String> groups() {
      return events.stream().map(e -> e.group() + "-" + e.count()).toList();
    }

    @Override
    public void close() {}
  }

  private JobRecords made() {
    JobRecords made = JobRecords.of(depot, "job", KEY);
    assertThat(made.make(new JobRecord(0, "test"))).isTrue();
    return made;
  }

  private static JobGroup group(int first, int count) {
    return new JobGroup(
        new byte[Request.SESSION],
        ByteBuffer.allocate(1),
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        IntStream.range(first, first + count)
            .mapToObj(i -> new JobGroup.Task(i, List.of(ByteBuffer.allocate(1))))
            .toList());
  }

  private void send(int first, int count) {
    records.send(JobNames.group(first), group(first, count));
  }

  /** An instance runs tasks of a group, which all end alike. */
  private void run(String group, int count, End end) {
    JobPart.Outcome outcome =
        new JobPart.Outcome(end, Response.Kind.ANSWERED, List.of(), ByteBuffer.allocate(1));
    sealed.put(
        names.part(group, 0),
        new JobPart(1, "instance", Collections.nCopies(count, outcome)).encode());
  }

  private static List<State> states(JobRecords of) {
    of.refresh();
    return of.entries().stream().map(e -> e.state()).toList();
  }

  @Test
  @DisplayName(
      "a group that is not there while a later one is may be on its way until the job ends")
  void gap() {
    send(0, 1);
    send(2, 1);
    assertThat(states(records)).containsExactly(State.QUEUED, State.QUEUED, State.QUEUED);
    run(JobNames.group(0), 1, End.DONE);
    run(JobNames.group(2), 1, End.DONE);
    assertThat(states(records)).containsExactly(State.DONE, State.QUEUED, State.DONE);
    assertThat(records.open()).isOne();
    send(1, 1);
    assertThat(states(records)).containsExactly(State.DONE, State.QUEUED, State.DONE);
    run(JobNames.group(1), 1, End.DONE);
    assertThat(states(records)).containsExactly(State.DONE, State.DONE, State.DONE);
  }

  @Test
  @DisplayName("a task that was never sent has failed once its job has ended")
  void lost() {
    send(0, 1);
    send(2, 1);
    records.refresh();
    records.end();
    assertThat(states(records)).containsExactly(State.QUEUED, State.FAILED, State.QUEUED);
    assertThat(records.outcome(1)).isNull();
  }

  @Test
  @DisplayName("two clients that have tasks run again at once do not mix up their groups")
  void resubmitsTwice() {
    send(0, 4);
    send(4, 3);
    run(JobNames.group(0), 4, End.FAILED);
    run(JobNames.group(4), 3, End.FAILED);
    // The other one has looked before, and is about to put its group there.
    assertThat(sealed.putIfAbsent(names.taken(JobNames.again(0)), ByteBuffer.allocate(1))).isTrue();
    assertThat(records.resubmit()).isEqualTo(7);
    assertThat(queue.groups())
        .containsExactly("0000000000-4", "0000000004-3", "r000001-4", "r000002-3");
    assertThat(states(records)).containsOnly(State.QUEUED).hasSize(7);
    run(JobNames.again(1), 4, End.DONE);
    assertThat(states(JobRecords.open(depot, "job", KEY)))
        .containsExactlyElementsOf(
            IntStream.range(0, 7).mapToObj(i -> i < 4 ? State.DONE : State.QUEUED).toList());
  }

  @Test
  @DisplayName("what is in the queue is not lost while its maker is there, or has sent all")
  void resubmitsLost() {
    send(0, 4);
    Depot later = new Depot(queue, new Overtaken(store, Duration.ofMinutes(2)), Map.of());
    assertThat(JobRecords.open(later, "job", KEY).resubmit()).isZero();
    JobRecords orphaned = new JobRecords(later, "job", KEY, Duration.ZERO);
    assertThat(orphaned.resubmit()).isEqualTo(4);
    assertThat(queue.groups()).containsExactly("0000000000-4", "0000000000-4");
    records.refresh();
    records.end();
    assertThat(orphaned.resubmit()).isZero();
  }

  @Test
  @DisplayName("a task is cancelled that another client is still sending")
  void cancelsWhatComes() throws Exception {
    send(0, 1);
    send(2, 1);
    DetachedJob job =
        new DetachedJob(
            JobRecords.open(depot, "job", KEY),
            null,
            null,
            Duration.ofMinutes(1),
            () -> {},
            () -> {});
    CompletableFuture<Boolean> cancelled = CompletableFuture.supplyAsync(() -> job.cancel(1));
    assertThatThrownBy(() -> cancelled.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    send(1, 1);
    assertThat(cancelled.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(latest(JobNames.group(1))).containsExactly(0);
    job.close();
  }

  /** Runs something before each conditional write, as if by another client. */
  private static final class Overtaken implements Store {
    private final Store store;
    private final Duration age;
    private Runnable other = () -> {};

    Overtaken(Store store) {
      this(store, Duration.ZERO);
    }

    /** Has all objects be so old. */
    Overtaken(Store store, Duration age) {
      this.store = store;
      this.age = age;
    }

    @Override
    public CompletableFuture<Boolean> putIfAbsent(String key, List<ByteBuffer> content) {
      other.run();
      return store.putIfAbsent(key, content);
    }

    @Override
    public CompletableFuture<Void> put(String key, List<ByteBuffer> content) {
      return store.put(key, content);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key) {
      return store.get(key);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, long from, int length) {
      return store.get(key, from, length);
    }

    @Override
    public CompletableFuture<Item> find(String key) {
      return store.find(key);
    }

    @Override
    public CompletableFuture<Page> list(String prefix, String after) {
      return store
          .list(prefix, after)
          .thenApply(
              page ->
                  new Page(
                      page.items().stream()
                          .map(i -> new Item(i.key(), i.size(), i.modified().minus(age)))
                          .toList(),
                      page.more()));
    }

    @Override
    public CompletableFuture<Void> delete(Collection<String> keys) {
      return store.delete(keys);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /** Returns the latest version of a mark. */
  private List<Integer> latest(String group) {
    List<Integer> numbers = List.of();
    for (int version = 0; ; version++) {
      ByteBuffer next = sealed.find(names.cancelled(group, version));
      if (next == null) {
        return numbers;
      }
      List<Integer> former = numbers;
      numbers = Numbers.decode(next);
      assertThat(numbers).containsAll(former);
    }
  }

  @Test
  @DisplayName("of clients that cancel tasks of a group at once none undoes what another one did")
  void cancelsTwice() {
    send(0, 8);
    Overtaken overtaken = new Overtaken(store);
    JobRecords first = JobRecords.open(new Depot(queue, overtaken, Map.of()), "job", KEY);
    JobRecords second = JobRecords.open(depot, "job", KEY);
    List<Integer> others = new ArrayList<>(List.of(1, 2, 3));
    overtaken.other =
        () -> {
          if (!others.isEmpty()) {
            assertThat(second.cancel(others.remove(0))).isTrue();
          }
        };
    assertThat(first.cancel(5)).isTrue();
    assertThat(first.cancel(6)).isTrue();
    assertThat(first.cancel(5)).isTrue();
    assertThat(second.cancel(7)).isTrue();
    assertThat(others).isEmpty();
    assertThat(latest(JobNames.group(0))).containsExactly(1, 2, 3, 5, 6, 7);
  }

  @Test
  @DisplayName("of clients that flush at once the one that has seen more tasks has its way")
  void flushesTwice() {
    send(0, 2);
    Overtaken overtaken = new Overtaken(store);
    JobRecords first = JobRecords.open(new Depot(queue, overtaken, Map.of()), "job", KEY);
    overtaken.other =
        () -> {
          overtaken.other = () -> {};
          send(2, 3);
          assertThat(records.flush()).isEqualTo(5);
        };
    assertThat(first.flush()).isEqualTo(2);
    ByteBuffer limits = sealed.find(names.flushed(0));
    assertThat(Numbers.decode(limits)).containsExactly(5, 0);
    assertThat(sealed.find(names.flushed(1))).isNull();
  }

  @Test
  @DisplayName("what cannot be handed to the queue at first is handed to it later")
  void throttled() {
    queue.refused = 2;
    send(0, 1);
    assertThat(queue.groups()).containsExactly("0000000000-1");
  }

  @Test
  @DisplayName("a job whose record was written by an attempt that seemed to fail is its maker's")
  void madeAtLast() {
    assertThat(JobRecords.of(depot, "job", KEY).make(new JobRecord(0, "test"))).isTrue();
    byte[] other = KEY.clone();
    other[0] = 1;
    assertThat(JobRecords.of(depot, "job", other).make(new JobRecord(0, "test"))).isFalse();
  }

  /** Returns the records of a job that was just made, as they are seen. */
  private JobRecords seen(String name, Duration patience) {
    JobRecords seen = new JobRecords(depot, name, KEY, patience);
    assertThat(seen.make(new JobRecord(System.currentTimeMillis(), "test"))).isTrue();
    seen.refresh();
    return seen;
  }

  @Test
  @DisplayName("more tasks may come until the maker has ended, or is silent for long")
  void completes() {
    JobRecords open = seen("open", Duration.ofHours(1));
    assertThat(open.isComplete()).isFalse();
    open.end();
    open.refresh();
    assertThat(open.isComplete()).isTrue();
    assertThat(seen("left", Duration.ZERO).isComplete()).isTrue();
  }

  @Test
  @DisplayName("of a job that was made long ago more may come if its maker gives a sign of life")
  void makerLives() {
    records.refresh();
    assertThat(records.isComplete()).isTrue();
    records.sign();
    records.refresh();
    assertThat(records.isComplete()).isFalse();
  }

  /** Repeats nothing by itself. */
  private static final class Repeated extends ScheduledThreadPoolExecutor {
    private Runnable task = () -> {};

    Repeated() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      task = command;
      return super.schedule(() -> {}, 0, unit);
    }
  }

  @Test
  @DisplayName("a maker leaves signs of life until it closes the job, and none of a deleted one")
  void signs() {
    PlatformConfig.Questions none =
        question -> {
          throw new AssertionError("nothing is sent");
        };
    CodeMirror code = new CodeMirror(none, store, Runnable::run);
    Repeated repeated = new Repeated();
    for (boolean deletes : new boolean[] {false, true}) {
      Sender sender =
          new Sender(
              records, code, none, new byte[0], ByteBuffer.allocate(0), Runnable::run, repeated);
      sender.open();
      repeated.task.run();
      assertThat(store.keys()).contains(names.maker());
      if (deletes) {
        sender.abandon();
      } else {
        sender.close();
      }
      Stores.await(store.delete(List.of(names.maker())));
      repeated.task.run();
      assertThat(store.keys()).doesNotContain(names.maker());
    }
    repeated.shutdownNow();
  }

  @Test
  @DisplayName("whoever looks at a job that another one has deleted hears that")
  void deletedByAnother() {
    send(0, 2);
    records.refresh();
    JobRecords.open(depot, "job", KEY).delete();
    // A run that has not heard of it yet.
    sealed.put(names.life(JobNames.group(0)), Numbers.encode(List.of(1, 0, 0, 0)));
    assertThatThrownBy(records::refresh)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the job job was deleted");
  }

  @Test
  @DisplayName("of a job that is deleted nothing is left")
  void deletes() {
    send(0, 2);
    run(JobNames.group(0), 2, End.FAILED);
    records.refresh();
    assertThat(records.resubmit()).isEqualTo(2);
    records.delete();
    assertThat(store.keys()).isEmpty();
    assertThat(JobRecords.list(store)).isEmpty();
  }
}
