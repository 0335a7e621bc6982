package dev.martlet.internal.effects;

/**
 * What a call on a thread-safe object of the JDK does to the order in which threads see each
 * other's work.
 */
public enum Operation {
  /** Neither reads nor changes what threads share. */
  NEUTRAL,
  /**
   * Changes shared state without learning from it, provided that its result is dropped: it may be
   * logged and done again later on the live object. An argument that the call reads, see {@link
   * JdkTable#readsArgument}, must be logged as it was read.
   */
  RELEASE,
  /** A {@link #RELEASE} that others may be waiting for. */
  SIGNAL,
  /** Reads shared state, or updates it and answers with what it was. */
  ACQUIRE,
  /** An {@link #ACQUIRE} that may block until another thread acts. */
  WAIT;

  /** Returns whether this operation is of use to others only: it can be logged and replayed. */
  public boolean releases() {
    return this == RELEASE || this == SIGNAL;
  }

  /** Returns whether this operation learns from other threads, and so needs the live object. */
  public boolean acquires() {
    return this == ACQUIRE || this == WAIT;
  }

  /** Returns what this operation is when its result is {@code used}. */
  public Operation whenResult(boolean used) {
    return used && releases() ? ACQUIRE : this;
  }
}
