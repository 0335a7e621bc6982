package dev.martlet.samples;

import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Counts primes by trial division, in a parallel stream over a range. */
@Command(name = "primes", description = "Counts primes by a parallel stream.")
final class Primes implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-l", "--limit"},
      description = "Numbers below this are looked at (default: ${DEFAULT-VALUE}).")
  private long limit = 5_000_000;

  @Override
  public Integer call() throws Exception {
    String title = String.format("Primes below %,d, by a parallel stream", limit);
    long end = limit;
    long primes =
        comparison.runForkJoin(title, pool -> pool.submit(() -> count(end)).get(), Long::equals);
    comparison.line("primes", "%,d", primes);
    return 0;
  }

  static long count(long limit) {
    return LongStream.range(2, limit).parallel().filter(Primes::isPrime).count();
  }

  static boolean isPrime(long n) {
    for (long d = 2; d * d <= n; d++) {
      if (n % d == 0) {
        return false;
      }
    }
    return n > 1;
  }
}
