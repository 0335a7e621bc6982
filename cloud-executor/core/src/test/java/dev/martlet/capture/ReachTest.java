package dev.martlet.capture;

import static dev.martlet.capture.Tasks.findings;
import static dev.martlet.capture.Tasks.ran;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.martlet.internal.capture.ClassFiles;
import dev.martlet.internal.capture.EntryPoint;
import dev.martlet.internal.capture.FieldRef;
import dev.martlet.internal.capture.Findings;
import dev.martlet.internal.capture.JdkCall;
import dev.martlet.internal.capture.Reach;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Supplier;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("serial") // the tasks are serialisable only to show what they capture
class ReachTest {
  static class Base {
    int inherited;
    String unread = "x";

    int read() {
      return inherited;
    }

    int neverCalled() {
      return unread.length();
    }
  }

  static class Derived extends Base {
    int own;

    @Override
    int read() {
      return super.read() + own;
    }

    @Override
    public String toString() {
      return "Derived " + printed;
    }

    String printed = "p";
  }

  static class Other extends Base {
    int notThere;

    @Override
    int read() {
      return notThere;
    }
  }

  interface Source<T> {
    T next();
  }

  static class Words implements Source<String> {
    String word = "w";

    @Override
    public String next() {
      return word;
    }
  }

  static class Outer {
    private int secret = 1;
    Closed connection = new Closed();

    class Inner {
      int peek() {
        return secret;
      }
    }

    Callable<Integer> task() {
      return () -> secret + 1;
    }
  }

  static class Closed implements AutoCloseable {
    int handle;

    @Override
    public void close() {
      handle = 0;
    }
  }

  enum Op {
    PLUS {
      @Override
      int apply(int a, int b) {
        return a + b + ReachTest.statik;
      }
    },
    MINUS {
      @Override
      int apply(int a, int b) {
        return a - b;
      }
    };

    abstract int apply(int a, int b);
  }

  record Point(Base base, int y) {}

  static class Keyed implements Comparable<Keyed> {
    int rank;
    int hash;

    @Override
    public int compareTo(Keyed o) {
      return rank - o.rank;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Keyed k && k.hash == hash;
    }
  }

  static class Native {
    static native void strange();
  }

  static class Updated {
    volatile int n;
    static final AtomicIntegerFieldUpdater<Updated> N =
        AtomicIntegerFieldUpdater.newUpdater(Updated.class, "n");
  }

  static int statik;
  static int written;
  static final ThreadLocal<String> LOCAL = new ThreadLocal<>();

