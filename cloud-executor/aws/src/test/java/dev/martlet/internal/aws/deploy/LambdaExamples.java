package dev.martlet.internal.aws.deploy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/** A lambda or a method reference of each kind, and what they answer. */
public final class LambdaExamples extends LambdaExamplesBase {
  private static final Supplier<String> FROM_INITIALISER = () -> "static initialiser";

  private final String own;
  private final Supplier<String> fromConstructor;

  private LambdaExamples(String own) {
    this.own = own;
    this.fromConstructor = () -> "constructor of " + this.own;
  }

  /** Returns what all say, by name. */
  public static Map<String, Object> answers() throws Exception {
    Map<String, Object> all = new TreeMap<>();
    all.put("initialiser", FROM_INITIALISER.get());
    statics(all);
    new LambdaExamples("own").instances(all);
    conversions(all);
    constructors(all);
    captures(all, (byte) 1, 'c', (short) 2, 3, 4L, 5f, 6d, true, new int[] {7}, "eight");
    hosts(all);
    others(all);
    return all;
  }

  private static void statics(Map<String, Object> all) {
    Function<String, Integer> boxed = Integer::parseInt;
    all.put("static, boxed", boxed.apply("1"));
    Supplier<String> same = LambdaExamples::secret;
    all.put("static, private", same.get());
    Supplier<String> nested = Nested::secret;
    all.put("static, private, of a nest mate", nested.get());
    BiFunction<Integer, Integer, Integer> sum = Integer::sum;
    all.put("static, unboxed and boxed", sum.apply(2, 3));
    LongBinaryOperator longs = (a, b) -> 10 * a + b;
    all.put("body, longs", longs.applyAsLong(4, 5));
    List<Supplier<?>> made = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      made.add(() -> "none captured");
    }
    all.put("body, one instance", made.get(0) == made.get(1));
  }

  private static String secret() {
    return "a secret";
  }

  private void instances(Map<String, Object> all) {
    all.put("constructor", fromConstructor.get());
    Supplier<String> body = () -> own;
    all.put("instance body", body.get());
    Supplier<String> mine = this::mine;
    all.put("bound, private", mine.get());
    Function<LambdaExamples, String> unbound = LambdaExamples::mine;
    all.put("unbound, private", unbound.apply(this));
    Supplier<String> above = super::overridden;
    all.put("super", above.get() + " not " + overridden());
    Supplier<String> inherited = this::inherited;
    all.put("inherited, protected", inherited.get());
    Function<LambdaExamples, String> receiver = LambdaExamplesBase::inherited;
    all.put("of a superclass", receiver.apply(this));
    Runnable inner =
        () -> {
          Supplier<Supplier<String>> two = () -> () -> own + own;
          all.put("body in a body", two.get().get());
        };
    inner.run();
    Supplier<Supplier<String>> ofInner = new Inner()::outer;
    all.put("inner class", ofInner.get().get());
  }

  private String mine() {
    return "mine, " + own;
  }

  @Override
  String overridden() {
    return "below";
  }

  private static void conversions(Map<String, Object> all) throws Exception {
    ToIntFunction<String> length = String::length;
    all.put("virtual", length.applyAsInt("four"));
    ToLongFunction<String> wide = String::length;
    all.put("virtual, widened", wide.applyAsLong("four"));
    ToDoubleFunction<String> wider = Integer::parseInt;
    all.put("static, widened", wider.applyAsDouble("17"));
    DoubleUnaryOperator doubles = Math::sqrt;
    all.put("doubles", doubles.applyAsDouble(16));
    ToLongFunction<Integer> unboxed = LambdaExamples::twice;
    all.put("unboxed and widened", unboxed.applyAsLong(21));
    ToIntFunction<Character> code = LambdaExamples::code;
    all.put("unboxed char, widened", code.applyAsInt('a'));
    IntFunction<Long> intToLong = LambdaExamples::twice;
    all.put("widened and boxed", intToLong.apply(4));
    IntFunction<String> boxedArgument = LambdaExamples::type;
    all.put("boxed argument", boxedArgument.apply(4));
    IntFunction<String> boxedNumber = LambdaExamples::number;
    all.put("boxed argument of a supertype", boxedNumber.apply(4));
    IntFunction<Number> number = i -> i * 2;
    all.put("boxed result of a supertype", number.apply(4));
    Supplier<Object> object = LambdaExamples::four;
    all.put("boxed result as an object", object.get());
    IntSupplier unboxedResult = LambdaExamples::boxedFour;
    all.put("unboxed result", unboxedResult.getAsInt());
    DoubleSupplier widenedResult = LambdaExamples::boxedFour;
    all.put("unboxed result, widened", widenedResult.getAsDouble());
    IntPredicate flag = Character::isDigit;
    all.put("boolean", flag.test('4'));
    IntUnaryOperator fromChar = i -> (char) i;
    all.put("char result", fromChar.applyAsInt(70_000));
    List<String> list = new ArrayList<>();
    Consumer<String> dropped = list::add;
    dropped.accept("added");
    AtomicLong counter = new AtomicLong();
    Runnable droppedLong = counter::incrementAndGet;
    droppedLong.run();
    ObjIntConsumer<List<String>> droppedObject = List::remove;
    list.add("another");
    droppedObject.accept(list, 0);
    all.put("results dropped", list + " " + counter);
    ToText<String> cast = List.of("in a list").iterator()::next;
    all.put("result cast", cast.text());
    Comparator<String> comparator = String::compareTo;
    all.put("two arguments", comparator.compare("a", "b"));
    all.put("type variables", largest(List.of(3, 9, 4)));
    Function<Object, String> wrong = raw((Function<String, String>) String::trim);
    all.put("wrong argument", thrown(() -> wrong.apply(1)));
    Callable<String> throwing =
        () -> {
          throw new IOException("from a body");
        };
    all.put("throws", thrown(throwing));
    String nothing = list.isEmpty() ? "" : null;
    all.put("bound to null", thrown(() -> ((Supplier<Integer>) nothing::length).get()));
    ToIntFunction<Integer> nullUnboxed = Integer::intValue;
    all.put("null receiver", thrown(() -> nullUnboxed.applyAsInt(null)));
  }

  private interface ToText<T> {
    String text();
  }

  private static <T extends Number & Comparable<T>> T largest(List<T> list) {
    BiFunction<T, T, Integer> compare = T::compareTo;
    Function<T, Integer> value = T::intValue;
    T largest = list.get(0);
    for (T t : list) {
      largest = compare.apply(t, largest) > 0 && value.apply(t) > 0 ? t : largest;
    }
    return largest;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Function<Object, String> raw(Function f) {
    return f;
  }

  private static String thrown(Callable<?> c) {
    try {
      return "returned " + c.call();
    } catch (Exception e) {
      return e.getClass().getName();
    }
  }

  private static long twice(long n) {
    return 2 * n;
  }

  private static int code(int c) {
    return c;
  }

  private static String type(Object o) {
    return o.getClass().getName();
  }

  private static String number(Number n) {
    return n.getClass().getName();
  }

  private static int four() {
    return 4;
  }

  private static Integer boxedFour() {
    return 4;
  }

  private static void constructors(Map<String, Object> all) {
    Supplier<List<String>> list = ArrayList::new;
    all.put("constructor of the JDK", list.get());
    Function<Integer, List<String>> sized = ArrayList::new;
    all.put("constructor, unboxed", sized.apply(3));
    Function<String, Nested> nested = Nested::new;
    all.put("constructor, private", nested.apply("n").text);
    IntFunction<int[]> array = int[]::new;
    all.put("array", array.apply(3).length);
    UnaryOperator<int[]> clone = int[]::clone;
    all.put("array's clone", clone.apply(new int[] {1, 2})[1]);
    Consumer<String> unused = Nested::new;
    unused.accept("dropped");
    Function<String, List<String>> varargs = Arrays::asList;
    all.put("varargs", varargs.apply("one"));
    BiFunction<String, Object, String> format = String::format;
    all.put("varargs, more", format.apply("%s!", 3));
  }

  private static void captures(
      Map<String, Object> all,
      byte b,
      char c,
      short s,
      int i,
      long l,
      float f,
      double d,
      boolean z,
      int[] array,
      String text) {
    BiFunction<Long, Double, String> all10 =
        (x, y) -> "" + b + c + s + i + l + f + d + z + array[0] + text + x + y;
    all.put("captured", all10.apply(9L, 10d));
    Sub sub = new Sub();
    Supplier<String> bound = sub::inherited;
    all.put("captured, of a subclass", bound.get());
    Supplier<String> text2 = text::toString;
    all.put("captured receiver", text2.get());
  }

  private static void hosts(Map<String, Object> all) {
    all.put("interface", new Defaults() {}.both("x"));
    all.put("interface, static", Defaults.statics("y"));
    all.put("enum", Kind.FIRST.text.get() + Kind.SECOND.text.get() + Kind.SECOND.more());
    all.put("record", new Pair(1, "b").texts());
    Supplier<String> anonymous =
        new Supplier<>() {
          private final Supplier<String> inner = () -> "anonymous " + all.size();

          @Override
          public String get() {
            return inner.get();
          }
        };
    all.put("anonymous", anonymous.get());
    class Local {
      Supplier<Integer> of() {
        return () -> all.size();
      }
    }
    Supplier<Local> local = Local::new;
    all.put("local", local.get().of().get());
  }

  private static void others(Map<String, Object> all) throws Exception {
    TextsTwice texts = s -> all.put("bridge " + s, true);
    Texts<String> generic = texts;
    generic.take("of a type variable");
    JustTexts just = texts;
    just.take("of a string");
    Runnable marked = (Runnable & Marker) () -> all.put("marked", "run");
    marked.run();
    all.put("intersection", marked instanceof Marker);
    Supplier<String> serializable = (Supplier<String> & Serializable) () -> "serializable";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(serializable);
    }
    try (ObjectInputStream in = new Resolving(bytes.toByteArray())) {
      all.put("serializable", ((Supplier<?>) in.readObject()).get());
    }
  }

  private static final class Resolving extends ObjectInputStream {
    Resolving(byte[] bytes) throws IOException {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    protected Class<?> resolveClass(java.io.ObjectStreamClass c) throws ClassNotFoundException {
      return Class.forName(c.getName(), false, LambdaExamples.class.getClassLoader());
    }
  }

  private interface Marker {}

  private interface Texts<T> {
    void take(T text);
  }

  private interface JustTexts {
    void take(String text);
  }

  private interface TextsTwice extends Texts<String>, JustTexts {}

  private final class Inner {
    private Supplier<String> outer() {
      return () -> own + " of the outer one";
    }
  }

  private static final class Nested {
    private final String text;

    private Nested(String text) {
      this.text = text;
    }

    private static String secret() {
      Supplier<String> inner = () -> "nested " + secret2();
      return inner.get();
    }

    private static String secret2() {
      return "secret";
    }
  }

  private static class Base {
    String inherited() {
      return "base";
    }
  }

  private static final class Sub extends Base {}

  private interface Defaults {
    default String both(String s) {
      Supplier<String> body = () -> hidden(s);
      Function<String, String> reference = this::hidden;
      return body.get() + reference.apply(s);
    }

    private String hidden(String s) {
      return "hidden " + s;
    }

    static String statics(String s) {
      Supplier<String> body = () -> hiddenStatic(s);
      UnaryOperator<String> reference = Defaults::hiddenStatic;
      return body.get() + reference.apply(s);
    }

    private static String hiddenStatic(String s) {
      return "static " + s;
    }
  }

  private enum Kind {
    FIRST(() -> "first"),
    SECOND(Kind::second) {
      @Override
      String more() {
        Supplier<String> more = () -> " and more of " + this;
        return more.get();
      }
    };

    private final Supplier<String> text;

    Kind(Supplier<String> text) {
      this.text = text;
    }

    private static String second() {
      return "second";
    }

    String more() {
      return "";
    }
  }

  private record Pair(int a, String b) {
    List<Object> texts() {
      IntSupplier first = this::a;
      Function<Pair, String> second = Pair::b;
      return List.of(first.getAsInt(), second.apply(this));
    }
  }
}
