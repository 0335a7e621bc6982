package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.time.DayOfWeek;
import java.time.Month;
import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.RandomAccess;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.Vector;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Data structures of textbooks, with sentinels, iterators and callbacks of their own. */
final class Structures {
  private Structures() {}

  // ---- trees ----

  static final class RedBlackTree<K extends Comparable<K>, V> implements Iterable<K> {
    private static final class Node {
      Object key;
      Object value;
      Node left;
      Node right;
      Node parent;
      boolean red;
    }

    /** One for all trees, whose parent is written while a tree is mended. */
    private static final Node NIL = new Node();

    static {
      NIL.left = NIL.right = NIL.parent = NIL;
    }

    private Node root = NIL;
    private int size;
    private transient int modCount;

    @SuppressWarnings("unchecked")
    private int compare(Object a, Object b) {
      return ((K) a).compareTo((K) b);
    }

    void put(K key, V value) {
      Node parent = NIL;
      Node x = root;
      while (x != NIL) {
        parent = x;
        int c = compare(key, x.key);
        if (c == 0) {
          x.value = value;
          return;
        }
        x = c < 0 ? x.left : x.right;
      }
      Node z = new Node();
      z.key = key;
      z.value = value;
      z.left = z.right = NIL;
      z.parent = parent;
      z.red = true;
      if (parent == NIL) {
        root = z;
      } else if (compare(key, parent.key) < 0) {
        parent.left = z;
      } else {
        parent.right = z;
      }
      size++;
      modCount++;
      fix(z);
    }

    private void fix(Node z) {
      while (z.parent.red) {
        Node grand = z.parent.parent;
        boolean left = z.parent == grand.left;
        Node uncle = left ? grand.right : grand.left;
        if (uncle.red) {
          z.parent.red = uncle.red = false;
          grand.red = true;
          z = grand;
        } else {
          if (z == (left ? z.parent.right : z.parent.left)) {
            z = z.parent;
            rotate(z, left);
          }
          z.parent.red = false;
          grand.red = true;
          rotate(grand, !left);
        }
      }
      root.red = false;
    }

    private void rotate(Node x, boolean left) {
      Node y = left ? x.right : x.left;
      Node inner = left ? y.left : y.right;
      if (left) {
        x.right = inner;
      } else {
        x.left = inner;
      }
      inner.parent = x;
      y.parent = x.parent;
      if (x.parent == NIL) {
        root = y;
      } else if (x == x.parent.left) {
        x.parent.left = y;
      } else {
        x.parent.right = y;
      }
      if (left) {
        y.left = x;
      } else {
        y.right = x;
      }
      x.parent = y;
    }

    int blackHeight() {
      int h = 0;
      for (Node n = root; n != NIL; n = n.left) {
        h += n.red ? 0 : 1;
      }
      return h;
    }

    @Override
    public Iterator<K> iterator() {
      return new Iterator<>() {
        private final Deque<Node> path = new ArrayDeque<>();
        private final int expected = modCount;

        {
          descend(root);
        }

        private void descend(Node n) {
          for (; n != NIL; n = n.left) {
            path.push(n);
          }
        }

        @Override
        public boolean hasNext() {
          return !path.isEmpty();
        }

        @Override
        @SuppressWarnings("unchecked")
        public K next() {
          if (expected != modCount) {
            throw new ConcurrentModificationException();
          }
          Node n = path.pop();
          descend(n.right);
          return (K) n.key;
        }
      };
    }
  }