  private static Set<String> names(Set<FieldRef> fields) {
    return fields.stream()
        .map(FieldRef::name)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  private static String internal(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  @Test
  void aFieldIsNamedByTheClassThatDeclaresIt() {
    Derived d = new Derived();
    Findings f = findings(() -> d.inherited);
    assertThat(f.fieldsRead())
        .contains(new FieldRef(internal(Base.class), "inherited", "I"))
        .noneMatch(field -> field.name().equals("unread"));
    assertThat(f.fieldsWritten()).isEmpty();
  }

  @Test
  void aVirtualCallGoesToTypesOfTheGraphOnly() {
    Base b = new Derived();
    Findings f = findings(() -> b.read());
    assertThat(names(f.fieldsRead())).contains("own", "inherited").doesNotContain("notThere");
  }

  @Test
  void aVirtualCallGoesToTypesThatTheCodeMakes() {
    Base b = new Derived();
    Findings f = findings(() -> (b.hashCode() > 3 ? b : new Other()).read());
    assertThat(names(f.fieldsRead())).contains("own", "notThere");
    assertThat(f.instantiated()).contains(internal(Other.class));
  }

  @Test
  void whatNobodyCallsReadsNoField() {
    Derived d = new Derived();
    assertThat(names(findings(() -> d.own).fieldsRead())).doesNotContain("unread", "printed");
  }

  @Test
  void aGenericBridgeLeadsToItsMethod() {
    Source<String> s = new Words();
    assertThat(names(findings(() -> s.next()).fieldsRead())).contains("word");
  }

  @Test
  void anInnerClassReadsItsOutersPrivateField() {
    Outer outer = new Outer();
    Outer.Inner inner = outer.new Inner();
    Findings f = findings(() -> inner.peek());
    assertThat(names(f.fieldsRead())).contains("secret").doesNotContain("connection");
  }

  @Test
  void theBodyOfALambdaThatTheCodeMakesIsReached() {
    Outer outer = new Outer();
    assertThat(names(findings(() -> outer.task().call()).fieldsRead())).contains("secret");
  }

  @Test
  void closingIsNotCalledBackByChance() {
    Outer outer = new Outer();
    List<String> list = new ArrayList<>();
    Findings f = findings(() -> outer.connection.handle + list.size());
    assertThat(names(f.fieldsWritten())).doesNotContain("handle");
    Closed closed = new Closed();
    Findings g =
        findings(
            () -> {
              try (Closed c = closed) {
                return c;
              }
            });
    assertThat(names(g.fieldsWritten())).contains("handle");
  }

  @Test
  void constantsWithBodiesOfTheirOwnAreReached() {
    Op op = Op.PLUS;
    assertThat(names(findings(() -> op.apply(1, 2)).staticsRead())).contains("statik");
    assertThat(names(findings(() -> Op.values()[0].apply(1, 2)).staticsRead())).contains("statik");
  }

  @Test
  void switchesOnEnumsAndStringsAreNotOpaque() {
    Op op = Op.PLUS;
    String s = "a";
    Findings f =
        findings(
            () ->
                switch (op) {
                      case PLUS -> 1;
                      case MINUS -> 2;
                    }
                    + switch (s) {
                      case "a" -> 3;
                      default -> 4;
                    });
    assertThat(f.opaque()).isFalse();
    assertThat(f.classes()).contains(internal(Op.class));
  }

  @Test
  void concatenationPrintsItsArguments() {
    Derived d = new Derived();
    assertThat(names(findings(() -> "a" + d).fieldsRead())).contains("printed");
    assertThat(names(findings(() -> String.valueOf(d)).fieldsRead())).contains("printed");
    assertThat(names(findings(() -> List.of(d).toString()).fieldsRead())).contains("printed");
  }

  @Test
  void aRecordsMethodsCallThoseOfItsComponents() {
    Point p = new Point(new Derived(), 1);
    Findings f = findings(() -> p.toString());
    assertThat(names(f.fieldsRead())).contains("base", "y", "printed");
    assertThat(f.opaque()).isFalse();
  }

  @Test
  void theJdkCallsBackWhatItComparesAndHashes() {
    Keyed k = new Keyed();
    Map<Keyed, Integer> tree = new TreeMap<>();
    Map<Keyed, Integer> hash = new java.util.HashMap<>();
    assertThat(names(findings(() -> tree.get(k)).fieldsRead())).contains("rank");
    assertThat(names(findings(() -> hash.get(k)).fieldsRead())).contains("hash");
  }

  @Test
  void staticsAreNotedApartFromInstances() {
    Findings f = ran(() -> written = statik);
    assertThat(names(f.staticsRead())).contains("statik");
    assertThat(names(f.staticsWritten())).contains("written");
    assertThat(f.fieldsWritten()).isEmpty();
  }

  @Test
  void writesAreNotedApartFromReads() {
    Derived d = new Derived();
    Findings f = ran(() -> d.own = 3);
    assertThat(names(f.fieldsWritten())).containsExactly("own");
    assertThat(names(f.fieldsRead())).doesNotContain("own");
  }

  @Test
  void theClassesBeginWithTheTasksOwn() {
    Derived d = new Derived();
    Findings f = findings(() -> d.read());
    assertThat(f.classes())
        .startsWith(internal(ReachTest.class))
        .contains(internal(Derived.class), internal(Base.class))
        .doesNotContain(internal(Other.class))
        .noneMatch(name -> name.startsWith("java/"));
  }

  @Test
  void nativeMethodsAndReflectionAreOpaque() {
    Derived d = new Derived();
    assertThat(ran(() -> Native.strange()).opaque()).isTrue();
    assertThat(findings(() -> Class.forName("x")).opaque()).isTrue();
    assertThat(findings(() -> d.getClass().getMethod("x").invoke(d)).opaque()).isTrue();
    Findings field = findings(() -> Derived.class.getDeclaredField("own").get(d));
    assertThat(field.reflective()).isTrue();
    assertThat(field.why("reflective")).contains("lambda$", "Field.get");
    assertThat(findings(() -> d.own).opaque()).isFalse();
  }

  @Test
  void aFieldUpdaterInAStaticInitialiserIsNotPartOfTheTask() {
    Updated u = new Updated();
    Findings f = findings(() -> u.n);
    assertThat(f.reflective()).isFalse();
    assertThat(names(f.volatileReads())).containsExactly("n");
  }

  @Test
  void theWorldOutsideThreadsAndThreadLocalsAreFlagged() {
    assertThat(
            findings(
                    () -> {
                      try (FileOutputStream out = new FileOutputStream("x")) {
                        return out;
                      }
                    })
                .external())
        .isTrue();
    assertThat(ran(() -> System.out.println("x")).external()).isFalse();
    assertThat(findings(() -> LOCAL.get()).usesThreadLocal()).isTrue();
    assertThat(ran(() -> Thread.startVirtualThreadLike(() -> {})).startsThreads()).isTrue();
  }

  /** A stand-in for the methods that only newer JDKs have. */
  static final class Thread {
    static void startVirtualThreadLike(Runnable r) {
      new java.lang.Thread(r).start();
    }
  }

  @Test
  void recursionAndMutualCallsEnd() {
    int n = 3;
    assertThat(findings(() -> even(n)).opaque()).isFalse();
  }

  static boolean even(int n) {
    return n == 0 || odd(n - 1);
  }

  static boolean odd(int n) {
    return n != 0 && even(n - 1);
  }

  @Test
  void aCallKnowsWhetherItsResultIsDroppedAndItsReceiverFresh() {
    AtomicInteger shared = new AtomicInteger();
    Findings f =
        findings(
            () -> {
              AtomicInteger own = new AtomicInteger();
              shared.incrementAndGet();
              return own.get();
            });
    assertThat(f.calls())
        .anyMatch(c -> c.name().equals("incrementAndGet") && c.resultDropped() && !c.fresh())
        .anyMatch(c -> c.name().equals("get") && !c.resultDropped() && c.fresh() && !c.escapes());
  }

  @Test
  void aVariableThatMayHoldAnotherObjectIsNotFresh() {
    AtomicInteger shared = new AtomicInteger();
    boolean b = shared.get() == 0;
    Findings f =
        findings(
            () -> {
              AtomicInteger n = new AtomicInteger();
              if (b) {
                n = shared;
              }
              return n.get() + (b ? shared : new AtomicInteger()).getPlain();
            });
    assertThat(f.calls()).hasSize(2).noneMatch(JdkCall::fresh);
  }

  @Test
  void aLoopDoesNotHideThatAVariableChanges() {
    AtomicInteger shared = new AtomicInteger();
    int n = 3;
    Findings f =
        findings(
            () -> {
              AtomicInteger a = new AtomicInteger();
              int sum = 0;
              for (int i = 0; i < n; i++) {
                sum += a.get();
                a = shared;
              }
              return sum;
            });
    assertThat(f.calls()).hasSize(1).noneMatch(JdkCall::fresh);
  }

  @Test
  void onlyALockThatMayBeSharedCountsAsALock() {
    Object shared = new Object();
    Findings f =
        findings(
            () -> {
              synchronized (shared) {
                return 1;
              }
            });
    Findings g =
        findings(
            () -> {
              Object own = new Object();
              synchronized (own) {
                return 1;
              }
            });
    assertThat(f.monitors()).isTrue();
    assertThat(g.monitors()).isFalse();
  }

  @Test
  void aConstructorReferenceMakesItsClass() {
    int n = 1;
    Findings f =
        findings(
            () -> {
              Supplier<Base> make = Other::new;
              return make.get().read() + n;
            });
    assertThat(f.instantiated()).contains(internal(Other.class));
    assertThat(names(f.fieldsRead())).contains("notThere");
  }

  @Test
  void theSameTaskIsAnalysedOnce() {
    Derived d = new Derived();
    List<EntryPoint> entry =
        List.of(new EntryPoint(internal(Derived.class), "read", "()I", Derived.class));
    Findings first = Reach.analyse(entry, Set.of(d.getClass()), Tasks.FILES, Tasks.APPLICATION);
    Findings second = Reach.analyse(entry, Set.of(d.getClass()), Tasks.FILES, Tasks.APPLICATION);
    Findings other =
        Reach.analyse(entry, Set.of(d.getClass(), Other.class), Tasks.FILES, Tasks.APPLICATION);
    assertThat(second).isSameAs(first);
    assertThat(other).isNotSameAs(first);
  }

  @Test
  void whatIsKnownOfClassesIsForgottenWithThem() {
    List<EntryPoint> entry =
        List.of(new EntryPoint(internal(Derived.class), "read", "()I", Derived.class));
    WeakReference<ClassFiles> files = new WeakReference<>(new OwnFiles());
    Findings f =
        Reach.analyse(entry, Set.of(Derived.class), requireNonNull(files.get()), Tasks.APPLICATION);
    assertThat(f.opaque()).isFalse();
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(files.get()).isNull();
            });
  }

