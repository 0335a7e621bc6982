package dev.martlet.internal.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of Lambda's Java runtime, and its side of the Runtime API. It asks for its next call,
 * is frozen until there is one, and answers it. A call is over when the process asks again or is
 * gone.
 */
final class ProcessInstance implements Instance {
  /** What Lambda lets a function answer. */
  static final int LONGEST_ANSWER = 6 * 1024 * 1024 + 100;

  private static final String API = "/2018-06-01/runtime/";
  private static final byte[] NOTHING = {};
  private static final Map<String, String> AS_JSON = Map.of("Content-Type", "application/json");

  private final Environment environment;
  private final Configuration function;
  private final String stream;
  private final Path directory;
  private final Path log;
  private final HttpServer.Port port;
  private final Cgroups.@Nullable Group group;
  private final Process process;
  private final long started = System.nanoTime();

  private boolean gone;
  private boolean warm;
  private @Nullable Exchange waiting;
  private @Nullable Run run;
  private byte @Nullable [] initError;
  private long initNanos = -1;
  private long logRead;

  /** A call under way. */
  private static final class Run {
    final Call call;
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    boolean delivered;
    boolean cold;
    byte[] before = NOTHING;
    long begun;
    long nanos;
    boolean failed;
    byte @Nullable [] answer;
    @Nullable String note;
    @Nullable ScheduledFuture<?> timer;

    Run(Call call) {
      this.call = call;
    }
  }

  ProcessInstance(Environment environment, Configuration function, Path directory)
      throws IOException {
    this.environment = environment;
    this.function = function;
    stream = Logs.stream(function);
    this.directory = directory;
    log = Files.createDirectories(directory).resolve("log");
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    group = environment.group(function);
    port = environment.server().listen(this::receive);
    List<String> command = environment.command(function, temporary);
    if (group != null) {
      environment.keeper().add(group);
      command = group.command(command);
    }
    ProcessBuilder builder = new ProcessBuilder(environment.keeper().command(command));
    builder.directory(function.taskRoot().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment.variables(function, port.number(), stream, temporary));
    builder.redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    try {
      process = builder.start();
    } catch (IOException e) {
      port.close();
      if (group != null) {
        group.close();
      }
      throw e;
    }
    environment.keeper().add(process);
    var unused = process.onExit().thenAccept(dead -> exited(dead.exitValue()));
  }

  @Override
  public String stream() {
    return stream;
  }

  @Override
  public synchronized Optional<ProcessHandle> awaited() {
    return run != null && run.call.awaited() ? Optional.of(process.toHandle()) : Optional.empty();
  }

  @Override
  public CompletableFuture<Outcome> run(Call call) {
    Run started = new Run(call);
    Exchange exchange;
    synchronized (this) {
      run = started;
      started.cold = !warm;
      warm = true;
      if (gone) {
        int status = process.isAlive() ? 128 + 9 : process.exitValue();
        started.answer = Outcome.exited(call.id(), status);
        started.failed = true;
        finish();
        return started.outcome;
      }
      exchange = waiting;
      waiting = null;
      if (exchange == null) {
        // An initialisation has at least ten seconds.
        long limit = Math.max(10_000, function.timeoutMillis());
        started.timer =
            environment.timer().schedule(() -> timeOut(started), limit, TimeUnit.MILLISECONDS);
        return started.outcome;
      }
      if (environment.freezes()) {
        environment.keeper().thaw(process);
      }
    }
    deliver(started, exchange);
    return started.outcome;
  }

