package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.TooManyRequestsException;

/** What goes wrong when it should. */
class FaultsTest {
  private static final Duration DISTANCE = Duration.ofMillis(20);

  static Subjects subjects;
  static final ConcurrentLinkedQueue<String> RUNS = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void start() {
    LambdaTestKit kit = LambdaTestKit.builder().concurrency(50).roundTrip(DISTANCE).start();
    kit.deploy(
        "light",
        256,
        Duration.ofSeconds(20),
        () ->
            (input, output, context) -> {
              RUNS.add(context.getAwsRequestId());
              input.transferTo(output);
            });
    subjects = new Subjects(kit);
  }

  @AfterAll
  static void stop() {
    subjects.close();
  }

  @BeforeEach
  void forget() {
    RUNS.clear();
  }

  @AfterEach
  void heal() {
    subjects.kit.inject(Faults.none());
  }

  @Test
  void aThrottledCallIsRefusedWith429AndDoesNotRun() {
    subjects.kit.inject(Faults.none().withThrottle(1));
    LambdaException refusal = Subjects.refusal(subjects.send("light", "x"));
    assertThat(refusal).isInstanceOf(TooManyRequestsException.class);
    assertThat(((TooManyRequestsException) refusal).reasonAsString())
        .isEqualTo("ConcurrentInvocationLimitExceeded");
    assertThat(RUNS).isEmpty();
  }

  @Test
  void anErrorBeforeTheFunctionKeepsItFromRunning() {
    subjects.kit.inject(Faults.none().withErrors(1, 0));
    assertThat(Subjects.refusal(subjects.send("light", "x")).statusCode()).isEqualTo(500);
    assertThat(RUNS).isEmpty();
  }

  @Test
  void anErrorAfterTheFunctionHidesThatItRan() {
    subjects.kit.inject(Faults.none().withErrors(0, 1));
    assertThat(Subjects.refusal(subjects.send("light", "x")).statusCode()).isEqualTo(500);
    assertThat(RUNS).hasSize(1);
  }

  @Test
  void aConnectionCutBeforeTheFunctionKeepsItFromRunning() {
    subjects.kit.inject(Faults.none().withCuts(1, 0));
    CompletableFuture<InvokeResponse> call = subjects.send("light", "x");
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isNotInstanceOf(LambdaException.class);
    assertThat(RUNS).isEmpty();
  }

  @Test
  void aConnectionCutAfterTheFunctionHidesThatItRan() {
    subjects.kit.inject(Faults.none().withCuts(0, 1));
    CompletableFuture<InvokeResponse> call = subjects.send("light", "x");
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isNotInstanceOf(LambdaException.class);
    assertThat(RUNS).hasSize(1);
  }

  @Test
  void aLostAnswerNeverComes() {
    subjects.kit.inject(Faults.none().withLost(1));
    CompletableFuture<InvokeResponse> call = subjects.send("light", "x");
    await().until(() -> RUNS.size() == 1);
    assertThatThrownBy(() -> call.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    call.cancel(true);
  }

  @Test
  void aDuplicateRunsTheFunctionTwiceWithOneId() {
    subjects.kit.inject(Faults.none().withDuplicates(1));
    assertThat(subjects.answer("light", "x")).isEqualTo("\"x\"");
    await().until(() -> RUNS.size() == 2);
    assertThat(RUNS.stream().distinct()).hasSize(1);
    RUNS.clear();
    subjects.event("light", "x");
    await().until(() -> RUNS.size() == 2);
    assertThat(RUNS.stream().distinct()).hasSize(1);
  }

  @Test
  void aSlowStartDelaysNothingButTheColdStart() {
    subjects.kit.retireIdle();
    subjects.kit.inject(Faults.none().withSlowStarts(1, Duration.ofMillis(300)));
    long begun = System.nanoTime();
    assertThat(subjects.answer("light", "x")).isEqualTo("\"x\"");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(300));
    long faults = subjects.kit.statistics().faults();
    assertThat(subjects.answer("light", "x")).isEqualTo("\"x\"");
    assertThat(subjects.kit.statistics().faults()).isEqualTo(faults);
  }

  @Test
  void theSameSeedThrowsTheSameDice() {
    Faults faults = Faults.none().withErrors(0.5, 0).withSeed(42);
    assertThat(outcomes(faults)).isEqualTo(outcomes(faults)).contains(200, 500);
    assertThat(outcomes(faults.withSeed(43))).isNotEqualTo(outcomes(faults));
  }

  private static List<Integer> outcomes(Faults faults) {
    subjects.kit.inject(faults);
    List<Integer> outcomes = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      outcomes.add(
          subjects
              .send("light", "x")
              .handle(
                  (response, failure) ->
                      failure == null
                          ? response.statusCode()
                          : ((LambdaException) failure.getCause()).statusCode())
              .join());
    }
    return outcomes;
  }

  @Test
  void aDistantClientWaitsForTheRoundTrip() {
    subjects.answer("light", "connected");
    long begun = System.nanoTime();
    subjects.answer("light", "x");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(DISTANCE);
  }

  @Test
  void aProbabilityIsNotAboveOne() {
    assertThatThrownBy(() -> Faults.none().withThrottle(1.5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Faults.none().withLost(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
