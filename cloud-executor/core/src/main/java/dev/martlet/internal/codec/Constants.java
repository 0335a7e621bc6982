package dev.martlet.internal.codec;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are the value of a static final field of the JDK or of a library, and travel as that
 * field: sentinels such as {@code HashSet.PRESENT}, singletons, natural-order comparators. The
 * fields of a class, its superclasses and their nest are looked through when the class is first
 * met.
 */
final class Constants {
  private static final Set<Class<?>> SKIPPED =
      Set.of(
          String.class,
          Integer.class,
          Long.class,
          Short.class,
          Byte.class,
          Character.class,
          Boolean.class,
          Float.class,
          Double.class,
          Class.class);
  private static final ClassValue<Constants> OF =
      new ClassValue<>() {
        @Override
        protected Constants computeValue(Class<?> type) {
          return new Constants();
        }
      };
  private static final Set<Class<?>> SCANNED = ConcurrentHashMap.newKeySet();

  private volatile Field[] fields = {};
  private volatile Object[] values = {};

  private Constants() {}

  /** Returns the known constants of exactly a class. */
  static Constants of(Class<?> type) {
    return OF.get(type);
  }

  /** Returns the field that holds an object, or null. */
  @Nullable Field find(Object o) {
    Object[] v = values;
    for (int i = 0; i < v.length; i++) {
      if (v[i] == o) {
        return fields[i];
      }
    }
    return null;
  }

  private synchronized void add(Object value, Field field) {
    int n = values.length;
    for (Object v : values) {
      if (v == value) {
        return;
      }
    }
    Field[] f = Arrays.copyOf(fields, n + 1);
    Object[] v = Arrays.copyOf(values, n + 1);
    f[n] = field;
    v[n] = value;
    fields = f; // before values: find reads values first
    values = v;
  }

  /** Looks through the fields that instances of a class may refer to. */
  static void scan(Class<?> type, boolean jdk) {
    synchronized (SCANNED) { // who finds a class looked through finds its constants, too
      scanAll(type, jdk);
    }
  }

  private static void scanAll(Class<?> type, boolean jdk) {
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      if (jdk == Jdk.isJdk(c)) {
        scanOne(c, jdk);
        scanOne(c.getNestHost(), jdk);
      }
    }
  }

  private static void scanOne(Class<?> holder, boolean jdk) {
    if (holder.isArray()
        || holder.isHidden()
        || !Jdk.isInitialized(holder)
        || !SCANNED.add(holder)) {
      return;
    }
    for (Field f : Jdk.fields(holder)) {
      int m = f.getModifiers();
      if (Modifier.isStatic(m) && Modifier.isFinal(m) && !f.getType().isPrimitive()) {
        Object value = Jdk.readStatic(f);
        if (value != null && isWorthy(value, holder, jdk)) {
          of(value.getClass()).add(value, f);
        }
      }
    }
  }

  private static boolean isWorthy(Object value, Class<?> holder, boolean jdk) {
    Class<?> type = value.getClass();
    if (SKIPPED.contains(type) || value instanceof Enum<?>) {
      return false;
    }
    if (type.isArray()) {
      return jdk && Array.getLength(value) == 0;
    }
    return jdk || holder.isAssignableFrom(type) || (!type.isHidden() && type.isNestmateOf(holder));
  }

  /** Returns the value of a static final field that is named in bytes. */
  static Object resolve(Class<?> holder, String name) {
    for (Field f : Jdk.fields(holder)) {
      int m = f.getModifiers();
      if (f.getName().equals(name)
          && Modifier.isStatic(m)
          && Modifier.isFinal(m)
          && !f.getType().isPrimitive()) {
        try {
          Class.forName(holder.getName(), true, holder.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
          throw new CodecException(holder.getName() + " cannot be initialised", e);
        }
        Object value = Jdk.readStatic(f);
        if (value != null) {
          return value;
        }
      }
    }
    throw new CodecException("no constant " + holder.getName() + "." + name);
  }
}
