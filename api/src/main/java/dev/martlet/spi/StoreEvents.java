package dev.martlet.spi;

import java.util.function.Consumer;

/**
 * Tells of objects that are written to a {@link Store}. Events may be late, lost, or come twice:
 * they make that something is found sooner, and nothing depends on them. Thread-safe; no method
 * blocks.
 */
public interface StoreEvents extends AutoCloseable {
  /**
   * Begins to tell.
   *
   * @param prefix how the keys begin that are of interest
   * @param listener hears of keys; must not block
   */
  void listen(String prefix, Consumer<String> listener);

  /** Tells nothing more. */
  @Override
  void close();
}
