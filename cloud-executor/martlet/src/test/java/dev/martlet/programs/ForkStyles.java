package dev.martlet.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Tasks as people write them: as inner, local, anonymous and generic classes. */
@SuppressWarnings("serial")
final class ForkStyles {
  private ForkStyles() {}

  /** A service with tasks as inner classes, which use its fields. */
  static final class Bank {
    private final long[] accounts = new long[64];
    private long interest;
    private final StringBuilder log = new StringBuilder();
    private final ForkJoinPool pool;

    Bank(ForkJoinPool pool) {
      this.pool = pool;
      Arrays.setAll(accounts, i -> i * 100);
    }

    private final class Pay extends RecursiveTask<Long> {
      private final int from;
      private final int to;

      Pay(int from, int to) {
        this.from = from;
        this.to = to;
      }

      @Override
      protected Long compute() {
        if (to - from <= 8) {
          long paid = 0;
          for (int i = from; i < to; i++) {
            long p = accounts[i] * interest / 100;
            accounts[i] += p;
            paid += p;
          }
          return paid;
        }
        int mid = (from + to) / 2;
        Pay left = new Pay(from, mid);
        Pay right = new Pay(mid, to);
        left.fork();
        return right.compute() + left.join();
      }
    }

    String year(int percent) {
      interest = percent;
      log.append(pool.invoke(new Pay(0, accounts.length))).append(' ');
      return log.toString();
    }
  }

  @Forks
  static Object innerTasksWithOuterFields(ForkJoinPool pool) {
    Bank bank = new Bank(pool);
    bank.year(5);
    bank.year(7);
    return List.of(bank.year(3), bank.accounts);
  }

  @Forks(Forks.Where.AWAY)
  static Object anonymousTasksWithCaptures(ForkJoinPool pool) {
    int n = 10;
    List<String> seen = new ArrayList<>();
    RecursiveTask<Integer> task =
        new RecursiveTask<>() {
          private int calls;

          @Override
          protected Integer compute() {
            calls++;
            seen.add("computed");
            RecursiveTask<Integer> inner =
                new RecursiveTask<>() {
                  @Override
                  protected Integer compute() {
                    return n + calls;
                  }
                };
            return inner.fork().join() * 2;
          }

          @Override
          public String toString() {
            return "calls " + calls;
          }
        };
    return List.of(pool.invoke(task), task.toString(), seen);
  }

  @Forks(Forks.Where.AWAY)
  static Object localClassesAndRecords(ForkJoinPool pool) {
    record Range(int from, int to) {
      int size() {
        return to - from;
      }

      Range left() {
        return new Range(from, (from + to) / 2);
      }

      Range right() {
        return new Range((from + to) / 2, to);
      }
    }
    int factor = 3;
    class Sum extends RecursiveTask<Integer> {
      final Range range;

      Sum(Range range) {
        this.range = range;
      }

      @Override
      protected Integer compute() {
        if (range.size() == 1) {
          return range.from * factor;
        }
        Sum l = new Sum(range.left());
        Sum r = new Sum(range.right());
        invokeAll(l, r);
        return l.join() + r.join();
      }
    }
    return pool.invoke(new Sum(new Range(0, 50)));
  }

  abstract static class DivideAndConquer<I, O> extends RecursiveTask<O> {
    protected final I input;

    DivideAndConquer(I input) {
      this.input = input;
    }

    protected abstract boolean isSmall();

    protected abstract O solve();

    protected abstract List<? extends DivideAndConquer<I, O>> divide();

    protected abstract O combine(List<O> parts);

    @Override
    protected final O compute() {
      if (isSmall()) {
        return solve();
      }
      List<O> parts = new ArrayList<>();
      for (ForkJoinTask<O> t : invokeAll(divide())) {
        parts.add(t.join());
      }
      return combine(parts);
    }
  }

  static final class Reverse extends DivideAndConquer<String, String> {
    Reverse(String s) {
      super(s);
    }

    @Override
    protected boolean isSmall() {
      return input.length() < 2;
    }

    @Override
    protected String solve() {
      return input;
    }

    @Override
    protected List<Reverse> divide() {
      int mid = input.length() / 2;
      return List.of(new Reverse(input.substring(0, mid)), new Reverse(input.substring(mid)));
    }

