package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.ClassPlan;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * The instance fields of a class that a task may change, from the superclass down. The JVMs on both
 * sides list the same fields, since they have the same class files, so a field's index names it.
 *
 * <p>Final fields are left out, and so are volatile ones of user code, whose writes are logged. Of
 * hash tables and of synchronising objects only the fields that user classes add are listed; the
 * contents of the former are compared entry by entry, and what is done to the latter is logged. Of
 * a fork/join task the result is listed, too; its outcome is brought home as an operation.
 */
final class FieldLayout {
  private static final ClassValue<FieldLayout> LAYOUTS =
      new ClassValue<>() {
        @Override
        protected FieldLayout computeValue(Class<?> type) {
          return new FieldLayout(type);
        }
      };

  // What a program can change of an exception; the rest is the JVM's own.
  private static final List<String> THROWABLE =
      List.of("cause", "suppressedExceptions", "stackTrace");

  final Field[] fields;
  final long[] offsets;
  final char[] types;
  final @Nullable Contents contents;

  /** The JDK's own fields of a synchronising object, which only the JDK's methods change. */
  final Field[] guarded;

  private final boolean synchronises;

  private FieldLayout(Class<?> type) {
    synchronises = JdkTable.synchronises(type);
    contents = synchronises ? null : Contents.of(type);
    List<Field> found = new ArrayList<>();
    List<Field> own = new ArrayList<>();
    collect(type, found, own);
    guarded = own.toArray(new Field[0]);
    fields = found.toArray(new Field[0]);
    offsets = new long[fields.length];
    types = new char[fields.length];
    for (int i = 0; i < fields.length; i++) {
      offsets[i] = Memory.offset(fields[i]);
      types[i] = fields[i].getType().descriptorString().charAt(0);
    }
  }

  static FieldLayout of(Class<?> type) {
    return LAYOUTS.get(type);
  }

  boolean isEmpty() {
    return fields.length == 0 && contents == null && guarded.length == 0;
  }

  private static Field field(Class<?> type, String name) {
    try {
      return type.getDeclaredField(name);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this JDK has no " + type.getName() + "." + name, e);
    }
  }

  private void collect(Class<?> type, List<Field> found, List<Field> own) {
    if (type == Object.class
        || type == Enum.class
        || type.isRecord()
        || MethodHandle.class.isAssignableFrom(type)) { // which the JVM changes, not the program
      return;
    }
    if (type == Throwable.class) {
      THROWABLE.forEach(name -> found.add(field(type, name)));
      return;
    }
    Class<?> superclass = type.getSuperclass();
    if (superclass != null) {
      collect(superclass, found, own);
    }
    boolean jdk = JdkTable.isJdk(type.getName().replace('.', '/'));
    if (jdk && contents != null && !(contents instanceof Contents.Claimed)) {
      return;
    }
    if (jdk && synchronises) {
      for (Field f : type.getDeclaredFields()) {
        if (!Modifier.isStatic(f.getModifiers()) && !Modifier.isFinal(f.getModifiers())) {
          if (!ForkJoinTask.class.isAssignableFrom(type)) {
            own.add(f);
          } else if (type != ForkJoinTask.class && type != CountedCompleter.class) {
            found.add(f);
          }
        }
      }
      return;
    }
    boolean claimed = jdk && contents != null;
    for (Field f : type.getDeclaredFields()) {
      int m = f.getModifiers();
      if (!Modifier.isStatic(m)
          && !Modifier.isFinal(m)
          && (jdk ? !ClassPlan.isLeftOut(f) : !Modifier.isVolatile(m))
          && !(claimed && f.getType().isPrimitive())) {
        found.add(f);
      }
    }
  }

  /** Returns the values of the fields that only the JDK's methods change. */
  @Nullable Object[] guardedValues(Object o) {
    @Nullable Object[] values = new Object[guarded.length];
    for (int i = 0; i < values.length; i++) {
      long offset = Memory.offset(guarded[i]);
      char type = guarded[i].getType().descriptorString().charAt(0);
      values[i] =
          isReference(type)
              ? Memory.getReference(o, offset)
              : (Long) Memory.getBits(o, offset, type);
    }
    return values;
  }

  static boolean isReference(char type) {
    return type == 'L' || type == '[';
  }
}
