package dev.martlet.internal.log;

import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Martlet's loggers: the user's SLF4J of version 1.7 or 2.0, or nothing. SLF4J complains on
 * standard error when it is first used without a provider, so it is used only if there is one. To
 * look for one is to open every jar, so a logger is asked for when there is something to log.
 */
public final class Log {
  private static final boolean PROVIDED = isProvided();

  private Log() {}

  /** Returns the logger of a class. */
  public static Logger of(Class<?> type) {
    return PROVIDED ? LoggerFactory.getLogger(type) : NOPLogger.NOP_LOGGER;
  }

  private static boolean isProvided() {
    ClassLoader loader = LoggerFactory.class.getClassLoader();
    Class<?> provider;
    try {
      provider = Class.forName("org.slf4j.spi.SLF4JServiceProvider", false, loader);
    } catch (ClassNotFoundException e) {
      String binder = "org/slf4j/impl/StaticLoggerBinder.class"; // SLF4J 1.7
      return loader == null
          ? ClassLoader.getSystemResource(binder) != null
          : loader.getResource(binder) != null;
    }
    return System.getProperty("slf4j.provider") != null
        || ServiceLoader.load(provider, loader).stream().iterator().hasNext();
  }
}
