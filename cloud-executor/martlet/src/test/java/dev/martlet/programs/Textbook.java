package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Runs.Where.HOME;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;
import static dev.martlet.programs.Support.outcomes;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/** The executors, caches, puzzles and cancellations of textbooks on concurrency. */
final class Textbook {
  private Textbook() {}

  // ---- executors around executors ----

  static final class SerialExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Executor executor;
    private Runnable active;

    SerialExecutor(Executor executor) {
      this.executor = executor;
    }

    @Override
    public synchronized void execute(Runnable r) {
      tasks.add(
          () -> {
            try {
              r.run();
            } finally {
              scheduleNext();
            }
          });
      if (active == null) {
        scheduleNext();
      }
    }

    private synchronized void scheduleNext() {
      active = tasks.poll();
      if (active != null) {
        executor.execute(active);
      }
    }
  }

  @Runs(EITHER)
  static Object serialExecutor(ExecutorService pool) throws Exception {
    SerialExecutor serial = new SerialExecutor(pool);
    List<Integer> order = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      int n = i;
      serial.execute(
          () -> {
            order.add(n);
            done.countDown();
          });
    }
    done.await();
    return order;
  }

  @Runs(EITHER)
  static Object stagesOnSerialExecutor(ExecutorService pool) throws Exception {
    SerialExecutor serial = new SerialExecutor(pool);
    List<String> log = new ArrayList<>();
    CompletableFuture<Integer> sum = CompletableFuture.completedFuture(0);
    for (int i = 0; i < 8; i++) {
      int n = i;
      sum =
          sum.thenApplyAsync(
              x -> {
                log.add(x + "+" + n);
                return x + n;
              },
              serial);
    }
    return all(sum.get(), log);
  }

  static final class BoundedExecutor {
    private final Executor exec;
    private final Semaphore semaphore;

    BoundedExecutor(Executor exec, int bound) {
      this.exec = exec;
      semaphore = new Semaphore(bound);
    }

    void submitTask(Runnable command) throws InterruptedException {
      semaphore.acquire();
      try {
        exec.execute(
            () -> {
              try {
                command.run();
              } finally {
                semaphore.release();
              }
            });
      } catch (RejectedExecutionException e) {
        semaphore.release();
        throw e;
      }
    }
  }

  @Runs(EITHER)
  static Object boundedExecutor(ExecutorService pool) throws Exception {
    BoundedExecutor bounded = new BoundedExecutor(pool, 2);
    long[] squares = new long[20];
    for (int i = 0; i < squares.length; i++) {
      int n = i;
      bounded.submitTask(() -> squares[n] = (long) n * n);
    }
    bounded.semaphore.acquire(2);
    return all(squares, bounded.semaphore.availablePermits());
  }

  @Runs(EITHER)
  static Object futureTasksInBoundedExecutor(ExecutorService pool) throws Exception {
    BoundedExecutor bounded = new BoundedExecutor(pool, 3);
    List<FutureTask<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i;
      FutureTask<Integer> task = new FutureTask<>(() -> 100 / (n - 5));
      tasks.add(task);
      bounded.submitTask(task);
    }
    return outcomes(tasks);
  }

  /** Counts and times what it runs. */
  static final class Metered implements Executor {
    private final Executor target;
    final LongAdder started = new LongAdder();
    final LongAdder ended = new LongAdder();
    final AtomicInteger failed = new AtomicInteger();

    Metered(Executor target) {
      this.target = target;
    }

    @Override
    public void execute(Runnable command) {
      target.execute(
          () -> {
            started.increment();
            try {
              command.run();
            } catch (RuntimeException e) {
              failed.incrementAndGet();
            } finally {
              ended.increment();
            }
          });
    }
  }

  @Runs(EITHER)
  static Object meteredStages(ExecutorService pool) throws Exception {
    Metered metered = new Metered(pool);
    List<CompletableFuture<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int n = i;
      futures.add(
          CompletableFuture.supplyAsync(() -> n * n, metered).thenApplyAsync(x -> x + 1, metered));
    }
    List<Integer> values = new ArrayList<>();
    for (CompletableFuture<Integer> f : futures) {
      values.add(f.get());
    }
    while (metered.ended.sum() < 24) {
      Thread.onSpinWait();
    }
    return all(values, metered.started.sum(), metered.failed.get());
  }

  /** An executor service of its own over another executor. */
  static final class Tracking extends AbstractExecutorService {
    private final ExecutorService exec;
    private final Set<Runnable> cancelledAtShutdown = Collections.synchronizedSet(new HashSet<>());
    final AtomicInteger ran = new AtomicInteger();

    Tracking(ExecutorService exec) {
      this.exec = exec;
    }

    @Override
    public void execute(Runnable runnable) {
      exec.execute(
          () -> {
            try {
              runnable.run();
            } finally {
              ran.incrementAndGet();
              if (isShutdown() && Thread.currentThread().isInterrupted()) {
                cancelledAtShutdown.add(runnable);
              }
            }
          });
    }

    @Override
    public void shutdown() {
      exec.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return exec.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return exec.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return exec.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return exec.awaitTermination(timeout, unit);
    }
  }

  @OwnPool
  @Runs(EITHER)
  static Object trackingExecutor(ExecutorService pool) throws Exception {
    Tracking tracking = new Tracking(pool);
    List<Future<String>> futures =
        tracking.invokeAll(
            IntStream.range(0, 10).<Callable<String>>mapToObj(i -> () -> "r" + i).toList());
    List<Object> values = outcomes(futures);
    String any = tracking.invokeAny(List.of(() -> "any"));
    tracking.shutdown();
    boolean ended = tracking.awaitTermination(30, TimeUnit.SECONDS);
    return all(values, any, ended, tracking.ran.get(), tracking.cancelledAtShutdown.size());
  }

  @Runs(AWAY)
  static Object completionServiceOfUnconfigurable(ExecutorService pool) throws Exception {
    ExecutorService wrapped = Executors.unconfigurableExecutorService(pool);
    CompletionService<Integer> service = new ExecutorCompletionService<>(wrapped);
    for (int i = 0; i < 10; i++) {
      int n = i;
      service.submit(() -> n * 10);
    }
    int sum = 0;
    for (int i = 0; i < 10; i++) {
      sum += service.take().get();
    }
    Future<String> called = wrapped.submit(Executors.callable(() -> {}, "done"));
    return all(sum, called.get());
  }

  // ---- futures with hooks ----

  static final class Noted extends FutureTask<Integer> {
    private final List<String> notes;
    private final int n;

    Noted(int n, List<String> notes) {
      super(() -> n % 3 == 0 ? fail(n) : n * n);
      this.n = n;
      this.notes = notes;
    }

    private static int fail(int n) {
      throw new IllegalStateException("no " + n);
    }

    @Override
    protected void done() {
      try {
        notes.add(n + "=" + get());
      } catch (ExecutionException e) {
        notes.add(n + ":" + e.getCause().getMessage());
      } catch (InterruptedException e) {
        notes.add(n + " interrupted");
      }
    }
  }

  @Runs(EITHER)
  static Object futureTasksWithDone(ExecutorService pool) throws Exception {
    List<String> notes = Collections.synchronizedList(new ArrayList<>());
    List<Noted> tasks = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Noted task = new Noted(i, notes);
      tasks.add(task);
      pool.execute(task);
    }
    List<Object> values = outcomes(tasks);
    while (notes.size() < 9) {
      Thread.sleep(1);
    }
    Collections.sort(notes);
    return all(values, notes);
  }

  static final class Settable<T> extends FutureTask<T> {
    Settable(Callable<T> c) {
      super(c);
    }

    boolean repeat() {
      return runAndReset();
    }
  }

  @Runs(EITHER)
  static Object futureTaskRunAndReset(ExecutorService pool) throws Exception {
    int[] runs = new int[1];
    Settable<String> task =
        new Settable<>(
            () -> {
              runs[0]++;
              return "x";
            });
    boolean again = pool.submit(task::repeat).get();
    boolean third = pool.submit(task::repeat).get();
    boolean before = task.isDone();
    pool.submit(task).get();
    return all(again, third, before, task.get(), runs[0]);
  }

  // ---- caches ----

  interface Computable<A, V> {
    V compute(A arg) throws InterruptedException;
  }

  static final class Memoizer<A, V> implements Computable<A, V> {
    private final ConcurrentMap<A, Future<V>> cache = new ConcurrentHashMap<>();
    private final Computable<A, V> c;

    Memoizer(Computable<A, V> c) {
      this.c = c;
    }

    @Override
    public V compute(A arg) throws InterruptedException {
      while (true) {
        Future<V> f = cache.get(arg);
        if (f == null) {
          FutureTask<V> ft = new FutureTask<>(() -> c.compute(arg));
          f = cache.putIfAbsent(arg, ft);
          if (f == null) {
            f = ft;
            ft.run();
          }
        }
        try {
          return f.get();
        } catch (CancellationException e) {
          cache.remove(arg, f);
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    }
  }

  @Runs(HOME)
  static Object memoizer(ExecutorService pool) throws Exception {
    AtomicInteger computed = new AtomicInteger();
    Memoizer<String, BigInteger> memo =
        new Memoizer<>(
            s -> {
              computed.incrementAndGet();
              return new BigInteger(s).pow(3);
            });
    List<BigInteger> values = collect(pool, 30, i -> () -> memo.compute("" + i % 5));
    return all(values, computed.get(), memo.cache.size());
  }

  @Runs(AWAY)
  static Object memoizerOfOneTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        4,
        k ->
            () -> {
              Memoizer<Integer, Long> memo = new Memoizer<>(n -> (long) n * n);
              long sum = 0;
              for (int i = 0; i < 50; i++) {
                sum += memo.compute(i % 7) + k;
              }
              return sum * 100 + memo.cache.size();
            });
  }

  static final class OneValueCache {
    private final BigInteger lastNumber;
    private final BigInteger[] lastFactors;

    OneValueCache(BigInteger i, BigInteger... factors) {
      lastNumber = i;
      lastFactors = factors == null ? null : Arrays.copyOf(factors, factors.length);
    }

    BigInteger[] getFactors(BigInteger i) {
      return lastNumber == null || !lastNumber.equals(i)
          ? null
          : Arrays.copyOf(lastFactors, lastFactors.length);
    }
  }

  static final class VolatileCachedFactorizer {
    private volatile OneValueCache cache = new OneValueCache(null);

    BigInteger[] service(BigInteger i) {
      BigInteger[] factors = cache.getFactors(i);
      if (factors == null) {
        factors = factor(i);
        cache = new OneValueCache(i, factors);
      }
      return factors;
    }

    private static BigInteger[] factor(BigInteger n) {
      List<BigInteger> factors = new ArrayList<>();
      for (BigInteger p = BigInteger.TWO; p.multiply(p).compareTo(n) <= 0; ) {
        BigInteger[] qr = n.divideAndRemainder(p);
        if (qr[1].signum() == 0) {
          factors.add(p);
          n = qr[0];
        } else {
          p = p.add(BigInteger.ONE);
        }
      }
      factors.add(n);
      return factors.toArray(new BigInteger[0]);
    }
  }

  @Runs(EITHER)
  static Object volatileCachedFactorizer(ExecutorService pool) throws Exception {
    VolatileCachedFactorizer servlet = new VolatileCachedFactorizer();
    List<BigInteger[]> found =
        collect(pool, 12, i -> () -> servlet.service(BigInteger.valueOf(1000 + i / 3)));
    return all(found, servlet.cache.lastFactors.length > 0);
  }

  static final class BoundedHashSet<T> {
    private final Set<T> set = Collections.synchronizedSet(new HashSet<>());
    private final Semaphore sem;

    BoundedHashSet(int bound) {
      sem = new Semaphore(bound);
    }

    boolean add(T o) throws InterruptedException {
      sem.acquire();
      boolean wasAdded = false;
      try {
        wasAdded = set.add(o);
        return wasAdded;
      } finally {
        if (!wasAdded) {
          sem.release();
        }
      }
    }
  }

  @Runs(HOME)
  static Object boundedHashSet(ExecutorService pool) throws Exception {
    BoundedHashSet<Integer> set = new BoundedHashSet<>(10);
    List<Boolean> added = collect(pool, 30, i -> () -> set.add(i % 9));
    return all(
        Collections.frequency(added, true), new TreeSet<>(set.set), set.sem.availablePermits());
  }

  // ---- puzzles ----

  interface Puzzle<P, M> {
    P initialPosition();

    boolean isGoal(P position);

    Set<M> legalMoves(P position);

    P move(P position, M move);
  }

  static final class Node<P, M> {
    final P pos;
    final M move;
    final Node<P, M> prev;

    Node(P pos, M move, Node<P, M> prev) {
      this.pos = pos;
      this.move = move;
      this.prev = prev;
    }

    List<M> asMoveList() {
      List<M> solution = new LinkedList<>();
      for (Node<P, M> n = this; n.move != null; n = n.prev) {
        solution.add(0, n.move);
      }
      return solution;
    }
  }

  static final class ValueLatch<T> {
    private T value;
    private final CountDownLatch done = new CountDownLatch(1);

    boolean isSet() {
      return done.getCount() == 0;
    }

    synchronized void setValue(T newValue) {
      if (!isSet()) {
        value = newValue;
        done.countDown();
      }
    }

    T getValue() throws InterruptedException {
      done.await();
      synchronized (this) {
        return value;
      }
    }
  }

  static class ConcurrentPuzzleSolver<P, M> {
    private final Puzzle<P, M> puzzle;
    private final Executor exec;
    private final ConcurrentMap<P, Boolean> seen = new ConcurrentHashMap<>();
    protected final ValueLatch<Node<P, M>> solution = new ValueLatch<>();
    private final AtomicInteger taskCount = new AtomicInteger();

    ConcurrentPuzzleSolver(Puzzle<P, M> puzzle, Executor exec) {
      this.puzzle = puzzle;
      this.exec = exec;
    }

    List<M> solve() throws InterruptedException {
      P p = puzzle.initialPosition();
      exec.execute(newTask(p, null, null));
      Node<P, M> solved = solution.getValue();
      return solved == null ? null : solved.asMoveList();
    }

    private Runnable newTask(P p, M m, Node<P, M> n) {
      return new SolverTask(p, m, n);
    }

    private class SolverTask extends NodeTask<P, M> implements Runnable {
      SolverTask(P pos, M move, Node<P, M> prev) {
        super(pos, move, prev);
        taskCount.incrementAndGet();
      }

      @Override
      public void run() {
        try {
          if (solution.isSet() || seen.putIfAbsent(pos, true) != null) {
            return;
          }
          if (puzzle.isGoal(pos)) {
            solution.setValue(node());
          } else {
            for (M m : puzzle.legalMoves(pos)) {
              exec.execute(newTask(puzzle.move(pos, m), m, node()));
            }
          }
        } finally {
          if (taskCount.decrementAndGet() == 0) {
            solution.setValue(null);
          }
        }
      }
    }
  }

  abstract static class NodeTask<P, M> {
    final P pos;
    final M move;
    final Node<P, M> prev;

    NodeTask(P pos, M move, Node<P, M> prev) {
      this.pos = pos;
      this.move = move;
      this.prev = prev;
    }

    Node<P, M> node() {
      return new Node<>(pos, move, prev);
    }
  }

  /** From one number to another by doubling and adding. */
  record Numbers(int from, int to) implements Puzzle<Integer, String> {
    @Override
    public Integer initialPosition() {
      return from;
    }

    @Override
    public boolean isGoal(Integer position) {
      return position == to;
    }

    @Override
    public Set<String> legalMoves(Integer position) {
      Set<String> moves = new TreeSet<>();
      if (position * 2 <= to) {
        moves.add("double");
      }
      if (position + 3 <= to) {
        moves.add("add");
      }
      return moves;
    }

    @Override
    public Integer move(Integer position, String move) {
      return move.equals("double") ? position * 2 : position + 3;
    }
  }

  @Runs(EITHER)
  static Object concurrentPuzzle(ExecutorService pool) throws Exception {
    List<String> moves = new ConcurrentPuzzleSolver<>(new Numbers(1, 47), pool).solve();
    int at = 1;
    for (String m : moves) {
      at = m.equals("double") ? at * 2 : at + 3;
    }
    List<String> none = new ConcurrentPuzzleSolver<>(new Numbers(4, 5), pool).solve();
    return all(at, none);
  }

  // ---- cancellation ----

  static final class PrimeGenerator implements Runnable {
    private final List<BigInteger> primes = new ArrayList<>();
    private volatile boolean cancelled;

    @Override
    public void run() {
      BigInteger p = BigInteger.ONE;
      while (!cancelled) {
        p = p.nextProbablePrime();
        synchronized (this) {
          primes.add(p);
        }
      }
    }

    void cancel() {
      cancelled = true;
    }

    synchronized List<BigInteger> get() {
      return new ArrayList<>(primes);
    }
  }

  @Runs(HOME)
  static Object primeGenerator(ExecutorService pool) throws Exception {
    PrimeGenerator generator = new PrimeGenerator();
    Future<?> running = pool.submit(generator);
    try {
      while (generator.get().size() < 5) {
        Thread.sleep(1);
      }
    } finally {
      generator.cancel();
    }
    running.get();
    return generator.get().subList(0, 5);
  }

  @Runs(EITHER)
  static Object timedRun(ExecutorService pool) throws Exception {
    Future<?> task =
        pool.submit(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
              }
            });
    Object outcome;
    try {
      outcome = task.get(50, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      outcome = "late";
    } finally {
      task.cancel(true);
    }
    return all(outcome, task.isCancelled(), pool.submit(() -> "next").get());
  }

  record Quote(String company, double price) {}

  private record QuoteTask(String company, int delay) implements Callable<Quote> {
    @Override
    public Quote call() throws Exception {
      Thread.sleep(delay);
      if (company.startsWith("bad")) {
        throw new IOException(company);
      }
      return new Quote(company, company.length() * 10.5);
    }
  }

  @Runs(AWAY)
  static Object rankedQuotes(ExecutorService pool) throws Exception {
    List<QuoteTask> tasks =
        List.of(
            new QuoteTask("sunny", 1),
            new QuoteTask("bad air", 1),
            new QuoteTask("never", 60_000),
            new QuoteTask("x", 1));
    List<Future<Quote>> futures = pool.invokeAll(tasks, 3, TimeUnit.SECONDS);
    List<Object> quotes = new ArrayList<>();
    Iterator<QuoteTask> it = tasks.iterator();
    for (Future<Quote> f : futures) {
      QuoteTask task = it.next();
      try {
        quotes.add(f.get());
      } catch (ExecutionException e) {
        quotes.add(task.company() + " failed " + e.getCause().getMessage());
      } catch (CancellationException e) {
        quotes.add(task.company() + " timed out");
      }
    }
    return quotes;
  }

  // ---- synchronisers of one's own ----

  static final class Mutex extends AbstractQueuedSynchronizer {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean tryAcquire(int ignored) {
      if (compareAndSetState(0, 1)) {
        setExclusiveOwnerThread(Thread.currentThread());
        return true;
      }
      return false;
    }

    @Override
    protected boolean tryRelease(int ignored) {
      setExclusiveOwnerThread(null);
      setState(0);
      return true;
    }

    @Override
    protected boolean isHeldExclusively() {
      return getState() == 1;
    }
  }

  static final class OneShotLatch extends AbstractQueuedSynchronizer {
    private static final long serialVersionUID = 1;

    @Override
    protected int tryAcquireShared(int ignored) {
      return getState() == 1 ? 1 : -1;
    }

    @Override
    protected boolean tryReleaseShared(int ignored) {
      setState(1);
      return true;
    }
  }

  @Runs(HOME)
  static Object ownSynchronizer(ExecutorService pool) throws Exception {
    Mutex mutex = new Mutex();
    int[] count = new int[1];
    each(
        pool,
        40,
        i ->
            () -> {
              mutex.acquire(1);
              try {
                count[0] += i;
              } finally {
                mutex.release(1);
              }
            });
    return count[0];
  }

  @Runs(EITHER)
  static Object oneShotLatchOpenedByTask(ExecutorService pool) throws Exception {
    OneShotLatch latch = new OneShotLatch();
    String[] box = new String[1];
    Future<?> f =
        pool.submit(
            () -> {
              box[0] = "set";
              latch.releaseShared(0);
            });
    latch.acquireSharedInterruptibly(0);
    String seen = box[0];
    f.get();
    return seen;
  }

  @Runs(AWAY)
  static Object mutexOfOneTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        3,
        i ->
            () -> {
              Mutex mutex = new Mutex();
              mutex.acquire(1);
              boolean held = mutex.isHeldExclusively();
              mutex.release(1);
              return all(held, mutex.isHeldExclusively(), i);
            });
  }

  static final class CasCounter {
    private final SimulatedCas value = new SimulatedCas();

    int increment() {
      int v;
      do {
        v = value.get();
      } while (v != value.compareAndSwap(v, v + 1));
      return v + 1;
    }
  }

  static final class SimulatedCas {
    private int value;

    synchronized int get() {
      return value;
    }

    synchronized int compareAndSwap(int expected, int next) {
      int old = value;
      if (old == expected) {
        value = next;
      }
      return old;
    }
  }

  @Runs(HOME)
  static Object simulatedCas(ExecutorService pool) throws Exception {
    CasCounter counter = new CasCounter();
    List<Integer> drawn = new ArrayList<>(collect(pool, 50, i -> counter::increment));
    Collections.sort(drawn);
    return all(drawn, counter.value.get());
  }

  static final class TreiberStack<E> {
    private static final class Cell<E> {
      final E item;
      Cell<E> next;

      Cell(E item) {
        this.item = item;
      }
    }

    private final AtomicReference<Cell<E>> top = new AtomicReference<>();

    void push(E item) {
      Cell<E> head = new Cell<>(item);
      Cell<E> old;
      do {
        old = top.get();
        head.next = old;
      } while (!top.compareAndSet(old, head));
    }

    E pop() {
      Cell<E> old;
      do {
        old = top.get();
        if (old == null) {
          return null;
        }
      } while (!top.compareAndSet(old, old.next));
      return old.item;
    }
  }

  @Runs(HOME)
  static Object treiberStack(ExecutorService pool) throws Exception {
    TreiberStack<Integer> stack = new TreiberStack<>();
    each(pool, 60, i -> () -> stack.push(i));
    List<Integer> popped = new ArrayList<>(collect(pool, 30, i -> stack::pop));
    Integer item;
    while ((item = stack.pop()) != null) {
      popped.add(item);
    }
    Collections.sort(popped);
    return popped;
  }

  static final class LinkedQueue<E> {
    private static final class Cell<E> {
      final E item;
      final AtomicReference<Cell<E>> next;

      Cell(E item, Cell<E> next) {
        this.item = item;
        this.next = new AtomicReference<>(next);
      }
    }

    private final Cell<E> dummy = new Cell<>(null, null);
    private final AtomicReference<Cell<E>> head = new AtomicReference<>(dummy);
    private final AtomicReference<Cell<E>> tail = new AtomicReference<>(dummy);

    boolean put(E item) {
      Cell<E> cell = new Cell<>(item, null);
      while (true) {
        Cell<E> last = tail.get();
        Cell<E> next = last.next.get();
        if (last == tail.get()) {
          if (next != null) {
            tail.compareAndSet(last, next);
          } else if (last.next.compareAndSet(null, cell)) {
            tail.compareAndSet(last, cell);
            return true;
          }
        }
      }
    }
  }

  @Runs(HOME)
  static Object michaelScottQueue(ExecutorService pool) throws Exception {
    LinkedQueue<Integer> queue = new LinkedQueue<>();
    each(pool, 40, i -> () -> queue.put(i));
    List<Integer> items = new ArrayList<>();
    for (LinkedQueue.Cell<Integer> c = queue.head.get().next.get(); c != null; c = c.next.get()) {
      items.add(c.item);
    }
    Collections.sort(items);
    return items;
  }

  static final class IntPair {
    final int lower;
    final int upper;

    IntPair(int lower, int upper) {
      this.lower = lower;
      this.upper = upper;
    }
  }

  static final class NumberRange {
    private final AtomicReference<IntPair> values = new AtomicReference<>(new IntPair(0, 100));

    void setLower(int i) {
      values.updateAndGet(
          p -> {
            if (i > p.upper) {
              throw new IllegalArgumentException("lower " + i);
            }
            return new IntPair(Math.max(i, p.lower), p.upper);
          });
    }

    void setUpper(int i) {
      values.accumulateAndGet(
          new IntPair(0, i), (p, q) -> new IntPair(p.lower, Math.min(p.upper, q.upper)));
    }
  }

  @Runs(EITHER)
  static Object rangesNarrowed(ExecutorService pool) throws Exception {
    NumberRange range = new NumberRange();
    each(
        pool,
        20,
        i ->
            () -> {
              if (i % 2 == 0) {
                range.setLower(i);
              } else {
                range.setUpper(60 - i);
              }
            });
    return all(range.values.get(), outcome(pool.submit(() -> range.setLower(1000))));
  }

  // ---- automata and games ----

  static final class CellularAutomata {
    private final boolean[][] now;
    private final boolean[][] next;
    private final CyclicBarrier barrier;
    private int generation;

    CellularAutomata(boolean[][] board, int workers) {
      now = board;
      next = new boolean[board.length][board.length];
      barrier =
          new CyclicBarrier(
              workers,
              () -> {
                for (int r = 0; r < now.length; r++) {
                  System.arraycopy(next[r], 0, now[r], 0, now.length);
                }
                generation++;
              });
    }

    void work(int part, int parts, int generations) {
      int n = now.length;
      try {
        for (int g = 0; g < generations; g++) {
          for (int r = part * n / parts; r < (part + 1) * n / parts; r++) {
            for (int c = 0; c < n; c++) {
              int around = 0;
              for (int d = 0; d < 9; d++) {
                if (d != 4 && now[(r + d / 3 - 1 + n) % n][(c + d % 3 - 1 + n) % n]) {
                  around++;
                }
              }
              next[r][c] = around == 3 || around == 2 && now[r][c];
            }
          }
          barrier.await();
        }
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @OwnPool
  @Runs(HOME)
  static Object cellularAutomata(ExecutorService pool) throws Exception {
    boolean[][] board = new boolean[12][12];
    board[1][2] = board[2][3] = board[3][1] = board[3][2] = board[3][3] = true;
    CellularAutomata automata = new CellularAutomata(board, 3);
    each(pool, 3, i -> () -> automata.work(i, 3, 5));
    return all(board, automata.generation);
  }

  @Runs(HOME)
  static Object diningPhilosophers(ExecutorService pool) throws Exception {
    Lock[] forks = new Lock[4];
    Arrays.setAll(forks, i -> new ReentrantLock());
    int[] meals = new int[4];
    each(
        pool,
        4,
        i ->
            () -> {
              Lock first = forks[Math.min(i, (i + 1) % 4)];
              Lock second = forks[Math.max(i, (i + 1) % 4)];
              for (int n = 0; n < 25; n++) {
                first.lock();
                try {
                  second.lock();
                  try {
                    meals[i]++;
                  } finally {
                    second.unlock();
                  }
                } finally {
                  first.unlock();
                }
              }
            });
    return meals;
  }

  static final class Account {
    private static int nextId;
    final int id = nextId++;
    private long cents;

    Account(long cents) {
      this.cents = cents;
    }

    static void transfer(Account from, Account to, long cents) {
      Account a = from.id < to.id ? from : to;
      Account b = a == from ? to : from;
      synchronized (a) {
        synchronized (b) {
          if (from.cents < cents) {
            throw new IllegalStateException("insufficient funds");
          }
          from.cents -= cents;
          to.cents += cents;
        }
      }
    }
  }

  @Runs(HOME)
  static Object transfersInOrder(ExecutorService pool) throws Exception {
    Account[] accounts = new Account[5];
    Arrays.setAll(accounts, i -> new Account(1_000_000));
    each(pool, 50, i -> () -> Account.transfer(accounts[i % 5], accounts[(i * 3 + 1) % 5], i));
    long total = 0;
    for (Account a : accounts) {
      total += a.cents;
    }
    Object refused =
        outcome(pool.submit(() -> Account.transfer(accounts[0], accounts[1], 99_000_000)));
    return all(total, refused);
  }

  @OwnPool
  @Runs(HOME)
  static Object readersAndWriters(ExecutorService pool) throws Exception {
    ReadWriteLock lock = new ReentrantReadWriteLock();
    Map<String, Integer> map = new HashMap<>();
    List<Future<Integer>> reads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int n = i;
      pool.submit(
          () -> {
            lock.writeLock().lock();
            try {
              map.merge("k" + n % 4, n, Integer::sum);
            } finally {
              lock.writeLock().unlock();
            }
          });
      reads.add(
          pool.submit(
              () -> {
                lock.readLock().lock();
                try {
                  return map.values().stream().mapToInt(x -> x).sum();
                } finally {
                  lock.readLock().unlock();
                }
              }));
    }
    int most = 0;
    for (Future<Integer> f : reads) {
      most = Math.max(most, f.get());
    }
    pool.shutdown();
    pool.awaitTermination(30, TimeUnit.SECONDS);
    return all(new TreeMap<>(map), most <= 190);
  }

  static final class SleepingBarber {
    private final Semaphore customers = new Semaphore(0);
    private final Semaphore barber = new Semaphore(0);
    private final AtomicInteger cut = new AtomicInteger();

    void barber(int n) {
      for (int i = 0; i < n; i++) {
        customers.acquireUninterruptibly();
        cut.incrementAndGet();
        barber.release();
      }
    }

    void customer() {
      customers.release();
      barber.acquireUninterruptibly();
    }
  }

  @Runs(HOME)
  static Object sleepingBarber(ExecutorService pool) throws Exception {
    SleepingBarber shop = new SleepingBarber();
    Future<?> barber = pool.submit(() -> shop.barber(9));
    each(pool, 9, i -> shop::customer);
    barber.get();
    return shop.cut.get();
  }

  static final class BoundedBuffer<V> {
    private final V[] buf;
    private int tail;
    private int head;
    private int count;

    @SuppressWarnings("unchecked")
    BoundedBuffer(int capacity) {
      buf = (V[]) new Object[capacity];
    }

    synchronized void put(V v) throws InterruptedException {
      while (count == buf.length) {
        wait();
      }
      buf[tail] = v;
      tail = (tail + 1) % buf.length;
      count++;
      notifyAll();
    }

    synchronized V take() throws InterruptedException {
      while (count == 0) {
        wait();
      }
      V v = buf[head];
      buf[head] = null;
      head = (head + 1) % buf.length;
      count--;
      notifyAll();
      return v;
    }
  }

  @Runs(HOME)
  static Object putTakeTest(ExecutorService pool) throws Exception {
    BoundedBuffer<Integer> buffer = new BoundedBuffer<>(3);
    AtomicInteger putSum = new AtomicInteger();
    AtomicInteger takeSum = new AtomicInteger();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int seed = i;
      futures.add(
          pool.submit(
              () -> {
                Random r = new Random(seed);
                int sum = 0;
                for (int n = 0; n < 100; n++) {
                  int x = r.nextInt(1000);
                  buffer.put(x);
                  sum += x;
                }
                putSum.getAndAdd(sum);
                return null;
              }));
      futures.add(
          pool.submit(
              () -> {
                int sum = 0;
                for (int n = 0; n < 100; n++) {
                  sum += buffer.take();
                }
                takeSum.getAndAdd(sum);
                return null;
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
    return all(putSum.get(), putSum.get() == takeSum.get());
  }
}
