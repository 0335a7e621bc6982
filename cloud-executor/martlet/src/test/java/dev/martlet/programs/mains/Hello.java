package dev.martlet.programs.mains;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** A few lambdas, one after another and together. */
public final class Hello {
  private Hello() {}

  public static void main(String[] args) throws Exception {
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(2)) {
      String name = args.length > 0 ? args[0] : "world";
      System.out.println(pool.submit(() -> "hello " + name).get());
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        int n = i;
        futures.add(pool.submit(() -> n * n));
      }
      int sum = 0;
      for (Future<Integer> future : futures) {
        sum += future.get();
      }
      System.out.println("sum " + sum);
    }
  }
}
