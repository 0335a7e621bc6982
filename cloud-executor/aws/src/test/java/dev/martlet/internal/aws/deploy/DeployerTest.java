package dev.martlet.internal.aws.deploy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.testkit.aws.LambdaTestKit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;

/** How the worker's function is made and removed. */
@Timeout(120)
class DeployerTest {
  private static LambdaTestKit lambda;
  private static LambdaAsyncClient client;
  private static int tests;

  @BeforeAll
  static void start() {
    lambda = LambdaTestKit.start();
    System.setProperty("aws.accessKeyId", lambda.accessKeyId());
    System.setProperty("aws.secretAccessKey", lambda.secretAccessKey());
    client = AwsClients.managing(settings(Map.of()));
  }

  @AfterAll
  static void stop() {
    client.close();
    lambda.close();
  }

  @BeforeEach
  void next() {
    tests++;
  }

  private static AwsSettings settings(Map<String, Object> more) {
    Map<String, Object> values = new HashMap<>();
    values.put("region", "eu-west-1");
    values.put("functionPrefix", "test" + tests);
    values.put("role", "arn:aws:iam::123456789012:role/worker");
    values.put("lambdaEndpoint", lambda.endpoint().toString().replaceAll("/$", ""));
    values.putAll(more);
    return AwsSettings.read(values);
  }

  private Deployer deployer(Map<String, Object> more) {
    AwsSettings settings = settings(more);
    return new Deployer(AwsClients.managing(settings), settings);
  }

  private GetFunctionResponse get(String name) {
    return client.getFunction(b -> b.functionName(name)).join();
  }

  @Test
  @DisplayName("the function is made once, as the settings say, with its code's sum as a tag")
  void makes() {
    try (Deployer deployer = deployer(Map.of("memory", "512", "tags", Map.of("team", "blue")))) {
      Deployer.Deployed first = deployer.deploy();
      assertThat(first.changed()).isTrue();
      assertThat(first.function())
          .matches("test\\d+-[A-Za-z0-9-]+-java\\d+-[0-9a-f]{12}")
          .isEqualTo(deployer.functionName());
      assertThat(deployer.deploy()).isEqualTo(new Deployer.Deployed(first.function(), false));
      GetFunctionResponse found = get(first.function());
      assertThat(found.configuration().memorySize()).isEqualTo(512);
      assertThat(found.configuration().timeout()).isEqualTo(900);
      assertThat(found.configuration().handler())
          .isEqualTo("dev.martlet.internal.worker.lambda.LambdaWorker::handleRequest");
      assertThat(found.configuration().environment().variables().get("JAVA_TOOL_OPTIONS"))
          .contains(
              "TieredStopAtLevel=4", "Tier3InvocationThreshold=1000", "$SetNIterator::*,20.0");
      assertThat(found.tags())
          .containsEntry("team", "blue")
          .containsEntry("martlet:code", WorkerZip.own().codeSum());
      assertThat(
              client
                  .getFunctionEventInvokeConfig(b -> b.functionName(first.function()))
                  .join()
                  .maximumRetryAttempts())
          .isZero();
    }
  }

  @Test
  @DisplayName("other settings are another function")
  void others() {
    try (Deployer one = deployer(Map.of());
        Deployer other = deployer(Map.of("memory", "3000"))) {
      assertThat(one.functionName()).isNotEqualTo(other.functionName());
    }
  }

  @Test
  @DisplayName("a function that was changed by hand is what it was after the next deployment")
  void repairs() throws Exception {
    try (Deployer deployer = deployer(Map.of())) {
      String name = deployer.deploy().function();
      client.updateFunctionConfiguration(b -> b.functionName(name).memorySize(128)).join();
      assertThat(deployer.deploy().changed()).isTrue();
      assertThat(get(name).configuration().memorySize()).isEqualTo(1769);

      String sum = get(name).configuration().codeSha256();
      SdkBytes zip = SdkBytes.fromByteArray(WorkerZip.ofParts(Set.of()).bytes());
      client.updateFunctionCode(b -> b.functionName(name).zipFile(zip)).join();
      assertThat(get(name).configuration().codeSha256()).isNotEqualTo(sum);
      assertThat(deployer.deploy().changed()).isTrue();
      assertThat(get(name).configuration().codeSha256()).isEqualTo(sum);
      assertThat(deployer.deploy().changed()).isFalse();
    }
  }

  @Test
  @DisplayName("several clients may deploy at once")
  void races() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Deployer.Deployed>> deployments = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        deployments.add(
            () -> {
              try (Deployer deployer = deployer(Map.of("memory", "1000"))) {
                return deployer.deploy();
              }
            });
      }
      List<String> names = new ArrayList<>();
      for (Future<Deployer.Deployed> d : pool.invokeAll(deployments)) {
        names.add(d.get(60, SECONDS).function());
      }
      assertThat(names).hasSize(4);
      assertThat(names.stream().distinct()).hasSize(1);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  @DisplayName("what is removed is Martlet's own, and no other function")
  void removes() {
    try (Deployer one = deployer(Map.of());
        Deployer other = deployer(Map.of("memory", "3000"));
        Deployer stranger = deployer(Map.of("functionPrefix", "stranger"))) {
      String first = one.deploy().function();
      String second = other.deploy().function();
      String third = stranger.deploy().function();
      assertThat(one.list())
          .extracting(Deployer.Listed::name)
          .containsExactlyInAnyOrder(first, second);
      assertThat(one.undeploy()).containsExactlyInAnyOrder(first, second);
      assertThat(one.list()).isEmpty();
      assertThat(stranger.list()).extracting(Deployer.Listed::name).containsExactly(third);
    }
  }

  @Test
  @DisplayName("reserved instances are reserved")
  void reserves() {
    try (Deployer deployer = deployer(Map.of("reservedConcurrency", "7"))) {
      String name = deployer.deploy().function();
      assertThat(get(name).concurrency().reservedConcurrentExecutions()).isEqualTo(7);
    }
  }

  @Test
  @DisplayName("without a role nothing is made, and it is said how to make one")
  void withoutRole() {
    AwsSettings settings = AwsSettings.read(Map.of("region", "eu-west-1"));
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings)) {
      assertThatThrownBy(deployer::deploy)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("martlet doctor");
    }
  }
}