  @Runs(AWAY)
  static Object redBlackTreesWithOneNil(ExecutorService pool) throws Exception {
    RedBlackTree<Integer, String> tree = new RedBlackTree<>();
    for (int i = 0; i < 30; i++) {
      tree.put(i * 7 % 31, "v" + i);
    }
    List<Object> sums = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int n = t;
      sums.add(
          pool.submit(
                  () -> {
                    tree.put(100 + n, "t" + n);
                    int sum = 0;
                    for (int k : tree) {
                      sum += k;
                    }
                    return sum;
                  })
              .get());
      tree.put(200 + t, "h" + t);
    }
    RedBlackTree<String, Integer> made =
        pool.submit(
                () -> {
                  RedBlackTree<String, Integer> words = new RedBlackTree<>();
                  for (String w : "the quick brown fox jumps over the lazy dog".split(" ")) {
                    words.put(w, w.length());
                  }
                  return words;
                })
            .get();
    made.put("home", 4);
    List<String> keys = new ArrayList<>();
    made.forEach(keys::add);
    Iterator<Integer> it = tree.iterator();
    it.next();
    int second = pool.submit(it::next).get();
    return all(sums, tree.size, tree.blackHeight(), keys, second, it.next());
  }

  static final class Trie {
    private final Map<Character, Trie> children = new TreeMap<>();
    private boolean word;

    Trie add(CharSequence s) {
      Trie t = this;
      for (int i = 0; i < s.length(); i++) {
        t = t.children.computeIfAbsent(s.charAt(i), c -> new Trie());
      }
      t.word = true;
      return this;
    }

    Stream<String> words(String prefix) {
      Stream<String> below =
          children.entrySet().stream().flatMap(e -> e.getValue().words(prefix + e.getKey()));
      return word ? Stream.concat(Stream.of(prefix), below) : below;
    }
  }

  @Runs(AWAY)
  static Object tries(ExecutorService pool) throws Exception {
    Trie trie = new Trie().add("car").add("cart").add("dog");
    pool.submit(() -> trie.add("care").add("do")).get();
    Trie same = pool.submit(() -> trie).get();
    Supplier<Stream<String>> lazy =
        pool.submit(() -> (Supplier<Stream<String>>) () -> trie.words("").distinct()).get();
    return all(same == trie, lazy.get().toList(), trie.add("last").words("l").toList());
  }

  static final class UnionFind {
    private final int[] parent;
    private final byte[] rank;
    int sets;

    UnionFind(int n) {
      parent = new int[n];
      rank = new byte[n];
      Arrays.setAll(parent, i -> i);
      sets = n;
    }

    int find(int i) {
      return parent[i] == i ? i : (parent[i] = find(parent[i]));
    }

    boolean union(int a, int b) {
      int x = find(a);
      int y = find(b);
      if (x == y) {
        return false;
      }
      if (rank[x] < rank[y]) {
        parent[x] = y;
      } else {
        parent[y] = x;
        if (rank[x] == rank[y]) {
          rank[x]++;
        }
      }
      sets--;
      return true;
    }
  }

  record Edge(int a, int b, double weight) implements Comparable<Edge> {
    @Override
    public int compareTo(Edge o) {
      return Double.compare(weight, o.weight);
    }
  }

  @Runs(AWAY)
  static Object spanningTrees(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        seed ->
            () -> {
              SplittableRandom r = new SplittableRandom(seed);
              PriorityQueue<Edge> edges = new PriorityQueue<>();
              for (int i = 0; i < 200; i++) {
                edges.add(new Edge(r.nextInt(50), r.nextInt(50), r.nextDouble()));
              }
              UnionFind sets = new UnionFind(50);
              List<Edge> tree = new ArrayList<>();
              while (!edges.isEmpty()) {
                Edge e = edges.remove();
                if (sets.union(e.a(), e.b())) {
                  tree.add(e);
                }
              }
              return all(sets.sets, tree);
            });
  }

  static final class SkipList {
    private static final int LEVELS = 5;

    private final class Node {
      final int key;
      final Node[] next;

      @SuppressWarnings("unchecked")
      Node(int key, int height) {
        this.key = key;
        next = (Node[]) java.lang.reflect.Array.newInstance(Node.class, height);
        nodes++;
      }
    }

    private final Random levels = new Random(5);
    private int nodes;
    private final Node head = new Node(Integer.MIN_VALUE, LEVELS);

    boolean add(int key) {
      Node[] before = new SkipList.Node[LEVELS];
      Node n = head;
      for (int l = LEVELS - 1; l >= 0; l--) {
        while (n.next[l] != null && n.next[l].key < key) {
          n = n.next[l];
        }
        before[l] = n;
      }
      if (n.next[0] != null && n.next[0].key == key) {
        return false;
      }
      Node added = new Node(key, 1 + levels.nextInt(LEVELS));
      for (int l = 0; l < added.next.length; l++) {
        added.next[l] = before[l].next[l];
        before[l].next[l] = added;
      }
      return true;
    }
  }

  @Runs(EITHER)
  static Object skipListOfInnerNodes(ExecutorService pool) throws Exception {
    SkipList list = new SkipList();
    list.add(500);
    for (int t = 0; t < 4; t++) {
      int from = t * 10;
      pool.submit(
              () -> {
                for (int i = 0; i < 10; i++) {
                  list.add((from + i) * 37 % 101);
                }
              })
          .get();
      list.add(1000 + t);
    }
    return list;
  }

  static final class BPlus<K extends Comparable<? super K>, V> {
    private static final int ORDER = 4;

    private abstract class Page {
      final List<K> keys = new ArrayList<>();

      abstract V find(K key);

      abstract Page insert(K key, V value);

      abstract K first();
    }

    private final class Leaf extends Page {
      final List<V> values = new ArrayList<>();
      Leaf next;

      @Override
      V find(K key) {
        int i = Collections.binarySearch(keys, key);
        return i < 0 ? null : values.get(i);
      }

      @Override
      Page insert(K key, V value) {
        int i = Collections.binarySearch(keys, key);
        if (i >= 0) {
          values.set(i, value);
          return null;
        }
        keys.add(-i - 1, key);
        values.add(-i - 1, value);
        if (keys.size() <= ORDER) {
          return null;
        }
        Leaf right = new Leaf();
        List<K> ks = keys.subList(ORDER / 2, keys.size());
        List<V> vs = values.subList(ORDER / 2, values.size());
        right.keys.addAll(ks);
        right.values.addAll(vs);
        ks.clear();
        vs.clear();
        right.next = next;
        next = right;
        return right;
      }

      @Override
      K first() {
        return keys.get(0);
      }
    }

    private final class Inner extends Page {
      final List<Page> children = new ArrayList<>();

      private Page child(K key) {
        int i = Collections.binarySearch(keys, key);
        return children.get(i < 0 ? -i - 1 : i + 1);
      }

      @Override
      V find(K key) {
        return child(key).find(key);
      }

      @Override
      Page insert(K key, V value) {
        Page added = child(key).insert(key, value);
        if (added != null) {
          int i = -Collections.binarySearch(keys, added.first()) - 1;
          keys.add(i, added.first());
          children.add(i + 1, added);
        }
        if (children.size() <= ORDER) {
          return null;
        }
        Inner right = new Inner();
        int mid = children.size() / 2;
        right.children.addAll(children.subList(mid, children.size()));
        right.keys.addAll(keys.subList(mid, keys.size()));
        children.subList(mid, children.size()).clear();
        keys.subList(mid - 1, keys.size()).clear();
        return right;
      }

      @Override
      K first() {
        return children.get(0).first();
      }
    }

    private final Leaf start = new Leaf();
    private Page root = start;

    void put(K key, V value) {
      Page added = root.insert(key, value);
      if (added != null) {
        Inner inner = new Inner();
        inner.children.add(root);
        inner.children.add(added);
        inner.keys.add(added.first());
        root = inner;
      }
    }
  }

  @Runs(AWAY)
  static Object bPlusTree(ExecutorService pool) throws Exception {
    BPlus<String, Integer> tree = new BPlus<>();
    for (int t = 0; t < 4; t++) {
      int from = t * 12;
      pool.submit(
              () -> {
                for (int i = from; i < from + 12; i++) {
                  tree.put("k" + i * 17 % 50, i);
                }
              })
          .get();
    }
    List<Integer> found = collect(pool, 5, i -> () -> tree.root.find("k" + i * 3));
    List<String> order = new ArrayList<>();
    for (BPlus<String, Integer>.Leaf l = tree.start; l != null; l = l.next) {
      order.addAll(l.keys);
    }
    return all(found, order, tree.root.find("none"));
  }

  // ---- collections of one's own ----

  static final class Matrix2D extends AbstractList<List<Integer>> implements RandomAccess {
    private final int[] cells;
    private final int columns;

    Matrix2D(int rows, int columns) {
      cells = new int[rows * columns];
      this.columns = columns;
    }

    @Override
    public List<Integer> get(int row) {
      Objects.checkIndex(row, size());
      return new AbstractList<>() {
        @Override
        public Integer get(int c) {
          return cells[row * columns + Objects.checkIndex(c, columns)];
        }

        @Override
        public Integer set(int c, Integer v) {
          int old = get(c);
          cells[row * columns + c] = v;
          return old;
        }

        @Override
        public int size() {
          return columns;
        }
      };
    }

    @Override
    public int size() {
      return cells.length / columns;
    }
  }

  @Runs(AWAY)
  static Object rowsAsViews(ExecutorService pool) throws Exception {
    Matrix2D m = new Matrix2D(4, 3);
    each(
        pool,
        4,
        r ->
            () -> {
              List<Integer> row = m.get(r);
              row.replaceAll(x -> r + 1);
              row.subList(1, 3).set(1, -r);
            });
    List<Integer> row = m.get(2);
    pool.submit(() -> Collections.swap(row, 0, 2)).get();
    pool.submit(() -> Collections.reverse(m.get(3))).get();
    List<Integer> mine = pool.submit(() -> m.get(0)).get();
    mine.set(0, 99);
    return all(m.cells, m.stream().flatMap(List::stream).mapToInt(x -> x).sum());
  }

  static final class CountedMap<K> extends AbstractMap<K, Integer> {
    private final Map<K, int[]> counts = new LinkedHashMap<>();

    void count(K key) {
      counts.computeIfAbsent(key, k -> new int[1])[0]++;
    }

    @Override
    public Set<Entry<K, Integer>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Entry<K, Integer>> iterator() {
          Iterator<Entry<K, int[]>> it = counts.entrySet().iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return it.hasNext();
            }

            @Override
            public Entry<K, Integer> next() {
              Entry<K, int[]> e = it.next();
              return new SimpleEntry<>(e.getKey(), e.getValue()[0]) {
                @Override
                public Integer setValue(Integer v) {
                  e.getValue()[0] = v;
                  return super.setValue(v);
                }
              };
            }

            @Override
            public void remove() {
              it.remove();
            }
          };
        }

        @Override
        public int size() {
          return counts.size();
        }
      };
    }
  }

  @Runs(AWAY)
  static Object ownMapWithViews(ExecutorService pool) throws Exception {
    CountedMap<String> counts = new CountedMap<>();
    pool.submit(
            () -> {
              for (String w : "a b a c a b d".split(" ")) {
                counts.count(w);
              }
            })
        .get();
    pool.submit(() -> counts.replaceAll((k, v) -> v * 10)).get();
    boolean removed = pool.submit(() -> counts.keySet().removeIf("c"::equals)).get();
    pool.submit(() -> counts.entrySet().iterator().next().setValue(7)).get();
    Collection<Integer> values = pool.submit(() -> counts.values()).get();
    return all(counts.toString(), removed, values.toString(), counts.hashCode());
  }

  /** Evicts what was used least recently, and tells a listener. */
  static class Lru<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;

    private final int capacity;
    private final BiConsumer<? super K, ? super V> evicted;

    Lru(int capacity, BiConsumer<? super K, ? super V> evicted) {
      super(16, 0.75f, true);
      this.capacity = capacity;
      this.evicted = evicted;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      boolean full = size() > capacity;
      if (full) {
        evicted.accept(eldest.getKey(), eldest.getValue());
      }
      return full;
    }
  }

  @Runs(AWAY)
  static Object lruThatTellsWhatItEvicts(ExecutorService pool) throws Exception {
    StringBuilder log = new StringBuilder();
    Lru<String, Integer> lru = new Lru<>(3, (k, v) -> log.append(k).append(v).append(' '));
    lru.put("a", 1);
    lru.put("b", 2);
    lru.put("c", 3);
    pool.submit(
            () -> {
              lru.get("a");
              lru.put("d", 4);
            })
        .get();
    lru.get("c");
    int sum =
        pool.submit(
                () -> {
                  lru.putIfAbsent("e", 5);
                  lru.merge("e", 10, Integer::sum);
                  return lru.values().stream().mapToInt(x -> x).sum();
                })
            .get();
    lru.put("f", 6);
    return all(log.toString(), sum, lru.keySet().toString());
  }

  static final class CircularBuffer<E> extends AbstractCollection<E> {
    private final Object[] items;
    private int head;
    private int size;

    CircularBuffer(int n) {
      items = new Object[n];
    }

    @Override
    public boolean add(E e) {
      items[(head + size) % items.length] = e;
      if (size == items.length) {
        head = (head + 1) % items.length;
      } else {
        size++;
      }
      return true;
    }

    @Override
    public Iterator<E> iterator() {
      return new Iterator<>() {
        int i;

        @Override
        public boolean hasNext() {
          return i < size;
        }

        @Override
        @SuppressWarnings("unchecked")
        public E next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          return (E) items[(head + i++) % items.length];
        }
      };
    }

    @Override
    public int size() {
      return size;
    }
  }

  @Runs(AWAY)
  static Object circularBuffer(ExecutorService pool) throws Exception {
    CircularBuffer<Object> buffer = new CircularBuffer<>(4);
    buffer.add("first");
    pool.submit(() -> buffer.addAll(List.of(1, 2L, 'c', 4.0, "five"))).get();
    boolean has = pool.submit(() -> buffer.contains("first")).get();
    Object[] array = pool.submit(() -> buffer.toArray()).get();
    return all(buffer.toString(), has, array, buffer.stream().skip(2).toList());
  }

  // ---- lists and maps of the JDK, written through views ----

  @Runs(AWAY)
  static Object viewsOfViews(ExecutorService pool) throws Exception {
    Integer[] array = {5, 3, 9, 1, 7, 2, 8};
    List<Integer> list = Arrays.asList(array);
    List<Integer> middle = list.subList(1, 6);
    List<Integer> checked = Collections.checkedList(middle.subList(0, 4), Integer.class);
    NavigableMap<Integer, String> map = new TreeMap<>(Map.of(1, "a", 4, "b", 6, "c", 9, "d"));
    NavigableMap<Integer, String> part = map.subMap(2, true, 8, true).descendingMap();
    pool.submit(() -> checked.sort(null)).get();
    pool.submit(
            () -> {
              part.put(5, "e");
              part.pollFirstEntry();
              part.keySet().remove(4);
              return part.navigableKeySet().retainAll(Set.of(5));
            })
        .get();
    pool.submit(() -> Collections.rotate(middle, 2)).get();
    return all(
        array,
        middle,
        map,
        outcome(pool.submit(() -> part.put(20, "x"))),
        outcome(pool.submit(() -> middle.add(1))),
        outcome(pool.submit(() -> Collections.unmodifiableMap(map).clear())));
  }

  @Runs(EITHER)
  static Object iteratorsHandedOn(ExecutorService pool) throws Exception {
    List<String> words = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
    ListIterator<String> it = words.listIterator();
    it.next();
    pool.submit(
            () -> {
              it.next();
              it.remove();
              it.next();
              it.set("C");
              it.add("c+");
            })
        .get();
    String after = it.next();
    Map<Integer, String> map = new HashMap<>(Map.of(1, "x", 2, "y", 3, "z"));
    Iterator<Map.Entry<Integer, String>> entries = map.entrySet().iterator();
    entries.next();
    pool.submit(
            () -> {
              entries.next().setValue("changed");
              entries.next();
              entries.remove();
            })
        .get();
    PriorityQueue<Integer> heap = new PriorityQueue<>(List.of(5, 1, 4));
    Iterator<Integer> top = heap.iterator();
    pool.submit(
            () -> {
              top.next();
              top.remove();
            })
        .get();
    Deque<Integer> deque = new ArrayDeque<>(List.of(1, 2, 3));
    Iterator<Integer> down = deque.descendingIterator();
    down.next();
    pool.submit(down::remove).get();
    return all(words, after, map, entries.hasNext(), heap, deque, down.next());
  }

  @Runs(EITHER)
  static Object bucketsShared(ExecutorService pool) throws Exception {
    Map<String, List<Integer>> groups = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<Integer> shared = new LinkedList<>();
    groups.put("a", shared);
    groups.put("b", shared);
    pool.submit(() -> groups.get("A").add(1)).get();
    pool.submit(() -> groups.computeIfAbsent("C", k -> new Vector<>()).add(3)).get();
    pool.submit(() -> groups.get("B").addAll(groups.get("c"))).get();
    List<Integer> back = pool.submit(() -> groups.get("b")).get();
    return all(groups, back == shared, groups.get("a") == groups.get("b"));
  }

  @Runs(AWAY)
  static Object mapsKeptByEnums(ExecutorService pool) throws Exception {
    Map<DayOfWeek, EnumSet<Month>> plan = new EnumMap<>(DayOfWeek.class);
    for (DayOfWeek d : DayOfWeek.values()) {
      plan.put(d, EnumSet.noneOf(Month.class));
    }
    each(
        pool,
        7,
        i ->
            () -> {
              EnumSet<Month> months = plan.get(DayOfWeek.of(i + 1));
              months.addAll(EnumSet.range(Month.of(i + 1), Month.of(i + 4)));
              months.remove(Month.MAY);
            });
    EnumSet<Month> rest = pool.submit(() -> EnumSet.complementOf(plan.get(DayOfWeek.MONDAY))).get();
    return all(plan, rest, plan.get(DayOfWeek.SUNDAY).clone());
  }
}
