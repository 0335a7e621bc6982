package dev.martlet.internal.local;

import dev.martlet.internal.agent.Trusted;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Starts worker JVMs. */
final class Launcher {
  /** The worker's main class; it is found by name, since the worker builds on this module. */
  static final String MAIN = "dev.martlet.internal.worker.process.WorkerMain";

  private static final long DELAY_MILLIS = 500;
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path cache;
  private final boolean kept;
  private final Executor background;
  private final AtomicReference<@Nullable Runnable> archiving = new AtomicReference<>();
  private final List<String> jvmOptions;
  private final Map<String, String> environment;

  /**
   * Creates the launcher.
   *
   * @param cache where an archive of classes is kept
   * @param kept whether that outlives the platform
   * @param background runs what nobody waits for
   */
  Launcher(
      Path cache,
      boolean kept,
      List<String> jvmOptions,
      Map<String, String> environment,
      Executor background) {
    this.cache = cache;
    this.kept = kept;
    this.background = background;
    this.jvmOptions = jvmOptions;
    this.environment = environment;
  }

  /** A process that was started and waits to be told where to connect. */
  static final class Started {
    final Process process;
    final byte[] token;
    final int number;
    private final SocketAddress address;

    Started(Process process, byte[] token, SocketAddress address) {
      this.process = process;
      this.token = token;
      this.number = NUMBERS.incrementAndGet();
      this.address = address;
    }

    /** Tells it, over its standard input, which stays open for as long as this JVM lives. */
    void handOver() throws IOException {
      OutputStream pipe = process.getOutputStream();
      DataOutputStream out = new DataOutputStream(pipe);
      if (address instanceof UnixDomainSocketAddress unix) {
        out.writeUTF(unix.getPath().toString());
        out.writeInt(0);
      } else {
        InetSocketAddress inet = (InetSocketAddress) address;
        out.writeUTF(inet.getAddress().getHostAddress());
        out.writeInt(inet.getPort());
      }
      out.write(token);
      out.flush();
    }
  }

  /** A process that waits to be told where to connect, and what it was started with. */
  static final class Spawned {
    final Process process;
    private final Set<Path> classPath;
    private final ClassArchive archive;

    Spawned(Process process, Set<Path> classPath, ClassArchive archive) {
      this.process = process;
      this.classPath = classPath;
      this.archive = archive;
    }
  }

  /** Starts a process. */
  static Spawned spawn(Path cache, List<String> jvmOptions, Map<String, String> environment)
      throws IOException {
    Set<Path> classPath = new OwnJars(cache).find();
    ClassArchive archive = new ClassArchive(cache, classPath);
    List<String> command = base(classPath);
    command.addAll(archive.options());
    // One for all, which nobody has to remove.
    command.add("-XX:ErrorFile=" + cache.resolve("crash.log"));
    command.addAll(jvmOptions);
    command.add(MAIN);
    ProcessBuilder b = new ProcessBuilder(command);
    b.environment().putAll(environment);
    b.redirectErrorStream(true);
    return new Spawned(process(b), classPath, archive);
  }

  Started start(SocketAddress address) throws IOException {
    Spawned spawned = Forerunner.take(cache, jvmOptions, environment);
    if (spawned == null) {
      spawned = spawn(cache, jvmOptions, environment);
    }
    byte[] token = Randomness.bytes(Hello.TOKEN);
    ClassArchive archive = spawned.archive;
    Set<Path> classPath = spawned.classPath;
    if (jvmOptions.isEmpty() && archive.isWanted()) {
      archiving.set(() -> archive.startMaking(base(classPath), MAIN));
      background.execute(this::archiveSoon);
    }
    return new Started(spawned.process, token, address);
  }

  private static Process process(ProcessBuilder b) throws IOException {
    try {
      return b.start();
    } catch (IOException e) {
      if (namesArePlain()) {
        throw e;
      }
      throw new IOException(
          "this JDK starts no process while the default charset is "
              + Charset.defaultCharset()
              + "; set -Dfile.encoding to one that contains ASCII, such as UTF-8",
          e);
    }
  }

  /**
   * Returns whether the JDK's names of files, where it encodes them by the default charset, mean
   * what they say: not so in UTF-16.
   */
  static boolean namesArePlain() {
    return "/".getBytes(Charset.defaultCharset()).length == 1;
  }

  /** Leaves the first call in peace. */
  private void archiveSoon() {
    try {
      TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS);
      archive();
    } catch (InterruptedException e) {
      // The platform has been closed, and so has this.
    }
  }

  private void archive() {
    Runnable start = archiving.getAndSet(null);
    if (start != null) {
      start.run();
    }
  }

  /** Does what was put off, if it is of use to others. */
  void close() {
    if (kept) {
      archive();
    }
  }

  private static List<String> base(Set<Path> classPath) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(Trusted.jvmOptions());
    command.add("-XX:-UsePerfData");
    command.add("-Dfile.encoding=" + Charset.defaultCharset().name());
    command.add("-cp");
    StringJoiner paths = new StringJoiner(File.pathSeparator);
    for (Path p : classPath) {
      paths.add(p.toString());
    }
    command.add(paths.toString());
    return command;
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
