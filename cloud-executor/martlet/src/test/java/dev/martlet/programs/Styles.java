package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Ways of writing the same: statics, inheritance, local types, chains of stages. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Styles {
  private Styles() {}

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

  static void each(ExecutorService pool, int n, IntConsumer f) throws Exception {
    List<Future<?>> fs = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int k = i;
      fs.add(pool.submit(() -> f.accept(k)));
    }
    for (Future<?> x : fs) x.get();
  }

  // memo via plain static HashMap in a recursion, per-task clearing
  static final Map<Long, Long> MEMO = new HashMap<>();

  static long collatz(long x) {
    if (x == 1) return 1;
    Long c = MEMO.get(x);
    if (c != null) return c;
    long v = 1 + collatz(x % 2 == 0 ? x / 2 : 3 * x + 1);
    MEMO.put(x, v);
    return v;
  }

  @Runs(AWAY)
  @Sequential
  static Object staticMemoSequential(ExecutorService pool) throws Exception {
    MEMO.clear();
    List<Long> l = n(pool, 20, i -> collatz(i + 1));
    return List.of(l, MEMO.size());
  }

  // immutables cached in static with lazy null check
  static BigInteger[] FACT;

  static BigInteger fact(int n) {
    if (FACT == null) {
      FACT = new BigInteger[60];
      FACT[0] = BigInteger.ONE;
      for (int i = 1; i < 60; i++) FACT[i] = FACT[i - 1].multiply(BigInteger.valueOf(i));
    }
    return FACT[n];
  }

  @Runs(AWAY)
  @Sequential
  static Object lazyStaticTable(ExecutorService pool) throws Exception {
    FACT = null;
    return List.of(n(pool, 6, i -> fact(i * 9)), FACT != null, fact(5));
  }

  // record with static factory cache, interned values
  record Color(int r, int g, int b) {
    private static final Map<String, Color> NAMED =
        new TreeMap<>(Map.of("red", new Color(255, 0, 0), "blue", new Color(0, 0, 255)));
    static final Color BLACK = new Color(0, 0, 0);

    static Color of(String n) {
      return NAMED.getOrDefault(n, BLACK);
    }

    boolean isBlack() {
      return this == BLACK;
    }
  }

  @Runs(AWAY)
  static Object recordSingletons(ExecutorService pool) throws Exception {
    Color red = Color.of("red");
    return List.of(
        pool.submit(() -> Color.of("red") == red).get(),
        pool.submit(() -> Color.of("nope").isBlack()).get(),
        pool.submit(() -> Color.of("nope")).get() == Color.BLACK,
        pool.submit(() -> Color.BLACK.isBlack() && !new Color(0, 0, 0).isBlack()).get(),
        pool.submit(
                    () -> {
                      Color c = new Color(1, 2, 3);
                      Color.NAMED.put("mine", c);
                      return c;
                    })
                .get()
            == Color.of("mine"));
  }

  // singleton enum service with mutable state through sequential submits
  enum Service {
    INSTANCE;
    private final Map<String, Integer> hits = new TreeMap<>();
    private int total;

    int hit(String k) {
      total++;
      return hits.merge(k, 1, Integer::sum);
    }
  }

  @Runs(AWAY)
  @Sequential
  static Object enumService(ExecutorService pool) throws Exception {
    Service.INSTANCE.hits.clear();
    Service.INSTANCE.total = 0;
    List<Integer> r = n(pool, 9, i -> Service.INSTANCE.hit("k" + i % 3));
    return List.of(r, Service.INSTANCE.hits, Service.INSTANCE.total);
  }

  // static nested builder w/ fluent lambda config
  static class Query {
    final StringBuilder sql = new StringBuilder("select *");
    final List<Object> args = new ArrayList<>();

    static Query build(Consumer<Query> c) {
      Query q = new Query();
      c.accept(q);
      return q;
    }

    Query where(String col, Object v) {
      sql.append(args.isEmpty() ? " where " : " and ").append(col).append("=?");
      args.add(v);
      return this;
    }
  }

  @Runs(AWAY)
  static Object fluentBuilder(ExecutorService pool) throws Exception {
    Query q = pool.submit(() -> Query.build(x -> x.where("a", 1).where("b", "z"))).get();
    Query r = pool.submit(() -> q.where("c", 2.0)).get();
    return List.of(q == r, q.sql.toString(), q.args);
  }

  // producer of iterators: custom Iterable streams
  static Iterable<Integer> primes(int limit) {
    return () ->
        new Iterator<Integer>() {
          int cur = 1;
          Integer nx = adv();

          Integer adv() {
            for (cur++; cur < limit; cur++) {
              boolean p = true;
              for (int d = 2; d * d <= cur; d++)
                if (cur % d == 0) {
                  p = false;
                  break;
                }
              if (p) return cur;
            }
            return null;
          }

          public boolean hasNext() {
            return nx != null;
          }

          public Integer next() {
            Integer r = nx;
            if (r == null) throw new NoSuchElementException();
            nx = adv();
            return r;
          }
        };
  }

  @Runs(AWAY)
  static Object iterables(ExecutorService pool) throws Exception {
    Iterable<Integer> ps = primes(40);
    Iterator<Integer> it = ps.iterator();
    it.next();
    int x = pool.submit(() -> it.next() + it.next()).get();
    return List.of(
        x,
        it.next(),
        pool.submit(
                () -> {
                  int s = 0;
                  for (int p : ps) s += p;
                  return s;
                })
            .get(),
        pool.submit(
                () ->
                    StreamSupport.stream(ps.spliterator(), false)
                        .map(String::valueOf)
                        .collect(Collectors.joining(",")))
            .get());
  }

  // inheritance: super fields shadowing, protected, constructors calling overridable
  static class P0 {
    protected int v = 1;

    P0() {
      init();
    }

    void init() {
      v = 2;
    }

    int get() {
      return v;
    }

    static String who() {
      return "P0";
    }
  }

  static class C0 extends P0 {
    protected int v = 10;
    int w;

    @Override
    void init() {
      w = 7;
      v = 20;
    }

    @Override
    int get() {
      return v * 100 + super.get() * 10 + super.v;
    }

    static String who() {
      return "C0";
    }

    class Inner extends C0 {
      int outerV() {
        return C0.this.v + v;
      }
    }
  }

  @Runs(AWAY)
  static Object fieldShadowing(ExecutorService pool) throws Exception {
    C0 c = new C0();
    C0.Inner in = c.new Inner();
    c.v = 50;
    ((P0) c).v = 5;
    return List.of(
        pool.submit(c::get).get(),
        pool.submit(() -> ((P0) c).v + c.w).get(),
        pool.submit(in::outerV).get(),
        pool.submit(
                () -> {
                  ((P0) c).v++;
                  c.v--;
                  return C0.who() + P0.who();
                })
            .get(),
        c);
  }

  // generic DAO w/ reflection on type param
  abstract static class TypeRef<T> {
    final Type type =
        ((ParameterizedType) getClass().getGenericSuperclass()).getActualTypeArguments()[0];
  }

  @Runs(AWAY)
  static Object typeTokens(ExecutorService pool) throws Exception {
    return pool.submit(() -> new TypeRef<Map<String, List<Integer>>>() {}.type.getTypeName()).get();
  }

  @Runs(EITHER)
  static Object typeTokenCaptured(ExecutorService pool) throws Exception {
    TypeRef<List<String>> t = new TypeRef<>() {};
    return pool.submit(() -> t.type.getTypeName()).get();
  }

  // chain of responsibility, command pattern with undo (mutable this graph)
  interface Command {
    void exec();

    void undo();
  }

  static class Editor {
    final StringBuilder text = new StringBuilder();
    final Deque<Command> done = new ArrayDeque<>();

    void run(Command c) {
      c.exec();
      done.push(c);
    }

    void undo() {
      if (!done.isEmpty()) done.pop().undo();
    }

    Command append(String s) {
      return new Command() {
        public void exec() {
          text.append(s);
        }

        public void undo() {
          text.setLength(text.length() - s.length());
        }
      };
    }
  }

  @Runs(AWAY)
  static Object commands(ExecutorService pool) throws Exception {
    Editor e = new Editor();
    e.run(e.append("one "));
    pool.submit(
            () -> {
              e.run(e.append("two "));
              e.run(e.append("three"));
            })
        .get();
    String a = e.text.toString();
    pool.submit(e::undo).get();
    String b = e.text.toString();
    e.undo();
    e.undo();
    return List.of(a, b, e.text.toString(), e.done.size());
  }

  // listener registration inside task of object created away, called at home
  static class Model {
    int value;
    final List<IntConsumer> ls = new ArrayList<>();

    void set(int v) {
      value = v;
      for (IntConsumer l : ls) l.accept(v);
    }
  }

  @Runs(AWAY)
  static Object listenersFromTasks(ExecutorService pool) throws Exception {
    Model m = new Model();
    int[] seen = {0};
    List<String> log = new ArrayList<>();
    pool.submit(
            () -> {
              m.ls.add(v -> seen[0] += v);
              m.ls.add(v -> log.add("v" + v + m.value));
            })
        .get();
    m.set(5);
    pool.submit(() -> m.set(7)).get();
    return List.of(seen[0], log, m.value);
  }

  // big switch on strings / enums; nested lambdas in switch; local enum & interface
  @Runs(AWAY)
  static Object localEnums(ExecutorService pool) throws Exception {
    enum Dir {
      N(0, 1),
      E(1, 0),
      S(0, -1),
      W(-1, 0);
      final int dx, dy;

      Dir(int x, int y) {
        dx = x;
        dy = y;
      }

      Dir right() {
        return values()[(ordinal() + 1) % 4];
      }
    }
    record Pos(int x, int y) {
      Pos go(Dir d) {
        return new Pos(x + d.dx, y + d.dy);
      }
    }
    return n(
        pool,
        3,
        k -> {
          Pos p = new Pos(0, 0);
          Dir d = Dir.N;
          for (char c : ("FFR".repeat(k + 1) + "F").toCharArray())
            switch (c) {
              case 'F' -> p = p.go(d);
              case 'R' -> d = d.right();
              default -> throw new IllegalStateException();
            }
          return p
              + ""
              + d
              + switch (d) {
                case N, S -> "vertical";
                case E, W -> {
                  String s = "hor";
                  yield s + "izontal";
                }
              };
        });
  }

  // AoC: grid BFS with records, memoised DP with HashMap<record,...>
  record Pt(int x, int y) {}

  @Runs(AWAY)
  static Object bfsGrid(ExecutorService pool) throws Exception {
    List<String> g = List.of("S..#.", ".#...", "...#.", ".#..E");
    return pool.submit(
            () -> {
              Map<Pt, Integer> dist = new HashMap<>();
              Deque<Pt> q = new ArrayDeque<>();
              q.add(new Pt(0, 0));
              dist.put(new Pt(0, 0), 0);
              while (!q.isEmpty()) {
                Pt p = q.poll();
                for (int[] d : new int[][] {{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
                  Pt t = new Pt(p.x() + d[0], p.y() + d[1]);
                  if (t.y() < 0
                      || t.y() >= g.size()
                      || t.x() < 0
                      || t.x() >= 5
                      || g.get(t.y()).charAt(t.x()) == '#') continue;
                  if (dist.putIfAbsent(t, dist.get(p) + 1) == null) q.add(t);
                }
              }
              return dist.get(new Pt(4, 3));
            })
        .get();
  }

  // locale/timezone change between tasks
  @Runs(AWAY)
  static Object localeChanges(ExecutorService pool) throws Exception {
    Locale old = Locale.getDefault();
    TimeZone oz = TimeZone.getDefault();
    try {
      List<Object> r = new ArrayList<>();
      for (Locale l : List.of(Locale.GERMANY, Locale.US)) {
        Locale.setDefault(l);
        TimeZone.setDefault(
            TimeZone.getTimeZone(l == Locale.US ? "America/New_York" : "Europe/Berlin"));
        r.add(
            pool.submit(
                    () ->
                        String.format("%,.2f", 1234.5)
                            + NumberFormat.getInstance().format(0.5)
                            + new SimpleDateFormat("MMM HH").format(new Date(0))
                            + ZoneId.systemDefault()
                            + "i".toUpperCase())
                .get());
      }
      return r;
    } finally {
      Locale.setDefault(old);
      TimeZone.setDefault(oz);
    }
  }

  // exceptions escaping from stream lambdas, toString failing, equals failing
  static class Nasty {
    final int n;

    Nasty(int n) {
      this.n = n;
    }

    @Override
    public String toString() {
      throw new UnsupportedOperationException("ts" + n);
    }

    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public boolean equals(Object o) {
      if (n == 13) throw new IllegalStateException("eq");
      return o instanceof Nasty x && x.n == n;
    }
  }

  @Runs(AWAY)
  static Object nastyObjects(ExecutorService pool) throws Exception {
    Nasty a = new Nasty(1), b = new Nasty(13);
    List<Object> r = new ArrayList<>();
    try {
      pool.submit(() -> "" + a).get();
    } catch (ExecutionException e) {
      r.add(e.getCause().getMessage());
    }
    Set<Nasty> s = new HashSet<>(List.of(a));
    try {
      pool.submit(() -> s.add(b)).get();
      r.add("added");
    } catch (ExecutionException e) {
      r.add(e.getCause().getMessage());
    }
    r.add(s.size());
    r.add(pool.submit(() -> a).get() == a);
    Map<Nasty, String> m = new HashMap<>();
    m.put(a, "a");
    pool.submit(() -> m.put(new Nasty(2), "two")).get();
    r.add(m.size() + m.get(new Nasty(2)));
    return r;
  }

  // CompletableFuture: mixed executors, dependents at home seeing effects; obtrude; cancel;
  // completeAsync; failed graph with 20+ stages
  @Runs(AWAY)
  static Object longChain(ExecutorService pool) throws Exception {
    CompletableFuture<Integer> f = CompletableFuture.completedFuture(0);
    for (int i = 0; i < 25; i++) {
      int k = i;
      f =
          k % 3 == 0
              ? f.thenApplyAsync(x -> x + k, pool)
              : k % 3 == 1
                  ? f.thenApply(x -> x * 2 % 1000)
                  : f.thenCombineAsync(
                      CompletableFuture.supplyAsync(() -> k, pool), Integer::sum, pool);
    }
    int[] side = {0};
    CompletableFuture<Void> v = f.thenAcceptAsync(x -> side[0] = x, pool);
    v.join();
    CompletableFuture<String> c = new CompletableFuture<String>().completeAsync(() -> "ca", pool);
    return List.of(
        f.join(),
        side[0],
        c.get(),
        f.thenComposeAsync(x -> CompletableFuture.failedFuture(new IOException("x" + x)), pool)
            .handleAsync((x, t) -> t.getClass().getSimpleName() + t.getMessage(), pool)
            .get());
  }

  @Runs(AWAY)
  static Object cfCancelled(ExecutorService pool) throws Exception {
    CompletableFuture<String> f =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                Thread.sleep(300);
              } catch (InterruptedException e) {
                return "i";
              }
              return "done";
            },
            pool);
    CompletableFuture<String> g = f.thenApplyAsync(s -> s + "!", pool);
    boolean c = g.cancel(true);
    String r = f.get();
    try {
      g.join();
      return "?";
    } catch (CancellationException e) {
      return List.of(c, r, g.isCompletedExceptionally());
    }
  }

  // collection views returned by tasks
  @Runs(AWAY)
  static Object viewsReturned(ExecutorService pool) throws Exception {
    TreeMap<Integer, String> t = new TreeMap<>(Map.of(1, "a", 2, "b", 3, "c"));
    List<Integer> l = new ArrayList<>(List.of(1, 2, 3, 4));
    SortedMap<Integer, String> h = pool.submit(() -> t.headMap(3)).get();
    List<Integer> s = pool.submit(() -> l.subList(1, 3)).get();
    Set<Integer> ks = pool.submit(() -> t.keySet()).get();
    h.put(0, "z");
    s.set(0, 22);
    ks.remove(2);
    return List.of(
        t,
        l,
        h,
        s,
        ks,
        pool.submit(() -> Collections.unmodifiableCollection(t.values())).get().size());
  }
}
