package dev.martlet.internal.forkjoin.frontier;

import java.util.concurrent.locks.LockSupport;

/** Time. */
public interface Clock {
  /** The JVM's. */
  Clock SYSTEM =
      new Clock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause(long nanos) {
          LockSupport.parkNanos(this, nanos);
        }
      };

  /** Returns the nanoseconds since some instant. */
  long nanos();

  /** Rests for a while, or a shorter one. */
  void pause(long nanos);
}
