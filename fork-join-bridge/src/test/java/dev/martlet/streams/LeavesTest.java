package dev.martlet.streams;

import static java.util.stream.Collectors.averagingInt;
import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.filtering;
import static java.util.stream.Collectors.flatMapping;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.groupingByConcurrent;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.maxBy;
import static java.util.stream.Collectors.minBy;
import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.reducing;
import static java.util.stream.Collectors.summarizingDouble;
import static java.util.stream.Collectors.summarizingInt;
import static java.util.stream.Collectors.summingLong;
import static java.util.stream.Collectors.teeing;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toConcurrentMap;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static java.util.stream.Collectors.toUnmodifiableList;
import static java.util.stream.Collectors.toUnmodifiableMap;
import static java.util.stream.Collectors.toUnmodifiableSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.Frontier;
import dev.martlet.UncapturableException;
import dev.martlet.internal.leaf.Leaf;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Collectors, sources, identity, effects and failures of leaves that run on workers. */
@Timeout(60)
class LeavesTest {
  private static final long HOME = ProcessHandle.current().pid();
  private static final List<String> WORDS =
      IntStream.range(0, 120).mapToObj(i -> "w" + i * 53 % 97).toList();

  private static StreamPool pool;

  @BeforeAll
  static void open() {
    pool = StreamPool.allRemote();
  }

