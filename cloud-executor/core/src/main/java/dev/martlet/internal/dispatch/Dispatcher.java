package dev.martlet.internal.dispatch;

import dev.martlet.CallListener;
import dev.martlet.UncapturableException;
import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.agent.SetOrder;
import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.capture.Captured;
import dev.martlet.internal.capture.HomeException;
import dev.martlet.internal.capture.Light;
import dev.martlet.internal.capture.Needs;
import dev.martlet.internal.capture.Site;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.threads.Crew;
import dev.martlet.spi.Depot;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.ReadLeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to a platform and brings back what became of them.
 *
 * <p>A call is captured when it is sent, and again for each attempt, since a retry has to see what
 * other calls have committed meanwhile. Its {@link Away} stays registered until the attempt ends,
 * so that the worker can ask for static fields and flush effects. Answers are decoded, committed
 * and completed on Martlet's own threads, never on the platform's; an answer that brings nothing
 * but a value also on a thread that waits for it.
 */
public final class Dispatcher implements Remote {
  /**
   * How calls are sent.
   *
   * @param poolName the pool's name
   * @param local whether workers run on this machine and see its files
   * @param parallelism the pool's slots
   * @param retries how often a lost call is sent again
   * @param callTimeout how long a call may run, or {@code null}
   * @param effects whether changes are brought back
   * @param output whether lines that tasks print come out here
   * @param properties system properties to set on workers
   * @param listener who may take printed lines
   */
  public record Config(
      String poolName,
      boolean local,
      int parallelism,
      int retries,
      @Nullable Duration callTimeout,
      boolean effects,
      boolean output,
      Map<String, String> properties,
      @Nullable CallListener listener) {}

  // A task that does not heed its interruption within this time loses its worker.
  private static final long GRACE_MILLIS = 1_000;
  private static final long PRINT_MILLIS = 1_000;
  private static final long FIRST_PAUSE_MILLIS = 10;

  private final Config config;
  private final ClassWorld world;
  private final Capture capture;
  private final Border border;
  private final Platform platform;
  private final Questions questions;
  private final @Nullable ReadLeader reader;
  private final ArrayMirrors mirrors;
  private final Map<Long, Away> away = new ConcurrentHashMap<>();
  private final Map<Away, Integer> pausing = new ConcurrentHashMap<>();
  private final Told told;
  private final Queue<Integer> loneSlots = new ConcurrentLinkedQueue<>();
  private final boolean interactive;
  private final Set<Needs> expected =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final Recovery recovery = new Recovery(this);
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Printer printer;
  private final StateWatch watch = new StateWatch();
  private volatile byte[] state;
  private volatile int stateChanges;
  private volatile boolean closed;
  private volatile boolean prepared;

  /**
   * Opens the platform.
   *
   * @param mirrors the long arrays that travel as images
   * @param opener opens the platform, given the bytes of the world and the answers to its questions
   */
  public Dispatcher(
      Config config,
      ClassWorld world,
      Capture capture,
      Border border,
      ArrayMirrors mirrors,
      Opener opener) {
    this.mirrors = mirrors;
    this.config = config;
    this.world = world;
    this.capture = capture;
    this.border = border;
    this.told = new Told(config.parallelism());
    ThreadFactory factory = new DaemonThreads(config.poolName() + "-martlet");
    this.printer = new Printer(factory, config.listener(), config.output());
    ScheduledThreadPoolExecutor t = new ScheduledThreadPoolExecutor(1, factory);
    t.setRemoveOnCancelPolicy(true);
    this.timer = t;
    for (int i = 0; config.parallelism() > 1 && i < config.parallelism(); i++) {
      loneSlots.add(config.parallelism() + i);
    }
    this.state = JvmState.current(config.properties(), config.local()).toBytes();
    // Threads of a pool inherit the context loader from whoever makes the pool.
    this.questions = new Questions(world, capture.space(), border, mirrors, away);
    this.platform = opener.open(world(Thread.currentThread().getContextClassLoader()), questions);
    this.interactive = platform.limits().interactive();
    this.threads = interactive ? Executors.newCachedThreadPool(factory) : new Crew(t, factory);
    if (interactive) {
      mirrors.open();
    } else {
      mirrors.openStored();
    }
    Duration timeout = config.callTimeout();
    Duration longest = platform.limits().longestRun();
    if (timeout != null && timeout.compareTo(longest) > 0) {
      Log.of(Dispatcher.class)
          .warn(
              "The call time-out of {} is never reached: {} ends calls after {}",
              timeout,
              platform.name(),
              longest);
    }
    this.reader = platform instanceof ReadLeader r ? r : null;
    // A worker starts while the program gets to its first task.
    platform.prepare(0);
  }

