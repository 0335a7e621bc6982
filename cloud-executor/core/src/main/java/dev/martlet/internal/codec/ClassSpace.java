package dev.martlet.internal.codec;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What both sides must agree on outside the bytes: the names of classes. Thread-safe. */
public interface ClassSpace {
  /** Returns the number of the loader of a class; 0 is the JDK's (boot and platform). */
  int idOf(Class<?> type);

  /** Loads a class without initialising it. */
  Class<?> load(int loaderId, String binaryName) throws ClassNotFoundException;

  /** Returns whether a class is user code, whose fields may stay home. */
  boolean isApplication(Class<?> type);

  /**
   * Returns the hash code that a class shall have on the other side, if nobody has asked for it
   * there yet; 0 for any.
   */
  default int hash(Class<?> type) {
    return 0;
  }

  /** Returns a lambda's shape as the other side knows it. */
  default LambdaShape original(LambdaShape shape) {
    return shape;
  }

  /**
   * Returns where decoders keep what they have found out about descriptions of classes, for as long
   * as the space lives; null if each keeps its own.
   */
  default @Nullable Map<ByteBuffer, Object> known() {
    return null;
  }

  /** Returns the class file of a class, or null if it is not known. */
  default byte @Nullable [] classFile(Class<?> type) {
    return LambdaSites.resource(type);
  }
}
