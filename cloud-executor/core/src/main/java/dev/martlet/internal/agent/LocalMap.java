package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's maps in which threads keep the values of their thread-locals. A map is used by the
 * thread that it is installed in, or by one thread at a time while it is in none. No map at all is
 * an empty one.
 */
public final class LocalMap {
  private static final VarHandle OF_THREAD;
  private static final MethodHandle MAKE;
  private static final MethodHandle ENTRY;
  private static final MethodHandle VALUE;
  private static final MethodHandle SET;
  private static final MethodHandle REMOVE;

  static {
    MethodHandles.Lookup lookup = Trusted.lookup();
    try {
      Class<?> map = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
      Class<?> entry = Class.forName("java.lang.ThreadLocal$ThreadLocalMap$Entry");
      OF_THREAD = lookup.findVarHandle(Thread.class, "threadLocals", map);
      MAKE =
          lookup
              .findConstructor(
                  map, MethodType.methodType(void.class, ThreadLocal.class, Object.class))
              .asType(MethodType.methodType(Object.class, ThreadLocal.class, Object.class));
      ENTRY = method(lookup, map, "getEntry", MethodType.methodType(entry, ThreadLocal.class));
      VALUE =
          lookup
              .findGetter(entry, "value", Object.class)
              .asType(MethodType.methodType(Object.class, Object.class));
      SET =
          method(
              lookup,
              map,
              "set",
              MethodType.methodType(void.class, ThreadLocal.class, Object.class));
      REMOVE = method(lookup, map, "remove", MethodType.methodType(void.class, ThreadLocal.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private LocalMap() {}

  private static MethodHandle method(
      MethodHandles.Lookup lookup, Class<?> map, String name, MethodType type)
      throws ReflectiveOperationException {
    MethodType generic = type.insertParameterTypes(0, Object.class);
    if (type.returnType() != void.class) {
      generic = generic.changeReturnType(Object.class);
    }
    return lookup.findVirtual(map, name, type).asType(generic);
  }

  /** Returns the current thread's map. */
  public static @Nullable Object ofThread() {
    return OF_THREAD.get(Thread.currentThread());
  }

  /** Installs a map in the current thread. */
  public static void install(@Nullable Object map) {
    OF_THREAD.set(Thread.currentThread(), map);
  }

  /** Returns whether a map has a value for a thread-local. */
  public static boolean isSet(@Nullable Object map, ThreadLocal<?> local) {
    return map != null && entry(map, local) != null;
  }

  /** Returns the value that a map has for a thread-local, null if it has none. */
  public static @Nullable Object get(@Nullable Object map, ThreadLocal<?> local) {
    Object entry = map == null ? null : entry(map, local);
    try {
      return entry == null ? null : (Object) VALUE.invokeExact(entry);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Puts a value into a map and returns the map, which is a new one if there was none. */
  public static Object set(@Nullable Object map, ThreadLocal<?> local, @Nullable Object value) {
    try {
      if (map == null) {
        return (Object) MAKE.invokeExact((ThreadLocal<?>) local, value);
      }
      SET.invokeExact(map, (ThreadLocal<?>) local, value);
      return map;
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Removes the value of a thread-local from a map. */
  public static void remove(@Nullable Object map, ThreadLocal<?> local) {
    if (map != null) {
      try {
        REMOVE.invokeExact(map, (ThreadLocal<?>) local);
      } catch (Throwable e) {
        throw sneaky(e);
      }
    }
  }

  private static @Nullable Object entry(Object map, ThreadLocal<?> local) {
    try {
      return (Object) ENTRY.invokeExact(map, (ThreadLocal<?>) local);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }
}
