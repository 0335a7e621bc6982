package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudJob;
import dev.martlet.CloudJob.State;
import dev.martlet.UncapturableException;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.Store;
import dev.martlet.testkit.aws.Faults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on AWS Lambda. */
@ExtendWith(LambdaHere.class)
@Timeout(300)
class LambdaJobsTest {
  @TempDir static Path keys;

  private static CloudExecutorService pool;

  static int offset = 1;
  static String letter = "a";
  static long[] shared = {};
  static final Pattern DIGITS = Pattern.compile("\\d+");

  @BeforeAll
  static void open() {
    System.setProperty("martlet.jobs", keys.toString());
    System.setProperty("martlet.internal.jobSilence", "2");
    pool = CloudExecutors.newCloudPool(2);
  }

  @AfterEach
  void calm() {
    LambdaHere.kit().inject(Faults.none());
  }

  @AfterAll
  static void close() {
    pool.close();
    System.clearProperty("martlet.jobs");
    System.clearProperty("martlet.internal.jobSilence");
  }

  static Callable<Integer> square(int n) {
    return () -> n * n;
  }

  static List<Callable<Integer>> squares(int count) {
    return IntStream.range(0, count).mapToObj(LambdaJobsTest::square).toList();
  }

  static List<Integer> results(CloudJob job) {
    return job.results(Integer.class).toList();
  }

  private static List<Integer> expected(int count) {
    return IntStream.range(0, count).mapToObj(n -> n * n).toList();
  }

