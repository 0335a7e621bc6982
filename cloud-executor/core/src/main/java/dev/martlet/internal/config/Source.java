package dev.martlet.internal.config;

import dev.martlet.spi.PoolSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One place that settings come from, as a list of entries in the order of that place.
 *
 * @param entries what it says
 * @param style how a key is written there, for advice
 */
record Source(List<Entry> entries, Style style) {
  Source {
    entries = List.copyOf(entries);
  }

  /**
   * One setting.
   *
   * @param path the key, and below a map's key the names in it
   * @param value text, a list, a map, or an object of the setting's own type
   * @param origin where it is written, for messages
   */
  record Entry(List<String> path, Object value, String origin) {}

  /** How a key is written. */
  enum Style {
    PLAIN {
      @Override
      String write(String key) {
        return key;
      }
    },
    PROPERTY {
      @Override
      String write(String key) {
        return "martlet." + key;
      }
    },
    VARIABLE {
      @Override
      String write(String key) {
        return "MARTLET_"
            + key.replaceAll("([a-z])([A-Z])", "$1_$2").replace('-', '_').toUpperCase(Locale.ROOT);
      }
    };

    abstract String write(String key);
  }

  static Source builder(PoolSettings settings) {
    Map<String, Object> all = new LinkedHashMap<>(settings.values());
    if (!settings.environment().isEmpty()) {
      all.put(Key.ENVIRONMENT.key, settings.environment());
    }
    if (!settings.systemProperties().isEmpty()) {
      all.put(Key.SYSTEM_PROPERTIES.key, settings.systemProperties());
    }
    if (!settings.jvmOptions().isEmpty()) {
      all.put(Key.JVM_OPTIONS.key, settings.jvmOptions());
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, Object> e : all.entrySet()) {
      entries.add(new Entry(List.of(e.getKey()), e.getValue(), "builder"));
    }
    return new Source(entries, Style.PLAIN);
  }

  /** Takes {@code martlet.key=value} and, in maps, {@code martlet.key.name=value}. */
  static Source properties(Map<String, String> properties) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, String> e : properties.entrySet()) {
      String name = e.getKey();
      if (name.startsWith("martlet.")
          && !name.startsWith("martlet.internal.")
          && !name.equals("martlet.config")) {
        entries.add(
            new Entry(
                List.of(name.substring("martlet.".length()).split("\\.", 2)),
                e.getValue(),
                "system property " + name));
      }
    }
    return new Source(entries, Style.PROPERTY);
  }

  /** Takes {@code MARTLET_KEY=value} and, in the maps named, {@code MARTLET_KEY_name=value}. */
  static Source environment(Map<String, String> environment, Iterable<String> maps) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, String> e : environment.entrySet()) {
      String name = e.getKey();
      if (name.startsWith("MARTLET_")
          && !name.startsWith("MARTLET_INTERNAL_")
          && !name.equals("MARTLET_CONFIG")) {
        entries.add(new Entry(split(name, maps), e.getValue(), "environment variable " + name));
      }
    }
    return new Source(entries, Style.VARIABLE);
  }

  private static List<String> split(String name, Iterable<String> maps) {
    for (String map : maps) {
      String prefix = Style.VARIABLE.write(map) + "_";
      if (name.startsWith(prefix) && name.length() > prefix.length()) {
        return List.of(map, name.substring(prefix.length()));
      }
    }
    return List.of(name.substring("MARTLET_".length()));
  }
}
