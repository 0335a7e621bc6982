package dev.martlet.internal.local;

import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A class-data-sharing archive of a worker's classes, which lets it start sooner. One is made per
 * JDK and class path, and kept. Directories cannot be archived.
 *
 * <p>A process of its own makes it, after the first worker has started, with little priority. It
 * outlives the client if need be, since most programs are done before it is. It starts a worker
 * that {@linkplain #make rehearses}, which writes the archive under a name that nobody else uses,
 * and renames that. A lock sees to it that one process makes it at a time. The JVM checks that an
 * archive fits and does without it if not.
 */
public final class ClassArchive {
  private static final Set<Path> TRIED = ConcurrentHashMap.newKeySet();
  private static final long REHEARSAL_SECONDS = 60;
  private static final Duration HALF_MADE = Duration.ofMinutes(10);
  private static final Duration UNUSED = Duration.ofDays(60);
  private static final Path NICE = Path.of("/usr/bin/nice");

  private final Path file;
  private final boolean possible;

  ClassArchive(Path cache, Collection<Path> classPath) throws IOException {
    this.file = cache.resolve("worker-" + key(classPath) + ".jsa");
    boolean jars = true;
    for (Path p : classPath) {
      jars &= Files.isRegularFile(p);
    }
    this.possible = jars;
  }

  private static String key(Collection<Path> classPath) throws IOException {
    StringBuilder s = new StringBuilder();
    for (String p : List.of("java.home", "java.vm.name", "java.vm.version", "os.arch")) {
      s.append(System.getProperty(p)).append('\n');
    }
    for (Path p : classPath) {
      s.append(p)
          .append(' ')
          .append(Files.size(p))
          .append(' ')
          .append(Files.getLastModifiedTime(p).toMillis())
          .append('\n');
    }
    // No digest, whose provider takes longer to wake; the JVM checks what it is given.
    long hash = s.length();
    for (int i = 0; i < s.length(); i++) {
      hash = (hash ^ s.charAt(i)) * 0x100000001b3L;
      hash ^= hash >>> 32;
    }
    return HexFormat.of().toHexDigits(hash);
  }

  /** Returns the options to start with. */
  List<String> options() {
    List<String> options = new ArrayList<>();
    options.add("-Xshare:auto");
    if (possible && Files.isRegularFile(file)) {
      options.add("-XX:SharedArchiveFile=" + file);
      options.add("-Xlog:disable");
    }
    return options;
  }

  /** Returns whether an archive is possible and missing, and nobody in this JVM has tried. */
  boolean isWanted() {
    return possible && !Files.exists(file) && TRIED.add(file);
  }

  /** Starts the process that makes the archive. */
  void startMaking(List<String> worker, String main) {
    List<String> c = new ArrayList<>();
    if (Files.isExecutable(NICE)) {
      c.add(NICE.toString());
      c.add("-n");
      c.add("15");
    }
    c.addAll(worker);
    c.add("-XX:TieredStopAtLevel=1");
    c.add(main);
    c.add("archive");
    c.add(file.toString());
    c.addAll(worker);
    try {
      Process p =
          new ProcessBuilder(c)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      p.getOutputStream().close();
    } catch (IOException e) {
      Log.of(ClassArchive.class).debug("Workers start without an archive of their classes", e);
    }
  }

  /* --------------- The process that makes it --------------- */

  /**
   * Makes an archive, unless another process is at it.
   *
   * @param file what it shall be called
   * @param worker the command line of a worker up to its main class
   * @param rehearsal the main class and what it is told in order to rehearse
   */
  public static void make(Path file, List<String> worker, List<String> rehearsal)
      throws IOException, InterruptedException {
    Path directory = Objects.requireNonNull(file.getParent());
    sweep(directory);
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock mine = channel.tryLock()) {
      if (mine == null || Files.exists(file)) {
        return;
      }
      Path temporary = Files.createTempFile(directory, "worker", ".tmp");
      try {
        Files.delete(temporary);
        rehearse(file, temporary, worker, rehearsal);
      } finally {
        Files.deleteIfExists(temporary);
        Files.deleteIfExists(lock);
      }
    }
  }

  private static void rehearse(
      Path file, Path temporary, List<String> worker, List<String> rehearsal)
      throws IOException, InterruptedException {
    List<String> c = new ArrayList<>(worker);
    c.add("-XX:ArchiveClassesAtExit=" + temporary);
    c.addAll(rehearsal);
    Process p =
        new ProcessBuilder(c)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    p.getOutputStream().close();
    try {
      if (p.waitFor(REHEARSAL_SECONDS, TimeUnit.SECONDS)
          && p.exitValue() == 0
          && Files.isRegularFile(temporary)) {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      p.destroyForcibly();
    }
  }

  /** Removes what was left half made, and the archives of JDKs and versions that are gone. */
  private static void sweep(Path cache) throws IOException {
    sweep(cache, "*.tmp", HALF_MADE);
    sweep(cache, "worker-*.jsa", UNUSED);
  }

  private static void sweep(Path cache, String names, Duration age) throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(age));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(cache, names)) {
      for (Path f : files) {
        if (Files.getLastModifiedTime(f).compareTo(old) < 0) {
          Files.deleteIfExists(f);
        }
      }
    }
  }
}
