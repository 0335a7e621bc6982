package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/** Tasks that learn of one another, and tasks whose locks are all their own. */
final class Acquires {
  private Acquires() {}

  // ---- monitors ----

  private static final class Account {
    private int balance;

    synchronized void deposit(int amount) {
      balance += amount;
    }

    synchronized boolean withdraw(int amount) {
      if (balance < amount) {
        return false;
      }
      balance -= amount;
      return true;
    }
  }

  @Runs(HOME)
  static Object deposits(ExecutorService pool) throws Exception {
    Account account = new Account();
    each(pool, 40, i -> () -> account.deposit(1));
    return account;
  }

  @Runs(HOME)
  static Object withdrawals(ExecutorService pool) throws Exception {
    Account account = new Account();
    account.deposit(10);
    List<Boolean> ok = collect(pool, 25, i -> () -> account.withdraw(1));
    return all(Collections.frequency(ok, true), account.balance);
  }

  @Runs(HOME)
  static Object lockObject(ExecutorService pool) throws Exception {
    Object lock = new Object();
    int[] count = new int[1];
    each(
        pool,
        40,
        i ->
            () -> {
              synchronized (lock) {
                count[0]++;
              }
            });
    return count[0];
  }

  private static int classCount;

  private static synchronized void bump() {
    classCount++;
  }

  @Runs(HOME)
  static Object staticSynchronized(ExecutorService pool) throws Exception {
    classCount = 0;
    each(pool, 40, i -> Acquires::bump);
    return classCount;
  }

  private static int literalCount;

  @Runs(HOME)
  static Object synchronizedOnClassLiteral(ExecutorService pool) throws Exception {
    literalCount = 0;
    each(
        pool,
        40,
        i ->
            () -> {
              synchronized (Acquires.class) {
                literalCount += i;
              }
            });
    return literalCount;
  }

  private static final Object LOCK = new Object();
  private static final List<Integer> GUARDED = new ArrayList<>();

  @Runs(HOME)
  static Object staticLock(ExecutorService pool) throws Exception {
    GUARDED.clear();
    each(
        pool,
        30,
        i ->
            () -> {
              synchronized (LOCK) {
                GUARDED.add(i);
              }
            });
    Collections.sort(GUARDED);
    return GUARDED;
  }

  private static final class Mailbox {
    private String mail;

    synchronized void put(String text) throws InterruptedException {
      while (mail != null) {
        wait();
      }
      mail = text;
      notifyAll();
    }

    synchronized String take() throws InterruptedException {
      while (mail == null) {
        wait();
      }
      String text = mail;
      mail = null;
      notifyAll();
      return text;
    }
  }

  @Runs(HOME)
  static Object waitAndNotify(ExecutorService pool) throws Exception {
    Mailbox box = new Mailbox();
    Future<List<String>> reader =
        pool.submit(
            () -> {
              List<String> read = new ArrayList<>();
              for (int i = 0; i < 10; i++) {
                read.add(box.take());
              }
              return read;
            });
    Future<?> writer =
        pool.submit(
            () -> {
              for (int i = 0; i < 10; i++) {
                box.put("m" + i);
              }
              return null;
            });
    return all(writer.get(), reader.get());
  }

  @Runs(HOME)
  static Object clientNotifiesTask(ExecutorService pool) throws Exception {
    Mailbox box = new Mailbox();
    Future<String> reader = pool.submit(box::take);
    box.put("from the client");
    return reader.get();
  }

  // ---- atomics ----

  @Runs(HOME)
  static Object idsDrawn(ExecutorService pool) throws Exception {
    AtomicInteger ids = new AtomicInteger();
    List<Integer> drawn = collect(pool, 40, i -> ids::incrementAndGet);
    Collections.sort(drawn);
    return all(drawn, ids);
  }

  @Runs(HOME)
  static Object workSharedByIndex(ExecutorService pool) throws Exception {
    AtomicInteger next = new AtomicInteger();
    int[] done = new int[100];
    each(
        pool,
        4,
        t ->
            () -> {
              for (int i = next.getAndIncrement(); i < done.length; i = next.getAndIncrement()) {
                done[i] += i * 2;
              }
            });
    return done;
  }

  @Runs(HOME)
  static Object compareAndSet(ExecutorService pool) throws Exception {
    AtomicBoolean taken = new AtomicBoolean();
    List<Boolean> won = collect(pool, 20, i -> () -> taken.compareAndSet(false, true));
    return all(Collections.frequency(won, true), taken);
  }

