package dev.martlet.internal.executor;

import dev.martlet.internal.dispatch.Body;
import org.jspecify.annotations.Nullable;

/**
 * A library's Runnable that calls a function and hands its result on. The function can be called
 * elsewhere; then its outcome is installed in its place, and the Runnable runs at home.
 */
interface Wrapper {
  /** Returns what calls the function, or {@code null} if the Runnable will not call it. */
  @Nullable Body body();

  /** Returns whether the Runnable, if run now, would not call the function. */
  boolean unwanted();

  /** The function is about to be called elsewhere. */
  default void begin(Call call) {}

  /** The function has been called, or will be called by the Runnable itself. */
  default void end() {}

  /** Returns a thread that waits for the function's outcome, if there is one to be seen. */
  default @Nullable Thread waiter() {
    return null;
  }

  /** Puts an outcome in the function's place. */
  void install(@Nullable Object value, @Nullable Throwable failure);
}
