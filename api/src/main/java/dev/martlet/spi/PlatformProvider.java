package dev.martlet.spi;

/** Opens a platform by name. Found by {@link java.util.ServiceLoader}. */
public interface PlatformProvider {
  /** Returns the platform's name in the configuration, such as {@code local}. */
  String name();

  /**
   * Opens the platform for one pool. Workers may be started later, on demand.
   *
   * @throws IllegalArgumentException if a setting of the platform is not valid
   */
  Platform open(PlatformConfig config);
}
