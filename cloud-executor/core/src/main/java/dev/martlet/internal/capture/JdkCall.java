package dev.martlet.internal.capture;

import dev.martlet.internal.effects.Operation;

/**
 * A call that acts on a thread-safe object of the JDK if its receiver is one.
 *
 * @param owner the static type of the receiver, an internal name
 * @param name the method, or {@link #READ} where the object is an argument that the JDK looks into
 * @param operation what the call does as far as the static type tells, its result not considered
 * @param resultDropped whether nothing is done with the result, or there is none
 * @param fresh whether the receiver is certainly an object that the calling method allocated
 * @param escapes whether a fresh receiver may have become known to other code
 */
public record JdkCall(
    String owner,
    String name,
    String descriptor,
    Operation operation,
    boolean resultDropped,
    boolean fresh,
    boolean escapes) {

  /** The name under which an argument's contents are read. */
  public static final String READ = "<read>";

  @Override
  public String toString() {
    String what = name.equals(READ) ? "contents read" : name + "()";
    return simpleName(owner) + '.' + what + (resultDropped ? "" : " with its result used");
  }

  static String simpleName(String owner) {
    return owner.substring(owner.lastIndexOf('/') + 1).replace('$', '.');
  }
}
