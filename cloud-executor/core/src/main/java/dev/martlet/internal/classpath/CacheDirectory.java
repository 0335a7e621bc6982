package dev.martlet.internal.classpath;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A directory that only this user can enter, so that what was checked once may be trusted later.
 */
public final class CacheDirectory {
  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private CacheDirectory() {}

  /**
   * Returns the cache directory: the one given, or {@code martlet} in it if others may enter it,
   * else that of the property {@code martlet.cache}, else {@code ~/.cache/martlet}, else, where
   * that cannot be written, a temporary one.
   *
   * @throws IOException if the directory that was asked for is not this user's alone
   */
  public static Path open(@Nullable Path wanted) throws IOException {
    String property = System.getProperty("martlet.cache");
    if (wanted == null && property != null && !property.isEmpty()) {
      wanted = Path.of(property);
    }
    if (wanted != null) {
      Path directory = wanted.toAbsolutePath();
      return secure(isShared(directory) ? directory.resolve("martlet") : directory);
    }
    try {
      return secure(Path.of(System.getProperty("user.home"), ".cache", "martlet").toAbsolutePath());
    } catch (IOException | RuntimeException e) {
      String name = "martlet-cache-" + System.getProperty("user.name", "").replaceAll("\\W", "_");
      try {
        return secure(Path.of(System.getProperty("java.io.tmpdir")).resolve(name));
      } catch (IOException | RuntimeException f) {
        return secure(Path.of("/tmp").resolve(name));
      }
    }
  }

  private static boolean isShared(Path directory) throws IOException {
    return posix()
        && Files.exists(directory)
        && !Files.getPosixFilePermissions(directory).equals(OWNER);
  }

  /** Creates a directory for this user alone, or checks that an existing one is. */
  public static Path secure(Path directory) throws IOException {
    if (!posix()) {
      return Files.createDirectories(directory);
    }
    if (!Files.exists(directory)) {
      FileAttribute<?> attribute = PosixFilePermissions.asFileAttribute(OWNER);
      Files.createDirectories(directory, attribute);
    }
    UserPrincipal me =
        directory
            .getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(System.getProperty("user.name"));
    if (!Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(me)) {
      throw new IOException("the cache directory " + directory + " belongs to somebody else");
    }
    if (!Files.getPosixFilePermissions(directory).equals(OWNER)) {
      Files.setPosixFilePermissions(directory, OWNER);
    }
    return directory;
  }

  /** Writes a file that other processes see whole or not at all. */
  public static void writeAtomically(Path file, byte[] content) throws IOException {
    Path temporary = temporary(file);
    try {
      Files.write(temporary, content, StandardOpenOption.CREATE_NEW);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes the files of a directory that nobody has written or touched for so long. */
  static void sweep(Path directory, Duration age) throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(age));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path f : files) {
        try {
          if (Files.getLastModifiedTime(f).compareTo(old) < 0) {
            Files.deleteIfExists(f);
          }
        } catch (NoSuchFileException e) {
          // Another process removed it.
        }
      }
    }
  }

  /** Returns a fresh name beside {@code file}, to be written and then moved there. */
  public static Path temporary(Path file) {
    return file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