  private void deliver(Run delivered, Exchange exchange) {
    Call call = delivered.call;
    Map<String, String> headers = new java.util.LinkedHashMap<>(AS_JSON);
    headers.put("Lambda-Runtime-Aws-Request-Id", call.id());
    headers.put("Lambda-Runtime-Trace-Id", call.trace());
    headers.put("Lambda-Runtime-Invoked-Function-Arn", function.arn());
    if (!call.clientContext().isEmpty()) {
      headers.put("Lambda-Runtime-Client-Context", call.clientContext());
    }
    synchronized (this) {
      if (delivered.timer != null) {
        delivered.timer.cancel(false);
      }
      delivered.timer =
          environment
              .timer()
              .schedule(() -> timeOut(delivered), function.timeoutMillis(), TimeUnit.MILLISECONDS);
      delivered.before = readLog();
      delivered.delivered = true;
      delivered.begun = System.nanoTime();
      headers.put(
          "Lambda-Runtime-Deadline-Ms",
          Long.toString(System.currentTimeMillis() + function.timeoutMillis()));
    }
    exchange.answer(200, headers, call.payload());
  }

  private void receive(Exchange exchange) {
    String path = exchange.path();
    if (path.equals(API + "invocation/next")) {
      next(exchange);
    } else if (path.equals(API + "restore/next")) {
      // A snapshot would be taken now and this would be an instance that was made from it.
      exchange.answer(200, AS_JSON, NOTHING);
    } else if (path.equals(API + "init/error") || path.equals(API + "restore/error")) {
      synchronized (this) {
        initError = exchange.body();
      }
      exchange.answer(202, AS_JSON, "{\"status\":\"OK\"}".getBytes(StandardCharsets.UTF_8));
    } else if (path.startsWith(API + "invocation/")) {
      String[] parts = path.substring((API + "invocation/").length()).split("/", -1);
      boolean failed = parts.length == 2 && parts[1].equals("error");
      if (parts.length == 2 && (failed || parts[1].equals("response"))) {
        answered(exchange, parts[0], failed);
      } else {
        refuse(exchange, 404, "InvalidPath", path);
      }
    } else {
      refuse(exchange, 404, "InvalidPath", path);
    }
  }

  private void next(Exchange exchange) {
    Run pending;
    synchronized (this) {
      if (initNanos < 0) {
        initNanos = System.nanoTime() - started;
      }
      pending = run;
      if (pending == null || pending.delivered) {
        waiting = exchange;
        if (environment.freezes()) {
          environment.keeper().freeze(process);
        }
      }
    }
    if (pending != null && !pending.delivered) {
      deliver(pending, exchange);
    } else if (pending != null) {
      finish();
    }
  }

