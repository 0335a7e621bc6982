package dev.martlet.internal.classpath;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What workers on other machines will ask for: the questions by which a class is found, those for
 * its content, and those for the classes that it names. No more than a hint: what is not foreseen
 * will be asked.
 */
final class Foresight {
  /** Of a longer jar workers ask for each piece. */
  private static final long MOST_OF_JAR = 256L << 20;

  /** Of a longer file likewise: what follows from a question is in memory at once. */
  private static final long MOST_OF_FILE = 16L << 20;

  /** A class that another one names may never be needed, and a longer jar with it. */
  private static final long MOST_NAMED = 1L << 16;

  private static final int CLASS_INFO = 7;
  static final String CLASS_FILE = ".class";

  private final ClassWorld world;
  private final Blobs blobs;

  Foresight(ClassWorld world, Blobs blobs) {
    this.world = world;
    this.blobs = blobs;
  }

  /** The packages of the JDK and of Martlet's API, which a new JVM need not know for long. */
  private static final class Common {
    static final Set<String> PACKAGES = new HashSet<>(Set.of("dev/martlet", "dev/martlet/spi"));

    static {
      for (Module m : ModuleLayer.boot().modules()) {
        if (m.getClassLoader() == null
            || m.getClassLoader() == ClassLoader.getPlatformClassLoader()) {
          m.getPackages().forEach(p -> PACKAGES.add(p.replace('.', '/')));
        }
      }
    }
  }

  /** Returns what every worker asks of a loader first. */
  Set<ByteBuffer> ofLoader(int id) throws IOException {
    Set<ByteBuffer> questions = new LinkedHashSet<>();
    questions.add(new Wire.Writer(Wire.IMAGE).integer(id).done());
    LoaderImage image = world.image(id);
    boolean jars = false;
    for (Entry e : image.entries()) {
      Hash hash = hash(e);
      if (hash != null) {
        jars = true;
        questions.add(new Wire.Writer(Wire.NAMES).hash(hash).done());
      }
    }
    if (jars) {
      questions.add(new Wire.Writer(Wire.HASHES).integer(id).done());
    }
    return questions;
  }

  /** Returns by which questions a class is found, by its internal name, as a loader sees it. */
  Set<ByteBuffer> ofClass(int loader, String name) throws IOException {
    return ofClass(loader, name, MOST_OF_JAR);
  }

  private Set<ByteBuffer> ofClass(int loader, String name, long mostContent) throws IOException {
    Set<ByteBuffer> questions = new LinkedHashSet<>();
    String inPackage = name.substring(0, Math.max(0, name.lastIndexOf('/')));
    if (name.startsWith("[") || Common.PACKAGES.contains(inPackage)) {
      return questions;
    }
    String file = name + CLASS_FILE;
    URL url = world.loader(loader).getResource(file);
    for (int id : chain(loader)) {
      if (id != ClassWorld.SYSTEM) {
        questions.addAll(ofLoader(id));
      }
      LoaderImage image = world.image(id);
      for (Entry e : image.entries()) {
        if (e.hides(file)) {
          continue;
        }
        if (e.kind() == Entry.Kind.DIRECTORY) {
          Set<String> packages = e.packages();
          if (packages == null || packages.contains(inPackage)) {
            questions.add(new Wire.Writer(Wire.FILES).integer(id).string(file).done());
            if (Files.exists(e.file().resolve(file))) {
              return questions;
            }
          }
        } else if (url != null && isIn(url.toString(), e)) {
          Hash hash = hash(e);
          if (hash != null) {
            addContent(hash, blobs.length(hash), mostContent, questions);
          }
          return questions;
        }
      }
      questions.add(
          new Wire.Writer(Wire.TYPE).integer(id).string(name.replace('/', '.')).bool(false).done());
    }
    return questions;
  }

