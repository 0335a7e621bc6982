package dev.martlet.internal.worker.host;

import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * A log manager without configuration, whose root logger hands what is published to the call that
 * logs it.
 */
public final class CallLogManager extends LogManager {
  /** Creates the manager; the JDK does, by name. */
  public CallLogManager() {
    Loggers.managed(false);
  }

  @Override
  public void readConfiguration() {}

  @Override
  public boolean addLogger(Logger logger) {
    boolean added = super.addLogger(logger);
    if (added && logger.getName().isEmpty()) {
      logger.addHandler(new CallLogHandler());
      Loggers.managed(true);
    }
    return added;
  }
}
