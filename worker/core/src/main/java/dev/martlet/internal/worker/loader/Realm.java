package dev.martlet.internal.worker.loader;

import dev.martlet.internal.agent.IdentityHash;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Jdk;
import dev.martlet.internal.classpath.LoaderImage;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Month;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One closed world of a client's classes: a mirror of each of its class loaders, met so far, with
 * statics of its own. Realms share the bytes of a {@link CodeCache}, nothing else; a realm that
 * nobody refers to is collected with all its classes. User code sees what it sees at home, the JDK
 * and Martlet's API; of the worker it sees nothing. Thread-safe.
 */
public final class Realm {
  /** The number of the system class loader. */
  public static final int SYSTEM = ClassWorld.SYSTEM;

  private static final Set<Class<?>> COMMON_ENUMS = ConcurrentHashMap.newKeySet();

  private final Questions questions;
  private final CodeCache cache;
  private final ClassWeaver weaver;
  private final boolean local;
  private final Map<Integer, RealmLoader> loaders = new ConcurrentHashMap<>();
  private final Map<ByteBuffer, Object> known = new ConcurrentHashMap<>();
  private final Set<Class<?>> initialised = ConcurrentHashMap.newKeySet();
  private volatile WovenClasses others = WovenClasses.NONE;
  private volatile Consumer<ClassLoader> onLoader = loader -> {};
  private volatile Consumer<CodeUnavailableError> onUnavailable = e -> {};
  private volatile boolean spent;
  private volatile boolean libraries;
  private volatile int generation = -1;
  private volatile Set<String> applicationPackages = Set.of();

  /**
   * Creates a realm.
   *
   * @param ask sends a question to the client and waits for its answer
   * @param cache the bytes
   * @param weaver changes classes as they are defined
   * @param local whether the client may be on this machine: its jars are then read in place if they
   *     are the same files
   */
  public Realm(
      Function<ByteBuffer, ByteBuffer> ask, CodeCache cache, ClassWeaver weaver, boolean local) {
    this.questions = new Questions(ask, this::unavailable);
    this.cache = cache;
    this.weaver = weaver;
    this.local = local;
  }

  /** Has ready what the first realm needs. */
  public static void warmUp() {
    SystemServices.warmUp();
  }

  /** Returns the realm that a class belongs to, or {@code null}. */
  public static @Nullable Realm of(Class<?> c) {
    return c.getClassLoader() instanceof RealmLoader loader ? loader.realm() : null;
  }

  /** Returns the class file that a class was defined from, or {@code null} if it is not known. */
  public static byte @Nullable [] woven(Class<?> c) {
    return c.getClassLoader() instanceof RealmLoader loader ? loader.wovenBytes(c.getName()) : null;
  }

  /** Sets where woven classes are had from and kept for others. */
  public void shares(WovenClasses with) {
    others = with;
  }

  /** Sets what is done with each loader before it defines a class. */
  public void onLoader(Consumer<ClassLoader> action) {
    onLoader = action;
  }

  /** Sets what is done when code could not be had, on the thread that needs it. */
  public void onUnavailable(Consumer<CodeUnavailableError> action) {
    onUnavailable = action;
  }

  private void unavailable(CodeUnavailableError e) {
    spend(); // it may keep a class from being initialised
    onUnavailable.accept(e);
  }

  /** A class of this realm may be unusable from now on, though it is not at home. */
  public void spend() {
    spent = true;
  }

  /** Returns whether the realm must not serve another call. */
  public boolean isSpent() {
    return spent;
  }

  /** Returns the mirror of the client's loader with this number. */
  public ClassLoader loader(int id) {
    return id == ClassWorld.JDK ? ClassLoader.getPlatformClassLoader() : mirror(id);
  }

  /**
   * Returns a class without initialising it.
   *
   * @param id the number of a loader of the client
   * @param binaryName a name as {@link Class#getName} gives it
   */
  public Class<?> load(int id, String binaryName) throws ClassNotFoundException {
    if (id == ClassWorld.JDK) {
      Class<?> c = Jdk.load(binaryName);
      common(c);
      return c;
    }
    int dimensions = binaryName.lastIndexOf('[') + 1;
    if (dimensions == 0) {
      return mirror(id).loadExisting(binaryName);
    }
    if (!binaryName.endsWith(";")) {
      return Jdk.load(binaryName);
    }
    Class<?> c = load(id, binaryName.substring(dimensions + 1, binaryName.length() - 1));
    for (; dimensions > 0; dimensions--) {
      c = c.arrayType();
    }
    return c;
  }

