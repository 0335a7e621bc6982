package dev.martlet.internal.agent;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The trusted lookup, which reads and writes every member of every class. A worker JVM is started
 * with {@code java.lang.invoke} open; elsewhere {@link Agent} provides an {@link Instrumentation}
 * that opens it to this class alone.
 */
public final class Trusted {
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

  private static MethodHandles.Lookup find() {
    try {
      if (!MethodHandles.class.getModule().isOpen("java.lang.invoke", Trusted.class.getModule())) {
        open(Agent.instrumentation());
      }
      Field field = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
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
