package dev.martlet.internal.worker.host;

import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that an operation would have refused at once. A logged operation is executed later,
 * so what it would have thrown to the task is thrown here.
 */
final class Releases {
  private Releases() {}

  static void check(Object receiver, String name, @Nullable Object[] arguments) {
    if (receiver instanceof ConcurrentMap || receiver instanceof java.util.Hashtable) {
      for (Object a : arguments) {
        Objects.requireNonNull(a);
      }
      if (name.equals("putAll")) {
        ((Map<?, ?>) Objects.requireNonNull(arguments[0]))
            .forEach(
                (key, value) -> {
                  Objects.requireNonNull(key);
                  Objects.requireNonNull(value);
                });
      }
    } else if (receiver instanceof Queue) {
      for (Object a : arguments) {
        Objects.requireNonNull(a);
      }
    } else if (arguments.length > 0 && arguments[0] instanceof Integer index) {
      int length = length(receiver);
      if (length >= 0) {
        Objects.checkIndex(index, length);
      }
    }
  }

  private static int length(Object receiver) {
    if (receiver instanceof AtomicIntegerArray a) {
      return a.length();
    } else if (receiver instanceof AtomicLongArray a) {
      return a.length();
    } else if (receiver instanceof AtomicReferenceArray<?> a) {
      return a.length();
    }
    return -1;
  }
}
