package dev.martlet.capture;

import static dev.martlet.capture.Tasks.call;
import static dev.martlet.capture.Tasks.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.internal.capture.Findings;
import dev.martlet.internal.capture.TaskClassifier;
import dev.martlet.internal.capture.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@SuppressWarnings("serial") // the tasks are serialisable only to show what they capture
class TaskClassifierTest {
  /* ---------------- Programs ---------------- */

  static class Account {
    int balance;
    volatile boolean open;
    final Object lock = new Object();
    static final Object GLOBAL = new Object();
    static int total;
    static volatile boolean stop;

    synchronized void deposit(int n) {
      balance += n;
    }

    void depositLocked(int n) {
      synchronized (lock) {
        balance += n;
      }
    }

    void depositThis(int n) {
      synchronized (this) {
        balance += n;
      }
    }

    static synchronized void addTotal(int n) {
      total += n;
    }

    void plain(int n) {
      balance += n;
    }
  }

  static class LibraryCache {
    static final Object LOCK = new Object();
    static int hits;

    static synchronized void hit() {
      hits++;
    }

    static void hitBlock() {
      synchronized (LOCK) {
        hits++;
      }
    }
  }

  static class Counter extends AtomicInteger {
    private static final long serialVersionUID = 1;

    int next() {
      return incrementAndGet();
    }
  }

  static class Holder {
    final AtomicInteger own = new AtomicInteger();

    int next() {
      return own.incrementAndGet();
    }
  }

  interface Shape {
    double area();

    default double twice() {
      return 2 * area();
    }
  }

  record Square(double side) implements Shape {
    @Override
    public double area() {
      return side * side;
    }
  }

  static class Guarded implements Shape {
    @Override
    public synchronized double area() {
      return 1;
    }
  }

  static class Request {
    final CompletableFuture<String> answer;

    Request(CompletableFuture<String> answer) {
      this.answer = answer;
    }
  }

  static void home(Verdict verdict) {
    assertThat(verdict.kind()).as(verdict.reason()).isEqualTo(Verdict.Kind.HOME);
    assertThat(verdict.reason()).isNotBlank();
  }

  static void releases(Verdict verdict) {
    assertThat(verdict.kind()).as(verdict.reason()).isEqualTo(Verdict.Kind.RELEASES);
    assertThat(verdict.reason()).isNotBlank();
  }

  static void pure(Verdict verdict) {
    assertThat(verdict.kind()).as(verdict.reason()).isEqualTo(Verdict.Kind.PURE);
    assertThat(verdict.reason()).isEmpty();
  }

  static void unsure(Verdict verdict) {
    assertThat(verdict.kind()).as(verdict.reason()).isEqualTo(Verdict.Kind.UNSURE);
    assertThat(verdict.reason()).isNotBlank();
  }

  /* ---------------- Nothing is shared ---------------- */

  @Test
  void aComputationIsPure() {
    int n = 5;
    pure(call(() -> IntStream.range(0, n).mapToObj(i -> "x" + i).toList()));
  }

  @Test
  void plainArraysListsAndMapsArePure() {
    int[] array = new int[3];
    List<String> list = new ArrayList<>();
    Map<String, Integer> map = new HashMap<>();
    pure(
        run(
            () -> {
              array[1]++;
              list.add("a");
              map.merge("a", 1, Integer::sum);
            }));
    pure(call(() -> array[0] + list.size() + map.get("a") + list.toString()));
  }

  @Test
  void anOwnLockIsPure() {
    int[] array = new int[3];
    pure(
        run(
            () -> {
              ReentrantLock lock = new ReentrantLock();
              lock.lock();
              try {
                array[0]++;
              } finally {
                lock.unlock();
              }
            }));
  }

  @Test
  void anOwnMonitorIsPure() {
    int[] array = new int[3];
    pure(
        run(
            () -> {
              Object lock = new Object();
              synchronized (lock) {
                array[0]++;
              }
            }));
  }

