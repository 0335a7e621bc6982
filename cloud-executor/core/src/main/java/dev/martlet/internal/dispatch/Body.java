package dev.martlet.internal.dispatch;

import dev.martlet.internal.leaf.Leaf;
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

  /** How a function is called. */
  @SuppressWarnings({"unchecked", "rawtypes", "NullAway"})
  public enum Kind {
    /** {@link Callable#call}. */
    CALL(0) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) throws Exception {
        return ((Callable<?>) f).call();
      }
    },
    /** {@link Runnable#run}. */
    RUN(1) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((Runnable) f).run();
        return null;
      }
    },
    /** {@link Supplier#get}. */
    SUPPLY(2) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((Supplier<?>) f).get();
      }
    },
    /** {@link Function#apply}. */
    APPLY(3) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((Function) f).apply(a);
      }
    },
    /** {@link Consumer#accept}. */
    ACCEPT(4) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((Consumer) f).accept(a);
        return null;
      }
    },
    /** {@link BiFunction#apply}. */
    BI_APPLY(5) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return ((BiFunction) f).apply(a, b);
      }
    },
    /** {@link BiConsumer#accept}. */
    BI_ACCEPT(6) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        ((BiConsumer) f).accept(a, b);
        return null;
      }
    },
    /** The {@code compute} method of a fork/join task, in a pool that the worker has for it. */
    COMPUTE(7) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        throw new UnsupportedOperationException("a subtree needs a fork/join pool");
      }
    },
    /** {@link Leaf#run}. */
    LEAF(8) {
      @Override
      @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b) {
        return Leaf.run(f);
      }
    };

    private static final Kind[] BY_CODE = values();

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Returns the number that stands for the kind on the wire, from 0. */
    public int code() {
      return code;
    }

    /** Returns the kind of a number. */
    public static Kind of(int code) {
      return BY_CODE[code];
    }

    abstract @Nullable Object invoke(Object f, @Nullable Object a, @Nullable Object b)
        throws Exception;
  }
}
