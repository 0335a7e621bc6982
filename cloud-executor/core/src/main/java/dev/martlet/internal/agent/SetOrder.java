package dev.martlet.internal.agent;

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
 * <p>The JVM compiles code for the order that it has: an order can be given once, while no such
 * code has been compiled, which is found out by trying. A worker that cannot be given an order, or
 * has been given that of another client, keeps its own.
 */
public final class SetOrder {
  /** The order of a JVM where it is not kept as expected. */
  private static final long UNKNOWN = -1;

  private static final String TYPE = "java.util.ImmutableCollections";
  private static final int SIZES = 12;
  private static final long MASK = 0xFFFF_FFFFL;

  private static boolean given;

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
   * Gives this JVM an order, unless it was given one.
   *
   * @param order what {@link #current} gave elsewhere
   * @return whether this JVM has that order now
   */
  public static synchronized boolean give(long order) {
    long own = current();
    if (order == UNKNOWN || own == UNKNOWN || own == order) {
      return own == order;
    }
    if (given) {
      return false;
    }
    put(order);
    if (!isKept(order)) {
      put(own);
      return false;
    }
    given = true;
    return true;
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
      if (!met.equals(new ArrayList<>(set)) || !met.equals(keys)) {
        return false;
      }
    }
    Set<Integer> two = Set.of(0, 1);
    return List.copyOf(two).equals(reverse ? List.of(1, 0) : List.of(0, 1));
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
