package dev.martlet.internal.codec;

import static dev.martlet.internal.codec.TestSpace.copy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.agent.Trusted;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.text.DecimalFormat;
import java.text.MessageFormat;
import java.text.SimpleDateFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings({"unchecked", "rawtypes", "serial", "unused", "deprecation", "JdkObsolete"})
class GraphCodecTest {

  static class Node {
    Object value;
    Node next;
    transient int hidden = 7;
    final List<Object> more = new ArrayList<>();
  }

  record Point(int x, long y, String name) {}

  enum Op {
    PLUS("+") {
      @Override
      int apply(int a, int b) {
        return a + b;
      }
    },
    MINUS("-") {
      @Override
      int apply(int a, int b) {
        return a - b;
      }
    };

    final String sign;
    int used;

    Op(String sign) {
      this.sign = sign;
    }

    abstract int apply(int a, int b);
  }

  static Stream<Object> equalOnes() throws Exception {
    LinkedHashMap<String, Integer> lhm = new LinkedHashMap<>();
    lhm.put("z", 1);
    lhm.put("a", 2);
    EnumMap<Op, String> em = new EnumMap<>(Op.class);
    em.put(Op.MINUS, "m");
    BitSet bits = new BitSet();
    bits.set(77);
    Properties props = new Properties();
    props.setProperty("k", "v");
    Calendar cal = new GregorianCalendar(2020, Calendar.MARCH, 3);
    TreeMap<String, Integer> tm = new TreeMap<>(Comparator.reverseOrder());
    tm.putAll(Map.of("a", 1, "b", 2, "c", 3));
    IdentityHashMap<Object, Object> none = new IdentityHashMap<>();
    return Stream.of(
        1,
        -1L,
        2.5,
        Float.NaN,
        'x',
        'ß',
        '\uD800',
        true,
        (byte) -3,
        (short) 700,
        Long.MIN_VALUE,
        "",
        "abc",
        "ÿ",
        "漢字",
        "lone \uDC00 surrogate",
        new Point(1, Long.MAX_VALUE, "p"),
        Op.PLUS,
        String.class,
        int.class,
        int[][].class,
        void.class,
        Op.PLUS.getClass(),
        Map.Entry.class,
        new BigInteger("123456789012345678901234567890"),
        BigInteger.ZERO,
        new BigDecimal("1.50"),
        Optional.empty(),
        Optional.of("x"),
        OptionalInt.of(3),
        OptionalLong.empty(),
        new ArrayList<>(List.of(1, 2, 3)),
        new LinkedList<>(List.of("a", "b")),
        new Vector<>(List.of(1)),
        Arrays.asList(1, null, 3),
        List.of(),
        List.of(1),
        List.of(1, 2),
        List.of(1, 2, 3),
        Set.of(),
        Set.of("a"),
        Set.of("a", "b"),
        Set.of("a", "b", "c", "d"),
        Map.of(),
        Map.of("a", 1),
        Map.of("a", 1, "b", 2, "c", 3),
        new HashMap<>(Map.of("a", 1, "b", 2)),
        lhm,
        new HashSet<>(Set.of(1, 2, 3)),
        new LinkedHashSet<>(List.of(3, 1, 2)),
        new Hashtable<>(Map.of("x", 1, "y", 2)),
        new WeakHashMap<>(Map.of("x", 1, "y", 2)),
        props,
        none,
        new ConcurrentHashMap<>(Map.of("a", 1, "b", 2)),
        new ConcurrentHashMap<>(Map.of("q", 1)).keySet(),
        tm,
        tm.headMap("b"),
        new TreeSet<>(List.of(5, 2, 9)),
        new TreeMap<>(Map.of(1, 2)).descendingMap(),
        new ConcurrentSkipListMap<>(Map.of("a", 1, "b", 2)),
        new ConcurrentSkipListSet<>(Set.of(1, 2, 3)),
        em,
        EnumSet.of(Op.PLUS),
        EnumSet.allOf(TimeUnit.class),
        bits,
        new CopyOnWriteArrayList<>(List.of(1, 2)),
        new CopyOnWriteArraySet<>(List.of(1, 2)),
        new ArrayList<>(List.of(1, 2, 3, 4)).subList(1, 3),
        new HashMap<>(Map.of("k", "v")).keySet(),
        Collections.unmodifiableList(new ArrayList<>(List.of(1))),
        Collections.synchronizedMap(new HashMap<>(Map.of(1, 2))),
        Collections.emptyList(),
        Collections.emptyMap(),
        Collections.emptySet(),
        Collections.singleton(4),
        Collections.nCopies(3, "n"),
        ConcurrentHashMap.newKeySet(),
        Comparator.naturalOrder(),
        Comparator.reverseOrder(),
        Duration.ofMillis(5),
        Instant.ofEpochSecond(99, 7),
        LocalDate.of(2020, 2, 29),
        ZoneId.of("Europe/Paris"),
        ZoneOffset.UTC,
        ZoneOffset.ofHours(3),
        ZonedDateTime.of(2020, 1, 1, 1, 1, 1, 0, ZoneId.of("Asia/Tokyo")),
        Locale.GERMANY,
        Locale.ROOT,
        Locale.forLanguageTag("sr-Latn-RS"),
        Currency.getInstance("EUR"),
        StandardCharsets.UTF_8,
        UUID.randomUUID(),
        new Date(12345),
        cal,
        TimeZone.getTimeZone("America/New_York"),
        new SimpleTimeZone(3600000, "X"),
        new File("/tmp/x"),
        URI.create("http://a/b?c#d"),
        new URL("http://a/b"),
        Path.of("/tmp", "y"),
        InetAddress.getByAddress("h", new byte[] {1, 2, 3, 4}),
        InetSocketAddress.createUnresolved("host", 80),
        new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 8),
        new SimpleDateFormat("yyyy-MM-dd", Locale.US),
        new DecimalFormat("#,##0.00"),
        new MessageFormat("{0} {1}", Locale.US),
        ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2),
        new AbstractMap.SimpleEntry<>("k", 1),
        Map.entry("k", "v"));
  }

  @ParameterizedTest
  @MethodSource("equalOnes")
  @DisplayName("a value of java.base equals its copy and prints alike")
  void equal(Object o) {
    Object c = copy(o);
    assertThat(c.getClass()).isEqualTo(o.getClass());
    assertThat(c).isEqualTo(o);
    assertThat(c.hashCode()).isEqualTo(o.hashCode());
    if (!(o instanceof MessageFormat || o instanceof DecimalFormat || o instanceof SimpleDateFormat)
        && !o.getClass().getName().startsWith("java.util.ImmutableCollections")) {
      assertThat(c.toString()).isEqualTo(o.toString());
    }
  }

  @Test
  @DisplayName("JDK constants travel as themselves")
  void constants() {
    for (Object o :
        List.of(
            Optional.empty(),
            List.of(),
            Set.of(),
            Map.of(),
            BigInteger.ONE,
            Collections.emptyMap(),
            Comparator.naturalOrder(),
            Collections.reverseOrder(),
            Collections.emptyIterator(),
            DateTimeFormatter.ISO_DATE,
            ByteBuffer.wrap(new byte[1]).order(),
            Op.MINUS,
            int.class)) {
      assertThat(copy(o)).isSameAs(o);
    }
  }

  @Test
  @DisplayName("identity, sharing and cycles are kept, and transient fields travel")
  void identity() {
    Node a = new Node();
    a.value = "shared";
    a.next = new Node();
    a.next.next = a;
    a.next.value = a.value;
    a.more.add(a);
    a.more.add(a.more);
    a.hidden = 9;
    Node c = copy(a);
    assertThat(c.next.next).isSameAs(c);
    assertThat(c.next.value).isSameAs(c.value);
    assertThat(c.more.get(0)).isSameAs(c);
    assertThat(c.more.get(1)).isSameAs(c.more);
    assertThat(c.hidden).isEqualTo(9);
    assertThat(c).isNotSameAs(a);
  }

  @Test
  @DisplayName("a list of 100,000 links, and maps and exceptions as deep, need no deep stack")
  void deep() {
    Node head = null;
    Object map = "end";
    Throwable t = null;
    Object[] arrays = {};
    for (int i = 0; i < 100_000; i++) {
      Node n = new Node();
      n.value = i;
      n.next = head;
      head = n;
      map = new HashMap<>(Map.of("k", map));
      if (i % 100 == 0) {
        t = new RuntimeException("e" + i, t);
      }
      arrays = new Object[] {arrays};
    }
    Node c = copy(head);
    int n = 0;
    for (; c != null; c = c.next) {
      n++;
    }
    assertThat(n).isEqualTo(100_000);
    Object m = copy(map);
    int depth = 0;
    while (m instanceof Map<?, ?> inner) {
      m = inner.get("k");
      depth++;
    }
    assertThat(depth).isEqualTo(100_000);
    int causes = 0;
    for (Throwable x = copy(t); x != null; x = x.getCause()) {
      causes++;
    }
    assertThat(causes).isEqualTo(1000);
    assertThat(copy(arrays)).hasSize(1);
  }

  @Test
  @DisplayName("a map may hold itself, and keys may reach the map")
  void cyclicMaps() {
    Map<Object, Object> m = new HashMap<>();
    m.put("self", m);
    Map<Object, Object> c = copy(m);
    assertThat(c.get("self")).isSameAs(c);

    Node key = new Node();
    Map<Object, Object> byNode = new HashMap<>();
    byNode.put(key, "v");
    key.value = byNode;
    Map<Object, Object> d = copy(byNode);
    Node k = (Node) d.keySet().iterator().next();
    assertThat(k.value).isSameAs(d);
    assertThat(d.get(k)).isEqualTo("v");
  }

  @Test
  @DisplayName("tables within keys are complete before the keys are hashed, whatever is met first")
  void keysOfTables() {
    Set<Object> inner = new HashSet<>(List.of("a", List.of(new HashMap<>(Map.of("x", "y")))));
    Map<Object, Object> outer = new HashMap<>();
    outer.put(inner, 1);
    outer.put(Map.of(new HashSet<>(Set.of(1, 2)), "q"), 2);
    for (Object graph : List.of(new Object[] {inner, outer}, new Object[] {outer, inner})) {
      Object[] c = copy((Object[]) graph);
      for (Object o : c) {
        if (o instanceof Map<?, ?> map) {
          for (Object k : map.keySet()) {
            assertThat(map.containsKey(k)).isTrue();
          }
          assertThat(map.get(new HashSet<>(inner))).isEqualTo(1);
        } else {
          assertThat(o).isEqualTo(inner);
        }
      }
    }
    // inner table whose value leads to the outer one
    Map<Object, Object> back = new HashMap<>();
    Map<Object, Object> front = new HashMap<>();
    back.put(List.of(Set.of(1, 2, 3)), front);
    front.put(new ArrayList<>(List.of(new HashSet<>(Set.of(4, 5)))), "deep");
    Object[] both = copy(new Object[] {back, front});
    assertThat(((Map<?, ?>) both[0]).get(List.of(Set.of(1, 2, 3)))).isSameAs(both[1]);
    assertThat(((Map<?, ?>) both[1]).get(List.of(Set.of(4, 5)))).isEqualTo("deep");
  }

  static class CountingMap<K, V> extends LinkedHashMap<K, V> {
    int puts;
    String label = "l";

    CountingMap() {
      super(16, 0.75f, true);
    }

    @Override
    public V put(K k, V v) {
      puts++;
      return super.put(k, v);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> e) {
      return size() > 2;
    }
  }

  static class NamedList extends ArrayList<String> {
    String name = "n";
  }

  @Test
  @DisplayName("subclasses of collections keep their fields, access order and overridden methods")
  void subclasses() {
    CountingMap<String, Integer> m = new CountingMap<>();
    m.put("a", 1);
    m.put("b", 2);
    m.get("a");
    CountingMap<String, Integer> c = copy(m);
    assertThat(c.puts).isEqualTo(2);
    assertThat(c.label).isEqualTo("l");
    assertThat(c.keySet()).containsExactly("b", "a");
    c.put("c", 3);
    assertThat(c.keySet()).containsExactly("a", "c");
    NamedList l = new NamedList();
    l.add("x");
    l.name = "other";
    assertThat(copy(l).name).isEqualTo("other");
    assertThat(copy(l)).containsExactly("x");
    HashMap<String, Integer> anonymous =
        new HashMap<>() {
          @Override
          public Integer put(String k, Integer v) {
            throw new UnsupportedOperationException();
          }
        };
    anonymous.putAll(Map.of());
    assertThat(copy(anonymous)).isEmpty();
  }

  @Test
  @DisplayName("views refer to the copy of what they view")
  void views() {
    Map<String, Integer> m = new HashMap<>(Map.of("a", 1));
    List<Integer> l = new ArrayList<>(List.of(1, 2, 3));
    Map<String, Integer> sync = Collections.synchronizedMap(m);
    Object[] c = copy(new Object[] {m, m.keySet(), m.entrySet(), l, l.subList(0, 2), sync});
    ((Map<String, Integer>) c[0]).put("b", 2);
    assertThat((Set<String>) c[1]).containsExactlyInAnyOrder("a", "b");
    assertThat(((Map<?, ?>) c[0]).keySet()).isSameAs(c[1]);
    ((List<Integer>) c[4]).set(0, 9);
    assertThat((List<Integer>) c[3]).containsExactly(9, 2, 3);
    assertThat(((Map<?, ?>) c[5]).get("b")).isEqualTo(2);
  }

  @Test
  @DisplayName("an entry of a map travels without the map")
  void entries() throws Exception {
    Map<String, Integer> m = new LinkedHashMap<>();
    for (int i = 0; i < 1000; i++) {
      m.put("k" + i, i);
    }
    Map.Entry<String, Integer> e = m.entrySet().iterator().next();
    assertThat(copy(e)).isEqualTo(e);
    assertThat(TestSpace.encode(e).length).isLessThan(200);
    Map.Entry<String, Integer> t = new TreeMap<>(m).entrySet().iterator().next();
    assertThat(copy(t)).isEqualTo(t);
  }

  @Test
  @DisplayName("arrays of every type and depth keep length, type and content")
  void arrays() {
    boolean[] z = {true, false, true};
    assertThat(copy(z)).isEqualTo(z);
    byte[] b = new byte[3_000_000];
    new Random(1).nextBytes(b);
    assertThat(copy(b)).isEqualTo(b);
    short[] s = {1, -2};
    assertThat(copy(s)).isEqualTo(s);
    char[] ch = "chars漢".toCharArray();
    assertThat(copy(ch)).isEqualTo(ch);
    int[] i = IntStream.range(-500_000, 500_000).toArray();
    assertThat(copy(i)).isEqualTo(i);
    long[] l = {1, Long.MIN_VALUE};
    assertThat(copy(l)).isEqualTo(l);
    float[] f = {1.5f, Float.NaN};
    assertThat(copy(f)).isEqualTo(f);
    double[] d = IntStream.range(0, 300_000).mapToDouble(x -> x / 3.0).toArray();
    assertThat(copy(d)).isEqualTo(d);
    String[][][] deep = {{{"a", null}, null}, {}};
    assertThat(Arrays.deepEquals(copy(deep), deep)).isTrue();
    Number[] n = {1, 2L};
    assertThat(copy(n).getClass()).isEqualTo(Number[].class);
  }

  @Test
  @DisplayName("a large array crosses chunks, direct buffers and misaligned pieces")
  void large() throws Exception {
    long[] l = new long[8 << 20];
    for (int i = 0; i < l.length; i++) {
      l[i] = i * 31L;
    }
    GraphEncoder e = new GraphEncoder(TestSpace.SPACE, Border.OPEN, new ObjectTable());
    e.writeByte(5);
    e.write(l);
    List<ByteBuffer> direct = new ArrayList<>();
    for (ByteBuffer b : e.buffers()) {
      while (b.hasRemaining()) {
        ByteBuffer d = ByteBuffer.allocateDirect(Math.min(b.remaining(), 99_991));
        while (d.hasRemaining()) {
          d.put(b.get());
        }
        direct.add(d.flip());
      }
    }
    GraphDecoder d =
        new GraphDecoder(TestSpace.SPACE, Border.OPEN, new ObjectTable(), direct, Trust.INBOUND);
    assertThat(d.readByte()).isEqualTo(5);
    assertThat((long[]) d.read()).isEqualTo(l);
    assertThat(d.remaining()).isZero();
  }

  static class OddException extends RuntimeException {
    final int code;

    OddException(String m, int code) {
      super(m);
      this.code = code;
    }
  }

  @Test
  @DisplayName("throwables keep message, frames, cause, suppressed and own fields")
  void throwables() {
    OddException e = new OddException("m", 5);
    e.addSuppressed(new IllegalStateException("s"));
    e.initCause(new java.io.IOException("c"));
    OddException c = copy(e);
    assertThat(c.code).isEqualTo(5);
    assertThat(c).hasMessage("m").hasCauseInstanceOf(java.io.IOException.class);
    assertThat(c.getSuppressed()).hasSize(1);
    assertThat(c.getStackTrace()).isEqualTo(e.getStackTrace());
    assertThat(c.getStackTrace()).isNotEmpty();
    assertThat(c.getCause().getStackTrace()).isEqualTo(e.getCause().getStackTrace());
    RuntimeException plain = copy(new RuntimeException("p"));
    assertThat(plain.getCause()).isNull();
    plain.initCause(new Error());
    plain.addSuppressed(new Error());
    assertThat(plain.getSuppressed()).hasSize(1);
  }

  @Test
  @DisplayName("enum constants are themselves, and their own state travels with full trust only")
  void enums() throws Exception {
    Op.PLUS.used = 4;
    byte[] bytes = TestSpace.encode(Op.PLUS);
    Op.PLUS.used = 0;
    assertThat(TestSpace.decode(bytes, Trust.INBOUND)).isSameAs(Op.PLUS);
    assertThat(Op.PLUS.used).isZero();
    assertThat(TestSpace.decode(bytes, Trust.FULL)).isSameAs(Op.PLUS);
    assertThat(Op.PLUS.used).isEqualTo(4);
    Op.PLUS.used = 0;
  }

  @Test
  @DisplayName("a table keeps its capacity, and so its order, however few entries it has")
  void capacities() {
    List<Map<Integer, String>> maps =
        List.of(
            new HashMap<>(1 << 12),
            new Hashtable<>(1 << 12),
            new WeakHashMap<>(1 << 12),
            new WeakHashMap<>(1, 4),
            new ConcurrentHashMap<>(1 << 12));
    for (Map<Integer, String> map : maps) {
      for (int i = 0; i < 20; i++) {
        map.put(i * 1_103 % 4_001, "v" + i);
      }
      Map<Integer, String> copied = copy(map);
      assertThat(List.copyOf(copied.keySet())).isEqualTo(List.copyOf(map.keySet()));
      for (int i = 0; i < 20; i++) {
        map.put(i * 977 % 4_001, "w");
        copied.put(i * 977 % 4_001, "w");
      }
      assertThat(List.copyOf(copied.keySet())).isEqualTo(List.copyOf(map.keySet()));
    }
  }

  @Test
  @DisplayName("a few bytes that are not trusted do not make tables that take all memory")
  void capacitiesAreBounded() throws Exception {
    List<Map<Integer, Integer>> maps = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Map<Integer, Integer> map = new HashMap<>(1 << 16);
      map.put(i, i);
      maps.add(map);
    }
    List<Map<Integer, Integer>> copied = copy(maps);
    assertThat(copied).isEqualTo(maps);
    long slots = 0;
    for (Map<Integer, Integer> map : copied) {
      slots += tableOf(map).length;
    }
    assertThat(slots).isBetween(1L << 19, 3L << 19);
  }

  private static Object[] tableOf(Map<?, ?> map) throws ReflectiveOperationException {
    return (Object[])
        Trusted.lookup()
            .unreflectVarHandle(HashMap.class.getDeclaredField("table"))
            .get((HashMap<?, ?>) map);
  }

  @Test
  @DisplayName("concurrent collections keep elements, order and capacity, with free locks")
  void queues() throws Exception {
    ArrayBlockingQueue<Integer> abq = new ArrayBlockingQueue<>(3, true);
    abq.add(1);
    abq.add(2);
    ArrayBlockingQueue<Integer> abq2 = copy(abq);
    assertThat(abq2).containsExactly(1, 2);
    assertThat(abq2.remainingCapacity()).isEqualTo(1);
    assertThat(abq2.poll()).isEqualTo(1);
    LinkedBlockingQueue<Integer> lbq = new LinkedBlockingQueue<>(5);
    lbq.add(1);
    LinkedBlockingQueue<Integer> lbq2 = copy(lbq);
    assertThat(lbq2.remainingCapacity()).isEqualTo(4);
    lbq2.put(3);
    assertThat(lbq2.take()).isEqualTo(1);
    LinkedBlockingDeque<Integer> lbd = new LinkedBlockingDeque<>(5);
    lbd.add(1);
    assertThat(copy(lbd).remainingCapacity()).isEqualTo(4);
    PriorityBlockingQueue<String> pbq =
        new PriorityBlockingQueue<>(3, Comparator.comparing(String::length));
    pbq.addAll(List.of("ccc", "a", "bb"));
    PriorityBlockingQueue<String> pbq2 = copy(pbq);
    pbq2.add("");
    assertThat(List.of(pbq2.take(), pbq2.take(), pbq2.take(), pbq2.take()))
        .containsExactly("", "a", "bb", "ccc");
    for (Collection<Object> q :
        List.<Collection<Object>>of(
            new ConcurrentLinkedQueue<>(),
            new ConcurrentLinkedDeque<>(),
            new LinkedTransferQueue<>(),
            new PriorityQueue<>(),
            new ArrayDeque<>(),
            new ConcurrentSkipListSet<>())) {
      q.add(1);
      q.add(2);
      q.remove(1);
      q.add(3);
      Collection<Object> c = copy(q);
      assertThat(c.getClass()).isEqualTo(q.getClass());
      c.add(4);
      assertThat(c).containsExactly(2, 3, 4);
    }
    assertThat(copy(new DelayQueue<>()).poll()).isNull();
    assertThat(copy(new SynchronousQueue<>(true)).offer(1)).isFalse();
  }

  @Test
  @DisplayName("atomics and adders keep their values; locks and latches arrive free")
  void synchronizers() throws Exception {
    assertThat(copy(new AtomicInteger(5)).get()).isEqualTo(5);
    assertThat(copy(new AtomicLongArray(new long[] {1, 2})).get(1)).isEqualTo(2);
    assertThat(copy(new AtomicReference<>("x")).get()).isEqualTo("x");
    LongAdder adder = new LongAdder();
    IntStream.range(0, 10_000).parallel().forEach(i -> adder.increment());
    assertThat(copy(adder).sum()).isEqualTo(10_000);
    DoubleAdder da = new DoubleAdder();
    da.add(1.5);
    assertThat(copy(da).sum()).isEqualTo(1.5);
    LongAccumulator acc = new LongAccumulator(Math::max, 3);
    acc.accumulate(9);
    LongAccumulator acc2 = copy(acc);
    assertThat(acc2.get()).isEqualTo(9);
    acc2.reset();
    assertThat(acc2.get()).isEqualTo(3);
    ReentrantLock lock = new ReentrantLock(true);
    Condition condition = lock.newCondition();
    lock.lock();
    Object[] c = copy(new Object[] {lock, condition});
    ReentrantLock lock2 = (ReentrantLock) c[0];
    assertThat(lock2.isLocked()).isFalse();
    assertThat(lock2.isFair()).isTrue();
    lock2.lock();
    ((Condition) c[1]).signalAll();
    lock2.unlock();
    ReentrantReadWriteLock rw = new ReentrantReadWriteLock();
    rw.readLock().lock();
    ReentrantReadWriteLock rw2 = copy(rw);
    assertThat(rw2.getReadLockCount()).isZero();
    assertThat(rw2.writeLock().tryLock()).isTrue();
    rw2.readLock().lock();
    StampedLock sl = new StampedLock();
    sl.writeLock();
    assertThat(copy(sl).isWriteLocked()).isFalse();
    assertThat(copy(new Semaphore(3)).availablePermits()).isEqualTo(3);
    assertThat(copy(new CountDownLatch(2)).getCount()).isEqualTo(2);
    assertThat(copy(new CyclicBarrier(2)).getParties()).isEqualTo(2);
    Phaser phaser = copy(new Phaser(1));
    assertThat(phaser.arrive()).isZero();
    assertThat(phaser.getPhase()).isEqualTo(1);
  }

  @Test
  @DisplayName("futures travel by outcome, incomplete tasks not at all")
  void futures() throws Exception {
    assertThat(copy(CompletableFuture.completedFuture("v")).get()).isEqualTo("v");
    assertThat(copy(CompletableFuture.completedFuture(null)).get()).isNull();
    assertThat(
            copy(CompletableFuture.failedFuture(new OddException("x", 1)))
                .isCompletedExceptionally())
        .isTrue();
    CompletableFuture<String> open = new CompletableFuture<>();
    open.thenAccept(x -> {});
    CompletableFuture<String> open2 = copy(open);
    assertThat(open2.isDone()).isFalse();
    open2.complete("late");
    assertThat(open2.get()).isEqualTo("late");
    FutureTask<String> done = new FutureTask<>(() -> "r");
    done.run();
    assertThat(copy(done).get()).isEqualTo("r");
    assertThatThrownBy(() -> TestSpace.encode(new FutureTask<>(() -> 1)))
        .isInstanceOf(UntravelableException.class);
    RecursiveTask<Integer> rt =
        new RecursiveTask<>() {
          @Override
          protected Integer compute() {
            throw new OddException("in task", 3);
          }
        };
    assertThatThrownBy(rt::invoke).isInstanceOf(OddException.class);
    assertThatThrownBy(copy(rt)::join).hasMessageContaining("in task");
  }

  @Test
  @DisplayName("streams of pure memory travel at their position")
  void memoryStreams() throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {1, 2, 3});
    in.read();
    assertThat(copy(in).read()).isEqualTo(2);
    BufferedReader r = new BufferedReader(new StringReader("a\nb\n"));
    r.readLine();
    assertThat(copy(r).readLine()).isEqualTo("b");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(7);
    assertThat(copy(out).toByteArray()).containsExactly(7);
    StringWriter w = new StringWriter();
    w.write("x");
    assertThat(copy(w).toString()).isEqualTo("x");
    assertThat(copy(System.out)).isSameAs(System.out);
    ByteBuffer b =
        ByteBuffer.allocate(16).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(5).mark().putInt(6);
    ByteBuffer c = copy(b);
    assertThat(c).isEqualTo(b);
    assertThat(c.order()).isEqualTo(b.order());
    assertThat(c.reset().position()).isEqualTo(4);
    assertThat(copy(b.asReadOnlyBuffer()).isReadOnly()).isTrue();
  }

  @Test
  @DisplayName("random generators continue their sequence; patterns and formats work")
  void generators() {
    Random r = new Random(42);
    r.nextGaussian();
    Random c = copy(r);
    assertThat(c.nextGaussian()).isEqualTo(r.nextGaussian());
    assertThat(c.nextInt()).isEqualTo(r.nextInt());
    SplittableRandom s = new SplittableRandom(1);
    assertThat(copy(s).nextInt()).isEqualTo(s.nextInt());
    Pattern p = copy(Pattern.compile("a(b+)", Pattern.CASE_INSENSITIVE));
    assertThat(p.matcher("xABB").find()).isTrue();
    assertThat(copy(new StringBuilder("sb")).append("x").toString()).isEqualTo("sbx");
    assertThat(copy(DateTimeFormatter.ofPattern("yyyy/MM/dd")).format(LocalDate.of(2020, 1, 2)))
        .isEqualTo("2020/01/02");
    SimpleDateFormat f = copy(new SimpleDateFormat("yyyy", Locale.US));
    assertThat(f.format(new Date(0))).isIn("1970", "1969");
    assertThat(copy(new Scannerless()).words).isEqualTo(Map.of("a", List.of("b")));
  }

  static class Scannerless {
    Map<String, List<String>> words = Stream.of("b").collect(Collectors.groupingBy(x -> "a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD2", "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512/256", "SHA3-256"})
  @DisplayName("a message digest goes on where it was")
  void digests(String algorithm) throws Exception {
    MessageDigest digest = MessageDigest.getInstance(algorithm);
    digest.update("the first half".repeat(20).getBytes(StandardCharsets.UTF_8));
    MessageDigest copy = copy(digest);
    digest.update(new byte[300]);
    copy.update(new byte[300]);
    assertThat(copy.digest()).isEqualTo(digest.digest());
    assertThat(copy.digest(new byte[1])).isEqualTo(digest.digest(new byte[1]));
    assertThat(copy.getAlgorithm()).isEqualTo(algorithm);
    assertThat(copy.getProvider()).isSameAs(digest.getProvider());
  }

  static Stream<List<Object>> untravelable() throws Exception {
    return Stream.<Object>of(
            Thread.currentThread(),
            new ThreadLocal<>(),
            new InheritableThreadLocal<>(),
            new java.lang.ref.WeakReference<>("x", new java.lang.ref.ReferenceQueue<>()),
            new java.lang.ref.PhantomReference<>("x", new java.lang.ref.ReferenceQueue<>()),
            GraphCodecTest.class.getClassLoader(),
            Object.class.getModule(),
            ForkJoinPool.commonPool(),
            new java.net.Socket(),
            new java.net.ServerSocket(),
            new java.security.SecureRandom(),
            Stream.of(1),
            new Scanner(System.in),
            new java.util.zip.Inflater(),
            new java.util.zip.CRC32() {
              @Override
              protected void finalize() {}
            },
            ByteBuffer.allocateDirect(1),
            new ByteArrayInputStream(new byte[0]).getClass().getMethod("read"),
            java.lang.invoke.MethodHandles.lookup(),
            new HashMap<>(Map.of(1, 1)).entrySet().iterator(),
            new ConcurrentHashMap<>(Map.of(1, 2)).values().iterator(),
            ProcessHandle.current(),
            java.nio.file.FileSystems.getDefault(),
            new java.io.FileOutputStream("/dev/null"),
            new java.io.InputStreamReader(System.in),
            new Timer(true),
            new Exchanger<>(),
            Logger())
        .map(List::of); // JUnit closes an argument that can be closed
  }

  private static Object Logger() {
    return new java.util.logging.ConsoleHandler();
  }

  @ParameterizedTest
  @MethodSource("untravelable")
  @DisplayName("what belongs to this JVM or machine is refused with a reason")
  void refused(List<Object> held) {
    assertThatThrownBy(() -> TestSpace.encode(held.toArray()))
        .isInstanceOfSatisfying(
            UntravelableException.class,
            e -> {
              assertThat(e.reason()).isNotBlank();
              assertThat(e.path()).contains("[0]");
            });
  }

  static class Service {
    java.net.Socket conn = new java.net.Socket();
    int n = 3;

    Supplier<Integer> task() {
      return () -> n;
    }
  }

  static Border pruning(String field) {
    return new Border() {
      @Override
      public Object replace(Object o) {
        return o instanceof Thread t ? List.of("thread", t.getName()) : null;
      }

      @Override
      public Object resolve(Object token) {
        assertThat(token).isEqualTo(List.of("thread", Thread.currentThread().getName()));
        return Thread.currentThread();
      }

      @Override
      public boolean staysHome(Field f) {
        return f.getName().equals(field);
      }
    };
  }

  @Test
  @DisplayName("a refusal names the path, and leaves encoder and table as they were")
  void path() throws Exception {
    ObjectTable table = new ObjectTable();
    GraphEncoder e = new GraphEncoder(TestSpace.SPACE, Border.OPEN, table);
    e.write("first");
    byte[] before = e.toByteArray();
    assertThatThrownBy(() -> e.write(new Service().task()))
        .isInstanceOfSatisfying(
            UntravelableException.class,
            x -> {
              assertThat(x.path()).isEqualTo("lambda → this$0 (Service) → conn (java.net.Socket)");
              assertThat(x.type()).isEqualTo(java.net.Socket.class);
            });
    assertThat(e.toByteArray()).isEqualTo(before);
    assertThat(table.size()).isEqualTo(1);
    e.write(List.of(1, 2));
    GraphDecoder d =
        new GraphDecoder(
            TestSpace.SPACE,
            Border.OPEN,
            new ObjectTable(),
            ByteBuffer.wrap(e.toByteArray()),
            Trust.FULL);
    assertThat(d.read()).isEqualTo("first");
    assertThat(d.read()).isEqualTo(List.of(1, 2));
  }

  @Test
  @DisplayName("fields that stay home arrive as null and are recorded on both sides")
  void pruned() throws Exception {
    ObjectTable there = new ObjectTable();
    ObjectTable here = new ObjectTable();
    GraphEncoder e = new GraphEncoder(TestSpace.SPACE, pruning("conn"), here);
    Service s = new Service();
    e.write(s.task());
    GraphDecoder d =
        new GraphDecoder(
            TestSpace.SPACE, pruning("conn"), there, ByteBuffer.wrap(e.toByteArray()), Trust.FULL);
    assertThat(((Supplier<?>) d.read()).get()).isEqualTo(3);
    Field conn = Service.class.getDeclaredField("conn");
    assertThat(here.isPruned(here.idOf(s), conn)).isTrue();
    assertThat(there.isPruned(here.idOf(s), conn)).isTrue();
    assertThat(((Service) there.get(here.idOf(s))).conn).isNull();
    assertThat(e.applicationClasses()).contains(Service.class);
    assertThat(e.wroteMutable()).isTrue();
  }

  @Test
  @DisplayName("objects that travel by name are resolved before anything refers to them")
  void replaced() throws Exception {
    Node n = new Node();
    n.value = Thread.currentThread();
    n.more.add(Thread.currentThread());
    n.more.add("after");
    GraphEncoder e = new GraphEncoder(TestSpace.SPACE, pruning(""), new ObjectTable());
    e.write(n);
    GraphDecoder d =
        new GraphDecoder(
            TestSpace.SPACE,
            pruning(""),
            new ObjectTable(),
            ByteBuffer.wrap(e.toByteArray()),
            Trust.FULL);
    Node c = (Node) d.read();
    assertThat(c.value).isSameAs(Thread.currentThread());
    assertThat(c.more).containsExactly(Thread.currentThread(), "after");
  }

  @Test
  @DisplayName("a reply refers to the original objects of the request")
  void reply() throws Exception {
    ObjectTable home = new ObjectTable();
    ObjectTable away = new ObjectTable();
    List<Object> request = new ArrayList<>(List.of(new Point(1, 2, "a"), new Node(), "text"));
    GraphEncoder out = new GraphEncoder(TestSpace.SPACE, Border.OPEN, home);
    out.write(request);
    List<Object> there =
        (List<Object>)
            new GraphDecoder(
                    TestSpace.SPACE,
                    Border.OPEN,
                    away,
                    ByteBuffer.wrap(out.toByteArray()),
                    Trust.FULL)
                .read();
    Node fresh = new Node();
    fresh.value = there.get(1);
    GraphEncoder back = new GraphEncoder(TestSpace.SPACE, Border.OPEN, away);
    back.write(new Object[] {there.get(1), fresh, there, there.get(0)});
    Object[] answer =
        (Object[])
            new GraphDecoder(
                    TestSpace.SPACE,
                    Border.OPEN,
                    home,
                    ByteBuffer.wrap(back.toByteArray()),
                    Trust.INBOUND)
                .read();
    assertThat(answer[0]).isSameAs(request.get(1));
    assertThat(((Node) answer[1]).value).isSameAs(request.get(1));
    assertThat(answer[2]).isSameAs(request);
    assertThat(answer[3]).isSameAs(request.get(0));
    assertThat(home.size()).isEqualTo(away.size());
  }

  interface Greeter {
    String greet(String name);
  }

  record Handler(String greeting) implements java.lang.reflect.InvocationHandler {
    @Override
    public Object invoke(Object proxy, java.lang.reflect.Method m, Object[] args) {
      return greeting + " " + args[0];
    }
  }

  @Test
  @DisplayName("dynamic proxies travel by interfaces and handler")
  void proxies() {
    Greeter g =
        (Greeter)
            java.lang.reflect.Proxy.newProxyInstance(
                Greeter.class.getClassLoader(), new Class<?>[] {Greeter.class}, new Handler("hi"));
    assertThat(copy(g).greet("you")).isEqualTo("hi you");
  }

  @Test
  @DisplayName("hash tables keep their iteration order")
  void order() {
    HashMap<Object, Object> m = new HashMap<>(1000);
    for (int i = 0; i < 100; i++) {
      m.put("key" + i * 7919, i);
    }
    byte[] bytes;
    try {
      bytes = TestSpace.encode(m);
    } catch (UntravelableException e) {
      throw new AssertionError(e);
    }
    Map<Object, Object> c = (Map<Object, Object>) TestSpace.decode(bytes, Trust.FULL);
    assertThat(List.copyOf(c.keySet())).isEqualTo(List.copyOf(m.keySet()));
    Hashtable<String, Integer> h = new Hashtable<>();
    for (int i = 0; i < 50; i++) {
      h.put("k" + i, i);
    }
    assertThat(copy(h).toString()).isEqualTo(h.toString());
    IdentityHashMap<Object, Object> id = new IdentityHashMap<>();
    Node n = new Node();
    id.put(n, "v");
    id.put(null, "n");
    Object[] both = copy(new Object[] {id, n});
    assertThat(((Map<?, ?>) both[0]).get(both[1])).isEqualTo("v");
    assertThat(((Map<?, ?>) both[0]).get(null)).isEqualTo("n");
  }
}
