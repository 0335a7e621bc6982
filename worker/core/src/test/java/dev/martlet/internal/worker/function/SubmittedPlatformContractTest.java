package dev.martlet.internal.worker.function;

import dev.martlet.spi.Platform;
import java.util.HashMap;
import java.util.Map;

/** Likewise, where the cloud queues invocations and answers come by the store. */
class SubmittedPlatformContractTest extends FunctionPlatformContractTest {
  @Override
  protected Platform open(int workers, Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("mode", "event");
    return super.open(workers, all);
  }
}