  /**
   * Gives the constants of an enum of this realm, which have just been made, the hash codes that
   * they have at home: values keep hash codes that were computed of them, and the order of a hash
   * table is that of its keys' hash codes.
   */
  public static void keepHashes(Class<?> type, List<?> constants) {
    Realm realm = of(type);
    if (realm != null) {
      boolean unused = realm.keepHashes(realm.idOf(type), type.getName(), constants);
    }
  }

  private boolean keepHashes(int loader, String name, List<?> constants) {
    if (!IdentityHash.canBeGiven()) {
      return true;
    }
    int[] hashes = questions.constants(loader, name);
    if (hashes == null || hashes.length != constants.size()) {
      return false;
    }
    for (int i = 0; i < hashes.length; i++) {
      boolean unused = IdentityHash.give(constants.get(i), hashes[i]);
    }
    return true;
  }

  /** A class that is common to client and worker is about to be used. */
  void common(Class<?> c) {
    if (c.isEnum()) {
      keepHashes(c);
    } else if (c.getName().startsWith("java.time.")) {
      // Who has these from a date need not name them.
      keepHashes(DayOfWeek.class);
      keepHashes(Month.class);
    }
  }

  /** Gives the constants of an enum that is this JVM's their hash codes, unless they have some. */
  private void keepHashes(Class<?> common) {
    if (COMMON_ENUMS.contains(common)) {
      return;
    }
    synchronized (COMMON_ENUMS) {
      if (!COMMON_ENUMS.contains(common)
          && keepHashes(ClassWorld.JDK, common.getName(), List.of(common.getEnumConstants()))) {
        COMMON_ENUMS.add(common);
      }
    }
  }

  /** A class of a library has been loaded. */
  void loadsLibrary() {
    libraries = true;
  }

  /** Returns whether there are classes of libraries, whose static fields are this realm's own. */
  public boolean hasLibraries() {
    return libraries;
  }

  /** Takes note of a class that is initialised at home. */
  public void initialised(Class<?> c) {
    initialised.add(c);
  }

  /** Returns classes that are known to be initialised at home. */
  public Set<Class<?>> initialised() {
    return Collections.unmodifiableSet(initialised);
  }

  /** Returns where decoders keep what they have found out about descriptions of classes. */
  public Map<ByteBuffer, Object> known() {
    return known;
  }

  /**
   * Returns the number of the loader that the client looks this class up in.
   *
   * @throws IllegalArgumentException if it is neither of this realm nor of the JDK
   */
  public int idOf(Class<?> c) {
    while (c.isArray()) {
      c = c.getComponentType();
    }
    if (c.getClassLoader() instanceof RealmLoader loader && loader.realm() == this) {
      return loader.id();
    }
    if (Jdk.contains(c)) {
      return ClassWorld.JDK;
    }
    throw new IllegalArgumentException(c + " is not of the client's world");
  }

  /** Returns whether a class belongs to the application; a lambda does if its host does. */
  public boolean isApplication(Class<?> c) {
    while (c.isArray()) {
      c = c.getComponentType();
    }
    Class<?> host = c.isHidden() ? c.getNestHost() : c;
    return c.getClassLoader() instanceof RealmLoader loader
        && loader.realm() == this
        && loader.isApplication(host.getName());
  }

  /**
   * Returns the generation of the client's world that this realm mirrors; see {@link
   * ClassWorld#generation}.
   */
  public int generation() {
    if (generation < 0) {
      mirror(SYSTEM);
    }
    return generation;
  }

  boolean isApplicationPackage(String className) {
    return ClassWorld.inPackages(applicationPackages, className);
  }

  Questions questions() {
    return questions;
  }

  CodeCache cache() {
    return cache;
  }

  ClassWeaver weaver() {
    return weaver;
  }

  WovenClasses others() {
    return others;
  }

  /** Returns whether the client may be on this machine. */
  public boolean isLocal() {
    return local;
  }

  private RealmLoader mirror(int id) {
    RealmLoader loader = loaders.get(id);
    if (loader != null) {
      return loader;
    }
    Questions.Image image = questions.image(id);
    int parent = image.loader().parent();
    ClassLoader above = parent == LoaderImage.NO_PARENT ? null : loader(parent);
    return publish(image, above);
  }

  private synchronized RealmLoader publish(Questions.Image image, @Nullable ClassLoader parent) {
    int id = image.loader().id();
    RealmLoader loader = loaders.get(id);
    if (loader == null) {
      loader = new RealmLoader(this, image.loader(), parent);
      applicationPackages = image.applicationPackages();
      if (generation < 0) {
        generation = image.generation();
      }
      if (id == SYSTEM) {
        SystemServices.add(loader);
      }
      onLoader.accept(loader);
      loaders.put(id, loader);
    }
    return loader;
  }
}
