package dev.martlet.internal.aws.deploy;

import dev.martlet.internal.local.OwnJars;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassWriter;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The worker's code as Lambda takes it, made of what is on this JVM's own class path. However that
 * is packed there, as jars, as directories, or as one jar with the whole program in it, the classes
 * of the worker are picked out and are one jar in the zip, so that all programs that use one
 * version of Martlet share a function. The libraries may be of other versions from one program to
 * the next, and so do not count in the {@linkplain #codeSum sum of the code}.
 *
 * <p>Only that sum is made for every program that starts: the zip is packed when it is asked for.
 * Thread-safe.
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

  /** Martlet's packages without those that only clients need. */
  private static final Pattern CODE =
      Pattern.compile(
          "dev/martlet/[^/]+\\.class|dev/martlet/spi/.*|"
              + "dev/martlet/internal/(?!(aws|bridge|forkjoin|premain|streams|testkit)/).*");

  private static final Pattern LIBRARIES =
      Pattern.compile("(com/amazonaws/services/lambda/runtime|org/slf4j)/.*");

  private static final String SERVICES = "META-INF/services/dev.martlet.";

  /** The first moment that a zip file can tell. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final int LONGEST = 50 << 20;

  // The low byte of a class file's version, which is all of it as long as it is below 256.
  private static final int MAJOR_VERSION = 7;

  /** What starts the worker, of which Lambda's Java is told nothing else. */
  static final String SCRIPT = "martlet.sh";

  private static final String JAR = "lib/martlet.jar";
  private static final String ARCHIVE = "martlet.jsa";

  /** What else is done with the code but to pack it; counts in its sum. */
  private static final String FORM = "frames, plain lambdas";

  private final SortedMap<String, byte[]> files;
  private final SortedMap<String, byte[]> besides;
  private final String codeSum;
  private byte @Nullable [] bytes;

  private WorkerZip(
      SortedMap<String, byte[]> files, SortedMap<String, byte[]> besides, String codeSum) {
    this.files = files;
    this.besides = besides;
    this.codeSum = codeSum;
  }

  private static final class Own {
    static final WorkerZip ZIP = assemble(WorkerZip.class.getClassLoader());
  }

  /** Returns the zip of this JVM's own class path. */
  static WorkerZip own() {
    return Own.ZIP;
  }

  private static WorkerZip assemble(ClassLoader loader) {
    try {
      Path cache = Files.createTempDirectory("martlet-worker");
      try {
        return ofParts(new OwnJars(cache).find(MARKS, loader));
      } finally {
        delete(cache);
      }
    } catch (IOException e) {
      throw cannotBePacked(e);
    }
  }

  /** Makes a zip of the parts of jars and directories that are the worker's. */
  static WorkerZip ofParts(Set<Path> parts) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    SortedMap<String, Set<String>> services = new TreeMap<>();
    for (Path part : parts) {
      read(part, files, services);
    }
    services.forEach(
        (name, providers) -> {
          providers.removeIf(p -> !files.containsKey(p.replace('.', '/') + ".class"));
          if (!providers.isEmpty()) {
            files.put(name, String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
          }
        });
    SortedMap<String, byte[]> besides = new TreeMap<>();
    try (InputStream in = WorkerZip.class.getResourceAsStream(SCRIPT)) {
      besides.put(SCRIPT, Objects.requireNonNull(in, SCRIPT).readAllBytes());
    }
    SortedMap<String, byte[]> all = new TreeMap<>(files);
    all.putAll(besides);
    return new WorkerZip(files, besides, codeSum(all));
  }

  /**
   * Returns the zip with an archive of the worker's classes; its code is the same.
   *
   * @throws IOException if that is too long
   */
  WorkerZip with(byte[] archive) throws IOException {
    SortedMap<String, byte[]> more = new TreeMap<>(besides);
    more.put(ARCHIVE, archive);
    WorkerZip zip = new WorkerZip(files, more, codeSum);
    byte[] unused = zip.pack();
    return zip;
  }

  byte[] bytes() {
    return packed().clone();
  }

  /** Returns the SHA-256 sum of Martlet's own classes. */
  String codeSum() {
    return codeSum;
  }

  /** Returns the SHA-256 sum of the zip, as Lambda writes it. */
  String zipSum() {
    return Base64.getEncoder().encodeToString(sha256().digest(packed()));
  }

  private byte[] packed() {
    try {
      return pack();
    } catch (IOException e) {
      throw cannotBePacked(e);
    }
  }

  private synchronized byte[] pack() throws IOException {
    byte[] packed = bytes;
    if (packed == null) {
      SortedMap<String, byte[]> archivable = new TreeMap<>();
      files.forEach((name, content) -> archivable.put(name, archivable(name, content)));
      SortedMap<String, byte[]> all = new TreeMap<>(besides);
      // A jar that is not compressed is read faster, and the zip around it is compressed.
      all.put(JAR, zip(PlainLambdas.in(archivable), ZipEntry.STORED));
      packed = executable(zip(all, ZipEntry.DEFLATED));
      if (packed.length > LONGEST) {
        throw new IOException("it has " + packed.length + " bytes, and Lambda takes " + LONGEST);
      }
      bytes = packed;
    }
    return packed;
  }

  private static IllegalStateException cannotBePacked(IOException e) {
    return new IllegalStateException("the worker cannot be packed: " + e.getMessage(), e);
  }

  private static void read(Path part, Map<String, byte[]> files, Map<String, Set<String>> services)
      throws IOException {
    if (Files.isDirectory(part)) {
      try (Stream<Path> all = Files.walk(part)) {
        for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
          String name = part.relativize(file).toString().replace('\\', '/');
          if (isWanted(name)) {
            add(name, Files.readAllBytes(file), files, services);
          }
        }
      }
      return;
    }
    try (ZipFile zip = new ZipFile(part.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory() && isWanted(entry.getName())) {
          try (InputStream in = zip.getInputStream(entry)) {
            add(entry.getName(), in.readAllBytes(), files, services);
          }
        }
      }
    }
  }

  private static boolean isWanted(String name) {
    return CODE.matcher(name).matches()
        || LIBRARIES.matcher(name).matches()
        || name.startsWith(SERVICES);
  }

  private static void add(
      String name, byte[] content, Map<String, byte[]> files, Map<String, Set<String>> services) {
    if (name.startsWith(SERVICES)) {
      Set<String> providers = services.computeIfAbsent(name, n -> new TreeSet<>());
      new String(content, StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(providers::add);
    } else {
      files.putIfAbsent(name, content);
    }
  }

  /**
   * Returns a file, which is one that an archive of classes can hold if it is a class of Martlet's:
   * with frames. To compute them takes all that a class refers to, which libraries may lack.
   */
  private static byte[] archivable(String name, byte[] classFile) {
    if (!name.endsWith(".class")
        || !CODE.matcher(name).matches()
        || classFile.length <= MAJOR_VERSION
        || classFile[MAJOR_VERSION] >= Opcodes.V1_7) {
      return classFile;
    }
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
    ClassVisitor raising =
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public void visit(
              int version,
              int access,
              String name,
              @Nullable String signature,
              String superName,
              String[] interfaces) {
            super.visit(Opcodes.V1_7, access, name, signature, superName, interfaces);
          }
        };
    new ClassReader(classFile).accept(raising, ClassReader.SKIP_FRAMES);
    return writer.toByteArray();
  }

  private static String codeSum(Map<String, byte[]> files) {
    MessageDigest sum = sha256();
    sum.update(FORM.getBytes(StandardCharsets.UTF_8));
    files.forEach(
        (name, content) -> {
          if (!LIBRARIES.matcher(name).matches()) {
            sum.update((name + "\n" + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            sum.update(content);
          }
        });
    return HexFormat.of().formatHex(sum.digest());
  }

  private static byte[] zip(Map<String, byte[]> files, int method) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        byte[] content = file.getValue();
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(TIME);
        entry.setMethod(method);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  /**
   * Says of the script that it can be executed, which the JDK does not let one say: in the central
   * directory's entries, that they come from Unix, and with which permissions (APPNOTE 4.4.2 and
   * 4.4.15).
   */
  private static byte[] executable(byte[] zip) {
    ByteBuffer all = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int end = zip.length - 22;
    int at = all.getInt(end + 16);
    for (int n = all.getShort(end + 10); n > 0; n--) {
      int name = all.getShort(at + 28);
      boolean script = new String(zip, at + 46, name, StandardCharsets.UTF_8).equals(SCRIPT);
      all.put(at + 5, (byte) 3);
      all.putInt(at + 38, (script ? 0100755 : 0100644) << 16);
      at += 46 + name + all.getShort(at + 30) + all.getShort(at + 32);
    }
    return zip;
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
