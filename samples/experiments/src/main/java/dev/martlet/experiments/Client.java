package dev.martlet.experiments;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A process that runs as many calls at a time as it is told, all of which sleep. The settings come
 * as system properties, and nothing here knows of the cloud. Before anything counts, as many calls
 * run at once as will, so that there is an instance for each and the JVMs have compiled their code.
 */
final class Client {
  private Client() {}

  /**
   * Runs the calls.
   *
   * @param args how many milliseconds each call takes, and how many run, time after time
   */
  public static void main(String[] args) throws Exception {
    Meter meter = new Meter();
    long millis = Long.parseLong(args[0]);
    int[] sizes = Stream.of(args).skip(1).mapToInt(Integer::parseInt).toArray();
    int most = IntStream.of(sizes).max().orElseThrow();
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(most)) {
      warm(pool, most);
      for (int calls : sizes) {
        meter.begin();
        long began = System.currentTimeMillis();
        List<long[]> all = run(pool, calls, millis);
        meter.end(began, all);
      }
    }
    System.exit(0);
  }

  /** Has so many calls run at once for a moment, however long it takes until they all do. */
  private static void warm(CloudExecutorService pool, int calls) throws Exception {
    Path directory = Files.createTempDirectory("martlet-experiments");
    String here = directory.toString();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      Path own = directory.resolve("call-" + i);
      String name = own.toString();
      all.add(
          pool.submit(
              () -> {
                Files.createFile(Path.of(name));
                while (!Files.exists(Path.of(here, "go"))) {
                  Thread.sleep(100);
                }
                return null;
              }));
    }
    while (count(directory) < calls) {
      Thread.sleep(100);
    }
    Files.createFile(directory.resolve("go"));
    for (Future<?> f : all) {
      Object unused = f.get();
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  /** Returns when each call began to run, and when its result was here. */
  private static List<long[]> run(CloudExecutorService pool, int calls, long millis)
      throws Exception {
    Callable<Long> task =
        () -> {
          long began = System.currentTimeMillis();
          Thread.sleep(millis);
          return began;
        };
    List<Future<Long>> results = new ArrayList<>(calls);
    for (int i = 0; i < calls; i++) {
      results.add(pool.submit(task));
    }
    List<long[]> all = new ArrayList<>(calls);
    for (Future<Long> result : results) {
      long began = result.get();
      all.add(new long[] {began, System.currentTimeMillis()});
    }
    return all;
  }
}
