package dev.martlet.internal.local;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One worker process, from before its start to behind its end. Until its line is open, what is
 * meant for it waits here. A thread waits for the process to end and then, when the line has been
 * read to its end, reports the calls that are left.
 */
final class Instance implements Wire.Handler {
  private static final ByteBuffer[] NOTHING = {};
  private static final int LAST_WORDS = 4096;
  private static final int WORD_LOOKS = 20;
  private static final long WORD_LOOK_NANOS = 5_000_000;
  private static final long DYING_MILLIS = 500;
  private static final long LINE_END_MILLIS = 2_000;
  private static final int ATTEMPTS = 3;
  private static final long CLOSE_NANOS = 5_000_000_000L;

  private enum State {
    STARTING,
    OPEN,
    ENDED
  }

  final int place;
  private final LocalPlatform platform;
  private final InFlight inFlight = new InFlight();
  private final CountDownLatch lineEnded = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final byte[] words = new byte[LAST_WORDS];
  private int wordsEnd;

  // Guarded by this.
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private volatile State state = State.STARTING;
  private boolean claimed;

  private final AtomicBoolean unused = new AtomicBoolean(true);

  // The line, and the same once nothing waits for it any more.
  private volatile @Nullable Wire line;
  private volatile @Nullable Wire wire;
  private volatile @Nullable Process process;
  private volatile byte @Nullable [] token;
  private volatile String name;
  private volatile boolean ending;
  private volatile boolean condemned;
  private volatile boolean announced;
  private volatile @Nullable String unfit;
  private volatile @Nullable Reason cause;
  private volatile @Nullable String causeDetail;
  private volatile long startedAt;
  private volatile long usedAt = System.nanoTime();
  private volatile long lineEndedAt;
  private volatile long aliveSince = System.nanoTime();
  private volatile long closedAt;

  Instance(LocalPlatform platform, int place) {
    this.platform = platform;
    this.place = place;
    this.name = "local-" + (place + 1);
  }

  /** What waits for the line to open: a call, or a message of one. */
  private static final class Waiting {
    final LocalCall call;
    final ByteBuffer[] payload;
    final boolean isCall;

    Waiting(LocalCall call, ByteBuffer[] payload, boolean isCall) {
      this.call = call;
      this.payload = payload;
      this.isCall = isCall;
    }
  }

  /* --------------- Calls --------------- */

  /** Takes a call; false if this instance takes no more. */
  boolean accept(LocalCall call, ByteBuffer[] payload) {
    Wire w = wire;
    if (w == null) {
      synchronized (this) {
        if (state == State.ENDED || ending) {
          return false;
        }
        if (state == State.STARTING) {
          call.instance = this;
          waiting.add(new Waiting(call, payload, true));
          return true;
        }
        w = wire;
      }
    }
    if (w == null || ending) {
      return false;
    }
    call.instance = this;
    if (!inFlight.add(call)) {
      return false;
    }
    dispatch(w, call, payload);
    return true;
  }

  private void dispatch(Wire w, LocalCall call, ByteBuffer[] payload) {
    boolean cold = unused.get() && unused.getAndSet(false);
    call.sent(name, cold);
    Wire.When when = inFlight.count() == 1 ? Wire.When.NOW : Wire.When.ADAPTIVE;
    call.ticket = w.submit(Wire.INVOKE, call.id, call.slot, payload, when);
  }

  void message(LocalCall call, ByteBuffer message) {
    ByteBuffer[] payload = {message};
    Wire w = wire;
    if (w == null) {
      synchronized (this) {
        if (state == State.STARTING) {
          waiting.add(new Waiting(call, payload, false));
          return;
        }
        w = wire;
      }
    }
    if (w != null) {
      w.submit(Wire.MESSAGE, call.id, call.slot, payload, Wire.When.ADAPTIVE);
    }
  }

  /**
   * Loses a call. What waits behind it in its slot is lost with it; calls of other slots go on, and
   * the process is ended when they have ended. It takes no new ones.
   */
  void kill(LocalCall call) {
    synchronized (this) {
      if (state == State.STARTING && waiting.removeIf(x -> x.call == call)) {
        platform.execute(
            () -> call.lost(Reason.KILLED, name + " was killed before it began", false, null));
        return;
      }
    }
    ending = true;
    condemned = true;
    platform.vacate(this);
    boolean alone = true;
    for (LocalCall c : inFlight.close()) {
      if (c.slot == call.slot) {
        c.lost(Reason.KILLED, name + ": its task was ended on request", c == call, inFlight);
      } else {
        alone = false;
      }
    }
    if (alone) {
      end(Reason.KILLED, "killed on request");
    }
  }

