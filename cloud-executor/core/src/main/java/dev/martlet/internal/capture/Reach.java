package dev.martlet.internal.capture;

import dev.martlet.internal.effects.JdkTable;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which code a task can reach, and what that code does: rapid type analysis over byte code.
 *
 * <p>A virtual call goes to every class that the task's graph holds or reachable code makes. The
 * JDK's own code is not read: {@link JdkTable} says what it does, and it may call whatever a class
 * implements of the JDK's types; {@code equals}, {@code hashCode} and {@code toString} only if
 * something that uses them is called. Bodies of lambdas are reachable where the lambda is made.
 * Static initialisers are not part of a task, but what they make counts as made.
 *
 * <p>{@link MethodScanner} reads a method's instructions, {@link CodeWalk} goes from method to
 * method, and {@link Sharing} then takes out what is certainly the task's own, which {@link Flow}
 * tells. This class keeps the results.
 *
 * <p>It is a hint: what it misses, reflection for one, is caught where the task runs. Nothing about
 * strange code makes it fail.
 */
public final class Reach {
  /** More methods than this are not looked at. */
  static final int LIMIT = 20_000;

  /** As many results are kept for one {@link ClassFiles}. */
  private static final int KEPT = 4_096;

  /** What is known of the classes of one {@link ClassFiles}. */
  private static final class Known {
    final Hierarchy hierarchy;
    final Map<Predicate<String>, Map<Key, Findings>> findings =
        Collections.synchronizedMap(new WeakHashMap<>());

    Known(ClassFiles files) {
      hierarchy = new Hierarchy(files);
    }
  }

  /** An analysis by names, so that no class is held. */
  private record Key(List<Entry> entries, Set<String> graphTypes, @Nullable Leads leads) {
    // As the compiler's, which each costs a new JVM milliseconds to link.
    @Override
    public int hashCode() {
      return 31 * (31 * entries.hashCode() + graphTypes.hashCode()) + Objects.hashCode(leads);
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Key k
          && entries.equals(k.entries)
          && graphTypes.equals(k.graphTypes)
          && Objects.equals(leads, k.leads);
    }
  }

  /** Where the code begins. */
  record Entry(
      String owner, String name, String descriptor, boolean dropped, @Nullable String receiver) {
    @Override
    public int hashCode() {
      return 31 * (31 * owner.hashCode() + name.hashCode()) + descriptor.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Entry e
          && owner.equals(e.owner)
          && name.equals(e.name)
          && descriptor.equals(e.descriptor)
          && dropped == e.dropped
          && Objects.equals(receiver, e.receiver);
    }
  }

  private static final Map<ClassFiles, Known> KNOWN = new WeakHashMap<>();

  private Reach() {}

  /**
   * Analyses the code that the entries reach. The result is kept for as long as {@code files} and
   * {@code isApplication} are reachable: asking again costs a look-up.
   *
   * @param entries where the code begins; for each lambda in the graph its implementation, too
   * @param graphTypes the run-time classes of the captured objects
   * @param isApplication whether the statics of a class, by its internal name, come from home
   */
  public static Findings analyse(
      Collection<EntryPoint> entries,
      Collection<Class<?>> graphTypes,
      ClassFiles files,
      Predicate<String> isApplication) {
    return analyse(entries, graphTypes, files, isApplication, null);
  }

  /**
   * Analyses the code likewise.
   *
   * @param leads where thread-safe objects of the JDK are, or null if they may be anywhere
   */
  static Findings analyse(
      Collection<EntryPoint> entries,
      Collection<Class<?>> graphTypes,
      ClassFiles files,
      Predicate<String> isApplication,
      @Nullable Leads leads) {
    Known known;
    synchronized (KNOWN) {
      known = KNOWN.computeIfAbsent(files, Known::new);
    }
    Map<Key, Findings> findings =
        known.findings.computeIfAbsent(isApplication, p -> new ConcurrentHashMap<>());
    Key key = key(entries, graphTypes, leads);
    Findings result = findings.get(key);
    if (result == null) {
      result = analyse(key, known.hierarchy, isApplication, files);
      if (findings.size() >= KEPT) {
        findings.clear();
      }
      findings.put(key, result);
    }
    return result;
  }

  private static Findings analyse(
      Key key, Hierarchy hierarchy, Predicate<String> isApplication, ClassFiles files) {
    try {
      CodeWalk walk = new CodeWalk(hierarchy, isApplication);
      walk.run(key.entries, key.graphTypes);
      new Sharing(walk, key.leads).judge();
      return walk.findings.build(walk.made());
    } finally {
      Reference.reachabilityFence(files);
    }
  }

  private static Key key(
      Collection<EntryPoint> entries, Collection<Class<?>> graphTypes, @Nullable Leads leads) {
    Set<String> types = new TreeSet<>();
    for (Class<?> type : graphTypes) {
      if (!type.isHidden() && !type.isArray() && !type.isPrimitive()) {
        types.add(Hierarchy.internalName(type));
      }
    }
    List<Entry> names = new ArrayList<>();
    for (EntryPoint e : entries) {
      Class<?> type = e.receiver();
      String receiver = type == null || type.isHidden() ? null : Hierarchy.internalName(type);
      if (receiver != null && !receiver.startsWith("[")) {
        types.add(receiver);
      }
      names.add(new Entry(e.owner(), e.name(), e.descriptor(), e.resultDropped(), receiver));
    }
    return new Key(names, types, leads);
  }
}
