package dev.martlet.programs.apps;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Values a portfolio under many scenarios; its tasks capture the service itself. */
class RiskService {
  private static final Logger LOG = Logger.getLogger(RiskService.class.getName());
  static final double DRIFT = 0.01;
  private static double volatility = 0.2;

  private final ExecutorService pool;
  private final List<Instrument> portfolio;
  private final Config config;
  private final ConcurrentMap<String, Double> worst = new ConcurrentHashMap<>();
  private final Thread owner = Thread.currentThread();
  private int runs;

  static final class Config {
    private final int scenarios;
    private final LocalDate date;
    private final Map<String, Double> shocks;

    private Config(Builder b) {
      scenarios = b.scenarios;
      date = b.date;
      shocks = Map.copyOf(b.shocks);
    }

    static Builder builder() {
      return new Builder();
    }

    static final class Builder {
      private int scenarios = 10;
      private LocalDate date = LocalDate.EPOCH;
      private final Map<String, Double> shocks = new TreeMap<>();

      Builder scenarios(int n) {
        scenarios = n;
        return this;
      }

      Builder date(LocalDate d) {
        date = d;
        return this;
      }

      Builder shock(String id, double by) {
        shocks.put(id, by);
        return this;
      }

      Config build() {
        return new Config(this);
      }
    }
  }

  RiskService(ExecutorService pool, List<Instrument> portfolio, Config config) {
    this.pool = pool;
    this.portfolio = portfolio;
    this.config = config;
  }

  static void calibrate(double v) {
    volatility = v;
  }

  double valueAtRisk(double level) throws InterruptedException, ExecutionException {
    runs++;
    List<Callable<Double>> tasks = new ArrayList<>();
    for (int s = 0; s < config.scenarios; s++) {
      long seed = s;
      tasks.add(() -> loss(seed));
    }
    double[] losses = new double[tasks.size()];
    int i = 0;
    for (Future<Double> f : pool.invokeAll(tasks)) {
      losses[i++] = f.get();
    }
    Arrays.sort(losses);
    return losses[(int) (level * (losses.length - 1))];
  }

  private double loss(long seed) {
    Random random = new Random(seed);
    double spot = 100 * Math.exp(DRIFT + volatility * random.nextGaussian());
    double sum = 0;
    for (Instrument instrument : portfolio) {
      double shock = config.shocks.getOrDefault(instrument.id(), 1.0);
      double change =
          shock * instrument.price(spot, config.date) - instrument.price(100, config.date);
      worst.merge(instrument.id(), change, Math::min);
      sum += change;
    }
    if (LOG.isLoggable(Level.FINEST)) {
      LOG.finest("loss " + sum);
    }
    return -sum;
  }

  Map<String, Double> worst() {
    return new TreeMap<>(worst);
  }

  int runs() {
    return Thread.currentThread() == owner ? runs : -1;
  }
}
