package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Design patterns and library idioms. */
@SuppressWarnings({"unchecked", "rawtypes", "serial"})
final class Patterns {
  private Patterns() {}

  static <T> List<T> all(ExecutorService pool, List<? extends Callable<T>> cs) throws Exception {
    List<T> r = new ArrayList<>();
    for (Future<T> f : pool.invokeAll(cs)) r.add(f.get());
    return r;
  }

  // interpreter
  sealed interface Expr permits Num, Add, Mul, Neg, Var, Let {}

  record Num(double v) implements Expr {}

  record Add(Expr l, Expr r) implements Expr {}

  record Mul(Expr l, Expr r) implements Expr {}

  record Neg(Expr e) implements Expr {}

  record Var(String n) implements Expr {}

  record Let(String n, Expr v, Expr body) implements Expr {}

  static double eval(Expr e, Map<String, Double> env) {
    if (e instanceof Num n) return n.v();
    if (e instanceof Add a) return eval(a.l(), env) + eval(a.r(), env);
    if (e instanceof Mul m) return eval(m.l(), env) * eval(m.r(), env);
    if (e instanceof Neg n) return -eval(n.e(), env);
    if (e instanceof Var v) return env.get(v.n());
    if (e instanceof Let l) {
      Map<String, Double> m = new HashMap<>(env);
      m.put(l.n(), eval(l.v(), env));
      return eval(l.body(), m);
    }
    throw new AssertionError();
  }

