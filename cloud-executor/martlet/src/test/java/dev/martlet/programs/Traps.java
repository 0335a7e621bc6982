package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicMarkableReference;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicStampedReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Ways to reach shared objects through other code, where an unwatched path would show. */
final class Traps {
  private Traps() {}

  // ---- the JDK calls back ----

  @Runs(EITHER)
  static Object collectorIntoShared(ExecutorService pool) throws Exception {
    Set<Integer> sink = ConcurrentHashMap.newKeySet();
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    each(
        pool,
        4,
        i ->
            () -> {
              Stream.of(i, i + 10).collect(Collectors.toCollection(() -> sink));
              Stream.of(i, i + 10).forEachOrdered(list::add);
              Collections.addAll(queue, i, i + 10);
              IntStream.range(0, 2)
                  .mapToObj(x -> x + i * 100)
                  .collect(Collectors.toCollection(() -> queue));
            });
    Collections.sort(list);
    return all(new TreeSet<>(sink), list, queue.stream().sorted().toList());
  }

  @Runs(EITHER)
  static Object mapForEachIntoShared(ExecutorService pool) throws Exception {
    Map<String, Integer> source = new HashMap<>(Map.of("a", 1, "b", 2));
    ConcurrentMap<String, Integer> target = new ConcurrentHashMap<>();
    LongAdder sum = new LongAdder();
    AtomicLong max = new AtomicLong(Long.MIN_VALUE);
    each(
        pool,
        4,
        i ->
            () -> {
              source.forEach((k, v) -> target.merge(k + i, v, Integer::sum));
              source.values().forEach(sum::add);
              source.values().forEach(v -> max.accumulateAndGet(v * i, Math::max));
              source.forEach(target::putIfAbsent);
            });
    return all(new TreeMap<>(target), sum.sum(), max.get());
  }

  @Runs(EITHER)
  static Object iteratorRemovesFromShared(ExecutorService pool) throws Exception {
    List<Integer> copied = new CopyOnWriteArrayList<>(List.of(1, 2, 3, 4));
    Vector<Integer> vector = new Vector<>(List.of(1, 2, 3, 4));
    ConcurrentSkipListMap<Integer, String> map =
        new ConcurrentSkipListMap<>(Map.of(1, "a", 2, "b", 3, "c"));
    pool.submit(
            () -> {
              copied.removeIf(x -> x % 2 == 0);
              vector.removeIf(x -> x % 2 == 0);
              map.keySet().removeIf(x -> x == 2);
              map.replaceAll((k, v) -> v + k);
              copied.replaceAll(x -> x * 10);
              copied.sort(Comparator.reverseOrder());
            })
        .get();
    return all(copied, vector, map);
  }

  static class Counter {
    private final AtomicInteger n = new AtomicInteger();
    private final Map<String, Integer> byName = new ConcurrentHashMap<>();

    void hit(String name) {
      n.incrementAndGet();
      byName.merge(name, 1, Integer::sum);
    }

    int next() {
      return n.incrementAndGet();
    }

    int get() {
      return n.get();
    }
  }

  @Runs(AWAY)
  static Object serviceWithCounters(ExecutorService pool) throws Exception {
    Counter c = new Counter();
    each(pool, 20, i -> () -> c.hit("n" + i % 3));
    return all(c.get(), new TreeMap<>(c.byName));
  }

  @Runs(HOME)
  static Object idsThroughSupplier(ExecutorService pool) throws Exception {
    Counter c = new Counter();
    Supplier<Integer> ids = c::next;
    return collect(pool, 10, i -> () -> ids.get()).stream().sorted().toList();
  }

  @Runs(HOME)
  static Object idsThroughStream(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    List<Integer> drawn = new ArrayList<>();
    for (List<Integer> l :
        collect(pool, 4, i -> () -> Stream.generate(ids::getAndIncrement).limit(3).toList())) {
      drawn.addAll(l);
    }
    Collections.sort(drawn);
    return drawn;
  }

  static final Function<String, Integer> INTERN = new ConcurrentHashMap<String, Integer>()::get;
  static final AtomicInteger NEXT = new AtomicInteger();
  static final ConcurrentHashMap<String, Integer> IDS = new ConcurrentHashMap<>();

  static int idOf(String s) {
    return IDS.computeIfAbsent(s, k -> NEXT.getAndIncrement());
  }

