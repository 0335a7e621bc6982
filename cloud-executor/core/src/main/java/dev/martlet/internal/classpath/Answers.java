package dev.martlet.internal.classpath;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers the questions of {@link Wire}. */
final class Answers {
  private static final long SECONDS_CLOCK = 2_000;
  private static final long FILE_CLOCK = 20;

  private final ClassWorld world;
  private final Blobs blobs;

  Answers(ClassWorld world, Blobs blobs) {
    this.world = world;
    this.blobs = blobs;
  }

  Blobs blobs() {
    return blobs;
  }

  ByteBuffer answer(Wire.Reader in) throws IOException {
    byte type = in.get();
    Wire.@Nullable Writer out =
        switch (type) {
          case Wire.IMAGE -> image(in);
          case Wire.HASHES -> hashes(in);
          case Wire.NAMES -> names(in);
          case Wire.BLOB -> blob(in);
          case Wire.FIND -> find(in);
          case Wire.CLASS -> type(in);
          case Wire.RESOURCES -> resources(in);
          case Wire.CONSTANTS -> constants(in);
          case Wire.FILES -> files(in);
          case Wire.TYPE -> typeApart(in);
          default -> throw new Wire.MalformedException("no question has the type " + type);
        };
    return out == null ? new Wire.Writer(Wire.ABSENT).done() : out.done();
  }

  private Wire.Writer image(Wire.Reader in) throws IOException {
    int id = in.integer();
    in.end();
    Wire.Writer out = ok().integer(world.generation());
    out.integer(world.application().packages().size());
    for (String p : world.application().packages()) {
      out.string(p);
    }
    world.image(id).write(out);
    return out;
  }

  private Wire.Writer hashes(Wire.Reader in) throws IOException {
    int id = in.integer();
    in.end();
    List<Entry> entries = world.image(id).entries();
    Wire.Writer out = ok().integer(entries.size());
    for (Entry e : entries) {
      Hash hash = Hash.NONE;
      try {
        hash = blobs.hash(e);
      } catch (IOException notReadable) {
        Log.of(Answers.class).debug("no hash of {}", e.url(), notReadable);
      }
      out.hash(hash);
    }
    return out;
  }

  private Wire.Writer names(Wire.Reader in) throws IOException {
    Hash hash = in.hash();
    in.end();
    Wire.Writer out = ok();
    blobs.names(hash).write(out);
    return out;
  }

  private Wire.Writer blob(Wire.Reader in) throws IOException {
    Hash hash = in.hash();
    long offset = in.number();
    int length = in.integer();
    in.end();
    byte[] piece = blobs.read(hash, offset, length);
    world.sent().add(piece.length);
    return ok().number(blobs.length(hash)).bytes(piece);
  }

  private Wire.@Nullable Writer find(Wire.Reader in) throws IOException {
    int id = in.integer();
    int index = in.integer();
    String name = in.string();
    Hash known = in.hash();
    in.end();
    List<Entry> entries = world.image(id).entries();
    if (index < 0 || index >= entries.size()) {
      throw new Wire.MalformedException("no entry " + index);
    }
    Entry entry = entries.get(index);
    if (entry.kind() != Entry.Kind.DIRECTORY) {
      throw new Wire.MalformedException("entry " + index + " is not a directory");
    }
    return find(ok(), id, entry, name, known);
  }