  @Test
  void anOwnAtomicWhoseResultIsUsedIsPure() {
    List<Integer> list = new ArrayList<>(List.of(1, 2));
    pure(
        call(
            () -> {
              AtomicInteger sum = new AtomicInteger();
              list.forEach(sum::addAndGet);
              return sum.get();
            }));
  }

  @Test
  void anOwnAtomicIsFreshBesideASharedOne() {
    AtomicInteger shared = new AtomicInteger();
    releases(
        call(
            () -> {
              AtomicInteger own = new AtomicInteger();
              for (int i = 0; i < 10; i++) {
                own.incrementAndGet();
                shared.incrementAndGet();
              }
              return own.get();
            }));
  }

  @Test
  void anOwnConcurrentMapIsPure() {
    String key = "k";
    pure(
        call(
            () -> {
              Map<String, Integer> map = new ConcurrentHashMap<>();
              map.put(key, 1);
              return map.get(key);
            }));
  }

  @Test
  void anObjectMadeByTheTaskMayHaveSynchronizedMethods() {
    int n = 3;
    pure(
        call(
            () -> {
              Account account = new Account();
              account.deposit(n);
              return account.balance;
            }));
  }

  @Test
  void anObjectMadeByTheTaskMayHoldAnAtomic() {
    int n = 3;
    pure(call(() -> new Holder().next() + n));
  }

  @Test
  void stringBuffersAndVectorsOfItsOwnArePure() {
    String s = "a";
    pure(
        call(
            () -> {
              StringBuffer b = new StringBuffer();
              b.append(s).append(1).append('c');
              return b.toString();
            }));
  }

  @Test
  void unusedSynchronisersArePure() {
    AtomicInteger shared = new AtomicInteger();
    pure(call(() -> shared == null ? 1 : 2));
  }

  @Test
  void aTypeThatIsNotShippedDoesNotMatter() {
    AtomicInteger shared = new AtomicInteger();
    List<String> list = new ArrayList<>();
    releases(
        call(
            () -> {
              shared.incrementAndGet();
              return list.get(0);
            }));
  }

  @Test
  void aLibrarysStaticLockIsTheWorkersOwn() {
    pure(run(() -> LibraryCache.hit()));
    pure(run(() -> LibraryCache.hitBlock()));
  }

  /* ---------------- Releases ---------------- */

  @Test
  void aDroppedIncrementReleases() {
    AtomicInteger counter = new AtomicInteger();
    releases(
        run(
            () -> {
              counter.incrementAndGet();
            }));
    releases(run(() -> counter.incrementAndGet()));
  }

  @Test
  void anIncrementThatIsReturnedAcquires() {
    AtomicInteger counter = new AtomicInteger();
    home(call(() -> counter.incrementAndGet()));
  }

  @Test
  void aMethodReferenceReleasesForARunnableAndAcquiresForACallable() {
    AtomicInteger counter = new AtomicInteger();
    releases(run(counter::incrementAndGet));
    home(call(counter::incrementAndGet));
  }

  @Test
  void addersAndConcurrentMapsRelease() {
    LongAdder adder = new LongAdder();
    Map<String, Integer> map = new ConcurrentHashMap<>();
    releases(run(() -> adder.add(3)));
    releases(run(() -> map.put("a", 1)));
    releases(run(() -> map.merge("a", 1, Integer::sum)));
    releases(run(() -> map.computeIfAbsent("a", k -> 1)));
  }

  @Test
  void synchronizedListsVectorsAndQueuesRelease() {
    List<String> list = Collections.synchronizedList(new ArrayList<>());
    List<String> vector = new java.util.Vector<>();
    java.util.Queue<String> queue = new ConcurrentLinkedQueue<>();
    releases(run(() -> list.add("a")));
    releases(run(() -> vector.add("a")));
    releases(run(() -> queue.offer("a")));
  }

