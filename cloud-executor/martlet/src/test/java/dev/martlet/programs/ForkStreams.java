package dev.martlet.programs;

import java.io.BufferedReader;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Parallel streams inside the pool. */
@SuppressWarnings("serial")
final class ForkStreams {
  private ForkStreams() {}

  /** Runs a program's streams inside the pool. */
  static <T> T in(ForkJoinPool pool, Callable<T> body) throws Exception {
    return pool.submit(body).get();
  }

  record Person(String name, int age, City city) {}

  enum City {
    ROME,
    PARIS,
    OSLO
  }

  static List<Person> people() {
    List<Person> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(new Person("p" + (i * 7919 % 200), i * 31 % 90, City.values()[i % 3]));
    }
    return all;
  }

  @Forks
  static Object groupings(ForkJoinPool pool) throws Exception {
    List<Person> people = people();
    return in(
        pool,
        () ->
            Support.all(
                people.parallelStream().collect(Collectors.groupingBy(Person::city)),
                people.parallelStream()
                    .collect(
                        Collectors.groupingBy(
                            Person::city,
                            () -> new EnumMap<>(City.class),
                            Collectors.averagingInt(Person::age))),
                people.parallelStream().collect(Collectors.partitioningBy(p -> p.age() > 40)),
                people.parallelStream()
                    .collect(
                        Collectors.groupingBy(
                            p -> p.age() / 10,
                            TreeMap::new,
                            Collectors.mapping(
                                Person::name, Collectors.toCollection(TreeSet::new)))),
                people.parallelStream()
                    .collect(
                        Collectors.groupingBy(
                            Person::city,
                            TreeMap::new,
                            Collectors.collectingAndThen(
                                Collectors.maxBy(
                                    Comparator.comparing(Person::age).thenComparing(Person::name)),
                                o -> o.map(Person::name).orElse("none"))))));
  }

  @Forks
  static Object concurrentCollectors(ForkJoinPool pool) throws Exception {
    List<Person> people = people();
    return in(
        pool,
        () -> {
          Map<City, List<Person>> byCity =
              people.parallelStream()
                  .unordered()
                  .collect(Collectors.groupingByConcurrent(Person::city));
          Map<City, Long> counts =
              people.parallelStream()
                  .collect(Collectors.groupingByConcurrent(Person::city, Collectors.counting()));
          Map<String, Integer> ages =
              people.parallelStream()
                  .collect(Collectors.toConcurrentMap(Person::name, Person::age, Integer::sum));
          Map<Integer, Set<String>> names =
              people.stream()
                  .parallel()
                  .collect(
                      Collectors.groupingByConcurrent(
                          Person::age,
                          ConcurrentHashMap::new,
                          Collectors.mapping(Person::name, Collectors.toSet())));
          List<Object> sizes = new ArrayList<>();
          for (City c : City.values()) {
            sizes.add(byCity.get(c).size());
            sizes.add(new HashSet<>(byCity.get(c)).size());
            sizes.add(people.containsAll(byCity.get(c)));
          }
          return List.of(sizes, new TreeMap<>(counts), new TreeMap<>(ages), new TreeMap<>(names));
        });
  }

  @Forks
  static Object teeingAndStatistics(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            Support.all(
                IntStream.range(0, 1_000)
                    .parallel()
                    .boxed()
                    .collect(
                        Collectors.teeing(
                            Collectors.summingInt(i -> i),
                            Collectors.filtering(i -> i % 7 == 0, Collectors.toList()),
                            (sum, list) -> sum + " " + list.size())),
                people().parallelStream()
                    .collect(
                        Collectors.teeing(
                            Collectors.minBy(Comparator.comparing(Person::name)),
                            Collectors.flatMapping(
                                p -> Stream.of(p.name(), p.city().name()), Collectors.counting()),
                            (min, n) -> min.get() + " " + n)),
                String.valueOf(IntStream.range(0, 100).parallel().summaryStatistics()),
                String.valueOf(
                    people().parallelStream().collect(Collectors.summarizingInt(Person::age))),
                LongStream.rangeClosed(1, 20).parallel().reduce(1, (a, b) -> a * b),
                IntStream.of(4, 8, 15).parallel().average().getAsDouble(),
                String.valueOf(
                    DoubleStream.of(1, 2, 3)
                        .parallel()
                        .collect(
                            DoubleSummaryStatistics::new,
                            DoubleSummaryStatistics::accept,
                            DoubleSummaryStatistics::combine))));
  }

  @Forks
  static Object joiningAndToMap(ForkJoinPool pool) throws Exception {
    List<String> words = List.of("the quick brown fox jumps over the lazy dog".split(" "));
    return in(
        pool,
        () ->
            Support.all(
                words.parallelStream().collect(Collectors.joining(", ", "<", ">")),
                words.parallelStream()
                    .collect(Collectors.toMap(Function.identity(), String::length, Integer::sum)),
                words.parallelStream()
                    .collect(
                        Collectors.toMap(String::length, w -> w, (a, b) -> a + b, TreeMap::new)),
                ForkContracts.thrown(
                    () ->
                        words.parallelStream()
                            .collect(Collectors.toMap(w -> w, String::length))
                            .size()),
                words.parallelStream().collect(Collectors.toUnmodifiableSet()),
                words.parallelStream().collect(Collectors.reducing("", w -> w, String::concat)),
                words.parallelStream().map(String::toUpperCase).toList(),
                Arrays.asList(words.parallelStream().sorted().distinct().skip(1).toArray())));
  }

  /** A collector of its own, with a container of its own. */
  static final class Runs {
    final List<List<Integer>> runs = new ArrayList<>();

    void add(int n) {
      if (!runs.isEmpty() && last() + 1 == n) {
        runs.get(runs.size() - 1).add(n);
      } else {
        runs.add(new ArrayList<>(List.of(n)));
      }
    }

    int last() {
      List<Integer> r = runs.get(runs.size() - 1);
      return r.get(r.size() - 1);
    }

    Runs with(Runs later) {
      for (List<Integer> r : later.runs) {
        r.forEach(this::add);
      }
      return this;
    }
  }

  static final class Longest implements Collector<String, String[], String> {
    @Override
    public Supplier<String[]> supplier() {
      return () -> new String[] {""};
    }

    @Override
    public java.util.function.BiConsumer<String[], String> accumulator() {
      return (a, s) -> a[0] = s.length() > a[0].length() ? s : a[0];
    }

    @Override
    public BinaryOperator<String[]> combiner() {
      return (a, b) -> b[0].length() > a[0].length() ? b : a;
    }

    @Override
    public Function<String[], String> finisher() {
      return a -> a[0];
    }

    @Override
    public Set<Characteristics> characteristics() {
      return Set.of();
    }
  }

  @Forks
  static Object ownCollectors(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            Support.all(
                IntStream.range(0, 300)
                    .filter(i -> i % 10 != 3)
                    .parallel()
                    .boxed()
                    .collect(Collector.of(Runs::new, Runs::add, Runs::with)),
                Arrays.stream(ForkSearches.lines()).parallel().collect(new Longest()),
                IntStream.range(0, 100)
                    .parallel()
                    .collect(BitSet::new, BitSet::set, BitSet::or)
                    .cardinality(),
                Stream.of("a", "b", "c", "d")
                    .parallel()
                    .collect(
                        () -> new StringJoiner("/", "[", "]"),
                        StringJoiner::add,
                        StringJoiner::merge)
                    .toString(),
                Stream.of("x", "y", "z")
                    .parallel()
                    .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append)
                    .toString(),
                people().parallelStream()
                    .collect(ArrayList::new, ArrayList::add, ArrayList::addAll),
                IntStream.range(0, 50)
                    .parallel()
                    .boxed()
                    .collect(
                        Collectors.collectingAndThen(
                            Collectors.toList(), Collections::unmodifiableList))));
  }

  @Forks
  static Object sourcesOfAllKinds(ForkJoinPool pool) throws Exception {
    Path file = Files.createTempFile("lines", ".txt");
    try {
      Files.write(file, List.of(ForkSearches.lines()));
      Map<String, Integer> map = new TreeMap<>();
      for (int i = 0; i < 50; i++) {
        map.put("k" + i, i);
      }
      return in(
          pool,
          () -> {
            List<Object> all = new ArrayList<>();
            all.add(Files.lines(file).parallel().mapToInt(String::length).sum());
            BufferedReader reader = new BufferedReader(new StringReader("a\nbb\nccc\n"));
            all.add(reader.lines().parallel().map(s -> s + s.length()).toList());
            all.add(Pattern.compile(",").splitAsStream("1,2,3,4").parallel().toList());
            all.add("hello world".chars().parallel().filter(c -> c == 'o').count());
            all.add("multi\nline\ntext".lines().parallel().collect(Collectors.toList()));
            BitSet bits = new BitSet();
            bits.set(3, 99);
            all.add(bits.stream().parallel().sum());
            all.add(map.entrySet().parallelStream().mapToInt(Map.Entry::getValue).sum());
            all.add(map.keySet().parallelStream().collect(Collectors.joining()));
            all.add(map.values().parallelStream().reduce(0, Integer::sum));
            all.add(new HashMap<>(map).keySet().parallelStream().sorted().toList());
            all.add(new LinkedList<>(map.keySet()).parallelStream().skip(40).toList());
            all.add(new ArrayDeque<>(map.values()).parallelStream().limit(5).toList());
            all.add(new PriorityQueue<>(map.values()).parallelStream().sorted().toList());
            all.add(new ConcurrentHashMap<>(map).values().parallelStream().mapToInt(i -> i).sum());
            all.add(new ConcurrentLinkedQueue<>(map.keySet()).parallelStream().toList());
            all.add(Collections.nCopies(20, "x").parallelStream().collect(Collectors.joining()));
            all.add(Set.of(1, 2, 3).parallelStream().mapToInt(i -> i).max().getAsInt());
            all.add(new Random(5).ints(100, 0, 10).parallel().sorted().sum());
            all.add(
                new SplittableRandom(7).longs(100, 0, 50).parallel().filter(n -> n < 50).count());
            all.add(Stream.iterate(1, i -> i * 2).parallel().limit(12).toList());
            all.add(Stream.iterate(1, i -> i < 500, i -> i * 3).parallel().toList());
            all.add(IntStream.iterate(0, i -> i + 3).parallel().limit(30).sum());
            all.add(Stream.generate(() -> "g").parallel().limit(9).collect(Collectors.joining()));
            Iterator<Integer> it = List.of(5, 6, 7).iterator();
            all.add(
                StreamSupport.stream(Spliterators.spliteratorUnknownSize(it, 0), true).toList());
            all.add(Stream.<Integer>builder().add(1).add(2).build().parallel().toList());
            all.add(Stream.concat(Stream.of(1, 2), Stream.of(3)).parallel().toList());
            all.add(
                Stream.concat(map.keySet().parallelStream(), Stream.of("end"))
                    .map(String::length)
                    .toList());
            all.add(Arrays.stream(new double[] {1, 2, 3}, 1, 3).parallel().sum());
            all.add(Stream.ofNullable(null).parallel().count());
            all.add(Stream.empty().parallel().toList());
            all.add(new TreeMap<>(map).descendingMap().values().parallelStream().toList());
            all.add(new ArrayList<>(map.values()).subList(10, 20).parallelStream().toList());
            return all;
          });
    } finally {
      Files.delete(file);
    }
  }

  static final class Chunks implements Spliterator<int[]> {
    private final int[] array;
    private final int size;
    private int from;
    private final int to;

    Chunks(int[] array, int size, int from, int to) {
      this.array = array;
      this.size = size;
      this.from = from;
      this.to = to;
    }

    @Override
    public boolean tryAdvance(Consumer<? super int[]> action) {
      if (from >= to) {
        return false;
      }
      action.accept(Arrays.copyOfRange(array, from, Math.min(to, from + size)));
      from += size;
      return true;
    }

    @Override
    public Spliterator<int[]> trySplit() {
      int chunks = (to - from) / size;
      if (chunks < 2) {
        return null;
      }
      int old = from;
      from += chunks / 2 * size;
      return new Chunks(array, size, old, from);
    }

    @Override
    public long estimateSize() {
      return Math.max(0, (to - from + size - 1) / size);
    }

    @Override
    public int characteristics() {
      return ORDERED | SIZED | SUBSIZED | NONNULL | IMMUTABLE;
    }
  }

  static final class Fibs extends Spliterators.AbstractLongSpliterator {
    private long a;
    private long b = 1;

    Fibs() {
      super(Long.MAX_VALUE, ORDERED | NONNULL);
    }

    @Override
    public boolean tryAdvance(java.util.function.LongConsumer action) {
      action.accept(a);
      long next = a + b;
      a = b;
      b = next;
      return true;
    }
  }

  @Forks
  static Object ownSpliterators(ForkJoinPool pool) throws Exception {
    int[] a = ForkSorts.numbers(1_003, 4);
    return in(
        pool,
        () ->
            Support.all(
                StreamSupport.stream(new Chunks(a, 10, 0, a.length), true)
                    .map(c -> Arrays.stream(c).sum())
                    .toList(),
                StreamSupport.stream(new Chunks(a, 7, 0, 70), true)
                    .flatMapToInt(Arrays::stream)
                    .boxed()
                    .toList(),
                StreamSupport.longStream(new Fibs(), true).limit(20).sum(),
                StreamSupport.longStream(new Fibs(), true).takeWhile(f -> f < 100).boxed().toList(),
                StreamSupport.longStream(new Fibs(), true).anyMatch(f -> f > 1_000),
                StreamSupport.stream(() -> new Chunks(a, 50, 0, a.length), 0, true)
                    .mapToInt(c -> c.length)
                    .max()
                    .getAsInt()));
  }

  @Forks
  static Object slicesAndBarriers(ForkJoinPool pool) throws Exception {
    List<Integer> numbers = IntStream.range(0, 500).map(i -> i * 37 % 101).boxed().toList();
    return in(
        pool,
        () ->
            Support.all(
                numbers.parallelStream().sorted().distinct().skip(5).limit(20).toList(),
                numbers.parallelStream().distinct().sorted(Comparator.reverseOrder()).toList(),
                numbers.parallelStream().filter(i -> i % 2 == 0).skip(30).limit(10).toList(),
                numbers.parallelStream().map(i -> i + 1).takeWhile(i -> i != 50).toList(),
                numbers.parallelStream().map(i -> i + 1).dropWhile(i -> i != 50).limit(9).toList(),
                numbers.parallelStream().limit(0).toList(),
                numbers.parallelStream().skip(600).findFirst().isPresent(),
                numbers.parallelStream().peek(i -> {}).mapToInt(i -> i).skip(3).limit(4).sum(),
                IntStream.range(0, 1_000).parallel().skip(100).limit(50).map(i -> -i).sum(),
                numbers.parallelStream()
                    .sorted(Comparator.comparing(i -> i % 10))
                    .map(String::valueOf)
                    .collect(Collectors.joining(",")),
                numbers.parallelStream().unordered().distinct().count(),
                numbers.parallelStream().unordered().limit(10).count(),
                numbers.parallelStream().sorted().unordered().skip(490).count()));
  }

  @Forks
  static Object matchesAndFinds(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            Support.all(
                IntStream.iterate(1, i -> i + 1).parallel().anyMatch(i -> i % 1_013 == 0),
                Stream.iterate(1, i -> i + 1).parallel().filter(i -> i > 300).findFirst().get(),
                IntStream.range(0, 10_000)
                    .parallel()
                    .filter(i -> i % 77 == 76)
                    .findFirst()
                    .getAsInt(),
                IntStream.range(0, 10_000).parallel().allMatch(i -> i < 9_999),
                IntStream.range(0, 10_000).parallel().noneMatch(i -> i < 0),
                LongStream.range(0, 1L << 20).parallel().anyMatch(i -> i == (1L << 19) + 7),
                Stream.of("a", "b").parallel().findAny().isPresent(),
                ForkContracts.thrown(
                    () ->
                        Stream.of("x", null)
                            .parallel()
                            .filter(Objects::isNull)
                            .findFirst()
                            .isPresent()),
                Stream.iterate(1, i -> i + 1).parallel().limit(1_000).reduce(Integer::max).get(),
                Stream.of(3, 1, 2).parallel().min(Comparator.naturalOrder()).get(),
                DoubleStream.iterate(1, d -> d / 2)
                    .parallel()
                    .filter(d -> d < 0.01)
                    .findFirst()
                    .getAsDouble()));
  }

  @Forks
  static Object sideEffects(ForkJoinPool pool) throws Exception {
    int[] squares = new int[500];
    LongAdder adder = new LongAdder();
    AtomicLong atomic = new AtomicLong();
    AtomicInteger peeked = new AtomicInteger();
    Set<Integer> set = ConcurrentHashMap.newKeySet();
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    ConcurrentHashMap<Integer, Integer> counts = new ConcurrentHashMap<>();
    List<Integer> ordered = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    return in(
        pool,
        () -> {
          IntStream.range(0, 500).parallel().forEach(i -> squares[i] = i * i);
          IntStream.range(0, 500).parallel().forEach(adder::add);
          IntStream.range(0, 500)
              .parallel()
              .peek(i -> peeked.incrementAndGet())
              .forEach(atomic::addAndGet);
          IntStream.range(0, 100).parallel().filter(i -> i % 3 == 0).boxed().forEach(set::add);
          IntStream.range(0, 100).parallel().boxed().forEach(list::add);
          IntStream.range(0, 300).parallel().forEach(i -> counts.merge(i % 10, 1, Integer::sum));
          IntStream.range(0, 100).parallel().map(i -> i * 2).forEachOrdered(ordered::add);
          Stream.of("a", "b", "c").parallel().map(s -> s + s).forEachOrdered(text::append);
          return Support.all(
              squares,
              adder.sum(),
              atomic.get(),
              peeked.get(),
              new TreeSet<>(set),
              new TreeSet<>(list),
              list.size(),
              new TreeMap<>(counts),
              ordered,
              text.toString());
        });
  }

  @Forks
  static Object flatMaps(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            Support.all(
                IntStream.range(0, 30)
                    .parallel()
                    .boxed()
                    .flatMap(i -> IntStream.range(0, i).parallel().boxed())
                    .mapToInt(i -> i)
                    .sum(),
                people().parallelStream()
                    .flatMap(p -> Stream.of(p.name(), p.city().toString()).parallel())
                    .distinct()
                    .count(),
                Stream.of(1, 2, 3)
                    .parallel()
                    .<String>mapMulti(
                        (i, out) -> {
                          for (int k = 0; k < i; k++) {
                            out.accept(i + ":" + k);
                          }
                        })
                    .toList(),
                IntStream.range(0, 20)
                    .parallel()
                    .flatMap(i -> IntStream.of(i, -i))
                    .boxed()
                    .toList(),
                Stream.of(List.of(1, 2), List.<Integer>of(), List.of(3))
                    .parallel()
                    .flatMap(Collection::stream)
                    .limit(2)
                    .toList(),
                Stream.of("ab", "cd")
                    .parallel()
                    .flatMapToInt(String::chars)
                    .mapToObj(c -> (char) c)
                    .toList(),
                Stream.of(5, 6)
                    .parallel()
                    .flatMap(i -> Stream.iterate(i, k -> k + 1).limit(4))
                    .takeWhile(i -> i < 8)
                    .toList(),
                Stream.of(1, 2, 3, 4)
                    .parallel()
                    .mapMultiToInt(
                        (i, out) -> {
                          if (i % 2 == 0) {
                            out.accept(i);
                          }
                        })
                    .sum()));
  }

  static final class Own extends RuntimeException {
    Own(String message) {
      super(message);
    }
  }

  @Forks
  static Object exceptionsFromLambdas(ForkJoinPool pool) {
    return Support.all(
        ForkContracts.thrown(
            () ->
                in(
                    pool,
                    () ->
                        IntStream.range(0, 1_000)
                            .parallel()
                            .map(
                                i -> {
                                  if (i == 777) {
                                    throw new Own("at " + i);
                                  }
                                  return i;
                                })
                            .sum())),
        ForkContracts.thrown(
            () -> in(pool, () -> Stream.of(1, 0).parallel().map(i -> 10 / i).toList())),
        ForkContracts.thrown(
            () ->
                in(
                    pool,
                    () -> {
                      Stream.of("a", "b")
                          .parallel()
                          .forEach(
                              s -> {
                                throw new Own("each");
                              });
                      return 0;
                    })),
        ForkContracts.thrown(
            () ->
                in(
                    pool,
                    () ->
                        Stream.of("a", "b")
                            .parallel()
                            .sorted(
                                (x, y) -> {
                                  throw new Own("compare");
                                })
                            .toList())),
        ForkContracts.thrown(
            () ->
                in(
                    pool,
                    () ->
                        IntStream.range(0, 10)
                            .parallel()
                            .boxed()
                            .collect(
                                Collector.of(
                                    () -> {
                                      throw new Own("supply");
                                    },
                                    (a, b) -> {},
                                    (a, b) -> a)))),
        ForkContracts.thrown(
            () ->
                in(
                    pool,
                    () -> {
                      try {
                        return Stream.of("1", "x").parallel().mapToInt(Integer::parseInt).sum();
                      } catch (NumberFormatException e) {
                        return "caught";
                      }
                    })));
  }

  @Forks
  static Object closeHandlers(ForkJoinPool pool) throws Exception {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    return in(
        pool,
        () -> {
          try (IntStream s = IntStream.range(0, 100).parallel().onClose(() -> log.add("closed"))) {
            log.add("sum " + s.map(i -> i * 2).sum());
          }
          try (Stream<String> s =
              Stream.concat(
                  Stream.of("a").onClose(() -> log.add("first")),
                  Stream.of("b").onClose(() -> log.add("second")))) {
            log.add(s.parallel().map(x -> x + x).collect(Collectors.joining()));
          }
          return log;
        });
  }

  @Forks
  static Object statefulLambdas(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () -> {
          Set<Integer> seen = Collections.synchronizedSet(new HashSet<>());
          long distinct =
              IntStream.range(0, 1_000).parallel().boxed().filter(i -> seen.add(i % 50)).count();
          AtomicInteger next = new AtomicInteger();
          Set<Integer> ids =
              IntStream.range(0, 100)
                  .parallel()
                  .mapToObj(i -> next.getAndIncrement())
                  .collect(Collectors.toSet());
          ConcurrentHashMap<Integer, String> cache = new ConcurrentHashMap<>();
          List<String> cached =
              IntStream.range(0, 60)
                  .parallel()
                  .mapToObj(i -> cache.computeIfAbsent(i % 5, k -> "v" + k))
                  .toList();
          Object lock = new Object();
          int[] total = new int[1];
          IntStream.range(0, 100)
              .parallel()
              .forEach(
                  i -> {
                    synchronized (lock) {
                      total[0] += i;
                    }
                  });
          return List.of(distinct, new TreeSet<>(ids), cached, cache.size(), total[0]);
        });
  }

  static class Rows extends RecursiveTask<Long> {
    private final long[][] rows;
    private final int from;
    private final int to;

    Rows(long[][] rows, int from, int to) {
      this.rows = rows;
      this.from = from;
      this.to = to;
    }

    @Override
    protected Long compute() {
      if (to - from == 1) {
        Arrays.parallelSetAll(rows[from], i -> (long) from * i);
        return Arrays.stream(rows[from]).parallel().sum()
            + IntStream.range(0, from).parallel().filter(i -> i % 2 == 0).count();
      }
      int mid = (from + to) / 2;
      Rows l = new Rows(rows, from, mid);
      Rows r = new Rows(rows, mid, to);
      invokeAll(l, r);
      return Stream.of(l, r).parallel().mapToLong(ForkJoinTask::join).sum();
    }
  }

  @Forks
  static Object streamsInsideTasks(ForkJoinPool pool) {
    long[][] rows = new long[12][50];
    return List.of(pool.invoke(new Rows(rows, 0, 12)), rows);
  }

  @Forks
  static Object tasksInsideStreams(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            IntStream.range(1, 20)
                .parallel()
                .mapToObj(n -> new ForkContracts.Divide(n % 4, "never", "").invoke())
                .toList());
  }

  @Forks
  static Object streamsInsideStreams(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            IntStream.range(0, 12)
                .parallel()
                .mapToObj(
                    i ->
                        IntStream.range(0, 20)
                            .parallel()
                            .mapToObj(k -> i * k)
                            .collect(
                                Collectors.groupingBy(
                                    x -> x % 3, TreeMap::new, Collectors.counting())))
                .toList());
  }

  @Forks
  static Object identitiesAndOrder(ForkJoinPool pool) throws Exception {
    List<Person> people = people();
    return in(
        pool,
        () -> {
          List<Person> old =
              people.parallelStream().filter(p -> p.age() > 60).collect(Collectors.toList());
          Person[] array = people.parallelStream().map(p -> p).toArray(Person[]::new);
          Object[] sorted =
              people.parallelStream().sorted(Comparator.comparing(Person::name)).toArray();
          Person max = people.parallelStream().max(Comparator.comparing(Person::name)).get();
          boolean same = old.stream().allMatch(p -> people.stream().anyMatch(q -> q == p));
          for (int i = 0; i < array.length; i++) {
            same &= array[i] == people.get(i);
          }
          same &= Arrays.stream(sorted).allMatch(p -> people.stream().anyMatch(q -> q == p));
          same &= people.stream().anyMatch(p -> p == max);
          return List.of(same, old, array.getClass().getSimpleName(), sorted.length);
        });
  }

  @Forks
  static Object nullElements(ForkJoinPool pool) throws Exception {
    List<String> words = Arrays.asList("a", null, "b", null, "c");
    return in(
        pool,
        () ->
            Arrays.asList(
                words.parallelStream().filter(Objects::nonNull).toList(),
                words.parallelStream().map(w -> w == null ? "none" : w).toList(),
                words.parallelStream().toList(),
                words.parallelStream().distinct().count(),
                words.parallelStream().collect(Collectors.toList()),
                Arrays.asList(words.parallelStream().map(x -> (Object) x).toArray()),
                words.parallelStream().reduce(null, (a, b) -> a == null ? b : a)));
  }

  @Forks
  static Object reductionsInThreeForms(ForkJoinPool pool) throws Exception {
    int factor = 3;
    return in(
        pool,
        () ->
            Support.all(
                IntStream.range(0, 100).parallel().boxed().reduce(0, (a, b) -> a + b),
                Stream.of("x", "yy", "zzz").parallel().reduce((a, b) -> a + b).get(),
                Stream.of("x", "yy", "zzz")
                    .parallel()
                    .reduce(0, (n, s) -> n + s.length() * factor, Integer::sum),
                LongStream.range(0, 1_000)
                    .parallel()
                    .map(i -> i * factor)
                    .reduce(Long::sum)
                    .getAsLong(),
                Stream.of(List.of(1), List.of(2), List.of(3))
                    .parallel()
                    .reduce(
                        List.of(),
                        (a, b) -> {
                          List<Integer> c = new ArrayList<>(a);
                          c.addAll(b);
                          return c;
                        }),
                DoubleStream.of(0.1, 0.2, 0.3).parallel().sum(),
                IntStream.empty().parallel().max().isPresent()));
  }

  @Forks
  static Object conversions(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            Support.all(
                IntStream.range(0, 10).parallel().asDoubleStream().map(Math::sqrt).boxed().toList(),
                IntStream.range(0, 10).parallel().mapToLong(i -> 1L << i).boxed().toList(),
                LongStream.range(0, 5).parallel().mapToObj(Long::toHexString).toList(),
                Stream.of("1", "2").parallel().mapToDouble(Double::parseDouble).sum(),
                DoubleStream.of(1.5, 2.5).parallel().mapToInt(d -> (int) d).sum(),
                IntStream.range(0, 6).parallel().boxed().mapToInt(Integer::intValue).toArray(),
                LongStream.of(3, 1, 2).parallel().sorted().toArray(),
                IntStream.range(0, 10).boxed().parallel().sequential().map(i -> i + 1).toList(),
                IntStream.range(0, 10).parallel().iterator().next(),
                Stream.of(1, 2, 3).parallel().spliterator().estimateSize(),
                IntStream.rangeClosed('a', 'e').parallel().mapToObj(c -> "" + (char) c).toList()));
  }

  @Forks
  static Object iteratorsOfParallelStreams(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () -> {
          List<Integer> all = new ArrayList<>();
          Iterator<Integer> it =
              Stream.iterate(1, i -> i + 1).parallel().map(i -> i * i).iterator();
          for (int i = 0; i < 5; i++) {
            all.add(it.next());
          }
          Spliterator<Integer> s = List.of(7, 8, 9).parallelStream().map(i -> -i).spliterator();
          s.tryAdvance(all::add);
          s.forEachRemaining(all::add);
          return all;
        });
  }

  @Forks
  static Object gatherers(ForkJoinPool pool) throws Exception {
    Class<?> gatherer;
    Method gather;
    Class<?> all;
    try {
      gatherer = Class.forName("java.util.stream.Gatherer");
      all = Class.forName("java.util.stream.Gatherers");
      gather = Stream.class.getMethod("gather", gatherer);
    } catch (ReflectiveOperationException e) {
      return "none";
    }
    Object window = all.getMethod("windowFixed", int.class).invoke(null, 3);
    Object sliding = all.getMethod("windowSliding", int.class).invoke(null, 2);
    BinaryOperator<Integer> sum = Integer::sum;
    Object scan =
        all.getMethod("scan", Supplier.class, java.util.function.BiFunction.class)
            .invoke(null, (Supplier<Integer>) () -> 0, sum);
    Object mapped =
        all.getMethod("mapConcurrent", int.class, Function.class)
            .invoke(null, 2, (Function<Integer, Integer>) i -> i * 10);
    return in(
        pool,
        () -> {
          List<Object> results = new ArrayList<>();
          for (Object g : new Object[] {window, sliding, scan, mapped}) {
            Stream<?> s =
                (Stream<?>)
                    gather.invoke(IntStream.range(0, 20).parallel().boxed().map(i -> i + 1), g);
            results.add(s.map(o -> "" + o).toList());
          }
          return results;
        });
  }

  @Forks
  static Object primes(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            IntStream.rangeClosed(2, 5_000)
                .parallel()
                .filter(
                    n -> IntStream.rangeClosed(2, (int) Math.sqrt(n)).noneMatch(d -> n % d == 0))
                .count());
  }

  @Forks
  static Object kMeans(ForkJoinPool pool) throws Exception {
    double[][] points = new double[300][];
    Arrays.setAll(points, i -> new double[] {i * 7919 % 101, i * 104_729 % 97});
    double[][] centres = {points[0], points[100], points[200]};
    for (int step = 0; step < 4; step++) {
      double[][] now = centres;
      Map<Integer, List<double[]>> groups =
          in(
              pool,
              () ->
                  Arrays.stream(points)
                      .parallel()
                      .collect(
                          Collectors.groupingBy(
                              p -> {
                                int best = 0;
                                for (int k = 1; k < now.length; k++) {
                                  if (Math.hypot(p[0] - now[k][0], p[1] - now[k][1])
                                      < Math.hypot(p[0] - now[best][0], p[1] - now[best][1])) {
                                    best = k;
                                  }
                                }
                                return best;
                              })));
      double[][] next = now.clone();
      groups.forEach(
          (k, list) ->
              next[k] =
                  new double[] {
                    list.stream().mapToDouble(p -> p[0]).average().orElse(0),
                    list.stream().mapToDouble(p -> p[1]).average().orElse(0)
                  });
      centres = next;
    }
    return centres;
  }

  @Forks
  static Object fieldsAndOuterInstances(ForkJoinPool pool) throws Exception {
    return new Service(pool).run();
  }

  static final class Service {
    private final ForkJoinPool pool;
    private final Map<String, Integer> prices = new HashMap<>();
    private final ThreadLocal<Integer> local = ThreadLocal.withInitial(() -> 3);
    private int calls;

    Service(ForkJoinPool pool) {
      this.pool = pool;
      for (int i = 0; i < 20; i++) {
        prices.put("item" + i, i * 10);
      }
    }

    private int price(String item) {
      return prices.getOrDefault(item, -1);
    }

    private boolean isCheap(String item) {
      return price(item) < 100;
    }

    Object run() throws Exception {
      calls++;
      List<String> items = IntStream.range(0, 30).mapToObj(i -> "item" + i).toList();
      return Support.all(
          in(pool, () -> items.parallelStream().filter(this::isCheap).mapToInt(this::price).sum()),
          in(pool, () -> items.parallelStream().mapToInt(s -> s.length() * local.get()).sum()),
          in(pool, () -> items.parallelStream().map(s -> s + calls).collect(Collectors.toSet())));
    }
  }

  @Forks
  static Object linkedSetsAndSortedSets(ForkJoinPool pool) throws Exception {
    Set<String> linked = new LinkedHashSet<>(List.of("z", "a", "m"));
    return in(
        pool,
        () ->
            Support.all(
                linked.parallelStream().map(s -> s + 1).toList(),
                new TreeSet<>(linked).parallelStream().sorted().toList(),
                linked.parallelStream().collect(Collectors.toCollection(LinkedHashSet::new)),
                linked.parallelStream().collect(Collectors.toCollection(ArrayDeque::new)).size(),
                Stream.of(1, 2, 3, 4, 5)
                    .parallel()
                    .collect(Collectors.partitioningBy(i -> i > 2, Collectors.toSet()))));
  }

  static int work(int n) {
    int hash = n;
    for (int i = 0; i < 30_000_000; i++) {
      hash = hash * 31 + i;
    }
    return hash;
  }

  @Forks(heavy = true)
  static Object heavyElements(ForkJoinPool pool) throws Exception {
    return in(pool, () -> IntStream.range(0, 20).parallel().map(ForkStreams::work).sum());
  }

  @Forks(heavy = true)
  static Object heavyElementsCollected(ForkJoinPool pool) throws Exception {
    return in(
        pool,
        () ->
            IntStream.range(0, 20)
                .parallel()
                .mapToObj(i -> "w" + ForkStreams.work(i))
                .collect(Collectors.toList()));
  }
}