  /** Ends the process at once. */
  void end(@Nullable Reason reason, String detail) {
    synchronized (this) {
      if (cause == null && reason != null) {
        causeDetail = detail;
        cause = reason;
      }
      ending = true;
    }
    Process p = process;
    if (p != null) {
      p.destroyForcibly();
    }
  }

  boolean isIdle() {
    return inFlight.count() == 0;
  }

  /** Asks an idle process to end. */
  void retire() {
    ending = true;
    Wire w = wire;
    if (w != null && inFlight.close().isEmpty()) {
      w.submit(Wire.CLOSE, 0, -1, NOTHING, Wire.When.NOW);
    } else {
      end(Reason.KILLED, "the pool was closed");
    }
  }

  boolean awaitEnd(long millis) throws InterruptedException {
    return over.await(millis, TimeUnit.MILLISECONDS);
  }

  boolean takesCalls() {
    return !ending;
  }

  /* --------------- Start --------------- */

  /** Starts the process, again if it fails, and waits for its end. Runs on a thread of its own. */
  void live() {
    for (int attempt = 1; ; attempt++) {
      startedAt = System.nanoTime();
      int status = -1;
      String failure = null;
      try {
        Launcher.Started started = platform.launch();
        token = started.token;
        name = "local-" + started.number + " (pid " + started.process.pid() + ")";
        process = started.process;
        started.handOver();
        if (ending) {
          started.process.destroyForcibly();
        }
        status = waitFor(started.process);
      } catch (IOException | RuntimeException | Error e) {
        failure = e.toString();
        Process p = process;
        if (p != null) {
          // To destroy it would be to lose its last words.
          if (!endsByItself(p)) {
            p.destroyForcibly();
          }
          status = waitFor(p);
        }
      }
      synchronized (this) {
        token = null;
        if (!claimed && !ending && attempt < ATTEMPTS) {
          continue;
        }
      }
      report(status, failure, attempt);
      return;
    }
  }

  /** Ends before anything has begun. */
  void abandon(Throwable e) {
    report(-1, e.toString(), 1);
  }

  /** Returns the token if the process has not connected yet. */
  byte @Nullable [] token() {
    return token;
  }

  /** Uses the token up; false if it was. */
  synchronized boolean claim() {
    if (token == null) {
      return false;
    }
    token = null;
    claimed = true;
    return true;
  }

