package dev.martlet.internal.worker.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a class-data-sharing archive of what an instance loads, with the very JVM that instances
 * have: a second process of the runtime, started as this one was, is invoked for a {@linkplain
 * Rehearsal rehearsal} by a Runtime API of this one's own, and writes the archive as it ends. That
 * holds classes only: no connection, no randomness, no clock.
 */
final class ClassArchive {
  private static final Path COMMAND = Path.of("/proc/self/cmdline");
  private static final String OWN = ":martlet.jsa";
  private static final String API = "/2018-06-01/runtime/invocation/";
  private static final String API_VARIABLE = "AWS_LAMBDA_RUNTIME_API";
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

  // A JVM does not start if not even an archive's header is there.
  private static final int LEAST_BYTES = 1 << 20;
  private static final int MOST_BYTES = 100 << 20;

  private ClassArchive() {}

  /**
   * Makes an archive; null if that is not possible here.
   *
   * @param nanos for how long it may take
   */
  static @Nullable ByteBuffer make(long nanos) {
    if (System.getenv(API_VARIABLE) == null || !Files.isReadable(COMMAND)) {
      return null; // this JVM is none of Lambda's
    }
    try {
      List<String> command = command();
      if (command.stream().anyMatch(o -> o.startsWith("-XX:AOT") || o.endsWith(OWN))) {
        // A JVM begins with one kind of archive, and the runtime has chosen another; or this is it.
        return null;
      }
      Path file = Files.createTempFile("martlet", ".jsa");
      try {
        Files.delete(file);
        command.add(1, "-XX:ArchiveClassesAtExit=" + file);
        return make(file, command, Math.min(nanos / 2, LONGEST_NANOS));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | LinkageError e) {
      Log.of(ClassArchive.class).warn("There is no archive of the worker's classes", e);
      return null;
    }
  }

  private static @Nullable ByteBuffer make(Path file, List<String> command, long nanos)
      throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer api = HttpServer.create(any, 0);
    api.createContext("/", ClassArchive::answer);
    api.start();
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put(API_VARIABLE, "127.0.0.1:" + api.getAddress().getPort());
      builder.environment().put(Rehearsal.VARIABLE, "true");
      builder.inheritIO();
      Process process = builder.start();
      try {
        return process.waitFor(nanos, TimeUnit.NANOSECONDS)
                && process.exitValue() == 0
                && Files.exists(file)
                && Files.size(file) >= LEAST_BYTES
                && Files.size(file) <= MOST_BYTES
            ? ByteBuffer.wrap(Files.readAllBytes(file))
            : null;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      } finally {
        process.destroyForcibly();
      }
    } finally {
      api.stop(0);
    }
  }

  /** Returns the command that this JVM was started with, without what an archive cannot have. */
  private static List<String> command() throws IOException {
    String[] all = Files.readString(COMMAND).split("\0", -1);
    List<String> command = new ArrayList<>(Arrays.asList(all).subList(0, all.length - 1));
    command.removeIf(o -> o.startsWith("-javaagent:") || o.startsWith("-Xshare:"));
    command.set(0, ProcessHandle.current().info().command().orElse(command.get(0)));
    return command;
  }

  /** Gives one invocation after the other. Nothing else is to be had. */
  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] unused = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      if (path.equals(API + "next")) {
        long deadline = System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(LONGEST_NANOS);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Lambda-Runtime-Aws-Request-Id", "rehearsal");
        exchange.getResponseHeaders().set("Lambda-Runtime-Invoked-Function-Arn", "rehearsal");
        exchange.getResponseHeaders().set("Lambda-Runtime-Deadline-Ms", Long.toString(deadline));
        byte[] event = "\"\"".getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(200, event.length);
        exchange.getResponseBody().write(event);
      } else {
        exchange.sendResponseHeaders(path.startsWith(API) ? 202 : 404, -1);
      }
    }
  }
}
