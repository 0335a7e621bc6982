package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/** State that is reached by statics, keys that change, and tasks that signal while they run. */
final class Stateful {
  private Stateful() {}

  // ---- statics ----

  static final LongAdder ADDER = new LongAdder();
  static final AtomicInteger COUNTER = new AtomicInteger();
  static final ConcurrentHashMap<String, Integer> SHARED = new ConcurrentHashMap<>();

  @Runs(AWAY)
  static Object synchronisersInStatics(ExecutorService pool) throws Exception {
    ADDER.reset();
    COUNTER.set(0);
    SHARED.clear();
    each(
        pool,
        10,
        i ->
            () -> {
              ADDER.add(i);
              COUNTER.incrementAndGet();
              SHARED.merge("k" + i % 3, 1, Integer::sum);
            });
    return all(ADDER.sum(), COUNTER.get(), new TreeMap<>(SHARED));
  }

  static int synchronizedCount;

  static synchronized void count() {
    synchronizedCount++;
  }

  @Runs(EITHER)
  static Object synchronizedStatics(ExecutorService pool) throws Exception {
    synchronizedCount = 0;
    each(pool, 20, i -> Stateful::count);
    return synchronizedCount;
  }

  static volatile int volatileStatic;

  @Runs(EITHER)
  static Object volatileStatics(ExecutorService pool) throws Exception {
    volatileStatic = 1;
    pool.submit(() -> volatileStatic = volatileStatic + 4).get();
    int away = pool.submit(() -> volatileStatic * 2).get();
    return all(volatileStatic, away);
  }

  enum Level {
    LOW {
      @Override
      int weigh() {
        return ++uses;
      }
    },
    HIGH {
      final List<String> notes = new ArrayList<>();

      @Override
      int weigh() {
        notes.add("n");
        return notes.size() * 10;
      }
    };

    int uses;
    static int total;
    static final Map<String, Level> BY_NAME = new HashMap<>();

    static {
      for (Level l : values()) {
        BY_NAME.put(l.name().toLowerCase(Locale.ROOT), l);
      }
    }

    abstract int weigh();
  }

  @Runs(AWAY)
  static Object enumState(ExecutorService pool) throws Exception {
    Level.LOW.uses = 5;
    Level.total = 100;
    int before = Level.HIGH.weigh();
    int a = pool.submit(() -> Level.LOW.weigh()).get();
    int b = pool.submit(() -> Level.HIGH.weigh()).get();
    Level c = pool.submit(() -> Level.BY_NAME.get("high")).get();
    pool.submit(() -> Level.total += Level.LOW.uses).get();
    return all(
        a, b - before, c == Level.HIGH, Level.LOW.uses, Level.total, Level.HIGH.weigh() - before);
  }

  enum Registry {
    INSTANCE;

    private int hits;
    private final Map<String, Integer> seen = new TreeMap<>();

