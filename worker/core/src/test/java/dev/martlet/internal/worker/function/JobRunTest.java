package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.envelope.JobEvent;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.envelope.JobPart.End;
import dev.martlet.internal.envelope.JobRecord;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Numbers;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of a group of a job's tasks, by instances that may die of them. */
@Timeout(60)
class JobRunTest {
  private static final int TASKS = 20;
  private static final byte[] KEY = new byte[Vault.KEY];
  private static final String GROUP = JobNames.group(0);

  private final JobNames names = new JobNames("job", KEY);
  private final Vault vault = new Vault(KEY);
  private final Objects store = new Objects();
  private final List<Integer> begun = new ArrayList<>();
  private int deaths;

  JobRunTest() {
    put(JobNames.record("job"), new JobRecord(0, "test").encode());
    List<JobGroup.Task> tasks =
        IntStream.range(0, TASKS)
            .mapToObj(i -> new JobGroup.Task(i, List.of(ByteBuffer.wrap(new byte[] {(byte) i}))))
            .toList();
    JobGroup group =
        new JobGroup(
            new byte[Request.SESSION],
            ByteBuffer.allocate(1),
            0,
            List.of(new byte[Request.HASH]),
            List.of(),
            List.of(),
            List.of(),
            tasks);
    put(names.group(GROUP, TASKS), group.encode());
  }

  /** A store in memory. */
  private static final class Objects implements WorkerStore {
    private final Map<String, ByteBuffer> all = new ConcurrentHashMap<>();

    @Override
    public @Nullable ByteBuffer get(String key) {
      ByteBuffer found = all.get(key);
      return found == null ? null : found.duplicate();
    }

    @Override
    public void put(String key, List<ByteBuffer> content) {
      all.put(key, content.get(0).duplicate());
    }

    @Override
    public boolean putIfAbsent(String key, List<ByteBuffer> content) {
      return all.putIfAbsent(key, content.get(0).duplicate()) == null;
    }
  }

  /** The instance has died, and whatever it does is not seen any more. */
  private static final class Dead extends Error {
    private static final long serialVersionUID = 1;
  }

  /** Called with the way to the client in each task. */
  private Consumer<Line> asks = line -> {};

  /** Tells attempts at tasks that have no answer to a question. */
  private IntPredicate unanswered = task -> false;

  /** Tells attempts at tasks that the host cannot begin. */
  private IntPredicate broken = task -> false;

  /** Whether code cannot be read. */
  private boolean dark;

  /** An instance that some tasks kill, and that returns of others that they have returned. */
  private final class Instance implements Surroundings, WorkerStore {
    private final IntPredicate deadly;
    private volatile boolean dead;

    Instance(IntPredicate deadly) {
      this.deadly = deadly;
    }

    void run() throws IOException {
      JobEvent event = new JobEvent(Map.of(), "job", KEY, GROUP, TASKS);
      try (FunctionWorker worker = new FunctionWorker(this)) {
        ByteBuffer unused = worker.run(event.encode(), TimeUnit.SECONDS.toNanos(60));
      } catch (Dead e) {
        deaths++;
      }
    }

    private void check() {
      if (dead) {
        throw new Dead();
      }
    }

    @Override
    public String instance() {
      return "instance";
    }

    @Override
    public int longestAnswer() {
      return 1 << 20;
    }

    @Override
    public WorkerStore open(Map<String, String> place) {
      return this;
    }

