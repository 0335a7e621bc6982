package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.Vector;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The language as people use it in tasks: classes, lambdas, statics, exceptions, threads. */
final class Idioms {
  private Idioms() {}

  // ---- subclasses of the JDK's synchronising classes ----

  static final class Named extends AtomicInteger {
    private static final long serialVersionUID = 1L;
    String name = "none";
    int renamed;

    void rename(String n) {
      name = n;
      renamed++;
    }
  }

  @Runs(EITHER)
  static Object plainFieldsOfAtomicSubclass(ExecutorService pool) throws Exception {
    Named named = new Named();
    pool.submit(() -> named.rename("first")).get();
    pool.submit(() -> named.rename("second")).get();
    each(pool, 5, i -> () -> named.incrementAndGet());
    return all(named.name, named.renamed, named.get());
  }

  static final class Registry extends ConcurrentHashMap<String, Integer> {
    private static final long serialVersionUID = 1L;
    int puts;

    @Override
    public Integer put(String k, Integer v) {
      puts++;
      return super.put(k, v);
    }
  }

  @Sequential
  @Runs(EITHER)
  static Object countingConcurrentMap(ExecutorService pool) throws Exception {
    Registry registry = new Registry();
    each(pool, 6, i -> () -> registry.put("k" + i % 4, i));
    return all(registry.puts, new TreeMap<>(registry));
  }

  static final class Log extends Vector<String> {
    private static final long serialVersionUID = 1L;
    long written;

    void line(String s) {
      written += s.length();
      add(s);
    }
  }

  @Sequential
  @Runs(EITHER)
  static Object vectorWithField(ExecutorService pool) throws Exception {
    Log log = new Log();
    each(pool, 5, i -> () -> log.line("x".repeat(i)));
    return all(log.written, log);
  }

  static final class Settings extends Properties {
    private static final long serialVersionUID = 1L;
    transient int reads;

    String read(String k) {
      reads++;
      return getProperty(k);
    }
  }

  @Sequential
  @Runs(EITHER)
  static Object propertiesWithField(ExecutorService pool) throws Exception {
    Settings s = new Settings();
    s.setProperty("a", "1");
    String a = pool.submit(() -> s.read("a")).get();
    pool.submit(() -> s.setProperty("b", "2")).get();
    return all(a, s.reads, new TreeMap<>(s));
  }

  static final class Guarded extends ReentrantLock {
    private static final long serialVersionUID = 1L;
    int value;

    void add(int n) {
      lock();
      try {
        value += n;
      } finally {
        unlock();
      }
    }
  }

  @Runs(HOME)
  static Object lockSubclass(ExecutorService pool) throws Exception {
    Guarded g = new Guarded();
    each(pool, 20, i -> () -> g.add(i));
    return g.value;
  }

  // ---- this, inner classes, counters ----

  int calls;
  final List<String> history = new ArrayList<>();

  private int work(int n) {
    calls++;
    history.add("w" + n);
    return n * calls;
  }

  class Inner {
    int own;

