package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;

import dev.martlet.programs.Runs;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Tasks that log through a static logger while they change what is shared. */
final class Logging {
  private static final Logger LOG = Logger.getLogger(Logging.class.getName());

  private Logging() {}

  @Runs(AWAY)
  static Object mergeThenLog(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();
    for (Future<?> f :
        List.of(
            pool.submit(
                () -> {
                  LOG.isLoggable(Level.FINEST);
                  for (String s : List.of("a", "b", "a")) {
                    counts.merge(s, 1, Integer::sum);
                  }
                }))) {
      f.get();
    }
    return new TreeMap<>(counts);
  }

  @Runs(AWAY)
  static Object logBetweenMerges(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Double> least = new ConcurrentHashMap<>();
    AtomicInteger n = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      double x = i;
      pool.submit(
              () -> {
                least.merge("a", x, Math::min);
                if (LOG.isLoggable(Level.FINEST)) {
                  LOG.finest("merged " + x);
                }
                least.merge("b", x, Math::max);
                n.updateAndGet(k -> k + 2);
              })
          .get();
    }
    return List.of(new TreeMap<>(least), n.get());
  }

  @Runs(AWAY)
  static Object mergesThenLog(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Double> least = new ConcurrentHashMap<>();
    for (int i = 0; i < 3; i++) {
      double x = i;
      pool.submit(
              () -> {
                for (String s : List.of("a", "b", "a")) {
                  least.merge(s, x, Math::min);
                }
                LOG.finest("merged " + x);
              })
          .get();
    }
    return new TreeMap<>(least);
  }

  private static double factor = 2;

  @Runs(AWAY)
  static Object mergesAfterStatic(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Double> least = new ConcurrentHashMap<>();
    for (int i = 0; i < 3; i++) {
      double x = i;
      pool.submit(
              () -> {
                double y = x * factor;
                for (String s : List.of("a", "b", "a")) {
                  least.merge(s, y, Math::min);
                }
                return LOG.isLoggable(Level.FINEST);
              })
          .get();
    }
    return new TreeMap<>(least);
  }

  @Runs(AWAY)
  static Object mergesAndLogs(ExecutorService pool) throws Exception {
    ConcurrentMap<String, Double> least = new ConcurrentHashMap<>();
    for (int i = 0; i < 3; i++) {
      double x = i;
      pool.submit(
              () -> {
                for (String s : List.of("a", "b", "a")) {
                  least.merge(s, x, Math::min);
                  LOG.finest("merged " + x);
                }
                return LOG.isLoggable(Level.FINEST);
              })
          .get();
    }
    return new TreeMap<>(least);
  }
}
