package dev.martlet.internal.worker.process;

import dev.martlet.internal.agent.StackRoom;
import dev.martlet.internal.local.Reactor;
import dev.martlet.internal.local.Wire;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker's end of the line.
 *
 * <p>Runners read in turn. A runner reads what the line has, gives the lead back, runs the calls
 * that may begin and then, if nobody has taken the lead meanwhile, goes on reading: a short call
 * costs no wake-up of another thread. The monitor looks in every half millisecond while nobody
 * leads; if the same call still keeps the line without a reader, it sends another runner. After a
 * call that was found long in this way the next runners send another one before they run theirs,
 * until a call is short again; so is done when a call asks the client.
 *
 * <p>A slot runs one call at a time, in the order of arrival, unless a call {@linkplain
 * InboundCall#release releases} its slot.
 *
 * <p>A response is written at once, unless more calls may begin and the same runner is going to run
 * them; then responses gather, and the monitor sends them if a call takes long.
 */
final class Server implements Wire.Handler, Reactor.Owner, Line {
  private static final ByteBuffer[] NOTHING = {};
  private static final long LOOK_NANOS = 500_000;
  private static final long QUIET_NANOS = 20_000_000;
  private static final long BEAT_NANOS = 1_000_000_000;
  private static final long SHORT_NANOS = 50_000;
  private static final long REST_NANOS = 10_000_000_000L;
  private static final long FLUSH_NANOS = 2_000_000_000L;
  private static final int UNFIT_STATUS = 70;
  private static final int MAX_SLOT = 1 << 20;
  private static final VarHandle PROGRESS;

  static {
    try {
      PROGRESS = MethodHandles.lookup().findVarHandle(Server.class, "progress", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final WorkerHost host;
  private final Reactor reactor = new Reactor(this, 0);
  private final Wire wire;
  private final ConcurrentLinkedQueue<Runnable> ready = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedDeque<Runner> resting = new ConcurrentLinkedDeque<>();
  private final AtomicInteger runnerNumber = new AtomicInteger();
  private final ConcurrentHashMap<Long, Question> questions = new ConcurrentHashMap<>();
  private final AtomicLong questionNumber = new AtomicLong();
  private final CountDownLatch opened = new CountDownLatch(1);
  private final Thread monitor;
  private volatile boolean longCalls;
  private volatile boolean monitorParked;
  private volatile boolean closing;

  // Counts calls, about: the monitor sees from it that something goes on.
  private int progress;

  // Owned by the leader.
  private List<ByteBuffer> arriving = List.of();
  private Slot[] slots = {};

  Server(WorkerHost host, SocketChannel channel) throws IOException {
    this.host = host;
    this.wire = new Wire(channel, this, reactor);
    reactor.add(wire);
    this.monitor = daemon(this::watch, "martlet-monitor");
  }

  void start() {
    monitor.start();
    sendRunner(null);
  }

  private static Thread daemon(Runnable r, String name) {
    Thread t = new Thread(null, r, name, 0, false);
    t.setDaemon(true);
    return t;
  }

  /** Tasks see a thread like a JDK pool's; the process ends by being halted. */
  private static Thread runner(Runnable r, String name) {
    Thread t = new Thread(null, r, name, 0, false);
    t.setDaemon(false);
    StackRoom.give(t);
    return t;
  }

  /* --------------- Runners --------------- */

  /** A thread that reads and runs calls. */
  private final class Runner implements Runnable {
    private final Thread thread = runner(this, "martlet-run-" + runnerNumber.incrementAndGet());
    private volatile boolean called;
    private @Nullable Runnable brought;

    Runner(@Nullable Runnable work) {
      brought = work;
    }

    void begin() {
      thread.start();
    }

    @Override
    public void run() {
      try {
        do {
          Runnable work = brought;
          if (work != null) {
            brought = null;
            work.run();
            Thread.interrupted();
          }
          serve();
        } while (rest());
      } catch (OutOfMemoryError e) {
        WorkerMain.haltForMemory();
      }
    }

    /** Runs what may begin, and reads, until somebody else does. */
    private void serve() {
      for (; ; ) {
        Runnable work = ready.poll();
        if (work != null) {
          run(work);
        } else if (reactor.tryLead()) {
          try {
            reactor.lead(() -> !ready.isEmpty(), Long.MAX_VALUE);
          } finally {
            reactor.resign();
          }
        } else {
          return;
        }
      }
    }

    private void run(Runnable work) {
      if (longCalls) {
        if (!closing) {
          sendRunner();
        }
        long start = System.nanoTime();
        work.run();
        if (System.nanoTime() - start < SHORT_NANOS) {
          longCalls = false;
        }
      } else {
        if (monitorParked) {
          LockSupport.unpark(monitor);
        }
        work.run();
      }
      Thread.interrupted();
    }

    /** Waits to be called; false if nobody did for long. */
    private boolean rest() {
      called = false;
      resting.push(this);
      long end = System.nanoTime() + REST_NANOS;
      while (!called) {
        long left = end - System.nanoTime();
        if (left <= 0 && resting.remove(this)) {
          return false;
        }
        LockSupport.parkNanos(this, Math.max(left, 1_000_000));
        Thread.interrupted();
      }
      return true;
    }

    void call(@Nullable Runnable work) {
      brought = work;
      called = true;
      LockSupport.unpark(thread);
    }
  }

  private void sendRunner() {
    if (reactor.leader() == null) {
      sendRunner(null);
    }
  }

  private void sendRunner(@Nullable Runnable work) {
    Runner r = resting.poll();
    if (r != null) {
      r.call(work);
    } else {
      new Runner(work).begin();
    }
  }

  private void watch() {
    long busy = System.nanoTime();
    long turns = -1;
    int progressed = -1;
    for (; ; ) {
      long now = System.nanoTime();
      boolean isRead = reactor.leader() != null;
      long t = reactor.turns();
      int p = (int) PROGRESS.getOpaque(this);
      if (!isRead && t == turns && p == progressed && !closing) {
        longCalls = true;
        sendRunner();
      }
      if (t != turns || p != progressed || !isRead) {
        busy = now;
      }
      turns = t;
      progressed = p;
      wire.flush();
      if (now - wire.lastWrite() > BEAT_NANOS) {
        wire.submit(Wire.PING, 0, -1, NOTHING, Wire.When.NOW);
      }
      if (now - busy < QUIET_NANOS) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      } else {
        monitorParked = true;
        if (reactor.leader() != null && reactor.turns() == turns && !wire.isPending()) {
          LockSupport.parkNanos(this, BEAT_NANOS);
        }
        monitorParked = false;
      }
    }
  }

  @Override
  public void attention() {
    if (monitorParked) {
      LockSupport.unpark(monitor);
    }
  }

  @Override
  public void blocked() {
    sendRunner();
  }

  /* --------------- Frames --------------- */

  @Override
  public boolean frame(byte type, long id, int slot, ByteBuffer payload)
      throws Wire.CorruptException {
    switch (type) {
      case Wire.INVOKE -> {
        Slot of = slot(slot);
        Call call = new Call(id, slot, of, payload);
        if (of.enter(call)) {
          ready.add(call);
        }
      }
      case Wire.MESSAGE -> {
        Call call = slot(slot).find(id);
        if (call != null) {
          call.message(payload);
        }
      }
      case Wire.ANSWER -> {
        Question q = questions.remove(id);
        if (q != null) {
          q.answer(new ByteBuffer[] {payload}, slot != 0);
        }
      }
      case Wire.WORLD -> {
        ready.add(() -> open(payload));
        return true;
      }
      case Wire.CLOSE -> {
        // A thread that reads would be in native code, for which the JVM waits before it exits.
        closing = true;
        ready.add(() -> System.exit(0));
        return true;
      }
      case Wire.PING -> {}
      default -> throw new Wire.CorruptException("a frame of type " + type);
    }
    return false;
  }

  @Override
  public boolean parts(byte type, long id, int slot, ByteBuffer[] parts)
      throws Wire.CorruptException {
    if (type == Wire.ANSWER) {
      Question q = questions.remove(id);
      if (q != null) {
        q.answer(parts, slot != 0);
      }
      return false;
    }
    if (type != Wire.INVOKE) {
      return Wire.Handler.super.parts(type, id, slot, parts);
    }
    arriving = List.of(parts);
    try {
      return frame(type, id, slot, parts[0]);
    } finally {
      arriving = List.of();
    }
  }

  @Override
  public void closed(@Nullable IOException cause) {
    if (cause != null && cause.getCause() instanceof OutOfMemoryError) {
      WorkerMain.haltForMemory();
    }
    WorkerMain.end(cause instanceof Wire.CorruptException ? Wire.CORRUPT_STATUS : 0);
  }

  private Slot slot(int number) throws Wire.CorruptException {
    if (number < 0 || number > MAX_SLOT) {
      throw new Wire.CorruptException("a call of slot " + number);
    }
    if (number >= slots.length) {
      int old = slots.length;
      slots = Arrays.copyOf(slots, Math.max(number + 1, old * 2));
      for (int i = old; i < slots.length; i++) {
        slots[i] = new Slot();
      }
    }
    return slots[number];
  }

  private void open(ByteBuffer world) {
    try {
      host.open(world, this);
      host.practise();
      opened.countDown();
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      wire.submit(Wire.UNFIT, 0, -1, text(e.toString()), Wire.When.NOW);
      wire.awaitFlushed(FLUSH_NANOS);
      Runtime.getRuntime().halt(UNFIT_STATUS);
    }
  }

  private static ByteBuffer[] text(String s) {
    return new ByteBuffer[] {ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8))};
  }

  /* --------------- Line --------------- */

  @Override
  public ByteBuffer ask(ByteBuffer question) {
    ByteBuffer[] parts = askForParts(question);
    return parts.length == 1 ? parts[0] : Wire.join(parts);
  }

  @Override
  public ByteBuffer[] askForParts(ByteBuffer question) {
    Question q = new Question();
    long id = questionNumber.incrementAndGet();
    questions.put(id, q);
    wire.submit(Wire.ASK, id, -1, new ByteBuffer[] {question}, Wire.When.NOW);
    sendRunner();
    return q.await();
  }

  @Override
  public void exiting(int status) {
    wire.submit(Wire.EXITING, 0, status, NOTHING, Wire.When.NOW);
    sendRunner();
    wire.awaitFlushed(FLUSH_NANOS);
  }

  /** A question, and the thread that waits for its answer. */
  private static final class Question {
    private final Thread thread = Thread.currentThread();
    private boolean failed;
    private volatile ByteBuffer @Nullable [] answer;

    void answer(ByteBuffer[] a, boolean isFailure) {
      failed = isFailure;
      answer = a;
      LockSupport.unpark(thread);
    }

    ByteBuffer[] await() {
      boolean interrupted = false;
      ByteBuffer[] a;
      while ((a = answer) == null) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failed) {
        throw new UncheckedIOException(
            new IOException("the client could not answer: " + StandardCharsets.UTF_8.decode(a[0])));
      }
      return a;
    }
  }

  /* --------------- Calls --------------- */

  /** A slot, the call that it runs, and those that wait for it or have released it. */
  private static final class Slot {
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final List<Call> released = new ArrayList<>(0);
    private @Nullable Call current;
    private volatile boolean wanted;

    /** Gives the slot to the call, or has the call wait. */
    synchronized boolean enter(Call call) {
      if (current != null) {
        waiting.add(call);
        if (!wanted) {
          wanted = true;
        }
        return false;
      }
      current = call;
      return true;
    }

    /** Gives the slot to the next call and returns it. */
    synchronized @Nullable Call leave() {
      Call next = waiting.poll();
      current = next;
      if (next != null && waiting.isEmpty()) {
        wanted = false;
      }
      return next;
    }

    /** As {@link #leave}, while the current call goes on. */
    synchronized @Nullable Call release(Call call) {
      released.add(call);
      return leave();
    }

    synchronized void ended(Call call) {
      released.remove(call);
    }

    /** Returns a call that has not ended. */
    synchronized @Nullable Call find(long id) {
      if (current != null && current.id == id) {
        return current;
      }
      for (Call c : released) {
        if (c.id == id) {
          return c;
        }
      }
      for (Call c : waiting) {
        if (c.id == id) {
          return c;
        }
      }
      return null;
    }

    boolean isWanted() {
      return wanted;
    }
  }

  /** One call. */
  private final class Call implements InboundCall, Runnable {
    private static final int RELEASED = 1;
    private static final int COMPLETED = 2;

    private final long id;
    private final int number;
    private final Slot slot;
    private final ByteBuffer payload;
    private final List<ByteBuffer> more;
    private final AtomicInteger state = new AtomicInteger();
    private @Nullable ArrayDeque<ByteBuffer> early;
    private @Nullable Consumer<ByteBuffer> sink;

    Call(long id, int number, Slot slot, ByteBuffer payload) {
      this.id = id;
      this.number = number;
      this.slot = slot;
      this.payload = payload;
      this.more = arriving.isEmpty() ? arriving : arriving.subList(1, arriving.size());
    }

    /** Runs this call and those that waited for its slot meanwhile. */
    @Override
    public void run() {
      for (Call c = this; c != null; c = c.leave()) {
        c.runOne();
        Thread.interrupted();
        PROGRESS.setOpaque(Server.this, progress + 1);
      }
    }

    /** Gives the slot back if it was not released, and returns the next call. */
    private @Nullable Call leave() {
      if (is(COMPLETED) && !is(RELEASED)) {
        return slot.leave();
      }
      return giveBack();
    }

    /** Gives the slot back before the call has ended, unless it was; returns the next call. */
    private @Nullable Call giveBack() {
      if (!become(RELEASED)) {
        return null;
      }
      Call next = slot.release(this);
      if (is(COMPLETED)) {
        slot.ended(this);
      }
      return next;
    }

    private void runOne() {
      try {
        opened.await();
        host.run(this);
      } catch (OutOfMemoryError e) {
        throw e;
      } catch (InterruptedException | RuntimeException | Error e) {
        if (end()) {
          wire.submit(Wire.ABANDON, id, number, text(e.toString()), Wire.When.NOW);
        }
      }
    }

    /** Ends the call; false if it has. */
    private boolean end() {
      if (!become(COMPLETED)) {
        return false;
      }
      if (is(RELEASED)) {
        slot.ended(this);
      }
      return true;
    }

    private boolean is(int bit) {
      return (state.get() & bit) != 0;
    }

    /** Returns whether it was not so before. */
    private boolean become(int bit) {
      return (state.getAndUpdate(s -> s | bit) & bit) == 0;
    }

    @Override
    public void release() {
      Call next = giveBack();
      if (next != null) {
        sendRunner(next);
      }
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public int slot() {
      return number;
    }

    @Override
    public ByteBuffer payload() {
      return payload;
    }

    @Override
    public List<ByteBuffer> more() {
      return more;
    }

    @Override
    public synchronized void onMessage(Consumer<ByteBuffer> to) {
      sink = to;
      if (early != null) {
        early.forEach(to);
        early = null;
      }
    }

    synchronized void message(ByteBuffer message) {
      if (sink != null) {
        try {
          sink.accept(message);
        } catch (RuntimeException e) {
          Log.of(Server.class).warn("A message to call {} was not taken", id, e);
        }
        return;
      }
      if (early == null) {
        early = new ArrayDeque<>();
      }
      early.add(message);
    }

    @Override
    public void send(ByteBuffer message) {
      wire.submit(Wire.MESSAGE, id, number, new ByteBuffer[] {message}, Wire.When.ADAPTIVE);
    }

    @Override
    public void complete(ByteBuffer... response) {
      if (!end()) {
        throw new IllegalStateException("call " + id + " is complete");
      }
      boolean later = slot.isWanted() || (!longCalls && !ready.isEmpty());
      wire.submit(Wire.COMPLETE, id, number, response, later ? Wire.When.LATER : Wire.When.NOW);
      if (later) {
        attention();
      }
    }
  }
}
