package dev.martlet.benchmarks;

import java.io.IOException;

/** One who runs calls; each operation returns what the caller can check. */
interface Peer extends AutoCloseable {
  /** Sends one call that returns its number, and waits for it. */
  int call(int number) throws Exception;

  /** Submits that many calls that return their number, then waits for all of them. */
  long pipeline(int calls) throws Exception;

  /** Sends an argument and returns its length as the other side saw it. */
  int send(byte[] argument) throws Exception;

  /** Returns a new array of that length, made on the other side. */
  byte[] fetch(int length) throws Exception;

  /** Runs that many CPU-bound tasks, as many at a time as there are processors. */
  long spin(int tasks, long rounds) throws Exception;

  /** Sums up an array, of which each task takes a range. */
  default long sumRanges(long[] array, int tasks) throws Exception {
    throw new UnsupportedOperationException();
  }

  /** Sorts each of some ranges of an array by a task of its own. */
  default void sortRanges(long[] array, int tasks) throws Exception {
    throw new UnsupportedOperationException();
  }

  @Override
  void close() throws IOException;
}
