package dev.martlet.internal.aws.deploy;

import dev.martlet.internal.local.OwnJars;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The worker's code as Lambda takes it, made of what is on this JVM's own class path: a jar for
 * each of Martlet's parts. Of a jar or a directory that holds the program too only Martlet's part
 * is taken. The same parts make the same bytes, on every machine.
 */
final class WorkerZip {
  /** One file of each part that the worker needs. */
  private static final List<String> MARKS =
      List.of(
          "dev/martlet/CloudExecutors.class",
          "dev/martlet/internal/local/OwnJars.class",
          "dev/martlet/internal/worker/process/WorkerMain.class",
          "dev/martlet/internal/worker/lambda/LambdaWorker.class",
          "dev/martlet/internal/shaded/bytebuddy/jar/asm/ClassReader.class",
          "com/amazonaws/services/lambda/runtime/RequestStreamHandler.class",
          "org/slf4j/Logger.class");

  private static final List<String> OWN =
      List.of(
          "dev/martlet/",
          "com/amazonaws/services/lambda/runtime/",
          "org/slf4j/",
          "META-INF/services/dev.martlet.",
          "META-INF/versions/");

  /** The first moment that a zip file can tell. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final int LONGEST = 50 << 20;

  private final byte[] bytes;
  private final byte[] sum;

  private WorkerZip(byte[] bytes) {
    this.bytes = bytes;
    this.sum = sha256().digest(bytes);
  }

  private static final class Own {
    static final WorkerZip ZIP = assemble(WorkerZip.class.getClassLoader());
  }

  /** Returns the zip of this JVM's own class path. */
  static WorkerZip own() {
    return Own.ZIP;
  }

  /**
   * Assembles a zip.
   *
   * @throws IllegalStateException if a part is not on the class path
   */
  static WorkerZip assemble(ClassLoader loader) {
    try {
      Path cache = Files.createTempDirectory("martlet-worker");
      try {
        return ofParts(new OwnJars(cache).find(MARKS, loader));
      } finally {
        delete(cache);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the worker cannot be packed: " + e.getMessage(), e);
    }
  }

  static WorkerZip ofParts(Set<Path> parts) throws IOException {
    Map<String, byte[]> jars = new TreeMap<>();
    for (Path part : parts) {
      byte[] jar = jar(part);
      // Named by content: a name of a file may be anything.
      jars.put("lib/" + HexFormat.of().formatHex(sha256().digest(jar), 0, 8) + ".jar", jar);
    }
    byte[] zip = zip(jars);
    if (zip.length > LONGEST) {
      throw new IOException("it has " + zip.length + " bytes, and Lambda takes " + LONGEST);
    }
    return new WorkerZip(zip);
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** Returns the SHA-256 sum as Lambda writes it. */
  String base64Sum() {
    return Base64.getEncoder().encodeToString(sum);
  }

  /** Returns the SHA-256 sum in hexadecimal digits. */
  String sum() {
    return HexFormat.of().formatHex(sum);
  }

  private static byte[] jar(Path part) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    if (Files.isDirectory(part)) {
      try (Stream<Path> all = Files.walk(part)) {
        for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
          String name = part.relativize(file).toString().replace('\\', '/');
          if (isOwn(name)) {
            files.put(name, Files.readAllBytes(file));
          }
        }
      }
    } else {
      boolean whole = true;
      try (ZipFile zip = new ZipFile(part.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          if (entry.isDirectory()) {
            continue;
          }
          boolean own = isOwn(entry.getName());
          whole &= own || entry.getName().startsWith("META-INF/");
          if (own) {
            try (InputStream in = zip.getInputStream(entry)) {
              files.put(entry.getName(), in.readAllBytes());
            }
          }
        }
      }
      if (whole) {
        return Files.readAllBytes(part);
      }
    }
    return zip(files);
  }

  private static boolean isOwn(String name) {
    return OWN.stream().anyMatch(name::startsWith);
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream((OutputStream) bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        byte[] content = file.getValue();
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(TIME);
        // Compressed bytes differ from one zlib to the next.
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
