package dev.martlet.internal.agent;

import org.jspecify.annotations.Nullable;

/**
 * A class file as it was before Martlet wove its own hooks into it. Workers get that: they do not
 * know the hooks. Whoever retransforms a class in order to read it begins here, and what weaves
 * notes what it was given. Per thread.
 */
public final class Unwoven {
  private static final ThreadLocal<@Nullable Unwoven> READING = new ThreadLocal<>();

  private final Class<?> type;
  private byte @Nullable [] classFile;

  private Unwoven(Class<?> type) {
    this.type = type;
  }

  /** The current thread is about to retransform a class in order to read it. */
  public static void begin(Class<?> type) {
    READING.set(new Unwoven(type));
  }

  /** Notes what a class is before hooks are woven into it, if the current thread is to read it. */
  public static void note(@Nullable Class<?> type, byte[] classFile) {
    Unwoven reading = READING.get();
    if (reading != null && reading.type == type) {
      reading.classFile = classFile;
    }
  }

  /** Returns what was noted, or {@code null}. */
  public static byte @Nullable [] noted() {
    Unwoven reading = READING.get();
    return reading == null ? null : reading.classFile;
  }

  /** The current thread has read the class. */
  public static void end() {
    READING.remove();
  }
}
