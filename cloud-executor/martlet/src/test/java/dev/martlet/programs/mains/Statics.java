package dev.martlet.programs.mains;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudExecutors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** State in static fields, and classes that a task is the first to touch. */
public final class Statics {
  private static int n;
  private static final Map<String, Integer> TABLE = new TreeMap<>();

  private static final class Touched {
    static final List<String> LOG = new ArrayList<>();
    static int hits = 10;

    static {
      LOG.add("initialised");
    }
  }

  private Statics() {}

  public static void main(String[] args) throws Exception {
    n = 5;
    TABLE.put("a", 1);
    try (CloudExecutorService pool = CloudExecutors.newCloudPool(1)) {
      System.out.println(pool.submit(() -> n + TABLE.get("a")).get());
      pool.submit(
              () -> {
                n++;
                TABLE.put("b", n);
              })
          .get();
      System.out.println(n + " " + TABLE);
      pool.submit(
              () -> {
                Touched.hits++;
                Touched.LOG.add("task");
              })
          .get();
      System.out.println(Touched.hits + " " + Touched.LOG);
      System.out.println(pool.submit(() -> ++Touched.hits + " " + Touched.LOG).get());
    }
  }
}
