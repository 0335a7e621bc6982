package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.security.MessageDigest;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Scanner;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Where copies of objects, and other JVMs, are easily told from the originals. */
final class Corners {
  private Corners() {}

  // ---- hashes that differ from JVM to JVM ----

  private enum Suit {
    CLUBS,
    HEARTS
  }

  private record Card(Suit suit, int rank) {}

  @Runs(AWAY)
  static Object keysThatHoldEnums(ExecutorService pool) throws Exception {
    Map<Card, String> names = new HashMap<>();
    for (int i = 0; i < 50; i++) {
      names.put(new Card(Suit.HEARTS, i), "h" + i);
    }
    Object inside =
        pool.submit(
                () -> {
                  int found = 0;
                  for (int i = 0; i < 50; i++) {
                    found += names.containsKey(new Card(Suit.HEARTS, i)) ? 1 : 0;
                    names.put(new Card(Suit.CLUBS, i), "c" + i);
                  }
                  return found;
                })
            .get();
    int found = 0;
    for (int i = 0; i < 50; i++) {
      found += names.containsKey(new Card(Suit.CLUBS, i)) ? 1 : 0;
      names.remove(new Card(Suit.HEARTS, i));
    }
    return all(inside, found, names.size());
  }

  @Runs(AWAY)
  static Object enumsAndClassesAsHashKeys(ExecutorService pool) throws Exception {
    Map<Object, Integer> map = new HashMap<>();
    Set<Object> set = new HashSet<>(List.of(DayOfWeek.values()));
    map.put(DayOfWeek.MONDAY, 1);
    map.put(String.class, 2);
    map.put(Suit.HEARTS, 3);
    Object inside =
        pool.submit(
                () -> {
                  map.put(Integer.class, 4);
                  map.merge(Suit.HEARTS, 10, Integer::sum);
                  set.remove(DayOfWeek.SUNDAY);
                  return all(
                      map.get(DayOfWeek.MONDAY),
                      map.get(String.class),
                      set.contains(DayOfWeek.FRIDAY));
                })
            .get();
    return all(
        inside,
        map.get(Integer.class),
        map.get(Suit.HEARTS),
        map.size(),
        set.contains(DayOfWeek.SUNDAY),
        set.size());
  }

  @Runs(AWAY)
  static Object immutableSetsAndMaps(ExecutorService pool) throws Exception {
    Set<String> letters = Set.of("a", "b", "c", "d", "e", "f", "g", "h");
    Map<String, Integer> numbers = Map.of("one", 1, "two", 2, "three", 3, "four", 4, "five", 5);
    Set<Integer> made =
        pool.submit(
                () -> {
                  int n = numbers.get("three") + numbers.getOrDefault("six", 60);
                  boolean has = letters.contains("g") && !letters.contains("z");
                  return Set.of(n, has ? 1 : 0, 7, 8, 9, 10);
                })
            .get();
    return all(
        made.contains(63),
        made.contains(1),
        made.contains(2),
        made.equals(Set.of(63, 1, 7, 8, 9, 10)));
  }

  private static final class Token {}

  @Runs(AWAY)
  static Object newIdentityKeysFromTask(ExecutorService pool) throws Exception {
    Map<Token, Integer> map = new HashMap<>();
    List<Token> tokens = new ArrayList<>();
    Token first = new Token();
    map.put(first, -1);
    pool.submit(
            () -> {
              for (int i = 0; i < 30; i++) {
                Token token = new Token();
                tokens.add(token);
                map.put(token, i);
              }
            })
        .get();
    int sum = 0;
    for (Token token : tokens) {
      sum += map.remove(token);
    }
    return all(sum, map.size(), map.get(first));
  }

  private static final class A0 {}

  private static final class A1 {}

  private static final class A2 {}

  private static final class A3 {}

  private static final class A4 {}

  private static final class A5 {}

