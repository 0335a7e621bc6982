package dev.martlet.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnJarsTest {
  private static final String MARK = "dev/martlet/CloudExecutors.class";

  @TempDir Path dir;

  private Path outer() throws IOException {
    Path outer = dir.resolve("app with space.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(outer))) {
      zip.putNextEntry(new ZipEntry("BOOT-INF/lib/martlet-api.jar"));
      zip.write(new byte[] {1, 2, 3});
      zip.closeEntry();
    }
    return outer;
  }

  @Test
  @DisplayName("a class in a directory is found by that directory")
  void directory() throws Exception {
    Path classes = Files.createDirectories(dir.resolve("some classes"));
    String url = classes.toUri() + MARK;
    assertThat(new OwnJars(dir).locate(url, MARK)).isEqualTo(classes);
  }

  @Test
  @DisplayName("a class in a jar is found by that jar")
  void jar() throws Exception {
    Path jar = dir.resolve("a b.jar");
    assertThat(new OwnJars(dir).locate("jar:" + jar.toUri() + "!/" + MARK, MARK)).isEqualTo(jar);
  }

  @Test
  @DisplayName("a jar inside a jar is copied out once, in both spellings of Spring Boot")
  void nested() throws Exception {
    Path cache = Files.createDirectory(dir.resolve("cache"));
    OwnJars jars = new OwnJars(cache);
    String file = outer().toUri().toString();
    String old = "jar:" + file + "!/BOOT-INF/lib/martlet-api.jar!/" + MARK;
    String since32 =
        "jar:nested:"
            + file.substring("file://".length())
            + "/!BOOT-INF/lib/martlet-api.jar!/"
            + MARK;
    Path one = jars.locate(old, MARK);
    Path two = jars.locate(since32, MARK);
    assertThat(one).isEqualTo(two).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(cache).isDirectoryContaining(p -> p.equals(one));
    assertThat(Files.list(cache)).hasSize(1);
  }

  @Test
  @DisplayName("classes that no other JVM can load are refused with their place")
  void elsewhere() {
    assertThatThrownBy(() -> new OwnJars(dir).locate("http://x/y.jar!/" + MARK, MARK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("http://x/y.jar");
  }
}
