package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/** An instance field and raw access to it. */
public final class FieldSlot {
  private final Field field;
  private final Class<?> type;
  private final char code;
  private final long offset;

  /** Creates a slot of a field that is not static. */
  public FieldSlot(Field field) {
    this.field = field;
    this.type = field.getType();
    this.code = type.isPrimitive() ? type.descriptorString().charAt(0) : 'L';
    this.offset = Memory.offset(field);
  }

  /** Returns the field. */
  public Field field() {
    return field;
  }

  /** Returns the class that declares the field. */
  public Class<?> declaringClass() {
    return field.getDeclaringClass();
  }

  /** Returns the declared type. */
  public Class<?> type() {
    return type;
  }

  /** Returns the descriptor's letter of a primitive type, or {@code L} for any reference. */
  public char code() {
    return code;
  }

  /** Returns the offset for {@link Memory}. */
  public long offset() {
    return offset;
  }

  /** Returns whether the field holds a reference. */
  public boolean isReference() {
    return code == 'L';
  }

  /** Returns whether the field is final. */
  public boolean isFinal() {
    return Modifier.isFinal(field.getModifiers());
  }

  /** Returns whether the field is volatile. */
  public boolean isVolatile() {
    return Modifier.isVolatile(field.getModifiers());
  }

  /** Reads a reference. */
  public @Nullable Object getReference(Object o) {
    return Memory.getReference(o, offset);
  }

  /** Writes a reference, which must be of the field's type. */
  public void putReference(Object o, @Nullable Object value) {
    if (value != null && !type.isInstance(value)) {
      throw new CodecException(value.getClass().getName() + " is no value of " + field);
    }
    Memory.putReference(o, offset, value);
  }

  /** Reads a primitive as its bits, sign-extended where it has a sign. */
  public long getBits(Object o) {
    return Memory.getBits(o, offset, code);
  }

  /** Writes a primitive from its bits. */
  public void putBits(Object o, long bits) {
    Memory.putBits(o, offset, code, bits);
  }

  /** Copies the field from one object to another. */
  public void copy(Object from, Object to) {
    if (code == 'L') {
      Memory.putReference(to, offset, Memory.getReference(from, offset));
    } else {
      putBits(to, getBits(from));
    }
  }

  @Override
  public String toString() {
    return field.getDeclaringClass().getName() + "." + field.getName();
  }
}
