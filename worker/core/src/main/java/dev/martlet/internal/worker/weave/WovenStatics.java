package dev.martlet.internal.worker.weave;

import dev.martlet.internal.effects.Statics;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The static fields of a woven class that live at home: their names by index, and which of them are
 * present. The present bits of a class that is being used by one call belong to that call.
 */
public final class WovenStatics {
  private static final ClassValue<WovenStatics> STATICS =
      new ClassValue<>() {
        @Override
        protected WovenStatics computeValue(Class<?> type) {
          try {
            return new WovenStatics(type);
          } catch (NoSuchFieldException e) {
            throw new IllegalArgumentException(type + " has no static fields that live at home", e);
          }
        }
      };

  private final Field[] fields;
  private final long[] present;
  private final Object @Nullable [] values;

  private WovenStatics(Class<?> type) throws NoSuchFieldException {
    List<String> names = names(type);
    fields = new Field[names.size()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = WovenMembers.field(type, names.get(i));
    }
    values =
        type.isInterface()
            ? (Object[]) Statics.get(WovenMembers.field(type, StaticFields.VALUES))
            : null;
    present =
        (long[])
            Objects.requireNonNull(Statics.get(WovenMembers.field(type, StaticFields.PRESENT)));
  }

  private static List<String> names(Class<?> type) throws NoSuchFieldException {
    Object names = Statics.get(WovenMembers.field(type, StaticFields.NAMES));
    return Arrays.asList(((String) Objects.requireNonNull(names)).split(","));
  }

  /** Returns a field by its index. */
  public static Field field(Class<?> type, int index) {
    return STATICS.get(type).fields[index];
  }

  /** Returns the index of a static field, or -1 if it does not live at home. */
  public static int index(Field field) {
    return index(field.getDeclaringClass(), field.getName());
  }

  /** Returns the index of the static field of a name, or -1 if it does not live at home. */
  public static int index(Class<?> type, String field) {
    try {
      return names(type).indexOf(field);
    } catch (NoSuchFieldException e) {
      return -1;
    }
  }

  /** Returns the index of the array of an enum's constants, or -1 if it does not live at home. */
  public static int enumArray(Class<?> type) {
    try {
      Class<?> unused = Class.forName(type.getName(), true, type.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    for (Field f : WovenMembers.fields(type)) {
      if (Modifier.isStatic(f.getModifiers())
          && f.isSynthetic()
          && f.getType() == type.arrayType()) {
        return index(f);
      }
    }
    return -1;
  }

  /** Returns the value of a field that is present. */
  public static @Nullable Object get(Class<?> type, int index) {
    WovenStatics s = STATICS.get(type);
    return s.values == null ? Statics.get(s.fields[index]) : s.values[index];
  }

  /** Gives a field its value from home. */
  public static void put(Class<?> type, int index, @Nullable Object value) {
    WovenStatics s = STATICS.get(type);
    if (s.values == null) {
      Statics.put(s.fields[index], value);
    } else {
      s.values[index] = value;
    }
    s.present[index >> 6] |= 1L << index;
  }

  /** Returns whether a class is initialised here and has fields that live at home. */
  public static boolean isInitialised(Class<?> type) {
    try {
      return Statics.get(WovenMembers.field(type, StaticFields.PRESENT)) != null;
    } catch (NoSuchFieldException e) {
      return false;
    }
  }

  /** Returns whether a field has its value from home. */
  public static boolean isPresent(Class<?> type, int index) {
    return (STATICS.get(type).present[index >> 6] & 1L << index) != 0;
  }

  /** Makes a field absent, so that it refers to nothing of a call that has ended. */
  public static void clear(Class<?> type, int index) {
    WovenStatics s = STATICS.get(type);
    s.present[index >> 6] &= ~(1L << index);
    Field f = s.fields[index];
    if (s.values != null) {
      s.values[index] = null;
    } else if (!f.getType().isPrimitive() && !f.isEnumConstant() && !f.isSynthetic()) {
      Statics.put(f, null);
    }
  }
}
