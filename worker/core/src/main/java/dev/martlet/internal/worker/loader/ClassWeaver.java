package dev.martlet.internal.worker.loader;

import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Changes classes as they are defined. Called by several threads at a time. */
@FunctionalInterface
public interface ClassWeaver {
  /** Leaves classes as they are. */
  ClassWeaver NONE = (name, classFile, application, others, isApplication) -> classFile;

  /**
   * Returns the class file to define.
   *
   * @param binaryName the class's name
   * @param classFile as the client has it
   * @param application whether the class belongs to the application; else it is a library's
   * @param classFileByInternalName gives the class files that the class's loader sees, the JDK's
   *     included, by names such as {@code java/util/List}; null for one that does not exist
   * @param isApplication whether another class that the loader sees, by internal name, belongs to
   *     the application
   */
  byte[] weave(
      String binaryName,
      byte[] classFile,
      boolean application,
      Function<String, byte @Nullable []> classFileByInternalName,
      Predicate<String> isApplication);

  /** Returns a class that woven code refers to, or null if it is not the weaver's. */
  default @Nullable Class<?> visible(String binaryName) {
    return null;
  }
}
