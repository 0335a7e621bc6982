package dev.martlet.internal.worker.host;

import dev.martlet.internal.capture.Tokens.LoggerName;
import dev.martlet.internal.worker.weave.Frames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/** Loggers on the worker: what is logged for a call goes to the client's logger of that name. */
final class Loggers {
  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");

  private Loggers() {}

  /** Sends what java.util.logging publishes to the client, in place of this JVM's console. */
  static void install() {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.INFO);
    root.addHandler(
        new Handler() {
          private final SimpleFormatter formatter = new SimpleFormatter();

          @Override
          public void publish(LogRecord record) {
            CallRun run = CallRun.ofThread();
            if (run != null) {
              String level = record.getLevel().getName();
              String text = formatter.formatMessage(record);
              run.log(
                  false,
                  level,
                  String.valueOf(record.getLoggerName()),
                  record.getSourceClassName() + " " + record.getSourceMethodName(),
                  text,
                  trace(record.getThrown()));
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
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

  private static String trace(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    Frames.clean(thrown);
    StringWriter s = new StringWriter();
    thrown.printStackTrace(new PrintWriter(s));
    return s.toString().stripTrailing();
  }
}
