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

  private synchronized void rest(Runner runner) {
    resting.addFirst(runner);
  }

  private final class Runner implements Runnable {
    private final String name;
    private @Nullable Thread thread;
    private @Nullable Runnable work;

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

    private synchronized Runnable next() {
      for (; ; ) {
        Runnable w = work;
        if (w != null) {
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
      for (; ; ) {
        next().run();
        boolean unused = Thread.interrupted();
        rest(this);
      }
    }
  }
}
