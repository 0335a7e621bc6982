package dev.martlet.benchmarks;

import java.util.concurrent.Callable;

/** The tasks that every pool runs, in the form that suits it. */
interface Tasks {
  Callable<Integer> number(int number);

  Callable<Integer> lengthOf(byte[] argument);

  Callable<byte[]> bytes(int length);

  Callable<Long> spin(long rounds);

  /** Sums up a range of an array that others read too. */
  default Callable<Long> sum(long[] array, int from, int to) {
    throw new UnsupportedOperationException();
  }

  /** Sorts a range of an array whose other ranges others sort. */
  default Callable<Integer> sort(long[] array, int from, int to) {
    throw new UnsupportedOperationException();
  }

  /** Occupies a slot for a while. */
  Callable<Integer> hold(long millis);
}
