package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Raw access to fields by offset, final and hidden ones included. A wrong offset corrupts the heap:
 * only for offsets from {@link #offset}, on objects of the declaring class.
 */
public final class Memory {
  // A handle costs a new JVM a millisecond. Where it can, it does without.
  private static final boolean QUIET = Trusted.isQuiet();

  private static final class Offsets {
    static final MethodHandle OFFSET = find("objectFieldOffset", long.class, Field.class);
  }

  private static final class Statics {
    static final MethodHandle OFFSET = find("staticFieldOffset", long.class, Field.class);
    static final MethodHandle BASE = find("staticFieldBase", Object.class, Field.class);
  }

  private static final class Allocation {
    static final MethodHandle ALLOCATE = find("allocateInstance", Object.class, Class.class);
  }

  private static final class Ints {
    static final MethodHandle GET = get("getInt", int.class);
    static final MethodHandle PUT = put("putInt", int.class);
  }

  private static final class Longs {
    static final MethodHandle GET = get("getLong", long.class);
    static final MethodHandle PUT = put("putLong", long.class);
  }

  private static final class Exchange {
    static final MethodHandle LONG =
        find("compareAndSetLong", boolean.class, Object.class, long.class, long.class, long.class);
  }

  private static final class Bytes {
    static final MethodHandle GET = get("getByte", byte.class);
    static final MethodHandle PUT = put("putByte", byte.class);
  }

  private static final class Shorts {
    static final MethodHandle GET = get("getShort", short.class);
    static final MethodHandle PUT = put("putShort", short.class);
  }

  private static final class Chars {
    static final MethodHandle GET = get("getChar", char.class);
    static final MethodHandle PUT = put("putChar", char.class);
  }

  private static final class Booleans {
    static final MethodHandle GET = get("getBoolean", boolean.class);
    static final MethodHandle PUT = put("putBoolean", boolean.class);
  }

  private static final class Floats {
    static final MethodHandle GET = get("getFloat", float.class);
    static final MethodHandle PUT = put("putFloat", float.class);
  }

  private static final class Doubles {
    static final MethodHandle GET = get("getDouble", double.class);
    static final MethodHandle PUT = put("putDouble", double.class);
  }

  private static final class References {
    static final MethodHandle GET = get("getReferenceVolatile", Object.class);
    static final MethodHandle PUT = put("putReferenceVolatile", Object.class);
  }

  private static final class Arrays {
    static final MethodHandle ALLOCATE =
        find("allocateUninitializedArray", Object.class, Class.class, int.class);
  }

  private static final class Bases {
    static final MethodHandle OF = arrayBase();
    static final long BYTES = base(byte[].class);
  }

  private static final class Bulk {
    static final MethodHandle COPY =
        find(
            "copyMemory",
            void.class,
            Object.class,
            long.class,
            Object.class,
            long.class,
            long.class);
    static final MethodHandle MISMATCH = mismatch();
  }

  // What one look at most takes, so that the JVM can stop the thread in between.
  private static final int PIECE = 1 << 20;

  // What fewer elements cost is not worth a special case.
  private static final int FEW = 1 << 10;

  private Memory() {}

  /** Returns the offset of an instance field. */
  public static long offset(Field field) {
    if (QUIET && QuietMemory.hasOffset(field)) {
      return QuietMemory.offset(field);
    }
    try {
      return (long) Offsets.OFFSET.invokeExact(field);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns the offset of a static field within {@link #staticBase}. */
  public static long staticOffset(Field field) {
    if (QUIET && QuietMemory.hasOffset(field)) {
      return QuietMemory.staticOffset(field);
    }
    try {
      return (long) Statics.OFFSET.invokeExact(field);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns the object that holds a static field. */
  public static Object staticBase(Field field) {
    if (QUIET && QuietMemory.hasOffset(field)) {
      return QuietMemory.staticBase(field);
    }
    try {
      return (Object) Statics.BASE.invokeExact(field);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns a new instance whose constructor has not run. */
  public static Object allocate(Class<?> type) {
    try {
      if (QUIET) {
        return QuietMemory.allocate(type);
      }
      return (Object) Allocation.ALLOCATE.invokeExact(type);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /**
   * Returns a new array of primitives whose elements are anything. Whoever asks for it writes all
   * of them before another sees it.
   */
  public static Object array(Class<?> component, int length) {
    if (length < FEW) {
      return Array.newInstance(component, length);
    }
    try {
      return (Object) Arrays.ALLOCATE.invokeExact(component, length);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns a new array as {@link #array}. */
  public static byte[] bytes(int length) {
    return length < FEW ? new byte[length] : (byte[]) array(byte.class, length);
  }

  /** Returns the offset of the first element of an array type. */
  public static long base(Class<?> array) {
    try {
      return (long) Bases.OF.invokeExact(array);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Copies the elements of a primitive array as they are in memory. */
  public static void copy(Object array, byte[] to, int at, int bytes) {
    long base = base(array.getClass());
    Objects.checkFromIndexSize(at, bytes, to.length);
    try {
      for (long i = 0; i < bytes; i += PIECE) {
        long n = Math.min(PIECE, bytes - i);
        Bulk.COPY.invokeExact(array, base + i, (Object) to, Bases.BYTES + at + i, n);
      }
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Copies bytes from one primitive array into another, as they are in memory. */
  public static void copy(Object from, long at, Object to, long toAt, int bytes) {
    long a = base(from.getClass()) + at;
    long b = base(to.getClass()) + toAt;
    try {
      for (long i = 0; i < bytes; i += PIECE) {
        long n = Math.min(PIECE, bytes - i);
        Bulk.COPY.invokeExact(from, a + i, to, b + i, n);
      }
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns the first of some bytes at which two primitive arrays differ, or -1. */
  public static long mismatch(Object array, long at, byte[] bytes, int from, int count) {
    // Where the array's first element would be among the bytes; it may lie before them.
    long m = mismatch(array, bytes, from - at, at, at + count);
    return m < 0 ? -1 : m - at;
  }

  /**
   * Returns the first byte in a range at which a primitive array differs from others bytes, or -1.
   *
   * @param at where the bytes are that belong to the array's first element
   */
  public static long mismatch(Object array, byte[] bytes, long at, long from, long to) {
    long a = base(array.getClass());
    long b = Bases.BYTES + at;
    try {
      for (long i = from; i < to; ) {
        int n = (int) Math.min(PIECE, to - i);
        int m = (int) Bulk.MISMATCH.invokeExact(array, a + i, (Object) bytes, b + i, n, 0);
        if (m >= 0) {
          return i + m;
        }
        // The complement of how many bytes at the end were not looked at.
        for (long k = i + n - ~m; k < i + n; k++) {
          if (getByte(array, a + k) != getByte(bytes, b + k)) {
            return k;
          }
        }
        i += n;
      }
    } catch (Throwable e) {
      throw sneaky(e);
    }
    return -1;
  }

  /**
   * Reads a field of primitive type as its bits, sign-extended where it has a sign.
   *
   * @param code the type's letter in descriptors
   */
  public static long getBits(Object o, long offset, char code) {
    return switch (code) {
      case 'Z' -> getBoolean(o, offset) ? 1 : 0;
      case 'B' -> getByte(o, offset);
      case 'S' -> getShort(o, offset);
      case 'C' -> getChar(o, offset);
      case 'I' -> getInt(o, offset);
      case 'J' -> getLong(o, offset);
      case 'F' -> Float.floatToRawIntBits(getFloat(o, offset));
      case 'D' -> Double.doubleToRawLongBits(getDouble(o, offset));
      default -> throw new IllegalArgumentException(code + " is no primitive type");
    };
  }

  /** Writes a field of primitive type from its bits. */
  public static void putBits(Object o, long offset, char code, long bits) {
    switch (code) {
      case 'Z' -> putBoolean(o, offset, bits != 0);
      case 'B' -> putByte(o, offset, (byte) bits);
      case 'S' -> putShort(o, offset, (short) bits);
      case 'C' -> putChar(o, offset, (char) bits);
      case 'I' -> putInt(o, offset, (int) bits);
      case 'J' -> putLong(o, offset, bits);
      case 'F' -> putFloat(o, offset, Float.intBitsToFloat((int) bits));
      case 'D' -> putDouble(o, offset, Double.longBitsToDouble(bits));
      default -> throw new IllegalArgumentException(code + " is no primitive type");
    }
  }

  /** Reads an int field. */
  public static int getInt(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getInt(o, offset);
    }
    try {
      return (int) Ints.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes an int field. */
  public static void putInt(Object o, long offset, int value) {
    if (QUIET) {
      QuietMemory.putInt(o, offset, value);
      return;
    }
    try {
      Ints.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a long field. */
  public static long getLong(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getLong(o, offset);
    }
    try {
      return (long) Longs.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a long field. */
  public static void putLong(Object o, long offset, long value) {
    if (QUIET) {
      QuietMemory.putLong(o, offset, value);
      return;
    }
    try {
      Longs.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a long field if it still has a value. */
  public static boolean compareAndSetLong(Object o, long offset, long expected, long value) {
    if (QUIET) {
      return QuietMemory.compareAndSetLong(o, offset, expected, value);
    }
    try {
      return (boolean) Exchange.LONG.invokeExact(o, offset, expected, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a byte field. */
  public static byte getByte(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getByte(o, offset);
    }
    try {
      return (byte) Bytes.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a byte field. */
  public static void putByte(Object o, long offset, byte value) {
    if (QUIET) {
      QuietMemory.putByte(o, offset, value);
      return;
    }
    try {
      Bytes.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a short field. */
  public static short getShort(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getShort(o, offset);
    }
    try {
      return (short) Shorts.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a short field. */
  public static void putShort(Object o, long offset, short value) {
    if (QUIET) {
      QuietMemory.putShort(o, offset, value);
      return;
    }
    try {
      Shorts.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a char field. */
  public static char getChar(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getChar(o, offset);
    }
    try {
      return (char) Chars.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a char field. */
  public static void putChar(Object o, long offset, char value) {
    if (QUIET) {
      QuietMemory.putChar(o, offset, value);
      return;
    }
    try {
      Chars.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a boolean field. */
  public static boolean getBoolean(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getBoolean(o, offset);
    }
    try {
      return (boolean) Booleans.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a boolean field. */
  public static void putBoolean(Object o, long offset, boolean value) {
    if (QUIET) {
      QuietMemory.putBoolean(o, offset, value);
      return;
    }
    try {
      Booleans.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a float field. */
  public static float getFloat(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getFloat(o, offset);
    }
    try {
      return (float) Floats.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a float field. */
  public static void putFloat(Object o, long offset, float value) {
    if (QUIET) {
      QuietMemory.putFloat(o, offset, value);
      return;
    }
    try {
      Floats.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a double field. */
  public static double getDouble(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getDouble(o, offset);
    }
    try {
      return (double) Doubles.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a double field. */
  public static void putDouble(Object o, long offset, double value) {
    if (QUIET) {
      QuietMemory.putDouble(o, offset, value);
      return;
    }
    try {
      Doubles.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Reads a reference field, as a volatile one. */
  public static @Nullable Object getReference(Object o, long offset) {
    if (QUIET) {
      return QuietMemory.getReference(o, offset);
    }
    try {
      return (Object) References.GET.invokeExact(o, offset);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Writes a reference field, as a volatile one. */
  public static void putReference(Object o, long offset, @Nullable Object value) {
    if (QUIET) {
      QuietMemory.putReference(o, offset, value);
      return;
    }
    try {
      References.PUT.invokeExact(o, offset, value);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  private static final class Instance {
    static final Object UNSAFE = unsafe();

    private static Object unsafe() {
      try {
        Class<?> type = Class.forName("jdk.internal.misc.Unsafe");
        return Trusted.lookup().findStatic(type, "getUnsafe", MethodType.methodType(type)).invoke();
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private static MethodHandle get(String name, Class<?> type) {
    return find(name, type, Object.class, long.class);
  }

  private static MethodHandle put(String name, Class<?> type) {
    return find(name, void.class, Object.class, long.class, type);
  }

  /** Its result is an int in older JDKs, and a long in newer ones. */
  private static MethodHandle arrayBase() {
    MethodHandle h;
    try {
      h = find("arrayBaseOffset", int.class, Class.class);
    } catch (ExceptionInInitializerError e) {
      h = find("arrayBaseOffset", long.class, Class.class);
    }
    return h.asType(MethodType.methodType(long.class, Class.class));
  }

  private static MethodHandle mismatch() {
    try {
      return Trusted.lookup()
          .findStatic(
              Class.forName("jdk.internal.util.ArraysSupport"),
              "vectorizedMismatch",
              MethodType.methodType(
                  int.class,
                  Object.class,
                  long.class,
                  Object.class,
                  long.class,
                  int.class,
                  int.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static MethodHandle find(String name, Class<?> result, Class<?>... parameters) {
    try {
      Object unsafe = Instance.UNSAFE;
      return Trusted.lookup()
          .findVirtual(unsafe.getClass(), name, MethodType.methodType(result, parameters))
          .bindTo(unsafe);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }
}
