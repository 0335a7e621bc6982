package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.Stack;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What tasks return, and whether it is the very object where it was. */
final class Results {
  private Results() {}

  // ---- values ----

  @Runs(AWAY)
  static Object lists(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    new ArrayList<>(List.of(1, 2)),
                    new LinkedList<>(List.of(3)),
                    List.of(),
                    List.of(1),
                    List.of(1, 2, 3),
                    Arrays.asList(1, null),
                    Collections.emptyList(),
                    Collections.singletonList(9),
                    Collections.nCopies(3, "n"),
                    Collections.unmodifiableList(new ArrayList<>(List.of(1))),
                    Collections.synchronizedList(new ArrayList<>(List.of(1))),
                    new Vector<>(List.of(5)),
                    new CopyOnWriteArrayList<>(List.of(7)),
                    Stream.of(1, 2).toList()))
        .get();
  }

  @Runs(AWAY)
  static Object sets(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    new HashSet<>(List.of("a", "b")),
                    new LinkedHashSet<>(List.of("z", "a")),
                    new TreeSet<>(List.of("z", "a")),
                    Set.of("only"),
                    Collections.unmodifiableSet(new TreeSet<>(Set.of(1))),
                    ConcurrentHashMap.newKeySet(),
                    EnumSet.of(DayOfWeek.MONDAY, DayOfWeek.SUNDAY),
                    new HashMap<>(Map.of(1, 2)).keySet()))
        .get();
  }

  @Runs(AWAY)
  static Object maps(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Properties properties = new Properties();
              properties.setProperty("k", "v");
              return all(
                  new HashMap<>(Map.of("a", 1)),
                  new LinkedHashMap<>(Map.of("l", 2)),
                  new TreeMap<>(Map.of("t", 3, "s", 4)),
                  new ConcurrentHashMap<>(Map.of("c", 5)),
                  new ConcurrentSkipListMap<>(Map.of("k", 6)),
                  Map.of("i", 7),
                  Map.entry("e", 8),
                  Collections.unmodifiableMap(new HashMap<>(Map.of("u", 9))),
                  new WeakHashMap<>(Map.of("w", 10)),
                  new EnumMap<>(Map.of(TimeUnit.DAYS, "d")),
                  properties);
            })
        .get();
  }

  @Runs(AWAY)
  static Object queues(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Stack<Integer> stack = new Stack<>();
              stack.push(1);
              PriorityQueue<String> queue = new PriorityQueue<>(Comparator.reverseOrder());
              queue.addAll(List.of("a", "c", "b"));
              return all(new ArrayDeque<>(List.of(3, 4)), stack, queue, queue.peek());
            })
        .get();
  }

  @Runs(AWAY)
  static Object arrays(ExecutorService pool) throws Exception {
    return pool.submit(
            () ->
                all(
                    new int[] {1, 2},
                    new int[0],
                    new boolean[] {true},
                    new byte[] {-1},
                    new char[] {'x'},
                    new short[] {7},
                    new float[] {1f},
                    new long[][] {{1}, {}, {2, 3}},
                    new String[][][] {{{"deep"}, null}},
                    new Object[] {1, "mixed", new int[] {4}},
                    new Number[] {1, 2.0}))
        .get();
  }

  @Runs(AWAY)
  static Object dates(ExecutorService pool) throws Exception {
    LocalDate start = LocalDate.of(2024, 2, 28);
    return pool.submit(
            () ->
                all(
                    start.plusDays(2),
                    LocalDateTime.of(start, LocalTime.NOON),
                    ZonedDateTime.of(start, LocalTime.MIDNIGHT, ZoneId.of("Europe/Berlin")),
                    Instant.ofEpochSecond(1, 2),
                    Duration.ofMillis(1500),
                    Period.between(start, start.plusYears(1).plusDays(3)),
                    Year.isLeap(start.getYear()),
                    start.getDayOfWeek()))
        .get();
  }

  @Runs(AWAY)
  static Object bigNumbers(ExecutorService pool) throws Exception {
    BigInteger seed = new BigInteger("123456789123456789123456789");
    BigDecimal price = new BigDecimal("19.990");
    return pool.submit(
            () ->
                all(
                    seed.pow(3),
                    seed.negate().shiftRight(5),
                    price.multiply(new BigDecimal("3")).setScale(1, RoundingMode.HALF_UP),
                    price.stripTrailingZeros().scale()))
        .get();
  }

  @Runs(AWAY)
  static Object optionals(ExecutorService pool) throws Exception {
    Optional<String> captured = Optional.of("in");
    return pool.submit(
            () ->
                all(
                    captured.map(String::length),
                    Optional.empty(),
                    OptionalInt.of(3),
                    OptionalDouble.empty(),
                    captured))
        .get();
  }

  @Runs(AWAY)
  static Object smallTypes(ExecutorService pool) throws Exception {
    UUID id = new UUID(1, 2);
    Pattern pattern = Pattern.compile("a(b+)", Pattern.CASE_INSENSITIVE);
    return pool.submit(
            () ->
                all(
                    id,
                    pattern.matcher("xABBy").find(),
                    pattern,
                    URI.create("http://example.org/a?b#c"),
                    Locale.GERMANY,
                    Currency.getInstance("CHF"),
                    StandardCharsets.UTF_8,
                    new StringJoiner("-").add("a").add("b"),
                    BitSet.valueOf(new long[] {5}),
                    TimeUnit.HOURS))
        .get();
  }

  @Runs(AWAY)
  static Object builders(ExecutorService pool) throws Exception {
    StringBuilder builder = new StringBuilder("start");
    StringBuilder back = pool.submit(() -> builder.append(" end").reverse()).get();
    return all(back == builder, builder, pool.submit(() -> new StringBuffer("own")).get());
  }

  @Runs(AWAY)
  static Object atomics(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              LongAdder adder = new LongAdder();
              adder.add(5);
              return all(
                  new AtomicInteger(1), new AtomicLong(2), new AtomicReference<>("r"), adder);
            })
        .get();
  }

  @Runs(AWAY)
  static Object nothingAndNulls(ExecutorService pool) throws Exception {
    Object none = pool.submit(() -> null).get();
    Object[] nulls = pool.submit(() -> new Object[3]).get();
    return all(none, nulls, pool.submit(() -> new ArrayList<>(Arrays.asList(null, null))).get());
  }

  @Runs(AWAY)
  static Object collectedStreams(ExecutorService pool) throws Exception {
    List<String> words = List.of("apple", "avocado", "bean", "cherry", "beet");
    return pool.submit(
            () ->
                all(
                    words.stream().collect(Collectors.groupingBy(w -> w.charAt(0))),
                    words.stream().collect(Collectors.partitioningBy(w -> w.length() > 4)),
                    words.stream().collect(Collectors.joining(",", "[", "]")),
                    words.stream()
                        .collect(
                            Collectors.toMap(
                                w -> w.charAt(0), String::length, Integer::sum, TreeMap::new)),
                    IntStream.range(0, 10).filter(i -> i % 3 == 0).boxed().toList(),
                    words.stream().mapToInt(String::length).summaryStatistics().toString()))
        .get();
  }

  private record Person(String name, int age, List<Person> children) {}

  @Runs(AWAY)
  static Object nestedRecords(ExecutorService pool) throws Exception {
    Person child = new Person("child", 3, List.of());
    Person parent = pool.submit(() -> new Person("parent", 33, List.of(child, child))).get();
    return all(
        parent,
        parent.children().get(0) == child,
        parent.equals(new Person("parent", 33, List.of(child, child))));
  }

  @Runs(AWAY)
  static Object bigArray(ExecutorService pool) throws Exception {
    byte[] bytes = new byte[3_000_000];
    new Random(1).nextBytes(bytes);
    byte[] copy = pool.submit(() -> bytes.clone()).get();
    long[] longs = pool.submit(() -> IntStream.range(0, 200_000).asLongStream().toArray()).get();
    return all(copy != bytes, Arrays.equals(copy, bytes), Arrays.hashCode(longs));
  }

  @Runs(AWAY)
  static Object longString(ExecutorService pool) throws Exception {
    String text = "äb".repeat(200_000);
    String back = pool.submit(() -> text + "!").get();
    return all(back.length(), back.equals(text + "!"));
  }

  // ---- order and inner state ----

  @Runs(AWAY)
  static Object accessOrder(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new LinkedHashMap<>(16, 0.75f, true);
    map.put("a", 1);
    map.put("b", 2);
    map.put("c", 3);
    map.get("a");
    Map<String, Integer> same =
        pool.submit(
                () -> {
                  map.get("b");
                  map.put("d", 4);
                  return map;
                })
            .get();
    map.get("c");
    return all(same == map, map);
  }

  @Runs(AWAY)
  static Object treeMapWithComparatorLambda(ExecutorService pool) throws Exception {
    int modulus = 10;
    TreeMap<Integer, String> map =
        new TreeMap<>(Comparator.<Integer>comparingInt(i -> i % modulus).thenComparing(i -> i));
    for (int i : new int[] {12, 1, 29, 41, 7}) {
      map.put(i, "v" + i);
    }
    TreeMap<Integer, String> made =
        pool.submit(
                () -> {
                  map.put(33, "new");
                  return new TreeMap<>(map.tailMap(12));
                })
            .get();
    made.put(98, "later");
    return all(map, made, made.comparator() == map.comparator());
  }

  @Runs(AWAY)
  static Object enumMapsAndSets(ExecutorService pool) throws Exception {
    EnumMap<DayOfWeek, Integer> map = new EnumMap<>(DayOfWeek.class);
    map.put(DayOfWeek.FRIDAY, 5);
    EnumSet<DayOfWeek> free =
        EnumSet.complementOf(EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY));
    pool.submit(
            () -> {
              map.put(DayOfWeek.MONDAY, 1);
              free.add(DayOfWeek.WEDNESDAY);
            })
        .get();
    return all(map, free);
  }

  @Runs(AWAY)
  static Object priorityQueueOfRecords(ExecutorService pool) throws Exception {
    record Job(int priority, String name) {}
    PriorityQueue<Job> jobs =
        new PriorityQueue<>(Comparator.comparingInt(Job::priority).reversed());
    for (int i = 0; i < 20; i++) {
      jobs.add(new Job(i * 7 % 20, "job" + i));
    }
    List<String> order =
        pool.submit(
                () -> {
                  List<String> names = new ArrayList<>();
                  for (int i = 0; i < 5; i++) {
                    names.add(jobs.poll().name());
                  }
                  jobs.add(new Job(100, "urgent"));
                  return names;
                })
            .get();
    return all(order, jobs.size(), jobs.poll(), jobs.poll());
  }

  @Runs(AWAY)
  static Object hashOrderIsUsable(ExecutorService pool) throws Exception {
    record Key(int a, String b) {}
    Map<Key, Integer> map = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      map.put(new Key(i, "k" + i % 7), i);
    }
    Map<Key, Integer> made =
        pool.submit(
                () -> {
                  Map<Key, Integer> doubled = new HashMap<>();
                  map.forEach((k, v) -> doubled.put(k, v * 2));
                  return doubled;
                })
            .get();
    int sum = 0;
    for (int i = 0; i < 1000; i++) {
      sum += made.get(new Key(i, "k" + i % 7));
    }
    return all(sum, made.keySet().equals(map.keySet()));
  }

  @Runs(AWAY)
  static Object keysByIdentity(ExecutorService pool) throws Exception {
    final class Token {}
    List<Token> tokens = List.of(new Token(), new Token(), new Token());
    Map<Token, Integer> map = new HashMap<>();
    Set<Token> seen = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      map.put(tokens.get(i), i);
    }
    List<Integer> looked =
        pool.submit(
                () -> {
                  seen.add(tokens.get(1));
                  map.put(tokens.get(2), 22);
                  return tokens.stream().map(map::get).toList();
                })
            .get();
    return all(
        looked,
        map.get(tokens.get(2)),
        map.size(),
        seen.contains(tokens.get(1)),
        seen.contains(tokens.get(0)));
  }

  @Runs(AWAY)
  static Object identityHashMap(ExecutorService pool) throws Exception {
    String a = new String("same");
    String b = new String("same");
    Map<String, Integer> map = new IdentityHashMap<>();
    map.put(a, 1);
    map.put(b, 2);
    Map<String, Integer> back =
        pool.submit(
                () -> {
                  map.put(a, map.get(b) * 10);
                  return map;
                })
            .get();
    return all(back == map, map.get(a), map.get(b), map.size());
  }

  @Runs(AWAY)
  static Object views(ExecutorService pool) throws Exception {
    List<Integer> list = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
    List<Integer> middle = list.subList(2, 4);
    Map<String, Integer> map = new HashMap<>(Map.of("a", 1, "b", 2));
    Integer[] array = {1, 2, 3};
    List<Integer> asList = Arrays.asList(array);
    List<Integer> readOnly = Collections.unmodifiableList(list);
    pool.submit(
            () -> {
              middle.set(0, 20);
              map.keySet().remove("a");
              asList.set(1, 22);
            })
        .get();
    return all(list, middle, map, array, readOnly.get(2));
  }

  // ---- identity ----

  @Runs(AWAY)
  static Object sameObjectBack(ExecutorService pool) throws Exception {
    List<String> list = new ArrayList<>();
    int[] array = {1};
    Object plain = new Object();
    Person person = new Person("p", 1, List.of());
    return all(
        pool.submit(() -> list).get() == list,
        pool.submit(() -> array).get() == array,
        pool.submit(() -> plain).get() == plain,
        pool.submit(() -> person).get() == person,
        pool.submit(() -> List.of(person)).get().get(0) == person);
  }

  private static final Object SENTINEL = new Object();
  private static final List<String> EMPTY = new ArrayList<>();

  @Runs(AWAY)
  static Object sentinels(ExecutorService pool) throws Exception {
    Object end = SENTINEL;
    return all(
        pool.submit(() -> end == SENTINEL).get(),
        pool.submit(() -> SENTINEL).get() == SENTINEL,
        pool.submit(() -> EMPTY).get() == EMPTY,
        pool.submit(() -> DayOfWeek.MONDAY).get() == DayOfWeek.MONDAY,
        pool.submit(() -> Person.class).get() == Person.class,
        pool.submit(() -> Boolean.TRUE).get() == Boolean.TRUE);
  }

  @Runs(AWAY)
  static Object stringIdentity(ExecutorService pool) throws Exception {
    String text = new String("text");
    return pool.submit(() -> text).get() == text;
  }

  @Runs(AWAY)
  static Object sameElementTwice(ExecutorService pool) throws Exception {
    StringBuilder shared = new StringBuilder("s");
    List<StringBuilder> list = new ArrayList<>(List.of(shared, shared));
    Object inside =
        pool.submit(
                () -> {
                  list.get(0).append("!");
                  list.add(list.get(1));
                  return list.get(0) == list.get(1);
                })
            .get();
    return all(inside, list.get(2) == shared, list);
  }

  @Runs(AWAY)
  static Object cycles(ExecutorService pool) throws Exception {
    List<Object> self = new ArrayList<>();
    self.add(self);
    Map<String, Object> map = new HashMap<>();
    map.put("me", map);
    Object[] array = {null, self};
    array[0] = array;
    Object inside =
        pool.submit(() -> self.get(0) == self && map.get("me") == map && array[0] == array).get();
    List<Object> made =
        pool.submit(
                () -> {
                  List<Object> ring = new ArrayList<>();
                  ring.add(List.of(ring));
                  return ring;
                })
            .get();
    return all(inside, self, map.get("me") == map, array, ((List<?>) made.get(0)).get(0) == made);
  }

  private static final class Employee {
    final String name;
    Employee boss;
    final List<Employee> reports = new ArrayList<>();

    Employee(String name) {
      this.name = name;
    }

    Employee hire(String who) {
      Employee e = new Employee(who);
      e.boss = this;
      reports.add(e);
      return e;
    }
  }

  @Runs(AWAY)
  static Object twoWayLinks(ExecutorService pool) throws Exception {
    Employee boss = new Employee("boss");
    Employee first = boss.hire("first");
    Employee hired = pool.submit(() -> first.boss.hire("second")).get();
    return all(
        hired.boss == boss, boss.reports.get(0) == first, boss.reports.get(1) == hired, boss);
  }

  @Runs(AWAY)
  static Object oneObjectFromTwoTasks(ExecutorService pool) throws Exception {
    Person person = new Person("p", 1, List.of());
    Future<List<Person>> a = pool.submit(() -> List.of(person));
    Future<Map<String, Person>> b = pool.submit(() -> Map.of("k", person));
    return all(a.get().get(0) == b.get().get("k"), a.get());
  }

  @Runs(AWAY)
  static Object resultOfOneTaskIsInputOfNext(ExecutorService pool) throws Exception {
    List<Integer> values = new ArrayList<>(List.of(1));
    List<List<Integer>> seen = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      List<Integer> input = values;
      values =
          pool.submit(
                  () -> {
                    List<Integer> next = new ArrayList<>(input);
                    next.add(input.get(input.size() - 1) * 2);
                    return next;
                  })
              .get();
      seen.add(values);
    }
    return seen;
  }

  // ---- depth ----

  private static final class Link {
    final int value;
    Link next;

    Link(int value, Link next) {
      this.value = value;
      this.next = next;
    }
  }

  @Runs(AWAY)
  static Object longChain(ExecutorService pool) throws Exception {
    Link chain = null;
    for (int i = 0; i < 100_000; i++) {
      chain = new Link(i, chain);
    }
    Link head = chain;
    Link reversed =
        pool.submit(
                () -> {
                  Link result = null;
                  for (Link l = head; l != null; l = l.next) {
                    result = new Link(l.value, result);
                  }
                  return result;
                })
            .get();
    long sum = 0;
    int n = 0;
    for (Link l = reversed; l != null; l = l.next) {
      sum += (long) l.value * ++n;
    }
    return all(n, sum);
  }

  @Runs(AWAY)
  static Object longChainChangedInPlace(ExecutorService pool) throws Exception {
    Link chain = null;
    for (int i = 0; i < 100_000; i++) {
      chain = new Link(i, chain);
    }
    Link head = chain;
    Link tail = head;
    while (tail.next != null) {
      tail = tail.next;
    }
    Link last = tail;
    Link newHead =
        pool.submit(
                () -> {
                  Link previous = null;
                  for (Link l = head; l != null; ) {
                    Link next = l.next;
                    l.next = previous;
                    previous = l;
                    l = next;
                  }
                  return previous;
                })
            .get();
    int n = 0;
    for (Link l = newHead; l != null; l = l.next) {
      n++;
    }
    return all(newHead == last, head.next == null, n);
  }

  @Runs(AWAY)
  static Object deepTree(ExecutorService pool) throws Exception {
    List<Object> tree = List.of();
    for (int i = 0; i < 2_000; i++) {
      tree = List.of(tree, i);
    }
    List<Object> root = tree;
    Object back = pool.submit(() -> root).get();
    int depth = 0;
    for (List<?> t = root; !t.isEmpty(); t = (List<?>) t.get(0)) {
      depth++;
    }
    return all(back == root, depth);
  }

  @Runs(AWAY)
  static Object linkedListOfManyNodes(ExecutorService pool) throws Exception {
    LinkedList<Integer> list = new LinkedList<>();
    for (int i = 0; i < 50_000; i++) {
      list.addFirst(i);
    }
    return pool.submit(
            () -> {
              int[] sum = new int[1];
              list.forEach(i -> sum[0] = sum[0] * 31 + i);
              return sum[0];
            })
        .get();
  }

  @Runs(AWAY)
  static Object matrixFromManyTasks(ExecutorService pool) throws Exception {
    List<int[]> rows = collect(pool, 20, i -> () -> IntStream.range(0, i).toArray());
    return rows.toArray(new int[0][]);
  }

  @Runs(AWAY)
  static Object equalsAndHashOfOwnType(ExecutorService pool) throws Exception {
    final class Money {
      final String currency;
      final long cents;

      Money(String currency, long cents) {
        this.currency = currency;
        this.cents = cents;
      }

      @Override
      public boolean equals(Object o) {
        return o instanceof Money m && m.currency.equals(currency) && m.cents == cents;
      }

      @Override
      public int hashCode() {
        return Objects.hash(currency, cents);
      }
    }
    Map<Money, String> prices = new HashMap<>(Map.of(new Money("EUR", 5), "five"));
    Set<Money> made = pool.submit(() -> Set.of(new Money("EUR", 5), new Money("CHF", 6))).get();
    return all(
        pool.submit(() -> prices.get(new Money("EUR", 5))).get(),
        made.contains(new Money("CHF", 6)),
        made.contains(new Money("CHF", 7)));
  }
}
