package dev.martlet.internal.leaf;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of the inside of {@code java.util.stream}: sinks, through which a leaf's elements
 * run, the builders that collect elements in the order in which they come, and the stages of which
 * JDK 17's sinks are inner classes. A JDK without these keeps its leaves at home.
 */
public final class Sinks {
  private static final String PACKAGE = "java.util.stream.";

  private static final @Nullable Sinks JDK;
  private static final @Nullable String MISSING;

  static {
    Sinks found = null;
    String missing = null;
    try {
      found = new Sinks(Trusted.lookup());
    } catch (ReflectiveOperationException | RuntimeException e) {
      missing = "this JDK's streams are not built as expected: " + e;
    }
    JDK = found;
    MISSING = missing;
  }

  // Asked for once an element, so it is a constant.
  private static final @Nullable MethodHandle CANCELLED = JDK == null ? null : JDK.cancelled;

  private final Class<?> sink;
  private final Class<?> pipeline;
  private final Class<?> accumulating;
  private final Map<Shape, Class<?>> ofShape = new EnumMap<>(Shape.class);
  private final Map<Shape, MethodHandle> builder = new EnumMap<>(Shape.class);
  private final MethodHandle begin;
  private final MethodHandle end;
  private final MethodHandle cancelled;
  private final MethodHandle combine;
  private final MethodHandle build;
  private final MethodHandle asArray;
  private final MethodHandle asPrimitiveArray;

  /** Of what type the elements are that a sink takes. */
  public enum Shape {
    /** Objects. */
    REFERENCE(0, "", "builder", Consumer.class),
    /** Ints. */
    INT(1, "$OfInt", "intBuilder", IntConsumer.class),
    /** Longs. */
    LONG(2, "$OfLong", "longBuilder", LongConsumer.class),
    /** Doubles. */
    DOUBLE(3, "$OfDouble", "doubleBuilder", DoubleConsumer.class);

    private static final Shape[] BY_CODE = values();

    private final int code;
    private final String suffix;
    private final String builder;
    private final Class<?> consumer;

    Shape(int code, String suffix, String builder, Class<?> consumer) {
      this.code = code;
      this.suffix = suffix;
      this.builder = builder;
      this.consumer = consumer;
    }

    /** Returns the number that stands for the shape on the wire, from 0 to 3. */
    int code() {
      return code;
    }

    static Shape of(int code) {
      return BY_CODE[code];
    }

    /** Returns the type of consumer that a sink of this shape is as well. */
    Class<?> consumer() {
      return consumer;
    }
  }

  private Sinks(MethodHandles.Lookup lookup) throws ReflectiveOperationException {
    sink = type("Sink");
    pipeline = type("AbstractPipeline");
    accumulating = type("ReduceOps$AccumulatingSink");
    Class<?> node = type("Node");
    Class<?> nodes = type("Nodes");
    for (Shape s : Shape.values()) {
      boolean primitive = s != Shape.REFERENCE;
      ofShape.put(s, type("Sink" + s.suffix));
      Class<?> result = type("Node$Builder" + s.suffix);
      MethodType type =
          primitive
              ? MethodType.methodType(result, long.class)
              : MethodType.methodType(result, long.class, IntFunction.class);
      MethodHandle found = lookup.findStatic(nodes, s.builder, type);
      if (!primitive) {
        IntFunction<Object[]> generator = Object[]::new;
        found = MethodHandles.insertArguments(found, 1, generator);
      }
      builder.put(
          s,
          MethodHandles.insertArguments(found, 0, -1L).asType(MethodType.methodType(Object.class)));
    }
    begin = virtual(lookup, sink, "begin", void.class, long.class);
    end = virtual(lookup, sink, "end", void.class);
    cancelled = virtual(lookup, sink, "cancellationRequested", boolean.class);
    combine = virtual(lookup, accumulating, "combine", void.class, accumulating);
    build = virtual(lookup, type("Node$Builder"), "build", node);
    asArray = virtual(lookup, node, "asArray", Object[].class, IntFunction.class);
    asPrimitiveArray = virtual(lookup, type("Node$OfPrimitive"), "asPrimitiveArray", Object.class);
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(PACKAGE + name, false, null);
  }

  private static MethodHandle virtual(
      MethodHandles.Lookup lookup, Class<?> owner, String name, Class<?> result, Class<?>... of)
      throws ReflectiveOperationException {
    MethodHandle found = lookup.findVirtual(owner, name, MethodType.methodType(result, of));
    MethodType erased = found.type().generic();
    for (int i = 1; i < found.type().parameterCount(); i++) {
      if (of[i - 1].isPrimitive() || of[i - 1] == IntFunction.class) {
        erased = erased.changeParameterType(i, of[i - 1]);
      }
    }
    return found.asType(erased.changeReturnType(result.isPrimitive() ? result : Object.class));
  }

  /** Returns what this JDK lacks, or {@code null} if nothing. */
  public static @Nullable String missing() {
    return MISSING;
  }

  private static Sinks jdk() {
    Sinks s = JDK;
    if (s == null) {
      throw new IllegalStateException(MISSING);
    }
    return s;
  }

  /** Returns whether an object is a sink of the JDK's streams. */
  public static boolean isSink(@Nullable Object o) {
    Sinks s = JDK;
    return s != null && s.sink.isInstance(o);
  }

  /** Returns whether an object is a stage of a pipeline. */
  static boolean isPipeline(@Nullable Object o) {
    return jdk().pipeline.isInstance(o);
  }

  /** Returns whether this is the class of all stages, or above. */
  static boolean isStageBase(Class<?> type) {
    return type.isAssignableFrom(jdk().pipeline);
  }

  /** Returns whether two of these make one. */
  static boolean accumulates(Object sink) {
    return jdk().accumulating.isInstance(sink);
  }

  /** Returns what a sink takes. */
  public static Shape shape(Object sink) {
    Sinks s = jdk();
    for (Shape shape : Shape.values()) {
      if (shape != Shape.REFERENCE
          && Objects.requireNonNull(s.ofShape.get(shape)).isInstance(sink)) {
        return shape;
      }
    }
    return Shape.REFERENCE;
  }

  /** Begins a traversal of unknown size. */
  static void begin(Object sink) {
    try {
      jdk().begin.invokeExact(sink, -1L);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Ends a traversal. */
  static void end(Object sink) {
    try {
      jdk().end.invokeExact(sink);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns whether a sink wants no more elements. */
  public static boolean isCancelled(Object sink) {
    MethodHandle handle = CANCELLED;
    if (handle == null) {
      throw new IllegalStateException(MISSING);
    }
    try {
      return (boolean) handle.invokeExact(sink);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Adds what a sink has accumulated of later elements to what another has of earlier ones. */
  static void combine(Object sink, Object later) {
    try {
      jdk().combine.invokeExact(sink, later);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns a sink that collects elements, and has begun. */
  static Object builder(Shape shape) {
    try {
      Object made = (Object) Objects.requireNonNull(jdk().builder.get(shape)).invokeExact();
      begin(made);
      return made;
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Ends a sink that collects elements, and returns the array of them. */
  static Object built(Shape shape, Object builder) {
    Sinks s = jdk();
    try {
      end(builder);
      Object node = (Object) s.build.invokeExact(builder);
      if (shape != Shape.REFERENCE) {
        return (Object) s.asPrimitiveArray.invokeExact(node);
      }
      IntFunction<Object[]> generator = Object[]::new;
      return (Object) s.asArray.invokeExact(node, (IntFunction<?>) generator);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }
}
