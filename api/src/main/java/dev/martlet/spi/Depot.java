package dev.martlet.spi;

import java.util.Map;

/**
 * What stays when a client has gone: functions that wait in the cloud's queue, and a store that
 * they and later clients use. That of a {@link Platform} is closed with it.
 *
 * @param functions takes what is to be run
 * @param store tries again what fails and may yet succeed
 * @param place where the store is, for the platform's worker to open
 */
public record Depot(FunctionClient functions, Store store, Map<String, String> place)
    implements AutoCloseable {
  /** Creates the depot with an unmodifiable copy. */
  public Depot {
    place = Map.copyOf(place);
  }

  /** Gives connections back. What is under way may fail. */
  @Override
  public void close() {
    functions.close();
    store.close();
  }
}
