package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudJob;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How long many tiny tasks of a job take, and how many invocations they are; run by hand. */
@ExtendWith(LambdaHere.class)
class JobMeasurement {
  private static final int TASKS = Integer.getInteger("martlet.internal.tasks", 100_000);

  @TempDir static Path keys;

  @Test
  void many() throws Exception {
    System.setProperty("martlet.jobs", keys.toString());
    long invocations = LambdaHere.kit().statistics().invocations();
    long begun = System.nanoTime();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(4)) {
      CloudJob job = pool.detach("many");
      int unused = job.submitAll(LambdaJobsTest.squares(TASKS));
      say("submitted", begun);
    }
    say("closed", begun);
    try (CloudJob job = CloudExecutors.attach("many")) {
      job.await();
      say("done", begun);
      long sum = job.results(Integer.class).mapToLong(n -> n).sum();
      say("collected", begun);
      long expected = 0;
      for (int i = 0; i < TASKS; i++) {
        int square = i * i; // as the tasks have it
        expected += square;
      }
      assertThat(sum).isEqualTo(expected);
      job.delete();
      say("deleted", begun);
    }
    System.out.println(LambdaHere.kit().statistics().invocations() - invocations + " invocations");
  }

  private static void say(String what, long begun) {
    System.out.printf("%s after %.1f s%n", what, (System.nanoTime() - begun) / 1e9);
  }
}
