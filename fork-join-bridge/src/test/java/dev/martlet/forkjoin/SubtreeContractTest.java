package dev.martlet.forkjoin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.UncapturableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.Subtrees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What tasks may do in a subtree on a worker, point by point. */
@SuppressWarnings({"serial", "NullAway", "FutureReturnValueIgnored"})
@Timeout(60)
class SubtreeContractTest {
  private static CloudPool pool;

  @BeforeAll
  static void open() {
    pool = AwayPool.open(Map.of("parallelism", "4"));
  }

  @AfterAll
  static void close() {
    pool.close();
  }

  static @Nullable Object away(ForkJoinTask<?> task) {
    Errand errand = send(pool, task);
    assertThat(errand.await()).as(() -> "" + errand.reason()).isNotEqualTo(Errand.Fate.HOME);
    return Subtrees.finish(task, errand);
  }

  static Errand send(CloudPool to, ForkJoinTask<?> task) {
    Body body = Objects.requireNonNull(Subtrees.body(task), () -> "" + Subtrees.reason(task));
    return to.send(body);
  }

  static String home(ForkJoinTask<?> task) {
    Errand errand = send(pool, task);
    assertThat(errand.await()).isEqualTo(Errand.Fate.HOME);
    return String.valueOf(errand.reason());
  }

  static long pid() {
    return ProcessHandle.current().pid();
  }

  // ---- classes ----

  abstract static class Template<T> extends RecursiveTask<T> {
    abstract T step();

    @Override
    protected T compute() {
      return step();
    }
  }

  static class Step extends Template<String> {
    @Override
    String step() {
      return "step";
    }
  }

  static class Louder extends Step {
    @Override
    protected String compute() {
      return super.compute() + "!";
    }
  }

  static class Outer {
    final int value = 41;

    class Inner extends RecursiveTask<Integer> {
      @Override
      protected Integer compute() {
        return value + 1;
      }
    }

    RecursiveTask<Integer> local(int captured) {
      class Local extends RecursiveTask<Integer> {
        @Override
        protected Integer compute() {
          return captured + new Inner().invoke();
        }
      }
      return new Local();
    }

    RecursiveTask<List<Integer>> anonymous(int captured) {
      return new RecursiveTask<>() {
        @Override
        protected List<Integer> compute() {
          return List.of(captured, value);
        }
      };
    }
  }

  @Test
  void a_class_may_inherit_compute_or_call_its_superclass() {
    assertThat(away(new Step())).isEqualTo("step");
    assertThat(away(new Louder())).isEqualTo("step!");
  }

  @Test
  void tasks_may_be_of_inner_anonymous_and_local_classes() {
    Outer outer = new Outer();
    assertThat(away(outer.new Inner())).isEqualTo(42);
    assertThat(away(outer.local(5))).isEqualTo(47);
    assertThat(away(outer.anonymous(5))).isEqualTo(List.of(5, 41));
  }

  // ---- children in fields ----

  static class Node extends RecursiveTask<Integer> {
    final @Nullable Node left;
    final @Nullable Node right;
    @Nullable Node late;
    final int n;
    long pid;

    Node(int n, @Nullable Node left, @Nullable Node right) {
      this.n = n;
      this.left = left;
      this.right = right;
    }

    @Override
    protected Integer compute() {
      pid = pid();
      if (left == null || right == null) {
        return n;
      }
      late = new Node(100, null, null);
      late.fork();
      left.fork();
      return n + right.invoke() + left.join() + late.join();
    }
  }

  @Test
  void a_tree_may_be_built_in_advance_and_its_tasks_have_their_outcomes_afterwards() {
    Node left = new Node(1, null, null);
    Node right = new Node(2, new Node(3, null, null), new Node(4, null, null));
    Node root = new Node(5, left, right);
    assertThat(away(root)).isEqualTo(215);
    assertThat(root.isDone()).isFalse();
    assertThat(left.isCompletedNormally()).isTrue();
    assertThat(left.join()).isEqualTo(1);
    assertThat(right.join()).isEqualTo(109);
    assertThat(right.left.getRawResult()).isEqualTo(3);
    assertThat(root.late.join()).isEqualTo(100);
    assertThat(root.late.pid).isNotEqualTo(pid()).isEqualTo(root.pid);
  }