  @Test
  void streamsThatAddToASharedListRelease() {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    releases(run(() -> IntStream.range(0, 9).boxed().forEach(list::add)));
    releases(run(() -> IntStream.range(0, 9).forEach(i -> list.add(i))));
  }

  @Test
  void latchesFuturesAndSemaphoresRelease() {
    CountDownLatch latch = new CountDownLatch(1);
    CompletableFuture<String> future = new CompletableFuture<>();
    Semaphore semaphore = new Semaphore(0);
    releases(run(() -> latch.countDown()));
    releases(run(latch::countDown));
    releases(run(() -> future.complete("a")));
    releases(run(() -> semaphore.release()));
  }

  @Test
  void countingDownInFinallyReleases() {
    CountDownLatch latch = new CountDownLatch(1);
    int[] array = new int[1];
    releases(
        call(
            () -> {
              try {
                return array[0] / 2;
              } finally {
                latch.countDown();
              }
            }));
  }

  @Test
  void chainedAppendsToASharedBufferRelease() {
    StringBuffer buffer = new StringBuffer();
    releases(run(() -> buffer.append("a").append(1).append('c')));
    home(call(() -> buffer.append("a").toString()));
  }

  @Test
  void anUnboundedQueueReleasesAndABoundedOneWaits() {
    BlockingQueue<String> unbounded = new LinkedBlockingQueue<>();
    BlockingQueue<String> bounded = new ArrayBlockingQueue<>(1);
    BlockingQueue<String> linked = new LinkedBlockingQueue<>(2);
    releases(
        call(
            () -> {
              unbounded.put("a");
              return null;
            }));
    home(
        call(
            () -> {
              bounded.put("a");
              return null;
            }));
    home(
        call(
            () -> {
              linked.put("a");
              return null;
            }));
  }

  @Test
  void aVolatileWriteReleasesAndAVolatileReadAcquires() {
    Account account = new Account();
    releases(run(() -> account.open = true));
    home(call(() -> account.open));
  }

  @Test
  void aSetFromAConcurrentMapIsSeenThrough() {
    Set<String> set = Collections.newSetFromMap(new ConcurrentHashMap<>());
    Set<Class<?>> types = Set.of(set.getClass(), ConcurrentHashMap.class);
    Findings adds = Tasks.ran(() -> set.add("a"));
    Findings asks = Tasks.findings(() -> set.contains("a"));
    releases(TaskClassifier.classify(adds, types, true));
    home(TaskClassifier.classify(asks, types, true));
    pure(TaskClassifier.classify(asks, Set.of(set.getClass()), true));
  }

  /* ---------------- Acquires ---------------- */

  @Test
  void readsOfSharedStateAcquire() {
    AtomicInteger counter = new AtomicInteger();
    Map<String, Integer> map = new ConcurrentHashMap<>();
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    home(call(() -> counter.get()));
    home(call(() -> map.get("a")));
    home(call(() -> map.size()));
    home(call(() -> map.computeIfAbsent("a", k -> 1)));
    home(call(() -> map.putIfAbsent("a", 1) == null));
    home(call(() -> list.get(0)));
    home(
        call(
            () -> {
              int sum = 0;
              for (int i : list) {
                sum += i;
              }
              return sum;
            }));
    home(call(() -> list.stream().mapToInt(i -> i).sum()));
  }

  @Test
  void aBranchOnTheResultUsesIt() {
    AtomicBoolean once = new AtomicBoolean();
    home(
        run(
            () -> {
              if (once.compareAndSet(false, true)) {
                Thread.onSpinWait();
              }
            }));
    releases(run(() -> once.compareAndSet(false, true)));
  }

  @Test
  void aResultKeptInAVariableIsUsed() {
    AtomicLong ids = new AtomicLong();
    home(
        call(
            () -> {
              long id = ids.getAndIncrement();
              return "id" + id;
            }));
  }

  @Test
  void aResultInAConditionalIsUsed() {
    AtomicLong ids = new AtomicLong();
    boolean draw = true;
    home(call(() -> draw ? ids.incrementAndGet() : 0L));
  }

