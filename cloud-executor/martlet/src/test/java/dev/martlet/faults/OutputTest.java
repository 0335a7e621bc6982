package dev.martlet.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CallStatistics.Place;
import dev.martlet.CloudContext;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudPoolBuilder;
import dev.martlet.WorkerLostException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tasks print, what they have shown when their worker is lost, and what is counted. */
class OutputTest {
  @RegisterExtension final Watchdog watchdog = new Watchdog();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream toOut = new ByteArrayOutputStream();
  private final ByteArrayOutputStream toErr = new ByteArrayOutputStream();

  @BeforeEach
  void redirect() {
    System.setOut(new PrintStream(toOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(toErr, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void nothingIsLeft() {
    System.setOut(out);
    System.setErr(err);
    Workers.awaitNone();
  }

  private List<String> out() {
    return toOut.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private List<String> err() {
    return toErr.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static void talk(int n) {
    for (int i = 0; i < 50; i++) {
      System.out.print("out " + n);
      System.err.print("err " + n);
      System.out.print(" line " + i + " ä\n");
      System.err.println(" line " + i);
    }
    System.out.print("end " + n);
  }

  private static void talk(CloudPoolBuilder builder) throws Exception {
    try (CloudExecutorService pool = builder.parallelism(4).build()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int n = i;
        all.add(pool.submit(() -> talk(n)));
      }
      for (Future<?> f : all) {
        f.get();
      }
    }
  }

  @Test
  @DisplayName("what a task has printed before it turns out to have to run at home comes out once")
  void printsOnce() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      pool.submit(
              () -> {
                System.out.println("begun");
                System.setProperty("martlet.test.printsOnce", "set");
              })
          .get();
      assertThat(pool.statistics().home()).isEqualTo(1);
    }
    assertThat(System.clearProperty("martlet.test.printsOnce")).isEqualTo("set");
    assertThat(out()).containsExactly("begun");
  }

  @Test
  @DisplayName("what a task prints comes out while it goes on")
  void printsOnTheWay() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Future<?> f =
          pool.submit(
              () -> {
                System.out.println("begun");
                Thread.sleep(600_000);
                return null;
              });
      await().untilAsserted(() -> assertThat(out()).containsExactly("begun"));
      assertThat(f.isDone()).isFalse();
      f.cancel(true);
    }
  }

  @Test
  @DisplayName("what tasks print comes out in whole lines, each on its stream")
  void wholeLines() throws Exception {
    talk(CloudExecutors.builder());
    List<String> expectedOut = new ArrayList<>();
    List<String> expectedErr = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      for (int i = 0; i < 50; i++) {
        expectedOut.add("out " + n + " line " + i + " ä");
        expectedErr.add("err " + n + " line " + i);
      }
      expectedOut.add("end " + n);
    }
    assertThat(out()).containsExactlyInAnyOrderElementsOf(expectedOut);
    assertThat(err()).containsExactlyInAnyOrderElementsOf(expectedErr);
    assertThat(out().stream().filter(s -> s.startsWith("out 3")).toList())
        .isEqualTo(expectedOut.stream().filter(s -> s.startsWith("out 3")).toList());
  }

  @Test
  @DisplayName("output can be turned off")
  void turnedOff() throws Exception {
    talk(CloudExecutors.builder().output(false));
    assertThat(out()).isEmpty();
    assertThat(err()).isEmpty();
  }

  @Test
  @DisplayName("a listener takes lines, and what it does not take is printed")
  void listener() throws Exception {
    List<String> taken = new CopyOnWriteArrayList<>();
    talk(
        CloudExecutors.builder()
            .listener(
                new CallListener() {
                  @Override
                  public boolean printed(String line, boolean error) {
                    return error && taken.add(line);
                  }
                }));
    assertThat(taken).hasSize(400).allMatch(s -> s.startsWith("err"));
    assertThat(out()).hasSize(408);
    assertThat(err()).isEmpty();
  }

