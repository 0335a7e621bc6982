package dev.martlet.internal.forkjoin;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** A method of {@code ForkJoinPool} that this JDK has or has not. */
final class Newer {
  private final MethodHandle method;

  /** Finds a method as {@code super} of a pool calls it. */
  Newer(
      MethodHandles.Lookup pool,
      Class<?> declaring,
      String name,
      Class<?> result,
      Class<?>... parameters) {
    MethodHandle found;
    MethodType type = MethodType.methodType(result, parameters);
    try {
      found = pool.findSpecial(declaring, name, type, pool.lookupClass());
    } catch (NoSuchMethodException e) {
      found =
          MethodHandles.dropArguments(
              MethodHandles.insertArguments(
                  MethodHandles.throwException(result, UnsupportedOperationException.class),
                  0,
                  new UnsupportedOperationException(name + " is not a method of this JDK's pools")),
              0,
              parameters);
      found = MethodHandles.dropArguments(found, 0, pool.lookupClass());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    method = found.asSpreader(1, Object[].class, parameters.length);
  }

  /** Calls the method. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  <T> T call(Object pool, @Nullable Object... arguments) {
    try {
      return (T) method.invoke(pool, arguments);
    } catch (Throwable e) {
      throw Newer.<RuntimeException>sneaky(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable t) throws E {
    throw (E) t;
  }
}
