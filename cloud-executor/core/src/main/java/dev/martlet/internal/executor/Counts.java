package dev.martlet.internal.executor;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.PoolStatistics;
import dev.martlet.Usage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a pool counts of its calls, and who is told of those that have ended. Thread-safe. */
final class Counts {
  private final @Nullable CallListener listener;
  private final Consumer<Runnable> teller;
  private final LongAdder away = new LongAdder();
  private final LongAdder home = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder coldStarts = new LongAdder();
  private final Recent recent = new Recent();

  /**
   * Creates counts.
   *
   * @param teller calls the listener, on a thread that may be held up
   */
  Counts(@Nullable CallListener listener, Consumer<Runnable> teller) {
    this.listener = listener;
    this.teller = teller;
  }

  void sent(boolean again, boolean cold, long bytes) {
    bytesOut.add(bytes);
    if (again) {
      retried.increment();
    }
    if (cold) {
      coldStart();
    }
  }

  void coldStart() {
    coldStarts.increment();
  }

  void sent(long bytes) {
    bytesOut.add(bytes);
  }

  void received(long bytes) {
    bytesIn.add(bytes);
  }

  void ended(Call call, boolean atHome, boolean threw, long runNanos, long in, long now) {
    (atHome ? home : away).increment();
    bytesIn.add(in);
    if (threw) {
      failed.increment();
    }
    long started = runNanos > 0 ? now - runNanos : atHome ? call.sentNanos : 0;
    record(call, atHome, started, now, in);
  }

  void cancelled(Call call) {
    if (call.id == 0) {
      return;
    }
    cancelled.increment();
    record(call, call.stage() == Call.HOME, 0, System.nanoTime(), 0);
  }

  /** Whatever becomes of it, nobody may wait for that. */
  private void record(Call call, boolean atHome, long started, long ended, long in) {
    try {
      tell(call, atHome, started, ended, in);
    } catch (RuntimeException | Error e) {
      CloudPool.log(e);
    }
  }

  private void tell(Call call, boolean atHome, long started, long ended, long in) {
    recent.add(call, atHome, started, ended, in);
    CallListener l = listener;
    if (l != null) {
      CallStatistics statistics = recent.of(call, atHome, started, ended, in);
      teller.accept(() -> l.ended(statistics));
    }
  }

  /** Returns how many calls have run to their end. */
  long ended() {
    return away.sum() + home.sum();
  }

  PoolStatistics statistics(long submitted, @Nullable Usage usage) {
    return new PoolStatistics(
        submitted,
        away.sum(),
        home.sum(),
        failed.sum(),
        cancelled.sum(),
        retried.sum(),
        bytesOut.sum(),
        bytesIn.sum(),
        coldStarts.sum(),
        usage,
        recent.list());
  }
}
