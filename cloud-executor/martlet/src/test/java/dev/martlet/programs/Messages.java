package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcomes;

import java.io.BufferedReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Programs whose tasks send each other messages and start each other. */
final class Messages {
  private Messages() {}

  // ---- actors ----

  abstract static class Actor<M> implements Runnable {
    private final Queue<M> mailbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Executor pool;

    Actor(Executor pool) {
      this.pool = pool;
    }

    abstract void receive(M message);

    final void tell(M message) {
      mailbox.add(message);
      if (scheduled.compareAndSet(false, true)) {
        pool.execute(this);
      }
    }

    @Override
    public final void run() {
      M m;
      while ((m = mailbox.poll()) != null) {
        receive(m);
      }
      scheduled.set(false);
      if (!mailbox.isEmpty() && scheduled.compareAndSet(false, true)) {
        pool.execute(this);
      }
    }
  }

  static final class Adder extends Actor<Integer> {
    private long sum;
    private int seen;
    private final int expected;
    private final CompletableFuture<Long> total;

    Adder(Executor pool, int expected, CompletableFuture<Long> total) {
      super(pool);
      this.expected = expected;
      this.total = total;
    }

    @Override
    void receive(Integer n) {
      sum += n;
      if (++seen == expected) {
        total.complete(sum);
      }
    }
  }

  static final class Squarer extends Actor<Integer> {
    private final Adder next;

    Squarer(Executor pool, Adder next) {
      super(pool);
      this.next = next;
    }

    @Override
    void receive(Integer n) {
      next.tell(n * n);
    }
  }

  @Runs(EITHER)
  static Object actors(ExecutorService pool) throws Exception {
    CompletableFuture<Long> total = new CompletableFuture<>();
    Adder adder = new Adder(pool, 100, total);
    Squarer[] squarers = {new Squarer(pool, adder), new Squarer(pool, adder)};
    for (int i = 0; i < 100; i++) {
      squarers[i % 2].tell(i);
    }
    return total.get(30, TimeUnit.SECONDS);
  }

