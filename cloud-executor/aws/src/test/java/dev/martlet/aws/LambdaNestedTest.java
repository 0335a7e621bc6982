package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallStatistics;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.Usage;
import dev.martlet.testkit.aws.Faults;
import dev.martlet.testkit.aws.LambdaTestKit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.presentation.StandardRepresentation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that calls on AWS Lambda make themselves. */
@ExtendWith(LambdaHere.class)
@Timeout(300)
class LambdaNestedTest {
  private static final List<String> SET = List.of("nested", "nestedDepth");

  private static final String ENDPOINT = "martlet.aws.lambdaEndpoint";

  private static int shift = 3;

  @BeforeEach
  void leave() {
    System.setProperty("martlet.aws.nested", "always");
  }

  @AfterEach
  void reset() {
    SET.forEach(key -> System.clearProperty("martlet.aws." + key));
    System.setProperty(ENDPOINT, LambdaHere.kit().endpoint().toString());
    LambdaHere.kit().inject(Faults.none());
  }

  private record Sorted(int[] values, Set<String> pids) {}

  private static Sorted sort(int[] values, ExecutorService pool)
      throws InterruptedException, ExecutionException {
    Set<String> pids = new TreeSet<>(Set.of(CloudContext.current().instance()));
    if (values.length < 2_000) {
      int[] sorted = values.clone();
      Arrays.sort(sorted);
      return new Sorted(sorted, pids);
    }
    int middle = values.length / 2;
    int[] low = Arrays.copyOfRange(values, 0, middle);
    int[] high = Arrays.copyOfRange(values, middle, values.length);
    Future<Sorted> left = pool.submit(() -> sort(low, pool));
    Future<Sorted> right = pool.submit(() -> sort(high, pool));
    int[] a = left.get().values;
    int[] b = right.get().values;
    pids.addAll(left.get().pids);
    pids.addAll(right.get().pids);
    int[] all = new int[values.length];
    for (int i = 0, x = 0, y = 0; i < all.length; i++) {
      all[i] = y >= b.length || (x < a.length && a[x] <= b[y]) ? a[x++] : b[y++];
    }
    return new Sorted(all, pids);
  }

