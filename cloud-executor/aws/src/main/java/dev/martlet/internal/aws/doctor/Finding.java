package dev.martlet.internal.aws.doctor;

import java.util.List;

/**
 * One thing that was looked at.
 *
 * @param what the thing
 * @param state how it is
 * @param detail what was seen
 * @param fixes commands that mend it, in order; empty if there is nothing to mend
 */
public record Finding(String what, State state, String detail, List<String> fixes) {
  /** How a thing is. */
  public enum State {
    /** As it must be. */
    GOOD,
    /** It works, but not as well as it could. */
    WEAK,
    /** It keeps Martlet from working. */
    BAD,
    /** It could not be looked at. */
    UNKNOWN
  }

  /** Creates a finding with an unmodifiable copy. */
  public Finding {
    fixes = List.copyOf(fixes);
  }

  static Finding good(String what, String detail) {
    return new Finding(what, State.GOOD, detail, List.of());
  }

  static Finding bad(String what, String detail, String... fixes) {
    return new Finding(what, State.BAD, detail, List.of(fixes));
  }

  static Finding weak(String what, String detail, String... fixes) {
    return new Finding(what, State.WEAK, detail, List.of(fixes));
  }

  static Finding unknown(String what, String detail, String... fixes) {
    return new Finding(what, State.UNKNOWN, detail, List.of(fixes));
  }
}
