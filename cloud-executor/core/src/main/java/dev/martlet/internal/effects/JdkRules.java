package dev.martlet.internal.effects;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What types of the JDK do, read from text as {@link JdkFacts} has it. The lines about a type are
 * read when it is asked for, since a new worker asks for few. Thread-safe.
 */
final class JdkRules {
  private final Map<String, Rules> rules = new HashMap<>();
  private final Set<String> shared = new HashSet<>();
  private final Set<String> wrappers = new HashSet<>();

  JdkRules(String facts) {
    String pkg = "";
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
      if (kind.equals("package")) {
        pkg = words.get(1).concat("/");
        continue;
      }
      group = new ArrayList<>();
      for (String word : words.subList(1, words.size())) {
        String type = pkg.concat(word);
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

  /** Returns all types that there are rules for. */
  Set<String> types() {
    return rules.keySet();
  }

  /** Returns the types whose instances are thread-safe shared state. */
  Set<String> shared() {
    return shared;
  }

  /** Returns the types whose instances pass calls on. */
  Set<String> wrappers() {
    return wrappers;
  }

  /** Returns what a type's methods do, or null if there are no rules for it. */
  @Nullable Map<String, Operation> of(String type) {
    Rules r = rules.get(type);
    return r == null ? null : r.operations();
  }

  /** Returns whether a type's rules say that a release answers with its receiver. */
  boolean isChain(String type, String method) {
    Rules r = rules.get(type);
    return r != null && r.chains().contains(method);
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
