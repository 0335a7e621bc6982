package dev.martlet.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Pins this JVM, and the ones that it starts from now on, to one processor. */
final class Processor {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  private Processor() {}

  static boolean canPin() {
    try {
      return Files.exists(STATUS) && taskset("-p", pid()) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  static void pin() throws IOException {
    int exit = taskset("-acp", first(), pid());
    if (exit != 0) {
      throw new IOException("taskset ended with " + exit);
    }
  }

  private static String first() throws IOException {
    List<String> lines = Files.readAllLines(STATUS);
    return lines.stream()
        .filter(line -> line.startsWith(ALLOWED))
        .map(line -> line.substring(ALLOWED.length()).strip().split("[-,]", 2)[0])
        .findFirst()
        .orElse("0");
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static int taskset(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("taskset");
    builder.command().addAll(List.of(arguments));
    builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
    try {
      return builder.start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
