package dev.martlet;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that go on without their client: it may end once they are {@linkplain #close sent}, and
 * another one of the same program {@linkplain CloudExecutors#attach attaches} to the job later and
 * collects the results. A job is made by {@link CloudExecutorService#detach}; its record is in the
 * platform's store until it is {@linkplain #delete deleted}, and the key to that on this machine.
 *
 * <p>Nobody may be at home when a task runs, so it brings nothing but its result, which refers to
 * nothing that it was given: to copies at most. A task that shares something with others, or that
 * needs what cannot travel, is refused when it is submitted. One that turns out to change what it
 * was given, or to need something else of its client, fails. A task runs at least once: the cloud
 * may deliver it twice, or lose an instance.
 *
 * <p>A job is <em>open</em> until its maker, the client that has made it, closes it or the pool, or
 * has shown no sign of life for a minute; then it has all its tasks. Its maker need not close it to
 * wait: that waits for the tasks that it has submitted so far. Whoever is attached waits for those
 * that are still to come, too.
 *
 * <p>Tasks are numbered from 0. Thread-safe.
 */
public interface CloudJob extends AutoCloseable {
  /** What has become of a task. */
  enum State {
    /** It waits in the cloud's queue. */
    QUEUED,
    /** An instance has taken it, together with others that it runs one after the other. */
    RUNNING,
    /** It has returned. */
    DONE,
    /** It has thrown, or could not be run. */
    FAILED,
    /** It was cancelled before it ended. */
    CANCELLED;

    /** Returns whether nothing more becomes of the task. */
    public boolean isOver() {
      return this != QUEUED && this != RUNNING;
    }
  }

  /** A task, and what has become of it. */
  record Entry(int index, State state) {}

  /** Returns the job's name. */
  String name();

  /**
   * Adds a task, which leaves in a moment, together with others.
   *
   * @return its index
   * @throws UncapturableException if it cannot leave its client behind
   * @throws IllegalStateException if this handle is closed, or was attached: the client that has
   *     made a job is the one that adds tasks
   */
  int submit(Callable<?> task);

  /**
   * Adds tasks.
   *
   * @return the index of the first one
   * @throws UncapturableException as {@link #submit}; then those before it have been added
   * @throws IllegalStateException as {@link #submit}
   */
  default int submitAll(Collection<? extends Callable<?>> tasks) {
    int first = size();
    for (Callable<?> task : tasks) {
      int unused = submit(task);
    }
    return first;
  }

  /** Returns how many tasks there are. */
  int size();

  /** Returns how many tasks are in each state, as of now. */
  Map<State, Integer> states();

  /** Returns all tasks in order, with their states as of now. */
  Stream<Entry> entries();

  /**
   * Waits for a task and returns its result.
   *
   * @throws ExecutionException if it has failed; the cause is what it threw
   * @throws java.util.concurrent.CancellationException if it was cancelled
   * @throws IndexOutOfBoundsException if there is no such task
   */
  @Nullable Object get(int index) throws ExecutionException, InterruptedException;

  /**
   * Returns the results in order: of the tasks that this client has submitted so far, or, if it is
   * attached, of all until the job is not open any more. Each is waited for when its turn comes,
   * and they are not kept, so there may be more of them than memory holds. Where a task has failed
   * the stream ends with a {@link java.util.concurrent.CompletionException}, where one was
   * cancelled with a {@link java.util.concurrent.CancellationException}.
   *
   * @param type the type of all results
   */
  <T> Stream<T> results(Class<T> type);

  /**
   * Returns what a task has printed and logged, line by line, as far as it has ended and its output
   * was kept: 64 KB a task.
   */
  List<String> output(int index);

  /**
   * Waits until nothing more becomes of any task: at once if there is none. If this client is
   * attached, the job must not be open any more, either, since more may come: as {@link
   * java.util.concurrent.ExecutorService#awaitTermination} waits for a shutdown.
   *
   * @throws IllegalStateException if the job is deleted meanwhile
   */
  void await() throws InterruptedException;

  /**
   * As {@link #await()}, for a while.
   *
   * @return whether all tasks are over, and no more can come
   */
  boolean await(Duration timeout) throws InterruptedException;

  /**
   * Cancels a task: it does not begin, or is interrupted where it runs. One that another client is
   * still sending is waited for, as long as that client is there and this thread is not
   * interrupted.
   *
   * @return false if it was over already, or is not there; otherwise it may yet end by itself
   *     before it hears
   */
  boolean cancel(int index);

  /**
   * Cancels what has not begun.
   *
   * @return how many tasks may be concerned
   */
  int flush();

  /**
   * Has all tasks run again that have failed, as they were submitted, and those that were lost with
   * their instances.
   *
   * @return how many
   */
  int resubmit();

  /**
   * Sends what is to be sent, and leaves the job to itself. Its tasks go on.
   *
   * @throws IllegalStateException if tasks could not be sent; those that were sent go on
   */
  @Override
  void close();

  /** Cancels what has not ended, and deletes all records of the job. */
  void delete();
}
