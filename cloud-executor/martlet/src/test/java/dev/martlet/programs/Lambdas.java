package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/** Lambdas and method references of every kind. */
final class Lambdas {
  private Lambdas() {}

  // ---- what a lambda captures ----

  @Runs(AWAY)
  static Object nothing(ExecutorService pool) throws Exception {
    return pool.submit(() -> 42).get();
  }

  @Runs(AWAY)
  static Object primitives(ExecutorService pool) throws Exception {
    boolean z = true;
    byte b = -7;
    short s = 300;
    char c = 'ß';
    int i = Integer.MIN_VALUE;
    long l = 1L << 40;
    float f = 1.5f;
    double d = Double.MIN_VALUE;
    return pool.submit(() -> all(z, b, s, c, i, l, f, d, b + s + c + i + l + f + d)).get();
  }

  @Runs(AWAY)
  static Object oddNumbers(ExecutorService pool) throws Exception {
    double nan = Double.NaN;
    double minusZero = -0.0;
    float infinite = Float.NEGATIVE_INFINITY;
    return pool.submit(() -> all(nan, minusZero, infinite, 1 / minusZero, nan != nan)).get();
  }

  @Runs(AWAY)
  static Object boxes(ExecutorService pool) throws Exception {
    Integer small = 100;
    Integer big = 100_000;
    Long none = null;
    return pool.submit(() -> all(small, big, none, small == Integer.valueOf(100))).get();
  }

  @Runs(AWAY)
  static Object strings(ExecutorService pool) throws Exception {
    String plain = "hello";
    String wide = "grüße 日本語 \ud83d\ude00 \0 end";
    String empty = "";
    String lone = "\ud800";
    return pool.submit(() -> all(plain + wide, empty.isEmpty(), lone.length(), wide.length()))
        .get();
  }

  @Runs(AWAY)
  static Object collections(ExecutorService pool) throws Exception {
    List<Integer> list = List.of(3, 1, 2);
    Map<String, List<Integer>> map = new TreeMap<>(Map.of("a", list, "b", List.of()));
    int[] array = {5, 6};
    return pool.submit(
            () -> all(list.stream().mapToInt(x -> x).sum(), map.get("a").size(), array[1], map))
        .get();
  }

  @Runs(AWAY)
  static Object loopVariable(ExecutorService pool) throws Exception {
    return collect(pool, 50, i -> () -> i * i);
  }

  @Runs(AWAY)
  static Object manyCaptures(ExecutorService pool) throws Exception {
    int a = 1;
    long b = 2;
    String c = "3";
    double d = 4;
    List<String> e = List.of("5");
    int[] f = {6};
    char g = '7';
    Integer h = 8;
    Object i = 9;
    boolean j = true;
    return pool.submit(() -> "" + a + b + c + d + e + f[0] + g + h + i + j).get();
  }

  // ---- where a lambda stands ----

  private final List<String> names = new ArrayList<>(List.of("ann", "bob"));

  private String joined() {
    return String.join("+", names);
  }

  private Callable<String> shouting() {
    return () -> joined().toUpperCase(java.util.Locale.ROOT) + names.size();
  }

  @Runs(AWAY)
  static Object inInstanceMethod(ExecutorService pool) throws Exception {
    return pool.submit(new Lambdas().shouting()).get();
  }

  interface Greeter {
    String name();

    default Callable<String> greeting() {
      return () -> prefix() + name() + suffix();
    }

    static Callable<String> fixed(String text) {
      return () -> "fixed " + text;
    }

    private String prefix() {
      return "Hello ";
    }

    default String suffix() {
      return "!";
    }
  }

  @Runs(AWAY)
  static Object inInterface(ExecutorService pool) throws Exception {
    Greeter greeter = () -> "World";
    return all(pool.submit(greeter.greeting()).get(), pool.submit(Greeter.fixed("text")).get());
  }

  private static final class Made {
    final Callable<Integer> task;
    final int base;

