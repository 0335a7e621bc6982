package dev.martlet.internal.agent;

import dev.martlet.internal.shaded.bytebuddy.agent.ByteBuddyAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * This JVM's {@link Instrumentation}: from {@code -javaagent}, or by attaching to itself.
 *
 * <p>There are three ways to attach, tried from the fastest to the most general: the JVM's attach
 * socket ({@link AttachSocket}), its diagnostic commands ({@link Diagnostics}), and Byte Buddy's
 * agent, which starts a helper process. The JVM hands the instrumentation to a class of the system
 * loader, which need not be the loader of this class (a fat jar, a web application); it is fetched
 * from there by reflection. That class is {@link AttachedAgent} under another package name: on the
 * module path the original would be found in core's module, which cannot read {@code
 * java.instrument} before the JVM has loaded that module for the agent. Where the original is on
 * the class path it serves as it is, and no jar behind Martlet's has to be opened to find it.
 */
public final class Agent {
  private static final String ATTACHED = AttachedAgent.class.getName();
  private static final String GUEST = ATTACHED.replace(".agent.", ".guest."); // the same length
  private static final String LAUNCHED = "dev.martlet.internal.premain.Premain";

  private static volatile @Nullable Instrumentation instrumentation;

  private Agent() {}

  /**
   * Returns the instrumentation.
   *
   * @throws IllegalStateException if there is no agent and self-attachment is not possible
   */
  public static Instrumentation instrumentation() {
    Instrumentation i = instrumentation;
    if (i == null) {
      i = find();
    }
    return i;
  }

  /**
   * Fails if there is no agent and it cannot be ruled out that self-attachment is forbidden.
   *
   * @throws IllegalStateException if there is no agent and self-attachment is not possible
   */
  public static void check() {
    if (instrumentation == null && !CommandLine.isPlain()) {
      Object unused = instrumentation();
    }
  }

  private static synchronized Instrumentation find() {
    Instrumentation i = instrumentation;
    if (i == null) {
      i = received(LAUNCHED);
    }
    if (i == null) {
      boolean interrupted = Thread.interrupted(); // would close the attach socket
      try {
        i = attach();
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    instrumentation = i;
    return i;
  }

  private static @Nullable Instrumentation received(String receiver) {
    try {
      Class<?> type = Class.forName(receiver, true, ClassLoader.getSystemClassLoader());
      Object received = type.getMethod("instrumentation").invoke(null);
      if (received != null) {
        Instrumentation i = readable(received);
        if (i.isRetransformClassesSupported() && i.isRedefineClassesSupported()) {
          return i; // a launcher agent has these only if its jar's manifest says so
        }
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      // not there
    }
    return null;
  }

  private static boolean isOnClassPath() {
    return Agent.class.getClassLoader() == ClassLoader.getSystemClassLoader()
        && !Agent.class.getModule().isNamed();
  }

  /** Lets Martlet's modules read that of the instrumentation, if they are on the module path. */
  private static Instrumentation readable(Object received) {
    Module self = Agent.class.getModule();
    Module instrument = received.getClass().getModule();
    self.addReads(instrument);
    Instrumentation i = (Instrumentation) received;
    ModuleLayer layer = self.getLayer();
    if (layer != null) {
      for (Module m : layer.modules()) {
        if (m.getName().startsWith("dev.martlet") && !m.canRead(instrument)) {
          i.redefineModule(m, Set.of(instrument), Map.of(), Map.of(), Set.of(), Map.of());
        }
      }
    }
    return i;
  }

  private static Instrumentation attach() {
    boolean plain = CommandLine.isPlain();
    String forbidden = plain ? null : Diagnostics.forbidden();
    if (forbidden != null) {
      throw impossible(
          "the JVM runs with " + forbidden + ". Remove that option, or start the JVM", null);
    }
    try (AttachSocket socket = plain ? AttachSocket.open() : null) {
      String receiver = isOnClassPath() ? ATTACHED : GUEST;
      Path jar = writeJar(receiver); // while the JVM opens its socket
      try {
        boolean loaded = (socket != null && socket.load(jar)) || Diagnostics.load(jar);
        Instrumentation i = loaded ? received(receiver) : null;
        return i != null ? i : ByteBuddyAgent.install();
      } finally {
        delete(jar);
      }
    } catch (IOException | IllegalStateException | LinkageError e) {
      throw impossible(e + ". Start the JVM", e);
    }
  }

  private static IllegalStateException impossible(String why, @Nullable Throwable cause) {
    return new IllegalStateException(
        "Martlet needs an instrumentation agent, and this JVM cannot attach to itself: "
            + why
            + " with -javaagent:martlet-<version>.jar",
        cause);
  }

  private static Path writeJar(String receiver) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", receiver);
    attributes.putValue("Can-Redefine-Classes", "true");
    attributes.putValue("Can-Retransform-Classes", "true");
    try {
      return writeJar(receiver, manifest, Path.of(System.getProperty("java.io.tmpdir", ".")));
    } catch (IOException e) {
      return writeJar(receiver, manifest, Path.of("/tmp")); // where the JVM makes its attach socket
    }
  }

  private static Path writeJar(String receiver, Manifest manifest, Path directory)
      throws IOException {
    String name =
        "martlet-agent-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".jar";
    Path jar = directory.resolve(name);
    // A name that was not there before, like createTempFile's, but without waking SecureRandom.
    try (InputStream code = Agent.class.getResourceAsStream("AttachedAgent.class");
        OutputStream file =
            Files.newOutputStream(jar, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      if (code == null) {
        throw new IOException(ATTACHED + " is missing");
      }
      if (receiver.equals(GUEST)) {
        String latin = new String(code.readAllBytes(), StandardCharsets.ISO_8859_1);
        String renamed = latin.replace(ATTACHED.replace('.', '/'), GUEST.replace('.', '/'));
        out.putNextEntry(new JarEntry(GUEST.replace('.', '/') + ".class"));
        out.write(renamed.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return jar;
  }

  private static void delete(Path jar) {
    try {
      Files.delete(jar);
    } catch (IOException e) {
      jar.toFile().deleteOnExit(); // Windows: the JVM holds it open
    }
  }
}
