package dev.martlet.internal.dispatch;

import dev.martlet.RemoteTaskException;
import dev.martlet.UncapturableException;
import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.capture.Captured;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayVolume;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.effects.Commit;
import dev.martlet.spi.Platform.Attachment;
import dev.martlet.spi.Platform.Invocation;
import dev.martlet.spi.Platform.InvocationListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: its attempts, and what becomes of them.
 *
 * <p>An attempt ends by an answer or by the loss of its worker. An answer is committed and
 * completes the call, sends it home, or, if the worker was short of memory, counts as a loss. A
 * loss is tried again as often as the policy allows, unless effects of the attempt have already
 * become visible: a second run would apply them twice. An attempt that never left is repeated for
 * nothing, and where connections are lost without the worker, so are some of those. The last
 * attempt that the policy allows runs on a worker of its own, so that a call that kills its workers
 * takes others along only as long as those have attempts left. Callbacks of an attempt that has
 * ended are ignored.
 */
final class Away implements InvocationListener, Dispatcher.Interruptible {
  // A worker that dies again and again before it is sent anything shall be noticed.
  private static final int MOST_UNSENT = 16;

  // A cloud that is out of order for a moment is no reason to give up.
  private static final int MOST_CUT = 8;

  private final Dispatcher dispatcher;
  private final RemoteCall call;
  private final long wireId;
  private final Captured captured;
  private final @Nullable Locals locals;
  private final int attempt;
  private final int lone;
  private final boolean refused;
  private final Lines shown;
  private final List<Printed> lines = new ArrayList<>();
  private @Nullable Invocation invocation;
  private @Nullable Future<?> timer;
  private boolean interrupted;
  private volatile boolean timedOut;
  private volatile boolean spoke;
  private boolean flushed;
  private int unsent;
  private int cut;
  private boolean ended;
  private volatile String worker = "the worker";

  private record Printed(ByteBuffer message) {}

  /**
   * Creates an attempt.
   *
   * @param locals what thread-locals hold for the task, or null if none may travel
   * @param former the attempt that was lost before this one, if any
   * @param attempt its number, from 1; that of the former one if that had not begun
   * @param cut how many attempts before were lost with nothing but the connection
   * @param lone the slot that it is to run in instead of the call's, apart from other calls; or -1
   */
  Away(
      Dispatcher dispatcher,
      RemoteCall call,
      long wireId,
      Captured captured,
      @Nullable Locals locals,
      @Nullable Away former,
      int attempt,
      int cut,
      int lone) {
    this.dispatcher = dispatcher;
    this.call = call;
    this.wireId = wireId;
    this.captured = captured;
    this.locals = locals;
    this.attempt = attempt;
    this.cut = cut;
    this.lone = lone;
    this.refused = call.isRefused();
    this.shown = former == null ? new Lines() : former.shown;
    this.unsent = former == null ? 0 : former.unsent;
    shown.begin();
  }

  RemoteCall call() {
    return call;
  }

  long wireId() {
    return wireId;
  }

  int attempt() {
    return attempt;
  }

  ObjectTable table() {
    return captured.table();
  }

  @Nullable Locals locals() {
    return locals;
  }

  /** Returns how many attempts up to this one were lost with nothing but the connection. */
  int cut() {
    return cut;
  }

  /** Returns the slot that the attempt has for itself, or -1. */
  int lone() {
    return lone;
  }

  /** Returns where the images are, from an object on, of which only the versions travel. */
  List<Attachment> attachments(int from) {
    return attachments(table(), from);
  }

  static List<Attachment> attachments(ObjectTable table, int from) {
    List<Attachment> all = new ArrayList<>();
    for (ArrayImage image : table.images(from)) {
      for (ArrayVolume v : ArrayVolume.of(image)) {
        all.add(new Attachment(v.name(), v.bytes(image), () -> v.encode(image)));
      }
    }
    return all;
  }

