package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.CreateFunctionRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.State;
import software.amazon.awssdk.services.lambda.model.TooManyRequestsException;

/** Instances within this JVM, by the same rules. */
class LightModeTest {
  static Subjects subjects;

  @BeforeAll
  static void start() {
    subjects =
        new Subjects(
            LambdaTestKit.builder()
                .light(true)
                .idleTime(Duration.ofSeconds(2))
                .coldStart(Duration.ofMillis(5))
                .start());
  }

  @AfterAll
  static void stop() {
    subjects.close();
  }

  @Test
  void aThousandCallsRunAtTheSameTimeAndNoMore() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(1_000);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger handlers = new AtomicInteger();
    subjects.kit.deploy(
        "thousand",
        128,
        Duration.ofMinutes(1),
        () -> {
          handlers.incrementAndGet();
          return (input, output, context) -> {
            all.countDown();
            try {
              end.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            input.transferTo(output);
          };
        });
    List<CompletableFuture<InvokeResponse>> calls =
        IntStream.range(0, 1_000)
            .mapToObj(i -> subjects.send("thousand", Integer.toString(i)))
            .toList();
    assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Subjects.refusal(subjects.send("thousand", "x")))
        .isInstanceOf(TooManyRequestsException.class);
    end.countDown();
    for (int i = 0; i < 1_000; i++) {
      assertThat(calls.get(i).join().payload().asUtf8String()).isEqualTo("\"" + i + "\"");
    }
    assertThat(handlers).hasValue(1_000);
    assertThat(subjects.kit.statistics().peak()).isEqualTo(1_000);
    assertThat(subjects.answer("thousand", "x")).isEqualTo("\"x\"");
    assertThat(handlers).hasValue(1_000);
    await().until(() -> subjects.kit.statistics().instances() == 0);
  }

  @Test
  void anUploadedFunctionHasAClassLoaderForEachInstance() {
    subjects.create("uploaded");
    assertThat(subjects.answer("uploaded", "calls")).isEqualTo("1");
    assertThat(subjects.answer("uploaded", "calls")).isEqualTo("2");
    subjects.kit.retireIdle();
    assertThat(subjects.answer("uploaded", "calls")).isEqualTo("1");
    assertThat(subjects.answer("uploaded", "loader")).contains("java.net.URLClassLoader");
    delete("uploaded");
  }

  @Test
  void aThreadThatOutlivesItsFunctionCanLoadClasses() {
    String property = "dev.martlet.testkit.later";
    subjects.create("survived");
    subjects.call("survived", "later " + property);
    delete("survived");
    await().until(() -> subjects.kit.statistics().instances() == 0);
    System.setProperty(property, "go");
    try {
      await().until(() -> !"go".equals(System.getProperty(property)));
      assertThat(System.getProperty(property)).isEqualTo("loaded");
    } finally {
      System.clearProperty(property);
    }
  }

  private static void delete(String name) {
    subjects.client.deleteFunction(d -> d.functionName(name)).join();
  }

  @Test
  void aCallThatTakesTooLongIsInterruptedAndItsInstanceNotUsedAgain() {
    AtomicInteger handlers = new AtomicInteger();
    CountDownLatch interrupted = new CountDownLatch(1);
    subjects.kit.deploy(
        "late",
        128,
        Duration.ofMillis(100),
        () -> {
          handlers.incrementAndGet();
          return (input, output, context) -> {
            if (new String(input.readAllBytes(), StandardCharsets.UTF_8).contains("late")) {
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            }
          };
        });
    InvokeResponse response = subjects.call("late", "late");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("Sandbox.Timedout")
        .contains("Task timed out after 0.10 seconds");
    await().until(() -> interrupted.getCount() == 0);
    subjects.call("late", "x");
    assertThat(handlers).hasValue(2);
  }

  @Test
  void aFunctionStartsNoMoreInstancesThanTheScalingRateAllows() {
    try (Subjects slow = new Subjects(LambdaTestKit.builder().light(true).scaling(3).start())) {
      slow.kit.deploy(
          "slow",
          128,
          Duration.ofSeconds(20),
          () ->
              (input, output, context) -> {
                try {
                  Thread.sleep(500);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      List<CompletableFuture<InvokeResponse>> calls =
          IntStream.range(0, 40).mapToObj(i -> slow.send("slow", "x")).toList();
      List<String> reasons = new ArrayList<>();
      for (CompletableFuture<InvokeResponse> call : calls) {
        try {
          call.join();
        } catch (CompletionException e) {
          reasons.add(((TooManyRequestsException) e.getCause()).reasonAsString());
        }
      }
      assertThat(reasons).isNotEmpty().containsOnly("FunctionInvocationRateLimitExceeded");
      assertThat(slow.kit.statistics().coldStarts()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void aPendingFunctionCanNeitherBeInvokedNorUpdated() {
    try (Subjects pending =
        new Subjects(LambdaTestKit.builder().light(true).settling(Duration.ofHours(1)).start())) {
      pending.create("new");
      assertThat(pending.client.getFunctionConfiguration(g -> g.functionName("new")).join().state())
          .isEqualTo(State.PENDING);
      assertThat(Subjects.refusal(pending.send("new", "x")))
          .isInstanceOf(ResourceConflictException.class);
      assertThat(
              Subjects.refusal(
                  pending.client.updateFunctionConfiguration(
                      u -> u.functionName("new").memorySize(512))))
          .isInstanceOf(ResourceConflictException.class);
    }
  }

  @Test
  void whoWaitsForAFunctionToSettleCanInvokeAndUpdateIt() {
    try (Subjects settling =
        new Subjects(LambdaTestKit.builder().light(true).settling(Duration.ofMillis(50)).start())) {
      LambdaAsyncClient client = settling.client;
      settling.create("new");
      for (int memory = 256; memory < 258; memory++) {
        int size = memory;
        client.waiter().waitUntilFunctionActiveV2(g -> g.functionName("new")).join();
        client.waiter().waitUntilFunctionUpdatedV2(g -> g.functionName("new")).join();
        assertThat(settling.answer("new", "x")).isEqualTo("\"x\"");
        client.updateFunctionConfiguration(u -> u.functionName("new").memorySize(size)).join();
      }
    }
  }

  @Test
  void settingsThatLambdaRefusesAreRefused() {
    List<Consumer<CreateFunctionRequest.Builder>> wrong =
        List.of(
            f -> f.memorySize(64),
            f -> f.timeout(901),
            f -> f.role("somebody"),
            f -> f.runtime("java7"),
            f -> f.handler(""),
            f -> f.functionName("no name"),
            f -> f.environment(e -> e.variables(Map.of("AWS_REGION", "here"))),
            f -> f.environment(e -> e.variables(Map.of("LONG", "x".repeat(4_096)))),
            f -> f.code(c -> c.zipFile(SdkBytes.fromUtf8String("not a zip"))),
            f -> f.code(c -> c.zipFile(null)));
    for (Consumer<CreateFunctionRequest.Builder> settings : wrong) {
      CompletableFuture<Void> creation =
          CompletableFuture.runAsync(() -> subjects.create("refused", settings));
      assertThat(Subjects.refusal(creation).statusCode()).isEqualTo(400);
    }
  }

  @Test
  void anExceptionIsAFunctionError() {
    subjects.kit.deploy(
        "throws",
        128,
        Duration.ofSeconds(20),
        () ->
            (input, output, context) -> {
              throw new IllegalArgumentException("as told");
            });
    assertThat(subjects.call("throws", "x").payload().asUtf8String())
        .contains("\"errorMessage\":\"as told\"")
        .contains("\"errorType\":\"java.lang.IllegalArgumentException\"");
  }
}
