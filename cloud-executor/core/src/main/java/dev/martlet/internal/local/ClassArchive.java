package dev.martlet.internal.local;

import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * A class-data-sharing archive of a worker's classes, which lets it start sooner. One is made per
 * JDK and class path, by a rehearsal in a process of its own, under a name that nobody else uses,
 * and then renamed. Directories cannot be archived. The JVM checks that an archive fits and does
 * without it if not.
 */
final class ClassArchive {
  private static final Logger log = Log.of(ClassArchive.class);
  private static final Set<Path> TRIED = ConcurrentHashMap.newKeySet();
  private static final long REHEARSAL_SECONDS = 60;
  private static final Duration OLD = Duration.ofMinutes(10);
  private static final long DELAY_MILLIS = 500;

  private final Path file;
  private final boolean possible;

  ClassArchive(Path cache, Collection<Path> classPath) throws IOException {
    this.file = cache.resolve("worker-" + key(classPath) + ".jsa");
    this.possible = classPath.stream().allMatch(Files::isRegularFile);
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
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(s.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the options to start with. */
  List<String> options() {
    List<String> options = new ArrayList<>(List.of("-Xshare:auto"));
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

  /** Makes the archive, some moments later. */
  void make(List<String> command, String main) {
    try {
      TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS);
      sweep();
      Path temporary = Files.createTempFile(file.getParent(), "worker", ".tmp");
      try {
        rehearse(command, main, temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | InterruptedException e) {
      log.debug("Workers start without an archive of their classes", e);
    }
  }

  /** Removes what a client that was killed has left half made. */
  private void sweep() throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(OLD));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(file.getParent(), "*.tmp")) {
      for (Path f : files) {
        if (Files.getLastModifiedTime(f).compareTo(old) < 0) {
          Files.deleteIfExists(f);
        }
      }
    }
  }

  private void rehearse(List<String> command, String main, Path temporary)
      throws IOException, InterruptedException {
    Files.delete(temporary);
    List<String> c = new ArrayList<>(command);
    c.add(1, "-XX:ArchiveClassesAtExit=" + temporary);
    c.add(main);
    c.add("rehearse");
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
}
