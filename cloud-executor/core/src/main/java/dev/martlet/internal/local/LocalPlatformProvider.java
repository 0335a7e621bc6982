package dev.martlet.internal.local;

import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformProvider;

/** Opens {@link LocalPlatform}. */
public final class LocalPlatformProvider implements PlatformProvider {
  /** Creates the provider; for the service loader. */
  public LocalPlatformProvider() {}

  @Override
  public String name() {
    return LocalPlatform.NAME;
  }

  @Override
  public Platform open(PlatformConfig config) {
    return new LocalPlatform(config);
  }
}
