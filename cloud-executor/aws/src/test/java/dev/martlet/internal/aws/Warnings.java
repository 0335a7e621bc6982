package dev.martlet.internal.aws;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Listens for warnings, as long as it is open. */
public final class Warnings implements AutoCloseable {
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender;

  /** Listens for those that contain some text. */
  public Warnings(String text) {
    appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            String message = event.getFormattedMessage();
            if (event.getLevel().isGreaterOrEqual(Level.WARN) && message.contains(text)) {
              texts.add(message);
            }
          }
        };
    appender.start();
    root.addAppender(appender);
  }

  /** Returns those that there were so far. */
  public List<String> texts() {
    return List.copyOf(texts);
  }

  @Override
  public void close() {
    root.detachAppender(appender);
  }
}