  /** The process has connected and authenticated itself. */
  void connected(SocketChannel channel, Hello theirs) throws IOException {
    Hello mine = Hello.mine();
    if (!mine.equals(theirs)) {
      unfit =
          "this JVM is "
              + mine
              + " but the worker is "
              + theirs
              + "; put jars of one Martlet version on the class path and start both on one JDK";
      channel.close();
      lineEnded.countDown();
      end(Reason.NOT_STARTED, unfit);
      return;
    }
    try {
      open(channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      lineEnded.countDown();
      end(Reason.NOT_STARTED, "its line could not be opened: " + e);
    }
  }

  private void open(SocketChannel channel) throws IOException {
    Wire w = new Wire(channel, this, platform.reactor());
    line = w;
    platform.reactor().add(w);
    w.submit(Wire.WORLD, 0, -1, new ByteBuffer[] {platform.world()}, Wire.When.LATER);
    List<Waiting> some = waitingOrOpen(w);
    while (!some.isEmpty()) {
      for (Waiting x : some) {
        if (x.call.hasEnded()) {
          continue;
        }
        if (!x.isCall) {
          w.submit(Wire.MESSAGE, x.call.id, x.call.slot, x.payload, Wire.When.LATER);
        } else if (inFlight.add(x.call)) {
          dispatch(w, x.call, x.payload);
        } else {
          x.call.lost(Reason.KILLED, "the pool was closed", false, null);
        }
      }
      some = waitingOrOpen(w);
    }
    w.flush();
    platform.attention();
  }

  /** Takes out what waits, or lets everybody use the line if nothing does. */
  private synchronized List<Waiting> waitingOrOpen(Wire w) {
    List<Waiting> some = new ArrayList<>(waiting);
    waiting.clear();
    if (some.isEmpty() && state == State.STARTING) {
      state = State.OPEN;
      wire = w;
    }
    return some;
  }

  /* --------------- Line --------------- */

  @Override
  public boolean frame(byte type, long id, int slot, ByteBuffer payload)
      throws Wire.CorruptException {
    switch (type) {
      case Wire.COMPLETE -> {
        LocalCall c = inFlight.get(id);
        if (c != null) {
          touch();
          c.completed(payload, inFlight);
        }
      }
      case Wire.MESSAGE -> {
        LocalCall c = inFlight.get(id);
        if (c != null) {
          c.received(payload);
        }
      }
      case Wire.ABANDON -> {
        LocalCall c = inFlight.get(id);
        if (c != null) {
          c.lost(Reason.DISCONNECTED, name + ": " + text(payload), true, inFlight);
        }
      }
      case Wire.ASK -> platform.execute(() -> answer(id, payload));
      case Wire.EXITING -> announced = true;
      case Wire.UNFIT -> unfit = text(payload);
      case Wire.PING -> {}
      default -> throw new Wire.CorruptException("a frame of type " + type);
    }
    return false;
  }

  @Override
  public boolean parts(byte type, long id, int slot, ByteBuffer[] parts)
      throws Wire.CorruptException {
    if (type != Wire.COMPLETE) {
      return Wire.Handler.super.parts(type, id, slot, parts);
    }
    LocalCall c = inFlight.get(id);
    if (c != null) {
      touch();
      c.completed(parts, inFlight);
    }
    return false;
  }

  @Override
  public void refused(byte type, long id, int bytes, OutOfMemoryError why) {
    if (type != Wire.COMPLETE) {
      throw why;
    }
    LocalCall c = inFlight.get(id);
    if (c != null) {
      touch();
      c.failed(NoMemory.told(why, "an answer", bytes), inFlight);
    }
  }

  private void touch() {
    Wire w = line;
    if (w != null) {
      usedAt = w.lastRead();
    }
  }

  private static String text(ByteBuffer payload) {
    ByteBuffer b = payload.remaining() > LAST_WORDS ? payload.limit(LAST_WORDS) : payload;
    return StandardCharsets.UTF_8.decode(b).toString();
  }

  private void answer(long id, ByteBuffer question) {
    ByteBuffer[] answer;
    int failed = 0;
    try {
      answer = platform.questions().answerInParts(question).toArray(NOTHING);
    } catch (RuntimeException | Error e) {
      Log.of(Instance.class).debug("A worker's question could not be answered", e);
      answer = new ByteBuffer[] {ByteBuffer.wrap(e.toString().getBytes(StandardCharsets.UTF_8))};
      failed = 1;
    }
    Wire w = line;
    if (w != null) {
      try {
        w.submit(Wire.ANSWER, id, failed, answer, Wire.When.NOW);
      } catch (RuntimeException | Error e) {
        w.close(); // the worker would wait for ever
        throw e;
      }
    }
  }

  @Override
  public void closed(@Nullable IOException e) {
    ending = true;
    lineEndedAt = System.nanoTime();
    if (e instanceof Wire.CorruptException) {
      Log.of(Instance.class)
          .warn("{} sent what is not a frame and is ended: {}", name, e.getMessage());
      end(Reason.DISCONNECTED, "the line was corrupted: " + e.getMessage());
    }
    lineEnded.countDown();
  }

  /* --------------- End --------------- */

  private static int waitFor(Process p) {
    for (; ; ) {
      try {
        return p.waitFor();
      } catch (InterruptedException e) {
        // Nobody but the platform knows this thread, and it wants to know the end.
      }
    }
  }

  private static boolean endsByItself(Process p) {
    try {
      return p.waitFor(DYING_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false; // as in waitFor
    }
  }

  private void report(int status, @Nullable String failure, int attempts) {
    List<Waiting> unsent;
    boolean wasOpen = claimed;
    if (wasOpen) {
      awaitLineEnd();
    }
    ending = true;
    platform.remove(this);
    synchronized (this) {
      state = State.ENDED;
      unsent = new ArrayList<>(waiting);
      waiting.clear();
    }
    drain();
    if (status > 0 && status < 128 && !announced) {
      awaitWords();
    }
    List<LocalCall> left = inFlight.close();
    Reason reason = reason(status, wasOpen);
    String detail = detail(reason, status, failure, attempts);
    Wire w = line;
    if (w != null) {
      w.close();
    }
    for (LocalCall c : left) {
      c.lost(reason, detail, w == null || w.hasDeparted(c.ticket), inFlight);
    }
    for (Waiting x : unsent) {
      if (x.isCall) {
        x.call.lost(reason, detail, false, null);
      }
    }
    over.countDown();
  }

  private void awaitLineEnd() {
    platform.attention();
    try {
      if (!lineEnded.await(LINE_END_MILLIS, TimeUnit.MILLISECONDS)) {
        Log.of(Instance.class).debug("{} has ended but its line has not", name);
      }
    } catch (InterruptedException e) {
      // Nobody but the platform knows this thread.
    }
  }

  private Reason reason(int status, boolean wasOpen) {
    Reason c = cause;
    if (c != null) {
      return c;
    }
    if (unfit != null || !wasOpen) {
      return Reason.NOT_STARTED;
    }
    if (announced) {
      return Reason.EXITED;
    }
    if (lastWords().contains("OutOfMemoryError")) {
      return Reason.OUT_OF_MEMORY;
    }
    if (status == Wire.CORRUPT_STATUS) {
      return Reason.DISCONNECTED;
    }
    return status > 128 ? Reason.KILLED : Reason.EXITED;
  }

  private String detail(Reason reason, int status, @Nullable String failure, int attempts) {
    StringBuilder s = new StringBuilder(name);
    String why = causeDetail;
    if (why == null) {
      why = unfit != null ? unfit : failure;
    }
    if (why != null) {
      s.append(": ").append(why);
    }
    if (reason == Reason.NOT_STARTED && attempts > 1) {
      s.append("; tried ").append(attempts).append(" times");
    }
    if (status > 128 && !announced) {
      s.append("; ended by ").append(Signals.name(status - 128));
    } else if (status >= 0) {
      s.append("; exit status ").append(status);
    }
    String last = lastWords();
    if (!last.isBlank()) {
      s.append("; its last words: ").append(last.strip());
    }
    return s.toString();
  }

  private synchronized String lastWords() {
    return new String(words, 0, wordsEnd, StandardCharsets.UTF_8);
  }

  /** Keeps the end of what the JVM itself has printed. */
  synchronized void drain() {
    Process p = process;
    if (p == null) {
      return;
    }
    try {
      InputStream in = p.getInputStream();
      byte[] b = new byte[LAST_WORDS];
      for (int n; in.available() > 0 && (n = in.read(b)) > 0; ) {
        int keep = Math.min(wordsEnd, LAST_WORDS - n);
        System.arraycopy(words, wordsEnd - keep, words, 0, keep);
        System.arraycopy(b, 0, words, keep, n);
        wordsEnd = keep + n;
      }
    } catch (IOException e) {
      // The words are a courtesy.
    }
  }

  /** When a process has just ended, the JDK may be moving its words from the pipe to memory. */
  private void awaitWords() {
    for (int i = 0; i < WORD_LOOKS && lastWords().isEmpty(); i++) {
      LockSupport.parkNanos(WORD_LOOK_NANOS);
      drain();
    }
  }

  /** Looks after the process, about once a second. */
  void keep(long now, long idleNanos, long leaseNanos, boolean grace) {
    drain();
    Wire w = line;
    if (w == null) {
      if (state == State.STARTING && now - startedAt > leaseNanos && process != null && !grace) {
        end(Reason.NOT_STARTED, "it did not connect in time");
      }
      return;
    }
    if (lineEndedAt != 0) {
      if (now - lineEndedAt > LINE_END_MILLIS * 1_000_000) {
        end(Reason.DISCONNECTED, "the line was cut");
      }
      return;
    }
    if (!grace && now - Math.max(w.lastRead(), aliveSince) > leaseNanos) {
      end(Reason.DISCONNECTED, "it was silent for " + leaseNanos / 1_000_000_000 + " s");
      return;
    }
    if (grace) {
      aliveSince = now;
    }
    if (!ending && isIdle() && now - usedAt > idleNanos) {
      inFlight.close();
      ending = true;
      platform.vacate(this);
    }
    if (ending && cause == null && isIdle()) {
      if (condemned) {
        end(Reason.KILLED, "killed on request");
      } else if (closedAt == 0) {
        closedAt = now;
        w.submit(Wire.CLOSE, 0, -1, NOTHING, Wire.When.NOW);
      } else if (now - closedAt > CLOSE_NANOS) {
        end(null, "");
      }
      return;
    }
    if (now - w.lastWrite() > 900_000_000L) {
      w.submit(Wire.PING, 0, -1, NOTHING, Wire.When.NOW);
    }
  }
}
