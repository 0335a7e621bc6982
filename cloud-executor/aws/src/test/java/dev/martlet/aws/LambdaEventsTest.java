package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
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
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait in Lambda's queue. */
@ExtendWith(LambdaHere.class)
@Timeout(600)
class LambdaEventsTest {
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
