package dev.martlet.internal.worker.weave;

/**
 * Ends an attempt that must not go on away from home. User code may catch it; the call remembers,
 * so the attempt stays dropped.
 */
public final class AttemptDropped extends Error {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the error.
   *
   * @param reason why, for a person
   */
  public AttemptDropped(String reason) {
    super(reason, null, false, false);
  }
}
