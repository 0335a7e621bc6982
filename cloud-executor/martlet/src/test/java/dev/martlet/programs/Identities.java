package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/** Objects without a hash code of their own, in tables of every kind. */
@SuppressWarnings("IdentityHashMapUsage")
final class Identities {
  private Identities() {}

  private static final class Node {
    final String name;
    int seen;

    Node(String name) {
      this.name = name;
    }
  }

  private static List<Node> nodes(int n) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      nodes.add(new Node("n" + i));
    }
    return nodes;
  }

  private static String names(Iterable<Node> nodes) {
    StringBuilder names = new StringBuilder();
    nodes.forEach(n -> names.append(n.name).append(' '));
    return names.toString();
  }

  @Runs(AWAY)
  static Object hashSetsIterateAlike(ExecutorService pool) throws Exception {
    Set<Node> set = new HashSet<>(nodes(30));
    return names(set).equals(pool.submit(() -> names(set)).get());
  }

  @Runs(AWAY)
  static Object identityMapsIterateAlike(ExecutorService pool) throws Exception {
    Map<Object, Integer> map = new IdentityHashMap<>();
    for (int i = 0; i < 20; i++) {
      map.put(new int[i], i);
    }
    List<Integer> here = new ArrayList<>(map.values());
    return here.equals(pool.submit(() -> new ArrayList<>(map.values())).get());
  }

  @Runs(AWAY)
  static Object hashCodesAreKept(ExecutorService pool) throws Exception {
    Node node = new Node("a");
    Object lock = new Object();
    Node made =
        pool.submit(
                () -> {
                  Node n = new Node("b");
                  n.seen = System.identityHashCode(n);
                  return n;
                })
            .get();
    return all(
        pool.submit(node::hashCode).get() == node.hashCode(),
        pool.submit(() -> System.identityHashCode(node)).get() == node.hashCode(),
        pool.submit(() -> Objects.hash(node, lock)).get() == Objects.hash(node, lock),
        pool.submit(() -> node.toString()).get().equals(node.toString()),
        made.seen == made.hashCode());
  }

  /** A table of the user's own, by open addressing. */
  private static final class OpenTable<K, V> extends AbstractMap<K, V> {
    private final Object[] keys = new Object[64];
    private final Object[] values = new Object[64];

    @Override
    public V put(K key, V value) {
      int i = find(key);
      V former = value(i);
      keys[i] = key;
      values[i] = value;
      return former;
    }

    @Override
    public V get(Object key) {
      return value(find(key));
    }

    private int find(Object key) {
      int i = key.hashCode() & 63;
      while (keys[i] != null && !keys[i].equals(key)) {
        i = (i + 1) & 63;
      }
      return i;
    }

    @SuppressWarnings("unchecked")
    private V value(int i) {
      return (V) values[i];
    }

    @Override
    @SuppressWarnings("unchecked")
    public Set<Map.Entry<K, V>> entrySet() {
      Set<Map.Entry<K, V>> entries = new LinkedHashSet<>();
      for (int i = 0; i < 64; i++) {
        if (keys[i] != null) {
          entries.add(Map.entry((K) keys[i], value(i)));
        }
      }
      return entries;
    }
  }

  private static Map<Node, String> table(List<Node> nodes) {
    Map<Node, String> table = new OpenTable<>();
    nodes.forEach(n -> table.put(n, n.name));
    return table;
  }

  private static long found(Map<Node, String> table, Iterable<Node> nodes) {
    long found = 0;
    for (Node n : nodes) {
      found += n.name.equals(table.get(n)) ? 1 : 0;
    }
    return found;
  }

  @Runs(AWAY)
  static Object ownTables(ExecutorService pool) throws Exception {
    List<Node> nodes = nodes(12);
    Map<Node, String> table = table(nodes);
    long there = pool.submit(() -> found(table, nodes)).get();
    Map<Node, String> filled = pool.submit(() -> table(nodes)).get();
    Map<Node, String> made = pool.submit(() -> table(nodes(10))).get();
    pool.submit(() -> table.put(new Node("late"), "late")).get();
    return all(
        there, found(filled, nodes), found(made, made.keySet()), found(table, table.keySet()));
  }

  private record Edge(Node from, Node to) {}

  @Runs(AWAY)
  static Object recordsOfThem(ExecutorService pool) throws Exception {
    List<Node> nodes = nodes(8);
    Set<Edge> edges = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      edges.add(new Edge(nodes.get(i), nodes.get((i * 3 + 1) % 8)));
    }
    Set<Edge> reversed =
        pool.submit(
                () -> {
                  Set<Edge> r = new HashSet<>();
                  edges.forEach(e -> r.add(new Edge(e.to, e.from)));
                  return r;
                })
            .get();
    return all(
        fromNames(edges).equals(pool.submit(() -> fromNames(edges)).get()),
        reversed.size(),
        reversed.contains(new Edge(nodes.get(1), nodes.get(0))));
  }

  private static String fromNames(Set<Edge> edges) {
    return edges.stream().map(e -> e.from.name).collect(Collectors.joining());
  }

  // ---- direct method handles ----

  private static int square(int x) {
    return x * x;
  }

  private static final class Sequence {
    private int n;

    synchronized int next() {
      return ++n;
    }

    int plus(int x) {
      return n + x;
    }
  }

  private static Object call(MethodHandle handle, Object... arguments) {
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Runs(AWAY)
  static Object methodHandles(ExecutorService pool) throws Exception {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    MethodType ofInt = MethodType.methodType(int.class, int.class);
    MethodHandle square = lookup.findStatic(Identities.class, "square", ofInt);
    MethodHandle plus = lookup.findVirtual(Sequence.class, "plus", ofInt);
    MethodHandle node =
        lookup.findConstructor(Node.class, MethodType.methodType(void.class, String.class));
    MethodHandle concat =
        lookup.findVirtual(
            String.class, "concat", MethodType.methodType(String.class, String.class));
    Map<String, MethodHandle> table = new HashMap<>(Map.of("square", square));
    Sequence sequence = new Sequence();
    return all(
        pool.submit(() -> call(table.get("square"), 7)).get(),
        pool.submit(() -> call(plus, sequence, 5)).get(),
        pool.submit(() -> call(node, "made")).get(),
        pool.submit(() -> call(concat, "a", "b")).get(),
        pool.submit(() -> square).get() == square);
  }

  @Runs(EITHER)
  static Object methodHandlesThatLock(ExecutorService pool) throws Exception {
    MethodHandle next =
        MethodHandles.lookup()
            .findVirtual(Sequence.class, "next", MethodType.methodType(int.class));
    Sequence sequence = new Sequence();
    return new TreeSet<>(collect(pool, 10, i -> () -> (Integer) call(next, sequence)));
  }
}