  @Test
  void aSharedRandomIsClaimedWithTheEffects() {
    Random random = new Random(1);
    pure(call(() -> random.nextInt()));
    int n = 1;
    pure(call(() -> new Random(n).nextInt() + ThreadLocalRandom.current().nextInt()));
  }

  @Test
  void sharedLocksAcquire() {
    ReentrantLock lock = new ReentrantLock();
    ReentrantReadWriteLock rw = new ReentrantReadWriteLock();
    home(
        run(
            () -> {
              lock.lock();
              lock.unlock();
            }));
    home(call(() -> lock.tryLock()));
    Set<Class<?>> all = Set.of(rw.getClass(), rw.readLock().getClass(), rw.writeLock().getClass());
    home(TaskClassifier.classify(Tasks.ran(() -> rw.readLock().lock()), all, true));
  }

  @Test
  void waitingStaysHome() {
    CountDownLatch latch = new CountDownLatch(1);
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    CompletableFuture<String> future = new CompletableFuture<>();
    CyclicBarrier barrier = new CyclicBarrier(2);
    Semaphore semaphore = new Semaphore(1);
    Exchanger<String> exchanger = new Exchanger<>();
    home(
        call(
            () -> {
              latch.await();
              return 1;
            }));
    home(call(() -> queue.take()));
    home(call(() -> queue.poll()));
    home(call(() -> future.get()));
    home(call(() -> future.join()));
    home(call(() -> barrier.await()));
    home(call(() -> exchanger.exchange("a")));
    home(
        call(
            () -> {
              semaphore.acquire();
              return 1;
            }));
    home(run(() -> LockSupport.park(latch)));
  }

  @Test
  void parkingForATimeIsAPause() {
    int n = 1;
    pure(run(() -> LockSupport.parkNanos(n)));
  }

  @Test
  void waitingForAnAnswerToARequestThatWasHandedOutStaysHome() {
    java.util.Queue<Request> requests = new ConcurrentLinkedQueue<>();
    home(
        call(
            () -> {
              CompletableFuture<String> answer = new CompletableFuture<>();
              requests.add(new Request(answer));
              return answer.join();
            }));
  }

  @Test
  void monitorsOfSharedObjectsAcquire() {
    Account account = new Account();
    home(run(() -> account.deposit(1)));
    home(run(() -> account.depositLocked(1)));
    home(run(() -> account.depositThis(1)));
    home(
        run(
            () -> {
              synchronized (account) {
                account.balance++;
              }
            }));
    pure(run(() -> account.plain(1)));
  }

  @Test
  void anApplicationsStaticLocksAcquire() {
    int n = 1;
    home(run(() -> Account.addTotal(n)));
    home(
        run(
            () -> {
              synchronized (Account.GLOBAL) {
                Account.total++;
              }
            }));
    home(
        run(
            () -> {
              synchronized (Account.class) {
                Account.total++;
              }
            }));
  }

  @Test
  void aStaticVolatileReadAcquires() {
    home(
        run(
            () -> {
              while (!Account.stop) {
                Thread.onSpinWait();
              }
            }));
    releases(run(() -> Account.stop = true));
  }

  @Test
  void anUnknownLockIsUnsure() {
    List<Object> locks = new ArrayList<>(List.of(new int[1]));
    unsure(
        run(
            () -> {
              synchronized (locks.get(0)) {
                locks.size();
              }
            }));
  }

  @Test
  void aCapturedObjectAsLockIsNotLost() {
    Object lock = new Object();
    int[] sum = new int[1];
    Verdict verdict =
        run(
            () -> {
              synchronized (lock) {
                sum[0]++;
              }
            });
    assertThat(verdict.kind()).isIn(Verdict.Kind.HOME, Verdict.Kind.UNSURE);
  }

  /* ---------------- Traps ---------------- */

