package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static String sum(LambdaAsyncClient lambda, Deployer deployer) {
    GetFunctionResponse found =
        lambda.getFunction(b -> b.functionName(deployer.functionName())).join();
    String sum = found.configuration().codeSha256();
    assertThat(found.tags()).containsKey("martlet:archived:" + sum);
    return sum;
  }
}
