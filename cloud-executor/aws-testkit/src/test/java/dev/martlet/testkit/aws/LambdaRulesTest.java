package dev.martlet.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;
import software.amazon.awssdk.services.lambda.model.InvalidRequestContentException;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.lambda.model.TooManyRequestsException;

/** Lambda's rules, with real processes of its runtime and the real client. */
class LambdaRulesTest {
  private static final int MEGABYTE = 1024 * 1024;

  static S3TestKit s3;
  static Subjects subjects;
  static LambdaAsyncClient client;

  @TempDir static Path directory;

  @BeforeAll
  static void start() {
    s3 = S3TestKit.start();
    subjects = new Subjects(LambdaTestKit.builder().s3(s3).concurrency(6).start());
    client = subjects.client;
    subjects.create("plain");
    subjects.create("short", f -> f.timeout(1));
  }

  @AfterAll
  static void stop() {
    subjects.close();
    s3.close();
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }

  @Test
  void anEventReachesTheHandlerAndItsAnswerComesBack() {
    assertThat(subjects.answer("plain", "hello")).isEqualTo("\"hello\"");
  }

  @Test
  void anEmptyEventIsAnEmptyObject() {
    assertThat(client.invoke(i -> i.functionName("plain")).join().payload().asUtf8String())
        .isEqualTo("{}");
  }

  @Test
  void anInstanceServesOneCallAfterTheOther() {
    long first = Long.parseLong(subjects.answer("plain", "pid"));
    int calls = Integer.parseInt(subjects.answer("plain", "calls"));
    assertThat(subjects.answer("plain", "calls")).isEqualTo(Integer.toString(calls + 1));
    assertThat(subjects.answer("plain", "pid")).isEqualTo(Long.toString(first));
  }

  @Test
  void callsAtTheSameTimeHaveInstancesOfTheirOwn() {
    List<CompletableFuture<InvokeResponse>> both =
        List.of(subjects.send("plain", "linger 500"), subjects.send("plain", "linger 500"));
    assertThat(both.stream().map(f -> f.join().payload().asUtf8String()).distinct()).hasSize(2);
  }

  @Test
  void anExceptionIsAFunctionErrorWithItsTypeAndMessage() {
    InvokeResponse response = subjects.call("plain", "throw");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("\"errorMessage\":\"as told\"")
        .contains("\"errorType\":\"java.lang.IllegalArgumentException\"")
        .contains("\"stackTrace\":");
  }

  @Test
  void anExitIsAFunctionErrorAndTheNextCallHasANewInstance() {
    String before = subjects.answer("plain", "pid");
    InvokeResponse response = subjects.call("plain", "exit 3");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("\"errorType\":\"Runtime.ExitError\"")
        .contains("Error: Runtime exited with error: exit status 3\"");
    assertThat(subjects.answer("plain", "pid")).isNotEqualTo(before);
  }

  @Test
  void anExitWithoutAStatusIsToldAsOneWithoutAReason() {
    assertThat(subjects.call("plain", "exit 0").payload().asUtf8String())
        .contains("Error: Runtime exited without providing a reason\"");
  }

  @Test
  void aCallThatTakesTooLongIsToldAndItsInstanceIsKilled() {
    long pid = Long.parseLong(subjects.answer("short", "pid"));
    InvokeResponse response = subjects.call("short", "sleep 60000");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("\"errorType\":\"Sandbox.Timedout\"")
        .contains("Error: Task timed out after 1.00 seconds\"");
    await().until(() -> !alive(pid));
    assertThat(subjects.answer("short", "pid")).isNotEqualTo(Long.toString(pid));
  }

