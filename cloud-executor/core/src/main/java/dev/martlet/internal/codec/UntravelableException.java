package dev.martlet.internal.codec;

/** A graph holds an object that cannot be copied to another JVM. */
public final class UntravelableException extends Exception {
  private static final long serialVersionUID = 1L;

  static final String CHANGED = "was changed by another thread while it was copied";

  private final String path;
  private final String reason;
  private final transient Class<?> type;

  /** Creates an exception for what is found at a path. */
  public UntravelableException(String path, String reason, Class<?> type) {
    super(path + ": " + reason);
    this.path = path;
    this.reason = reason;
    this.type = type;
  }

  /**
   * Returns the way from the root, e.g. {@code lambda → this$0 (Service) → conn (java.net.Socket)}.
   */
  public String path() {
    return path;
  }

  /** Returns whether the object was changed while it was copied, so that a second try may do. */
  public boolean isPassing() {
    return reason.equals(CHANGED);
  }

  /** Returns why the object cannot travel. */
  public String reason() {
    return reason;
  }

  /** Returns the class of the object. */
  public Class<?> type() {
    return type;
  }
}