  @Test
  @DisplayName("a task that was dropped and ran at home has printed once")
  void dropped() throws Exception {
    AtomicInteger shared = new AtomicInteger();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      Future<Object> future =
          pool.submit(
              () -> {
                System.out.println("once");
                return AtomicInteger.class.getMethod("incrementAndGet").invoke(shared);
              });
      assertThat(future.get()).isEqualTo(1);
      assertThat(pool.statistics().home()).isEqualTo(1);
    }
    assertThat(out()).containsExactly("once");
    assertThat(shared).hasValue(1);
  }

  @Test
  @DisplayName("a task that ran again after a loss has printed each line once")
  void retried() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      Future<Integer> future =
          pool.submit(
              () -> {
                System.out.println("one");
                System.err.println("two");
                if (CloudContext.current().attempt() < 3) {
                  Thread.sleep(300);
                  Runtime.getRuntime().halt(1);
                }
                System.out.println("three");
                return CloudContext.current().attempt();
              });
      assertThat(future.get()).isEqualTo(3);
    }
    assertThat(out()).containsExactly("one", "three");
    assertThat(err()).containsExactly("two");
  }

  @Test
  @DisplayName("a call whose effects had become visible is not run again: it fails and says so")
  void notTwice() {
    AtomicInteger shared = new AtomicInteger();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      Future<?> future =
          pool.submit(
              () -> {
                shared.incrementAndGet();
                Thread.sleep(1_000);
                Runtime.getRuntime().halt(1);
                return null;
              });
      ExecutionException e = catchThrowableOfType(ExecutionException.class, future::get);
      assertThat(e.getCause()).isInstanceOf(WorkerLostException.class);
      assertThat(e.getCause()).hasMessageContaining("had become visible");
      assertThat(shared).hasValue(1);
      assertThat(pool.statistics().recent().get(0).attempts()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("statistics tell of bytes, attempts, worker, cold start, times and reasons")
  void statistics() throws Exception {
    AtomicInteger shared = new AtomicInteger();
    byte[] load = new byte[100_000];
    List<CallStatistics> ended = new CopyOnWriteArrayList<>();
    CallListener listener =
        new CallListener() {
          @Override
          public void ended(CallStatistics call) {
            ended.add(call);
          }
        };
    List<CallStatistics> calls;
    try (CloudExecutorService pool =
        CloudExecutors.builder().parallelism(1).listener(listener).build()) {
      assertThat(pool.submit(() -> new byte[load.length * 2]).get()).hasSize(200_000);
      pool.submit(Tasks::pid).get();
      assertThat(pool.submit(() -> shared.incrementAndGet()).get()).isEqualTo(1);
      calls = pool.statistics().recent();
      assertThat(pool.statistics().coldStarts()).isEqualTo(1);
      assertThat(pool.statistics().submitted()).isEqualTo(3);
      assertThat(pool.statistics().bytesOut())
          .isEqualTo(calls.stream().mapToLong(CallStatistics::bytesOut).sum());
      assertThat(pool.statistics().bytesIn())
          .isEqualTo(calls.stream().mapToLong(CallStatistics::bytesIn).sum());
    }
    assertThat(ended).hasSize(3);
    CallStatistics first = calls.get(0);
    assertThat(first.place()).isEqualTo(Place.AWAY);
    assertThat(first.reason()).isNull();
    assertThat(first.bytesOut()).isBetween(100_000L, 110_000L);
    assertThat(first.bytesIn()).isBetween(200_000L, 210_000L);
    assertThat(first.attempts()).isEqualTo(1);
    assertThat(first.instance()).matches("local-\\d+ \\(pid \\d+\\)");
    assertThat(first.coldStart()).isTrue();
    assertThat(calls.get(1).coldStart()).isFalse();
    assertThat(calls.get(1).instance()).isEqualTo(first.instance());
    CallStatistics home = calls.get(2);
    assertThat(home.place()).isEqualTo(Place.HOME);
    assertThat(home.reason()).contains("incrementAndGet");
    assertThat(home.attempts()).isZero();
    assertThat(home.instance()).isNull();
    for (CallStatistics c : calls) {
      assertThat(c.queued()).isBeforeOrEqualTo(c.sent());
      assertThat(c.sent()).isBeforeOrEqualTo(c.started());
      assertThat(c.started()).isBeforeOrEqualTo(c.ended());
    }
  }
}