  static class Failing extends RecursiveAction {
    final String message;

    Failing(String message) {
      this.message = message;
    }

    @Override
    protected void compute() {
      throw new IllegalStateException(message);
    }
  }

  static class Tolerant extends RecursiveAction {
    final Failing early = new Failing("early");
    final Failing early2 = new Failing("cancelled");
    @Nullable Failing late;

    @Override
    protected void compute() {
      late = new Failing("late");
      late.fork();
      early.fork();
      early.quietlyJoin();
      late.quietlyJoin();
      early2.cancel(false);
    }
  }

  @Test
  void children_that_failed_or_were_cancelled_are_so_at_home() {
    Tolerant t = new Tolerant();
    // It cancels a task that it has not forked, which somebody else might run.
    assertThat(home(t)).contains("cancel");
    assertThat(t.early.isDone()).isFalse();
    Forgiving f = new Forgiving();
    away(f);
    assertThat(f.early.isCompletedAbnormally()).isTrue();
    assertThat(f.early.getException()).hasRootCauseMessage("early");
    assertThatThrownBy(f.late::join).isInstanceOf(IllegalStateException.class);
    assertThat(f.stopped.isDone()).isTrue();
    assertThat(f.stopped.isCancelled()).isEqualTo(f.cancelled);
  }

  static class Forgiving extends RecursiveAction {
    final Failing early = new Failing("early");
    final Step stopped = new Step();
    @Nullable Failing late;
    boolean cancelled;

    @Override
    protected void compute() {
      late = new Failing("late");
      late.fork();
      early.fork();
      early.quietlyJoin();
      late.quietlyJoin();
      stopped.fork();
      if (stopped.tryUnfork()) { // unless the other thread was faster
        cancelled = stopped.cancel(false);
      } else {
        stopped.join();
      }
    }
  }

  // ---- the task itself ----

  static class Tagged extends RecursiveAction {
    short seen;

    @Override
    protected void compute() {
      seen = getForkJoinTaskTag();
      if (!compareAndSetForkJoinTaskTag((short) 7, (short) 8)) {
        throw new AssertionError();
      }
    }
  }

  @Test
  void a_tag_travels_and_comes_back() {
    Tagged t = new Tagged();
    t.setForkJoinTaskTag((short) 7);
    away(t);
    assertThat(t.seen).isEqualTo((short) 7);
    assertThat(t.getForkJoinTaskTag()).isEqualTo((short) 8);
  }

  static class Early extends RecursiveTask<String> {
    @Override
    protected String compute() {
      complete("early");
      return isDone() + getRawResult();
    }
  }

  @Test
  void a_task_may_complete_itself() {
    Early e = new Early();
    assertThat(away(e)).isEqualTo("trueearly");
    assertThat(e.isCompletedNormally()).isTrue();
    assertThat(e.join()).isEqualTo("early");
  }

  static class Asking extends RecursiveTask<List<Object>> {
    @Override
    protected List<Object> compute() {
      Step s = new Step();
      s.fork();
      int queued = getQueuedTaskCount();
      int surplus = getSurplusQueuedTaskCount();
      helpQuiesce();
      return List.of(
          inForkJoinPool(),
          getPool().getParallelism(),
          queued <= 1,
          surplus <= 1,
          s.isDone(),
          isCompletedAbnormally(),
          getPool().submit(() -> 5).join());
    }
  }

  @Test
  void a_task_may_ask_its_pool() {
    assertThat(away(new Asking())).isEqualTo(List.of(true, 4, true, true, true, false, 5));
  }

  static class Streaming extends RecursiveTask<Long> {
    @Override
    protected Long compute() {
      CompletableFuture<Long> f = CompletableFuture.supplyAsync(() -> 1L);
      return LongStream.range(0, 1000).parallel().sum() + f.join();
    }
  }

