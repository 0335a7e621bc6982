package dev.martlet.internal.config;

import dev.martlet.CallListener;
import dev.martlet.Effects;
import dev.martlet.Frontier;
import dev.martlet.spi.PlatformProvider;
import dev.martlet.spi.PoolSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pool's settings. Each comes from the first source that names it: the builder, system properties
 * ({@code martlet.callTimeout}), the environment ({@code MARTLET_CALL_TIMEOUT}), the file {@code
 * martlet.yaml} (in the working directory, or named by {@code martlet.config} or {@code
 * MARTLET_CONFIG}), and its default. Maps are merged name by name in the same order.
 *
 * <p>A key may be written {@code callTimeout}, {@code call-timeout} or {@code CALL_TIMEOUT}
 * everywhere. A key named like a platform on the class path holds that platform's own settings,
 * which are text, lists and maps. Every value of every source is checked, also one that another
 * source overrides. System properties under {@code martlet.internal.} are Martlet's own.
 *
 * <p>Immutable.
 */
public final class Settings {
  private static final String LOCAL = "local";

  // Here and below no lambda where every pool passes: a new JVM pays for each.
  private static final Comparator<String> LONGEST_FIRST =
      new Comparator<>() {
        @Override
        public int compare(String a, String b) {
          return b.length() - a.length();
        }
      };

  private final Map<Key, Object> values;
  private final Map<String, Map<String, Object>> sections;
  private final Map<String, String> sectionOf;
  private final @Nullable CallListener listener;

  private Settings(
      Map<Key, Object> values,
      Map<String, Map<String, Object>> sections,
      Map<String, String> sectionOf,
      @Nullable CallListener listener) {
    this.values = values;
    this.sections = sections;
    this.sectionOf = sectionOf;
    this.listener = listener;
  }

