package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.collect;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Numbers that tasks draw from shared state by every by-way. Each number is drawn once, so these
 * are right only if nothing escapes whoever watches the tasks.
 */
@SuppressWarnings({"SynchronizeOnNonFinalField", "UnusedVariable"})
final class Draws {
  private static final int TASKS = 10;
  private static final AtomicInteger ATOMIC = new AtomicInteger();
  private static final IntSupplier[] ARRAY = {ATOMIC::incrementAndGet};
  private static final Function<AtomicInteger, Integer> UNBOUND = AtomicInteger::incrementAndGet;
  private static final Supplier<Callable<Integer>> NESTED = () -> ATOMIC::incrementAndGet;
  private static int guarded;

  private Draws() {}

  private static synchronized int next() {
    return ++guarded;
  }

  private interface Constants {
    IntSupplier ONE = ATOMIC::incrementAndGet;
    Map<String, IntSupplier> BY_NAME =
        Map.of("atomic", ATOMIC::incrementAndGet, "guarded", Draws::next);
  }

  private enum Source {
    OF_ATOMIC(ATOMIC::incrementAndGet),
    OF_GUARDED(Draws::next);

    final transient IntSupplier supplier;

    Source(IntSupplier supplier) {
      this.supplier = supplier;
    }

    int draw() {
      return supplier.getAsInt();
    }
  }

  private static Set<Integer> drawn(ExecutorService pool, Callable<Integer> draw) throws Exception {
    return new TreeSet<>(collect(pool, TASKS, i -> draw));
  }

  private static Set<Integer> drawnAnew(ExecutorService pool, Callable<Integer> draw)
      throws Exception {
    ATOMIC.set(0);
    synchronized (Draws.class) {
      guarded = 0;
    }
    return drawn(pool, draw);
  }

  // ---- references that an initialiser has made ----

  @Runs(HOME)
  static Object fieldOfInterface(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> Constants.ONE.getAsInt());
  }

  @Runs(HOME)
  static Object capturedFromInterface(ExecutorService pool) throws Exception {
    IntSupplier one = Constants.ONE;
    return drawnAnew(pool, () -> one.getAsInt());
  }

  @Runs(HOME)
  static Object mapOfInterface(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> Constants.BY_NAME.get("atomic").getAsInt());
  }

  @Runs(HOME)
  static Object mapOfInterfaceToOwn(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> Constants.BY_NAME.get("guarded").getAsInt());
  }

  @Runs(HOME)
  static Object fieldOfEnum(ExecutorService pool) throws Exception {
    return drawnAnew(pool, Source.OF_ATOMIC::draw);
  }

  @Runs(HOME)
  static Object fieldOfEnumToOwn(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> Source.valueOf("OF_GUARDED").draw());
  }

  @Runs(HOME)
  static Object elementOfStaticArray(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> ARRAY[0].getAsInt());
  }

  @Runs(HOME)
  static Object unboundInStaticField(ExecutorService pool) throws Exception {
    AtomicInteger own = new AtomicInteger();
    return drawn(pool, () -> UNBOUND.apply(own));
  }

  @Runs(HOME)
  static Object madeByStaticLambda(ExecutorService pool) throws Exception {
    return drawnAnew(pool, () -> NESTED.get().call());
  }

  // ---- references and overrides ----

  private static class Base {
    private final AtomicInteger atomic = new AtomicInteger();

    int next() {
      return atomic.incrementAndGet();
    }
  }

  private static final class Derived extends Base {
    Callable<Integer> ofSuper() {
      return super::next;
    }

    @Override
    int next() {
      return -1;
    }
  }

  @Runs(HOME)
  static Object superMethod(ExecutorService pool) throws Exception {
    return drawn(pool, new Derived().ofSuper());
  }

  private interface Merger {
    int merge(String key, Integer value, BiFunction<Integer, Integer, Integer> function);
  }

  @Runs(HOME)
  static Object referenceWithFunction(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new ConcurrentHashMap<>();
    Merger merger = map::merge;
    return drawn(pool, () -> merger.merge("key", 1, Integer::sum));
  }

  // ---- locks of which a JVM has one ----

  private static Set<Integer> drawnUnder(ExecutorService pool, Callable<Object> lock)
      throws Exception {
    int[] n = {0};
    return drawn(
        pool,
        () -> {
          synchronized (lock.call()) {
            return ++n[0];
          }
        });
  }

  @Runs(HOME)
  static Object lockOnInternedString(ExecutorService pool) throws Exception {
    String user = "user";
    return drawnUnder(pool, () -> ("lock-" + user).intern());
  }

  @Runs(HOME)
  static Object lockOnBoxed(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> Integer.valueOf(7));
  }

  @Runs(HOME)
  static Object lockOnEnumOfJdk(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> TimeUnit.DAYS);
  }

  @Runs(HOME)
  static Object lockOnClassOfJdk(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> Integer.class);
  }

  @Runs(HOME)
  static Object lockOnEmptyList(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> List.of());
  }

  @Runs(HOME)
  static Object lockOnStandardOutput(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> System.out);
  }

  @Runs(HOME)
  static Object lockOnRuntime(ExecutorService pool) throws Exception {
    return drawnUnder(pool, () -> Runtime.getRuntime());
  }

  @Runs(HOME)
  static Object lockOnLambda(ExecutorService pool) throws Exception {
    return drawnUnder(
        pool,
        () -> {
          Runnable nothing = () -> {};
          return nothing;
        });
  }
}
