package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's maps in which threads keep the values of their thread-locals. A map is used by the
 * thread that it is installed in, or by one thread at a time while it is in none. No map at all is
 * an empty one.
 */
public final class LocalMap {
  private static final long OF_THREAD = ofThreads();

  /** The methods of the maps; whoever only installs maps does without. */
  private static final class Methods {
    static final MethodHandle MAKE;
    static final MethodHandle ENTRY;
    static final MethodHandle VALUE;
    static final MethodHandle SET;
    static final MethodHandle REMOVE;

    static {
      MethodHandles.Lookup lookup = Trusted.lookup();
      try {
        Class<?> map = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
        Class<?> entry = Class.forName("java.lang.ThreadLocal$ThreadLocalMap$Entry");
        MethodType put = MethodType.methodType(void.class, ThreadLocal.class, Object.class);
        MethodType remove = MethodType.methodType(void.class, ThreadLocal.class);
        MAKE = lookup.findConstructor(map, put).asType(put.changeReturnType(Object.class));
        ENTRY =
            lookup
                .findVirtual(map, "getEntry", remove.changeReturnType(entry))
                .asType(MethodType.methodType(Object.class, Object.class, ThreadLocal.class));
        VALUE =
            lookup
                .findGetter(entry, "value", Object.class)
                .asType(MethodType.methodType(Object.class, Object.class));
        SET = lookup.findVirtual(map, "set", put).asType(put.insertParameterTypes(0, Object.class));
        REMOVE =
            lookup
                .findVirtual(map, "remove", remove)
                .asType(remove.insertParameterTypes(0, Object.class));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private LocalMap() {}

  private static long ofThreads() {
    try {
      return Memory.offset(Thread.class.getDeclaredField("threadLocals"));
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this JDK keeps thread-locals elsewhere", e);
    }
  }

  /** Returns the current thread's map. */
  public static @Nullable Object ofThread() {
    return Memory.getReference(Thread.currentThread(), OF_THREAD);
  }

  /** Installs a map in the current thread. */
  public static void install(@Nullable Object map) {
    Memory.putReference(Thread.currentThread(), OF_THREAD, map);
  }

  /** Returns whether a map has a value for a thread-local. */
  public static boolean isSet(@Nullable Object map, ThreadLocal<?> local) {
    return map != null && entry(map, local) != null;
  }

  /** Returns the value that a map has for a thread-local, null if it has none. */
  public static @Nullable Object get(@Nullable Object map, ThreadLocal<?> local) {
    Object entry = map == null ? null : entry(map, local);
    try {
      return entry == null ? null : (Object) Methods.VALUE.invokeExact(entry);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Puts a value into a map and returns the map, which is a new one if there was none. */
  public static Object set(@Nullable Object map, ThreadLocal<?> local, @Nullable Object value) {
    try {
      if (map == null) {
        return (Object) Methods.MAKE.invokeExact((ThreadLocal<?>) local, value);
      }
      Methods.SET.invokeExact(map, (ThreadLocal<?>) local, value);
      return map;
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Removes the value of a thread-local from a map. */
  public static void remove(@Nullable Object map, ThreadLocal<?> local) {
    if (map != null) {
      try {
        Methods.REMOVE.invokeExact(map, (ThreadLocal<?>) local);
      } catch (Throwable e) {
        throw sneaky(e);
      }
    }
  }

  private static @Nullable Object entry(Object map, ThreadLocal<?> local) {
    try {
      return (Object) Methods.ENTRY.invokeExact(map, (ThreadLocal<?>) local);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }
}
