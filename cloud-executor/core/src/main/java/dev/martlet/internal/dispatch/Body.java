package dev.martlet.internal.dispatch;

import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is shipped of a task: a function and its arguments.
 *
 * @param kind how the function is called
 * @param function the function
 * @param first its first argument, if it takes one
 * @param second its second argument, if it takes two
 */
public record Body(Kind kind, Object function, @Nullable Object first, @Nullable Object second) {

  /** Creates a body without arguments. */
  public static Body of(Kind kind, Object function) {
    return new Body(kind, function, null, null);
  }

  /** Calls the function. */
  public @Nullable Object invoke() throws Exception {
    return kind.invoke(function, first, second);
  }

  /** How a function is called. The order is part of the wire format. */
  @SuppressWarnings({"unchecked", "rawtypes", "NullAway"})
  public enum Kind {
    /** {@link Callable#call}. */
    CALL {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) throws Exception {
        return ((Callable<?>) f).call();
      }
    },
    /** {@link Runnable#run}. */
    RUN {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((Runnable) f).run();
        return null;
      }
    },
    /** {@link Supplier#get}. */
    SUPPLY {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((Supplier<?>) f).get();
      }
    },
    /** {@link Function#apply}. */
    APPLY {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((Function) f).apply(a);
      }
    },
    /** {@link Consumer#accept}. */
    ACCEPT {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((Consumer) f).accept(a);
        return null;
      }
    },
    /** {@link BiFunction#apply}. */
    BI_APPLY {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((BiFunction) f).apply(a, b);
      }
    },
    /** {@link BiConsumer#accept}. */
    BI_ACCEPT {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((BiConsumer) f).accept(a, b);
        return null;
      }
    };

    abstract @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b)
        throws Exception;
  }
}
