package dev.martlet.internal.classpath;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The client's classes as workers see them. Each class loader has a number: {@link #JDK} for the
 * JDK's classes and those of Martlet's API, {@link #SYSTEM} for the class path, more for others as
 * they are met. A class is a loader's number and a name.
 *
 * <p>A worker mirrors a loader from its {@link LoaderImage}: an ordered list of jars, known by
 * hash, and directories, looked into on demand; or nothing but the loader itself, which is then
 * asked for each class. Workers come back with every class that they do not find, since only the
 * client knows what was defined at run time. The bytes that leave are those that this JVM has or
 * would load: a jar that was changed is refused, and for a class file that is newer than this JVM
 * the class is taken from the JVM.
 *
 * <p>Nothing is read before the first question. Thread-safe; user loaders are held weakly.
 */
public final class ClassWorld {
  /** The number of the JDK's loaders. */
  public static final int JDK = 0;

  /** The number of the system class loader. */
  public static final int SYSTEM = 1;

  private final Map<Object, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Key> loaders = new ConcurrentHashMap<>();
  private final Map<Integer, LoaderImage> images = new ConcurrentHashMap<>();
  private final ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
  private final AtomicInteger last = new AtomicInteger(SYSTEM);
  private final Application application;
  private final LongAdder sent = new LongAdder();
  private final Watch watch = new Watch();
  private final @Nullable Path cache;
  private volatile @Nullable Answers answers;

  /**
   * Creates the world.
   *
   * @param applicationPackages packages whose classes are the application's, subpackages included
   * @param cache where to keep sums and unpacked jars; null for the usual place
   */
  public ClassWorld(Set<String> applicationPackages, @Nullable Path cache) {
    this.application = new Application(applicationPackages);
    this.cache = cache;
    ClassLoader system = ClassLoader.getSystemClassLoader();
    Key key = new Key(system, collected);
    loaders.put(SYSTEM, key);
    ids.put(key, SYSTEM);
  }

  /** Returns the number of a loader. */
  public int idOf(@Nullable ClassLoader loader) {
    if (loader == null || loader == ClassLoader.getPlatformClassLoader()) {
      return JDK;
    }
    if (loader == ClassLoader.getSystemClassLoader()) {
      return SYSTEM;
    }
    Integer id = ids.get(new Probe(loader));
    return id != null ? id : register(loader);
  }

  /** Returns the number of the loader that a class is to be looked up in. */
  public int idOf(Class<?> c) {
    while (c.isArray()) {
      c = c.getComponentType();
    }
    return Jdk.contains(c) ? JDK : idOf(c.getClassLoader());
  }

  /**
   * Returns a loader.
   *
   * @throws IllegalArgumentException if there never was one with that number, or it is gone
   */
  public ClassLoader loader(int id) {
    if (id == JDK) {
      return ClassLoader.getPlatformClassLoader();
    }
    Key key = loaders.get(id);
    ClassLoader loader = key == null ? null : key.get();
    if (loader == null) {
      throw new IllegalArgumentException("no class loader has the number " + id);
    }
    return loader;
  }

  /**
   * Returns a class without initialising it. An array is found where its element type is, a
   * primitive type in {@link #JDK}.
   */
  public Class<?> load(int id, String binaryName) throws ClassNotFoundException {
    if (id == JDK) {
      return Jdk.load(binaryName);
    }
    Class<?> c = Class.forName(binaryName, false, loader(id));
    if (Martlet.isHidden(c)) {
      throw new ClassNotFoundException(binaryName);
    }
    return c;
  }

  /** Returns whether a class belongs to the application; else it is a library's or the JDK's. */
  public boolean isApplication(Class<?> c) {
    while (c.isArray()) {
      c = c.getComponentType();
    }
    if (c.getClassLoader() instanceof Mirror mirror) {
      return mirror.isApplication((c.isHidden() ? c.getNestHost() : c).getName());
    }
    return idOf(c) != JDK && application.contains(c);
  }

  /** Makes all classes that come from the same place as this one the application's. */
  public void markApplication(Class<?> c) {
    if (idOf(c) != JDK && !application.contains(c)) {
      application.mark(c);
      images.replaceAll((id, image) -> image.with(application));
    }
  }

  /**
   * Returns a number that grows when classes become the application's: a worker's realm of an
   * earlier generation takes them for a library's.
   */
  public int generation() {
    return application.generation();
  }

  /** Returns whether a class is in one of some packages or in a subpackage of one. */
  public static boolean inPackages(Set<String> packages, String className) {
    return Application.inPackages(packages, className);
  }

  /**
   * Reads ahead what every worker asks for first; on another machine ({@code hash}) that is the
   * content of the class path. For a thread that has nothing better to do: failures are ignored,
   * and come back with the question.
   */
  public void prepare(boolean hash) {
    try {
      LoaderImage image = image(SYSTEM);
      Answers a = answers();
      if (hash) {
        for (Entry entry : image.entries()) {
          a.blobs().hash(entry);
        }
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      return;
    }
  }

  /** Returns how many bytes of code and resources have been sent. */
  public long bytesSent() {
    return sent.sum();
  }

  /**
   * Answers a worker's question about classes; see {@link Wire}. What cannot be understood or done
   * is answered with an error.
   */
  public ByteBuffer answer(ByteBuffer question) {
    try {
      return answers().answer(new Wire.Reader(question));
    } catch (IOException | RuntimeException | LinkageError e) {
      return Wire.error(e);
    }
  }

  /**
   * Returns whether a question has the same answer whenever it is asked, as long as {@link
   * #version} stays the same.
   */
  public boolean isRepeatable(ByteBuffer question) {
    return Foresight.isRepeatable(question, watch);
  }

  /**
   * Returns a number that grows when answers that were given to workers on other machines are not
   * right any more. Looks at files.
   */
  public int version() {
    return generation() + watch.changes();
  }

  Watch watch() {
    return watch;
  }

  /** Returns whether a question is about content alone, so that all worlds answer the same. */
  public static boolean isOfContent(ByteBuffer question) {
    return Foresight.isOfContent(question);
  }

  /**
   * Returns a name for the piece of content that a question is for, or null if it is another one.
   * Whoever asks for content by its hash checks that it gets that.
   */
  public static @Nullable String contentName(ByteBuffer question) {
    return Foresight.contentName(question);
  }

  /** Returns an answer about content as one that whoever asked need not check. */
  public static ByteBuffer given(ByteBuffer answer) {
    return Wire.given(answer);
  }

  /** Returns what every worker on another machine asks first, as far as it is repeatable. */
  public Set<ByteBuffer> expected() {
    return foreseen(f -> f.ofLoader(SYSTEM));
  }

  /**
   * Returns by which questions a worker on another machine finds a class, without its content.
   *
   * @param loader which has it, or knows who has
   * @param internalName its name
   */
  public Set<ByteBuffer> expected(int loader, String internalName) {
    return foreseen(f -> f.ofClass(loader, internalName));
  }

  /** Returns what whoever asks a question is likely to ask next, as far as it is repeatable. */
  public Set<ByteBuffer> next(ByteBuffer question) {
    return foreseen(f -> f.after(question));
  }

  private interface Look {
    Set<ByteBuffer> at(Foresight foresight) throws IOException;
  }

  /** What cannot be foreseen will be asked. */
  private Set<ByteBuffer> foreseen(Look look) {
    try {
      return look.at(new Foresight(this, answers().blobs()));
    } catch (IOException | RuntimeException | LinkageError e) {
      return Set.of();
    }
  }

  /** Returns the image of a loader. */
  LoaderImage image(int id) throws IOException {
    LoaderImage image = images.get(id);
    if (image == null) {
      ClassLoader loader = loader(id);
      int before = generation();
      var entries = id == JDK ? null : ClassPathReader.read(loader, application);
      ClassLoader parent = loader.getParent();
      String name = loader.getName();
      image =
          new LoaderImage(
              id,
              name == null || id == SYSTEM ? "" : name,
              parent == null ? LoaderImage.NO_PARENT : idOf(parent),
              entries == null,
              entries == null ? List.of() : entries);
      LoaderImage first = images.putIfAbsent(id, image);
      if (first != null) {
        image = first;
      } else if (generation() != before) {
        // What became the application's while the entries were read.
        LoaderImage now = images.computeIfPresent(id, (i, x) -> x.with(application));
        image = now != null ? now : image;
      }
      if (loaders.get(id) == null) {
        images.remove(id);
      }
    }
    return image;
  }

  Application application() {
    return application;
  }

  LongAdder sent() {
    return sent;
  }

  private synchronized Answers answers() throws IOException {
    Answers a = answers;
    if (a == null) {
      a = new Answers(this, new Blobs(CacheDirectory.open(cache)));
      answers = a;
    }
    return a;
  }

  private synchronized int register(ClassLoader loader) {
    for (Reference<? extends ClassLoader> r; (r = collected.poll()) != null; ) {
      Integer id = ids.remove(r);
      if (id != null) {
        loaders.remove(id);
        images.remove(id);
      }
    }
    Integer known = ids.get(new Probe(loader));
    if (known != null) {
      return known;
    }
    int id = last.incrementAndGet();
    Key key = new Key(loader, collected);
    loaders.put(id, key);
    ids.put(key, id);
    return id;
  }

  /** A loader, by identity and weakly. */
  private static final class Key extends WeakReference<ClassLoader> {
    private final int hash;

    Key(ClassLoader loader, ReferenceQueue<ClassLoader> queue) {
      super(loader, queue);
      hash = System.identityHashCode(loader);
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** Finds a key by its loader. */
  private static final class Probe {
    private final ClassLoader loader;

    Probe(ClassLoader loader) {
      this.loader = loader;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Key k && k.get() == loader;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(loader);
    }
  }
}
