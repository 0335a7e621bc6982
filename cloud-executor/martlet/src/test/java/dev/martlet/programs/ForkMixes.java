package dev.martlet.programs;

import java.lang.ref.WeakReference;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Trees of tasks, futures, streams and locks in one program. */
@SuppressWarnings("serial")
final class ForkMixes {
  private ForkMixes() {}

  static class Doubling extends RecursiveTask<Integer> {
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static int total;
    private final int n;

    Doubling(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n <= 1) {
        LOCK.lock();
        try {
          return ++total;
        } finally {
          LOCK.unlock();
        }
      }
      Doubling l = new Doubling(n / 2);
      Doubling r = new Doubling(n - n / 2);
      l.fork();
      return Math.max(r.compute(), l.join());
    }
  }

  @Forks
  static Object staticLock(ForkJoinPool pool) {
    Doubling.total = 0;
    return List.of(pool.invoke(new Doubling(33)), Doubling.total);
  }

  static class Once extends RecursiveTask<String> {
    private static volatile Map<String, String> config;
    private static final AtomicInteger loads = new AtomicInteger();
    private final int n;

    Once(int n) {
      this.n = n;
    }

    static Map<String, String> config() {
      Map<String, String> c = config;
      if (c == null) {
        synchronized (Once.class) {
          c = config;
          if (c == null) {
            loads.incrementAndGet();
            c = Map.of("key", "value");
            config = c;
          }
        }
      }
      return c;
    }

    @Override
    protected String compute() {
      if (n == 0) {
        return config().get("key");
      }
      Once a = new Once(n - 1);
      Once b = new Once(n - 1);
      invokeAll(a, b);
      return a.join().equals(b.join()) ? a.join() : "differ";
    }
  }

  @Forks
  static Object lazyConfiguration(ForkJoinPool pool) {
    Once.config = null;
    Once.loads.set(0);
    return List.of(pool.invoke(new Once(4)), Once.loads.get());
  }

  @Forks
  static Object producersAndConsumers(ForkJoinPool pool) throws Exception {
    BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    ForkJoinTask<?> producer =
        pool.submit(
            () -> {
              for (int i = 0; i < 50; i++) {
                queue.add(i);
              }
              queue.add(-1);
            });
    ForkJoinTask<Integer> consumer =
        pool.submit(
            () -> {
              int sum = 0;
              for (int n = queue.take(); n >= 0; n = queue.take()) {
                sum += n;
              }
              return sum;
            });
    producer.join();
    return List.of(consumer.get(30, TimeUnit.SECONDS), queue.size());
  }

  @Forks
  static Object barriersAndLatches(ForkJoinPool pool) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(3);
    CountDownLatch started = new CountDownLatch(3);
    Semaphore permits = new Semaphore(2);
    Phaser phaser = new Phaser(1);
    int[] slots = new int[3];
    List<ForkJoinTask<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int n = i;
      phaser.register();
      tasks.add(
          pool.submit(
              () -> {
                started.countDown();
                barrier.await(30, TimeUnit.SECONDS);
                permits.acquire();
                slots[n] = n + 1;
                permits.release();
                phaser.arriveAndDeregister();
                return n;
              }));
    }
    started.await(30, TimeUnit.SECONDS);
    phaser.arriveAndAwaitAdvance();
    int sum = 0;
    for (ForkJoinTask<Integer> t : tasks) {
      sum += t.get();
    }
    return List.of(sum, slots, permits.availablePermits());
  }

  static class Linked extends RecursiveTask<Integer> {
    final Linked previous;
    final int n;

    Linked(Linked previous, int n) {
      this.previous = previous;
      this.n = n;
    }

    @Override
    protected Integer compute() {
      return n + (previous == null ? 0 : previous.join());
    }
  }

  @Forks
  static Object tasksThatJoinElderOnes(ForkJoinPool pool) {
    Linked last = null;
    for (int i = 0; i < 20; i++) {
      last = new Linked(last, i);
      pool.execute(last);
    }
    return last.join();
  }

  static class Graph extends RecursiveTask<Integer> {
    final Graph[] needs;
    final int weight;

    Graph(int weight, Graph... needs) {
      this.weight = weight;
      this.needs = needs;
    }

    @Override
    protected Integer compute() {
      int most = 0;
      for (Graph g : needs) {
        most = Math.max(most, g.join());
      }
      return most + weight;
    }
  }

  @Forks
  static Object dependencyGraph(ForkJoinPool pool) {
    Graph a = new Graph(3);
    Graph b = new Graph(2, a);
    Graph c = new Graph(7, a);
    Graph d = new Graph(1, b, c);
    for (Graph g : new Graph[] {a, b, c, d}) {
      pool.execute(g);
    }
    return List.of(d.join(), c.getRawResult(), b.join());
  }

  static class Streaming extends RecursiveTask<Map<Integer, Long>> {
    private final List<String> words;

    Streaming(List<String> words) {
      this.words = words;
    }

    @Override
    protected Map<Integer, Long> compute() {
      if (words.size() < 10) {
        return words.parallelStream()
            .collect(Collectors.groupingBy(String::length, Collectors.counting()));
      }
      Streaming l = new Streaming(words.subList(0, words.size() / 2));
      Streaming r = new Streaming(words.subList(words.size() / 2, words.size()));
      invokeAll(l, r);
      return Stream.of(l.join(), r.join())
          .flatMap(m -> m.entrySet().stream())
          .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Long::sum));
    }
  }

  @Forks
  static Object treesOfStreams(ForkJoinPool pool) {
    List<String> words = IntStream.range(0, 100).mapToObj(i -> "w".repeat(i % 7)).toList();
    return new TreeMap<>(pool.invoke(new Streaming(words)));
  }

  @Forks
  static Object futuresInsideTasks(ForkJoinPool pool) {
    return pool.submit(
            () -> {
              CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 6, pool);
              CompletableFuture<Integer> b = a.thenApplyAsync(n -> n * 7, pool);
              ForkJoinTask<Integer> c = ForkJoinTask.adapt(() -> 1).fork();
              return b.join() + c.join();
            })
        .join();
  }

  @Forks
  static Object futuresThatFailAndRecover(ForkJoinPool pool) {
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Object> f =
        CompletableFuture.supplyAsync(
                () -> {
                  if (!pool.isShutdown()) {
                    throw new IllegalStateException("first");
                  }
                  return 1;
                },
                pool)
            .exceptionallyAsync(e -> -1, pool)
            .thenCombineAsync(CompletableFuture.supplyAsync(() -> 5, pool), Integer::sum, pool)
            .whenCompleteAsync((n, e) -> seen.add("completed " + n), pool)
            .thenComposeAsync(n -> CompletableFuture.supplyAsync(() -> n * 10, pool), pool)
            .thenApplyAsync(n -> (Object) n, pool);
    CompletableFuture<Void> all =
        CompletableFuture.allOf(
            f.thenAcceptAsync(n -> seen.add("accepted " + n), pool),
            CompletableFuture.runAsync(() -> seen.add("ran"), pool));
    all.join();
    Object first = f.join();
    return List.of(first, seen.stream().map(String::valueOf).sorted().toList());
  }

  @Forks
  static Object environmentOfTasks(ForkJoinPool pool) {
    Locale former = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    System.setProperty("fork.mixes", "set");
    try {
      class Look extends RecursiveTask<List<Object>> {
        @Override
        protected List<Object> compute() {
          return List.of(
              Locale.getDefault(),
              System.getProperty("fork.mixes"),
              String.format("%.2f", 1.5),
              LocalDate.of(2020, 1, 2).getDayOfWeek(),
              Thread.currentThread().getContextClassLoader() != null);
        }
      }
      return String.valueOf(pool.invoke(new Look()));
    } finally {
      Locale.setDefault(former);
      System.clearProperty("fork.mixes");
    }
  }

  static class Collects extends RecursiveAction {
    final Map<String, List<Integer>> byKey;
    final int from;
    final int to;

    Collects(Map<String, List<Integer>> byKey, int from, int to) {
      this.byKey = byKey;
      this.from = from;
      this.to = to;
    }

    @Override
    protected void compute() {
      if (to - from > 10) {
        int mid = (from + to) / 2;
        Collects l = new Collects(byKey, from, mid);
        l.fork();
        l.join(); // one after the other: the lists are in order
        new Collects(byKey, mid, to).compute();
        return;
      }
      for (int i = from; i < to; i++) {
        byKey.computeIfAbsent("k" + i % 3, k -> new ArrayList<>()).add(i);
      }
    }
  }

  @Forks
  static Object plainMapInTurn(ForkJoinPool pool) {
    Map<String, List<Integer>> map = new HashMap<>();
    pool.invoke(new Collects(map, 0, 60));
    return map;
  }

  static class Slots extends RecursiveAction {
    final AtomicReferenceArray<String> slots;
    final Optional<String>[] optionals;
    final int at;

    Slots(AtomicReferenceArray<String> slots, Optional<String>[] optionals, int at) {
      this.slots = slots;
      this.optionals = optionals;
      this.at = at;
    }

    @Override
    protected void compute() {
      if (at < 0) {
        List<Slots> all = new ArrayList<>();
        for (int i = 0; i < slots.length(); i++) {
          all.add(new Slots(slots, optionals, i));
        }
        ForkJoinTask.invokeAll(all);
      } else {
        slots.set(at, "slot " + at);
        optionals[at] = at % 2 == 0 ? Optional.of("even") : Optional.empty();
      }
    }
  }

  @Forks
  @SuppressWarnings("unchecked")
  static Object atomicSlots(ForkJoinPool pool) {
    AtomicReferenceArray<String> slots = new AtomicReferenceArray<>(12);
    Optional<String>[] optionals = (Optional<String>[]) new Optional<?>[12];
    pool.invoke(new Slots(slots, optionals, -1));
    return List.of(slots.toString(), Arrays.toString(optionals));
  }

  static class Ranges<T> extends RecursiveTask<List<T>> {
    final int from;
    final int to;
    final IntFunction<? extends T> f;

    Ranges(int from, int to, IntFunction<? extends T> f) {
      this.from = from;
      this.to = to;
      this.f = f;
    }

    @Override
    protected List<T> compute() {
      if (to - from <= 2) {
        List<T> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
          all.add(f.apply(i));
        }
        return all;
      }
      int mid = (from + to) >>> 1;
      var l = new Ranges<T>(from, mid, f);
      var r = new Ranges<T>(mid, to, f);
      invokeAll(l, r);
      List<T> all = new ArrayList<>(l.join());
      all.addAll(r.join());
      return all;
    }
  }

  @Forks
  static Object helperWithManyFunctions(ForkJoinPool pool) {
    AtomicInteger ids = new AtomicInteger();
    Map<Integer, Integer> cache = new ConcurrentHashMap<>();
    int[] seen = new int[20];
    String prefix = "p";
    return Arrays.asList(
        pool.invoke(new Ranges<>(0, 20, i -> prefix + i)),
        pool.invoke(new Ranges<>(0, 20, i -> ids.incrementAndGet())).stream().sorted().toList(),
        pool.invoke(new Ranges<>(0, 20, Integer::toBinaryString)),
        pool.invoke(new Ranges<>(0, 20, i -> seen[i] = i * i)),
        pool.invoke(new Ranges<>(0, 20, i -> cache.computeIfAbsent(i % 4, k -> k * 10))),
        pool.invoke(new Ranges<>(0, 20, i -> (Function<Integer, Integer>) n -> n + i))
            .get(7)
            .apply(1),
        pool.invoke(new Ranges<>(0, 3, i -> null)),
        seen,
        new TreeMap<>(cache));
  }

  static class Cyclic extends RecursiveTask<Integer> {
    Cyclic self = this;
    final Map<Object, String> names = new IdentityHashMap<>();
    final Object key = new Object();

    @Override
    protected Integer compute() {
      names.put(key, "key");
      names.put(self, "self");
      return names.size() + (self == this ? 10 : 0) + names.get(this).length();
    }
  }

  @Forks
  static Object tasksThatReferToThemselves(ForkJoinPool pool) {
    Cyclic c = new Cyclic();
    return List.of(pool.invoke(c), c.names.size(), c.names.get(c.key), c.self == c);
  }

  static class Weak extends RecursiveTask<Boolean> {
    final WeakReference<List<Integer>> reference;
    final List<Integer> list;
    final Map<String, Integer> weak = new WeakHashMap<>();

    Weak(List<Integer> list) {
      this.list = list;
      this.reference = new WeakReference<>(list);
    }

    @Override
    protected Boolean compute() {
      list.add(4);
      return reference.get() == list;
    }
  }

  @Forks
  static Object weakReferences(ForkJoinPool pool) {
    List<Integer> list = new ArrayList<>(List.of(1));
    return List.of(pool.invoke(new Weak(list)), list);
  }

  interface Listener {
    void done(String what);
  }

  static class Notifies extends RecursiveAction {
    final List<Listener> listeners;
    final Consumer<String> sink;
    final int n;

    Notifies(List<Listener> listeners, Consumer<String> sink, int n) {
      this.listeners = listeners;
      this.sink = sink;
      this.n = n;
    }

    @Override
    protected void compute() {
      if (n == 0) {
        listeners.forEach(l -> l.done("leaf"));
        sink.accept("sunk");
        return;
      }
      new Notifies(listeners, sink, n - 1).invoke();
      new Notifies(listeners, sink, n - 1).invoke();
    }
  }

  @Forks
  static Object listeners(ForkJoinPool pool) {
    List<String> heard = new ArrayList<>();
    int[] count = new int[1];
    pool.invoke(new Notifies(List.of(heard::add, s -> count[0] += s.length()), heard::add, 3));
    return List.of(heard, count);
  }

  @Forks
  static Object invokeAnyOfSome(ForkJoinPool pool) throws Exception {
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int n = i;
      calls.add(
          () -> {
            if (n != 3) {
              throw new IllegalStateException("not " + n);
            }
            return "third";
          });
    }
    return List.of(
        pool.invokeAny(calls),
        pool.invokeAny(calls, 30, TimeUnit.SECONDS),
        ForkContracts.thrown(() -> pool.invokeAny(calls.subList(0, 1))));
  }
}
