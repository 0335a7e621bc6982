package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.Spliterator;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Arrays, buffers and collections that tasks read and change, of many kinds. */
final class Containers {
  private Containers() {}

  // ---- arrays ----

  @Runs(AWAY)
  static Object arraysOperationsOnRanges(ExecutorService pool) throws Exception {
    int[] a = new Random(3).ints(100, 0, 50).toArray();
    long[] b = new long[40];
    double[] c = new double[20];
    Integer[] d = {5, 3, 9, 1, 7, 2};
    each(
        pool,
        4,
        i ->
            () -> {
              switch (i) {
                case 0 -> Arrays.parallelSort(a, 10, 60);
                case 1 -> Arrays.setAll(b, k -> (long) k * k);
                case 2 -> Arrays.fill(c, 5, 15, 2.5);
                default -> Arrays.sort(d, 1, 5, Comparator.reverseOrder());
              }
            });
    pool.submit(() -> Arrays.parallelPrefix(b, Long::sum)).get();
    pool.submit(() -> Arrays.parallelSetAll(c, k -> c[k] + k)).get();
    return all(a, b, c, d);
  }

  @Runs(AWAY)
  static Object cubeFilledByLayers(ExecutorService pool) throws Exception {
    int[][][] cube = new int[4][5][6];
    each(
        pool,
        4,
        x ->
            () -> {
              for (int y = 0; y < 5; y++) {
                for (int z = 0; z < 6; z++) {
                  cube[x][y][z] = x * 100 + y * 10 + z;
                }
              }
            });
    return cube;
  }

  @Runs(AWAY)
  static Object jaggedRowsSwapped(ExecutorService pool) throws Exception {
    int[][] rows = {{1}, {2, 2}, {3, 3, 3}};
    int[] one = rows[0];
    int[] three = rows[2];
    pool.submit(
            () -> {
              int[] t = rows[0];
              rows[0] = rows[2];
              rows[2] = t;
              rows[2][0] = 42;
              rows[1] = Arrays.copyOf(rows[1], 4);
            })
        .get();
    return all(rows, rows[0] == three, rows[2] == one, one);
  }

  @SuppressWarnings("unchecked")
  @Runs(AWAY)
  static Object arraysOfGenericLists(ExecutorService pool) throws Exception {
    List<String>[] buckets = (List<String>[]) new List<?>[5];
    Map<String, Integer>[] maps = (Map<String, Integer>[]) new Map<?, ?>[3];
    each(pool, 5, i -> () -> (buckets[i] = new LinkedList<>()).add("b" + i));
    each(pool, 3, i -> () -> maps[i] = Map.of("m", i));
    Object[] shared = new Object[2];
    pool.submit(() -> shared[1] = shared[0] = new Object[] {shared}).get();
    return all(buckets, maps, shared[0] == shared[1], ((Object[]) shared[0])[0] == shared);
  }

  record Holder(int[] data, List<int[]> more, StringBuilder text) {
    Holder {
      data = data.clone();
    }

    void bump() {
      data[0]++;
      more.get(0)[0] += 10;
      text.append('!');
    }
  }

  @Runs(AWAY)
  static Object mutableComponentsOfRecord(ExecutorService pool) throws Exception {
    int[] mine = {1};
    Holder holder = new Holder(mine, List.of(new int[] {5}), new StringBuilder("x"));
    pool.submit(holder::bump).get();
    pool.submit(holder::bump).get();
    return all(holder.data(), holder.more(), holder.text().toString(), mine);
  }

