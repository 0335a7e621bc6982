package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Programs whose classes name one that is not there, as that of an optional library. */
final class Lacks {
  private Lacks() {}

  /** Compiles classes, takes away {@code Lack}, and has a pool run {@code Lacking}. */
  private static <P extends ExecutorService> Object lacking(P pool, String source)
      throws Exception {
    return lacking(source, task -> pool.submit((Callable<?>) task).get());
  }

  interface Run {
    Object of(Object task) throws Exception;
  }

  private static Object lacking(String source, Run run) throws Exception {
    Path directory = Files.createTempDirectory("lacking");
    try {
      Path file = Files.writeString(directory.resolve("Lacking.java"), source);
      int failed =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, "-d", directory.toString(), file.toString());
      if (failed != 0) {
        throw new IllegalStateException("not compiled");
      }
      Files.delete(directory.resolve("Lack.class"));
      try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
        return run.of(loader.loadClass("Lacking").getConstructor().newInstance());
      }
    } finally {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path p : files.toList()) {
          Files.delete(p);
        }
      }
      Files.delete(directory);
    }
  }

  /** As one of an optional library: who does not call the methods does not need the class. */
  @Runs(AWAY)
  static Object methodsOfAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object>, java.io.Serializable {
          private int n = 3;
          private static int count = 4;
          public Object call() { count++; n++; return count + n + of(() -> n * 2) + more(3); }
          private static int of(java.util.function.IntSupplier s) { return s.getAsInt(); }
          private static Lack lack(Lack... all) throws Lack { return all[0]; }
          private Lack[] more() { return new Lack[1]; }
          private int more(int n) { return n < 2 ? n : Depth.of(n - 1); }
        }
        record Depth(int n, String name) {
          static int of(int n) { return new Depth(n, "x").hashCode() > 0 ? 3 * n : n; }
          Lack lack() { return new Lack(); }
          public String toString(Lack lack) { return "" + lack; }
        }
        enum Kind { ONE, TWO { int of(Lack lack) { return 2; } };
          int of(Lack lack) { return 1; }
          static Kind kind = TWO;
        }
        class Lack extends Exception {}
        """);
  }

  @Runs(AWAY)
  static Object objectsWithMethodsOfAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        import java.util.*;
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private List<Node> nodes = List.of(new Node("a"), new Leaf("b"));
          private Map<Kind, Node> kinds = new EnumMap<>(Map.of(Kind.TWO, new Node("c")));
          public Object call() {
            for (Node n : nodes) { n.name += n.size(); }
            kinds.put(Kind.ONE, nodes.get(1));
            Kind.kind = Kind.ONE;
            return nodes + " " + kinds + Kind.kind + new TreeSet<>(nodes);
          }
        }
        class Node implements Comparable<Node> {
          String name;
          Node(String name) { this.name = name; }
          int size() { return 1; }
          public Lack lack(int n) { return null; }
          private void lack(Lack lack) { lack(lack); }
          public int compareTo(Node n) { return n.name.compareTo(name); }
          public String toString() { return name; }
        }
        class Leaf extends Node {
          Leaf(String name) { super(name); }
          Leaf(Lack lack) { super("" + lack); }
          int size() { return 2; }
          private void lack(Lack lack) { lack(lack); }
        }
        enum Kind { ONE, TWO { int of(Lack lack) { return 2; } };
          int of(Lack lack) { return 1; }
          static Kind kind = TWO;
        }
        class Lack extends Exception {}
        """);
  }

  @Runs(HOME)
  static Object fieldOfAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private int n = 3;
          private Lack lack;
          public Object call() { return ++n; }
        }
        class Lack {}
        """);
  }

  @Runs(HOME)
  static Object objectWithAFieldOfAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private Node node = new Node();
          public Object call() { return node.n++ + Kind.TWO.n; }
        }
        class Node { int n = 3; Lack lack; }
        enum Kind { ONE, TWO; int n = 4; Lack lack; }
        class Lack {}
        """);
  }

  @Runs(EITHER)
  static Object staticFieldOfAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private static int n = 3;
          private static Lack lack;
          static Lack[] all;
          public Object call() { return ++n + Counter.next() + Counter.next(); }
        }
        class Counter { static Lack none; static int n = 3; static int next() { return n++; } }
        class Lack {}
        """);
  }

  @Runs(EITHER)
  static Object staticFieldOfAnotherClassThatLacksOne(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          public Object call() { return Counter.next() + Counter.next() + Counter.of(3); }
        }
        class Counter {
          static Lack none;
          static int n = 3;
          static int next() { return n++; }
          static int of(int i) { return i; }
        }
        class Lack {}
        """);
  }

  @Runs(EITHER)
  static Object methodsOfAnotherClassThatLacksOne(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          public Object call() { return Counter.of(3) + new Counter().one() + Inner.X + Counter.LAST; }
          interface Inner { int X = 4; Lack lack(); Lack LACK = null; }
        }
        class Counter {
          static final int LAST = 17;
          private Lack none;
          private static Lack some;
          Counter() {}
          Counter(Lack lack) { none = lack; }
          static int of(int i) { return i; }
          int one() { return none == null ? 1 : 2; }
          static void give(Lack l) { some = l; }
        }
        class Lack {}
        """);
  }

  @Runs(EITHER)
  static Object objectsMadeOfAClassThatLacksAnother(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          public Object call() { Node n = new Node(); n.n++; return n.n + Kind.TWO.n + new Line().n; }
        }
        class Node { int n = 3; Lack lack; }
        class Line extends Node { Lack[] more; }
        enum Kind { ONE, TWO; int n = 4; Lack lack; }
        class Lack {}
        """);
  }

  @Runs(EITHER)
  static Object codeThatNamesAClassThatIsNotThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private int n = 3;
          public Object call() {
            try {
              return n < 2 ? new Lack().of() : n + use(n);
            } catch (LackException e) {
              return -1;
            }
          }
          private static Object of(Object o) { return o instanceof Lack l ? l.of() : o; }
          private int use(int n) {
            Object o = n < 2 ? Lack.class : "x";
            return o.hashCode();
          }
        }
        class LackException extends RuntimeException {}
        class Lack { int of() { return 1; } }
        """);
  }

  @Runs(EITHER)
  static Object whetherAClassIsThere(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        public class Lacking implements java.util.concurrent.Callable<Object> {
          static final boolean THERE = isThere();
          static boolean isThere() {
            try {
              Class.forName("Lack");
              return true;
            } catch (ClassNotFoundException | LinkageError e) {
              return false;
            }
          }
          public Object call() {
            String s = "" + THERE + isThere();
            try {
              s += Uses.one();
            } catch (LinkageError e) {
              s += e;
            }
            try {
              s += Uses.two();
            } catch (LinkageError e) {
              s += e;
            }
            try {
              s += new More();
            } catch (LinkageError e) {
              s += e;
            }
            try {
              s += Lacking.class.getDeclaredMethods().length;
            } catch (LinkageError e) {
              s += e;
            }
            return s + Lacking.class.getMethods().length;
          }
          private void lack(Lack lack) {}
        }
        class Uses {
          static int one() { return 1; }
          static int two() { return new Lack().of(); }
        }
        class More extends Lack {}
        class Lack { int of() { return 1; } }
        """);
  }

  @Runs(EITHER)
  static Object setsOfAnEnumThatLacksAClass(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        import java.util.*;
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private Set<Kind> kinds = EnumSet.of(Kind.TWO);
          private Map<Kind, Integer> map = new EnumMap<>(Map.of(Kind.ONE, 3));
          private Class<?> type = Kind.class;
          private Way way = Way.OUT;
          public Object call() {
            map.put(Kind.TWO, 2);
            return "" + kinds + map + type.getName() + way + way.way() + Way.valueOf("IN").way()
                + Arrays.toString(Way.values()) + EnumSet.allOf(Way.class);
          }
        }
        enum Kind { ONE, TWO; int n = 4; Lack lack; static Lack[] all; }
        enum Way {
          IN { String way() { return "i"; } Lack lack() { return null; } },
          OUT;
          String way() { return "o"; }
          private Lack lack(Lack l) { return l; }
        }
        class Lack {}
        """);
  }

  /** The client's pools know it by its superclass. */
  @Runs(EITHER)
  static Object futureOfAClassThatLacksAnother(ExecutorService pool) throws Exception {
    return lacking(
        """
        public class Lacking extends java.util.concurrent.FutureTask<Object> {
          public Lacking() { super(() -> 17); }
          public Lack lack(Lack l) { return l; }
        }
        class Lack {}
        """,
        task -> {
          pool.execute((FutureTask<?>) task);
          return ((FutureTask<?>) task).get();
        });
  }

  @Runs(EITHER)
  static Object libraryThatLacksAClass(ExecutorService pool) throws Exception {
    return lacking(
        pool,
        """
        import java.util.*;
        import java.util.function.*;
        public class Lacking implements java.util.concurrent.Callable<Object> {
          private final Library library = new Library();
          public Object call() {
            StringBuilder s = new StringBuilder();
            Supplier<Object> some = library::some;
            s.append(some.get()).append(library.other("x"));
            try {
              s.append(library.more());
            } catch (NoClassDefFoundError e) {
              s.append("no ").append(e.getMessage());
            }
            try {
              s.append(new Sub());
            } catch (NoClassDefFoundError e) {
              s.append("no ").append(e.getMessage());
            }
            for (Object o : ServiceLoader.load(Runnable.class)) { s.append(o); }
            return s.append(library.equals(new Library())).append(Library.count).toString();
          }
        }
        class Library {
          static int count = 1;
          static final Map<String, Function<Object, Object>> FUNCTIONS = new TreeMap<>();
          static { FUNCTIONS.put("lack", o -> ((Lack) o).one()); FUNCTIONS.put("x", o -> o + "!"); }
          private final List<Supplier<Object>> all = new ArrayList<>();
          Library() { all.add(() -> new Lack()); all.add(() -> "fine"); }
          Object some() { count++; return all.get(1).get(); }
          Object other(String s) { return FUNCTIONS.get(s).apply(s); }
          Object more() { return all.get(0).get(); }
          static boolean is(Object o) { return o instanceof Lack || o instanceof Lack[]; }
          void lack(Lack a, List<? extends Lack> b) throws Lack {}
        }
        class Sub extends Lack { Sub() {} }
        class Lack extends Exception { int one() { return 1; } }
        """);
  }

  @Forks
  static Object subtrees(ForkJoinPool pool) throws Exception {
    return lacking(
        """
        import java.util.concurrent.*;
        public class Lacking extends RecursiveTask<Integer> {
          private final int from;
          private final int to;
          private Node node = new Node();
          public Lacking() { this(0, 64); }
          private Lacking(int from, int to) { this.from = from; this.to = to; }
          protected Integer compute() {
            if (to - from < 4) { return from + node.n; }
            Lacking left = new Lacking(from, (from + to) / 2);
            left.fork();
            return new Lacking((from + to) / 2, to).compute() + left.join();
          }
          public Lack lack(Lack l) { return l; }
        }
        class Node { int n = 3; private Lack lack(Lack[] all) { return null; } }
        class Lack {}
        """,
        task -> pool.invoke((ForkJoinTask<?>) task));
  }

  @Forks(Forks.Where.HOME)
  static Object subtreesWithFields(ForkJoinPool pool) throws Exception {
    return lacking(
        """
        import java.util.concurrent.*;
        public class Lacking extends RecursiveTask<Integer> {
          private final int from;
          private final int to;
          private Lack lack;
          private Node node = new Node();
          public Lacking() { this(0, 64); }
          private Lacking(int from, int to) { this.from = from; this.to = to; }
          protected Integer compute() {
            if (to - from < 4) { return from + node.n; }
            Lacking left = new Lacking(from, (from + to) / 2);
            left.fork();
            return new Lacking((from + to) / 2, to).compute() + left.join();
          }
        }
        class Node { int n = 3; private Lack[] lack; }
        class Lack {}
        """,
        task -> pool.invoke((ForkJoinTask<?>) task));
  }

  @Forks
  static Object streams(ForkJoinPool pool) throws Exception {
    return lacking(
        """
        import java.util.*;
        import java.util.concurrent.*;
        import java.util.stream.*;
        public class Lacking implements Callable<Object> {
          private int n = 3;
          private static int m = 4;
          public Object call() {
            return IntStream.range(0, 500).parallel().mapToObj(i -> new Node(i + n + m))
                .filter(Node::even).map(Node::half).collect(Collectors.toList()).toString();
          }
          public Lack lack(Lack l) { return l; }
        }
        record Node(int n) {
          boolean even() { return n % 2 == 0; }
          int half() { return n / 2; }
          Lack lack(Lack l) { return l; }
        }
        class Lack {}
        """,
        task -> pool.submit((Callable<?>) task).get());
  }
}
