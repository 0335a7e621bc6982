package dev.martlet.spi;

import dev.martlet.Usage;
import org.jspecify.annotations.Nullable;

/** An invocation has failed, other than by the task that it ran. */
public final class FunctionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** How an invocation fails. */
  public enum Kind {
    /** The cloud takes no more for now; the function has not begun. */
    THROTTLED,
    /** The cloud is out of order for now; the function may have begun. */
    UNAVAILABLE,
    /** The connection was lost; the function may have begun, and may go on. */
    CUT,
    /** The instance ended: exit, crash. */
    CRASHED,
    /** The instance ran out of memory. */
    OUT_OF_MEMORY,
    /** The cloud ended the instance, since it took too long. */
    TIMED_OUT,
    /** The instance could not be started. */
    NOT_STARTED,
    /** The request or the answer is larger than the cloud allows. */
    TOO_LARGE,
    /** It cannot succeed before somebody changes something: permissions, a missing function. */
    REFUSED
  }

  private final Kind kind;
  private final transient @Nullable Usage usage;

  /**
   * Creates the exception.
   *
   * @param message what failed, and what to do about it
   */
  public FunctionException(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, message, cause, null);
  }

  /**
   * Creates the exception.
   *
   * @param message what failed, and what to do about it
   * @param usage what the cloud reports of the invocation nevertheless
   */
  public FunctionException(
      Kind kind, String message, @Nullable Throwable cause, @Nullable Usage usage) {
    super(message, cause);
    this.kind = kind;
    this.usage = usage;
  }

  /** Returns how the invocation failed. */
  public Kind kind() {
    return kind;
  }

  /** Returns what the cloud reports of the invocation, or {@code null}. */
  public @Nullable Usage usage() {
    return usage;
  }
}