  @Runs(AWAY)
  static Object arrayStoreExceptionInTask(ExecutorService pool) throws Exception {
    Object[] strings = new String[3];
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  strings[0] = "fine";
                  strings[1] = Integer.valueOf(3);
                }));
    Object negative = outcome(pool.submit(() -> new int[strings.length - 5]));
    Object index = outcome(pool.submit(() -> strings[7]));
    return all(thrown, negative, index, strings);
  }

  @Runs(AWAY)
  static Object mergesortInPlaceByHalves(ExecutorService pool) throws Exception {
    int[] a = new Random(9).ints(1000).toArray();
    int[] scratch = new int[a.length];
    for (int width = 125; width < 1000; width *= 2) {
      int w = width;
      if (w == 125) {
        each(pool, 8, i -> () -> Arrays.sort(a, i * 125, (i + 1) * 125));
      }
      each(
          pool,
          1000 / (2 * w),
          i ->
              () -> {
                int lo = i * 2 * w;
                int mid = lo + w;
                int hi = mid + w;
                System.arraycopy(a, lo, scratch, lo, hi - lo);
                int p = lo;
                int q = mid;
                for (int k = lo; k < hi; k++) {
                  a[k] =
                      q >= hi || p < mid && scratch[p] <= scratch[q] ? scratch[p++] : scratch[q++];
                }
              });
    }
    int[] sorted = a.clone();
    Arrays.sort(sorted);
    return all(Arrays.equals(a, sorted), Arrays.hashCode(a), Arrays.hashCode(scratch) != 0);
  }

  @Runs(AWAY)
  static Object sieveBySegments(ExecutorService pool) throws Exception {
    boolean[] composite = new boolean[2000];
    int[] small = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43};
    each(
        pool,
        10,
        s ->
            () -> {
              int from = s * 200;
              for (int p : small) {
                for (int m = Math.max(p * p, (from + p - 1) / p * p); m < from + 200; m += p) {
                  composite[m] = true;
                }
              }
            });
    return IntStream.range(2, 2000).filter(i -> !composite[i]).count();
  }

  @Runs(AWAY)
  static Object transposedInPlace(ExecutorService pool) throws Exception {
    String[][] m = {{"a", "b", "c"}, {"d", "e", "f"}, {"g", "h", "i"}};
    String b = m[0][1];
    pool.submit(
            () -> {
              for (int i = 0; i < 3; i++) {
                for (int j = i + 1; j < 3; j++) {
                  String t = m[i][j];
                  m[i][j] = m[j][i];
                  m[j][i] = t;
                }
              }
            })
        .get();
    return all(m, m[1][0] == b);
  }

  @Runs(AWAY)
  static Object boxedSlotsKeepIdentity(ExecutorService pool) throws Exception {
    Long big = Long.valueOf("123456789012");
    Object[] slots = {big, null, new String("s"), 'c', 7};
    Object s = slots[2];
    pool.submit(
            () -> {
              slots[1] = slots[0];
              slots[3] = slots[2];
              slots[4] = (Integer) slots[4] + 1;
            })
        .get();
    return all(slots, slots[0] == big, slots[3] == s, slots[2] == s);
  }

  // ---- buffers and characters ----

  @Runs(AWAY)
  static Object heapByteBufferFilled(ExecutorService pool) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    pool.submit(() -> buffer.putInt(42).putDouble(2.5).put((byte) 7)).get();
    int at = buffer.position();
    each(pool, 4, i -> () -> buffer.putInt(32 + i * 4, i * 1000));
    buffer.flip();
    return all(
        at, buffer.getInt(), buffer.getDouble(), buffer.get(), buffer.order(), buffer.array());
  }

  @Runs(AWAY)
  static Object sliceAndDuplicateShareBytes(ExecutorService pool) throws Exception {
    ByteBuffer whole = ByteBuffer.wrap(new byte[16]);
    ByteBuffer slice = whole.position(4).slice();
    ByteBuffer copy = whole.duplicate();
    pool.submit(
            () -> {
              slice.put(0, (byte) 9);
              copy.put(1, (byte) 8);
            })
        .get();
    return all(whole.array(), slice.get(0), copy.get(1), whole.position(), slice.capacity());
  }

  @Runs(AWAY)
  static Object typedHeapBuffers(ExecutorService pool) throws Exception {
    IntBuffer ints = IntBuffer.wrap(new int[] {1, 2, 3, 4});
    DoubleBuffer doubles = DoubleBuffer.allocate(3);
    LongBuffer longs = LongBuffer.allocate(3);
    CharBuffer chars = CharBuffer.wrap("hello".toCharArray());
    pool.submit(
            () -> {
              ints.put(2, 30);
              doubles.put(1.5).put(2.5);
              longs.put(1, 1L << 40);
              chars.put(0, 'j');
            })
        .get();
    ByteBuffer bytes = ByteBuffer.allocate(8);
    IntBuffer view = bytes.asIntBuffer();
    pool.submit(() -> view.put(1, 7)).get();
    return all(
        bytes.array(),
        ints.array(),
        doubles.position(),
        doubles.array(),
        longs.array(),
        chars.toString());
  }

  @Runs(AWAY)
  static Object buffersMadeInTask(ExecutorService pool) throws Exception {
    byte[] bytes =
        pool.submit(
                () -> {
                  ByteBuffer direct = ByteBuffer.allocateDirect(32);
                  direct.asIntBuffer().put(new int[] {1, 2, 3});
                  byte[] got = new byte[12];
                  direct.get(got);
                  return got;
                })
            .get();
    ByteBuffer back = pool.submit(() -> ByteBuffer.allocate(8).putInt(5).flip()).get();
    return all(bytes, back.remaining(), back.getInt());
  }

  @Runs(AWAY)
  static Object builderAppendedByTasks(ExecutorService pool) throws Exception {
    StringBuilder text = new StringBuilder("start");
    StringJoiner joiner = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < 5; i++) {
      int n = i;
      pool.submit(() -> text.append('-').append(n).insert(0, n)).get();
      pool.submit(() -> joiner.add("j" + n)).get();
    }
    StringBuilder same = pool.submit(() -> text.reverse()).get();
    pool.submit(() -> text.setLength(6)).get();
    return all(text.toString(), same == text, joiner.toString(), text.capacity() >= 6);
  }

  @Runs(AWAY)
  static Object bitSetOperations(ExecutorService pool) throws Exception {
    BitSet bits = new BitSet();
    BitSet other = BitSet.valueOf(new long[] {0b101010});
    pool.submit(() -> bits.set(3, 70)).get();
    pool.submit(() -> bits.andNot(other)).get();
    pool.submit(() -> other.or(bits)).get();
    int next = pool.submit(() -> bits.nextClearBit(4)).get();
    return all(bits, other, next, bits.cardinality(), pool.submit(() -> bits.clone()).get());
  }

  // ---- collections ----

  enum Color {
    RED,
    GREEN,
    BLUE
  }

  @Runs(AWAY)
  static Object enumCollections(ExecutorService pool) throws Exception {
    EnumMap<Color, List<Integer>> map = new EnumMap<>(Color.class);
    EnumSet<Color> set = EnumSet.of(Color.BLUE);
    pool.submit(() -> map.computeIfAbsent(Color.GREEN, c -> new ArrayList<>()).add(1)).get();
    pool.submit(() -> map.computeIfAbsent(Color.GREEN, c -> new ArrayList<>()).add(2)).get();
    pool.submit(() -> set.add(Color.RED)).get();
    pool.submit(() -> set.removeIf(c -> c.ordinal() == 2)).get();
    EnumSet<Color> rest = pool.submit(() -> EnumSet.complementOf(set)).get();
    return all(map, set, rest);
  }

  static final class Ticket implements Comparable<Ticket> {
    final int priority;
    final String name;

    Ticket(int priority, String name) {
      this.priority = priority;
      this.name = name;
    }

    @Override
    public int compareTo(Ticket o) {
      return Integer.compare(priority, o.priority);
    }
  }

  @Runs(AWAY)
  static Object priorityQueueWorkedOff(ExecutorService pool) throws Exception {
    PriorityQueue<Ticket> queue =
        new PriorityQueue<>(Comparator.<Ticket>naturalOrder().thenComparing(t -> t.name));
    for (int i = 0; i < 8; i++) {
      queue.add(new Ticket(i * 3 % 8, "t" + i));
    }
    Ticket first = queue.peek();
    Ticket polled = pool.submit(() -> queue.poll()).get();
    pool.submit(() -> queue.add(new Ticket(-1, "urgent"))).get();
    String top = pool.submit(() -> queue.peek().name).get();
    List<String> order =
        pool.submit(
                () -> {
                  List<String> names = new ArrayList<>();
                  while (queue.size() > 2) {
                    names.add(queue.remove().name);
                  }
                  return names;
                })
            .get();
    return all(polled == first, top, order, queue.size());
  }

  @Runs(AWAY)
  static Object dequeUsedAsStackAndQueue(ExecutorService pool) throws Exception {
    ArrayDeque<int[]> deque = new ArrayDeque<>(4);
    int[] first = {1};
    deque.add(first);
    pool.submit(
            () -> {
              for (int i = 0; i < 10; i++) {
                deque.push(new int[] {i});
                deque.addLast(new int[] {-i});
              }
            })
        .get();
    int[] popped = pool.submit(() -> deque.pop()).get();
    pool.submit(() -> deque.removeIf(x -> x[0] < -3)).get();
    boolean has = deque.stream().anyMatch(x -> x == first);
    return all(popped, has, new ArrayList<>(deque));
  }

  @Runs(AWAY)
  static Object accessOrderedMap(ExecutorService pool) throws Exception {
    LinkedHashMap<String, Integer> lru = new LinkedHashMap<>(8, 0.75f, true);
    for (String s : List.of("a", "b", "c", "d")) {
      lru.put(s, s.charAt(0) - 'a');
    }
    int b = pool.submit(() -> lru.get("b")).get();
    pool.submit(() -> lru.getOrDefault("a", 0)).get();
    List<String> order = new ArrayList<>(lru.keySet());
    pool.submit(() -> lru.remove(lru.keySet().iterator().next())).get();
    pool.submit(() -> lru.merge("d", 5, Integer::sum)).get();
    return all(b, order, new ArrayList<>(lru.keySet()), lru);
  }

  @Runs(AWAY)
  static Object navigableViewsChanged(ExecutorService pool) throws Exception {
    TreeMap<Integer, String> map = new TreeMap<>();
    for (int i = 0; i < 20; i += 2) {
      map.put(i, "v" + i);
    }
    NavigableMap<Integer, String> middle = map.subMap(4, true, 12, false);
    NavigableMap<Integer, String> down = middle.descendingMap();
    NavigableSet<Integer> keys = map.navigableKeySet();
    Map.Entry<Integer, String> polled = pool.submit(() -> middle.pollFirstEntry()).get();
    pool.submit(() -> down.put(5, "five")).get();
    pool.submit(() -> keys.remove(18)).get();
    Object outside = outcome(pool.submit(() -> middle.put(50, "x")));
    Integer ceiling = pool.submit(() -> keys.ceiling(13)).get();
    middle.put(7, "client");
    SortedMap<Integer, String> head = pool.submit(() -> down.headMap(7, true)).get();
    return all(polled, map, middle, down, outside, ceiling, head, keys);
  }

  @Runs(AWAY)
  static Object treeSetViews(ExecutorService pool) throws Exception {
    TreeSet<String> set = new TreeSet<>(Comparator.comparing(String::length));
    set.addAll(List.of("a", "bb", "cccc"));
    NavigableSet<String> tail = set.tailSet("bb", true);
    NavigableSet<String> desc = set.descendingSet();
    pool.submit(() -> tail.add("ddd")).get();
    pool.submit(() -> desc.remove("x")).get();
    String higher = pool.submit(() -> tail.higher("bb")).get();
    String first = pool.submit(() -> desc.first()).get();
    return all(set, tail, desc, higher, first);
  }

  @Runs(AWAY)
  static Object listOperationsInPlace(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>(IntStream.range(0, 20).boxed().toList());
    pool.submit(() -> Collections.shuffle(list, new Random(5))).get();
    pool.submit(() -> Collections.rotate(list, 3)).get();
    pool.submit(() -> Collections.swap(list, 0, 19)).get();
    pool.submit(() -> list.subList(5, 15).sort(Comparator.reverseOrder())).get();
    pool.submit(() -> list.subList(2, 4).clear()).get();
    pool.submit(() -> list.replaceAll(x -> x * 2)).get();
    pool.submit(() -> list.addAll(3, List.of(-1, -2, -3))).get();
    pool.submit(() -> Collections.reverse(list.subList(0, 6))).get();
    return list;
  }

  @Runs(AWAY)
  static Object subListCapturedAndChanged(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>(List.of(9, 8, 7, 6, 5, 4));
    List<Integer> left = list.subList(0, 3);
    List<Integer> right = list.subList(3, 6);
    each(pool, 2, i -> () -> (i == 0 ? left : right).sort(null));
    pool.submit(() -> right.set(0, 40)).get();
    return all(list, left, right);
  }

  @Runs(AWAY)
  static Object linkedListEdited(ExecutorService pool) throws Exception {
    LinkedList<String> list = new LinkedList<>(List.of("a", "b", "c"));
    pool.submit(
            () -> {
              ListIterator<String> it = list.listIterator();
              while (it.hasNext()) {
                String s = it.next();
                if (s.equals("b")) {
                  it.remove();
                } else {
                  it.set(s.toUpperCase());
                  it.add(s + s);
                }
              }
            })
        .get();
    String first = pool.submit(() -> list.removeFirst()).get();
    pool.submit(() -> list.descendingIterator().next()).get();
    return all(list, first);
  }

  @Runs(AWAY)
  static Object identityMapChanged(ExecutorService pool) throws Exception {
    IdentityHashMap<String, Integer> map = new IdentityHashMap<>();
    String one = new String("k");
    String two = new String("k");
    map.put(one, 1);
    pool.submit(() -> map.put(two, 2)).get();
    pool.submit(() -> map.merge(one, 10, Integer::sum)).get();
    return all(map.size(), map.get(one), map.get(two), map.containsKey("k"));
  }

  @Runs(AWAY)
  static Object weakMapMadeByTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              WeakHashMap<Object, String> map = new WeakHashMap<>();
              Object key = new Object();
              map.put(key, "v");
              return map.get(key) + map.size();
            })
        .get();
  }

  @Runs(AWAY)
  static Object unmodifiableAndCheckedViews(ExecutorService pool) throws Exception {
    List<String> base = new ArrayList<>(List.of("x"));
    List<String> view = Collections.unmodifiableList(base);
    List<String> checked = Collections.checkedList(base, String.class);
    Object no = outcome(pool.submit(() -> view.add("no")));
    pool.submit(() -> checked.add("yes")).get();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Object cast = outcome(pool.submit(() -> ((List) checked).add(5)));
    List<String> back = pool.submit(() -> view).get();
    return all(no.getClass(), base, view, cast.getClass(), back == view);
  }

  @Runs(AWAY)
  static Object immutablesReturned(ExecutorService pool) throws Exception {
    return all(
        pool.submit(() -> Collections.nCopies(3, "n")).get(),
        pool.submit(() -> Collections.emptyList() == Collections.EMPTY_LIST).get(),
        pool.submit(() -> Collections.emptyMap()).get() == Collections.emptyMap(),
        pool.submit(() -> Collections.singletonList(4)).get(),
        pool.submit(() -> List.of()).get() == List.of(),
        pool.submit(() -> Map.of("a", 1, "b", 2, "c", 3)).get(),
        pool.submit(() -> Set.of(3, 1, 2)).get(),
        pool.submit(() -> List.copyOf(Arrays.asList(1, 2))).get(),
        pool.submit(() -> Map.entry("k", 2)).get(),
        pool.submit(() -> new AbstractMap.SimpleEntry<>("k", 2)).get());
  }

  @Runs(AWAY)
  static Object entriesSetThroughIteration(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>();
    for (int i = 0; i < 50; i++) {
      map.put("k" + i, i);
    }
    pool.submit(
            () -> {
              for (Map.Entry<String, Integer> e : map.entrySet()) {
                e.setValue(e.getValue() * 2);
              }
              map.values().removeIf(v -> v > 60);
              map.keySet().retainAll(Set.of("k1", "k2", "k3", "k99"));
            })
        .get();
    return map;
  }

  @Runs(AWAY)
  static Object concurrentModificationInTask(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3, 4));
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  for (Integer i : list) {
                    list.remove(i);
                  }
                }));
    Iterator<Integer> it = list.iterator();
    pool.submit(() -> list.add(77)).get();
    Object mine;
    try {
      mine = it.next();
    } catch (ConcurrentModificationException e) {
      mine = "concurrent modification";
    }
    return all(thrown, list, mine);
  }

  static final class Ring<T> extends AbstractList<T> {
    private final Object[] slots;
    private int start;
    private int size;

    Ring(int n) {
      slots = new Object[n];
    }

    @Override
    public boolean add(T t) {
      slots[(start + size) % slots.length] = t;
      if (size == slots.length) {
        start = (start + 1) % slots.length;
      } else {
        size++;
      }
      modCount++;
      return true;
    }

    @SuppressWarnings("unchecked")
    @Override
    public T get(int i) {
      return (T) slots[(start + i) % slots.length];
    }

    @Override
    public int size() {
      return size;
    }
  }

  @Runs(AWAY)
  static Object ownListImplementation(ExecutorService pool) throws Exception {
    Ring<Integer> ring = new Ring<>(4);
    pool.submit(() -> IntStream.range(0, 7).forEach(ring::add)).get();
    pool.submit(() -> ring.add(100)).get();
    int sum = pool.submit(() -> ring.stream().mapToInt(x -> x).sum()).get();
    return all(ring, sum);
  }

  @Runs(AWAY)
  static Object multimapOfTasks(ExecutorService pool) throws Exception {
    Map<String, Set<String>> graph = new TreeMap<>();
    for (String v : List.of("a", "b", "c", "d")) {
      graph.put(v, new LinkedHashSet<>());
    }
    each(
        pool,
        4,
        i ->
            () -> {
              String v = "" + (char) ('a' + i);
              for (String w : graph.keySet()) {
                if (!w.equals(v)) {
                  graph.get(v).add(w);
                }
              }
            });
    return graph;
  }

  @Runs(AWAY)
  static Object groupedByCollector(ExecutorService pool) throws Exception {
    List<String> words = List.of("apple", "bob", "cat", "alice", "bear", "cow");
    Map<Character, List<String>> groups =
        pool.submit(() -> words.stream().collect(Collectors.groupingBy(w -> w.charAt(0)))).get();
    Map<Boolean, Long> parts =
        pool.submit(
                () ->
                    words.stream()
                        .collect(
                            Collectors.partitioningBy(w -> w.length() > 3, Collectors.counting())))
            .get();
    TreeMap<Integer, String> joined =
        pool.submit(
                () ->
                    words.stream()
                        .collect(
                            Collectors.toMap(
                                String::length,
                                Function.identity(),
                                (a, b) -> a + b,
                                TreeMap::new)))
            .get();
    return all(groups, parts, joined, groups.get('a').get(0) == words.get(0));
  }

  @Runs(AWAY)
  static Object mapKeyedByOwnIdentity(ExecutorService pool) throws Exception {
    Object[] keys = {new Object(), new Object(), new Object()};
    Map<Object, Integer> map = new HashMap<>();
    for (Object k : keys) {
      map.put(k, 0);
    }
    each(pool, 3, i -> () -> map.put(keys[i], i + 1));
    return all(map.get(keys[0]), map.get(keys[1]), map.get(keys[2]), map.size());
  }

  @Runs(AWAY)
  static Object setsWithOwnEquality(ExecutorService pool) throws Exception {
    Set<List<Integer>> seen = new HashSet<>();
    List<Integer> one = new ArrayList<>(List.of(1));
    seen.add(one);
    boolean again = pool.submit(() -> seen.add(List.of(1))).get();
    boolean fresh = pool.submit(() -> seen.add(List.of(1, 2))).get();
    pool.submit(() -> seen.remove(List.of(1))).get();
    return all(again, fresh, seen);
  }

  @Runs(AWAY)
  static Object bigMapFewChanges(ExecutorService pool) throws Exception {
    Map<Integer, int[]> map = new HashMap<>();
    for (int i = 0; i < 5000; i++) {
      map.put(i, new int[] {i});
    }
    int[] kept = map.get(17);
    each(
        pool,
        4,
        t ->
            () -> {
              for (int i = t; i < 5000; i += 400) {
                map.get(i)[0] = -1;
              }
            });
    pool.submit(() -> map.remove(4999)).get();
    return all(
        map.size(),
        map.get(17) == kept,
        map.values().stream().mapToLong(a -> a[0]).sum(),
        map.containsKey(4999));
  }

  // ---- concurrent containers of one task, or only written ----

  @Runs(AWAY)
  static Object atomicArraysWritten(ExecutorService pool) throws Exception {
    AtomicIntegerArray ints = new AtomicIntegerArray(5);
    AtomicLongArray longs = new AtomicLongArray(new long[] {1, 2, 3, 4, 5});
    AtomicReferenceArray<String> refs = new AtomicReferenceArray<>(5);
    each(
        pool,
        5,
        i ->
            () -> {
              ints.incrementAndGet(i);
              ints.addAndGet((i + 1) % 5, 10);
              longs.accumulateAndGet(i, 3, (a, b) -> a * b);
              refs.set(i, "r" + i);
            });
    return all(ints.toString(), longs.toString(), refs.toString());
  }

  @Runs(AWAY)
  static Object accumulatorsWritten(ExecutorService pool) throws Exception {
    LongAccumulator max = new LongAccumulator(Long::max, Long.MIN_VALUE);
    DoubleAdder sum = new DoubleAdder();
    each(
        pool,
        10,
        i ->
            () -> {
              max.accumulate(i * 7 % 10);
              sum.add(0.5);
            });
    return all(max.get(), sum.sum());
  }

  @Runs(AWAY)
  static Object concurrentCollectionsFilled(ExecutorService pool) throws Exception {
    ConcurrentSkipListMap<Integer, String> sorted = new ConcurrentSkipListMap<>();
    ConcurrentSkipListSet<Integer> set = new ConcurrentSkipListSet<>(Comparator.reverseOrder());
    ConcurrentLinkedDeque<Integer> deque = new ConcurrentLinkedDeque<>();
    LinkedBlockingDeque<Integer> blocking = new LinkedBlockingDeque<>();
    PriorityBlockingQueue<Integer> priority = new PriorityBlockingQueue<>();
    CopyOnWriteArrayList<Integer> copied = new CopyOnWriteArrayList<>();
    each(
        pool,
        8,
        i ->
            () -> {
              sorted.put(i, "v" + i);
              set.add(i);
              deque.addFirst(i);
              blocking.offerLast(i);
              priority.add(i);
              copied.add(i);
            });
    Collections.sort(copied);
    return all(
        sorted,
        set,
        deque.stream().sorted().toList(),
        blocking.stream().sorted().toList(),
        priority.stream().sorted().toList(),
        copied);
  }

  @Runs(AWAY)
  static Object concurrentMapMadeInTaskIsShared(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> map =
        pool.submit(
                () -> {
                  ConcurrentHashMap<String, Integer> m = new ConcurrentHashMap<>();
                  for (String w : "a b a c b a".split(" ")) {
                    m.merge(w, 1, Integer::sum);
                  }
                  return m.get("a") == 3 ? m : null;
                })
            .get();
    map.put("client", 1);
    return new TreeMap<>(map);
  }

  @Runs(HOME)
  static Object putIfAbsentAsLock(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> owner = new ConcurrentHashMap<>();
    int[] wins = new int[8];
    each(
        pool,
        8,
        i ->
            () -> {
              if (owner.putIfAbsent("job", i) == null) {
                wins[i] = 1;
              }
            });
    return Arrays.stream(wins).sum();
  }

  @Runs(HOME)
  static Object iteratesWhileOthersWrite(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
    for (int i = 0; i < 10; i++) {
      map.put(i, 1);
    }
    List<Future<Integer>> sums = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sums.add(
          pool.submit(
              () -> {
                int s = 0;
                for (int v : map.values()) {
                  s += v;
                }
                return s;
              }));
    }
    int total = 0;
    for (Future<Integer> f : sums) {
      total += f.get();
    }
    return total;
  }

  @Runs(AWAY)
  static Object spliteratorCaptured(ExecutorService pool) throws Exception {
    Spliterator<Integer> whole = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6)).spliterator();
    Spliterator<Integer> half = whole.trySplit();
    List<Integer> got = new ArrayList<>();
    pool.submit(() -> half.forEachRemaining(got::add)).get();
    pool.submit(() -> whole.tryAdvance(x -> got.add(x * 100))).get();
    whole.forEachRemaining(got::add);
    half.forEachRemaining(x -> got.add(-1));
    return got;
  }

  @Runs(AWAY)
  static Object mapEntryOfTreeReturned(ExecutorService pool) throws Exception {
    TreeMap<String, Integer> map = new TreeMap<>(Map.of("a", 1, "b", 2));
    Map.Entry<String, Integer> e =
        pool.submit(
                () -> {
                  for (Map.Entry<String, Integer> x : map.entrySet()) {
                    if (x.getKey().equals("b")) {
                      return x;
                    }
                  }
                  return null;
                })
            .get();
    e.setValue(99);
    return all(map, e.getKey());
  }

  @Runs(AWAY)
  static Object liveEntriesReturned(ExecutorService pool) throws Exception {
    Map<String, Integer> hash = new HashMap<>(Map.of("a", 1, "b", 5));
    Map<Integer, String> linked = new LinkedHashMap<>();
    linked.put(1, "one");
    linked.put(2, "two");
    Map.Entry<String, Integer> max =
        pool.submit(() -> hash.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow())
            .get();
    List<Map.Entry<Integer, String>> all =
        pool.submit(() -> new ArrayList<>(linked.entrySet())).get();
    List<Map.Entry<Integer, String>> kept = new ArrayList<>();
    pool.submit(() -> kept.add(linked.entrySet().iterator().next())).get();
    hash.put("b", 50);
    linked.put(1, "uno");
    max.setValue(max.getValue() + 1);
    boolean same = linked.entrySet().iterator().next() == kept.get(0);
    Map.Entry<String, Integer> own =
        pool.submit(
                () -> {
                  Map<String, Integer> m = new HashMap<>(hash);
                  m.put("z", 26);
                  return m.entrySet().stream().filter(e -> e.getValue() == 26).findAny().get();
                })
            .get();
    return all(hash, all, same, kept.get(0).getValue(), own.getKey(), own.getValue());
  }

  @Runs(EITHER)
  static Object entryBesideItsMap(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>(Map.of("a", 1, "b", 2));
    Map.Entry<String, Integer> entry = map.entrySet().iterator().next();
    int sum = pool.submit(() -> entry.getValue() + map.get("b")).get();
    int seen =
        pool.submit(
                () -> {
                  entry.setValue(100);
                  return map.get("a");
                })
            .get();
    int other =
        pool.submit(
                () -> {
                  map.put("a", 200);
                  return entry.getValue();
                })
            .get();
    return all(sum, seen, other, map, entry.getValue());
  }

  @Runs(AWAY)
  static Object tasksPerEntry(ExecutorService pool) throws Exception {
    Map<String, List<Integer>> map = new LinkedHashMap<>();
    for (String s : List.of("a", "b", "c")) {
      map.put(s, new ArrayList<>(List.of(s.charAt(0) - 'a', 7)));
    }
    List<Object> got = new ArrayList<>();
    for (Map.Entry<String, List<Integer>> e : map.entrySet()) {
      got.add(pool.submit(() -> e.getValue().stream().mapToInt(x -> x).sum()).get());
      pool.submit(() -> e.getValue().add(e.getKey().length())).get();
    }
    for (Map.Entry<String, List<Integer>> e : map.entrySet()) {
      pool.submit(() -> e.setValue(List.of(3))).get();
    }
    return all(got, map);
  }

  @Runs(AWAY)
  static Object viewsReturnedAreLive(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>(Map.of("a", 1, "b", 2));
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3, 4));
    Set<String> keys = pool.submit(() -> map.keySet()).get();
    Collection<Integer> values = pool.submit(() -> map.values()).get();
    List<Integer> sub = pool.submit(() -> list.subList(1, 3)).get();
    List<Integer> fixed = pool.submit(() -> Collections.unmodifiableList(list)).get();
    map.put("c", 3);
    sub.set(0, 20);
    keys.remove("a");
    return all(keys, values.size(), sub, fixed, map, list);
  }

  @Runs(AWAY)
  static Object queueInterfaceOfLinkedList(ExecutorService pool) throws Exception {
    Queue<Runnable> jobs = new LinkedList<>();
    int[] ran = new int[3];
    for (int i = 0; i < 3; i++) {
      int n = i;
      jobs.add(() -> ran[n] = n + 1);
    }
    int count =
        pool.submit(
                () -> {
                  int n = 0;
                  for (Runnable r = jobs.poll(); r != null; r = jobs.poll()) {
                    r.run();
                    n++;
                  }
                  return n;
                })
            .get();
    Deque<Object> self = new ArrayDeque<>();
    pool.submit(() -> self.add(self)).get();
    return all(count, ran, jobs.isEmpty(), self.peek() == self);
  }
}