  /** Opens a platform. */
  @FunctionalInterface
  public interface Opener {
    /** Opens it for a world. */
    Platform open(ByteBuffer world, PlatformConfig.Questions questions);
  }

  /** Returns what an instance is told before the first call. */
  private ByteBuffer world(@Nullable ClassLoader context) {
    return new World(
            ByteBuffer.wrap(state),
            config.local(),
            AssertionStatus.current(),
            config.parallelism(),
            world.idOf(ClassLoader.getSystemClassLoader()),
            context == null ? Protocol.NO_LOADER : world.idOf(context),
            config.poolName(),
            SetOrder.current())
        .toBytes();
  }

  /* ---------------- Leaving for good ---------------- */

  /** Returns what stays when the client has gone; null if nothing does. */
  public @Nullable Depot depot() {
    return platform.depot();
  }

  /** Returns what makes tasks ready to do without their client. */
  public Detaching detaching() {
    return new Detaching(config, world, capture, border, mirrors, this::changedState);
  }

  /** Returns what an instance is told of a client that may be gone. */
  public ByteBuffer lastingWorld() {
    return world(ClassLoader.getSystemClassLoader());
  }

  /** Returns the answers to what instances ask. */
  public PlatformConfig.Questions questions() {
    return questions;
  }

  /* ---------------- Sending ---------------- */

  @Override
  public @Nullable String send(RemoteCall call) {
    Body body = call.body();
    if (!prepared) {
      // A worker starts while the first task is looked at.
      prepared = true;
      platform.prepare(call.slot());
    }
    try {
      Light light = call.attempt() instanceof Light l ? l : light(body);
      if (light != null) {
        sendLight(call, light, false);
        return null;
      }
    } catch (HomeException e) {
      return home(Capture.site(body.function()), e.reason());
    }
    return attempt(call, null, 1, 0);
  }

  @Override
  public boolean hasRoom() {
    return platform.hasRoom();
  }

  @Override
  public void awaitRoom() {
    platform.awaitRoom();
  }

  @Override
  public void whenRoom(Runnable action) {
    platform.whenRoom(action);
  }

  /** An attempt that can be interrupted. */
  interface Interruptible {
    void interrupt();
  }

  private @Nullable Light light(Body body) throws HomeException {
    return config.callTimeout() != null
        ? null
        : capture.light(body.function(), body.kind().code(), body.first(), body.second());
  }

