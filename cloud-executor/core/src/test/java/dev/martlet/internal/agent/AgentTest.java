package dev.martlet.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final Pattern NOTICE =
      Pattern.compile(
          "^WARNING: (A Java agent has been loaded dynamically|If a serviceability tool is"
              + "|Dynamic loading of agents will be disallowed)");

  static Stream<Path> homes() throws IOException {
    return Jvms.homes().stream();
  }

  @ParameterizedTest
  @DisplayName("a JVM attaches to itself and prints nothing but the JDK's own notice")
  @MethodSource("homes")
  void attaches(Path home) throws Exception {
    assertAttached(Jvms.run(home, List.of(), CLASS_PATH, Program.class.getName()));
  }

  @ParameterizedTest
  @DisplayName("a JVM without a handler for SIGQUIT attaches to itself all the same")
  @MethodSource("homes")
  void attachesWithoutSignals(Path home) throws Exception {
    assertAttached(Jvms.run(home, List.of("-Xrs"), CLASS_PATH, Program.class.getName()));
  }

  @ParameterizedTest
  @DisplayName("an interrupted thread attaches, and stays interrupted")
  @MethodSource("homes")
  void attachesInterrupted(Path home) throws Exception {
    assertAttached(Jvms.run(home, List.of(), CLASS_PATH, Program.class.getName(), "interrupted"));
  }

  @ParameterizedTest
  @DisplayName("Martlet in a loader of its own gets the instrumentation too")
  @MethodSource("homes")
  void attachesFromAnotherLoader(Path home, @TempDir Path alone) throws Exception {
    String launcher = Launcher.class.getName().replace('.', '/') + ".class";
    Path copy = alone.resolve(launcher);
    Files.createDirectories(copy.getParent());
    try (var in = Launcher.class.getClassLoader().getResourceAsStream(launcher)) {
      Files.copy(in, copy);
    }
    assertAttached(
        Jvms.run(home, List.of(), alone.toString(), Launcher.class.getName(), CLASS_PATH));
  }

  @ParameterizedTest
  @DisplayName("on the module path a JVM attaches to itself, without any --add-modules")
  @MethodSource("homes")
  void attachesOnTheModulePath(Path home, @TempDir Path directory) throws Exception {
    Path core = directory.resolve("core.jar");
    writeJar(core, "dev.martlet.core", Path.of("target/classes"));
    Path program = directory.resolve("program.jar");
    Path classes = directory.resolve("classes");
    String name = dev.martlet.modular.Program.class.getName().replace('.', '/') + ".class";
    Files.createDirectories(classes.resolve(name).getParent());
    Files.copy(Path.of("target/test-classes", name), classes.resolve(name));
    writeJar(program, "program", classes);
    Jvms.Result r =
        Jvms.run(
            home,
            List.of("-p", core + File.pathSeparator + program),
            "",
            "-m",
            "program/" + dev.martlet.modular.Program.class.getName());
    assertThat(r.out())
        .isEqualToIgnoringNewLines("/trusted in module dev.martlet.core, instrument before: false");
  }

  private static void writeJar(Path jar, String module, Path classes) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Automatic-Module-Name", module);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
  }

  @ParameterizedTest
  @DisplayName("where options forbid to attach, one error names the option and the remedy")
  @MethodSource("homes")
  void forbidden(Path home) throws Exception {
    for (String option : List.of("-XX:+DisableAttachMechanism", "-XX:-EnableDynamicAgentLoading")) {
      Jvms.Result r = Jvms.run(home, List.of(option), CLASS_PATH, Program.class.getName());
      assertThat(r.out())
          .isEqualToIgnoringNewLines(
              "IllegalStateException: Martlet needs an instrumentation agent, and this JVM cannot"
                  + " attach to itself: the JVM runs with "
                  + option
                  + ". Remove that option, or start the JVM with"
                  + " -javaagent:martlet-<version>.jar");
      assertThat(r.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @DisplayName("an option in an argument file is seen")
  @MethodSource("homes")
  void argumentFile(Path home, @TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("options"), "-XX:+DisableAttachMechanism");
    Jvms.Result r = Jvms.run(home, List.of("@" + file), CLASS_PATH, Program.class.getName());
    assertThat(r.out()).contains("the JVM runs with -XX:+DisableAttachMechanism");
    assertThat(r.err()).isEmpty();
  }

  @ParameterizedTest
  @DisplayName("a command line that may change how to attach is not plain")
  @ValueSource(
      strings = {
        "-XX:+DisableAttachMechanism",
        "-XX:-EnableDynamicAgentLoading",
        "-XX:Flags=f",
        "-XX:VMOptionsFile=f",
        "-Xrs",
        "@options"
      })
  void notPlain(String option) {
    assertThat(CommandLine.isPlain(List.of("java", "-cp", "x", "Main"))).isTrue();
    assertThat(CommandLine.isPlain(List.of("java", option, "Main"))).isFalse();
  }

  @Test
  @DisplayName("the instrumentation of a JVM is always the same and can retransform")
  void same() {
    Instrumentation i = Agent.instrumentation();
    assertThat(i).isSameAs(Agent.instrumentation());
    assertThat(i.isRetransformClassesSupported()).isTrue();
    assertThat(i.isRedefineClassesSupported()).isTrue();
  }

  private static void assertAttached(Jvms.Result r) {
    assertThat(r.out()).matches("attached on \\d+, leaving 0 files\\R");
    assertThat(r.exit()).isZero();
    if (r.out().startsWith("attached on 17,")) {
      assertThat(r.err()).isEmpty();
    } else {
      assertThat(r.err().lines())
          .allMatch(line -> NOTICE.matcher(line).find(), "the JDK's notice")
          .hasSizeLessThanOrEqualTo(4);
    }
  }

  /** Gets the instrumentation. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      boolean interrupt = args.length > 0;
      if (interrupt) {
        Thread.currentThread().interrupt();
      }
      try {
        Instrumentation i = Agent.instrumentation();
        boolean kept = Thread.interrupted() == interrupt;
        boolean works = i.isRetransformClassesSupported() && kept;
        System.out.println(
            (works ? "attached on " : "failed on ")
                + Runtime.version().feature()
                + ", leaving "
                + left()
                + " files");
      } catch (IllegalStateException e) {
        System.out.println("IllegalStateException: " + e.getMessage());
      }
    }

    private static long left() throws IOException {
      String pid = String.valueOf(ProcessHandle.current().pid());
      try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(
                name -> name.startsWith("martlet-agent-" + pid) || name.equals(".attach_pid" + pid))
            .count();
      }
    }
  }

  /** Runs the program in another loader than the system's. */
  public static final class Launcher {
    private Launcher() {}

    public static void main(String[] args) throws Exception {
      List<URL> urls = new ArrayList<>();
      for (String entry : args[0].split(File.pathSeparator)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      try (URLClassLoader loader =
          new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
        Class.forName("dev.martlet.internal.agent.AgentTest$Program", true, loader)
            .getMethod("main", String[].class)
            .invoke(null, (Object) new String[0]);
      }
    }
  }
}