    Made(int base, int factor) {
      this.base = base;
      this.task = () -> this.base * factor;
    }
  }

  @Runs(AWAY)
  static Object inConstructor(ExecutorService pool) throws Exception {
    return pool.submit(new Made(6, 7).task).get();
  }

  private static final Callable<String> IN_FIELD = () -> "made by the initialiser";

  @Runs(AWAY)
  static Object inStaticField(ExecutorService pool) throws Exception {
    return pool.submit(IN_FIELD).get();
  }

  @Runs(AWAY)
  static Object inEnumConstant(ExecutorService pool) throws Exception {
    return collect(pool, Op.values().length, i -> () -> Op.values()[i].fn.applyAsInt(12, 4));
  }

  private enum Op {
    ADD((a, b) -> a + b),
    SUB((a, b) -> a - b),
    MUL((a, b) -> a * b),
    MAX(Math::max);

    final IntBinaryOperator fn;

    Op(IntBinaryOperator fn) {
      this.fn = fn;
    }
  }

  @Runs(AWAY)
  static Object inRecord(ExecutorService pool) throws Exception {
    return pool.submit(new Range(3, 9).sum()).get();
  }

  private record Range(int from, int to) {
    Callable<Integer> sum() {
      return () -> {
        int sum = 0;
        for (int i = from; i < to; i++) {
          sum += i;
        }
        return sum;
      };
    }
  }

  @Runs(AWAY)
  static Object inGenericMethod(ExecutorService pool) throws Exception {
    return all(
        pool.submit(largest(List.of(3, 9, 4))).get(),
        pool.submit(largest(List.of("pear", "apple", "zebra"))).get());
  }

  private static <T extends Comparable<T>> Callable<T> largest(List<T> values) {
    return () -> {
      T best = values.get(0);
      for (T value : values) {
        best = value.compareTo(best) > 0 ? value : best;
      }
      return best;
    };
  }

  // ---- lambdas of lambdas ----

  @Runs(AWAY)
  static Object nested(ExecutorService pool) throws Exception {
    int a = 2;
    return pool.submit(
            () -> {
              int b = a + 1;
              Supplier<Supplier<Integer>> outer =
                  () -> {
                    int c = b * 10;
                    return () -> a + b + c;
                  };
              return outer.get().get();
            })
        .get();
  }

  @Runs(AWAY)
  static Object returnsLambda(ExecutorService pool) throws Exception {
    int offset = 100;
    Future<IntUnaryOperator> future = pool.submit(() -> x -> x + offset);
    IntUnaryOperator add = future.get();
    return all(add.applyAsInt(1), add.andThen(x -> x * 2).applyAsInt(5));
  }

  @Runs(AWAY)
  static Object returnsCurriedLambda(ExecutorService pool) throws Exception {
    Future<Function<Integer, Function<Integer, Function<Integer, Integer>>>> future =
        pool.submit(() -> a -> b -> c -> a * 100 + b * 10 + c);
    return future.get().apply(1).apply(2).apply(3);
  }

  @Runs(AWAY)
  static Object capturedLambdas(ExecutorService pool) throws Exception {
    Function<Integer, Integer> twice = x -> x * 2;
    Predicate<Integer> even = x -> x % 2 == 0;
    UnaryOperator<String> quote = s -> "'" + s + "'";
    return pool.submit(
            () ->
                all(
                    twice.andThen(x -> x + 1).apply(20),
                    even.negate().or(x -> x > 10).test(12),
                    quote.compose(Object::toString).apply("q")))
        .get();
  }

  @Runs(AWAY)
  static Object composedFunctions(ExecutorService pool) throws Exception {
    Function<Integer, Integer> f = Function.identity();
    for (int i = 0; i < 50; i++) {
      int n = i;
      f = f.andThen(x -> x + n);
    }
    Function<Integer, Integer> all = f;
    return pool.submit(() -> all.apply(0)).get();
  }

