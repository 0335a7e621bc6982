package dev.martlet.internal.capture;

/** A task has to run at home; the message says why, and what to do about it. */
public final class HomeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String path;

  /**
   * Creates the exception.
   *
   * @param message why the task has to run at home
   * @param path the way to the object that cannot travel, or an empty string
   */
  public HomeException(String message, String path) {
    super(message, null, false, false);
    this.reason = message;
    this.path = path;
  }

  /** Returns why the task has to run at home. */
  public String reason() {
    return reason;
  }

  /** Returns the way to the object that cannot travel, or an empty string. */
  public String path() {
    return path;
  }
}
