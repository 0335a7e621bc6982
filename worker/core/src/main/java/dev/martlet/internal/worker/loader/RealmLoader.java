package dev.martlet.internal.worker.loader;

import dev.martlet.internal.classpath.Entry;
import dev.martlet.internal.classpath.Hash;
import dev.martlet.internal.classpath.Jdk;
import dev.martlet.internal.classpath.LoaderImage;
import dev.martlet.internal.classpath.Martlet;
import dev.martlet.internal.classpath.Mirror;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.log.Log;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * The mirror of one class loader of the client: parent first, then its entries in order, then the
 * client itself, which knows what was defined at run time. Of a loader with a mind of its own every
 * class is asked for. Modules of the client are part of its unnamed module.
 */
final class RealmLoader extends ClassLoader implements Mirror {
  static {
    registerAsParallelCapable();
  }

  private static final String SERVICES = "META-INF/services/";

  private final Realm realm;
  private final LoaderImage image;
  private final List<Place> places;
  private final Map<String, ProtectionDomain> domains = new ConcurrentHashMap<>();
  private final Map<String, Class<?>> delegated = new ConcurrentHashMap<>();
  private final Map<Place, Map<String, String>> provided = new ConcurrentHashMap<>();
  private final Set<String> absent = ConcurrentHashMap.newKeySet();
  private final Set<String> applicationClasses = ConcurrentHashMap.newKeySet();
  private volatile @Nullable List<Hash> hashes;

  RealmLoader(Realm realm, LoaderImage image, @Nullable ClassLoader parent) {
    super(image.name().isEmpty() ? null : image.name(), parent);
    this.realm = realm;
    this.image = image;
    places = new Places();
  }

  /** Places that are made as they are looked into. */
  private final class Places extends AbstractList<Place> implements RandomAccess {
    private final @Nullable Place[] made = new Place[image.entries().size()];

    @Override
    public synchronized Place get(int index) {
      Place p = made[index];
      if (p == null) {
        Entry entry = image.entries().get(index);
        p =
            entry.kind() == Entry.Kind.DIRECTORY
                ? new DirectoryPlace(realm, image.id(), index, entry)
                : new JarPlace(realm, entry, () -> hash(index));
        made[index] = p;
      }
      return p;
    }

    @Override
    public int size() {
      return made.length;
    }
  }

  Realm realm() {
    return realm;
  }

  int id() {
    return image.id();
  }

  @Override
  public boolean isApplication(String className) {
    return applicationClasses.contains(className);
  }

  /** Loads a class that exists at home, even if it did not when it was last looked for. */
  Class<?> loadExisting(String name) throws ClassNotFoundException {
    absent.remove(name);
    try {
      return loadClass(name);
    } catch (ClassNotFoundException e) {
      Class<?> c = realm.isLocal() ? null : askAnew(name);
      if (c == null) {
        throw e;
      }
      absent.remove(name);
      return c;
    }
  }

