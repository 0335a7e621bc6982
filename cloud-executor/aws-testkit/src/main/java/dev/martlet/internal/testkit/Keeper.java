package dev.martlet.internal.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Sends signals to instances, and outlives the JVM for a moment: a shell that reads what to do from
 * a pipe. When the pipe ends, for whatever reason, it kills what is alive and deletes the kit's
 * files. An instance leads a process group of its own, where there is setsid, so that what it
 * started shares its fate.
 */
final class Keeper implements AutoCloseable {
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      all=' '
      groups=''
      while read -r verb pid; do
        case "$verb" in
          add) all="$all$pid " ;;
          group) groups="$groups $pid" ;;
          stop) kill -STOP "$pid" ;;
          cont) kill -CONT "$pid" ;;
          kill)
            case "$all" in
              *" $pid "*) kill -KILL "$pid"; all="${all%% $pid *} ${all#* $pid }" ;;
            esac ;;
        esac 2>/dev/null
      done
      for pid in $all; do kill -KILL "$pid" 2>/dev/null; done
      for group in $groups; do
        for try in 1 2 3 4 5; do [ -d "$group" ] && ! rmdir "$group" && sleep 0.1; done
      done 2>/dev/null
      rm -rf "$1"
      """;

  private static final List<Path> SETSID =
      List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

  private final Path directory;
  private final boolean groups;
  private final Process shell;
  private final OutputStream pipe;

  Keeper(Path directory) throws IOException {
    this.directory = directory;
    groups = SETSID.stream().anyMatch(Files::isExecutable);
    ProcessBuilder builder =
        new ProcessBuilder(
            command(List.of("/bin/sh", "-c", SCRIPT, "keeper", directory.toString())));
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    shell = builder.start();
    pipe = shell.getOutputStream();
  }

  /** Returns the command that makes a process lead a group of its own. */
  List<String> command(List<String> command) {
    return groups ? Stream.concat(Stream.of("setsid"), command.stream()).toList() : command;
  }

  void add(Process process) {
    tell("add", process);
  }

  /** Removes a control group at the end, if it is there then. */
  void add(Cgroups.Group group) {
    group.directories().forEach(directory -> tell("group " + directory + "\n"));
  }

  void freeze(Process process) {
    tell("stop", process);
  }

  void thaw(Process process) {
    tell("cont", process);
  }

  void kill(Process process) {
    if (!groups) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
    tell("kill", process);
  }

  private void tell(String verb, Process process) {
    tell(verb + (groups ? " -" : " ") + process.pid() + "\n");
  }

  private void tell(String line) {
    try {
      synchronized (pipe) {
        pipe.write(line.getBytes(StandardCharsets.US_ASCII));
        pipe.flush();
      }
    } catch (IOException e) {
      // The shell is gone, and with it what it kept.
    }
  }

  /** Kills what is alive and deletes the kit's files. */
  @Override
  public void close() {
    try {
      synchronized (pipe) {
        pipe.close();
      }
      if (!shell.waitFor(10, TimeUnit.SECONDS)) {
        shell.destroyForcibly();
      }
    } catch (IOException e) {
      shell.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    delete(directory);
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(Keeper::deleteOne);
    } catch (IOException | java.io.UncheckedIOException e) {
      // Not there any more.
    }
  }

  private static void deleteOne(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Written to at this moment; the shell deletes it.
    }
  }
}
