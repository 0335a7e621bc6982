package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudJob;
import dev.martlet.CloudJob.State;
import dev.martlet.UncapturableException;
import dev.martlet.WorkerLostException;
import dev.martlet.testkit.aws.Faults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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

  static int offset = 1;
  static final Pattern DIGITS = Pattern.compile("\\d+");

  @BeforeEach
  void home() {
    System.setProperty("martlet.jobs", keys.toString());
    System.setProperty("martlet.internal.jobSilence", "8");
  }

  @AfterEach
  void away() {
    System.clearProperty("martlet.jobs");
    LambdaHere.kit().inject(Faults.none());
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
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      assertThat(pool.detach("squares").submitAll(squares(1_000))).isZero();
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
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      CloudJob job = pool.detach("statics");
      int first = job.submit(() -> offset + (DIGITS.matcher("17").matches() ? 1 : 0));
      job.states();
      offset = 6;
      int second = job.submit(() -> offset);
      assertThat(job.get(first)).isEqualTo(6);
      assertThat(job.get(second)).isEqualTo(6);
      job.delete();
    }
  }

  @Test
  @DisplayName("a task that shares something with others is refused when it is submitted")
  void refuses() {
    AtomicInteger count = new AtomicInteger();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
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
  }

  @Test
  @DisplayName("a task fails that changes what it was given, or throws, or needs its client")
  void fails() throws Exception {
    int[] slots = new int[2];
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
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
          .satisfies(
              e -> assertThat(e.getStackTrace()[0].getClassName()).contains("LambdaJobsTest"));
      assertThat(job.output(throwing)).containsExactly("about to throw");
      assertThatThrownBy(() -> job.get(exits)).hasCauseInstanceOf(WorkerLostException.class);
      assertThat(job.get(fine)).isEqualTo(2);
      assertThat(job.states()).containsEntry(State.FAILED, 4).containsEntry(State.DONE, 1);
      assertThatThrownBy(() -> results(job)).isInstanceOf(CompletionException.class);
      job.delete();
    }
  }
}