  /**
   * Sends a light call.
   *
   * @param again whether it was sent before, to a worker that did not know its kind
   */
  void sendLight(RemoteCall call, Light light, boolean again) {
    if (closed) {
      throw new RejectedExecutionException("the pool's workers are gone");
    }
    int slot = call.slot();
    Body b = call.body();
    int kind = b.kind().code();
    ByteBuffer bytes = null;
    // Where a slot has no instance to keep, the next one may never have heard of the kind.
    boolean inFull = again || !interactive || !told.is(light.number(), slot);
    if (!inFull) {
      bytes =
          light.brief(Protocol.SHARED | Protocol.KNOWN, kind, b.function(), b.first(), b.second());
    }
    boolean brief = bytes != null;
    if (bytes == null) {
      try {
        bytes =
            ByteBuffer.wrap(
                light.encode(Protocol.SHARED, kind, b.function(), b.first(), b.second()));
      } catch (UntravelableException e) {
        throw new IllegalStateException(e);
      }
    }
    expect(light.needs());
    LightAway a = new LightAway(this, call, light, bytes.remaining(), brief, again);
    call.attempt(a);
    a.started(platform.invoke(slot, List.of(bytes), a));
    if (again && call.isInterrupted()) {
      a.interrupt();
    }
    if (inFull && interactive) {
      told.set(light.number(), slot);
    }
  }

  /**
   * A light call was lost. It may have been this one that ended the worker, so it runs alone: after
   * others if they would share a worker.
   */
  void recover(RemoteCall call, WorkerLostException.Reason reason) {
    if (interactive) {
      recovery.add(call);
    } else {
      again(call, null, 2, isCut(reason) ? 1 : 0);
    }
  }

  /** Returns whether nothing but the connection was lost, so that the call may be sent again. */
  boolean isCut(WorkerLostException.Reason reason) {
    return reason == WorkerLostException.Reason.DISCONNECTED
        && !interactive
        && config.retries() > 0;
  }

  /** A task needs a realm of its own. */
  void alone(RemoteCall call, Site site) {
    site.stayAlone();
    again(call, 1);
  }

  /** A call will soon be ended, since its platform lets none run for longer. */
  void nearsTimeLimit(RemoteCall call, Site site, Duration ran, Duration left, String limit) {
    if (site.firstLate()) {
      Log.of(Dispatcher.class)
          .warn(
              "A call of {} has run for {} s and will be ended in {} s: {}; or split the task",
              site,
              ran.toMillis() / 1e3,
              left.toMillis() / 1e3,
              limit);
    }
    long id = call.id();
    printer.later(() -> printer.nearsTimeLimit(id, left));
  }

  ArrayMirrors mirrors() {
    return mirrors;
  }

