package dev.martlet.internal.function;

import dev.martlet.internal.log.Log;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A session's sign of life: an object in the store that says whose the session is. It is written as
 * soon as the session has something in the store, or something under way for some seconds, and once
 * a minute as long as that lasts, each time with another number: so workers see that their client
 * is there, and whoever cleans the store what is still in use. Thread-safe.
 */
final class Heartbeat {
  private static final long FIRST_SECONDS = 5;
  private static final long SECONDS = 60;

  private final Store store;
  private final String name;
  private final ScheduledExecutorService timer;
  private final BooleanSupplier idle;

  // Guarded by this.
  private CompletableFuture<?> written = CompletableFuture.completedFuture(null);
  private long writtenNanos;
  private int number;
  private boolean ticking;
  private boolean ended;

  /**
   * Creates a sign of life.
   *
   * @param name of the object
   * @param idle whether nothing is under way
   */
  Heartbeat(Store store, String name, ScheduledExecutorService timer, BooleanSupplier idle) {
    this.store = store;
    this.name = name;
    this.timer = timer;
    this.idle = idle;
  }

  /** Something is under way. */
  synchronized void begin() {
    if (!ticking) {
      ticking = true;
      later(FIRST_SECONDS);
    }
  }

  /** Something is in the store. */
  synchronized void show() {
    if (number == 0 || System.nanoTime() - writtenNanos >= TimeUnit.SECONDS.toNanos(SECONDS)) {
      write();
    }
  }

  private void later(long seconds) {
    try {
      Future<?> unused = timer.schedule(this::tick, seconds, TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      ticking = false; // closed
    }
  }

  private synchronized void tick() {
    ticking = !ended && !idle.getAsBoolean();
    if (ticking) {
      FunctionPlatform.attempt(this::write);
      later(SECONDS);
    }
  }

  private synchronized void write() {
    if (ended) {
      return;
    }
    writtenNanos = System.nanoTime();
    String text = System.getProperty("user.name", "") + "\n" + number++;
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    written =
        store
            .put(name, List.of(bytes))
            .whenComplete(
                (done, e) -> {
                  if (e != null) {
                    Log.of(Heartbeat.class).debug("{} was not written", name, e);
                  }
                });
  }

  /** Returns whose session it is, by what was written. */
  static String user(ByteBuffer content) {
    String text = StandardCharsets.UTF_8.decode(content.duplicate()).toString();
    int end = text.indexOf('\n');
    return end < 0 ? "" : text.substring(0, end);
  }

  /**
   * Shows nothing any more.
   *
   * @param leaves whether to leave what was shown, since something of the session is left, too
   */
  synchronized CompletableFuture<Void> end(boolean leaves) {
    ended = true;
    return number == 0 || leaves
        ? CompletableFuture.completedFuture(null)
        : written.handle((done, e) -> List.of(name)).thenCompose(store::delete);
  }
}
