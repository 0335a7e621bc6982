package dev.martlet;

/**
 * Stands for an exception of a task that could not be rebuilt on the client. It carries the class
 * name, the message and the stack frames of the original.
 */
public class RemoteTaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String className;

  /**
   * Creates the exception.
   *
   * @param className the binary name of the original exception's class
   * @param message the original message, or its description where it had none
   */
  public RemoteTaskException(String className, String message) {
    super(className + ": " + message);
    this.className = className;
  }

  /** Returns the binary name of the original exception's class. */
  public String className() {
    return className;
  }
}
