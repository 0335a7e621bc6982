package dev.martlet.internal.testkit;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The native library of Lambda's runtime. A process unpacks it itself, always to the same place,
 * since it is alone with Lambda. Here many are not, and one may load what another is just writing;
 * so it is unpacked once, and they are told where.
 */
final class NativeLibrary {
  private static final String PROPERTY =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  private NativeLibrary() {}

  /**
   * Returns the options that lead to it; none where the runtime has no library for this machine.
   */
  static List<String> options(Path directory) throws IOException {
    boolean arm = System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64");
    boolean musl = Files.exists(Path.of("/lib/ld-musl-" + (arm ? "aarch64" : "x86_64") + ".so.1"));
    String name =
        "libaws-lambda-jni.linux" + (musl ? "_musl" : "") + (arm ? "-aarch_64" : "-x86_64") + ".so";
    try (InputStream in = AWSLambda.class.getResourceAsStream("/jni/" + name)) {
      if (in == null) {
        return List.of();
      }
      Path library = directory.resolve(name);
      Files.copy(in, library);
      return List.of("-D" + PROPERTY + "=" + library);
    }
  }
}