  @Override
  public void attached(long bytes) {
    call.sentMore(bytes);
    table().dropPieces();
  }

  /** An answer brings objects, from one on, and the worker will look for what they lack. */
  synchronized void answering(int from) {
    if (invocation != null && !ended && dispatcher.isFar()) {
      List<Attachment> all = attachments(from);
      if (!all.isEmpty()) {
        invocation.attach(all);
      }
    }
  }

  /** The platform has taken the attempt. */
  synchronized void started(Invocation i) {
    invocation = i;
    interrupted |= call.isInterrupted();
    if (interrupted) {
      i.send(Protocol.interruption(call.isStopped(), call.isCancelled()));
    }
    if (call.isTaskCancelled()) {
      i.send(ByteBuffer.wrap(new byte[] {Protocol.CANCELLED}));
    }
    if (!refused && call.isRefused()) {
      shutDown();
    }
  }

  /** Returns whether the attempt is told from the start that its pool takes no more calls. */
  boolean isRefused() {
    return refused;
  }

  synchronized void shutDown() {
    if (invocation != null && !ended) {
      invocation.send(ByteBuffer.wrap(new byte[] {Protocol.SHUT_DOWN}));
    }
  }

  @Override
  public synchronized void interrupt() {
    interrupt(call.isStopped());
  }

  private synchronized void interrupt(boolean all) {
    interrupted = true;
    if (invocation != null && !ended) {
      invocation.send(Protocol.interruption(all, call.isCancelled()));
    }
  }

  synchronized void taskCancelled() {
    if (invocation != null && !ended) {
      invocation.send(ByteBuffer.wrap(new byte[] {Protocol.CANCELLED}));
    }
  }

  void timeOut() {
    timedOut = true;
    interrupt(/* all= */ true);
  }

  synchronized void kill() {
    if (invocation != null && !ended) {
      invocation.kill();
    }
  }

  @Override
  public void sent(String instance, boolean cold) {
    worker = instance;
    synchronized (this) {
      if (!ended) {
        timer = dispatcher.schedule(this);
      }
    }
    call.sent(instance, cold, captured.bytes());
  }

  @Override
  public void ran(String instance, boolean cold) {
    worker = instance;
    call.ran(instance, cold);
  }

  @Override
  public void nearsTimeLimit(Duration ran, Duration left, String limit) {
    dispatcher.nearsTimeLimit(call, captured.site(), ran, left, limit);
  }

  /** The worker has fetched bytes that were not in the request. */
  void sentMore(long bytes) {
    call.sentMore(bytes);
  }

  @Override
  public void used(Usage part) {
    call.used(part);
  }

  @Override
  public void received(ByteBuffer message) {
    spoke = true;
    boolean first;
    synchronized (lines) {
      first = lines.isEmpty();
      lines.add(new Printed(message));
    }
    if (first && captured.live()) {
      dispatcher.soon(this::progress);
    }
  }

  /** Shows what a call that goes on has said: until then it may yet be dropped and run at home. */
  private void progress() {
    synchronized (this) {
      if (ended) {
        return;
      }
    }
    print();
  }

  /** Hands on what the call has printed and logged so far. */
  void print() {
    synchronized (lines) {
      for (Printed p : lines) {
        if (shown.isNew(p.message)) {
          dispatcher.printer().print(p.message.duplicate());
        }
      }
      lines.clear();
    }
  }

  @Override
  public void completed(ByteBuffer response) {
    if (!complete(response)) {
      completed(new ByteBuffer[] {response});
    }
  }

  @Override
  public void completed(ByteBuffer[] parts) {
    boolean plain = !timedOut && !spoke && Simple.isPlain(parts[0]);
    dispatcher.read(call, () -> answer(parts), plain);
  }

  @Override
  public void failed(Throwable cause) {
    dispatcher.execute(
        call,
        () -> {
          if (end()) {
            dispatcher.forget(this);
            print();
            boolean late = timedOut;
            call.failed(late ? new TimeoutException(dispatcher.timeoutMessage()) : cause, 0, 0);
          }
        });
  }

