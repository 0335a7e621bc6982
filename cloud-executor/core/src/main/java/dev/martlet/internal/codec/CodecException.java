package dev.martlet.internal.codec;

import org.jspecify.annotations.Nullable;

/** Bytes that are no valid encoding here: damaged, forged, or from other classes than ours. */
public final class CodecException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception. */
  public CodecException(String message) {
    super(message);
  }

  /** Creates an exception. */
  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