  @Runs(HOME)
  static Object casLoop(ExecutorService pool) throws Exception {
    AtomicReference<List<Integer>> list = new AtomicReference<>(List.of());
    each(
        pool,
        20,
        i ->
            () -> {
              List<Integer> old;
              List<Integer> next;
              do {
                old = list.get();
                next = new ArrayList<>(old);
                next.add(i);
              } while (!list.compareAndSet(old, next));
            });
    List<Integer> sorted = new ArrayList<>(list.get());
    Collections.sort(sorted);
    return sorted;
  }

  @Runs(EITHER)
  static Object readsAtomicSetBefore(ExecutorService pool) throws Exception {
    AtomicInteger setting = new AtomicInteger(12);
    return collect(pool, 5, i -> () -> setting.get() * i);
  }

  private static final class Flag {
    volatile boolean stop;
    volatile boolean started;
    int rounds;
  }

  @Runs(HOME)
  static Object volatileLoop(ExecutorService pool) throws Exception {
    Flag flag = new Flag();
    CountDownLatch running = new CountDownLatch(1);
    Future<String> loop =
        pool.submit(
            () -> {
              running.countDown();
              while (!flag.stop) {
                flag.rounds++;
                Thread.yield();
              }
              return "stopped";
            });
    while (!running.await(10, TimeUnit.MILLISECONDS) && !loop.isDone()) {
      Thread.yield();
    }
    flag.stop = true;
    return loop.get();
  }

  @Runs(HOME)
  static Object volatileHandshake(ExecutorService pool) throws Exception {
    Flag flag = new Flag();
    Future<Integer> task =
        pool.submit(
            () -> {
              flag.started = true;
              while (!flag.stop) {
                Thread.sleep(1);
              }
              return flag.rounds;
            });
    while (!flag.started && !task.isDone()) {
      Thread.yield();
    }
    flag.rounds = 41;
    flag.stop = true;
    return task.get();
  }

  private static volatile int shared;

  @Runs(EITHER)
  static Object staticVolatileRead(ExecutorService pool) throws Exception {
    shared = 5;
    int first = pool.submit(() -> shared + 1).get();
    shared = 6;
    return all(first, pool.submit(() -> shared + 1).get());
  }

  // ---- queues and collections ----

  @Runs(HOME)
  static Object queueDrained(ExecutorService pool) throws Exception {
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    for (int i = 1; i <= 100; i++) {
      queue.add(i);
    }
    List<Integer> sums =
        collect(
            pool,
            4,
            t ->
                () -> {
                  int sum = 0;
                  for (Integer n = queue.poll(); n != null; n = queue.poll()) {
                    sum += n;
                  }
                  return sum;
                });
    return all(sums.stream().mapToInt(s -> s).sum(), queue.isEmpty());
  }

  @Runs(HOME)
  static Object producerAndConsumer(ExecutorService pool) throws Exception {
    BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(5);
    Future<Integer> consumer =
        pool.submit(
            () -> {
              int sum = 0;
              for (int n = queue.take(); n >= 0; n = queue.take()) {
                sum += n;
              }
              return sum;
            });
    Future<?> producer =
        pool.submit(
            () -> {
              for (int i = 0; i < 100; i++) {
                queue.put(i);
              }
              queue.put(-1);
              return null;
            });
    return all(producer.get(), consumer.get());
  }

  @Runs(HOME)
  static Object clientFeedsConsumers(ExecutorService pool) throws Exception {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    List<Future<Integer>> consumers = new ArrayList<>();
    for (int c = 0; c < 3; c++) {
      consumers.add(
          pool.submit(
              () -> {
                int n = 0;
                while (!queue.take().equals("end")) {
                  n++;
                }
                return n;
              }));
    }
    for (int i = 0; i < 30; i++) {
      queue.add("job");
    }
    for (int c = 0; c < 3; c++) {
      queue.add("end");
    }
    int sum = 0;
    for (Future<Integer> consumer : consumers) {
      sum += consumer.get();
    }
    return sum;
  }

  @Runs(HOME)
  static Object handOver(ExecutorService pool) throws Exception {
    SynchronousQueue<String> queue = new SynchronousQueue<>();
    Future<String> taker = pool.submit(queue::take);
    Future<?> putter =
        pool.submit(
            () -> {
              queue.put("handed over");
              return null;
            });
    return all(taker.get(), putter.get());
  }

  @Runs(HOME)
  static Object memo(ExecutorService pool) throws Exception {
    Map<Integer, Object> memo = new ConcurrentHashMap<>();
    List<Object> values = collect(pool, 20, i -> () -> memo.computeIfAbsent(i % 4, k -> "v" + k));
    boolean same = true;
    for (int i = 0; i < 20; i++) {
      same &= values.get(i) == memo.get(i % 4);
    }
    return all(same, memo);
  }

