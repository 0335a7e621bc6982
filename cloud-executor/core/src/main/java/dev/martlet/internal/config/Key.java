package dev.martlet.internal.config;

import dev.martlet.Effects;
import dev.martlet.Frontier;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of settings: each key with its type, its default and what it means. */
enum Key {
  PLATFORM("platform", Kind.NAME, "`local`", "Where functions run."),
  PARALLELISM(
      "parallelism", Kind.POSITIVE, "this machine's processors", "How many calls run at a time."),
  WORKERS(
      "workers",
      Kind.POSITIVE,
      "this machine's processors",
      "How many worker JVMs the local platform starts at most."),
  RETRIES(
      "retries",
      Kind.NATURAL,
      "`2`",
      "How often a call is sent again after its worker was lost. With `0` it runs at most once."),
  CALL_TIMEOUT(
      "callTimeout",
      Kind.DURATION_OR_NONE,
      "`none`",
      "How long one call may run before it is interrupted and fails."),
  EFFECTS(
      "effects",
      Kind.EFFECTS,
      "`on`",
      "Whether changes that tasks make to shared objects are brought back."),
  STRICT(
      "strict",
      Kind.BOOLEAN,
      "`false`",
      "Whether a task that cannot leave home is refused instead of running there."),
  FRONTIER(
      "frontier",
      Kind.FRONTIER,
      "`automatic`",
      "Where the subtrees of a fork/join pool, and the leaves of its parallel streams, leave: by measure; nowhere; at once; at a depth of the tree; or if they run at least so long."),
  OUTPUT("output", Kind.BOOLEAN, "`true`", "Whether what tasks print comes out on the client."),
  IDLE_TIMEOUT("idleTimeout", Kind.DURATION, "`60s`", "When a worker without calls is stopped."),
  LEASE_TIMEOUT(
      "leaseTimeout",
      Kind.DURATION,
      "`10s`",
      "How long a worker may be silent before it counts as lost."),
  CACHE(
      "cache",
      Kind.PATH,
      "`.cache/martlet` in the home directory",
      "Where workers keep code, and the archive that makes them start fast."),
  JOBS(
      "jobs",
      Kind.PATH,
      "`.martlet/jobs` in the home directory",
      "Where the keys of detached jobs are."),
  APPLICATION_PACKAGES(
      "applicationPackages",
      Kind.NAMES,
      "none",
      "Packages in library jars whose classes count as the application's: their statics travel."),
  JVM_OPTIONS("jvmOptions", Kind.WORDS, "none", "Options of local worker JVMs, such as `-Xmx2g`."),
  ENVIRONMENT("environment", Kind.MAP, "none", "Environment variables to pass on to workers."),
  SYSTEM_PROPERTIES(
      "systemProperties",
      Kind.MAP,
      "none",
      "System properties to pass on to workers, besides those that the program itself has set.");

  final String key;
  final Kind kind;
  final String fallback;
  final String meaning;

  Key(String key, Kind kind, String fallback, String meaning) {
    this.key = key;
    this.kind = kind;
    this.fallback = fallback;
    this.meaning = meaning;
  }

  /** Returns the table as Markdown. */
  static String table() {
    StringBuilder table =
        new StringBuilder("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    for (Key k : values()) {
      table.append(
          String.format(
              "| `%s` | %s | %s | %s |%n".replace("%n", "\n"),
              k.key,
              k.kind.expected,
              k.fallback,
              k.meaning));
    }
    return table.toString();
  }

