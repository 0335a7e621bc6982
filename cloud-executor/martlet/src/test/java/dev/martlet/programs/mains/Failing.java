package dev.martlet.programs.mains;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.io.IOException;
import java.util.concurrent.ExecutionException;

/** A task that throws, and a pool that is not closed but shut down. */
public final class Failing {
  private Failing() {}

  public static void main(String[] args) throws Exception {
    CloudExecutorService pool = CloudExecutors.newCloudPool(2);
    try {
      pool.submit(
              () -> {
                throw new IOException("lost");
              })
          .get();
    } catch (ExecutionException e) {
      System.out.println(e.getCause());
    }
    pool.shutdown();
  }
}
