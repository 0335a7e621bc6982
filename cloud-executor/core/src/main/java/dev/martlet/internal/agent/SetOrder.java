package dev.martlet.internal.agent;

import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which the sets and maps of {@code Set.of} and {@code Map.of} iterate, which each JVM
 * draws when it starts. A worker is given its client's, since what a task computes by such an
 * order, such as a sum of doubles, is compared with what was computed at home.
 *
 * <p>The JVM compiles code for the order that it has. While no such code has been compiled, which
 * is found out by trying, giving it an order costs nothing. Otherwise, and for the order of another
 * client, all such code has to go: the JVM drops what it has compiled of classes that are
 * transformed, the first time of all classes. Where it cannot be instrumented it keeps its order.
 */
public final class SetOrder {
  /** The order of a JVM where it is not kept as expected. */
  private static final long UNKNOWN = -1;

  private static final String TYPE = "java.util.ImmutableCollections";
  private static final int SIZES = 12;
  private static final long MASK = 0xFFFF_FFFFL;

  private static boolean given;
  private static boolean cannotForget;

  private SetOrder() {}

  /** Returns the order of this JVM. */
  public static long current() {
    try {
      Field salt = field("SALT32L", long.class);
      Field reverse = field("REVERSE", boolean.class);
      long order = Memory.getLong(Memory.staticBase(salt), Memory.staticOffset(salt));
      boolean backwards =
          Memory.getBoolean(Memory.staticBase(reverse), Memory.staticOffset(reverse));
      return backwards == isReverse(order) && (order & ~MASK) == 0 ? order : UNKNOWN;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return UNKNOWN;
    }
  }

  /**
   * Gives this JVM an order.
   *
   * @param order what {@link #current} gave elsewhere
   * @return whether this JVM has that order now
   */
  public static synchronized boolean give(long order) {
    long own = current();
    if (order == UNKNOWN || own == UNKNOWN || own == order) {
      return own == order;
    }
    boolean isFirst = !given;
    if (!isFirst && !canForget()) {
      return false;
    }
    put(order);
    boolean kept = isFirst && isKept(order);
    if (!kept && canForget()) {
      forget();
      kept = isKept(order);
    }
    if (!kept) {
      put(own);
    }
    given |= kept;
    return kept;
  }

  /** Returns whether this JVM can be instrumented, which is tried once: a failure takes long. */
  private static boolean canForget() {
    try {
      cannotForget = cannotForget || !Agent.instrumentation().isRetransformClassesSupported();
    } catch (IllegalStateException e) {
      cannotForget = true;
    }
    return !cannotForget;
  }

  /** Has the JVM drop the code that it has compiled for an order. */
  private static void forget() {
    Instrumentation i = Agent.instrumentation();
    List<Class<?>> types = new ArrayList<>();
    for (Class<?> type : i.getAllLoadedClasses()) {
      if (type.getName().startsWith(TYPE)) {
        types.add(type);
      }
    }
    try {
      i.retransformClasses(types.toArray(new Class<?>[0]));
    } catch (UnmodifiableClassException e) {
      throw new IllegalStateException(e); // they are no hidden classes
    }
  }

  private static void put(long order) {
    try {
      Field salt = field("SALT32L", long.class);
      Field reverse = field("REVERSE", boolean.class);
      Memory.putLong(Memory.staticBase(salt), Memory.staticOffset(salt), order);
      Memory.putBoolean(Memory.staticBase(reverse), Memory.staticOffset(reverse), isReverse(order));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // as they were found before
    }
  }

  private static boolean isReverse(long order) {
    return (order & 1) == 0;
  }

  private static Field field(String name, Class<?> type) throws ReflectiveOperationException {
    Field f = Class.forName(TYPE).getDeclaredField(name);
    if (f.getType() != type) {
      throw new NoSuchFieldException(name);
    }
    return f;
  }

  /** Returns whether sets and maps of numbers, whose places are known, iterate in an order. */
  private static boolean isKept(long order) {
    boolean reverse = isReverse(order);
    for (int n = 3; n < SIZES; n++) {
      int length = 2 * n;
      int start = (int) ((order * length) >>> 32);
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        numbers.add(i);
      }
      Set<Integer> set = Set.copyOf(numbers);
      List<Integer> keys = new ArrayList<>();
      for (Map.Entry<Integer, Integer> e : map(numbers).entrySet()) {
        keys.add(e.getKey());
      }
      List<Integer> met = walk(start, reverse, length, n);
      if (!iterates(set, met) || !met.equals(keys)) {
        return false;
      }
    }
    return iterates(Set.of(0, 1), reverse ? List.of(1, 0) : List.of(0, 1));
  }

  /** Returns whether a set has an order in both ways that there are. */
  private static boolean iterates(Set<Integer> set, List<Integer> order) {
    List<Integer> met = new ArrayList<>();
    for (Integer n : set) {
      met.add(n);
    }
    return met.equals(order) && List.of(set.toArray()).equals(order);
  }

  private static Map<Integer, Integer> map(List<Integer> numbers) {
    List<Map.Entry<Integer, Integer>> entries = new ArrayList<>();
    for (Integer n : numbers) {
      entries.add(Map.entry(n, n));
    }
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map.Entry<Integer, Integer>[] array = entries.toArray(new Map.Entry[0]);
    return Map.ofEntries(array);
  }

  /** The numbers below {@code n} of a table of this length, from a place on. */
  private static List<Integer> walk(int start, boolean reverse, int length, int n) {
    List<Integer> met = new ArrayList<>();
    int at = start;
    for (int i = 0; i < length; i++) {
      at = Math.floorMod(reverse ? at + 1 : at - 1, length);
      if (at < n) {
        met.add(at);
      }
    }
    return met;
  }
}
