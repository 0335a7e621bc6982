package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/**
 * Hash tables in whose bins are many keys. In which order these are met depends on how they came,
 * in trees on how they were balanced, too.
 */
final class Orders {
  private static final int ROUNDS = 12;

  private Orders() {}

  /** Keys whose hash codes differ where most tables do not look. */
  private record Far(int n) implements Comparable<Far> {
    @Override
    public int hashCode() {
      return n % 5 + (n << 10);
    }

    @Override
    public int compareTo(Far other) {
      return Integer.compare(n, other.n);
    }
  }

  /** Keys of which many have the same hash code. */
  private record Same(int n) implements Comparable<Same> {
    @Override
    public int hashCode() {
      return n % 3;
    }

    @Override
    public int compareTo(Same other) {
      return Integer.compare(n, other.n);
    }
  }

  private static Object[] keys(boolean far) {
    Object[] keys = new Object[60];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = far ? new Far(i) : new Same(i);
    }
    return keys;
  }

  /** Puts, removes and puts back, and tells how the table is iterated now. */
  private static String change(Map<Object, Integer> map, Object[] keys, long seed, int times) {
    Random random = new Random(seed);
    for (int i = 0; i < times; i++) {
      Object key = keys[random.nextInt(keys.length)];
      switch (random.nextInt(5)) {
        case 0 -> map.remove(key);
        case 1 -> {
          Integer old = map.remove(key);
          map.put(key, old == null ? i : old);
        }
        default -> map.put(key, i);
      }
    }
    return order(map);
  }

  private static String order(Map<Object, Integer> map) {
    StringBuilder all = new StringBuilder();
    map.forEach((k, v) -> all.append(k).append('=').append(v).append(' '));
    return all.toString();
  }

  /** Changes a table at home and away by turns. */
  private static Object turns(
      ExecutorService pool, Supplier<Map<Object, Integer>> table, boolean far, int times)
      throws Exception {
    List<Object> seen = new ArrayList<>();
    Object[] keys = keys(far);
    Map<Object, Integer> map = table.get();
    for (int i = 0; i < ROUNDS; i++) {
      long seed = i;
      seen.add(change(map, keys, 100 + seed, times));
      seen.add(pool.submit(() -> change(map, keys, seed, times)).get());
      seen.add(order(map));
    }
    return seen;
  }

  @Runs(AWAY)
  static Object fewAtATimeOfHashMap(ExecutorService pool) throws Exception {
    return all(turns(pool, HashMap::new, true, 3), turns(pool, HashMap::new, false, 3));
  }

  @Runs(AWAY)
  static Object manyAtATimeOfHashMap(ExecutorService pool) throws Exception {
    return all(turns(pool, HashMap::new, true, 40), turns(pool, HashMap::new, false, 40));
  }

  @Runs(AWAY)
  static Object wideHashMap(ExecutorService pool) throws Exception {
    return all(
        turns(pool, () -> new HashMap<>(256), true, 20),
        turns(pool, () -> new HashMap<>(256), false, 20));
  }

  @Runs(AWAY)
  static Object linkedHashMap(ExecutorService pool) throws Exception {
    return all(
        turns(pool, LinkedHashMap::new, true, 20),
        turns(pool, () -> new LinkedHashMap<>(16, 0.75f, true), false, 20));
  }

  @Runs(AWAY)
  static Object weakHashMap(ExecutorService pool) throws Exception {
    return all(turns(pool, WeakHashMap::new, true, 3), turns(pool, WeakHashMap::new, false, 40));
  }

  @Runs(EITHER)
  static Object hashtable(ExecutorService pool) throws Exception {
    return all(turns(pool, Hashtable::new, true, 3), turns(pool, Hashtable::new, false, 40));
  }

  @Runs(EITHER)
  static Object concurrentHashMap(ExecutorService pool) throws Exception {
    return all(
        turns(pool, ConcurrentHashMap::new, true, 3),
        turns(pool, ConcurrentHashMap::new, false, 40),
        turns(pool, () -> new ConcurrentHashMap<>(256), true, 40));
  }

  private static String change(Set<Object> set, Object[] keys, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      Object key = keys[random.nextInt(keys.length)];
      if (!set.add(key) && random.nextBoolean()) {
        set.remove(key);
        if (random.nextBoolean()) {
          set.add(key);
        }
      }
    }
    return set.toString();
  }

  @Runs(AWAY)
  static Object hashSet(ExecutorService pool) throws Exception {
    List<Object> seen = new ArrayList<>();
    for (boolean far : new boolean[] {true, false}) {
      Object[] keys = keys(far);
      Set<Object> set = new HashSet<>(128);
      for (int i = 0; i < ROUNDS; i++) {
        long seed = i;
        seen.add(change(set, keys, 100 + seed));
        seen.add(pool.submit(() -> change(set, keys, seed)).get());
        seen.add(set.toString());
      }
    }
    return seen;
  }

  /** What was made away, and is changed further at home. */
  @Runs(AWAY)
  static Object madeAway(ExecutorService pool) throws Exception {
    List<Object> seen = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      long seed = i;
      boolean far = i % 2 == 0;
      List<Map<Object, Integer>> made =
          pool.submit(
                  () -> {
                    List<Map<Object, Integer>> all = new ArrayList<>();
                    for (Map<Object, Integer> map :
                        List.of(
                            new HashMap<Object, Integer>(128),
                            new WeakHashMap<Object, Integer>(),
                            new ConcurrentHashMap<Object, Integer>(128))) {
                      change(map, keys(far), seed, 100);
                      all.add(map);
                    }
                    return all;
                  })
              .get();
      for (Map<Object, Integer> map : made.subList(0, 1)) {
        seen.add(order(map));
        seen.add(change(map, keys(far), seed, 20));
      }
      seen.add(order(made.get(2)));
      seen.add(change(made.get(2), keys(far), seed, 20));
    }
    return seen;
  }

  private static void sum(Collection<Double> values, double[] to) {
    for (double v : values) {
      to[0] += v;
    }
  }

  /** What such an order is seen by: a sum of doubles. */
  @Runs(AWAY)
  static Object sums(ExecutorService pool) throws Exception {
    Map<Object, Double> map = new HashMap<>(128);
    Random random = new Random(1);
    for (Object key : keys(true)) {
      map.put(key, random.nextDouble() * Math.pow(10, random.nextInt(30)));
    }
    double[] away = new double[1];
    pool.submit(() -> sum(map.values(), away)).get();
    double[] home = new double[1];
    sum(map.values(), home);
    return all(away[0], home[0], away[0] == home[0]);
  }
}
