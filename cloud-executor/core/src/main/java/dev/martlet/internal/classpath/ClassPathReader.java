package dev.martlet.internal.classpath;

import dev.martlet.internal.agent.Trusted;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Lists where a class loader looks, in its order. Modules of the user come before the class path,
 * as the JDK does it; away they are part of one unnamed module.
 */
final class ClassPathReader {
  private static final int MAX_FILES = 20_000;
  private static final Set<String> FINDING =
      Set.of(
          "loadClass",
          "findClass",
          "getResource",
          "getResources",
          "getResourceAsStream",
          "findResource",
          "findResources");

  private final Application application;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private ClassPathReader(Application application) {
    this.application = application;
  }

  /** Returns the entries of a loader, or null if they do not say what it finds. */
  static @Nullable List<Entry> read(ClassLoader loader, Application application)
      throws IOException {
    ClassPathReader reader = new ClassPathReader(application);
    if (loader.getClass().getName().equals("jdk.internal.loader.ClassLoaders$AppClassLoader")) {
      reader.addModules(loader);
      for (URL url : systemClassPath(loader)) {
        reader.add(url);
      }
      return reader.entries;
    }
    if (loader instanceof URLClassLoader urls && isPlain(loader.getClass())) {
      for (URL url : urls.getURLs()) {
        if (!reader.add(url)) {
          return null;
        }
      }
      return reader.entries;
    }
    return null;
  }

  /** Returns whether a loader's class finds what its URLs say, parent first. */
  private static boolean isPlain(Class<?> type) {
    try {
      for (Class<?> c = type; c != URLClassLoader.class; c = c.getSuperclass()) {
        if (!c.getName().startsWith("org.springframework.boot.loader.") && declaresFinding(c)) {
          return false;
        }
      }
      return true;
    } catch (LinkageError e) {
      return false; // for all that is known: a type that a method names is not there
    }
  }

