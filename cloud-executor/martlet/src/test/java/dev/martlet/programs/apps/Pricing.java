package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import dev.martlet.programs.Runs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Tasks that look things up in one map or list and put what they find into a shared other. */
final class Pricing {
  private static final Map<String, Double> RATES = new HashMap<>(Map.of("EUR", 1.0, "USD", 1.1));
  private static final Map<String, Double> SEEN = new ConcurrentHashMap<>();

  private Pricing() {}

  private static void await(List<Future<?>> futures) throws Exception {
    for (Future<?> f : futures) {
      f.get();
    }
  }

  @Runs(AWAY)
  static Object lookUpAndStore(ExecutorService pool) throws Exception {
    Map<String, Integer> prices = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      prices.put("p" + i, i * 3);
    }
    Map<String, Integer> out = new ConcurrentHashMap<>();
    List<Future<?>> done = new ArrayList<>();
    for (String p : List.copyOf(prices.keySet())) {
      done.add(
          pool.submit(
              () -> {
                out.put(p, prices.get(p) + prices.getOrDefault("p3", 0) + prices.size());
              }));
    }
    await(done);
    return new TreeMap<>(out);
  }

  @Runs(EITHER)
  static Object lookUpTheOtherWayRound(ExecutorService pool) throws Exception {
    Map<String, Integer> prices = new ConcurrentHashMap<>(Map.of("a", 1, "b", 2));
    Map<String, Integer> out = Collections.synchronizedMap(new TreeMap<>());
    List<Future<?>> done = new ArrayList<>();
    for (String p : List.of("a", "b", "c")) {
      done.add(
          pool.submit(
              () -> {
                Integer known = prices.get(p);
                out.put(p, known == null ? -1 : known);
              }));
    }
    await(done);
    return out;
  }

  /** Finds by a map that may be of any kind. */
  private static final class Book {
    private final Map<String, List<Integer>> entries;
    private final List<String> log;

    Book(Map<String, List<Integer>> entries, List<String> log) {
      this.entries = entries;
      this.log = log;
    }

    int sum(String key) {
      return find(key).map(l -> l.stream().mapToInt(i -> i).sum()).orElse(0);
    }

    private Optional<List<Integer>> find(String key) {
      return Optional.ofNullable(entries.get(key));
    }

    void note(String line) {
      log.add(line);
    }
  }

  @Runs(AWAY)
  static Object bookWithLog(ExecutorService pool) throws Exception {
    Book book =
        new Book(
            new LinkedHashMap<>(Map.of("x", List.of(1, 2), "y", List.of(3))),
            new CopyOnWriteArrayList<>());
    CountDownLatch latch = new CountDownLatch(3);
    for (String k : List.of("x", "y", "z")) {
      pool.execute(
          () -> {
            book.note(k + book.sum(k));
            latch.countDown();
          });
    }
    latch.await();
    List<String> log = new ArrayList<>(book.log);
    Collections.sort(log);
    return log;
  }

  @Runs(EITHER)
  static Object twoBooks(ExecutorService pool) throws Exception {
    Book plain = new Book(new HashMap<>(Map.of("x", List.of(1))), new ArrayList<>());
    Book shared =
        new Book(new ConcurrentHashMap<>(), Collections.synchronizedList(new ArrayList<>()));
    Future<Integer> first =
        pool.submit(
            () -> {
              shared.entries.put("new", List.of(plain.sum("x"), 41));
              return plain.sum("x");
            });
    int one = first.get();
    Future<Integer> second = pool.submit(() -> shared.sum("new") + plain.sum("x"));
    return Arrays.asList(one, second.get());
  }

  @Runs(EITHER)
  static Object mapOfMaps(ExecutorService pool) throws Exception {
    Map<String, Map<String, Integer>> tables = new HashMap<>();
    tables.put("shared", new ConcurrentHashMap<>());
    tables.put("fixed", new HashMap<>(Map.of("k", 5)));
    List<Future<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int n = i;
      all.add(
          pool.submit(
              () ->
                  tables.get("shared").merge("k", tables.get("fixed").get("k"), Integer::sum) > 0
                      ? n
                      : -1));
    }
    int sum = 0;
    for (Future<Integer> f : all) {
      sum += f.get();
    }
    return Arrays.asList(sum, tables);
  }

  @Runs(AWAY)
  static Object staticRates(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Double> out = new ConcurrentHashMap<>();
    List<Future<?>> done = new ArrayList<>();
    for (String c : List.of("EUR", "USD", "GBP")) {
      done.add(pool.submit(() -> store(out, c, 100)));
    }
    await(done);
    return out;
  }

  private static void store(Map<String, Double> to, String currency, double amount) {
    to.put(currency, RATES.getOrDefault(currency, Double.NaN) * amount);
  }

  @Runs(EITHER)
  static Object staticSeen(ExecutorService pool) throws Exception {
    SEEN.clear();
    List<Future<Double>> done = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String key = "k" + i % 3;
      done.add(
          pool.submit(
              () -> {
                Double known = SEEN.get(key);
                if (known == null) {
                  known = RATES.get("USD") * key.hashCode();
                  SEEN.put(key, known);
                }
                return known;
              }));
    }
    List<Double> out = new ArrayList<>();
    for (Future<Double> f : done) {
      out.add(f.get());
    }
    return Arrays.asList(out, SEEN);
  }

  /** A step of a pipeline, composed with others. */
  private interface Step<A, B> extends Function<A, B> {
    default <C> Step<A, C> then(Step<? super B, ? extends C> next) {
      return a -> next.apply(apply(a));
    }
  }

  @Runs(EITHER)
  static Object pipelineWithSink(ExecutorService pool) throws Exception {
    Map<Integer, String> names = new HashMap<>(Map.of(1, "one", 2, "two", 3, "three"));
    List<String> sink = Collections.synchronizedList(new ArrayList<>());
    Step<Integer, String> name = names::get;
    Step<Integer, Integer> length = name.then(String::length);
    List<Future<?>> done = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      int n = i;
      done.add(
          pool.submit(
              () -> {
                sink.add(n + ":" + length.apply(n));
              }));
    }
    await(done);
    List<String> sorted = new ArrayList<>(sink);
    Collections.sort(sorted);
    return sorted;
  }

  @Runs(EITHER)
  static Object supplierOfSharedMap(ExecutorService pool) throws Exception {
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    Map<String, Integer> weights = Map.of("a", 2);
    Supplier<Map<String, Integer>> supplier = () -> counts;
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      done.add(
          pool.submit(
              () -> {
                Map<String, Integer> m = supplier.get();
                synchronized (weights) {
                  m.put("a", (m.get("a") == null ? 0 : m.get("a")) + weights.get("a"));
                }
              }));
    }
    await(done);
    return counts;
  }

  @Runs(AWAY)
  static Object listenerAndTable(ExecutorService pool) throws Exception {
    List<int[]> table = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      table.add(new int[] {i, i * i});
    }
    ConcurrentLinkedQueue<Integer> events = new ConcurrentLinkedQueue<>();
    Consumer<Integer> listener = events::add;
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int n = i;
      done.add(
          pool.submit(
              () -> {
                int total = 0;
                for (int[] row : table) {
                  total += row[0] * n + row[1];
                }
                if (table.contains(table.get(n)) && table.size() == 5) {
                  listener.accept(total);
                }
              }));
    }
    await(done);
    List<Integer> sorted = new ArrayList<>(events);
    Collections.sort(sorted);
    return sorted;
  }
}
