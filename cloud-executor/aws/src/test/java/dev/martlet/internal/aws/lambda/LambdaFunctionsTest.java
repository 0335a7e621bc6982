package dev.martlet.internal.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import dev.martlet.Usage;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lambda's wire, both ways, and what its failures mean. */
@Timeout(120)
class LambdaFunctionsTest {
  private static final String REPORT =
      "START RequestId: id-1 Version: $LATEST\nhello\nEND RequestId: id-1\n"
          + "REPORT RequestId: id-1\tDuration: 12.34 ms\tBilled Duration: 260 ms\t"
          + "Memory Size: 1769 MB\tMax Memory Used: 98 MB\tInit Duration: 246.91 ms\t\n";

  private FakeLambda lambda;
  private LambdaFunctions functions;

  @BeforeAll
  static void credentials() {
    System.setProperty("aws.accessKeyId", "key");
    System.setProperty("aws.secretAccessKey", "secret");
  }

  @BeforeEach
  void open() throws Exception {
    lambda = new FakeLambda();
    functions = functions(lambda.settings());
  }

  @AfterEach
  void close() {
    functions.close();
    lambda.close();
  }

  private LambdaFunctions functions(AwsSettings settings) {
    return new LambdaFunctions(AwsClients.invoking(settings), FakeLambda.FUNCTION, settings);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 12_287, 12_288, 12_289, 12_290, 1_000_000, 4_718_589})
  @DisplayName("bytes of any length go and come as they are")
  void echo(int length) throws Exception {
    lambda.handle((x, r) -> FakeLambda.respond(x, 200, r.payload(), Map.of()));
    byte[] bytes = new byte[length + 7];
    new Random(length).nextBytes(bytes);
    ByteBuffer request = ByteBuffer.wrap(bytes, 3, length);
    FunctionAnswer answer = functions.invoke(request).get(60, SECONDS);
    assertThat(answer.payload()).isEqualTo(ByteBuffer.wrap(bytes, 3, length));
    assertThat(answer.id()).isEqualTo("id-1");
    assertThat(request.remaining()).isEqualTo(length);
    assertThat(new String(lambda.requests().get(0).payload(), UTF_8))
        .isEqualTo(
            "\""
                + Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, 3, 3 + length))
                + "\"");
    assertThat(lambda.requests().get(0).path())
        .isEqualTo("/2015-03-31/functions/worker/invocations");
    assertThat(lambda.requests().get(0).type()).isEqualTo("RequestResponse");
  }

  @Test
  @DisplayName("what is submitted is an event")
  void submits() throws Exception {
    lambda.answer(202, "", Map.of());
    functions.submit(ByteBuffer.wrap(new byte[] {1, 2, 3})).get(60, SECONDS);
    assertThat(lambda.requests().get(0).type()).isEqualTo("Event");
    assertThat(new String(lambda.requests().get(0).payload(), UTF_8)).isEqualTo("\"AQID\"");
  }

  @ParameterizedTest
  @CsvSource({
    "429, TooManyRequestsException, THROTTLED",
    "400, ThrottlingException, THROTTLED",
    "500, ServiceException, UNAVAILABLE",
    "502, ResourceNotReadyException, UNAVAILABLE",
    "503, ServiceUnavailable, UNAVAILABLE",
    "409, ResourceConflictException, UNAVAILABLE",
    "413, RequestTooLargeException, TOO_LARGE",
    "404, ResourceNotFoundException, REFUSED",
    "403, AccessDeniedException, REFUSED",
    "403, UnrecognizedClientException, REFUSED",
    "400, InvalidParameterValueException, REFUSED",
    "502, InvalidZipFileException, REFUSED"
  })
  @DisplayName("a status is a failure of its kind, and nothing is tried again")
  void statuses(int status, String type, Kind kind) {
    lambda.answer(status, "{\"Message\":\"no\"}", Map.of("x-amzn-ErrorType", type));
    assertThat(failure(functions.invoke(ByteBuffer.allocate(1))).kind()).isEqualTo(kind);
    assertThat(failure(functions.submit(ByteBuffer.allocate(1))).kind()).isEqualTo(kind);
    assertThat(lambda.requests()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "Sandbox.Timedout, RequestId: a Error: Task timed out after 3.00 seconds, TIMED_OUT",
    "'', 2026-11-21T10:00:00Z id Task timed out after 900.00 seconds, TIMED_OUT",
    "Runtime.ExitError, RequestId: a Error: Runtime exited with error: exit status 1, CRASHED",
    "Runtime.ExitError, RequestId: a Error: Runtime exited with error: signal: killed, OUT_OF_MEMORY",
    "Runtime.OutOfMemory, RequestId: a Error: out of memory, OUT_OF_MEMORY",
    "java.lang.OutOfMemoryError, Java heap space, OUT_OF_MEMORY",
    "java.lang.ClassNotFoundException, Class not found: a.B, NOT_STARTED",
    "Function.ResponseSizeTooLarge, Response payload size exceeded, TOO_LARGE",
    "java.lang.IllegalStateException, broken, CRASHED"
  })
  @DisplayName("a function that ends without an answer fails by how it ended")
  void functionErrors(String type, String message, Kind kind) {
    lambda.answer(
        200,
        String.format("{\"errorType\":\"%s\",\"errorMessage\":\"%s\"}", type, message),
        Map.of("X-Amz-Function-Error", "Unhandled"));
    FunctionException e = failure(functions.invoke(ByteBuffer.allocate(1)));
    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e).hasMessageContaining(message).hasMessageContaining("id-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "\"", "\"not base64\"", "null"})
  @DisplayName("an answer that is none of a worker is refused")
  void strangers(String body) {
    lambda.answer(200, body, Map.of());
    assertThat(failure(functions.invoke(ByteBuffer.allocate(1))))
        .hasMessageContaining("martlet deploy")
        .extracting(FunctionException::kind)
        .isEqualTo(Kind.REFUSED);
  }

  @Test
  @DisplayName("what is longer than Lambda's limit is not sent")
  void tooLong() {
    int most = (int) functions.limits().inlineRequest();
    assertThat(Envelope.wrap(ByteBuffer.allocate(most)).length).isBetween(6_291_450, 6 << 20);
    assertThat(failure(functions.invoke(ByteBuffer.allocate(most + 1))).kind())
        .isEqualTo(Kind.TOO_LARGE);
    assertThat(Envelope.wrap(ByteBuffer.allocate(functions.longestSubmission())).length)
        .isBetween(1_048_570, 1 << 20);
    assertThat(
            failure(functions.submit(ByteBuffer.allocate(functions.longestSubmission() + 1)))
                .kind())
        .isEqualTo(Kind.TOO_LARGE);
    assertThat(lambda.requests()).isEmpty();
  }

  @Test
  @DisplayName("the report of a call comes with its answer, if it is wanted")
  void reports() throws Exception {
    String tail = Base64.getEncoder().encodeToString(REPORT.getBytes(UTF_8));
    lambda.answer(200, "\"AQID\"", Map.of("X-Amz-Log-Result", tail));
    Usage usage = functions.invoke(ByteBuffer.allocate(1)).get(60, SECONDS).usage();
    assertThat(usage).isNotNull();
    assertThat(usage.duration()).isEqualTo(Duration.ofNanos(12_340_000));
    assertThat(usage.billed()).isEqualTo(Duration.ofMillis(260));
    assertThat(usage.init()).isEqualTo(Duration.ofNanos(246_910_000));
    assertThat(usage.memorySize()).isEqualTo(1769L << 20);
    assertThat(usage.memoryUsed()).isEqualTo(98L << 20);
    assertThat(usage.gigabyteSeconds()).isEqualByComparingTo("0.44916015625");
    assertThat(usage.price()).isEqualByComparingTo("0.0000076860175761718750");
    assertThat(lambda.requests().get(0).log()).isEqualTo("Tail");

    lambda.answer(200, "\"AQID\"", Map.of());
    AwsSettings quiet =
        AwsSettings.read(
            Map.of(
                "region", "eu-west-1",
                "reports", "false",
                "lambdaEndpoint", String.valueOf(lambda.settings().lambdaEndpoint())));
    try (LambdaFunctions other = functions(quiet)) {
      assertThat(other.invoke(ByteBuffer.allocate(1)).get(60, SECONDS).usage()).isNull();
    }
    assertThat(lambda.requests().get(1).log()).isNotEqualTo("Tail");
  }

  @Test
  @DisplayName("a function that ends without an answer has its report, too")
  void reportsOfFailures() {
    String tail = Base64.getEncoder().encodeToString(REPORT.getBytes(UTF_8));
    lambda.answer(
        200,
        "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"exit status 1\"}",
        Map.of("X-Amz-Function-Error", "Unhandled", "X-Amz-Log-Result", tail));
    Usage usage = failure(functions.invoke(ByteBuffer.allocate(1))).usage();
    assertThat(usage).isNotNull();
    assertThat(usage.billed()).isEqualTo(Duration.ofMillis(260));
  }

  @Test
  @DisplayName("a connection that is lost is a cut")
  void cut() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        LambdaFunctions cut = functions(FakeLambda.settings(server.getLocalPort()))) {
      CompletableFuture<FunctionAnswer> answer = cut.invoke(ByteBuffer.allocate(1));
      try (Socket socket = server.accept()) {
        assertThat(socket.getInputStream().read()).isEqualTo('P');
      }
      assertThat(failure(answer).kind()).isEqualTo(Kind.CUT);
    }
  }

  @Test
  @DisplayName("to cancel a call closes its connection")
  void cancels() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        LambdaFunctions cancelled = functions(FakeLambda.settings(server.getLocalPort()))) {
      CompletableFuture<FunctionAnswer> answer = cancelled.invoke(ByteBuffer.allocate(1));
      try (Socket socket = server.accept()) {
        InputStream in = socket.getInputStream();
        assertThat(in.read()).isEqualTo('P');
        answer.cancel(true);
        in.transferTo(OutputStream.nullOutputStream()); // until the other side closes
      }
      assertThat(answer).isCancelled();
    }
  }

  @Test
  @DisplayName("five hundred calls are in flight at once, on few threads")
  void manyCalls() throws Exception {
    int calls = 500;
    ConcurrentLinkedQueue<HttpExchange> held = new ConcurrentLinkedQueue<>();
    lambda.handle(
        (exchange, r) -> {
          held.add(exchange);
          if (held.size() == calls) {
            held.forEach(x -> FakeLambda.respond(x, 200, "\"AQID\"".getBytes(UTF_8), Map.of()));
          }
        });
    Set<Thread> before = threads("martlet-aws-io");
    List<CompletableFuture<FunctionAnswer>> answers =
        Stream.generate(() -> functions.invoke(ByteBuffer.allocate(1))).limit(calls).toList();
    for (CompletableFuture<FunctionAnswer> answer : answers) {
      assertThat(answer.get(60, SECONDS).payload().remaining()).isEqualTo(3);
    }
    Set<Thread> own = threads("martlet-aws-io");
    own.removeAll(before); // those of other clients that are about to end
    assertThat(own).hasSizeLessThanOrEqualTo(1);
    int few = Math.max(4, Runtime.getRuntime().availableProcessors()) + 1;
    // All clients share these; one that ends may still be there when the next one begins.
    assertThat(threads("martlet-aws-(completing|timer)")).hasSizeLessThanOrEqualTo(2 * few);
  }

  private static Set<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().matches(name + ".*"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static FunctionException failure(CompletableFuture<?> future) {
    ExecutionException e =
        catchThrowableOfType(ExecutionException.class, () -> future.get(60, SECONDS));
    assertThat(e).isNotNull();
    assertThat(e.getCause()).isInstanceOf(FunctionException.class);
    return (FunctionException) e.getCause();
  }
}
