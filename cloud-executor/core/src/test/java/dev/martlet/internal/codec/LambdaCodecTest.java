package dev.martlet.internal.codec;

import static dev.martlet.internal.codec.TestSpace.copy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.math.BigDecimal;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.function.*;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"unchecked", "rawtypes", "serial", "unused", "deprecation", "Convert2MethodRef"})
class LambdaCodecTest {

  static class Base {
    int k = 10;

    protected int inherited(int x) {
      return x * k;
    }

    @Override
    public String toString() {
      return "base";
    }
  }

  static class Derived extends Base {
    Derived() {}

    Derived(int k) {
      this.k = k;
    }

    Derived(Integer a, long b) {
      this.k = (int) (a + b);
    }

    private int own(int x) {
      return x + k;
    }

    @Override
    protected int inherited(int x) {
      return -1;
    }

    IntUnaryOperator superInherited() {
      return super::inherited;
    }

    IntUnaryOperator thisOwn() {
      return this::own;
    }

    IntUnaryOperator body() {
      return x -> x + k;
    }

    static int sum(int... all) {
      return Arrays.stream(all).sum();
    }

    static long widen(int a) {
      return a + 1L;
    }

    static int mix(int a, long b, Integer c, Object d) {
      return (int) (a + b + c) + d.hashCode();
    }

    static <T> T generic(T t) {
      return t;
    }

    static Integer boxedParameter(Integer i) {
      return i + 1;
    }

    static double two(int a, double b) {
      return a + b;
    }

    static char letter(char c) {
      return (char) (c + 1);
    }

    static boolean not(boolean b) {
      return !b;
    }

    static double half(double d) {
      return d / 2;
    }
  }

  interface Generic<T, R> {
    R go(T t);
  }

  interface Narrow extends Generic<String, String> {
    @Override
    String go(String s);
  }

  interface Both<T extends Comparable<T>> extends Generic<T, T> {
    @Override
    T go(T t);
  }

  interface Marker {}

  interface Mixed {
    long go(int a, long b, Integer c, String d);
  }

  interface WithBody {
    int n();

    default IntSupplier doubled() {
      return () -> n() * 2;
    }

    static IntSupplier fixed(int i) {
      return () -> i;
    }

    private int secret() {
      return n() + 1;
    }

    default IntSupplier hidden() {
      return this::secret;
    }
  }

  record Rec(int n) implements WithBody {
    IntSupplier times(int f) {
      return () -> n * f;
    }
  }

  @Test
  @DisplayName("static references convert their arguments and results as before")
  void statics() {
    assertThat(copy((IntFunction<Integer>) Integer::valueOf).apply(7)).isEqualTo(7);
    assertThat(copy((Function<Integer, Integer>) Integer::valueOf).apply(7777)).isEqualTo(7777);
    assertThat(copy((Function<String, Integer>) Integer::valueOf).apply("8")).isEqualTo(8);
    assertThat(copy((ToIntFunction<String>) Integer::parseInt).applyAsInt("9")).isEqualTo(9);
    assertThat(copy((Function<Short, Long>) Derived::widen).apply((short) 3)).isEqualTo(4);
    assertThat(copy((Function<Byte, Long>) Derived::widen).apply((byte) 3)).isEqualTo(4);
    assertThat(copy((Function<Character, Long>) Derived::widen).apply('a')).isEqualTo(98);
    assertThat(copy((ToDoubleFunction<Integer>) Derived::widen).applyAsDouble(1)).isEqualTo(2.0);
    assertThat(copy((IntFunction<Integer>) Derived::boxedParameter).apply(1)).isEqualTo(2);
    assertThat(copy((Function<Character, Character>) Derived::letter).apply('a')).isEqualTo('b');
    assertThat(copy((Predicate<Boolean>) Derived::not).test(true)).isFalse();
    assertThat(copy((Function<Float, Double>) Derived::half).apply(3f)).isEqualTo(1.5);
    assertThat(copy((BiFunction<Short, Integer, Double>) Derived::two).apply((short) 3, 5))
        .isEqualTo(8.0);
    assertThat(copy((Mixed) Derived::mix).go(1, 2, 3, "d")).isEqualTo(6 + "d".hashCode());
    assertThat(copy((IntBinaryOperator) Derived::sum).applyAsInt(1, 2)).isEqualTo(3);
    assertThat(copy((Supplier<Integer>) Derived::sum).get()).isZero();
    assertThat(copy((Function<int[], Integer>) Derived::sum).apply(new int[] {4})).isEqualTo(4);
    assertThat(copy((UnaryOperator<String>) Derived::generic).apply("g")).isEqualTo("g");
    assertThat(copy((BinaryOperator<Integer>) Math::max).apply(3, 5)).isEqualTo(5);
    assertThat(copy((BiFunction<Short, Integer, Integer>) Math::max).apply((short) 3, 5))
        .isEqualTo(5);
    assertThat(copy((Consumer<String>) Objects::requireNonNull)).isNotNull();
  }