  @Runs(AWAY)
  static Object returnsWhatItCaptured(ExecutorService pool) throws Exception {
    Function<Integer, Integer> f = x -> x + 1;
    Function<Integer, Integer> same = pool.submit(() -> f).get();
    return all(same == f, same.apply(1));
  }

  private Function<Integer, Integer> recursive;

  @Runs(AWAY)
  static Object recursionThroughField(ExecutorService pool) throws Exception {
    Lambdas self = new Lambdas();
    self.recursive = n -> n <= 1 ? 1 : n * self.recursive.apply(n - 1);
    return pool.submit(() -> self.recursive.apply(10)).get();
  }

  @Runs(AWAY)
  static Object recursionThroughArray(ExecutorService pool) throws Exception {
    IntUnaryOperator[] fib = new IntUnaryOperator[1];
    fib[0] = n -> n < 2 ? n : fib[0].applyAsInt(n - 1) + fib[0].applyAsInt(n - 2);
    return pool.submit(() -> fib[0].applyAsInt(15)).get();
  }

  @Runs(AWAY)
  static Object intersectionCast(ExecutorService pool) throws Exception {
    int n = 3;
    Callable<Integer> task = (Callable<Integer> & Serializable) () -> n * n;
    return all(pool.submit(task).get(), pool.submit(() -> task instanceof Serializable).get());
  }

  @FunctionalInterface
  interface Fold<A, B> {
    B fold(List<A> values, B zero, BiFunction<B, A, B> step);
  }

  @Runs(AWAY)
  static Object ownFunctionalInterface(ExecutorService pool) throws Exception {
    Fold<String, Integer> fold =
        (values, zero, step) -> {
          int sum = zero;
          for (String value : values) {
            sum = step.apply(sum, value);
          }
          return sum;
        };
    return pool.submit(() -> fold.fold(List.of("a", "bb", "ccc"), 0, (n, s) -> n + s.length()))
        .get();
  }

  // ---- method references ----

  private static int seven() {
    return 7;
  }

  @Runs(AWAY)
  static Object staticReference(ExecutorService pool) throws Exception {
    return all(pool.submit(Lambdas::seven).get(), apply(pool, Integer::parseInt, "12"));
  }

  private static <A, B> B apply(ExecutorService pool, Function<A, B> f, A a) throws Exception {
    return pool.submit(() -> f.apply(a)).get();
  }

  @Runs(AWAY)
  static Object boundReference(ExecutorService pool) throws Exception {
    String text = "bound";
    Lambdas lambdas = new Lambdas();
    return all(
        pool.submit(text::length).get(),
        pool.submit("literal"::isBlank).get(),
        pool.submit(lambdas::joined).get());
  }

  @Runs(AWAY)
  static Object unboundReference(ExecutorService pool) throws Exception {
    return all(
        apply(pool, String::trim, "  x "),
        apply(pool, Lambdas::joined, new Lambdas()),
        apply(pool, List::size, List.of(1, 2)));
  }

  @Runs(AWAY)
  static Object constructorReference(ExecutorService pool) throws Exception {
    Supplier<List<String>> maker = ArrayList::new;
    BiFunction<Integer, Integer, Range> ranges = Range::new;
    return all(
        pool.submit(() -> maker.get()).get(),
        pool.submit(() -> ranges.apply(1, 2)).get(),
        apply(pool, BigInteger::new, "123456789012345678901234567890"),
        pool.submit((Callable<StringBuilder>) StringBuilder::new).get());
  }

  @Runs(AWAY)
  static Object arrayConstructorReference(ExecutorService pool) throws Exception {
    IntFunction<int[]> ints = int[]::new;
    IntFunction<String[][]> strings = String[][]::new;
    return all(
        pool.submit(() -> ints.apply(3)).get(),
        pool.submit(() -> strings.apply(2)).get(),
        pool.submit(() -> List.of("a", "b").toArray(String[]::new)).get());
  }

  private static class Base {
    String who(String s) {
      return "base " + s;
    }
  }

  private static final class Derived extends Base {
    @Override
    String who(String s) {
      return "derived " + s;
    }