  @Runs(HOME)
  static Object idsOfNames(ExecutorService pool) throws Exception {
    IDS.clear();
    NEXT.set(0);
    List<Integer> got = collect(pool, 12, i -> () -> idOf("n" + i % 4));
    return all(new TreeSet<>(got), NEXT.get(), INTERN.apply("x"));
  }

  // ---- equality and hashing with state ----

  static final class Touchy {
    static int compared;
    final int n;
    int asked;

    Touchy(int n) {
      this.n = n;
    }

    @Override
    public int hashCode() {
      asked++;
      return n % 2;
    }

    @Override
    public boolean equals(Object o) {
      compared++;
      return o instanceof Touchy t && t.n == n;
    }
  }

  @Sequential
  @Runs(EITHER)
  static Object keysThatCountQuestions(ExecutorService pool) throws Exception {
    Map<Touchy, Integer> map = new HashMap<>();
    Touchy[] keys = {new Touchy(1), new Touchy(3), new Touchy(2)};
    for (Touchy t : keys) {
      map.put(t, t.n);
    }
    int one = pool.submit(() -> map.get(new Touchy(3))).get();
    pool.submit(() -> map.put(new Touchy(5), 5)).get();
    return all(one, map.size(), map.get(new Touchy(5)), map.containsKey(new Touchy(7)));
  }

  static final class Chameleon implements Comparable<Chameleon> {
    int rank;
    final String name;

    Chameleon(int rank, String name) {
      this.rank = rank;
      this.name = name;
    }

    @Override
    public int compareTo(Chameleon o) {
      return Integer.compare(rank, o.rank);
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object elementsThatChangeRank(ExecutorService pool) throws Exception {
    List<Chameleon> list = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      list.add(new Chameleon(i * 5 % 7, "c" + i));
    }
    TreeSet<Chameleon> set = new TreeSet<>(list);
    pool.submit(
            () -> {
              Chameleon first = set.pollFirst();
              first.rank = 100;
              set.add(first);
            })
        .get();
    pool.submit(() -> list.forEach(c -> c.rank *= -1)).get();
    pool.submit(() -> Collections.sort(list)).get();
    return all(list, set.size());
  }

  // ---- operations logged and their arguments ----

  static final class Event {
    int n;
    List<Integer> parts = new ArrayList<>();
  }

  @Runs(AWAY)
  static Object objectsChangedAfterTheyWerePublished(ExecutorService pool) throws Exception {
    Queue<Event> queue = new ConcurrentLinkedQueue<>();
    ConcurrentMap<String, Event> map = new ConcurrentHashMap<>();
    AtomicReference<Event> last = new AtomicReference<>();
    pool.submit(
            () -> {
              Event e = new Event();
              queue.add(e);
              map.put("k", e);
              last.set(e);
              e.n = 5;
              e.parts.add(1);
            })
        .get();
    Event e = queue.peek();
    return all(e, map.get("k") == e, last.get() == e);
  }

  @Runs(AWAY)
  static Object capturedObjectsPublished(ExecutorService pool) throws Exception {
    Event e = new Event();
    List<Event> list = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<Event> ref = new AtomicReference<>();
    Event[] slot = new Event[1];
    pool.submit(
            () -> {
              e.n++;
              list.add(e);
              ref.set(e);
              slot[0] = e;
              e.n++;
            })
        .get();
    return all(list.get(0) == e, ref.get() == e, slot[0] == e, e.n);
  }

  @Runs(AWAY)
  static Object lambdasPublished(ExecutorService pool) throws Exception {
    List<Supplier<String>> made = new CopyOnWriteArrayList<>();
    Map<String, Function<Integer, Integer>> ops = new ConcurrentHashMap<>();
    each(
        pool,
        3,
        i ->
            () -> {
              String s = "s" + i;
              made.add(() -> s + s);
              ops.put(s, x -> x * i);
            });
    return all(
        made.stream().map(Supplier::get).sorted().toList(), ops.get("s2").apply(21), ops.size());
  }

  @Runs(AWAY)
  static Object nullsRefused(ExecutorService pool) throws Exception {
    ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();
    Queue<String> queue = new ConcurrentLinkedQueue<>();
    BlockingQueue<String> blocking = new LinkedBlockingQueue<>();
    return all(
        outcome(
            pool.submit(
                () -> {
                  map.put("k", null);
                })),
        outcome(
            pool.submit(
                () -> {
                  queue.add(null);
                })),
        outcome(
            pool.submit(
                () -> {
                  blocking.offer(null);
                })),
        outcome(
            pool.submit(
                () -> {
                  map.merge("k", null, String::concat);
                })),
        map.size(),
        queue.size());
  }