    int hit(String key) {
      hits++;
      seen.merge(key, 1, Integer::sum);
      return hits;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object enumSingletonWithCounters(ExecutorService pool) throws Exception {
    Registry.INSTANCE.hits = 0;
    Registry.INSTANCE.seen.clear();
    List<Integer> got = collect(pool, 5, i -> () -> Registry.INSTANCE.hit("k" + i % 2));
    return all(got, Registry.INSTANCE.hits, Registry.INSTANCE.seen);
  }

  static final class Lazy {
    private static int made;

    private static class Holder {
      static final Lazy INSTANCE = new Lazy();
    }

    final int number = ++made;
    int used;

    static Lazy get() {
      return Holder.INSTANCE;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object holderIdiom(ExecutorService pool) throws Exception {
    int first = pool.submit(() -> Lazy.get().number).get();
    pool.submit(() -> Lazy.get().used++).get();
    pool.submit(() -> Lazy.get().used++).get();
    Lazy same = pool.submit(() -> Lazy.get()).get();
    return all(first, same == Lazy.get(), Lazy.made, Lazy.get().used % 2);
  }

  static final class Checked {
    private static volatile Checked instance;
    private static int made;
    final int number = ++made;

    static Checked get() {
      Checked c = instance;
      if (c == null) {
        synchronized (Checked.class) {
          c = instance;
          if (c == null) {
            c = new Checked();
            instance = c;
          }
        }
      }
      return c;
    }
  }

  @Runs(EITHER)
  static Object doubleCheckedSingleton(ExecutorService pool) throws Exception {
    Checked.instance = null;
    Checked.made = 0;
    Set<Checked> distinct = Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    distinct.addAll(collect(pool, 6, i -> () -> Checked.get()));
    return all(distinct.size(), Checked.made, distinct.contains(Checked.get()));
  }

  static final Map<Integer, Long> MEMO = new HashMap<>();

  static long fib(int n) {
    if (n < 2) {
      return n;
    }
    Long known = MEMO.get(n);
    if (known == null) {
      known = fib(n - 1) + fib(n - 2);
      MEMO.put(n, known);
    }
    return known;
  }

  @Sequential
  @Runs(AWAY)
  static Object staticMemo(ExecutorService pool) throws Exception {
    MEMO.clear();
    List<Long> values = collect(pool, 5, i -> () -> fib(i * 10));
    return all(values, MEMO.size(), MEMO.get(40));
  }

  interface Constants {
    List<String> NAMES = new ArrayList<>(List.of("a"));
    int[] NUMBERS = {1, 2, 3};
    Map<String, Integer> TABLE = new LinkedHashMap<>();
    double PI_ISH = Math.floor(3.5);
  }

  @Sequential
  @Runs(AWAY)
  static Object interfaceConstants(ExecutorService pool) throws Exception {
    Constants.NAMES.clear();
    Constants.TABLE.clear();
    Constants.NUMBERS[1] = 2;
    pool.submit(() -> Constants.NAMES.add("b")).get();
    pool.submit(() -> Constants.NUMBERS[1] = 20).get();
    pool.submit(() -> Constants.TABLE.put("k", Constants.NUMBERS[1])).get();
    double d = pool.submit(() -> Constants.PI_ISH).get();
    return all(Constants.NAMES, Constants.NUMBERS, Constants.TABLE, d);
  }

  static final List<String> REGISTERED = new ArrayList<>();

  static class Registers {
    static int value = 7;

    static {
      REGISTERED.add("Registers");
    }
  }

  static class RegistersToo extends Registers {
    static final int OWN = Integer.parseInt("9");

    static {
      REGISTERED.add("RegistersToo " + value++);
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object initialisersWithSideEffects(ExecutorService pool) throws Exception {
    int own = pool.submit(() -> RegistersToo.OWN).get();
    int value = pool.submit(() -> RegistersToo.value).get();
    return all(own, value >= 8, REGISTERED);
  }

  static class Broken {
    static final int N = Integer.parseInt("no number");
  }

  @Sequential
  @Runs(AWAY)
  static Object initialiserThatFails(ExecutorService pool) throws Exception {
    Object first = outcome(pool.submit(() -> Broken.N));
    Object second = outcome(pool.submit(() -> Broken.N));
    return all(second.getClass().getName(), first instanceof LinkageError);
  }

  static class Base {
    static int inherited = 1;
    static final int[] TABLE = {1, 2, 3};
    static final Object TOKEN = new Object();
  }

  static class Derived extends Base {
    static int own = inherited + 1;
  }

  @Sequential
  @Runs(AWAY)
  static Object inheritedStatics(ExecutorService pool) throws Exception {
    Base.inherited = 1;
    Derived.own = 2;
    Base.TABLE[2] = 3;
    pool.submit(() -> Derived.inherited += 10).get();
    pool.submit(() -> Derived.own += Base.inherited).get();
    pool.submit(() -> Derived.TABLE[2]++).get();
    Object token = pool.submit(() -> Derived.TOKEN).get();
    return all(Base.inherited, Derived.own, Base.TABLE, token == Base.TOKEN);
  }

  static final class Left {
    static final Left SELF = new Left();
    static Object other;
    int n;
  }

  static final class Right {
    static final Right SELF = new Right();
    static Object other = Left.SELF;
    int n;
  }

  @Sequential
  @Runs(AWAY)
  static Object staticsThatReferToEachOther(ExecutorService pool) throws Exception {
    Left.other = Right.SELF;
    Left.SELF.n = 0;
    boolean same =
        pool.submit(
                () -> {
                  Left.SELF.n++;
                  ((Right) Left.other).n = 8;
                  return Right.other == Left.SELF && Left.other == Right.SELF;
                })
            .get();
    return all(same, Left.SELF.n, Right.SELF.n, Left.other == Right.SELF);
  }

  static List<String> current = new ArrayList<>();

  @Sequential
  @Runs(AWAY)
  static Object capturedAndStatic(ExecutorService pool) throws Exception {
    List<String> mine = new ArrayList<>();
    current = mine;
    boolean same =
        pool.submit(
                () -> {
                  mine.add("captured");
                  current.add("static");
                  return mine == current;
                })
            .get();
    pool.submit(() -> current = new ArrayList<>(mine)).get();
    boolean other = current != mine;
    pool.submit(() -> current = mine).get();
    return all(same, mine, other, current == mine);
  }

  static final ThreadLocal<List<Integer>> LOCAL = ThreadLocal.withInitial(ArrayList::new);
  static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  @Sequential
  @Runs(AWAY)
  static Object threadLocalStatics(ExecutorService pool) throws Exception {
    pool.submit(() -> LOCAL.remove()).get();
    pool.submit(() -> LOCAL.get().add(1)).get();
    int size =
        pool.submit(
                () -> {
                  LOCAL.get().add(2);
                  return LOCAL.get().size();
                })
            .get();
    INHERITED.set("client");
    return all(size, LOCAL.get());
  }

  static int plainCounter;

  @Sequential
  @Runs(AWAY)
  static Object interleavedPlainStatics(ExecutorService pool) throws Exception {
    plainCounter = 0;
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      futures.add(pool.submit(() -> ++plainCounter));
    }
    List<Integer> got = new ArrayList<>();
    for (Future<Integer> f : futures) {
      got.add(f.get());
    }
    plainCounter += 100;
    got.add(pool.submit(() -> ++plainCounter).get());
    return all(got, plainCounter);
  }

  static byte b;
  static short s;
  static char c;
  static float f;
  static double d;
  static long l;
  static boolean z;

  @Runs(AWAY)
  static Object primitiveStatics(ExecutorService pool) throws Exception {
    b = 1;
    s = 2;
    c = 'c';
    f = 1.5f;
    d = 2.5;
    l = 1L << 40;
    z = false;
    pool.submit(
            () -> {
              b = (byte) -b;
              s <<= 3;
              c++;
              f = Float.NaN;
              d = -0.0;
              l = ~l;
              z = !z;
            })
        .get();
    return all(b, s, c, f, Double.doubleToRawLongBits(d), l, z);
  }

  // ---- keys ----

  static final class Key {
    int n;

    Key(int n) {
      this.n = n;
    }

    @Override
    public int hashCode() {
      return n * 31;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && k.n == n;
    }
  }

  @Runs(AWAY)
  static Object keysTakenOutAndChanged(ExecutorService pool) throws Exception {
    Map<Key, String> map = new HashMap<>();
    Key key = new Key(1);
    map.put(key, "one");
    map.put(new Key(2), "two");
    TreeMap<int[], String> tree = new TreeMap<>((x, y) -> Integer.compare(x[0], y[0]));
    int[] first = {1};
    tree.put(first, "first");
    tree.put(new int[] {5}, "second");
    pool.submit(
            () -> {
              map.remove(key);
              key.n = 7;
              map.put(key, "seven");
              tree.remove(first);
              first[0] = 9;
              tree.put(first, "moved");
            })
        .get();
    return all(
        map.get(new Key(7)),
        map.get(new Key(1)),
        map.size(),
        tree.lastEntry().getValue(),
        tree.get(new int[] {9}));
  }

  @Runs(AWAY)
  static Object keysChangedSameValue(ExecutorService pool) throws Exception {
    Set<Key> set = new HashSet<>();
    Key key = new Key(1);
    set.add(key);
    Set<List<Integer>> lists = new HashSet<>();
    List<Integer> list = new ArrayList<>(List.of(1));
    lists.add(list);
    pool.submit(
            () -> {
              set.remove(key);
              key.n = 1000;
              set.add(key);
              lists.remove(list);
              list.add(2);
              lists.add(list);
            })
        .get();
    return all(set.contains(new Key(1000)), set.contains(key), lists.contains(List.of(1, 2)));
  }

  @Runs(AWAY)
  static Object changedKeysInNewMaps(ExecutorService pool) throws Exception {
    Key key = new Key(3);
    Object[] holder = new Object[1];
    AtomicInteger n = new AtomicInteger();
    pool.submit(
            () -> {
              key.n = 77;
              Map<Key, String> fresh = new HashMap<>();
              fresh.put(key, "fresh");
              holder[0] = fresh;
              n.incrementAndGet();
            })
        .get();
    return all(((Map<?, ?>) holder[0]).get(new Key(77)), n);
  }

  static final class Lru<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    int evicted;
    final int limit;

    Lru(int limit) {
      super(16, 0.75f, true);
      this.limit = limit;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      if (size() > limit) {
        evicted++;
        return true;
      }
      return false;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object lruCache(ExecutorService pool) throws Exception {
    Lru<Integer, String> lru = new Lru<>(3);
    for (int i = 0; i < 3; i++) {
      lru.put(i, "v" + i);
    }
    pool.submit(() -> lru.get(0)).get();
    pool.submit(() -> lru.put(3, "v3")).get();
    pool.submit(
            () -> {
              for (int i = 10; i < 15; i++) {
                lru.put(i, "w" + i);
              }
            })
        .get();
    return all(new ArrayList<>(lru.entrySet()).toString(), lru.evicted);
  }

  record Boxed(int[] numbers, List<String> names) {}

  @Runs(EITHER)
  static Object recordsWithArrays(ExecutorService pool) throws Exception {
    Boxed boxed = new Boxed(new int[4], Collections.synchronizedList(new ArrayList<>()));
    each(
        pool,
        4,
        i ->
            () -> {
              boxed.numbers()[i] = i + 1;
              boxed.names().add("n" + i);
            });
    Boxed same = pool.submit(() -> boxed).get();
    return all(same == boxed, boxed.numbers(), new TreeSet<>(boxed.names()));
  }

  // ---- exceptions ----

  @Runs(AWAY)
  static Object thrownAfterReleases(ExecutorService pool) throws Exception {
    AtomicInteger counter = new AtomicInteger();
    CountDownLatch latch = new CountDownLatch(3);
    int[] plain = new int[3];
    List<Object> outcomes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int n = i;
      outcomes.add(
          outcome(
              pool.submit(
                  () -> {
                    plain[n] = n + 1;
                    try {
                      counter.addAndGet(5);
                      if (n > 0) {
                        throw new IllegalArgumentException("n" + n);
                      }
                    } finally {
                      counter.incrementAndGet();
                      latch.countDown();
                    }
                    return n;
                  })));
    }
    latch.await();
    return all(outcomes, counter, plain);
  }

  // ---- signals while running ----

  @OwnPool
  @Runs(EITHER)
  static Object signalsThenCancelled(ExecutorService pool) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Future<?> task =
        pool.submit(
            () -> {
              started.countDown();
              try {
                Thread.sleep(60_000);
              } finally {
                ended.set(true);
              }
              return null;
            });
    started.await();
    task.cancel(true);
    pool.shutdown();
    boolean terminated = pool.awaitTermination(20, TimeUnit.SECONDS);
    return all(task.isCancelled(), terminated);
  }

  @Runs(AWAY)
  static Object signalsByQueueThenGoesOn(ExecutorService pool) throws Exception {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    Future<Long> task =
        pool.submit(
            () -> {
              queue.offer("started");
              long sum = 0;
              for (int i = 0; i < 200_000_000; i++) {
                sum += i ^ (sum << 1);
              }
              queue.offer("done");
              return sum;
            });
    String first = queue.take();
    Long sum = task.get();
    return all(first, queue.take(), sum);
  }

  @Runs(EITHER)
  static Object stoppedByFlag(ExecutorService pool) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean started = new AtomicBoolean();
    Future<String> task =
        pool.submit(
            () -> {
              started.set(true);
              while (!stop.get()) {
                Thread.onSpinWait();
              }
              return "stopped";
            });
    while (!started.get()) {
      Thread.sleep(1);
    }
    stop.set(true);
    return task.get();
  }

  static final class Worker implements Runnable {
    volatile boolean running;
    volatile boolean stop;
    int loops;

    @Override
    public void run() {
      running = true;
      while (!stop) {
        loops = 1;
      }
    }
  }

  @Runs(EITHER)
  static Object stoppedByVolatileOfTask(ExecutorService pool) throws Exception {
    Worker worker = new Worker();
    Future<?> task = pool.submit(worker);
    while (!worker.running) {
      Thread.sleep(1);
    }
    worker.stop = true;
    task.get();
    return worker.stop;
  }

  @Runs(EITHER)
  static Object startedByVolatileThenInterrupted(ExecutorService pool) throws Exception {
    Worker flag = new Worker();
    Future<?> task =
        pool.submit(
            () -> {
              flag.running = true;
              while (!Thread.currentThread().isInterrupted()) {
                flag.loops++;
              }
            });
    while (!flag.running) {
      Thread.sleep(1);
    }
    task.cancel(true);
    return task.isCancelled();
  }

  @Runs(AWAY)
  static Object progressSeenByClient(ExecutorService pool) throws Exception {
    AtomicInteger progress = new AtomicInteger();
    Future<Integer> task =
        pool.submit(
            () -> {
              for (int i = 0; i < 20; i++) {
                progress.incrementAndGet();
                Thread.sleep(2);
              }
              return 20;
            });
    while (progress.get() < 3) {
      Thread.sleep(1);
    }
    return all(task.get(), progress.get());
  }

  // ---- threads ----

  static final class Slotted extends Thread {
    final int[] slots;

    Slotted(int[] slots) {
      this.slots = slots;
    }

    @Override
    public void run() {
      slots[0]++;
    }
  }

  @Runs(EITHER)
  static Object threadSubclassesAsTasks(ExecutorService pool) throws Exception {
    int[] slots = new int[1];
    pool.submit(new Slotted(slots)).get();
    pool.submit(() -> new Slotted(slots).run()).get();
    pool.submit(
            () -> {
              Thread t = new Slotted(slots);
              t.start();
              t.join();
              return null;
            })
        .get();
    return slots;
  }

  @Runs(EITHER)
  static Object timers(ExecutorService pool) throws Exception {
    CountDownLatch fired = new CountDownLatch(1);
    int[] slot = new int[1];
    pool.submit(
            () -> {
              Timer timer = new Timer(true);
              timer.schedule(
                  new TimerTask() {
                    @Override
                    public void run() {
                      slot[0] = 5;
                      fired.countDown();
                      timer.cancel();
                    }
                  },
                  20);
            })
        .get();
    fired.await();
    return slot;
  }

  @Runs(EITHER)
  static Object ownPoolLeftRunning(ExecutorService pool) throws Exception {
    int[] slots = new int[3];
    pool.submit(
            () -> {
              ExecutorService own = java.util.concurrent.Executors.newFixedThreadPool(2);
              List<Future<?>> futures = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                int n = i;
                futures.add(own.submit(() -> slots[n] = n + 1));
              }
              for (Future<?> future : futures) {
                future.get();
              }
              own.shutdown();
              return null;
            })
        .get();
    return slots;
  }

  // ---- big ----

  @Runs(AWAY)
  static Object hugeArraySortedInRanges(ExecutorService pool) throws Exception {
    int[] numbers = new Random(3).ints(5_000_000).toArray();
    int part = numbers.length / 4;
    each(pool, 4, i -> () -> Arrays.sort(numbers, i * part, (i + 1) * part));
    boolean sorted = true;
    for (int i = 1; i < numbers.length; i++) {
      sorted &= i % part == 0 || numbers[i - 1] <= numbers[i];
    }
    return all(sorted, Arrays.hashCode(numbers));
  }

  @Runs(AWAY)
  static Object hundredSlices(ExecutorService pool) throws Exception {
    double[][] matrix = new double[100][200];
    each(
        pool,
        100,
        row ->
            () -> Arrays.setAll(matrix[row], col -> col % 50 == 7 ? Double.NaN : row / (col + 1d)));
    return Arrays.deepHashCode(matrix);
  }

  @Runs(AWAY)
  static Object streamsOfSlices(ExecutorService pool) throws Exception {
    long[] sums = new long[10];
    int[] numbers = IntStream.range(0, 1000).toArray();
    each(
        pool,
        10,
        i -> () -> sums[i] = Arrays.stream(numbers, i * 100, i * 100 + 100).asLongStream().sum());
    return all(sums, Objects.hash(1, 2));
  }
}
