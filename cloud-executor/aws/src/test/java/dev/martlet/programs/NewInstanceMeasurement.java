package dev.martlet.programs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.martlet.CloudExecutorService;
import dev.martlet.aws.LambdaHere;
import dev.martlet.testkit.aws.S3Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/**
 * Measures programs in sessions of their own: on a new instance before a bucket without their code,
 * on a new instance when their code is in the bucket, and on that instance again. No test; run by
 * its name, with {@code -Dprogram} for which programs.
 */
@ExtendWith(LambdaHere.class)
class NewInstanceMeasurement {
  private static final int ROUNDS = Integer.getInteger("martlet.internal.rounds", 1);

  private static final ListAppender<ILoggingEvent> asked = new ListAppender<>();

  @BeforeAll
  static void count() {
    Logger log = (Logger) LoggerFactory.getLogger("dev.martlet.internal.function.MailRoom");
    log.setLevel(Level.DEBUG);
    log.setAdditive(false);
    log.addAppender(asked);
    asked.start();
  }

  @Test
  void measure() {
    // The client's own start.
    run(Program.all().get(0));
    for (Program p : Program.all()) {
      if (p.where() == Runs.Where.HOME) {
        continue;
      }
      String expected = JdkProgramsTest.onJdk(p);
      List<long[]> all = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        LambdaHere.empty();
        LambdaHere.kit().retireIdle();
        long[] first = counted(p, expected);
        LambdaHere.kit().retireIdle();
        long[] second = counted(p, expected);
        long[] third = counted(p, expected);
        all.add(first);
        all.add(second);
        all.add(third);
      }
      for (int k = 0; k < 3; k++) {
        int from = k;
        long[] medians = new long[6];
        for (int n = 0; n < medians.length; n++) {
          int of = n;
          long[] sorted = new long[ROUNDS];
          for (int i = 0; i < ROUNDS; i++) {
            sorted[i] = all.get(3 * i + from)[of];
          }
          Arrays.sort(sorted);
          medians[n] = sorted[ROUNDS / 2];
        }
        System.out.printf(
            "%-45s %-20s %6d ms, %3d questions, %3d puts %3d gets %3d lists %3d deletes%n",
            p,
            new String[] {"nothing in the store", "code in the store", "warm instance"}[k],
            medians[0],
            medians[1],
            medians[2],
            medians[3],
            medians[4],
            medians[5]);
      }
    }
  }

  private static long[] counted(Program p, String expected) {
    S3Statistics before = LambdaHere.s3().statistics();
    long letters = asked.list.size();
    long start = System.nanoTime();
    String outcome = run(p);
    long millis = (System.nanoTime() - start) / 1_000_000;
    if (!outcome.equals(expected)) {
      System.out.println(p + ": " + outcome + " instead of " + expected);
    }
    S3Statistics after = LambdaHere.s3().statistics();
    return new long[] {
      millis,
      asked.list.size() - letters,
      after.puts() - before.puts(),
      after.gets() - before.gets(),
      after.lists() - before.lists(),
      after.deletes() - before.deletes()
    };
  }

  private static String run(Program p) {
    CloudExecutorService pool = Pools.martlet(p.parallelism(), false);
    try {
      return p.outcome(pool);
    } finally {
      pool.shutdownNow();
    }
  }
}
