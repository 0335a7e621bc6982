package dev.martlet.internal.local;

import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens {@link LocalPlatform}. */
public final class LocalPlatformProvider implements PlatformProvider {
  /** Creates the provider; for the service loader. */
  public LocalPlatformProvider() {}

  @Override
  public String name() {
    return LocalPlatform.NAME;
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public void expect(
      Map<String, Object> settings, Map<String, String> environment, List<String> jvmOptions) {
    Object cache = settings.get("cache");
    Forerunner.begin(cache == null ? null : Path.of(cache.toString()), jvmOptions, environment);
  }

  @Override
  public Platform open(PlatformConfig config) {
    return new LocalPlatform(config);
  }
}
