package dev.martlet.internal.worker.function;

import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.function.FunctionPlatform;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Opens platforms of functions in this JVM. */
final class Clouds {
  static final Duration LONGEST_RUN = Duration.ofMinutes(15);

  /** That of pools. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private Clouds() {}

  static Platform open(MemoryStore store, Weather weather, Map<String, Object> settings) {
    return open(
        new MemoryFunctions(store, weather, LONGEST_RUN, Integer.MAX_VALUE),
        store,
        settings,
        Duration.ofMinutes(16));
  }

  static Platform open(
      FunctionClient functions, Store store, Map<String, Object> settings, Duration patience) {
    return open(functions, store, settings, patience, SILENCE, q -> q);
  }

  static Platform open(
      FunctionClient functions,
      Store store,
      Map<String, Object> settings,
      Duration patience,
      Duration silence) {
    return open(functions, store, settings, patience, silence, q -> q);
  }

  static Platform open(
      FunctionClient functions,
      Store store,
      Map<String, Object> settings,
      Duration patience,
      PlatformConfig.Questions questions) {
    return open(functions, store, settings, patience, SILENCE, questions);
  }

  static Platform open(
      FunctionClient functions,
      Store store,
      Map<String, Object> settings,
      Duration patience,
      Duration silence,
      PlatformConfig.Questions questions) {
    PlatformConfig config =
        new PlatformConfig(
            settings,
            1024,
            1024,
            Map.of(),
            List.of(),
            ByteBuffer.wrap("world".getBytes(StandardCharsets.UTF_8)),
            questions);
    return new FunctionPlatform(
        "memory", config, functions, store, Map.of("where", "here"), patience, silence);
  }
}
