package dev.martlet.internal.effects;

import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The one table of what the JDK's types do to memory that threads share. The analysis of a task's
 * code reads it by the names at a call site, the woven worker by the run-time class of a receiver.
 *
 * <p>Names are internal, {@code java/util/Map}; descriptors are those of methods. What the table
 * does not know of a thread-safe type is an {@link Operation#ACQUIRE}: it keeps a task at home and
 * so is never wrong.
 *
 * <p>Stateless but for caches, and safe for use by many threads.
 */
public final class JdkTable {
  private static final JdkRules RULES = new JdkRules(JdkFacts.OPERATIONS);
  private static final JdkRules UNBOUNDED = new JdkRules(JdkFacts.UNBOUNDED);

  private static final Members EXTERNAL = new Members(JdkFacts.EXTERNAL);
  private static final Members REFLECTIVE = new Members(JdkFacts.REFLECTIVE);
  private static final Members OPAQUE = new Members(JdkFacts.OPAQUE);
  private static final Members THREADS = new Members(JdkFacts.THREADS);
  private static final Members STARTED = new Members(JdkFacts.STARTED);
  private static final Map<String, Members> SETTINGS = settings();
  private static final Members READ_OBJECTS = new Members(JdkFacts.READ_OBJECTS);
  private static final Members KEEP_ARGUMENT = new Members(JdkFacts.KEEP_ARGUMENT);

  private static final ClassValue<Boolean> SYNCHRONISES =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return computeSynchronises(type);
        }
      };

  private static final ClassValue<Map<String, Operation>> OPERATIONS =
      new ClassValue<>() {
        @Override
        protected Map<String, Operation> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private static final Map<String, Operation> BY_OWNER = new ConcurrentHashMap<>();

  private JdkTable() {}

  /* ---------------- Types ---------------- */

  /**
   * Returns whether instances of a class are thread-safe shared state of a JDK type: atomics,
   * locks, concurrent and synchronized collections, futures and the like, and subclasses of these.
   */
  public static boolean synchronises(Class<?> runtimeType) {
    return SYNCHRONISES.get(runtimeType);
  }

  /**
   * Returns whether instances of a JDK class pass calls on to another object, which may be one that
   * {@linkplain #synchronises synchronises}: a set from a map, an unmodifiable view.
   */
  public static boolean wraps(Class<?> runtimeType) {
    return RULES.isWrapper(internalName(runtimeType));
  }

  /**
   * Returns whether a receiver of this static type could be an object that synchronises at run
   * time. It is true of {@code Object} for the sake of {@code equals}, {@code hashCode} and {@code
   * toString}.
   */
  public static boolean maySynchronise(String staticOwner) {
    return MaySynchronise.TYPES.contains(staticOwner) || isView(staticOwner);
  }

  /** Returns whether a type is part of the running JDK, or of Martlet's API. */
  public static boolean isJdk(String owner) {
    int slash = owner.lastIndexOf('/');
    return slash > 0 && (Packages.contain(owner.substring(0, slash)) || isMartlet(owner, slash));
  }

  private static boolean isMartlet(String owner, int slash) {
    return owner.startsWith("dev/martlet/")
        && (slash == "dev/martlet".length()
            || (slash == "dev/martlet/spi".length() && owner.startsWith("dev/martlet/spi/")));
  }

  /* ---------------- Methods ---------------- */

  /** Returns what a method does when its receiver, of this class, synchronises. */
  public static Operation operation(Class<?> runtimeType, String name, String descriptor) {
    Map<String, Operation> known = OPERATIONS.get(runtimeType);
    String key = name.concat(descriptor);
    Operation operation = known.get(key);
    if (operation == null) {
      operation = lookUp(lineage(runtimeType), name, descriptor);
      known.put(key, operation);
    }
    return operation;
  }

  /**
   * Returns what a method does on this receiver, which synchronises. It knows more than {@link
   * #operation(Class, String, String)}: adding to a queue that has no bound cannot block.
   */
  public static Operation operationOn(Object receiver, String name, String descriptor) {
    Class<?> type = receiver.getClass();
    if (isUnbounded(receiver)) {
      Map<String, Operation> rules =
          UNBOUNDED.operations(
              receiver instanceof BlockingDeque
                  ? "java/util/concurrent/LinkedBlockingDeque"
                  : "java/util/concurrent/LinkedBlockingQueue");
      Operation operation = rules == null ? null : find(rules, name, descriptor);
      if (operation != null) {
        return operation;
      }
    }
    return operation(type, name, descriptor);
  }

  /** Returns whether an object is a linked blocking queue or deque without a bound. */
  public static boolean isUnbounded(Object object) {
    return (object instanceof LinkedBlockingQueue || object instanceof LinkedBlockingDeque)
        && ((BlockingQueue<?>) object).remainingCapacity() > Integer.MAX_VALUE / 2;
  }

  /** Returns what a method does when its receiver synchronises and, if a queue, has no bound. */
  public static Operation operationUnbounded(Class<?> type, String name, String descriptor) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      Map<String, Operation> rules = UNBOUNDED.operations(internalName(c));
      Operation operation = rules == null ? null : find(rules, name, descriptor);
      if (operation != null) {
        return operation;
      }
    }
    return operation(type, name, descriptor);
  }

  /**
   * Guesses, from the static type at a call site, what a call does if its receiver synchronises.
   */
  public static Operation operation(String owner, String name, String descriptor) {
    String key = owner + '.' + name + descriptor;
    Operation operation = BY_OWNER.get(key);
    if (operation == null) {
      Class<?> type = load(owner);
      operation = lookUp(type == null ? List.of(owner) : lineage(type), name, descriptor);
      BY_OWNER.put(key, operation);
    }
    return operation;
  }

  /**
   * Returns whether a release answers with its receiver, so that using the result tells nothing.
   */
  public static boolean returnsThis(Class<?> runtimeType, String name, String descriptor) {
    return returnsThis(lineage(runtimeType), name);
  }

  /**
   * Returns whether a release answers with its receiver, so that using the result tells nothing.
   */
  public static boolean returnsThis(String owner, String name, String descriptor) {
    Class<?> type = load(owner);
    return returnsThis(type == null ? List.of(owner) : lineage(type), name);
  }

  /**
   * Returns whether a call touches the world outside the JVM; printing and reading do not count.
   */
  public static boolean external(String owner, String name, String descriptor) {
    return EXTERNAL.contain(owner, name, descriptor);
  }

  /** Returns whether a call reads or writes fields without a field instruction at the call site. */
  public static boolean reflective(String owner, String name, String descriptor) {
    return REFLECTIVE.contain(owner, name, descriptor);
  }

  /** Returns whether a call runs code that the call site does not name. */
  public static boolean opaque(String owner, String name, String descriptor) {
    return OPAQUE.contain(owner, name, descriptor);
  }

  /**
   * Returns what a call depends on of all that a program can set for its whole JVM, such as {@code
   * security}.
   */
  public static Set<String> settings(String owner, String name, String descriptor) {
    Set<String> kinds = new HashSet<>();
    SETTINGS.forEach(
        (kind, members) -> {
          if (members.contain(owner, name, descriptor)) {
            kinds.add(kind);
          }
        });
    return kinds;
  }

  private static Map<String, Members> settings() {
    Map<String, Members> members = new HashMap<>();
    for (String line : JdkRules.lines(JdkFacts.SETTINGS)) {
      int space = line.indexOf(' ');
      members.put(line.substring(0, space), new Members(line.substring(space)));
    }
    return members;
  }

  /** Returns whether a call may start a thread that outlives it. */
  public static boolean startsThread(String owner, String name, String descriptor) {
    return THREADS.contain(owner, name, descriptor);
  }

  /**
   * Returns whether the result of a call is a thread or a future by which something goes on that
   * cannot be found otherwise.
   */
  public static boolean leavesRunning(String owner, String name, String descriptor) {
    return STARTED.contain(owner, name, descriptor);
  }

  /**
   * Returns whether a method of the JDK reads the contents of its argument, counted from 0 without
   * the receiver, where the argument may be a container or another object that synchronises.
   */
  public static boolean readsArgument(String owner, String name, String descriptor, int parameter) {
    String type = parameterTypes(descriptor).get(parameter);
    if (type.length() == 1 || type.equals("java/lang/String")) {
      return false; // without looking at what all others may be
    }
    if (KEEP_ARGUMENT.contain(owner, name, descriptor)) {
      return false;
    }
    if (type.equals("java/lang/Object") || type.equals("[Ljava/lang/Object;")) {
      return READ_OBJECTS.contain(owner, name, descriptor);
    }
    if (type.startsWith("[L")) {
      type = type.substring(2, type.length() - 1);
    }
    return type.charAt(0) != '['
        && !type.equals("java/lang/Runnable")
        && !type.equals("java/util/concurrent/Executor")
        && maySynchronise(type)
        && isJdk(owner);
  }

  /**
   * Returns whether a method is the check by which JShell stops a snippet of its own JVM, woven by
   * it into all code. A task that is away is stopped otherwise.
   */
  public static boolean isStopCheck(String owner, String name) {
    return name.equals("stopCheck") && owner.equals("REPL/$Cancel$");
  }

  /** Returns whether a method of the JDK turns an argument, declared as an object, into text. */
  public static boolean prints(String owner, String name, String descriptor) {
    return READ_OBJECTS.contain(owner, name, descriptor)
        && !name.toLowerCase(Locale.ROOT).contains("equals")
        && !name.toLowerCase(Locale.ROOT).contains("hash")
        && (descriptor.contains("Ljava/lang/Object;)")
            || descriptor.contains("[Ljava/lang/Object;"));
  }

  /* ---------------- Look-up ---------------- */

  private static Operation lookUp(List<String> lineage, String name, String descriptor) {
    for (String type : lineage) {
      Map<String, Operation> rules = RULES.operations(type);
      Operation operation = rules == null ? null : find(rules, name, descriptor);
      if (operation != null) {
        return operation;
      }
    }
    return Operation.ACQUIRE;
  }

  private static @Nullable Operation find(
      Map<String, Operation> rules, String name, String descriptor) {
    Operation operation = rules.get(name);
    if (operation == null) {
      operation = rules.get(name + '/' + parameterTypes(descriptor).size());
    }
    if (operation == null) {
      for (Map.Entry<String, Operation> rule : rules.entrySet()) {
        if (matches(rule.getKey(), name, descriptor)) {
          return rule.getValue();
        }
      }
    }
    return operation;
  }

  private static boolean returnsThis(List<String> lineage, String name) {
    for (String type : lineage) {
      if (RULES.isChain(type, name)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a {@code rule} with an opening parenthesis stands for a method. */
  private static boolean matches(String rule, String name, String descriptor) {
    int parenthesis = rule.indexOf('(');
    return parenthesis == name.length()
        && rule.startsWith(name)
        && descriptor.startsWith(rule.substring(parenthesis));
  }

  /** Returns a type and its supertypes: classes first, then interfaces, the more special first. */
  private static List<String> lineage(Class<?> type) {
    List<String> names = new ArrayList<>();
    List<Class<?>> interfaces = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      names.add(internalName(c));
      collectInterfaces(c, interfaces);
    }
    while (!interfaces.isEmpty()) {
      Class<?> special = mostSpecial(interfaces);
      interfaces.remove(special);
      if (special != type) {
        names.add(internalName(special));
      }
    }
    names.add("java/lang/Object");
    return names;
  }

  private static Class<?> mostSpecial(List<Class<?>> interfaces) {
    for (Class<?> candidate : interfaces) {
      boolean above = false;
      for (Class<?> other : interfaces) {
        above |= other != candidate && candidate.isAssignableFrom(other);
      }
      if (!above) {
        return candidate;
      }
    }
    throw new AssertionError(interfaces);
  }

  private static void collectInterfaces(Class<?> type, List<Class<?>> found) {
    for (Class<?> i : type.getInterfaces()) {
      if (!found.contains(i)) {
        found.add(i);
        collectInterfaces(i, found);
      }
    }
  }

  private static boolean computeSynchronises(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (c == ThreadLocalRandom.class) {
        return false;
      }
      String name = internalName(c);
      if (RULES.isShared(name) || (isView(name) && isViewType(c))) {
        // A Martlet pool is no object of this JVM: it travels as the pool of the job.
        return !(Executor.class.isAssignableFrom(type)
            && type.getName().startsWith("dev.martlet."));
      }
    }
    return false;
  }

  /** Returns whether a type is nested in a shared one, as its iterators, views and entries are. */
  private static boolean isView(String name) {
    int dollar = name.indexOf('$');
    return dollar > 0
        && (RULES.isShared(name.substring(0, dollar))
            || name.startsWith("java/util/Collections$Synchronized"));
  }

  private static boolean isViewType(Class<?> type) {
    return Collection.class.isAssignableFrom(type)
        || Map.class.isAssignableFrom(type)
        || Map.Entry.class.isAssignableFrom(type)
        || Iterator.class.isAssignableFrom(type)
        || Enumeration.class.isAssignableFrom(type)
        || Spliterator.class.isAssignableFrom(type)
        || Lock.class.isAssignableFrom(type)
        || Condition.class.isAssignableFrom(type);
  }

  /** Held apart, since it takes many classes to find. */
  private static final class MaySynchronise {
    /** The types listed, and every JDK type that one of the shared ones extends or implements. */
    static final Set<String> TYPES = superTypes();
  }

  private static Set<String> superTypes() {
    Set<String> names = RULES.types();
    Deque<Class<?>> pending = new ArrayDeque<>();
    for (String name : RULES.shared()) {
      Class<?> type = load(name);
      if (type != null) {
        pending.add(type);
      }
    }
    while (!pending.isEmpty()) {
      Class<?> type = pending.pop();
      names.add(internalName(type));
      if (type.getSuperclass() != null) {
        pending.add(type.getSuperclass());
      }
      pending.addAll(List.of(type.getInterfaces()));
    }
    return Set.copyOf(names);
  }

  private static @Nullable Class<?> load(String owner) {
    try {
      return Class.forName(owner.replace('/', '.'), false, ClassLoader.getPlatformClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  /** Returns the parameters' types: internal names for classes, descriptors for others. */
  static List<String> parameterTypes(String descriptor) {
    List<String> types = new ArrayList<>();
    int i = 1;
    while (descriptor.charAt(i) != ')') {
      int start = i;
      while (descriptor.charAt(i) == '[') {
        i++;
      }
      i = descriptor.charAt(i) == 'L' ? descriptor.indexOf(';', i) + 1 : i + 1;
      boolean isClass = descriptor.charAt(start) == 'L';
      types.add(isClass ? descriptor.substring(start + 1, i - 1) : descriptor.substring(start, i));
    }
    return types;
  }

  /* ---------------- Reading the facts ---------------- */

  /** A set of methods, written as owners or packages followed by names; a star means every name. */
  private static final class Members {
    private final Map<String, Set<String>> methods = new HashMap<>();
    private final List<String> packages = new ArrayList<>();
    private @Nullable String unread;

    Members(String facts) {
      unread = facts;
    }

    /** Reads the facts when they are first asked for, since a new worker asks for few. */
    private synchronized void read() {
      if (unread == null) {
        return;
      }
      for (String line : JdkRules.lines(unread)) {
        Set<String> names = new HashSet<>();
        for (String word : JdkRules.words(line)) {
          if (word.endsWith("/")) {
            packages.add(word);
          } else if (word.indexOf('/') > 0 && word.indexOf('(') < 0) {
            methods.put(word, names);
          } else {
            names.add(word);
          }
        }
      }
      unread = null;
    }

    boolean contain(String owner, String name, String descriptor) {
      read();
      Set<String> names = methods.get(owner);
      if (names == null) {
        for (String p : packages) {
          if (owner.startsWith(p)) {
            return true;
          }
        }
        return false;
      }
      if (names.contains("*") || names.contains(name)) {
        return true;
      }
      for (String rule : names) {
        if (matches(rule, name, descriptor)) {
          return true;
        }
      }
      return false;
    }
  }

  /** The packages of the running JDK. */
  private static final class Packages {
    private static final String CORE = "java/";

    /** How others begin. */
    private static final List<String> BEGINNINGS =
        List.of(
            CORE,
            "javax/",
            "jdk/",
            "sun/",
            "com/sun/",
            "netscape/",
            "org/ietf/",
            "org/jcp/",
            "org/w3c/",
            "org/xml/");

    private static final Map<String, Boolean> KNOWN = new ConcurrentHashMap<>();

    private Packages() {}

    static boolean contain(String p) {
      // No class loader defines others.
      return p.startsWith(CORE) || KNOWN.computeIfAbsent(p, Packages::look);
    }

    private static boolean look(String p) {
      String name = p.replace('/', '.');
      for (ResolvedModule m : ModuleLayer.boot().configuration().modules()) {
        if (m.reference().descriptor().packages().contains(name)
            && m.reference().location().map(URI::getScheme).filter("jrt"::equals).isPresent()) {
          return true;
        }
      }
      for (String beginning : BEGINNINGS) {
        if (p.startsWith(beginning)) {
          return All.PACKAGES.contains(name);
        }
      }
      return false;
    }

    /** Held apart, since the run-time image takes long to list. */
    private static final class All {
      static final Set<String> PACKAGES = new HashSet<>();

      static {
        for (ModuleReference m : ModuleFinder.ofSystem().findAll()) {
          PACKAGES.addAll(m.descriptor().packages());
        }
      }
    }
  }
}
