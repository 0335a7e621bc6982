package dev.martlet.internal.dispatch;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The JVM-wide state that tasks see: default locales, time zone and system properties. Of a
 * property that seems to be a secret only the name leaves the machine, so that a task which reads
 * it is known. Immutable; equal states have equal bytes.
 */
public final class JvmState {
  private static final int LIMIT = 1 << 20;
  private static final String SEPARATOR = ",";
  private static final String ZONE = "user.timezone";
  private static final String ZONES =
      "java.util.TimeZone;java.util.SimpleTimeZone;sun.util.calendar.ZoneInfo;!*";

  /** The JDK finds its own files by them. */
  private static final Set<String> OF_MACHINE =
      Set.of(
          "java.home",
          "java.library.path",
          "sun.boot.library.path",
          "file.separator",
          "path.separator");

  /** Of the state that was made this JVM's last. */
  private static volatile Set<String> withheld = Set.of();

  private final Locale[] locales;
  private final String zone;
  private final Map<String, String> properties;
  private final Set<String> secrets;

  private JvmState(
      Locale[] locales, String zone, Map<String, String> properties, Set<String> secrets) {
    this.locales = locales;
    this.zone = zone;
    this.properties = properties;
    this.secrets = secrets;
  }

  /**
   * Returns the state of this JVM. Martlet's own settings are not part of it, since they may hold
   * secrets.
   *
   * @param extra properties to add
   * @param local whether the state stays on this machine, and so has secrets
   */
  public static JvmState current(Map<String, String> extra, boolean local) {
    // First, since it may set a property.
    String zone = name(TimeZone.getDefault());
    Map<String, String> properties = new TreeMap<>();
    Set<String> secrets = new TreeSet<>();
    Properties system = System.getProperties();
    for (String name : system.stringPropertyNames()) {
      if (!local && Secrets.isOne(name)) {
        secrets.add(name);
      } else if (!name.startsWith("martlet.")) {
        properties.put(name, system.getProperty(name));
      }
    }
    secrets.removeAll(extra.keySet());
    properties.putAll(extra);
    return new JvmState(
        new Locale[] {
          Locale.getDefault(),
          Locale.getDefault(Locale.Category.DISPLAY),
          Locale.getDefault(Locale.Category.FORMAT)
        },
        zone,
        properties,
        secrets);
  }

  /** What only clients need. */
  private static final class Secrets {
    static final Pattern NAME =
        Pattern.compile("passw|secret|credential|(access|api|private)key|token$");
    static final Pattern SIGN = Pattern.compile("[-_.]");

    static boolean isOne(String property) {
      String letters = SIGN.matcher(property.toLowerCase(Locale.ROOT)).replaceAll("");
      return NAME.matcher(letters).find();
    }
  }

  /** Returns whether the client has a property of this name that it has not told this JVM. */
  public static boolean isWithheld(@Nullable String property) {
    return property != null && withheld.contains(property);
  }

  /** Returns whether the client has any properties that it has not told this JVM. */
  public static boolean isAnyWithheld() {
    return !withheld.isEmpty();
  }

  /**
   * Makes this the state of this JVM. Properties that the state does not have are removed.
   *
   * @param local whether the state is of this machine; else what describes the machine to the JDK
   *     stays as it is. The directory of temporary files stays if the state's is not here
   */
  public void apply(boolean local) {
    withheld = secrets;
    Locale.setDefault(locales[0]);
    Locale.setDefault(Locale.Category.DISPLAY, locales[1]);
    Locale.setDefault(Locale.Category.FORMAT, locales[2]);
    boolean named = zone.equals(properties.get(ZONE));
    if (!named) {
      TimeZone.setDefault(zone(zone));
    }
    Properties system = System.getProperties();
    for (String name : system.stringPropertyNames()) {
      if (!name.startsWith("martlet.") && !properties.containsKey(name) && !isKept(name, local)) {
        system.remove(name);
      }
    }
    for (Map.Entry<String, String> e : properties.entrySet()) {
      String name = e.getKey();
      String value = e.getValue();
      if (local || !(OF_MACHINE.contains(name) || isNowhere(name, value))) {
        system.setProperty(name, value);
      }
    }
    if (named) {
      // The JDK looks when it is asked, which saves new workers the time that its zones take.
      TimeZone.setDefault(null);
    }
  }

