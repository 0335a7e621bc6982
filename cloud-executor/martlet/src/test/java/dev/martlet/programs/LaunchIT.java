package dev.martlet.programs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.agent.Jvms;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program that is compiled and started as a stranger does, with options of the launcher. */
class LaunchIT {
  private static final String MAIN =
      """
      package my.app;
      import dev.martlet.*;
      import java.util.ServiceLoader;
      import java.util.function.Supplier;
      public class Main {
        public static class Text implements Supplier<String> {
          public String get() { return "provided"; }
        }
        public static void main(String[] args) throws Exception {
          try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
            System.out.println(pool.submit(() -> {
              String s = CloudContext.current().instance() != null ? "away" : "home";
              for (Supplier<?> p : ServiceLoader.load(Supplier.class)) {
                s += " " + p.get();
              }
              return s + " " + Main.class.desiredAssertionStatus();
            }).get());
          }
        }
      }
      """;

  @TempDir Path temp;
  private Path classes;

  static List<Path> homes() throws Exception {
    return Jvms.homes();
  }

  /** What a build tool puts on the path for the one dependency. */
  private static String jars() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                Path.of(entry)
                    .getFileName()
                    .toString()
                    .matches("(martlet|slf4j-api|jspecify)-.*(?<!tests)\\.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @BeforeEach
  void compile() throws Exception {
    Path sources = Files.createDirectories(temp.resolve("src/my/app"));
    Path main = Files.writeString(sources.resolve("Main.java"), MAIN);
    Path module =
        Files.writeString(
            temp.resolve("src/module-info.java"),
            "module my.app { requires dev.martlet; uses java.util.function.Supplier;"
                + " provides java.util.function.Supplier with my.app.Main.Text; }");
    classes = temp.resolve("classes");
    List<String> arguments =
        new ArrayList<>(List.of("-p", jars(), "-d", classes.toString(), module.toString()));
    arguments.add(main.toString());
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(status).isZero();
  }

  private static List<String> complaints(Jvms.Result result) {
    return Arrays.stream(result.err().split("\n"))
        .filter(
            line ->
                !line.isBlank()
                    && !line.startsWith("WARNING: A Java agent has been loaded dynamically")
                    && !line.startsWith("WARNING: If a serviceability tool is")
                    && !line.startsWith("WARNING: Dynamic loading of agents will be"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("homes")
  @DisplayName("a module that requires dev.martlet alone runs, and its services are found away")
  void runsOnModulePath(Path home) throws Exception {
    String path = jars() + File.pathSeparator + classes;
    Jvms.Result r = Jvms.run(home, List.of("-p", path, "-m"), "", "my.app/my.app.Main");
    assertThat(complaints(r)).isEmpty();
    assertThat(r.out()).isEqualToIgnoringNewLines("away provided false");
  }

  @ParameterizedTest
  @MethodSource("homes")
  @DisplayName("assertions that are enabled in a package are enabled there away, not elsewhere")
  void enablesAssertionsByPackage(Path home) throws Exception {
    String path = jars() + File.pathSeparator + classes;
    assertThat(Jvms.run(home, List.of("-ea:my..."), path, "my.app.Main").out())
        .isEqualToIgnoringNewLines("away true");
    assertThat(Jvms.run(home, List.of("-ea", "-da:my.app.Main"), path, "my.app.Main").out())
        .isEqualToIgnoringNewLines("away false");
  }

  @ParameterizedTest
  @MethodSource("homes")
  @DisplayName("where neither agent nor attachment is possible, making a pool fails and says why")
  void saysThatItCannotAttach(Path home) throws Exception {
    String path = jars() + File.pathSeparator + classes;
    for (String option : List.of("-XX:+DisableAttachMechanism", "-XX:-EnableDynamicAgentLoading")) {
      Jvms.Result r = Jvms.run(home, List.of(option), path, "my.app.Main");
      assertThat(r.exit()).isEqualTo(1);
      assertThat(r.err())
          .contains("IllegalStateException", option, "-javaagent:martlet", "newCloudPool")
          .doesNotContain("ExceptionInInitializerError");
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  @DisplayName("an unusable directory for temporary files is not used, and nothing else is printed")
  void runsWithoutTemporaryFiles(Path home) throws Exception {
    String path = jars() + File.pathSeparator + classes;
    List<String> options = List.of("-Djava.io.tmpdir=" + temp.resolve("none"));
    Jvms.Result r = Jvms.run(home, options, path, "my.app.Main");
    assertThat(r.out()).isEqualToIgnoringNewLines("away false");
  }
}
