package dev.martlet.forkjoin;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.CloudStreams;
import dev.martlet.Frontier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Interruption and cancellation do what they do on the JDK's pool, wherever subtrees leave. */
@SuppressWarnings({"serial", "FutureReturnValueIgnored"})
class InterruptionTest {
  private static final int PARALLELISM = 3;

  /** Whether the JDK's pool interrupts functions that are cancelled. */
  private static final boolean INTERRUPTS = Runtime.version().feature() >= 22;

  private static final Map<Frontier, CloudForkJoinPool> pools = new ConcurrentHashMap<>();

  /** What happens on the JDK's pool, by the scenario. */
  private static final Map<Class<?>, String> onJdk = new ConcurrentHashMap<>();

  @TempDir Path directories;

  static Stream<Frontier> frontiers() {
    return Stream.of(
        Frontier.allLocal(),
        Frontier.automatic(),
        Frontier.minimumWork(Duration.ZERO),
        Frontier.depth(1),
        Frontier.allRemote());
  }

  @AfterAll
  static void close() {
    pools.values().forEach(ForkJoinPool::shutdownNow);
    pools.clear();
  }

  private static CloudForkJoinPool open(Frontier frontier) {
    return CloudExecutors.builder().parallelism(PARALLELISM).frontier(frontier).buildForkJoinPool();
  }

  // What the tasks do. They tell and are told by files, which home and workers see.

  /**
   * Tells that it has begun, and waits for {@code go} or, if it heeds it, an interruption; else it
   * tells that there was one.
   */
  static String pause(String directory, String name, boolean heeds) {
    touch(directory, "begun-" + name);
    String how = "waited";
    while (!Files.exists(Path.of(directory, "go"))) {
      if (!heeds) {
        LockSupport.parkNanos(1_000_000);
        if (Thread.currentThread().isInterrupted()) {
          touch(directory, "noticed-" + name);
        }
        continue;
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        how = "interrupted";
        break;
      }
    }
    touch(directory, how + "-" + name);
    return how;
  }

