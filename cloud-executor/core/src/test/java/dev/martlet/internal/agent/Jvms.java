package dev.martlet.internal.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs programs in JVMs of their own. */
public final class Jvms {
  private Jvms() {}

  /** What a program printed and how it ended. */
  public record Result(int exit, String out, String err) {}

  /** Returns the homes of the JDKs to test with: the one that runs, and another if installed. */
  public static List<Path> homes() throws IOException {
    Map<String, Path> homes = new TreeMap<>();
    homes.put(
        String.valueOf(Runtime.version().feature()), Path.of(System.getProperty("java.home")));
    String named = System.getenv("JAVA_25_HOME");
    if (named != null) {
      homes.putIfAbsent("25", Path.of(named));
    }
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (DirectoryStream<Path> jdks = Files.newDirectoryStream(installed, "*25*")) {
        for (Path jdk : jdks) {
          if (Files.isExecutable(jdk.resolve("bin/java"))) {
            homes.putIfAbsent("25", jdk);
          }
        }
      }
    }
    return List.copyOf(homes.values());
  }

  /**
   * Runs a program to its end with the given options, class path (none if empty) and main class.
   */
  public static Result run(Path home, List<String> options, String classPath, String... main)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("out", ".txt");
    Path err = Files.createTempFile("err", ".txt");
    try {
      List<String> command = new ArrayList<>();
      command.add(home.resolve("bin/java").toString());
      command.addAll(options);
      if (!classPath.isEmpty()) {
        command.addAll(List.of("-cp", classPath));
      }
      command.addAll(List.of(main));
      int exit =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start()
              .waitFor();
      return new Result(
          exit,
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
