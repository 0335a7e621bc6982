package dev.martlet.internal.agent;

import org.jspecify.annotations.Nullable;

/** Says for what there was no memory. */
public final class NoMemory {
  private static final int DEEP = 16;

  private NoMemory() {}

  /**
   * Returns what is to be told of a failure: itself, or what it was that had no room if it says
   * that something had none.
   *
   * @param what such as "a result"
   * @param bytes how long that is; 0 if nobody knows
   */
  public static Throwable told(Throwable failure, String what, long bytes) {
    if (!(failure instanceof OutOfMemoryError) || failure.getCause() instanceof OutOfMemoryError) {
      return failure;
    }
    try {
      String size = bytes == 0 ? "" : String.format(" of %,d bytes", bytes);
      Error told =
          new OutOfMemoryError(
              "this JVM has no memory for " + what + size + reason(failure.getMessage()));
      told.initCause(failure);
      return told;
    } catch (OutOfMemoryError e) {
      return failure; // not even for that
    }
  }

  /** Returns what a failure says at bottom if that is that there was no memory; else null. */
  public static @Nullable OutOfMemoryError in(Throwable failure) {
    Throwable e = failure;
    for (int depth = 0; e != null && depth < DEEP; depth++) {
      if (e instanceof OutOfMemoryError error) {
        return error;
      }
      e = e.getCause();
    }
    return null;
  }

  private static String reason(@Nullable String message) {
    return message == null ? "" : ": " + message;
  }
}