  @Test
  void aSubclassOfASynchroniserIsOne() {
    Counter counter = new Counter();
    home(call(() -> counter.next()));
    home(call(() -> counter.incrementAndGet()));
    releases(run(() -> counter.incrementAndGet()));
  }

  @Test
  void anAtomicInsideASharedObjectIsShared() {
    Holder holder = new Holder();
    home(call(() -> holder.next()));
  }

  @Test
  void interfacesGoOnlyToTypesThatAreThere() {
    Shape square = new Square(2);
    Shape guarded = new Guarded();
    pure(call(() -> square.area()));
    pure(call(() -> square.twice()));
    home(call(() -> guarded.area()));
    home(call(() -> guarded.twice()));
  }

  @Test
  void copyingAndPrintingReadAnArgument() {
    List<Integer> list = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger counter = new AtomicInteger();
    home(call(() -> new ArrayList<>(list)));
    home(call(() -> List.copyOf(list)));
    home(call(() -> "n = " + counter));
    home(call(() -> String.valueOf(counter)));
    home(run(() -> System.out.println(counter)));
    home(call(() -> counter.toString()));
    home(call(() -> new StringBuilder().append(counter).toString()));
    home(call(() -> String.format("%s", counter)));
  }

  @Test
  void theIdentityOfASynchroniserIsNoAcquire() {
    AtomicInteger counter = new AtomicInteger();
    pure(call(() -> counter.getClass()));
    pure(call(() -> counter.hashCode()));
  }

  @Test
  void anAcquireDeepInACallChainIsFound() {
    AtomicInteger counter = new AtomicInteger();
    Verdict verdict = call(() -> deep(5, counter));
    home(verdict);
    assertThat(verdict.reason())
        .contains("lambda$", "deep", "deeper", "AtomicInteger.get()")
        .contains(" → ");
  }

  static int deep(int n, AtomicInteger counter) {
    return n == 0 ? deeper(counter) : deep(n - 1, counter);
  }

  private static int deeper(AtomicInteger counter) {
    return counter.get();
  }

  @Test
  void theReasonNamesThePath() {
    Account account = new Account();
    Verdict verdict = run(() -> account.deposit(1));
    assertThat(verdict.reason())
        .matches("lambda\\$.* → TaskClassifierTest\\.Account\\.deposit: synchronized");
  }

  @Test
  void anAcquireInANestedLambdaIsFound() {
    AtomicInteger counter = new AtomicInteger();
    int n = 4;
    home(call(() -> IntStream.range(0, n).map(i -> counter.addAndGet(i)).sum()));
    home(call(() -> IntStream.range(0, n).map(counter::addAndGet).sum()));
  }

  @Test
  void anAcquireInAnAnonymousClassIsFound() {
    AtomicInteger counter = new AtomicInteger();
    home(
        call(
            () ->
                new Callable<Integer>() {
                  @Override
                  public Integer call() {
                    return counter.get();
                  }
                }.call()));
  }

  @Test
  void anAcquireBehindACallBackOfTheJdkIsFound() {
    AtomicInteger counter = new AtomicInteger();
    List<Integer> list = new ArrayList<>(List.of(2, 1));
    home(
        run(
            () ->
                list.sort(
                    new java.util.Comparator<Integer>() {
                      @Override
                      public int compare(Integer a, Integer b) {
                        return counter.get() + a - b;
                      }
                    })));
  }

  @Test
  void anAcquireInACapturedLambdaIsFound() {
    AtomicInteger counter = new AtomicInteger();
    Tasks.Fn f = x -> counter.get();
    home(call(() -> f.apply(1)));
  }

  @Test
  void reflectionBesideSharedStateIsUnsure() {
    Account account = new Account();
    int[] plain = new int[1];
    unsure(call(() -> account.getClass().getMethod("toString").invoke(account)));
    pure(call(() -> Class.forName("java.lang.String").getName() + plain[0]));
  }

  @Test
  void startingAThreadIsUnsure() {
    int[] plain = new int[1];
    unsure(run(() -> new Thread(() -> plain[0]++).start()));
  }

