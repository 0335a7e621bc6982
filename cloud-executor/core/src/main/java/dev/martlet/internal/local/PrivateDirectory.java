package dev.martlet.internal.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A directory that only this user can enter, for as long as this JVM or the pool lives. It stands
 * in a directory per user, next to a file that the JVM keeps locked; a directory whose file is not
 * locked was left behind by a JVM that was killed, and its workers or the next to come remove it.
 */
public final class PrivateDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  private static final String LOCK = ".lock";
  private static final int LOOKS = 20;
  private static final long LOOK_NANOS = 10_000_000;
  private static final Set<Path> MINE = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Path lockFile;
  private final FileChannel lock;

  private PrivateDirectory(Path path, Path lockFile, FileChannel lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  Path path() {
    return path;
  }

  /** Makes a directory, and removes what others left behind. */
  static synchronized PrivateDirectory create() throws IOException {
    Path base = base();
    // Nobody sweeps while somebody makes.
    try (FileChannel all = open(base.resolve("lock"))) {
      all.lock();
      sweep(base);
      String id = HexFormat.of().formatHex(Randomness.bytes(4));
      Path path = base.resolve(id);
      Path lockFile = base.resolve(id + LOCK);
      FileChannel lock = open(lockFile);
      lock.lock();
      Files.createDirectory(path, attributes());
      MINE.add(lockFile);
      return new PrivateDirectory(path, lockFile, lock);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  static FileAttribute<?>[] attributes() {
    return POSIX
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
        : new FileAttribute<?>[0];
  }

  private static Path base() throws IOException {
    StringBuilder plain = new StringBuilder("martlet-");
    for (char c : System.getProperty("user.name", "user").toCharArray()) {
      boolean word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      plain.append(word ? c : '_');
    }
    String name = plain.toString();
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null) {
      Path dir = Path.of(runtime);
      if (Files.isDirectory(dir) && Files.isWritable(dir)) {
        Path base = own(dir.resolve(name));
        if (base != null) {
          return base;
        }
      }
    }
    Path tmp = Path.of(System.getProperty("java.io.tmpdir"));
    IOException failure = null;
    for (Path dir : List.of(tmp, Path.of("/tmp"), Path.of("/dev/shm"))) {
      try {
        Path base = own(dir.resolve(name));
        return base != null ? base : Files.createTempDirectory(dir, "martlet-", attributes());
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    throw Objects.requireNonNull(failure);
  }

  /**
   * Returns a directory that outlives this JVM, or this one if there is none that is ours alone.
   *
   * @param wanted where it shall be, or {@code null} for the user's cache
   */
  Path cache(@Nullable Path wanted) {
    Path kept = kept(wanted);
    return kept == null ? path : kept;
  }

  /** Returns a directory that outlives this JVM, or {@code null} if there is none of our own. */
  static @Nullable Path kept(@Nullable Path wanted) {
    Path dir = wanted;
    try {
      if (dir == null) {
        String home = System.getenv("XDG_CACHE_HOME");
        Path caches =
            home != null && !home.isBlank()
                ? Path.of(home)
                : Path.of(System.getProperty("user.home"), ".cache");
        dir = caches.resolve("martlet");
      }
      Files.createDirectories(dir.toAbsolutePath().getParent());
      Path own = own(dir.toAbsolutePath());
      if (own == null && wanted != null) {
        own = own(dir.toAbsolutePath().resolve("martlet"));
      }
      return own != null && Files.isWritable(own) ? own : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Makes the directory or checks that it is ours alone; {@code null} if it is not. */
  static @Nullable Path own(Path dir) throws IOException {
    try {
      Files.createDirectory(dir, attributes());
      return dir;
    } catch (FileAlreadyExistsException e) {
      return isOurs(dir) ? dir : null;
    }
  }

  private static boolean isOurs(Path dir) throws IOException {
    if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (!POSIX) {
      return true;
    }
    if (!Files.getPosixFilePermissions(dir, LinkOption.NOFOLLOW_LINKS).equals(OWNER)) {
      return false;
    }
    if (Files.isWritable(dir) && belongsToThisProcess(dir)) {
      return true;
    }
    // The user's name is no proof, so compare with something that we have just made.
    Path probe;
    try {
      probe = Files.createTempFile(dir, "martlet", ".probe");
    } catch (IOException e) {
      return false;
    }
    try {
      return Files.getOwner(probe).equals(Files.getOwner(dir, LinkOption.NOFOLLOW_LINKS));
    } finally {
      Files.delete(probe);
    }
  }

  private static boolean belongsToThisProcess(Path dir) {
    try {
      Object owner = Files.getAttribute(dir, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      return owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static void sweep(Path base) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(base)) {
      for (Path file : files) {
        if (!file.toString().endsWith(LOCK) || MINE.contains(file)) {
          continue;
        }
        try (FileChannel c = open(file);
            FileLock l = c.tryLock()) {
          if (l != null) {
            String name = file.getFileName().toString();
            remove(base.resolve(name.substring(0, name.length() - LOCK.length())));
            Files.deleteIfExists(file);
          }
        } catch (IOException e) {
          // The next one to come may be luckier.
        }
      }
    }
  }

  private static void remove(Path dir) throws IOException {
    if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
      for (Path f : files) {
        if (Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS)) {
          remove(f);
        } else {
          Files.deleteIfExists(f);
        }
      }
    }
    Files.deleteIfExists(dir);
  }

  /**
   * Removes a directory if its JVM has been killed, or is ending just now.
   *
   * @param directory another JVM's
   */
  public static void removeAbandoned(Path directory) {
    Path lockFile = directory.resolveSibling(directory.getFileName() + LOCK);
    try (FileChannel c =
        FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      FileLock lock = c.tryLock();
      for (int i = 0; lock == null && i < LOOKS; i++) {
        LockSupport.parkNanos(LOOK_NANOS);
        lock = c.tryLock();
      }
      if (lock != null) {
        remove(directory);
        Files.deleteIfExists(lockFile);
      }
    } catch (IOException e) {
      // Whoever comes next sweeps.
    }
  }

  /** Removes the directory. */
  @Override
  public void close() {
    try {
      remove(path);
      Files.deleteIfExists(lockFile);
      lock.close();
    } catch (IOException e) {
      // Whoever comes next sweeps.
    }
    MINE.remove(lockFile);
  }
}
