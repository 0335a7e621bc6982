package dev.martlet.internal.capture;

/**
 * A function whose class does not say what code it runs. It brings its call site with it, and
 * something else travels in its place.
 */
public interface Sited {
  /** Returns the call site, the same one for all that run the same code. */
  Site site();

  /** Returns a class of the program, in whose world the function runs. */
  Class<?> host();

  /** Returns what travels; all functions in it are called. */
  Object travels();
}
