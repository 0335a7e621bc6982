package dev.martlet.internal.local;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import dev.martlet.spi.ReadLeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Worker processes on this machine.
 *
 * <p><b>Places.</b> A platform has as many places as it may have workers; slot <i>i</i> belongs to
 * place <i>i mod workers</i>, and a place gets a process when a call needs it, and another when
 * that one has ended. So few busy slots start few processes. Slots from the pool's parallelism on
 * are for calls to be kept apart from others; each has a place for itself.
 *
 * <p><b>Who reads.</b> All lines belong to one {@link Reactor}. A thread that waits for a call
 * {@linkplain #help leads} it; further ones queue up as followers, and who leaves wakes the next.
 * The custodian is a thread of the platform's own. It leads when calls are on their way and nobody
 * waits for them, and when all is quiet. While others lead it only looks in now and then: it sends
 * what gathered and was forgotten, and takes over when nobody has led since it last looked. A
 * waiting thread that finds the custodian leading has it step back.
 */
public final class LocalPlatform implements Platform, ReadLeader, Reactor.Owner {
  static final String NAME = "local";

  // A call may also end without a word on any line.
  private static final long NAP_MILLIS = 5;

  private static final long LOOK_NANOS = 500_000;
  private static final long QUIET_NANOS = 20_000_000;
  private static final long FOREVER_NANOS = Long.MAX_VALUE / 4;
  private static final long KEEP_NANOS = 1_000_000_000;
  private static final long CLOSE_MILLIS = 1_500;
  private static final long FLUSH_AGE = 20_000;
  private static final long FOLLOW_NANOS = 50_000_000;
  private static final PlatformLimits LIMITS =
      new PlatformLimits(Wire.MAX_PAYLOAD, Wire.MAX_PAYLOAD, Duration.ofDays(36_500), true, true);

  private static final Set<LocalPlatform> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> OPEN.forEach(LocalPlatform::abandon), "martlet-local-shutdown"));
  }

  private final PlatformConfig config;
  private final long idleNanos;
  private final long leaseNanos;
  private final Reactor reactor = new Reactor(this, FLUSH_AGE);
  private final AtomicReferenceArray<@Nullable Instance> places;
  private final Set<Instance> instances = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Thread> followers = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads;
  private final PrivateDirectory directory;
  private final Acceptor acceptor;
  private final Launcher launcher;
  private final Thread custodian;
  private volatile boolean closed;
  private volatile boolean stopped;

  LocalPlatform(PlatformConfig config) {
    this.config = config;
    this.idleNanos = duration(config.settings(), "idleTimeout", Duration.ofSeconds(60));
    this.leaseNanos = duration(config.settings(), "leaseTimeout", Duration.ofSeconds(10));
    this.places = new AtomicReferenceArray<>(workers() + config.parallelism());
    this.threads =
        new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), factory());
    try {
      directory = PrivateDirectory.create();
      try {
        acceptor = new Acceptor(this, directory.path());
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("workers cannot be started here", e);
    }
    Object wanted = config.settings().get("cache");
    Path cache = directory.cache(wanted == null ? null : Path.of(wanted.toString()));
    this.launcher =
        new Launcher(
            cache,
            !cache.equals(directory.path()),
            config.jvmOptions(),
            config.environment(),
            this::execute);
    OPEN.add(this);
    custodian = thread(this::keep, "martlet-custodian");
    custodian.start();
    thread(acceptor, "martlet-acceptor").start();
  }

  private static long duration(Map<String, Object> settings, String key, Duration otherwise) {
    Object value = settings.getOrDefault(key, otherwise);
    try {
      Duration d = value instanceof Duration x ? x : Duration.parse(value.toString());
      if (d.isNegative() || d.isZero()) {
        throw new IllegalArgumentException(key + " is not positive: " + value);
      }
      return TimeUnit.NANOSECONDS.convert(d);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(key + " is not a duration: " + value, e);
    }
  }

  private static ThreadFactory factory() {
    AtomicInteger n = new AtomicInteger();
    return r -> thread(r, "martlet-local-" + n.incrementAndGet());
  }

  private static Thread thread(Runnable r, String name) {
    Thread t = new Thread(null, r, name, 0, false);
    t.setDaemon(true);
    t.setContextClassLoader(LocalPlatform.class.getClassLoader());
    return t;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public PlatformLimits limits() {
    return LIMITS;
  }

  @Override
  public Invocation invoke(int slot, List<ByteBuffer> payload, InvocationListener listener) {
    LocalCall call = new LocalCall(slot, listener);
    ByteBuffer[] parts = payload.toArray(new ByteBuffer[0]);
    checkSize(parts);
    int place = place(slot);
    for (; ; ) {
      Instance i = places.get(place);
      if (i != null && i.accept(call, parts)) {
        return call;
      }
      if (closed) {
        call.lost(Reason.KILLED, "the pool is closed", false, null);
        return call;
      }
      if (i == null || !i.takesCalls()) {
        Instance fresh = new Instance(this, place);
        // Its first call is in before it can be seen, so it never starts for nothing.
        if (!fresh.accept(call, parts)) {
          continue;
        }
        if (places.compareAndSet(place, i, fresh)) {
          instances.add(fresh);
          start(fresh);
          if (closed) {
            fresh.end(Reason.KILLED, "the pool is closed");
          }
          return call;
        }
      }
      Thread.onSpinWait();
    }
  }

  private int workers() {
    return Math.max(1, config.workers());
  }

  private int place(int slot) {
    int apart = slot - config.parallelism();
    return apart >= 0 && apart < config.parallelism()
        ? workers() + apart
        : Math.floorMod(slot, workers());
  }

  @Override
  public void prepare(int slot) {
    int place = place(slot);
    if (closed || places.get(place) != null) {
      return;
    }
    Instance fresh = new Instance(this, place);
    if (places.compareAndSet(place, null, fresh)) {
      instances.add(fresh);
      start(fresh);
      if (closed) {
        fresh.end(Reason.KILLED, "the pool is closed");
      }
    }
  }

  private static void checkSize(ByteBuffer[] payload) {
    long size = 0;
    for (ByteBuffer b : payload) {
      size += b.remaining();
    }
    if (size > Wire.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a payload of " + size + " bytes is too long for a line");
    }
  }

  private void start(Instance fresh) {
    try {
      execute(fresh::live);
    } catch (RuntimeException | Error e) {
      fresh.abandon(e);
    }
  }

  /* --------------- For instances --------------- */

  Reactor reactor() {
    return reactor;
  }

  ByteBuffer world() {
    return config.world().duplicate();
  }

  PlatformConfig.Questions questions() {
    return config.questions();
  }

  Set<Instance> instances() {
    return instances;
  }

  void execute(Runnable task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      thread(task, "martlet-local-late").start();
    }
  }

  Launcher.Started launch() throws IOException {
    return launcher.start(acceptor.address());
  }

  /** Makes room for another instance. */
  void vacate(Instance instance) {
    places.compareAndSet(instance.place, instance, null);
  }

  /** Forgets an instance that has ended. */
  void remove(Instance instance) {
    vacate(instance);
    instances.remove(instance);
  }

  /* --------------- Who reads --------------- */

  @Override
  public boolean help(long nanos, BooleanSupplier done) {
    if (done.getAsBoolean()) {
      return true;
    }
    reactor.flush();
    long deadline = nanos > FOREVER_NANOS ? Long.MAX_VALUE : System.nanoTime() + nanos;
    long patience = FOLLOW_NANOS;
    while (!stopped && !Thread.currentThread().isInterrupted()) {
      if (reactor.tryLead()) {
        try {
          reactor.lead(done, deadline, NAP_MILLIS);
        } finally {
          reactor.resign();
        }
        break;
      }
      long left = deadline == Long.MAX_VALUE ? patience : deadline - System.nanoTime();
      follow(Math.min(patience, left), done);
      patience = Math.min(patience * 2, KEEP_NANOS);
      if (done.getAsBoolean() || left <= 0) {
        break;
      }
    }
    wakeFollower();
    return done.getAsBoolean();
  }

  private void follow(long nanos, BooleanSupplier done) {
    Thread me = Thread.currentThread();
    followers.add(me);
    try {
      if (reactor.leader() == custodian) {
        reactor.wakeup();
      }
      if (reactor.leader() != null && !done.getAsBoolean()) {
        LockSupport.parkNanos(this, nanos);
      }
    } finally {
      followers.remove(me);
    }
  }

  private void wakeFollower() {
    Thread next = followers.peek();
    if (next != null && reactor.leader() == null) {
      LockSupport.unpark(next);
    }
  }

  /** Sees to it that the custodian looks at the lines soon. */
  @Override
  public void attention() {
    // A custodian that does not lead looks in soon by itself.
    if (reactor.isAsleep()) {
      reactor.wakeup();
    }
  }

  @Override
  public void blocked() {
    if (reactor.leader() == null) {
      LockSupport.unpark(custodian);
    }
  }

  private void keep() {
    while (!stopped) {
      try {
        keepOn();
      } catch (RuntimeException | Error e) {
        Log.of(LocalPlatform.class).warn("The custodian of local workers failed and goes on", e);
        LockSupport.parkNanos(KEEP_NANOS);
      }
    }
  }

  private void keepOn() {
    long kept = System.nanoTime();
    long busy = kept;
    long turns = -1;
    while (!stopped) {
      long now = System.nanoTime();
      if (now - kept >= KEEP_NANOS) {
        boolean grace = now - kept > 5 * KEEP_NANOS;
        for (Instance i : instances) {
          i.keep(now, idleNanos, leaseNanos, grace);
        }
        kept = now;
      }
      Thread leader = reactor.leader();
      boolean led = leader != null || reactor.turns() != turns;
      if (led) {
        busy = now;
      }
      turns = reactor.turns();
      boolean wanted = isBusy() || now - busy > QUIET_NANOS || reactor.isBlocked();
      if (!led && wanted && reactor.tryLead()) {
        try {
          reactor.lead(() -> stopped || !followers.isEmpty(), kept + KEEP_NANOS);
        } finally {
          reactor.resign();
        }
        turns = reactor.turns();
        busy = System.nanoTime();
        wakeFollower();
        if (followers.isEmpty()) {
          continue;
        }
      }
      wakeFollower();
      reactor.flush();
      LockSupport.parkNanos(this, leader != null ? 4 * LOOK_NANOS : LOOK_NANOS);
    }
  }

  private boolean isBusy() {
    for (int i = 0; i < places.length(); i++) {
      Instance x = places.get(i);
      if (x != null && !x.isIdle()) {
        return true;
      }
    }
    return false;
  }

  /* --------------- End --------------- */

  /** This JVM exits. */
  private void abandon() {
    launcher.close();
    directory.close();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    for (Instance i : instances) {
      i.retire();
    }
    boolean interrupted = false;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
    for (Instance i : instances) {
      interrupted |= awaitEnd(i, deadline);
    }
    stopped = true;
    acceptor.close();
    reactor.wakeup();
    LockSupport.unpark(custodian);
    followers.forEach(LockSupport::unpark);
    reactor.close();
    launcher.close();
    threads.shutdownNow();
    directory.close();
    OPEN.remove(this);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(Instance i, long deadline) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (!i.awaitEnd(Math.max(1, left))) {
          i.end(Reason.KILLED, "the pool was closed");
          i.awaitEnd(5_000);
        }
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
