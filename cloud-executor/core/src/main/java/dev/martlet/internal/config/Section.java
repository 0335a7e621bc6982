package dev.martlet.internal.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a platform's own section of the settings, key by key; {@link #end} finds keys that nobody
 * asked for. Not thread-safe.
 */
public final class Section {
  private final String name;
  private final Map<String, Object> values;
  private final Set<String> known = new TreeSet<>();

  /**
   * Creates a reader.
   *
   * @param name what the section is called in the settings
   * @param values by keys in camel case
   */
  public Section(String name, Map<String, Object> values) {
    this.name = name;
    this.values = new LinkedHashMap<>(values);
  }

  /**
   * Returns text.
   *
   * @param form what it must match
   * @param expected describes the form
   */
  public @Nullable String text(String key, Pattern form, String expected) {
    String text = (String) read(key, Key.Kind.NAME, expected);
    if (text != null && !form.matcher(text).matches()) {
      throw invalid(key, expected);
    }
    return text;
  }

  /** Returns a whole number from a range. */
  public int number(String key, int fallback, int least, int most) {
    String expected = "a whole number from " + least + " to " + most;
    Object number = read(key, Key.Kind.NATURAL, expected);
    if (number == null) {
      return fallback;
    }
    if ((int) number < least || (int) number > most) {
      throw invalid(key, expected);
    }
    return (int) number;
  }

  /** Returns whether a key was given. */
  public boolean has(String key) {
    known.add(key);
    return values.get(key) != null;
  }

  /** Returns a truth value. */
  public boolean truth(String key, boolean fallback) {
    Object truth = read(key, Key.Kind.BOOLEAN, Key.Kind.BOOLEAN.expected);
    return truth == null ? fallback : (boolean) truth;
  }

  /** Returns a duration from a range. */
  public Duration duration(String key, Duration fallback, Duration least, Duration most) {
    String expected = "a duration from " + least.toSeconds() + "s to " + most.toSeconds() + "s";
    Duration duration = (Duration) read(key, Key.Kind.DURATION, expected);
    if (duration == null) {
      return fallback;
    }
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw invalid(key, expected);
    }
    return duration;
  }

  /** Returns a list of names; empty if there is none. */
  @SuppressWarnings("unchecked")
  public List<String> names(String key) {
    Object names = read(key, Key.Kind.NAMES, Key.Kind.NAMES.expected);
    return names == null ? List.of() : (List<String>) names;
  }

  /** Returns a map of texts; empty if there is none. */
  public Map<String, String> texts(String key) {
    Object map = read(key, Key.Kind.MAP, Key.Kind.MAP.expected);
    Map<String, String> texts = new LinkedHashMap<>();
    if (map != null) {
      ((Map<?, ?>) map).forEach((k, v) -> texts.put(String.valueOf(k), String.valueOf(v)));
    }
    return texts;
  }

  /**
   * Checks that every key was one that something asked for.
   *
   * @throws IllegalArgumentException if one was not, with the nearest one that is known
   */
  public void end() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            String.format(
                "%s: unknown key \"%s\"; did you mean \"%s\"?",
                name, key, Nearest.to(key, known, UnaryOperator.identity())));
      }
    }
  }

  /** Returns the complaint about a value. */
  public IllegalArgumentException invalid(String key, String expected) {
    return new IllegalArgumentException(
        String.format(
            "%s.%s: \"%s\" is not valid; expected %s",
            name, key, values.get(key), expected.replace("`", "")));
  }

  private @Nullable Object read(String key, Key.Kind kind, String expected) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return null;
    }
    try {
      return kind.read(value);
    } catch (IllegalArgumentException e) {
      throw invalid(key, expected);
    }
  }
}
