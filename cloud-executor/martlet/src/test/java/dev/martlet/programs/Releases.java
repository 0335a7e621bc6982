package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Tasks that publish to shared concurrent objects, and look at nothing there. */
final class Releases {
  private Releases() {}

  private static <T extends Comparable<T>> List<T> sorted(Iterable<T> values) {
    List<T> list = new ArrayList<>();
    values.forEach(list::add);
    Collections.sort(list);
    return list;
  }

  @Runs(AWAY)
  static Object atomicIncrements(ExecutorService pool) throws Exception {
    AtomicInteger count = new AtomicInteger(5);
    AtomicLong sum = new AtomicLong();
    each(
        pool,
        100,
        i ->
            () -> {
              count.incrementAndGet();
              sum.addAndGet(i);
            });
    return all(count, sum);
  }

  @Runs(AWAY)
  static Object atomicOperationsOfEveryKind(ExecutorService pool) throws Exception {
    AtomicInteger a = new AtomicInteger();
    AtomicInteger b = new AtomicInteger(100);
    AtomicInteger c = new AtomicInteger(1);
    AtomicInteger d = new AtomicInteger();
    each(
        pool,
        20,
        i ->
            () -> {
              a.getAndAdd(2);
              b.decrementAndGet();
              c.updateAndGet(x -> x + 3);
              d.accumulateAndGet(i, Math::max);
            });
    return all(a, b, c, d);
  }

  @Runs(AWAY)
  static Object adders(ExecutorService pool) throws Exception {
    LongAdder adder = new LongAdder();
    DoubleAdder doubles = new DoubleAdder();
    LongAccumulator max = new LongAccumulator(Long::max, Long.MIN_VALUE);
    each(
        pool,
        64,
        i ->
            () -> {
              adder.add(i);
              adder.increment();
              doubles.add(0.5);
              max.accumulate(i * 37 % 64);
            });
    return all(adder, doubles, max);
  }

  @Runs(AWAY)
  static Object manyIncrementsInOneTask(ExecutorService pool) throws Exception {
    AtomicInteger count = new AtomicInteger();
    each(
        pool,
        4,
        i ->
            () -> {
              for (int j = 0; j < 10_000; j++) {
                count.incrementAndGet();
              }
            });
    return count;
  }

  @Runs(AWAY)
  static Object concurrentMapMerge(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();
    String[] lines = {"a b a", "b c", "a c c c", "d", "a b c d"};
    each(
        pool,
        lines.length,
        i ->
            () -> {
              for (String word : lines[i].split(" ")) {
                counts.merge(word, 1, Integer::sum);
              }
            });
    return counts;
  }

  @Runs(AWAY)
  static Object concurrentMapPut(ExecutorService pool) throws Exception {
    ConcurrentMap<Integer, String> map = new ConcurrentHashMap<>();
    each(
        pool,
        50,
        i ->
            () -> {
              map.put(i, "v" + i);
            });
    return map;
  }

  @Runs(AWAY)
  static Object concurrentMapCompute(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Integer> map = new ConcurrentHashMap<>();
    map.put("k2", 1000);
    map.put("gone", 1);
    each(
        pool,
        30,
        i ->
            () -> {
              map.compute("k" + i % 3, (k, v) -> v == null ? i : v + i);
              map.remove("gone");
            });
    return map;
  }

  @Runs(AWAY)
  static Object concurrentMapOfOwnObjects(ExecutorService pool) throws Exception {
    record Result(int n, List<Integer> divisors) {}
    Map<Integer, Result> results = new ConcurrentHashMap<>();
    each(
        pool,
        20,
        i ->
            () -> {
              List<Integer> divisors = new ArrayList<>();
              for (int d = 1; d <= i; d++) {
                if (i % d == 0) {
                  divisors.add(d);
                }
              }
              results.put(i, new Result(i, divisors));
            });
    return results;
  }

  @Runs(AWAY)
  static Object synchronizedListAdd(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    each(
        pool,
        40,
        i ->
            () -> {
              list.add(i);
            });
    return all(list.size(), sorted(list));
  }

  @Runs(AWAY)
  static Object synchronizedMapPut(ExecutorService pool) throws Exception {
    Map<String, Integer> map = Collections.synchronizedMap(new HashMap<>());
    each(
        pool,
        40,
        i ->
            () -> {
              map.put("k" + i, i);
            });
    return map;
  }