  private static boolean isKept(String property, boolean local) {
    return !local && OF_MACHINE.contains(property);
  }

  private static boolean isNowhere(String property, String value) {
    return property.equals("java.io.tmpdir") && !Files.isDirectory(Path.of(value));
  }

  /** Writes the state. */
  public byte[] toBytes() {
    Bytes out = new Bytes();
    for (Locale l : locales) {
      out.string(name(l));
    }
    out.string(zone);
    out.integer(properties.size());
    for (Map.Entry<String, String> e : properties.entrySet()) {
      out.string(e.getKey());
      out.string(e.getValue());
    }
    out.integer(secrets.size());
    secrets.forEach(out::string);
    return out.toArray();
  }

  /** Reads a state. */
  public static JvmState read(ByteBuffer in) {
    String[] names = {string(in), string(in), string(in)};
    Locale[] locales = new Locale[names.length];
    for (int i = 0; i < names.length; i++) {
      boolean same = i > 0 && names[i].equals(names[i - 1]);
      locales[i] = same ? locales[i - 1] : locale(names[i]);
    }
    String zone = string(in);
    // In the order of the bytes, which is that of the names.
    Map<String, String> properties = new LinkedHashMap<>();
    for (int n = in.getInt(); n > 0; n--) {
      properties.put(string(in), string(in));
    }
    Set<String> secrets = new LinkedHashSet<>();
    for (int n = in.getInt(); n > 0; n--) {
      secrets.add(string(in));
    }
    return new JvmState(locales, zone, properties, secrets);
  }

  /** Returns a locale's language tag or, where that says too little, its parts. */
  private static String name(Locale l) {
    String tag = l.toLanguageTag();
    return Locale.forLanguageTag(tag).equals(l)
        ? tag
        : l.getLanguage() + SEPARATOR + l.getCountry() + SEPARATOR + l.getVariant();
  }

  private static Locale locale(String name) {
    String[] parts = name.split(SEPARATOR, -1);
    return parts.length < 3
        ? Locale.forLanguageTag(name)
        : new Locale(parts[0], parts[1], parts[2]);
  }

  /** Returns a time zone's name or, where that is another's or nobody's, what it consists of. */
  private static String name(TimeZone z) {
    String id = z.getID();
    if (TimeZone.getTimeZone(id).equals(z) || z.getClass().getClassLoader() != null) {
      return id;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(z);
    } catch (IOException e) {
      return id;
    }
    return SEPARATOR + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static TimeZone zone(String name) {
    if (!name.startsWith(SEPARATOR)) {
      return TimeZone.getTimeZone(name);
    }
    byte[] bytes = Base64.getDecoder().decode(name.substring(SEPARATOR.length()));
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      in.setObjectInputFilter(ObjectInputFilter.Config.createFilter(ZONES));
      return (TimeZone) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalArgumentException("a time zone that cannot be read", e);
    }
  }

  private static String string(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > Math.min(LIMIT, in.remaining())) {
      throw new IllegalArgumentException("a string of " + length + " bytes in a JVM state");
    }
    byte[] b = new byte[length];
    in.get(b);
    return new String(b, StandardCharsets.UTF_8);
  }

  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);

    void integer(int i) {
      out.write(i >>> 24);
      out.write(i >>> 16);
      out.write(i >>> 8);
      out.write(i);
    }

    void string(String s) {
      byte[] b = s.getBytes(StandardCharsets.UTF_8);
      integer(b.length);
      out.writeBytes(b);
    }

    byte[] toArray() {
      return out.toByteArray();
    }
  }
}
