package dev.martlet.internal.classpath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM's command line makes of its class path. */
class StartedJvmTest {
  private static final String MAIN =
      """
      package p;
      public class Main {
        public static void main(String[] a) throws Exception {
          var w = new dev.martlet.internal.classpath.ClassWorld(
              java.util.Set.of(), java.nio.file.Path.of(a[0]));
          for (String n : new String[] {"p.Main", "q.Lib", "m.Mod"}) {
            Class<?> c = Class.forName(n);
            System.out.println(n + " " + w.idOf(c) + " " + w.isApplication(c));
          }
          dev.martlet.internal.classpath.Paths.print(w);
        }
      }
      """;
  private static final String PATHS =
      """
      package dev.martlet.internal.classpath;
      public class Paths {
        public static void print(ClassWorld w) throws Exception {
          for (Entry e : w.image(1).entries()) {
            System.out.println(java.nio.file.Path.of(e.path()).getFileName() + " " + e.application());
          }
        }
      }
      """;

  @TempDir Path temp;

  @Test
  void the_main_jar_is_the_applications_and_modules_come_first() throws Exception {
    String martlet =
        String.join(
                File.pathSeparator,
                place(ClassWorld.class),
                place(dev.martlet.CloudExecutors.class))
            + File.pathSeparator
            + place(dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader.class)
            + File.pathSeparator
            + place(org.slf4j.Logger.class);
    Path lib = jar("lib.jar", "", "q/Lib.java", "package q; public class Lib {}");
    Path paths = jar("paths.jar", martlet, "dev/martlet/internal/classpath/Paths.java", PATHS);
    Path main = jar("main.jar", martlet + File.pathSeparator + paths, "p/Main.java", MAIN);
    Path module =
        jar(
            "mod.jar",
            "",
            "module-info.java",
            "module mod { exports m; }",
            "m/Mod.java",
            "package m; public class Mod {}");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-p",
            module.toString(),
            "--add-modules",
            "mod",
            "-cp",
            String.join(
                File.pathSeparator, lib.toString(), main.toString(), martlet, paths.toString()),
            "p.Main",
            temp.resolve("cache").toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(out.lines())
        .startsWith(
            "p.Main 1 true",
            "q.Lib 1 false",
            "m.Mod 1 false",
            "mod.jar false",
            "lib.jar false",
            "main.jar true")
        .noneMatch(l -> l.contains("martlet") || l.contains("byteBuddyAgent"));
  }

  private static String place(Class<?> c) throws Exception {
    return Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  private Path jar(String name, String classPath, String... sources) throws Exception {
    Path in = Files.createDirectories(temp.resolve(name + "-src"));
    Path out = Files.createDirectories(temp.resolve(name + "-out"));
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-d", out.toString(), "-cp", classPath));
    for (int i = 0; i < sources.length; i += 2) {
      Path file = in.resolve(sources[i]);
      Files.createDirectories(file.getParent());
      Files.writeString(file, sources[i + 1]);
      arguments.add(file.toString());
    }
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, errors, arguments.toArray(String[]::new));
    assertThat(result).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    Path jar = temp.resolve(name);
    try (JarOutputStream jarOut = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(out)) {
      for (Path f : files.filter(Files::isRegularFile).sorted().toList()) {
        jarOut.putNextEntry(new JarEntry(out.relativize(f).toString()));
        Files.copy(f, jarOut);
        jarOut.closeEntry();
      }
    }
    return jar;
  }
}
