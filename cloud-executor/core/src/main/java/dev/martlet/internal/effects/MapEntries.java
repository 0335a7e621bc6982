package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Trusted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The live entries of the JDK's ordinary maps, which are parts of their maps: whoever sets the
 * value of one changes the map. On the other side it is the map's entry of the same key.
 */
public final class MapEntries {
  private static final MethodHandle NODE = find(HashMap.class, "getNode", "java.util.HashMap$Node");
  private static final MethodHandle ENTRY =
      find(TreeMap.class, "getEntry", "java.util.TreeMap$Entry");

  private MapEntries() {}

  private static MethodHandle find(Class<?> map, String name, String type) {
    try {
      MethodHandle h =
          Trusted.lookup()
              .findVirtual(map, name, MethodType.methodType(Class.forName(type), Object.class));
      return h.asType(MethodType.methodType(Object.class, map, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no " + map.getName() + "." + name, e);
    }
  }

  /** Returns whether an object is an entry that belongs to a map. */
  public static boolean isLive(Object o) {
    return o instanceof Map.Entry
        && (o.getClass().getName().startsWith("java.util.HashMap$")
            || o.getClass().getName().startsWith("java.util.LinkedHashMap$")
            || o.getClass().getName().startsWith("java.util.TreeMap$"));
  }

  /** Returns whether an object is a map whose live entries can be found. */
  public static boolean isMap(Object o) {
    return o instanceof HashMap || o instanceof TreeMap;
  }

  /** Returns a map's own entry of a key, or {@code null}. */
  public static @Nullable Object of(Object map, @Nullable Object key) {
    try {
      if (map instanceof HashMap<?, ?> m) {
        return (Object) NODE.invokeExact((HashMap) m, key);
      }
      return map instanceof TreeMap<?, ?> m && !m.isEmpty()
          ? (Object) ENTRY.invokeExact((TreeMap) m, key)
          : null;
    } catch (ClassCastException | NullPointerException e) {
      return null; // a key that the map cannot compare
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
