package dev.martlet.internal.capture;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.effects.MapEntries;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.util.AbstractMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Names for what does not travel but stands on either side: the pool of the job, its futures, and
 * loggers. A logger's name carries its level, since a worker cannot ask for it.
 */
public final class Tokens {
  /** The pool of the job. */
  public static final String POOL = "pool";

  /** The fork/join pool of the job. */
  public static final String FORK_JOIN_POOL = "fork/join pool";

  /** The completer of the root of a subtree. */
  public static final String COMPLETER = "completer";

  private static final String FUTURE = "future";
  private static final String ENTRY = "entry";
  private static final String MEMBER = "member";
  private static final String SLF4J = "slf4j:";
  private static final String JUL = "jul:";
  private static final String[] LEVELS = {"Trace", "Debug", "Info", "Warn", "Error"};

  private Tokens() {}

  /** Returns what stands for a future whose outcome is known; it is complete by then. */
  public static Object future(Future<?> f) {
    try {
      return new Object[] {FUTURE, f.get(), null};
    } catch (CancellationException e) {
      return new Object[] {FUTURE, null, null, true};
    } catch (ExecutionException e) {
      return new Object[] {FUTURE, null, e.getCause()};
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("a future that is not complete", e);
    }
  }

  /** Returns a future with the outcome that stands for one, or {@code null}. */
  @SuppressWarnings("FutureReturnValueIgnored")
  static @Nullable Object future(Object token) {
    if (!(token instanceof Object[] parts) || parts.length < 3 || !FUTURE.equals(parts[0])) {
      return null;
    }
    CompletableFuture<Object> f = new CompletableFuture<>();
    if (parts.length > 3) {
      f.cancel(false);
    } else if (parts[2] instanceof Throwable t) {
      f.completeExceptionally(t);
    } else {
      f.complete(parts[1]);
    }
    return f;
  }

  /**
   * Returns what stands for a method, constructor or field, or {@code null} if the object is none.
   */
  @SuppressWarnings("deprecation") // whether it was made accessible, for whoever asks
  public static @Nullable Object member(Object o) {
    if (!(o instanceof Member m) || !(o instanceof AccessibleObject a)) {
      return null;
    }
    Object[] parameters = o instanceof Executable e ? e.getParameterTypes() : null;
    String name = o instanceof Constructor ? null : m.getName();
    return new Object[] {MEMBER, m.getDeclaringClass(), name, parameters, a.isAccessible()};
  }

  /**
   * Returns the member that a token stands for, or {@code null} if it is none.
   *
   * @param access whether to make it accessible if the original is
   */
  public static @Nullable Object member(Object token, boolean access) {
    if (!(token instanceof Object[] parts)
        || parts.length != 5
        || !MEMBER.equals(parts[0])
        || !(parts[1] instanceof Class<?> type)) {
      return null;
    }
    try {
      AccessibleObject found;
      if (parts[3] == null) {
        found = type.getDeclaredField((String) parts[2]);
      } else if (parts[2] == null) {
        found = type.getDeclaredConstructor((Class<?>[]) parts[3]);
      } else {
        found = type.getDeclaredMethod((String) parts[2], (Class<?>[]) parts[3]);
      }
      if (access && Boolean.TRUE.equals(parts[4])) {
        boolean unused = found.trySetAccessible();
      }
      return found;
    } catch (ReflectiveOperationException | ClassCastException | NullPointerException e) {
      throw new CodecException("no such member of " + type.getName(), e);
    }
  }

  /** Returns what stands for an entry of a map that both sides have. */
  public static Object entry(Object map, Map.Entry<?, ?> e) {
    return new Object[] {ENTRY, map, e.getKey(), e.getValue()};
  }

  /** Returns the live entry that a token stands for, or {@code null} if it is none. */
  static @Nullable Object entry(Object token) {
    if (!(token instanceof Object[] parts) || parts.length != 4 || !ENTRY.equals(parts[0])) {
      return null;
    }
    Object live = parts[1] == null ? null : MapEntries.of(parts[1], parts[2]);
    return live == null ? new AbstractMap.SimpleEntry<>(parts[2], parts[3]) : live;
  }

  /** A logger's name and level, and the library that it is of. */
  public record LoggerName(boolean slf4j, String level, String name) {}

  /** Returns whether an object stands on either side, so that what it holds does not matter. */
  static boolean travelsByName(Object o) {
    return o instanceof CloudExecutorService
        || o instanceof CloudForkJoinPool
        || o instanceof Member
        || o instanceof MethodHandle
        || ofLogger(o) != null;
  }

  /** Returns the name of a logger, or {@code null} if the object is none. */
  public static @Nullable String ofLogger(Object o) {
    if (o instanceof java.util.logging.Logger l) {
      String name = l.getName();
      if (name == null || LogManager.getLogManager().getLogger(name) != l) {
        return null; // its name says nothing
      }
      java.util.logging.Logger at = l;
      while (at.getLevel() == null && at.getParent() != null) {
        at = at.getParent();
      }
      return JUL + (at.getLevel() == null ? "INFO" : at.getLevel().getName()) + ":" + name;
    }
    Class<?> type = slf4jType(o.getClass());
    return type == null ? null : SLF4J + level(type, o) + ":" + call(type, o, "getName");
  }

  /** Returns the level of the logger of a name in this JVM. */
  public static String level(boolean slf4j, String name) {
    Object logger =
        slf4j ? org.slf4j.LoggerFactory.getLogger(name) : java.util.logging.Logger.getLogger(name);
    LoggerName named = logger(String.valueOf(ofLogger(logger)));
    return named == null ? "INFO" : named.level();
  }

  /** Reads a logger's name, or returns {@code null} if the token is none. */
  public static @Nullable LoggerName logger(Object token) {
    if (token instanceof String s && (s.startsWith(SLF4J) || s.startsWith(JUL))) {
      String[] parts = s.split(":", 3);
      return new LoggerName(parts[0].equals("slf4j"), parts[1], parts[2]);
    }
    return null;
  }

  private static String level(Class<?> type, Object logger) {
    for (String level : LEVELS) {
      if (Boolean.TRUE.equals(call(type, logger, "is" + level + "Enabled"))) {
        return level;
      }
    }
    return "Off";
  }

  private static final ClassValue<Boolean> MAY_LOG =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return find(type) != null;
        }
      };

  private static @Nullable Class<?> slf4jType(Class<?> type) {
    return MAY_LOG.get(type) ? find(type) : null;
  }

  private static @Nullable Class<?> find(@Nullable Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      for (Class<?> i : c.getInterfaces()) {
        if (i.getName().equals("org.slf4j.Logger")) {
          return i;
        }
        Class<?> found = find(i);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static Object call(Class<?> type, Object o, String method) {
    try {
      return type.getMethod(method).invoke(o);
    } catch (IllegalAccessException | InvocationTargetException | NoSuchMethodException e) {
      throw new IllegalStateException("cannot ask a logger for " + method, e);
    }
  }
}
