package dev.martlet.forkjoin;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.PoolStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cloud fork/join pool does beyond the JDK's. */
@SuppressWarnings("serial")
class CloudForkJoinPoolTest {
  private static final long HOME = ProcessHandle.current().pid();

  private static CloudForkJoinPool pool(int parallelism, Frontier frontier) {
    return CloudExecutors.builder().parallelism(parallelism).frontier(frontier).buildForkJoinPool();
  }

  /** Tells in which processes its leaves were. */
  static class Leaves extends RecursiveTask<Set<Long>> {
    final int leaves;
    final boolean busy;

    Leaves(int leaves, boolean busy) {
      this.leaves = leaves;
      this.busy = busy;
    }

    @Override
    protected Set<Long> compute() {
      if (leaves == 1) {
        work(busy);
        return Set.of(ProcessHandle.current().pid());
      }
      Leaves left = new Leaves(leaves / 2, busy);
      left.fork();
      Set<Long> processes = new HashSet<>(new Leaves(leaves - leaves / 2, busy).compute());
      processes.addAll(left.join());
      return processes;
    }
  }

  static void work(boolean busy) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      if (!busy) {
        try {
          Thread.sleep(60);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @ParameterizedTest
  @DisplayName("heavy leaves run in other processes too, from the first run of a pool")
  @ValueSource(booleans = {false, true})
  void heavyLeaves(boolean busy) {
    try (CloudForkJoinPool pool = CloudExecutors.newCloudForkJoinPool(4)) {
      Set<Long> processes = pool.invoke(new Leaves(16, busy));
      assertThat(processes).contains(HOME).hasSizeGreaterThan(1);
      assertThat(pool.statistics().away()).isPositive();
    }
  }

  @Test
  @DisplayName("heavy functions that are submitted run in other processes too")
  void heavyFunctions() throws Exception {
    try (CloudForkJoinPool pool = CloudExecutors.newCloudForkJoinPool(4)) {
      List<Callable<Long>> functions = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        functions.add(
            () -> {
              work(false);
              return ProcessHandle.current().pid();
            });
      }
      Set<Long> processes = new HashSet<>();
      for (Future<Long> f : pool.invokeAll(functions)) {
        processes.add(f.get());
      }
      assertThat(processes).contains(HOME).hasSizeGreaterThan(1);
    }
  }

  @Test
  @DisplayName("at a fixed depth as many subtrees leave as the tree has there")
  void depth() {
    try (CloudForkJoinPool pool = pool(4, Frontier.depth(3))) {
      Set<Long> processes = pool.invoke(new Leaves(16, false));
      assertThat(processes).doesNotContain(HOME);
      PoolStatistics s = pool.statistics();
      assertThat(s.away()).isEqualTo(8);
      assertThat(s.home()).isZero();
      assertThat(s.recent()).hasSize(8).allMatch(c -> c.instance() != null);
    }
  }

  @Test
  @DisplayName("nothing leaves a pool that is all local, and everything one that is all remote")
  void extremes() {
    try (CloudForkJoinPool pool = pool(2, Frontier.allLocal())) {
      assertThat(pool.invoke(new Leaves(2, false))).containsExactly(HOME);
      assertThat(pool.statistics().submitted()).isZero();
      assertThat(pool.frontier()).isEqualTo(Frontier.allLocal());
    }
    try (CloudForkJoinPool pool = pool(2, Frontier.allRemote())) {
      assertThat(pool.invoke(new Leaves(2, false))).doesNotContain(HOME);
      assertThat(pool.statistics().away()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("what is known to take the least work leaves, and less does not")
  void work() {
    try (CloudForkJoinPool pool = pool(4, Frontier.minimumWork(Duration.ofMillis(20)))) {
      pool.invoke(new Leaves(16, false));
      assertThat(pool.invoke(new Leaves(16, false))).hasSizeGreaterThan(1);
    }
    try (CloudForkJoinPool pool = pool(4, Frontier.minimumWork(Duration.ofSeconds(30)))) {
      pool.invoke(new Leaves(16, false));
      assertThat(pool.invoke(new Leaves(16, false))).containsExactly(HOME);
    }
  }

  static class Sleeper extends RecursiveTask<String> {
    final String directory;

    Sleeper(Path directory) {
      this.directory = directory.toString();
    }

    @Override
    protected String compute() {
      try {
        Files.writeString(Path.of(directory, "begun"), "" + ProcessHandle.current().pid());
        Thread.sleep(60_000);
        return "slept";
      } catch (InterruptedException e) {
        try {
          Files.writeString(Path.of(directory, "interrupted"), "");
        } catch (java.io.IOException f) {
          throw new java.io.UncheckedIOException(f);
        }
        return "interrupted";
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static void await(Path file) {
    Awaitility.await().atMost(30, SECONDS).until(() -> Files.exists(file));
  }

  @Test
  @DisplayName("shutdownNow interrupts a task that is away")
  void shutdownNow(@TempDir Path directory) throws InterruptedException {
    CloudForkJoinPool pool = pool(2, Frontier.allRemote());
    Sleeper task = new Sleeper(directory);
    pool.execute(task);
    await(directory.resolve("begun"));
    assertThat(pool.shutdownNow()).isEmpty();
    assertThat(pool.awaitTermination(30, SECONDS)).isTrue();
    await(directory.resolve("interrupted"));
  }

  static class Killer extends RecursiveTask<Integer> {
    final int depth;
    final String file;

    Killer(int depth, String file) {
      this.depth = depth;
      this.file = file;
    }

    @Override
    protected Integer compute() {
      if (depth > 0) {
        Killer left = new Killer(depth - 1, file);
        left.fork();
        return new Killer(depth - 1, file).compute() + left.join();
      }
      if (new java.io.File(file).delete()) {
        Runtime.getRuntime().halt(1);
      }
      return 1;
    }
  }

  @Test
  @DisplayName("a subtree whose worker is lost runs again")
  void killed(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("bomb"));
    try (CloudForkJoinPool pool = pool(4, Frontier.depth(2))) {
      assertThat(pool.invoke(new Killer(4, file.toString()))).isEqualTo(16);
      assertThat(pool.statistics().retried()).isPositive();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  @DisplayName("the workers end with the pool, closed or only shut down")
  void workersEnd() {
    for (boolean closed : new boolean[] {true, false}) {
      CloudForkJoinPool pool = pool(2, Frontier.allRemote());
      Set<Long> processes = pool.invoke(new Leaves(2, false));
      if (closed) {
        pool.close();
      } else {
        pool.shutdown();
      }
      for (long process : processes) {
        Awaitility.await()
            .atMost(30, SECONDS)
            .until(() -> ProcessHandle.of(process).filter(ProcessHandle::isAlive).isEmpty());
      }
      assertThat(pool.isTerminated()).isTrue();
    }
  }

  /** Leaves a pool open. */
  static final class Open {
    public static void main(String[] args) {
      CloudForkJoinPool pool = pool(2, Frontier.allRemote());
      System.out.println(pool.invoke(new Leaves(2, false)).size());
    }
  }

  @Test
  @DisplayName("a pool that is never closed does not keep the JVM from exiting")
  void exit() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Open.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(60, SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  @DisplayName("what JDKs after 17 added to pools works")
  @EnabledForJreRange(min = JRE.JAVA_22)
  void newer() throws Exception {
    try (CloudForkJoinPool pool = pool(2, Frontier.automatic())) {
      Class<?> type = ForkJoinPool.class;
      for (String name : List.of("externalSubmit", "lazySubmit")) {
        ForkJoinTask<?> task = new Leaves(1, true);
        assertThat(type.getMethod(name, ForkJoinTask.class).invoke(pool, task)).isSameAs(task);
        pool.submit(() -> {}).join();
        assertThat(task.get(30, SECONDS)).isNotNull();
      }
      List<Callable<Integer>> functions = List.of(() -> 1, () -> 2);
      assertThat(
              (List<?>)
                  type.getMethod("invokeAllUninterruptibly", java.util.Collection.class)
                      .invoke(pool, functions))
          .hasSize(2);
    }
  }

  @Test
  @DisplayName("a pool schedules where the JDK's pools do")
  @EnabledForJreRange(min = JRE.JAVA_25)
  void scheduling() throws Exception {
    try (CloudForkJoinPool pool = pool(2, Frontier.automatic())) {
      Future<?> f =
          (Future<?>)
              ForkJoinPool.class
                  .getMethod("schedule", Callable.class, long.class, TimeUnit.class)
                  .invoke(pool, (Callable<Integer>) () -> 7, 1L, TimeUnit.MILLISECONDS);
      assertThat(f.get(30, SECONDS)).isEqualTo(7);
    }
  }
}