  private @Nullable Class<?> askAnew(String name) throws ClassNotFoundException {
    try {
      return ask(new Asked(name, /* anew= */ true), name);
    } catch (IOException e) {
      throw realm.questions().unavailable("cannot read the class " + name, e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    Class<?> c;
    synchronized (getClassLoadingLock(name)) {
      c = findLoadedClass(name);
    }
    if (c == null) {
      c = delegated.get(name);
    }
    if (c == null) {
      c = common(name);
    }
    if (c == null) {
      try {
        WovenFile woven = woven(name);
        if (woven != null) {
          c = define(name, woven);
        } else if (image.dynamic()) {
          c = ask(name);
        } else {
          c = ofParent(name);
          c = c == null ? own(name) : c;
        }
      } catch (IOException e) {
        throw realm.questions().unavailable("cannot read the class " + name, e);
      }
    }
    if (c == null) {
      throw new ClassNotFoundException(name);
    }
    if (resolve) {
      resolveClass(c);
    }
    return c;
  }

  private @Nullable Class<?> common(String name) throws ClassNotFoundException {
    if (name.startsWith("java.")) {
      Class<?> c = Class.forName(name, false, ClassLoader.getPlatformClassLoader());
      realm.common(c);
      return c;
    }
    Class<?> c = realm.weaver().visible(name);
    if (c == null) {
      c = Martlet.api(name);
    }
    return c == null && image.id() == Realm.SYSTEM ? Jdk.ofSystemLoader(name) : c;
  }

  private @Nullable Class<?> ofParent(String name) {
    try {
      return Class.forName(name, false, getParent());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private @Nullable Class<?> own(String name) throws IOException, ClassNotFoundException {
    if (absent.contains(name)) {
      return null;
    }
    String resource = name.replace('.', '/') + ".class";
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      byte[] classFile = place.classFile(resource);
      if (classFile != null) {
        return define(name, weave(name, classFile, i, place));
      }
    }
    Class<?> c = ask(name);
    if (c == null) {
      absent.add(name);
    }
    return c;
  }

  private @Nullable Class<?> ask(String name) throws IOException, ClassNotFoundException {
    return ask(new Asked(name, /* anew= */ false), name);
  }

  private @Nullable Class<?> ask(Asked asked, String name)
      throws IOException, ClassNotFoundException {
    Questions.Found found = asked.found;
    if (found == null) {
      return null;
    }
    if (asked.classFile == null) {
      Class<?> c = realm.load(found.definer(), name);
      delegated.put(name, c);
      return c;
    }
    boolean application = found.application();
    byte[] woven = weave(name, asked.classFile, application);
    return define(name, woven, found.source(), application, null);
  }

  /** Returns a class as some JVM has woven it; null if that is not known here. */
  private @Nullable WovenFile woven(String name) {
    if (image.dynamic()) {
      return null;
    }
    ByteBuffer answer = realm.others().get(question(name));
    if (answer == null) {
      return null;
    }
    try {
      return WovenFile.read(answer, places.size());
    } catch (Wire.MalformedException e) {
      Log.of(RealmLoader.class).warn("What another worker has made of {} is not used", name, e);
      return null;
    }
  }

  private ByteBuffer question(String name) {
    return WovenFile.question(realm.generation(), image.id(), name);
  }

  private WovenFile weave(String name, byte[] classFile, int entry, Place place)
      throws IOException {
    boolean application = place.entry().application() || realm.isApplicationPackage(name);
    byte[] bytes = weave(name, classFile, application);
    Manifest manifest = place.manifest();
    PackageTitles titles = manifest == null ? null : PackageTitles.of(manifest, packageOf(name));
    WovenFile woven = new WovenFile(entry, application, titles, bytes);
    if (woven.fits()) {
      realm.others().put(question(name), woven.answer());
    }
    return woven;
  }

  private byte[] weave(String name, byte[] classFile, boolean application) {
    return realm
        .weaver()
        .weave(name, classFile, application, this::classFile, this::isApplicationFile);
  }

  private Class<?> define(String name, WovenFile woven) throws IOException {
    String source = image.entries().get(woven.entry()).url();
    return define(name, woven.bytes(), source, woven.application(), woven.titles());
  }

  /** What the client says of a class, with its class file if this loader defines it. */
  private final class Asked {
    Questions.@Nullable Found found;
    final byte @Nullable [] classFile;

    /** Asks; {@code anew} if an earlier answer may be wrong by now. */
    Asked(String name, boolean anew) {
      if (!realm.isLocal()) {
        Questions.Found f = realm.questions().typeApart(image.id(), name, anew);
        found = f;
        Questions.Content content = f == null ? null : f.content();
        classFile = content == null ? null : realm.cache().bytes(content, realm.questions());
        return;
      }
      classFile =
          realm
              .cache()
              .fetch("class\0" + image.name() + "\0" + name, k -> ask(name, k), realm.questions());
    }

    private Questions.@Nullable Content ask(String name, Hash known) {
      Questions.Found f = realm.questions().type(image.id(), name, known);
      found = f;
      return f == null ? null : f.content();
    }
  }

  private Class<?> define(
      String name, byte[] woven, String source, boolean application, @Nullable PackageTitles titles)
      throws IOException {
    if (titles != null) {
      definePackage(packageOf(name), titles, source);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> c = findLoadedClass(name);
      if (c == null) {
        if (application) {
          applicationClasses.add(name);
        } else {
          realm.loadsLibrary();
        }
        ProtectionDomain domain = domains.computeIfAbsent(source, this::domain);
        c = defineClass(name, woven, 0, woven.length, domain);
      }
      return c;
    }
  }

  /** Returns the class file that a class was defined from; null if it is not known. */
  byte @Nullable [] wovenBytes(String name) {
    WovenFile woven = woven(name);
    if (woven != null) {
      return woven.bytes();
    }
    byte[] file = classFile(name.replace('.', '/'));
    return file == null ? null : weave(name, file, isApplication(name));
  }

  private ProtectionDomain domain(String source) {
    CodeSource codeSource = null;
    if (!source.isEmpty()) {
      codeSource = new CodeSource(url(source), (Certificate[]) null);
    }
    return new ProtectionDomain(codeSource, null, this, null);
  }

  private static URL url(String url) {
    try {
      return new URL(url);
    } catch (MalformedURLException e) {
      return HomeUrl.of(
          url,
          () -> {
            throw new IOException(url + " is known at home only");
          });
    }
  }

  private static String packageOf(String className) {
    return className.substring(0, Math.max(0, className.lastIndexOf('.')));
  }

  private void definePackage(String name, PackageTitles titles, String source) throws IOException {
    if (name.isEmpty() || getDefinedPackage(name) != null) {
      return;
    }
    List<@Nullable String> of = titles.values();
    URL base = titles.sealed() ? url(source) : null;
    try {
      definePackage(name, of.get(0), of.get(1), of.get(2), of.get(3), of.get(4), of.get(5), base);
    } catch (IllegalArgumentException e) {
      // Another thread was first.
    }
  }

  @Override
  public byte @Nullable [] classFile(String internalName) {
    String resource = internalName + ".class";
    String name = internalName.replace('/', '.');
    try {
      Class<?> c = common(name);
      if (c != null) {
        return read(
            c.getModule().isNamed()
                ? c.getModule().getResourceAsStream(resource)
                : Realm.class.getClassLoader().getResourceAsStream(resource));
      }
    } catch (ClassNotFoundException e) {
      return null;
    } catch (IOException e) {
      throw realm.questions().unavailable("cannot read a resource or class file", e);
    }
    try {
      if (!image.dynamic()) {
        byte[] bytes =
            getParent() instanceof RealmLoader parent
                ? parent.classFile(internalName)
                : read(ClassLoader.getPlatformClassLoader().getResourceAsStream(resource));
        for (int i = 0; bytes == null && i < places.size(); i++) {
          bytes = places.get(i).classFile(resource);
        }
        if (bytes != null || absent.contains(name)) {
          return bytes;
        }
      }
      Asked asked = new Asked(name, /* anew= */ false);
      Questions.Found found = asked.found;
      if (found == null || asked.classFile != null) {
        return asked.classFile;
      }
      return realm.loader(found.definer()) instanceof RealmLoader other
          ? other.classFile(internalName)
          : read(ClassLoader.getPlatformClassLoader().getResourceAsStream(resource));
    } catch (IOException e) {
      throw realm.questions().unavailable("cannot read a resource or class file", e);
    }
  }

  /** Returns whether a class that this loader sees belongs to the application. */
  boolean isApplicationFile(String internalName) {
    String name = internalName.replace('/', '.');
    try {
      if (common(name) != null) {
        return false;
      }
      if (!image.dynamic()) {
        String resource = internalName + ".class";
        if (getParent() instanceof RealmLoader parent && parent.classFile(internalName) != null) {
          return parent.isApplicationFile(internalName);
        }
        for (Place place : places) {
          if (place.classFile(resource) != null) {
            return place.entry().application() || realm.isApplicationPackage(name);
          }
        }
      }
      Asked asked = new Asked(name, /* anew= */ false);
      Questions.Found found = asked.found;
      if (found == null) {
        return false;
      }
      if (asked.classFile != null) {
        return found.application();
      }
      return realm.loader(found.definer()) instanceof RealmLoader other
          && other.isApplicationFile(internalName);
    } catch (ClassNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw realm.questions().unavailable("cannot read a resource or class file", e);
    }
  }

  private static byte @Nullable [] read(@Nullable InputStream stream) throws IOException {
    try (InputStream in = stream) {
      return in == null ? null : in.readAllBytes();
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    if (!image.dynamic()) {
      return super.getResource(name);
    }
    List<URL> urls = asked(name, /* all= */ false);
    return urls.isEmpty() ? null : urls.get(0);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return image.dynamic()
        ? Collections.enumeration(asked(name, /* all= */ true))
        : super.getResources(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    for (Place place : places) {
      URL url = in(place, name);
      if (url != null) {
        return url;
      }
    }
    return null;
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    List<URL> urls = new ArrayList<>();
    for (Place place : places) {
      URL url = in(place, name);
      if (url != null) {
        urls.add(url);
      }
    }
    return Collections.enumeration(urls);
  }

  private @Nullable URL in(Place place, String name) {
    try {
      URL url = place.resource(name);
      return url == null && name.startsWith(SERVICES) ? provided(place, name) : url;
    } catch (IOException e) {
      throw realm.questions().unavailable("cannot read a resource or class file", e);
    }
  }

  /** Returns what the descriptor of a module says of a service, as a jar outside a module does. */
  private @Nullable URL provided(Place place, String name) throws IOException {
    Map<String, String> all = provided.get(place);
    if (all == null) {
      all = new HashMap<>();
      byte[] descriptor = isModule(place) ? place.classFile("module-info.class") : null;
      if (descriptor != null) {
        for (var p : ModuleDescriptor.read(ByteBuffer.wrap(descriptor)).provides()) {
          all.put(p.service(), String.join("\n", p.providers()));
        }
      }
      provided.put(place, all);
    }
    String providers = all.get(name.substring(SERVICES.length()));
    return providers == null
        ? null
        : HomeUrl.of(
            place.entry().url() + "!/" + name, () -> providers.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns whether a place is on the client's module path; on a class path none is a module. */
  private static boolean isModule(Place place) {
    String modules = System.getProperty("jdk.module.path");
    if (modules == null) {
      return false;
    }
    Path file = place.entry().file();
    for (String element : modules.split(File.pathSeparator, -1)) {
      Path p = Path.of(element).toAbsolutePath().normalize();
      if (p.equals(file) || p.equals(file.getParent())) {
        return true;
      }
    }
    return false;
  }

  private List<URL> asked(String name, boolean all) {
    List<URL> urls = new ArrayList<>();
    for (Questions.Resource r : realm.questions().resources(image.id(), name, all)) {
      urls.add(HomeUrl.of(r.url(), () -> realm.cache().content(r.content(), realm.questions())));
    }
    return urls;
  }

  private Hash hash(int index) {
    List<Hash> all = hashes;
    if (all == null) {
      all = realm.questions().hashes(image.id());
      hashes = all;
    }
    Hash hash = index < all.size() ? all.get(index) : Hash.NONE;
    if (hash.equals(Hash.NONE)) {
      throw realm
          .questions()
          .unavailable(
              image.entries().get(index).url() + " was changed or cannot be read at home", null);
    }
    return hash;
  }
}