  @Runs(HOME)
  static Object firstWins(ExecutorService pool) throws Exception {
    Map<String, Integer> map = new ConcurrentHashMap<>();
    List<Boolean> first = collect(pool, 16, i -> () -> map.putIfAbsent("winner", i) == null);
    return all(Collections.frequency(first, true), map.size());
  }

  @Runs(EITHER)
  static Object readsConcurrentMapFilledBefore(ExecutorService pool) throws Exception {
    Map<String, Integer> prices = new ConcurrentHashMap<>(Map.of("tea", 3, "pie", 4));
    return collect(pool, 6, i -> () -> prices.get("tea") * i + prices.getOrDefault("none", 1));
  }

  @Runs(HOME)
  static Object synchronizedListSizes(ExecutorService pool) throws Exception {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    List<Integer> sizes =
        collect(
            pool,
            20,
            i ->
                () -> {
                  synchronized (list) {
                    list.add(i);
                    return list.size();
                  }
                });
    Collections.sort(sizes);
    return sizes;
  }

  // ---- synchronisers ----

  @Runs(HOME)
  static Object barrier(ExecutorService pool) throws Exception {
    int[] phase = new int[3];
    int[] sums = new int[3];
    CyclicBarrier barrier = new CyclicBarrier(3);
    each(
        pool,
        3,
        i ->
            () -> {
              try {
                phase[i] = i + 1;
                barrier.await(30, TimeUnit.SECONDS);
                sums[i] = phase[0] + phase[1] + phase[2];
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    return all(phase, sums);
  }

  @Runs(HOME)
  static Object phaser(ExecutorService pool) throws Exception {
    Phaser phaser = new Phaser(3);
    int[] a = new int[3];
    int[] b = new int[3];
    each(
        pool,
        3,
        i ->
            () -> {
              a[i] = i * 10;
              phaser.arriveAndAwaitAdvance();
              b[i] = a[(i + 1) % 3];
              phaser.arriveAndDeregister();
            });
    return all(a, b);
  }

  @Runs(HOME)
  static Object semaphore(ExecutorService pool) throws Exception {
    Semaphore semaphore = new Semaphore(1);
    int[] count = new int[1];
    each(
        pool,
        30,
        i ->
            () -> {
              semaphore.acquireUninterruptibly();
              try {
                count[0]++;
              } finally {
                semaphore.release();
              }
            });
    return all(count, semaphore.availablePermits());
  }

  private static final class Buffer {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Deque<Integer> items = new ArrayDeque<>();

    void put(int n) {
      lock.lock();
      try {
        items.addLast(n);
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
        return items.removeFirst();
      } finally {
        lock.unlock();
      }
    }
  }

  @Runs(HOME)
  static Object lockAndCondition(ExecutorService pool) throws Exception {
    Buffer buffer = new Buffer();
    Future<Integer> taker =
        pool.submit(
            () -> {
              int sum = 0;
              for (int i = 0; i < 20; i++) {
                sum += buffer.take();
              }
              return sum;
            });
    for (int i = 0; i < 20; i++) {
      buffer.put(i);
    }
    return taker.get();
  }

  @Runs(HOME)
  static Object readWriteLock(ExecutorService pool) throws Exception {
    ReadWriteLock lock = new ReentrantReadWriteLock();
    Map<String, Integer> map = new HashMap<>();
    each(
        pool,
        30,
        i ->
            () -> {
              lock.writeLock().lock();
              try {
                map.merge("k" + i % 3, i, Integer::sum);
              } finally {
                lock.writeLock().unlock();
              }
            });
    return all(
        map,
        pool.submit(
                () -> {
                  lock.readLock().lock();
                  try {
                    return map.get("k1");
                  } finally {
                    lock.readLock().unlock();
                  }
                })
            .get());
  }

  @Runs(HOME)
  static Object exchanger(ExecutorService pool) throws Exception {
    Exchanger<String> exchanger = new Exchanger<>();
    Future<String> a = pool.submit(() -> exchanger.exchange("from a"));
    Future<String> b = pool.submit(() -> exchanger.exchange("from b"));
    return all(a.get(), b.get());
  }

  @Runs(HOME)
  static Object latchBetweenTasks(ExecutorService pool) throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    int[] value = new int[1];
    Future<Integer> waiter =
        pool.submit(
            () -> {
              ready.await();
              return value[0] * 2;
            });
    Future<?> setter =
        pool.submit(
            () -> {
              value[0] = 21;
              ready.countDown();
            });
    return all(setter.get(), waiter.get());
  }

  @Runs(HOME)
  static Object latchOfTheClient(ExecutorService pool) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    int[] value = new int[1];
    Future<Integer> waiter =
        pool.submit(
            () -> {
              go.await();
              return value[0];
            });
    value[0] = 5;
    go.countDown();
    return waiter.get();
  }

  @Runs(HOME)
  static Object promiseOfAnotherTask(ExecutorService pool) throws Exception {
    CompletableFuture<Integer> promise = new CompletableFuture<>();
    Future<Integer> waiter = pool.submit(() -> promise.join() + 1);
    pool.execute(() -> promise.complete(41));
    return waiter.get();
  }

  // ---- random numbers and thread locals ----

  @Runs(HOME)
  static Object sharedRandom(ExecutorService pool) throws Exception {
    Random random = new Random(42);
    List<Integer> drawn = collect(pool, 20, i -> () -> random.nextInt());
    Random again = new Random(42);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add(again.nextInt());
    }
    Collections.sort(drawn);
    Collections.sort(expected);
    return all(drawn.equals(expected), again.nextInt() == random.nextInt());
  }