  @Test
  @DisplayName("bound and unbound references call the method of their object")
  void instances() {
    assertThat(copy((Function<String, Integer>) String::length).apply("abc")).isEqualTo(3);
    assertThat(copy((ToIntFunction<Integer>) Integer::intValue).applyAsInt(5)).isEqualTo(5);
    assertThat(copy((Function<Integer, Integer>) Integer::intValue).apply(5)).isEqualTo(5);
    assertThat(copy((Function<Integer, Long>) Integer::longValue).apply(5)).isEqualTo(5L);
    assertThat(copy((Function<Number, Double>) Number::doubleValue).apply(5)).isEqualTo(5.0);
    assertThat(copy((Function<Long, Integer>) Long::intValue).apply(5L)).isEqualTo(5);
    assertThat(copy((Predicate<Boolean>) Boolean::booleanValue).test(true)).isTrue();
    ArrayList<Integer> l = new ArrayList<>();
    copy((ObjIntConsumer<ArrayList<Integer>>) ArrayList::add).accept(l, 4);
    assertThat(l).containsExactly(4);
    assertThat(copy((Supplier<Integer>) "xyz"::length).get()).isEqualTo(3);
    assertThat(copy((IntSupplier) Integer.valueOf(7)::hashCode).getAsInt()).isEqualTo(7);
    assertThat(copy((Supplier<Integer>) Integer.valueOf(7)::intValue).get()).isEqualTo(7);
    assertThat(copy((Supplier<Class<?>>) "x"::getClass).get()).isEqualTo(String.class);
    assertThat(copy((Function<Derived, String>) Derived::toString).apply(new Derived()))
        .isEqualTo("base");
    assertThat(copy((Supplier<String>) new Derived()::toString).get()).isEqualTo("base");
    assertThat(copy((Comparator<String>) String::compareTo).compare("a", "b")).isNegative();
    assertThat(
            copy((Function<List<String>, Stream<String>>) List::stream).apply(List.of("q")).count())
        .isEqualTo(1);
    Derived d = new Derived(4);
    assertThat(copy(d.superInherited()).applyAsInt(3)).isEqualTo(12);
    assertThat(copy(d.thisOwn()).applyAsInt(3)).isEqualTo(7);
    assertThat(copy(d.body()).applyAsInt(3)).isEqualTo(7);
    int[] array = {1, 2};
    assertThat(copy((Supplier<int[]>) array::clone).get()).containsExactly(1, 2);
    ToIntBiFunction<Derived, Integer> inherited = Derived::inherited;
    assertThat(copy(inherited).applyAsInt(d, 1)).isEqualTo(-1);
  }

  @Test
  @DisplayName("constructor references make what they made")
  void constructors() {
    assertThat(copy((Supplier<Derived>) Derived::new).get().k).isEqualTo(10);
    assertThat(copy((Function<Integer, Derived>) Derived::new).apply(3).k).isEqualTo(3);
    assertThat(copy((BiFunction<Integer, Integer, Derived>) Derived::new).apply(3, 4).k)
        .isEqualTo(7);
    assertThat(copy((Supplier<Object>) Object::new).get()).isNotNull();
    assertThat(copy((IntFunction<int[]>) int[]::new).apply(3)).hasSize(3);
    assertThat(copy((IntFunction<String[][]>) String[][]::new).apply(2).length).isEqualTo(2);
    assertThat(copy((Function<Integer, Object>) long[]::new).apply(1)).isInstanceOf(long[].class);
    assertThat(copy((Supplier<List<String>>) ArrayList::new).get()).isEmpty();
    assertThat(copy((Function<String, BigDecimal>) BigDecimal::new).apply("1.5")).isEqualTo("1.5");
    assertThat(copy((Supplier<Inner>) Inner::new).get().outer()).isNotNull();
  }

