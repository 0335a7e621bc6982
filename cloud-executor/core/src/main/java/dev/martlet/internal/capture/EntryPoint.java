package dev.martlet.internal.capture;

import org.jspecify.annotations.Nullable;

/**
 * A method at which a task's code begins: the implementation of its lambda, or {@code call} of its
 * class. Names are internal.
 *
 * @param receiver the run-time class of the object it is called on, if there is one
 * @param resultDropped whether the caller has no use for the result, as with a Runnable
 */
public record EntryPoint(
    String owner,
    String name,
    String descriptor,
    @Nullable Class<?> receiver,
    boolean resultDropped) {

  /** An entry whose result, if any, is used. */
  public EntryPoint(String owner, String name, String descriptor, @Nullable Class<?> receiver) {
    this(owner, name, descriptor, receiver, false);
  }
}