  private static boolean declaresFinding(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods()).anyMatch(m -> FINDING.contains(m.getName()));
  }

  /** Asks the loader itself, since anybody may change the property and agents append jars. */
  private static List<URL> systemClassPath(ClassLoader loader) throws IOException {
    try {
      MethodHandles.Lookup lookup = Trusted.lookup();
      Class<?> builtin = loader.getClass().getSuperclass();
      Class<?> type = Class.forName("jdk.internal.loader.URLClassPath");
      Object path = lookup.findGetter(builtin, "ucp", type).invoke(loader);
      if (path == null) {
        return List.of();
      }
      var getter =
          lookup.findVirtual(type, "getURLs", java.lang.invoke.MethodType.methodType(URL[].class));
      return List.of((URL[]) getter.invoke(path));
    } catch (Throwable e) {
      List<URL> urls = new ArrayList<>();
      String classPath = System.getProperty("java.class.path", "");
      if (!classPath.isEmpty()) {
        for (String element : classPath.split(File.pathSeparator, -1)) {
          urls.add(Path.of(element).toAbsolutePath().toUri().toURL());
        }
      }
      return urls;
    }
  }

  private void addModules(ClassLoader loader) throws IOException {
    ModuleFinder system = ModuleFinder.ofSystem();
    for (ResolvedModule m : ModuleLayer.boot().configuration().modules()) {
      if (ModuleLayer.boot().findLoader(m.name()) == loader && system.find(m.name()).isEmpty()) {
        URI location = m.reference().location().orElse(null);
        if (location != null && "file".equals(location.getScheme())) {
          addFile(Path.of(location));
        }
      }
    }
  }

  /** Adds what a URL names; false if that cannot be told. */
  private boolean add(URL url) throws IOException {
    String s = url.toString();
    try {
      if (s.startsWith("file:")) {
        addFile(Path.of(url.toURI()));
        return true;
      }
      if (s.startsWith("jar:nested:") && s.endsWith("!/")) {
        int split = s.indexOf("/!");
        String inner = s.substring(split + 2, s.length() - 2);
        addNested(Path.of(new URI("file:" + s.substring("jar:nested:".length(), split))), inner, s);
        return true;
      }
      if (s.startsWith("jar:file:") && s.endsWith("!/")) {
        String[] parts = s.substring("jar:".length()).split("!/", -1);
        Path outer = Path.of(new URI(parts[0]));
        if (parts.length == 2) {
          addFile(outer);
          return true;
        }
        if (parts.length == 3) {
          boolean jar = parts[1].endsWith(".jar") || parts[1].endsWith("/");
          addNested(outer, jar ? parts[1] : parts[1] + "/", s);
          return true;
        }
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      return false;
    }
    return false;
  }

  private void addFile(Path file) throws IOException {
    if (!seen.add(file.toString())) {
      return;
    }
    String url = file.toUri().toURL().toString();
    if (Files.isDirectory(file)) {
      String place = url.endsWith("/") ? url : url + "/";
      Set<String> packages = packages(file);
      entries.add(
          new Entry(
              Entry.Kind.DIRECTORY,
              place,
              file.toString(),
              null,
              "",
              application.isPlace(place),
              isOwn(file),
              packages));
    } else if (Files.isRegularFile(file)) {
      addJar(file, url);
    }
  }

  private void addJar(Path file, String url) throws IOException {
    Stamp stamp = Stamp.of(file);
    Manifest manifest;
    boolean martletAlone;
    try {
      manifest = manifest(file);
      martletAlone = isMartletAlone(file);
    } catch (IOException e) {
      return;
    }
    if (!martletAlone) {
      entries.add(
          new Entry(
              Entry.Kind.JAR,
              url,
              file.toString(),
              stamp,
              "",
              application.isPlace(url),
              /* own= */ true,
              null));
    }
    String path =
        manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
    if (path != null) {
      StringTokenizer elements = new StringTokenizer(path);
      while (elements.hasMoreTokens()) {
        Path p = relative(file, elements.nextToken());
        if (p != null) {
          addFile(p);
        }
      }
    }
  }

  /** Reads a jar's manifest, which most jars begin with, so that their index need not be read. */
  private static @Nullable Manifest manifest(Path file) throws IOException {
    try (JarInputStream in = new JarInputStream(Files.newInputStream(file), false)) {
      Manifest manifest = in.getManifest();
      if (manifest != null) {
        return manifest;
      }
    } catch (IOException e) {
      // Some jars can be read by their index only.
    }
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      return jar.getManifest();
    }
  }

  private void addNested(Path outer, String inner, String url) throws IOException {
    if (seen.add(url) && Files.isRegularFile(outer)) {
      entries.add(
          new Entry(
              Entry.Kind.NESTED,
              url,
              outer.toString(),
              Stamp.of(outer),
              inner,
              application.isPlace(url),
              /* own= */ true,
              null));
    }
  }

  private static @Nullable Path relative(Path jar, String element) {
    try {
      URI uri = jar.toUri().resolve(new URI(element));
      return "file".equals(uri.getScheme()) ? Path.of(uri) : null;
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * Returns whether a jar, to judge by its name one of Martlet's, has the classes of nobody else.
   * In other jars Martlet's classes are hidden by their names.
   */
  private static boolean isMartletAlone(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (!name.contains("martlet") && !name.startsWith("byteBuddyAgent")) {
      return false;
    }
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      boolean any = false;
      for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
        String entry = all.nextElement().getName();
        if (entry.endsWith(".class")) {
          any = true;
          if (!entry.startsWith("META-INF/")
              && !entry.equals("module-info.class")
              && !Martlet.owns(entry)) {
            return false;
          }
        }
      }
      return any;
    }
  }

  /** Returns whether a place with classes named as Martlet's are has Martlet's. */
  static boolean isOwn(String source) {
    if (source.startsWith("file:") && source.endsWith("/")) {
      try {
        return isOwn(Path.of(new URI(source)));
      } catch (IOException | URISyntaxException | IllegalArgumentException e) {
        return true;
      }
    }
    return true;
  }

  /** Returns whether a directory holds Martlet's classes, and not tests in the same packages. */
  private static boolean isOwn(Path directory) throws IOException {
    Path root = directory.resolve("dev").resolve("martlet");
    if (Files.exists(root.resolve("package-info.class"))) {
      return true;
    }
    Path rooms = root.resolve("internal");
    if (!Files.isDirectory(rooms)) {
      return false;
    }
    try (var found = Files.find(rooms, 3, (p, a) -> p.endsWith("package-info.class"))) {
      return found.findFirst().isPresent();
    }
  }

  /** Returns the directories in a directory that hold class files, or null if it is too large. */
  private static @Nullable Set<String> packages(Path root) {
    Set<String> packages = new HashSet<>();
    int[] files = new int[1];
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (file.getFileName().toString().endsWith(".class")) {
                Path p = root.relativize(file).getParent();
                packages.add(p == null ? "" : p.toString().replace(File.separatorChar, '/'));
              }
              return ++files[0] > MAX_FILES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException | InvalidPathException e) {
      return null;
    }
    return files[0] > MAX_FILES || packages.size() > 10_000 ? null : packages;
  }
}
