package dev.martlet.aws;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A program that has many calls under way, each of which was given so many bytes. */
final class MuchMaker {
  private MuchMaker() {}

  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[0]);
    byte[] random = new byte[Integer.parseInt(args[1])];
    new Random(1).nextBytes(random);
    String much = new String(random, StandardCharsets.ISO_8859_1);
    int wrong = 0;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(calls)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        int n = i;
        Callable<Integer> task = () -> n * much.length();
        all.add(pool.submit(task));
      }
      for (int i = 0; i < calls; i++) {
        if (all.get(i).get() != i * much.length()) {
          wrong++;
        }
      }
      if (pool.statistics().away() != calls) {
        wrong++;
      }
    }
    Runtime.getRuntime().halt(wrong == 0 ? 7 : 1);
  }
}