  @Runs(AWAY)
  static Object indicesRefused(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>(List.of(1)));
    AtomicReferenceArray<String> array = new AtomicReferenceArray<>(2);
    Vector<Integer> vector = new Vector<>();
    return all(
        outcome(
            pool.submit(
                () -> {
                  array.set(5, "x");
                })),
        outcome(
            pool.submit(
                () -> {
                  list.add(2);
                })),
        outcome(
            pool.submit(
                () -> {
                  vector.addElement(3);
                })),
        list,
        vector);
  }

  @Runs(EITHER)
  static Object badIndexOfSharedList(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>(List.of(1)));
    Vector<Integer> vector = new Vector<>(List.of(1));
    CopyOnWriteArrayList<Integer> copied = new CopyOnWriteArrayList<>(List.of(1));
    return all(
        outcome(
            pool.submit(
                () -> {
                  list.set(5, 0);
                })),
        outcome(
            pool.submit(
                () -> {
                  vector.set(5, 0);
                })),
        outcome(
            pool.submit(
                () -> {
                  copied.set(5, 0);
                })),
        outcome(
            pool.submit(
                () -> {
                  list.add(9, 0);
                })),
        outcome(
            pool.submit(
                () -> {
                  try {
                    vector.setElementAt(0, 7);
                    return "no exception";
                  } catch (ArrayIndexOutOfBoundsException e) {
                    return "caught";
                  }
                })));
  }

  @Runs(EITHER)
  static Object fullQueueRefuses(ExecutorService pool) throws Exception {
    BlockingQueue<Integer> small = new ArrayBlockingQueue<>(2);
    Object add =
        outcome(
            pool.submit(
                () -> {
                  for (int i = 0; i < 5; i++) {
                    small.add(i);
                  }
                }));
    pool.submit(
            () -> {
              small.offer(9);
            })
        .get();
    LinkedBlockingDeque<Integer> bounded = new LinkedBlockingDeque<>(1);
    Object push =
        outcome(
            pool.submit(
                () -> {
                  bounded.push(1);
                  bounded.push(2);
                }));
    return all(add, small, push, bounded);
  }

  @Runs(EITHER)
  static Object wrongTypesRefused(ExecutorService pool) throws Exception {
    @SuppressWarnings({"rawtypes", "unchecked"})
    Map<Object, Object> sorted = new ConcurrentSkipListMap();
    sorted.put("a", 1);
    Object put =
        outcome(
            pool.submit(
                () -> {
                  sorted.put(5, 5);
                }));
    Object caught =
        pool.submit(
                () -> {
                  try {
                    sorted.put(7, 7);
                    return "fine";
                  } catch (ClassCastException e) {
                    return "caught";
                  }
                })
            .get();
    Map<String, String> checked =
        Collections.synchronizedMap(Collections.unmodifiableMap(new HashMap<>()));
    Object no =
        pool.submit(
                () -> {
                  try {
                    checked.put("a", "b");
                    return "fine";
                  } catch (UnsupportedOperationException e) {
                    return "unsupported";
                  }
                })
            .get();
    return all(put, caught, no, sorted);
  }

  // ---- synchronisers between client and tasks ----

  @Runs(AWAY)
  static Object promisesKeptAndBroken(ExecutorService pool) throws Exception {
    CompletableFuture<Integer> kept = new CompletableFuture<>();
    CompletableFuture<Integer> broken = new CompletableFuture<>();
    CompletableFuture<Integer> chained = kept.thenApply(x -> x * 2);
    pool.submit(
        () -> {
          kept.complete(21);
        });
    pool.submit(
        () -> {
          broken.completeExceptionally(new IllegalStateException("no"));
        });
    Object failure;
    try {
      failure = broken.get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      failure = e.getCause();
    }
    return all(kept.get(), chained.get(), failure);
  }

  @Runs(AWAY)
  static Object phaserArrivals(ExecutorService pool) throws Exception {
    Phaser phaser = new Phaser(1);
    int[] done = new int[4];
    for (int i = 0; i < 4; i++) {
      phaser.register();
      int n = i;
      pool.submit(
          () -> {
            done[n] = n + 1;
            phaser.arriveAndDeregister();
          });
    }
    int phase = phaser.arriveAndAwaitAdvance();
    return all(phase, done, phaser.getRegisteredParties());
  }

  @Runs(AWAY)
  static Object semaphoreReleasedByTask(ExecutorService pool) throws Exception {
    Semaphore s = new Semaphore(0);
    int[] n = new int[3];
    for (int i = 0; i < 3; i++) {
      int k = i;
      pool.execute(
          () -> {
            n[k] = k * k;
            s.release();
          });
    }
    s.acquire(3);
    return all(n, s.availablePermits());
  }

  @Runs(HOME)
  static Object exchange(ExecutorService pool) throws Exception {
    Exchanger<String> ex = new Exchanger<>();
    Future<String> a = pool.submit(() -> ex.exchange("from a"));
    Future<String> b = pool.submit(() -> ex.exchange("from b"));
    return all(a.get(), b.get());
  }

  @Runs(HOME)
  static Object stampedCounter(ExecutorService pool) throws Exception {
    StampedLock lock = new StampedLock();
    int[] n = {0};
    each(
        pool,
        20,
        i ->
            () -> {
              long stamp = lock.writeLock();
              try {
                n[0]++;
              } finally {
                lock.unlockWrite(stamp);
              }
            });
    return n[0];
  }

  @Runs(HOME)
  static Object boundedBufferOfConditions(ExecutorService pool) throws Exception {
    class Buffer {
      final ReentrantLock lock = new ReentrantLock();
      final Condition notFull = lock.newCondition();
      final Condition notEmpty = lock.newCondition();
      final List<Integer> items = new ArrayList<>();

      void put(int n) throws InterruptedException {
        lock.lock();
        try {
          while (items.size() == 2) {
            notFull.await();
          }
          items.add(n);
          notEmpty.signal();
        } finally {
          lock.unlock();
        }
      }

      int take() throws InterruptedException {
        lock.lock();
        try {
          while (items.isEmpty()) {
            notEmpty.await();
          }
          notFull.signal();
          return items.remove(0);
        } finally {
          lock.unlock();
        }
      }
    }
    Buffer buffer = new Buffer();
    Future<?> producer =
        pool.submit(
            () -> {
              for (int i = 0; i < 10; i++) {
                buffer.put(i);
              }
              return null;
            });
    Future<Integer> consumer =
        pool.submit(
            () -> {
              int sum = 0;
              for (int i = 0; i < 10; i++) {
                sum += buffer.take();
              }
              return sum;
            });
    producer.get();
    return consumer.get();
  }

  @Runs(HOME)
  static Object readWriteCache(ExecutorService pool) throws Exception {
    ReadWriteLock lock = new ReentrantReadWriteLock();
    Map<Integer, Integer> cache = new HashMap<>();
    List<Integer> got =
        collect(
            pool,
            12,
            i ->
                () -> {
                  lock.readLock().lock();
                  try {
                    Integer v = cache.get(i % 3);
                    if (v != null) {
                      return v;
                    }
                  } finally {
                    lock.readLock().unlock();
                  }
                  lock.writeLock().lock();
                  try {
                    return cache.computeIfAbsent(i % 3, k -> k * 7);
                  } finally {
                    lock.writeLock().unlock();
                  }
                });
    return all(got, cache);
  }

  @Runs(HOME)
  static Object stampedReferenceLoop(ExecutorService pool) throws Exception {
    AtomicStampedReference<Integer> ref = new AtomicStampedReference<>(0, 0);
    each(
        pool,
        8,
        i ->
            () -> {
              int[] stamp = new int[1];
              Integer v;
              do {
                v = ref.get(stamp);
              } while (!ref.compareAndSet(v, v + 1, stamp[0], stamp[0] + 1));
            });
    AtomicMarkableReference<String> marked = new AtomicMarkableReference<>("a", false);
    pool.submit(
            () -> {
              marked.set("b", true);
            })
        .get();
    return all(ref.getReference(), ref.getStamp(), marked.getReference(), marked.isMarked());
  }

  static final class Later implements Delayed {
    final long at = System.nanoTime() + 1_000_000;
    final int n;

    Later(int n) {
      this.n = n;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed o) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), o.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  @Runs(AWAY)
  static Object delayQueueFilledByTasks(ExecutorService pool) throws Exception {
    DelayQueue<Later> queue = new DelayQueue<>();
    each(pool, 4, i -> () -> queue.add(new Later(i)));
    Set<Integer> seen = new TreeSet<>();
    for (int i = 0; i < 4; i++) {
      seen.add(queue.take().n);
    }
    return seen;
  }

  @Runs(HOME)
  static Object generations(ExecutorService pool) throws Exception {
    int[] cells = {1, 0, 0, 0};
    int[] next = new int[4];
    CyclicBarrier barrier =
        new CyclicBarrier(4, () -> System.arraycopy(next, 0, cells, 0, cells.length));
    each(
        pool,
        4,
        i ->
            () -> {
              try {
                for (int g = 0; g < 5; g++) {
                  next[i] = cells[i] + cells[(i + 3) % 4];
                  barrier.await();
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    return cells;
  }

  // ---- own synchronisers inside one task ----

  @Runs(AWAY)
  static Object wholePipelineInOneTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(2);
              AtomicLong sum = new AtomicLong();
              CountDownLatch done = new CountDownLatch(1);
              Thread consumer =
                  new Thread(
                      () -> {
                        try {
                          for (int x = queue.take(); x >= 0; x = queue.take()) {
                            sum.addAndGet(x);
                          }
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        } finally {
                          done.countDown();
                        }
                      });
              consumer.start();
              for (int i = 0; i < 10; i++) {
                queue.put(i);
              }
              queue.put(-1);
              done.await();
              consumer.join();
              return sum.get();
            })
        .get();
  }

  @Runs(AWAY)
  static Object poolInsideTask(ExecutorService pool) throws Exception {
    int[] data = IntStream.range(0, 100).toArray();
    return pool.submit(
            () -> {
              ExecutorService inner = Executors.newFixedThreadPool(2);
              try {
                List<Future<Integer>> parts = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                  int n = i;
                  parts.add(inner.submit(() -> Arrays.stream(data, n * 25, n * 25 + 25).sum()));
                }
                int sum = 0;
                for (Future<Integer> f : parts) {
                  sum += f.get();
                }
                return sum;
              } finally {
                inner.shutdown();
                inner.awaitTermination(5, TimeUnit.SECONDS);
              }
            })
        .get();
  }

  @Runs(AWAY)
  static Object locksAndFuturesOfOneTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              ReentrantLock lock = new ReentrantLock();
              lock.lock();
              try {
                FutureTask<Integer> f = new FutureTask<>(() -> 5);
                f.run();
                CompletableFuture<Integer> c =
                    CompletableFuture.supplyAsync(() -> 6)
                        .thenCombine(CompletableFuture.completedFuture(7), Integer::sum);
                AtomicInteger n = new AtomicInteger();
                Object mutex = new Object();
                synchronized (mutex) {
                  n.addAndGet(f.get() + c.get());
                }
                return n.get() + lock.getHoldCount();
              } finally {
                lock.unlock();
              }
            })
        .get();
  }

  static final class Safe {
    private final Map<String, Integer> map = new HashMap<>();

    synchronized void add(String k) {
      map.merge(k, 1, Integer::sum);
    }

    synchronized Map<String, Integer> snapshot() {
      return new TreeMap<>(map);
    }
  }

  @Runs(AWAY)
  static Object ownMonitorInTask(ExecutorService pool) throws Exception {
    List<String> words = List.of("a", "b", "a");
    return pool.submit(
            () -> {
              Safe safe = new Safe();
              words.parallelStream().forEach(safe::add);
              return safe.snapshot();
            })
        .get();
  }

  @Runs(AWAY)
  static Object safeObjectReturned(ExecutorService pool) throws Exception {
    Safe safe =
        pool.submit(
                () -> {
                  Safe s = new Safe();
                  s.add("x");
                  return s;
                })
            .get();
    safe.add("x");
    return safe.snapshot();
  }

  // ---- odd receivers ----

  interface Sink<T> extends Consumer<T> {
    static <T> Sink<T> of(Collection<? super T> c) {
      return c::add;
    }

    default Sink<T> twice() {
      return t -> {
        accept(t);
        accept(t);
      };
    }
  }

  @Runs(EITHER)
  static Object sinksOfOwnInterface(ExecutorService pool) throws Exception {
    List<String> list = new CopyOnWriteArrayList<>();
    Sink<String> sink = Sink.<String>of(list).twice();
    each(pool, 4, i -> () -> sink.accept("s" + i));
    return list.stream().sorted().toList();
  }

  @Runs(EITHER)
  static Object consumersInMap(ExecutorService pool) throws Exception {
    AtomicInteger sum = new AtomicInteger();
    StringBuffer text = new StringBuffer();
    Map<String, IntConsumer> handlers = new LinkedHashMap<>();
    handlers.put("sum", sum::addAndGet);
    handlers.put("text", n -> text.append(n > 5 ? "big" : "low"));
    BiConsumer<String, Integer> dispatch = (k, v) -> handlers.get(k).accept(v);
    each(pool, 6, i -> () -> dispatch.accept(i % 2 == 0 ? "sum" : "text", i));
    return all(sum, text.toString());
  }

  @Runs(EITHER)
  static Object enumerationsOfShared(ExecutorService pool) throws Exception {
    Vector<Integer> vector = new Vector<>(List.of(1, 2, 3));
    Enumeration<Integer> e = vector.elements();
    e.nextElement();
    int two = pool.submit(e::nextElement).get();
    Iterator<Integer> it = vector.iterator();
    int one = pool.submit(it::next).get();
    return all(two, e.nextElement(), one, it.next());
  }

  @Runs(EITHER)
  static Object sharedRandomAndFlags(ExecutorService pool) throws Exception {
    Random random = new Random(11);
    AtomicBoolean flag = new AtomicBoolean();
    List<Integer> drawn = new ArrayList<>(collect(pool, 8, i -> () -> random.nextInt(1000)));
    Collections.sort(drawn);
    boolean first = pool.submit(() -> flag.compareAndSet(false, true)).get();
    boolean second = pool.submit(() -> flag.compareAndSet(false, true)).get();
    return all(drawn, first, second, random.nextInt(1000));
  }

  @Runs(AWAY)
  static Object textOfShared(ExecutorService pool) throws Exception {
    StringWriter writer = new StringWriter();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringBuffer buffer = new StringBuffer();
    each(
        pool,
        5,
        i ->
            () -> {
              writer.write("w");
              bytes.write('b');
              buffer.append('c');
            });
    return all(writer.toString(), bytes.toString(), buffer.toString());
  }

  @Runs(AWAY)
  static Object ownCollectorOverShared(ExecutorService pool) throws Exception {
    Collector<Integer, int[], Integer> summing =
        Collector.of(() -> new int[1], (a, x) -> a[0] += x, (a, b) -> a, a -> a[0]);
    List<Integer> numbers = List.of(1, 2, 3);
    Callable<Integer> c = () -> numbers.stream().collect(summing);
    return all(pool.submit(c).get(), pool.invokeAll(List.of(c, c)).get(1).get());
  }

  @Runs(AWAY)
  @SuppressWarnings({"StringEquality", "ReferenceEquality", "StringOperationCanBeSimplified"})
  static Object literalsAreTheSame(ExecutorService pool) throws Exception {
    String literal = "fast";
    String[] literals = {"fast", "slow", new String("fast")};
    String made = new String("fast");
    Future<Boolean> same = pool.submit(() -> literal == "fast");
    Future<Boolean> other = pool.submit(() -> made == "fast");
    Future<List<Boolean>> inArray =
        pool.submit(
            () -> List.of(literals[0] == "fast", literals[1] == "slow", literals[2] == "fast"));
    Future<String> done = pool.submit(() -> "done");
    Future<String> copied = pool.submit(() -> new String("done"));
    Future<List<String>> several = pool.submit(() -> List.of("a", new String("b")));
    return all(
        same.get(),
        other.get(),
        inArray.get(),
        done.get() == "done",
        copied.get() == "done",
        several.get().get(0) == "a",
        several.get().get(1) == "b");
  }

  /** Its initialiser fails, and for ever after so does every use. */
  private static final class Broken {
    static final int NUMBER = fail();

    static int number() {
      return NUMBER;
    }

    private static int fail() {
      throw new IllegalStateException("broken");
    }
  }

  @Runs(AWAY)
  static Object initialiserFailsAmidChanges(ExecutorService pool) throws Exception {
    ConcurrentMap<String, List<Integer>> map = new ConcurrentHashMap<>();
    boolean[] failed = new boolean[1];
    pool.submit(
            () -> {
              List<Integer> first = new ArrayList<>(List.of(1));
              for (int i = 0; i < 3; i++) {
                map.put("first " + i, first);
                long end = System.nanoTime() + 2_000_000;
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
              }
              try {
                Broken.number();
              } catch (LinkageError e) {
                failed[0] = true;
              }
              List<Integer> second = new ArrayList<>(List.of(2));
              map.put("second", second);
              map.put("first again", first);
              map.put("second again", second);
            })
        .get();
    return all(
        failed[0],
        new TreeMap<>(map),
        map.get("first 0") == map.get("first again"),
        map.get("second") == map.get("second again"));
  }
}
