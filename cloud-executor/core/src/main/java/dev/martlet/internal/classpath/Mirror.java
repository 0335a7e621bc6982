package dev.martlet.internal.classpath;

import org.jspecify.annotations.Nullable;

/**
 * A worker's class loader that mirrors one of a client. When the worker is a client in turn, it
 * passes on what it was given, not what it made of it.
 */
public interface Mirror {
  /** Returns the class file as the first client has it, by internal name. */
  byte @Nullable [] classFile(String internalName);

  /** Returns whether a class that this loader has defined belongs to the application. */
  boolean isApplication(String className);
}
