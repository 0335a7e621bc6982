package dev.martlet.spi;

import java.util.List;
import java.util.Map;

/** Opens a platform by name. Found by {@link java.util.ServiceLoader}. */
public interface PlatformProvider {
  /** Returns the platform's name in the configuration, such as {@code local}. */
  String name();

  /** Returns the name of the section of the configuration that holds the platform's settings. */
  default String section() {
    return name();
  }

  /** Returns whether instances run on the client's machine and see its files. */
  default boolean isLocal() {
    return false;
  }

  /**
   * Tells that {@link #open} is likely to follow soon, with a configuration that holds these, so
   * that what takes long may begin meanwhile. It must fail and wait for nothing, and what it began
   * must end by itself if {@code open} does not follow. Does nothing by default.
   *
   * @param settings resolved settings by configuration key
   * @param environment variables to pass on to workers
   * @param jvmOptions options for worker JVMs that the platform starts itself
   */
  default void expect(
      Map<String, Object> settings, Map<String, String> environment, List<String> jvmOptions) {}

  /**
   * Opens the platform for one pool. Workers may be started later, on demand.
   *
   * @throws IllegalArgumentException if a setting of the platform is not valid
   */
  Platform open(PlatformConfig config);
}