  @Runs(AWAY)
  static Object orderOfClassesAsKeys(ExecutorService pool) throws Exception {
    Map<Class<?>, String> names = new HashMap<>();
    for (Class<?> c :
        List.of(A0.class, A1.class, A2.class, A3.class, A4.class, A5.class, Corners.class)) {
      names.put(c, c.getSimpleName());
    }
    List<String> order = pool.submit(() -> new ArrayList<>(names.values())).get();
    List<Integer> hashes =
        pool.submit(() -> names.keySet().stream().map(Class::hashCode).toList()).get();
    return all(
        order.equals(new ArrayList<>(names.values())),
        hashes.equals(names.keySet().stream().map(Class::hashCode).toList()),
        pool.submit(() -> names.get(A3.class)).get());
  }

  private static final class StoredHash {
    private final int hash = System.identityHashCode(this);

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object o) {
      return o == this;
    }
  }

  @Runs(EITHER)
  static Object keyThatStoresItsIdentityHash(ExecutorService pool) throws Exception {
    StoredHash key = new StoredHash();
    Map<StoredHash, String> map = new HashMap<>(Map.of(key, "found"));
    return all(
        pool.submit(() -> map.get(key)).get(),
        pool.submit(() -> map.put(key, "changed")).get(),
        map.get(key));
  }

  @Runs(EITHER)
  static Object identityHashOfCapturedObject(ExecutorService pool) throws Exception {
    Token token = new Token();
    int hash = System.identityHashCode(token);
    String text = token.toString();
    return all(
        pool.submit(() -> System.identityHashCode(token) == hash).get(),
        pool.submit(() -> token.toString().equals(text)).get());
  }

  // ---- identity of what a task stores ----

  private static final class Cell {
    Object value;
    Cell next;
  }

  private static Object remembered;

  @Runs(AWAY)
  static Object newObjectStoredTwice(ExecutorService pool) throws Exception {
    Cell a = new Cell();
    Cell b = new Cell();
    Object[] slot = new Object[1];
    pool.submit(
            () -> {
              Token token = new Token();
              a.value = token;
              b.value = token;
              slot[0] = token;
              a.next = b;
            })
        .get();
    return all(a.value == b.value, a.value == slot[0], a.next == b, a.value != null);
  }

  @Runs(AWAY)
  static Object capturedObjectStoredInStatic(ExecutorService pool) throws Exception {
    remembered = null;
    Token token = new Token();
    pool.submit(
            () -> {
              remembered = token;
            })
        .get();
    return all(remembered == token, pool.submit(() -> remembered == token).get());
  }

  @Runs(AWAY)
  static Object swappedReferences(ExecutorService pool) throws Exception {
    Cell a = new Cell();
    Cell b = new Cell();
    Object x = new Token();
    Object y = new Token();
    a.value = x;
    b.value = y;
    pool.submit(
            () -> {
              Object t = a.value;
              a.value = b.value;
              b.value = t;
            })
        .get();
    return all(a.value == y, b.value == x);
  }

  @Runs(AWAY)
  static Object stagesSeeFormerStages(ExecutorService pool) throws Exception {
    List<String> log = new ArrayList<>();
    int[] total = new int[1];
    CompletableFuture.runAsync(() -> log.add("one"), pool)
        .thenRunAsync(() -> log.add("two after " + log.size()), pool)
        .thenRunAsync(() -> total[0] = log.size(), pool)
        .thenRunAsync(() -> log.add("total " + total[0]), pool)
        .get();
    return all(log, total);
  }

  // ---- futures and promises in tasks ----

  @Runs(EITHER)
  static Object futureOfAnotherTask(ExecutorService pool) throws Exception {
    Future<Integer> first = pool.submit(() -> 20);
    Future<Integer> second = pool.submit(() -> first.get() + 1);
    Future<Integer> third = pool.submit(() -> first.get() + second.get());
    return all(third.get(), second.get());
  }

  @Runs(EITHER)
  static Object taskReturnsFuture(ExecutorService pool) throws Exception {
    return pool.submit(() -> pool.submit(() -> 5)).get().get();
  }

  @Runs(EITHER)
  static Object completedPromiseRead(ExecutorService pool) throws Exception {
    CompletableFuture<String> promise = CompletableFuture.completedFuture("ready");
    return pool.submit(() -> promise.join() + promise.isDone()).get();
  }

  // ---- acquires that are hard to see ----

  @Runs(HOME)
  static Object acquireBehindInterface(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    Supplier<Integer> next = ids::incrementAndGet;
    List<Supplier<Integer>> suppliers = List.of(() -> -1, next);
    List<Integer> drawn = collect(pool, 20, i -> () -> suppliers.get(1).get());
    Collections.sort(drawn);
    return all(drawn, ids);
  }

  @Runs(HOME)
  static Object acquireByReflection(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    List<Object> drawn =
        new ArrayList<>(
            collect(
                pool,
                20,
                i ->
                    () -> {
                      Method method = ids.getClass().getMethod("incrementAndGet");
                      return (Integer) method.invoke(ids);
                    }));
    drawn.sort(null);
    return all(drawn, ids);
  }

  @Runs(HOME)
  static Object acquireInsideCatchAll(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    Map<String, Supplier<Integer>> table = Map.of("next", ids::incrementAndGet);
    List<Integer> drawn =
        collect(
            pool,
            20,
            i ->
                () -> {
                  try {
                    return table.get("next").get();
                  } catch (Throwable t) {
                    return -1;
                  }
                });
    Collections.sort(drawn);
    return all(drawn, ids);
  }

  @Runs(HOME)
  static Object effectsBeforeLateAcquire(ExecutorService pool) throws Exception {
    int[] runs = new int[20];
    Object lock = new Object();
    int[] count = new int[1];
    Function<Object, Runnable> late =
        o ->
            () -> {
              synchronized (o) {
                count[0]++;
              }
            };
    each(
        pool,
        20,
        i ->
            () -> {
              runs[i]++;
              late.apply(lock).run();
            });
    return all(runs, count);
  }

  @Runs(HOME)
  static Object resultOfMergeUsed(ExecutorService pool) throws Exception {
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    List<Integer> seen = collect(pool, 20, i -> () -> counts.merge("k", 1, Integer::sum));
    Collections.sort(seen);
    return all(seen, counts);
  }

  @Runs(EITHER)
  static Object atomicOfOneTask(ExecutorService pool) throws Exception {
    AtomicInteger count = new AtomicInteger();
    Object inside =
        pool.submit(
                () -> {
                  IntStream.range(0, 50).forEach(i -> count.addAndGet(i));
                  return count.get();
                })
            .get();
    return all(inside, count);
  }

  @Runs(EITHER)
  static Object releaseThenReadBack(ExecutorService pool) throws Exception {
    LongAdder adder = new LongAdder();
    ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
    Object inside =
        pool.submit(
                () -> {
                  adder.add(5);
                  map.put("a", 1);
                  map.put("a", 2);
                  return all(adder.sum(), map.get("a"), map.size());
                })
            .get();
    return all(inside, adder, map);
  }

  private static final class Lazy {
    private static volatile Lazy instance;
    final List<Integer> data = List.of(1, 2, 3);

    static Lazy get() {
      Lazy local = instance;
      if (local == null) {
        synchronized (Lazy.class) {
          local = instance;
          if (local == null) {
            local = new Lazy();
            instance = local;
          }
        }
      }
      return local;
    }
  }

  @Runs(EITHER)
  static Object doubleCheckedLocking(ExecutorService pool) throws Exception {
    Lazy.instance = null;
    List<Lazy> seen = collect(pool, 8, i -> Lazy::get);
    return all(new HashSet<>(seen).size(), seen.get(0) == Lazy.get());
  }

  private enum Holder {
    INSTANCE;

    private final List<String> uses = new ArrayList<>();
    private int calls;

    int use(String who) {
      uses.add(who);
      return ++calls;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object enumSingleton(ExecutorService pool) throws Exception {
    Holder.INSTANCE.uses.clear();
    Holder.INSTANCE.calls = 0;
    List<Integer> calls = collect(pool, 4, i -> () -> Holder.INSTANCE.use("t" + i));
    return all(calls, Holder.INSTANCE.uses, Holder.INSTANCE.calls);
  }

  // ---- thread-safe objects that are only read, or hardly matter ----

  private static final class Guarded {
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong hits = new AtomicLong();
    private final Object monitor = new Object();
    private final int[] data = {1, 2, 3};

    int sum() {
      return data[0] + data[1] + data[2];
    }

    long hit() {
      synchronized (monitor) {
        lock.lock();
        try {
          return hits.incrementAndGet();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  @Runs(AWAY)
  static Object lockFieldsNeverTaken(ExecutorService pool) throws Exception {
    Guarded guarded = new Guarded();
    guarded.hit();
    List<Integer> sums = collect(pool, 4, i -> guarded::sum);
    return all(sums, guarded.hit());
  }

  @Runs(EITHER)
  static Object legacyCollectionsRead(ExecutorService pool) throws Exception {
    Hashtable<String, Integer> table = new Hashtable<>(Map.of("h", 1));
    Properties properties = new Properties();
    properties.setProperty("p", "2");
    List<Integer> list = Collections.synchronizedList(new ArrayList<>(List.of(3)));
    CopyOnWriteArrayList<Integer> snapshot = new CopyOnWriteArrayList<>(List.of(4, 5));
    return pool.submit(
            () -> {
              int sum = 0;
              for (int n : snapshot) {
                sum += n;
              }
              return all(table.get("h"), properties.getProperty("p"), list.get(0), sum);
            })
        .get();
  }

  @Runs(EITHER)
  static Object byteStreamWritten(ExecutorService pool) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write('a');
    pool.submit(() -> bytes.write('b')).get();
    bytes.write('c');
    return bytes.toString(java.nio.charset.StandardCharsets.US_ASCII);
  }

  @Runs(EITHER)
  static Object readersOverStrings(ExecutorService pool) throws Exception {
    BufferedReader reader = new BufferedReader(new StringReader("one\ntwo\nthree\n"));
    Scanner scanner = new Scanner("1 2 3");
    String first = reader.readLine();
    int number = scanner.nextInt();
    String second = pool.submit(() -> reader.readLine()).get();
    int other = pool.submit(() -> scanner.nextInt()).get();
    return all(first, second, reader.readLine(), number, other, scanner.nextInt());
  }

  @Runs(EITHER)
  static Object streamConsumedByTask(ExecutorService pool) throws Exception {
    int limit = 3;
    Stream<String> stream =
        List.of("a", "bb", "ccc", "dddd").stream().filter(s -> s.length() < limit);
    Object first = pool.submit(() -> stream.toList()).get();
    Object again = outcome(pool.submit(() -> stream.count()));
    return all(first, again instanceof IllegalStateException);
  }

  @Runs(AWAY)
  static Object matcherMovedOn(ExecutorService pool) throws Exception {
    Matcher matcher = Pattern.compile("[0-9]+").matcher("a1 b22 c333");
    matcher.find();
    String second =
        pool.submit(
                () -> {
                  matcher.find();
                  return matcher.group();
                })
            .get();
    matcher.find();
    return all(second, matcher.group());
  }

  @Runs(AWAY)
  static Object numberFormat(ExecutorService pool) throws Exception {
    DecimalFormat format =
        new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.GERMANY));
    return collect(pool, 1, i -> () -> format.format(1234.5) + format.parse("7,5"));
  }

  @Runs(EITHER)
  static Object digestFedByTask(ExecutorService pool) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update((byte) 1);
    pool.submit(() -> digest.update((byte) 2)).get();
    digest.update((byte) 3);
    return HexFormat.of().formatHex(digest.digest());
  }

  // ---- what a task does to its JVM ----

  @Runs(EITHER)
  static Object propertySetByTask(ExecutorService pool) throws Exception {
    try {
      pool.submit(() -> System.setProperty("corpus.set", "by the task")).get();
      return all(
          System.getProperty("corpus.set"),
          pool.submit(() -> System.getProperty("corpus.set")).get());
    } finally {
      System.clearProperty("corpus.set");
    }
  }

  @Runs(EITHER)
  static Object localeSetByTask(ExecutorService pool) throws Exception {
    Locale before = Locale.getDefault();
    try {
      pool.submit(() -> Locale.setDefault(Locale.ITALY)).get();
      return all(Locale.getDefault(), pool.submit(() -> Locale.getDefault()).get());
    } finally {
      Locale.setDefault(before);
    }
  }

  @Runs(AWAY)
  static Object randomThings(ExecutorService pool) throws Exception {
    List<UUID> ids = collect(pool, 20, i -> UUID::randomUUID);
    List<Integer> dice = collect(pool, 20, i -> () -> ThreadLocalRandom.current().nextInt(6));
    return all(
        new HashSet<>(ids).size(), dice.stream().allMatch(d -> d >= 0 && d < 6), Math.abs(-1));
  }

  @Runs(AWAY)
  static Object taskThreadIsNotTheClients(ExecutorService pool) throws Exception {
    String client = Thread.currentThread().getName();
    return pool.submit(
            () -> {
              Thread.sleep(1);
              TimeUnit.MICROSECONDS.sleep(1);
              return !Thread.currentThread().getName().equals(client);
            })
        .get();
  }

  // ---- shapes of classes ----

  private abstract static class Step<I, O> implements Callable<O> {
    private final I input;

    Step(I input) {
      this.input = input;
    }

    abstract O apply(I in) throws Exception;

    @Override
    public O call() throws Exception {
      return apply(input);
    }
  }

  private static final class Parse extends Step<String, Integer> {
    Parse(String text) {
      super(text);
    }

    @Override
    Integer apply(String in) {
      return Integer.parseInt(in);
    }
  }

  @Runs(AWAY)
  static Object bridgesAndTemplates(ExecutorService pool) throws Exception {
    Step<Integer, List<Integer>> anonymous =
        new Step<>(3) {
          @Override
          List<Integer> apply(Integer in) {
            return IntStream.range(0, in).boxed().toList();
          }
        };
    return all(
        pool.submit(new Parse("12")).get(),
        pool.submit(anonymous).get(),
        outcome(pool.submit(new Parse("x"))));
  }

  private static final class Sheep implements Cloneable {
    String name;
    int[] wool = {1, 2};

    Sheep(String name) {
      this.name = name;
    }

    Sheep copy() throws CloneNotSupportedException {
      Sheep copy = (Sheep) clone();
      copy.wool = wool.clone();
      return copy;
    }
  }

  @Runs(AWAY)
  static Object clones(ExecutorService pool) throws Exception {
    Sheep dolly = new Sheep("dolly");
    Sheep copy =
        pool.submit(
                () -> {
                  Sheep c = dolly.copy();
                  c.name = "copy of " + dolly.name;
                  c.wool[0] = 9;
                  return c;
                })
            .get();
    return all(dolly, copy, copy.name.endsWith(dolly.name));
  }

  private interface Defaults {
    List<String> NAMES = new ArrayList<>(List.of("x"));
    int SIZE = NAMES.size();
  }

  @Sequential
  @Runs(AWAY)
  static Object fieldsOfInterface(ExecutorService pool) throws Exception {
    Defaults.NAMES.clear();
    Defaults.NAMES.add("client");
    Object size =
        pool.submit(
                () -> {
                  Defaults.NAMES.add("task");
                  return Defaults.NAMES.size() * 10 + Defaults.SIZE;
                })
            .get();
    return all(size, Defaults.NAMES);
  }

  @Runs(AWAY)
  static Object strategyTable(ExecutorService pool) throws Exception {
    Map<Suit, Function<Integer, Integer>> table = new EnumMap<>(Suit.class);
    int bonus = 3;
    table.put(Suit.CLUBS, x -> x + bonus);
    table.put(Suit.HEARTS, Math::negateExact);
    return collect(pool, 2, i -> () -> table.get(Suit.values()[i]).apply(10));
  }

  @Runs(AWAY)
  static Object bigInput(ExecutorService pool) throws Exception {
    int[] values = IntStream.range(0, 4_000_000).toArray();
    List<Long> sums =
        collect(
            pool,
            2,
            half ->
                () -> {
                  long sum = 0;
                  for (int i = half * 2_000_000; i < (half + 1) * 2_000_000; i++) {
                    sum += values[i];
                  }
                  return sum;
                });
    return sums;
  }
}