    @Override
    protected String combine(List<String> parts) {
      return parts.get(1) + parts.get(0);
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object frameworkWithTemplateMethods(ForkJoinPool pool) {
    return pool.invoke(new Reverse("a framework of abstract classes"));
  }

  static class Functional<A, B> extends RecursiveTask<B> {
    private final List<A> list;
    private final Function<? super A, ? extends B> f;
    private final BinaryOperator<B> op;
    private final Supplier<B> zero;

    Functional(
        List<A> list, Function<? super A, ? extends B> f, BinaryOperator<B> op, Supplier<B> zero) {
      this.list = list;
      this.f = f;
      this.op = op;
      this.zero = zero;
    }

    @Override
    protected B compute() {
      if (list.isEmpty()) {
        return zero.get();
      }
      if (list.size() == 1) {
        return f.apply(list.get(0));
      }
      var l = new Functional<>(list.subList(0, list.size() / 2), f, op, zero);
      var r = new Functional<>(list.subList(list.size() / 2, list.size()), f, op, zero);
      l.fork();
      B right = r.compute();
      return op.apply(l.join(), right);
    }
  }

  enum Suit {
    HEARTS,
    SPADES {
      @Override
      int worth() {
        return 10;
      }
    };

    int worth() {
      return 1;
    }
  }

  sealed interface Shape2 permits Circle, Square {}

  record Circle(double r) implements Shape2 {}

  record Square(double a) implements Shape2 {}

  @Forks(Forks.Where.AWAY)
  static Object higherOrderTasks(ForkJoinPool pool) {
    List<Shape2> shapes = List.of(new Circle(1), new Square(2), new Circle(3), new Square(4));
    Map<Suit, Integer> worth = new EnumMap<>(Suit.class);
    worth.put(Suit.SPADES, 5);
    return List.of(
        pool.invoke(
            new Functional<>(List.of("a", "bb", "ccc"), String::length, Integer::sum, () -> 0)),
        pool.invoke(
            new Functional<Shape2, Double>(
                shapes,
                s -> s instanceof Circle c ? c.r() * c.r() * 3 : ((Square) s).a() * 4,
                Double::sum,
                () -> 0.0)),
        pool.invoke(
            new Functional<>(
                List.of(Suit.values()),
                s -> s.worth() + worth.getOrDefault(s, 0),
                Integer::sum,
                () -> 0)),
        pool.invoke(
            new Functional<>(
                List.<Optional<String>>of(Optional.of("x"), Optional.empty()),
                o -> o.map(s -> s + s).orElse("none"),
                (a, b) -> a + b,
                String::new)));
  }

  static int counter;
  static String lastName = "none";
  static final Map<String, Integer> registry = new LinkedHashMap<>();

  static class UsesStatics extends RecursiveAction {
    final int n;

    UsesStatics(int n) {
      this.n = n;
    }

    @Override
    protected void compute() {
      counter += n;
      lastName = "task " + n;
      registry.put(lastName, counter);
      if (n > 0) {
        new UsesStatics(n - 1).fork().join();
      }
    }
  }

  @Forks
  static Object staticsChangedInTurn(ForkJoinPool pool) {
    counter = 0;
    registry.clear();
    pool.invoke(new UsesStatics(5));
    pool.invoke(new UsesStatics(2));
    return List.of(counter, lastName, registry);
  }

  static class Overlap extends RecursiveAction {
    final int[] a;
    final int i;

    Overlap(int[] a, int i) {
      this.a = a;
      this.i = i;
    }

    @Override
    protected void compute() {
      if (i == 0) {
        List<Overlap> all = new ArrayList<>();
        for (int k = 1; k <= 16; k++) {
          all.add(new Overlap(a, k));
        }
        invokeAll(all);
        return;
      }
      for (int k = i; k < a.length; k += 16) {
        a[k] += 1000 * i + k; // stripes
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object stripesOfOneArray(ForkJoinPool pool) {
    int[] a = new int[1_000];
    Arrays.fill(a, 5);
    pool.invoke(new Overlap(a, 0));
    pool.invoke(new Overlap(a, 0));
    return a;
  }

  static final class Particle {
    double x;
    double v;
    Particle nearest;

    Particle(double x) {
      this.x = x;
    }
  }

  static class Move extends RecursiveAction {
    final List<Particle> all;
    final int from;
    final int to;

    Move(List<Particle> all, int from, int to) {
      this.all = all;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from > 4) {
        int mid = (from + to) / 2;
        invokeAll(new Move(all, from, mid), new Move(all, mid, to));
        return;
      }
      for (int i = from; i < to; i++) {
        Particle p = all.get(i);
        double best = Double.MAX_VALUE;
        for (Particle q : all) {
          double d = Math.abs(q.x - p.x);
          if (q != p && d < best) {
            best = d;
            p.nearest = q;
          }
        }
        p.v += best / 10;
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object objectsThatReferToEachOther(ForkJoinPool pool) {
    List<Particle> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(new Particle(i * i % 37));
    }
    for (int step = 0; step < 3; step++) {
      pool.invoke(new Move(all, 0, all.size()));
      for (Particle p : all) {
        p.x += p.v;
      }
    }
    return all;
  }

  static class Cache {
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<Integer, String> map = new TreeMap<>();

    String get(int key, Function<Integer, String> f) {
      lock.readLock().lock();
      try {
        String known = map.get(key);
        if (known != null) {
          return known;
        }
      } finally {
        lock.readLock().unlock();
      }
      lock.writeLock().lock();
      try {
        return map.computeIfAbsent(key, f);
      } finally {
        lock.writeLock().unlock();
      }
    }
  }

  @Forks
  static Object sharedCacheBehindLocks(ForkJoinPool pool) {
    Cache cache = new Cache();
    AtomicInteger made = new AtomicInteger();
    class Ask extends RecursiveTask<String> {
      final int from;
      final int to;

      Ask(int from, int to) {
        this.from = from;
        this.to = to;
      }

      @Override
      protected String compute() {
        if (to - from == 1) {
          return cache.get(
              from % 5,
              k -> {
                made.incrementAndGet();
                return "v" + k;
              });
        }
        int mid = (from + to) / 2;
        Ask l = new Ask(from, mid);
        Ask r = new Ask(mid, to);
        invokeAll(l, r);
        return l.join() + r.join();
      }
    }
    return List.of(pool.invoke(new Ask(0, 20)), made.get(), cache.map);
  }

  @Forks(Forks.Where.AWAY)
  static Object futuresInAList(ForkJoinPool pool) {
    BitSet bits = new BitSet();
    List<ForkJoinTask<BitSet>> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int n = i;
      tasks.add(
          pool.submit(
              () -> {
                BitSet b = new BitSet();
                for (int k = n * 100; k < n * 100 + 100; k++) {
                  b.set(k, k % (n + 2) == 0);
                }
                return b;
              }));
    }
    for (ForkJoinTask<BitSet> t : tasks) {
      bits.or(t.join());
    }
    return bits.toString();
  }

  static class Filter<T> extends RecursiveTask<List<T>> {
    private final List<T> in;
    private final Predicate<? super T> p;

    Filter(List<T> in, Predicate<? super T> p) {
      this.in = in;
      this.p = p;
    }

    @Override
    protected List<T> compute() {
      if (in.size() <= 3) {
        List<T> out = new ArrayList<>();
        in.stream().filter(p).forEach(out::add);
        return out;
      }
      Filter<T> a = new Filter<>(in.subList(0, in.size() / 2), p);
      Filter<T> b = new Filter<>(in.subList(in.size() / 2, in.size()), p);
      invokeAll(a, b);
      a.join().addAll(b.join());
      return a.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object filteredWithJoinedTwice(ForkJoinPool pool) {
    List<StringBuilder> in = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      in.add(new StringBuilder().append(i * 1_000));
    }
    List<StringBuilder> out = pool.invoke(new Filter<>(in, i -> i.indexOf("3") == 0));
    boolean same = out.stream().allMatch(o -> in.stream().anyMatch(i -> i == o));
    return List.of(out, same);
  }

  static class RandomWork extends RecursiveTask<Integer> {
    final int n;

    RandomWork(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n <= 1) {
        return n;
      }
      int cut = ThreadLocalRandom.current().nextInt(1, n);
      RandomWork l = new RandomWork(cut);
      RandomWork r = new RandomWork(n - cut);
      if (ThreadLocalRandom.current().nextBoolean()) {
        l.fork();
        return r.compute() + l.join();
      }
      invokeAll(r, l);
      return r.join() + l.join();
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object randomSplits(ForkJoinPool pool) {
    return pool.invoke(new RandomWork(500));
  }

  static class ThreadLocals extends RecursiveTask<Boolean> {
    static final ThreadLocal<StringBuilder> BUFFER = ThreadLocal.withInitial(StringBuilder::new);
    final int n;
    final String[] out;

    ThreadLocals(int n, String[] out) {
      this.n = n;
      this.out = out;
    }

    @Override
    protected Boolean compute() {
      if (n == -1) {
        List<ThreadLocals> all = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
          all.add(new ThreadLocals(i, out));
        }
        return invokeAll(all).stream().allMatch(ForkJoinTask::join);
      }
      StringBuilder b = BUFFER.get();
      b.setLength(0);
      b.append("text ").append(n);
      out[n] = b.toString();
      return true;
    }
  }

  @Forks
  static Object threadLocalBuffers(ForkJoinPool pool) {
    String[] out = new String[30];
    return List.of(pool.invoke(new ThreadLocals(-1, out)), out);
  }

  static class Graph {
    final Map<String, List<String>> edges = new TreeMap<>();
  }

  static class Visit extends RecursiveAction {
    final Graph graph;
    final String node;
    final ConcurrentHashMap<String, Integer> seen;
    final int distance;

    Visit(Graph graph, String node, ConcurrentHashMap<String, Integer> seen, int distance) {
      this.graph = graph;
      this.node = node;
      this.seen = seen;
      this.distance = distance;
    }

    @Override
    protected void compute() {
      Integer old = seen.merge(node, distance, Math::min);
      if (old < distance) {
        return;
      }
      List<Visit> next = new ArrayList<>();
      for (String e : graph.edges.getOrDefault(node, List.of())) {
        if (distance < 6) {
          next.add(new Visit(graph, e, seen, distance + 1));
        }
      }
      invokeAll(next);
    }
  }

  @Forks
  static Object shortestPathsInAMap(ForkJoinPool pool) {
    Graph g = new Graph();
    for (int i = 0; i < 12; i++) {
      g.edges.put("n" + i, List.of("n" + (i * 2 % 12), "n" + ((i + 1) % 12)));
    }
    ConcurrentHashMap<String, Integer> seen = new ConcurrentHashMap<>();
    pool.invoke(new Visit(g, "n0", seen, 0));
    return new TreeMap<>(seen);
  }

  static class Bitonic extends RecursiveAction {
    final AtomicIntegerArray done;
    final int[] a;
    final int lo;
    final int n;
    final boolean up;
    final boolean merge;

    Bitonic(AtomicIntegerArray done, int[] a, int lo, int n, boolean up, boolean merge) {
      this.done = done;
      this.a = a;
      this.lo = lo;
      this.n = n;
      this.up = up;
      this.merge = merge;
    }

    @Override
    protected void compute() {
      if (n <= 1) {
        return;
      }
      int m = n / 2;
      if (!merge) {
        invokeAll(
            new Bitonic(done, a, lo, m, true, false),
            new Bitonic(done, a, lo + m, m, false, false));
        new Bitonic(done, a, lo, n, up, true).invoke();
        return;
      }
      for (int i = lo; i < lo + m; i++) {
        if (up == a[i] > a[i + m]) {
          int t = a[i];
          a[i] = a[i + m];
          a[i + m] = t;
        }
      }
      done.incrementAndGet(0);
      invokeAll(new Bitonic(done, a, lo, m, up, true), new Bitonic(done, a, lo + m, m, up, true));
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object bitonicSort(ForkJoinPool pool) {
    int[] a = ForkSorts.numbers(256, 12);
    AtomicIntegerArray done = new AtomicIntegerArray(1);
    pool.invoke(new Bitonic(done, a, 0, a.length, true, false));
    return List.of(a, done.get(0));
  }
}
