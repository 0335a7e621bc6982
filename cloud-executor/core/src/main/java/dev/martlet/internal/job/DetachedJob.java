package dev.martlet.internal.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.martlet.CloudJob;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.dispatch.Detaching;
import dev.martlet.internal.envelope.JobPart;
import dev.martlet.internal.log.Log;
import dev.martlet.spi.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A job, as a program holds it. All that is known of it is in its {@link JobRecords}, so several
 * clients may hold one; but only the one that has made it adds tasks.
 */
final class DetachedJob implements CloudJob {
  private static final double SHORTEST_MILLIS = 20;
  private static final double LONGEST_MILLIS = 1_000;
  private static final double SLOWER = 1.3;

  /** Each of some seconds in which the store was asked again and again. */
  private static final int MOST_FAILURES = 20;

  private final JobRecords records;
  private final Detaching detaching;
  private final @Nullable Sender sender;
  private final Duration silence;
  private final Runnable forget;
  private final Runnable afterClose;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /**
   * Creates a handle.
   *
   * @param sender takes tasks; null if others do
   * @param silence after what time a group that shows no more life is run again
   * @param forget forgets the job's key
   * @param afterClose run when the handle is closed
   */
  DetachedJob(
      JobRecords records,
      Detaching detaching,
      @Nullable Sender sender,
      Duration silence,
      Runnable forget,
      Runnable afterClose) {
    this.records = records;
    this.detaching = detaching;
    this.sender = sender;
    this.silence = silence;
    this.forget = forget;
    this.afterClose = afterClose;
  }

  private void check() {
    if (over.isDone()) {
      throw new IllegalStateException(
          "this handle is closed; CloudExecutors.attach(\"" + name() + "\") makes another one");
    }
  }

  @Override
  public String name() {
    return records.name();
  }

  @Override
  public int submit(Callable<?> task) {
    Objects.requireNonNull(task, "task");
    check();
    Sender s = sender;
    if (s == null) {
      throw new IllegalStateException(
          "only the client that has made the job " + name() + " adds tasks to it");
    }
    return s.add(detaching.pack(task));
  }

  @Override
  public int size() {
    check();
    if (sender != null) {
      return sender.size();
    }
    return records.size();
  }

  /** Looks at what has become of all tasks. */
  private void look() {
    check();
    if (sender != null) {
      sender.flush();
    }
    records.refresh();
  }

  @Override
  public Map<State, Integer> states() {
    look();
    return records.states();
  }

  @Override
  public Stream<Entry> entries() {
    look();
    return records.entries().stream();
  }

  @Override
  public @Nullable Object get(int index) throws ExecutionException, InterruptedException {
    checkIndex(index);
    if (!records.hasEnded(index)) {
      await(() -> records.state(index).isOver(), Long.MAX_VALUE);
    }
    return result(index);
  }

  private void checkIndex(int index) {
    if (index < 0 || index >= size()) {
      look();
      Objects.checkIndex(index, size());
    }
  }

  private @Nullable Object result(int index) throws ExecutionException {
    JobRecords.Outcome o = records.outcome(index);
    if (o == null) {
      throw new ExecutionException(
          new IllegalStateException("its client ended before it was sent"));
    }
    if (o.what().end() == JobPart.End.CANCELLED) {
      throw new CancellationException();
    }
    try {
      return switch (o.what().kind()) {
        case ANSWERED, STORED -> detaching.value(o.answer());
        case OUT_OF_TIME -> throw new TimeoutException(text(o));
        case OUT_OF_MEMORY ->
            throw Detaching.lost(WorkerLostException.Reason.OUT_OF_MEMORY, text(o));
        case EXITED -> throw Detaching.lost(WorkerLostException.Reason.EXITED, text(o));
        case ABANDONED -> throw Detaching.lost(WorkerLostException.Reason.INCAPABLE, text(o));
        default -> throw new IllegalStateException(text(o));
      };
    } catch (Throwable e) {
      throw new ExecutionException(e);
    }
  }

  private static String text(JobRecords.Outcome o) {
    return StandardCharsets.UTF_8.decode(o.answer().duplicate()).toString();
  }

