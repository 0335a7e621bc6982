package dev.martlet.internal.worker.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/** Makes directories and jars of classes. */
final class Code {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE = Pattern.compile("(?:class|interface|enum|record) (\\w+)");

  private final Path root;
  private int count;

  Code(Path root) {
    this.root = root;
  }

  /** Compiles sources, each with its first type public, against the given class path. */
  Path directory(List<Path> classPath, String... sources) throws IOException {
    Path in = Files.createDirectories(root.resolve("src" + ++count));
    Path out = Files.createDirectories(root.resolve("classes" + count));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-g",
                "-cp",
                classPath.stream().map(Path::toString).collect(Collectors.joining(":")),
                "-d",
                out.toString()));
    for (String source : sources) {
      Matcher p = PACKAGE.matcher(source);
      Matcher t = TYPE.matcher(source);
      assertThat(t.find()).isTrue();
      Path dir = p.find() ? in.resolve(p.group(1).replace('.', '/')) : in;
      Path file = Files.createDirectories(dir).resolve(t.group(1) + ".java");
      Files.writeString(file, source);
      arguments.add(file.toString());
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).as("compiled " + Arrays.toString(sources)).isZero();
    return out;
  }

  Path directory(String... sources) throws IOException {
    return directory(List.of(), sources);
  }

  /** Packs directories. */
  Path jar(Path... directories) throws IOException {
    return jar(new Manifest(), directories);
  }

  Path jar(Manifest manifest, Path... directories) throws IOException {
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    Path jar = root.resolve("lib" + ++count + ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Path d : directories) {
        add(out, d, "");
      }
    }
    return jar;
  }

  static void add(JarOutputStream out, Path directory, String prefix) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path f : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(prefix + directory.relativize(f)));
        Files.copy(f, out);
        out.closeEntry();
      }
    }
  }

  /** Adds a resource to a directory. */
  static Path with(Path directory, String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return directory;
  }

  Path resources(String name, String content) throws IOException {
    return with(Files.createDirectories(root.resolve("resources" + ++count)), name, content);
  }
}
