package dev.martlet.internal.worker.weave;

import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.worker.loader.Realm;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members that weaving adds to classes. Reflection does not show them, neither to user code nor
 * to the JDK's own as in serialisation: the JDK asks a map of its own which members of a class to
 * leave out, and that map is replaced by one that knows woven classes.
 */
public final class WovenMembers {
  static final String PREFIX = "$martlet$";

  private static final MethodHandle FIELDS = declared("getDeclaredFields0", Field[].class);
  private static final MethodHandle METHODS = declared("getDeclaredMethods0", Method[].class);

  private WovenMembers() {}

  /** Hides the members of all classes of all realms. */
  public static void hide() {
    try {
      Class<?> reflection = Class.forName("jdk.internal.reflect.Reflection");
      MethodHandles.Lookup lookup = Trusted.lookup();
      for (String name : new String[] {"fieldFilterMap", "methodFilterMap"}) {
        VarHandle filters = lookup.findStaticVarHandle(reflection, name, Map.class);
        filters.setVolatile(new Filters((Map<?, ?>) filters.getVolatile()));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK filters members otherwise", e);
    }
  }

  /** Returns a field that may be hidden. */
  static Field field(Class<?> type, String name) throws NoSuchFieldException {
    for (Field f : fields(type)) {
      if (f.getName().equals(name)) {
        return f;
      }
    }
    throw new NoSuchFieldException(type.getName() + "." + name);
  }

  /** Says that a class cannot be read since a class is not there that one of its fields names. */
  public static String lacking(Class<?> type, LinkageError e) {
    return "uses " + type.getName() + ", of which a field has a type that is not there: " + e;
  }

  /**
   * Returns all fields that a class declares, in its order.
   *
   * @throws LinkageError if the type of one is not there
   */
  static Field[] fields(Class<?> type) {
    try {
      return (Field[]) FIELDS.invokeExact(type, false);
    } catch (LinkageError e) {
      throw e; // a field has a type that is not there
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle declared(String name, Class<?> result) {
    try {
      MethodType type = MethodType.methodType(result, boolean.class);
      return Trusted.lookup().findVirtual(Class.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns whether a class's only method of this name is the one that the weaver has added. */
  private static boolean isWovenToString(Class<?> type) {
    Method[] methods;
    try {
      methods = methods(type, false);
    } catch (LinkageError e) {
      methods = methods(type, true); // nobody can look at the others
    }
    boolean woven = false;
    for (Method m : methods) {
      if (m.getName().equals("toString")) {
        if (!m.isSynthetic()) {
          return false;
        }
        woven = true;
      }
    }
    return woven;
  }

  private static Method[] methods(Class<?> type, boolean publicOnes) {
    try {
      return (Method[]) METHODS.invokeExact(type, publicOnes);
    } catch (LinkageError e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** By class, the names of members to leave out. */
  private static final class Filters extends AbstractMap<Object, Object> {
    private final Map<?, ?> jdk;

    Filters(Map<?, ?> jdk) {
      this.jdk = jdk;
    }

    @Override
    public @Nullable Object get(@Nullable Object type) {
      Object names = jdk.get(type);
      return names == null && type instanceof Class<?> c && Realm.of(c) != null
          ? new Names(c)
          : names;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Set<Entry<Object, Object>> entrySet() {
      return (Set<Entry<Object, Object>>) (Set<?>) jdk.entrySet();
    }
  }

  /** The names of a woven class's added members. */
  private static final class Names extends AbstractSet<String> {
    private final Class<?> type;

    Names(Class<?> type) {
      this.type = type;
    }

    @Override
    public boolean contains(@Nullable Object name) {
      return name instanceof String s
          && (s.startsWith(PREFIX) || (s.equals("toString") && isWovenToString(type)));
    }

    @Override
    public Iterator<String> iterator() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int size() {
      return 1;
    }
  }
}
