package dev.martlet.benchmarks;

import java.io.Serializable;
import java.util.Arrays;
import java.util.concurrent.Callable;

/**
 * The same tasks for pools that need Java serialization and the classes on every member; named
 * classes, since serialised lambdas are slower there.
 */
final class SerializableTasks implements Tasks {
  @Override
  public Callable<Integer> number(int number) {
    return new NumberTask(number);
  }

  @Override
  public Callable<Integer> lengthOf(byte[] argument) {
    return new LengthTask(argument);
  }

  @Override
  public Callable<byte[]> bytes(int length) {
    return new BytesTask(length);
  }

  @Override
  public Callable<Long> spin(long rounds) {
    return new SpinTask(rounds);
  }

  @Override
  public Callable<Integer> hold(long millis) {
    return new HoldTask(millis);
  }

  private record NumberTask(int number) implements Callable<Integer>, Serializable {
    @Override
    public Integer call() {
      return number;
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record LengthTask(byte[] argument) implements Callable<Integer>, Serializable {
    @Override
    public Integer call() {
      return argument.length;
    }
  }

  private record BytesTask(int length) implements Callable<byte[]>, Serializable {
    @Override
    public byte[] call() {
      byte[] bytes = new byte[length];
      Arrays.fill(bytes, (byte) 1);
      return bytes;
    }
  }

  private record SpinTask(long rounds) implements Callable<Long>, Serializable {
    @Override
    public Long call() {
      return Spin.run(rounds);
    }
  }

  private record HoldTask(long millis) implements Callable<Integer>, Serializable {
    @Override
    public Integer call() throws InterruptedException {
      Thread.sleep(millis);
      return 0;
    }
  }
}
