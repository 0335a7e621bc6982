package dev.martlet;

/** A call's worker ended before the call did, as often as the retry policy allows. */
public class WorkerLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How a worker ended. */
  public enum Reason {
    /** The process was killed by a signal. */
    KILLED,
    /** The task, or something in its JVM, called {@code System.exit} or {@code Runtime.halt}. */
    EXITED,
    /** The worker ran out of memory. */
    OUT_OF_MEMORY,
    /** The line to the worker was cut, or it stopped answering. */
    DISCONNECTED,
    /** The worker could not be started. */
    NOT_STARTED,
    /** The worker could not run the call, as when it cannot read what it was sent. */
    INCAPABLE
  }

  private final Reason reason;

  /**
   * Creates the exception.
   *
   * @param reason how the last worker ended
   * @param message what happened, on which worker, and after how many attempts
   */
  public WorkerLostException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Returns how the last worker ended. */
  public Reason reason() {
    return reason;
  }
}