  @Runs(AWAY)
  static Object vectorAdd(ExecutorService pool) throws Exception {
    Vector<String> vector = new Vector<>();
    each(
        pool,
        30,
        i ->
            () -> {
              vector.add("e" + i);
              vector.addElement("f" + i);
            });
    return sorted(vector);
  }

  @Runs(AWAY)
  static Object queues(ExecutorService pool) throws Exception {
    ConcurrentLinkedQueue<Integer> queue = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedDeque<Integer> deque = new ConcurrentLinkedDeque<>();
    LinkedBlockingQueue<Integer> blocking = new LinkedBlockingQueue<>();
    each(
        pool,
        30,
        i ->
            () -> {
              queue.add(i);
              deque.offerLast(-i);
              blocking.offer(i * 10);
            });
    return all(sorted(queue), sorted(deque), sorted(blocking));
  }

  @Runs(AWAY)
  static Object copyOnWrite(ExecutorService pool) throws Exception {
    CopyOnWriteArrayList<Integer> list = new CopyOnWriteArrayList<>();
    CopyOnWriteArraySet<Integer> set = new CopyOnWriteArraySet<>();
    each(
        pool,
        30,
        i ->
            () -> {
              list.add(i);
              set.add(i % 5);
            });
    return all(sorted(list), sorted(set));
  }

  @Runs(AWAY)
  static Object skipLists(ExecutorService pool) throws Exception {
    ConcurrentSkipListMap<Integer, String> map = new ConcurrentSkipListMap<>();
    ConcurrentSkipListSet<String> set = new ConcurrentSkipListSet<>();
    each(
        pool,
        30,
        i ->
            () -> {
              map.put(i, "s" + i);
              set.add("x" + i % 4);
            });
    return all(map, set);
  }

  @Runs(AWAY)
  static Object newKeySet(ExecutorService pool) throws Exception {
    var set = ConcurrentHashMap.<String>newKeySet();
    each(
        pool,
        30,
        i ->
            () -> {
              set.add("w" + i % 11);
            });
    return set;
  }

  @Runs(AWAY)
  static Object countDown(ExecutorService pool) throws Exception {
    CountDownLatch latch = new CountDownLatch(10);
    int[] slots = new int[10];
    for (int i = 0; i < 10; i++) {
      int n = i;
      pool.execute(
          () -> {
            slots[n] = n + 1;
            latch.countDown();
          });
    }
    return all(latch.await(30, TimeUnit.SECONDS), slots);
  }