  @Test
  @DisplayName("tasks that were left alone are collected by whoever attaches to their job")
  void attaches() {
    try (CloudJob job = pool.detach("squares")) {
      assertThat(job.submitAll(squares(1_000))).isZero();
    }
    try (CloudJob job = CloudExecutors.attach("squares")) {
      assertThat(job.size()).isEqualTo(1_000);
      assertThat(results(job)).isEqualTo(expected(1_000));
      assertThat(job.states()).containsEntry(State.DONE, 1_000).containsEntry(State.FAILED, 0);
      job.delete();
    }
    assertThatThrownBy(() -> CloudExecutors.attach("squares"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("a task has the static fields as they were when it was submitted")
  void statics() throws Exception {
    offset = 5;
    CloudJob job = pool.detach("statics");
    int first = job.submit(() -> offset + (DIGITS.matcher("17").matches() ? 1 : 0));
    job.states();
    offset = 6;
    int second = job.submit(() -> offset);
    assertThat(job.get(first)).isEqualTo(6);
    assertThat(job.get(second)).isEqualTo(6);
    job.delete();
  }

  @Test
  @DisplayName("tasks that one instance runs one after the other have each their static fields")
  void staticsOfEach() {
    CloudJob job = pool.detach("letters");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      letter = "letter " + i;
      expected.add(letter);
      int unused = job.submit(() -> letter);
    }
    assertThat(job.results(String.class)).isEqualTo(expected);
    job.delete();
  }

  @Test
  @DisplayName("who is attached waits for what the maker still adds, until that closes the job")
  void waitsForMaker() throws Exception {
    CloudJob made = pool.detach("open");
    made.await(); // for nothing
    assertThat(results(made)).isEmpty();
    try (CloudJob job = CloudExecutors.attach("open")) {
      assertThat(job.await(Duration.ofMillis(100))).isFalse();
      CompletableFuture<List<Integer>> all = CompletableFuture.supplyAsync(() -> results(job));
      assertThat(made.submitAll(squares(3))).isZero();
      made.await();
      assertThat(results(made)).isEqualTo(expected(3));
      assertThat(job.await(Duration.ofMillis(100))).isFalse();
      assertThat(made.submit(square(3))).isEqualTo(3);
      assertThat(all).isNotDone();
      made.close();
      assertThat(all.get()).isEqualTo(expected(4));
      job.await();
      job.delete();
    }
  }

  @Test
  @DisplayName("who waits for as long as there is time waits until all is over")
  void waitsForever() throws Exception {
    CloudJob job = pool.detach("forever");
    int unused = job.submit(square(3));
    assertThat(job.await(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
    assertThat(job.await(Duration.ofSeconds(Long.MIN_VALUE))).isTrue();
    assertThat(job.get(0)).isEqualTo(9);
    job.delete();
  }

  @Test
  @DisplayName("a pool that could not send a job's tasks says so when it is closed")
  void tellsOfUnsent() {
    String role = System.getProperty("martlet.aws.role");
    System.setProperty("martlet.aws.role", role + " which is none");
    System.setProperty("martlet.aws.functionPrefix", "unsent");
    try {
      CloudExecutorService own = CloudExecutors.newCloudPool(2);
      int unused = own.detach("unsent").submit(square(1));
      assertThatThrownBy(own::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("tasks of the job could not be sent");
      assertThat(own.isTerminated()).isTrue();
      assertThatCode(own::close).doesNotThrowAnyException();
    } finally {
      System.setProperty("martlet.aws.role", role);
      System.clearProperty("martlet.aws.functionPrefix");
    }
    try (CloudJob job = CloudExecutors.attach("unsent")) {
      assertThat(job.states().get(State.DONE)).isZero();
      job.delete();
    }
  }

  @Test
  @DisplayName("a task that shares something with others is refused when it is submitted")
  void refuses() {
    AtomicInteger count = new AtomicInteger();
    CloudJob job = pool.detach("refused");
    assertThatThrownBy(
            () ->
                job.submit(
                    () -> {
                      count.incrementAndGet();
                      return 1;
                    }))
        .isInstanceOf(UncapturableException.class)
        .hasMessageContaining("replayed at home");
    assertThatThrownBy(() -> job.submit(count::incrementAndGet))
        .isInstanceOf(UncapturableException.class);
    job.delete();
  }

  @Test
  @DisplayName("a task fails that changes what it was given, or throws, or needs its client")
  void fails() throws Exception {
    int[] slots = new int[2];
    CloudJob job = pool.detach("failing");
    int writes =
        job.submit(
            () -> {
              slots[1] = 7;
              return 1;
            });
    int sets = job.submit(() -> offset++);
    int throwing =
        job.submit(
            () -> {
              System.out.println("about to throw");
              throw new IOException("as it should");
            });
    int exits =
        job.submit(
            () -> {
              System.exit(3);
              return 1;
            });
    int fine = job.submit(() -> slots.length);
    job.await();
    assertThatThrownBy(() -> job.get(writes))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(UncapturableException.class)
        .hasMessageContaining("changes what it was given");
    assertThatThrownBy(() -> job.get(sets)).hasCauseInstanceOf(UncapturableException.class);
    assertThatThrownBy(() -> job.get(throwing))
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessage("as it should")
        .satisfies(e -> assertThat(e.getStackTrace()[0].getClassName()).contains("LambdaJobsTest"));
    assertThat(job.output(throwing)).containsExactly("about to throw");
    assertThatThrownBy(() -> job.get(exits)).hasCauseInstanceOf(WorkerLostException.class);
    assertThat(job.get(fine)).isEqualTo(2);
    assertThat(job.states()).containsEntry(State.FAILED, 4).containsEntry(State.DONE, 1);
    assertThatThrownBy(() -> results(job)).isInstanceOf(CompletionException.class);
    job.delete();
  }

  @Test
  @DisplayName("tasks go on when the program that has made them has ended, and are all there")
  void outlives() throws Exception {
    Process maker = LambdaHere.program(List.of(), JobMaker.class, "outlived", "200");
    assertThat(maker.waitFor()).isEqualTo(7);
    try (CloudJob job = CloudExecutors.attach("outlived")) {
      assertThat(results(job)).isEqualTo(expected(200));
      assertThatThrownBy(() -> job.submit(square(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("only the client that has made the job");
      job.delete();
    }
  }

  @Test
  @DisplayName("nothing is lost or wrong when instances are killed and the cloud is out of order")
  void survives() throws Exception {
    LambdaHere.kit().inject(LambdaHere.disorder());
    CloudJob job = pool.detach("survivors");
    int[] zeros = new int[2 << 20];
    for (int i = 0; i < 400; i++) {
      int n = i;
      int unused =
          job.submit(
              () -> {
                Thread.sleep(10);
                return n * n + zeros[n];
              });
    }
    job.states();
    for (int i = 0; i < 2; i++) {
      Thread.sleep(300);
      ProcessHandle instance =
          await()
              .until(
                  () ->
                      ProcessHandle.current()
                          .descendants()
                          .filter(LambdaHere::isInstance)
                          .findAny()
                          .orElse(null),
                  Objects::nonNull);
      assertThat(instance.destroyForcibly()).isTrue();
    }
    assertThat(results(job)).isEqualTo(expected(400));
    job.delete();
  }

  @Test
  @DisplayName("one task is cancelled where it runs, and all others that have not begun")
  void cancels() throws Exception {
    CloudJob job = pool.detach("cancelled");
    for (int i = 0; i < 60; i++) {
      int millis = i == 0 ? 100_000 : 1_000;
      int unused =
          job.submit(
              () -> {
                Thread.sleep(millis);
                return millis;
              });
    }
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> job.entries().findFirst().orElseThrow().state() == State.RUNNING);
    assertThat(job.cancel(0)).isTrue();
    assertThat(job.flush()).isPositive();
    job.await();
    Map<State, Integer> states = job.states();
    assertThat(states.get(State.CANCELLED)).isGreaterThan(20);
    assertThat(states.get(State.CANCELLED) + states.get(State.DONE)).isEqualTo(60);
    assertThatThrownBy(() -> job.get(0)).isInstanceOf(CancellationException.class);
    assertThat(job.cancel(0)).isFalse();
    job.delete();
  }

  @Test
  @DisplayName("what has failed runs again, as it was submitted, and nothing else does")
  void resubmits() throws Exception {
    CloudJob made = pool.detach("again");
    for (int i = 0; i < 20; i++) {
      int n = i;
      int unused =
          made.submit(
              () -> {
                if (n % 5 == 0) {
                  throw new IllegalStateException(n + " at " + System.nanoTime());
                }
                return System.nanoTime();
              });
    }
    made.close();
    try (CloudJob job = CloudExecutors.attach("again")) {
      job.await();
      Object done = job.get(1);
      String failure = failure(job, 5);
      assertThat(job.resubmit()).isEqualTo(4);
      job.await();
      assertThat(job.states()).containsEntry(State.FAILED, 4).containsEntry(State.DONE, 16);
      assertThat(job.get(1)).isEqualTo(done);
      assertThat(failure(job, 5)).startsWith("5 at ").isNotEqualTo(failure);
      job.delete();
    }
  }

  private static String failure(CloudJob job, int index) throws InterruptedException {
    try {
      return "returned " + job.get(index);
    } catch (ExecutionException e) {
      return e.getCause().getMessage();
    }
  }

  private static Store store() {
    String bucket = System.getProperty("martlet.aws.bucket");
    AwsSettings settings =
        AwsSettings.read(
            Map.of(
                "region", System.getProperty("martlet.aws.region"),
                "bucket", bucket,
                "s3Endpoint", System.getProperty("martlet.aws.s3Endpoint")));
    return new S3Store(AwsClients.s3(settings), bucket, "martlet/");
  }

  @Test
  @DisplayName("a long array that tasks share is in the bucket once, with what has changed in it")
  void longArrays() throws Exception {
    long[] own = new Random(1).longs(2 << 20).toArray();
    shared = new Random(2).longs(1 << 20).toArray();
    List<Long> expected = new ArrayList<>();
    long total = 0;
    try (CloudJob job = pool.detach("arrays");
        Store store = store()) {
      for (int i = 0; i < 40; i++) {
        if (i % 10 == 0) {
          own[i << 14] = i;
          shared[i << 12] = -i;
        }
        expected.add(sum(own) + sum(shared) * i);
        int n = i;
        int unused = job.submit(() -> sum(own) + sum(shared) * n);
      }
      int changes = job.submit(() -> own[0]++);
      assertThatThrownBy(() -> job.get(changes)).hasMessageContaining("changes");
      for (Store.Item item : store.list("jobs/arrays/", "").get().items()) {
        total += item.size();
      }
      assertThat(total).isBetween(24L << 20, 26L << 20);
    }
    LambdaHere.kit().retireIdle();
    try (CloudJob job = CloudExecutors.attach("arrays");
        Store store = store()) {
      assertThat(IntStream.range(0, 40).mapToObj(i -> result(job, i))).isEqualTo(expected);
      assertThat(job.resubmit()).isOne();
      assertThatThrownBy(() -> job.get(40)).hasMessageContaining("changes");
      job.delete();
      assertThat(store.list("jobs/arrays/", "").get().items()).isEmpty();
    }
  }

  private static long sum(long[] array) {
    return LongStream.of(array).sum();
  }

  private static @Nullable Object result(CloudJob job, int index) {
    try {
      return job.get(index);
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("a task whose code is not in the bucket fails as lost, and runs when that is back")
  void codeGone() throws Exception {
    CloudJob job = pool.detach("gone");
    assertThat(job.get(job.submit(square(2)))).isEqualTo(4);
    try (Store store = store()) {
      Map<String, ByteBuffer> code = new LinkedHashMap<>();
      for (Store.Item item : store.list("code/", "").get().items()) {
        if (!item.key().startsWith("code/content/")) {
          code.put(item.key(), store.get(item.key()).get());
        }
      }
      store.delete(code.keySet()).get();
      LambdaHere.kit().retireIdle();
      int late = job.submit(square(3));
      assertThatThrownBy(() -> job.get(late))
          .cause()
          .isInstanceOfSatisfying(
              WorkerLostException.class,
              e -> assertThat(e.reason()).isEqualTo(WorkerLostException.Reason.INCAPABLE))
          .hasMessageContaining("is not in the store any more");
      for (Map.Entry<String, ByteBuffer> e : code.entrySet()) {
        store.put(e.getKey(), List.of(e.getValue())).get();
      }
      assertThat(job.resubmit()).isOne();
      assertThat(job.get(late)).isEqualTo(9);
    }
    job.delete();
  }

  @Test
  @DisplayName("a job is made once, and is of no use to whoever has no key to it")
  void names() throws Exception {
    assertThatThrownBy(() -> pool.detach("no/name")).isInstanceOf(IllegalArgumentException.class);
    CloudJob job = pool.detach("once");
    assertThatThrownBy(() -> pool.detach("once"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attach");
    Path key;
    try (var files = Files.list(keys)) {
      key = files.filter(f -> f.getFileName().toString().startsWith("once-")).findAny().get();
    }
    assertThat(Files.getPosixFilePermissions(key))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Path elsewhere = Files.move(key, keys.resolve("elsewhere"));
    assertThatThrownBy(() -> CloudExecutors.attach("once"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the key of the job once is not here")
        .hasMessageContaining(key.toString());
    assertThatThrownBy(() -> pool.detach("once"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is a job once already");
    Path unused = Files.move(elsewhere, key);
    job.delete();
  }

  @Test
  @DisplayName("tasks of local workers do not outlive their client, so there are no jobs")
  void refusesLocally() {
    try (CloudExecutorService here = CloudExecutors.builder().platform("local").build()) {
      assertThatThrownBy(() -> here.detach("local"))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("end with their client");
    }
  }
}
