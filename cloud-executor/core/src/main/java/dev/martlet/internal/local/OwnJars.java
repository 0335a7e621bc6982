package dev.martlet.internal.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Where Martlet's own classes are, and nothing else: the class path of a worker. A jar inside
 * another jar is copied out into the cache.
 */
public final class OwnJars {
  private static final List<String> MARKS =
      List.of(
          "dev/martlet/CloudExecutors.class",
          "dev/martlet/internal/local/OwnJars.class",
          Launcher.MAIN.replace('.', '/') + ".class",
          "dev/martlet/internal/shaded/bytebuddy/jar/asm/ClassReader.class",
          "org/slf4j/Logger.class");

  /** The outer jar and the inner entry, as Spring Boot writes them since 3.2 and did before. */
  private static final String NESTED = "jar:(?:nested:(.+?)/!|(file:.+?)!/)(.+)!/.*";

  private final Path cache;

  /**
   * Creates a finder.
   *
   * @param cache where jars are copied to that are inside others
   */
  public OwnJars(Path cache) {
    this.cache = cache;
  }

  Set<Path> find() throws IOException {
    return find(MARKS, OwnJars.class.getClassLoader());
  }

  /**
   * Finds the jars and directories that have some files.
   *
   * @param loader finds the files; null for the one of the system
   */
  public Set<Path> find(List<String> marks, @Nullable ClassLoader loader) throws IOException {
    Set<Path> found = new LinkedHashSet<>();
    for (String mark : marks) {
      URL url = loader == null ? ClassLoader.getSystemResource(mark) : loader.getResource(mark);
      if (url == null) {
        throw new IOException(
            mark + " is not on the class path: add the dependency dev.martlet:martlet");
      }
      found.add(locate(url.toString(), mark));
    }
    return found;
  }

  Path locate(String url, String mark) throws IOException {
    try {
      if (url.startsWith("file:")) {
        return Path.of(new URI(url.substring(0, url.length() - mark.length())));
      }
      if (url.startsWith("jar:file:") && url.indexOf("!/") == url.lastIndexOf("!/")) {
        return Path.of(new URI(url.substring("jar:".length(), url.indexOf("!/"))));
      }
      Matcher m = Pattern.compile(NESTED).matcher(url);
      if (m.matches()) {
        String outer = m.group(1) != null ? "file:" + m.group(1) : m.group(2);
        return extract(Path.of(new URI(outer)), m.group(3));
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("Martlet's classes are at " + url, e);
    }
    throw new IOException(
        "Martlet's classes are at " + url + ", from where no other JVM can load them");
  }

  private Path extract(Path outer, String entryName) throws IOException {
    try (ZipFile zip = new ZipFile(outer.toFile())) {
      ZipEntry entry = zip.getEntry(entryName);
      if (entry == null) {
        throw new IOException("there is no " + entryName + " in " + outer);
      }
      String name = entryName.substring(entryName.lastIndexOf('/') + 1);
      Path target =
          cache.resolve(Long.toHexString(entry.getCrc()) + "-" + entry.getSize() + "-" + name);
      if (!Files.exists(target) || Files.size(target) != entry.getSize()) {
        Path temporary = Files.createTempFile(cache, "jar", ".tmp");
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
          Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(temporary);
        }
      }
      return target;
    }
  }
}