  @AfterAll
  static void close() {
    pool.close();
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  // ---- collectors ----

  record Named<T>(String name, T it) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Named<Collector<? super String, ?, ?>> of(
      String name, Collector<? super String, ?, ?> c) {
    return new Named<>(name, c);
  }

  static List<Named<Collector<? super String, ?, ?>>> collectors() {
    return List.of(
        of("toList", toList()),
        of("toSet", toSet()),
        of("toCollection", toCollection(TreeSet::new)),
        of("toUnmodifiableList", toUnmodifiableList()),
        of("toUnmodifiableSet", toUnmodifiableSet()),
        of("joining", joining()),
        of("joining with", joining(",", "<", ">")),
        of("mapping", mapping(s -> s + "m", toList())),
        of("flatMapping", flatMapping(s -> Stream.of(s, s), toList())),
        of("filtering", filtering(s -> s.length() > 2, toList())),
        of("collectingAndThen", collectingAndThen(toList(), List::size)),
        of("counting", counting()),
        of("minBy", minBy(Comparator.naturalOrder())),
        of("maxBy", maxBy(Comparator.comparing(s -> s.substring(1)))),
        of("summingLong", summingLong(String::length)),
        of("averagingInt", averagingInt(String::length)),
        of("summarizingInt", collectingAndThen(summarizingInt(String::length), Object::toString)),
        of(
            "summarizingDouble",
            collectingAndThen(summarizingDouble(String::length), Object::toString)),
        of("reducing", reducing("", (a, b) -> a + b)),
        of("reducing optional", reducing((a, b) -> a + b)),
        of("reducing mapped", reducing(0, String::length, Integer::sum)),
        of("groupingBy", groupingBy(String::length)),
        of("groupingBy counting", groupingBy(s -> s.charAt(1), counting())),
        of(
            "groupingBy tree",
            groupingBy(String::length, TreeMap::new, mapping(s -> s + 1, toSet()))),
        of(
            "groupingBy minBy",
            groupingBy(String::length, minBy(Comparator.<String>naturalOrder()))),
        of("partitioningBy", partitioningBy(s -> s.length() > 2)),
        of("partitioningBy counting", partitioningBy(s -> s.length() > 2, counting())),
        of("toMap", toMap(s -> s, String::length, (a, b) -> a + b)),
        of("toMap linked", toMap(s -> s, String::length, Integer::sum, LinkedHashMap::new)),
        of("toUnmodifiableMap", toUnmodifiableMap(s -> s, String::length, Integer::sum)),
        of("teeing", teeing(counting(), joining(), (n, s) -> n + s)),
        of(
            "custom",
            Collector.of(
                ArrayDeque<String>::new,
                ArrayDeque::addFirst,
                (a, b) -> {
                  b.addAll(a);
                  return b;
                },
                List::copyOf)),
        of(
            "custom identity",
            Collector.of(
                StringBuilder::new,
                StringBuilder::append,
                StringBuilder::append,
                StringBuilder::toString)));
  }

  @ParameterizedTest
  @MethodSource("collectors")
  @DisplayName("a collector collects on workers what it collects on the JDK")
  void collects(Named<Collector<? super String, ?, ?>> c) {
    long before = pool.away();
    Object actual = pool.run(() -> WORDS.parallelStream().map(s -> s + "+").collect(c.it));
    assertThat(actual).isEqualTo(WORDS.stream().map(s -> s + "+").collect(c.it));
    assertThat(pool.away()).isGreaterThan(before);
  }

  @Test
  @DisplayName("a concurrent collector's container is filled at home")
  void concurrentCollectors() {
    assertThat(
            pool.<Map<Integer, Long>>run(
                () ->
                    WORDS.parallelStream()
                        .map(s -> s + "-" + pid())
                        .unordered()
                        .collect(
                            groupingByConcurrent(s -> s.endsWith("-" + HOME) ? 1 : 0, counting()))))
        .isEqualTo(Map.of(0, 120L));
    assertThat(
            pool.<Map<String, Integer>>run(
                () ->
                    WORDS.parallelStream()
                        .map(s -> s + 1)
                        .collect(toConcurrentMap(s -> s, s -> 1, Integer::sum))))
        .isEqualTo(WORDS.stream().collect(toMap(s -> s + 1, s -> 1, Integer::sum)));
  }

  // ---- sources ----

  private static Named<Supplier<Stream<Integer>>> source(String name, Supplier<Stream<Integer>> s) {
    return new Named<>(name, s);
  }

  static List<Named<Supplier<Stream<Integer>>>> sources() {
    List<Integer> list = IntStream.range(0, 150).map(i -> i * 71 % 151).boxed().toList();
    TreeMap<Integer, Integer> map = new TreeMap<>();
    list.forEach(i -> map.put(i, i));
    return List.of(
        source("List.of", list::stream),
        source("ArrayList", () -> new ArrayList<>(list).stream()),
        source("subList", () -> new ArrayList<>(list).subList(3, 99).stream()),
        source("LinkedList", () -> new LinkedList<>(list).stream()),
        source("ArrayDeque", () -> new ArrayDeque<>(list).stream()),
        source("PriorityQueue", () -> new PriorityQueue<>(list).stream()),
        source("HashSet", () -> new HashSet<>(list).stream()),
        source("LinkedHashSet", () -> new LinkedHashSet<>(list).stream()),
        source("TreeSet", () -> new TreeSet<>(list).stream()),
        source("Set.of", () -> Set.of(1, 2, 3, 4, 5).stream()),
        source("TreeMap keys", () -> map.keySet().stream()),
        source("HashMap values", () -> new HashMap<>(map).values().stream()),
        source("TreeMap entries", () -> map.entrySet().stream().map(Map.Entry::getValue)),
        source("ConcurrentHashMap", () -> new ConcurrentHashMap<>(map).keySet().stream()),
        source("ConcurrentSkipListSet", () -> new ConcurrentSkipListSet<>(list).stream()),
        source("CopyOnWriteArrayList", () -> new CopyOnWriteArrayList<>(list).stream()),
        source("ConcurrentLinkedQueue", () -> new ConcurrentLinkedQueue<>(list).stream()),
        source("array", () -> Arrays.stream(list.toArray(new Integer[0]))),
        source("part of an array", () -> Arrays.stream(list.toArray(new Integer[0]), 5, 77)),
        source("int array", () -> Arrays.stream(list.stream().mapToInt(i -> i).toArray()).boxed()),
        source("chars", () -> "the quick brown fox jumps over the lazy dog".chars().boxed()),
        source("range", () -> IntStream.range(-20, 100).boxed()),
        source(
            "closed range to the end",
            () -> IntStream.rangeClosed(Integer.MAX_VALUE - 40, Integer.MAX_VALUE).boxed()),
        source(
            "long range",
            () ->
                LongStream.rangeClosed(Long.MAX_VALUE - 40, Long.MAX_VALUE).mapToObj(l -> (int) l)),
        source("empty range", () -> IntStream.range(5, 5).boxed()),
        source("one", () -> Stream.of(1)),
        source("empty", Stream::empty),
        source("builder", () -> Stream.<Integer>builder().add(1).add(2).add(3).build()),
        source("iterate", () -> Stream.iterate(1, i -> i < 300, i -> i + 1)),
        source("infinite iterate", () -> Stream.iterate(1, i -> i + 1).limit(200)),
        source("iterator", () -> stream(list.iterator())),
        source("concat", () -> Stream.concat(list.stream(), IntStream.range(0, 9).boxed())),
        source("flat", () -> list.stream().flatMap(i -> Stream.of(i, -i))),
        source("custom", () -> StreamSupport.stream(new Countdown(130), false)));
  }

  private static Stream<Integer> stream(Iterator<Integer> it) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(it, Spliterator.ORDERED), false);
  }

  /** A source that says little of itself. */
  private static final class Countdown implements Spliterator<Integer> {
    private int n;
    private int end;

    Countdown(int n) {
      this.n = n;
    }

    @Override
    public boolean tryAdvance(Consumer<? super Integer> action) {
      if (n == end) {
        return false;
      }
      action.accept(n--);
      return true;
    }

    @Override
    public Spliterator<Integer> trySplit() {
      if (n - end < 3) {
        return null;
      }
      Countdown prefix = new Countdown(n);
      prefix.end = end + (n - end) / 3;
      n = prefix.end;
      return prefix;
    }

    @Override
    public long estimateSize() {
      return (n - end) * 2L + 1;
    }

    @Override
    public int characteristics() {
      return ORDERED;
    }
  }

  @ParameterizedTest
  @MethodSource("sources")
  @DisplayName("a source gives leaves its elements in their order")
  void readsSource(Named<Supplier<Stream<Integer>>> s) {
    boolean ordered = s.it.get().spliterator().hasCharacteristics(Spliterator.ORDERED);
    List<String> expected = s.it.get().map(i -> i + "!").toList();
    List<String> actual = pool.run(() -> s.it.get().parallel().map(i -> i + "!").toList());
    if (ordered) {
      assertThat(actual).isEqualTo(expected);
      assertThat(
              pool.<Integer>run(
                  () -> s.it.get().parallel().filter(i -> i % 7 == 3).findFirst().orElse(-1)))
          .isEqualTo(s.it.get().filter(i -> i % 7 == 3).findFirst().orElse(-1));
    } else {
      assertThat(actual).containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(
            pool.<Integer>run(() -> s.it.get().parallel().map(i -> i + 1).reduce(0, Integer::sum)))
        .isEqualTo(s.it.get().map(i -> i + 1).reduce(0, Integer::sum));
  }

  @Test
  @DisplayName("numbers of a splittable generator are drawn at home")
  void randomNumbers() {
    long before = pool.away();
    List<Integer> drawn =
        pool.run(
            () ->
                new SplittableRandom(7)
                    .ints(200, 5, 9)
                    .parallel()
                    .mapToObj(i -> pid() == HOME ? -1 : i)
                    .toList());
    assertThat(drawn).hasSize(200).allMatch(i -> i >= 5 && i < 9).contains(5, 6, 7, 8);
    assertThat(pool.away()).isGreaterThan(before);
  }

  @Test
  @DisplayName("the lines of a file are read at home")
  void lines(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("lines");
    Files.write(file, WORDS);
    try (Stream<String> lines = Files.lines(file)) {
      long before = pool.away();
      assertThat(
              pool.<List<String>>run(
                  () ->
                      lines
                          .parallel()
                          .map(s -> s + "-" + pid())
                          .filter(s -> !s.endsWith("-" + HOME))
                          .map(s -> s.substring(0, 2))
                          .toList()))
          .isEqualTo(WORDS.stream().map(s -> s.substring(0, 2)).toList());
      assertThat(pool.away()).isGreaterThan(before);
    }
  }

  @Test
  @DisplayName("a range travels as its bounds, and a sum comes back as a number")
  void small() {
    long out = pool.calls.statistics().bytesOut();
    long in = pool.calls.statistics().bytesIn();
    long before = pool.away();
    long sum = pool.run(() -> LongStream.range(0, 1_000_000).parallel().map(i -> i * 3).sum());
    assertThat(sum).isEqualTo(1_499_998_500_000L);
    long calls = pool.away() - before;
    assertThat((pool.calls.statistics().bytesOut() - out) / calls).isLessThan(1_000);
    assertThat((pool.calls.statistics().bytesIn() - in) / calls).isLessThan(100);
  }

  @Test
  @DisplayName("gatherers gather at home, where the JDK has them, what workers made")
  void gatherers() throws ReflectiveOperationException {
    Class<?> gatherers;
    try {
      gatherers = Class.forName("java.util.stream.Gatherers");
    } catch (ClassNotFoundException e) {
      return;
    }
    Object windows = gatherers.getMethod("windowFixed", int.class).invoke(null, 7);
    Method gather = Stream.class.getMethod("gather", Class.forName("java.util.stream.Gatherer"));
    List<?> expected =
        ((Stream<?>) gather.invoke(WORDS.stream().map(s -> s + "g"), windows)).toList();
    assertThat(
            pool.<List<?>>run(
                () ->
                    ((Stream<?>) gather.invoke(WORDS.parallelStream().map(s -> s + "g"), windows))
                        .map(w -> w)
                        .toList()))
        .isEqualTo(expected);
  }

  @Test
  @DisplayName("a leaf of slow elements is cut into parts, which are put together in order")
  void parts() {
    try (StreamPool p =
        new StreamPool(
            Frontier.minimumWork(java.time.Duration.ofMillis(1)), 1, Map.of("parallelism", "4"))) {
      List<Integer> all = IntStream.range(0, 80).boxed().toList();
      for (int i = 0; i < 2; i++) {
        long before = p.away();
        assertThat(
                p.<List<String>>run(
                    () ->
                        all.parallelStream()
                            .map(
                                j -> {
                                  sleep(6);
                                  return j + "p";
                                })
                            .toList()))
            .isEqualTo(all.stream().map(j -> j + "p").toList());
        assertThat(
                p.<List<Integer>>run(
                    () ->
                        all.parallelStream()
                            .filter(
                                j -> {
                                  sleep(6);
                                  return j % 2 == 0;
                                })
                            .collect(toList())))
            .isEqualTo(all.stream().filter(j -> j % 2 == 0).toList());
        assertThat(p.away() - before).isGreaterThan(6);
      }
    }
  }

  // ---- identity ----

  private static final class Thing {
    int seen;
    Thing next;

    Thing saw(int n) {
      seen += n;
      return this;
    }
  }

  private static List<Thing> things(int n) {
    return Stream.generate(Thing::new).limit(n).toList();
  }

  @Test
  @DisplayName("elements that come through a leaf are those that went in")
  void identity() {
    List<Thing> all = things(100);
    List<Thing> out = pool.run(() -> all.parallelStream().filter(t -> pid() != HOME).toList());
    assertThat(out).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(out.get(i)).isSameAs(all.get(i));
    }
    assertThat(
            pool.<Long>run(
                () ->
                    Stream.concat(all.stream(), all.stream())
                        .parallel()
                        .map(t -> t)
                        .distinct()
                        .count()))
        .isEqualTo(100);
    assertThat(pool.<Thing>run(() -> all.parallelStream().filter(t -> true).findFirst().get()))
        .isSameAs(all.get(0));
    assertThat(pool.<Thing>run(() -> all.parallelStream().reduce(all.get(7), (a, b) -> a)))
        .isSameAs(all.get(7));
    Set<Thing> set = pool.run(() -> all.parallelStream().collect(toSet()));
    IdentityHashMap<Thing, Boolean> same = new IdentityHashMap<>();
    all.forEach(t -> same.put(t, true));
    assertThat(set).hasSize(100).allMatch(same::containsKey);
  }

  @Test
  @DisplayName("what a stage makes of an element may refer to it")
  void refersBack() {
    List<Thing> all = things(60);
    List<Thing> out =
        pool.run(
            () ->
                all.parallelStream()
                    .map(
                        t -> {
                          Thing made = new Thing();
                          made.next = t;
                          return made;
                        })
                    .toList());
    for (int i = 0; i < 60; i++) {
      assertThat(out.get(i).next).isSameAs(all.get(i));
    }
  }

  // ---- effects ----

  @Test
  @DisplayName("changes that stages make to elements, arrays and collections reach the caller")
  void effects() {
    List<Thing> all = things(80);
    int[] slots = new int[80];
    long changed =
        pool.run(
            () ->
                IntStream.range(0, 80)
                    .parallel()
                    .peek(i -> slots[i] = i + (pid() == HOME ? 0 : 1))
                    .filter(i -> true)
                    .count());
    assertThat(changed).isEqualTo(80);
    assertThat(slots).isEqualTo(IntStream.range(1, 81).toArray());
    pool.run(() -> all.parallelStream().map(t -> t.saw(2)).filter(t -> pid() != HOME).count());
    assertThat(all).allMatch(t -> t.seen == 2);
    pool.run(
        () -> {
          all.parallelStream().forEach(t -> t.saw(pid() == HOME ? 0 : 3));
          return 0;
        });
    assertThat(all).allMatch(t -> t.seen == 5);
  }

  @Test
  @DisplayName("operations whose result is dropped are brought to shared atomics and maps")
  void releases() {
    LongAdder sum = new LongAdder();
    AtomicInteger count = new AtomicInteger();
    Map<Integer, Integer> map = new ConcurrentHashMap<>();
    long before = pool.away();
    pool.run(
        () -> {
          IntStream.range(0, 500)
              .parallel()
              .forEach(
                  i -> {
                    sum.add(i);
                    count.incrementAndGet();
                    map.put(i, i * 2);
                  });
          return 0;
        });
    assertThat(sum.sum()).isEqualTo(124_750);
    assertThat(count.get()).isEqualTo(500);
    assertThat(map).hasSize(500).containsEntry(77, 154);
    assertThat(pool.away()).isGreaterThan(before);
  }

  @Test
  @DisplayName("a stage that learns from others runs at home on the live objects")
  void acquires() {
    AtomicInteger ids = new AtomicInteger();
    Set<Integer> drawn =
        pool.run(
            () ->
                IntStream.range(0, 200)
                    .parallel()
                    .map(i -> ids.incrementAndGet())
                    .boxed()
                    .collect(toSet()));
    assertThat(drawn).isEqualTo(IntStream.rangeClosed(1, 200).boxed().collect(toSet()));
    Object lock = new Object();
    int[] n = {0};
    pool.run(
        () -> {
          IntStream.range(0, 200)
              .parallel()
              .forEach(
                  i -> {
                    synchronized (lock) {
                      n[0]++;
                    }
                  });
          return 0;
        });
    assertThat(n[0]).isEqualTo(200);
  }

  @Test
  @DisplayName("an end that must stay at home is given the elements of leaves that may leave")
  void replays() {
    AtomicInteger ids = new AtomicInteger();
    Set<String> drawn = ConcurrentHashMap.newKeySet();
    long before = pool.away();
    pool.run(
        () -> {
          IntStream.range(0, 200)
              .parallel()
              .mapToObj(i -> i + (pid() == HOME ? " home" : ""))
              .forEach(i -> drawn.add(ids.incrementAndGet() + ":" + i));
          return 0;
        });
    assertThat(drawn).hasSize(200).noneMatch(s -> s.endsWith("home"));
    assertThat(ids.get()).isEqualTo(200);
    assertThat(pool.away()).isGreaterThan(before);
  }

  // ---- what cannot travel ----

  @Test
  @DisplayName("elements that cannot travel are worked on at home")
  void untravelable() {
    List<Thread> threads = Stream.generate(() -> new Thread(() -> {}, "t")).limit(40).toList();
    assertThat(
            pool.<Long>run(
                () -> threads.parallelStream().map(Thread::getName).filter("t"::equals).count()))
        .isEqualTo(40);
    long home = pool.calls.statistics().home();
    assertThat(home).isPositive();
    Iterator<Integer> once = IntStream.range(0, 3_000).iterator();
    Thread here = Thread.currentThread();
    assertThat(
            pool.<Integer>run(
                () ->
                    stream(once)
                        .parallel()
                        .map(i -> here.isAlive() ? i : 0)
                        .reduce(0, Integer::sum)))
        .isEqualTo(4_498_500);
  }

  private static final ThreadLocal<StringBuilder> BUILDER =
      ThreadLocal.withInitial(StringBuilder::new);

  @Test
  @DisplayName("a stage that uses a thread-local runs on the threads that have its values")
  void threadLocals() {
    List<String> texts =
        pool.run(
            () ->
                IntStream.range(0, 200)
                    .parallel()
                    .mapToObj(
                        i -> {
                          BUILDER.get().setLength(0);
                          return BUILDER.get().append(i).append(pid() == HOME).toString();
                        })
                    .toList());
    assertThat(texts).isEqualTo(IntStream.range(0, 200).mapToObj(i -> i + "true").toList());
  }

  @Test
  @DisplayName("a stage that makes what cannot travel runs at home, where nothing has happened yet")
  void makesUntravelable() {
    Thing seen = new Thing();
    List<Thread> made =
        pool.run(
            () ->
                IntStream.range(0, 1)
                    .parallel()
                    .mapToObj(i -> new Thread(() -> seen.saw(1), "t" + i + seen.saw(1).seen))
                    .toList());
    assertThat(made).hasSize(1).allMatch(t -> t.getName().equals("t01"));
    assertThat(seen.seen).isEqualTo(1);
  }

  @Test
  @DisplayName("a leaf of another JDK's sinks is sent back")
  void unfit() {
    Object[] image = {"ReduceOps$1ReducingSink", 123, new byte[0]};
    assertThatThrownBy(() -> Leaf.run(new Object[] {0, new Object[0], new Object[] {image}}))
        .isInstanceOf(Leaf.Unfit.class)
        .hasMessageContaining("is another");
  }

  @Test
  @DisplayName("in strict mode what cannot travel is refused")
  void strict() {
    try (StreamPool strict =
        new StreamPool(Frontier.allRemote(), 2, Map.of("parallelism", "2", "strict", "true"))) {
      AtomicInteger ids = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  strict.run(
                      () ->
                          IntStream.range(0, 50).parallel().map(i -> ids.incrementAndGet()).sum()))
          .isInstanceOf(UncapturableException.class);
      assertThat(ids.get()).isZero();
      assertThat(strict.<Integer>run(() -> IntStream.range(0, 50).parallel().map(i -> i + 1).sum()))
          .isEqualTo(1275);
    }
  }

  // ---- exceptions ----

  private static final class Oops extends RuntimeException {
    private static final long serialVersionUID = 1;

    Oops(String message) {
      super(message);
    }
  }

  @Test
  @DisplayName("an exception of a leaf is the stream's, with the frames of both sides")
  void exceptions() {
    assertThatThrownBy(
            () ->
                pool.run(
                    () ->
                        WORDS.parallelStream()
                            .map(
                                s -> {
                                  if (s.equals("w53")) {
                                    throw new Oops("at " + (pid() == HOME));
                                  }
                                  return s;
                                })
                            .collect(toList())))
        .isInstanceOf(Oops.class)
        .hasStackTraceContaining("at false")
        .hasStackTraceContaining("LeavesTest.lambda$exceptions")
        .hasStackTraceContaining("java.util.stream");
    List<String> before = java.util.Collections.synchronizedList(new ArrayList<>());
    assertThatThrownBy(
            () ->
                pool.run(
                    () -> {
                      List.of("a", "b", "c", "d").stream()
                          .parallel()
                          .limit(4)
                          .map(
                              s -> {
                                if (s.equals("b")) {
                                  throw new Oops("at " + (pid() == HOME));
                                }
                                return s;
                              })
                          .forEachOrdered(before::add);
                      return 0;
                    }))
        .hasStackTraceContaining("at false")
        .hasStackTraceContaining("LeavesTest.lambda$exceptions");
    assertThat(before).isSubsetOf("a");
  }

  // ---- stopping early ----

  @Test
  @DisplayName("infinite sources end where the operation has what it wants")
  void infinite() {
    assertThat(
            pool.<Integer>run(
                () ->
                    Stream.iterate(1, i -> i + 1)
                        .parallel()
                        .map(i -> i * 2)
                        .filter(i -> i > 5_000)
                        .findFirst()
                        .get()))
        .isEqualTo(5_002);
    assertThat(
            pool.<Boolean>run(
                () ->
                    Stream.generate(() -> "x")
                        .parallel()
                        .map(s -> s + "-" + pid())
                        .anyMatch(s -> !s.endsWith("-" + HOME))))
        .isTrue();
    assertThat(
            pool.<Boolean>run(
                () -> IntStream.iterate(0, i -> i + 1).parallel().allMatch(i -> i < 3_000)))
        .isFalse();
    assertThat(
            pool.<Boolean>run(
                () -> LongStream.range(0, Long.MAX_VALUE).parallel().anyMatch(i -> i > 1_000)))
        .isTrue();
    assertThat(
            pool.<List<Integer>>run(
                () ->
                    Stream.iterate(1, i -> i + 1)
                        .parallel()
                        .map(i -> i + 1)
                        .takeWhile(i -> i < 2_000)
                        .toList()))
        .hasSize(1_998);
    assertThat(
            pool.<Integer>run(
                () ->
                    Stream.of(1, 2)
                        .parallel()
                        .flatMap(i -> Stream.iterate(i, j -> j + 1))
                        .filter(i -> i > 10)
                        .findFirst()
                        .get()))
        .isEqualTo(11);
    assertThat(
            pool.<List<Integer>>run(
                () ->
                    Stream.iterate(1, i -> i + 1)
                        .parallel()
                        .filter(i -> i % 3 == 0)
                        .limit(100)
                        .toList()))
        .hasSize(100)
        .endsWith(300);
  }

  // ---- without instrumentation ----

  @Test
  @DisplayName("a stream over Martlet's own spliterator leaves from any thread")
  void withoutHooks() {
    long before = pool.away();
    assertThat(pool.leaves.stream(WORDS.spliterator()).map(s -> s + (pid() == HOME)).toList())
        .isEqualTo(WORDS.stream().map(s -> s + false).toList());
    assertThat(
            pool.leaves.stream(IntStream.range(0, 100).spliterator())
                .filter(i -> pid() != HOME)
                .sum())
        .isEqualTo(4950);
    assertThat(pool.leaves.stream(LongStream.range(0, 100).spliterator()).map(i -> i + 1).max())
        .hasValue(100);
    assertThat(pool.leaves.stream(Arrays.stream(new double[] {1, 2, 3}).spliterator()).sum())
        .isEqualTo(6);
    assertThat(pool.away()).isGreaterThan(before);
    assertThat(pool.leaves.stream(WORDS.spliterator()).map(s -> pid()).sequential().toList())
        .containsOnly(HOME);
    Iterator<Integer> lazily =
        pool.leaves.stream(Stream.iterate(1, i -> i + 1).spliterator()).map(i -> i * 2).iterator();
    assertThat(List.of(lazily.next(), lazily.next())).containsExactly(2, 4);
  }

  // ---- frontiers ----

  @Test
  @DisplayName("by default a short stream stays at home, and the leaves of a long one leave")
  void automatic() {
    try (StreamPool p = new StreamPool(Frontier.automatic(), 4, Map.of("parallelism", "4"))) {
      for (int i = 0; i < 20; i++) {
        assertThat(p.<Integer>run(() -> IntStream.range(0, 1_000).parallel().map(j -> j + 1).sum()))
            .isEqualTo(500_500);
      }
      assertThat(p.away()).isZero();
      Set<Long> pids =
          p.run(
              () ->
                  IntStream.range(0, 64)
                      .parallel()
                      .mapToObj(
                          i -> {
                            sleep(20);
                            return pid();
                          })
                      .collect(toSet()));
      assertThat(pids).contains(HOME).hasSizeGreaterThan(1);
    }
  }

  @Test
  @DisplayName("with all local nothing leaves, and with a least work what is known to take longer")
  void frontiers() {
    try (StreamPool p = new StreamPool(Frontier.allLocal(), 2, Map.of("parallelism", "2"))) {
      assertThat(
              p.<Set<Long>>run(
                  () -> IntStream.range(0, 64).parallel().mapToObj(i -> pid()).collect(toSet())))
          .containsOnly(HOME);
      assertThat(p.away()).isZero();
    }
    try (StreamPool p =
        new StreamPool(
            Frontier.minimumWork(java.time.Duration.ofMillis(4)), 2, Map.of("parallelism", "2"))) {
      Set<Long> pids =
          p.run(
              () ->
                  IntStream.range(0, 64)
                      .parallel()
                      .mapToObj(
                          i -> {
                            sleep(3);
                            return pid();
                          })
                      .collect(toSet()));
      assertThat(pids).contains(HOME).hasSizeGreaterThan(1);
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- lost workers ----

  @Test
  @DisplayName("leaves whose worker is killed are sent again, and their effects applied once")
  void killed() throws InterruptedException {
    try (StreamPool p =
        new StreamPool(Frontier.allRemote(), 4, Map.of("parallelism", "4", "retries", "10"))) {
      int[] slots = new int[64];
      LongAdder sum = new LongAdder();
      Thread killer =
          new Thread(
              () -> {
                for (int i = 0; i < 3; i++) {
                  sleep(150);
                  ProcessHandle.current()
                      .children()
                      .filter(ProcessHandle::isAlive)
                      .skip(i % 2)
                      .findFirst()
                      .ifPresent(ProcessHandle::destroyForcibly);
                }
              });
      pool.run(() -> 0);
      killer.start();
      int total =
          p.run(
              () ->
                  IntStream.range(0, 64)
                      .parallel()
                      .peek(
                          i -> {
                            sleep(30);
                            slots[i]++;
                            sum.add(i);
                          })
                      .map(i -> i + 1)
                      .sum());
      killer.join();
      assertThat(total).isEqualTo(2080);
      assertThat(slots).containsOnly(1);
      assertThat(sum.sum()).isEqualTo(2016);
    }
  }
}
