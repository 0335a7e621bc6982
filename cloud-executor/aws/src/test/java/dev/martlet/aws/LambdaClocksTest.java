package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client whose clock counts from another moment than its instances' clocks do. */
@ExtendWith(LambdaHere.class)
@Timeout(120)
class LambdaClocksTest {
  private static final List<String> ELSEWHEN =
      List.of("unshare", "--time", "--fork", "--monotonic", "1000000");

  @Test
  @DisplayName(
      "a deadline by System.nanoTime() is the same on an instance, and time never goes back")
  void nanoTime() throws Exception {
    List<String> nothing = new ArrayList<>(ELSEWHEN);
    nothing.add("true");
    assumeTrue(ends(nothing), "this machine has no clocks but its own");
    Process client = LambdaHere.program(ELSEWHEN, List.of(), Client.class);
    try {
      assertThat(client.waitFor()).isZero();
    } finally {
      client.destroyForcibly();
    }
  }

  private static boolean ends(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A program that gives its tasks deadlines. */
  static final class Client {
    private static final long PATIENCE_MILLIS = 20_000;

    private Client() {}

    /** Returns what the clock shows once the deadline is over. */
    private static long await(long deadline) {
      long start = System.currentTimeMillis();
      long now = System.nanoTime();
      while (now - deadline < 0) {
        if (System.currentTimeMillis() - start > PATIENCE_MILLIS) {
          throw new IllegalStateException("it is " + now + ", and " + deadline + " far away");
        }
        now = System.nanoTime();
      }
      return now;
    }

    /** Exits with 0 if all was well. */
    public static void main(String[] args) throws Exception {
      try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
        long last = System.nanoTime();
        for (int i = 0; i < 5; i++) {
          long before = last;
          long deadline = before + TimeUnit.MILLISECONDS.toNanos(20);
          long there = pool.submit(() -> await(deadline)).get();
          long reference = now(pool);
          long nested = pool.submit(() -> now(pool)).get();
          last = System.nanoTime();
          check(there - deadline >= 0, "the deadline was not awaited");
          check(reference - there >= 0 && nested - reference >= 0, "time has gone back");
          check(last - nested >= 0, "the instance is ahead");
        }
        check(pool.statistics().home() == 0, "tasks ran at home");
      }
    }

    private static long now(ExecutorService pool) throws Exception {
      return pool.submit(System::nanoTime).get();
    }

    private static void check(boolean right, String otherwise) {
      if (!right) {
        throw new IllegalStateException(otherwise);
      }
    }
  }
}
