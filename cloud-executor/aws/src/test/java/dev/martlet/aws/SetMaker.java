package dev.martlet.aws;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A program that iterates immutable sets and maps, so often that instances compile it. */
final class SetMaker {
  private static final Set<String> SET = Set.of("alpha", "beta", "gamma", "delta", "epsilon");
  private static final int TIMES = 30_000;

  private SetMaker() {}

  public static void main(String[] args) throws Exception {
    boolean same;
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      String away = pool.submit(SetMaker::iterated).get();
      same = away.equals(iterated()) && pool.statistics().away() == 1;
    }
    Runtime.getRuntime().halt(same ? 7 : 1);
  }

  private static String iterated() {
    String last = "";
    for (int i = 0; i < TIMES; i++) {
      StringBuilder all = new StringBuilder();
      for (String s : SET) {
        all.append(s);
      }
      for (int n : Set.of(1, 2)) {
        all.append(n);
      }
      for (Map.Entry<String, Integer> e : Map.of("a", 1, "b", 2, "c", 3, "d", 4).entrySet()) {
        all.append(e.getKey()).append(e.getValue());
      }
      last = all.append(new ArrayList<>(SET)).append(List.of(SET.toArray())).toString();
    }
    return last;
  }
}