  @Test
  void theVerdictIsHomeEvenIfTheTaskReleasesToo() {
    AtomicInteger counter = new AtomicInteger();
    LongAdder adder = new LongAdder();
    home(
        call(
            () -> {
              adder.increment();
              return counter.get();
            }));
  }

  /* ---------------- Own beside shared ---------------- */

  static class Box {
    Map<String, Integer> content;
    final Object[] slots = new Object[1];

    Box(Map<String, Integer> content) {
      this.content = content;
    }

    Integer get(String key) {
      return content.get(key);
    }
  }

  static Integer look(Map<String, Integer> map) {
    return map.get("a");
  }

  static <T> T same(T t) {
    return t;
  }

  @Test
  void anOwnMapBesideASharedOneIsOwn() {
    Map<String, Integer> shared = new ConcurrentHashMap<>();
    List<String> words = new ArrayList<>(List.of("a"));
    releases(
        run(
            () -> {
              Map<String, Integer> counts = new HashMap<>();
              for (String word : words) {
                counts.put(word, counts.getOrDefault(word, 0) + 1);
              }
              words.forEach(w -> counts.put(w, counts.get(w) + look(counts)));
              shared.put("a", counts.get("a"));
            }));
  }

  @Test
  void anOwnAtomicInALambdaBesideASharedOneIsOwn() {
    AtomicInteger shared = new AtomicInteger();
    List<Integer> list = new ArrayList<>(List.of(1));
    releases(
        call(
            () -> {
              AtomicInteger own = new AtomicInteger();
              list.forEach(x -> list.forEach(y -> own.set(own.addAndGet(x))));
              shared.incrementAndGet();
              return own.get();
            }));
  }

  @Test
  void anObjectOfItsOwnMayBeLockedBesideASharedOne() {
    Account shared = new Account();
    pure(
        call(
            () -> {
              Account own = new Account();
              own.deposit(shared.balance);
              return own.balance;
            }));
    home(
        call(
            () -> {
              Account either = shared.balance > 0 ? shared : new Account();
              either.deposit(1);
              return 1;
            }));
  }

  @Test
  void aSharedMapIsFoundBehindAParameterAFieldAResultOrAContainer() {
    Map<String, Integer> shared = new ConcurrentHashMap<>();
    home(call(() -> look(shared)));
    home(call(() -> new Box(shared).get("a")));
    home(call(() -> same(shared).get("a")));
    home(call(() -> List.of(shared).get(0).get("a")));
    home(
        call(
            () -> {
              List<Map<String, Integer>> own = new ArrayList<>();
              own.add(shared);
              Map<String, Integer> found = null;
              for (Map<String, Integer> m : own) {
                found = m;
              }
              return found.get("a");
            }));
    home(
        call(
            () -> {
              Box box = new Box(null);
              box.slots[0] = shared;
              return ((Map<?, ?>) box.slots[0]).get("a");
            }));
    home(
        call(
            () -> {
              Box box = new Box(new HashMap<>());
              box.content = shared;
              return box.get("a");
            }));
    home(call(() -> java.util.Optional.of(shared).map(m -> m.get("a")).orElse(1)));
    home(call(() -> java.util.stream.Stream.of(shared).mapToInt(Map::size).sum()));
  }

  @Test
  void aBoxOfItsOwnWithAMapOfItsOwnIsOwn() {
    Map<String, Integer> shared = new ConcurrentHashMap<>();
    releases(
        call(
            () -> {
              shared.put("a", 1);
              return new Box(new HashMap<>(Map.of("a", 1))).get("a");
            }));
  }

  @Test
  void waitingOnAnObjectThatWasHandedOutStaysHome() {
    java.util.Queue<Object> requests = new ConcurrentLinkedQueue<>();
    home(
        call(
            () -> {
              Object request = new Object();
              requests.add(request);
              synchronized (request) {
                request.wait();
              }
              return 1;
            }));
  }
}