  @Runs(AWAY)
  static Object interpreter(ExecutorService pool) throws Exception {
    Expr e =
        new Let("x", new Num(4), new Add(new Mul(new Var("x"), new Var("y")), new Neg(new Num(1))));
    List<Callable<Double>> cs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      double y = i;
      cs.add(() -> eval(e, Map.of("y", y)));
    }
    return all(pool, cs);
  }

  // visitor with generic double dispatch
  interface Visitor<R> {
    R file(FileNode f);

    R dir(DirNode d);
  }

  abstract static class FsNode {
    final String name;

    FsNode(String n) {
      name = n;
    }

    abstract <R> R accept(Visitor<R> v);
  }

  static class FileNode extends FsNode {
    long size;

    FileNode(String n, long s) {
      super(n);
      size = s;
    }

    <R> R accept(Visitor<R> v) {
      return v.file(this);
    }
  }

  static class DirNode extends FsNode {
    final List<FsNode> kids = new ArrayList<>();

    DirNode(String n, FsNode... k) {
      super(n);
      kids.addAll(Arrays.asList(k));
    }

    <R> R accept(Visitor<R> v) {
      return v.dir(this);
    }
  }

  static class Size implements Visitor<Long> {
    public Long file(FileNode f) {
      return f.size;
    }

    public Long dir(DirNode d) {
      return d.kids.stream().mapToLong(k -> k.accept(this)).sum();
    }
  }

  static class Dump implements Visitor<StringBuilder> {
    final StringBuilder sb = new StringBuilder();
    int depth;

    public StringBuilder file(FileNode f) {
      return sb.append("  ".repeat(depth)).append(f.name).append('\n');
    }

    public StringBuilder dir(DirNode d) {
      sb.append("  ".repeat(depth++)).append(d.name).append("/\n");
      d.kids.forEach(k -> k.accept(this));
      depth--;
      return sb;
    }
  }

  static class SyncCounting implements Visitor<Integer> {
    int n;

    public synchronized Integer file(FileNode f) {
      return ++n;
    }

    public synchronized Integer dir(DirNode d) {
      for (FsNode k : d.kids) k.accept(this);
      return n;
    }
  }

  static DirNode tree() {
    return new DirNode(
        "root",
        new FileNode("a", 10),
        new DirNode("sub", new FileNode("b", 20), new DirNode("e")),
        new FileNode("c", 30));
  }

  @Runs(AWAY)
  static Object visitors(ExecutorService pool) throws Exception {
    DirNode t = tree();
    Future<Long> a = pool.submit(() -> t.accept(new Size()));
    Future<StringBuilder> b = pool.submit(() -> t.accept(new Dump()));
    return List.of(a.get(), b.get().toString());
  }

  @Runs(AWAY)
  static Object ownSyncVisitor(ExecutorService pool) throws Exception {
    DirNode t = tree();
    return all(
        pool,
        List.<Callable<Integer>>of(
            () -> t.accept(new SyncCounting()), () -> new SyncCounting().dir(t)));
  }

  @Runs(HOME)
  static Object sharedSyncVisitor(ExecutorService pool) throws Exception {
    DirNode t = tree();
    SyncCounting c = new SyncCounting();
    all(pool, List.<Callable<Integer>>of(() -> t.accept(c), () -> t.accept(c)));
    return c.n;
  }

  // builder + inheritance w/ self type
  abstract static class Shape2<B extends Shape2<B>> {
    String color = "none";
    int line;

    abstract B self();

    B color(String c) {
      color = c;
      return self();
    }

    B line(int l) {
      line = l;
      return self();
    }
  }

  static class Circle2 extends Shape2<Circle2> {
    double r;

    Circle2 self() {
      return this;
    }

    Circle2 r(double r) {
      this.r = r;
      return this;
    }

    double area() {
      return Math.PI * r * r;
    }
  }

  @Runs(AWAY)
  static Object selfTypes(ExecutorService pool) throws Exception {
    return pool.submit(() -> new Circle2().color("red").line(2).r(1.5)).get();
  }

  // template method w/ abstract classes, protected hooks, super calls
  abstract static class Report {
    protected final List<String> out = new ArrayList<>();

    final List<String> run() {
      header();
      body();
      footer();
      return out;
    }

    protected void header() {
      out.add("== " + getClass().getSimpleName());
    }

    protected abstract void body();

    protected void footer() {
      out.add("--");
    }
  }

  static class Sales extends Report {
    protected void body() {
      out.add("sales");
    }

    @Override
    protected void footer() {
      out.add("total");
      super.footer();
    }
  }

  @Runs(AWAY)
  static Object templateMethod(ExecutorService pool) throws Exception {
    Report anon =
        new Report() {
          int n = 3;

          {
            n++;
          }

          protected void body() {
            for (int i = 0; i < n; i++) out.add("l" + i);
          }
        };
    return all(pool, List.<Callable<List<String>>>of(new Sales()::run, anon::run));
  }

  @Runs(AWAY)
  static Object templateMethodEffects(ExecutorService pool) throws Exception {
    Sales s = new Sales();
    pool.submit(s::run).get();
    return s;
  }

  // enum strategies with abstract methods, fields, EnumMap, switch
  enum Op implements IntBinaryOperator {
    PLUS("+") {
      public int applyAsInt(int a, int b) {
        return a + b;
      }
    },
    TIMES("*") {
      public int applyAsInt(int a, int b) {
        return a * b;
      }
    },
    POW("^") {
      public int applyAsInt(int a, int b) {
        int r = 1;
        for (int i = 0; i < b; i++) r = TIMES.applyAsInt(r, a);
        return r;
      }
    };
    final String sym;
    static final Map<String, Op> BY =
        Stream.of(values()).collect(Collectors.toMap(o -> o.sym, o -> o));

    Op(String s) {
      sym = s;
    }

    static Op of(String s) {
      return Optional.ofNullable(BY.get(s)).orElseThrow(() -> new NoSuchElementException(s));
    }
  }

  @Runs(AWAY)
  static Object rpn(ExecutorService pool) throws Exception {
    List<Callable<Integer>> cs = new ArrayList<>();
    for (String s : List.of("3 4 +", "2 5 ^ 3 *", "1 2 3 * +"))
      cs.add(
          () -> {
            Deque<Integer> st = new ArrayDeque<>();
            for (String t : s.split(" "))
              if (Character.isDigit(t.charAt(0))) st.push(Integer.valueOf(t));
              else {
                int b = st.pop(), a = st.pop();
                st.push(Op.of(t).applyAsInt(a, b));
              }
            return st.pop();
          });
    return all(pool, cs);
  }

  @Runs(AWAY)
  static Object enumMapCount(ExecutorService pool) throws Exception {
    EnumMap<Op, Integer> m = new EnumMap<>(Op.class);
    m.put(Op.POW, 1);
    pool.submit(
            () -> {
              for (Op o : Op.values()) m.merge(o, o.ordinal() + 1, Integer::sum);
              m.remove(Op.PLUS);
            })
        .get();
    return List.of(
        m,
        pool.submit(() -> EnumSet.complementOf(EnumSet.of(Op.POW))).get(),
        pool.submit(() -> Op.POW.getDeclaringClass() == Op.class && Op.POW.getClass() != Op.class)
            .get());
  }

  // inner class capture of this; qualified this; shadowing
  static class Outer {
    int x = 1;

    class Inner {
      int x = 10;

      class Deep {
        int x = 100;

        int sum() {
          return x + Inner.this.x + Outer.this.x;
        }

        void bump() {
          Outer.this.x++;
          Inner.this.x++;
          x++;
        }
      }

      Deep deep = new Deep();
    }

    Inner inner = new Inner();

    Callable<Integer> task() {
      return () -> {
        inner.deep.bump();
        return inner.deep.sum();
      };
    }
  }

  @Runs(AWAY)
  static Object qualifiedThis(ExecutorService pool) throws Exception {
    Outer o = new Outer();
    int r = pool.submit(o.task()).get();
    return List.of(r, o.x, o.inner.x, o.inner.deep.x, pool.submit(o.inner.deep::sum).get());
  }

  // ThreadLocal with initial used per task
  static final ThreadLocal<SimpleDateFormat> FMT =
      ThreadLocal.withInitial(
          () -> {
            SimpleDateFormat f = new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT);
            f.setTimeZone(TimeZone.getTimeZone("UTC"));
            return f;
          });

  @Runs(AWAY)
  static Object threadLocalFormat(ExecutorService pool) throws Exception {
    List<Callable<String>> cs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      long d = i * 86400000L * 365;
      cs.add(() -> FMT.get().format(new Date(d)));
    }
    return all(pool, cs);
  }

  // format locales
  @Runs(AWAY)
  static Object locales(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                List.of(
                    String.format(
                        Locale.GERMANY,
                        "%,.2f|%05d|%-6s|%tB",
                        12345.678,
                        42,
                        "ab",
                        LocalDate.of(2020, 3, 1)),
                    String.format(Locale.US, "%e %x %o %b %c %%", 1.5, 255, 8, true, 'z'),
                    NumberFormat.getCurrencyInstance(Locale.UK).format(3.5),
                    NumberFormat.getPercentInstance(Locale.US).format(0.256),
                    MessageFormat.format("{0} of {1,number,integer}", "x", 3),
                    new DecimalFormat("#,##0.00;(#)", DecimalFormatSymbols.getInstance(Locale.US))
                        .format(-1234.5),
                    DateTimeFormatter.ofPattern("EEEE d MMMM", Locale.FRENCH)
                        .format(LocalDate.of(2021, 7, 14)),
                    Currency.getInstance("EUR").getSymbol(Locale.FRANCE),
                    "İ".toLowerCase(new Locale("tr")),
                    "title".toUpperCase(Locale.forLanguageTag("tr")),
                    NumberFormat.getCompactNumberInstance(Locale.US, NumberFormat.Style.SHORT)
                        .format(12345)))
        .get();
  }

  @Runs(AWAY)
  static Object sharedFormatters(ExecutorService pool) throws Exception {
    DecimalFormat df = new DecimalFormat("000.0#", DecimalFormatSymbols.getInstance(Locale.ROOT));
    DateTimeFormatter dtf = DateTimeFormatter.ISO_WEEK_DATE;
    Pattern p = Pattern.compile("(?<y>\\d{4})-(?<m>\\d\\d)");
    Locale l = Locale.forLanguageTag("de-CH");
    List<Callable<String>> cs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int k = i;
      cs.add(
          () -> {
            DecimalFormat d = (DecimalFormat) df.clone();
            Matcher m = p.matcher("on 202" + k + "-0" + (k + 1));
            m.find();
            return d.format(k * 1.25)
                + dtf.format(LocalDate.of(2020 + k, 1, 1))
                + m.group("y")
                + m.group("m")
                + String.format(l, "%,d", 1000000 + k);
          });
    }
    return all(pool, cs);
  }

  // currying & recursion through suppliers
  @Runs(AWAY)
  static Object currying(ExecutorService pool) throws Exception {
    Function<Integer, Function<Integer, Function<Integer, Integer>>> f =
        a -> b -> c -> a * 100 + b * 10 + c;
    Function<Integer, Function<Integer, Integer>> g = pool.submit(() -> f.apply(7)).get();
    Function<Integer, Integer> h = pool.submit(() -> g.apply(8)).get();
    return pool.submit(() -> h.apply(9)).get();
  }

  interface Rec<A, B> extends Function<Rec<A, B>, Function<A, B>> {}

  static <A, B> Function<A, B> y(Function<Function<A, B>, Function<A, B>> f) {
    Rec<A, B> r = w -> f.apply(x -> w.apply(w).apply(x));
    return r.apply(r);
  }

  @Runs(AWAY)
  static Object yCombinator(ExecutorService pool) throws Exception {
    Function<Integer, Long> fact = y(self -> n -> n <= 1 ? 1L : n * self.apply(n - 1));
    return pool.submit(() -> fact.apply(15)).get();
  }

  @Runs(AWAY)
  static Object recursiveSupplier(ExecutorService pool) throws Exception {
    Supplier<Integer>[] s = new Supplier[5];
    s[0] = () -> 1;
    for (int i = 1; i < 5; i++) {
      int k = i;
      s[i] = () -> s[k - 1].get() * 2 + k;
    }
    return pool.submit(s[4]::get).get();
  }

  // lazy / trampolines / streams
  static class Lazy<T> implements Supplier<T> {
    private Supplier<? extends T> s;
    private T v;

    Lazy(Supplier<? extends T> s) {
      this.s = s;
    }

    public T get() {
      if (s != null) {
        v = s.get();
        s = null;
      }
      return v;
    }
  }

  @Runs(AWAY)
  static Object lazyForcedAway(ExecutorService pool) throws Exception {
    int[] calls = {0};
    Lazy<String> l =
        new Lazy<>(
            () -> {
              calls[0]++;
              return "v";
            });
    String a = pool.submit(l::get).get();
    String b = pool.submit(l::get).get();
    return List.of(a, b, calls[0], l.s == null, l.get());
  }

  sealed interface Tramp<T> {
    record Done<T>(T v) implements Tramp<T> {}

    record More<T>(Supplier<Tramp<T>> n) implements Tramp<T> {}

    default T run() {
      Tramp<T> t = this;
      while (t instanceof More<T> m) t = m.n().get();
      return ((Done<T>) t).v();
    }
  }

  static Tramp<Boolean> even(int n) {
    return n == 0 ? new Tramp.Done<>(true) : new Tramp.More<>(() -> odd(n - 1));
  }

  static Tramp<Boolean> odd(int n) {
    return n == 0 ? new Tramp.Done<>(false) : new Tramp.More<>(() -> even(n - 1));
  }

  @Runs(AWAY)
  static Object trampolines(ExecutorService pool) throws Exception {
    Tramp<Boolean> t = even(10001);
    return List.of(pool.submit(t::run).get(), pool.submit(() -> even(50000)).get().run());
  }

  // LRU via LinkedHashMap
  static class Lru<K, V> extends LinkedHashMap<K, V> {
    final int cap;
    int hits;

    Lru(int c) {
      super(16, .75f, true);
      cap = c;
    }

    protected boolean removeEldestEntry(Map.Entry<K, V> e) {
      return size() > cap;
    }

    public V get(Object k) {
      V v = super.get(k);
      if (v != null) hits++;
      return v;
    }
  }

  @Runs(AWAY)
  static Object lru(ExecutorService pool) throws Exception {
    Lru<Integer, String> l = new Lru<>(3);
    l.put(1, "a");
    l.put(2, "b");
    l.put(3, "c");
    pool.submit(
            () -> {
              l.get(1);
              l.put(4, "d");
            })
        .get();
    l.get(3);
    pool.submit(() -> l.put(5, "e")).get();
    return List.of(new ArrayList<>(l.keySet()), l.hits, l);
  }

  @Runs(AWAY)
  static Object identityAndWeak(ExecutorService pool) throws Exception {
    String k1 = new String("k"), k2 = new String("k");
    IdentityHashMap<String, Integer> m = new IdentityHashMap<>();
    m.put(k1, 1);
    m.put(k2, 2);
    Object r =
        pool.submit(() -> List.of(m.size(), m.get(k1), m.get(k2), m.containsKey(new String("k"))))
            .get();
    WeakHashMap<Object, String> w = new WeakHashMap<>();
    Object key = new Object();
    w.put(key, "v");
    pool.submit(() -> w.put(key, w.get(key) + "!")).get();
    return List.of(r, w.get(key), w.size());
  }

  @Runs(AWAY)
  static Object navigable(ExecutorService pool) throws Exception {
    TreeMap<String, Integer> t = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String s : "b A c D e".split(" ")) t.put(s, (int) s.charAt(0));
    NavigableMap<String, Integer> d = t.descendingMap().subMap("d", true, "b", true);
    SortedSet<String> head = t.navigableKeySet().headSet("C");
    return List.of(
        pool.submit(
                () ->
                    d.toString()
                        + head
                        + t.ceilingKey("bb")
                        + t.firstEntry()
                        + t.comparator().compare("a", "A"))
            .get(),
        pool.submit(
                () -> {
                  d.remove("C");
                  d.put("BB", 9);
                  return d;
                })
            .get(),
        t);
  }

  @Runs(AWAY)
  static Object wrappers(ExecutorService pool) throws Exception {
    List<Integer> base = new ArrayList<>(List.of(3, 1, 2));
    List<Integer> un = Collections.unmodifiableList(base),
        ch = Collections.checkedList(base, Integer.class);
    List<Integer> sub = base.subList(1, 3);
    List<Integer> asl = Arrays.asList(9, 8, 7);
    pool.submit(
            () -> {
              ch.set(0, 33);
              sub.set(1, 22);
              asl.set(2, 77);
              Collections.reverse(asl);
              try {
                un.add(1);
              } catch (UnsupportedOperationException e) {
                asl.set(0, -1);
              }
              try {
                ((List) ch).set(0, "x");
              } catch (ClassCastException e) {
                asl.set(1, -2);
              }
            })
        .get();
    return List.of(
        base,
        un,
        ch,
        sub,
        asl,
        pool.submit(
                () ->
                    List.of(
                        Collections.emptyMap(),
                        Collections.emptyList(),
                        Collections.singleton(5),
                        Collections.nCopies(3, "z"),
                        Collections.unmodifiableSortedSet(new TreeSet<>(asl))))
            .get());
  }

  // String.intern, identityHashCode, hash order
  @Runs(AWAY)
  static Object internal(ExecutorService pool) throws Exception {
    String s = "mart" + "let";
    return pool.submit(
            () ->
                List.of(
                    new String("martlet").intern() == s,
                    s == "martlet",
                    new StringBuilder("mart").append("let").toString().intern() == "martlet"))
        .get();
  }

  @Runs(EITHER)
  static Object identityInsideTask(ExecutorService pool) throws Exception {
    Object o = new Object();
    return pool.submit(
            () -> {
              int h = System.identityHashCode(o);
              Map<Object, Integer> m = new HashMap<>();
              m.put(o, h);
              return m.get(o) == System.identityHashCode(o)
                  && o.hashCode() == h
                  && o.equals(o)
                  && o.toString().startsWith("java.lang.Object@");
            })
        .get();
  }

  static class Vertex {
    final String n;
    final Set<Vertex> out = new HashSet<>();

    Vertex(String n) {
      this.n = n;
    }
  }

  @Runs(AWAY)
  static Object identityGraph(ExecutorService pool) throws Exception {
    Map<String, Vertex> vs = new LinkedHashMap<>();
    for (String s : "a b c d e f".split(" ")) vs.put(s, new Vertex(s));
    String[] es = {"ab", "bc", "cd", "da", "ef", "fe"};
    for (String e : es) vs.get(e.substring(0, 1)).out.add(vs.get(e.substring(1)));
    Set<Vertex> reach =
        pool.submit(
                () -> {
                  Set<Vertex> seen = new HashSet<>();
                  Deque<Vertex> q = new ArrayDeque<>(List.of(vs.get("a")));
                  while (!q.isEmpty()) {
                    Vertex v = q.poll();
                    if (seen.add(v)) q.addAll(v.out);
                  }
                  return seen;
                })
            .get();
    pool.submit(() -> vs.get("a").out.add(vs.get("e"))).get();
    return List.of(
        reach.size(),
        reach.contains(vs.get("d")),
        reach.contains(vs.get("e")),
        vs.get("a").out.contains(vs.get("e")),
        vs.get("a").out.size());
  }
}
