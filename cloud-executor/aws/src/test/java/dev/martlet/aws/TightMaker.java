package dev.martlet.aws;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** A program whose calls bring, and are given, more than it has memory for. */
final class TightMaker {
  private TightMaker() {}

  public static void main(String[] args) throws Exception {
    int result = Integer.parseInt(args[0]);
    byte[] given = new byte[Integer.parseInt(args[1])];
    new Random(1).nextBytes(given);
    int last = given[given.length - 1];
    boolean right = true;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      Future<byte[]> much =
          pool.submit(
              () -> {
                byte[] b = new byte[result];
                new Random(2).nextBytes(b);
                return b;
              });
      right &= isTold(much);
      Callable<Integer> reading = () -> (int) given[given.length - 1];
      Future<Integer> read = pool.submit(reading);
      try {
        right &= read.get() == last;
      } catch (ExecutionException e) {
        right &= e.getCause() instanceof OutOfMemoryError;
      }
      right &= pool.submit(() -> 7).get() == 7;
    }
    Runtime.getRuntime().halt(right ? 7 : 1);
  }

  private static boolean isTold(Future<?> much) throws InterruptedException {
    try {
      much.get();
      return false;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      return cause instanceof OutOfMemoryError
          && cause.getMessage().contains("no memory for")
          && cause.getMessage().contains("bytes");
    }
  }
}
