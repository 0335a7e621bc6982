package dev.martlet.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@link ColdProbe} several times, as often as there is time for, and takes medians. */
final class ColdRun {
  private final int runs;
  private final Duration budget;

  ColdRun(boolean quick) {
    runs = quick ? 3 : 5;
    budget = Duration.ofSeconds(quick ? 5 : 25);
  }

  /** Measures one column; returns whether all probes ended well. */
  boolean run(Contender contender, Table table, Path log) throws IOException, InterruptedException {
    Map<Figure, List<Double>> samples = new EnumMap<>(Figure.class);
    long start = System.nanoTime();
    boolean well = true;
    for (int i = 0;
        well && i < runs && (i == 0 || System.nanoTime() - start < budget.toNanos());
        i++) {
      well = probe(contender, i == 0, log);
      for (String line : Files.readAllLines(log)) {
        String[] parts = line.split("=", 2);
        samples
            .computeIfAbsent(Figure.valueOf(parts[0]), figure -> new ArrayList<>())
            .add(Double.valueOf(parts[1]));
      }
    }
    samples.forEach((figure, values) -> table.put(contender, figure, median(values)));
    return well;
  }

  private static boolean probe(Contender contender, boolean memory, Path log)
      throws IOException, InterruptedException {
    Process probe =
        Jvm.of(contender.jvmOptions(), ColdProbe.class, contender, memory)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    if (!probe.waitFor(2, TimeUnit.MINUTES)) {
      probe.descendants().forEach(ProcessHandle::destroyForcibly);
      probe.destroyForcibly();
      return false;
    }
    return probe.exitValue() == 0;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
