package dev.martlet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.CloudJob;
import dev.martlet.testkit.aws.LambdaTestKit;
import dev.martlet.testkit.aws.S3TestKit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands one after the other, as somebody uses them who is new. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AwsCommandsTest {
  @TempDir static Path directory;

  private static S3TestKit s3;
  private static LambdaTestKit lambda;
  private static String config;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws Exception {
    s3 = S3TestKit.start();
    lambda =
        LambdaTestKit.builder().credentials(s3.accessKeyId(), s3.secretAccessKey()).s3(s3).start();
    System.setProperty("aws.accessKeyId", s3.accessKeyId());
    System.setProperty("aws.secretAccessKey", s3.secretAccessKey());
    config =
        Files.writeString(
                directory.resolve("martlet.yaml"),
                String.join(
                    "\n",
                    "platform: aws-lambda",
                    "parallelism: 4",
                    "aws:",
                    "  region: " + lambda.region(),
                    "  role: arn:aws:iam::123456789012:role/martlet-worker",
                    "  bucket: commands",
                    "  lambdaEndpoint: " + plain(lambda.endpoint()),
                    "  s3Endpoint: " + plain(s3.endpoint()),
                    "  endpoint: " + plain(lambda.endpoint())))
            .toString();
  }

  private static String plain(URI endpoint) {
    return endpoint.getScheme() + "://" + endpoint.getAuthority();
  }

  @AfterAll
  static void stop() {
    System.clearProperty("martlet.config");
    lambda.close();
    s3.close();
  }

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  @Order(1)
  @DisplayName("the doctor says that there is no bucket, and how to make one")
  void ill() {
    assertThat(run("doctor", "--config", config)).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("FAIL bucket +commands does not exist")
        .contains("aws s3 mb s3://commands --region " + lambda.region());
    s3.createBucket("commands");
  }

  @Test
  @Order(2)
  @DisplayName("the worker is deployed once")
  void deploys() {
    assertThat(run("deploy", "--config", config)).isZero();
    assertThat(out.toString()).startsWith("martlet-").contains(" is deployed.");
    assertThat(run("deploy", "--config", config)).isZero();
    assertThat(out.toString()).contains(" was there already.");
  }

  @Test
  @Order(3)
  @DisplayName("the doctor finds all well, and prints the policies")
  void well() {
    assertThat(run("doctor", "--policies", "--config", config)).as(out.toString()).isZero();
    assertThat(out.toString())
        .containsPattern("ok +bucket")
        .containsPattern("ok +function +martlet-")
        .doesNotContain("FAIL")
        .contains("arn:aws:s3:::commands/martlet/*");
  }

  @Test
  @Order(4)
  @DisplayName("hello runs on Lambda")
  void hello() {
    assertThat(run("hello", "--calls", "2", "--config", config)).as(out + "\n" + err).isZero();
    assertThat(out.toString())
        .contains("Hello from Java " + Runtime.version())
        .contains("first call on aws-lambda: ")
        .contains("3 of 3 calls ran away from home.")
        .containsPattern("3 invocations: .* billed, .* GB-seconds, USD 0\\.0\\d+ by the list of 2");
  }

  @Test
  @Order(5)
  @DisplayName("the logs are what the instances wrote")
  void logs() {
    assertThat(run("logs", "--config", config)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("REPORT RequestId: ");
  }

  @Test
  @Order(6)
  @DisplayName("jobs are listed, looked at and deleted")
  void jobs() throws Exception {
    String keys = directory.resolve("keys").toString();
    System.setProperty("martlet.jobs", keys);
    System.setProperty("martlet.config", config);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      CloudJob job = pool.detach("numbers");
      int unused = job.submitAll(List.of(() -> 1, () -> 2, () -> List.of().get(0)));
      job.await();
    }
    assertThat(run("jobs", "--config", config)).as(err.toString()).isZero();
    assertThat(out.toString())
        .containsPattern("numbers +20.*Z +2 DONE, 1 FAILED")
        .contains("1 jobs.");
    assertThat(run("jobs", "numbers", "--tasks", "FAILED", "--config", config)).isZero();
    assertThat(out.toString()).contains("2  FAILED");
    assertThat(run("jobs", "numbers", "--cancel", "0", "--resubmit", "--config", config)).isZero();
    assertThat(out.toString()).contains("task 0 was over already.", "1 tasks run again.");
    assertThat(run("jobs", "numbers", "--delete", "--config", config)).isZero();
    assertThat(run("jobs", "numbers", "--config", config)).isEqualTo(1);
    assertThat(err.toString()).contains("numbers");
    assertThat(run("jobs", "--config", config)).isZero();
    assertThat(out.toString()).contains("0 jobs.");
    assertThat(run("jobs", "--flush", "--config", config)).isEqualTo(2);
    System.clearProperty("martlet.jobs");
  }

  @Test
  @Order(7)
  @DisplayName("what programs left is counted, and deleted")
  void cleans() {
    s3.write("commands", "martlet/s/left/over", new byte[1000]);
    s3.write("commands", "martlet/live/left", "ada\n1".getBytes(StandardCharsets.UTF_8));
    s3.write("commands", "martlet/jobs/night/job", new byte[1]);
    s3.write("commands", "others/object", new byte[1]);
    assertThat(run("clean", "--all", "--dry-run", "--config", config)).isZero();
    assertThat(out.toString()).containsPattern("[1-9]\\d* objects, .* would be deleted\\.");
    assertThat(out.toString()).containsPattern("session of ada, .*, in use: 2 objects");
    assertThat(run("clean", "--config", config)).isZero();
    assertThat(run("clean", "--user", "ada", "--older-than", "0s", "--config", config)).isZero();
    assertThat(out.toString()).contains("0 objects, 0.0 MB, are deleted.");
    assertThat(run("clean", "--job", "night", "--config", config)).isZero();
    assertThat(out.toString()).contains("1 objects, 0.0 MB, are deleted.");
    assertThat(run("clean", "--older-than", "soon", "--config", config)).isEqualTo(2);
    assertThat(run("clean", "--all", "--config", config)).isZero();
    assertThat(run("clean", "--all", "--config", config)).isZero();
    assertThat(out.toString()).endsWith("0 objects, 0.0 MB, are deleted.\n");
    assertThat(s3.read("commands", "others/object")).hasSize(1);
  }

  @Test
  @Order(8)
  @DisplayName("the functions are listed, and removed")
  void undeploys() {
    assertThat(run("undeploy", "--dry-run", "--config", config)).isZero();
    assertThat(out.toString()).contains("1 functions would be removed.");
    assertThat(run("undeploy", "--config", config)).isZero();
    assertThat(run("undeploy", "--config", config)).isZero();
    assertThat(out.toString()).contains("0 functions are removed");
  }
}
