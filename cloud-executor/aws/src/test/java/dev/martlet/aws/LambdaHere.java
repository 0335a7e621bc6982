package dev.martlet.aws;

import dev.martlet.testkit.aws.Faults;
import dev.martlet.testkit.aws.LambdaTestKit;
import dev.martlet.testkit.aws.S3TestKit;
import dev.martlet.testkit.aws.SqsTestKit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a test class with its pools on the test kit's Lambda and S3, which all such classes share.
 * The settings come as system properties, so that programs need not know.
 */
public final class LambdaHere implements BeforeAllCallback {
  private static final String BUCKET = "bucket";
  private static final AtomicInteger BUCKETS = new AtomicInteger();

  private static volatile @Nullable Kits kits;

  /** Creates the extension; JUnit does. */
  public LambdaHere() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    kits =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.GLOBAL)
            .computeIfAbsent(Kits.class, type -> new Kits(), Kits.class);
  }

  /** Returns the Lambda that pools run on. */
  public static LambdaTestKit kit() {
    return Objects.requireNonNull(kits).lambda;
  }

  /** Returns faults of all kinds, as many as a program should not mind. */
  static Faults disorder() {
    return Faults.none()
        .withThrottle(0.05)
        .withErrors(0.03, 0.02)
        .withCuts(0.03, 0.02)
        .withDuplicates(0.05);
  }

  /** Returns the S3 that they use. */
  public static S3TestKit s3() {
    return Objects.requireNonNull(kits).s3;
  }

  /** Has pools that are made from now on use an empty bucket. */
  public static void empty() {
    Objects.requireNonNull(kits).bucket(BUCKET + "-" + BUCKETS.incrementAndGet());
  }

  /** Has the bucket send its events to a queue. */
  public static void sendEvents(SqsTestKit sqs, String queue) {
    Objects.requireNonNull(kits)
        .s3
        .sendEvents(System.getProperty("martlet.aws.bucket"), sqs, queue);
  }

  /** Returns whether a process is an instance of a function. */
  static boolean isInstance(ProcessHandle process) {
    try {
      // The whole of it, of which a process handle knows the beginning only.
      Path line = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
      return Files.readString(line, StandardCharsets.ISO_8859_1).contains("AWSLambda");
    } catch (IOException e) {
      return process.info().commandLine().orElse("").contains("AWSLambda");
    }
  }

  /** Returns the options of local workers, which instances and programs are given as well. */
  private static List<String> jvmOptions() {
    String options = System.getProperty("martlet.jvmOptions", "");
    return options.isEmpty() ? List.of() : List.of(options.split(" "));
  }

  /** Starts another program whose pools run here, too. */
  static Process program(List<String> jvmArguments, Class<?> main, String... arguments)
      throws IOException {
    return program(List.of(), jvmArguments, main, arguments);
  }

  /** Starts another program likewise, by a command that starts programs. */
  static Process program(
      List<String> starter, List<String> jvmArguments, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(starter);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    System.getProperties()
        .forEach(
            (key, value) -> {
              if (key.toString().startsWith("martlet.") || key.toString().startsWith("aws.")) {
                command.add("-D" + key + "=" + value);
              }
            });
    command.addAll(jvmOptions());
    command.addAll(jvmArguments);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start();
  }

  /** The kits, and the system properties that lead to them. */
  private static final class Kits implements AutoCloseable {
    private final S3TestKit s3 = S3TestKit.start();
    private final LambdaTestKit lambda =
        LambdaTestKit.builder()
            .s3(s3)
            .concurrency(4)
            .freeze(false)
            .jvmArguments(jvmOptions().toArray(String[]::new))
            .start();
    private final Map<String, String> properties = new LinkedHashMap<>();

    void bucket(String name) {
      s3.createBucket(name);
      System.setProperty("martlet.aws.bucket", name);
    }

    Kits() {
      s3.createBucket(BUCKET);
      properties.put("aws.accessKeyId", lambda.accessKeyId());
      properties.put("aws.secretAccessKey", lambda.secretAccessKey());
      properties.put("martlet.platform", "aws-lambda");
      properties.put("martlet.aws.region", lambda.region());
      properties.put("martlet.aws.bucket", BUCKET);
      properties.put("martlet.aws.role", "arn:aws:iam::000000000000:role/martlet-worker");
      properties.put("martlet.aws.timeout", "60s");
      properties.put("martlet.aws.classArchive", "false");
      properties.put("martlet.aws.lambdaEndpoint", lambda.endpoint().toString());
      properties.put("martlet.aws.s3Endpoint", s3.endpoint().toString());
      properties.forEach(System::setProperty);
    }

    @Override
    public void close() {
      properties.keySet().forEach(System::clearProperty);
      lambda.close();
      s3.close();
    }
  }
}
