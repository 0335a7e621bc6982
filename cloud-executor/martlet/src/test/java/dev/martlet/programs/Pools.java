package dev.martlet.programs;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The pools that programs run on; programs that do not shut theirs down share it. */
final class Pools implements AutoCloseable {
  private record Key(int parallelism, boolean strict) {}

  private final Map<Key, CloudExecutorService> shared = new HashMap<>();

  static ExecutorService jdk(Program program) {
    int parallelism = program.parallelism();
    if (program.isNested()) {
      return Executors.newCachedThreadPool();
    }
    return parallelism == 1
        ? Executors.newSingleThreadExecutor()
        : Executors.newFixedThreadPool(parallelism);
  }

  static CloudExecutorService martlet(int parallelism, boolean strict) {
    return CloudExecutors.builder().parallelism(parallelism).strict(strict).build();
  }

  CloudExecutorService shared(int parallelism, boolean strict) {
    return shared.computeIfAbsent(
        new Key(parallelism, strict), k -> martlet(k.parallelism, k.strict));
  }

  /** Gives up a pool that a program has left in an unknown state. */
  void discard(CloudExecutorService pool) {
    shared.values().remove(pool);
    pool.shutdownNow();
  }

  @Override
  public void close() {
    shared.values().forEach(ExecutorService::shutdownNow);
    shared.clear();
  }
}
