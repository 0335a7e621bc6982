package dev.martlet.internal.testkit;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/** What functions have logged, of all of them the latest megabytes. */
final class Logs {
  private static final int MOST = 8 * 1024 * 1024;

  private final Deque<Line> lines = new ArrayDeque<>();
  private long size;
  private long next;

  /** A line of a call's log. */
  record Line(long number, String function, String stream, long millis, String text) {}

  /** Returns the name of a new instance's stream. */
  static String stream(Configuration function) {
    String day = LocalDate.now(ZoneOffset.UTC).toString().replace('-', '/');
    return day + "/[" + function.version() + "]" + UUID.randomUUID().toString().replace("-", "");
  }

  void add(Configuration function, String stream, byte[] log) {
    long now = System.currentTimeMillis();
    String text = new String(log, StandardCharsets.UTF_8);
    synchronized (this) {
      text.lines()
          .forEach(
              line -> {
                lines.add(new Line(next++, function.name(), stream, now, line));
                size += line.length();
              });
      while (size > MOST && !lines.isEmpty()) {
        size -= lines.remove().text.length();
      }
    }
  }

  synchronized List<Line> of(String function) {
    List<Line> of = new ArrayList<>();
    for (Line line : lines) {
      if (line.function.equals(function)) {
        of.add(line);
      }
    }
    return of;
  }
}
