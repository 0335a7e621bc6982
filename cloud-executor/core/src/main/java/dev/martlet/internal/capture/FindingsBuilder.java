package dev.martlet.internal.capture;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what an analysis finds, and for each finding how the code gets there. */
final class FindingsBuilder {
  final Set<FieldRef> fieldsRead = new LinkedHashSet<>();
  final Set<FieldRef> fieldsWritten = new LinkedHashSet<>();
  final Set<FieldRef> staticsRead = new LinkedHashSet<>();
  final Set<FieldRef> staticsWritten = new LinkedHashSet<>();
  final Set<String> classes = new LinkedHashSet<>();
  final Set<LockRef> locks = new LinkedHashSet<>();
  final Set<FieldRef> volatileReads = new LinkedHashSet<>();
  final Set<FieldRef> volatileWrites = new LinkedHashSet<>();
  final Set<JdkCall> calls = new LinkedHashSet<>();
  final Set<String> settings = new HashSet<>();
  private final Set<String> flags = new HashSet<>();
  private final Map<Object, String> paths = new HashMap<>();
  boolean comparesReferences;

  boolean has(String flag) {
    return flags.contains(flag);
  }

  void flag(String flag, @Nullable CallPath path, String what) {
    flags.add(flag);
    paths.putIfAbsent(flag, at(path, what));
  }

  /** Keeps the first path to a finding. */
  void path(Object finding, String path) {
    paths.putIfAbsent(finding, path);
  }

  /** Keeps a path that tells more than the first. */
  void betterPath(Object finding, String path) {
    paths.put(finding, path);
  }

  static String at(@Nullable CallPath path, String what) {
    return path == null ? what : path + ": " + what;
  }

  Findings build(Set<String> made) {
    return new Findings(
        Collections.unmodifiableSet(fieldsRead),
        Collections.unmodifiableSet(fieldsWritten),
        Collections.unmodifiableSet(staticsRead),
        Collections.unmodifiableSet(staticsWritten),
        Collections.unmodifiableSet(classes),
        Collections.unmodifiableSet(made),
        Collections.unmodifiableSet(locks),
        Collections.unmodifiableSet(volatileReads),
        Collections.unmodifiableSet(volatileWrites),
        Collections.unmodifiableSet(calls),
        Collections.unmodifiableSet(settings),
        flags.contains("external"),
        flags.contains("reflective"),
        flags.contains("startsThreads"),
        flags.contains("usesThreadLocal"),
        flags.contains("opaque"),
        flags.contains("loud"),
        comparesReferences || flags.contains("opaque"),
        Map.copyOf(paths));
  }
}