  class Inner {
    LambdaCodecTest outer() {
      return LambdaCodecTest.this;
    }
  }

  @Test
  @DisplayName("interfaces with markers, bridges, generics and serialisation are kept")
  void interfaces() throws Exception {
    int k = hashCode();
    Runnable r = (Runnable & Marker & RandomAccess) () -> Objects.hash(k);
    assertThat(copy(r)).isInstanceOf(Marker.class).isInstanceOf(RandomAccess.class);
    assertThat(copy((Narrow) s -> s + k).go("a")).isEqualTo("a" + k);
    assertThat(((Generic<Object, Object>) (Generic) copy((Narrow) s -> s + k)).go("b"))
        .isEqualTo("b" + k);
    assertThat(((Generic) copy((Both<String>) s -> s + "!")).go("c")).isEqualTo("c!");
    Function<Integer, Integer> s = (Function<Integer, Integer> & Serializable) x -> x + k;
    Function<Integer, Integer> c = copy(s);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ObjectOutputStream(out).writeObject(c);
    Function<Integer, Integer> again =
        (Function<Integer, Integer>)
            new ObjectInputStream(new ByteArrayInputStream(out.toByteArray())).readObject();
    assertThat(again.apply(1)).isEqualTo(1 + k);
    assertThat(copy((Function<Integer, Integer> & Serializable) Integer::intValue).apply(3))
        .isEqualTo(3);
    Supplier<Object> ser = (Supplier<Object> & Serializable) Object::new;
    assertThat(copy(ser).get()).isNotNull();
  }

  @Test
  @DisplayName("lambdas of interfaces, records, nested lambdas and the JDK itself travel")
  void places() throws Exception {
    Rec rec = new Rec(21);
    assertThat(copy(rec.doubled()).getAsInt()).isEqualTo(42);
    assertThat(copy(rec.hidden()).getAsInt()).isEqualTo(22);
    assertThat(copy(rec.times(3)).getAsInt()).isEqualTo(63);
    assertThat(copy(WithBody.fixed(5)).getAsInt()).isEqualTo(5);
    Supplier<Supplier<Callable<String>>> nested = () -> () -> () -> "n" + rec.n();
    assertThat(copy(nested).get().get().call()).isEqualTo("n21");
    assertThat(copy(copy(nested).get()).get().call()).isEqualTo("n21");
    Comparator<String> cmp =
        Comparator.comparing(String::length).thenComparing(Comparator.reverseOrder()).reversed();
    List<String> words = new ArrayList<>(List.of("bb", "a", "cc", "ddd"));
    words.sort(copy(cmp));
    assertThat(words).containsExactly("ddd", "bb", "cc", "a");
    assertThat(copy(Comparator.nullsFirst(Comparator.<Integer>naturalOrder())).compare(null, 1))
        .isNegative();
    assertThat(copy(Function.<String>identity()).apply("i")).isEqualTo("i");
    assertThat(copy(Predicate.not((Predicate<String>) String::isEmpty).and(x -> true)).test("x"))
        .isTrue();
    Function<Integer, Integer> f = x -> x + 1;
    assertThat(copy(f.andThen(x -> x * 2).compose((String x) -> x.length())).apply("abc"))
        .isEqualTo(8);
    Collector<String, ?, Map<Integer, List<String>>> grouping =
        copy(Collectors.groupingBy(String::length, TreeMap::new, Collectors.toList())) == null
            ? null
            : (Collector) copy(Collectors.groupingBy(String::length));
    assertThat(Stream.of("a", "bb", "c").collect(grouping))
        .isEqualTo(Map.of(1, List.of("a", "c"), 2, List.of("bb")));
    assertThat(Stream.of("a", "b").collect(copy(Collectors.joining("-", "<", ">"))))
        .isEqualTo("<a-b>");
    assertThat(
            copy(Map.Entry.<String, Integer>comparingByValue())
                .compare(Map.entry("a", 1), Map.entry("b", 2)))
        .isNegative();
  }

