package dev.martlet.internal.codec;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/** What the codec needs of the JDK's inside. */
final class Jdk {
  static final MethodHandles.Lookup LOOKUP = Trusted.lookup();
  private static final MethodHandle FIELDS =
      virtual(Class.class, "getDeclaredFields0", Field[].class, boolean.class);
  private static final MethodHandle METHODS =
      virtual(Class.class, "getDeclaredMethods0", Method[].class, boolean.class);
  private static final MethodHandle STACK_TRACE =
      virtual(Throwable.class, "getOurStackTrace", StackTraceElement[].class);

  /** Held apart, since it takes a new JVM long and few need it. */
  private static final class Initialization {
    static final MethodHandle IS_DUE = unsafe("shouldBeInitialized");
  }

  private Jdk() {}

  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  /** Returns all declared fields, those that reflection filters too. */
  static Field[] fields(Class<?> type) {
    try {
      return (Field[]) FIELDS.invokeExact(type, false);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  static Method[] methods(Class<?> type) {
    try {
      return (Method[]) METHODS.invokeExact(type, false);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Returns whether a class declares what the collector calls, whatever its other methods name. */
  static boolean hasFinalizer(Class<?> type) {
    try {
      MethodHandle m = LOOKUP.findVirtual(type, "finalize", MethodType.methodType(void.class));
      return LOOKUP.revealDirect(m).getDeclaringClass() == type;
    } catch (ReflectiveOperationException e) {
      return false; // an interface
    }
  }

  static boolean isInitialized(Class<?> type) {
    try {
      return !(boolean) Initialization.IS_DUE.invokeExact(type);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Makes a throwable turn its VM's backtrace into the elements that travel. */
  static void fillStackTrace(Throwable t) {
    if (t instanceof NullPointerException) {
      String unused = t.getMessage(); // which is computed from the frames that stay behind
    }
    try {
      StackTraceElement[] unused = (StackTraceElement[]) STACK_TRACE.invokeExact(t);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  static @Nullable Object readStatic(Field field) {
    return Memory.getReference(Memory.staticBase(field), Memory.staticOffset(field));
  }

  static @Nullable Field findField(Class<?> type, String name) {
    for (Field f : fields(type)) {
      if (f.getName().equals(name)) {
        return f;
      }
    }
    return null;
  }

  static @Nullable FieldSlot findSlot(Class<?> type, String name) {
    Field f = findField(type, name);
    return f == null || Modifier.isStatic(f.getModifiers()) ? null : new FieldSlot(f);
  }

  static FieldSlot slot(Class<?> type, String name) {
    FieldSlot slot = findSlot(type, name);
    if (slot == null) {
      throw new IllegalStateException("this JDK has no field " + type.getName() + "." + name);
    }
    return slot;
  }

  static Class<?> type(String name) {
    Class<?> type = findType(name);
    if (type == null) {
      throw new IllegalStateException("this JDK has no class " + name);
    }
    return type;
  }

  static @Nullable Class<?> findType(String name) {
    try {
      return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  static MethodHandle virtual(
      Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
    try {
      return LOOKUP.findSpecial(owner, name, MethodType.methodType(result, parameters), owner);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK lacks " + owner.getName() + "." + name, e);
    }
  }

  /** Finds a static method. */
  static MethodHandle ofClass(
      Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
    try {
      return LOOKUP.findStatic(owner, name, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK lacks " + owner.getName() + "." + name, e);
    }
  }

  private static MethodHandle unsafe(String name) {
    try {
      Class<?> unsafe = type("jdk.internal.misc.Unsafe");
      Object instance =
          LOOKUP.findStatic(unsafe, "getUnsafe", MethodType.methodType(unsafe)).invoke();
      return LOOKUP
          .findVirtual(unsafe, name, MethodType.methodType(boolean.class, Class.class))
          .bindTo(instance);
    } catch (Throwable e) {
      throw new IllegalStateException("this JDK lacks Unsafe." + name, e);
    }
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }
}
