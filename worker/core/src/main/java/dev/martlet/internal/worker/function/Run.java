package dev.martlet.internal.worker.function;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.MalformedException;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Response.Kind;
import dev.martlet.internal.envelope.Response.Measure;
import dev.martlet.internal.envelope.Response.News;
import dev.martlet.internal.envelope.Response.Outcome;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.process.Elsewhere;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.WorkerHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of an invocation. Its calls run one after the other; if they take long, the {@linkplain
 * Watch watch} looks for messages of the client, sends on what calls say, and sees to it that the
 * run ends before the cloud ends it.
 */
final class Run {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

  // Longer ones need no packing to see that they are too long.
  private static final long HOPELESS = 8;

  // To stop the calls, and to put the answer into the store.
  private static final long MARGIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  // Of its time, when the client hears that a call will soon be out of it.
  private static final double LATE = 0.8;

  private static final String TOO_LONG =
      "the call was still running when the function's time was up";
  private static final int STOPPED_STATUS = 0;
  private static final int OUT_OF_MEMORY_STATUS = 3;
  private static final int OUT_OF_TIME_STATUS = 4;

  private final Surroundings surroundings;
  private final Request request;
  private final Mailbox mailbox;
  private final long id;
  private final boolean first;
  private final Supplier<News> news;
  private final Call[] calls;
  private final long began = System.nanoTime();
  private int next;
  private int open;
  private boolean much;
  private boolean attended;
  private long deadline;
  private boolean unwanted;
  private @Nullable NestedWays ways;
  private volatile @Nullable NestedCalls nested;

