package dev.martlet.internal.aws.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.sun.net.httpserver.HttpServer;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process of Lambda's Java with the worker in it has at the moment when a snapshot of it
 * would be taken: all instances that are made from that have the same.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class SnapshotTest {
  private static final Pattern LOADED = Pattern.compile("(dev\\.martlet\\.\\S+) source:");
  private static final Pattern ROW = Pattern.compile("\\s*\\d+:\\s+\\d+\\s+\\d+\\s+(\\S+).*");

  /** Objects that hold randomness, a moment, or a way out that is not the runtime's. */
  private static final Set<String> KEPT =
      Set.of(
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.UUID",
          "java.security.SecureRandom",
          "sun.security.provider.NativePRNG",
          "sun.security.provider.SecureRandom",
          "java.time.Instant",
          "java.time.ZonedDateTime",
          "java.time.LocalDateTime",
          "java.util.Date",
          "java.net.ServerSocket",
          "sun.nio.ch.SocketChannelImpl",
          "sun.nio.ch.DatagramChannelImpl",
          "sun.nio.ch.EPollSelectorImpl",
          "jdk.internal.net.http.HttpClientImpl");

  /** Methods that tell the time or draw a number, and classes that do nothing else. */
  private static final Set<String> SOURCES =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.lang.Math.random",
          "java.util.UUID.randomUUID");

  private static final Set<String> SOURCE_CLASSES =
      Set.of(
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.concurrent.ThreadLocalRandom",
          "java.security.SecureRandom",
          "java.time.Instant",
          "java.time.Clock");

  @TempDir Path directory;
  private final CountDownLatch asked = new CountDownLatch(1);
  private HttpServer api;
  private Process process;

  @BeforeEach
  void start() throws Exception {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    // Never answered: the process stays as it is when it asks what to do after a snapshot.
    api.createContext("/2018-06-01/runtime/restore/next", exchange -> asked.countDown());
    api.start();
    Path task = Files.createDirectories(directory.resolve("task"));
    try (ZipInputStream zip =
        new ZipInputStream(new ByteArrayInputStream(WorkerZip.own().bytes()))) {
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        Path file = task.resolve(e.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + directory,
                "-Xlog:class+load:file=" + directory.resolve("loaded"),
                "-cp",
                runtime(),
                AWSLambda.class.getName(),
                FunctionPlan.HANDLER)
            .directory(task.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("AWS_") || name.endsWith("_OPTIONS"));
    variables.put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + api.getAddress().getPort());
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    variables.put("LAMBDA_TASK_ROOT", task.toString());
    variables.put("_HANDLER", FunctionPlan.HANDLER);
    process = builder.start();
    assertThat(asked.await(60, TimeUnit.SECONDS))
        .as(() -> "the runtime has begun: " + directory.resolve("log"))
        .isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
    api.stop(0);
  }

  private static String runtime() throws Exception {
    Set<String> path = new LinkedHashSet<>();
    for (Class<?> type : List.of(AWSLambda.class, Context.class, PojoSerializer.class)) {
      path.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, path);
  }

  @Test
  @DisplayName("there is no socket but the runtime's, no randomness, no moment and no clock")
  void holdsNothing() throws Exception {
    Set<String> sockets = sockets();
    sockets.removeAll(nameless());
    assertThat(sockets).isNotEmpty().isSubsetOf(toRuntimeApi());

    Set<String> loaded = loaded();
    assertThat(loaded).contains("dev.martlet.internal.worker.lambda.LambdaWorker");
    assertThat(calls(loaded)).isEmpty();

    Set<String> alive = alive();
    assertThat(alive).contains("dev.martlet.internal.worker.lambda.LambdaWorker");
    alive.retainAll(KEPT);
    assertThat(alive).isEmpty();
  }

  private Set<String> sockets() throws Exception {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> open = Files.list(proc("fd"))) {
      for (Path fd : (Iterable<Path>) open::iterator) {
        String target = Files.readSymbolicLink(fd).toString();
        if (target.startsWith("socket:[")) {
          sockets.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return sockets;
  }

  /** Returns the sockets whose other end is the Runtime API's. */
  private Set<String> toRuntimeApi() throws Exception {
    String port = String.format(":%04X", api.getAddress().getPort());
    Set<String> found = new HashSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : Files.readAllLines(proc(table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && fields[2].endsWith(port)) {
          found.add(fields[9]);
        }
      }
    }
    return found;
  }

  /** Returns those that lead nowhere: with one of these the JDK marks what it has closed. */
  private Set<String> nameless() throws Exception {
    Set<String> found = new HashSet<>();
    for (String line : Files.readAllLines(proc("net/unix"))) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length == 7) {
        found.add(fields[6]);
      }
    }
    return found;
  }

  private Path proc(String name) {
    return Path.of("/proc", Long.toString(process.pid()), name);
  }

  /** Returns the classes of Martlet's that are there. */
  private Set<String> loaded() throws Exception {
    Set<String> names = new TreeSet<>();
    for (String line : Files.readAllLines(directory.resolve("loaded"))) {
      Matcher m = LOADED.matcher(line);
      if (m.find()) {
        names.add(m.group(1));
      }
    }
    return names;
  }

  /** Returns what the classes ask for the time or a random number, as they or objects are made. */
  private static Set<String> calls(Set<String> names) throws Exception {
    JavaClasses classes =
        new ClassFileImporter()
            .importClasses(names.stream().map(SnapshotTest::type).collect(Collectors.toList()));
    Set<String> calls = new TreeSet<>();
    for (JavaClass c : classes) {
      Stream.concat(c.getStaticInitializer().stream(), c.getConstructors().stream())
          .flatMap(made -> made.getCallsFromSelf().stream())
          .filter(
              call ->
                  SOURCE_CLASSES.contains(call.getTargetOwner().getName())
                      || SOURCES.contains(call.getTargetOwner().getName() + "." + call.getName()))
          .forEach(call -> calls.add(call.getDescription()));
    }
    return calls;
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name, false, SnapshotTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the classes of which there are objects that are in use. */
  private Set<String> alive() throws Exception {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process histogram =
        new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String rows = new String(histogram.getInputStream().readAllBytes(), UTF_8);
    return rows.lines()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(m -> m.group(1))
        .collect(Collectors.toCollection(HashSet::new));
  }
}
