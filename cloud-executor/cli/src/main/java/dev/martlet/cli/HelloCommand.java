package dev.martlet.cli;

import dev.martlet.CallListener;
import dev.martlet.CallStatistics;
import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import dev.martlet.Usage;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a call. */
@Command(
    name = "hello",
    mixinStandardHelpOptions = true,
    description = "Runs calls where the settings say, and prints how long they took.")
final class HelloCommand implements Callable<Integer> {
  @Mixin private Configuration configuration = new Configuration();

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many calls follow the first one; ${DEFAULT-VALUE} otherwise.")
  private int calls;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = configuration.out();
    String platform = configuration.settings().platform();
    ConcurrentLinkedQueue<CallStatistics> ended = new ConcurrentLinkedQueue<>();
    Usage usage;
    long begun = System.nanoTime();
    try (CloudExecutorService pool = pool(ended)) {
      String greeting = pool.submit(HelloCommand::greet).get();
      out.println(greeting);
      out.printf(
          Locale.ROOT, "first call on %s: %.0f ms%n", platform, (System.nanoTime() - begun) / 1e6);
      long[] nanos = new long[calls];
      for (int i = 0; i < calls; i++) {
        long start = System.nanoTime();
        pool.submit(HelloCommand::greet).get();
        nanos[i] = System.nanoTime() - start;
      }
      if (calls > 0) {
        Arrays.sort(nanos);
        out.printf(
            Locale.ROOT,
            "%d calls after it, one by one: %.1f ms at best, %.1f ms median, %.1f ms at worst%n",
            calls,
            nanos[0] / 1e6,
            nanos[calls / 2] / 1e6,
            nanos[calls - 1] / 1e6);
      }
      usage = pool.statistics().usage();
    }
    long away = ended.stream().filter(c -> c.place() == CallStatistics.Place.AWAY).count();
    out.println(away + " of " + ended.size() + " calls ran away from home.");
    if (usage != null) {
      out.println(Costs.of(usage));
    }
    out.flush();
    return away == ended.size() ? 0 : 1;
  }

  private static CloudExecutorService pool(ConcurrentLinkedQueue<CallStatistics> ended) {
    return CloudExecutors.builder()
        .listener(
            new CallListener() {
              @Override
              public void ended(CallStatistics call) {
                ended.add(call);
              }
            })
        .build();
  }

  private static String greet() {
    return "Hello from Java "
        + Runtime.version()
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, "
        + (Runtime.getRuntime().maxMemory() >> 20)
        + " MB heap";
  }
}