  /**
   * Resolves what the builder was told against this JVM's other sources.
   *
   * @throws IllegalArgumentException if a source has an unknown key or a value that is not valid
   */
  public static Settings resolve(PoolSettings builder) {
    Map<String, String> properties = new TreeMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("martlet.")) {
        properties.put(name, System.getProperty(name, ""));
      }
    }
    Map<String, String> environment = System.getenv();
    Path directory = Path.of("");
    Map<String, String> platforms = new LinkedHashMap<>();
    // To list them is to open every jar of the class path.
    if (namesPlatform(builder)
        || !properties.isEmpty()
        || anyStartsWith("MARTLET_", environment.keySet())
        || file(properties, environment, directory).isPresent()) {
      for (PlatformProvider p :
          ServiceLoader.load(PlatformProvider.class, Settings.class.getClassLoader())) {
        platforms.put(p.name(), p.section());
      }
    }
    return resolve(builder, properties, environment, directory, platforms);
  }

  /** Returns whether a key of the builder may be, or name, a platform. */
  private static boolean namesPlatform(PoolSettings builder) {
    for (String name : builder.values().keySet()) {
      boolean isOther = false;
      for (Key key : Key.values()) {
        isOther |= key != Key.PLATFORM && key.key.equals(name);
      }
      if (!isOther) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyStartsWith(String prefix, Set<String> names) {
    for (String name : names) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  static Settings resolve(
      PoolSettings builder,
      Map<String, String> properties,
      Map<String, String> environment,
      Path directory,
      Map<String, String> platforms) {
    Resolver resolver = new Resolver(platforms);
    resolver.add(Source.builder(builder));
    resolver.add(Source.properties(properties));
    resolver.add(Source.environment(environment, resolver.maps()));
    Optional<Path> file = file(properties, environment, directory);
    if (file.isPresent()) {
      resolver.add(YamlFile.read(file.get()));
    }
    return resolver.settings(builder.listener());
  }

  private static Optional<Path> file(
      Map<String, String> properties, Map<String, String> environment, Path directory) {
    String origin = "system property martlet.config";
    String name = properties.get("martlet.config");
    if (name == null) {
      origin = "environment variable MARTLET_CONFIG";
      name = environment.get("MARTLET_CONFIG");
    }
    if (name == null) {
      Path usual = directory.resolve("martlet.yaml").toAbsolutePath();
      return Files.exists(usual) ? Optional.of(usual) : Optional.empty();
    }
    try {
      Path file = directory.resolve(name).toAbsolutePath();
      if (!name.isBlank() && Files.isReadable(file)) {
        return Optional.of(file);
      }
    } catch (InvalidPathException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        origin + ": \"" + name + "\" is not valid for config; expected a file that can be read");
  }

  /** Returns the platform's name. */
  public String platform() {
    return value(Key.PLATFORM, LOCAL);
  }

  /** Returns how many calls run at a time. */
  public int parallelism() {
    return value(Key.PARALLELISM, Runtime.getRuntime().availableProcessors());
  }

  /** Returns how many worker JVMs the local platform starts at most. */
  public int workers() {
    return value(Key.WORKERS, Runtime.getRuntime().availableProcessors());
  }

  /** Returns how often a call is sent again after its worker was lost. */
  public int retries() {
    return value(Key.RETRIES, 2);
  }

  /** Returns how long one call may run; empty if as long as it likes. */
  public Optional<Duration> callTimeout() {
    Object value = values.get(Key.CALL_TIMEOUT);
    return value instanceof Duration duration ? Optional.of(duration) : Optional.empty();
  }

  /** Returns whether changes that tasks make to shared objects are brought back. */
  public Effects effects() {
    return value(Key.EFFECTS, Effects.ON);
  }

  /** Returns whether a task that cannot leave home is refused. */
  public boolean strict() {
    return value(Key.STRICT, false);
  }

  /** Returns where the subtrees of a fork/join pool leave. */
  public Frontier frontier() {
    return value(Key.FRONTIER, Frontier.automatic());
  }

  /** Returns whether what tasks print comes out on the client. */
  public boolean output() {
    return value(Key.OUTPUT, true);
  }

  /** Returns when a worker without calls is stopped. */
  public Duration idleTimeout() {
    return value(Key.IDLE_TIMEOUT, Duration.ofSeconds(60));
  }

  /** Returns how long a worker may be silent before it counts as lost. */
  public Duration leaseTimeout() {
    return value(Key.LEASE_TIMEOUT, Duration.ofSeconds(10));
  }

  /**
   * Returns the directory of the workers' caches, which need not exist; empty for the usual one.
   */
  public Optional<Path> cache() {
    return values.get(Key.CACHE) instanceof Path path
        ? Optional.of(path.toAbsolutePath())
        : Optional.empty();
  }

  /** Returns the directory for the keys of jobs, if one was set. */
  public Optional<Path> jobs() {
    return values.get(Key.JOBS) instanceof Path path
        ? Optional.of(path.toAbsolutePath())
        : Optional.empty();
  }

  /** Returns the packages in library jars whose classes count as the application's. */
  public List<String> applicationPackages() {
    return value(Key.APPLICATION_PACKAGES, List.of());
  }

  /** Returns options for the command line of local worker JVMs. */
  public List<String> jvmOptions() {
    return value(Key.JVM_OPTIONS, List.of());
  }

  /** Returns environment variables to pass on to workers. */
  public Map<String, String> environment() {
    return value(Key.ENVIRONMENT, Map.of());
  }

  /** Returns system properties to pass on to workers. */
  public Map<String, String> systemProperties() {
    return value(Key.SYSTEM_PROPERTIES, Map.of());
  }

  /** Returns who hears what the calls do. */
  public @Nullable CallListener listener() {
    return listener;
  }

  /**
   * Returns what the platform is to know: {@code idleTimeout}, {@code leaseTimeout}, {@code cache}
   * if it is set, and the platform's own settings by their keys in camel case.
   */
  public Map<String, Object> platformSettings() {
    Map<String, Object> settings = new LinkedHashMap<>(section(platform()));
    settings.put(Key.IDLE_TIMEOUT.key, idleTimeout());
    settings.put(Key.RETRIES.key, retries());
    settings.put(Key.LEASE_TIMEOUT.key, leaseTimeout());
    Optional<Path> cache = cache();
    if (cache.isPresent()) {
      settings.put(Key.CACHE.key, cache.get());
    }
    return Collections.unmodifiableMap(settings);
  }

  /** Returns a platform's own settings; empty if there are none. */
  public Map<String, Object> section(String platform) {
    return sections.getOrDefault(sectionOf.getOrDefault(platform, platform), Map.of());
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <T> T value(Key key, T fallback) {
    return (T) values.getOrDefault(key, fallback);
  }

  /** Adds up sources, the first to name a key wins. */
  private static final class Resolver {
    private final Map<String, Key> keys = new HashMap<>();
    private final Map<String, String> platforms = new LinkedHashMap<>();
    private final Map<String, String> sectionNames = new LinkedHashMap<>();
    private final Map<String, String> sectionOf = new HashMap<>();
    private final Map<Key, Object> values = new EnumMap<>(Key.class);
    private final Map<String, Map<String, Object>> sections = new HashMap<>();

    /**
     * Creates a resolver.
     *
     * @param others the names of platforms besides the local one, each with that of its section
     */
    Resolver(Map<String, String> others) {
      for (Key key : Key.values()) {
        keys.put(plain(key.key), key);
      }
      platform(LOCAL, LOCAL);
      for (Map.Entry<String, String> e : others.entrySet()) {
        platform(e.getKey(), e.getValue());
      }
    }

    private void platform(String name, String section) {
      platforms.put(plain(name), name);
      sectionNames.put(plain(section), section);
      sectionOf.put(name, section);
    }

    /** Returns the keys that hold maps, longest first, so that none hides another. */
    List<String> maps() {
      List<String> maps = new ArrayList<>(sectionNames.values());
      for (Key key : Key.values()) {
        if (key.kind == Key.Kind.MAP) {
          maps.add(key.key);
        }
      }
      maps.sort(LONGEST_FIRST);
      return maps;
    }

    void add(Source source) {
      Map<String, String> seen = new HashMap<>();
      Map<Key, Object> found = new EnumMap<>(Key.class);
      for (Source.Entry e : source.entries()) {
        String name = e.path().get(0);
        String plain = plain(name);
        boolean named = e.path().size() > 1;
        Key key = keys.get(plain);
        boolean map = key == null ? sectionNames.containsKey(plain) : key.kind == Key.Kind.MAP;
        if (!map && (key == null || named)) {
          throw unknown(source, e);
        }
        String former = seen.put(named ? plain + "." + e.path().get(1) : plain, e.origin());
        if (former != null) {
          throw new IllegalArgumentException(
              String.format("%s: \"%s\" is set twice; see %s", e.origin(), name, former));
        }
        Object value = named ? Map.of(e.path().get(1), e.value()) : e.value();
        if (key == null) {
          addSection(sectionNames.getOrDefault(plain, name), value, e.origin());
        } else {
          Object read = read(key, value, e);
          if (map) {
            found.merge(key, read, Resolver::merge);
          } else {
            found.put(key, read);
          }
        }
      }
      for (Map.Entry<Key, Object> e : found.entrySet()) {
        if (e.getKey().kind == Key.Kind.MAP) {
          values.merge(e.getKey(), e.getValue(), Resolver::merge);
        } else {
          values.putIfAbsent(e.getKey(), e.getValue());
        }
      }
    }

    private Object read(Key key, Object value, Source.Entry e) {
      Object read;
      try {
        read = key.kind.read(value);
      } catch (IllegalArgumentException bad) {
        throw invalid(e, key.key, value, key.kind.expected);
      }
      if (key == Key.PLATFORM) {
        String platform = platforms.get(plain((String) read));
        if (platform == null) {
          throw invalid(
              e,
              key.key,
              value,
              "a platform on the class path: " + String.join(", ", platforms.values()));
        }
        return platform;
      }
      if (read instanceof Map<?, ?> map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.forEach((k, v) -> texts.put(String.valueOf(k), String.valueOf(v)));
        return texts;
      }
      return read;
    }

    private void addSection(String platform, Object value, String origin) {
      if (!(value instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException(
            String.format(
                "%s: \"%s\" is not valid for %s; expected a map of the platform's settings",
                origin, value, platform));
      }
      Map<String, Object> section =
          sections.computeIfAbsent(platform, name -> new LinkedHashMap<>());
      map.forEach((k, v) -> section.putIfAbsent(camel(String.valueOf(k)), v));
    }

    Settings settings(@Nullable CallListener listener) {
      for (Map.Entry<Key, Object> e : values.entrySet()) {
        if (e.getValue() instanceof Map<?, ?> map) {
          e.setValue(Collections.unmodifiableMap(map));
        }
      }
      for (Map.Entry<String, Map<String, Object>> e : sections.entrySet()) {
        e.setValue(Collections.unmodifiableMap(e.getValue()));
      }
      return new Settings(values, sections, sectionOf, listener);
    }

    private static Object merge(Object first, Object second) {
      Map<Object, Object> merged = new LinkedHashMap<>((Map<?, ?>) second);
      merged.putAll((Map<?, ?>) first);
      return merged;
    }

    private IllegalArgumentException unknown(Source source, Source.Entry e) {
      String name = String.join(".", e.path());
      List<String> known = new ArrayList<>(sectionNames.values());
      for (Key key : Key.values()) {
        known.add(key.key);
      }
      String nearest = Nearest.to(plain(name), known, Resolver::plain);
      return new IllegalArgumentException(
          String.format(
              "%s: unknown key \"%s\"; did you mean \"%s\"?",
              e.origin(), name, source.style().write(nearest)));
    }

    private static IllegalArgumentException invalid(
        Source.Entry e, String key, Object value, String expected) {
      return new IllegalArgumentException(
          String.format(
              "%s: \"%s\" is not valid for %s; expected %s",
              e.origin(), value, key, expected.replace("`", "")));
    }

    /** Returns what all ways to write a key have in common. */
    private static String plain(String key) {
      return key.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static String camel(String key) {
      if (key.indexOf('-') < 0 && key.indexOf('_') < 0 && !key.equals(upper(key))) {
        return key;
      }
      StringBuilder camel = new StringBuilder();
      for (String word : key.split("[-_]", -1)) {
        if (!word.isEmpty()) {
          String lower = word.toLowerCase(Locale.ROOT);
          camel.append(
              camel.length() == 0 ? lower : upper(lower.substring(0, 1)) + lower.substring(1));
        }
      }
      return camel.toString();
    }

    private static String upper(String text) {
      return text.toUpperCase(Locale.ROOT);
    }
  }
}
