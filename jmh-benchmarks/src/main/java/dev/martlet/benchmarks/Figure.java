package dev.martlet.benchmarks;

import java.util.Locale;

/** The rows of the table, with how a measured value becomes the number shown. */
enum Figure {
  ROUND_TRIP_P50("no-op round trip, p50", "us", 1e3),
  ROUND_TRIP_P99("no-op round trip, p99", "us", 1e3),
  PIPELINED("no-op calls pipelined, more is better", "k/s", 1e3),
  ARGUMENT("1 MB argument, p50", "us", 1e3),
  RESULT("1 MB result, p50", "us", 1e3),
  SPIN("64 CPU-bound tasks of 20 ms", "ms", 1e6),
  SUM_RANGES("64 tasks that sum up ranges of 80 MB", "ms", 1e6),
  SORT_RANGES("64 tasks that sort ranges of new 80 MB in place", "ms", 1e6),
  COLD_START("cold JVM, main() to first result", "ms", 1e6),
  TINY_TASKS("20,000 tiny tasks, new JVM, client CPU", "s", 1e9),
  MEMORY("client memory per call in flight", "B", 1),
  ROUND_TRIP_ALLOCATION("allocated per no-op round trip", "B", 1),
  PIPELINED_ALLOCATION("allocated per pipelined no-op call", "B", 1),
  ARGUMENT_ALLOCATION("allocated per 1 MB argument, itself too", "B", 1),
  RESULT_ALLOCATION("allocated per 1 MB result", "B", 1);

  private final String title;
  private final String unit;
  private final double scale;

  Figure(String title, String unit, double scale) {
    this.title = title;
    this.unit = unit;
    this.scale = scale;
  }

  String title() {
    return title;
  }

  String unit() {
    return unit;
  }

  String show(double value) {
    return digits(value / scale);
  }

  /** Shows about three digits. */
  static String digits(double number) {
    double size = Math.abs(number);
    int decimals = size == 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }
}
