package dev.martlet.internal.worker.host;

import dev.martlet.internal.effects.JdkTable;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that an operation would have refused at once. A logged operation is executed later,
 * so what it would have thrown to the task is thrown here, or the operation is not put off.
 */
final class Releases {
  private Releases() {}

  /** Returns why an operation cannot be put off, or {@code null}. */
  static @Nullable String check(Object receiver, String name, @Nullable Object[] arguments) {
    String refused = refusal(receiver, name, arguments);
    if (refused != null) {
      return refused;
    }
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
      if (length >= 0 && (index < 0 || index >= length)) {
        throw new ArrayIndexOutOfBoundsException(
            "Index " + index + " out of bounds for length " + length);
      }
    }
    return null;
  }

  /** What a collection would refuse goes by its contents, as far as they are known here. */
  private static @Nullable String refusal(
      Object receiver, String name, @Nullable Object[] arguments) {
    Object inner = receiver;
    while (inner.getClass().getName().startsWith("java.util.Collections$Synchronized")) {
      Object next = Views.inner(inner);
      if (next == null) {
        break;
      }
      inner = next;
    }
    String type = inner.getClass().getName();
    if (type.startsWith("java.util.Collections$")
        || type.startsWith("java.util.ImmutableCollections$")
        || type.startsWith("java.util.Arrays$")) {
      return inner == receiver || JdkTable.synchronises(inner.getClass())
          ? null
          : "changes a view by " + name;
    }
    if (inner instanceof List<?> list && (name.equals("set") || name.equals("setElementAt"))) {
      Object index = arguments[name.equals("set") ? 0 : 1];
      if (index instanceof Integer i && (i < 0 || i >= list.size())) {
        return "uses an index that there was not by " + name;
      }
    }
    boolean sorted =
        inner instanceof SortedMap
            || inner instanceof SortedSet
            || inner instanceof PriorityBlockingQueue;
    if (sorted && arguments.length > 0 && !compares(inner, arguments[0])) {
      return "hands what may not be comparable to " + name;
    }
    return null;
  }

  /** Returns whether an element is of the class of one that is there. */
  private static boolean compares(Object sorted, @Nullable Object element) {
    Comparator<?> comparator;
    Object known;
    if (sorted instanceof SortedMap<?, ?> m) {
      comparator = m.comparator();
      known = m.isEmpty() ? element : m.firstKey();
    } else if (sorted instanceof SortedSet<?> s) {
      comparator = s.comparator();
      known = s.isEmpty() ? element : s.first();
    } else {
      PriorityBlockingQueue<?> q = (PriorityBlockingQueue<?>) sorted;
      comparator = q.comparator();
      known = q.isEmpty() ? element : q.peek();
    }
    return comparator != null
        || element instanceof Map
        || element instanceof Collection
        || element instanceof Function
        || (element instanceof Comparable
            && known != null
            && known.getClass() == element.getClass());
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