  @Test
  void streams_and_futures_work_in_a_subtree() {
    assertThat(away(new Streaming())).isEqualTo(499_501L);
  }

  // ---- others' tasks ----

  static class Sibling extends RecursiveTask<Integer> {
    @Nullable Sibling other;

    @Override
    protected Integer compute() {
      return other == null ? 1 : 1 + other.join();
    }
  }

  static class StaticSibling extends RecursiveTask<Integer> {
    @Nullable ForkJoinTask<Integer> other;

    @Override
    protected Integer compute() {
      return other == null ? 1 : 1 + other.join();
    }
  }

  static class FutureSibling extends RecursiveTask<Integer> {
    final List<ForkJoinTask<Integer>> others;

    FutureSibling(List<ForkJoinTask<Integer>> others) {
      this.others = others;
    }

    @Override
    protected Integer compute() {
      return others.stream().mapToInt(ForkJoinTask::join).sum();
    }
  }

  static class NamedSibling extends RecursiveTask<Integer> {
    final List<Sibling> others;

    NamedSibling(List<Sibling> others) {
      this.others = others;
    }

    @Override
    protected Integer compute() {
      return others.stream().mapToInt(Sibling::join).sum();
    }
  }

  @Test
  void what_waits_for_a_task_that_it_has_not_forked_goes_home() {
    Sibling s = new Sibling();
    s.other = new Sibling();
    assertThat(home(s)).contains("join");
    StaticSibling t = new StaticSibling();
    t.other = new Sibling();
    assertThat(home(t)).contains("join");
    assertThat(home(new FutureSibling(List.of(new Step2())))).contains("join");
    assertThat(home(new NamedSibling(List.of(new Sibling())))).contains("join");
  }

  static class Step2 extends RecursiveTask<Integer> {
    @Override
    protected Integer compute() {
      return 2;
    }
  }

  static class AskingDone extends RecursiveTask<Integer> {
    final Step2 done;

    AskingDone(Step2 done) {
      this.done = done;
    }

    @Override
    protected Integer compute() {
      return done.isDone() ? done.join() : -1;
    }
  }

  @Test
  void a_task_that_has_ended_may_be_joined_anywhere() {
    Step2 done = new Step2();
    done.invoke();
    assertThat(away(new AskingDone(done))).isEqualTo(2);
  }

  // ---- waiting ----

  static class Meeting extends RecursiveTask<Integer> {
    final int n;

