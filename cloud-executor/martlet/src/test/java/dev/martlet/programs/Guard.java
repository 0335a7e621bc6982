package dev.martlet.programs;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs what might hang, and tells what all threads do if it does. */
public final class Guard {
  private static final long SECONDS = Long.getLong("program.seconds", 60);
  // Outcomes are described recursively, and some are deep.
  private static final long STACK_BYTES = 512L << 20;

  private Guard() {}

  static <T> T call(String name, Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(null, task, "client of " + name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String dump = dump();
      task.cancel(true);
      throw new AssertionError(name + " did not end in " + SECONDS + " s\n" + dump, e);
    } catch (Exception e) {
      throw new AssertionError(name + " could not be run", e);
    }
  }

  /** Returns what all threads of this JVM do. */
  public static String dump() {
    StringBuilder dump = new StringBuilder();
    for (Map.Entry<Thread, StackTraceElement[]> e : Thread.getAllStackTraces().entrySet()) {
      Thread thread = e.getKey();
      dump.append('"').append(thread.getName()).append("\" ").append(thread.getState());
      for (StackTraceElement frame : e.getValue()) {
        dump.append("\n    at ").append(frame);
      }
      dump.append("\n\n");
    }
    return dump.toString();
  }
}
