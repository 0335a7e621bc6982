package dev.martlet.internal.codec;

/** How much the reader of bytes trusts their writer. */
public enum Trust {
  /** The writer may run any code here anyway: a worker reads its client. */
  FULL,
  /**
   * A client reads a worker: lambdas only where the host's own code makes them, no state of enum
   * constants, no table larger than its content warrants.
   */
  INBOUND
}
