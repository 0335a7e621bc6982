package dev.martlet.internal.executor;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Where calls were submitted: a stack trace, taken at submission and made readable when a call
 * fails. Taking one costs more than a tiny call, so a thread that submits the same lambda in a
 * burst shares one among the burst's calls.
 */
final class Origin {
  private static final StackTraceElement[] NONE = {};
  private static final Set<String> INNER =
      Set.of(
          Origin.class.getName(),
          CloudPool.class.getName(),
          AbstractExecutorService.class.getName());
  private static final long BURST_NANOS = 20_000;

  private final Throwable trace = new Throwable();
  private final Class<?> function;
  private final long thread;
  private final long nanos;

  private Origin(Class<?> function, long thread, long nanos) {
    this.function = function;
    this.thread = thread;
    this.nanos = nanos;
  }

  /** Returns {@code last} if it belongs to the same burst, else a new origin. */
  static Origin of(Object function, long now, @Nullable Origin last) {
    Class<?> type = function.getClass();
    long thread = Thread.currentThread().getId();
    if (last != null
        && last.function == type
        && last.thread == thread
        && now - last.nanos < BURST_NANOS
        && type.isHidden()) {
      return last;
    }
    return new Origin(type, thread, now);
  }

  /** Returns the submitter's frames, from the one that called the pool on. */
  static StackTraceElement[] frames(@Nullable Origin origin) {
    if (origin == null) {
      return NONE;
    }
    StackTraceElement[] frames = origin.trace.getStackTrace();
    int first = 0;
    while (first < frames.length && INNER.contains(frames[first].getClassName())) {
      first++;
    }
    return Arrays.copyOfRange(frames, first, frames.length);
  }
}