  /** Returns what whoever asks a question is likely to ask next. */
  Set<ByteBuffer> after(ByteBuffer question) throws IOException {
    Set<ByteBuffer> questions = new LinkedHashSet<>();
    Wire.Reader in = new Wire.Reader(question.duplicate());
    byte type = in.get();
    if (type == Wire.NAMES || type == Wire.HASHES) {
      // Whoever looks into one jar has not found what it looks for in others.
      return ofLoader(type == Wire.HASHES ? in.integer() : ClassWorld.SYSTEM);
    }
    if (type != Wire.FILES && type != Wire.TYPE) {
      return questions;
    }
    int loader = in.integer();
    String name = in.string();
    Wire.Reader answer = new Wire.Reader(world.answer(question.duplicate()));
    if (answer.get() != Wire.OK) {
      return questions;
    }
    boolean isClass = type == Wire.TYPE;
    int contents = 1;
    if (isClass) {
      int definer = answer.integer();
      boolean unusedApplication = answer.bool();
      String unusedSource = answer.string();
      if (definer != loader) {
        return ofClass(definer, name.replace('.', '/'), MOST_NAMED);
      }
    } else {
      contents = answer.count();
      isClass = name.endsWith(CLASS_FILE);
    }
    Hash first = null;
    for (int i = 0; i < contents; i++) {
      if (type == Wire.FILES) {
        int unusedEntry = answer.integer();
      }
      Hash hash = answer.hash();
      long length = answer.number();
      boolean unused = answer.bool();
      addContent(hash, length, MOST_OF_FILE, questions);
      first = first == null && length <= Wire.CHUNK ? hash : first;
    }
    if (isClass && first != null) {
      for (String named : named(blobs.read(first, 0, Wire.CHUNK))) {
        questions.addAll(ofClass(loader, named, MOST_NAMED));
      }
    }
    return questions;
  }

  /** Returns the loaders that are asked for a class before this one, and this one. */
  private Iterable<Integer> chain(int loader) throws IOException {
    Deque<Integer> chain = new ArrayDeque<>();
    for (int id = loader; id != LoaderImage.NO_PARENT && id != ClassWorld.JDK; ) {
      chain.addFirst(id);
      LoaderImage image = world.image(id);
      if (image.dynamic()) {
        break;
      }
      id = image.parent();
    }
    return chain;
  }

  private static boolean isIn(String url, Entry jar) {
    return url.startsWith("jar:" + jar.url() + "!/") || url.startsWith(jar.url() + "!/");
  }

  private @Nullable Hash hash(Entry entry) {
    try {
      Hash hash = blobs.hash(entry);
      return hash.equals(Hash.NONE) ? null : hash;
    } catch (IOException e) {
      return null; // whoever asks will be told
    }
  }

  private static void addContent(Hash hash, long length, long most, Set<ByteBuffer> to) {
    if (length <= most) {
      long at = 0;
      do {
        to.add(new Wire.Writer(Wire.BLOB).hash(hash).number(at).integer(Wire.CHUNK).done());
        at += Wire.CHUNK;
      } while (at < length);
    }
  }

  /** Returns the classes that a class file names: first those that it cannot be defined without. */
  private static Set<String> named(byte[] classFile) {
    Set<String> names = new LinkedHashSet<>();
    try {
      ClassReader reader = new ClassReader(classFile);
      if (reader.getSuperName() != null) {
        names.add(reader.getSuperName());
      }
      names.addAll(List.of(reader.getInterfaces()));
      char[] buffer = new char[reader.getMaxStringLength()];
      for (int i = 1; i < reader.getItemCount(); i++) {
        int at = reader.getItem(i);
        if (at > 0 && reader.readByte(at - 1) == CLASS_INFO) {
          names.add(reader.readUTF8(at, buffer));
        }
      }
      names.remove(reader.getClassName());
    } catch (RuntimeException e) {
      return Set.of(); // no class file, or one of another age
    }
    return names;
  }

  /** Returns whether a question is about content alone, so that all worlds answer the same. */
  static boolean isOfContent(ByteBuffer question) {
    if (!question.hasRemaining()) {
      return false;
    }
    byte type = question.get(question.position());
    return type == Wire.NAMES || type == Wire.BLOB;
  }

  /** Returns a name for a piece of content that a question is for, or null if it is another. */
  static @Nullable String contentName(ByteBuffer question) {
    Wire.Reader in = new Wire.Reader(question.duplicate());
    if (in.get() != Wire.BLOB) {
      return null;
    }
    Hash hash = in.hash();
    long at = in.number();
    return in.integer() == Wire.CHUNK ? hash + "-" + at : null;
  }

  /** Returns whether the answer to a question stays the same, as long as no change is noticed. */
  static boolean isRepeatable(ByteBuffer question, Watch watch) {
    Wire.Reader in = new Wire.Reader(question.duplicate());
    byte type = in.get();
    if (type != Wire.TYPE && type != Wire.FILES) {
      return type != Wire.WOVEN; // which workers answer
    }
    int unusedLoader = in.integer();
    String name = in.string();
    return type == Wire.TYPE ? !in.bool() : name.endsWith(CLASS_FILE) || !watch.isFull();
  }
}