  private static final class OwnFiles implements ClassFiles {
    @Override
    public byte @Nullable [] bytes(String name) {
      return Tasks.FILES.bytes(name);
    }
  }

  @Test
  void aClassWithoutReadableBytesIsOpaque() {
    List<EntryPoint> entry = List.of(new EntryPoint("app/Gone", "run", "()V", null));
    ClassFiles none = name -> null;
    ClassFiles broken = name -> new byte[] {1, 2, 3};
    ClassFiles failing =
        name -> {
          throw new IllegalStateException(name);
        };
    for (ClassFiles files : List.of(none, broken, failing)) {
      Findings f = Reach.analyse(entry, Set.of(), files, Tasks.APPLICATION);
      assertThat(f.opaque()).isTrue();
      assertThat(f.why("opaque")).contains("Gone");
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aSwitchOnPatternsIsNotOpaque(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("Patterns.java");
    Files.writeString(
        source,
        """
        class Patterns {
          sealed interface Shape permits Circle, Box {}
          record Circle(int radius) implements Shape {}
          record Box(int width, int height) implements Shape {}
          enum Color { RED, GREEN }
          static int size(Object o) {
            return switch (o) {
              case Circle(int r) when r > 3 -> r;
              case Circle c -> 1;
              case Box(int w, int h) -> w * h;
              case Color c when c == Color.RED -> 2;
              case String s -> s.length();
              default -> 0;
            };
          }
        }
        """);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler.run(null, null, null, "-d", folder.toString(), source.toString())).isZero();
    ClassFiles files =
        name -> {
          try {
            return Files.readAllBytes(folder.resolve(name + ".class"));
          } catch (IOException e) {
            return null;
          }
        };
    List<EntryPoint> entry =
        List.of(new EntryPoint("Patterns", "size", "(Ljava/lang/Object;)I", null));
    Findings f = Reach.analyse(entry, Set.of(), files, Tasks.APPLICATION);
    assertThat(f.opaque()).as(f.why("opaque")).isFalse();
    assertThat(f.classes()).contains("Patterns", "Patterns$Circle", "Patterns$Box");
  }
}
