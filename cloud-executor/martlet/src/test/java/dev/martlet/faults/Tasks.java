package dev.martlet.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What tasks of the tests do. */
final class Tasks {
  private Tasks() {}

  static long pid() {
    return ProcessHandle.current().pid();
  }

  /** Appends a line to a file, at once and whole. */
  static void append(String file, String line) {
    try {
      Files.writeString(
          Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  /** Returns what stands in the directories of this user, but for the lock that all share. */
  static List<String> leftIn(Path runtime) throws IOException {
    try (Stream<Path> all = Files.walk(runtime, 2)) {
      return all.filter(p -> runtime.relativize(p).getNameCount() == 2)
          .map(p -> p.getFileName().toString())
          .filter(name -> !name.equals("lock"))
          .toList();
    } catch (UncheckedIOException e) {
      return List.of("changing");
    }
  }

  static void killMyself() {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(pid())).start().waitFor();
      Thread.sleep(60_000);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static int exhaustMemory() {
    List<byte[]> all = new ArrayList<>();
    for (; ; ) {
      all.add(new byte[1 << 20]);
      if (all.size() < 0) {
        return all.size();
      }
    }
  }

  static int deep(int n) {
    return n < 0 ? 0 : deep(n + 1) + 1;
  }

  @SuppressWarnings("InfiniteLoopBody")
  static void spinForEver() {
    for (long n = 0; n >= 0; n = n + 1 & Integer.MAX_VALUE) {
      Thread.onSpinWait();
    }
  }

  static long spin(int n) {
    long h = n;
    for (int i = 0; i < 1000; i++) {
      h = h * 31 + i;
    }
    return h;
  }
}
