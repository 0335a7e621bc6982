package dev.martlet.internal.forkjoin.frontier;

import dev.martlet.internal.agent.Memory;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;

/**
 * Guesses how long it takes to ship a task, by the arrays near it. A guess serves until it has been
 * measured.
 */
public final class Weight {
  private static final double BYTES_A_NANO = 0.4;
  private static final long CALL_NANOS = 300_000;
  private static final int MOST_OBJECTS = 128;
  private static final int REFERENCE = 16;

  private static final ClassValue<long[]> REFERENCES =
      new ClassValue<>() {
        @Override
        protected long[] computeValue(Class<?> type) {
          List<Long> offsets = new ArrayList<>();
          try {
            for (Class<?> c = type; c != null && isOwn(c); c = c.getSuperclass()) {
              for (Field f : c.getDeclaredFields()) {
                if (!Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive()) {
                  offsets.add(Memory.offset(f));
                }
              }
            }
          } catch (LinkageError e) {
            offsets.clear(); // the type of a field is not there, so it will not be shipped
          }
          return offsets.stream().mapToLong(Long::longValue).toArray();
        }
      };

  private Weight() {}

  private static boolean isOwn(Class<?> c) {
    return c != ForkJoinTask.class && c != CountedCompleter.class && c != Class.class;
  }

  /** Returns a guess of how long it takes to send a task and to get it back, in nanoseconds. */
  public static long shipNanos(Object task) {
    return CALL_NANOS + (long) (bytes(task) / BYTES_A_NANO);
  }

  static long bytes(Object task) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Object> next = new ArrayDeque<>();
    long bytes = 0;
    for (Object o = task; o != null && seen.size() < MOST_OBJECTS; o = next.poll()) {
      if (!seen.add(o)) {
        continue;
      }
      Class<?> type = o.getClass();
      if (type.isArray()) {
        bytes += (long) Array.getLength(o) * width(type.getComponentType());
      } else {
        for (long offset : references(type)) {
          Object value = Memory.getReference(o, offset);
          if (value != null && !(value instanceof Class)) {
            next.add(value);
          }
        }
      }
    }
    return bytes;
  }

  private static long[] references(Class<?> type) {
    try {
      return REFERENCES.get(type);
    } catch (LinkageError e) {
      return new long[0]; // a field's type is missing
    }
  }

  private static int width(Class<?> component) {
    if (!component.isPrimitive()) {
      return REFERENCE;
    }
    return component == long.class || component == double.class
        ? 8
        : component == int.class || component == float.class
            ? 4
            : component == short.class || component == char.class ? 2 : 1;
  }
}
