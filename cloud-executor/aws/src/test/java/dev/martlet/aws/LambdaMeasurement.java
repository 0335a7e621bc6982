package dev.martlet.aws;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.testkit.aws.LambdaTestKit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaAsyncClient;

/**
 * Measures a no-op call on the test kit's Lambda beside a bare invocation of a function that
 * echoes: warm, and with an instance that has to start. No test; run by its name.
 */
@ExtendWith(LambdaHere.class)
class LambdaMeasurement {
  private static final String ECHO = "echo";
  private static final int WARM_UPS = 2_000;
  private static final int WARM = 2_000;
  private static final int COLD = 9;

  /** Answers what it is asked. */
  public static final class Echo implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context)
        throws IOException {
      in.transferTo(out);
    }
  }

  @Test
  void measure() throws Exception {
    LambdaTestKit kit = LambdaHere.kit();
    SdkBytes request = SdkBytes.fromUtf8String("\"" + "x".repeat(1_000) + "\"");
    try (LambdaAsyncClient client =
            LambdaAsyncClient.builder()
                .endpointOverride(kit.endpoint())
                .region(Region.of(kit.region()))
                .build();
        CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
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
      Callable<Object> call = () -> pool.submit(() -> 1).get();
      compare("warm", () -> {}, echo, call, WARM_UPS, WARM);
      compare("cold", kit::retireIdle, echo, call, 1, COLD);
    }
  }

  /** Measures both in turn, so that they see the same noise. */
  private static void compare(
      String name, Runnable before, Callable<?> echo, Callable<?> call, int warmUps, int runs)
      throws Exception {
    double[] a = new double[runs];
    double[] b = new double[runs];
    for (int i = -warmUps; i < runs; i++) {
      double x = millis(before, echo);
      double y = millis(before, call);
      if (i >= 0) {
        a[i] = x;
        b[i] = y;
      }
    }
    Arrays.sort(a);
    Arrays.sort(b);
    System.out.printf(
        "%s: echo %.2f ms, Martlet %.2f ms, ratio %.2f%n",
        name, a[runs / 2], b[runs / 2], b[runs / 2] / a[runs / 2]);
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
