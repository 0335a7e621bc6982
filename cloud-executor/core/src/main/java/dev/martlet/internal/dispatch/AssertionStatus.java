package dev.martlet.internal.dispatch;

import dev.martlet.internal.agent.CommandLine;
import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where assertions are enabled, as the launcher's options {@code -ea} and {@code -da} say: by
 * default, in packages and in classes. Immutable.
 */
public final class AssertionStatus {
  private final boolean enabled;
  private final Map<String, Boolean> packages;
  private final Map<String, Boolean> classes;

  private AssertionStatus(
      boolean enabled, Map<String, Boolean> packages, Map<String, Boolean> classes) {
    this.enabled = enabled;
    this.packages = packages;
    this.classes = classes;
  }

  /** Returns the status of this JVM. */
  public static AssertionStatus current() {
    if (!CommandLine.mayNameAssertions()) {
      return everywhere();
    }
    try {
      MethodHandles.Lookup lookup = Trusted.lookup();
      Class<?> type = Class.forName("java.lang.AssertionStatusDirectives");
      MethodHandle retrieve =
          lookup.findStatic(ClassLoader.class, "retrieveDirectives", MethodType.methodType(type));
      Object directives = retrieve.invoke();
      return new AssertionStatus(
          (boolean) lookup.findGetter(type, "deflt", boolean.class).invoke(directives),
          table(lookup, directives, "packages", "packageEnabled"),
          table(lookup, directives, "classes", "classEnabled"));
    } catch (Throwable e) {
      // A JDK that keeps them elsewhere.
      return everywhere();
    }
  }

  private static AssertionStatus everywhere() {
    boolean enabled = AssertionStatus.class.desiredAssertionStatus();
    return new AssertionStatus(enabled, Map.of(), Map.of());
  }

  private static Map<String, Boolean> table(
      MethodHandles.Lookup lookup, Object directives, String names, String enabled)
      throws Throwable {
    Class<?> type = directives.getClass();
    String[] n = (String[]) lookup.findGetter(type, names, String[].class).invoke(directives);
    boolean[] e = (boolean[]) lookup.findGetter(type, enabled, boolean[].class).invoke(directives);
    Map<String, Boolean> table = new LinkedHashMap<>();
    for (int i = 0; i < n.length; i++) {
      // The unnamed package stands there as null.
      table.put(n[i] == null ? "" : n[i].replace('/', '.'), e[i]);
    }
    return table;
  }

  /** Makes this the status of a loader that has not defined a class yet. */
  public void apply(ClassLoader loader) {
    loader.setDefaultAssertionStatus(enabled);
    packages.forEach(
        (name, on) -> loader.setPackageAssertionStatus(name.isEmpty() ? null : name, on));
    classes.forEach(loader::setClassAssertionStatus);
  }

  /** Writes the status. */
  public byte[] toBytes() {
    StringBuilder s = new StringBuilder(enabled ? "+" : "-");
    packages.forEach((name, on) -> s.append('\n').append(on ? '+' : '-').append('p').append(name));
    classes.forEach((name, on) -> s.append('\n').append(on ? '+' : '-').append('c').append(name));
    return Protocol.utf8(s.toString());
  }

  /** Reads a status. */
  public static AssertionStatus read(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    Map<String, Boolean> packages = new LinkedHashMap<>();
    Map<String, Boolean> classes = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      (lines[i].charAt(1) == 'p' ? packages : classes)
          .put(lines[i].substring(2), lines[i].charAt(0) == '+');
    }
    return new AssertionStatus(lines[0].equals("+"), packages, classes);
  }
}
