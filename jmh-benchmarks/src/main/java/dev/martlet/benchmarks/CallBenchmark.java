package dev.martlet.benchmarks;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Calls in the steady state, from one client thread. */
@State(Scope.Benchmark)
@Fork(1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallBenchmark {
  static final String ROUNDS = "martlet.internal.rounds";
  static final int PIPELINED = 10_000;
  static final int SPINS = 64;
  private static final int RANGES = 64;
  private static final int MEGABYTE = 1 << 20;

  /** Who runs the calls. */
  @Param public Contender contender = Contender.JDK;

  private final long rounds = Long.getLong(ROUNDS, 10_000_000);
  private final long spun = SPINS * Spin.run(rounds);

  @SuppressWarnings("NullAway.Init")
  private Peer peer;

  private int number;

  /** Starts the other side. */
  @Setup
  public void open() throws IOException, InterruptedException {
    peer = contender.open();
  }

  /** Stops the other side. */
  @TearDown
  public void close() throws IOException {
    peer.close();
  }

  /** {@code submit(() -> n).get()}. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public void roundTrip() throws Exception {
    number = (number + 1) & 0xffff;
    check(number, peer.call(number));
  }

  /** Submits many, then gets all. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OperationsPerInvocation(PIPELINED)
  public void pipelined() throws Exception {
    check(PIPELINED * (PIPELINED - 1L) / 2, peer.pipeline(PIPELINED));
  }

  /** A task that holds a megabyte which no task held before. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public void argument(Argument argument) throws Exception {
    check(MEGABYTE, peer.send(argument.bytes));
  }

  /** An argument for each call. */
  @State(Scope.Thread)
  public static class Argument {
    private final byte[] random = new byte[MEGABYTE];
    private byte[] bytes = random;

    /** Fills the bytes that are copied. */
    @Setup
    public void fill() {
      new Random(1).nextBytes(random);
    }

    /** Makes the next one. */
    @Setup(Level.Invocation)
    public void next() {
      bytes = random.clone();
    }
  }

  /** A task that returns a megabyte. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public byte[] result() throws Exception {
    byte[] result = peer.fetch(MEGABYTE);
    check(MEGABYTE, result.length);
    return result;
  }

  /** Tasks that need a processor. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public void spin() throws Exception {
    check(spun, peer.spin(SPINS, rounds));
  }

  /** Tasks that each sum up a range of one large array. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public void sumRanges(Ranges ranges) throws Exception {
    check(ranges.sum, peer.sumRanges(ranges.random, RANGES));
  }

  /** Tasks that each sort a range of one large array in place, which no task saw before. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public long[] sortRanges(Ranges ranges) throws Exception {
    long[] array = ranges.random.clone();
    peer.sortRanges(array, RANGES);
    check(ranges.smallest, array[0]);
    return array;
  }

  /** The large array. */
  @State(Scope.Benchmark)
  public static class Ranges {
    private final long[] random = new Random(1).longs(10_000_000).toArray();
    private final long sum = Arrays.stream(random).sum();
    private final long smallest =
        Arrays.stream(random, 0, random.length / RANGES).min().getAsLong();
  }

  private static void check(long expected, long actual) {
    if (expected != actual) {
      throw new IllegalStateException("expected " + expected + ", but got " + actual);
    }
  }
}