    @Override
    public WorkerHost host() {
      return new WorkerHost() {
        private @Nullable Line line;

        @Override
        public void open(ByteBuffer world, Line to) {
          line = to;
        }

        @Override
        public void run(InboundCall call) {
          int task = call.payload().get();
          synchronized (begun) {
            begun.add(task);
          }
          asks.accept(line);
          dead |= deadly.test(task);
          if (broken.test(task)) {
            throw new IllegalStateException("broken on purpose");
          }
          if (unanswered.test(task)) {
            byte[] why = Protocol.utf8("no answer on purpose");
            int length = 1 + Long.BYTES + why.length;
            call.complete(
                ByteBuffer.allocate(length).put(Protocol.UNANSWERED).putLong(0).put(why).flip());
            return;
          }
          call.complete(ByteBuffer.wrap(new byte[] {0, (byte) task}));
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public CompletableFuture<Relay.Result> submit(
        String region, String function, ByteBuffer request) {
      throw new AssertionError("a job's run submits nothing");
    }

    @Override
    public void end(int status) {
      throw new AssertionError("ended with " + status);
    }

    @Override
    public @Nullable ByteBuffer get(String key) throws IOException {
      check();
      if (dark && !key.startsWith(Names.JOBS)) {
        throw new IOException("on purpose");
      }
      return store.get(key);
    }

    @Override
    public void put(String key, List<ByteBuffer> content) {
      check();
      store.put(key, content);
    }

    @Override
    public boolean putIfAbsent(String key, List<ByteBuffer> content) {
      check();
      return store.putIfAbsent(key, content);
    }
  }

  private void put(String name, ByteBuffer plain) {
    store.put(name, List.of(vault.seal(name, List.of(plain))));
  }

  /** Has time pass, as far as signs of life tell. */
  private void wait(String group) {
    String name = names.life(group);
    ByteBuffer box = store.get(name);
    if (box != null) {
      List<Integer> life = new ArrayList<>(Numbers.decode(vault.open(name, box)));
      life.set(3, life.get(3) - 3_600);
      put(name, Numbers.encode(life));
    }
  }

  /** Runs instances until there are outcomes of all. */
  private void runAll(IntPredicate deadly) throws IOException {
    for (int runs = 0; outcomes().size() < TASKS; runs++) {
      assertThat(runs).as("runs").isLessThan(100);
      new Instance(deadly).run();
      wait(GROUP);
    }
  }

  private Map<Integer, JobPart.Outcome> outcomes() {
    Map<Integer, JobPart.Outcome> all = new TreeMap<>();
    for (int i = 0; i < TASKS; i++) {
      ByteBuffer box = store.get(names.part(GROUP, i));
      if (box != null) {
        JobPart part = JobPart.decode(vault.open(names.part(GROUP, i), box));
        for (int j = 0; j < part.outcomes().size(); j++) {
          assertThat(all.put(i + j, part.outcomes().get(j))).as("two outcomes").isNull();
        }
      }
    }
    return all;
  }

  private List<Integer> failed() {
    List<Integer> failed = new ArrayList<>();
    outcomes()
        .forEach(
            (task, outcome) -> {
              if (outcome.end() == End.FAILED) {
                failed.add(task);
              } else {
                assertThat(outcome.answer().get(1)).isEqualTo(task.byteValue());
              }
            });
    return failed;
  }

  @Test
  @DisplayName("a task that ends every instance fails alone, and the others have results")
  void failsAlone() throws Exception {
    runAll(task -> task == 7);
    assertThat(failed()).containsExactly(7);
    assertThat(deaths).isBetween(4, 6);
  }

  @Test
  @DisplayName("several tasks that end every instance fail, and the others have results")
  void failSeparately() throws Exception {
    runAll(task -> task == 0 || task == 7 || task == 8 || task == TASKS - 1);
    assertThat(failed()).containsExactly(0, 7, 8, TASKS - 1);
  }

  @Test
  @DisplayName("tasks at which an instance ended now and then do not fail")
  void survives() throws Exception {
    int[] times = new int[TASKS];
    runAll(task -> task % 3 == 0 && times[task]++ < 2);
    assertThat(failed()).isEmpty();
    assertThat(deaths).isGreaterThan(10);
  }

  @Test
  @DisplayName("where two runs of a group overlap, each task has one outcome, which is its own")
  void overlap() throws Exception {
    JobPart.Outcome faster =
        new JobPart.Outcome(
            End.DONE, Response.Kind.ANSWERED, List.of(), ByteBuffer.wrap(new byte[2]));
    runAll(
        task -> {
          // Another run has kept the outcome of the batch's first task before this one ends.
          if (task == 0) {
            put(names.part(GROUP, 0), new JobPart(1, "other", List.of(faster)).encode());
          }
          return false;
        });
    assertThat(failed()).isEmpty();
    assertThat(begun).contains(1, 2, 3).hasSizeGreaterThan(TASKS);
    assertThat(deaths).isZero();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("code that cannot be had now is not taken for code that there is not")
  void codeUnread(Code code) throws Exception {
    List<Boolean> absent = new ArrayList<>();
    asks =
        line -> {
          ByteBuffer question =
              ByteBuffer.wrap(new byte[] {Protocol.CLASSPATH, Wire.FIND, 0, 0, 0, 0, 1, 'a'});
          try {
            absent.add(line.ask(question).get() == Wire.ABSENT);
          } catch (UncheckedIOException e) {
            absent.add(false);
          }
        };
    dark = code == Code.UNREADABLE;
    if (code == Code.ANOTHER) {
      store.put(Names.code(new byte[Request.HASH]), List.of(ByteBuffer.allocate(4)));
    }
    runAll(task -> false);
    assertThat(absent).hasSize(TASKS).containsOnly(false);
  }

  /** What is the matter with the code in the store. */
  enum Code {
    UNREADABLE,
    MISSING,
    ANOTHER
  }

  private int times(int task) {
    return Collections.frequency(begun, task);
  }

  @Test
  @DisplayName("a task whose code could not be read runs again, and no other does")
  void lostAttempts() throws Exception {
    unanswered = task -> (task == 0 || task == 7) && times(task) == 1;
    new Instance(task -> false).run();
    assertThat(outcomes()).hasSize(TASKS);
    assertThat(failed()).isEmpty();
    for (int i = 0; i < TASKS; i++) {
      assertThat(times(i)).as("attempts at %s", i).isEqualTo(i == 0 || i == 7 ? 2 : 1);
    }
  }

  @Test
  @DisplayName("a task that an instance could not begin runs again")
  void brokenAttempts() throws Exception {
    broken = task -> task == 7 && times(task) == 1;
    new Instance(task -> false).run();
    assertThat(outcomes()).hasSize(TASKS);
    assertThat(failed()).isEmpty();
  }

  @Test
  @DisplayName("tasks whose code can never be read fail and say why, and the others have results")
  void neverRead() throws Exception {
    unanswered = task -> task == 7 || task == 8;
    new Instance(task -> false).run();
    assertThat(outcomes()).hasSize(TASKS);
    assertThat(failed()).containsExactly(7, 8);
    JobPart.Outcome failed = outcomes().get(7);
    assertThat(failed.kind()).isEqualTo(Response.Kind.ABANDONED);
    assertThat(StandardCharsets.UTF_8.decode(failed.answer()).toString())
        .isEqualTo("instance: no answer on purpose (attempt 4 of 4)");
    assertThat(times(7)).isEqualTo(4);
    assertThat(times(8)).isOne();
  }

  @Test
  @DisplayName("a run that has no time to wait for its code leaves the rest to another one")
  void noTimeForCode() throws Exception {
    JobRun run = jobRun(System.nanoTime());
    assertThat(run.next(1)).isNotNull();
    assertThat(run.lost("on purpose")).isNull();
    assertThat(run.next(2)).isNull();
    ByteBuffer life = vault.open(names.life(GROUP), store.get(names.life(GROUP)));
    assertThat(Numbers.decode(life)).startsWith(0);
  }

  private JobRun jobRun(long deadline) throws IOException {
    JobEvent event = new JobEvent(Map.of(), "job", KEY, GROUP, TASKS);
    return new JobRun(event, store, "instance", deadline);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 9, 16, 100})
  @DisplayName("of any number of versions of a mark of what is cancelled the latest is found")
  void findsLatestMark(int versions) throws Exception {
    JobRun run = jobRun(System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
    for (int i = 0; i < versions; i++) {
      put(names.cancelled(GROUP, i), Numbers.encode(List.of(i)));
    }
    assertThat(run.marks().cancelled()).isEqualTo(versions == 0 ? Set.of() : Set.of(versions - 1));
    assertThat(run.marks().flushed()).isFalse();
    assertThat(run.marks().gone()).isFalse();
  }

  @Test
  @DisplayName("that a job is deleted is seen where it was seen before that all is cancelled")
  void deletedAfterFlush() throws Exception {
    put(names.flushed(0), Numbers.encode(List.of(TASKS, 0)));
    store.all.remove(JobNames.record("job"));
    JobRun run = jobRun(System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
    assertThat(run.marks().flushed()).isTrue();
    assertThat(run.marks().gone()).isTrue();
  }

  @Test
  @DisplayName("what has an outcome does not run again")
  void goesOn() throws Exception {
    runAll(task -> false);
    int runs = begun.size();
    new Instance(task -> true).run();
    assertThat(begun).hasSize(runs);
    assertThat(deaths).isZero();
  }

  @Test
  @DisplayName("of a job that was deleted meanwhile nothing is left behind")
  void leavesNothing() throws Exception {
    new Instance(
            task -> {
              if (task == 0) {
                store.all.clear();
              }
              return false;
            })
        .run();
    assertThat(begun).isNotEmpty();
    assertThat(store.all).isEmpty();
    new Instance(task -> false).run();
    assertThat(store.all).isEmpty();
  }
}
