package dev.martlet.internal.worker.loader;

import org.jspecify.annotations.Nullable;

/**
 * The client's code could not be had, though the client may have it: the attempt is to be given up.
 * Not an exception, which tasks tend to catch; nor a {@link LinkageError}, which the JVM would
 * remember as the class's own failure.
 */
public final class CodeUnavailableError extends Error {
  private static final long serialVersionUID = 1;

  CodeUnavailableError(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
