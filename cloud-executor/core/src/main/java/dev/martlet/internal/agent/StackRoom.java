package dev.martlet.internal.agent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * Gives threads that run hooks or woven code more stack than the JVM's default, so that a recursion
 * that fits into a thread of the JDK's pools fits here, too. Whoever sets the size of stacks for
 * the JVM has it as set.
 */
public final class StackRoom {
  private static final long BYTES = 4L << 20;
  private static final long UNKNOWN = -1;

  private static final long HOLDER;
  private static final long SIZE;

  static {
    long holder = UNKNOWN;
    long size = UNKNOWN;
    try {
      if (isDefault()) {
        Field direct = field(Thread.class, "stackSize");
        if (direct != null) {
          size = Memory.offset(direct);
        } else {
          Field held = Thread.class.getDeclaredField("holder");
          Field inner = field(held.getType(), "stackSize");
          if (inner != null) {
            holder = Memory.offset(held);
            size = Memory.offset(inner);
          }
        }
      }
    } catch (Throwable e) {
      size = UNKNOWN; // and threads have the default
    }
    HOLDER = holder;
    SIZE = size;
  }

  private StackRoom() {}

  private static boolean isDefault() throws Throwable {
    MethodHandles.Lookup lookup = Trusted.lookup();
    String[] arguments =
        (String[])
            lookup
                .findStatic(
                    Class.forName("jdk.internal.misc.VM"),
                    "getRuntimeArguments",
                    MethodType.methodType(String[].class))
                .invoke();
    for (String s : arguments) {
      if (s.startsWith("-Xss") || s.startsWith("-XX:ThreadStackSize=")) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Field field(Class<?> type, String name) {
    for (Field f : type.getDeclaredFields()) {
      if (f.getName().equals(name) && f.getType() == long.class) {
        return f;
      }
    }
    return null;
  }

  /** Gives a thread that has not been started more stack. */
  public static void give(Thread thread) {
    if (SIZE == UNKNOWN) {
      return;
    }
    Object holder = HOLDER == UNKNOWN ? thread : Memory.getReference(thread, HOLDER);
    if (holder != null && Memory.getLong(holder, SIZE) == 0) {
      Memory.putLong(holder, SIZE, BYTES);
    }
  }
}
