package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The short form of lambdas of one class whose captured values are all {@linkplain Scalars
 * scalars}: the values in the order of the fields, and nothing else. Both sides know the class
 * already. Thread-safe.
 */
public final class ScalarForm {
  private final Class<?> type;
  private final FieldSlot[] slots;
  private final @Nullable Object single;

  private ScalarForm(ClassPlan plan, @Nullable Object single) {
    this.type = plan.type;
    this.slots = plan.slots;
    this.single = single;
  }

  /** Returns the form of the class of an object, or null if this is no lambda. */
  public static @Nullable ScalarForm of(Object function) {
    ClassPlan plan = ClassPlan.of(function.getClass());
    return plan.kind() == ClassPlan.Kind.LAMBDA
        ? new ScalarForm(plan, plan.slots.length == 0 ? function : null)
        : null;
  }

  /** Returns how many bytes an object takes at most. */
  public int most() {
    return slots.length * Scalars.MOST;
  }

  /**
   * Writes an object.
   *
   * @return false if a captured value is no scalar
   */
  public boolean write(Object o, ByteBuffer to) {
    for (FieldSlot s : slots) {
      switch (s.code()) {
        case 'L' -> {
          if (!Scalars.write(s.getReference(o), to)) {
            return false;
          }
        }
        case 'D' -> Scalars.writeFixedLong(s.getBits(o), to);
        case 'F' -> Scalars.writeFixedInt((int) s.getBits(o), to);
        default -> Scalars.writeLong(s.getBits(o), to);
      }
    }
    return true;
  }

  /**
   * Reads an object.
   *
   * @throws CodecException if the bytes are none
   */
  public Object read(ByteBuffer from) {
    if (single != null) {
      return single;
    }
    Object o = Memory.allocate(type);
    try {
      for (FieldSlot s : slots) {
        switch (s.code()) {
          case 'L' -> s.putReference(o, Scalars.read(from));
          case 'D' -> s.putBits(o, Scalars.readFixedLong(from));
          case 'F' -> s.putBits(o, Scalars.readFixedInt(from));
          default -> s.putBits(o, Scalars.readLong(from));
        }
      }
    } catch (BufferUnderflowException e) {
      throw new CodecException("the bytes end too early", e);
    }
    return o;
  }
}
