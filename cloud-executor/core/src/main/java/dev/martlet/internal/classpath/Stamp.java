package dev.martlet.internal.classpath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells, without reading a file, that it is still the same one.
 *
 * @param size in bytes
 * @param modified when its content was last changed, in nanoseconds since the epoch
 * @param inode its number in its file system, 0 where there are none
 */
public record Stamp(long size, long modified, long inode) {
  // Written out, since a new JVM pays for what a record brings.

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Stamp s && size == s.size && modified == s.modified && inode == s.inode;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(size * 31 + modified);
  }

  @Override
  public String toString() {
    return size + " " + modified + " " + inode;
  }

  /** Returns the stamp of a file. */
  public static Stamp of(Path file) throws IOException {
    if (unix(file)) {
      Map<String, Object> a = Files.readAttributes(file, "unix:size,lastModifiedTime,ino");
      return new Stamp(
          ((Number) get(a, "size")).longValue(),
          ((FileTime) get(a, "lastModifiedTime")).to(TimeUnit.NANOSECONDS),
          ((Number) get(a, "ino")).longValue());
    }
    return new Stamp(Files.size(file), Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS), 0);
  }

  /** Returns when a file's content or identity last changed, in milliseconds since the epoch. */
  static long changed(Path file) throws IOException {
    long modified = Files.getLastModifiedTime(file).toMillis();
    return unix(file)
        ? Math.max(modified, ((FileTime) Files.getAttribute(file, "unix:ctime")).toMillis())
        : modified;
  }

  private static boolean unix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  private static Object get(Map<String, Object> attributes, String name) {
    Object value = attributes.get(name);
    if (value == null) {
      throw new IllegalStateException("no attribute " + name);
    }
    return value;
  }
}
