package dev.martlet.internal.classpath;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Which classes are the application's: those of directories, of the jar with the main class, of
 * marked places and configured packages, and those without a place. The generation tells those who
 * have been told before that there are more now.
 */
final class Application {
  private final Set<String> packages;
  private final Set<String> marked = ConcurrentHashMap.newKeySet();
  private final AtomicInteger generation = new AtomicInteger();
  private volatile @Nullable String main;

  Application(Set<String> packages) {
    this.packages = Set.copyOf(packages);
  }

  Set<String> packages() {
    return packages;
  }

  int generation() {
    return generation.get();
  }

  void mark(Class<?> c) {
    String source = source(c);
    if (source != null && !isPlace(source) && marked.add(key(source))) {
      generation.incrementAndGet();
    }
  }

  boolean contains(Class<?> c) {
    return inPackages(packages, c.getName()) || isPlace(source(c));
  }

  /** Returns whether classes that come from a location are the application's. */
  boolean isPlace(@Nullable String url) {
    if (url == null) {
      return true;
    }
    if ((url.startsWith("file:") && url.endsWith("/"))
        || url.contains("/classes!/")
        || url.contains("/classes/!/")) {
      return true;
    }
    if (!url.startsWith("file:") && !url.startsWith("jar:")) {
      return true;
    }
    String key = key(url);
    return marked.contains(key) || key.equals(main());
  }

  static boolean inPackages(Set<String> packages, String className) {
    if (!packages.isEmpty()) {
      for (int dot = className.lastIndexOf('.');
          dot > 0;
          dot = className.lastIndexOf('.', dot - 1)) {
        if (packages.contains(className.substring(0, dot))) {
          return true;
        }
      }
    }
    return false;
  }

  static @Nullable String source(Class<?> c) {
    CodeSource s = c.getProtectionDomain().getCodeSource();
    return s == null || s.getLocation() == null ? null : s.getLocation().toString();
  }

  private String main() {
    String m = main;
    if (m == null) {
      m = findMain();
      main = m;
    }
    return m;
  }

  private static String findMain() {
    String command = System.getProperty("sun.java.command", "");
    String classPath = System.getProperty("java.class.path", "");
    if (!classPath.isEmpty()
        && command.startsWith(classPath)
        && Files.isRegularFile(Path.of(classPath))) {
      return key(Path.of(classPath).toUri().toString());
    }
    String first = command.split(" ", 2)[0];
    if (first.endsWith(".jar") && Files.isRegularFile(Path.of(first))) {
      return key(Path.of(first).toUri().toString());
    }
    String name = first.substring(first.indexOf('/') + 1);
    URL url = ClassLoader.getSystemResource(name.replace('.', '/') + ".class");
    if (url != null && url.getProtocol().equals("jar")) {
      String s = url.getFile();
      return key(s.substring(0, Math.max(0, s.indexOf("!/"))));
    }
    return "";
  }

  /** Returns a form of a location that does not depend on how it was escaped. */
  private static String key(String url) {
    if (url.startsWith("file:")) {
      try {
        return Path.of(new URI(url)).toAbsolutePath().normalize().toString();
      } catch (URISyntaxException | RuntimeException e) {
        return url;
      }
    }
    return url;
  }
}
