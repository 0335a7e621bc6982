package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Fields read and written as boxed values, whatever their access and whether final or not. */
public final class Statics {
  private Statics() {}

  /** Reads a static field; its class must be initialised. */
  public static @Nullable Object get(Field f) {
    return get(Memory.staticBase(f), Memory.staticOffset(f), f.getType());
  }

  /** Reads an instance field. */
  public static @Nullable Object get(Object o, Field f) {
    return get(o, Memory.offset(f), f.getType());
  }

  /** Writes a static field; its class must be initialised. */
  public static void put(Field f, @Nullable Object value) {
    put(Memory.staticBase(f), Memory.staticOffset(f), f.getType(), value);
  }

  /** Writes an instance field, as a volatile one. */
  public static void putField(Object o, Field f, @Nullable Object value) {
    put(o, Memory.offset(f), f.getType(), value);
    VarHandle.fullFence();
  }

  static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  private static @Nullable Object get(Object base, long offset, Class<?> type) {
    if (!type.isPrimitive()) {
      return Memory.getReference(base, offset);
    }
    long bits = Memory.getBits(base, offset, type.descriptorString().charAt(0));
    return switch (type.descriptorString().charAt(0)) {
      case 'Z' -> bits != 0;
      case 'B' -> (byte) bits;
      case 'S' -> (short) bits;
      case 'C' -> (char) bits;
      case 'I' -> (int) bits;
      case 'J' -> bits;
      case 'F' -> Float.intBitsToFloat((int) bits);
      default -> Double.longBitsToDouble(bits);
    };
  }

  private static void put(Object base, long offset, Class<?> type, @Nullable Object value) {
    if (!type.isPrimitive()) {
      if (value != null && !type.isInstance(value)) {
        throw new ClassCastException(value.getClass() + " for " + type);
      }
      Memory.putReference(base, offset, value);
      return;
    }
    if (value == null) {
      throw new ClassCastException("null for " + type);
    }
    char c = type.descriptorString().charAt(0);
    long bits =
        switch (c) {
          case 'Z' -> (Boolean) value ? 1 : 0;
          case 'C' -> (Character) value;
          case 'F' -> Float.floatToRawIntBits((Float) value);
          case 'D' -> Double.doubleToRawLongBits((Double) value);
          default -> ((Number) value).longValue();
        };
    Memory.putBits(base, offset, c, bits);
  }
}
