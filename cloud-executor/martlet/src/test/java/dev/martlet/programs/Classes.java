package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.tools.ToolProvider;

/** Kinds of classes that tasks are made of. */
@SuppressWarnings({"serial", "try"})
final class Classes {
  private Classes() {}

  // ---- anonymous, local, inner, nested ----

  @Runs(AWAY)
  static Object anonymousCallable(ExecutorService pool) throws Exception {
    int n = 5;
    return pool.submit(
            new Callable<String>() {
              private int calls = 3;

              @Override
              public String call() {
                calls++;
                return "anonymous " + n * calls;
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object anonymousWithInitialiser(ExecutorService pool) throws Exception {
    Map<String, Integer> map =
        new HashMap<>() {
          {
            put("a", 1);
            put("b", 2);
          }

          @Override
          public Integer get(Object key) {
            return getOrDefault(key, -1);
          }
        };
    return pool.submit(() -> all(map.get("a"), map.get("z"), map.size())).get();
  }

  @Runs(AWAY)
  static Object localClass(ExecutorService pool) throws Exception {
    int base = 10;
    String label = "local";
    class Adder implements Callable<String> {
      final int x;

      Adder(int x) {
        this.x = x;
      }

      @Override
      public String call() {
        return label + (base + x) + new Adder(1).x;
      }
    }
    return collect(pool, 5, Adder::new);
  }

  @Runs(AWAY)
  static Object localRecordAndEnum(ExecutorService pool) throws Exception {
    record Point(int x, int y) {
      int sum() {
        return x + y;
      }
    }
    enum Side {
      LEFT,
      RIGHT
    }
    return pool.submit(() -> all(new Point(1, 2).sum(), Side.valueOf("RIGHT"), new Point(3, 4)))
        .get();
  }

  private static final class Counter {
    private int value;
    private final String name;

    Counter(String name) {
      this.name = name;
    }

    final class Step implements Callable<String> {
      private final int by;

      Step(int by) {
        this.by = by;
      }

      @Override
      public String call() {
        value += by;
        return name + value;
      }
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object innerClass(ExecutorService pool) throws Exception {
    Counter counter = new Counter("c");
    List<Object> seen = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      seen.add(pool.submit(counter.new Step(i)).get());
    }
    return all(seen, counter.value);
  }

  private static class A {
    final int x;

    A(int x) {
      this.x = x;
    }

    class B {
      final int y = x * 2;

      class C implements Callable<Integer> {
        @Override
        public Integer call() {
          return x + y + A.this.x + B.this.y;
        }
      }
    }
  }

  @Runs(AWAY)
  static Object doublyInnerClass(ExecutorService pool) throws Exception {
    A a = new A(7);
    A.B b = a.new B();
    return pool.submit(b.new C()).get();
  }

  private record Square(int n) implements Callable<Integer> {
    @Override
    public Integer call() {
      return n * n;
    }
  }

  @Runs(AWAY)
  static Object callableRecord(ExecutorService pool) throws Exception {
    return collect(pool, 10, Square::new);
  }

  // ---- records, enums, sealed types ----

  private record Fraction(long p, long q) implements Comparable<Fraction> {
    static final Fraction ZERO = new Fraction(0, 1);

    Fraction {
      if (q == 0) {
        throw new ArithmeticException("no denominator");
      }
      long g = gcd(Math.abs(p), Math.abs(q));
      p /= g;
      q /= g;
    }

    static long gcd(long a, long b) {
      return b == 0 ? Math.max(1, a) : gcd(b, a % b);
    }

    Fraction plus(Fraction o) {
      return new Fraction(p * o.q + o.p * q, q * o.q);
    }

    @Override
    public int compareTo(Fraction o) {
      return Long.compare(p * o.q, o.p * q);
    }
  }

  @Runs(AWAY)
  static Object compactConstructor(ExecutorService pool) throws Exception {
    List<Fraction> fractions =
        List.of(new Fraction(1, 2), new Fraction(1, 3), new Fraction(1, 6), new Fraction(2, 4));
    return pool.submit(
            () -> {
              Fraction sum = Fraction.ZERO;
              for (Fraction fraction : fractions) {
                sum = sum.plus(fraction);
              }
              return all(sum, sum.equals(new Fraction(3, 2)), fractions.get(0).hashCode() != 0);
            })
        .get();
  }

  private enum Planet {
    MERCURY(3.303e+23, 2.4397e6),
    EARTH(5.976e+24, 6.37814e6) {
      @Override
      String motto() {
        return "home of " + inhabitants + " " + name();
      }
    };

    final double mass;
    final double radius;
    int inhabitants;

    Planet(double mass, double radius) {
      this.mass = mass;
      this.radius = radius;
    }

    String motto() {
      return "rock";
    }

    double gravity() {
      return 6.67300E-11 * mass / (radius * radius);
    }
  }

  @Runs(AWAY)
  static Object enumWithBodyAndState(ExecutorService pool) throws Exception {
    Planet.EARTH.inhabitants = 8;
    Planet earth = Planet.EARTH;
    Object result =
        pool.submit(
                () ->
                    all(
                        earth.motto(),
                        Planet.MERCURY.motto(),
                        earth == Planet.EARTH,
                        earth.gravity() > 9,
                        earth))
            .get();
    Planet.EARTH.inhabitants = 0;
    return result;
  }

  @Runs(AWAY)
  static Object switchOnEnumAndString(ExecutorService pool) throws Exception {
    Planet planet = Planet.EARTH;
    String word = "two";
    return pool.submit(
            () -> {
              int a =
                  switch (planet) {
                    case MERCURY -> 1;
                    case EARTH -> 3;
                  };
              int b =
                  switch (word) {
                    case "one" -> 1;
                    case "two" -> 2;
                    default -> 0;
                  };
              return a * 10 + b;
            })
        .get();
  }

  private sealed interface Expr permits Num, Sum, Product, Neg {}

  private record Num(int value) implements Expr {}

  private record Sum(Expr left, Expr right) implements Expr {}

  private record Product(Expr left, Expr right) implements Expr {}

  private record Neg(Expr of) implements Expr {}

  private static int eval(Expr e) {
    if (e instanceof Num n) {
      return n.value();
    } else if (e instanceof Sum s) {
      return eval(s.left()) + eval(s.right());
    } else if (e instanceof Product p && eval(p.left()) == 0) {
      return 0;
    } else if (e instanceof Product p) {
      return eval(p.left()) * eval(p.right());
    } else if (e instanceof Neg n) {
      return -eval(n.of());
    }
    throw new AssertionError(e);
  }

  @Runs(AWAY)
  static Object sealedHierarchy(ExecutorService pool) throws Exception {
    Expr e = new Sum(new Num(2), new Product(new Num(3), new Neg(new Num(4))));
    Expr f = pool.submit(() -> (Expr) new Sum(e, e)).get();
    return all(pool.submit(() -> eval(e)).get(), eval(f), ((Sum) f).left() == e);
  }

  // ---- generic, abstract, interface ----

  private abstract static class Shape2D {
    abstract double area();

    String describe() {
      return getClass().getSimpleName() + " " + area();
    }
  }

  private static class Rect extends Shape2D {
    protected double w;
    protected double h;

    Rect(double w, double h) {
      this.w = w;
      this.h = h;
    }

    @Override
    double area() {
      return w * h;
    }
  }

  private static final class Box extends Rect {
    Box(double w) {
      super(w, w);
    }

    @Override
    String describe() {
      return "box: " + super.describe();
    }
  }

  @Runs(AWAY)
  static Object inheritance(ExecutorService pool) throws Exception {
    List<Shape2D> shapes = List.of(new Rect(2, 3), new Box(4));
    return collect(pool, shapes.size(), i -> shapes.get(i)::describe);
  }

  private static final class Pair<A, B> {
    A first;
    B second;

    Pair(A first, B second) {
      this.first = first;
      this.second = second;
    }

    <C> Pair<C, B> mapFirst(Function<? super A, ? extends C> f) {
      return new Pair<>(f.apply(first), second);
    }
  }

  @Runs(AWAY)
  static Object genericClass(ExecutorService pool) throws Exception {
    Pair<String, List<Integer>> pair = new Pair<>("key", new ArrayList<>(List.of(1)));
    Pair<Integer, List<Integer>> mapped = pool.submit(() -> pair.mapFirst(String::length)).get();
    return all(mapped, mapped.second == pair.second);
  }

  private static final class Tree<T extends Comparable<T>> implements Iterable<T> {
    private Node<T> root;

    private static final class Node<T> {
      T value;
      Node<T> left;
      Node<T> right;

      Node(T value) {
        this.value = value;
      }
    }

    Tree<T> add(T value) {
      root = add(root, value);
      return this;
    }

    private Node<T> add(Node<T> node, T value) {
      if (node == null) {
        return new Node<>(value);
      }
      if (value.compareTo(node.value) < 0) {
        node.left = add(node.left, value);
      } else {
        node.right = add(node.right, value);
      }
      return node;
    }

    @Override
    public Iterator<T> iterator() {
      List<Node<T>> stack = new ArrayList<>();
      push(stack, root);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return !stack.isEmpty();
        }

        @Override
        public T next() {
          if (stack.isEmpty()) {
            throw new NoSuchElementException();
          }
          Node<T> node = stack.remove(stack.size() - 1);
          push(stack, node.right);
          return node.value;
        }
      };
    }

    private static <T> void push(List<Node<T>> stack, Node<T> node) {
      for (Node<T> n = node; n != null; n = n.left) {
        stack.add(n);
      }
    }
  }

  @Runs(AWAY)
  static Object ownIterable(ExecutorService pool) throws Exception {
    Tree<String> tree = new Tree<String>().add("m").add("c").add("x").add("a");
    String joined =
        pool.submit(
                () -> {
                  tree.add("d");
                  StringBuilder s = new StringBuilder();
                  for (String value : tree) {
                    s.append(value);
                  }
                  return s.toString();
                })
            .get();
    return all(joined, tree);
  }

  @Runs(AWAY)
  static Object partlyUsedIterator(ExecutorService pool) throws Exception {
    Iterator<Integer> iterator = new ArrayList<>(List.of(1, 2, 3, 4)).iterator();
    iterator.next();
    Object second = pool.submit(() -> iterator.next()).get();
    return all(second, iterator.next(), iterator.hasNext());
  }

  private static final class ByLastLetter implements Comparator<String> {
    private final boolean descending;

    ByLastLetter(boolean descending) {
      this.descending = descending;
    }

    @Override
    public int compare(String a, String b) {
      int c = Character.compare(a.charAt(a.length() - 1), b.charAt(b.length() - 1));
      return descending ? -c : c;
    }
  }

  @Runs(AWAY)
  static Object ownComparator(ExecutorService pool) throws Exception {
    ByLastLetter order = new ByLastLetter(true);
    return pool.submit(
            () -> {
              TreeMap<String, Integer> map = new TreeMap<>(order);
              map.put("xa", 1);
              map.put("xc", 2);
              map.put("xb", 3);
              return new ArrayList<>(map.values());
            })
        .get();
  }

  private static final class Pizza {
    private final String size;
    private final List<String> toppings;

    private Pizza(Builder b) {
      size = b.size;
      toppings = List.copyOf(b.toppings);
    }

    static Builder builder() {
      return new Builder();
    }

    static final class Builder {
      private String size = "M";
      private final List<String> toppings = new ArrayList<>();

      Builder size(String size) {
        this.size = size;
        return this;
      }

      Builder top(String... names) {
        toppings.addAll(List.of(names));
        return this;
      }

      Pizza build() {
        return new Pizza(this);
      }
    }
  }

  @Runs(AWAY)
  static Object builder(ExecutorService pool) throws Exception {
    Pizza.Builder builder = Pizza.builder().size("L");
    return all(pool.submit(() -> builder.top("ham", "egg").build()).get(), builder);
  }

  interface Named {
    String name();

    default String title() {
      return decorate("Dr. " + name());
    }

    private String decorate(String s) {
      return "<" + s + ">" + count();
    }

    static int count() {
      return 1;
    }
  }

  interface Loud extends Named {
    @Override
    default String title() {
      return Named.super.title() + "!";
    }
  }

  @Runs(AWAY)
  static Object defaultMethods(ExecutorService pool) throws Exception {
    Loud loud = () -> "Who";
    Named named =
        new Named() {
          @Override
          public String name() {
            return "No";
          }
        };
    return all(pool.submit(loud::title).get(), pool.submit(named::title).get());
  }

  private static final class History extends ArrayList<String> {
    private final String owner;
    private int edits;

    History(String owner) {
      this.owner = owner;
    }

    @Override
    public boolean add(String s) {
      edits++;
      return super.add(owner + ":" + s);
    }
  }

  @Runs(AWAY)
  static Object subclassOfCollection(ExecutorService pool) throws Exception {
    History history = new History("me");
    history.add("one");
    Object sizes =
        pool.submit(
                () -> {
                  history.add("two");
                  return all(history.size(), history.edits);
                })
            .get();
    return all(sizes, history);
  }

  private static final class Lru<K, V> extends java.util.LinkedHashMap<K, V> {
    private final int capacity;

    Lru(int capacity) {
      super(16, 0.75f, true);
      this.capacity = capacity;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > capacity;
    }
  }

  @Runs(AWAY)
  static Object cacheInsideTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              Lru<Integer, Integer> cache = new Lru<>(3);
              int hits = 0;
              for (int k : new int[] {1, 2, 3, 1, 4, 1, 5 + i, 2}) {
                hits += cache.containsKey(k) ? 1 : 0;
                cache.put(k, k * i);
                cache.get(1);
              }
              return all(hits, cache);
            });
  }

