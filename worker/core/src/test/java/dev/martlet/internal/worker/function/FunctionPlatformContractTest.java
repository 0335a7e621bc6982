package dev.martlet.internal.worker.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.worker.process.PlatformContractTest;
import dev.martlet.spi.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** The platform of functions and a store, over a cloud in this JVM. */
class FunctionPlatformContractTest extends PlatformContractTest {
  private final MemoryStore store = new MemoryStore();

  @Override
  protected Platform open(int workers, Map<String, Object> settings) {
    return Clouds.open(store, Weather.fine(), settings);
  }

  @Override
  protected int much() {
    return 20_000_000;
  }

  @AfterEach
  void leavesNothing() {
    List<String> left = store.keys().stream().filter(k -> k.startsWith("s/")).toList();
    assertThat(left)
        .as("what is left but orders to stop, and the last words of those who heed them")
        .allMatch(k -> k.contains("/out/m/") || k.contains("/in/"));
    assertThat(store.keys())
        .as("with whose that is")
        .allMatch(
            k ->
                k.startsWith("s/")
                    || k.startsWith("code/")
                    || (k.startsWith("live/") && !left.isEmpty()));
  }
}
