package dev.martlet.internal.effects;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What types of the JDK do, read from text as {@link JdkFacts} has it. The lines about a package,
 * and those about a type, are read when it is asked for, since a new worker asks for few.
 * Thread-safe.
 */
final class JdkRules {
  private final Map<String, String> facts;
  private final Map<String, OfPackage> packages = new ConcurrentHashMap<>();

  /**
   * Creates rules.
   *
   * @param facts by the names of packages
   */
  JdkRules(Map<String, String> facts) {
    this.facts = facts;
  }

  /** Returns all types that there are rules for but {@linkplain #isWrapper those that pass on}. */
  Set<String> types() {
    Set<String> all = new HashSet<>();
    for (String name : facts.keySet()) {
      OfPackage p = named(name);
      all.addAll(p.rules.keySet());
      all.removeAll(p.wrappers);
    }
    return all;
  }

  /** Returns the types whose instances are thread-safe shared state. */
  Set<String> shared() {
    Set<String> all = new HashSet<>();
    for (String name : facts.keySet()) {
      all.addAll(named(name).shared);
    }
    return all;
  }

  /** Returns whether instances of a type are thread-safe shared state. */
  boolean isShared(String type) {
    OfPackage p = of(type);
    return p != null && p.shared.contains(type);
  }

  /** Returns whether instances of a type pass calls on. */
  boolean isWrapper(String type) {
    OfPackage p = of(type);
    return p != null && p.wrappers.contains(type);
  }

  /** Returns what a type's methods do, or null if there are no rules for it. */
  @Nullable Map<String, Operation> operations(String type) {
    Rules r = rules(type);
    return r == null ? null : r.operations();
  }

  /** Returns whether a type's rules say that a release answers with its receiver. */
  boolean isChain(String type, String method) {
    Rules r = rules(type);
    return r != null && r.chains().contains(method);
  }

  private @Nullable Rules rules(String type) {
    OfPackage p = of(type);
    return p == null ? null : p.rules.get(type);
  }

  private @Nullable OfPackage of(String type) {
    int slash = type.lastIndexOf('/');
    String name = slash < 0 ? "" : type.substring(0, slash);
    return facts.containsKey(name) ? named(name) : null;
  }

  private OfPackage named(String name) {
    OfPackage p = packages.get(name);
    if (p == null) {
      OfPackage read = new OfPackage(name, Objects.requireNonNull(facts.get(name)));
      p = packages.putIfAbsent(name, read);
      p = p == null ? read : p;
    }
    return p;
  }

  /** Returns the lines that are not empty; no regular expression, for speed at start. */
  static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int end;
    for (int from = 0; from < text.length(); from = end + 1) {
      end = text.indexOf('\n', from);
      if (end < 0) {
        end = text.length();
      }
      if (end > from) {
        lines.add(text.substring(from, end));
      }
    }
    return lines;
  }

  /** Returns the words of a line. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    int end;
    for (int from = 0; from < line.length(); from = end + 1) {
      end = line.indexOf(' ', from);
      if (end < 0) {
        end = line.length();
      }
      if (end > from) {
        words.add(line.substring(from, end));
      }
    }
    return words;
  }

  /** Those of a package. */
  private static final class OfPackage {
    final Map<String, Rules> rules = new HashMap<>();
    final Set<String> shared = new HashSet<>();
    final Set<String> wrappers = new HashSet<>();

    OfPackage(String name, String facts) {
      String prefix = name.concat("/");
      List<Rules> group = List.of();
      for (String line : lines(facts)) {
        if (line.charAt(0) == ' ') {
          for (Rules r : group) {
            r.unread.add(line);
          }
          continue;
        }
        List<String> words = words(line);
        String kind = words.get(0);
        group = new ArrayList<>();
        for (String word : words.subList(1, words.size())) {
          String type = prefix.concat(word);
          Rules r = rules.get(type);
          if (r == null) {
            r = new Rules();
            rules.put(type, r);
          }
          group.add(r);
          if (kind.equals("shared")) {
            shared.add(type);
          } else if (kind.equals("wrapper")) {
            wrappers.add(type);
          }
        }
      }
    }
  }

  /** Those of a type. */
  private static final class Rules {
    final List<String> unread = new ArrayList<>();
    private final Map<String, Operation> operations = new HashMap<>();
    private final Set<String> chains = new HashSet<>();

    synchronized Map<String, Operation> operations() {
      read();
      return operations;
    }

    synchronized Set<String> chains() {
      read();
      return chains;
    }

    private void read() {
      for (String line : unread) {
        List<String> words = words(line);
        List<String> methods = words.subList(1, words.size());
        boolean chain = words.get(0).equals("chain");
        Operation operation =
            chain ? Operation.RELEASE : Operation.valueOf(words.get(0).toUpperCase(Locale.ROOT));
        methods.forEach(m -> operations.put(m, operation));
        if (chain) {
          chains.addAll(methods);
        }
      }
      unread.clear();
    }
  }
}
