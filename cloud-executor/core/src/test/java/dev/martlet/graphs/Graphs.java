package dev.martlet.graphs;

import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.WeakHashMap;

/**
 * Random graphs, random changes of them that depend on the graph's shape only, and their text. They
 * are not in Martlet's own packages, whose classes are treated as the JDK's.
 */
public final class Graphs {
  private static final int NODES = 24;

  private Graphs() {}

  /** An object with fields. */
  public static class Node {
    int label;
    public Object first;
    public Object second;
    public long number;
    public double real;
    boolean flag;
    char letter;
  }

  static final class Special extends Node {
    String text = "";
    byte small;
    short medium;
    float single;
  }

  static final class Key {
    int n;

    Key(int n) {
      this.n = n;
    }

    @Override
    public int hashCode() {
      return n * 7919;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && k.n == n;
    }

    @Override
    public String toString() {
      return "key " + n;
    }
  }

  public static final class OwnMap<K, V> extends HashMap<K, V> {
    private static final long serialVersionUID = 1L;
    public int puts;

    @Override
    public V put(K key, V value) {
      puts++;
      return super.put(key, value);
    }
  }

  static final class OwnList<E> extends ArrayList<E> {
    private static final long serialVersionUID = 1L;
    Object note;
  }

  static final class Eldest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    int evicted;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      if (size() > 4) {
        evicted++;
        return true;
      }
      return false;
    }
  }

  /** Returns an array of nodes, whose contents refer to each other. */
  public static Node[] build(long seed) {
    Random r = new Random(seed);
    Node[] nodes = new Node[NODES];
    for (int i = 0; i < NODES; i++) {
      nodes[i] = r.nextInt(3) == 0 ? new Special() : new Node();
      nodes[i].label = i;
    }
    for (Node n : nodes) {
      n.first = content(r, nodes);
      n.second =
          switch (r.nextInt(3)) {
            case 0 -> nodes[r.nextInt(NODES)];
            case 1 -> nodes[r.nextInt(NODES)].first;
            default -> null;
          };
    }
    change(nodes, seed + 1, 40);
    return nodes;
  }

  private static Object content(Random r, Node[] nodes) {
    int n = 1 + r.nextInt(8);
    return switch (r.nextInt(22)) {
      case 0 -> new int[n];
      case 1 -> new long[n];
      case 2 -> new double[n];
      case 3 -> new float[n];
      case 4 -> new byte[n];
      case 5 -> new short[n];
      case 6 -> new char[n];
      case 7 -> new boolean[n];
      case 8 -> new Object[n];
      case 9 -> new ArrayList<>();
      case 10 -> new LinkedList<>();
      case 11 -> new ArrayDeque<>();
      case 12 -> new PriorityQueue<>();
      case 13 -> new HashMap<>();
      case 14 -> new LinkedHashMap<>(16, 0.75f, r.nextBoolean());
      case 15 -> new TreeMap<>();
      case 16 -> new IdentityHashMap<>();
      case 17 -> new WeakHashMap<>();
      case 18 -> r.nextBoolean() ? new HashSet<>() : new LinkedHashSet<>();
      case 19 -> new OwnMap<>();
      case 20 -> new OwnList<>();
      default -> new Eldest<>();
    };
  }

  private static Object value(Random r, Node[] nodes) {
    return switch (r.nextInt(6)) {
      case 0 -> null;
      case 1 -> r.nextInt(300);
      case 2 -> "s" + r.nextInt(5);
      case 3 -> nodes[r.nextInt(nodes.length)];
      case 4 -> nodes[r.nextInt(nodes.length)].first;
      default -> {
        Node fresh = new Node();
        fresh.label = 1000 + r.nextInt(1 << 20);
        fresh.first = content(r, nodes);
        fresh.second = nodes[r.nextInt(nodes.length)];
        yield fresh;
      }
    };
  }

  private static Object key(Random r, Node[] nodes) {
    return switch (r.nextInt(4)) {
      case 0 -> r.nextInt(6);
      case 1 -> "k" + r.nextInt(6);
      case 2 -> nodes[r.nextInt(nodes.length)];
      default -> new Key(r.nextInt(6));
    };
  }

  /** Changes a graph as a seed says. */
  public static void change(Node[] nodes, long seed, int times) {
    Random r = new Random(seed);
    for (int i = 0; i < times; i++) {
      Node n = nodes[r.nextInt(nodes.length)];
      switch (r.nextInt(8)) {
        case 0 -> n.number = r.nextLong();
        case 1 -> n.real = r.nextBoolean() ? -0.0 : Double.NaN;
        case 2 -> n.second = value(r, nodes);
        case 3 -> {
          n.flag = r.nextBoolean();
          n.letter = (char) r.nextInt(100);
          if (n instanceof Special s) {
            s.text = "t" + r.nextInt(9);
            s.small--;
            s.medium += 300;
            s.single = r.nextFloat();
          }
        }
        case 4 -> {
          if (r.nextInt(5) == 0) {
            n.first = content(r, nodes);
          }
        }
        default -> change(n.first, r, nodes);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static void change(Object o, Random r, Node[] nodes) {
    if (o instanceof Object[] a) {
      a[r.nextInt(a.length)] = value(r, nodes);
    } else if (o.getClass().isArray()) {
      element(o, r);
    } else if (o instanceof PriorityQueue<?>) {
      PriorityQueue<Integer> q = (PriorityQueue<Integer>) o;
      if (r.nextInt(3) == 0) {
        q.poll();
      } else {
        q.add(r.nextInt(50));
      }
    } else if (o instanceof ArrayDeque<?>) {
      ArrayDeque<Object> q = (ArrayDeque<Object>) o;
      if (r.nextInt(3) == 0) {
        q.pollFirst();
      } else {
        q.addLast(key(r, nodes));
      }
    } else if (o instanceof List<?>) {
      List<Object> l = (List<Object>) o;
      switch (r.nextInt(4)) {
        case 0 -> {
          if (!l.isEmpty()) {
            l.remove(r.nextInt(l.size()));
          }
        }
        case 1 -> {
          if (!l.isEmpty()) {
            l.set(r.nextInt(l.size()), value(r, nodes));
          }
        }
        default -> l.add(r.nextInt(l.size() + 1), value(r, nodes));
      }
      if (o instanceof OwnList<?> own) {
        own.note = value(r, nodes);
      }
    } else if (o instanceof Collection<?>) {
      Collection<Object> c = (Collection<Object>) o;
      Object key = key(r, nodes);
      if (r.nextInt(3) == 0) {
        c.remove(key);
      } else {
        c.add(key);
      }
    } else {
      entry((Map<Object, Object>) o, r, nodes);
    }
  }

  private static void entry(Map<Object, Object> m, Random r, Node[] nodes) {
    Object key = key(r, nodes);
    if (m instanceof TreeMap) {
      key = "k" + r.nextInt(9);
    } else if (m instanceof IdentityHashMap || m instanceof WeakHashMap) {
      key = nodes[r.nextInt(nodes.length)];
    }
    switch (r.nextInt(6)) {
      case 0 -> m.remove(key);
      case 1 -> m.get(key);
      case 2 -> {
        if (r.nextInt(10) == 0) {
          m.clear();
        }
      }
      case 3 -> {
        Key old = null;
        int to = 10 + r.nextInt(1000);
        for (Object k : m.keySet()) {
          if (k instanceof Key x && (old == null || x.n < old.n)) {
            old = x;
          }
        }
        if (old != null) {
          Object value = m.remove(old);
          old.n = to;
          m.put(old, value);
        }
      }
      default -> m.put(key, value(r, nodes));
    }
  }

  private static void element(Object a, Random r) {
    int i = r.nextInt(Array.getLength(a));
    if (a instanceof int[] x) {
      x[i] = r.nextInt();
    } else if (a instanceof long[] x) {
      x[i] = r.nextLong();
    } else if (a instanceof double[] x) {
      long[] bits = {0L, 1L << 63, 0x7ff8000000000000L, 0x7ff8000000000001L, r.nextLong()};
      x[i] = Double.longBitsToDouble(bits[r.nextInt(5)]);
    } else if (a instanceof float[] x) {
      int[] bits = {0, 1 << 31, 0x7fc00000, 0x7fc00001, r.nextInt()};
      x[i] = Float.intBitsToFloat(bits[r.nextInt(5)]);
    } else if (a instanceof byte[] x) {
      x[i]++;
    } else if (a instanceof short[] x) {
      x[i]--;
    } else if (a instanceof char[] x) {
      x[i] += 7;
    } else {
      ((boolean[]) a)[i] ^= true;
    }
  }

  // ---- text ----

  /** Returns a text that is the same of two graphs if they are isomorphic, hash order aside. */
  public static String text(Node[] nodes) {
    StringBuilder s = new StringBuilder();
    IdentityHashMap<Object, Integer> seen = new IdentityHashMap<>();
    for (Node n : nodes) {
      append(n, seen, s);
      s.append('\n');
    }
    return s.toString();
  }

  private static String shallow(Object o) {
    return o instanceof Node n ? "node " + n.label : o.getClass().getSimpleName() + " " + o;
  }

  private static void append(Object o, IdentityHashMap<Object, Integer> seen, StringBuilder s) {
    if (o == null || o instanceof String || o instanceof Integer) {
      s.append(o);
      return;
    }
    Integer known = seen.putIfAbsent(o, seen.size());
    if (known != null) {
      s.append('#').append(known);
      return;
    }
    s.append(o.getClass().getSimpleName()).append('@').append(seen.size() - 1).append('(');
    if (o instanceof Node n) {
      s.append(n.label).append(' ').append(n.number).append(' ');
      s.append(Double.doubleToRawLongBits(n.real)).append(n.flag).append((int) n.letter);
      if (n instanceof Special x) {
        s.append(x.text).append(x.small).append(x.medium).append(x.single);
      }
      s.append(" 1:");
      append(n.first, seen, s);
      s.append(" 2:");
      append(n.second, seen, s);
    } else if (o instanceof Key k) {
      s.append(k.n);
    } else if (o.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(o); i++) {
        if (o instanceof Object[] a) {
          append(a[i], seen, s);
        } else if (o instanceof double[] a) {
          s.append(Double.doubleToRawLongBits(a[i]));
        } else if (o instanceof float[] a) {
          s.append(Float.floatToRawIntBits(a[i]));
        } else if (o instanceof char[] a) {
          s.append((int) a[i]);
        } else {
          s.append(Array.get(o, i));
        }
        s.append(',');
      }
    } else if (o instanceof Map<?, ?> m) {
      map(m, seen, s);
    } else {
      collection((Collection<?>) o, seen, s);
    }
    s.append(')');
  }

  private static void map(Map<?, ?> m, IdentityHashMap<Object, Integer> seen, StringBuilder s) {
    List<Map.Entry<?, ?>> entries = new ArrayList<>();
    // Entries of some maps are only good for one step.
    m.entrySet().forEach(e -> entries.add(new java.util.AbstractMap.SimpleEntry<>(e)));
    if (!(m instanceof LinkedHashMap) && !(m instanceof TreeMap)) {
      entries.sort((a, b) -> shallow(a.getKey()).compareTo(shallow(b.getKey())));
    }
    for (Map.Entry<?, ?> e : entries) {
      if (!(m instanceof LinkedHashMap) && !m.containsKey(e.getKey())) {
        s.append(" LOST ");
      }
      append(e.getKey(), seen, s);
      s.append('=');
      append(e.getValue(), seen, s);
      s.append(',');
    }
    if (m instanceof OwnMap<?, ?> own) {
      s.append(" puts ").append(own.puts);
    } else if (m instanceof Eldest<?, ?> own) {
      s.append(" evicted ").append(own.evicted);
    }
  }

  private static void collection(
      Collection<?> c, IdentityHashMap<Object, Integer> seen, StringBuilder s) {
    List<Object> elements = new ArrayList<>(c);
    if (c.getClass() == HashSet.class) {
      elements.sort((a, b) -> shallow(a).compareTo(shallow(b)));
    }
    for (Object e : elements) {
      if (c instanceof HashSet && !c.contains(e)) {
        s.append(" LOST ");
      }
      append(e, seen, s);
      s.append(',');
    }
    if (c instanceof OwnList<?> own) {
      s.append(" note ");
      append(own.note, seen, s);
    }
  }
}
