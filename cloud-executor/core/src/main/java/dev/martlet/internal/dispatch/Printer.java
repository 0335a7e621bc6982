package dev.martlet.internal.dispatch;

import dev.martlet.CallListener;
import dev.martlet.internal.log.Log;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands on what tasks print and log, one message after the other on a thread of its own: to the
 * listener, the standard streams, the client's loggers.
 */
final class Printer {
  private final ExecutorService thread;
  private final @Nullable CallListener listener;
  private final boolean prints;

  /**
   * Creates a printer.
   *
   * @param prints whether lines that no listener takes come out here
   */
  Printer(ThreadFactory factory, @Nullable CallListener listener, boolean prints) {
    this.thread = Executors.newSingleThreadExecutor(factory);
    this.listener = listener;
    this.prints = prints;
  }

  /** Runs what prints, in turn. */
  void later(Runnable printing) {
    try {
      thread.execute(printing);
    } catch (RejectedExecutionException e) {
      printing.run();
    }
  }

  /** Hands on what one message says; on this object's thread, or where that has ended. */
  void print(ByteBuffer message) {
    byte kind = message.get();
    if (kind == Protocol.LOG) {
      log(message);
      return;
    }
    String line = StandardCharsets.UTF_8.decode(message).toString();
    boolean error = kind == Protocol.ERR;
    if (listener != null) {
      try {
        if (listener.printed(line, error)) {
          return;
        }
      } catch (RuntimeException e) {
        Log.of(Printer.class).warn("the listener failed on a printed line", e);
      }
    }
    if (prints) {
      (error ? System.err : System.out).println(line);
    }
  }

  /** Tells the listener that a call nears its time limit. */
  void nearsTimeLimit(long call, Duration left) {
    if (listener != null) {
      try {
        listener.nearsTimeLimit(call, left);
      } catch (RuntimeException e) {
        Log.of(Printer.class).warn("the listener failed on a call that nears its time limit", e);
      }
    }
  }

  private static void log(ByteBuffer message) {
    boolean slf4j = message.get() == 1;
    String level = Protocol.getString(message);
    String name = Protocol.getString(message);
    String[] source = Protocol.getString(message).split(" ", 2);
    String text = Protocol.getString(message);
    String trace = Protocol.getString(message);
    if (!trace.isEmpty()) {
      text = text + System.lineSeparator() + trace;
    }
    if (!slf4j) {
      // Not this method, which the logger would take for it.
      java.util.logging.Logger.getLogger(name)
          .logp(Level.parse(level), source[0], source.length > 1 ? source[1] : null, text);
      return;
    }
    Logger logger = LoggerFactory.getLogger(name);
    switch (level) {
      case "error" -> logger.error(text);
      case "warn" -> logger.warn(text);
      case "info" -> logger.info(text);
      case "debug" -> logger.debug(text);
      default -> logger.trace(text);
    }
  }

  /** Ends the thread when it has printed all. */
  void close() {
    thread.shutdown();
  }
}
