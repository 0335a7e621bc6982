package dev.martlet.internal.testkit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import dev.martlet.testkit.aws.Faults;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/** Puts a kit's parts together, and takes them apart. */
public final class Kit implements AutoCloseable {
  private static final String TASK = "/var/task/";

  private final Settings settings;
  private final Path directory;
  private @Nullable Keeper keeper;
  private List<String> library = List.of();
  private final HttpServer server = new HttpServer("lambda-test-kit");
  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService work;
  private final Counters counters = new Counters();
  private final Chances chances = new Chances();
  private final Logs logs = new Logs();
  private final Lambda lambda;
  private final HttpServer.Port far;
  private final HttpServer.Port near;
  private final Map<String, SharedCode> codes = new ConcurrentHashMap<>();
  private final AtomicLong names = new AtomicLong();
  private final @Nullable Cgroups cgroups;
  private final AtomicLong groupNames = new AtomicLong();
  private final Thread hook;

  public Kit(Settings settings, ObjectSource objects) throws IOException {
    this.settings = settings;
    directory = Files.createTempDirectory("lambda-test-kit");
    cgroups = settings.limits() ? Cgroups.find().orElse(null) : null;
    ThreadFactory daemons = daemons();
    timer = new ScheduledThreadPoolExecutor(2, daemons);
    timer.setRemoveOnCancelPolicy(true);
    work = Executors.newCachedThreadPool(daemons);
    lambda = new Lambda(settings, this::create, timer, work, this::slowStart, logs, counters);
    Functions functions =
        new Functions(
            settings,
            lambda,
            new Invocations(lambda, chances, counters),
            new Codes(directory.resolve("code")),
            objects);
    Neighbours neighbours = new Neighbours(settings, logs, name -> lambda.find(name) != null);
    Gateway gateway = new Gateway(settings, functions, neighbours, timer, work, counters);
    far = server.listen(gateway::receiveFar);
    near = server.listen(gateway::receiveNear);
    hook = new Thread(this::stop, "lambda-test-kit-end");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static ThreadFactory daemons() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(null, task, "lambda-test-kit-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  public int farPort() {
    return far.number();
  }

  public int nearPort() {
    return near.number();
  }

  public Counters counters() {
    return counters;
  }

  public void faults(Faults faults) {
    chances.set(faults);
  }

  public boolean limits() {
    return cgroups != null;
  }

  public List<ProcessHandle> awaited() {
    return lambda.awaited();
  }

  public void retireIdle() {
    lambda.retireIdle();
  }

  /** Returns the latest lines of a function's log. */
  public String log(String function) {
    return logs.of(function).stream().map(line -> line.text() + "\n").collect(Collectors.joining());
  }

  /** Adds a function that lives in this JVM. */
  public void add(
      String name, int memory, long timeoutMillis, Supplier<RequestStreamHandler> handlers) {
    Configuration function = Configurations.local(settings, name, memory, timeoutMillis, Map.of());
    lambda.add(
        new Function(
            function, () -> new LightInstance(function, timer, work, handlers, null, null)));
  }

  private long slowStart() {
    Faults faults = chances.faults();
    if (!chances.hit(faults.slowStart())) {
      return 0;
    }
    counters.faults.increment();
    return faults.slowBy().toNanos();
  }

  private Instance create(Function function, Configuration configuration) throws IOException {
    if (function.local != null) {
      return function.local.get();
    }
    if (settings.light()) {
      return LightInstance.load(
          configuration, timer, work, settings.sharedClasses() ? shared(configuration) : null);
    }
    Path own = directory.resolve("instance-" + names.incrementAndGet());
    return new ProcessInstance(new Processes(keeper()), configuration, own);
  }

  private SharedCode shared(Configuration configuration) {
    return codes.computeIfAbsent(
        configuration.codeHash(), hash -> new SharedCode(LightInstance.loader(configuration)));
  }

  @Override
  public void close() {
    if (stop()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM ends.
      }
    }
  }

  private synchronized boolean stop() {
    if (timer.isShutdown()) {
      return false;
    }
    timer.shutdownNow();
    lambda.close();
    server.close();
    if (keeper != null) {
      keeper.close();
    }
    work.shutdownNow();
    Keeper.delete(directory);
    return true;
  }

