package dev.martlet.internal.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Control groups that give instances their memory and their share of the processors, as Lambda has
 * it: one processor for 1,769 MB. Both versions of cgroups, where this process may make groups.
 */
final class Cgroups {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final long PERIOD_MICROS = 100_000;
  private static final int MEGABYTES_PER_PROCESSOR = 1769;

  private final boolean second;

  private Cgroups(boolean second) {
    this.second = second;
  }

  /** Returns the way to make groups; empty if there is none here. */
  static Optional<Cgroups> find() {
    boolean second = Files.exists(ROOT.resolve("cgroup.controllers"));
    Cgroups cgroups = new Cgroups(second);
    try {
      cgroups.create("lambda-test-kit-probe-" + ProcessHandle.current().pid(), 128).close();
      return Optional.of(cgroups);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  Group create(String name, int megabytes) throws IOException {
    long bytes = megabytes * 1024L * 1024;
    long quota = Math.max(1_000, PERIOD_MICROS * megabytes / MEGABYTES_PER_PROCESSOR);
    Group group = new Group();
    try {
      if (second) {
        Path directory = group.make(ROOT.resolve(name));
        Files.writeString(directory.resolve("memory.max"), Long.toString(bytes));
        Files.writeString(directory.resolve("memory.oom.group"), "1");
        Files.writeString(directory.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      } else {
        Path memory = group.make(ROOT.resolve("memory").resolve(name));
        Files.writeString(memory.resolve("memory.limit_in_bytes"), Long.toString(bytes));
        Path cpu = group.make(ROOT.resolve("cpu").resolve(name));
        Files.writeString(cpu.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
        Files.writeString(cpu.resolve("cpu.cfs_quota_us"), Long.toString(quota));
      }
      return group;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  /** A group's directories, one for each hierarchy. */
  static final class Group {
    private final List<Path> directories = new ArrayList<>();

    private Path make(Path directory) throws IOException {
      Files.createDirectory(directory);
      directories.add(directory);
      return directory;
    }

    List<Path> directories() {
      return directories;
    }

    /** Returns the command that joins the group and then is another. */
    List<String> command(List<String> command) {
      StringBuilder join = new StringBuilder();
      for (Path directory : directories) {
        join.append("echo $$ > ").append(directory).append("/cgroup.procs && ");
      }
      join.append("exec \"$@\"");
      return Stream.concat(Stream.of("/bin/sh", "-c", join.toString(), "join"), command.stream())
          .toList();
    }

    /** Removes the group, once nothing is in it. */
    void close() {
      for (Path directory : directories) {
        for (int i = 0; i < 100 && !removed(directory); i++) {
          try {
            Thread.sleep(10);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
      }
    }

    private static boolean removed(Path directory) {
      try {
        Files.deleteIfExists(directory);
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