  @Test
  @DisplayName("a merge sort whose halves are calls of their own spreads over instances")
  void sorts() throws Exception {
    int[] values = new Random(1).ints(16_000).toArray();
    int[] expected = values.clone();
    Arrays.sort(expected);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 0; ; i++) {
        Sorted sorted = pool.submit(() -> sort(values, pool)).get();
        assertThat(sorted.values).isEqualTo(expected);
        if (sorted.pids.size() > 1) {
          break;
        }
        assertThat(i).as("runs on one instance").isLessThan(10);
      }
    }
  }

  @Test
  @DisplayName("calls leave by themselves once their like is known to take long")
  void leavesIfWorthWhile() throws Exception {
    System.clearProperty("martlet.aws.nested");
    Callable<String> slow =
        () -> {
          Thread.sleep(400);
          return CloudContext.current().instance();
        };
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(8)) {
      List<String> found =
          untilAway(
              pool,
              () -> {
                List<String> all = new ArrayList<>();
                for (Future<String> f : pool.invokeAll(Collections.nCopies(6, slow))) {
                  all.add(f.get());
                }
                return all;
              });
      assertThat(found).hasSize(6);
    }
  }

  private static int depth(int n, ExecutorService pool) throws Exception {
    return n == 0 ? 0 : 1 + pool.submit(() -> depth(n - 1, pool)).get();
  }

  @Test
  @DisplayName(
      "a chain of twenty calls ends where there is room for one, and where there is for two")
  void deep() throws Exception {
    System.setProperty("martlet.aws.nestedDepth", "30");
    for (int room : new int[] {1, 2}) {
      try (LambdaTestKit kit = kit(room);
          CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
        assertThat(pool.submit(() -> depth(20, pool)).get()).isEqualTo(20);
        assertThat(kit.statistics().throttled()).isPositive();
        assertThat(kit.statistics().peak()).isEqualTo(room);
      }
    }
  }

  /** Starts a Lambda with little room, which pools that are made from now on run on. */
  private static LambdaTestKit kit(int room) {
    LambdaTestKit kit =
        LambdaTestKit.builder()
            .s3(LambdaHere.s3())
            .credentials(LambdaHere.kit().accessKeyId(), LambdaHere.kit().secretAccessKey())
            .concurrency(room)
            .freeze(false)
            .start();
    System.setProperty(ENDPOINT, kit.endpoint().toString());
    return kit;
  }

  /** Runs a task until one of its calls was elsewhere; before, an instance may not know enough. */
  private static <T> List<T> untilAway(CloudExecutorService pool, Callable<List<T>> pids)
      throws Exception {
    for (int i = 0; ; i++) {
      List<T> found = pool.submit(pids).get();
      if (Set.copyOf(found).size() > 1) {
        return found;
      }
      assertThat(i).as("runs on one instance").isLessThan(20);
    }
  }

  @Test
  @DisplayName("the pool's usage has what calls of calls used elsewhere, the calls' own has not")
  void costs() throws Exception {
    long before = LambdaHere.kit().statistics().runs();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      List<String> pids =
          untilAway(
              pool,
              () -> {
                Future<String> below = pool.submit(() -> inner(pool));
                return List.of(CloudContext.current().instance(), below.get());
              });
      assertThat(pids).hasSize(2);
      Usage whole = pool.statistics().usage();
      Usage own =
          pool.statistics().recent().stream()
              .map(CallStatistics::usage)
              .filter(Objects::nonNull)
              .reduce(Usage::plus)
              .orElseThrow();
      long runs = LambdaHere.kit().statistics().runs() - before;
      assertThat(own.estimated()).isZero();
      assertThat(whole.estimated()).isPositive();
      assertThat(whole.invocations()).isEqualTo(runs);
      assertThat(whole.invocations()).isEqualTo(own.invocations() + whole.estimated());
      assertThat(whole.gigabyteSeconds()).isGreaterThan(own.gigabyteSeconds());
    }
  }

  /** Makes a call of its own, two below the client's. */
  private static String inner(ExecutorService pool)
      throws InterruptedException, ExecutionException {
    return pool.submit(() -> CloudContext.current().instance()).get();
  }

  @Test
  @DisplayName("what calls of a call change in place is seen by that call, and by the client")
  void changes() throws Exception {
    int[] values = new int[10];
    List<String> names = new ArrayList<>(List.of("a"));
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      List<String> pids =
          untilAway(
              pool,
              () -> {
                Arrays.fill(values, 1);
                names.clear();
                Future<String> one =
                    pool.submit(
                        () -> {
                          values[3] += 41;
                          names.add("b");
                          return CloudContext.current().instance();
                        });
                String pid = one.get();
                values[4] = values[3] + 1;
                names.add("c");
                return List.of(pid, CloudContext.current().instance());
              });
      assertThat(pids).hasSize(2);
    }
    assertThat(values).containsExactly(1, 1, 1, 42, 43, 1, 1, 1, 1, 1);
    assertThat(names).containsExactly("b", "c");
  }

  @Test
  @DisplayName("static fields go along and come back once it is known that a call uses them")
  void statics() throws Exception {
    shift = 3;
    int before;
    int runs = 0;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (boolean away = false; !away; runs++) {
        before = shift;
        away =
            pool.submit(
                    () -> {
                      shift++;
                      String pid =
                          pool.submit(
                                  () -> {
                                    shift *= 2;
                                    return CloudContext.current().instance();
                                  })
                              .get();
                      shift++;
                      return !pid.equals(CloudContext.current().instance());
                    })
                .get();
        assertThat(shift).isEqualTo((before + 1) * 2 + 1);
        assertThat(runs).as("runs on one instance").isLessThan(20);
      }
    }
  }

  @Test
  @DisplayName("what a call sets in a library its calls find there")
  void libraries() throws Exception {
    System.clearProperty("martlet.aws.nested");
    Callable<Integer> slow =
        () -> {
          Thread.sleep(400);
          return StandardRepresentation.getMaxElementsForPrinting();
        };
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(8)) {
      for (int i = 0; i < 3; i++) {
        int most = 2_000 + i;
        Callable<List<Integer>> task =
            () -> {
              StandardRepresentation.setMaxElementsForPrinting(most);
              List<Integer> all = new ArrayList<>();
              for (Future<Integer> f : pool.invokeAll(Collections.nCopies(6, slow))) {
                all.add(f.get());
              }
              return all;
            };
        assertThat(pool.submit(task).get()).isEqualTo(Collections.nCopies(6, most));
      }
    }
  }

  @Test
  @DisplayName("without room elsewhere a call's calls run where it does")
  void noRoom() throws Exception {
    try (LambdaTestKit kit = kit(1);
        CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      Callable<List<String>> task =
          () -> {
            List<Future<String>> pids = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
              pids.add(pool.submit(() -> CloudContext.current().instance()));
            }
            List<String> all = new ArrayList<>(List.of(CloudContext.current().instance()));
            for (Future<String> pid : pids) {
              all.add(pid.get());
            }
            return all;
          };
      assertThat(Set.copyOf(pool.submit(task).get())).hasSize(1);
      assertThat(kit.statistics().throttled()).isPositive();
    }
  }

  @Test
  @DisplayName("an exception of a call of a call is that one, wherever it ran")
  void fails() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      for (int i = 0; i < 3; i++) {
        String message =
            pool.submit(
                    () -> {
                      Future<?> f =
                          pool.submit(
                              () -> {
                                throw new IllegalStateException("on purpose");
                              });
                      try {
                        return "" + f.get();
                      } catch (ExecutionException e) {
                        return e.getCause().toString();
                      }
                    })
                .get();
        assertThat(message).isEqualTo("java.lang.IllegalStateException: on purpose");
      }
    }
  }

  @Test
  @DisplayName("a call of a call whose instance ends runs where that call does")
  void killed() throws Exception {
    int[] runs = new int[1];
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(2).retries(0).build()) {
      long failed = LambdaHere.kit().statistics().functionErrors();
      for (int i = 0; LambdaHere.kit().statistics().functionErrors() == failed; i++) {
        runs[0] = 0;
        String parent =
            pool.submit(
                    () -> {
                      String pid = CloudContext.current().instance();
                      return pool.submit(
                              () -> {
                                runs[0]++;
                                if (!CloudContext.current().instance().equals(pid)) {
                                  Runtime.getRuntime().halt(1);
                                }
                                return pid;
                              })
                          .get();
                    })
                .get();
        assertThat(parent).startsWith("pid");
        assertThat(runs).containsExactly(1);
        assertThat(i).as("runs on one instance").isLessThan(20);
      }
    }
  }

  @Test
  @DisplayName("a call that is run again counts once with all of its calls")
  void runsAgain() throws Exception {
    int[] sums = new int[4];
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      boolean again =
          pool.submit(
                  () -> {
                    List<Future<?>> all = new ArrayList<>();
                    for (int i = 0; i < sums.length; i++) {
                      int n = i;
                      all.add(pool.submit(() -> sums[n] += n + 1));
                    }
                    for (Future<?> f : all) {
                      f.get();
                    }
                    int attempt = CloudContext.current().attempt();
                    if (attempt == 1) {
                      Runtime.getRuntime().halt(1);
                    }
                    return attempt > 1;
                  })
              .get();
      assertThat(again).isTrue();
    }
    assertThat(sums).containsExactly(1, 2, 3, 4);
  }

  @Test
  @DisplayName("calls of a call that it cancels end")
  void cancels() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(3)) {
      Callable<Integer> sleep =
          () -> {
            Thread.sleep(200_000);
            return 1;
          };
      Future<?> parent = pool.submit(() -> pool.invokeAll(Collections.nCopies(2, sleep)));
      await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> LambdaHere.kit().statistics().running() >= 3);
      assertThat(parent.cancel(true)).isTrue();
      await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> LambdaHere.kit().statistics().running() == 0);
    }
  }

  @Test
  @DisplayName("when the pool is stopped calls are interrupted that calls have made elsewhere")
  void shutdownNow() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Callable<Integer> sleep =
          () -> {
            Thread.sleep(600_000);
            return 1;
          };
      Future<Boolean> outer =
          pool.submit(
              () -> {
                Future<?> inner = pool.submit(sleep);
                try {
                  inner.get();
                  return false;
                } catch (InterruptedException | ExecutionException e) {
                  return true; // whichever was interrupted first
                }
              });
      await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> LambdaHere.kit().statistics().running() >= 2);
      assertThat(pool.shutdownNow()).isEmpty();
      assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      assertThat(outer.get()).isTrue();
    }
  }

  @Test
  @DisplayName("under faults of every kind no call of a call is lost, and changes count once")
  void survivesFaults() throws Exception {
    LambdaHere.kit()
        .inject(
            Faults.none()
                .withThrottle(0.1)
                .withErrors(0.05, 0.05)
                .withCuts(0.05, 0.05)
                .withDuplicates(0.1));
    int[][] cells = new int[8][8];
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      CompletableFuture<?>[] all = new CompletableFuture<?>[cells.length];
      for (int i = 0; i < all.length; i++) {
        int[] row = cells[i];
        all[i] =
            CompletableFuture.runAsync(
                () -> {
                  CompletableFuture<?>[] own = new CompletableFuture<?>[row.length];
                  for (int k = 0; k < own.length; k++) {
                    int n = k;
                    own[k] = CompletableFuture.runAsync(() -> row[n]++, pool);
                  }
                  CompletableFuture.allOf(own).join();
                },
                pool);
      }
      CompletableFuture.allOf(all).join();
    }
    for (int[] row : cells) {
      assertThat(row).containsOnly(1);
    }
  }
}
