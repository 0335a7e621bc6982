package dev.martlet.spi;

import dev.martlet.CloudContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The context of the task that a thread runs. Set by whoever runs tasks. */
public final class CurrentContext {
  private static final ThreadLocal<@Nullable CloudContext> CONTEXT = new ThreadLocal<>();

  private CurrentContext() {}

  /** A context that tells the threads of objects that outlive a task from the task's own. */
  public interface Keeper {
    /** Makes an object whose threads go on when the task has ended. */
    <T> T keep(Supplier<? extends T> maker);
  }

  /** Makes an object that outlives the task that the current thread runs, if it runs one. */
  public static <T> T keep(Supplier<? extends T> maker) {
    return CONTEXT.get() instanceof Keeper keeper ? keeper.keep(maker) : maker.get();
  }

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