  /** The types of values. */
  enum Kind {
    NAME("a name") {
      @Override
      Object read(Object value) {
        return text(value);
      }
    },
    NATURAL("a whole number, 0 or more") {
      @Override
      Object read(Object value) {
        return number(value, 0);
      }
    },
    POSITIVE("a whole number, 1 or more") {
      @Override
      Object read(Object value) {
        return number(value, 1);
      }
    },
    BOOLEAN("`true` or `false`") {
      @Override
      Object read(Object value) {
        return switch (text(value).toLowerCase(Locale.ROOT)) {
          case "true" -> true;
          case "false" -> false;
          default -> throw new IllegalArgumentException();
        };
      }
    },
    EFFECTS("`on` or `off`") {
      @Override
      Object read(Object value) {
        return switch (text(value).toLowerCase(Locale.ROOT)) {
          case "on", "true" -> Effects.ON; // YAML 1.1 editors turn a bare on into true
          case "off", "false" -> Effects.OFF;
          default -> throw new IllegalArgumentException();
        };
      }
    },
    FRONTIER("`automatic`, `local`, `remote`, `depth N` or `work DURATION`") {
      @Override
      Object read(Object value) {
        if (value instanceof Frontier) {
          return value;
        }
        String[] words = text(value).toLowerCase(Locale.ROOT).split("\\s+", 2);
        if (words.length == 1) {
          return switch (words[0]) {
            case "automatic" -> Frontier.automatic();
            case "local" -> Frontier.allLocal();
            case "remote" -> Frontier.allRemote();
            default -> throw new IllegalArgumentException();
          };
        }
        return switch (words[0]) {
          case "depth" -> Frontier.depth((int) number(words[1], 0));
          case "work" -> Frontier.minimumWork((Duration) duration(words[1]));
          default -> throw new IllegalArgumentException();
        };
      }
    },
    DURATION("a duration, such as `30s`, `500ms`, `5m` or `PT1H`") {
      @Override
      Object read(Object value) {
        return duration(value);
      }
    },
    DURATION_OR_NONE("a duration, such as `30s`, `500ms`, `5m` or `PT1H`, or `none`") {
      @Override
      Object read(Object value) {
        return text(value).equalsIgnoreCase("none") ? Optional.empty() : duration(value);
      }
    },
    PATH("a directory") {
      @Override
      Object read(Object value) {
        try {
          return Path.of(text(value));
        } catch (InvalidPathException e) {
          throw new IllegalArgumentException(e);
        }
      }
    },
    NAMES("names, separated by commas") {
      @Override
      Object read(Object value) {
        return list(value, "[\\s,]+");
      }
    },
    WORDS("a list, or words separated by spaces") {
      @Override
      Object read(Object value) {
        return list(value, "\\s+");
      }
    },
    MAP("a map of names and values") {
      @Override
      Object read(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
          throw new IllegalArgumentException();
        }
        map.values().forEach(Kind::text);
        return map;
      }
    };

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    final String expected;

    Kind(String expected) {
      this.expected = expected;
    }

    /**
     * Reads a value: of the type itself, or as text.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    abstract Object read(Object value);

    private static String text(Object value) {
      if (value instanceof Map || value instanceof List) {
        throw new IllegalArgumentException();
      }
      String text = value.toString().trim();
      if (text.isEmpty()) {
        throw new IllegalArgumentException();
      }
      return text;
    }

    private static Object number(Object value, int least) {
      int number = Integer.parseInt(text(value));
      if (number < least) {
        throw new IllegalArgumentException();
      }
      return number;
    }

    private static Object duration(Object value) {
      Duration duration = value instanceof Duration d ? d : parseDuration(text(value));
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException();
      }
      return duration.compareTo(LONGEST) > 0 ? LONGEST : duration; // its nanoseconds fit a long
    }

    /** Loaded only if there is a duration to read. */
    private static final class Durations {
      static final Pattern SHORT = Pattern.compile("(\\d{1,18})\\s*(ns|us|ms|s|m|h|d)");
    }

    private static Duration parseDuration(String text) {
      Matcher m = Durations.SHORT.matcher(text.toLowerCase(Locale.ROOT));
      try {
        if (!m.matches()) {
          return Duration.parse(text);
        }
        long amount = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
          case "ns" -> Duration.ofNanos(amount);
          case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000L));
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
      } catch (DateTimeException | ArithmeticException e) {
        throw new IllegalArgumentException(e);
      }
    }

    private static Object list(Object value, String separator) {
      List<String> items = new ArrayList<>();
      if (value instanceof List<?> list) {
        list.forEach(item -> items.add(text(item)));
      } else {
        for (String item : text(value).split(separator, -1)) {
          if (!item.isEmpty()) {
            items.add(item);
          }
        }
      }
      return List.copyOf(items);
    }
  }
}
