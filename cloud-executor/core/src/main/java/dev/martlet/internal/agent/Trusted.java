package dev.martlet.internal.agent;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The trusted lookup, which reads and writes every member of every class. It is read from its
 * field: through {@code sun.misc.Unsafe} where that is quiet, which is before JDK 24 and where an
 * option allows it, as workers have it; else {@link Agent} provides an {@link Instrumentation} that
 * opens {@code java.lang.invoke} to this class alone.
 */
public final class Trusted {
  private static final int WARNS = 24;
  private static final String ACCESS = "sun.misc.unsafe.memory.access";

  // Before a client's properties replace those that this JVM was started with.
  private static final boolean QUIET =
      (Runtime.version().feature() < WARNS || "allow".equals(System.getProperty(ACCESS)))
          && hasUnsafe();

  private static volatile MethodHandles.@Nullable Lookup lookup;

  private Trusted() {}

  /**
   * Returns the trusted lookup.
   *
   * @throws IllegalStateException if neither an agent nor self-attachment is possible in this JVM
   */
  public static MethodHandles.Lookup lookup() {
    MethodHandles.Lookup l = lookup;
    if (l == null) {
      l = find();
      lookup = l;
    }
    return l;
  }

  /**
   * Returns options for a JVM of this kind that is to find its lookup without an agent. To open a
   * package is the last resort, since a JVM that does starts a third later.
   */
  public static List<String> jvmOptions() {
    if (ModuleLayer.boot().findModule("jdk.unsupported").isEmpty()) {
      return List.of("--add-opens", "java.base/java.lang.invoke=ALL-UNNAMED");
    }
    return jvmOptions(Runtime.version().feature());
  }

  /** As {@link #jvmOptions()}, for a whole JDK of another version. */
  public static List<String> jvmOptions(int jdk) {
    return jdk < WARNS ? List.of() : List.of("--sun-misc-unsafe-memory-access=allow");
  }

  /** Returns whether {@link QuietMemory} can be used, and nobody is told of it. */
  static boolean isQuiet() {
    return QUIET;
  }

  private static boolean hasUnsafe() {
    try {
      Class<?> unused = Class.forName("dev.martlet.internal.agent.QuietMemory");
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // this runtime image or this JDK is without it
    }
  }

  private static MethodHandles.Lookup find() {
    try {
      Field field = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
      if (!MethodHandles.class.getModule().isOpen("java.lang.invoke", Trusted.class.getModule())) {
        if (isQuiet()) {
          return QuietMemory.lookup(field);
        }
        open(Agent.instrumentation());
      }
      field.setAccessible(true);
      return (MethodHandles.Lookup) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no trusted lookup where Martlet expects it", e);
    }
  }

  private static void open(Instrumentation instrumentation) {
    instrumentation.redefineModule(
        MethodHandles.class.getModule(),
        Set.of(),
        Map.of(),
        Map.of("java.lang.invoke", Set.of(Trusted.class.getModule())),
        Set.of(),
        Map.of());
  }
}
