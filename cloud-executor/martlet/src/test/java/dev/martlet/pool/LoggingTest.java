package dev.martlet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What tasks log on a worker comes out at the client's loggers. */
@Timeout(60)
class LoggingTest {
  private static final String NAME = "pool.LoggingTest";
  private static final org.slf4j.Logger STATIC = LoggerFactory.getLogger(NAME);
  private static CloudExecutorService pool;

  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(
              event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage());
        }
      };
  private final Queue<String> sources = new ConcurrentLinkedQueue<>();
  private final Logger logback = (Logger) LoggerFactory.getLogger(NAME);
  private final java.util.logging.Logger jul = java.util.logging.Logger.getLogger(NAME);
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord r) {
          lines.add(r.getLevel() + " " + r.getLoggerName() + " " + r.getMessage());
          sources.add(r.getSourceClassName());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Has a logger as most classes do. */
  static final class Service {
    private final org.slf4j.Logger log = LoggerFactory.getLogger(NAME);

    Callable<Long> task() {
      return () -> {
        log.info("from {} and {}", "a", 2);
        log.warn("failed", new IllegalStateException("on purpose"));
        log.debug("not seen");
        return ProcessHandle.current().pid();
      };
    }
  }

  @BeforeAll
  static void start() {
    pool = CloudExecutors.builder().parallelism(2).workers(1).strict(true).build();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @BeforeEach
  void listen() {
    appender.setContext(logback.getLoggerContext());
    appender.start();
    logback.addAppender(appender);
    logback.setLevel(Level.INFO);
    logback.setAdditive(false);
    handler.setLevel(java.util.logging.Level.ALL);
    jul.addHandler(handler);
    jul.setLevel(java.util.logging.Level.FINE);
    jul.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    logback.detachAppender(appender);
    jul.removeHandler(handler);
  }

  private static <T> T away(Callable<T> task) throws Exception {
    return pool.submit(task).get();
  }

  @Test
  @DisplayName("a logger in a captured object")
  void captured() throws Exception {
    assertThat(away(new Service().task())).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(lines).hasSize(2);
    assertThat(lines).first().isEqualTo("INFO " + NAME + " from a and 2");
    assertThat(lines.toArray()[1].toString())
        .startsWith("WARN " + NAME + " failed")
        .contains("IllegalStateException: on purpose", "LoggingTest");
  }

  @Test
  @DisplayName("a static final logger, at the level that the client has at the time")
  void ofClass() throws Exception {
    Callable<Boolean> task =
        () -> {
          STATIC.debug("debug {}", 1);
          STATIC.error("error");
          STATIC.atInfo().addArgument(7).log("fluent {}");
          return STATIC.isDebugEnabled();
        };
    assertThat(away(task)).isFalse();
    assertThat(lines).containsExactly("ERROR " + NAME + " error", "INFO " + NAME + " fluent 7");
    lines.clear();
    logback.setLevel(Level.DEBUG);
    assertThat(away(task)).isTrue();
    assertThat(lines).first().isEqualTo("DEBUG " + NAME + " debug 1");
  }

  @Test
  @DisplayName("a logger that the task asks for")
  void askedFor() throws Exception {
    assertThat(
            away(
                () -> {
                  org.slf4j.Logger log = LoggerFactory.getLogger(NAME);
                  log.info("asked for");
                  log.debug("not seen");
                  LoggerFactory.getLogger(LoggingTest.class).trace("not seen");
                  return log == LoggerFactory.getLogger(NAME) && !log.isDebugEnabled();
                }))
        .isTrue();
    assertThat(lines).containsExactly("INFO " + NAME + " asked for");
  }

  @Test
  @DisplayName("java.util.logging, captured and asked for")
  void javaUtilLogging() throws Exception {
    java.util.logging.Logger captured = jul;
    away(
        () -> {
          captured.info("captured");
          captured.fine("fine");
          captured.finer("not seen");
          captured.log(java.util.logging.Level.WARNING, "with {0}", "argument");
          return null;
        });
    assertThat(lines)
        .containsExactly(
            "INFO " + NAME + " captured",
            "FINE " + NAME + " fine",
            "WARNING " + NAME + " with argument");
    lines.clear();
    away(
        () -> {
          java.util.logging.Logger log = java.util.logging.Logger.getLogger(NAME);
          log.fine("asked for");
          log.finer("not seen");
          return null;
        });
    assertThat(lines).containsExactly("FINE " + NAME + " asked for");
  }

  @Test
  @DisplayName("a record of java.util.logging names the class that logged")
  void namesSource() throws Exception {
    java.util.logging.Logger captured = jul;
    away(
        () -> {
          captured.info("from here");
          return null;
        });
    assertThat(sources).containsExactly(LoggingTest.class.getName());
  }
}
