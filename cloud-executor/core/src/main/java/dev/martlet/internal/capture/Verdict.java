package dev.martlet.internal.capture;

/**
 * Where a task may run, as far as its code tells.
 *
 * @param reason for a person: what keeps the task, and how its code gets there; empty if it is pure
 */
public record Verdict(Kind kind, String reason) {
  /** The classes of tasks. */
  public enum Kind {
    /** Synchronises on nothing that is shipped: may run away. */
    PURE,
    /** Only releases to others: may run away, its operations are replayed at home. */
    RELEASES,
    /** Learns from others, or waits for them: must run at home. */
    HOME,
    /** Nothing was found that keeps it, but not all could be seen. */
    UNSURE
  }
}
