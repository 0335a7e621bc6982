package dev.martlet.benchmarks;

import java.util.Arrays;
import java.util.concurrent.Callable;

/** Tasks as people write them. */
final class LambdaTasks implements Tasks {
  @Override
  public Callable<Integer> number(int number) {
    return () -> number;
  }

  @Override
  public Callable<Integer> lengthOf(byte[] argument) {
    return () -> argument.length;
  }

  @Override
  public Callable<byte[]> bytes(int length) {
    return () -> {
      byte[] bytes = new byte[length];
      Arrays.fill(bytes, (byte) 1);
      return bytes;
    };
  }

  @Override
  public Callable<Long> spin(long rounds) {
    return () -> Spin.run(rounds);
  }

  @Override
  public Callable<Long> sum(long[] array, int from, int to) {
    return () -> Arrays.stream(array, from, to).sum();
  }

  @Override
  public Callable<Integer> sort(long[] array, int from, int to) {
    return () -> {
      Arrays.sort(array, from, to);
      return to - from;
    };
  }

  @Override
  public Callable<Integer> hold(long millis) {
    return () -> {
      Thread.sleep(millis);
      return 0;
    };
  }
}