  private Wire.@Nullable Writer files(Wire.Reader in) throws IOException {
    int id = in.integer();
    String name = in.string();
    in.end();
    List<Entry> entries = world.image(id).entries();
    int found = 0;
    Wire.Writer all = ok();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.kind() == Entry.Kind.DIRECTORY) {
        Wire.Writer one = find(new Wire.Writer(Wire.OK).integer(i), id, entry, name, null);
        if (one != null) {
          found++;
          all.raw(one.done().position(1));
        }
      }
    }
    ByteBuffer content = all.done().position(1);
    return ok().integer(found).raw(content);
  }

  /**
   * Appends what a directory has under a name.
   *
   * @param known the hash of what the worker has; null to leave out the bytes in any case
   * @return null if it has nothing
   */
  private Wire.@Nullable Writer find(
      Wire.Writer out, int id, Entry entry, String name, @Nullable Hash known) throws IOException {
    Path file = within(entry.file(), name);
    if (file == null || entry.hides(name)) {
      return null;
    }
    if (known == null && !name.endsWith(Foresight.CLASS_FILE)) {
      world.watch().add(entry.file().normalize(), file);
    }
    if (!Files.exists(file)) {
      return null;
    }
    if (!Files.isRegularFile(file)) {
      return Files.isDirectory(file) ? content(out, list(file), known) : null;
    }
    Stamp stamp = Stamp.of(file);
    if (name.endsWith(".class") && !name.startsWith("META-INF/")) {
      byte[] content = classFile(world.loader(id), name, file);
      Hash hash = known == null ? Hash.of(content) : null;
      return hash != null && hash.equals(Hash.of(file))
          ? apart(out, hash, file, stamp)
          : content(out, content, known);
    }
    return known == null || stamp.size() > Wire.INLINE
        ? apart(out, Hash.of(file), file, stamp)
        : content(out, Files.readAllBytes(file), known);
  }

  private Wire.Writer apart(Wire.Writer out, Hash hash, Path file, Stamp stamp) {
    blobs.offer(hash, file, stamp);
    return out.hash(hash).number(stamp.size()).bool(false);
  }

  private Wire.@Nullable Writer type(Wire.Reader in) throws IOException {
    int id = in.integer();
    String name = in.string();
    Hash known = in.hash();
    in.end();
    return type(id, name, known);
  }

  private Wire.@Nullable Writer typeApart(Wire.Reader in) throws IOException {
    int id = in.integer();
    String name = in.string();
    boolean unused = in.bool();
    in.end();
    return type(id, name, null);
  }

  private Wire.@Nullable Writer type(int id, String name, @Nullable Hash known) throws IOException {
    if (name.startsWith("[") || id == ClassWorld.JDK) {
      return null;
    }
    ClassLoader loader = world.loader(id);
    Class<?> c;
    try {
      c = Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      return null;
    } catch (LinkageError e) {
      // The file is there: away it fails in the same way, for the same reason.
      byte[] file = resource(loader, name);
      return file == null ? null : content(ok().integer(id).bool(true).string(""), file, known);
    }
    // A proxy is made of its interfaces, in a module of its own: its bytes are no use elsewhere.
    if (Martlet.isHidden(c) || Proxy.isProxyClass(c)) {
      return null;
    }
    int definer = world.idOf(c);
    String source = Application.source(c);
    Wire.Writer out = ok().integer(definer).bool(world.isApplication(c));
    out.string(source == null ? "" : source);
    if (definer != id) {
      return out;
    }
    byte[] mirrored =
        loader instanceof Mirror mirror ? mirror.classFile(name.replace('.', '/')) : null;
    byte[] classFile = mirrored != null ? mirrored : LiveBytes.of(c, resource(loader, name));
    return content(out, classFile, known);
  }

  private Wire.Writer resources(Wire.Reader in) throws IOException {
    int id = in.integer();
    String name = in.string();
    boolean all = in.bool();
    in.end();
    ClassLoader loader = world.loader(id);
    List<URL> urls = new ArrayList<>();
    if (all) {
      urls.addAll(Collections.list(loader.getResources(name)));
    } else {
      URL url = loader.getResource(name);
      if (url != null) {
        urls.add(url);
      }
    }
    if (Martlet.owns(name)) {
      urls.clear();
    }
    Wire.Writer out = ok().integer(urls.size());
    for (URL url : urls) {
      out.string(url.toString());
      content(out, read(url), Hash.NONE);
    }
    return out;
  }

  /** Tells the hash codes of an enum's constants; where the enum has begun away it begins here. */
  private Wire.@Nullable Writer constants(Wire.Reader in) {
    int id = in.integer();
    String name = in.string();
    in.end();
    Object[] constants;
    try {
      Class<?> c =
          id == ClassWorld.JDK ? Jdk.load(name) : Class.forName(name, false, world.loader(id));
      constants = Martlet.isHidden(c) || !c.isEnum() ? null : constants(c);
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
    if (constants == null) {
      return null;
    }
    Wire.Writer out = ok().integer(constants.length);
    for (Object o : constants) {
      out.integer(System.identityHashCode(o));
    }
    return out;
  }

  /** Does not wait for an initialiser that has made the constants and may wait for a task. */
  private static Object @Nullable [] constants(Class<?> type) {
    List<Object> made = new ArrayList<>();
    for (Field f : type.getDeclaredFields()) {
      if (f.isEnumConstant()) {
        Object o = Memory.getReference(Memory.staticBase(f), Memory.staticOffset(f));
        if (o == null) {
          return type.getEnumConstants();
        }
        made.add(o);
      }
    }
    return made.toArray();
  }

  /**
   * Returns the class file that this JVM has or would load. A file that has not changed since the
   * JVM started, or since a moment before the class was loaded, is that.
   */
  private static byte[] classFile(ClassLoader loader, String name, Path file) throws IOException {
    byte[] before = Files.readAllBytes(file);
    if (isOlderThanThisJvm(Stamp.changed(file))) {
      return before;
    }
    String binaryName = name.substring(0, name.length() - ".class".length()).replace('/', '.');
    Class<?> c;
    try {
      c = Class.forName(binaryName, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return Files.readAllBytes(file);
    }
    byte[] content = Files.readAllBytes(file);
    return c.getClassLoader() == loader ? LiveBytes.of(c, content) : content;
  }

  private static boolean isOlderThanThisJvm(long changed) {
    return changed + SECONDS_CLOCK < Start.ABOUT || changed + FILE_CLOCK < ExactStart.MILLIS;
  }

  /** When this JVM started, cheaply: where the system tells it, to the second. */
  private static final class Start {
    static final long ABOUT =
        ProcessHandle.current().info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static final class ExactStart {
    static final long MILLIS = ManagementFactory.getRuntimeMXBean().getStartTime();
  }

  private static @Nullable Path within(Path root, String name) {
    if (name.startsWith("/") || name.indexOf('\0') >= 0) {
      return null;
    }
    Path file = root.resolve(name).normalize();
    return file.startsWith(root.normalize()) ? file : null;
  }

  /** Returns what reading a directory's URL gives. */
  private static byte[] list(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(f -> f.getFileName() + "\n")
          .sorted()
          .collect(Collectors.joining())
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  private static byte @Nullable [] resource(ClassLoader loader, String className)
      throws IOException {
    URL url = loader.getResource(className.replace('.', '/') + ".class");
    return url == null ? null : read(url);
  }

  private static byte[] read(URL url) throws IOException {
    URLConnection connection = url.openConnection();
    connection.setUseCaches(false);
    try (InputStream in = connection.getInputStream()) {
      return in.readAllBytes();
    }
  }

  private Wire.Writer content(Wire.Writer out, byte[] content, @Nullable Hash known)
      throws IOException {
    Hash hash = Hash.of(content);
    boolean isKnown = known != null && hash.equals(known);
    boolean inline = known != null && !isKnown && content.length <= Wire.INLINE;
    out.hash(hash).number(content.length).bool(inline);
    if (inline) {
      out.bytes(content);
      world.sent().add(content.length);
    } else if (!isKnown) {
      blobs.offer(hash, content);
    }
    return out;
  }

  private static Wire.Writer ok() {
    return new Wire.Writer(Wire.OK);
  }
}
