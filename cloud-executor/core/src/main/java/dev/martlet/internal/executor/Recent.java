package dev.martlet.internal.executor;

import dev.martlet.CallStatistics;
import dev.martlet.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last calls that ended, kept as plain numbers until somebody asks. Thread-safe. */
final class Recent {
  private static final int SIZE = 1024;
  private static final int WIDTH = 8;
  private static final long HOME = 1;
  private static final long COLD = 2;

  private final Instant epoch = Instant.now();
  private final long epochNanos = System.nanoTime();
  private final long[] numbers = new long[SIZE * WIDTH];
  private final @Nullable String[] wheres = new String[SIZE];
  private final @Nullable Usage[] usages = new Usage[SIZE];
  private long count;

  synchronized void add(Call call, boolean home, long startedNanos, long endedNanos, long bytesIn) {
    int i = (int) (count++ % SIZE);
    wheres[i] = call.where;
    usages[i] = call.usage;
    int n = i * WIDTH;
    numbers[n] = call.id;
    numbers[n + 1] = call.queuedNanos;
    numbers[n + 2] = call.sentNanos;
    numbers[n + 3] = startedNanos;
    numbers[n + 4] = endedNanos;
    numbers[n + 5] = call.bytesOut;
    numbers[n + 6] = bytesIn;
    numbers[n + 7] = (long) call.attempts << 2 | (home ? HOME : 0) | (call.cold ? COLD : 0);
  }

  /** Returns the statistics of one call. */
  CallStatistics of(Call call, boolean home, long startedNanos, long endedNanos, long bytesIn) {
    return record(
        call.id,
        home,
        call.where,
        call.queuedNanos,
        call.sentNanos,
        startedNanos,
        endedNanos,
        call.bytesOut,
        bytesIn,
        call.attempts,
        call.cold,
        call.usage);
  }

  synchronized List<CallStatistics> list() {
    List<CallStatistics> list = new ArrayList<>();
    for (long c = Math.max(0, count - SIZE); c < count; c++) {
      int i = (int) (c % SIZE);
      int n = i * WIDTH;
      long flags = numbers[n + 7];
      list.add(
          record(
              numbers[n],
              (flags & HOME) != 0,
              wheres[i],
              numbers[n + 1],
              numbers[n + 2],
              numbers[n + 3],
              numbers[n + 4],
              numbers[n + 5],
              numbers[n + 6],
              (int) (flags >> 2),
              (flags & COLD) != 0,
              usages[i]));
    }
    return list;
  }

  private CallStatistics record(
      long id,
      boolean home,
      @Nullable String where,
      long queued,
      long sent,
      long started,
      long ended,
      long bytesOut,
      long bytesIn,
      int attempts,
      boolean cold,
      @Nullable Usage usage) {
    return new CallStatistics(
        id,
        home ? CallStatistics.Place.HOME : CallStatistics.Place.AWAY,
        home ? where : null,
        instantOf(queued),
        sent == 0 ? null : instantOf(sent),
        started == 0 ? null : instantOf(started),
        instantOf(ended),
        bytesOut,
        bytesIn,
        attempts,
        home ? null : where,
        cold,
        usage);
  }

  private Instant instantOf(long nanos) {
    return epoch.plusNanos(nanos - epochNanos);
  }
}
