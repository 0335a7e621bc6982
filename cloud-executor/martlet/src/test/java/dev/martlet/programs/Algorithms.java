package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** What people use pools for. */
final class Algorithms {
  private Algorithms() {}

  private static void mergeSort(ExecutorService pool, int[] a, int[] tmp, int from, int to)
      throws Exception {
    if (to - from <= 500) {
      Arrays.sort(a, from, to);
      return;
    }
    int mid = (from + to) >>> 1;
    Future<?> left =
        pool.submit(
            () -> {
              mergeSort(pool, a, tmp, from, mid);
              return null;
            });
    mergeSort(pool, a, tmp, mid, to);
    left.get();
    System.arraycopy(a, from, tmp, from, to - from);
    for (int i = from, l = from, r = mid; i < to; i++) {
      a[i] = l < mid && (r >= to || tmp[l] <= tmp[r]) ? tmp[l++] : tmp[r++];
    }
  }

  @Nested
  @Runs(AWAY)
  static Object mergeSortInPlace(ExecutorService pool) throws Exception {
    int[] values = new Random(5).ints(8_000).toArray();
    int[] expected = values.clone();
    Arrays.sort(expected);
    pool.submit(
            () -> {
              mergeSort(pool, values, new int[values.length], 0, values.length);
              return null;
            })
        .get();
    return all(Arrays.equals(expected, values), values[0]);
  }

  private static List<Integer> sorted(ExecutorService pool, List<Integer> list) throws Exception {
    if (list.size() <= 40) {
      return list.stream().sorted().toList();
    }
    int mid = list.size() / 2;
    List<Integer> lower = list.subList(0, mid);
    List<Integer> upper = list.subList(mid, list.size());
    Future<List<Integer>> a = pool.submit(() -> sorted(pool, lower));
    Future<List<Integer>> b = pool.submit(() -> sorted(pool, upper));
    List<Integer> merged = new ArrayList<>(a.get());
    merged.addAll(b.get());
    merged.sort(null);
    return merged;
  }

  @Nested
  @Runs(AWAY)
  static Object mergeSortOfLists(ExecutorService pool) throws Exception {
    List<Integer> values = new Random(6).ints(300, 0, 1000).boxed().toList();
    return sorted(pool, new ArrayList<>(values));
  }

  @Runs(AWAY)
  static Object primes(ExecutorService pool) throws Exception {
    List<Integer> counts =
        collect(
            pool,
            10,
            part ->
                () ->
                    (int)
                        IntStream.range(part * 1000, (part + 1) * 1000)
                            .filter(Algorithms::isPrime)
                            .count());
    return all(counts, counts.stream().mapToInt(c -> c).sum());
  }

  private static boolean isPrime(int n) {
    return n > 1 && IntStream.rangeClosed(2, (int) Math.sqrt(n)).noneMatch(d -> n % d == 0);
  }

  @Runs(AWAY)
  static Object sieveInSegments(ExecutorService pool) throws Exception {
    boolean[] composite = new boolean[10_000];
    int segment = 2_500;
    each(
        pool,
        4,
        s ->
            () -> {
              for (int p = 2; p * p < composite.length; p++) {
                int first = Math.max(p * p, (s * segment + p - 1) / p * p);
                for (int m = first; m < (s + 1) * segment; m += p) {
                  composite[m] = true;
                }
              }
            });
    int count = 0;
    for (int i = 2; i < composite.length; i++) {
      count += composite[i] ? 0 : 1;
    }
    return count;
  }

