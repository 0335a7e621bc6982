package dev.martlet.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures every contender on this machine, one after the other, and prints one table.
 *
 * <pre>
 * --quick             shorter runs, for a first impression
 * --out FILE          writes the table to a file too, in Markdown
 * --only NAME[,NAME]  measures some columns only: JDK, ECHO, ECHO_PINNED, MARTLET, HAZELCAST
 * </pre>
 */
public final class Main {
  private static final String USAGE = "usage: [--quick] [--out FILE] [--only NAME[,NAME]]";

  private final long start = System.nanoTime();
  private final double loadAtStart =
      ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  private boolean quick;
  private @Nullable Path out;
  private Set<Contender> contenders = EnumSet.allOf(Contender.class);

  private Main() {}

  /** Runs the benchmarks. */
  public static void main(String[] args) throws Exception {
    Main main = new Main();
    try {
      main.parse(List.of(args).iterator());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + System.lineSeparator() + USAGE);
      System.exit(2);
    }
    System.exit(main.run() ? 0 : 1);
  }

  private void parse(Iterator<String> arguments) {
    while (arguments.hasNext()) {
      String argument = arguments.next();
      switch (argument) {
        case "--quick" -> quick = true;
        case "--out" -> out = Path.of(value(argument, arguments));
        case "--only" -> {
          contenders = EnumSet.noneOf(Contender.class);
          Arrays.stream(value(argument, arguments).toUpperCase(Locale.ROOT).split(","))
              .map(Contender::valueOf)
              .forEach(contenders::add);
        }
        default -> throw new IllegalArgumentException("unknown option " + argument);
      }
    }
  }

  private static String value(String option, Iterator<String> arguments) {
    if (!arguments.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return arguments.next();
  }

  private boolean run() throws IOException, InterruptedException, RunnerException {
    Table table = new Table();
    Path logs = Files.createTempDirectory("martlet-benchmarks");
    SteadyRun steady = new SteadyRun(quick, Spin.calibrate(Duration.ofMillis(20)));
    ColdRun cold = new ColdRun(quick);
    boolean allWell = true;
    for (Contender contender : contenders) {
      if (!contender.available()) {
        progress(contender, "not available here");
        continue;
      }
      Path steadyLog = logs.resolve(contender + "-jmh.txt");
      Path coldLog = logs.resolve(contender + "-cold.txt");
      progress(contender, "steady state");
      boolean well = steady.run(contender, table, steadyLog);
      if (contender.has(Figure.COLD_START)) {
        progress(contender, "new JVMs");
        well &= cold.run(contender, table, coldLog);
      }
      if (!well) {
        table.fail(contender);
        progress(contender, "failed, see " + logs);
      }
      allWell &= well;
    }
    if (allWell) {
      delete(logs);
    }
    print(table);
    return allWell;
  }

  private void print(Table table) throws IOException {
    String machine = machine();
    String note =
        "JDK: newFixedThreadPool. echo: a raw Unix-domain socket to another JVM; echo1: both JVMs on"
            + " one core. Hazelcast: IExecutorService on the other of two members. M/x: Martlet's"
            + " figure divided by x's. All pools have as many threads as there are cores."
            + (quick ? " Quick run." : "");
    System.out.println(machine);
    System.out.println();
    System.out.print(table.aligned());
    System.out.println();
    System.out.println(note);
    if (out != null) {
      Files.writeString(out, machine + "\n\n" + table.markdown() + "\n" + note + "\n");
    }
  }

  private String machine() throws IOException {
    Path cpuInfo = Path.of("/proc/cpuinfo");
    String model = System.getProperty("os.arch");
    if (Files.isReadable(cpuInfo)) {
      model =
          Files.readAllLines(cpuInfo).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(model);
    }
    return String.format(
        Locale.ROOT,
        "%d cores (%s), load %.1f at start, %s %s, JDK %s (%s)",
        Runtime.getRuntime().availableProcessors(),
        model,
        loadAtStart,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("java.runtime.version"),
        System.getProperty("java.vm.name"));
  }

  private void progress(Contender contender, String what) {
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    System.err.printf(Locale.ROOT, "%4d s  %s: %s%n", seconds, contender.title(), what);
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
