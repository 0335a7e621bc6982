package dev.martlet.benchmarks;

import java.util.concurrent.Callable;

/** The tasks that every pool runs, in the form that suits it. */
interface Tasks {
  Callable<Integer> number(int number);

  Callable<Integer> lengthOf(byte[] argument);

  Callable<byte[]> bytes(int length);

  Callable<Long> spin(long rounds);

  /** Occupies a slot for a while. */
  Callable<Integer> hold(long millis);
}
