package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;

/**
 * Reads a static field whatever its module says. It is compiled on its own, since javac lets nobody
 * name {@code sun.misc.Unsafe} without a warning; reflection and method handles would take a new
 * JVM ten times as long.
 */
final class QuietLookup {
  private QuietLookup() {}

  static MethodHandles.Lookup read(Field field) throws ReflectiveOperationException {
    Field instance = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    instance.setAccessible(true);
    sun.misc.Unsafe unsafe = (sun.misc.Unsafe) instance.get(null);
    return (MethodHandles.Lookup)
        unsafe.getObject(unsafe.staticFieldBase(field), unsafe.staticFieldOffset(field));
  }
}
