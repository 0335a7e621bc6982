package dev.martlet;

import java.util.concurrent.RejectedExecutionException;

/**
 * Thrown in strict mode when a task cannot leave home: an object that it reads cannot travel, or it
 * synchronises with others. The message names the object path, the reason and the remedy.
 */
public class UncapturableException extends RejectedExecutionException {
  private static final long serialVersionUID = 1L;

  private final String path;

  /**
   * Creates the exception.
   *
   * @param message what could not travel, why, and what to do about it
   * @param path the way from the task to the object, such as {@code lambda -> this$0 (Service) ->
   *     conn (java.net.Socket)}; empty if the reason is no single object
   */
  public UncapturableException(String message, String path) {
    super(message);
    this.path = path;
  }

  /** Returns the way from the task to the object, or an empty string. */
  public String path() {
    return path;
  }
}
