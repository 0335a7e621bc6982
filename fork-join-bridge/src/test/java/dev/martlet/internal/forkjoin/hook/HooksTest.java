package dev.martlet.internal.forkjoin.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.agent.Agent;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.agent.Unwoven;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassReader;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.ClassVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.MethodVisitor;
import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@SuppressWarnings("serial")
class HooksTest {
  private static final Set<ForkJoinTask<?>> COMPUTED = ConcurrentHashMap.newKeySet();
  private static final Queue<ForkJoinTask<?>> FORKED = new ConcurrentLinkedQueue<>();
  private static final Queue<Spliterator<?>> TRAVERSED = new ConcurrentLinkedQueue<>();
  private static volatile Function<ForkJoinTask<?>, @Nullable Object> answer = t -> null;
  private static volatile boolean fine;

  private Hooks hooks;
  private ForkJoinPool pool;
  private boolean closed;

  private static final class Watched extends HookedThread {
    Watched(ForkJoinPool pool) {
      super(pool);
    }

    @Override
    protected @Nullable Object compute(ForkJoinTask<?> task) {
      fine = HooksTest.fine;
      COMPUTED.add(task);
      return answer.apply(task);
    }

    @Override
    protected void fork(ForkJoinTask<?> task) {
      FORKED.add(task);
    }

    @Override
    protected Spliterator<?> traverse(Object pipeline, Object sink, Spliterator<?> source) {
      TRAVERSED.add(source);
      return source;
    }
  }

  @BeforeEach
  void open() {
    hooks = Hooks.open();
    pool = new ForkJoinPool(2, Watched::new, null, false);
    COMPUTED.clear();
    FORKED.clear();
    TRAVERSED.clear();
    answer = t -> null;
    fine = false;
  }

  @AfterEach
  void close() {
    pool.shutdownNow();
    closeHooks();
  }

  private void closeHooks() {
    if (!closed) {
      closed = true;
      Hooks.close();
    }
  }

  static class Sum extends RecursiveTask<Integer> {
    final int from;
    final int to;

    Sum(int from, int to) {
      this.from = from;
      this.to = to;
    }

    @Override
    protected Integer compute() {
      if (to - from == 1) {
        return from;
      }
      int middle = (from + to) >>> 1;
      Sum left = new Sum(from, middle);
      left.fork();
      return new Sum(middle, to).compute() + left.join();
    }
  }

  static class Fill extends RecursiveAction {
    final int[] array;

    Fill(int[] array) {
      this.array = array;
    }

    @Override
    protected void compute() {
      array[0] = 1;
    }
  }

  static class Count extends CountedCompleter<Integer> {
    boolean done;

    @Override
    public void compute() {
      done = true;
      tryComplete();
    }
  }

  abstract static class Base<T> extends RecursiveTask<T> {
    abstract T value();

    @Override
    protected T compute() {
      return value();
    }
  }

  static class Derived extends Base<String> {
    @Override
    String value() {
      return "value";
    }

    @Override
    protected String compute() {
      return "derived " + super.compute();
    }
  }

  static class Creating extends RecursiveTask<Integer> {
    @Override
    protected Integer compute() {
      return new Created().direct();
    }
  }

  static class Created extends RecursiveTask<Integer> {
    @Override
    protected Integer compute() {
      return 5;
    }

    int direct() {
      return compute();
    }
  }