  @Override
  public void lost(WorkerLostException.Reason reason, @Nullable String detail, boolean begun) {
    dispatcher.execute(call, () -> lose(reason, detail == null ? worker : detail, begun));
  }

  private synchronized boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    if (timer != null) {
      timer.cancel(false);
    }
    return true;
  }

  /** Completes the call at once if that takes no time and runs no user code. */
  private boolean complete(ByteBuffer response) {
    int bytes = response.remaining();
    if (timedOut || !call.isPlain() || spoke || !Simple.is(response)) {
      return false;
    }
    Object value;
    try {
      value = Simple.value(response);
    } catch (CodecException e) {
      return false;
    }
    if (!end()) {
      return true;
    }
    dispatcher.forget(this);
    call.arrived(value, Simple.nanos(response), bytes);
    return true;
  }

  void answer(ByteBuffer[] parts) {
    ByteBuffer response = parts[0];
    long bytes = 0;
    for (ByteBuffer b : parts) {
      bytes += b.remaining();
    }
    if (!end()) {
      return;
    }
    dispatcher.forget(this);
    long nanos = 0;
    try {
      byte status = response.get();
      if (status != Protocol.DROPPED && status != Protocol.OUT_OF_MEMORY) {
        print();
      }
      nanos = response.getLong();
      switch (status) {
        case Protocol.RETURNED, Protocol.THREW, Protocol.UNTRAVELABLE ->
            commit(status, parts, nanos, bytes);
        case Protocol.DROPPED -> {
          if (timedOut) {
            throw new TimeoutException(dispatcher.timeoutMessage());
          }
          dispatcher.dropped(this, captured.site(), text(response));
        }
        case Protocol.OUT_OF_MEMORY ->
            retry(WorkerLostException.Reason.OUT_OF_MEMORY, worker + ": " + text(response));
        case Protocol.UNANSWERED ->
            retry(WorkerLostException.Reason.INCAPABLE, worker + ": " + text(response));
        case Protocol.SPOILED ->
            call.failed(new UncapturableException("the task " + text(response), ""), nanos, bytes);
        default -> call.failed(new IllegalStateException(text(response)), nanos, bytes);
      }
    } catch (Throwable e) {
      call.failed(NoMemory.told(e, "an answer", bytes), nanos, bytes);
    }
  }

  private void commit(byte status, ByteBuffer[] parts, long nanos, long bytes) {
    ByteBuffer response = parts[0];
    int end = response.get();
    boolean external = (end & Protocol.EXTERNAL) != 0;
    call.ended((end & Protocol.HEARD) != 0, (end & Protocol.INTERRUPTED) != 0);
    ByteBuffer effects = Protocol.getBytes(response);
    Throwable failure = null;
    Object value = null;
    try {
      int shipped = table().size();
      while (effects.hasRemaining()) {
        Commit commit = apply(Protocol.getBytes(effects));
        if (!flushed && !effects.hasRemaining()) {
          commit.tell(dispatcher.mirrors(), wireId);
        }
        flushed = true;
      }
      if (status == Protocol.UNTRAVELABLE) {
        failure = untravelable(text(response));
      } else {
        value = dispatcher.decoder(parts, table()).read();
        if (status == Protocol.THREW) {
          failure = (Throwable) value;
          if (failure == null) {
            throw new CodecException("a task that threw nothing");
          }
          int id = table().idOf(failure);
          if (id < 0 || id >= shipped) {
            StackTraces.join(failure, call.submitter());
          }
        }
      }
    } catch (Commit.ConflictException e) {
      if (!external && !flushed) {
        dispatcher.dropped(this, captured.site(), String.valueOf(e.getMessage()));
        return;
      }
      failure =
          new UncapturableException("the task " + e.getMessage() + ", too late to repeat it", "");
    } catch (Throwable e) {
      failure = NoMemory.told(e, "an answer", bytes);
    }
    if (timedOut) {
      TimeoutException e = new TimeoutException(dispatcher.timeoutMessage());
      if (failure != null) {
        e.addSuppressed(failure);
      }
      failure = e;
    }
    if (failure == null) {
      call.completed(value, nanos, bytes);
    } else {
      call.failed(failure, nanos, bytes);
    }
  }

  /** Applies effects while the call goes on. */
  synchronized void flush(ByteBuffer effects) throws Throwable {
    if (ended) {
      throw new IllegalStateException("the attempt has ended");
    }
    flushed = true;
    while (effects.hasRemaining()) {
      Commit unused = apply(Protocol.getBytes(effects));
    }
  }

  private Commit apply(ByteBuffer effects) throws Throwable {
    Commit commit = Commit.read(decoder(effects), table(), locals);
    commit.apply();
    return commit;
  }

  GraphDecoder decoder(ByteBuffer in) {
    return dispatcher.decoder(in, table());
  }

  private void lose(WorkerLostException.Reason reason, String detail, boolean begun) {
    if (end()) {
      dispatcher.forget(this);
      if (begun || reason == WorkerLostException.Reason.NOT_STARTED || unsent >= MOST_UNSENT) {
        retry(reason, detail);
      } else {
        unsent++;
        dispatcher.againLater(this, attempt, attempt - 1 + unsent);
      }
    }
  }

  private void retry(WorkerLostException.Reason reason, String detail) {
    String what;
    if (timedOut) {
      call.failed(new TimeoutException(dispatcher.timeoutMessage()), 0, 0);
      return;
    } else if (flushed) {
      what = "; it is not run again, since changes that it made had become visible";
    } else if (reason == WorkerLostException.Reason.NOT_STARTED) {
      what = ""; // the platform has tried more than once
    } else if (call.isCancelled()) {
      what = "";
    } else if (dispatcher.isCut(reason) && cut < MOST_CUT) {
      cut++;
      dispatcher.againLater(this, attempt + 1, attempt + unsent);
      return;
    } else if (attempt - cut > dispatcher.retries()) {
      what = " (attempt " + attempt + " of " + attempt + ")";
    } else {
      dispatcher.againLater(this, attempt + 1, attempt + unsent);
      return;
    }
    print();
    call.failed(lostWorker(reason, detail + what), 0, 0);
  }

  static WorkerLostException lostWorker(WorkerLostException.Reason reason, String detail) {
    return new WorkerLostException(reason, said(reason) + ": " + detail);
  }

  private static String said(WorkerLostException.Reason reason) {
    return switch (reason) {
      case KILLED -> "the worker was killed";
      case EXITED -> "the worker's JVM was ended by System.exit, Runtime.halt or a crash";
      case OUT_OF_MEMORY -> "the worker ran out of memory";
      case DISCONNECTED -> "the line to the worker was lost";
      case NOT_STARTED -> "no worker could be started";
      case INCAPABLE -> "the worker could not run it";
    };
  }

  static String text(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  /** Rebuilds what the worker says of an outcome that cannot travel. */
  static Throwable untravelable(String text) {
    String[] parts = text.split("\n", -1);
    String why = parts[0] + ": " + parts[1];
    if (parts.length < 5) {
      return new UncapturableException("the result cannot travel: " + why, parts[0]);
    }
    RemoteTaskException e = new RemoteTaskException(parts[2], parts[3]);
    e.addSuppressed(
        new UncapturableException("the exception itself cannot travel: " + why, parts[0]));
    List<StackTraceElement> frames = new ArrayList<>();
    for (int i = 4; i < parts.length - 1; i++) {
      String[] f = parts[i].split("\t", -1);
      frames.add(new StackTraceElement(f[0], f[1], f[2], Integer.parseInt(f[3])));
    }
    e.setStackTrace(frames.toArray(new StackTraceElement[0]));
    return e;
  }
}
