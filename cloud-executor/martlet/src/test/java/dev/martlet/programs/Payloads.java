package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import java.io.Externalizable;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.ListIterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Scanner;
import java.util.StringTokenizer;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What tasks capture and change: identity, depth, keys, half-used objects. */
@SuppressWarnings({"unchecked", "rawtypes", "serial"})
final class Payloads {
  private Payloads() {}

  static <T> List<T> n(ExecutorService pool, int n, IntFunction<T> f) throws Exception {
    List<Future<T>> fs = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int k = i;
      fs.add(pool.submit(() -> f.apply(k)));
    }
    List<T> r = new ArrayList<>();
    for (Future<T> x : fs) r.add(x.get());
    return r;
  }

  @Runs(AWAY)
  static Object jdkValues(ExecutorService pool) throws Exception {
    Path p = Path.of("a", "..", "b");
    File f = new File("x/y.txt");
    URI u = URI.create("http://h:8/p?q=1#f");
    URL url = new URL("https://e.org/x");
    InetAddress ia = InetAddress.getByAddress("lo", new byte[] {127, 0, 0, 1});
    InetSocketAddress isa = InetSocketAddress.createUnresolved("h", 80);
    TimeZone tz = TimeZone.getTimeZone("Asia/Tokyo");
    Charset cs = StandardCharsets.UTF_16BE;
    Optional<List<Integer>> o = Optional.of(List.of(1));
    OptionalInt oi = OptionalInt.empty();
    UUID id = new UUID(3, 4);
    Currency cu = Currency.getInstance("JPY");
    Class<?> c = int[][].class;
    return pool.submit(
            () ->
                List.of(
                    p.normalize().toString(),
                    f.getName(),
                    u.getPort() + u.getFragment(),
                    url.getHost(),
                    ia.getHostName(),
                    isa.getHostString(),
                    tz.getRawOffset(),
                    "é".getBytes(cs).length,
                    o.get(),
                    oi.isPresent(),
                    id.toString(),
                    cu.getDefaultFractionDigits(),
                    c.getName(),
                    p.getFileSystem() == FileSystems.getDefault()))
        .get();
  }

  @Runs(AWAY)
  static Object dateObjects(ExecutorService pool) throws Exception {
    Calendar cal = new GregorianCalendar(2020, Calendar.FEBRUARY, 29);
    cal.setTimeZone(TimeZone.getTimeZone("UTC"));
    Date d = new Date(86400000L);
    SimpleDateFormat sdf = new SimpleDateFormat("yyyy/MM/dd HH:mm", Locale.ROOT);
    sdf.setTimeZone(TimeZone.getTimeZone("UTC"));
    pool.submit(() -> cal.add(Calendar.YEAR, 1)).get();
    return List.of(
        pool.submit(() -> sdf.format(d)).get(),
        cal.get(Calendar.YEAR),
        cal.get(Calendar.DAY_OF_MONTH),
        pool.submit(
                () -> {
                  d.setTime(5);
                  return sdf.parse("2001/02/03 04:05").getTime();
                })
            .get(),
        d.getTime());
  }

  @Runs(AWAY)
  static Object buffersAndBits(ExecutorService pool) throws Exception {
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    BitSet bs = new BitSet();
    bs.set(3, 7);
    pool.submit(
            () -> {
              b.putInt(0x01020304).putLong(9);
              bs.flip(5);
            })
        .get();
    b.flip();
    return List.of(
        b.remaining(),
        b.get(0),
        bs,
        pool.submit(() -> bs.stream().boxed().toList()).get(),
        b.order() == ByteOrder.LITTLE_ENDIAN);
  }

  @Runs(EITHER)
  static Object directBuffer(ExecutorService pool) throws Exception {
    ByteBuffer b = ByteBuffer.allocateDirect(8);
    b.putInt(0, 77);
    return pool.submit(() -> b.getInt(0)).get();
  }

  @Runs(AWAY)
  static Object selfContaining(ExecutorService pool) throws Exception {
    Object[] a = new Object[2];
    a[0] = a;
    a[1] = "x";
    List<Object> l = new ArrayList<>();
    l.add(l);
    Map<String, Object> m = new HashMap<>();
    m.put("self", m);
    boolean r =
        pool.submit(
                () -> {
                  a[1] = ((Object[]) a[0])[1] + "y";
                  l.add(m);
                  m.put("list", l);
                  return a[0] == a && l.get(0) == l && m.get("self") == m;
                })
            .get();
    return List.of(r, a[1], a[0] == a, l.size(), l.get(1) == m, m.get("list") == l);
  }

  static class Nodeq {
    Object v;
    Nodeq next, prev;

    Nodeq(Object v) {
      this.v = v;
    }
  }

  @Runs(AWAY)
  static Object deepLists(ExecutorService pool) throws Exception {
    List<Object> l = new ArrayList<>();
    List<Object> cur = l;
    for (int i = 0; i < 50_000; i++) {
      List<Object> x = new ArrayList<>(1);
      cur.add(x);
      cur = x;
    }
    cur.add("deep");
    int depth =
        pool.submit(
                () -> {
                  int d = 0;
                  Object o = l;
                  while (o instanceof List<?> q) {
                    o = q.get(0);
                    d++;
                  }
                  return o.equals("deep") ? d : -1;
                })
            .get();
    Nodeq head = new Nodeq(0), t = head;
    for (int i = 1; i < 30_000; i++) {
      Nodeq q = new Nodeq(i);
      q.prev = t;
      t.next = q;
      t = q;
    }
    Nodeq tail = t;
    Nodeq rh =
        pool.submit(
                () -> {
                  Nodeq c = head;
                  while (c != null) {
                    Nodeq x = c.next;
                    c.next = c.prev;
                    c.prev = x;
                    c = x;
                  }
                  return tail;
                })
            .get();
    int cnt = 0;
    for (Nodeq c = tail; c != null; c = c.next) cnt++;
    return List.of(depth, rh == tail, cnt, head.next == null);
  }

  @Runs(AWAY)
  static Object deepFunctions(ExecutorService pool) throws Exception {
    Function<Integer, Integer> f = x -> x;
    for (int i = 0; i < 500; i++) {
      int k = i;
      f = f.andThen(x -> x + k % 3);
    }
    Function<Integer, Integer> g = f;
    Predicate<String> p = s -> false;
    for (String w : "a b c d".split(" ")) p = p.or(w::equals);
    Predicate<String> q = p.negate();
    Comparator<String> c =
        Comparator.comparing(String::length).thenComparing(Comparator.reverseOrder());
    return List.of(
        pool.submit(() -> g.apply(1)).get(),
        pool.submit(() -> q.test("b") + "" + q.test("z")).get(),
        pool.submit(() -> Stream.of("bb", "a", "c", "aa").sorted(c).toList()).get());
  }

  // identity & caches of boxes and strings
  // custom serialisation forms
  static class Ser implements Serializable {
    private static final Ser INSTANCE = new Ser("one");
    transient String cache = "c";
    final String n;
    int reads;

    Ser(String n) {
      this.n = n;
    }

    private Object readResolve() {
      return INSTANCE;
    }

    private void writeObject(ObjectOutputStream o) throws IOException {
      o.defaultWriteObject();
      reads += 100;
    }
  }

  @Runs(AWAY)
  static Object serialHooksIgnored(ExecutorService pool) throws Exception {
    Ser s = new Ser("two");
    return List.of(
        pool.submit(() -> s.cache + s.n).get(),
        s.reads,
        pool.submit(() -> s).get() == s,
        pool.submit(() -> Ser.INSTANCE.n + (Ser.INSTANCE == s)).get(),
        pool.submit(() -> Ser.INSTANCE).get() == Ser.INSTANCE);
  }

  static class Ext implements Externalizable {
    String a = "a";
    int b = 2;

    public Ext() {}

    public void writeExternal(ObjectOutput o) throws IOException {
      throw new IOException("no");
    }

    public void readExternal(ObjectInput i) throws IOException {
      throw new IOException("no");
    }
  }

  @Runs(AWAY)
  static Object externalizable(ExecutorService pool) throws Exception {
    Ext e = new Ext();
    pool.submit(() -> e.b++).get();
    return e;
  }

  static class Money implements Comparable<Money>, Cloneable {
    final BigDecimal v;
    final Currency c;
    private transient int hash;

    Money(String v, String c) {
      this.v = new BigDecimal(v);
      this.c = Currency.getInstance(c);
    }

    public int hashCode() {
      return hash == 0 ? hash = v.hashCode() * 31 + c.hashCode() : hash;
    }

    public boolean equals(Object o) {
      return o instanceof Money m && v.equals(m.v) && c == m.c;
    }

    public int compareTo(Money o) {
      return v.compareTo(o.v);
    }

    protected Money clone() {
      try {
        return (Money) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  // a key that caches a hash that depends on identity (Currency.hashCode is
  // currencyCode.hashCode())
  static class IdKey {
    final int id;
    private final int h = System.identityHashCode(this);

    IdKey(int id) {
      this.id = id;
    }

    public int hashCode() {
      return h;
    }
  }

  @Runs(EITHER)
  static Object keysWithIdentityHashField(ExecutorService pool) throws Exception {
    IdKey a = new IdKey(1), b = new IdKey(2);
    Map<IdKey, String> m = new HashMap<>(Map.of(a, "a", b, "b"));
    return List.of(pool.submit(() -> m.get(a) + m.get(b)).get(), m.get(a));
  }

  // comparators capturing this / maps
  static class Ranking {
    final Map<String, Integer> rank = new HashMap<>();
    final Comparator<String> byRank = (x, y) -> rank.getOrDefault(x, 99) - rank.getOrDefault(y, 99);
    final TreeMap<String, String> tree = new TreeMap<>(byRank);
    final PriorityQueue<String> pq = new PriorityQueue<>(byRank.reversed());

    Ranking() {
      rank.put("a", 3);
      rank.put("b", 2);
      rank.put("c", 1);
      tree.put("a", "A");
      tree.put("b", "B");
      tree.put("c", "C");
      pq.addAll(rank.keySet());
    }
  }

  @Runs(AWAY)
  static Object comparatorsOfThis(ExecutorService pool) throws Exception {
    Ranking r = new Ranking();
    String a = pool.submit(() -> r.tree.firstKey() + r.pq.peek() + r.tree.headMap("a")).get();
    pool.submit(
            () -> {
              r.rank.put("z", 0);
              r.tree.put("z", "Z");
              r.pq.add("z");
            })
        .get();
    List<String> drained = new ArrayList<>();
    while (!r.pq.isEmpty()) drained.add(r.pq.poll());
    return List.of(a, r.tree, drained);
  }

  // iterators half way, streams captured, spliterators
  @Runs(EITHER)
  static Object halfWay(ExecutorService pool) throws Exception {
    List<Integer> src = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6));
    Iterator<Integer> it = src.iterator();
    it.next();
    ListIterator<Integer> li = src.listIterator(3);
    StringTokenizer st = new StringTokenizer("a b c d");
    st.nextToken();
    Scanner sc = new Scanner("10 20 30");
    sc.nextInt();
    Integer x = pool.submit(() -> it.next() * 10).get();
    String tk = pool.submit(() -> st.nextToken()).get();
    int s2 = pool.submit(() -> sc.nextInt()).get();
    pool.submit(() -> li.previous()).get();
    return List.of(x, it.next(), tk, st.nextToken(), s2, sc.nextInt(), li.next(), li.nextIndex());
  }

  @Runs(EITHER)
  static Object capturedStream(ExecutorService pool) throws Exception {
    Stream<String> s = Stream.of("q", "w", "e").map(String::toUpperCase);
    IntStream is = IntStream.range(0, 5).filter(i -> i % 2 == 0);
    return List.of(pool.submit(() -> s.sorted().toList()).get(), pool.submit(() -> is.sum()).get());
  }

  // weak/soft refs captured
  @Runs(EITHER)
  static Object weakCaptured(ExecutorService pool) throws Exception {
    String strong = new String("kept");
    WeakReference<String> w = new WeakReference<>(strong);
    SoftReference<List<Integer>> so = new SoftReference<>(new ArrayList<>(List.of(1)));
    String r = pool.submit(() -> w.get() + (so.get() != null)).get();
    return List.of(r, strong);
  }

  // records with arrays / nested generics / sealed result types
  record Tensor(String name, float[][] data, Map<String, int[]> idx) {}

  sealed interface Result<T> permits Ok, Err {}

  record Ok<T>(T v) implements Result<T> {}

  record Err<T>(Exception e) implements Result<T> {}

  @Runs(AWAY)
  static Object resultTypes(ExecutorService pool) throws Exception {
    List<Result<Integer>> rs =
        n(
            pool,
            4,
            i -> {
              try {
                return new Ok<>(12 / (i - 2));
              } catch (ArithmeticException e) {
                return new Err<>(e);
              }
            });
    StringBuilder sb = new StringBuilder();
    for (Result<Integer> r : rs)
      sb.append(
              r instanceof Ok<Integer> ok
                  ? "ok" + ok.v()
                  : "err" + ((Err<Integer>) r).e().getMessage())
          .append(' ');
    Tensor t =
        new Tensor("t", new float[][] {{1, 2}, {3}}, new TreeMap<>(Map.of("r", new int[] {1})));
    Tensor u =
        pool.submit(
                () -> {
                  t.data()[1][0] = 9;
                  t.idx().get("r")[0] = 5;
                  t.idx().put("s", new int[2]);
                  return t;
                })
            .get();
    return List.of(sb.toString(), u == t, t);
  }

  // int[] counters and captured local arrays
  @Runs(AWAY)
  static Object localArrayCounter(ExecutorService pool) throws Exception {
    int[] c = {0};
    String[] s = {""};
    List<Integer>[] ls = new List[] {new ArrayList<>(), new LinkedList<>()};
    for (int i = 0; i < 6; i++) {
      int k = i;
      pool.submit(
              () -> {
                c[0] += k;
                s[0] += k;
                ls[k % 2].add(k);
              })
          .get();
    }
    return List.of(c[0], s[0], ls[0], ls[1]);
  }

  // jagged & shared rows
  @Runs(AWAY)
  static Object sharedRows(ExecutorService pool) throws Exception {
    int[] row = {1, 2, 3};
    int[][] m = {row, {4}, row, null, new int[0]};
    boolean same =
        pool.submit(
                () -> {
                  m[0][0] = 100;
                  m[3] = m[1];
                  return m[0] == m[2] && m[2][0] == 100;
                })
            .get();
    return List.of(same, m[2] == row, m[3] == m[1], row, m.length);
  }

  // static nested generic cache with supplier map
  static class Registry {
    static final Map<String, Supplier<? extends Number>> FACT = new LinkedHashMap<>();

    static {
      FACT.put("i", () -> 1);
      FACT.put("d", () -> 2.5);
      FACT.put("b", () -> BigInteger.TEN);
    }

    static Number make(String k) {
      return FACT.get(k).get();
    }
  }

  @Runs(AWAY)
  static Object supplierRegistry(ExecutorService pool) throws Exception {
    List<String> ks = List.of("i", "d", "b");
    return List.of(
        n(pool, 3, i -> Registry.make(ks.get(i))),
        pool.submit(
                () -> {
                  Registry.FACT.put("n", () -> 42L);
                  return Registry.FACT.size();
                })
            .get(),
        Registry.make("n"),
        pool.submit(() -> Registry.make("n")).get());
  }

  // exception captured & rethrown; same instance identity
  @Runs(AWAY)
  static Object capturedThrowable(ExecutorService pool) throws Exception {
    IllegalStateException e = new IllegalStateException("mine");
    try {
      pool.submit(
              () -> {
                e.addSuppressed(new RuntimeException("away"));
                throw e;
              })
          .get();
      return null;
    } catch (ExecutionException x) {
      return List.of(
          x.getCause() == e, e.getSuppressed().length, e.getSuppressed()[0].getMessage());
    }
  }

  // anonymous & local classes capturing mixed
  @Runs(AWAY)
  static Object localClassCaptures(ExecutorService pool) throws Exception {
    int base = 10;
    List<String> log = new ArrayList<>();
    class Acc {
      int sum = base;
      final String tag;

      Acc(String t) {
        tag = t;
      }

      Acc add(int x) {
        sum += x;
        log.add(tag + x);
        return this;
      }

      class In {
        int twice() {
          return sum * 2;
        }
      }
    }
    Acc a = new Acc("t");
    Acc.In in = a.new In();
    int r = pool.submit(() -> a.add(5).add(6).sum + in.twice()).get();
    Runnable run =
        new Runnable() {
          int calls;

          @Override
          public void run() {
            calls++;
            log.add("run" + calls + base);
          }

          @Override
          public String toString() {
            return "calls" + calls;
          }
        };
    pool.submit(run).get();
    pool.submit(run).get();
    return List.of(r, log, a.sum, in.twice(), run.toString());
  }

  // interface with generic method and wildcard capture
  interface Transformer {
    <T, R> List<R> map(List<? extends T> in, Function<? super T, ? extends R> f);
  }

  @Runs(AWAY)
  static Object genericMethods(ExecutorService pool) throws Exception {
    Transformer t =
        new Transformer() {
          public <T, R> List<R> map(List<? extends T> in, Function<? super T, ? extends R> f) {
            List<R> r = new ArrayList<>();
            for (T x : in) r.add(f.apply(x));
            return r;
          }
        };
    return pool.submit(() -> t.map(List.of(1, 2, 3), x -> "n" + x)).get();
  }

  // big payloads
  @Runs(AWAY)
  static Object manyObjects(ExecutorService pool) throws Exception {
    Map<String, List<Integer>> m = new HashMap<>();
    for (int i = 0; i < 20000; i++) m.computeIfAbsent("k" + i % 500, k -> new ArrayList<>()).add(i);
    pool.submit(() -> m.values().forEach(l -> l.removeIf(x -> x % 3 == 0))).get();
    return m.values().stream().mapToInt(List::size).sum() + m.get("k7").get(0);
  }
}