  @Test
  @DisplayName("every computation and every fork on a hooked thread is reported, results unchanged")
  void reports() {
    assertThat(hooks.see(Sum.class).isWatched()).isTrue();
    assertThat(pool.invoke(new Sum(0, 16))).isEqualTo(120);
    assertThat(COMPUTED).hasSize(31);
    assertThat(FORKED).hasSize(15).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("a thread that calls its tasks fine hears of no more of them")
  void fineThreads() {
    hooks.see(Sum.class);
    fine = true;
    assertThat(pool.invoke(new Sum(0, 16))).isEqualTo(120);
    assertThat(COMPUTED).hasSizeBetween(1, 2);
    assertThat(FORKED).isEmpty();
  }

  @Test
  @DisplayName("what the thread answers is the outcome, and the body is skipped")
  void answers() {
    hooks.see(Sum.class);
    hooks.see(Fill.class);
    hooks.see(Count.class);
    answer = t -> t instanceof Sum ? (Object) 7 : "done";
    assertThat(pool.invoke(new Sum(0, 16))).isEqualTo(7);
    int[] array = new int[1];
    pool.invoke(new Fill(array));
    assertThat(array).containsExactly(0);
    Count count = new Count();
    pool.execute(count);
    Awaitility.await().until(() -> COMPUTED.contains(count));
    assertThat(count.done).isFalse();
    count.quietlyComplete();
    answer = t -> hooks.none();
    assertThat(pool.invoke(new Sum(0, 16))).isNull();
  }

  @Test
  @DisplayName("what the thread throws is thrown by the task")
  void failures() {
    hooks.see(Sum.class);
    answer =
        t -> {
          throw new IllegalArgumentException("from the hook");
        };
    assertThatThrownBy(() -> pool.invoke(new Sum(0, 16)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("a compute that calls an overridden one gives its own result")
  void hierarchies() {
    hooks.see(Derived.class);
    Derived task = new Derived();
    assertThat(pool.invoke(task)).isEqualTo("derived value");
    assertThat(COMPUTED).containsExactly(task);
  }

  @Test
  @DisplayName("a class that a seen class creates reports as well")
  void created() {
    hooks.see(Creating.class);
    assertThat(pool.invoke(new Creating())).isEqualTo(5);
    assertThat(COMPUTED).hasSize(2).hasAtLeastOneElementOfType(Created.class);
  }

  @Test
  @DisplayName("leaves of parallel streams are reported")
  void streams() {
    int sum = pool.submit(() -> IntStream.range(0, 1000).parallel().map(i -> i + 1).sum()).join();
    assertThat(sum).isEqualTo(500_500);
    assertThat(TRAVERSED).hasSizeGreaterThan(1);
  }

  @Test
  @DisplayName("nothing is reported on other threads")
  void others() {
    hooks.see(Sum.class);
    assertThat(new Sum(0, 16).invoke()).isEqualTo(120);
    assertThat(IntStream.range(0, 10).parallel().sum()).isEqualTo(45);
    assertThat(COMPUTED).isEmpty();
    assertThat(FORKED).isEmpty();
    assertThat(TRAVERSED).isEmpty();
  }

  @Test
  @DisplayName("a relieved class reports where it is executed, not where it is computed directly")
  void relieved() {
    hooks.see(Sum.class);
    hooks.relieve(Sum.class);
    assertThat(calls(Sum.class)).isFalse();
    assertThat(pool.invoke(new Sum(0, 16))).isEqualTo(120);
    assertThat(COMPUTED).hasSize(16);
    assertThat(FORKED).hasSize(15);
  }

  @Test
  @DisplayName("when the last pool has closed the hooks, all classes are what they were")
  void removed() {
    hooks.see(Sum.class);
    Hooks second = Hooks.open();
    assertThat(second).isSameAs(hooks);
    closeHooks();
    pool.invoke(new Sum(0, 4));
    assertThat(COMPUTED).isNotEmpty();
    assertThat(calls(Sum.class)).isTrue();
    assertThat(calls(ForkJoinTask.class)).isTrue();
    Hooks.close();
    assertThat(calls(Sum.class)).isFalse();
    assertThat(calls(ForkJoinTask.class)).isFalse();
    COMPUTED.clear();
    pool.invoke(new Sum(0, 4));
    assertThat(COMPUTED).isEmpty();
  }

  @Test
  @DisplayName("hooks that were removed can be brought in again")
  void again() {
    hooks.see(Sum.class);
    Hooks.close();
    hooks = Hooks.open();
    hooks.see(Sum.class);
    pool.invoke(new Sum(0, 4));
    assertThat(COMPUTED).isNotEmpty();
  }

  @Test
  @DisplayName("who retransforms a class in order to read it finds it without hooks")
  void unwoven() throws Exception {
    hooks.see(Sum.class);
    Unwoven.begin(Sum.class);
    try {
      assertThat(calls(Sum.class)).isTrue();
      byte[] noted = Unwoven.noted();
      assertThat(noted).isNotNull();
      assertThat(calls(noted)).isFalse();
    } finally {
      Unwoven.end();
    }
    assertThat(calls(Sum.class)).isTrue();
  }

  @Test
  @DisplayName("a hidden class has an obstacle, and its tasks compute as ever")
  void hidden() throws Throwable {
    Class<?> type =
        Trusted.lookup()
            .in(Created.class)
            .defineHiddenClass(bytes(Created.class), true)
            .lookupClass();
    Sight sight = hooks.see(type);
    assertThat(sight.isWatched()).isFalse();
    assertThat(sight.obstacle()).contains("hidden class");
    RecursiveTask<?> task =
        (RecursiveTask<?>)
            MethodHandles.privateLookupIn(type, Trusted.lookup())
                .findConstructor(type, java.lang.invoke.MethodType.methodType(void.class))
                .invoke();
    assertThat(pool.invoke(task)).isEqualTo(5);
  }

  @Test
  @DisplayName("tasks of the JDK have neither hooks nor an obstacle")
  void jdk() {
    Sight sight = hooks.see(ForkJoinTask.adapt(() -> {}).getClass());
    assertThat(sight.isWatched()).isFalse();
    assertThat(sight.obstacle()).isNull();
  }

  private static final class Copies extends ClassLoader {
    Copies() {
      super(HooksTest.class.getClassLoader());
    }

    Class<?> copy(Class<?> type) {
      byte[] b = bytes(type);
      return defineClass(type.getName(), b, 0, b.length);
    }
  }

  @Test
  @DisplayName("a seen class does not keep its class loader")
  void leaks() {
    Class<?> copy = new Copies().copy(Created.class);
    assertThat(hooks.see(copy).isWatched()).isTrue();
    WeakReference<Class<?>> reference = new WeakReference<>(copy);
    copy = null;
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return reference.get() == null;
            });
  }

  private static byte[] bytes(Class<?> type) {
    try (InputStream in =
        type.getResourceAsStream(
            type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether a class calls a hook now. */
  private static boolean calls(Class<?> type) {
    Instrumentation instrumentation = Agent.instrumentation();
    AtomicReference<byte[]> seen = new AtomicReference<>();
    ClassFileTransformer reader =
        new ClassFileTransformer() {
          @Override
          public byte @Nullable [] transform(
              @Nullable ClassLoader loader,
              String name,
              @Nullable Class<?> redefined,
              @Nullable ProtectionDomain domain,
              byte[] classFile) {
            if (redefined == type) {
              seen.set(classFile.clone());
            }
            return null;
          }
        };
    instrumentation.addTransformer(reader, true);
    try {
      instrumentation.retransformClasses(type);
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      instrumentation.removeTransformer(reader);
    }
    return calls(seen.get());
  }

  private static boolean calls(byte[] classFile) {
    AtomicBoolean calls = new AtomicBoolean(); // the constant pool may keep what was there
    new ClassReader(classFile)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  @Nullable String signature,
                  String @Nullable [] exceptions) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String method, String type, boolean inInterface) {
                    if (owner.contains("MartletHook")) {
                      calls.set(true);
                    }
                  }
                };
              }
            },
            0);
    return calls.get();
  }
}