  @Runs(AWAY)
  static Object countDownInFinally(ExecutorService pool) throws Exception {
    CountDownLatch latch = new CountDownLatch(3);
    List<Object> outcomes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int n = i;
      outcomes.add(
          outcome(
              pool.submit(
                  () -> {
                    try {
                      return 10 / (n - 1);
                    } finally {
                      latch.countDown();
                    }
                  })));
    }
    return all(latch.await(30, TimeUnit.SECONDS), outcomes);
  }

  @Runs(AWAY)
  static Object promiseKept(ExecutorService pool) throws Exception {
    CompletableFuture<String> promise = new CompletableFuture<>();
    CompletableFuture<Integer> length = promise.thenApply(String::length);
    CompletableFuture<Object> broken = new CompletableFuture<>();
    pool.execute(
        () -> {
          promise.complete("kept");
          broken.completeExceptionally(new IllegalStateException("broken"));
        });
    return all(
        promise.get(30, TimeUnit.SECONDS), length.get(30, TimeUnit.SECONDS), outcome(broken));
  }

  @Runs(AWAY)
  static Object atomicArray(ExecutorService pool) throws Exception {
    AtomicIntegerArray array = new AtomicIntegerArray(4);
    each(
        pool,
        40,
        i ->
            () -> {
              array.incrementAndGet(i % 4);
            });
    return array;
  }

  @Runs(AWAY)
  static Object references(ExecutorService pool) throws Exception {
    AtomicReference<List<String>> reference = new AtomicReference<>(List.of());
    AtomicBoolean flag = new AtomicBoolean();
    List<String> mine = new ArrayList<>(List.of("mine"));
    pool.submit(
            () -> {
              mine.add("more");
              reference.set(mine);
              flag.set(true);
            })
        .get();
    return all(reference.get() == mine, reference, flag);
  }

  private static final class Progress {
    volatile int percent;
    volatile String message = "";
    int total;
  }

  @Runs(EITHER)
  static Object volatileFieldWritten(ExecutorService pool) throws Exception {
    Progress progress = new Progress();
    pool.submit(
            () -> {
              progress.total = 7;
              progress.message = "done";
              progress.percent = 100;
            })
        .get();
    return progress;
  }

  private static final AtomicInteger DONE = new AtomicInteger();
  private static final Map<String, Integer> CACHE = new ConcurrentHashMap<>();

  @Runs(AWAY)
  static Object staticAtomics(ExecutorService pool) throws Exception {
    DONE.set(0);
    CACHE.clear();
    each(
        pool,
        25,
        i ->
            () -> {
              DONE.incrementAndGet();
              CACHE.put("k" + i % 7, i % 7);
            });
    return all(DONE, CACHE);
  }

  private static final class Stats {
    private final LongAdder calls = new LongAdder();
    private final ConcurrentHashMap<String, LongAdder> byName = new ConcurrentHashMap<>();

    Stats(String... names) {
      Arrays.stream(names).forEach(n -> byName.put(n, new LongAdder()));
    }

    void called(String name) {
      calls.increment();
      byName.get(name).increment();
    }
  }

  @Runs(EITHER)
  static Object addersInsideConcurrentMap(ExecutorService pool) throws Exception {
    Stats stats = new Stats("a", "b");
    each(pool, 20, i -> () -> stats.called(i % 3 == 0 ? "a" : "b"));
    return all(stats.calls, stats.byName);
  }

  @Runs(EITHER)
  static Object computeIfAbsentThenAdd(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    each(
        pool, 30, i -> () -> counts.computeIfAbsent("k" + i % 4, k -> new LongAdder()).increment());
    return counts;
  }

  @Runs(AWAY)
  static Object plainWritesBeforeRelease(ExecutorService pool) throws Exception {
    List<int[]> boxes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      boxes.add(new int[1]);
    }
    CountDownLatch latch = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      int n = i;
      pool.execute(
          () -> {
            boxes.get(n)[0] = n * n;
            latch.countDown();
          });
    }
    latch.await();
    return boxes;
  }

  @Runs(AWAY)
  static Object orderOfOneTaskIsKept(ExecutorService pool) throws Exception {
    ConcurrentLinkedQueue<String> queue = new ConcurrentLinkedQueue<>();
    AtomicInteger last = new AtomicInteger();
    Map<String, Integer> map = new ConcurrentHashMap<>();
    pool.submit(
            () -> {
              for (int i = 0; i < 50; i++) {
                queue.add("e" + i);
                last.set(i);
                map.put("k", i);
              }
              map.remove("none");
            })
        .get();
    return all(new ArrayList<>(queue), last, map);
  }

  @Runs(AWAY)
  static Object sameObjectPublished(ExecutorService pool) throws Exception {
    Object token = new Object();
    ConcurrentLinkedQueue<Object> queue = new ConcurrentLinkedQueue<>();
    Map<String, Object> map = new ConcurrentHashMap<>();
    pool.submit(
            () -> {
              queue.add(token);
              map.put("t", token);
            })
        .get();
    return all(queue.peek() == token, map.get("t") == token);
  }

  @Runs(AWAY)
  static Object releasedThenThrown(ExecutorService pool) throws Exception {
    AtomicInteger count = new AtomicInteger();
    List<Object> outcomes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int n = i;
      outcomes.add(
          outcome(
              pool.submit(
                  () -> {
                    count.incrementAndGet();
                    if (n % 2 == 1) {
                      throw new java.io.IOException("odd " + n);
                    }
                    count.incrementAndGet();
                    return n;
                  })));
    }
    return all(count, outcomes);
  }

  @Runs(AWAY)
  static Object sortedSetOfResults(ExecutorService pool) throws Exception {
    var found = Collections.synchronizedSortedSet(new TreeSet<Integer>());
    each(
        pool,
        30,
        i ->
            () -> {
              found.add(i * 11 % 30);
            });
    return new ArrayList<>(found);
  }

  @Runs(AWAY)
  static Object stringBufferAppend(ExecutorService pool) throws Exception {
    StringBuffer buffer = new StringBuffer();
    each(
        pool,
        20,
        i ->
            () -> {
              buffer.append('x');
            });
    return buffer;
  }
}
