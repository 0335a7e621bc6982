package dev.martlet.internal.classpath;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class CacheDirectoryTest {
  @TempDir Path temp;

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  @DisplayName("a directory that others may enter keeps its permissions; the cache is within it")
  void leavesSharedDirectoriesAlone() throws Exception {
    Path shared = Files.createDirectory(temp.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path cache = CacheDirectory.open(shared);
    assertThat(cache).isEqualTo(shared.resolve("martlet"));
    assertThat(permissions(cache)).isEqualTo("rwx------");
    assertThat(permissions(shared)).isEqualTo("rwxr-xr-x");
    assertThat(CacheDirectory.open(shared)).isEqualTo(cache);
  }

  @Test
  @DisplayName("a directory that is new or this user's alone is the cache itself")
  void usesPrivateDirectories() throws Exception {
    Path wanted = temp.resolve("own").resolve("cache");
    assertThat(CacheDirectory.open(wanted)).isEqualTo(wanted);
    assertThat(CacheDirectory.open(wanted)).isEqualTo(wanted);
  }

  @Test
  @DisplayName("what nobody has touched for long is swept, and nothing else")
  void sweeps() throws Exception {
    Path old = Files.createFile(temp.resolve("old"));
    Path young = Files.createFile(temp.resolve("young"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(3))));
    CacheDirectory.sweep(temp, Duration.ofDays(2));
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }
}