  @Override
  public <T> Stream<T> results(Class<T> type) {
    look();
    IntStream indexes =
        sender != null
            ? IntStream.range(0, size())
            : IntStream.iterate(0, this::comes, index -> index + 1);
    return indexes.mapToObj(i -> type.cast(next(i)));
  }

  /** Waits until there is a task, or it is clear that there will be none. */
  private boolean comes(int index) {
    if (index >= records.size()) {
      try {
        await(() -> index < records.size() || records.isComplete(), Long.MAX_VALUE);
      } catch (InterruptedException e) {
        throw interrupted(index, e);
      }
    }
    return index < records.size();
  }

  private static CompletionException interrupted(int index, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CompletionException("interrupted while it waited for task " + index, e);
  }

  private @Nullable Object next(int index) {
    try {
      return get(index);
    } catch (ExecutionException e) {
      throw new CompletionException("task " + index + " has failed", e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(index, e);
    }
  }

  @Override
  public List<String> output(int index) {
    checkIndex(index);
    if (!records.state(index).isOver()) {
      look();
    }
    JobRecords.Outcome o = records.state(index).isOver() ? records.outcome(index) : null;
    return o == null ? List.of() : Detaching.lines(o.what().messages());
  }

  @Override
  public void await() throws InterruptedException {
    await(this::isOver, Long.MAX_VALUE);
  }

  @Override
  public boolean await(Duration timeout) throws InterruptedException {
    return await(this::isOver, TimeUnit.NANOSECONDS.convert(timeout));
  }

  /** Whoever adds tasks waits for those; all others wait for what may come, too. */
  private boolean isOver() {
    return records.open() == 0 && (sender != null || records.isComplete());
  }

  /** Looks now and then, less and less often while nothing changes, until a condition holds. */
  @CanIgnoreReturnValue
  private boolean await(BooleanSupplier condition, long nanos) throws InterruptedException {
    check();
    if (sender != null) {
      sender.flush();
    }
    long begun = System.nanoTime();
    double pause = SHORTEST_MILLIS;
    int before = -1;
    for (int failures = 0; ; ) {
      try {
        records.refresh();
        failures = 0;
      } catch (StoreException e) {
        if (!e.isTransient() || ++failures > MOST_FAILURES) {
          throw e;
        }
      }
      if (condition.getAsBoolean()) {
        return true;
      }
      records.tend(silence);
      int open = records.open();
      pause = open == before ? Math.min(LONGEST_MILLIS, pause * SLOWER) : SHORTEST_MILLIS;
      before = open;
      long left = nanos - (System.nanoTime() - begun);
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos((long) pause)));
      check();
    }
  }

  @Override
  public boolean cancel(int index) {
    checkIndex(index);
    look();
    try {
      await(() -> records.isSent(index), Long.MAX_VALUE); // its client may be about to send it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return records.cancel(index);
  }

  @Override
  public int flush() {
    look();
    return records.flush();
  }

  @Override
  public int resubmit() {
    look();
    return records.resubmit();
  }

  @Override
  public void close() {
    boolean unused =
        close(
            () -> {
              if (sender != null) {
                sender.close();
                sender.flush();
                end();
              }
            });
  }

  private void end() {
    try {
      records.refresh();
      records.end();
    } catch (RuntimeException e) {
      // Other clients only think for a while that more may come.
      Log.of(DetachedJob.class).warn("The end of the job {} could not be marked", name(), e);
    }
  }

  @Override
  public void delete() {
    check();
    boolean first =
        close(
            () -> {
              if (sender != null) {
                sender.abandon();
              }
              records.delete();
              forget.run();
            });
    if (!first) {
      check();
    }
  }

  /** Ends the handle by an action; false if it was ended already. */
  private boolean close(Runnable action) {
    if (closing.getAndSet(true)) {
      // Whoever closes the pool next takes away what the other one still needs.
      Stores.await(over);
      return false;
    }
    try {
      action.run();
    } finally {
      over.complete(null);
      afterClose.run();
    }
    return true;
  }

  @Override
  public String toString() {
    return "job " + name();
  }
}
