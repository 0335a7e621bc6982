package dev.martlet.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.martlet.CallStatistics;
import dev.martlet.CloudExecutorService;
import dev.martlet.PoolStatistics;
import dev.martlet.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SamplesTest {
  @TempDir Path directory;

  private final ExecutorService pool = Executors.newCachedThreadPool();

  private final ForkJoinPool forkJoin = new ForkJoinPool(3);

  @AfterEach
  void shutdown() {
    forkJoin.shutdownNow();
    pool.shutdownNow();
  }

  @ParameterizedTest
  @DisplayName("the mergesort sorts, whatever the size of its parts and leaves")
  @CsvSource({
    "0, 1, 1",
    "1, 1, 1",
    "2, 3, 1",
    "33, 2, 1",
    "1000, 3, 7",
    "1000, 1, 1000",
    "1000, 8, 5000"
  })
  void mergeSort(int size, int parts, int leaf) throws Exception {
    int[] numbers = new SplittableRandom(1).ints(size, -100, 100).toArray();
    int[] given = numbers.clone();
    LongAdder tasks = new LongAdder();
    int[] sorted = MergeSort.sort(pool, numbers, parts, leaf, tasks);
    assertThat(numbers).isEqualTo(given);
    assertThat(tasks.sum()).isGreaterThanOrEqualTo(parts);
    Arrays.sort(given);
    assertThat(sorted).isEqualTo(given);
  }

  @Test
  @DisplayName("the word count ignores case and counts over all texts")
  void wordCount() throws Exception {
    List<String> texts = List.of("One fish, two fish", "", "Red FISH. blue-fish; Ünder 3 one");
    assertThat(WordCount.count(pool, texts))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("one", 2, "fish", 4, "two", 1, "red", 1, "blue", 1, "ünder", 1));
  }

  @Test
  @DisplayName("batches keep every text, in order")
  void batches() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      texts.add(String.valueOf(i).repeat(5000));
    }
    List<List<String>> batches = WordCount.batches(texts);
    assertThat(batches).hasSizeGreaterThan(1).noneMatch(List::isEmpty);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(texts);
  }

  @Test
  @DisplayName("the word count reads text files and leaves out hidden, built and binary ones")
  void read() throws IOException {
    Files.createDirectories(directory.resolve("a/target"));
    Files.createDirectories(directory.resolve(".git"));
    Files.writeString(directory.resolve("a/one.txt"), "one");
    Files.writeString(directory.resolve("two.md"), "two");
    Files.writeString(directory.resolve(".hidden"), "hidden");
    Files.writeString(directory.resolve(".git/config"), "git");
    Files.writeString(directory.resolve("a/target/built.txt"), "built");
    Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThat(WordCount.read(directory)).containsExactly("one", "two");
  }

  @Test
  @DisplayName("a directory that is not there is an error that names it")
  void noDirectory() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> WordCount.read(directory.resolve("none")))
        .withMessageContaining("none");
  }

  @Test
  @DisplayName("the estimate of pi is within five of its standard errors, and always the same")
  void pi() throws Exception {
    MonteCarloPi.Estimate pi = MonteCarloPi.estimate(pool, 16, 50_000);
    assertThat(pi.error()).isPositive().isLessThan(0.01);
    assertThat(Math.abs(pi.value() - Math.PI)).isLessThan(5 * pi.error());
    assertThat(MonteCarloPi.estimate(pool, 16, 50_000)).isEqualTo(pi);
  }

  @ParameterizedTest
  @DisplayName("points of the Mandelbrot set stay, others leave")
  @CsvSource({"0, 0, 100", "-1, 0, 100", "0.2, 0.1, 100", "2, 2, 1", "1, 0, 3"})
  void escape(double re, double im, int steps) {
    assertThat(Mandelbrot.escape(re, im, 100)).isEqualTo(steps);
  }

  @Test
  @DisplayName("the image is drawn whole, in bands, and written as PNG")
  void mandelbrot() throws Exception {
    int[] image = Mandelbrot.draw(pool, 60, 41, 50);
    assertThat(image).isEqualTo(Mandelbrot.band(0, 41, 60, 41, 50));
    assertThat(Arrays.stream(image).distinct().count()).isGreaterThan(10);
    Path file = directory.resolve("m.png");
    Mandelbrot.write(image, 60, 41, file);
    assertThat(ImageIO.read(file.toFile()).getRGB(0, 0, 60, 41, null, 0, 60))
        .isEqualTo(Arrays.stream(image).map(rgb -> rgb | 0xff000000).toArray());
  }

  @Test
  @DisplayName("a comparison runs the job on both pools and reports times, ratio and equality")
  void comparison() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Comparison comparison = comparison(printed);
    int answer = comparison.run("Answer", p -> p.submit(() -> 6 * 7).get(), Integer::equals);
    assertThat(answer).isEqualTo(42);
    assertThat(printed.toString(StandardCharsets.UTF_8).lines().map(String::stripLeading))
        .anyMatch(line -> line.contains("Answer"))
        .anyMatch(line -> line.matches("JDK pool, 3 threads +\\d+\\.\\d+ s +\\d+\\.\\d+ s"))
        .anyMatch(line -> line.matches("Martlet pool, 3 slots +\\d+\\.\\d+ s +\\d+\\.\\d+ s"))
        .anyMatch(line -> line.matches("ratio +\\d+\\.\\d+x +\\d+\\.\\d+x"))
        .anyMatch(line -> line.matches("results +equal"));
  }

  @Test
  @DisplayName("a comparison reports calls, workers, and reasons to stay at home")
  void statistics() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Comparison comparison = comparison(printed);
    Instant start = Instant.EPOCH;
    Instant end = start.plusMillis(30);
    comparison.martlet =
        n ->
            pool(
                new PoolStatistics(
                    4,
                    3,
                    1,
                    0,
                    0,
                    1,
                    3_500_000,
                    1200,
                    2,
                    new Usage(
                        3,
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        1L << 30,
                        0,
                        new BigDecimal("1.5"),
                        new BigDecimal("0.000026"),
                        "USD"),
                    List.of(
                        away(1, "local-1 (pid 4711)", start, end, true),
                        away(2, "local-1 (pid 4711)", start, end, false),
                        away(3, "local-2 (pid 4712)", start, end, true),
                        new CallStatistics(
                            4,
                            CallStatistics.Place.HOME,
                            "waits on a shared latch",
                            start,
                            start,
                            start,
                            end,
                            0,
                            0,
                            0,
                            null,
                            false,
                            null))));
    comparison.run("Report", p -> 1, Integer::equals);
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .contains(
            "  calls                       4: 3 away, 1 at home, 0 failed, 1 retried",
            "  bytes                       3.5 MB out, 1.2 kB in",
            "  workers started             2",
            "  cost                        3 invocations, 1.500 GB-seconds, USD 0.000026",
            "  on local-1 (pid 4711)           2 calls     2.0 kB out      800 B in"
                + "      30.0 ms a call  cold start",
            "  on local-2 (pid 4712)           1 calls     1.0 kB out      400 B in"
                + "      30.0 ms a call  cold start",
            "  at home: waits on a shared latch",
            "                                  1 calls        0 B out        0 B in"
                + "      30.0 ms a call");
  }

  private static CallStatistics away(
      long id, String instance, Instant start, Instant end, boolean cold) {
    return new CallStatistics(
        id,
        CallStatistics.Place.AWAY,
        null,
        start,
        start,
        start,
        end,
        1000,
        400,
        1,
        instance,
        cold,
        null);
  }

  /** Returns a JDK pool that tells these statistics. */
  private static CloudExecutorService pool(PoolStatistics statistics) {
    ExecutorService jdk = Executors.newFixedThreadPool(1);
    return (CloudExecutorService)
        Proxy.newProxyInstance(
            SamplesTest.class.getClassLoader(),
            new Class<?>[] {CloudExecutorService.class},
            (proxy, method, arguments) ->
                method.getName().equals("statistics") ? statistics : method.invoke(jdk, arguments));
  }

  @Test
  @DisplayName("pools that differ fail the comparison")
  void difference() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Comparison comparison = comparison(printed);
    ExecutorService other = comparison.martlet.apply(1);
    comparison.martlet = n -> other;
    assertThatExceptionOfType(Comparison.FailedException.class)
        .isThrownBy(() -> comparison.run("Pool", p -> p == other, Boolean::equals));
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("DIFFERENT");
  }

  @Test
  @DisplayName("without a Martlet pool the comparison says so")
  void noPool() {
    Comparison comparison = comparison(new ByteArrayOutputStream());
    comparison.martlet =
        n -> {
          throw new IllegalStateException("no agent");
        };
    assertThatExceptionOfType(Comparison.FailedException.class)
        .isThrownBy(() -> comparison.run("Nothing", p -> 0, Integer::equals))
        .withMessage("There is no Martlet pool: no agent");
  }

  @ParameterizedTest
  @DisplayName(
      "every sample runs on worker JVMs, with no task at home, and gives what a JDK pool gives")
  @ValueSource(
      strings = {"merge-sort -s 20000", "word-count", "pi -p 1000 -t 8", "mandelbrot -w 90 -o"})
  void onWorkers(String command) throws IOException {
    Files.writeString(directory.resolve("text"), "one fish, two fish");
    List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
    if (command.startsWith("word-count")) {
      arguments.add(directory.toString());
    } else if (command.startsWith("mandelbrot")) {
      arguments.add(directory.resolve("m.png").toString());
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    int exit;
    try {
      exit = Samples.commandLine().execute(arguments.toArray(new String[0]));
    } finally {
      System.setOut(out);
    }
    assertThat(exit).isZero();
    assertThat(printed.toString(StandardCharsets.UTF_8).lines().map(String::strip))
        .anyMatch(line -> line.matches("calls +\\d+: [1-9]\\d* away, 0 at home, 0 failed, .*"))
        .anyMatch(line -> line.matches("on local-\\d+ \\(pid \\d+\\) .*"))
        .anyMatch(line -> line.matches("results +equal"));
  }

  @ParameterizedTest
  @DisplayName("sizes are written in decimal units")
  @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "1234567, 1.2 MB", "5000000000, 5.0 GB"})
  void bytes(long bytes, String text) {
    assertThat(Comparison.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @DisplayName("every sample has a help")
  @ValueSource(strings = {"", "merge-sort", "word-count", "pi", "mandelbrot"})
  void help(String sample) {
    List<String> arguments = new ArrayList<>(List.of("--help"));
    if (!sample.isEmpty()) {
      arguments.add(0, sample);
    }
    StringWriter printed = new StringWriter();
    int exit =
        Samples.commandLine()
            .setOut(new PrintWriter(printed))
            .execute(arguments.toArray(new String[0]));
    assertThat(exit).isZero();
    assertThat(printed.toString()).contains("Usage:", "--parallelism");
  }

  private static Comparison comparison(ByteArrayOutputStream printed) {
    Comparison comparison = new Comparison();
    comparison.parallelism = 3;
    comparison.martlet = Executors::newFixedThreadPool;
    comparison.out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return comparison;
  }

  @ParameterizedTest
  @DisplayName("both sorts by fork/join sort, whatever the size")
  @CsvSource({"IN_PLACE, 0", "IN_PLACE, 1", "IN_PLACE, 50000", "COPYING, 0", "COPYING, 50001"})
  void sortTable(SortTable.Way way, int size) {
    int[] numbers = new SplittableRandom(3).ints(size, -1000, 1000).toArray();
    int[] given = numbers.clone();
    int[] sorted = way.sort(forkJoin, numbers);
    assertThat(numbers).isEqualTo(given);
    Arrays.sort(given);
    assertThat(sorted).isEqualTo(given);
  }

  @ParameterizedTest
  @DisplayName("the queens are counted right")
  @CsvSource({"1, 1", "2, 0", "4, 2", "8, 92", "10, 724"})
  void queens(int queens, long solutions) {
    assertThat(forkJoin.invoke(new NQueens.Placing(queens))).isEqualTo(solutions);
  }

  @ParameterizedTest
  @DisplayName("the knapsack's packing fits, and none is more valuable")
  @ValueSource(ints = {1, 5, 9, 14})
  void knapsack(int count) {
    List<Knapsack.Item> items = Knapsack.items(count, count);
    long capacity = items.stream().mapToLong(Knapsack.Item::weight).sum() / 2;
    Knapsack.Packing packing = forkJoin.invoke(new Knapsack.Choice(items, 0, capacity, 0, 0));
    long best = 0;
    for (long in = 0; in < 1L << count; in++) {
      if (total(items, in, Knapsack.Item::weight) <= capacity) {
        best = Math.max(best, total(items, in, Knapsack.Item::value));
      }
    }
    assertThat(packing.value()).isEqualTo(best);
    assertThat(total(items, packing.items(), Knapsack.Item::value)).isEqualTo(best);
    assertThat(total(items, packing.items(), Knapsack.Item::weight)).isLessThanOrEqualTo(capacity);
  }

  private static long total(
      List<Knapsack.Item> items, long in, ToLongFunction<Knapsack.Item> measure) {
    long total = 0;
    for (int i = 0; i < items.size(); i++) {
      total += (in >> i & 1) * measure.applyAsLong(items.get(i));
    }
    return total;
  }

  @Test
  @DisplayName("the primes below ten thousand are 1,229")
  void primes() throws Exception {
    assertThat(forkJoin.submit(() -> Primes.count(10_000)).get()).isEqualTo(1_229);
  }

  @Test
  @DisplayName("word frequencies ignore case and short words")
  void wordFrequencies() {
    assertThat(WordFrequencies.count(List.of("One fish, blue FISH", "", "blue-Fish cat")))
        .containsExactlyInAnyOrderEntriesOf(Map.of("fish", 3L, "blue", 2L));
  }

  @Test
  @DisplayName("k-means finds clusters that lie apart")
  void kMeans() {
    List<KMeans.Point> points = new ArrayList<>(List.of(point(0), point(1_000)));
    for (int i = 0; i < 100; i++) {
      points.add(point(i % 10));
      points.add(point(1_000 + i % 10));
    }
    List<KMeans.Point> means = KMeans.cluster(points, 2, 5);
    assertThat(means).containsExactly(point(4), point(1_004));
  }

  private static KMeans.Point point(long x) {
    return new KMeans.Point(x, 0);
  }

  @Test
  @DisplayName("the table of sorts has a line for each size, and plots")
  void table() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    SortTable table = new SortTable();
    table.out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    table.pool = frontier -> new ForkJoinPool(2);
    int exit =
        new CommandLine(table)
            .execute("-s", "1000,30000", "-d", "0,1", "-r", "1", "-o", directory.toString());
    assertThat(exit).isZero();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("in place", "copying", " 1,000 ", " 30,000 ", "d = 1", "plot");
    for (SortTable.Way way : SortTable.Way.values()) {
      assertThat(ImageIO.read(directory.resolve(way.file).toFile()).getWidth()).isPositive();
    }
  }

  @Test
  @DisplayName("the directory of the table's plots is made, with those that it is in")
  void tableDirectory() throws Exception {
    Path plots = directory.resolve("new").resolve("plots");
    SortTable table = new SortTable();
    table.out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    table.pool = frontier -> new ForkJoinPool(2);
    int exit =
        new CommandLine(table).execute("-s", "1000", "-d", "0", "-r", "1", "-o", plots.toString());
    assertThat(exit).isZero();
    for (SortTable.Way way : SortTable.Way.values()) {
      assertThat(plots.resolve(way.file)).isNotEmptyFile();
    }
  }

  @ParameterizedTest
  @DisplayName("a sample whose files cannot be written says so before it begins")
  @ValueSource(strings = {"sort-table", "mandelbrot"})
  void noDirectory(String sample) throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path within = file.resolve("plots").resolve("image.png");
    StringWriter said = new StringWriter();
    int exit =
        Samples.commandLine()
            .setErr(new PrintWriter(said))
            .execute(sample, "-o", within.toString());
    assertThat(exit).isEqualTo(1);
    assertThat(said.toString()).contains("There is no directory", file.toString());
  }
}
