package dev.martlet.spi;

import dev.martlet.CloudContext;
import org.jspecify.annotations.Nullable;

/** The context of the task that a thread runs. Set by whoever runs tasks. */
public final class CurrentContext {
  private static final ThreadLocal<@Nullable CloudContext> CONTEXT = new ThreadLocal<>();

  private CurrentContext() {}

  /** Returns the current thread's context, or {@code null}. */
  public static @Nullable CloudContext get() {
    return CONTEXT.get();
  }

  /** Sets the current thread's context and returns the former one, to be set again afterwards. */
  public static @Nullable CloudContext set(@Nullable CloudContext context) {
    CloudContext former = CONTEXT.get();
    if (context == null) {
      CONTEXT.remove();
    } else {
      CONTEXT.set(context);
    }
    return former;
  }
}
