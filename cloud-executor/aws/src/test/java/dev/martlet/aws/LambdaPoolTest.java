package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.testkit.aws.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools whose platform is AWS Lambda. */
@ExtendWith(LambdaHere.class)
@Timeout(600)
class LambdaPoolTest {
  /** How many calls run under faults; more with {@code -Dmartlet.internal.faulty}. */
  private static final int FAULTY = Integer.getInteger("martlet.internal.faulty", 400);

  @Test
  @DisplayName("a plain lambda runs in another process, and its changes are seen here")
  void runsAway() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      List<Future<Long>> pids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        pids.add(
            pool.submit(
                () -> {
                  count.incrementAndGet();
                  return ProcessHandle.current().pid();
                }));
      }
      for (Future<Long> pid : pids) {
        assertThat(pid.get()).isNotEqualTo(ProcessHandle.current().pid());
      }
      assertThat(pool.statistics().away()).isEqualTo(20);
    }
    assertThat(count).hasValue(20);
  }

  @Test
  @DisplayName("what is longer than Lambda carries travels through the store, both ways")
  void carriesMuch() throws Exception {
    byte[] much = new byte[20_000_000];
    new Random(1).nextBytes(much);
    byte[] expected = much.clone();
    expected[7] = 42;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Callable<byte[]> task =
          () -> {
            much[7] = 42;
            return much.clone();
          };
      byte[] copy = pool.submit(task).get();
      assertThat(copy).isEqualTo(expected);
      assertThat(much).isEqualTo(expected);
    }
  }

  @Test
  @DisplayName("an instance iterates what Set.of makes as each of its clients does")
  void orders() throws Exception {
    assertThat(LambdaHere.program(List.of(), SetMaker.class).waitFor()).isEqualTo(7);
    long instances = LambdaHere.kit().statistics().coldStarts();
    for (int i = 0; i < 3; i++) {
      assertThat(LambdaHere.program(List.of(), SetMaker.class).waitFor()).isEqualTo(7);
    }
    assertThat(LambdaHere.kit().statistics().coldStarts()).isEqualTo(instances);
  }

  @Test
  @DisplayName("calls under way that were given more than the heap is large are all answered")
  void holdsLittle() throws Exception {
    Process program =
        LambdaHere.program(List.of("-Xmx200m"), MuchMaker.class, "80", String.valueOf(2 << 20));
    assertThat(program.waitFor()).isEqualTo(7);
  }

  @Test
  @DisplayName("a program that has no memory for a result is told so, and goes on")
  void holdsNot() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      // The program has no memory to deploy the function, either.
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
    Process program =
        LambdaHere.program(
            List.of("-Xmx128m"),
            TightMaker.class,
            String.valueOf(200 << 20),
            String.valueOf(60 << 20));
    assertThat(program.waitFor()).isEqualTo(7);
  }

  @Test
  @DisplayName("a new instance keeps the client's time zone, whatever a task names in its property")
  void zone() throws Exception {
    LambdaHere.kit().retireIdle();
    String zone = TimeZone.getDefault().getID();
    Callable<String> names =
        () -> {
          Properties all = System.getProperties();
          all.setProperty("user.timezone", "Asia/Tokyo");
          String id = TimeZone.getDefault().getID();
          all.setProperty("user.timezone", zone);
          return id;
        };
    // With secrets that stay here, a task would look at the properties here.
    try (CloudExecutorService pool =
        CloudExecutors.builder()
            .parallelism(1)
            .systemProperty("aws.accessKeyId", "none")
            .systemProperty("aws.secretAccessKey", "none")
            .build()) {
      assertThat(pool.submit(names).get()).isEqualTo(zone);
      assertThat(pool.submit(() -> TimeZone.getDefault().getID()).get()).isEqualTo(zone);
      assertThat(pool.statistics().away()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a task that reads a property which seems to be a secret does so at home")
  void secrets() throws Exception {
    System.setProperty("vault.password", "hush-hush");
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      assertThat(pool.submit(() -> System.getProperty("user.dir")).get())
          .isEqualTo(System.getProperty("user.dir"));
      assertThat(pool.statistics().home()).isZero();
      assertThat(pool.submit(() -> System.getProperty("vault.password")).get())
          .isEqualTo("hush-hush");
      assertThat(pool.submit(() -> System.getProperty("vault.password", "none")).get())
          .isEqualTo("hush-hush");
      assertThat(pool.submit(() -> System.getProperties().get("vault.password")).get())
          .isEqualTo("hush-hush");
      assertThat(pool.statistics().home()).isEqualTo(3);
    } finally {
      System.clearProperty("vault.password");
    }
  }

  @Test
  @DisplayName("a secret is read at home as whatever it is read, and by a method's reference, too")
  void secretsOfAllTypes() throws Exception {
    System.setProperty("vault.secret", "7");
    System.setProperty("vault.secret.on", "true");
    List<Callable<Object>> reads =
        List.of(
            () -> Integer.getInteger("vault.secret"),
            () -> Integer.getInteger("vault.secret", 1) + 1,
            () -> Integer.getInteger("vault.secret", Integer.valueOf(1)) + 2,
            () -> Long.getLong("vault.secret"),
            () -> Long.getLong("vault.secret", 1L) + 1,
            () -> Long.getLong("vault.secret", Long.valueOf(1)) + 2,
            () -> Boolean.getBoolean("vault.secret.on"),
            () -> Stream.of("vault.secret").map(System::getProperty).toList(),
            () -> Stream.of("vault.secret").map(Long::getLong).toList());
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      List<Object> read = new ArrayList<>();
      for (Callable<Object> c : reads) {
        read.add(pool.submit(c).get());
      }
      assertThat(read).containsExactly(7, 8, 9, 7L, 8L, 9L, true, List.of("7"), List.of(7L));
      assertThat(pool.statistics().home()).isEqualTo(reads.size());
      assertThat(pool.submit(() -> Long.getLong("vault.count", 5L)).get()).isEqualTo(5);
      assertThat(pool.submit(() -> Integer.getInteger("vault.count", 5)).get()).isEqualTo(5);
      assertThat(pool.statistics().home()).isEqualTo(reads.size());
    } finally {
      System.clearProperty("vault.secret");
      System.clearProperty("vault.secret.on");
    }
  }

  @Test
  @DisplayName("a task that overflows its stack on an instance runs at home, where it may not")
  void overflows() throws Exception {
    int[] runs = new int[1];
    Callable<Integer> task =
        () -> {
          runs[0]++;
          if (CloudContext.current().instance() != null) {
            throw new StackOverflowError();
          }
          return 7;
        };
    Callable<Integer> light =
        () -> {
          if (CloudContext.current().instance() != null) {
            throw new StackOverflowError();
          }
          return 8;
        };
    Callable<Integer> endless = LambdaPoolTest::endless;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      assertThat(pool.submit(task).get()).isEqualTo(7);
      assertThat(pool.submit(light).get()).isEqualTo(8);
      assertThatThrownBy(pool.submit(endless)::get).hasCauseInstanceOf(StackOverflowError.class);
      assertThat(pool.statistics().home()).isEqualTo(3);
    }
    assertThat(runs[0]).isEqualTo(1);
  }

  private static int endless() {
    return 1 + endless();
  }

  @Test
  @DisplayName("tiny tasks travel together")
  void batches() throws Exception {
    long before = LambdaHere.kit().statistics().invocations();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        int n = i;
        all.add(pool.submit(() -> n * n));
      }
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).get()).isEqualTo(i * i);
      }
      assertThat(pool.statistics().away()).isEqualTo(5_000);
      assertThat(LambdaHere.kit().statistics().invocations() - before).isLessThan(500);
    }
  }

  @Test
  @DisplayName("what calls have cost adds up to what Lambda reports of all invocations")
  void costs() throws Exception {
    long before = LambdaHere.kit().statistics().runs();
    Usage whole;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(3)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int n = i;
        all.add(pool.submit(() -> n));
      }
      for (Future<Integer> f : all) {
        f.get();
      }
      whole = pool.statistics().usage();
      Usage sum =
          pool.statistics().recent().stream()
              .map(CallStatistics::usage)
              .filter(Objects::nonNull)
              .reduce(Usage::plus)
              .orElseThrow();
      assertThat(sum.gigabyteSeconds()).isEqualByComparingTo(whole.gigabyteSeconds());
      assertThat(sum.price()).isEqualByComparingTo(whole.price());
      assertThat(sum.invocations()).isEqualTo(whole.invocations());
    }
    assertThat(whole.invocations()).isEqualTo(LambdaHere.kit().statistics().runs() - before);
    assertThat(whole.estimated()).isZero();
    assertThat(whole.currency()).isEqualTo("USD");
    assertThat(whole.memoryUsed()).isPositive();
  }

  @Test
  @DisplayName(
      "a call that will take too long is told of in time, and its end says what can be set")
  void takesTooLong() throws Exception {
    List<Duration> left = new CopyOnWriteArrayList<>();
    System.setProperty("martlet.aws.timeout", "5s");
    try (CloudExecutorService pool =
        CloudExecutors.builder()
            .parallelism(1)
            .listener(
                new CallListener() {
                  @Override
                  public void nearsTimeLimit(long call, Duration rest) {
                    left.add(rest);
                  }
                })
            .build()) {
      Future<?> task =
          pool.submit(
              () -> {
                Thread.sleep(60_000);
                return 1;
              });
      await().atMost(2, TimeUnit.MINUTES).until(() -> !left.isEmpty() || task.isDone());
      assertThat(left).hasSize(1);
      assertThatThrownBy(task::get)
          .hasCauseInstanceOf(TimeoutException.class)
          .hasMessageContaining("5 s; the setting aws.timeout can be 15 minutes at most");
    } finally {
      System.setProperty("martlet.aws.timeout", "60s");
    }
  }

  @Test
  @DisplayName("a cancelled task is interrupted where it runs")
  void cancels() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch interrupted = new CountDownLatch(1);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Future<?> task =
          pool.submit(
              () -> {
                begun.incrementAndGet();
                try {
                  Thread.sleep(60_000);
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              });
      await().atMost(50, TimeUnit.SECONDS).until(() -> begun.get() == 1);
      assertThat(task.cancel(true)).isTrue();
      assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("a task that ends its instance fails as lost, once it has been tried again")
  void exits() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(2).retries(1).build()) {
      Future<?> task = pool.submit(() -> System.exit(3));
      assertThatThrownBy(task::get)
          .hasCauseInstanceOf(WorkerLostException.class)
          .hasMessageContaining("exit");
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  @DisplayName("an instance whose memory is out is told from one that exits")
  void fillsMemory() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(1).retries(0).build()) {
      Future<Integer> task =
          pool.submit(
              () -> {
                List<byte[]> all = new ArrayList<>();
                for (; ; ) {
                  all.add(new byte[1 << 24]);
                }
              });
      assertThatThrownBy(task::get)
          .cause()
          .isInstanceOfSatisfying(
              WorkerLostException.class,
              e -> assertThat(e.reason()).isEqualTo(WorkerLostException.Reason.OUT_OF_MEMORY));
    }
  }

  @Test
  @DisplayName("trees of fork/join tasks and parallel streams run on Lambda")
  void forksAndStreams() {
    try (CloudForkJoinPool pool =
        CloudExecutors.builder().parallelism(4).frontier(Frontier.depth(2)).buildForkJoinPool()) {
      assertThat(pool.invoke(new Sum(0, 100_000))).isEqualTo(4_999_950_000L);
      assertThat(pool.statistics().away()).isPositive();
      long primes =
          pool.submit(
                  () ->
                      LongStream.rangeClosed(2, 10_000)
                          .parallel()
                          .filter(
                              n ->
                                  LongStream.rangeClosed(2, (long) Math.sqrt(n))
                                      .noneMatch(d -> n % d == 0))
                          .count())
              .join();
      assertThat(primes).isEqualTo(1229);
    }
  }

  private static final class Sum extends RecursiveTask<Long> {
    private static final long serialVersionUID = 1;
    private final long from;
    private final long to;

    Sum(long from, long to) {
      this.from = from;
      this.to = to;
    }

    @Override
    protected Long compute() {
      if (to - from <= 1_000) {
        return LongStream.range(from, to).sum();
      }
      long middle = (from + to) / 2;
      Sum left = new Sum(from, middle);
      left.fork();
      return new Sum(middle, to).compute() + left.join();
    }
  }

  @Test
  @DisplayName("stages of a CompletableFuture run on Lambda")
  void stages() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      long here = ProcessHandle.current().pid();
      CompletableFuture<Boolean> elsewhere =
          CompletableFuture.supplyAsync(() -> ProcessHandle.current().pid(), pool)
              .thenApplyAsync(pid -> pid != here && ProcessHandle.current().pid() != here, pool);
      assertThat(elsewhere.get()).isTrue();
    }
  }

  @Test
  @DisplayName("under faults of every kind no call is lost, none is wrong, and effects count once")
  void survivesFaults() throws Exception {
    Counting calls;
    LambdaHere.kit().inject(LambdaHere.disorder());
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(4).build()) {
      calls = new Counting(pool, FAULTY);
      calls.assertAnswered();
    } finally {
      LambdaHere.kit().inject(Faults.none());
    }
    calls.assertOnce();
  }
}
