package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Formatter;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Synchronising objects behind views, wrappers, method references and the JDK's own objects. */
final class Wrapped {
  private Wrapped() {}

  // ---- views ----

  @Runs(EITHER)
  static Object keySetViews(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, String> map = new ConcurrentHashMap<>();
    for (int i = 0; i < 20; i++) {
      map.put(i, "v" + i);
    }
    Set<Integer> keys = map.keySet();
    Collection<String> values = map.values();
    Set<Map.Entry<Integer, String>> entries = map.entrySet();
    Set<Integer> defaulted = map.keySet("new");
    each(
        pool,
        5,
        i ->
            () -> {
              keys.remove(i);
              values.remove("v" + (i + 5));
              entries.removeIf(e -> e.getKey() == i + 10);
              defaulted.add(100 + i);
            });
    return new TreeMap<>(map);
  }

  @Runs(EITHER)
  static Object unmodifiableOfSynchronized(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    List<Integer> view = Collections.unmodifiableList(list);
    each(pool, 6, i -> () -> list.add(i));
    int size = pool.submit(view::size).get();
    return all(size, new TreeSet<>(view));
  }

  @Runs(EITHER)
  static Object setFromConcurrentMap(ExecutorService pool) throws Exception {
    Set<String> set = Collections.newSetFromMap(new ConcurrentHashMap<>());
    each(pool, 8, i -> () -> set.add("k" + i % 4));
    each(pool, 2, i -> () -> set.remove("k" + i));
    return new TreeSet<>(set);
  }

  @Runs(AWAY)
  static Object subMapOfSkipList(ExecutorService pool) throws Exception {
    ConcurrentSkipListMap<Integer, Integer> map = new ConcurrentSkipListMap<>();
    Map<Integer, Integer> head = map.headMap(10);
    Map<Integer, Integer> down = map.descendingMap();
    each(
        pool,
        10,
        i ->
            () -> {
              head.put(i, i * i);
              down.put(i + 20, -i);
            });
    return map;
  }

  @Runs(AWAY)
  static Object subListOfVector(ExecutorService pool) throws Exception {
    Vector<Integer> vector = new Vector<>(Collections.nCopies(20, 0));
    List<Integer> middle = vector.subList(5, 15);
    each(pool, 10, i -> () -> middle.set(i, i + 1));
    return vector;
  }