  Run(
      Request request,
      Mailbox mailbox,
      long id,
      boolean first,
      Surroundings surroundings,
      Supplier<News> news) {
    this.request = request;
    this.mailbox = mailbox;
    this.id = id;
    this.first = first;
    this.news = news;
    this.surroundings = surroundings;
    this.calls = new Call[request.calls().size()];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = new Call(i, request.calls().get(i));
    }
    this.open = calls.length;
  }

  /** Says how calls of the calls can go elsewhere. */
  void nests(NestedWays by) {
    ways = by;
  }

  /** Returns where calls of the calls can go; null if nowhere. */
  synchronized @Nullable Elsewhere elsewhere() {
    if (nested == null && ways != null) {
      nested = ways.open(deadline);
      ways = null;
    }
    return nested;
  }

  /** Ends the instance, and what it has begun elsewhere. */
  private void end(int status) {
    NestedCalls n = nested;
    if (n != null) {
      n.stop();
    }
    surroundings.end(status);
  }

  boolean isOf(byte[] session) {
    return Arrays.equals(request.session(), session);
  }

  ByteBuffer[] ask(ByteBuffer question, Consumer<List<Known>> known) {
    return mailbox.ask(question, known);
  }

  List<@Nullable ByteBuffer> attachments(List<String> all) {
    return mailbox.attachments(all);
  }

  /** Sends what calls have said so far. */
  void post() {
    try {
      mailbox.post();
    } catch (IOException e) {
      // The answer will not get through either, and the client will see that.
    }
  }

  ByteBuffer run(WorkerHost host, CallThreads threads, Watch watch, LifeSign sign, long limit)
      throws IOException {
    if (!request.submitted()) {
      return run(host, threads, watch, limit);
    }
    if (mailbox.isWatched()) {
      sign.begin(mailbox);
    }
    try {
      deliver(); // it may have waited for long
      if (!unwanted && sign.isTaken()) {
        mailbox.answer(run(host, threads, watch, limit));
      }
    } finally {
      sign.end();
    }
    return ByteBuffer.allocate(0);
  }

  private ByteBuffer run(WorkerHost host, CallThreads threads, Watch watch, long limit)
      throws IOException {
    deadline = limit - Math.min(MARGIN_NANOS, (limit - System.nanoTime()) / 4);
    watch.begin(this, deadline);
    try {
      threads.run(() -> runAll(host, threads, watch));
      awaitEnd();
    } finally {
      watch.end();
    }
    return answer(Kind.OUT_OF_TIME, TOO_LONG);
  }

  /** Looks after the calls until all have ended. */
  void attend() {
    long late = began + (long) ((deadline - began) * LATE);
    Pulse pulse = new Pulse(mailbox::live, began);
    long looked = began;
    while (attends(true)) {
      try {
        long now = System.nanoTime();
        if (now >= deadline) {
          outOfTime();
        }
        if (now >= late) {
          tellLate(now);
        }
        post();
        if (now - looked >= LOOK_NANOS / 2) {
          looked = now;
          deliver();
          if (unwanted || pulse.isGone(now)) {
            end(STOPPED_STATUS);
          }
        }
      } catch (RuntimeException | VirtualMachineError e) {
        // The calls' time must not run out unseen, whatever becomes of a look.
        Log.of(Run.class).warn("A look after calls has failed", e);
      } finally {
        attends(false);
      }
      long now = System.nanoTime();
      awaitEndUntil(Math.min(now < late ? late : deadline, now + LOOK_NANOS));
    }
  }

  /**
   * The watch begins or ends to do something, which an answer waits for.
   *
   * @return whether a call has not ended
   */
  @CanIgnoreReturnValue
  private synchronized boolean attends(boolean begins) {
    attended = begins && open > 0;
    notifyAll();
    return open > 0;
  }

  /** Some thread is still at it, so this instance is of no use any more. */
  private void outOfTime() {
    try {
      mailbox.answer(answer(Kind.OUT_OF_TIME, TOO_LONG));
    } catch (IOException | RuntimeException e) {
      // The cloud will tell that the time was up.
    }
    end(OUT_OF_TIME_STATUS);
  }

  /** A call is about to exit this JVM. */
  void exiting(int status) {
    ending(Kind.EXITED, surroundings.instance() + ": exit status " + status);
  }

  /** This JVM is about to end. Of a run that was submitted nobody but the store can tell. */
  private void ending(Kind how, String why) {
    post();
    if (request.submitted()) {
      try {
        mailbox.answer(answer(how, why));
      } catch (IOException | RuntimeException e) {
        // The client will find out in the end.
      }
    }
  }

  /**
   * Makes the answer, of which the longest parts go into the store if it is too long. No call
   * begins any more.
   *
   * @param how what becomes of calls that still run
   * @param why for a person
   */
  private ByteBuffer answer(Kind how, String why) throws IOException {
    synchronized (this) {
      next = calls.length;
    }
    if (mailbox.isMuch()) {
      post();
    }
    int letters = mailbox.letters();
    int most = surroundings.longestAnswer();
    List<Outcome> outcomes = new ArrayList<>(calls.length);
    for (int i = 0; i < calls.length; i++) {
      outcomes.add(calls[i].outcome(how, why));
      if (length(outcomes.get(i).answer()) > HOPELESS * most) {
        store(i, outcomes);
      }
    }
    Measure measure = measure();
    NestedCalls made = nested;
    List<Measure> elsewhere = made == null ? List.of() : made.used();
    ByteBuffer bytes = response(letters, measure, elsewhere, news.get(), outcomes);
    if (bytes.remaining() > most) {
      bytes = response(letters, measure, elsewhere, News.NONE, outcomes);
    }
    while (bytes.remaining() > most) {
      int longest = -1;
      long longestBytes = 0;
      for (int i = 0; i < calls.length; i++) {
        Outcome o = outcomes.get(i);
        long n = o.kind() == Kind.ANSWERED ? length(o.answer()) : 0;
        if (n > longestBytes) {
          longest = i;
          longestBytes = n;
        }
      }
      if (longest < 0) {
        throw new IllegalStateException(bytes.remaining() + " bytes are too many for an answer");
      }
      store(longest, outcomes);
      bytes = response(letters, measure, elsewhere, News.NONE, outcomes);
    }
    return bytes;
  }

  private ByteBuffer response(
      int letters, Measure measure, List<Measure> elsewhere, News about, List<Outcome> outcomes) {
    String instance = surroundings.instance();
    return new Response(id, letters, instance, first, measure, elsewhere, about, outcomes).encode();
  }

  private Measure measure() {
    long nanos = System.nanoTime() - began;
    return new Measure(
        request.submitted(),
        first ? Gauge.startNanos(nanos) : 0,
        nanos,
        first || request.submitted() ? Gauge.memoryUsed() : 0);
  }

  private void store(int i, List<Outcome> outcomes) throws IOException {
    Outcome o = outcomes.get(i);
    ByteBuffer told = mailbox.outcome(i, o.answer());
    outcomes.set(i, new Outcome(Kind.STORED, o.nanos(), o.messages(), List.of(told)));
  }

  private static long length(List<ByteBuffer> parts) {
    long n = 0;
    for (ByteBuffer b : parts) {
      n += b.remaining();
    }
    return n;
  }

  /** Waits for calls that run on other threads, and for the watch. */
  private synchronized void awaitEnd() {
    boolean interrupted = false;
    while (open > 0 || attended) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells the client of calls that will soon be out of time. */
  private void tellLate(long now) {
    for (Call c : calls) {
      ByteBuffer times = c.late(now, deadline);
      if (times != null) {
        boolean unused = mailbox.say(~c.index, times);
      }
    }
  }

  /** Waits until all calls have ended or have said much, or the time has come. */
  private synchronized void awaitEndUntil(long until) {
    while (open > 0 && !much) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // A call that meets all threads has interrupted it.
      }
    }
    much = false;
  }

  /** Hands the client's messages to the calls. */
  private void deliver() {
    try {
      for (ByteBuffer m = mailbox.next(); m != null; m = mailbox.next()) {
        int index = m.getInt();
        if (index >= 0 && index < calls.length) {
          calls[index].message(m.slice());
        } else {
          unwanted = true;
        }
      }
    } catch (IOException | MalformedException e) {
      // The next look may succeed.
    }
  }

  /** Runs the calls that have not begun. */
  private void runAll(WorkerHost host, CallThreads threads, Watch watch) {
    for (Call c = begin(); c != null; c = begin()) {
      c.run(host, watch, () -> threads.add(() -> runAll(host, threads, watch)));
      boolean unused = Thread.interrupted();
      if (c.isReleased()) {
        return; // somebody else has gone on
      }
    }
  }

  private synchronized @Nullable Call begin() {
    if (next >= calls.length) {
      return null;
    }
    Call call = calls[next++];
    call.begin();
    return call;
  }

  /** A call has ended; perhaps none is to begin any more. */
  private synchronized void ended(boolean last) {
    open--;
    if (last) {
      open -= calls.length - next;
      next = calls.length;
    }
    notifyAll();
  }

  /** One call. */
  private final class Call implements InboundCall {
    private final int index;
    private final Request.Call call;
    private ByteBuffer payload = ByteBuffer.allocate(0);
    private @Nullable Runnable goOn;
    private @Nullable Watch watch;
    private @Nullable Consumer<ByteBuffer> sink;
    private final List<ByteBuffer> early = new ArrayList<>();
    private @Nullable Kind kind;
    private List<ByteBuffer> answer = List.of(ByteBuffer.allocate(0));
    private volatile boolean begun;
    private long beganNanos;
    private boolean late;
    private long nanos;
    private boolean released;

    Call(int index, Request.Call call) {
      this.index = index;
      this.call = call;
      early.addAll(call.messages());
    }

    void run(WorkerHost host, Watch by, Runnable nextOne) {
      synchronized (this) {
        goOn = nextOne;
        watch = by;
      }
      try {
        payload = call.stored() ? mailbox.payload(index) : call.payload().get(0);
        host.run(this);
      } catch (OutOfMemoryError e) {
        ending(Kind.OUT_OF_MEMORY, surroundings.instance() + ": " + e.getMessage());
        Run.this.end(OUT_OF_MEMORY_STATUS);
      } catch (IOException | RuntimeException | Error e) {
        end(Kind.ABANDONED, List.of(text(e.toString())));
      }
    }

    private synchronized void begin() {
      beganNanos = System.nanoTime();
      begun = true;
    }

    /** Returns for how long it has run and may run; null if it does not, or that was told. */
    synchronized @Nullable ByteBuffer late(long now, long deadline) {
      if (!begun || late || kind != null) {
        return null;
      }
      late = true;
      return ByteBuffer.allocate(2 * Long.BYTES)
          .putLong(now - beganNanos)
          .putLong(deadline - now)
          .flip();
    }

    private void end(Kind how, List<ByteBuffer> with) {
      synchronized (this) {
        if (kind != null) {
          return;
        }
        kind = how;
        answer = with;
        nanos = System.nanoTime() - beganNanos;
      }
      ended(mailbox.stopsAt(how, with));
    }

    synchronized boolean isReleased() {
      return released;
    }

    /** Returns what has become of it, or becomes if it still runs. */
    synchronized Outcome outcome(Kind how, String why) {
      if (kind != null) {
        return new Outcome(kind, nanos, mailbox.take(index), answer);
      }
      return begun
          ? new Outcome(
              how, System.nanoTime() - beganNanos, mailbox.take(index), List.of(text(why)))
          : new Outcome(Kind.NOT_BEGUN, 0, List.of(), answer);
    }

    @Override
    public long id() {
      return index;
    }

    @Override
    public int slot() {
      return call.slot();
    }

    @Override
    public ByteBuffer payload() {
      return payload;
    }

    @Override
    public void onMessage(Consumer<ByteBuffer> to) {
      synchronized (early) {
        sink = to;
        early.forEach(this::hand);
        early.clear();
      }
    }

    void message(ByteBuffer message) {
      synchronized (early) {
        if (sink == null) {
          early.add(message);
        } else {
          hand(message);
        }
      }
    }

    private void hand(ByteBuffer message) {
      try {
        Objects.requireNonNull(sink).accept(message);
      } catch (RuntimeException e) {
        Log.of(Run.class).warn("A message to a call was not taken", e);
      }
    }

    @Override
    public void send(ByteBuffer message) {
      if (mailbox.say(index, message)) {
        synchronized (Run.this) {
          much = true;
          Run.this.notifyAll();
        }
        Watch w;
        synchronized (this) {
          w = watch;
        }
        if (w != null) {
          w.hurry(Run.this);
        }
      }
    }

    @Override
    public void release() {
      Runnable r;
      synchronized (this) {
        if (released || kind != null) {
          return;
        }
        released = true;
        r = goOn;
      }
      if (r != null) {
        r.run();
      }
    }

    @Override
    public void complete(ByteBuffer... response) {
      end(Kind.ANSWERED, Arrays.asList(response));
    }
  }

  private static ByteBuffer text(String s) {
    return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
  }
}