  @Test
  void memoryThatIsExhaustedIsToldAsTheErrorThatItIs() {
    InvokeResponse response = subjects.call("plain", "memory");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String()).contains("java.lang.OutOfMemoryError");
    assertThat(subjects.answer("plain", "after")).isEqualTo("\"after\"");
  }

  @Test
  void anInstanceIsStoppedBetweenCallsAndGoesOnWithTheNext() {
    long pid = Long.parseLong(subjects.answer("plain", "pid"));
    int ticks = Integer.parseInt(subjects.answer("plain", "ticks"));
    await().until(() -> state(pid) == 'T');
    await().until(() -> Integer.parseInt(subjects.answer("plain", "ticks")) > ticks);
    await().until(() -> state(pid) == 'T');
    assertThat(subjects.answer("plain", "pid")).isEqualTo(Long.toString(pid));
  }

  private static char state(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  @Test
  void whatAnInstanceStartedEndsWithIt() {
    long child = Long.parseLong(subjects.answer("plain", "child"));
    assertThat(alive(child)).isTrue();
    subjects.call("plain", "exit 1");
    await().until(() -> !alive(child));
  }

  @Test
  void aRequestOfSixMegabytesGoesThereAndBack() {
    byte[] big = new byte[6 * MEGABYTE];
    Arrays.fill(big, (byte) 'x');
    big[0] = '"';
    big[big.length - 1] = '"';
    SdkBytes answer =
        client
            .invoke(i -> i.functionName("plain").payload(SdkBytes.fromByteArrayUnsafe(big)))
            .join()
            .payload();
    assertThat(answer.asByteArrayUnsafe()).isEqualTo(big);
  }

  @Test
  void aRequestOfMoreThanSixMegabytesIsRefused() {
    LambdaException refusal =
        Subjects.refusal(subjects.send("plain", "x".repeat(6 * MEGABYTE - 1)));
    assertThat(refusal.statusCode()).isEqualTo(413);
    assertThat(refusal.awsErrorDetails().errorCode()).isEqualTo("RequestEntityTooLargeException");
    assertThat(refusal).hasMessageContaining("Request must be smaller than 6291456 bytes");
  }

  @Test
  void anEventOfMoreThanOneMegabyteIsRefused() {
    LambdaException refusal =
        Subjects.refusal(
            client.invoke(
                i ->
                    i.functionName("plain")
                        .invocationType("Event")
                        .payload(Subjects.text("x".repeat(MEGABYTE - 1)))));
    assertThat(refusal.statusCode()).isEqualTo(413);
    assertThat(refusal).hasMessageContaining("too large for the Event invocation type");
  }

  @Test
  void anAnswerOfMoreThanSixMegabytesIsAFunctionError() {
    InvokeResponse response = subjects.call("plain", "answer " + (6 * MEGABYTE + 101));
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("Function.ResponseSizeTooLarge")
        .contains(
            "Response payload size (6291557 bytes) exceeded maximum allowed payload size"
                + " (6291556 bytes).");
    assertThat(subjects.answer("plain", "answer " + (6 * MEGABYTE + 100)))
        .hasSize(6 * MEGABYTE + 100);
  }

  @Test
  void whatIsNotJsonIsRefused() {
    for (String bad : List.of("not json", "{\"a\":1", "1 2", "\"open", "{'a':1}", "[1,]")) {
      LambdaException refusal =
          Subjects.refusal(
              client.invoke(i -> i.functionName("plain").payload(SdkBytes.fromUtf8String(bad))));
      assertThat(refusal).as(bad).isInstanceOf(InvalidRequestContentException.class);
      assertThat(refusal).hasMessageContaining("Could not parse request body into json");
    }
  }

  @Test
  void aDryRunRunsNothing() {
    long runs = subjects.kit.statistics().runs();
    InvokeResponse response =
        client.invoke(i -> i.functionName("plain").invocationType("DryRun")).join();
    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(subjects.kit.statistics().runs()).isEqualTo(runs);
  }

  @Test
  void callsAboveAFunctionsReservedConcurrencyAreThrottled() {
    subjects.create("single");
    client
        .putFunctionConcurrency(p -> p.functionName("single").reservedConcurrentExecutions(1))
        .join();
    CompletableFuture<InvokeResponse> slow = subjects.send("single", "sleep 1500");
    await().until(() -> subjects.kit.statistics().running() > 0);
    LambdaException refusal = Subjects.refusal(subjects.send("single", "x"));
    assertThat(refusal.statusCode()).isEqualTo(429);
    assertThat(((TooManyRequestsException) refusal).reasonAsString())
        .isEqualTo("ReservedFunctionConcurrentInvocationLimitExceeded");
    assertThat(slow.join().functionError()).isNull();
    assertThat(subjects.answer("single", "x")).isEqualTo("\"x\"");
    client.deleteFunction(d -> d.functionName("single")).join();
  }

  @Test
  void aFunctionWithoutConcurrencyIsThrottledAlways() {
    subjects.create("none");
    client
        .putFunctionConcurrency(p -> p.functionName("none").reservedConcurrentExecutions(0))
        .join();
    assertThat(Subjects.refusal(subjects.send("none", "x")).statusCode()).isEqualTo(429);
    client.deleteFunction(d -> d.functionName("none")).join();
  }

  @Test
  void requestsWithAWrongSecretOrKeyAreRefused() {
    String key = subjects.kit.accessKeyId();
    try (LambdaAsyncClient wrongSecret = subjects.client(key, "wrong");
        LambdaAsyncClient wrongKey =
            subjects.client("AKIASOMEBODYELSE0000", subjects.kit.secretAccessKey())) {
      LambdaException secret = Subjects.refusal(wrongSecret.listFunctions());
      assertThat(secret.statusCode()).isEqualTo(403);
      assertThat(secret.awsErrorDetails().errorCode()).isEqualTo("InvalidSignatureException");
      LambdaException unknown = Subjects.refusal(wrongKey.listFunctions());
      assertThat(unknown.statusCode()).isEqualTo(403);
      assertThat(unknown.awsErrorDetails().errorCode()).isEqualTo("UnrecognizedClientException");
    }
  }

  @Test
  void theEndOfTheLogComesWithTheAnswerIfWanted() {
    subjects.kit.retireIdle();
    String cold = tail("print one");
    assertThat(cold)
        .containsPattern("START RequestId: [-0-9a-f]{36} Version: \\$LATEST\n")
        .contains("\none\n")
        .containsPattern("END RequestId: [-0-9a-f]{36}\n")
        .containsPattern(
            "REPORT RequestId: [-0-9a-f]{36}\tDuration: [0-9.]+ ms\tBilled Duration: \\d+ ms\t"
                + "Memory Size: 256 MB\tMax Memory Used: \\d+ MB\tInit Duration: [0-9.]+ ms\t\n");
    String warm = tail("print two");
    assertThat(warm).contains("\ntwo\n").doesNotContain("\none\n").doesNotContain("Init Duration");
    assertThat(subjects.kit.log("plain")).contains("\none\n", "\ntwo\n");
    assertThat(tail("print " + "x".repeat(5_000))).hasSize(4_096).contains("REPORT RequestId: ");
  }

  private static String tail(String what) {
    String log =
        client
            .invoke(i -> i.functionName("plain").logType("Tail").payload(Subjects.text(what)))
            .join()
            .logResult();
    return new String(Base64.getDecoder().decode(log), StandardCharsets.UTF_8);
  }

  @Test
  void theRequestsIdIsTheOneThatTheHandlerIsTold() {
    InvokeResponse response = subjects.call("plain", "id");
    assertThat(response.payload().asUtf8String())
        .isEqualTo('"' + response.responseMetadata().requestId() + '"');
  }

  @Test
  void theEnvironmentIsLambdas() {
    subjects.create(
        "settings",
        f ->
            f.memorySize(300)
                .environment(
                    e ->
                        e.variables(
                            Map.of("MINE", "yes", "JAVA_TOOL_OPTIONS", "-Dmine.too=indeed"))));
    assertThat(subjects.answer("settings", "env MINE")).isEqualTo("\"yes\"");
    assertThat(subjects.answer("settings", "property mine.too")).isEqualTo("\"indeed\"");
    assertThat(subjects.answer("settings", "env AWS_LAMBDA_FUNCTION_NAME"))
        .isEqualTo("\"settings\"");
    assertThat(subjects.answer("settings", "env AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
        .isEqualTo("\"300\"");
    assertThat(subjects.answer("settings", "env AWS_REGION")).isEqualTo("\"eu-west-1\"");
    assertThat(subjects.answer("settings", "env AWS_ACCESS_KEY_ID"))
        .isEqualTo('"' + subjects.kit.accessKeyId() + '"');
    assertThat(subjects.answer("settings", "env AWS_ENDPOINT_URL_LAMBDA"))
        .isEqualTo('"' + subjects.kit.nearEndpoint().toString() + '"');
    assertThat(subjects.answer("settings", "env HOME")).isEqualTo("\"null\"");
    assertThat(Long.parseLong(subjects.answer("settings", "heap")))
        .isBetween(200L * MEGABYTE, 256L * MEGABYTE);
    assertThat(subjects.answer("settings", "arn"))
        .isEqualTo("\"arn:aws:lambda:eu-west-1:000000000000:function:settings\"");
    assertThat(Integer.parseInt(subjects.answer("settings", "remaining"))).isBetween(1, 60_000);
    client.deleteFunction(d -> d.functionName("settings")).join();
  }

  @Test
  void aWrapperScriptOfTheZipStartsTheRuntime() throws IOException {
    Path zip = Files.write(directory.resolve("wrapped.zip"), Subjects.zip());
    try (FileSystem files =
        FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", true))) {
      Path script = files.getPath("/wrap");
      Files.writeString(
          script,
          """
          #!/bin/sh
          shift
          exec "$JAVA" -Dwrapped=yes "$@"
          """);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    SdkBytes code = SdkBytes.fromByteArray(Files.readAllBytes(zip));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    subjects.create(
        "wrapped",
        f ->
            f.code(c -> c.zipFile(code))
                .environment(
                    e ->
                        e.variables(
                            Map.of("AWS_LAMBDA_EXEC_WRAPPER", "/var/task/wrap", "JAVA", java))));
    assertThat(subjects.answer("wrapped", "property wrapped")).isEqualTo("\"yes\"");
    client.deleteFunction(d -> d.functionName("wrapped")).join();
  }

  @Test
  void aHandlerThatCannotBeMadeIsAFunctionError() {
    subjects.create("broken", f -> f.environment(e -> e.variables(Map.of("FAIL_INIT", "1"))));
    InvokeResponse response = subjects.call("broken", "x");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String()).contains("will not start");
    client.deleteFunction(d -> d.functionName("broken")).join();
  }

  @Test
  void anEventRunsAfterItWasTaken() {
    Path file = directory.resolve("event");
    subjects.event("plain", "append " + file);
    await().until(() -> Files.exists(file) && Files.readAllLines(file).size() == 1);
  }

  @Test
  void anEventThatFailsIsTriedTwiceMoreWithTheSameId() {
    Path file = directory.resolve("failing");
    long dropped = subjects.kit.statistics().dropped();
    subjects.event("plain", "append " + file + " fail");
    await().until(() -> subjects.kit.statistics().dropped() == dropped + 1);
    assertThat(file).content().satisfies(c -> assertThat(c.lines().distinct()).hasSize(1));
    assertThat(file).content().hasLineCount(3);
  }

  @Test
  void eventsAboveTheConcurrencyLimitWaitAndAllOfThemRun() {
    Path file = directory.resolve("many");
    IntStream.range(0, 20).forEach(i -> subjects.event("plain", "append " + file));
    await()
        .until(
            () -> Files.exists(file) && Files.readAllLines(file).stream().distinct().count() == 20);
    assertThat(subjects.kit.statistics().peak()).isLessThanOrEqualTo(6);
  }

  @Test
  void anUpdateOfCodeOrSettingsReplacesTheInstances() {
    subjects.create("changing");
    String first = subjects.answer("changing", "pid");
    client
        .updateFunctionConfiguration(
            u -> u.functionName("changing").environment(e -> e.variables(Map.of("A", "b"))))
        .join();
    assertThat(subjects.answer("changing", "env A")).isEqualTo("\"b\"");
    String second = subjects.answer("changing", "pid");
    assertThat(second).isNotEqualTo(first);
    client
        .updateFunctionCode(
            u -> u.functionName("changing").zipFile(SdkBytes.fromByteArray(Subjects.zip())))
        .join();
    assertThat(subjects.answer("changing", "pid")).isNotEqualTo(second);
    client.deleteFunction(d -> d.functionName("changing")).join();
  }

  @Test
  void aPublishedVersionStaysAsItIs() {
    subjects.create("versions", f -> f.description("one"));
    assertThat(client.publishVersion(p -> p.functionName("versions")).join().version())
        .isEqualTo("1");
    client.updateFunctionConfiguration(u -> u.functionName("versions").description("two")).join();
    assertThat(
            client
                .getFunctionConfiguration(g -> g.functionName("versions").qualifier("1"))
                .join()
                .description())
        .isEqualTo("one");
    InvokeResponse response =
        client
            .invoke(
                i -> i.functionName("versions").qualifier("1").payload(Subjects.text("versioned")))
            .join();
    assertThat(response.executedVersion()).isEqualTo("1");
    assertThat(response.payload().asUtf8String()).isEqualTo("\"versioned\"");
    client.deleteFunction(d -> d.functionName("versions")).join();
  }

  @Test
  void aVersionWithSnapStartKnowsOfIt() {
    subjects.create("snap", f -> f.snapStart(s -> s.applyOn("PublishedVersions")));
    client.publishVersion(p -> p.functionName("snap")).join();
    assertThat(subjects.answer("snap:1", "env AWS_LAMBDA_INITIALIZATION_TYPE"))
        .isEqualTo("\"snap-start\"");
    assertThat(subjects.answer("snap", "env AWS_LAMBDA_INITIALIZATION_TYPE"))
        .isEqualTo("\"on-demand\"");
    client.deleteFunction(d -> d.functionName("snap")).join();
  }

  @Test
  void codeCanBeInS3() {
    s3.createBucket("code");
    s3.write("code", "subject.zip", Subjects.zip());
    subjects.create(
        "from-s3", f -> f.code(c -> c.zipFile(null).s3Bucket("code").s3Key("subject.zip")));
    assertThat(subjects.answer("from-s3", "stored")).isEqualTo("\"stored\"");
    client.deleteFunction(d -> d.functionName("from-s3")).join();
  }

  @Test
  void aFunctionIsDescribedListedTaggedAndDeleted() {
    subjects.create("described", f -> f.tags(Map.of("a", "1")).memorySize(1769).timeout(900));
    GetFunctionResponse found = client.getFunction(g -> g.functionName("described")).join();
    assertThat(found.configuration().memorySize()).isEqualTo(1769);
    assertThat(found.configuration().timeout()).isEqualTo(900);
    assertThat(found.configuration().stateAsString()).isEqualTo("Active");
    assertThat(found.configuration().codeSize()).isEqualTo(Subjects.zip().length);
    assertThat(found.tags()).isEqualTo(Map.of("a", "1"));
    String arn = found.configuration().functionArn();
    client.tagResource(t -> t.resource(arn).tags(Map.of("b", "2"))).join();
    client.untagResource(t -> t.resource(arn).tagKeys("a")).join();
    assertThat(client.listTags(t -> t.resource(arn)).join().tags()).isEqualTo(Map.of("b", "2"));
    assertThat(client.listFunctions().join().functions())
        .anyMatch(f -> f.functionName().equals("described"));
    assertThat(client.getFunctionConfiguration(g -> g.functionName(arn)).join().functionName())
        .isEqualTo("described");
    client.deleteFunction(d -> d.functionName("described")).join();
    assertThat(Subjects.refusal(client.getFunction(g -> g.functionName("described"))))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThat(Subjects.refusal(subjects.send("described", "x")))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void aNameIsGivenOnce() {
    CompletableFuture<?> second = CompletableFuture.runAsync(() -> subjects.create("plain"));
    assertThat(Subjects.refusal(second)).isInstanceOf(ResourceConflictException.class);
  }

  @Test
  void theAccountsLimitsAreTold() {
    assertThat(client.getAccountSettings().join().accountLimit().concurrentExecutions())
        .isEqualTo(6);
  }

  @Test
  void instancesThatAreRetiredAreGone() {
    long pid = Long.parseLong(subjects.answer("plain", "pid"));
    subjects.kit.retireIdle();
    await().until(() -> !alive(pid));
    assertThat(subjects.answer("plain", "pid")).isNotEqualTo(Long.toString(pid));
  }
}