  @Runs(AWAY)
  static Object subListOfSynchronized(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>(Collections.nCopies(8, 0)));
    List<Integer> half = list.subList(0, 4);
    each(pool, 4, i -> () -> half.set(i, i + 1));
    return new ArrayList<>(list);
  }

  @Runs(EITHER)
  static Object iteratorOverConcurrentMap(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
    for (int i = 0; i < 10; i++) {
      map.put(i, i);
    }
    pool.submit(
            () -> {
              for (Iterator<Map.Entry<Integer, Integer>> it = map.entrySet().iterator();
                  it.hasNext(); ) {
                Map.Entry<Integer, Integer> e = it.next();
                if (e.getKey() % 2 == 0) {
                  it.remove();
                } else {
                  e.setValue(e.getValue() * 10);
                }
              }
            })
        .get();
    return new TreeMap<>(map);
  }

  @Runs(EITHER)
  static Object capturedIteratorOfConcurrentQueue(ExecutorService pool) throws Exception {
    Queue<Integer> queue = new ConcurrentLinkedQueue<>(List.of(1, 2, 3, 4));
    Iterator<Integer> it = queue.iterator();
    int first = pool.submit(it::next).get();
    int second = pool.submit(it::next).get();
    pool.submit(it::remove).get();
    return all(first, second, new ArrayList<>(queue), it.next());
  }

  @Runs(EITHER)
  static Object capturedIterators(ExecutorService pool) throws Exception {
    Iterator<String> ofList = new ArrayList<>(List.of("a", "b", "c")).iterator();
    Iterator<Integer> ofMap = new HashMap<>(Map.of(1, 2, 3, 4)).keySet().iterator();
    Iterator<Integer> ofTree = new TreeSet<>(Set.of(1, 2, 3)).iterator();
    Iterator<Integer> ofStream = Stream.iterate(1, x -> x * 2).iterator();
    Iterator<Integer> ofArray = Arrays.asList(7, 8, 9).iterator();
    List<Object> got = new ArrayList<>();
    for (Iterator<?> it : List.of(ofList, ofMap, ofTree, ofStream, ofArray)) {
      got.add(pool.submit(it::next).get());
      got.add(it.next());
    }
    return got;
  }

  @Runs(AWAY)
  static Object hashMapViews(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>(Map.of("a", 1, "b", 2, "c", 3, "d", 4));
    Set<String> keys = map.keySet();
    Collection<Integer> values = map.values();
    pool.submit(() -> keys.remove("a")).get();
    pool.submit(() -> values.removeIf(v -> v == 2)).get();
    pool.submit(() -> map.entrySet().forEach(e -> e.setValue(e.getValue() + 10))).get();
    return all(new TreeMap<>(map), keys.size(), new TreeSet<>(values));
  }

  @Runs(AWAY)
  static Object treeMapViews(ExecutorService pool) throws Exception {
    TreeMap<Integer, String> map = new TreeMap<>();
    Map<Integer, String> tail = map.tailMap(5, true);
    Map<Integer, String> down = map.descendingMap();
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3, 4, 5));
    List<Integer> part = list.subList(1, 3);
    pool.submit(() -> tail.put(7, "seven")).get();
    pool.submit(() -> down.put(6, "six")).get();
    pool.submit(part::clear).get();
    pool.submit(() -> part.add(99)).get();
    return all(map, tail, down, list, part);
  }

  @Runs(EITHER)
  static Object mapEntryOfHome(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new LinkedHashMap<>(Map.of("a", 1));
    Map.Entry<String, Integer> entry = map.entrySet().iterator().next();
    pool.submit(() -> entry.setValue(7)).get();
    Map<String, Integer> concurrent = new ConcurrentHashMap<>(Map.of("b", 2));
    Map.Entry<String, Integer> second = concurrent.entrySet().iterator().next();
    pool.submit(() -> second.setValue(8)).get();
    TreeMap<String, Integer> tree = new TreeMap<>(Map.of("c", 3));
    Map.Entry<String, Integer> third = tree.entrySet().iterator().next();
    pool.submit(() -> third.setValue(9)).get();
    return all(map, concurrent, tree);
  }

  // ---- method references ----

  @Runs(EITHER)
  static Object boundReferencesInLoops(ExecutorService pool) throws Exception {
    AtomicInteger counter = new AtomicInteger();
    LongAdder adder = new LongAdder();
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    ConcurrentMap<Integer, Integer> map = new ConcurrentHashMap<>();
    each(
        pool,
        4,
        t ->
            () -> {
              List<Integer> numbers = List.of(t, t + 1, t + 2);
              numbers.forEach(counter::addAndGet);
              numbers.forEach(adder::add);
              numbers.stream().forEach(queue::add);
              Map.of(t, t).forEach(map::put);
              IntStream.range(0, 3).forEach(counter::addAndGet);
              IntStream.range(0, 3).boxed().map(x -> x + 1).forEach(adder::add);
            });
    return all(counter, adder.sum(), queue.stream().sorted().toList(), new TreeMap<>(map));
  }

  @Runs(EITHER)
  static Object unboundReferences(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
    List<AtomicLong> counters = List.of(new AtomicLong(), new AtomicLong(), new AtomicLong());
    each(
        pool,
        3,
        i ->
            () -> {
              Putter<String, Integer> putter = Map::put;
              putter.put(map, "k" + i, i);
              counters.forEach(AtomicLong::incrementAndGet);
              BiConsumer<Collection<String>, String> add = Collection::add;
              add.accept(map.keySet(-1), "x" + i);
            });
    return all(new TreeMap<>(map), counters);
  }

  interface Putter<K, V> {
    void put(Map<K, V> map, K key, V value);
  }

  @Runs(EITHER)
  static Object referencesWhoseResultIsUsed(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    List<Integer> drawn =
        collect(pool, 6, i -> () -> Stream.generate(ids::incrementAndGet).limit(3).count() == 3)
            .stream()
            .map(b -> b ? 1 : 0)
            .toList();
    List<Integer> all = new ArrayList<>();
    collect(pool, 4, i -> () -> Stream.generate(ids::incrementAndGet).limit(2).toList())
        .forEach(all::addAll);
    Collections.sort(all);
    return all(drawn, all, ids);
  }

  @Runs(AWAY)
  static Object referencesHandedToHelpers(ExecutorService pool) throws Exception {
    Queue<String> queue = new LinkedBlockingQueue<>();
    AtomicReference<String> last = new AtomicReference<>();
    each(
        pool,
        3,
        i ->
            () -> {
              feed("q" + i, queue::offer);
              feed("r", last::set);
              feed("s" + i, ((Consumer<String>) queue::add).andThen(s -> {}));
            });
    return all(new TreeSet<>(queue), last);
  }

  private static void feed(String s, Consumer<? super String> consumer) {
    consumer.accept(s);
  }

  @Runs(EITHER)
  static Object referencesReturned(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new HashMap<>(Map.of("a", 1));
    List<String> list = new ArrayList<>(List.of("x"));
    ConcurrentHashMap<String, Integer> shared = new ConcurrentHashMap<>(Map.of("c", 3));
    AtomicInteger counter = new AtomicInteger();
    Function<String, Integer> get = pool.submit(() -> (Function<String, Integer>) map::get).get();
    Predicate<String> has = pool.submit(() -> (Predicate<String>) list::contains).get();
    Function<String, Integer> look =
        pool.submit(() -> (Function<String, Integer>) shared::get).get();
    Supplier<Integer> next = pool.submit(() -> (Supplier<Integer>) counter::incrementAndGet).get();
    Function<Object, String> text =
        pool.submit(() -> (Function<Object, String>) Object::toString).get();
    IntConsumer add = pool.submit(() -> (IntConsumer) counter::addAndGet).get();
    map.put("b", 2);
    list.add("y");
    shared.put("d", 4);
    add.accept(10);
    return all(get.apply("b"), has.test("y"), look.apply("d"), next.get(), text.apply(5), counter);
  }

  @Runs(AWAY)
  static Object referencesStored(ExecutorService pool) throws Exception {
    AtomicInteger counter = new AtomicInteger();
    Runnable[] stored = new Runnable[2];
    List<Integer> list = new ArrayList<>();
    pool.submit(
            () -> {
              stored[0] = counter::incrementAndGet;
              stored[1] = list::clear;
            })
        .get();
    list.add(1);
    stored[0].run();
    stored[1].run();
    return all(counter, list);
  }

  @Runs(AWAY)
  static Object threadsStartedByReference(ExecutorService pool) throws Exception {
    int[] slots = new int[4];
    AtomicInteger counter = new AtomicInteger();
    pool.submit(
            () -> {
              List<Thread> threads = new ArrayList<>();
              for (int i = 0; i < 4; i++) {
                int n = i;
                threads.add(
                    new Thread(
                        () -> {
                          slots[n] = n + 1;
                          counter.incrementAndGet();
                        }));
              }
              threads.forEach(Thread::start);
              for (Thread t : threads) {
                t.join();
              }
              return null;
            })
        .get();
    return all(slots, counter);
  }

  @Runs(EITHER)
  static Object propertySetByReference(ExecutorService pool) throws Exception {
    try {
      pool.submit(
              () -> {
                BiFunction<String, String, String> set = System::setProperty;
                set.apply("dev.martlet.programs.reference", "set");
              })
          .get();
      return System.getProperty("dev.martlet.programs.reference");
    } finally {
      System.clearProperty("dev.martlet.programs.reference");
    }
  }

  // ---- operations whose arguments live on ----

  @Runs(AWAY)
  static Object batchesFlushed(ExecutorService pool) throws Exception {
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    Vector<Integer> vector = new Vector<>();
    pool.submit(
            () -> {
              List<Integer> batch = new ArrayList<>();
              Map<Integer, Integer> local = new HashMap<>();
              for (int i = 0; i < 10; i++) {
                batch.add(i);
                local.put(i, -i);
                if (batch.size() == 3) {
                  queue.addAll(batch);
                  list.addAll(batch);
                  vector.addAll(batch);
                  map.putAll(local);
                  batch.clear();
                  local.clear();
                }
              }
            })
        .get();
    return all(new ArrayList<>(queue), new ArrayList<>(list), vector, new TreeMap<>(map));
  }

  @Runs(AWAY)
  static Object charactersReused(ExecutorService pool) throws Exception {
    StringBuffer text = new StringBuffer();
    StringWriter writer = new StringWriter();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    pool.submit(
            () -> {
              char[] chars = new char[3];
              byte[] raw = new byte[3];
              StringBuilder line = new StringBuilder();
              for (int i = 0; i < 3; i++) {
                Arrays.fill(chars, (char) ('a' + i));
                Arrays.fill(raw, (byte) ('0' + i));
                line.setLength(0);
                line.append(i);
                text.append(chars);
                text.append(line);
                text.append((Object) line);
                writer.write(chars, 0, 2);
                writer.append(line);
                bytes.write(raw, 0, 2);
              }
            })
        .get();
    return all(text.toString(), writer.toString(), bytes.toString());
  }

  @Runs(EITHER)
  static Object lambdasOfUpdates(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
    AtomicInteger max = new AtomicInteger();
    Object seen =
        pool.submit(
                () -> {
                  List<String> called = new ArrayList<>();
                  int[] step = {1};
                  for (int i = 0; i < 4; i++) {
                    step[0] = i + 1;
                    map.merge("k", step[0], (a, b) -> a * 10 + step[0]);
                    map.compute(
                        "c",
                        (k, v) -> {
                          called.add(k);
                          return v == null ? step[0] : v + step[0];
                        });
                    max.accumulateAndGet(step[0], (a, b) -> Math.max(a, b + step[0]));
                    max.updateAndGet(x -> x + step[0]);
                  }
                  return called;
                })
            .get();
    return all(new TreeMap<>(map), max, seen);
  }

  @Runs(EITHER)
  static Object lambdasThatThrow(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>(Map.of("a", 1));
    AtomicInteger counter = new AtomicInteger(3);
    Object first =
        outcome(
            pool.submit(
                () -> {
                  counter.updateAndGet(
                      x -> {
                        throw new IllegalStateException("no");
                      });
                }));
    Object caught =
        pool.submit(
                () -> {
                  try {
                    map.computeIfPresent(
                        "a",
                        (k, v) -> {
                          throw new IllegalStateException("not this");
                        });
                    return "went on";
                  } catch (IllegalStateException e) {
                    return e.getMessage();
                  }
                })
            .get();
    return all(first, caught, counter, map);
  }

  @Runs(EITHER)
  static Object computedFromShared(ExecutorService pool) throws Exception {
    Map<String, Integer> weights = new HashMap<>(Map.of("a", 2, "b", 3));
    ConcurrentHashMap<String, List<Integer>> groups = new ConcurrentHashMap<>();
    each(
        pool,
        6,
        i ->
            () ->
                groups
                    .compute(
                        i % 2 == 0 ? "a" : "b",
                        (k, v) -> {
                          List<Integer> l = v == null ? new ArrayList<>() : v;
                          l.add(weights.get(k) * i);
                          return l;
                        })
                    .size());
    each(
        pool,
        6,
        i ->
            () ->
                groups.compute(
                    i % 2 == 0 ? "a" : "b",
                    (k, v) -> {
                      List<Integer> l = v == null ? new ArrayList<>() : v;
                      l.add(weights.get(k) * i + 100);
                      return l;
                    }));
    groups.values().forEach(Collections::sort);
    return new TreeMap<>(groups);
  }

  @Runs(EITHER)
  static Object comparatorAndPredicateArguments(ExecutorService pool) throws Exception {
    List<Integer> list = new CopyOnWriteArrayList<>(List.of(5, 3, 4, 1, 2));
    Vector<Integer> vector = new Vector<>(List.of(5, 3, 4, 1, 2));
    ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>(Map.of(1, 1, 2, 2, 3, 3));
    List<Integer> log = new ArrayList<>();
    pool.submit(
            () -> {
              list.sort((a, b) -> b - a);
              vector.sort(null);
              vector.removeIf(x -> x == 3);
              list.replaceAll(x -> x * 2);
              map.forEach((k, v) -> log.add(k + v));
              map.replaceAll((k, v) -> v * 100);
              map.values().removeIf(v -> v == 200);
            })
        .get();
    return all(list, vector, map, log);
  }

  @Runs(AWAY)
  static Object graphPublished(ExecutorService pool) throws Exception {
    List<Integer> old = new ArrayList<>(List.of(1));
    Object[] slots = new Object[2];
    AtomicReference<Object[]> ref = new AtomicReference<>();
    pool.submit(
            () -> {
              List<Integer> fresh = new ArrayList<>(List.of(2));
              Object[] graph = {old, fresh, slots};
              ref.set(graph);
              fresh.add(3);
              old.add(4);
              slots[0] = fresh;
              slots[1] = graph;
            })
        .get();
    Object[] graph = ref.get();
    return all(
        graph[0] == old, graph[1] == slots[0], graph[2] == slots, slots[1] == graph, old, graph[1]);
  }

  // ---- the JDK's own objects around synchronising ones ----

  @Runs(EITHER)
  static Object writersAroundStringWriter(ExecutorService pool) throws Exception {
    StringWriter text = new StringWriter();
    PrintWriter printer = new PrintWriter(text, true);
    BufferedWriter buffered = new BufferedWriter(text);
    Formatter formatter = new Formatter(text);
    pool.submit(
            () -> {
              printer.println("printed");
              buffered.write("buffered");
              buffered.newLine();
              buffered.flush();
              formatter.format("%05d", 42);
              formatter.flush();
              return null;
            })
        .get();
    pool.submit(
            () -> {
              buffered.write("later");
              return null;
            })
        .get();
    buffered.flush();
    return text.toString();
  }

  @Runs(EITHER)
  static Object streamsAroundByteArray(ExecutorService pool) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    PrintStream print = new PrintStream(bytes, true);
    pool.submit(
            () -> {
              data.writeInt(0x41424344);
              print.print("text");
              print.printf("%d", 7);
              return null;
            })
        .get();
    return all(bytes.toString(), data.size());
  }

  @Runs(EITHER)
  static Object formatterOverStringBuffer(ExecutorService pool) throws Exception {
    StringBuffer buffer = new StringBuffer();
    Formatter formatter = new Formatter(buffer);
    StringBuilder builder = new StringBuilder();
    Formatter other = new Formatter(builder);
    pool.submit(
            () -> {
              formatter.format("%s-%d", "a", 1);
              other.format("%s-%d", "b", 2);
            })
        .get();
    return all(buffer.toString(), builder.toString());
  }

  @Runs(EITHER)
  static Object scannersAndTokenizers(ExecutorService pool) throws Exception {
    Scanner scanner = new Scanner("1 2 3 4");
    StringTokenizer tokens = new StringTokenizer("a b c");
    ByteArrayInputStream bytes = new ByteArrayInputStream(new byte[] {1, 2, 3});
    Object a = pool.submit(() -> scanner.nextInt()).get();
    Object b = pool.submit(() -> tokens.nextToken()).get();
    Object c = pool.submit(() -> bytes.read()).get();
    return all(a, b, c, scanner.nextInt(), tokens.nextToken(), bytes.read());
  }

  @Runs(EITHER)
  static Object legacyCollections(ExecutorService pool) throws Exception {
    Hashtable<String, Integer> table = new Hashtable<>();
    Properties properties = new Properties(new Properties());
    Vector<Integer> vector = new Vector<>();
    each(
        pool,
        5,
        i ->
            () -> {
              table.put("k" + i, i);
              properties.setProperty("p" + i, "v");
              vector.add(i);
              table.merge("sum", i, Integer::sum);
            });
    Enumeration<Integer> elements = vector.elements();
    int count = pool.submit(() -> elements.nextElement() >= 0 ? 1 : 0).get();
    elements.nextElement();
    return all(new TreeMap<>(table), new TreeMap<>(properties), new TreeSet<>(vector), count);
  }

  @Runs(AWAY)
  static Object seededRandomMovesOn(ExecutorService pool) throws Exception {
    Random random = new Random(11);
    int a = pool.submit(() -> random.nextInt()).get();
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8));
    pool.submit(() -> Collections.shuffle(list, random)).get();
    int[] b = pool.submit(() -> random.ints(3).toArray()).get();
    pool.submit(() -> random.setSeed(5)).get();
    return all(a, list, b, random.nextInt());
  }

  @Runs(AWAY)
  static Object gaussiansComeInPairs(ExecutorService pool) throws Exception {
    Random random = new Random(11);
    List<Object> drawn = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      drawn.add(pool.submit(() -> random.nextGaussian()).get());
      drawn.add(pool.submit(() -> random.nextInt()).get());
    }
    drawn.add(random.nextGaussian());
    drawn.add(pool.submit(() -> random.nextGaussian()).get());
    pool.submit(() -> random.setSeed(5)).get();
    return all(drawn, random.nextGaussian());
  }

  @Runs(EITHER)
  static Object collectorsIntoShared(ExecutorService pool) throws Exception {
    ConcurrentHashMap<Integer, List<Integer>> shared = new ConcurrentHashMap<>();
    List<Integer> synced = Collections.synchronizedList(new ArrayList<>());
    pool.submit(
            () -> {
              IntStream.range(0, 6)
                  .boxed()
                  .collect(Collectors.groupingBy(x -> x % 2, () -> shared, Collectors.toList()));
              IntStream.range(0, 6).boxed().collect(Collectors.toCollection(() -> synced));
              Collections.addAll(synced, 7, 8, 9);
            })
        .get();
    return all(new TreeMap<>(shared), new ArrayList<>(synced));
  }

  @Runs(AWAY)
  static Object parallelStreamReleases(ExecutorService pool) throws Exception {
    AtomicInteger counter = new AtomicInteger();
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    int[] slots = new int[200];
    each(
        pool,
        2,
        t ->
            () ->
                IntStream.range(t * 100, t * 100 + 100)
                    .parallel()
                    .forEach(
                        i -> {
                          counter.incrementAndGet();
                          queue.add(i);
                          slots[i] = i;
                        }));
    return all(counter, queue.stream().sorted().toList(), slots);
  }

  @Runs(AWAY)
  static Object nestedTasksRelease(ExecutorService pool) throws Exception {
    AtomicInteger counter = new AtomicInteger();
    int[] slots = new int[12];
    each(
        pool,
        3,
        t ->
            () -> {
              try {
                each(
                    pool,
                    4,
                    i ->
                        () -> {
                          slots[t * 4 + i] = i + 1;
                          counter.addAndGet(i);
                        });
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    return all(counter, slots);
  }

  // ---- behind the back of the byte code ----

  static final class Cell {
    volatile int counted;
    int plain;
  }

  private static final AtomicIntegerFieldUpdater<Cell> COUNTED =
      AtomicIntegerFieldUpdater.newUpdater(Cell.class, "counted");

  @Runs(EITHER)
  static Object fieldUpdaters(ExecutorService pool) throws Exception {
    Cell cell = new Cell();
    each(pool, 8, i -> () -> COUNTED.incrementAndGet(cell));
    return cell.counted;
  }

  @Runs(EITHER)
  static Object varHandlesMadeInTasks(ExecutorService pool) throws Exception {
    Cell cell = new Cell();
    int[] array = new int[3];
    collect(
        pool,
        8,
        i ->
            () -> {
              VarHandle v = MethodHandles.lookup().findVarHandle(Cell.class, "counted", int.class);
              VarHandle a = MethodHandles.arrayElementVarHandle(int[].class);
              int unused = (int) v.getAndAdd(cell, 1);
              unused += (int) a.getAndAdd(array, i % 3, 1);
              return unused * 0;
            });
    return all(cell.counted, array);
  }

  @Runs(AWAY)
  static Object volatileWrittenByConstructor(ExecutorService pool) throws Exception {
    Cell cell = new Cell();
    pool.submit(
            () -> {
              new Marker(cell, 5);
            })
        .get();
    return cell.counted;
  }

  static final class Marker {
    Marker(Cell cell, int value) {
      cell.counted = value;
    }
  }

  @Runs(AWAY)
  static Object exceptionsExtended(ExecutorService pool) throws Exception {
    Exception shared = new Exception("first");
    Exception late = new Exception("second", null) {};
    pool.submit(() -> shared.addSuppressed(new IllegalStateException("more"))).get();
    IllegalStateException open = new IllegalStateException("open");
    pool.submit(() -> open.initCause(shared)).get();
    return all(shared.getSuppressed().length, open.getCause() == shared, late.getCause());
  }

  @Runs(AWAY)
  static Object identityCollections(ExecutorService pool) throws Exception {
    String a = new String("x");
    String b = new String("x");
    List<Integer> c = new ArrayList<>();
    Map<Object, Integer> map = new IdentityHashMap<>();
    map.put(a, 1);
    map.put(c, 3);
    pool.submit(
            () -> {
              map.put(b, 2);
              c.add(1);
              map.merge(c, 4, Integer::sum);
            })
        .get();
    return all(map.get(a), map.get(b), map.get(c), map.size());
  }
}
