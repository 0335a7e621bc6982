package dev.martlet.internal.aws.deploy;

import org.jspecify.annotations.Nullable;

/** A function could not be made, found or removed. */
public final class DeploymentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Creates the exception.
   *
   * @param message what failed, and what to do about it
   */
  public DeploymentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