  // ---- a `this` that holds what cannot travel ----

  private static final class Service {
    private final ExecutorService pool;
    private final Logger logger = Logger.getLogger(Service.class.getName());
    private final Thread owner = Thread.currentThread();
    private final Socket socket = new Socket();
    private final InputStream input = new ByteArrayInputStream(new byte[] {1, 2, 3});
    private final Object lock = new Object();
    private final int factor;

    Service(ExecutorService pool, int factor) {
      this.pool = pool;
      this.factor = factor;
    }

    Future<Integer> scale(int x) {
      return pool.submit(() -> x * factor);
    }

    Future<String> describe() {
      return pool.submit(this::text);
    }

    private String text() {
      return "factor " + factor;
    }

    List<Object> untouched() throws IOException {
      return all(owner == Thread.currentThread(), socket.isClosed(), input.read(), lock != null);
    }
  }

  @Runs(AWAY)
  static Object serviceWithPoolSocketAndThread(ExecutorService pool) throws Exception {
    Service service = new Service(pool, 3);
    return all(service.scale(14).get(), service.describe().get(), service.untouched());
  }

  private static final class Worker {
    private static final Logger LOG = Logger.getLogger("dev.martlet.programs.quiet");
    private final Logger own = Logger.getLogger("dev.martlet.programs.quiet.own");
    private int done;

