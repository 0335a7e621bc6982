package dev.martlet.internal.worker.process;

import dev.martlet.spi.Platform;
import java.util.List;
import java.util.Map;

class LocalPlatformContractTest extends PlatformContractTest {
  @Override
  Platform open(int workers, Map<String, Object> settings) {
    return Probe.open(workers, settings, List.of());
  }
}