  /** Returns what keeps processes; there is none as long as there are no processes. */
  private synchronized Keeper keeper() throws IOException {
    if (timer.isShutdown()) {
      throw new IOException("The kit is closed");
    }
    if (keeper == null) {
      library = NativeLibrary.options(directory);
      keeper = new Keeper(directory);
    }
    return keeper;
  }

  /** What processes are started with. */
  private final class Processes implements ProcessInstance.Environment {
    private final Keeper keeper;

    Processes(Keeper keeper) {
      this.keeper = keeper;
    }

    @Override
    public HttpServer server() {
      return server;
    }

    @Override
    public Keeper keeper() {
      return keeper;
    }

    @Override
    public ScheduledExecutorService timer() {
      return timer;
    }

    @Override
    public Executor work() {
      return work;
    }

    @Override
    public boolean freezes() {
      return settings.freeze();
    }

    @Override
    public Cgroups.@Nullable Group group(Configuration function) throws IOException {
      if (cgroups == null) {
        return null;
      }
      String name = directory.getFileName() + "-" + groupNames.incrementAndGet();
      return cgroups.create(name, function.memory());
    }

    @Override
    public List<String> command(Configuration function, Path temporary) {
      String own = function.environment().getOrDefault("JAVA_TOOL_OPTIONS", "");
      List<String> command = new ArrayList<>();
      String wrapper = function.environment().getOrDefault("AWS_LAMBDA_EXEC_WRAPPER", "");
      if (!wrapper.isEmpty()) {
        command.add(inTask(wrapper, function));
      }
      command.add(settings.java().toString());
      command.addAll(ProcessInstance.heap(function.memory(), own));
      command.add("-Djava.io.tmpdir=" + temporary);
      if (Runtime.version().feature() >= 24) {
        command.add("--enable-native-access=ALL-UNNAMED");
      }
      command.addAll(library);
      command.addAll(settings.jvmArguments());
      command.add("-cp");
      command.add(runtimePath());
      command.add(AWSLambda.class.getName());
      command.add(function.handler());
      return command;
    }

    @Override
    public Map<String, String> variables(
        Configuration function, int port, String stream, Path temporary) {
      Map<String, String> all = new LinkedHashMap<>();
      String near = "http://127.0.0.1:" + nearPort();
      all.put("AWS_ENDPOINT_URL_LAMBDA", near);
      all.putAll(settings.environment());
      all.putAll(function.environment());
      all.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
      all.put("AWS_LAMBDA_FUNCTION_VERSION", function.version());
      all.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memory()));
      all.put("AWS_LAMBDA_INITIALIZATION_TYPE", function.restores() ? "snap-start" : "on-demand");
      all.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
      all.put("AWS_LAMBDA_LOG_STREAM_NAME", stream);
      all.put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + port);
      all.put("AWS_EXECUTION_ENV", "AWS_Lambda_" + function.runtime());
      all.put("AWS_REGION", settings.region());
      all.put("AWS_DEFAULT_REGION", settings.region());
      all.put("AWS_ACCESS_KEY_ID", settings.accessKey());
      all.put("AWS_SECRET_ACCESS_KEY", settings.secretKey());
      all.put("LAMBDA_TASK_ROOT", function.taskRoot().toString());
      all.put("LAMBDA_RUNTIME_DIR", "/var/runtime");
      all.put("_HANDLER", function.handler());
      all.put("TMPDIR", temporary.toString());
      all.put("TZ", ":UTC");
      all.put("LANG", "en_US.UTF-8");
      all.put("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
      return all;
    }
  }

  /** Returns the path here of what Lambda has under its own directory of the function's code. */
  private static String inTask(String path, Configuration function) {
    return path.startsWith(TASK) ? function.taskRoot() + path.substring(TASK.length() - 1) : path;
  }

  /** Returns the class path of Lambda's runtime: its own libraries and nothing else. */
  private static String runtimePath() {
    Set<String> path = new LinkedHashSet<>();
    for (Class<?> type :
        List.of(
            AWSLambda.class, Context.class, PojoSerializer.class, SdkInternalThreadLocal.class)) {
      CodeSource source = type.getProtectionDomain().getCodeSource();
      try {
        path.add(Path.of(source.getLocation().toURI()).toString());
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
    return String.join(File.pathSeparator, path);
  }
}
