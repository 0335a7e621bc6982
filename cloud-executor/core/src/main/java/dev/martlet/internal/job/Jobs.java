package dev.martlet.internal.job;

import dev.martlet.CloudJob;
import dev.martlet.internal.dispatch.DaemonThreads;
import dev.martlet.internal.dispatch.Dispatcher;
import dev.martlet.internal.envelope.JobNames;
import dev.martlet.internal.envelope.JobRecord;
import dev.martlet.internal.envelope.Request;
import dev.martlet.spi.Depot;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** The jobs of a pool. Thread-safe. */
public final class Jobs implements AutoCloseable {
  private static final int THREADS = 8;
  private static final int SILENCE_SECONDS = 30;

  private final Dispatcher dispatcher;
  private final @Nullable Path keys;
  private final Duration silence =
      Duration.ofSeconds(Integer.getInteger("martlet.internal.jobSilence", SILENCE_SECONDS));
  private final byte[] session = new byte[Request.SESSION];
  private final Set<CloudJob> open = ConcurrentHashMap.newKeySet();
  private @Nullable ScheduledThreadPoolExecutor threads;
  private @Nullable CodeMirror code;
  private @Nullable ExecutorService bringers;
  private boolean closed;

  /**
   * Creates the jobs of a pool.
   *
   * @param keys where the keys of jobs are; null for the usual place
   */
  public Jobs(Dispatcher dispatcher, @Nullable Path keys) {
    this.dispatcher = dispatcher;
    this.keys = keys;
    new SecureRandom().nextBytes(session);
  }

  private Depot depot() {
    Depot depot = dispatcher.depot();
    if (depot == null) {
      throw new UnsupportedOperationException(
          "tasks of this platform end with their client; a job needs one with a queue and a store,"
              + " such as aws-lambda");
    }
    return depot;
  }

  private synchronized ScheduledThreadPoolExecutor threads() {
    if (closed) {
      throw new IllegalStateException("the pool has been shut down");
    }
    ScheduledThreadPoolExecutor t = threads;
    if (t == null) {
      t = new ScheduledThreadPoolExecutor(THREADS, new DaemonThreads("martlet-jobs"));
      t.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
      threads = t;
    }
    return t;
  }

  /** Threads of their own for what those who send wait for: what tasks share, code and objects. */
  private synchronized ExecutorService bringers() {
    ExecutorService b = bringers;
    if (b == null) {
      b = Executors.newFixedThreadPool(THREADS, new DaemonThreads("martlet-shared"));
      bringers = b;
    }
    return b;
  }

  private synchronized CodeMirror code(Depot depot) {
    CodeMirror c = code;
    if (c == null) {
      c = new CodeMirror(dispatcher.questions(), depot.store(), bringers());
      code = c;
    }
    return c;
  }

  /** Makes a job. */
  public CloudJob detach(String name) {
    String unused = JobNames.all(name);
    Depot depot = depot();
    ScheduledThreadPoolExecutor t = threads();
    JobKeys files = new JobKeys(keys, depot.place());
    byte[] key = files.make(name);
    JobRecords records = JobRecords.of(depot, name, key);
    boolean made = false;
    try {
      String program = System.getProperty("sun.java.command", "").split(" ", 2)[0];
      made = records.make(new JobRecord(System.currentTimeMillis(), program));
    } finally {
      if (!made) {
        files.forget(name);
      }
    }
    if (!made) {
      throw new IllegalStateException(
          "there is a job "
              + name
              + " already: CloudExecutors.attach(\""
              + name
              + "\") attaches to it");
    }
    Sender sender =
        new Sender(
            records,
            code(depot),
            dispatcher.questions(),
            session,
            dispatcher.lastingWorld(),
            bringers(),
            t);
    sender.open();
    return keep(records, sender, files, () -> {});
  }

  /**
   * Attaches to a job.
   *
   * @param afterClose run when it is closed
   */
  public CloudJob attach(String name, Runnable afterClose) {
    String unused = JobNames.all(name);
    Depot depot = depot();
    JobKeys files = new JobKeys(keys, depot.place());
    JobRecords records = JobRecords.open(depot, name, files.find(name));
    return keep(records, null, files, afterClose);
  }

  private CloudJob keep(
      JobRecords records, @Nullable Sender sender, JobKeys files, Runnable afterClose) {
    CloudJob[] self = new CloudJob[1];
    CloudJob job =
        new DetachedJob(
            records,
            dispatcher.detaching(),
            sender,
            silence,
            () -> files.forget(records.name()),
            () -> {
              open.remove(self[0]);
              afterClose.run();
            });
    self[0] = job;
    open.add(job);
    return job;
  }

  /**
   * Closes all jobs: what is to be sent is sent before.
   *
   * @throws IllegalStateException if tasks of one could not be sent
   */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (CloudJob job : open) {
      try {
        job.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    synchronized (this) {
      closed = true;
      if (threads != null) {
        threads.shutdown();
      }
      if (bringers != null) {
        bringers.shutdown();
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