  @Runs(EITHER)
  static Object pingPong(ExecutorService pool) throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    class Player extends Actor<Integer> {
      Player other;
      final String name;

      Player(String name) {
        super(pool);
        this.name = name;
      }

      @Override
      void receive(Integer n) {
        log.add(name + n);
        if (n == 0) {
          done.countDown();
        } else {
          other.tell(n - 1);
        }
      }
    }
    Player ping = new Player("ping");
    Player pong = new Player("pong");
    ping.other = pong;
    pong.other = ping;
    ping.tell(9);
    done.await();
    return log;
  }

  // ---- tasks that start tasks and nobody waits but the caller ----

  static final class Crawler {
    private final Map<String, List<String>> web;
    private final ExecutorService pool;
    private final Set<String> visited = ConcurrentHashMap.newKeySet();
    private final Phaser phaser = new Phaser(1);

    Crawler(Map<String, List<String>> web, ExecutorService pool) {
      this.web = web;
      this.pool = pool;
    }

    Set<String> crawl(String start) {
      visit(start);
      phaser.arriveAndAwaitAdvance();
      return new TreeSet<>(visited);
    }

    private void visit(String page) {
      if (visited.add(page)) {
        phaser.register();
        pool.execute(
            () -> {
              try {
                web.getOrDefault(page, List.of()).forEach(this::visit);
              } finally {
                phaser.arriveAndDeregister();
              }
            });
      }
    }
  }

  @Runs(EITHER)
  static Object crawler(ExecutorService pool) throws Exception {
    Map<String, List<String>> web = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      web.put("p" + i, List.of("p" + i * 2, "p" + (i * 3 + 1), "p" + i / 2));
    }
    return new Crawler(web, pool).crawl("p1");
  }

  static final class Walk {
    private final ExecutorService pool;
    private final AtomicInteger pending = new AtomicInteger();
    private final LongAdder size = new LongAdder();
    private final CountDownLatch done = new CountDownLatch(1);

    Walk(ExecutorService pool) {
      this.pool = pool;
    }

    void explore(int depth, int width) {
      pending.incrementAndGet();
      pool.submit(
          () -> {
            size.increment();
            if (depth > 0) {
              for (int i = 0; i < width; i++) {
                explore(depth - 1, width);
              }
            }
            if (pending.decrementAndGet() == 0) {
              done.countDown();
            }
          });
    }
  }

  @Runs(EITHER)
  static Object pendingCounted(ExecutorService pool) throws Exception {
    Walk walk = new Walk(pool);
    walk.explore(3, 3);
    walk.done.await();
    return walk.size.sum();
  }

  @Runs(EITHER)
  static Object chainOfTasksWithoutWaiting(ExecutorService pool) throws Exception {
    CompletableFuture<List<Integer>> end = new CompletableFuture<>();
    class Step implements Runnable {
      final int n;
      final List<Integer> path;

      Step(int n, List<Integer> path) {
        this.n = n;
        this.path = path;
      }

      @Override
      public void run() {
        List<Integer> longer = new ArrayList<>(path);
        longer.add(n);
        if (n == 1) {
          end.complete(longer);
        } else {
          pool.execute(new Step(n % 2 == 0 ? n / 2 : 3 * n + 1, longer));
        }
      }
    }
    pool.execute(new Step(7, List.of()));
    return end.get(30, TimeUnit.SECONDS);
  }

  @Runs(EITHER)
  static Object submittedByThreadsOfTasks(ExecutorService pool) throws Exception {
    CountDownLatch done = new CountDownLatch(8);
    LongAdder sum = new LongAdder();
    for (int i = 0; i < 4; i++) {
      int n = i;
      pool.submit(
          () -> {
            Thread later =
                new Thread(
                    () -> {
                      try {
                        Thread.sleep(30);
                      } catch (InterruptedException e) {
                        return;
                      }
                      pool.execute(
                          () -> {
                            sum.add(n);
                            pool.execute(done::countDown);
                            done.countDown();
                          });
                    });
            later.start();
          });
    }
    boolean all = done.await(30, TimeUnit.SECONDS);
    return all(all, sum.sum());
  }

  @Runs(EITHER)
  static Object submittedAfterAPause(ExecutorService pool) throws Exception {
    CompletableFuture<String> end = new CompletableFuture<>();
    Executor later = CompletableFuture.delayedExecutor(30, TimeUnit.MILLISECONDS, pool);
    pool.submit(
            () -> {
              CompletableFuture.supplyAsync(() -> "late", later).thenAccept(end::complete);
            })
        .get();
    return end.get(30, TimeUnit.SECONDS);
  }

  @Runs(AWAY)
  static Object listsFilledByTasksThatNobodyAwaits(ExecutorService pool) throws Exception {
    Queue<String> log = new ConcurrentLinkedQueue<>();
    class Countdown implements Runnable {
      final int n;

      Countdown(int n) {
        this.n = n;
      }

      @Override
      public void run() {
        log.add("n" + n);
        if (n > 0) {
          pool.execute(new Countdown(n - 1));
        }
      }
    }
    pool.submit(new Countdown(5));
    pool.submit(new Countdown(3));
    for (int i = 0; i < 2000 && Collections.frequency(log, "n0") < 2; i++) {
      Thread.sleep(5);
    }
    return log.stream().sorted().toList();
  }

  static final class Dag {
    private final Map<String, Set<String>> waitsFor = new ConcurrentHashMap<>();
    private final Map<String, List<String>> next = new HashMap<>();
    private final Map<String, Integer> levels = new ConcurrentHashMap<>();

    void edge(String from, String to) {
      next.computeIfAbsent(from, k -> new ArrayList<>()).add(to);
      waitsFor.computeIfAbsent(to, k -> ConcurrentHashMap.newKeySet()).add(from);
    }

    void start(String node, int level, ExecutorService pool, CountDownLatch left) {
      pool.submit(
          () -> {
            levels.merge(node, level, Math::max);
            for (String n : next.getOrDefault(node, List.of())) {
              Set<String> waits = waitsFor.get(n);
              boolean ready;
              synchronized (waits) {
                ready = waits.remove(node) && waits.isEmpty();
              }
              if (ready) {
                start(n, levels.get(node) + 1, pool, left);
              }
            }
            left.countDown();
          });
    }
  }

  @Runs(HOME)
  static Object dependenciesReleased(ExecutorService pool) throws Exception {
    Dag dag = new Dag();
    dag.edge("a", "b");
    dag.edge("a", "c");
    dag.edge("b", "d");
    dag.edge("c", "d");
    dag.edge("d", "e");
    CountDownLatch left = new CountDownLatch(5);
    dag.start("a", 0, pool, left);
    left.await();
    return new TreeMap<>(dag.levels);
  }

  // ---- pipelines ----

  private static final String END = "END OF LINES";

  @OwnPool
  @Runs(HOME)
  static Object pipelineOfQueues(ExecutorService pool) throws Exception {
    BlockingQueue<String> raw = new ArrayBlockingQueue<>(4);
    BlockingQueue<String> upper = new LinkedBlockingQueue<>(4);
    Future<?> reader =
        pool.submit(
            () -> {
              try (BufferedReader in = new BufferedReader(new StringReader("one\ntwo\nthree"))) {
                String line;
                while ((line = in.readLine()) != null) {
                  raw.put(line);
                }
                raw.put(END);
              }
              return null;
            });
    Future<?> mapper =
        pool.submit(
            () -> {
              String s;
              while ((s = raw.take()) != END) {
                upper.put(s.toUpperCase(Locale.ROOT));
              }
              upper.put(END);
              return null;
            });
    Future<List<String>> writer =
        pool.submit(
            () -> {
              List<String> out = new ArrayList<>();
              String s;
              while ((s = upper.take()) != END) {
                out.add(s);
              }
              return out;
            });
    reader.get();
    mapper.get();
    return writer.get();
  }

  @Runs(EITHER)
  static Object poisonPillFedFromHome(ExecutorService pool) throws Exception {
    Object pill = new Object();
    BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    for (int i = 0; i < 10; i++) {
      queue.add(i);
    }
    queue.add(pill);
    Future<Integer> sum =
        pool.submit(
            () -> {
              int s = 0;
              for (Object o = queue.take(); o != pill; o = queue.take()) {
                s += (Integer) o;
              }
              return s;
            });
    return all(sum.get(), queue);
  }

  static final class Ring {
    private final long[] slots = new long[8];
    private volatile long published = -1;
    private volatile long consumed = -1;

    void publish(long seq, long value) {
      while (seq - consumed > slots.length) {
        Thread.onSpinWait();
      }
      slots[(int) (seq % slots.length)] = value;
      published = seq;
    }

    long consume(long seq) {
      while (published < seq) {
        Thread.onSpinWait();
      }
      long value = slots[(int) (seq % slots.length)];
      consumed = seq;
      return value;
    }
  }

  @Runs(HOME)
  static Object ringBuffer(ExecutorService pool) throws Exception {
    Ring ring = new Ring();
    Future<?> producer =
        pool.submit(
            () -> {
              for (long i = 0; i < 200; i++) {
                ring.publish(i, i * i);
              }
            });
    Future<Long> consumer =
        pool.submit(
            () -> {
              long sum = 0;
              for (long i = 0; i < 200; i++) {
                sum += ring.consume(i);
              }
              return sum;
            });
    producer.get();
    return consumer.get();
  }

  // ---- publish and subscribe ----

  static final class Collecting<T> implements Flow.Subscriber<T> {
    final List<T> items = new ArrayList<>();
    final CountDownLatch done = new CountDownLatch(1);
    private Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
      s.request(1);
    }

    @Override
    public void onNext(T item) {
      items.add(item);
      subscription.request(1);
    }

    @Override
    public void onError(Throwable t) {
      done.countDown();
    }

    @Override
    public void onComplete() {
      done.countDown();
    }
  }

  @Runs(EITHER)
  static Object submissionPublisherOnThePool(ExecutorService pool) throws Exception {
    Collecting<Integer> subscriber = new Collecting<>();
    try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(pool, 16)) {
      publisher.subscribe(subscriber);
      for (int i = 0; i < 50; i++) {
        publisher.submit(i);
      }
    }
    subscriber.done.await();
    return subscriber.items;
  }

  @Runs(EITHER)
  static Object publishedFromTasks(ExecutorService pool) throws Exception {
    Collecting<Integer> subscriber = new Collecting<>();
    try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(Runnable::run, 16)) {
      publisher.subscribe(subscriber);
      for (int i = 0; i < 5; i++) {
        int n = i;
        pool.submit(() -> publisher.submit(n)).get();
      }
    }
    subscriber.done.await();
    return subscriber.items;
  }

  static final class Transform<T, R> extends SubmissionPublisher<R>
      implements Flow.Processor<T, R> {
    private final Function<T, R> f;
    private Flow.Subscription subscription;

    Transform(Executor executor, Function<T, R> f) {
      super(executor, Flow.defaultBufferSize());
      this.f = f;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
      s.request(1);
    }

    @Override
    public void onNext(T item) {
      submit(f.apply(item));
      subscription.request(1);
    }

    @Override
    public void onError(Throwable t) {
      closeExceptionally(t);
    }

    @Override
    public void onComplete() {
      close();
    }
  }

  @Runs(EITHER)
  static Object processorsOnThePool(ExecutorService pool) throws Exception {
    Collecting<String> subscriber = new Collecting<>();
    try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(pool, 32)) {
      Transform<Integer, String> transform = new Transform<>(pool, i -> "<" + i * 2 + ">");
      publisher.subscribe(transform);
      transform.subscribe(subscriber);
      IntStream.range(0, 30).forEach(publisher::submit);
    }
    subscriber.done.await();
    return subscriber.items;
  }

  static final class Bus {
    private final Map<Class<?>, List<Consumer<Object>>> handlers = new ConcurrentHashMap<>();
    private final Executor executor;

    Bus(Executor executor) {
      this.executor = executor;
    }

    <E> void on(Class<E> type, Consumer<? super E> handler) {
      handlers
          .computeIfAbsent(type, k -> new CopyOnWriteArrayList<>())
          .add(e -> handler.accept(type.cast(e)));
    }

    CompletableFuture<Void> publish(Object event) {
      return CompletableFuture.allOf(
          handlers.getOrDefault(event.getClass(), List.of()).stream()
              .map(h -> CompletableFuture.runAsync(() -> h.accept(event), executor))
              .toArray(CompletableFuture[]::new));
    }
  }

  record Ordered(String item, int n) {}

  record Paid(int cents) {}

  @Runs(EITHER)
  static Object typedEventBus(ExecutorService pool) throws Exception {
    Bus bus = new Bus(pool);
    Map<String, Integer> stock = new ConcurrentHashMap<>();
    LongAdder revenue = new LongAdder();
    List<String> mails = new CopyOnWriteArrayList<>();
    bus.on(Ordered.class, o -> stock.merge(o.item(), -o.n(), Integer::sum));
    bus.on(Ordered.class, o -> mails.add("ordered " + o.item()));
    bus.on(Paid.class, p -> revenue.add(p.cents()));
    for (int i = 0; i < 10; i++) {
      bus.publish(new Ordered("i" + i % 3, i)).get();
      bus.publish(new Paid(i * 100)).get();
    }
    return all(new TreeMap<>(stock), revenue.sum(), mails);
  }

  // ---- work lists ----

  @Runs(HOME)
  static Object workStealing(ExecutorService pool) throws Exception {
    List<Deque<Integer>> deques = new ArrayList<>();
    for (int w = 0; w < 3; w++) {
      deques.add(new ConcurrentLinkedDeque<>());
    }
    for (int i = 0; i < 60; i++) {
      deques.get(0).push(i);
    }
    long[] sums = new long[3];
    each(
        pool,
        3,
        w ->
            () -> {
              Integer job;
              while ((job = next(deques, w)) != null) {
                sums[w] += job;
              }
            });
    return Arrays.stream(sums).sum();
  }

  private static Integer next(List<Deque<Integer>> deques, int w) {
    Integer job = deques.get(w).pollFirst();
    for (int i = 1; job == null && i < deques.size(); i++) {
      job = deques.get((w + i) % deques.size()).pollLast();
    }
    return job;
  }

  @Runs(HOME)
  static Object batchesByRounds(ExecutorService pool) throws Exception {
    Exchanger<List<Integer>> exchanger = new Exchanger<>();
    Future<Integer> filler =
        pool.submit(
            () -> {
              List<Integer> mine = new ArrayList<>();
              for (int round = 0; round < 5; round++) {
                mine.add(round);
                mine.add(round * 10);
                mine = exchanger.exchange(mine);
              }
              return mine.size();
            });
    Future<Integer> drainer =
        pool.submit(
            () -> {
              List<Integer> mine = new ArrayList<>();
              int sum = 0;
              for (int round = 0; round < 5; round++) {
                mine = exchanger.exchange(mine);
                sum += mine.stream().mapToInt(x -> x).sum();
                mine.clear();
              }
              return sum;
            });
    return all(filler.get(), drainer.get());
  }

  @Runs(EITHER)
  static Object scheduledThenSubmitted(ExecutorService pool) throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      List<Future<Integer>> futures = new CopyOnWriteArrayList<>();
      CountDownLatch ticks = new CountDownLatch(5);
      AtomicInteger n = new AtomicInteger();
      ScheduledFuture<?> repeated =
          timer.scheduleAtFixedRate(
              () -> {
                if (n.get() < 5) {
                  int k = n.getAndIncrement();
                  futures.add(pool.submit(() -> k * k));
                  ticks.countDown();
                }
              },
              0,
              2,
              TimeUnit.MILLISECONDS);
      ticks.await();
      repeated.cancel(false);
      return outcomes(futures);
    } finally {
      timer.shutdownNow();
    }
  }

  @Runs(AWAY)
  static Object delayedStages(ExecutorService pool) throws Exception {
    Executor later = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS, pool);
    CompletableFuture<String> a = CompletableFuture.supplyAsync(() -> "a", later);
    CompletableFuture<String> b = a.thenApplyAsync(s -> s + "b", later);
    CompletableFuture<String> slow =
        new CompletableFuture<String>().completeOnTimeout("timeout", 10, TimeUnit.MILLISECONDS);
    return a.thenCombineAsync(b, String::concat, pool)
        .thenCombineAsync(slow, String::concat, pool)
        .get();
  }
}
