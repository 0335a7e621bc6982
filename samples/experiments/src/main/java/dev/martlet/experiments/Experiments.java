package dev.martlet.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The experiments of IBM-PyWren's paper (Sampé et al., "Serverless Data Analytics in the IBM
 * Cloud", Middleware 2018) and of Lithops' (Sampé et al., "Toward Multicloud Access Transparency in
 * Serverless Computing", IEEE Software 2021), on a cloud in a process of this machine, which is as
 * far away as theirs was. Client and cloud are real but for what a call does, which is to sleep,
 * and for the time of cold starts, which is the model's; so a machine is enough that has the
 * processors to send and take them all. Beside each figure is what the {@link Model} allows at
 * best.
 */
@Command(
    name = "martlet-experiments",
    description = "Runs the experiments named, or all: tables, and plots of calls over time.")
public final class Experiments implements Callable<Integer> {
  @Option(
      names = {"-n", "--calls"},
      description = "How many calls to spawn (default: ${DEFAULT-VALUE}).")
  private int calls = 1_000;

  @Option(
      names = "--sizes",
      split = ",",
      description = "How many calls shall all run at once (default: ${DEFAULT-VALUE}).")
  private List<Integer> sizes = List.of(500, 1_000, 1_500, 2_000);

  @Option(
      names = "--round-trip",
      description = "Seconds between client and cloud and back (default: ${DEFAULT-VALUE}).")
  private double roundTrip = 0.1;

  @Option(
      names = "--cold-start",
      description = "Seconds until an instance runs (default: ${DEFAULT-VALUE}).")
  private double coldStart = 0.5;

  @Option(
      names = "--scale",
      description =
          "How many seconds a second of the experiments spawn and complete takes, so that this"
              + " machine's processors are not what is measured (default: ${DEFAULT-VALUE}).")
  private double scale = 8;

  @Option(
      names = "--connections",
      description =
          "How many connections a client has that is not made for thousands of calls (default:"
              + " ${DEFAULT-VALUE}).")
  private int connections = 50;

  @Option(
      names = "--minute",
      description =
          "What a minute's call takes in the experiment grow (default: ${DEFAULT-VALUE}).")
  private double minute = 60;

  @Option(
      names = {"-o", "--output"},
      description = "The directory of the plots (default: ${DEFAULT-VALUE}).")
  private Path directory = Path.of(".");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Parameters(description = "spawn, complete, grow; all if none is named.")
  private List<String> names = List.of("spawn", "complete", "grow");

