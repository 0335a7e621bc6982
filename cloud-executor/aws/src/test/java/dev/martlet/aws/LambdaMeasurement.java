package dev.martlet.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.internal.aws.AwsClients;
import dev.martlet.internal.aws.AwsSettings;
import dev.martlet.internal.aws.deploy.Deployer;
import dev.martlet.internal.aws.lambda.LambdaFunctions;
import dev.martlet.internal.aws.s3.S3Store;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Store;
import dev.martlet.testkit.aws.LambdaTestKit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;

/**
 * Measures a no-op call on the test kit's Lambda beside a bare invocation of a function that
 * echoes: warm, and with an instance that has to start, since another one is busy. No test; run by
 * its name.
 */
@ExtendWith(LambdaHere.class)
class LambdaMeasurement {
  private static final String ECHO = "echo";

  // After fewer calls JVMs still compile what these run, on the processors that the calls need.
  private static final int WARM_UPS = Integer.getInteger("martlet.internal.warmUps", 10_000);
  private static final int WARM = 2_000;
  private static final int COLD_WARM_UPS = 10;
  private static final int COLD = 15;
  private static final long BUSY_MILLIS = 1_200;
  private static final int LENGTH = 1_000;

  /** Answers what it is asked; what is short after a while, as it keeps an instance busy. */
  public static final class Echo implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context)
        throws IOException {
      byte[] all = in.readAllBytes();
      if (all.length < LENGTH) {
        sleep(BUSY_MILLIS);
      }
      out.write(all);
    }

    private static void sleep(long millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Does as little. */
  static final class NoOp implements Callable<Integer>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public Integer call() {
      return 1;
    }
  }

  /** Keeps an instance from taking another call. */
  static final class Busy implements Runnable, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public void run() {
      try {
        Thread.sleep(BUSY_MILLIS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void measure() throws Exception {
    LambdaTestKit kit = LambdaHere.kit();
    SdkBytes request = SdkBytes.fromUtf8String("\"" + "x".repeat(LENGTH) + "\"");
    SdkBytes shortOne = SdkBytes.fromUtf8String("\"\"");
    try (LambdaAsyncClient client =
            LambdaAsyncClient.builder()
                .endpointOverride(kit.endpoint())
                .region(Region.of(kit.region()))
                .build();
        CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      SdkBytes zip = SdkBytes.fromByteArray(zip());
      client
          .createFunction(
              f ->
                  f.functionName(ECHO)
                      .runtime("java17")
                      .role("arn:aws:iam::000000000000:role/echo")
                      .memorySize(1769)
                      .handler(Echo.class.getName() + "::handleRequest")
                      .code(c -> c.zipFile(zip)))
          .join();
      Callable<Object> echo =
          () -> client.invoke(i -> i.functionName(ECHO).payload(request)).join();
      Callable<Object> call = () -> pool.submit(new NoOp()).get();
      Runnable nothing = () -> {};
      AtomicReference<Future<?>> last =
          new AtomicReference<>(CompletableFuture.completedFuture(null));
      Function<Supplier<Future<?>>, Runnable> beside =
          busy ->
              () -> {
                await(last.get());
                kit.retireIdle();
                last.set(busy.get());
                sleep(BUSY_MILLIS / 2);
              };
      Runnable besideEcho =
          beside.apply(() -> client.invoke(i -> i.functionName(ECHO).payload(shortOne)));
      Runnable besideCall = beside.apply(() -> pool.submit(new Busy()));
      compare("warm", nothing, echo, nothing, () -> pool.submit(() -> 1).get(), WARM_UPS, WARM);
      compare("cold", besideEcho, echo, besideCall, call, COLD_WARM_UPS, COLD);
      await(last.get());
      kit.retireIdle();
      archive(kit);
      compare(
          "cold, with an archive of classes",
          besideEcho,
          echo,
          besideCall,
          call,
          COLD_WARM_UPS,
          COLD);
    }
  }

  private static void await(Future<?> future) {
    try {
      Object unused = future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void archive(LambdaTestKit kit) {
    AwsSettings settings =
        AwsSettings.read(
            Map.of(
                "region", kit.region(),
                "bucket", System.getProperty("martlet.aws.bucket"),
                "role", System.getProperty("martlet.aws.role"),
                "timeout", System.getProperty("martlet.aws.timeout"),
                "lambdaEndpoint", System.getProperty("martlet.aws.lambdaEndpoint"),
                "s3Endpoint", System.getProperty("martlet.aws.s3Endpoint")));
    try (Deployer deployer = new Deployer(AwsClients.managing(settings), settings);
        FunctionClient functions =
            new LambdaFunctions(AwsClients.invoking(settings), deployer.functionName(), settings);
        Store store =
            new S3Store(AwsClients.s3(settings), settings.needBucket(), settings.prefix())) {
      assertThat(deployer.archive(functions, store, settings.place())).isTrue();
    }
  }

  /** Measures both in turn, so that they see the same noise. */
  private static void compare(
      String name,
      Runnable beforeEcho,
      Callable<?> echo,
      Runnable beforeCall,
      Callable<?> call,
      int warmUps,
      int runs)
      throws Exception {
    double[][] measured = new double[2][runs];
    for (int i = -warmUps; i < runs; i++) {
      double x = millis(beforeEcho, echo);
      double y = millis(beforeCall, call);
      if (i >= 0) {
        measured[0][i] = x;
        measured[1][i] = y;
      }
    }
    double[] m = Arrays.stream(measured).mapToDouble(LambdaMeasurement::median).toArray();
    System.out.printf(
        "%s: echo %.2f ms, Martlet %.2f ms, ratio %.2f%n", name, m[0], m[1], m[1] / m[0]);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static double millis(Runnable before, Callable<?> action) throws Exception {
    before.run();
    long start = System.nanoTime();
    Object unused = action.call();
    return (System.nanoTime() - start) / 1e6;
  }

  private static byte[] zip() throws IOException, URISyntaxException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      String echo = Echo.class.getName().replace('.', '/') + ".class";
      zip.putNextEntry(new ZipEntry(echo));
      try (InputStream in = Echo.class.getClassLoader().getResourceAsStream(echo)) {
        in.transferTo(zip);
      }
      zip.closeEntry();
      Path core =
          Path.of(
              RequestStreamHandler.class
                  .getProtectionDomain()
                  .getCodeSource()
                  .getLocation()
                  .toURI());
      zip.putNextEntry(new ZipEntry("lib/" + core.getFileName()));
      Files.copy(core, zip);
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }
}
