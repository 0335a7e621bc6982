package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * Memory by {@code sun.misc.Unsafe}, which reads a static field whatever its module says. It is
 * compiled on its own, since javac lets nobody name that class without a warning; reflection and
 * method handles would take a new JVM ten times as long.
 */
final class QuietMemory {
  private static final sun.misc.Unsafe UNSAFE = unsafe();

  private QuietMemory() {}

  private static sun.misc.Unsafe unsafe() {
    try {
      Field instance = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return (sun.misc.Unsafe) instance.get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("sun.misc.Unsafe is another", e);
    }
  }

  static MethodHandles.Lookup lookup(Field field) {
    return (MethodHandles.Lookup)
        UNSAFE.getObject(UNSAFE.staticFieldBase(field), UNSAFE.staticFieldOffset(field));
  }

  /** Returns whether {@link #offset} can tell where a field is. */
  static boolean hasOffset(Field field) {
    Class<?> type = field.getDeclaringClass();
    return !type.isHidden() && !type.isRecord();
  }

  static long offset(Field field) {
    return UNSAFE.objectFieldOffset(field);
  }

  static Object allocate(Class<?> type) throws InstantiationException {
    return UNSAFE.allocateInstance(type);
  }

  static int getInt(Object o, long offset) {
    return UNSAFE.getInt(o, offset);
  }

  static void putInt(Object o, long offset, int value) {
    UNSAFE.putInt(o, offset, value);
  }

  static long getLong(Object o, long offset) {
    return UNSAFE.getLong(o, offset);
  }

  static void putLong(Object o, long offset, long value) {
    UNSAFE.putLong(o, offset, value);
  }

  static boolean compareAndSetLong(Object o, long offset, long expected, long value) {
    return UNSAFE.compareAndSwapLong(o, offset, expected, value);
  }

  static @Nullable Object getReference(Object o, long offset) {
    return UNSAFE.getObjectVolatile(o, offset);
  }

  static void putReference(Object o, long offset, @Nullable Object value) {
    UNSAFE.putObjectVolatile(o, offset, value);
  }
}
