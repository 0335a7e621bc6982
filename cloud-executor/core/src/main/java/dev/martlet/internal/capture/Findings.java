package dev.martlet.internal.capture;

import java.util.Map;
import java.util.Set;

/**
 * What the code that a task can reach does. Immutable; names are internal.
 *
 * @param fieldsRead instance fields, by their declaring class, of classes outside the JDK
 * @param classes the classes outside the JDK that the code may need, in the order of first need
 * @param locks monitors that the code enters, but for those of objects that are certainly its own
 * @param volatileReads volatile fields, static ones too, but for those of objects just made
 * @param calls calls whose receiver or argument may be a thread-safe object of the JDK
 * @param opaque whether the code may run more than the analysis could see
 * @param settings what the code depends on of what a program can set for its whole JVM, by {@link
 *     dev.martlet.internal.effects.JdkTable#settings}
 * @param loud whether the code calls any of the JDK's that sees or changes more than its arguments
 * @param comparesReferences whether the code may ask whether two references are the same
 * @param paths for each finding how the code gets there
 */
public record Findings(
    Set<FieldRef> fieldsRead,
    Set<FieldRef> fieldsWritten,
    Set<FieldRef> staticsRead,
    Set<FieldRef> staticsWritten,
    Set<String> classes,
    Set<String> instantiated,
    Set<LockRef> locks,
    Set<FieldRef> volatileReads,
    Set<FieldRef> volatileWrites,
    Set<JdkCall> calls,
    Set<String> settings,
    boolean external,
    boolean reflective,
    boolean startsThreads,
    boolean usesThreadLocal,
    boolean opaque,
    boolean loud,
    boolean comparesReferences,
    Map<Object, String> paths) {

  /** Returns whether a monitor is entered that may be another's. */
  public boolean monitors() {
    return !locks.isEmpty();
  }

  /**
   * Returns whether the code depends on nothing but the objects that it is given, and on no thread,
   * and starts none.
   */
  public boolean selfContained() {
    return staticsRead.isEmpty()
        && staticsWritten.isEmpty()
        && locks.isEmpty()
        && volatileReads.isEmpty()
        && volatileWrites.isEmpty()
        && !external
        && !reflective
        && !startsThreads
        && !usesThreadLocal
        && !opaque
        && !loud;
  }

  /**
   * Returns a short path of calls to a finding, for a person: {@code lambda$main$0 →
   * Account.deposit: synchronized}. A finding is an element of one of the sets, or the name of one
   * of the flags.
   */
  public String why(Object finding) {
    return paths.getOrDefault(finding, "");
  }
}
