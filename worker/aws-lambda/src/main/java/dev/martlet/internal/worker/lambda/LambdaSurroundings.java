package dev.martlet.internal.worker.lambda;

import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.worker.function.Surroundings;
import dev.martlet.internal.worker.function.WorkerStore;
import dev.martlet.internal.worker.host.CallHost;
import dev.martlet.internal.worker.loader.CodeCache;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** AWS Lambda, as the worker sees it. */
final class LambdaSurroundings implements Surroundings {
  // 6 MB, of which Base64 costs a quarter, and two quotation marks.
  private static final int LONGEST_ANSWER = (6 * 1024 * 1024 - 1024) / 4 * 3;

  // Of the 512 MB that /tmp has at least.
  private static final long DISK = 200L << 20;
  private static final long MEMORY = 32L << 20;

  private final String instance;
  private @Nullable CodeCache code;
  private @Nullable OwnFunction own;

  LambdaSurroundings(@Nullable String instance) {
    this.instance = instance == null ? "?" : instance;
  }

  @Override
  public String instance() {
    return instance;
  }

  @Override
  public int longestAnswer() {
    return LONGEST_ANSWER;
  }

  @Override
  public WorkerStore open(Map<String, String> place) {
    return new S3WorkerStore(place, Credentials::current);
  }

  @Override
  public WorkerHost host() {
    CodeCache c = code;
    if (c == null) {
      try {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), "martlet-code");
        c = new CodeCache(directory, DISK, MEMORY);
      } catch (IOException e) {
        throw new UncheckedIOException("there is no room for code in /tmp", e);
      }
      code = c;
    }
    return new CallHost(c);
  }

  /** A JVM's main thread is, but for options that only reach the threads that it starts. */
  @Override
  public boolean lendsThread() {
    return !Thread.currentThread().isDaemon()
        && !setsStack("JAVA_TOOL_OPTIONS")
        && !setsStack("_JAVA_OPTIONS");
  }

  private static boolean setsStack(String variable) {
    String options = System.getenv().getOrDefault(variable, "");
    return options.contains("-Xss") || options.contains("ThreadStackSize");
  }

  @Override
  public CompletableFuture<Relay.Result> submit(
      String region, String function, ByteBuffer request) {
    try {
      return own().submit(region, function, request);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<ByteBuffer> invoke(String region, String function, ByteBuffer request) {
    try {
      return own().invoke(region, function, request);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized OwnFunction own() {
    OwnFunction f = own;
    if (f == null) {
      f = new OwnFunction();
      own = f;
    }
    return f;
  }

  @Override
  public @Nullable ByteBuffer archive(long nanos) {
    return ClassArchive.make(nanos);
  }

  @Override
  public void end(int status) {
    Runtime.getRuntime().halt(status);
  }
}