    int work(int n) {
      LOG.fine("working");
      own.finer(() -> "on " + n);
      done += n;
      return done;
    }
  }

  @Runs(EITHER)
  static Object taskThatLogs(ExecutorService pool) throws Exception {
    Worker worker = new Worker();
    return all(pool.submit(() -> worker.work(4)).get(), worker.done);
  }

  @Runs(HOME)
  static Object taskThatAsksItsThread(ExecutorService pool) throws Exception {
    Thread client = Thread.currentThread();
    client.setName("renamed client");
    return pool.submit(() -> all(client.getName(), client.isAlive(), client.isInterrupted())).get();
  }

  @Runs(HOME)
  static Object taskThatAsksItsServerSocket(ExecutorService pool) throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      int port = socket.getLocalPort();
      return pool.submit(() -> socket.getLocalPort() == port && !socket.isClosed()).get();
    }
  }

  @Runs(HOME)
  static Object taskThatReadsFromOpenFile(ExecutorService pool) throws Exception {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("martlet", ".txt");
    try {
      java.nio.file.Files.writeString(file, "abc");
      try (InputStream in = new java.io.FileInputStream(file.toFile())) {
        int first = in.read();
        int second = pool.submit(() -> in.read()).get();
        return all(first, second, in.read(), in.read());
      }
    } finally {
      java.nio.file.Files.delete(file);
    }
  }

  // ---- reflection ----

  @Retention(RetentionPolicy.RUNTIME)
  private @interface Weight {
    int value() default 1;

    String unit() default "kg";
  }

  @Weight(7)
  private static final class Heavy {
    @Weight(value = 3, unit = "g")
    int part() {
      return 0;
    }
  }

  @Runs(AWAY)
  static Object annotations(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Weight type = Heavy.class.getAnnotation(Weight.class);
              Method part = Heavy.class.getDeclaredMethod("part");
              Weight method = part.getAnnotation(Weight.class);
              return all(type.value(), type.unit(), method.value(), method.unit());
            })
        .get();
  }

  interface Calculator {
    int compute(int a, int b);

    String label();
  }

  @Runs(AWAY)
  static Object dynamicProxyInsideTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Calculator calculator =
                  (Calculator)
                      Proxy.newProxyInstance(
                          Calculator.class.getClassLoader(),
                          new Class<?>[] {Calculator.class},
                          (proxy, method, args) ->
                              method.getName().equals("label")
                                  ? "proxy"
                                  : (int) args[0] * 10 + (int) args[1]);
              return calculator.label() + calculator.compute(4, 2);
            })
        .get();
  }

  @Runs(AWAY)
  static Object capturedDynamicProxy(ExecutorService pool) throws Exception {
    int base = 100;
    Calculator calculator =
        (Calculator)
            Proxy.newProxyInstance(
                Calculator.class.getClassLoader(),
                new Class<?>[] {Calculator.class},
                (proxy, method, args) ->
                    method.getReturnType() == String.class
                        ? "captured"
                        : base + (int) args[0] + (int) args[1]);
    return pool.submit(() -> calculator.label() + calculator.compute(4, 2)).get();
  }

  @Runs(AWAY)
  static Object reflectiveAccess(ExecutorService pool) throws Exception {
    Pair<String, Integer> pair = new Pair<>("f", 1);
    Object read =
        pool.submit(
                () -> {
                  java.lang.reflect.Field field = Pair.class.getDeclaredField("second");
                  field.setAccessible(true);
                  Object before = field.get(pair);
                  field.set(pair, 2);
                  return before;
                })
            .get();
    return all(read, pair);
  }

  @Runs(AWAY)
  static Object classByName(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Class<?> type = Class.forName("dev.martlet.programs.Classes$Found");
              Supplier<?> found = (Supplier<?>) type.getDeclaredConstructor().newInstance();
              return found.get();
            })
        .get();
  }

  static final class Found implements Supplier<String> {
    @Override
    public String get() {
      return "found by name only";
    }
  }

  @Runs(AWAY)
  static Object classObjects(ExecutorService pool) throws Exception {
    Class<?> own = Rect.class;
    Class<?> array = String[][].class;
    Class<?> primitive = int.class;
    Class<?> back = pool.submit(() -> own.getSuperclass()).get();
    return all(pool.submit(() -> all(own, array, primitive)).get(), back == Shape2D.class);
  }

  /** Compiles a task that uses a class whose method is as long as methods can be. */
  private static Path compileLongMethod() throws IOException {
    Path directory = Files.createTempDirectory("long");
    Path source = directory.resolve("Short.java");
    Files.writeString(
        source,
        "public class Short implements java.util.concurrent.Callable<Object> {"
            + " public Object call() { return new Long().count(); } }"
            + " class Long { Object o = this; int count() { Object x = null;"
            + " x = o;\n".repeat(12_900)
            + " return x == o ? 1 : 0; } }");
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", directory.toString(), source.toString());
    if (failed != 0) {
      throw new IllegalStateException("not compiled");
    }
    return directory;
  }

  @Runs(HOME)
  static Object methodAsLongAsMethodsCanBe(ExecutorService pool) throws Exception {
    Path directory = compileLongMethod();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      Callable<?> task = (Callable<?>) loader.loadClass("Short").getConstructor().newInstance();
      return pool.submit(task).get();
    } finally {
      for (String name : List.of("Short.java", "Short.class", "Long.class", "")) {
        Files.delete(directory.resolve(name));
      }
    }
  }
}
