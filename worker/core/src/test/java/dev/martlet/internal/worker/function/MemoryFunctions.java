package dev.martlet.internal.worker.function;

import static org.awaitility.Awaitility.await;

import dev.martlet.Usage;
import dev.martlet.contract.MemoryStore;
import dev.martlet.internal.envelope.Relay;
import dev.martlet.internal.worker.process.EchoHost;
import dev.martlet.internal.worker.process.WorkerHost;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.FunctionException.Kind;
import dev.martlet.spi.PlatformLimits;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A cloud in this JVM: instances with echo hosts that run one invocation at a time, started when
 * all others are busy. It does what {@link Weather} says.
 */
final class MemoryFunctions implements FunctionClient {
  static final int LONGEST = 100_000;
  static final int LONGEST_SUBMISSION = 50_000;

  /**
   * How many times more often than elsewhere runs show that they go on, so that tests wait less.
   */
  static final int HASTE = 5;

  private static final Duration PERIOD = LifeSign.PERIOD.dividedBy(HASTE);

  private static final long PATIENCE_NANOS = 3_000_000_000L;

  private final MemoryStore store;
  private final Weather weather;
  private final Duration longestRun;
  volatile int concurrency;
  private final ThreadGroup group =
      new ThreadGroup("instances") {
        @Override
        public void uncaughtException(Thread t, Throwable e) {
          if (!(e instanceof Ended)) {
            super.uncaughtException(t, e);
          }
        }
      };
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          r -> {
            Thread t = new Thread(group, r, "instance");
            t.setDaemon(true); // that of an instance that was ended by a call waits for it
            return t;
          });
  private final ArrayDeque<Instance> idle = new ArrayDeque<>();
  private final List<Instance> all = new ArrayList<>();
  private final AtomicInteger running = new AtomicInteger();
  final AtomicInteger mostRunning = new AtomicInteger();
  final AtomicInteger invocations = new AtomicInteger();
  final AtomicInteger throttled = new AtomicInteger();
  final AtomicInteger relayed = new AtomicInteger();
  private volatile long closedNanos;
  private final AtomicInteger lends = new AtomicInteger();
  private boolean closed;

  /** Whether what instances used is told with their answers. */
  volatile boolean reports = true;

  /** What the cloud says of every invocation: 3 of all. */
  static final Usage REPORTED = usage(0);

  /** What it says if it has not heard. */
  static final Usage ESTIMATED = usage(1);

  private static Usage usage(int estimated) {
    BigDecimal three = new BigDecimal("0.003");
    Duration time = Duration.ofNanos(3_000);
    return new Usage(1, estimated, time, time, time, 3_000, 300, three, three, "USD");
  }

  MemoryFunctions(MemoryStore store, Weather weather, Duration longestRun, int concurrency) {
    this.store = store;
    this.weather = weather;
    this.longestRun = longestRun;
    this.concurrency = concurrency;
  }

  @Override
  public PlatformLimits limits() {
    return new PlatformLimits(LONGEST, LONGEST, longestRun, false, false);
  }

  @Override
  public int longestSubmission() {
    return LONGEST_SUBMISSION;
  }

  @Override
  public Place relay() {
    return new Place("memory", "worker");
  }

  @Override
  public Usage estimate(Duration init, Duration duration, long memoryUsed) {
    return ESTIMATED;
  }

  private Usage reported() {
    return reports ? REPORTED : null;
  }

  private static <T> CompletableFuture<T> failed(Kind kind) {
    return CompletableFuture.failedFuture(new FunctionException(kind, "on purpose: " + kind, null));
  }

  /** One at a time, so that no two take the last place. */
  @Override
  public synchronized CompletableFuture<FunctionAnswer> invoke(ByteBuffer request) {
    if (request.remaining() > LONGEST) {
      return failed(Kind.TOO_LARGE);
    }
    invocations.incrementAndGet();
    if (running.get() >= concurrency) {
      throttled.incrementAndGet();
      return failed(Kind.THROTTLED);
    }
    return switch (weather.next()) {
      case FINE -> run(request);
      case THROTTLED -> failed(Kind.THROTTLED);
      case UNAVAILABLE -> failed(Kind.UNAVAILABLE);
      case UNAVAILABLE_LATE ->
          run(request).handle((a, e) -> a).thenCompose(a -> failed(Kind.UNAVAILABLE));
      case CUT -> run(request).handle((a, e) -> a).thenCompose(a -> failed(Kind.CUT));
      case CUT_EARLY -> {
        CompletableFuture<FunctionAnswer> unused = run(request);
        yield failed(Kind.CUT);
      }
      case TWICE -> {
        CompletableFuture<FunctionAnswer> one = run(request);
        CompletableFuture<FunctionAnswer> other = run(request);
        yield weather.coin() ? one : other;
      }
    };
  }

  @Override
  public CompletableFuture<Void> submit(ByteBuffer request) {
    if (request.remaining() > LONGEST_SUBMISSION) {
      return failed(Kind.TOO_LARGE);
    }
    invocations.incrementAndGet();
    return switch (weather.next()) {
      case FINE, UNAVAILABLE_LATE -> {
        CompletableFuture<FunctionAnswer> unused = run(request);
        yield CompletableFuture.completedFuture(null);
      }
      case THROTTLED -> failed(Kind.THROTTLED);
      case UNAVAILABLE -> failed(Kind.UNAVAILABLE);
      case CUT, CUT_EARLY -> CompletableFuture.completedFuture(null); // lost
      case TWICE -> {
        CompletableFuture<FunctionAnswer> unused = run(request);
        unused = run(request);
        yield CompletableFuture.completedFuture(null);
      }
    };
  }

  private CompletableFuture<FunctionAnswer> run(ByteBuffer request) {
    CompletableFuture<FunctionAnswer> answer = new CompletableFuture<>();
    byte[] copy = new byte[request.remaining()];
    request.duplicate().get(copy);
    Instance i;
    synchronized (this) {
      if (closed) {
        return failed(Kind.CUT);
      }
      i = idle.pollFirst();
      if (i == null) {
        i = new Instance("memory-" + (all.size() + 1));
        all.add(i);
      }
    }
    mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
    Instance instance = i;
    instance.current = answer;
    // Whoever hears of the answer finds the instance idle.
    CompletableFuture<FunctionAnswer> told = answer.whenComplete((a, e) -> instance.over());
    threads.execute(() -> instance.run(ByteBuffer.wrap(copy), answer));
    return told;
  }

  /** Ends the instances that are idle. */
  void recycle() {
    List<Instance> old;
    synchronized (this) {
      old = List.copyOf(idle);
      idle.clear();
    }
    old.forEach(Instance::stop);
  }

  /** Kills the instances that run something, which they cannot tell. */
  synchronized void killBusy() {
    for (Instance i : all) {
      if (i.isBusy()) {
        i.dead = true;
        i.current.completeExceptionally(new FunctionException(Kind.CRASHED, "killed", null));
      }
    }
  }

  @Override
  public void close() {
    List<Instance> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(all);
    }
    threads.shutdown();
    // Those that still run shall find the order to stop. One that was lost sight of asks for long,
    // until its store fails.
    closedNanos = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> left.stream().allMatch(i -> i.dead || !i.isBusy()));
    left.forEach(Instance::stop);
    group.interrupt();
  }

  /** Thrown instead of ending the JVM. */
  private static final class Ended extends ThreadDeath {
    private static final long serialVersionUID = 1L;
  }

  private final class Instance implements Surroundings {
    private final String name;
    private final FunctionWorker worker = new FunctionWorker(this, PERIOD);
    private volatile EchoHost host;
    private volatile CompletableFuture<FunctionAnswer> current;
    private volatile boolean dead;

    Instance(String name) {
      this.name = name;
    }

    void run(ByteBuffer request, CompletableFuture<FunctionAnswer> answer) {
      try {
        ByteBuffer bytes = worker.run(request, longestRun.toNanos());
        if (bytes.remaining() > LONGEST) {
          throw new FunctionException(Kind.TOO_LARGE, "too large an answer", null);
        }
        answer.complete(new FunctionAnswer(bytes, name, reported()));
      } catch (FunctionException e) {
        answer.completeExceptionally(e);
      } catch (IOException | RuntimeException | Error e) {
        dead = true;
        answer.completeExceptionally(
            new FunctionException(Kind.CRASHED, e.toString(), e, reported()));
      }
    }

    boolean isBusy() {
      CompletableFuture<FunctionAnswer> c = current;
      return c != null && !c.isDone();
    }

    void over() {
      running.decrementAndGet();
      synchronized (MemoryFunctions.this) {
        if (!dead && !closed) {
          idle.addFirst(this);
          return;
        }
      }
      stop();
    }

    void stop() {
      EchoHost h = host;
      if (h != null) {
        h.stop();
      }
      worker.close();
    }

    @Override
    public String instance() {
      return name;
    }

    @Override
    public int longestAnswer() {
      return LONGEST;
    }

    @Override
    public boolean lendsThread() {
      return lends.getAndIncrement() % 2 == 0; // some do
    }

    @Override
    public WorkerStore open(Map<String, String> place) {
      if (!place.equals(Map.of("where", "here"))) {
        throw new IllegalArgumentException("no place: " + place);
      }
      return new Here(this);
    }

    @Override
    public WorkerHost host() {
      EchoHost h = new EchoHost();
      host = h;
      return h;
    }

    @Override
    public CompletableFuture<Relay.Result> submit(
        String region, String function, ByteBuffer request) {
      if (!region.equals("memory") || !function.equals("worker")) {
        throw new IllegalArgumentException("no function " + function + " in " + region);
      }
      relayed.incrementAndGet();
      return MemoryFunctions.this
          .submit(request)
          .handle(
              (done, e) -> {
                if (e == null) {
                  return Relay.Result.TAKEN;
                }
                boolean throttled = ((FunctionException) e).kind() == Kind.THROTTLED;
                return new Relay.Result(
                    throttled ? Relay.Kind.THROTTLED : Relay.Kind.UNKNOWN, e.getMessage());
              });
    }

    @Override
    public void end(int status) {
      dead = true;
      Kind kind = status == 3 ? Kind.OUT_OF_MEMORY : Kind.CRASHED;
      current.completeExceptionally(
          new FunctionException(kind, "status " + status, null, reported()));
      throw new Ended();
    }
  }

  /** The store as instances see it. */
  private final class Here implements WorkerStore {
    private final Instance instance;

    Here(Instance instance) {
      this.instance = instance;
    }

    @Override
    public ByteBuffer get(String key) throws IOException {
      storm();
      try {
        return store.get(key).get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void put(String key, List<ByteBuffer> content) throws IOException {
      boolean late = weather.coin();
      if (!late) {
        storm();
      }
      try {
        store.put(key, content).get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException(e);
      }
      if (late) {
        storm();
      }
    }

    @Override
    public boolean putIfAbsent(String key, List<ByteBuffer> content) throws IOException {
      storm();
      try {
        return store.putIfAbsent(key, content).get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException(e);
      }
    }

    private void storm() throws IOException {
      if (instance.dead) {
        throw new IOException("the instance has ended");
      }
      long since = closedNanos;
      if (since != 0 && System.nanoTime() - since > PATIENCE_NANOS) {
        throw new IOException("nobody has use for the store any more");
      }
      LockSupport.parkNanos(weather.storeNanos());
      if (weather.storeFails()) {
        throw new IOException("the store fails on purpose");
      }
    }
  }
}
