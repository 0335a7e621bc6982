package dev.martlet.internal.worker.function;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the instance's process has used, as Linux tells; 0 where nobody does. */
final class Gauge {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path STAT = Path.of("/proc/self/stat");
  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final String PEAK = "VmHWM:";

  // Of proc(5): the 22nd field, of which 20 follow the name in brackets.
  private static final int START_TIME = 19;
  private static final long NANOS_PER_TICK = 10_000_000;

  // No cloud lets an instance start for longer; one that was taken from an image is older.
  private static final long LONGEST_START = 10_000_000_000L;

  private Gauge() {}

  /** Returns the most memory that the process has used, in bytes. */
  static long memoryUsed() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(PEAK)) {
          String kilobytes = line.substring(PEAK.length(), line.lastIndexOf(' ')).strip();
          return Long.parseLong(kilobytes) << 10;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Not Linux, or not as it was.
    }
    return 0;
  }

  /**
   * Returns how long the process took to begin its first run.
   *
   * @param nanos how long ago that was
   */
  static long startNanos(long nanos) {
    try {
      String stat = Files.readString(STAT);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", START_TIME + 2);
      String uptime = Files.readString(UPTIME);
      double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
      long age = (long) (seconds * 1e9) - Long.parseLong(fields[START_TIME]) * NANOS_PER_TICK;
      long start = age - nanos;
      return start > 0 && start <= LONGEST_START ? start : 0;
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }
}
