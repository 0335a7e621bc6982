package dev.martlet.internal.job;

import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.classpath.Wire;
import dev.martlet.internal.dispatch.Detaching;
import dev.martlet.internal.envelope.JobGroup;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.function.Attachments;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.Platform.Attachment;
import dev.martlet.spi.PlatformConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Packs a job's tasks into groups and sends them: small ones at first, so that the first tasks
 * begin soon and side by side, then larger ones, so that 100,000 are some 1,600 events. What they
 * share is in the store before. Who submits faster than groups leave waits. As long as there may be
 * more, it leaves signs of life. Thread-safe.
 */
final class Sender {
  private static final int FIRST = 1;
  private static final int MOST = 64;
  private static final int MOST_BYTES = 1 << 18;
  private static final long WAIT_MILLIS = 100;
  private static final int MOST_LEAVING = 32;
  private static final int PART_OF_HEAP = 8;
  private static final long SIGN_SECONDS = 20;

  private final JobRecords records;
  private final CodeMirror code;
  private final PlatformConfig.Questions questions;
  private final Attachments attachments;
  private final ScheduledExecutorService threads;
  private final byte[] session;
  private final ByteBuffer world;

  // Guarded by this.
  private List<Detaching.Packed> group = new ArrayList<>();
  private int ofVersion;
  private int first;
  private long bytes;
  private int most = FIRST;
  private int groups;
  private int leaving;
  private long leavingBytes;
  private final Set<String> attached = new HashSet<>();
  private boolean closed;
  private @Nullable Throwable failure;
  private @Nullable Future<?> signs;

  /**
   * Creates a sender.
   *
   * @param session what instances know this client by
   * @param world what they are told of it
   * @param executor brings to the store what tasks share; sending waits for it
   */
  Sender(
      JobRecords records,
      CodeMirror code,
      PlatformConfig.Questions questions,
      byte[] session,
      ByteBuffer world,
      Executor executor,
      ScheduledExecutorService threads) {
    this.records = records;
    this.code = code;
    this.questions = questions;
    this.session = session;
    this.world = world;
    this.threads = threads;
    this.attachments = new Attachments(records.attachments(), executor);
  }

  /** Leaves signs of life from now on. */
  synchronized void open() {
    signs =
        threads.scheduleWithFixedDelay(this::sign, SIGN_SECONDS, SIGN_SECONDS, TimeUnit.SECONDS);
  }

  private void sign() {
    synchronized (this) {
      if (closed) {
        return;
      }
      leaving++;
    }
    try {
      records.sign();
    } catch (RuntimeException e) {
      Log.of(Sender.class).debug("No sign of life was left", e);
    } finally {
      left(0, null);
    }
  }

  synchronized int size() {
    return first + group.size();
  }

  /** Adds a task; returns its index. */
  synchronized int add(Detaching.Packed task) {
    awaitRoom();
    if (closed) {
      throw new IllegalStateException("the job is closed");
    }
    int version = questions.version();
    long more = task.bytes() + fresh(task);
    boolean full = group.size() >= most || (!group.isEmpty() && bytes + more > MOST_BYTES);
    if (full || version != ofVersion) {
      leave();
      ofVersion = version;
    }
    int index = first + group.size();
    group.add(task);
    bytes += more;
    if (group.size() == 1) {
      int number = groups;
      Future<?> unused = threads.schedule(() -> leave(number), WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }
    return index;
  }

  /** Returns how many bytes a task brings that none before it has brought. */
  private long fresh(Detaching.Packed task) {
    long fresh = 0;
    for (Attachment a : task.attachments()) {
      fresh += attached.add(a.name()) ? a.bytes() : 0;
    }
    return fresh;
  }

  private void awaitRoom() {
    boolean interrupted = false;
    long mostBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    while ((leaving >= MOST_LEAVING || leavingBytes > mostBytes) && failure == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable f = failure;
    if (f != null) {
      throw new IllegalStateException("tasks of the job could not be sent: " + f.getMessage(), f);
    }
  }

  /** Sends a group if it is still being packed. */
  private synchronized void leave(int number) {
    if (number == groups) {
      leave();
    }
  }

  private synchronized void leave() {
    if (group.isEmpty()) {
      return;
    }
    List<Detaching.Packed> all = group;
    int from = first;
    int version = ofVersion;
    group = new ArrayList<>();
    first += all.size();
    long taken = bytes;
    bytes = 0;
    groups++;
    most = Math.min(MOST, 2 * most);
    leaving++;
    leavingBytes += taken;
    try {
      threads.execute(() -> send(from, version, all, taken));
    } catch (RejectedExecutionException e) {
      left(taken, e);
    }
  }

  private void send(int from, int version, List<Detaching.Packed> all, long taken) {
    try {
      CodeMirror.Mirrored there = Stores.steadily(() -> code.at(version));
      List<Attachment> shared = all.stream().flatMap(p -> p.attachments().stream()).toList();
      Stores.steadily(() -> attachments.use(shared).there());
      Set<String> initialised = new LinkedHashSet<>();
      Set<Class<?>> enums = new LinkedHashSet<>();
      List<JobGroup.Task> tasks = new ArrayList<>(all.size());
      for (Detaching.Packed p : all) {
        initialised.addAll(p.initialised());
        enums.addAll(p.enums());
        tasks.add(new JobGroup.Task(from + tasks.size(), p.payload()));
      }
      List<Known> known = new ArrayList<>();
      for (Class<?> e : enums) {
        known.add(constants(e));
      }
      JobGroup content =
          new JobGroup(
              session,
              world,
              version,
              there.code(),
              there.content(),
              known,
              List.copyOf(initialised),
              tasks);
      records.send(JobNames.group(from), content);
      left(taken, null);
    } catch (RuntimeException | Error e) {
      left(taken, e);
    }
  }

  /** The hash codes that an enum's constants have here. */
  private Known constants(Class<?> e) {
    int loader = e.getClassLoader() == null ? ClassWorld.JDK : ClassWorld.SYSTEM;
    ByteBuffer question =
        CodeMirror.framed(new Wire.Writer(Wire.CONSTANTS).integer(loader).string(e.getName()));
    ByteBuffer copy = question.duplicate();
    return new Known(copy, questions.answerInParts(question));
  }

  private synchronized void left(long taken, @Nullable Throwable e) {
    leaving--;
    leavingBytes -= taken;
    if (e != null && failure == null) {
      failure = e;
      Log.of(Sender.class).warn("Tasks of the job {} could not be sent", records.name(), e);
    }
    notifyAll();
  }

  /**
   * Sends all that there is, and waits until that is done.
   *
   * @throws IllegalStateException if some could not be sent, now or before
   */
  synchronized void flush() {
    leave();
    awaitLeaving();
    awaitRoom();
  }

  /** Takes no more tasks, drops what has not begun to leave, and waits for what has. */
  synchronized void abandon() {
    close();
    group = new ArrayList<>();
    groups++;
    awaitLeaving();
  }

  private synchronized void awaitLeaving() {
    boolean interrupted = false;
    while (leaving > 0) {
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

  /** Takes no more tasks. */
  synchronized void close() {
    closed = true;
    if (signs != null) {
      signs.cancel(false);
    }
  }
}
