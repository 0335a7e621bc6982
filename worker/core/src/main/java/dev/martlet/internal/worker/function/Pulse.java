package dev.martlet.internal.worker.function;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run's client is there: it writes its sign of life once a minute. Both clocks may
 * differ, so it counts that it changes. A client that has never shown one is not taken for gone.
 * Not thread-safe.
 */
final class Pulse {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long GONE_NANOS = TimeUnit.SECONDS.toNanos(230);

  private final Source source;
  private long lookedNanos;
  private long changedNanos;
  private @Nullable ByteBuffer last;
  private boolean seen;

  /** Reads the sign of life; null if there is none. */
  @FunctionalInterface
  interface Source {
    @Nullable ByteBuffer read() throws IOException;
  }

  /**
   * Creates a pulse.
   *
   * @param now the time, as of {@link System#nanoTime}, at which the client was there
   */
  Pulse(Source source, long now) {
    this.source = source;
    this.lookedNanos = now;
    this.changedNanos = now;
  }

  /** Returns whether the client has shown no sign of life for minutes. */
  boolean isGone(long now) {
    if (now - lookedNanos < LOOK_NANOS) {
      return false;
    }
    lookedNanos = now;
    ByteBuffer sign;
    try {
      sign = source.read();
    } catch (IOException e) {
      changedNanos = now; // nobody knows
      return false;
    }
    if (!Objects.equals(sign, last)) {
      last = sign;
      seen = true;
      changedNanos = now;
    }
    return seen && now - changedNanos >= GONE_NANOS;
  }
}
