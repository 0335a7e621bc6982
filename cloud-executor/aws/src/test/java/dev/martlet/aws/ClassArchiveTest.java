package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.Store;
import dev.martlet.testkit.aws.Faults;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;

/** An archive of the worker's classes, which an instance makes for others. */
@ExtendWith(LambdaHere.class)
@EnabledOnOs(OS.LINUX)
@Timeout(180)
class ClassArchiveTest {
  private static final Map<String, String> OWN =
      Map.of(
          "martlet.aws.functionPrefix", "archived",
          "martlet.aws.bucket", "archives",
          "martlet.aws.classArchive", "true");
  private final Map<String, String> before = new HashMap<>();

  @BeforeEach
  void set() {
    LambdaHere.s3().createBucket("archives");
    OWN.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
  }

  @AfterEach
  void reset() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }

  private static AwsSettings settings() {
    Map<String, Object> values = new HashMap<>();
    for (String key :
        List.of(
            "region",
            "role",
            "bucket",
            "timeout",
            "functionPrefix",
            "lambdaEndpoint",
            "s3Endpoint")) {
      values.put(key, System.getProperty("martlet.aws." + key));
    }
    return AwsSettings.read(values);
  }

  @Test
  @DisplayName("a function that is new is given one, with which its instances begin, once")
  void begins() throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      assertThat(pool.submit(() -> Files.readString(Path.of("/proc/self/maps"))).get())
          .contains("/martlet.jsa");
    }
    AwsSettings settings = settings();
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings);
        LambdaAsyncClient lambda = AwsClients.managing(settings);
        FunctionClient functions =
            new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
        Store store =
            new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      assertThat(store.list("s/", "").join().items()).noneMatch(i -> i.key().endsWith("archive"));
      String sum = sum(lambda, deployer);
      assertThat(deployer.deploy().changed()).isFalse();
      assertThat(deployer.archive(functions, store, settings.place())).isFalse();
      assertThat(sum(lambda, deployer)).isEqualTo(sum);
      assertThat(deployer.undeploy()).containsExactly(deployer.functionName());
      assertThat(deployer.archive(functions, store, settings.place())).isFalse();
    }
  }

  @Test
  @DisplayName("a function whose instances fail once they have one is taken back to none")
  void takenBack() throws Exception {
    System.setProperty("martlet.aws.functionPrefix", "spoilt");
    System.setProperty("martlet.aws.classArchive", "false");
    AwsSettings settings = settings();
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings);
        LambdaAsyncClient lambda = AwsClients.managing(settings);
        FunctionClient functions =
            new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
        Store store =
            new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      assertThat(deployer.deploy().changed()).isTrue();
      String before = code(lambda, deployer);
      String revision = revision(lambda, deployer);
      try {
        assertThatThrownBy(() -> deployer.archive(failing(functions), store, settings.place()))
            .hasCauseInstanceOf(FunctionException.class);
      } finally {
        LambdaHere.kit().inject(Faults.none());
      }
      assertThat(revision(lambda, deployer)).isNotEqualTo(revision);
      assertThat(code(lambda, deployer)).isEqualTo(before);
      assertThat(deployer.deploy().changed()).isFalse();
      try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
        assertThat(pool.submit(() -> Files.readString(Path.of("/proc/self/maps"))).get())
            .doesNotContain("/martlet.jsa");
      }
      assertThat(deployer.undeploy()).containsExactly(deployer.functionName());
    }
  }

  private static String revision(LambdaAsyncClient lambda, Deployer deployer) {
    return lambda
        .getFunction(b -> b.functionName(deployer.functionName()))
        .join()
        .configuration()
        .revisionId();
  }

  private static String code(LambdaAsyncClient lambda, Deployer deployer) {
    return lambda
        .getFunction(b -> b.functionName(deployer.functionName()))
        .join()
        .configuration()
        .codeSha256();
  }

  /**
   * Has an instance make an archive, and none answer that begins with it. (Of archives that are
   * damaged themselves some end the JVM, and others it does without.)
   */
  private static FunctionClient failing(FunctionClient functions) {
    AtomicInteger invocations = new AtomicInteger();
    return (FunctionClient)
        Proxy.newProxyInstance(
            FunctionClient.class.getClassLoader(),
            new Class<?>[] {FunctionClient.class},
            (proxy, method, args) -> {
              if (method.getName().equals("invoke") && invocations.incrementAndGet() == 2) {
                LambdaHere.kit().inject(Faults.none().withErrors(1, 0));
              }
              return method.invoke(functions, args);
            });
  }

  private static String sum(LambdaAsyncClient lambda, Deployer deployer) {
    GetFunctionResponse found =
        lambda.getFunction(b -> b.functionName(deployer.functionName())).join();
    String sum = found.configuration().codeSha256();
    assertThat(found.tags()).containsKey("martlet:archived:" + sum);
    return sum;
  }
}