  private void answered(Exchange exchange, String id, boolean failed) {
    byte[] body = exchange.body();
    synchronized (this) {
      Run current = run;
      if (current == null || current.answer != null || !current.call.id().equals(id)) {
        refuse(exchange, 400, "InvalidRequestID", "Invalid request ID");
        return;
      }
      current.nanos = System.nanoTime() - current.begun;
      current.failed = failed;
      if (body.length > LONGEST_ANSWER) {
        String message =
            "Response payload size ("
                + body.length
                + " bytes) exceeded maximum allowed payload size ("
                + LONGEST_ANSWER
                + " bytes).";
        current.answer = Outcome.error("Function.ResponseSizeTooLarge", message);
        current.failed = true;
      } else {
        current.answer = body;
      }
    }
    if (body.length > LONGEST_ANSWER) {
      refuse(
          exchange,
          413,
          "RequestEntityTooLarge",
          "Exceeded maximum allowed payload size (" + LONGEST_ANSWER + " bytes).");
    } else {
      exchange.answer(202, AS_JSON, "{\"status\":\"OK\"}".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void refuse(Exchange exchange, int status, String type, String message) {
    exchange.answer(status, AS_JSON, Outcome.error(type, message));
  }

  private void timeOut(Run late) {
    synchronized (this) {
      if (run != late) {
        return;
      }
      if (late.answer == null) {
        late.nanos = TimeUnit.MILLISECONDS.toNanos(function.timeoutMillis());
        late.failed = true;
        late.answer = Outcome.timedOut(late.call.id(), function.timeoutMillis());
        late.note = Outcome.timeOutNote(late.call.id(), function.timeoutMillis());
      }
      gone = true;
    }
    environment.keeper().kill(process);
  }

  private void exited(int status) {
    boolean pending;
    synchronized (this) {
      gone = true;
      waiting = null;
      Run current = run;
      pending = current != null;
      if (current != null && current.answer == null) {
        current.nanos = current.delivered ? System.nanoTime() - current.begun : 0;
        current.failed = true;
        byte[] told = initError;
        current.answer = told != null ? told : Outcome.exited(current.call.id(), status);
        current.note =
            "RequestId: "
                + current.call.id()
                + " Error: "
                + (told != null ? "init failed" : "Runtime exited")
                + "\nRuntime.ExitError";
      }
    }
    if (pending) {
      finish();
    }
    release();
  }

  /** Completes the call, whose answer there is. */
  private void finish() {
    Run done;
    Outcome outcome;
    synchronized (this) {
      done = run;
      if (done == null) {
        return;
      }
      run = null;
      if (done.timer != null) {
        done.timer.cancel(false);
      }
      byte[] output = readLog();
      byte[] log =
          Report.of(
              done.call,
              function,
              done.before,
              output,
              done.note,
              done.nanos,
              done.cold ? Math.max(0, initNanos) : -1,
              memoryUsed());
      byte[] answer = done.answer == null ? NOTHING : done.answer;
      outcome = new Outcome(done.failed, answer, log);
    }
    done.outcome.complete(outcome);
  }

  /** Reads what the process wrote since it was last read; of much the end. */
  private byte[] readLog() {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long length = file.length();
      int part = (int) Math.min(length - logRead, 256 * 1024);
      byte[] read = new byte[Math.max(0, part)];
      file.seek(length - read.length);
      file.readFully(read);
      logRead = length;
      return read;
    } catch (IOException e) {
      return NOTHING;
    }
  }

  /** The most memory that the process had, in megabytes, where Linux tells. */
  private long memoryUsed() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
      for (String line : lines) {
        if (line.startsWith("VmHWM:")) {
          String number = line.replaceAll("\\D", "");
          return Math.min(function.memory(), Long.parseLong(number) / 1024);
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another system, or the process is gone.
    }
    return function.memory();
  }

  @Override
  public synchronized boolean usable() {
    return !gone;
  }

  @Override
  public void close() {
    synchronized (this) {
      gone = true;
    }
    environment.keeper().kill(process);
  }

  /** Gives back what the process had. */
  private void release() {
    environment.keeper().kill(process);
    environment
        .work()
        .execute(
            () -> {
              port.close();
              if (group != null) {
                group.close();
              }
              Keeper.delete(directory);
            });
  }

  /** What all processes have in common. */
  interface Environment {
    HttpServer server();

    Keeper keeper();

    java.util.concurrent.ScheduledExecutorService timer();

    java.util.concurrent.Executor work();

    boolean freezes();

    /** Makes the control group of an instance; null if there are to be none. */
    Cgroups.@Nullable Group group(Configuration function) throws IOException;

    List<String> command(Configuration function, Path temporary);

    Map<String, String> variables(Configuration function, int port, String stream, Path temporary);
  }

  /** Returns the heap's options that Lambda gives to a function that has none of its own. */
  static List<String> heap(int memory, String own) {
    List<String> options = new ArrayList<>();
    if (!own.contains("-Xmx") && !own.contains("MaxHeapSize") && !own.contains("RAMPercentage")) {
      options.add("-XX:MaxHeapSize=" + (memory * 1024L * 85 / 100) + "k");
    }
    if (Arrays.stream(own.split("\\s+")).noneMatch(o -> o.matches("-XX:\\+Use\\w+GC"))) {
      options.add("-XX:+UseSerialGC");
    }
    if (!own.contains("Tiered")) {
      options.add("-XX:TieredStopAtLevel=1");
    }
    return options;
  }
}
