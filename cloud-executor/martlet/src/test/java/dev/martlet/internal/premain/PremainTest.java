package dev.martlet.internal.premain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.agent.Agent;
import dev.martlet.internal.agent.AttachedAgent;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PremainTest {
  @TempDir static Path directory;

  private static Path jar;

  /** Builds the agent as the starter's jar has it: its class and its manifest. */
  @BeforeAll
  static void buildJar() throws IOException {
    Path classes = Path.of("target/classes");
    Manifest manifest = new Manifest();
    try (InputStream in = Files.newInputStream(classes.resolve("META-INF/MANIFEST.MF"))) {
      manifest.read(in);
    }
    manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
    jar = directory.resolve("martlet.jar");
    String entry = Premain.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.putNextEntry(new JarEntry(entry));
      Files.copy(classes.resolve(entry), out);
    }
  }

  @Test
  @DisplayName("with -javaagent the instrumentation is there and nothing is printed")
  void javaagent() throws Exception {
    assertThat(run("-javaagent:" + jar)).containsExactly("given");
  }

  @Test
  @DisplayName("with -javaagent it does not matter that the JVM cannot attach to itself")
  void javaagentWithoutAttach() throws Exception {
    assertThat(run("-javaagent:" + jar, "-XX:+DisableAttachMechanism")).containsExactly("given");
  }

  @Test
  @DisplayName("without the agent the JVM attaches to itself")
  void none() throws Exception {
    assertThat(run()).last().isEqualTo("attached");
  }

  @Test
  @DisplayName("an executable jar can name the agent in its manifest")
  void launcherAgent() throws Exception {
    assertThat(run("-jar", executable(true).toString())).containsExactly("given");
  }

  @Test
  @DisplayName("an agent that the manifest does not allow enough is not used")
  void launcherAgentWithoutRights() throws Exception {
    assertThat(run("-jar", executable(false).toString())).last().isEqualTo("attached");
  }

  private static Path executable(boolean rights) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, Program.class.getName());
    StringBuilder classPath = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      classPath.append(Path.of(entry).toUri()).append(' ');
    }
    attributes.put(Attributes.Name.CLASS_PATH, classPath.toString());
    attributes.putValue("Launcher-Agent-Class", Premain.class.getName());
    if (rights) {
      attributes.putValue("Can-Redefine-Classes", "true");
      attributes.putValue("Can-Retransform-Classes", "true");
    }
    Path executable = directory.resolve("program-" + rights + ".jar");
    new JarOutputStream(Files.newOutputStream(executable), manifest).close();
    return executable;
  }

  private static List<String> run(String... options) throws Exception {
    Path output = Files.createTempFile(directory, "output", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
            .waitFor();
    assertThat(exit).isZero();
    return Files.readAllLines(output);
  }

  /** Gets the instrumentation. */
  public static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Instrumentation i = Agent.instrumentation();
      if (!i.isRetransformClassesSupported() || !i.isRedefineClassesSupported()) {
        throw new AssertionError("not enough rights");
      }
      System.out.println(AttachedAgent.instrumentation() == i ? "attached" : "given");
    }
  }
}
