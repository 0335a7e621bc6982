package dev.martlet.internal.envelope;

import org.jspecify.annotations.Nullable;

/** What came is no envelope. */
public final class MalformedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MalformedException(String what, @Nullable Throwable cause) {
    super("this is not what was sent: " + what, cause);
  }
}
