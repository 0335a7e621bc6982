package dev.martlet.internal.worker.weave;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeaverCorpusTest {
  /** Weaves whatever the class path has, but for the hooks. */
  private static final class Loader extends ClassLoader {
    private final boolean application;

    Loader(boolean application) {
      super(ClassLoader.getPlatformClassLoader());
      this.application = application;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("dev.martlet.internal.worker.weave.Hooks")) {
        return Class.forName(name);
      }
      String internal = name.replace('.', '/');
      byte[] file = file(internal);
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] woven =
          Weaver.weave(file, application, Loader::file, n -> application && !n.startsWith("java/"));
      return defineClass(name, woven, 0, woven.length);
    }

    private static byte @Nullable [] file(String internal) {
      try (InputStream in = ClassLoader.getSystemResourceAsStream(internal + ".class")) {
        return in == null ? null : in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Reads fields of its own and of another class. */
  static final class Reader {
    Object own = this;
    Reader next = this;

    boolean read(Other other) {
      return own == next.own && other.own != own && other.own != next.next.own;
    }
  }

  static final class Other {
    Object own = this;
  }

  @Test
  @DisplayName("it is asked once whether a class is the application's")
  void asksOnce() {
    List<String> asked = new ArrayList<>();
    String name = Reader.class.getName().replace('.', '/');
    byte[] file = Objects.requireNonNull(Loader.file(name));
    byte[] woven = Weaver.weave(file, true, Loader::file, asked::add);
    assertThat(woven).isNotEmpty();
    assertThat(asked).doesNotHaveDuplicates().contains(name);
  }

  @ParameterizedTest(name = "application {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("every class of the class path verifies when it is woven")
  void verifies(boolean application) throws IOException {
    Loader loader = new Loader(application);
    List<String> failures = new ArrayList<>();
    int verified = 0;
    // All of them take a minute.
    int step = Boolean.getBoolean("weave.all") ? 1 : 5;
    List<String> names = classNames();
    for (int i = 0; i < names.size(); i += step) {
      String name = names.get(i);
      try {
        // Listing methods links the class, which verifies it, and initialises nothing.
        assertThat(loader.loadClass(name).getDeclaredMethods()).isNotNull();
        verified++;
      } catch (NoClassDefFoundError | ClassNotFoundException | UnsupportedClassVersionError e) {
        // An optional dependency that is not here.
      } catch (Throwable e) {
        failures.add(name + ": " + e);
      }
    }
    assertThat(failures).as("of " + verified).isEmpty();
    assertThat(verified).isGreaterThan(1000);
  }

  private static List<String> classNames() throws IOException {
    List<String> names = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          files.map(f -> path.relativize(f).toString()).forEach(names::add);
        }
      } else if (Files.exists(path)) {
        try (JarFile jar = new JarFile(path.toFile())) {
          jar.stream().forEach(e -> names.add(e.getName()));
        }
      }
    }
    return names.stream()
        .filter(n -> n.endsWith(".class") && !n.startsWith("META-INF") && !n.contains("-info."))
        .map(n -> n.substring(0, n.length() - 6).replace('/', '.'))
        .distinct()
        .toList();
  }
}
