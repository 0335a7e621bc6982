package dev.martlet.experiments;

import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What a client tells the {@link Lab} of itself, on its output; it is told to begin on its input.
 */
final class Meter {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  // The JVM's own.
  private final int threads = THREADS.getThreadCount();

  /** Creates a meter in a process that ends with the lab's. */
  Meter() {
    CompletableFuture<Void> unused =
        ProcessHandle.current()
            .parent()
            .orElseThrow()
            .onExit()
            .thenRun(() -> Runtime.getRuntime().halt(1));
  }

  /** Says that all is warm, and waits until the instances are cold. */
  void begin() throws IOException {
    System.out.println("warm");
    if (System.in.read() < 0) {
      throw new EOFException("the lab has gone");
    }
    THREADS.resetPeakThreadCount();
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** Tells of calls: when each began to run, and when its result was here. */
  void end(long began, List<long[]> calls) {
    System.out.println("threads " + (THREADS.getPeakThreadCount() - threads));
    System.out.println("heap " + peakHeap());
    for (long[] call : calls) {
      System.out.println("call " + (call[0] - began) + " " + (call[1] - began));
    }
  }

  /** Returns how many MB the heap has held at most, garbage included. */
  private static long peakHeap() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        bytes += pool.getPeakUsage().getUsed();
      }
    }
    return bytes >> 20;
  }
}