  /** Prints what a call that is still running has said, in a moment. */
  void soon(Runnable printing) {
    try {
      Future<?> unused =
          timer.schedule(() -> printer.later(printing), PRINT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // What ends the call prints it.
    }
  }

  Printer printer() {
    return printer;
  }

  private @Nullable String attempt(RemoteCall call, @Nullable Away former, int attempt, int cut) {
    Body body = call.body();
    Locals locals = call.locals();
    Captured captured;
    try {
      captured =
          capture.capture(body.function(), body.kind().code(), body.first(), body.second(), locals);
    } catch (HomeException e) {
      return home(Capture.site(body.function()), e.reason());
    }
    expect(captured.needs());
    Integer lone = null;
    int slot = call.slot();
    if (!interactive && attempt > 1) {
      slot += config.parallelism(); // every call by itself
    } else if (attempt > 1 && attempt > config.retries()) {
      lone = loneSlots.poll();
      slot = lone == null ? slot : lone;
    }
    long id = mirrors.nextNumber();
    int own = lone == null ? -1 : lone;
    Away a = new Away(this, call, id, captured, locals, former, attempt, cut, own);
    away.put(a.wireId(), a);
    call.attempt(a);
    if (closed) {
      forget(a);
      throw new RejectedExecutionException("the pool's workers are gone");
    }
    try {
      List<ByteBuffer> payload = payload(a, call, captured);
      a.started(
          interactive
              ? platform.invoke(slot, payload, a)
              : platform.invoke(slot, payload, a.attachments(0), a));
    } catch (Throwable e) {
      forget(a);
      throw e;
    }
    return null;
  }

  /** Lets the answers to what workers will ask go ahead of a task, once for all of its kind. */
  private void expect(Needs needs) {
    if (!interactive && expected.add(needs)) {
      platform.expect(() -> new Expected(world).questions(needs));
    }
  }

  /** Says once per site why its tasks run at home. */
  private static String home(Site site, String reason) {
    if (site.firstLog()) {
      Log.of(Dispatcher.class).warn("Tasks of {} run at home: {}", site, reason);
    }
    return reason;
  }

  private List<ByteBuffer> payload(Away a, RemoteCall call, Captured captured) {
    List<ByteBuffer> graph = captured.takeGraph();
    List<ByteBuffer> all = new ArrayList<>(1 + graph.size());
    all.add(header(a, call));
    all.addAll(graph);
    return all;
  }

  private ByteBuffer header(Away a, RemoteCall call) {
    byte[] name = Protocol.utf8(call.threadName());
    byte[] now = changedState();
    ByteBuffer b = ByteBuffer.allocate(1 + 8 + 8 + 4 + 4 + 8 + 4 + name.length + (4 + now.length));
    int flags = config.effects() ? Protocol.EFFECTS : 0;
    if (a.isRefused()) {
      flags |= Protocol.REFUSING;
    }
    if (call.isForked()) {
      flags |= Protocol.FORKED;
    }
    b.put((byte) (now.length > 0 ? flags | Protocol.STATE : flags));
    b.putLong(a.wireId()).putLong(call.id()).putInt(a.attempt()).putInt(world.generation());
    b.putLong(System.nanoTime());
    Protocol.putString(b, name);
    if (now.length > 0) {
      Protocol.putString(b, now);
    }
    return b.flip();
  }

  /** Returns the JVM-wide state if it is not that of the world any more. */
  private byte[] changedState() {
    if (watch.changed()) {
      synchronized (watch) {
        byte[] now = JvmState.current(config.properties(), config.local()).toBytes();
        if (!Arrays.equals(now, state)) {
          state = now;
          stateChanges++;
        }
      }
    }
    return stateChanges == 0 ? new byte[0] : state;
  }

  @Nullable Future<?> schedule(Away a) {
    Duration timeout = config.callTimeout();
    if (timeout == null) {
      return null;
    }
    return timer.schedule(
        () -> {
          a.timeOut();
          Future<?> unused = timer.schedule(a::kill, GRACE_MILLIS, TimeUnit.MILLISECONDS);
        },
        timeout.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  String timeoutMessage() {
    return "the call took longer than the pool's call time-out of " + config.callTimeout();
  }

  int retries() {
    return config.retries();
  }

  /**
   * Sends a lost call again: at once after the first loss, then later and later.
   *
   * @param losses how many there were, one at least
   */
  void againLater(Away former, int attempt, int losses) {
    if (losses < 2) {
      again(former, attempt);
      return;
    }
    long longest = FIRST_PAUSE_MILLIS << Math.min(losses - 2, 6);
    long pause = ThreadLocalRandom.current().nextLong(longest / 2, longest);
    pausing.put(former, attempt);
    try {
      Future<?> unused =
          timer.schedule(() -> execute(() -> goOn(former)), pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      goOn(former); // to be told that all is closed
    }
  }

  /** The pause before a call is sent again is over. */
  private void goOn(Away former) {
    Integer attempt = pausing.remove(former);
    if (attempt != null) {
      again(former, attempt);
    }
  }

  /** Sends a lost call again. */
  void again(Away former, int attempt) {
    again(former.call(), former, attempt, former.cut());
  }

  /** Sends a call again that has no attempt to follow. */
  void again(RemoteCall call, int attempt) {
    again(call, null, attempt, 0);
  }

  private void again(RemoteCall call, @Nullable Away former, int attempt, int cut) {
    if (platform.hasRoom()) {
      sendAgain(call, former, attempt, cut);
    } else {
      platform.whenRoom(() -> sendAgain(call, former, attempt, cut));
    }
  }

  private void sendAgain(RemoteCall call, @Nullable Away former, int attempt, int cut) {
    try {
      String home = attempt(call, former, attempt, cut);
      if (home != null) {
        call.goHome(home);
      }
    } catch (Throwable e) {
      call.failed(NoMemory.told(e, "what a task is given", 0), 0, 0);
    }
  }

  /** Does what a call waits for on a thread of Martlet's; the call fails if that fails. */
  void execute(RemoteCall call, Runnable action) {
    execute(
        () -> {
          try {
            action.run();
          } catch (RuntimeException | Error e) {
            call.failed(e, 0, 0);
          }
        });
  }

  /** An attempt has been dropped by the worker. */
  void dropped(Away a, Site site, String reason) {
    String text = "the task " + reason;
    site.stayHome(text);
    a.call().goHome(home(site, text));
  }

  @Override
  public int ahead(RemoteCall call) {
    Body body = call.body();
    // Whatever waits on a worker that is lost has to be sent again.
    int ahead = config.retries() > 0 ? Capture.site(body.function()).ahead(isFar()) : 0;
    try {
      Light light = ahead > 0 ? light(body) : null;
      if (light == null) {
        return 0;
      }
      call.attempt(light);
      return ahead;
    } catch (HomeException e) {
      return 0;
    }
  }

  @Override
  public void check(Body body) {
    try {
      Captured unused =
          capture.capture(
              body.function(), body.kind().code(), body.first(), body.second(), Locals.NONE);
    } catch (HomeException e) {
      throw new UncapturableException(e.reason(), e.path());
    }
  }

  @Override
  public void interrupt(RemoteCall call) {
    if (call.attempt() instanceof Interruptible a) {
      a.interrupt();
    }
  }

  @Override
  public void taskCancelled(RemoteCall call) {
    if (call.attempt() instanceof Away a) {
      a.taskCancelled();
    }
  }

  @Override
  public void shutDown(RemoteCall call) {
    if (call.attempt() instanceof Away a) {
      a.shutDown();
    }
  }

  void forget(Away a) {
    if (away.remove(a.wireId(), a) && a.lone() >= 0) {
      loneSlots.add(a.lone());
    }
  }

  /* ---------------- Answers ---------------- */

  @Override
  public boolean awaited(long nanos, BooleanSupplier done) {
    ReadLeader r = reader;
    if (r == null) {
      return false;
    }
    return r.help(nanos, done) || !done.getAsBoolean();
  }

  @Override
  public void execute(Runnable answer) {
    try {
      threads.execute(answer);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      answer.run(); // there is no thread to be had, and somebody waits
    }
  }

  /**
   * Has an answer read.
   *
   * @param plain whether that brings nothing but a value to those who wait for the call
   */
  void read(RemoteCall call, Runnable reading, boolean plain) {
    Answer answer = new Answer(call, reading, plain && call.isPlain());
    if (!call.answered(answer)) {
      execute(answer);
    }
  }

  GraphDecoder decoder(ByteBuffer in, ObjectTable table) {
    return new GraphDecoder(capture.space(), border, table, in, Trust.INBOUND);
  }

  /** Returns a decoder of a response whose first parts were looked at. */
  GraphDecoder decoder(ByteBuffer[] parts, ObjectTable table) {
    GraphDecoder decoder = decoder(parts[0], table);
    if (parts.length > 1) {
      decoder.resetParts(table, List.of(parts));
    }
    return decoder;
  }

  @Override
  public boolean sharesProcessors() {
    return platform.limits().sharesProcessors();
  }

  @Override
  public boolean isFar() {
    return !platform.limits().interactive();
  }

  @Override
  public @Nullable Usage usage() {
    return platform.usage();
  }

  /** Opens nothing any more, ends all workers. */
  @Override
  public void close() {
    closed = true;
    platform.close();
    timer.shutdownNow();
    pausing.keySet().forEach(this::goOn);
    printer.close();
    threads.shutdown();
  }
}
