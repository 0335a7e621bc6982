package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Styles.each;
import static dev.martlet.programs.Styles.n;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.RandomAccess;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Services with more fields than their tasks need, and number crunching on the side. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Services {
  private Services() {}

  // Spring-ish service: fields of pool, locks, caches, unused by the task
  static class PriceService {
    private final ExecutorService pool;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Double> cache = new ConcurrentHashMap<>();
    private final System.Logger log = System.getLogger("price");
    private final java.util.logging.Logger jul = java.util.logging.Logger.getLogger("x");
    private final Random rnd = new Random(1);
    private final Thread owner = Thread.currentThread();
    private final double rate;
    private volatile boolean running = true;
    private final AtomicLong seq = new AtomicLong();

    PriceService(ExecutorService p, double rate) {
      pool = p;
      this.rate = rate;
    }

    double price(double base) {
      return base * (1 + rate);
    }

    List<Double> all(List<Double> bases) throws Exception {
      List<Future<Double>> fs = new ArrayList<>();
      for (Double b : bases) fs.add(pool.submit(() -> price(b)));
      List<Double> r = new ArrayList<>();
      for (Future<Double> f : fs) r.add(f.get());
      seq.incrementAndGet();
      cache.put("n", 1.0 * r.size());
      return r;
    }

    void shutdown() {
      running = false;
      lock.lock();
      try {
        cache.clear();
      } finally {
        lock.unlock();
      }
    }
  }

  @Runs(AWAY)
  static Object priceService(ExecutorService pool) throws Exception {
    PriceService s = new PriceService(pool, 0.2);
    return List.of(s.all(List.of(10.0, 20.0, 30.0)), s.seq.get(), s.cache.toString());
  }

  // dependency-injection container w/ interface chain of decorators, one of which (unused) syncs
  interface Repo {
    String find(int id);
  }

  static class MemRepo implements Repo {
    final Map<Integer, String> m = new HashMap<>();

    public String find(int id) {
      return m.getOrDefault(id, "?");
    }
  }

  static class UpRepo implements Repo {
    final Repo d;

    UpRepo(Repo d) {
      this.d = d;
    }

    public String find(int id) {
      return d.find(id).toUpperCase(Locale.ROOT);
    }
  }

  static class SyncRepo implements Repo {
    final Repo d;

    SyncRepo(Repo d) {
      this.d = d;
    }

    public synchronized String find(int id) {
      return d.find(id);
    }
  }

  static class CachingRepo implements Repo {
    final Repo d;
    final ConcurrentMap<Integer, String> c = new ConcurrentHashMap<>();

    CachingRepo(Repo d) {
      this.d = d;
    }

    public String find(int id) {
      return c.computeIfAbsent(id, d::find);
    }
  }

  static class Controller {
    final Repo repo;

    Controller(Repo r) {
      repo = r;
    }

    String get(int id) {
      return "{" + repo.find(id) + "}";
    }
  }

  @Runs(AWAY)
  static Object decorators(ExecutorService pool) throws Exception {
    MemRepo m = new MemRepo();
    for (int i = 0; i < 5; i++) m.m.put(i, "r" + i);
    Controller c = new Controller(new UpRepo(m));
    return n(pool, 6, c::get);
  }

  @Runs(HOME)
  static Object syncDecorator(ExecutorService pool) throws Exception {
    MemRepo m = new MemRepo();
    m.m.put(1, "a");
    Controller c = new Controller(new UpRepo(new SyncRepo(m)));
    return n(pool, 3, c::get);
  }

  @Runs(EITHER)
  static Object cachingDecorator(ExecutorService pool) throws Exception {
    MemRepo m = new MemRepo();
    m.m.put(1, "a");
    CachingRepo cr = new CachingRepo(m);
    Controller c = new Controller(new UpRepo(cr));
    return List.of(n(pool, 6, i -> c.get(i % 2)), new TreeMap<>(cr.c));
  }

  // Monte Carlo w/ accumulators
  @Runs(AWAY)
  static Object monteCarlo(ExecutorService pool) throws Exception {
    DoubleAdder sum = new DoubleAdder();
    LongAccumulator max = new LongAccumulator(Long::max, Long.MIN_VALUE);
    DoubleAccumulator min = new DoubleAccumulator(Math::min, Double.MAX_VALUE);
    each(
        pool,
        8,
        s -> {
          Random r = new Random(s);
          for (int i = 0; i < 50; i++) {
            int v = r.nextInt(1000);
            sum.add(v);
            max.accumulate(v);
            min.accumulate(v);
          }
        });
    return List.of(sum.sum(), max.get(), min.get());
  }

  @Runs(AWAY)
  static Object option(ExecutorService pool) throws Exception {
    double s0 = 100, k = 105, r = 0.05, vol = 0.2, t = 1;
    List<Double> l =
        n(
            pool,
            4,
            seed -> {
              Random rn = new Random(seed);
              double acc = 0;
              for (int i = 0; i < 20000; i++) {
                double st =
                    s0 * Math.exp((r - vol * vol / 2) * t + vol * Math.sqrt(t) * rn.nextGaussian());
                acc += Math.max(0, st - k);
              }
              return Math.exp(-r * t) * acc / 20000;
            });
    return l;
  }

  // genomics
  @Runs(AWAY)
  static Object kmers(ExecutorService pool) throws Exception {
    String dna =
        new Random(4)
            .ints(2000, 0, 4)
            .mapToObj(i -> "" + "ACGT".charAt(i))
            .collect(Collectors.joining());
    ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    for (char a : "ACGT".toCharArray())
      for (char b : "ACGT".toCharArray()) counts.put("" + a + b, new LongAdder());
    ConcurrentMap<String, Integer> merged = new ConcurrentHashMap<>();
    each(
        pool,
        4,
        p -> {
          for (int i = p * 500; i < Math.min((p + 1) * 500, dna.length() - 2); i++)
            merged.merge(dna.substring(i, i + 2), 1, Integer::sum);
        });
    return new TreeMap<>(merged);
  }

  @Runs(EITHER)
  static Object kmerAdders(ExecutorService pool) throws Exception {
    String dna = "ACGTACGGTTACGTA".repeat(20);
    ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    each(
        pool,
        4,
        p -> {
          for (int i = p * 75; i < Math.min((p + 1) * 75, dna.length() - 2); i++)
            counts.computeIfAbsent(dna.substring(i, i + 2), x -> new LongAdder()).increment();
        });
    TreeMap<String, Long> r = new TreeMap<>();
    counts.forEach((k, v) -> r.put(k, v.sum()));
    return r;
  }

  @Runs(AWAY)
  static Object smithWaterman(ExecutorService pool) throws Exception {
    String[] q = {"GATTACA", "GCATGCU", "TTTT"};
    String db = "GGATTTACAGCATGC";
    return n(
        pool,
        3,
        i -> {
          int[][] h = new int[q[i].length() + 1][db.length() + 1];
          int best = 0;
          for (int a = 1; a < h.length; a++)
            for (int b = 1; b < h[0].length; b++) {
              h[a][b] =
                  Math.max(
                      0,
                      Math.max(
                          h[a - 1][b - 1] + (q[i].charAt(a - 1) == db.charAt(b - 1) ? 2 : -1),
                          Math.max(h[a - 1][b], h[a][b - 1]) - 1));
              best = Math.max(best, h[a][b]);
            }
          return best;
        });
  }

  // image processing
  @Runs(AWAY)
  static Object imageBlur(ExecutorService pool) throws Exception {
    java.awt.image.BufferedImage img =
        new java.awt.image.BufferedImage(40, 30, java.awt.image.BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 30; y++)
      for (int x = 0; x < 40; x++) img.setRGB(x, y, (x * 6) << 16 | (y * 8) << 8 | (x * y % 256));
    int[] px = img.getRGB(0, 0, 40, 30, null, 0, 40);
    int[] out = new int[px.length];
    each(
        pool,
        5,
        b -> {
          for (int y = b * 6; y < (b + 1) * 6; y++)
            for (int x = 0; x < 40; x++) {
              int s = 0, c = 0;
              for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                  int yy = y + dy, xx = x + dx;
                  if (yy >= 0 && yy < 30 && xx >= 0 && xx < 40) {
                    s += px[yy * 40 + xx] & 255;
                    c++;
                  }
                }
              out[y * 40 + x] = s / c;
            }
        });
    return Arrays.hashCode(out);
  }

  @Runs(EITHER)
  static Object imageCaptured(ExecutorService pool) throws Exception {
    java.awt.image.BufferedImage img =
        new java.awt.image.BufferedImage(16, 16, java.awt.image.BufferedImage.TYPE_BYTE_GRAY);
    each(
        pool,
        4,
        b -> {
          for (int y = b * 4; y < b * 4 + 4; y++)
            for (int x = 0; x < 16; x++) img.getRaster().setSample(x, y, 0, x * y);
        });
    int s = 0;
    for (int y = 0; y < 16; y++)
      for (int x = 0; x < 16; x++) s = s * 31 + img.getRaster().getSample(x, y, 0);
    return s;
  }

  @Runs(AWAY)
  static Object pngInTask(ExecutorService pool) throws Exception {
    return n(
        pool,
        2,
        i -> {
          try {
            java.awt.image.BufferedImage img = new java.awt.image.BufferedImage(8, 8, 2);
            img.setRGB(i, i, 0xff00ff00);
            ByteArrayOutputStream o = new ByteArrayOutputStream();
            javax.imageio.ImageIO.write(img, "png", o);
            java.awt.image.BufferedImage b =
                javax.imageio.ImageIO.read(new ByteArrayInputStream(o.toByteArray()));
            return Integer.toHexString(b.getRGB(i, i));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  // matrix, generics-heavy
  static final class Matrix<N extends Number> {
    final N[][] a;
    final BinaryOperator<N> add, mul;

    Matrix(N[][] a, BinaryOperator<N> add, BinaryOperator<N> mul) {
      this.a = a;
      this.add = add;
      this.mul = mul;
    }

    N dot(Matrix<N> o, int i, int j) {
      N s = mul.apply(a[i][0], o.a[0][j]);
      for (int k = 1; k < a[0].length; k++) s = add.apply(s, mul.apply(a[i][k], o.a[k][j]));
      return s;
    }
  }

  @Runs(AWAY)
  static Object genericMatrix(ExecutorService pool) throws Exception {
    BigInteger[][] x = new BigInteger[5][5];
    for (int i = 0; i < 25; i++) x[i / 5][i % 5] = BigInteger.valueOf(i * i);
    Matrix<BigInteger> m = new Matrix<>(x, BigInteger::add, BigInteger::multiply);
    BigInteger[][] out = new BigInteger[5][5];
    each(pool, 25, i -> out[i / 5][i % 5] = m.dot(m, i / 5, i % 5));
    Matrix<Integer> im =
        new Matrix<>(new Integer[][] {{1, 2}, {3, 4}}, Integer::sum, (p, q) -> p * q);
    return List.of(out, n(pool, 4, i -> im.dot(im, i / 2, i % 2)));
  }

  // game tree w/ alpha-beta & transposition table inside task
  @Runs(AWAY)
  static Object gameTree(ExecutorService pool) throws Exception {
    return n(
        pool,
        3,
        h -> {
          Map<Integer, Integer> tt = new HashMap<>();
          return nim(new int[] {h + 1, 3, 2}, tt) * 1000 + tt.size();
        });
  }

  static int nim(int[] heaps, Map<Integer, Integer> tt) {
    int key = Arrays.hashCode(heaps);
    Integer c = tt.get(key);
    if (c != null) return c;
    int best = -1;
    for (int i = 0; i < heaps.length; i++)
      for (int t = 1; t <= heaps[i]; t++) {
        heaps[i] -= t;
        best = Math.max(best, -nim(heaps, tt));
        heaps[i] += t;
      }
    tt.put(key, best);
    return best;
  }

  // parameter tuning w/ completion service and early cancel
  record Params(double lr, int depth) {}

  record Score(Params p, double s) implements Comparable<Score> {
    public int compareTo(Score o) {
      return Double.compare(s, o.s);
    }
  }

  @Runs(AWAY)
  static Object gridSearch(ExecutorService pool) throws Exception {
    ExecutorCompletionService<Score> ecs = new ExecutorCompletionService<>(pool);
    List<Future<Score>> fs = new ArrayList<>();
    for (double lr : new double[] {.1, .2, .5})
      for (int d = 1; d < 4; d++) {
        Params p = new Params(lr, d);
        fs.add(ecs.submit(() -> new Score(p, -Math.abs(p.lr() - .2) - Math.abs(p.depth() - 2))));
      }
    Score best = null;
    for (int i = 0; i < fs.size(); i++) {
      Score s = ecs.take().get();
      if (best == null || s.compareTo(best) > 0) best = s;
    }
    return best;
  }

  // text indexing
  @Runs(AWAY)
  static Object invertedIndex(ExecutorService pool) throws Exception {
    String[] docs = {"to be or not", "not to worry", "be happy or sad"};
    ConcurrentSkipListMap<String, Set<Integer>> idx = new ConcurrentSkipListMap<>();
    Map<String, List<Integer>> partials = new TreeMap<>();
    for (Map<String, Integer> m :
        n(
            pool,
            3,
            i -> {
              Map<String, Integer> m = new LinkedHashMap<>();
              for (String w : docs[i].split(" ")) m.put(w, i);
              return m;
            })) m.forEach((k, v) -> partials.computeIfAbsent(k, x -> new ArrayList<>()).add(v));
    return partials;
  }

  // observer & event bus, callbacks into captured lambdas
  static class Bus {
    private final Map<Class<?>, List<Consumer<Object>>> subs = new LinkedHashMap<>();

    <E> void on(Class<E> t, Consumer<? super E> c) {
      subs.computeIfAbsent(t, k -> new ArrayList<>()).add((Consumer<Object>) c);
    }

    void post(Object e) {
      subs.forEach(
          (t, l) -> {
            if (t.isInstance(e)) l.forEach(c -> c.accept(e));
          });
    }
  }

  @Runs(AWAY)
  static Object eventBus(ExecutorService pool) throws Exception {
    Bus b = new Bus();
    List<String> got = new ArrayList<>();
    StringBuilder sb = new StringBuilder();
    b.on(String.class, got::add);
    b.on(CharSequence.class, sb::append);
    b.on(Integer.class, i -> got.add("int" + i));
    pool.submit(
            () -> {
              b.post("hello");
              b.post(5);
              b.post(new StringBuilder("sb"));
            })
        .get();
    return List.of(got, sb.toString());
  }

  @Runs(AWAY)
  static Object eventBusConcurrentSinks(ExecutorService pool) throws Exception {
    Bus b = new Bus();
    Queue<String> q = new ConcurrentLinkedQueue<>();
    List<Object> cow = new CopyOnWriteArrayList<>();
    AtomicInteger n = new AtomicInteger();
    b.on(String.class, q::add);
    b.on(Object.class, cow::add);
    b.on(Object.class, o -> n.incrementAndGet());
    each(pool, 5, i -> b.post(i % 2 == 0 ? "s" + i : i));
    return List.of(
        q.stream().sorted().toList(),
        cow.stream().map(Object::toString).sorted().toList(),
        n.get());
  }

  // state machine w/ enum + EnumMap of functions
  enum St {
    IDLE,
    RUN,
    DONE;

    St next(char c) {
      return switch (this) {
        case IDLE -> c == 's' ? RUN : this;
        case RUN -> c == 'e' ? DONE : this;
        case DONE -> this;
      };
    }
  }

  @Runs(AWAY)
  static Object stateMachine(ExecutorService pool) throws Exception {
    EnumMap<St, UnaryOperator<String>> act = new EnumMap<>(St.class);
    act.put(St.IDLE, s -> s + "i");
    act.put(St.RUN, s -> s + "r");
    act.put(St.DONE, s -> s + "d");
    return n(
        pool,
        3,
        k -> {
          St st = St.IDLE;
          String out = "";
          for (char c : ("xs".repeat(k) + "sye").toCharArray()) {
            st = st.next(c);
            out = act.get(st).apply(out);
          }
          return out + st;
        });
  }

  // custom collections & iterators
  static class Ring<E> extends AbstractList<E> implements Deque2<E>, RandomAccess {
    private Object[] a = new Object[2];
    private int head, size;

    public E get(int i) {
      Objects.checkIndex(i, size);
      return (E) a[(head + i) % a.length];
    }

    public int size() {
      return size;
    }

    public boolean add(E e) {
      if (size == a.length) {
        Object[] b = new Object[size * 2];
        for (int i = 0; i < size; i++) b[i] = get(i);
        a = b;
        head = 0;
      }
      a[(head + size++) % a.length] = e;
      modCount++;
      return true;
    }

    public E popHead() {
      E e = get(0);
      a[head] = null;
      head = (head + 1) % a.length;
      size--;
      modCount++;
      return e;
    }
  }

  interface Deque2<E> {
    E popHead();
  }

  @Runs(AWAY)
  static Object customCollection(ExecutorService pool) throws Exception {
    Ring<String> r = new Ring<>();
    for (int i = 0; i < 5; i++) r.add("e" + i);
    String h =
        pool.submit(
                () -> {
                  String x = r.popHead();
                  r.add("new");
                  return x;
                })
            .get();
    Iterator<String> it = r.iterator();
    it.next();
    pool.submit(() -> r.add("more")).get();
    try {
      it.next();
      return "no cme";
    } catch (ConcurrentModificationException e) {
      return List.of(h, new ArrayList<>(r), r.subList(1, 3), r);
    }
  }

  static class Trie implements Iterable<String> {
    final TreeMap<Character, Trie> kids = new TreeMap<>();
    boolean end;

    void add(String s) {
      Trie t = this;
      for (char c : s.toCharArray()) t = t.kids.computeIfAbsent(c, k -> new Trie());
      t.end = true;
    }

    void walk(String p, Consumer<String> c) {
      if (end) c.accept(p);
      kids.forEach((k, t) -> t.walk(p + k, c));
    }

    public Iterator<String> iterator() {
      List<String> l = new ArrayList<>();
      walk("", l::add);
      return l.iterator();
    }
  }

  @Runs(AWAY)
  static Object tries(ExecutorService pool) throws Exception {
    Trie t = new Trie();
    pool.submit(
            () -> {
              for (String s : "tea ten to inn in".split(" ")) t.add(s);
            })
        .get();
    pool.submit(() -> t.add("tent")).get();
    List<String> l = new ArrayList<>();
    for (String s : t) l.add(s);
    return List.of(
        l,
        pool.submit(
                () -> {
                  int c = 0;
                  for (String s : t) c += s.length();
                  return c;
                })
            .get());
  }
}
