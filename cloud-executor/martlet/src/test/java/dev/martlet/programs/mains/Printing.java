package dev.martlet.programs.mains;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;

/** Tasks that print, one at a time. */
public final class Printing {
  private Printing() {}

  public static void main(String[] args) throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      for (int i = 0; i < 3; i++) {
        int n = i;
        pool.submit(() -> System.out.println("line " + n)).get();
      }
    }
    System.out.println("end");
  }
}