  private static final ThreadLocal<Integer> LOCAL = ThreadLocal.withInitial(() -> 0);

  @Sequential
  @OwnPool
  @Runs(AWAY)
  static Object threadLocalOfOneThread(ExecutorService pool) throws Exception {
    List<Integer> seen = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      int n = i;
      seen.add(
          pool.submit(
                  () -> {
                    LOCAL.set(LOCAL.get() + n);
                    return LOCAL.get();
                  })
              .get());
    }
    return all(seen, LOCAL.get());
  }

  @Runs(AWAY)
  static Object threadLocalInsideOneTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        8,
        i ->
            () -> {
              ThreadLocal<List<Integer>> own = ThreadLocal.withInitial(ArrayList::new);
              own.get().add(i);
              own.get().add(i * 2);
              try {
                return own.get();
              } finally {
                own.remove();
              }
            });
  }

  // ---- locks that nobody shares ----

  @Runs(AWAY)
  static Object ownLocks(ExecutorService pool) throws Exception {
    return collect(
        pool,
        8,
        i ->
            () -> {
              ReentrantLock lock = new ReentrantLock();
              Account account = new Account();
              lock.lock();
              try {
                account.deposit(i);
                synchronized (account) {
                  account.deposit(i);
                }
                return account.withdraw(i) && account.balance == i;
              } finally {
                lock.unlock();
              }
            });
  }

  @Runs(AWAY)
  static Object ownAtomics(ExecutorService pool) throws Exception {
    return collect(
        pool,
        8,
        i ->
            () -> {
              AtomicInteger count = new AtomicInteger(i);
              IntStream.range(0, 10).forEach(j -> count.addAndGet(j));
              return count.incrementAndGet();
            });
  }

  @Runs(AWAY)
  static Object ownConcurrentMap(ExecutorService pool) throws Exception {
    return collect(
        pool,
        8,
        i ->
            () -> {
              ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
              for (String word : "to be or not to be".split(" ")) {
                map.merge(word, i, Integer::sum);
              }
              int known = map.computeIfAbsent("be", k -> -1);
              return all(known, new TreeMap<>(map));
            });
  }

  @Runs(AWAY)
  static Object ownBlockingQueue(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        i ->
            () -> {
              BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
              queue.put(i);
              queue.offer(i + 1);
              return queue.take() * 10 + queue.poll();
            });
  }

  @Runs(AWAY)
  static Object ownStringBuffer(ExecutorService pool) throws Exception {
    return collect(
        pool,
        6,
        i ->
            () -> {
              StringBuffer buffer = new StringBuffer();
              for (int j = 0; j <= i; j++) {
                buffer.append(j).append(';');
              }
              return buffer.toString();
            });
  }

  @Runs(AWAY)
  static Object ownRandom(ExecutorService pool) throws Exception {
    return collect(pool, 6, i -> () -> new Random(i).ints(5, 0, 100).boxed().toList());
  }

  @Runs(AWAY)
  static Object parallelStreamInsideTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        3,
        i -> () -> IntStream.rangeClosed(1, 10_000).parallel().mapToLong(n -> (long) n * i).sum());
  }

  @Runs(AWAY)
  static Object ownThreadJoined(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              int[] sum = new int[1];
              Thread thread = new Thread(() -> sum[0] = 5);
              thread.start();
              thread.join();
              return sum[0];
            })
        .get();
  }

  @Runs(AWAY)
  static Object ownCompletableFutures(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 20);
              CompletableFuture<Integer> b = CompletableFuture.completedFuture(22);
              return a.thenCombine(b, Integer::sum).get();
            })
        .get();
  }
}