  @Test
  @DisplayName("a lambda may refer to itself and to others of the same shape")
  void sharing() {
    Function<Integer, Integer>[] self = new Function[1];
    self[0] = n -> n <= 1 ? 1 : n * self[0].apply(n - 1);
    assertThat(copy(self[0]).apply(5)).isEqualTo(120);
    IntSupplier[] all = new IntSupplier[10];
    for (int i = 0; i < 10; i++) {
      int n = i;
      all[i] = () -> n;
    }
    IntSupplier[] c = copy(all);
    for (int i = 0; i < 10; i++) {
      assertThat(c[i].getAsInt()).isEqualTo(i);
      assertThat(c[i].getClass()).isSameAs(c[0].getClass());
    }
    Runnable none = () -> {};
    Object[] twice = copy(new Object[] {none, none});
    assertThat(twice[0]).isSameAs(twice[1]);
  }

  @Test
  @DisplayName("the same method under differently boxed interfaces at many sites is told apart")
  void boxedSites() {
    assertThat(
            copy((ToDoubleBiFunction<Byte, Byte>) Derived::two).applyAsDouble((byte) 1, (byte) 2))
        .isEqualTo(3.0);
    assertThat(copy((Function<Double, Double>) Derived::half).apply(3.0)).isEqualTo(1.5);
    assertThat(copy((Function<Long, Double>) Derived::half).apply(3L)).isEqualTo(1.5);
    assertThat(copy((LongFunction<Integer>) Long::hashCode).apply(3L)).isEqualTo(3);
    assertThat(copy((Function<Integer, Long>) Long::valueOf).apply(3)).isEqualTo(3L);
    assertThat(copy((IntFunction<Long>) Long::valueOf).apply(3)).isEqualTo(3L);
    assertThat(copy((IntToLongFunction) Long::valueOf).applyAsLong(3)).isEqualTo(3L);
  }

  @Test
  @DisplayName("a protected method of another package is reached through class data")
  void classData() throws Throwable {
    MethodHandles.Lookup l = MethodHandles.lookup();
    MethodHandle mh =
        MethodHandles.privateLookupIn(Base.class, l)
            .findSpecial(
                Base.class, "inherited", MethodType.methodType(int.class, int.class), Base.class);
    IntUnaryOperator op =
        (IntUnaryOperator)
            LambdaMetafactory.metafactory(
                    MethodHandles.privateLookupIn(Base.class, l),
                    "applyAsInt",
                    MethodType.methodType(IntUnaryOperator.class, Base.class),
                    MethodType.methodType(int.class, int.class),
                    mh,
                    MethodType.methodType(int.class, int.class))
                .getTarget()
                .invoke((Base) new Derived(5));
    assertThat(op.applyAsInt(2)).isEqualTo(10);
    assertThat(
            ((IntUnaryOperator) TestSpace.decode(TestSpace.encode(op), Trust.FULL)).applyAsInt(2))
        .isEqualTo(10);
  }

  @Test
  @DisplayName("an inbound lambda that no code here makes is refused")
  void forged() throws Throwable {
    MethodHandles.Lookup l = MethodHandles.lookup();
    MethodHandle mh =
        l.findVirtual(Runtime.class, "exec", MethodType.methodType(Process.class, String.class));
    BiFunction<Runtime, String, Process> exec =
        (BiFunction<Runtime, String, Process>)
            LambdaMetafactory.metafactory(
                    l,
                    "apply",
                    MethodType.methodType(BiFunction.class),
                    MethodType.methodType(Object.class, Object.class, Object.class),
                    mh,
                    MethodType.methodType(Process.class, Runtime.class, String.class))
                .getTarget()
                .invoke();
    byte[] bytes = TestSpace.encode(exec);
    assertThatThrownBy(() -> TestSpace.decode(bytes, Trust.INBOUND))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("exec");
    assertThat(TestSpace.decode(bytes, Trust.FULL)).isInstanceOf(BiFunction.class);
  }

  @Test
  @DisplayName("hidden classes that are no lambdas are refused")
  void otherHidden() {
    Runnable r = () -> {};
    MethodHandle mh = MethodHandles.constant(int.class, 1);
    IntSupplier proxy =
        java.lang.invoke.MethodHandleProxies.asInterfaceInstance(IntSupplier.class, mh);
    assertThatThrownBy(() -> TestSpace.encode(proxy)).isInstanceOf(UntravelableException.class);
  }
}
