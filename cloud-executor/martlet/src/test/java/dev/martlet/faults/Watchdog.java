package dev.martlet.faults;

import dev.martlet.programs.Guard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Interrupts a test that hangs, after it has told what all threads of client and workers do. */
final class Watchdog implements BeforeEachCallback, AfterEachCallback {
  private static final long SECONDS = Long.getLong("faults.seconds", 120);

  private final long seconds;
  private Thread dog = new Thread();

  Watchdog() {
    this(SECONDS);
  }

  Watchdog(long seconds) {
    this.seconds = seconds;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Thread test = Thread.currentThread();
    dog =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(seconds);
              } catch (InterruptedException e) {
                return;
              }
              System.err.println(context.getDisplayName() + " hangs\n" + dump());
              test.interrupt();
            },
            "watchdog");
    dog.setDaemon(true);
    dog.start();
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    dog.interrupt();
    dog.join();
  }

  private static String dump() {
    StringBuilder dump = new StringBuilder(Guard.dump());
    for (ProcessHandle worker : Workers.all()) {
      dump.append("worker ").append(worker.pid()).append('\n').append(dump(worker));
    }
    return dump.toString();
  }

  private static String dump(ProcessHandle worker) {
    try {
      Process jstack =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/jstack", Long.toString(worker.pid()))
              .redirectErrorStream(true)
              .start();
      try (var out = jstack.getInputStream()) {
        return new String(out.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      return e.toString();
    }
  }
}
