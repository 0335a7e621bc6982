package dev.martlet.benchmarks;

import java.time.Duration;
import java.util.Arrays;

/** A fixed amount of work, so that a task takes longer where it is given less of a processor. */
final class Spin {
  private static final long SAMPLE = 1_000_000;

  private Spin() {}

  static long run(long rounds) {
    long x = 88172645463325252L;
    for (long i = 0; i < rounds; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
    }
    return x;
  }

  /** Finds how many rounds take that long on an idle processor here. */
  static long calibrate(Duration duration) {
    long[] nanos = new long[200];
    long sum = 0;
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      sum += run(SAMPLE);
      nanos[i] = System.nanoTime() - start;
    }
    if (sum == 0) {
      throw new AssertionError();
    }
    Arrays.sort(nanos);
    return duration.toNanos() * SAMPLE / nanos[nanos.length / 10];
  }
}