    Function<String, String> inherited() {
      return super::who;
    }

    Function<String, String> own() {
      return this::who;
    }
  }

  @Runs(AWAY)
  static Object superReference(ExecutorService pool) throws Exception {
    Derived derived = new Derived();
    return all(apply(pool, derived.inherited(), "x"), apply(pool, derived.own(), "x"));
  }

  private static int sum(int... values) {
    return Arrays.stream(values).sum();
  }

  private static String format(Object... parts) {
    return Arrays.toString(parts);
  }

  @Runs(AWAY)
  static Object varargsReference(ExecutorService pool) throws Exception {
    IntBinaryOperator two = Lambdas::sum;
    Supplier<Integer> none = Lambdas::sum;
    BiFunction<String, Integer, String> mixed = Lambdas::format;
    return all(
        pool.submit(() -> two.applyAsInt(3, 4)).get(),
        pool.submit(() -> none.get()).get(),
        pool.submit(() -> mixed.apply("a", 1)).get());
  }

  @Runs(AWAY)
  static Object boxingReference(ExecutorService pool) throws Exception {
    Function<Integer, Integer> box = Integer::valueOf;
    ToIntFunction<Integer> unbox = Integer::intValue;
    Function<Integer, Long> widen = Integer::longValue;
    BinaryOperator<Integer> max = Math::max;
    IntFunction<Object> toObject = Integer::valueOf;
    return pool.submit(
            () ->
                all(
                    box.apply(1000),
                    unbox.applyAsInt(2000),
                    widen.apply(3),
                    max.apply(4, 5),
                    toObject.apply(6)))
        .get();
  }

  @Runs(AWAY)
  static Object genericReference(ExecutorService pool) throws Exception {
    Function<List<String>, List<String>> copy = List::<String>copyOf;
    UnaryOperator<String> same = Lambdas::<String>identity;
    return all(apply(pool, copy, List.of("c")), apply(pool, same, "s"));
  }

  private static <T> T identity(T t) {
    return t;
  }

  @Runs(AWAY)
  static Object privateAndProtectedReference(ExecutorService pool) throws Exception {
    Base base = new Derived();
    Function<String, String> who = base::who;
    Function<Object, Object> hidden = Lambdas::identity;
    return all(apply(pool, who, "virtual"), apply(pool, hidden, "private"));
  }

  @Runs(AWAY)
  static Object voidReference(ExecutorService pool) throws Exception {
    List<String> lines = new ArrayList<>(List.of("b", "a"));
    Object result = pool.submit(lines::clear).get();
    return all(result, lines);
  }

  @Runs(AWAY)
  static Object comparators(ExecutorService pool) throws Exception {
    Comparator<String> order =
        Comparator.comparing(String::length)
            .thenComparing(Comparator.reverseOrder())
            .thenComparing(Function.identity(), String.CASE_INSENSITIVE_ORDER);
    Comparator<String> nulls = Comparator.nullsLast(order.reversed());
    List<String> words = Arrays.asList("pear", "fig", null, "kiwi", "apple", "nut");
    return pool.submit(
            () -> {
              List<String> sorted = new ArrayList<>(words);
              sorted.sort(nulls);
              return sorted;
            })
        .get();
  }

  @Runs(AWAY)
  static Object sameCallSiteOtherValues(ExecutorService pool) throws Exception {
    List<Object> values = List.of(1, "two", 3.0, List.of(4), 'c', new int[] {6});
    return collect(pool, values.size(), i -> valueOf(values.get(i)));
  }

  private static <T> Callable<Object> valueOf(T value) {
    return () -> all(value.getClass().getSimpleName(), value);
  }

  @Runs(AWAY)
  static Object runnableAndCallable(ExecutorService pool) throws Exception {
    int[] slot = new int[1];
    Runnable run = () -> slot[0] = 9;
    Object fromRunnable = pool.submit(run).get();
    Object fromBoth = pool.submit(run, "done").get();
    return all(fromRunnable, fromBoth, slot);
  }
}