  private static void touch(String directory, String name) {
    try {
      Files.createFile(Path.of(directory, name));
    } catch (FileAlreadyExistsException e) {
      // Told before, as by a call that ran again.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static class Pause extends RecursiveTask<String> {
    final String directory;
    final String name;

    Pause(Path directory, String name) {
      this.directory = directory.toString();
      this.name = name;
    }

    @Override
    protected String compute() {
      return pause(directory, name, /* heeds= */ true);
    }
  }

  /** Forks tasks that wait, and joins them. */
  static class Tree extends RecursiveTask<String> {
    final String directory;
    final int leaves;

    Tree(Path directory, int leaves) {
      this.directory = directory.toString();
      this.leaves = leaves;
    }

    @Override
    protected String compute() {
      List<Pause> pauses = new ArrayList<>();
      for (int i = 0; i < leaves; i++) {
        Pause p = new Pause(Path.of(directory), "leaf" + i);
        p.fork();
        pauses.add(p);
      }
      StringBuilder all = new StringBuilder();
      for (int i = leaves - 1; i >= 0; i--) {
        all.append(pauses.get(i).join()).append(' ');
      }
      return all.toString();
    }
  }

  static class Completer extends CountedCompleter<String> {
    final String directory;
    String how = "";

    Completer(Path directory) {
      this.directory = directory.toString();
    }

    @Override
    public void compute() {
      how = pause(directory, "completer", /* heeds= */ true);
      tryComplete();
    }

    @Override
    public String getRawResult() {
      return how;
    }
  }

  // How the tests are made

  /** A thread that waits for something and is interrupted. */
  private static final class Caller {
    private final FutureTask<String> outcome;
    private final Thread thread;

    Caller(Callable<?> waits) {
      outcome =
          new FutureTask<>(
              () -> {
                String said;
                try {
                  said = String.valueOf(waits.call());
                } catch (InterruptedException | ExecutionException | RuntimeException e) {
                  said = e.getClass().getSimpleName();
                }
                return said + (Thread.interrupted() ? ", interrupted" : "");
              });
      thread = new Thread(outcome);
      thread.start();
    }

    void interrupt() {
      thread.interrupt();
    }

    String outcome() throws Exception {
      return outcome.get(60, SECONDS);
    }

    boolean isWaiting() {
      return !outcome.isDone();
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(3));
  }

  private static void begun(Path directory, String... names) {
    for (String name : names) {
      await().until(() -> Files.exists(directory.resolve("begun-" + name)));
    }
  }

  private static void go(Path directory) {
    touch(directory.toString(), "go");
  }

  /** Gives an interruption, which is not to come, the time to come. */
  private static void settle() throws InterruptedException {
    Thread.sleep(20);
  }

  /** Waits until a task has told how its wait ended. */
  private static String ended(Path directory, String name) {
    String[] ways = {"waited", "interrupted"};
    Callable<Boolean> told =
        () -> Stream.of(ways).anyMatch(w -> Files.exists(directory.resolve(w + "-" + name)));
    await().until(told);
    return Stream.of(ways)
        .filter(w -> Files.exists(directory.resolve(w + "-" + name)))
        .findFirst()
        .orElseThrow();
  }

  private static long begunLeaves(Path directory) throws IOException {
    return leaves(directory, "begun-");
  }

  private static long leaves(Path directory, String told) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.getFileName().toString().startsWith(told)).count();
    }
  }

  private static void interruptThreads(ForkJoinPool pool) {
    for (Thread t : Thread.getAllStackTraces().keySet()) {
      if (t instanceof ForkJoinWorkerThread w && w.getPool() == pool) {
        t.interrupt();
      }
    }
  }

  /** What happens on a pool, with a directory for what its tasks tell. */
  @FunctionalInterface
  private interface Scenario {
    String run(ForkJoinPool pool, Path directory) throws Exception;
  }

  /** Runs a scenario on the JDK's pool and on the frontier's; returns what happens on both. */
  private String agreed(Frontier frontier, Scenario scenario) throws Exception {
    String expected = onJdk.get(scenario.getClass());
    if (expected == null) {
      ForkJoinPool jdk = new ForkJoinPool(PARALLELISM);
      try {
        expected = outcome(jdk, scenario);
      } finally {
        jdk.shutdownNow();
      }
      onJdk.put(scenario.getClass(), expected);
    }
    CloudForkJoinPool pool =
        pools.compute(frontier, (f, p) -> p == null || p.isShutdown() ? open(f) : p);
    long before = pool.statistics().submitted();
    String outcome;
    try {
      outcome = outcome(pool, scenario);
    } catch (Throwable t) {
      pool.shutdownNow();
      throw t;
    }
    assertThat(outcome).isEqualTo(expected);
    if (frontier.kind() == Frontier.Kind.AWAY) {
      assertThat(pool.statistics().submitted()).as("calls").isGreaterThan(before);
    }
    return outcome;
  }

  /** Runs a scenario, and waits until all that it has started has ended. */
  private String outcome(ForkJoinPool pool, Scenario scenario) throws Exception {
    Path directory = Files.createTempDirectory(directories, "tells");
    String outcome;
    try {
      outcome = scenario.run(pool, directory);
    } finally {
      go(directory);
    }
    boolean quiet =
        pool.isShutdown() ? pool.awaitTermination(60, SECONDS) : pool.awaitQuiescence(60, SECONDS);
    assertThat(quiet).as("all has ended").isTrue();
    return outcome;
  }

  /** Interrupts a thread that waits for a task, single or a tree, and says what both did. */
  private static String waiting(
      Path directory, ForkJoinTask<String> task, boolean wakes, Callable<?> waits)
      throws Exception {
    Caller caller = new Caller(waits);
    begun(directory, task instanceof Tree ? "leaf0" : "single");
    caller.interrupt();
    boolean patient = !wakes;
    if (wakes) {
      await().until(() -> !caller.isWaiting());
    } else {
      settle();
      patient = caller.isWaiting();
    }
    go(directory);
    String outcome = caller.outcome();
    return (patient ? "waits on: " : "wakes: ") + outcome + "; " + task.join();
  }

  // A thread that waits for a task is interrupted

  @ParameterizedTest
  @DisplayName("join waits on if its thread is interrupted, which stays so; the task hears nothing")
  @MethodSource("frontiers")
  void join(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Pause task = new Pause(dir, "single");
                  pool.execute(task);
                  return waiting(dir, task, false, task::join);
                }))
        .isEqualTo("waits on: waited, interrupted; waited");
  }

  @ParameterizedTest
  @DisplayName("quietlyJoin waits on if its thread is interrupted")
  @MethodSource("frontiers")
  void quietlyJoin(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Tree task = new Tree(dir, 2);
                  pool.execute(task);
                  return waiting(
                      dir,
                      task,
                      false,
                      () -> {
                        task.quietlyJoin();
                        return task.isCompletedNormally();
                      });
                }))
        .isEqualTo("waits on: true, interrupted; waited waited ");
  }

  @ParameterizedTest
  @DisplayName("get throws if its thread is interrupted, and the task goes on")
  @MethodSource("frontiers")
  void get(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Tree task = new Tree(dir, 2);
                  pool.execute(task);
                  return waiting(dir, task, true, task::get);
                }))
        .isEqualTo("wakes: InterruptedException; waited waited ");
  }

  @ParameterizedTest
  @DisplayName("a timed get throws if its thread is interrupted, and the task goes on")
  @MethodSource("frontiers")
  void timedGet(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Pause task = new Pause(dir, "single");
                  pool.execute(task);
                  return waiting(dir, task, true, () -> task.get(30, SECONDS));
                }))
        .isEqualTo("wakes: InterruptedException; waited");
  }

  @ParameterizedTest
  @DisplayName("the pool's invoke waits on if its thread is interrupted")
  @MethodSource("frontiers")
  void invoke(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Tree task = new Tree(dir, 3);
                  return waiting(dir, task, false, () -> pool.invoke(task));
                }))
        .isEqualTo("waits on: waited waited waited , interrupted; waited waited waited ");
  }

  @ParameterizedTest
  @DisplayName("invokeAll of functions heeds its thread's interruption where the JDK's does")
  @MethodSource("frontiers")
  void invokeAll(Frontier frontier) throws Exception {
    agreed(
        frontier,
        (pool, dir) -> {
          String d = dir.toString();
          List<Callable<String>> functions =
              List.of(() -> pause(d, "a", true), () -> pause(d, "b", true));
          Caller caller =
              new Caller(
                  () -> {
                    List<String> values = new ArrayList<>();
                    for (Future<String> f : pool.invokeAll(functions)) {
                      values.add(f.get());
                    }
                    return values;
                  });
          begun(dir, "a", "b");
          caller.interrupt();
          if (INTERRUPTS) {
            String unused = ended(dir, "a") + ended(dir, "b");
          } else {
            settle();
          }
          go(dir);
          return caller.outcome() + ended(dir, "a") + ended(dir, "b");
        });
  }

  @ParameterizedTest
  @DisplayName("awaitTermination throws if its thread is interrupted, and what runs goes on")
  @MethodSource("frontiers")
  void awaitTermination(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Pause task = new Pause(dir, "single");
                  pool.execute(task);
                  begun(dir, "single");
                  pool.shutdown();
                  String said =
                      waiting(dir, task, true, () -> pool.awaitTermination(1, TimeUnit.DAYS));
                  return said + " " + pool.awaitTermination(60, SECONDS);
                }))
        .isEqualTo("wakes: InterruptedException; waited true");
  }

  @ParameterizedTest
  @DisplayName("close stops what runs if its thread is interrupted")
  @MethodSource("frontiers")
  void close(Frontier frontier) throws Exception {
    CloudForkJoinPool pool = open(frontier);
    Path dir = Files.createTempDirectory(directories, "martlet");
    Pause task = new Pause(dir, "single");
    pool.execute(task);
    begun(dir, "single");
    Caller caller =
        new Caller(
            () -> {
              pool.close();
              return pool.isTerminated();
            });
    await().until(pool::isShutdown);
    caller.interrupt();
    assertThat(caller.outcome()).isEqualTo("true, interrupted");
    assertThat(ended(dir, "single")).isEqualTo("interrupted");
  }

  // A task is cancelled

  private static String cancelled(
      Path directory, Future<String> future, String name, boolean mayInterrupt) throws Exception {
    return cancelled(directory, future, name, mayInterrupt, /* interrupts= */ false);
  }

  private static String cancelled(
      Path directory, Future<String> future, String name, boolean mayInterrupt, boolean interrupts)
      throws Exception {
    begun(directory, name);
    Caller caller = new Caller(future::get);
    boolean cancelled = future.cancel(mayInterrupt);
    String outcome = caller.outcome();
    if (interrupts) {
      String unused = ended(directory, name);
    } else {
      settle();
    }
    go(directory);
    return cancelled + " " + outcome + " " + future.isCancelled() + " " + ended(directory, name);
  }

  @ParameterizedTest
  @DisplayName("to cancel a task wakes who waits for it, and leaves its computation alone")
  @MethodSource("frontiers")
  void cancelTask(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) ->
                    cancelled(dir, pool.submit(new Pause(dir, "single")), "single", true)))
        .isEqualTo("true CancellationException true waited");
  }

  @ParameterizedTest
  @DisplayName("so does to cancel a completer")
  @MethodSource("frontiers")
  void cancelCompleter(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> cancelled(dir, pool.submit(new Completer(dir)), "completer", true)))
        .isEqualTo("true CancellationException true waited");
  }

  @ParameterizedTest
  @DisplayName("to cancel the root of a tree leaves its subtrees alone")
  @MethodSource("frontiers")
  void cancelTree(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String root = cancelled(dir, pool.submit(new Tree(dir, 2)), "leaf0", true);
                  return root + " " + ended(dir, "leaf1");
                }))
        .isEqualTo("true CancellationException true waited waited");
  }

  @ParameterizedTest
  @DisplayName("to cancel a function with interruption interrupts it where the JDK's pool does")
  @MethodSource("frontiers")
  void cancelFunction(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  Future<String> future = pool.submit(() -> pause(d, "single", true));
                  return cancelled(dir, future, "single", true, INTERRUPTS);
                }))
        .isEqualTo("true CancellationException true " + (INTERRUPTS ? "interrupted" : "waited"));
  }

  @ParameterizedTest
  @DisplayName("to cancel a function without interruption lets it run to its end")
  @MethodSource("frontiers")
  void cancelFunctionGently(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  return cancelled(
                      dir, pool.submit(() -> pause(d, "single", true)), "single", false);
                }))
        .isEqualTo("true CancellationException true waited");
  }

  @ParameterizedTest
  @DisplayName("what a cancelled task changes after its cancellation is seen")
  @MethodSource("frontiers")
  void changesOfCancelled(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  int[] changed = new int[1];
                  ForkJoinTask<?> task =
                      new RecursiveAction() {
                        @Override
                        protected void compute() {
                          pause(d, "single", true);
                          changed[0]++;
                        }
                      };
                  pool.execute(task);
                  begun(dir, "single");
                  task.cancel(true);
                  settle();
                  go(dir);
                  return pool.awaitQuiescence(30, SECONDS) + " " + changed[0];
                }))
        .isEqualTo("true 1");
  }

  // A thread of the pool is interrupted

  @ParameterizedTest
  @DisplayName("an interruption that a computation has heeded is not seen by the one around it")
  @MethodSource("frontiers")
  void heeded(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  ForkJoinTask<String> task =
                      new RecursiveTask<>() {
                        @Override
                        protected String compute() {
                          String how = new Pause(dir, "inner").invoke();
                          return how + " " + Thread.currentThread().isInterrupted();
                        }
                      };
                  pool.execute(task);
                  begun(dir, "inner");
                  interruptThreads(pool);
                  return task.join();
                }))
        .isEqualTo("interrupted false");
  }

  @ParameterizedTest
  @DisplayName("an interruption that a computation has not heeded is seen by the one around it")
  @MethodSource("frontiers")
  void unheeded(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  ForkJoinTask<String> task =
                      new RecursiveTask<>() {
                        @Override
                        protected String compute() {
                          RecursiveTask<String> inner =
                              new RecursiveTask<>() {
                                @Override
                                protected String compute() {
                                  String how = pause(d, "inner", /* heeds= */ false);
                                  return how + " " + Thread.currentThread().isInterrupted();
                                }
                              };
                          return inner.invoke() + " " + Thread.interrupted();
                        }
                      };
                  pool.execute(task);
                  begun(dir, "inner");
                  interruptThreads(pool);
                  await().until(() -> Files.exists(dir.resolve("noticed-inner")));
                  go(dir);
                  return task.join();
                }))
        .isEqualTo("waited true true");
  }

  static class Interrupting extends RecursiveTask<Boolean> {
    @Override
    protected Boolean compute() {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  static class Looking extends RecursiveTask<Boolean> {
    @Override
    protected Boolean compute() {
      return Thread.currentThread().isInterrupted();
    }
  }

  @ParameterizedTest
  @DisplayName("a computation that interrupts its thread leaves it interrupted")
  @MethodSource("frontiers")
  void interruptsItself(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) ->
                    pool.submit(
                            new RecursiveTask<String>() {
                              @Override
                              protected String compute() {
                                return new Interrupting().invoke() + " " + Thread.interrupted();
                              }
                            })
                        .get()))
        .isEqualTo("true true");
  }

  @ParameterizedTest
  @DisplayName("a computation that begins on an interrupted thread finds it interrupted")
  @MethodSource("frontiers")
  void beginsInterrupted(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) ->
                    pool.submit(
                            new RecursiveTask<String>() {
                              @Override
                              protected String compute() {
                                Thread.currentThread().interrupt();
                                return new Looking().invoke() + " " + Thread.interrupted();
                              }
                            })
                        .get()))
        .isEqualTo("true true");
  }

  @ParameterizedTest
  @DisplayName("a task that joins another one on an interrupted thread waits on, and stays so")
  @MethodSource("frontiers")
  void joinsInterrupted(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  ForkJoinTask<String> task =
                      new RecursiveTask<>() {
                        @Override
                        protected String compute() {
                          ForkJoinTask<String> inner =
                              new RecursiveTask<>() {
                                @Override
                                protected String compute() {
                                  return pause(d, "inner", /* heeds= */ false);
                                }
                              };
                          inner.fork();
                          Thread.currentThread().interrupt();
                          return inner.join() + " " + Thread.interrupted();
                        }
                      };
                  pool.execute(task);
                  begun(dir, "inner");
                  settle();
                  go(dir);
                  return task.join();
                }))
        .isEqualTo("waited true");
  }

  // The pool is stopped

  @ParameterizedTest
  @DisplayName("shutdownNow interrupts what runs of a tree, and cancels what has not begun")
  @MethodSource("frontiers")
  void shutdownNow(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  Tree tree = new Tree(dir, 60);
                  pool.execute(tree);
                  await().until(() -> begunLeaves(dir) > 1);
                  List<Runnable> neverBegun = pool.shutdownNow();
                  await().until(() -> leaves(dir, "interrupted-") > 0);
                  settle();
                  go(dir); // for a leaf that begins while the pool stops
                  boolean ended = pool.awaitTermination(60, SECONDS);
                  String outcome = new Caller(tree::join).outcome();
                  return neverBegun + " " + ended + " " + outcome + " " + (begunLeaves(dir) < 60);
                }))
        .isEqualTo("[] true CancellationException true");
  }

  // Streams

  private static String elements(
      Path dir, Collection<Integer> elements, boolean wakes, Callable<?> stream) throws Exception {
    Caller caller = new Caller(stream);
    await().until(() -> begunLeaves(dir) > 0);
    caller.interrupt();
    boolean patient = !wakes;
    if (wakes) {
      await().until(() -> !caller.isWaiting());
    } else {
      settle();
      patient = caller.isWaiting();
    }
    go(dir);
    String outcome = caller.outcome();
    await().until(() -> begunLeaves(dir) == elements.size());
    return patient + " " + outcome;
  }

  @ParameterizedTest
  @DisplayName("a stream goes on when the thread that waits for it in get is interrupted")
  @MethodSource("frontiers")
  void streamOfGet(Frontier frontier) throws Exception {
    List<Integer> numbers = IntStream.range(0, 8).boxed().toList();
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  return elements(
                      dir,
                      numbers,
                      true,
                      () ->
                          pool.submit(
                                  () ->
                                      numbers.parallelStream()
                                          .map(i -> pause(d, "" + i, true))
                                          .toList())
                              .get());
                }))
        .isEqualTo("false InterruptedException");
  }

  @ParameterizedTest
  @DisplayName("an element that interrupts its thread ends the sleep of what follows, and no more")
  @MethodSource("frontiers")
  void streamOfThreads(Frontier frontier) throws Exception {
    List<Integer> numbers = IntStream.range(0, 2 * PARALLELISM).boxed().toList();
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  return pool.submit(
                          () ->
                              numbers.parallelStream()
                                  .map(
                                      i -> {
                                        Thread.currentThread().interrupt();
                                        return pause(d, "" + i, true) + Thread.interrupted();
                                      })
                                  .distinct()
                                  .toList())
                      .get()
                      .toString();
                }))
        .isEqualTo("[interruptedfalse]");
  }

  @ParameterizedTest
  @DisplayName("a thread that runs a stream of its own waits on if it is interrupted, and stays so")
  @MethodSource("frontiers")
  void streamOfCaller(Frontier frontier) throws Exception {
    List<Integer> numbers = IntStream.range(0, 6).boxed().toList();
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  Stream<Integer> stream =
                      pool instanceof CloudForkJoinPool cloud
                          ? CloudStreams.parallel(numbers, cloud)
                          : numbers.parallelStream();
                  return elements(
                      dir, numbers, false, () -> stream.map(i -> pause(d, "" + i, false)).toList());
                }))
        .isEqualTo("true [waited, waited, waited, waited, waited, waited], interrupted");
  }

  @ParameterizedTest
  @DisplayName("shutdownNow ends a stream, whose leaves it interrupts")
  @MethodSource("frontiers")
  void shutdownNowOfStream(Frontier frontier) throws Exception {
    assertThat(
            agreed(
                frontier,
                (pool, dir) -> {
                  String d = dir.toString();
                  ForkJoinTask<?> task =
                      pool.submit(
                          () ->
                              IntStream.range(0, 64)
                                  .parallel()
                                  .forEach(
                                      i -> {
                                        if (pause(d, "" + i, true).equals("interrupted")) {
                                          throw new CancellationException();
                                        }
                                      }));
                  await().until(() -> begunLeaves(dir) > 0);
                  pool.shutdownNow();
                  await().until(() -> leaves(dir, "interrupted-") > 0);
                  settle();
                  go(dir); // for a leaf that begins while the pool stops
                  boolean ended = pool.awaitTermination(60, SECONDS);
                  return ended + " " + (begunLeaves(dir) < 64);
                }))
        .isEqualTo("true true");
  }
}
