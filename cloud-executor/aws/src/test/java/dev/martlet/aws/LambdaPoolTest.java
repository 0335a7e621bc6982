package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.aws.Warnings;
import dev.martlet.testkit.aws.Faults;
import dev.martlet.testkit.aws.LambdaTestKit;
import dev.martlet.testkit.aws.SqsTestKit;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      assertThat(pool.submit(names).get()).isEqualTo(zone);
      assertThat(pool.submit(() -> TimeZone.getDefault().getID()).get()).isEqualTo(zone);
      assertThat(pool.statistics().away()).isEqualTo(2);
    }
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

  @ParameterizedTest
  @ValueSource(strings = {"never", "always"})
  @DisplayName(
      "calls that wait in Lambda's queue, put there from here or from within, are answered")
  void queues(String use) throws Exception {
    Counting calls;
    System.setProperty("martlet.aws.mode", "event");
    System.setProperty("martlet.aws.invokers", use);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      calls = new Counting(pool, 20);
      calls.assertAnswered();
      assertThat(pool.statistics().away()).isEqualTo(20);
      Usage usage = pool.statistics().usage();
      long invokers = usage.invocations() - usage.estimated(); // their answers bring a report
      assertThat(usage.estimated()).isPositive();
      assertThat(invokers > 0).isEqualTo(use.equals("always"));
      assertThat(usage.price()).isPositive();
    } finally {
      System.clearProperty("martlet.aws.mode");
      System.clearProperty("martlet.aws.invokers");
    }
    calls.assertOnce();
  }

  @Test
  @DisplayName(
      "calls that must not run twice run once, though Lambda seems not to have queued some, or"
          + " queues some twice")
  void queuesOnce(@TempDir Path directory) throws Exception {
    int calls = 40;
    String marks = directory.toString();
    System.setProperty("martlet.aws.mode", "event");
    LambdaHere.kit()
        .inject(Faults.none().withErrors(0.2, 0.2).withCuts(0.1, 0.1).withDuplicates(0.1));
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(4).retries(0).build()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        int n = i;
        all.add(pool.submit(() -> begins(marks + "/" + n) ? n : -1));
      }
      for (int i = 0; i < calls; i++) {
        assertThat(all.get(i).get()).isEqualTo(i);
      }
    } finally {
      LambdaHere.kit().inject(Faults.none());
      System.clearProperty("martlet.aws.mode");
    }
  }

  @Test
  @DisplayName("calls that cannot be queued for a while are queued later")
  void queuesLater() throws Exception {
    System.setProperty("martlet.aws.mode", "event");
    try (CloudExecutorService pool = CloudExecutors.builder().parallelism(4).retries(0).build()) {
      assertThat(pool.submit(() -> 6).get()).isEqualTo(6);
      long before = LambdaHere.kit().statistics().faults();
      LambdaHere.kit().inject(Faults.none().withErrors(1, 0));
      Future<Integer> f = pool.submit(() -> 7);
      await()
          .atMost(1, TimeUnit.MINUTES)
          .until(() -> LambdaHere.kit().statistics().faults() >= before + 9);
      LambdaHere.kit().inject(Faults.none());
      assertThat(f.get()).isEqualTo(7);
    } finally {
      LambdaHere.kit().inject(Faults.none());
      System.clearProperty("martlet.aws.mode");
    }
  }

  @Test
  @DisplayName("a queue that hears of what comes to the bucket tells of answers")
  void queuesTell() throws Exception {
    try (SqsTestKit sqs = SqsTestKit.start()) {
      String queue = sqs.createQueue("answers");
      LambdaHere.sendEvents(sqs, queue);
      System.setProperty("martlet.aws.mode", "event");
      System.setProperty("martlet.aws.queue", queue);
      System.setProperty("martlet.aws.sqsEndpoint", sqs.endpoint().toString());
      try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
        for (int i = 0; i < 3; i++) {
          new Counting(pool, 30).assertAnswered();
        }
      } finally {
        System.clearProperty("martlet.aws.mode");
        System.clearProperty("martlet.aws.queue");
        System.clearProperty("martlet.aws.sqsEndpoint");
      }
    }
  }

  @Test
  @DisplayName("a queue that is not there is told of once, and answers are found without it")
  void queueMissing() throws Exception {
    try (SqsTestKit sqs = SqsTestKit.start()) {
      findsWithout(sqs.createQueue("answers") + "-of-others", sqs.endpoint());
    }
  }

  @Test
  @DisplayName("a queue that must not be read is told of once, and answers are found without it")
  void queueForbidden() throws Exception {
    try (SqsTestKit sqs = SqsTestKit.start()) {
      String queue = sqs.createQueue("forbidden");
      LambdaHere.sendEvents(sqs, queue);
      findsWithout(queue, sqs.endpointWithout("ReceiveMessage"));
    }
  }

  private static void findsWithout(String queue, URI endpoint) throws Exception {
    System.setProperty("martlet.aws.mode", "event");
    System.setProperty("martlet.aws.queue", queue);
    System.setProperty("martlet.aws.sqsEndpoint", endpoint.toString());
    try (Warnings warnings = new Warnings("aws.queue")) {
      try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
        new Counting(pool, 10).assertAnswered();
        await().atMost(1, TimeUnit.MINUTES).until(() -> !warnings.texts().isEmpty());
      }
      assertThat(warnings.texts())
          .singleElement()
          .asString()
          .contains(queue, "Results are looked for", "It must exist", "sqs:ReceiveMessage")
          .contains("martlet doctor");
    } finally {
      System.clearProperty("martlet.aws.mode");
      System.clearProperty("martlet.aws.queue");
      System.clearProperty("martlet.aws.sqsEndpoint");
    }
  }

  @Test
  @DisplayName(
      "when all instances are killed, an invoker too, no call is lost, and effects count once")
  void invokerKilled() throws Exception {
    Counting calls;
    LambdaTestKit kit = LambdaHere.kit();
    kit.retireIdle();
    await().atMost(1, TimeUnit.MINUTES).until(() -> instances().findAny().isEmpty());
    System.setProperty("martlet.aws.mode", "event");
    System.setProperty("martlet.aws.invokers", "always");
    // The invoker waits for answers to what it has submitted, so that it surely dies at it.
    kit.inject(Faults.none().withLost(1));
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(40)) {
      calls = new Counting(pool, 40);
      // All else is submitted, so that nobody waits for its answer.
      List<ProcessHandle> invokers =
          await()
              .pollInterval(Duration.ofMillis(1))
              .atMost(2, TimeUnit.MINUTES)
              .until(kit::awaited, all -> !all.isEmpty() && instances().count() > all.size());
      kit.inject(Faults.none());
      instances().forEach(ProcessHandle::destroyForcibly);
      assertThat(invokers).allSatisfy(i -> i.onExit().get(1, TimeUnit.MINUTES));
      calls.assertAnswered();
    } finally {
      kit.inject(Faults.none());
      System.clearProperty("martlet.aws.mode");
      System.clearProperty("martlet.aws.invokers");
    }
    calls.assertOnce();
  }

  @Test
  @DisplayName("an event whose instance is killed soon runs elsewhere, or its caller is told")
  void eventKilled(@TempDir Path directory) throws Exception {
    String first = directory.resolve("first").toString();
    String only = directory.resolve("only").toString();
    System.setProperty("martlet.aws.mode", "event");
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1);
        CloudExecutorService once = CloudExecutors.builder().parallelism(1).retries(0).build()) {
      Future<Integer> again = pool.submit(() -> begins(first) ? hang() : 7);
      Future<Integer> lost = once.submit(() -> begins(only) ? hang() : 8);
      await()
          .atMost(2, TimeUnit.MINUTES)
          .until(() -> Files.exists(Path.of(first)) && Files.exists(Path.of(only)));
      instances().forEach(ProcessHandle::destroyForcibly);
      assertThatThrownBy(lost::get)
          .hasCauseInstanceOf(WorkerLostException.class)
          .hasMessageContaining("no sign of life");
      assertThat(again.get()).isEqualTo(7);
    } finally {
      System.clearProperty("martlet.aws.mode");
    }
  }

  private static boolean begins(String mark) throws IOException {
    try {
      Files.createFile(Path.of(mark));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private static int hang() throws InterruptedException {
    Thread.sleep(Duration.ofMinutes(10).toMillis());
    return 0;
  }

  private static Stream<ProcessHandle> instances() {
    return ProcessHandle.current().descendants().filter(LambdaHere::isInstance);
  }
}
