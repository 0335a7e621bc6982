package dev.martlet.internal.worker.host;

import dev.martlet.internal.capture.Tokens.LoggerName;
import dev.martlet.internal.worker.weave.Frames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Loggers on the worker: what is logged for a call goes to the client's logger of that name. */
final class Loggers {
  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");

  private static final String MANAGER = "java.util.logging.manager";

  // Whether the JVM's manager of loggers is the worker's, and whether it has any loggers.
  private static volatile boolean managed;
  private static volatile boolean used;

  private Loggers() {}

  /**
   * Sends what java.util.logging publishes to the client, in place of this JVM's console. What
   * earlier clients' loggers were told is void.
   *
   * <p>Where the JVM has not used it yet, it gets a manager that needs no set-up until somebody
   * logs: the JDK's own takes a new JVM some milliseconds.
   */
  static void install() {
    if (!managed) {
      introduce();
    }
    if (used || !managed) {
      LogManager.getLogManager().reset();
      Logger root = Logger.getLogger("");
      root.setLevel(Level.INFO);
      root.addHandler(new CallLogHandler());
    }
  }

  /** The JVM's manager is the worker's. */
  static void managed(boolean hasLoggers) {
    managed = true;
    used = hasLoggers;
  }

  private static void introduce() {
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    String before = System.setProperty(MANAGER, "dev.martlet.internal.worker.host.CallLogManager");
    try {
      // The second place where the JDK looks.
      thread.setContextClassLoader(Loggers.class.getClassLoader());
      Class<?> unused = Class.forName("java.util.logging.LogManager", true, null);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    } finally {
      thread.setContextClassLoader(loader);
      if (before == null) {
        System.clearProperty(MANAGER);
      } else {
        System.setProperty(MANAGER, before);
      }
    }
  }

  /** Returns the logger of a name. */
  static Object logger(LoggerName name, @Nullable ClassLoader loader) {
    if (!name.slf4j()) {
      Logger logger = Logger.getLogger(name.name());
      logger.setLevel(Level.parse(name.level()));
      return logger;
    }
    try {
      Class<?> type = Class.forName("org.slf4j.Logger", false, loader);
      Class<?> formatter = Class.forName("org.slf4j.helpers.MessageFormatter", true, loader);
      int threshold = LEVELS.indexOf(name.level().toLowerCase(java.util.Locale.ROOT));
      return Proxy.newProxyInstance(
          loader,
          new Class<?>[] {type},
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getName" -> name.name();
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == arguments[0];
                case "toString" -> "Logger[" + name.name() + "]";
                default -> {
                  if (method.isDefault()) {
                    yield InvocationHandler.invokeDefault(proxy, method, arguments);
                  }
                  if (method.getName().startsWith("is")) {
                    String level = method.getName().substring(2).replace("Enabled", "");
                    int l = LEVELS.indexOf(level.toLowerCase(java.util.Locale.ROOT));
                    yield threshold >= 0 && l >= threshold;
                  }
                  int l = LEVELS.indexOf(method.getName());
                  CallRun run = CallRun.ofThread();
                  if (l >= 0 && threshold >= 0 && l >= threshold && run != null) {
                    log(run, method.getName(), name.name(), formatter, arguments);
                  }
                  yield null;
                }
              });
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void log(
      CallRun run, String level, String name, Class<?> formatter, Object[] arguments)
      throws ReflectiveOperationException {
    int at = 0;
    while (at < arguments.length && !(arguments[at] instanceof String)) {
      at++;
    }
    if (at == arguments.length) {
      run.log(true, level, name, "", "null", "");
      return;
    }
    Object[] rest = java.util.Arrays.copyOfRange(arguments, at + 1, arguments.length);
    if (rest.length == 1 && rest[0] instanceof Object[] many) {
      rest = many;
    }
    Throwable thrown = rest.length > 0 && rest[rest.length - 1] instanceof Throwable t ? t : null;
    Object tuple;
    try {
      tuple =
          formatter
              .getMethod("arrayFormat", String.class, Object[].class)
              .invoke(null, arguments[at], rest);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
    String text = String.valueOf(tuple.getClass().getMethod("getMessage").invoke(tuple));
    run.log(true, level, name, "", text, trace(thrown));
  }

  static String trace(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    Frames.clean(thrown);
    StringWriter s = new StringWriter();
    thrown.printStackTrace(new PrintWriter(s));
    return s.toString().stripTrailing();
  }
}