  /** Runs the experiments. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Experiments()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Files.createDirectories(directory);
    System.out.printf(
        Locale.ROOT,
        "a round trip of %.0f ms, cold starts of %.0f ms, %d processors for client and cloud%n",
        roundTrip * 1e3,
        coldStart * 1e3,
        Runtime.getRuntime().availableProcessors());
    for (String name : names) {
      switch (name) {
        case "spawn" -> spawn();
        case "complete" -> complete();
        case "grow" -> grow();
        default ->
            throw new CommandLine.ParameterException(
                new CommandLine(this), "there is no experiment " + name);
      }
    }
    return 0;
  }

  private static void head(String title) {
    System.out.printf(Locale.ROOT, "%n%s%n", title);
    System.out.printf(
        Locale.ROOT,
        "  %-34s %10s %10s %7s %10s %10s %7s %8s %8s%n",
        "",
        "all run",
        "floor",
        "ratio",
        "all back",
        "floor",
        "ratio",
        "threads",
        "heap");
  }

  private static void line(String name, Lab.Seen seen, double running, double over) {
    System.out.printf(
        Locale.ROOT,
        "  %-34s %8.2f s %8.2f s %7.2f %8.2f s %8.2f s %7.2f %8d %5d MB%n",
        name,
        seen.running(),
        running,
        seen.running() / running,
        seen.over(),
        over,
        seen.over() / over,
        seen.threads(),
        seen.heap());
  }

  private void spawn() throws IOException, InterruptedException {
    Model model = new Model(roundTrip, coldStart);
    Lab lab = new Lab(scale, model);
    double run = 5;
    head(
        String.format(
            Locale.ROOT,
            "%,d calls, spawned from here and by invokers (times divided by %.0f; in the papers 38"
                + " s, and 8 and 6 s)",
            calls,
            scale));
    Map<String, Lab.Seen> all = new LinkedHashMap<>();
    String few = Integer.toString(connections);
    Map<String, String> event = Map.of("mode", "event", "connections", few);
    Lab.Seen here = lab.run(calls, run, with(event, "invokers", "never"));
    double running = model.directly(calls, connections);
    line("from here, " + few + " connections", here, running, model.fetched(running, run));
    all.put("from here, " + few + " connections", here);
    Lab.Seen invoked = lab.run(calls, run, event);
    running = model.byInvokers();
    line("by invokers, as is decided", invoked, running, model.fetched(running, run));
    all.put("by invokers", invoked);
    Lab.Seen open = lab.run(calls, run, Map.of());
    running = model.directly(calls, 1_000);
    line("from here, 1,000 connections", open, running, model.answered(running, run));
    all.put("from here, 1,000 connections", open);
    Lab.Seen bare = lab.bare(List.of(calls), run).get(0);
    line("without Martlet, 1,000 connections", bare, running, model.answered(running, run));
    plot("spawn", calls + " calls, spawned", run, all);
  }

  private void complete() throws IOException, InterruptedException {
    Model model = new Model(roundTrip, coldStart);
    Lab lab = new Lab(scale, model);
    double run = 10;
    head(
        String.format(
            Locale.ROOT,
            "%,d calls of ten seconds, and how the client learns of their ends (times divided by %.0f;"
                + " in the papers 17 s by polling, 11.5 s by events)",
            calls,
            scale));
    Map<String, Lab.Seen> all = new LinkedHashMap<>();
    double running = model.directly(calls, 1_000);
    Lab.Seen polled = lab.run(calls, run, Map.of("mode", "event"));
    line("by lists of the store", polled, running, model.fetched(running, run));
    all.put("by lists of the store", polled);
    Lab.Seen told = lab.run(calls, run, Map.of("mode", "event", "queue", Lab.QUEUE));
    line("by events, which SQS carries", told, running, model.fetched(running, run));
    all.put("by events", told);
    Lab.Seen response = lab.run(calls, run, Map.of("mode", "response"));
    line("by the response", response, running, model.answered(running, run));
    all.put("by the response", response);
    Lab.Seen bare = lab.bare(List.of(calls), run).get(0);
    line("by the response, without Martlet", bare, running, model.answered(running, run));
    plot("complete", calls + " calls of ten seconds", run, all);
  }

  private void grow() throws IOException, InterruptedException {
    Model model = new Model(roundTrip, coldStart);
    Lab lab = new Lab(1, model);
    head(
        String.format(
            Locale.ROOT,
            "Calls of a minute (here %.0f s), all of which are to run at once",
            minute));
    Map<String, Lab.Seen> all = new LinkedHashMap<>();
    List<Lab.Seen> seen = lab.run(sizes, minute, Map.of("connections", "4000"));
    List<Lab.Seen> bare = lab.bare(sizes, minute);
    for (int i = 0; i < sizes.size(); i++) {
      int n = sizes.get(i);
      double running = model.directly(n, n);
      String name = String.format(Locale.ROOT, "%,d calls, %,d at once", n, peak(seen.get(i)));
      line(name, seen.get(i), running, model.answered(running, minute));
      line("  without Martlet", bare.get(i), running, model.answered(running, minute));
      all.put(name, seen.get(i));
    }
    plot("grow", "Calls of a minute", minute, all);
  }

  /** Returns how many calls have run at the same time. */
  private int peak(Lab.Seen seen) {
    int peak = 0;
    for (int i = 0, j = 0; i < seen.began().length; i++) {
      while (seen.began()[j] + minute <= seen.began()[i]) {
        j++;
      }
      peak = Math.max(peak, i - j + 1);
    }
    return peak;
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(map);
    all.put(key, value);
    return all;
  }

  private void plot(String name, String title, double run, Map<String, Lab.Seen> all)
      throws IOException {
    System.out.println("  " + Chart.save(directory.resolve(name + ".png"), title, run, all));
  }
}
