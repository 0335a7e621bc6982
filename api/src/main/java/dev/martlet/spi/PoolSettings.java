package dev.martlet.spi;

import dev.martlet.CallListener;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a builder was told; everything else comes from the configuration.
 *
 * @param values explicit settings by configuration key, such as {@code parallelism}
 * @param environment variables to pass on to workers
 * @param systemProperties system properties to pass on to workers
 * @param jvmOptions options for the command line of local worker JVMs
 * @param listener who hears what the calls do
 */
public record PoolSettings(
    Map<String, Object> values,
    Map<String, String> environment,
    Map<String, String> systemProperties,
    List<String> jvmOptions,
    @Nullable CallListener listener) {

  /** Creates the settings with unmodifiable copies. */
  public PoolSettings {
    values = Map.copyOf(values);
    environment = Map.copyOf(environment);
    systemProperties = Map.copyOf(systemProperties);
    jvmOptions = List.copyOf(jvmOptions);
  }
}
