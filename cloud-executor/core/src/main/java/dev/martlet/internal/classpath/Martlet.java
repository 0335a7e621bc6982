package dev.martlet.internal.classpath;

import dev.martlet.CloudExecutors;
import java.security.CodeSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is Martlet's own on a class path, and so not the user's. Of it user code away sees the
 * packages {@code dev.martlet} and {@code dev.martlet.spi}, and those of the worker.
 */
public final class Martlet {
  private static final String ROOT = "dev/martlet/";
  private static final Map<String, Boolean> PLACES = new ConcurrentHashMap<>();
  private static final @Nullable String API = source(CloudExecutors.class);

  private Martlet() {}

  /** Returns whether a resource of an entry with Martlet's classes is one of them. */
  public static boolean owns(String name) {
    if (name.startsWith("META-INF/")) {
      return name.startsWith("META-INF/services/dev.martlet.")
          || name.startsWith("META-INF/maven/dev.martlet/")
          || (name.startsWith("META-INF/versions/") && owns(name.substring(versioned(name))));
    }
    return name.startsWith(ROOT)
        && (name.indexOf('/', ROOT.length()) < 0
            || name.startsWith("spi/", ROOT.length())
            || name.startsWith("internal/", ROOT.length()));
  }

  /** Returns the class of Martlet's API with this name, or null if there is none. */
  public static @Nullable Class<?> api(String name) {
    if (!apiPackage(name)) {
      return null;
    }
    try {
      Class<?> c = Class.forName(name, false, CloudExecutors.class.getClassLoader());
      return isApi(c) ? c : null;
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  /** Returns whether a class is one of Martlet's API, as this JVM has it. */
  public static boolean isApi(Class<?> c) {
    return c.getName().startsWith("dev.martlet.")
        && c.getClassLoader() == CloudExecutors.class.getClassLoader()
        && apiPackage(c.getName())
        && Objects.equals(source(c), API);
  }

  /** Returns whether a class is Martlet's own, which user code never sees. */
  static boolean isHidden(Class<?> c) {
    if (!c.getName().startsWith("dev.martlet.")
        || !owns(c.getName().replace('.', '/') + ".class")
        || isApi(c)) {
      return false;
    }
    return PLACES.computeIfAbsent(String.valueOf(source(c)), ClassPathReader::isOwn);
  }

  private static boolean apiPackage(String name) {
    String p = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return p.equals("dev.martlet") || p.equals("dev.martlet.spi");
  }

  private static int versioned(String name) {
    int slash = name.indexOf('/', "META-INF/versions/".length());
    return slash < 0 ? name.length() : slash + 1;
  }

  private static @Nullable String source(Class<?> c) {
    CodeSource s = c.getProtectionDomain().getCodeSource();
    return s == null || s.getLocation() == null ? null : s.getLocation().toString();
  }
}
