package dev.martlet.internal.testkit;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An instance in this JVM: a handler of its own, called on a pooled or virtual thread. A call that
 * takes too long is interrupted, and its instance is not used again.
 */
final class LightInstance implements Instance {
  private final Configuration function;
  private final String stream;
  private final ScheduledExecutorService timer;
  private final Executor threads;
  private final @Nullable RequestStreamHandler handler;
  private final byte[] initError;
  private final @Nullable URLClassLoader loader;
  private final @Nullable SharedCode shared;
  private final long initNanos;
  private volatile boolean usable = true;
  private boolean warm;

  LightInstance(
      Configuration function,
      ScheduledExecutorService timer,
      Executor threads,
      Supplier<RequestStreamHandler> handlers,
      @Nullable URLClassLoader loader,
      @Nullable SharedCode shared) {
    this.function = function;
    stream = Logs.stream(function);
    this.timer = timer;
    this.threads = threads;
    this.loader = loader;
    this.shared = shared;
    long begun = System.nanoTime();
    RequestStreamHandler made = null;
    byte[] error = {};
    try {
      made = handlers.get();
    } catch (RuntimeException | Error e) {
      error = error(e);
    }
    handler = made;
    initError = error;
    initNanos = System.nanoTime() - begun;
  }

  /**
   * Makes a class loader for an uploaded function, as Lambda's runtime does. It is never closed:
   * threads of a function may outlive it, and a worker's standard output is the JVM's.
   */
  static URLClassLoader loader(Configuration function) {
    Path root = function.taskRoot();
    List<URL> path = new ArrayList<>();
    try {
      path.add(root.toUri().toURL());
      Path lib = root.resolve("lib");
      if (Files.isDirectory(lib)) {
        try (Stream<Path> jars = Files.list(lib)) {
          for (Path jar : jars.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
            path.add(jar.toUri().toURL());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new URLClassLoader(path.toArray(URL[]::new), new CoreOnly());
  }

  /** Loads an uploaded function, into a class loader of its own unless there is one to share. */
  static LightInstance load(
      Configuration function,
      ScheduledExecutorService timer,
      Executor threads,
      @Nullable SharedCode shared) {
    URLClassLoader loader = shared == null ? loader(function) : shared.loader;
    String name = function.handler().replaceAll("::.*", "");
    Supplier<RequestStreamHandler> handlers =
        () -> {
          RequestStreamHandler former = shared == null ? null : shared.take();
          if (former != null) {
            return former;
          }
          try {
            Class<?> type = Class.forName(name, true, loader);
            return (RequestStreamHandler) type.getDeclaredConstructor().newInstance();
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Error loading class " + name, e);
          }
        };
    return new LightInstance(function, timer, threads, handlers, loader, shared);
  }

  /** Knows the JDK and Lambda's interfaces, which the kit and its functions share. */
  private static final class CoreOnly extends ClassLoader {
    CoreOnly() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("com.amazonaws.services.lambda.runtime.")) {
        return Class.forName(name, false, LightInstance.class.getClassLoader());
      }
      throw new ClassNotFoundException(name);
    }
  }

  @Override
  public String stream() {
    return stream;
  }

  @Override
  public Optional<ProcessHandle> awaited() {
    return Optional.empty();
  }

  @Override
  public CompletableFuture<Outcome> run(Call call) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    long init = warm ? -1 : initNanos;
    warm = true;
    RequestStreamHandler handler = this.handler;
    if (handler == null) {
      usable = false;
      outcome.complete(outcome(call, true, initError, "", 0, init));
      return outcome;
    }
    long begun = System.nanoTime();
    AtomicBoolean done = new AtomicBoolean();
    LightContext context =
        new LightContext(call, function, stream, begun + function.timeoutMillis() * 1_000_000);
    FutureTask<@Nullable Void> task =
        new FutureTask<>(
            () -> {
              ByteArrayOutputStream answer = new ByteArrayOutputStream();
              byte[] error = null;
              Thread thread = Thread.currentThread();
              ClassLoader former = thread.getContextClassLoader();
              try {
                if (loader != null) {
                  thread.setContextClassLoader(loader);
                }
                handler.handleRequest(new ByteArrayInputStream(call.payload()), answer, context);
              } catch (Throwable e) {
                error = error(e);
              } finally {
                thread.setContextClassLoader(former);
              }
              if (done.compareAndSet(false, true)) {
                complete(outcome, context, answer, error, begun, init);
              }
            },
            null);
    ScheduledFuture<?> late =
        timer.schedule(
            () -> timeOut(outcome, context, task, done, init),
            function.timeoutMillis(),
            TimeUnit.MILLISECONDS);
    var unused = outcome.thenRun(() -> late.cancel(false));
    threads.execute(task);
    return outcome;
  }

  private void complete(
      CompletableFuture<Outcome> outcome,
      LightContext context,
      ByteArrayOutputStream answer,
      byte @Nullable [] error,
      long begun,
      long init) {
    byte[] payload = error == null ? answer.toByteArray() : error;
    boolean failed = error != null;
    if (payload.length > ProcessInstance.LONGEST_ANSWER) {
      failed = true;
      payload =
          Outcome.error(
              "Function.ResponseSizeTooLarge",
              "Response payload size ("
                  + payload.length
                  + " bytes) exceeded maximum allowed payload size ("
                  + ProcessInstance.LONGEST_ANSWER
                  + " bytes).");
    }
    outcome.complete(
        outcome(context.call, failed, payload, context.log(), System.nanoTime() - begun, init));
  }

  private void timeOut(
      CompletableFuture<Outcome> outcome,
      LightContext context,
      Future<?> task,
      AtomicBoolean done,
      long init) {
    if (done.compareAndSet(false, true)) {
      usable = false;
      task.cancel(true);
      long millis = function.timeoutMillis();
      context.log(Outcome.timeOutNote(context.call.id(), millis));
      outcome.complete(
          outcome(
              context.call,
              true,
              Outcome.timedOut(context.call.id(), millis),
              context.log(),
              millis * 1_000_000,
              init));
    }
  }

  private Outcome outcome(
      Call call, boolean failed, byte[] payload, String log, long nanos, long init) {
    byte[] output = log.getBytes(StandardCharsets.UTF_8);
    return new Outcome(
        failed,
        payload,
        Report.of(call, function, new byte[0], output, null, nanos, init, function.memory()));
  }

  private static byte[] error(Throwable e) {
    Map<String, Object> error = Json.object();
    error.put("errorMessage", String.valueOf(e.getMessage()));
    error.put("errorType", e.getClass().getName());
    error.put("stackTrace", Stream.of(e.getStackTrace()).map(Object::toString).toList());
    return Json.bytes(error);
  }

  @Override
  public boolean usable() {
    return usable;
  }

  @Override
  public void close() {
    RequestStreamHandler h = handler;
    if (shared != null && h != null && usable) {
      shared.give(h);
    }
    usable = false;
  }

  /** What a handler is told of its call. */
  private static final class LightContext implements Context, LambdaLogger {
    final Call call;
    private final Configuration function;
    private final String stream;
    private final long deadline;
    private final StringBuilder log = new StringBuilder();

    LightContext(Call call, Configuration function, String stream, long deadline) {
      this.call = call;
      this.stream = stream;
      this.function = function;
      this.deadline = deadline;
    }

    synchronized String log() {
      return log.toString();
    }

    @Override
    public String getAwsRequestId() {
      return call.id();
    }

    @Override
    public String getLogGroupName() {
      return "/aws/lambda/" + function.name();
    }

    @Override
    public String getLogStreamName() {
      return stream;
    }

    @Override
    public String getFunctionName() {
      return function.name();
    }

    @Override
    public String getFunctionVersion() {
      return function.version();
    }

    @Override
    public String getInvokedFunctionArn() {
      return function.arn();
    }

    @Override
    public @Nullable CognitoIdentity getIdentity() {
      return null;
    }

    @Override
    public @Nullable ClientContext getClientContext() {
      return null;
    }

    @Override
    public int getRemainingTimeInMillis() {
      return (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
    }

    @Override
    public int getMemoryLimitInMB() {
      return function.memory();
    }

    @Override
    public LambdaLogger getLogger() {
      return this;
    }

    @Override
    public synchronized void log(String message) {
      log.append(message);
    }

    @Override
    public synchronized void log(byte[] message) {
      log.append(new String(message, StandardCharsets.UTF_8));
    }
  }
}
