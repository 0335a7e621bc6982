package dev.martlet.internal.testkit;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What is counted. */
public final class Counters {
  public final LongAdder requests = new LongAdder();
  public final LongAdder invocations = new LongAdder();
  public final LongAdder runs = new LongAdder();
  public final LongAdder coldStarts = new LongAdder();
  public final LongAdder throttled = new LongAdder();
  public final LongAdder functionErrors = new LongAdder();
  public final LongAdder timeOuts = new LongAdder();
  public final LongAdder retries = new LongAdder();
  public final LongAdder dropped = new LongAdder();
  public final LongAdder faults = new LongAdder();
  public final LongAdder bytesIn = new LongAdder();
  public final LongAdder bytesOut = new LongAdder();
  public final AtomicInteger instances = new AtomicInteger();
  public final AtomicInteger running = new AtomicInteger();
  public final AtomicInteger peak = new AtomicInteger();
  public final AtomicInteger connections = new AtomicInteger();

  void begin() {
    peak.accumulateAndGet(running.incrementAndGet(), Math::max);
  }

  void end() {
    running.decrementAndGet();
  }
}