    Meeting(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      CountDownLatch all = new CountDownLatch(n);
      List<ForkJoinTask<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        tasks.add(
            ForkJoinTask.adapt(
                    () -> {
                      all.countDown();
                      all.await();
                      return 1;
                    })
                .fork());
      }
      return tasks.stream().mapToInt(ForkJoinTask::join).sum();
    }
  }

  @Test
  void children_that_wait_for_more_than_the_worker_runs_do_so_at_home() {
    assertThat(home(new Meeting(12))).contains("threads");
  }

  // ---- effects ----

  static class Counting extends RecursiveAction {
    final int lo;
    final int hi;
    final Map<Integer, Integer> shared;
    final LongAdder sum;

    Counting(int lo, int hi, Map<Integer, Integer> shared, LongAdder sum) {
      this.lo = lo;
      this.hi = hi;
      this.shared = shared;
      this.sum = sum;
    }

    @Override
    protected void compute() {
      if (hi - lo > 10) {
        int mid = (lo + hi) >>> 1;
        Counting left = new Counting(lo, mid, shared, sum);
        left.fork();
        new Counting(mid, hi, shared, sum).compute();
        left.join();
      } else {
        for (int i = lo; i < hi; i++) {
          shared.merge(i % 7, 1, Integer::sum);
          sum.add(i);
        }
      }
    }
  }

  @Test
  void operations_on_shared_objects_come_home() {
    Map<Integer, Integer> map = new ConcurrentHashMap<>();
    LongAdder sum = new LongAdder();
    away(new Counting(0, 100, map, sum));
    assertThat(sum.sum()).isEqualTo(4950);
    Map<Integer, Integer> expected = new HashMap<>();
    IntStream.range(0, 100).forEach(i -> expected.merge(i % 7, 1, Integer::sum));
    assertThat(map).isEqualTo(expected);
  }

  static class Drawing extends RecursiveTask<Integer> {
    final AtomicInteger ids;

    Drawing(AtomicInteger ids) {
      this.ids = ids;
    }

    @Override
    protected Integer compute() {
      return ids.getAndIncrement();
    }
  }

  @Test
  void what_has_to_be_at_home_stays_or_is_refused() {
    AtomicInteger ids = new AtomicInteger();
    assertThat(home(new Drawing(ids))).contains("getAndIncrement");
    try (CloudPool strict = AwayPool.open(Map.of("parallelism", "2", "strict", "true"))) {
      assertThatThrownBy(() -> send(strict, new Drawing(ids)))
          .isInstanceOf(UncapturableException.class);
    }
    assertThat(ids.get()).isZero();
  }

  // ---- interruption, loss ----

  static class Sleeping extends RecursiveTask<String> {
    final CountDownLatch asleep;

    Sleeping(CountDownLatch asleep) {
      this.asleep = asleep;
    }

    @Override
    protected String compute() {
      asleep.countDown();
      try {
        Thread.sleep(600_000);
        return "slept";
      } catch (InterruptedException e) {
        return "interrupted";
      }
    }
  }

  @Test
  void cancelling_interrupts_the_computation() throws InterruptedException {
    CountDownLatch asleep = new CountDownLatch(1);
    Sleeping s = new Sleeping(asleep);
    Errand errand = send(pool, s);
    asleep.await();
    errand.cancel();
    errand.await();
    assertThat(errand.value()).isEqualTo("interrupted");
  }

  static class Polling extends RecursiveTask<String> {
    final CountDownLatch begun;

    Polling(CountDownLatch begun) {
      this.begun = begun;
    }

    @Override
    protected String compute() {
      begun.countDown();
      while (!isCancelled()) {
        Thread.onSpinWait();
      }
      return "seen";
    }
  }

  @Test
  void a_computation_sees_that_its_task_was_cancelled() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Errand errand = send(pool, new Polling(begun));
    begun.await();
    errand.taskCancelled();
    errand.await();
    assertThat(errand.value()).isEqualTo("seen");
  }

  /** Counts its computations and those of two children, which take their time. */
  static class Slow extends RecursiveAction {
    final int[] counts;
    final int at;

    Slow(int[] counts, int at) {
      this.counts = counts;
      this.at = at;
    }

    @Override
    protected void compute() {
      counts[at]++;
      if (at == 0) {
        invokeAll(new Slow(counts, 1), new Slow(counts, 2));
        return;
      }
      try {
        Thread.sleep(700);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void effects_of_a_subtree_whose_worker_was_lost_are_applied_once() throws InterruptedException {
    try (CloudPool own = AwayPool.open(Map.of("parallelism", "2", "retries", 3))) {
      int[] counts = new int[3];
      Slow slow = new Slow(counts, 0);
      Thread killer =
          new Thread(
              () -> {
                for (int i = 0; i < 2; i++) {
                  try {
                    Thread.sleep(600);
                  } catch (InterruptedException e) {
                    return;
                  }
                  ProcessHandle.current()
                      .children()
                      .filter(p -> !BEFORE.contains(p.pid()))
                      .forEach(ProcessHandle::destroyForcibly);
                }
              });
      killer.start();
      Errand errand = send(own, slow);
      errand.await();
      killer.join();
      Subtrees.finish(slow, errand);
      assertThat(counts).containsExactly(1, 1, 1);
    }
  }

  private static final List<Long> BEFORE = new ArrayList<>();

  // ---- completers ----

  static class Recording extends CountedCompleter<String> {
    final List<String> events;
    final String name;
    final String how;

    Recording(@Nullable CountedCompleter<?> above, List<String> events, String name, String how) {
      super(above);
      this.events = events;
      this.name = name;
      this.how = how;
    }

    @Override
    public void compute() {
      switch (how) {
        case "throws" -> throw new IllegalStateException(name);
        case "try" -> tryComplete();
        case "propagate" -> propagateCompletion();
        case "complete" -> complete(name);
        case "root" -> {
          quietlyCompleteRoot();
          tryComplete();
        }
        case "quiet" -> quietlyComplete();
        case "child fails" -> {
          setPendingCount(1);
          new Recording(this, events, name + "'s child", "throws").fork();
          tryComplete();
        }
        case "child completes" -> {
          setPendingCount(1);
          new Recording(this, events, name + "'s child", "complete").fork();
          tryComplete();
        }
        case "exceptionally" -> completeExceptionally(new IllegalStateException(name));
        default -> {} // others complete it
      }
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      events.add(name + " completed by " + name(caller));
    }

    private static String name(CountedCompleter<?> c) {
      return c instanceof Recording r ? r.name : "?";
    }

    @Override
    public boolean onExceptionalCompletion(Throwable thrown, CountedCompleter<?> caller) {
      events.add(name + " failed by " + name(caller) + " with " + thrown.getMessage());
      return true;
    }
  }

  static class Invoking extends RecursiveTask<List<String>> {
    final String how;
    final boolean forks;

    Invoking(String how, boolean forks) {
      this.how = how;
      this.forks = forks;
    }

    @Override
    protected List<String> compute() {
      List<String> events = new ArrayList<>();
      Recording top = new Recording(null, events, "top", "none");
      Recording middle = new Recording(top, events, "middle", "none");
      Recording low = new Recording(middle, events, "low", how);
      if (forks) {
        low.fork().quietlyJoin();
      } else {
        try {
          low.compute();
        } catch (IllegalStateException e) {
          events.add("thrown " + e.getMessage());
        }
      }
      for (Recording r : List.of(low, middle, top)) {
        String end = !r.isDone() ? "open" : r.isCompletedAbnormally() ? "failed" : "done";
        events.add(r.name + " is " + end + ", pending " + r.getPendingCount());
      }
      return events;
    }
  }

  @Test
  void a_completer_completes_the_tree_above_it_as_at_home() {
    ForkJoinPool jdk = new ForkJoinPool(1);
    try (AwayPool own = new AwayPool(1)) {
      for (String how :
          List.of(
              "throws",
              "try",
              "propagate",
              "complete",
              "root",
              "quiet",
              "child fails",
              "child completes",
              "exceptionally")) {
        for (boolean forks : new boolean[] {true, false}) {
          if (forks && (how.equals("try") || how.equals("propagate") || how.equals("root"))) {
            continue; // such a task is never done itself
          }
          if (forks && how.equals("child completes")) {
            continue;
          }
          List<String> expected = jdk.invoke(new Invoking(how, forks));
          List<String> found = own.invoke(new Invoking(how, forks), t -> t instanceof Recording);
          assertThat(own.reasons).as("%s, %s", how, forks).isEmpty();
          if (how.equals("child fails") || how.equals("child completes")) {
            // Who looks before the child has ended sees less in the JDK.
            assertThat(found)
                .as(how)
                .containsAll(expected.stream().filter(e -> e.contains("by")).toList());
            continue;
          }
          assertThat(found).as("%s, %s", how, forks).isEqualTo(expected);
          assertThat(own.away.get()).isPositive();
        }
      }
    } finally {
      jdk.shutdownNow();
    }
  }

  @Test
  void a_completer_that_others_complete_stays_at_home() {
    Abandoned r = new Abandoned();
    assertThat(home(r)).contains("completed by others");
  }

  static class Abandoned extends CountedCompleter<Void> {
    @Override
    public void compute() {}
  }

  static class Root extends CountedCompleter<String> {
    @Nullable String result;

    @Override
    public void compute() {
      complete("done");
    }

    @Override
    protected void setRawResult(String s) {
      result = s;
    }

    @Override
    public String getRawResult() {
      return result;
    }
  }

  @Test
  void a_whole_tree_of_completers_is_done_at_home() {
    Root r = new Root();
    away(r);
    assertThat(r.isCompletedNormally()).isTrue();
    assertThat(r.join()).isEqualTo("done");
  }
}
