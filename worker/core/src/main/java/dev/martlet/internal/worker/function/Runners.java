package dev.martlet.internal.worker.function;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The threads that calls run on. They are like a JDK pool's, so tasks see no difference; one is
 * enough unless a call lets the next one begin. Thread-safe.
 */
final class Runners {
  private final ArrayDeque<Runner> resting = new ArrayDeque<>();
  private int number;
  private boolean closed;

  /** Runs something on a thread that does nothing else. */
  void run(Runnable work) {
    Runner runner;
    synchronized (this) {
      runner = resting.pollFirst();
      if (runner == null) {
        runner = new Runner(++number);
      }
    }
    runner.begin(work);
  }

  /** Ends threads that have nothing to do, now and from now on. */
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