  @Runs(AWAY)
  static Object matrixProduct(ExecutorService pool) throws Exception {
    int n = 24;
    double[][] a = new double[n][n];
    double[][] b = new double[n][n];
    double[][] c = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i][j] = i + j;
        b[i][j] = i - j;
      }
    }
    each(
        pool,
        n,
        row ->
            () -> {
              for (int col = 0; col < n; col++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                  sum += a[row][k] * b[k][col];
                }
                c[row][col] = sum;
              }
            });
    return c;
  }

  private static int queens(int n, int row, int cols, int diag, int anti) {
    if (row == n) {
      return 1;
    }
    int count = 0;
    for (int free = ~(cols | diag | anti) & ((1 << n) - 1); free != 0; free &= free - 1) {
      int bit = free & -free;
      count += queens(n, row + 1, cols | bit, (diag | bit) << 1, (anti | bit) >> 1);
    }
    return count;
  }

  @Runs(AWAY)
  static Object nQueens(ExecutorService pool) throws Exception {
    int n = 9;
    return collect(pool, n, c -> () -> queens(n, 1, 1 << c, 1 << c << 1, 1 << c >> 1));
  }

  @Runs(AWAY)
  static Object mandelbrot(ExecutorService pool) throws Exception {
    int width = 48;
    List<String> rows =
        collect(
            pool,
            20,
            y ->
                () -> {
                  StringBuilder row = new StringBuilder();
                  for (int x = 0; x < width; x++) {
                    double cr = -2.2 + 3.0 * x / width;
                    double ci = -1.2 + 2.4 * y / 20;
                    double re = 0;
                    double im = 0;
                    int i = 0;
                    while (i < 50 && re * re + im * im < 4) {
                      double t = re * re - im * im + cr;
                      im = 2 * re * im + ci;
                      re = t;
                      i++;
                    }
                    row.append(" .:-=+*#%@".charAt(i * 9 / 50));
                  }
                  return row.toString();
                });
    return String.join("\n", rows);
  }

  private static final List<String> LINES =
      List.of(
          "It was the best of times, it was the worst of times,",
          "it was the age of wisdom, it was the age of foolishness,",
          "it was the epoch of belief, it was the epoch of incredulity,",
          "it was the season of Light, it was the season of Darkness");

  @Runs(AWAY)
  static Object wordCount(ExecutorService pool) throws Exception {
    Map<String, Long> total = new TreeMap<>();
    List<Map<String, Long>> parts =
        collect(
            pool,
            LINES.size(),
            i ->
                () ->
                    Arrays.stream(LINES.get(i).toLowerCase(Locale.ROOT).split("\\W+"))
                        .collect(
                            Collectors.groupingBy(Function.identity(), Collectors.counting())));
    parts.forEach(p -> p.forEach((w, c) -> total.merge(w, c, Long::sum)));
    return total;
  }

  @Runs(AWAY)
  static Object monteCarloWithSeeds(ExecutorService pool) throws Exception {
    List<Integer> hits =
        collect(
            pool,
            8,
            seed ->
                () -> {
                  Random random = new Random(seed);
                  int inside = 0;
                  for (int i = 0; i < 5_000; i++) {
                    double x = random.nextDouble();
                    double y = random.nextDouble();
                    inside += x * x + y * y < 1 ? 1 : 0;
                  }
                  return inside;
                });
    return all(hits, 4.0 * hits.stream().mapToInt(h -> h).sum() / 40_000);
  }

  @Runs(EITHER)
  static Object monteCarloWithCapturedRandoms(ExecutorService pool) throws Exception {
    List<Random> randoms = IntStream.range(0, 4).mapToObj(Random::new).toList();
    List<Double> sums =
        collect(pool, 4, i -> () -> randoms.get(i).doubles(100).map(d -> d * d).sum());
    return all(sums, randoms.get(2).nextInt());
  }

  private record Item(int weight, int value) {}

  @Runs(AWAY)
  static Object knapsack(ExecutorService pool) throws Exception {
    List<Item> items = new ArrayList<>();
    Random random = new Random(11);
    for (int i = 0; i < 15; i++) {
      items.add(new Item(1 + random.nextInt(20), 1 + random.nextInt(50)));
    }
    return collect(
        pool,
        6,
        i ->
            () -> {
              int capacity = 20 * (i + 1);
              int[] best = new int[capacity + 1];
              for (Item item : items) {
                for (int c = capacity; c >= item.weight(); c--) {
                  best[c] = Math.max(best[c], best[c - item.weight()] + item.value());
                }
              }
              return best[capacity];
            });
  }

  @Runs(AWAY)
  static Object editDistanceTiles(ExecutorService pool) throws Exception {
    String a = "the quick brown fox jumps over the lazy dog again and again";
    String b = "a quick brawn ox jumped over her lazy dogs again but once!!";
    int tile = 20;
    int tiles = 3;
    int[][] d = new int[tile * tiles + 1][tile * tiles + 1];
    String x = String.format("%-60s", a);
    String y = String.format("%-60s", b);
    for (int i = 0; i < d.length; i++) {
      d[i][0] = i;
      d[0][i] = i;
    }
    for (int wave = 0; wave < 2 * tiles - 1; wave++) {
      List<Future<?>> futures = new ArrayList<>();
      for (int ti = Math.max(0, wave - tiles + 1); ti <= Math.min(wave, tiles - 1); ti++) {
        int fromRow = ti * tile + 1;
        int fromCol = (wave - ti) * tile + 1;
        futures.add(
            pool.submit(
                () -> {
                  for (int r = fromRow; r < fromRow + tile; r++) {
                    for (int c = fromCol; c < fromCol + tile; c++) {
                      int change = x.charAt(r - 1) == y.charAt(c - 1) ? 0 : 1;
                      d[r][c] =
                          Math.min(
                              d[r - 1][c - 1] + change, Math.min(d[r - 1][c], d[r][c - 1]) + 1);
                    }
                  }
                }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
    return all(d[tile * tiles][tile * tiles], Arrays.deepHashCode(d));
  }

  @Runs(AWAY)
  static Object gameOfLife(ExecutorService pool) throws Exception {
    int n = 16;
    boolean[][] now = new boolean[n][n];
    for (int[] cell :
        new int[][] {{1, 2}, {2, 3}, {3, 1}, {3, 2}, {3, 3}, {9, 9}, {9, 10}, {9, 11}}) {
      now[cell[0]][cell[1]] = true;
    }
    for (int generation = 0; generation < 6; generation++) {
      boolean[][] old = now;
      boolean[][] next = new boolean[n][n];
      each(
          pool,
          n,
          r ->
              () -> {
                for (int c = 0; c < n; c++) {
                  int around = 0;
                  for (int dr = -1; dr <= 1; dr++) {
                    for (int dc = -1; dc <= 1; dc++) {
                      boolean self = dr == 0 && dc == 0;
                      around += !self && old[(r + dr + n) % n][(c + dc + n) % n] ? 1 : 0;
                    }
                  }
                  next[r][c] = around == 3 || around == 2 && old[r][c];
                }
              });
      now = next;
    }
    return now;
  }

  private static final class Cluster {
    double x;
    double y;
    int size;

    Cluster(double x, double y) {
      this.x = x;
      this.y = y;
    }
  }

  @Runs(AWAY)
  static Object kMeans(ExecutorService pool) throws Exception {
    Random random = new Random(9);
    double[][] points = new double[200][2];
    for (double[] point : points) {
      point[0] = random.nextGaussian() + random.nextInt(3) * 8;
      point[1] = random.nextGaussian();
    }
    List<Cluster> clusters = List.of(new Cluster(0, 0), new Cluster(5, 1), new Cluster(20, 0));
    int[] nearest = new int[points.length];
    for (int round = 0; round < 5; round++) {
      each(
          pool,
          4,
          t ->
              () -> {
                for (int p = t * 50; p < (t + 1) * 50; p++) {
                  double best = Double.MAX_VALUE;
                  for (int k = 0; k < clusters.size(); k++) {
                    Cluster c = clusters.get(k);
                    double d = Math.hypot(points[p][0] - c.x, points[p][1] - c.y);
                    if (d < best) {
                      best = d;
                      nearest[p] = k;
                    }
                  }
                }
              });
      each(
          pool,
          clusters.size(),
          k ->
              () -> {
                double sx = 0;
                double sy = 0;
                int n = 0;
                for (int p = 0; p < points.length; p++) {
                  if (nearest[p] == k) {
                    sx += points[p][0];
                    sy += points[p][1];
                    n++;
                  }
                }
                Cluster c = clusters.get(k);
                c.size = n;
                c.x = n == 0 ? c.x : sx / n;
                c.y = n == 0 ? c.y : sy / n;
              });
    }
    return all(clusters, nearest);
  }

  @Runs(AWAY)
  static Object simulatedAnnealing(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        seed ->
            () -> {
              Random random = new Random(seed);
              double x = 10;
              double temperature = 5;
              for (int i = 0; i < 2_000; i++) {
                double y = x + random.nextGaussian();
                double delta = energy(y) - energy(x);
                if (delta < 0 || random.nextDouble() < StrictMath.exp(-delta / temperature)) {
                  x = y;
                }
                temperature *= 0.995;
              }
              return Math.round(x * 1000);
            });
  }

  private static double energy(double x) {
    return x * x / 10 + StrictMath.sin(5 * x);
  }

  private static boolean solve(int[] grid, int at) {
    if (at == 81) {
      return true;
    }
    if (grid[at] != 0) {
      return solve(grid, at + 1);
    }
    for (int v = 1; v <= 9; v++) {
      if (fits(grid, at, v)) {
        grid[at] = v;
        if (solve(grid, at + 1)) {
          return true;
        }
      }
    }
    grid[at] = 0;
    return false;
  }

  private static boolean fits(int[] grid, int at, int v) {
    int row = at / 9;
    int col = at % 9;
    for (int i = 0; i < 9; i++) {
      if (grid[row * 9 + i] == v
          || grid[i * 9 + col] == v
          || grid[(row / 3 * 3 + i / 3) * 9 + col / 3 * 3 + i % 3] == v) {
        return false;
      }
    }
    return true;
  }

  @Runs(AWAY)
  static Object sudoku(ExecutorService pool) throws Exception {
    String puzzle =
        "530070000600195000098000060800060003400803001700020006060000280000419005000080079";
    int[] grid = puzzle.chars().map(c -> c - '0').toArray();
    boolean solved = pool.submit(() -> solve(grid, 0)).get();
    return all(solved, grid);
  }

  @Runs(AWAY)
  static Object breadthFirstLevels(ExecutorService pool) throws Exception {
    Map<Integer, List<Integer>> graph = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      graph.put(i, List.of((i * 3 + 1) % 100, (i * 7 + 2) % 100));
    }
    int[] level = new int[100];
    Arrays.fill(level, -1);
    level[0] = 0;
    List<Integer> frontier = List.of(0);
    List<Object> levels = new ArrayList<>();
    for (int depth = 1; !frontier.isEmpty(); depth++) {
      List<Integer> current = frontier;
      levels.add(current);
      List<List<Integer>> found =
          collect(pool, current.size(), i -> () -> graph.get(current.get(i)));
      List<Integer> next = new ArrayList<>();
      for (List<Integer> nodes : found) {
        for (int node : nodes) {
          if (level[node] < 0) {
            level[node] = depth;
            next.add(node);
          }
        }
      }
      frontier = next;
    }
    return all(level, levels);
  }

  private record Complex(double re, double im) {
    Complex plus(Complex o) {
      return new Complex(re + o.re, im + o.im);
    }

    Complex minus(Complex o) {
      return new Complex(re - o.re, im - o.im);
    }

    Complex times(Complex o) {
      return new Complex(re * o.re - im * o.im, re * o.im + im * o.re);
    }
  }

  private static Complex[] fft(Complex[] x) {
    int n = x.length;
    if (n == 1) {
      return x;
    }
    Complex[] even = new Complex[n / 2];
    Complex[] odd = new Complex[n / 2];
    for (int i = 0; i < n / 2; i++) {
      even[i] = x[2 * i];
      odd[i] = x[2 * i + 1];
    }
    Complex[] e = fft(even);
    Complex[] o = fft(odd);
    Complex[] y = new Complex[n];
    for (int k = 0; k < n / 2; k++) {
      double a = -2 * k * StrictMath.PI / n;
      Complex t = new Complex(StrictMath.cos(a), StrictMath.sin(a)).times(o[k]);
      y[k] = e[k].plus(t);
      y[k + n / 2] = e[k].minus(t);
    }
    return y;
  }

  @Runs(AWAY)
  static Object fastFourierTransform(ExecutorService pool) throws Exception {
    return collect(
        pool,
        3,
        f ->
            () -> {
              Complex[] signal = new Complex[16];
              for (int i = 0; i < 16; i++) {
                signal[i] = new Complex(i % (f + 2), 0);
              }
              return fft(signal);
            });
  }

  private static final Pattern DATE = Pattern.compile("(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)");

  @Runs(AWAY)
  static Object regularExpressions(ExecutorService pool) throws Exception {
    List<String> lines = List.of("on 2024-02-29 and 1999-12-31", "nothing", "x2000-01-01y");
    return collect(
        pool,
        lines.size(),
        i ->
            () -> {
              List<String> found = new ArrayList<>();
              Matcher matcher = DATE.matcher(lines.get(i));
              while (matcher.find()) {
                found.add(matcher.group("d") + "." + matcher.group("m") + "." + matcher.group("y"));
              }
              return all(found, lines.get(i).replaceAll("[aeiou]", "_"));
            });
  }

  private static final class Json {
    private final String text;
    private int at;

    Json(String text) {
      this.text = text;
    }

    Object parse() {
      skip();
      char c = text.charAt(at);
      if (c == '{') {
        at++;
        Map<String, Object> map = new LinkedHashMap<>();
        while (!eat('}')) {
          String key = (String) parse();
          expect(':');
          map.put(key, parse());
          eat(',');
        }
        return map;
      } else if (c == '[') {
        at++;
        List<Object> list = new ArrayList<>();
        while (!eat(']')) {
          list.add(parse());
          eat(',');
        }
        return list;
      } else if (c == '"') {
        int end = text.indexOf('"', at + 1);
        String s = text.substring(at + 1, end);
        at = end + 1;
        return s;
      }
      int start = at;
      while (at < text.length() && "+-.eE0123456789truefalsn".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String word = text.substring(start, at);
      return switch (word) {
        case "true" -> true;
        case "false" -> false;
        case "null" -> null;
        case "" -> throw new IllegalArgumentException("unexpected '" + c + "' at " + at);
        default -> new BigDecimal(word);
      };
    }

    private void skip() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private boolean eat(char c) {
      skip();
      if (text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!eat(c)) {
        throw new IllegalArgumentException("expected '" + c + "' at " + at);
      }
    }
  }

  @Runs(AWAY)
  static Object jsonParser(ExecutorService pool) throws Exception {
    List<String> documents =
        List.of(
            "{\"a\": [1, 2.50, true, null], \"b\": {\"c\": \"text\"}}",
            "[[], {}, -1e3]",
            "{\"broken\" 1}",
            "[?]");
    List<Future<Object>> futures = new ArrayList<>();
    for (String document : documents) {
      futures.add(pool.submit(new Json(document)::parse));
    }
    return Support.outcomes(futures);
  }

  private record Payload(String name, int[] data, Payload next) implements Serializable {}

  @Runs(AWAY)
  static Object javaSerialisation(ExecutorService pool) throws Exception {
    Payload payload = new Payload("a", new int[] {1, 2}, new Payload("b", null, null));
    return pool.submit(
            () -> {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(payload);
              }
              try (ObjectInputStream in =
                  new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return in.readObject();
              }
            })
        .get();
  }

  private record Order(String customer, String product, int quantity, BigDecimal price) {}

  @Runs(AWAY)
  static Object salesReport(ExecutorService pool) throws Exception {
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      orders.add(new Order("c" + i % 4, "p" + i % 7, i % 5 + 1, BigDecimal.valueOf(i * 25L, 2)));
    }
    return pool.submit(
            () ->
                orders.stream()
                    .collect(
                        Collectors.groupingBy(
                            Order::customer,
                            TreeMap::new,
                            Collectors.collectingAndThen(
                                Collectors.toList(),
                                l ->
                                    all(
                                        l.stream()
                                            .map(
                                                o ->
                                                    o.price()
                                                        .multiply(BigDecimal.valueOf(o.quantity())))
                                            .reduce(BigDecimal.ZERO, BigDecimal::add),
                                        l.stream()
                                            .max(
                                                Comparator.comparing(Order::price)
                                                    .thenComparing(Order::product))
                                            .map(Order::product))))))
        .get();
  }

  @Runs(AWAY)
  static Object bigFactorial(ExecutorService pool) throws Exception {
    List<BigInteger> parts =
        collect(
            pool,
            5,
            p ->
                () -> {
                  BigInteger product = BigInteger.ONE;
                  for (int i = p * 40 + 1; i <= (p + 1) * 40; i++) {
                    product = product.multiply(BigInteger.valueOf(i));
                  }
                  return product;
                });
    return parts.stream().reduce(BigInteger.ONE, BigInteger::multiply);
  }

  @Runs(AWAY)
  static Object piDigits(ExecutorService pool) throws Exception {
    MathContext context = new MathContext(60);
    List<BigDecimal> terms =
        collect(
            pool,
            40,
            k ->
                () -> {
                  BigDecimal k8 = BigDecimal.valueOf(8L * k);
                  BigDecimal sum =
                      BigDecimal.valueOf(4)
                          .divide(k8.add(BigDecimal.ONE), context)
                          .subtract(
                              BigDecimal.valueOf(2).divide(k8.add(BigDecimal.valueOf(4)), context))
                          .subtract(BigDecimal.ONE.divide(k8.add(BigDecimal.valueOf(5)), context))
                          .subtract(BigDecimal.ONE.divide(k8.add(BigDecimal.valueOf(6)), context));
                  return sum.divide(BigDecimal.valueOf(16).pow(k), context);
                });
    return terms.stream().reduce(BigDecimal.ZERO, BigDecimal::add).toString().substring(0, 42);
  }

  @Runs(AWAY)
  static Object dateArithmetic(ExecutorService pool) throws Exception {
    return collect(
        pool,
        6,
        i ->
            () -> {
              LocalDate date = LocalDate.of(2000 + i, 1, 31).plusMonths(i + 1L);
              return all(
                  date.with(TemporalAdjusters.next(DayOfWeek.FRIDAY)),
                  ChronoUnit.DAYS.between(LocalDate.EPOCH, date),
                  date.format(DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH)));
            });
  }

  @Runs(AWAY)
  static Object checksums(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              byte[] bytes = ("text " + i).repeat(100).getBytes(StandardCharsets.UTF_8);
              CRC32 crc = new CRC32();
              crc.update(bytes);
              MessageDigest digest = MessageDigest.getInstance("SHA-256");
              return all(crc.getValue(), HexFormat.of().formatHex(digest.digest(bytes)));
            });
  }

  @Runs(AWAY)
  static Object compression(ExecutorService pool) throws Exception {
    byte[] text = "abracadabra ".repeat(500).getBytes(StandardCharsets.US_ASCII);
    byte[] packed =
        pool.submit(
                () -> {
                  Deflater deflater = new Deflater();
                  deflater.setInput(text);
                  deflater.finish();
                  byte[] out = new byte[1000];
                  int n = deflater.deflate(out);
                  deflater.end();
                  return Arrays.copyOf(out, n);
                })
            .get();
    byte[] back =
        pool.submit(
                () -> {
                  Inflater inflater = new Inflater();
                  inflater.setInput(packed);
                  byte[] out = new byte[text.length];
                  inflater.inflate(out);
                  inflater.end();
                  return out;
                })
            .get();
    return all(packed.length < 200, Arrays.equals(text, back));
  }

  private record Edge(int to, int cost) {}

  @Runs(AWAY)
  static Object shortestPaths(ExecutorService pool) throws Exception {
    List<List<Edge>> graph = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      graph.add(List.of(new Edge((i + 1) % 40, 4), new Edge((i * 5 + 3) % 40, 7 + i % 3)));
    }
    return collect(
        pool,
        5,
        source ->
            () -> {
              int[] distance = new int[graph.size()];
              Arrays.fill(distance, Integer.MAX_VALUE);
              distance[source] = 0;
              PriorityQueue<int[]> queue = new PriorityQueue<>(Comparator.comparingInt(e -> e[1]));
              queue.add(new int[] {source, 0});
              while (!queue.isEmpty()) {
                int[] e = queue.poll();
                for (Edge edge : graph.get(e[0])) {
                  int d = e[1] + edge.cost();
                  if (d < distance[edge.to()]) {
                    distance[edge.to()] = d;
                    queue.add(new int[] {edge.to(), d});
                  }
                }
              }
              return distance;
            });
  }

  @Runs(AWAY)
  static Object floodFill(ExecutorService pool) throws Exception {
    char[][] map = {
      "..#....".toCharArray(),
      ".##.##.".toCharArray(),
      "...#...".toCharArray(),
      "##...#.".toCharArray()
    };
    int filled =
        pool.submit(
                () -> {
                  int n = 0;
                  Queue<int[]> open = new ArrayDeque<>();
                  open.add(new int[] {0, 0});
                  while (!open.isEmpty()) {
                    int[] at = open.remove();
                    boolean inside =
                        at[0] >= 0 && at[1] >= 0 && at[0] < map.length && at[1] < map[0].length;
                    if (inside && map[at[0]][at[1]] == '.') {
                      map[at[0]][at[1]] = '~';
                      n++;
                      for (int[] step : new int[][] {{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
                        open.add(new int[] {at[0] + step[0], at[1] + step[1]});
                      }
                    }
                  }
                  return n;
                })
            .get();
    return all(filled, map);
  }

  @Runs(AWAY)
  static Object collatz(ExecutorService pool) throws Exception {
    List<int[]> best =
        collect(
            pool,
            5,
            part ->
                () -> {
                  int[] longest = new int[2];
                  for (int n = part * 1000 + 1; n <= (part + 1) * 1000; n++) {
                    int steps = 0;
                    for (long x = n; x != 1; x = x % 2 == 0 ? x / 2 : 3 * x + 1) {
                      steps++;
                    }
                    if (steps > longest[1]) {
                      longest[0] = n;
                      longest[1] = steps;
                    }
                  }
                  return longest;
                });
    return best.stream().max(Comparator.comparingInt(b -> b[1])).orElseThrow();
  }

  private static final Map<Integer, Long> STEPS = new HashMap<>();

  private static long ways(int n) {
    Long known = STEPS.get(n);
    if (known != null) {
      return known;
    }
    long value = n <= 1 ? 1 : ways(n - 1) + ways(n - 2);
    STEPS.put(n, value);
    return value;
  }

  @Sequential
  @Runs(AWAY)
  static Object memoInStaticMap(ExecutorService pool) throws Exception {
    STEPS.clear();
    Object first = pool.submit(() -> ways(40)).get();
    Object second = pool.submit(() -> all(STEPS.size(), ways(50))).get();
    return all(first, second, STEPS.size());
  }

  @Runs(AWAY)
  static Object histogramPerTaskThenMerged(ExecutorService pool) throws Exception {
    byte[] pixels = new byte[10_000];
    new Random(8).nextBytes(pixels);
    int[] total = new int[256];
    for (int[] part :
        collect(
            pool,
            4,
            t ->
                () -> {
                  int[] histogram = new int[256];
                  for (int i = t * 2500; i < (t + 1) * 2500; i++) {
                    histogram[pixels[i] & 0xff]++;
                  }
                  return histogram;
                })) {
      for (int i = 0; i < 256; i++) {
        total[i] += part[i];
      }
    }
    return total;
  }

  @Runs(AWAY)
  static Object blurInPlaceByBands(ExecutorService pool) throws Exception {
    float[][] image = new float[32][32];
    float[][] blurred = new float[32][32];
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        image[y][x] = (x * y) % 17;
      }
    }
    each(
        pool,
        4,
        band ->
            () -> {
              for (int y = band * 8; y < (band + 1) * 8; y++) {
                for (int x = 0; x < 32; x++) {
                  float left = image[y][Math.max(0, x - 1)];
                  float right = image[y][Math.min(31, x + 1)];
                  blurred[y][x] = (left + image[y][x] + right) / 3;
                }
              }
            });
    return blurred;
  }

  @Runs(AWAY)
  static Object bitSetUnion(ExecutorService pool) throws Exception {
    BitSet union = new BitSet();
    for (BitSet part :
        collect(
            pool,
            4,
            t ->
                () -> {
                  BitSet multiples = new BitSet();
                  for (int i = 0; i < 100; i += t + 2) {
                    multiples.set(i);
                  }
                  return multiples;
                })) {
      union.or(part);
    }
    return union;
  }

  @Runs(AWAY)
  static Object permutations(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        first ->
            () -> {
              List<String> found = new ArrayList<>();
              permute(
                  "abcd".replace("" + "abcd".charAt(first), ""), "" + "abcd".charAt(first), found);
              return found;
            });
  }

  private static void permute(String rest, String prefix, List<String> found) {
    if (rest.isEmpty()) {
      found.add(prefix);
    }
    for (int i = 0; i < rest.length(); i++) {
      permute(rest.substring(0, i) + rest.substring(i + 1), prefix + rest.charAt(i), found);
    }
  }
}