    int both() {
      own++;
      calls += 10;
      Runnable r = () -> calls++;
      r.run();
      return new Object() {
        int deep() {
          return Idioms.this.calls * 100 + own;
        }
      }.deep();
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object innerClassesChangeTheOuter(ExecutorService pool) throws Exception {
    Idioms outer = new Idioms();
    Inner inner = outer.new Inner();
    int a = pool.submit(inner::both).get();
    int b = pool.submit(() -> outer.work(3)).get();
    int c = pool.submit(inner::both).get();
    return all(a, b, c, outer.calls, inner.own, outer.history);
  }

  static class Parent {
    protected int total = 1;

    int compute(int x) {
      total += x;
      return total;
    }

    static String who() {
      return "parent";
    }
  }

  static class Child extends Parent {
    @Override
    int compute(int x) {
      return -super.compute(x);
    }

    Callable<Integer> superCall(int x) {
      IntUnaryOperator up = super::compute;
      return () -> up.applyAsInt(x) + this.compute(1);
    }

    Callable<Integer> thisCall() {
      ToIntFunction<Integer> f = this::compute;
      return () -> f.applyAsInt(2);
    }

    static String who() {
      return "child";
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object superAndThisReferences(ExecutorService pool) throws Exception {
    Child child = new Child();
    int a = pool.submit(child.superCall(5)).get();
    int b = pool.submit(child.thisCall()).get();
    String s = pool.submit((Callable<String>) Child::who).get() + pool.submit(Parent::who).get();
    return all(a, b, child.total, s);
  }

  // ---- lambdas of many shapes ----

  static final Map<String, BinaryOperator<Integer>> OPS = new LinkedHashMap<>();
  static final Function<Integer, Function<Integer, Integer>> ADD = a -> b -> a + b;
  static Function<Integer, Long> factorial;

  static {
    OPS.put("+", Integer::sum);
    OPS.put("*", (a, b) -> a * b);
    OPS.put("max", BinaryOperator.maxBy(Comparator.naturalOrder()));
    factorial = n -> n <= 1 ? 1L : n * factorial.apply(n - 1);
  }

  @Runs(AWAY)
  static Object lambdasInStatics(ExecutorService pool) throws Exception {
    return all(
        collect(pool, 3, i -> () -> List.copyOf(OPS.values()).get(i).apply(3, 4)),
        pool.submit(() -> OPS.get("max").apply(7, 2)).get(),
        pool.submit(() -> ADD.apply(1).apply(2)).get(),
        pool.submit(() -> factorial.apply(10)).get(),
        pool.submit(() -> OPS.get("*")).get() == OPS.get("*"),
        pool.submit(() -> ADD.apply(40)).get().apply(2));
  }

  final Supplier<Integer> field = () -> calls + 1;
  final Function<Object[], List<Object>> listing = Arrays::asList;

  @Runs(AWAY)
  static Object lambdasInFieldInitialisers(ExecutorService pool) throws Exception {
    Idioms o = new Idioms();
    o.calls = 4;
    return all(
        pool.submit(() -> o.field.get()).get(),
        pool.submit(() -> o.listing.apply(new Object[] {1, "2"})).get(),
        pool.submit(o.field::get).get());
  }

  static int sum(int... n) {
    return Arrays.stream(n).sum();
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  static <T> List<T> listOf(T... t) {
    return new ArrayList<>(Arrays.asList(t));
  }

  interface Three<A, B, C, R> {
    R apply(A a, B b, C c);
  }

  static <T extends Comparable<T> & Serializable> T larger(T a, T b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  @Runs(AWAY)
  static Object referencesOfOddKinds(ExecutorService pool) throws Exception {
    IntBinaryOperator varargs = Idioms::sum;
    Three<String, String, String, List<String>> generic = Idioms::listOf;
    Function<int[], Object> clone = int[]::clone;
    IntFunction<int[][]> make = int[][]::new;
    Function<String, java.math.BigInteger> parse = java.math.BigInteger::new;
    BinaryOperator<String> larger = Idioms::larger;
    Supplier<Map<String, List<Integer>>> map = TreeMap::new;
    Function<Object, Class<?>> type = Object::getClass;
    Callable<Integer> both = (Callable<Integer> & Serializable) () -> 42;
    int[] source = {1, 2};
    return all(
        pool.submit(() -> varargs.applyAsInt(2, 3)).get(),
        pool.submit(() -> generic.apply("a", "b", "c")).get(),
        pool.submit(() -> clone.apply(source)).get(),
        pool.submit(() -> make.apply(3)).get(),
        pool.submit(() -> parse.apply("17")).get(),
        pool.submit(() -> larger.apply("x", "y")).get(),
        pool.submit(map::get).get(),
        pool.submit(() -> type.apply(source)).get(),
        pool.submit(both).get(),
        pool.submit(() -> both instanceof Serializable).get());
  }

  static final class Memo {
    private final Map<Integer, Long> known = new HashMap<>();
    int misses;

    long fib(int n) {
      if (n < 2) {
        return n;
      }
      Long k = known.get(n);
      if (k != null) {
        return k;
      }
      misses++;
      long r = fib(n - 1) + fib(n - 2);
      known.put(n, r);
      return r;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object memoInObject(ExecutorService pool) throws Exception {
    Memo memo = new Memo();
    long a = pool.submit(() -> memo.fib(30)).get();
    int m = memo.misses;
    long b = pool.submit(() -> memo.fib(40)).get();
    return all(a, m, b, memo.misses, memo.known.size());
  }

  static final Map<Integer, Long> CACHE = new ConcurrentHashMap<>();

  static long slowSquare(int n) {
    return CACHE.computeIfAbsent(n, k -> (long) k * k);
  }

  @Runs(HOME)
  static Object memoInConcurrentStatic(ExecutorService pool) throws Exception {
    CACHE.clear();
    List<Long> got = collect(pool, 10, i -> () -> slowSquare(i % 4));
    return all(got, new TreeMap<>(CACHE));
  }

  // ---- local types ----

  @Runs(AWAY)
  static Object localTypes(ExecutorService pool) throws Exception {
    record Pair<A, B>(A a, B b) {
      Pair {
        Objects.requireNonNull(a);
      }

      static <X> Pair<X, X> twin(X x) {
        return new Pair<>(x, x);
      }
    }
    enum Op implements IntBinaryOperator {
      PLUS {
        @Override
        public int applyAsInt(int a, int b) {
          return a + b;
        }
      },
      TIMES {
        @Override
        public int applyAsInt(int a, int b) {
          return a * b;
        }
      }
    }
    interface Shape {
      double area();

      default String text() {
        return "%.1f".formatted(area());
      }

      static Shape square(double d) {
        return () -> d * d;
      }
    }
    List<Integer> applied = collect(pool, 2, i -> () -> Op.values()[i].applyAsInt(3, 5));
    EnumMap<Op, Integer> counts = new EnumMap<>(Op.class);
    pool.submit(() -> counts.merge(Op.TIMES, 1, Integer::sum)).get();
    return all(
        applied,
        counts.toString(),
        pool.submit(() -> Pair.twin("x").equals(new Pair<>("x", "x"))).get(),
        outcome(pool.submit(() -> new Pair<>(null, 1))),
        pool.submit(() -> Shape.square(2).text()).get(),
        pool.submit(() -> Shape.square(3)).get().area());
  }

  sealed interface Expr permits Num, Add, Mul, Neg {}

  record Num(int v) implements Expr {}

  record Add(Expr l, Expr r) implements Expr {}

  record Mul(Expr l, Expr r) implements Expr {}

  record Neg(Expr e) implements Expr {}

  static int eval(Expr e) {
    if (e instanceof Num n) {
      return n.v();
    } else if (e instanceof Add a) {
      return eval(a.l()) + eval(a.r());
    } else if (e instanceof Mul m && m.l() instanceof Num n && n.v() == 0) {
      return 0;
    } else if (e instanceof Mul m) {
      return eval(m.l()) * eval(m.r());
    } else if (e instanceof Neg n) {
      return -eval(n.e());
    }
    throw new IllegalArgumentException(e.toString());
  }

  @Runs(AWAY)
  static Object sealedExpressions(ExecutorService pool) throws Exception {
    Expr e = new Add(new Num(2), new Mul(new Num(3), new Neg(new Num(4))));
    Expr simple = pool.submit(() -> (Expr) new Num(eval(e))).get();
    return all(simple, pool.submit(() -> e.toString()).get(), pool.submit(() -> e).get() == e);
  }

  static String describe(Object o) {
    return switch (o.getClass().getSimpleName().toLowerCase(Locale.ROOT)) {
      case "integer" -> {
        int n = (Integer) o;
        yield n > 10 ? "big" : "small";
      }
      case "string" -> "text";
      default -> "other";
    };
  }

  @Runs(AWAY)
  static Object switchExpressions(ExecutorService pool) throws Exception {
    Object[] objects = {1, 50, "s", 2.0};
    return collect(pool, 4, i -> () -> describe(objects[i]));
  }

  // ---- enums and constants ----

  enum Planet {
    MERCURY(3.3e23, 2.4e6),
    EARTH(5.97e24, 6.37e6);

    final double mass;
    final double radius;
    private static final Map<String, Planet> BY_NAME =
        Stream.of(values()).collect(Collectors.toMap(Enum::name, p -> p));

    Planet(double mass, double radius) {
      this.mass = mass;
      this.radius = radius;
    }

    double gravity() {
      return 6.67e-11 * mass / (radius * radius);
    }
  }

  @Runs(AWAY)
  static Object enumConstants(ExecutorService pool) throws Exception {
    return all(
        collect(pool, 2, i -> () -> Planet.values()[i].gravity()),
        pool.submit(() -> Planet.valueOf("EARTH")).get() == Planet.EARTH,
        pool.submit(() -> Planet.BY_NAME.get("MERCURY")).get() == Planet.MERCURY,
        pool.submit(() -> Enum.valueOf(Planet.class, "EARTH").compareTo(Planet.MERCURY)).get(),
        outcome(pool.submit(() -> Planet.valueOf("PLUTO"))),
        pool.submit(() -> Planet.EARTH.getDeclaringClass()).get());
  }

  static final Object SENTINEL = new Object();
  static final String[] NAMES = {"a", "b"};
  static final List<String> POISON = Collections.unmodifiableList(new ArrayList<>());

  @Runs(AWAY)
  static Object sentinelsKeepIdentity(ExecutorService pool) throws Exception {
    Object captured = SENTINEL;
    List<Object> items = new ArrayList<>(List.of(1, SENTINEL, 2));
    return all(
        pool.submit(() -> captured == SENTINEL).get(),
        pool.submit(() -> items.indexOf(SENTINEL)).get(),
        pool.submit(() -> SENTINEL).get() == SENTINEL,
        pool.submit(() -> POISON).get() == POISON,
        pool.submit(() -> NAMES).get() == NAMES,
        pool.submit(() -> items.get(1) == SENTINEL ? "stop" : "go").get());
  }

  static int counter;
  static final int[] COUNTS = new int[4];

  @Sequential
  @Runs(AWAY)
  static Object staticCounters(ExecutorService pool) throws Exception {
    counter = 0;
    Arrays.fill(COUNTS, 0);
    List<Integer> got =
        collect(
            pool,
            8,
            i ->
                () -> {
                  COUNTS[i % 4]++;
                  return counter++;
                });
    return all(got, counter, COUNTS);
  }

  static final class Lazy {
    static int made;

    private static final class Holder {
      static final Lazy INSTANCE = new Lazy();
    }

    final int id = ++made;
    private List<String> parts;

    static Lazy get() {
      return Holder.INSTANCE;
    }

    List<String> parts() {
      if (parts == null) {
        parts = new ArrayList<>();
      }
      return parts;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object lazyHolderFirstUsedByTask(ExecutorService pool) throws Exception {
    int id = pool.submit(() -> Lazy.get().id).get();
    pool.submit(() -> Lazy.get().parts().clear()).get();
    pool.submit(() -> Lazy.get().parts().add("p")).get();
    return all(id, Lazy.made, Lazy.get().parts, pool.submit(() -> Lazy.get()).get() == Lazy.get());
  }

  // ---- exceptions ----

  static final class Detailed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int code;
    final Map<String, Object> details = new TreeMap<>();
    transient Object extra = "extra";

    Detailed(int code, Throwable cause) {
      super("code " + code, cause);
      this.code = code;
      details.put("k", List.of(code));
    }

    @Override
    public String getMessage() {
      return super.getMessage() + "!";
    }
  }

  @Runs(AWAY)
  static Object exceptionsWithFields(ExecutorService pool) throws Exception {
    Object o =
        outcome(
            pool.submit(
                () -> {
                  Detailed d = new Detailed(7, new IOException("disk", new Error("deep")));
                  d.addSuppressed(new IllegalStateException("s1"));
                  d.addSuppressed(new Detailed(8, null));
                  throw d;
                }));
    Detailed d = (Detailed) o;
    return all(d, d.code, d.details, d.extra, d.getStackTrace().length > 0);
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> void sneaky(Throwable t) throws T {
    throw (T) t;
  }

  @Runs(AWAY)
  static Object oddThrowables(ExecutorService pool) throws Exception {
    return all(
        outcome(pool.submit(() -> Idioms.<RuntimeException>sneaky(new FileNotFoundException("f")))),
        outcome(
            pool.submit(
                () -> {
                  throw new OutOfMemoryError("user's own");
                })),
        outcome(
            pool.submit(
                () -> {
                  throw new StackOverflowError();
                })),
        outcome(
            pool.submit(
                () -> {
                  throw new ThreadDeath();
                })),
        outcome(
            pool.submit(
                () -> {
                  throw new ExecutionException("mine", new TimeoutLike());
                })),
        outcome(
            pool.submit(
                () -> {
                  throw new Throwable("bare") instanceof Error ? null : new Exception("checked");
                })),
        outcome(
            pool.submit(
                () -> {
                  Throwable a = new Exception("a");
                  Throwable b = new Exception("b", a);
                  a.initCause(b);
                  throw new IllegalStateException(b);
                })));
  }

  static final class TimeoutLike extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  static int deep(int n) {
    return n == 0 ? 0 : 1 + deep(n - 1);
  }

  @Runs(AWAY)
  static Object stackOverflowCaught(ExecutorService pool) throws Exception {
    String caught =
        pool.submit(
                () -> {
                  try {
                    return "depth " + deep(Integer.MAX_VALUE);
                  } catch (StackOverflowError e) {
                    return "overflow";
                  }
                })
            .get();
    Object thrown = outcome(pool.submit(() -> deep(100_000_000)));
    return all(caught, thrown.getClass(), pool.submit(() -> deep(3000)).get());
  }

  @Runs(AWAY)
  static Object finallyAndResources(ExecutorService pool) throws Exception {
    List<String> log = new ArrayList<>();
    class Resource implements AutoCloseable {
      final String name;

      Resource(String name) {
        this.name = name;
        log.add("open " + name);
      }

      @Override
      public void close() throws IOException {
        log.add("close " + name);
        throw new IOException("close " + name);
      }
    }
    Object o =
        outcome(
            pool.submit(
                () -> {
                  try (Resource a = new Resource("a");
                      Resource b = new Resource("b")) {
                    log.add("body " + a.name + b.name);
                    throw new IllegalStateException("body");
                  } finally {
                    log.add("finally");
                  }
                }));
    return all(o, log);
  }

  @Runs(AWAY)
  static Object exceptionKeptByTask(ExecutorService pool) throws Exception {
    Exception mine = new IllegalStateException("mine");
    StackTraceElement[] trace = mine.getStackTrace();
    Object thrown =
        outcome(
            pool.submit(
                () -> {
                  mine.addSuppressed(new Exception("from task"));
                  throw mine;
                }));
    Exception cause = new Exception("outer");
    pool.submit(() -> cause.initCause(mine)).get();
    return all(
        thrown == mine,
        mine.getSuppressed().length,
        cause.getCause() == mine,
        Arrays.equals(trace, mine.getStackTrace()));
  }

  // ---- threads ----

  @Runs(AWAY)
  static Object interruptedBySelf(ExecutorService pool) throws Exception {
    return all(
        pool.submit(
                () -> {
                  Thread.currentThread().interrupt();
                  boolean set = Thread.currentThread().isInterrupted();
                  return set && Thread.interrupted() && !Thread.interrupted();
                })
            .get(),
        outcome(
            pool.submit(
                () -> {
                  Thread.currentThread().interrupt();
                  Thread.sleep(1000);
                  return null;
                })),
        pool.submit(() -> Thread.currentThread().isInterrupted()).get(),
        pool.submit(
                () -> {
                  long t = System.nanoTime();
                  LockSupport.parkNanos(1_000_000);
                  TimeUnit.MILLISECONDS.sleep(2);
                  Thread.yield();
                  Thread.onSpinWait();
                  return System.nanoTime() - t >= 2_000_000;
                })
            .get());
  }

  @Runs(AWAY)
  static Object aboutTheThread(ExecutorService pool) throws Exception {
    return all(
        pool.submit(() -> Thread.currentThread().getPriority()).get(),
        pool.submit(() -> Thread.currentThread().isDaemon()).get(),
        pool.submit(() -> Thread.currentThread().isAlive()).get(),
        pool.submit(
                () ->
                    Thread.currentThread().getContextClassLoader() == Idioms.class.getClassLoader())
            .get(),
        pool.submit(() -> Thread.currentThread().getState()).get(),
        pool.submit(() -> Thread.holdsLock(new Object())).get(),
        pool.submit(() -> Thread.currentThread().getStackTrace().length > 1).get());
  }

  static final ThreadLocal<Integer> PER_THREAD = ThreadLocal.withInitial(() -> 5);

  @Runs(AWAY)
  static Object threadLocalUsedAndRemoved(ExecutorService pool) throws Exception {
    return collect(
        pool,
        5,
        i ->
            () -> {
              PER_THREAD.set(PER_THREAD.get() + i);
              try {
                return PER_THREAD.get();
              } finally {
                PER_THREAD.remove();
              }
            });
  }

  @Runs(AWAY)
  static Object ownThreadLocal(ExecutorService pool) throws Exception {
    return collect(
        pool,
        3,
        i ->
            () -> {
              ThreadLocal<StringBuilder> local = ThreadLocal.withInitial(StringBuilder::new);
              local.get().append(i);
              return local.get().toString();
            });
  }

  // ---- references, identity, clones ----

  @Runs(AWAY)
  static Object referencesMadeInTask(ExecutorService pool) throws Exception {
    List<String> strong = new ArrayList<>(List.of("s"));
    return all(
        pool.submit(
                () -> {
                  WeakReference<List<String>> weak = new WeakReference<>(strong);
                  SoftReference<Object> soft = new SoftReference<>(new Object());
                  return weak.get() == strong && soft.get() != null;
                })
            .get(),
        pool.submit(
                () -> {
                  Object o = new Object();
                  return System.identityHashCode(o) == o.hashCode();
                })
            .get(),
        pool.submit(
                () -> {
                  Object a = new Object();
                  Set<Object> set = new HashSet<>(List.of(a, new Object()));
                  return set.contains(a) && !set.contains(new Object()) && set.size() == 2;
                })
            .get());
  }

  @Runs(AWAY)
  static Object cleanersInTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              int[] cleaned = new int[1];
              Cleaner cleaner = Cleaner.create();
              Cleaner.Cleanable c = cleaner.register(new Object(), () -> cleaned[0]++);
              c.clean();
              return cleaned[0];
            })
        .get();
  }

  static final class Sheep implements Cloneable {
    String name = "dolly";
    int[] genes = {1, 2, 3};
    Sheep parent;

    @Override
    public Sheep clone() {
      try {
        Sheep s = (Sheep) super.clone();
        s.genes = genes.clone();
        s.parent = this;
        return s;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  static final class Tagged extends HashMap<String, Integer> {
    private static final long serialVersionUID = 1L;
    String tag = "tag";
    List<String> never = new ArrayList<>(List.of("touched"));
  }

  @Runs(AWAY)
  static Object mapSubclassCloned(ExecutorService pool) throws Exception {
    Tagged t = new Tagged();
    t.put("a", 1);
    Object copy = pool.submit(() -> t.clone()).get();
    HashMap<String, Integer> plain = t;
    Tagged second = (Tagged) pool.submit(() -> plain.clone()).get();
    return all(copy, second, second.never == t.never, t);
  }

  @Runs(AWAY)
  static Object clonesInTask(ExecutorService pool) throws Exception {
    Sheep dolly = new Sheep();
    Sheep copy = pool.submit(dolly::clone).get();
    Sheep second = pool.submit(copy::clone).get();
    return all(
        copy.parent == dolly, second.parent == copy, copy.genes, copy.genes == dolly.genes, second);
  }

  @Runs(AWAY)
  static Object assertionsFollowTheClient(ExecutorService pool) throws Exception {
    Object o =
        outcome(
            pool.submit(
                () -> {
                  assert System.nanoTime() == 0 : "asserted";
                  return "disabled";
                }));
    return all(o, pool.submit(() -> Idioms.class.desiredAssertionStatus()).get());
  }

  // ---- properties and state of the JVM ----

  @Sequential
  @Runs(EITHER)
  static Object systemPropertySetInTask(ExecutorService pool) throws Exception {
    try {
      String before = pool.submit(() -> System.setProperty("idiom.property", "v")).get();
      String seen = pool.submit(() -> System.getProperty("idiom.property")).get();
      boolean flag = pool.submit(() -> Boolean.getBoolean("idiom.property")).get();
      String mine = System.getProperty("idiom.property");
      pool.submit(() -> System.getProperties().remove("idiom.property")).get();
      return all(before, seen, flag, mine, System.getProperty("idiom.property"));
    } finally {
      System.clearProperty("idiom.property");
    }
  }

  @Runs(AWAY)
  static Object systemPropertySetBefore(ExecutorService pool) throws Exception {
    System.setProperty("idiom.property.before", "12");
    try {
      return all(
          pool.submit(() -> Integer.getInteger("idiom.property.before")).get(),
          pool.submit(() -> System.getProperty("no.such.property", "default")).get());
    } finally {
      System.clearProperty("idiom.property.before");
    }
  }

  // ---- own generic structures ----

  static final class Lru<K, V> {
    private final LinkedHashMap<K, V> map;
    int evicted;

    Lru(int max) {
      map =
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> e) {
              if (size() > max) {
                evicted++;
                return true;
              }
              return false;
            }
          };
    }

    V get(K k, Function<K, V> loader) {
      V v = map.get(k);
      if (v == null) {
        v = loader.apply(k);
        map.put(k, v);
      }
      return v;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object anonymousLruCache(ExecutorService pool) throws Exception {
    Lru<Integer, String> lru = new Lru<>(3);
    List<String> got = collect(pool, 8, i -> () -> lru.get(i * 3 % 5, k -> "v" + k));
    return all(got, lru.evicted, new ArrayList<>(lru.map.keySet()));
  }

  static final class Counted<T> implements Iterable<T> {
    private final List<T> items;
    int iterated;

    Counted(List<T> items) {
      this.items = items;
    }

    @Override
    public Iterator<T> iterator() {
      return new Iterator<>() {
        int i;

        @Override
        public boolean hasNext() {
          return i < items.size();
        }

        @Override
        public T next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          iterated++;
          return items.get(i++);
        }
      };
    }
  }

  @Runs(AWAY)
  static Object ownIteratorHalfUsed(ExecutorService pool) throws Exception {
    Counted<String> counted = new Counted<>(List.of("a", "b", "c"));
    Iterator<String> it = counted.iterator();
    String a = it.next();
    String b = pool.submit(it::next).get();
    String c = it.next();
    Object end = outcome(pool.submit(it::next));
    return all(a, b, c, end, counted.iterated);
  }

  static final class Events {
    private final List<Consumer<? super String>> listeners = new ArrayList<>();
    final List<String> seen = new ArrayList<>();

    void on(Consumer<? super String> c) {
      listeners.add(c);
    }

    void fire(String s) {
      listeners.forEach(l -> l.accept(s));
    }
  }

  @Runs(AWAY)
  static Object listenersFiredByTask(ExecutorService pool) throws Exception {
    Events events = new Events();
    events.on(events.seen::add);
    events.on(s -> events.seen.add(s + s));
    pool.submit(() -> events.fire("x")).get();
    pool.submit(() -> events.on(s -> events.seen.add("late " + s))).get();
    events.fire("y");
    return events.seen;
  }

  static <T, R> Function<T, R> memoised(Function<T, R> f, Map<T, R> cache) {
    return t -> cache.computeIfAbsent(t, f);
  }

  @Sequential
  @Runs(AWAY)
  static Object memoisingFunction(ExecutorService pool) throws Exception {
    Map<Integer, String> cache = new HashMap<>();
    int[] misses = new int[1];
    Function<Integer, String> f =
        memoised(
            n -> {
              misses[0]++;
              return "f" + n;
            },
            cache);
    List<String> got = collect(pool, 6, i -> () -> f.apply(i % 3));
    return all(got, misses, cache);
  }

  static Supplier<Integer> counterFrom(int start) {
    int[] n = {start};
    return () -> n[0]++;
  }

  @Sequential
  @Runs(AWAY)
  static Object closuresWithState(ExecutorService pool) throws Exception {
    Supplier<Integer> a = counterFrom(0);
    Supplier<Integer> b = counterFrom(100);
    List<Integer> got = collect(pool, 4, i -> () -> (i % 2 == 0 ? a : b).get());
    Supplier<Integer> c = pool.submit(() -> counterFrom(a.get())).get();
    return all(got, a.get(), b.get(), c.get(), c.get());
  }

  @Runs(AWAY)
  static Object streamsOfTasks(ExecutorService pool) throws Exception {
    List<Callable<Integer>> tasks =
        IntStream.range(0, 10).<Callable<Integer>>mapToObj(i -> () -> i * i).toList();
    int sum = 0;
    for (Future<Integer> f : pool.invokeAll(tasks)) {
      sum += f.get();
    }
    Predicate<Integer> even = x -> x % 2 == 0;
    UnaryOperator<Integer> half = x -> x / 2;
    BiFunction<Integer, Integer, Integer> plus = Integer::sum;
    Optional<Integer> best =
        pool.submit(
                () ->
                    Stream.of(1, 2, 3, 4)
                        .filter(even)
                        .map(half.andThen(x -> plus.apply(x, 1)))
                        .reduce(Integer::max))
            .get();
    return all(sum, best);
  }

  @Runs(AWAY)
  static Object hashtableMadeInTask(ExecutorService pool) throws Exception {
    Hashtable<String, Integer> t =
        pool.submit(
                () -> {
                  Hashtable<String, Integer> h = new Hashtable<>();
                  for (String w : "a b a".split(" ")) {
                    h.merge(w, 1, Integer::sum);
                  }
                  return h;
                })
            .get();
    AtomicLong l = pool.submit(() -> new AtomicLong(5)).get();
    l.incrementAndGet();
    return all(new TreeMap<>(t), l.get());
  }
}
