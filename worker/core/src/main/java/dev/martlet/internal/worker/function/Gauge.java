package dev.martlet.internal.worker.function;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What the instance's process has used, as Linux tells; 0 where nobody does. Each first call reads
 * it, so it does by what has been loaded already.
 */
final class Gauge {
  private static final String STATUS = "/proc/self/status";
  private static final String STAT = "/proc/self/stat";
  private static final String UPTIME = "/proc/uptime";
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
      String status = read(STATUS);
      int from = status.indexOf(PEAK) + PEAK.length();
      return Long.parseLong(status.substring(from, status.indexOf(" kB", from)).strip()) << 10;
    } catch (IOException | RuntimeException e) {
      return 0; // Not Linux, or not as it was.
    }
  }

  /**
   * Returns how long the process took to begin its first run.
   *
   * @param nanos how long ago that was
   */
  static long startNanos(long nanos) {
    try {
      String stat = read(STAT);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", START_TIME + 2);
      String uptime = read(UPTIME);
      // In hundredths of a second, as the start is.
      String up = uptime.substring(0, uptime.indexOf(' ')).replace(".", "");
      long age = Long.parseLong(up) - Long.parseLong(fields[START_TIME]);
      long start = age * NANOS_PER_TICK - nanos;
      return start > 0 && start <= LONGEST_START ? start : 0;
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  private static String read(String file) throws IOException {
    try (InputStream in = new FileInputStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
