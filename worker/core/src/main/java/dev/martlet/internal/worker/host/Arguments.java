package dev.martlet.internal.worker.host;

import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.LambdaShape;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.Statics;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of an operation that is logged, as the operation would have read them. It is
 * executed later, and the task may go on to use what it has handed over: to clear a batch, to fill
 * a buffer anew. So contents that the operation reads are copied; what it only stores keeps its
 * identity.
 */
final class Arguments {
  private static final int DEPTH = 8;
  private static final Set<String> LOOK_UPS =
      Set.of(
          "removeAll", "retainAll", "remove", "removeElement", "replace", "removeFirstOccurrence");

  private Arguments() {}

  /**
   * Freezes the arguments in place.
   *
   * @return why the operation cannot be put off, or {@code null}
   */
  @SuppressWarnings("JdkObsolete") // what the operation declares
  static @Nullable String freeze(String owner, String name, String desc, @Nullable Object[] all) {
    boolean prints = JdkTable.prints(owner, name, desc);
    boolean calls = desc.contains("Ljava/util/function/");
    for (int i = 0; i < all.length; i++) {
      Object a = all[i];
      if (a == null || isValue(a)) {
        continue;
      }
      if (calls && isFunction(a)) {
        if (!isPure(a, DEPTH)) {
          return "hands a function with state to " + name;
        }
      } else if (prints && a instanceof Object[] parts) {
        Object[] copy = parts.clone();
        for (Object p : copy) {
          if (p != null && !isFrozen(p, DEPTH)) {
            return "hands an object that may change to " + name;
          }
        }
        all[i] = copy;
      } else if (a.getClass().isArray() && readsArrays(owner)) {
        all[i] = copy(a);
      } else if (a instanceof CharSequence && readsText(owner)) {
        all[i] =
            declares(desc, "Ljava/lang/StringBuffer;")
                ? new StringBuffer(a.toString())
                : a.toString();
      } else if (prints) {
        all[i] = String.valueOf(a);
      } else if (a instanceof Collection<?> c
          && (name.equals("addAll") || name.equals("addAllAbsent"))) {
        all[i] = new ArrayList<>(c);
      } else if (a instanceof Map<?, ?> m && name.equals("putAll")) {
        Map<Object, Object> copy = new LinkedHashMap<>(m);
        if (copy.size() != m.size()) {
          return "hands a map with keys of its own to putAll";
        }
        all[i] = copy;
      } else if (LOOK_UPS.contains(name) && !isFrozen(a, DEPTH)) {
        return "looks up an object that may change by " + name;
      }
    }
    return null;
  }

  private static boolean readsArrays(String owner) {
    return readsText(owner) || owner.startsWith("java/io/");
  }

  private static boolean readsText(String owner) {
    return owner.startsWith("java/io/")
        || owner.equals("java/lang/StringBuffer")
        || owner.equals("java/lang/Appendable");
  }

  private static boolean declares(String descriptor, String type) {
    return descriptor.contains(type + ")") || descriptor.contains("(" + type);
  }

  private static Object copy(Object array) {
    int length = Array.getLength(array);
    Object copy = Array.newInstance(array.getClass().getComponentType(), length);
    System.arraycopy(array, 0, copy, 0, length);
    return copy;
  }

  private static boolean isFunction(Object o) {
    if (o.getClass().isHidden()) {
      return true;
    }
    for (Class<?> c = o.getClass(); c != null; c = c.getSuperclass()) {
      for (Class<?> i : c.getInterfaces()) {
        if (i.getPackageName().equals("java.util.function")) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns whether a function has nothing to read or write but what it is called with, so that it
   * does the same later. Of a body in user code that is not known.
   */
  private static boolean isPure(Object function, int depth) {
    LambdaShape shape =
        function.getClass().isHidden() ? ClassPlan.of(function.getClass()).shape() : null;
    if (shape == null || depth == 0) {
      return false;
    }
    for (Object captured : FunctionCode.captured(function)) {
      if (captured != null
          && !isFrozen(captured, DEPTH)
          && !(captured.getClass().isHidden() && isPure(captured, depth - 1))) {
        return false;
      }
    }
    return FunctionCode.isPure(shape);
  }

  /** Returns whether nothing that an object's content depends on can change. */
  static boolean isFrozen(Object o, int depth) {
    if (isValue(o)) {
      return true;
    }
    Class<?> type = o.getClass();
    if (depth == 0 || type.isArray() || type.isHidden()) {
      return false;
    }
    if (o instanceof List<?> || o instanceof Set<?> || o instanceof Map<?, ?>) {
      return false;
    }
    try {
      for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
        if (JdkTable.isJdk(c.getName().replace('.', '/')) && c != Record.class) {
          return false;
        }
        for (Field f : c.getDeclaredFields()) {
          if (!Modifier.isStatic(f.getModifiers()) && !isFrozen(o, f, depth)) {
            return false;
          }
        }
      }
      return true;
    } catch (LinkageError e) {
      return false; // for all that is known: the type of a field is not there
    }
  }

  private static boolean isFrozen(Object o, Field f, int depth) {
    Object value = f.getType().isPrimitive() ? null : Statics.get(o, f);
    return Modifier.isFinal(f.getModifiers()) && (value == null || isFrozen(value, depth - 1));
  }

  private static boolean isValue(Object o) {
    Class<?> type = o.getClass();
    if (o instanceof String || o instanceof Class || o instanceof Boolean) {
      return true;
    } else if (o instanceof Enum || o instanceof Character || type == Object.class) {
      return true;
    }
    String pkg = type.getPackageName();
    return (o instanceof Number && (pkg.equals("java.lang") || pkg.equals("java.math")))
        || (pkg.startsWith("java.time") && o instanceof Comparable)
        || o instanceof java.util.UUID
        || o instanceof java.util.Locale;
  }
}
