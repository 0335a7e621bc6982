package dev.martlet.internal.worker.function;

import dev.martlet.internal.agent.LocalMap;
import dev.martlet.internal.agent.StackRoom;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The threads that a session's calls run on. They are like a JDK pool's, so tasks see no
 * difference. If the thread that the cloud gives is like that, it is borrowed, since two changes of
 * threads take longer than many a task; while it is, it keeps what a thread of the session has
 * kept, and nothing of that afterwards. Others are needed if a call lets the next one begin before
 * it has ended. Thread-safe.
 */
final class CallThreads {
  private final boolean borrows;
  private final ArrayDeque<Runner> resting = new ArrayDeque<>();
  private int number;
  private boolean closed;

  // What the borrowed thread keeps; one thread at a time runs an invocation.
  private @Nullable Object locals;
  private int priority = Thread.NORM_PRIORITY;
  private Thread.@Nullable UncaughtExceptionHandler handler;

  /**
   * Creates threads.
   *
   * @param borrows whether the thread that is given an invocation may be one
   */
  CallThreads(boolean borrows) {
    this.borrows = borrows;
  }

  /** Runs something, on the current thread if that may be. */
  void run(Runnable work) {
    if (borrows) {
      borrow(Thread.currentThread(), work);
    } else {
      add(work);
    }
  }

  private void borrow(Thread thread, Runnable work) {
    Object ownLocals = LocalMap.ofThread();
    int ownPriority = thread.getPriority();
    Thread.UncaughtExceptionHandler ownHandler = thread.getUncaughtExceptionHandler();
    LocalMap.install(locals);
    become(thread, priority, handler);
    boolean unused = Thread.interrupted(); // by what is left of a former call
    try {
      work.run();
    } finally {
      unused = Thread.interrupted();
      locals = LocalMap.ofThread();
      LocalMap.install(ownLocals);
      priority = thread.getPriority();
      handler = ofItsOwn(thread, thread.getUncaughtExceptionHandler());
      become(thread, ownPriority, ofItsOwn(thread, ownHandler));
    }
  }

  private static Thread.@Nullable UncaughtExceptionHandler ofItsOwn(
      Thread thread, Thread.UncaughtExceptionHandler handler) {
    return handler == thread.getThreadGroup() ? null : handler;
  }

  @SuppressWarnings("ThreadPriorityCheck") // what tasks have chosen
  private static void become(
      Thread thread, int priority, Thread.@Nullable UncaughtExceptionHandler handler) {
    if (thread.getPriority() != priority) {
      thread.setPriority(priority);
    }
    if (ofItsOwn(thread, thread.getUncaughtExceptionHandler()) != handler) {
      thread.setUncaughtExceptionHandler(handler);
    }
  }

  /** Runs something on a thread that does nothing else. */
  void add(Runnable work) {
    Runner runner;
    synchronized (this) {
      runner = resting.pollFirst();
      if (runner == null) {
        runner = new Runner(++number);
      }
    }
    runner.begin(work);
  }

  /** Ends threads that have nothing to do, now and from now on. The borrowed one goes on. */
  synchronized void close() {
    closed = true;
    for (Runner r : resting) {
      r.end();
    }
    resting.clear();
  }

  /** Returns whether the thread shall go on. */
  private synchronized boolean rest(Runner runner) {
    if (!closed) {
      resting.addFirst(runner);
    }
    return !closed;
  }

  private final class Runner implements Runnable {
    private final String name;
    private @Nullable Thread thread;
    private @Nullable Runnable work;
    private boolean ended;

    Runner(int number) {
      this.name = "martlet-run-" + number;
    }

    synchronized void begin(Runnable next) {
      work = next;
      if (thread == null) {
        thread = new Thread(null, this, name, 0, false);
        StackRoom.give(thread);
        thread.start();
      } else {
        notifyAll();
      }
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    private synchronized @Nullable Runnable next() {
      for (; ; ) {
        Runnable w = work;
        if (w != null || ended) {
          work = null;
          return w;
        }
        try {
          wait();
        } catch (InterruptedException e) {
          // A late interruption of the last call.
        }
      }
    }

    @Override
    public void run() {
      for (Runnable w = next(); w != null; w = rest(this) ? next() : null) {
        w.run();
        boolean unused = Thread.interrupted();
      }
    }
  }
}
