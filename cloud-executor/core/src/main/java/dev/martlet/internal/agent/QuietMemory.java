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

  static long staticOffset(Field field) {
    return UNSAFE.staticFieldOffset(field);
  }

  static Object staticBase(Field field) {
    return UNSAFE.staticFieldBase(field);
  }

  static Object allocate(Class<?> type) throws InstantiationException {
    return UNSAFE.allocateInstance(type);
  }

  static boolean getBoolean(Object o, long offset) {
    return UNSAFE.getBoolean(o, offset);
  }

  static void putBoolean(Object o, long offset, boolean value) {
    UNSAFE.putBoolean(o, offset, value);
  }

  static byte getByte(Object o, long offset) {
    return UNSAFE.getByte(o, offset);
  }

  static void putByte(Object o, long offset, byte value) {
    UNSAFE.putByte(o, offset, value);
  }

  static short getShort(Object o, long offset) {
    return UNSAFE.getShort(o, offset);
  }

  static void putShort(Object o, long offset, short value) {
    UNSAFE.putShort(o, offset, value);
  }

  static char getChar(Object o, long offset) {
    return UNSAFE.getChar(o, offset);
  }

  static void putChar(Object o, long offset, char value) {
    UNSAFE.putChar(o, offset, value);
  }

  static float getFloat(Object o, long offset) {
    return UNSAFE.getFloat(o, offset);
  }

  static void putFloat(Object o, long offset, float value) {
    UNSAFE.putFloat(o, offset, value);
  }

  static double getDouble(Object o, long offset) {
    return UNSAFE.getDouble(o, offset);
  }

  static void putDouble(Object o, long offset, double value) {
    UNSAFE.putDouble(o, offset, value);
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
