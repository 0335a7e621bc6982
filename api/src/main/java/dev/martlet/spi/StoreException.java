package dev.martlet.spi;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked for. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean transientFailure;

  /**
   * Creates the exception.
   *
   * @param message what failed, with the key, and what to do about it
   * @param isTransient whether it may succeed if it is tried again
   */
  public StoreException(String message, boolean isTransient, @Nullable Throwable cause) {
    super(message, cause);
    this.transientFailure = isTransient;
  }

  /** Returns whether it may succeed if it is tried again. */
  public boolean isTransient() {
    return transientFailure;
  }
}
