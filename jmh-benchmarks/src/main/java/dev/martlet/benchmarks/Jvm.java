package dev.martlet.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts JVMs like this one, and stops them. */
final class Jvm {
  private Jvm() {}

  /** Prepares a JVM with this one's class path; its errors come out here. */
  static ProcessBuilder of(List<String> options, Class<?> main, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command).redirectError(Redirect.INHERIT);
  }

  /** Stops a child that ends by itself once its input has ended, and makes sure that it did. */
  static void stop(Process child) throws IOException {
    child.getOutputStream().close();
    try {
      if (!child.waitFor(2, TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
