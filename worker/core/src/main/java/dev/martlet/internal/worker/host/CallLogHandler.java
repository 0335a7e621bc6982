package dev.martlet.internal.worker.host;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Sends what a call publishes to the client's logger of that name. */
final class CallLogHandler extends Handler {
  private final SimpleFormatter formatter = new SimpleFormatter();

  @Override
  public void publish(LogRecord record) {
    CallRun run = CallRun.ofThread();
    if (run != null) {
      run.log(
          false,
          record.getLevel().getName(),
          String.valueOf(record.getLoggerName()),
          record.getSourceClassName() + " " + record.getSourceMethodName(),
          formatter.formatMessage(record),
          Loggers.trace(record.getThrown()));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
