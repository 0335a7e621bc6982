package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import dev.martlet.programs.Nested;
import dev.martlet.programs.Runs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Simulations: cells, heat, queues, particles, epidemics. */
final class Simulations {
  private Simulations() {}

  @Runs(AWAY)
  static Object gameOfLife(ExecutorService pool) throws Exception {
    Grid grid = new Grid(40, 32, 7);
    for (int g = 0; g < 6; g++) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int y = 0; y < grid.height(); y += 8) {
        final int from = y;
        work.add(
            () -> {
              grid.advance(from, from + 8);
              return null;
            });
      }
      for (Future<Void> f : pool.invokeAll(work)) {
        f.get();
      }
      grid.swap();
    }
    return grid.toString() + grid.alive();
  }

  @Runs(AWAY)
  static Object lifeWithLatches(ExecutorService pool) throws Exception {
    Grid grid = new Grid(24, 24, 9);
    for (int g = 0; g < 4; g++) {
      CountDownLatch done = new CountDownLatch(3);
      for (int p = 0; p < 3; p++) {
        int part = p;
        pool.execute(
            () -> {
              try {
                grid.advance(part * 8, part * 8 + 8);
              } finally {
                done.countDown();
              }
            });
      }
      done.await();
      grid.swap();
    }
    return grid.toString();
  }

  @Nested
  @Runs(EITHER)
  static Object lifeWithBarrier(ExecutorService pool) throws Exception {
    Grid grid = new Grid(16, 16, 3);
    CyclicBarrier barrier = new CyclicBarrier(2, grid::swap);
    List<Future<?>> futures = new ArrayList<>();
    for (int p = 0; p < 2; p++) {
      int part = p;
      futures.add(
          pool.submit(
              () -> {
                for (int g = 0; g < 5; g++) {
                  grid.advance(part * 8, part * 8 + 8);
                  barrier.await();
                }
                return null;
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
    return grid.toString();
  }

  /** A rod of metal whose halves step together. */
  private static final class Rod {
    double[] t = new double[64];
    double[] u = new double[64];
    private final double k;

    Rod(double k) {
      this.k = k;
      t[0] = 100;
      u[0] = 100;
      t[63] = -20;
      u[63] = -20;
    }

    void step(int from, int to) {
      for (int i = Math.max(1, from); i < Math.min(63, to); i++) {
        u[i] = t[i] + k * (t[i - 1] - 2 * t[i] + t[i + 1]);
      }
    }
  }

  @Runs(AWAY)
  static Object heatRod(ExecutorService pool) throws Exception {
    Rod rod = new Rod(0.24);
    for (int s = 0; s < 20; s++) {
      Future<?> left = pool.submit(() -> rod.step(0, 32));
      Future<?> right = pool.submit(() -> rod.step(32, 64));
      left.get();
      right.get();
      double[] swap = rod.t;
      rod.t = rod.u;
      rod.u = swap;
    }
    return rod.t;
  }

  @Nested
  @Runs(EITHER)
  static Object heatWithPhaser(ExecutorService pool) throws Exception {
    double[][] buffers = new double[2][32];
    buffers[0][15] = 1000;
    Phaser phaser = new Phaser(2);
    List<Future<Double>> parts = new ArrayList<>();
    for (int p = 0; p < 2; p++) {
      int from = p * 16;
      parts.add(
          pool.submit(
              () -> {
                for (int s = 0; s < 8; s++) {
                  double[] a = buffers[s % 2];
                  double[] b = buffers[(s + 1) % 2];
                  for (int i = from; i < from + 16; i++) {
                    b[i] = (a[Math.max(0, i - 1)] + a[i] + a[Math.min(31, i + 1)]) / 3;
                  }
                  phaser.arriveAndAwaitAdvance();
                }
                return buffers[0][from + 8];
              }));
    }
    List<Object> out = new ArrayList<>();
    for (Future<Double> f : parts) {
      out.add(f.get());
    }
    out.add(buffers[0]);
    return out;
  }

  /** What happens in a shop. */
  private record Event(double time, Kind kind, int customer) implements Comparable<Event> {
    enum Kind {
      ARRIVAL {
        @Override
        void apply(Shop shop, Event e) {
          shop.arrive(e);
        }
      },
      DEPARTURE {
        @Override
        void apply(Shop shop, Event e) {
          shop.depart(e);
        }
      };

      abstract void apply(Shop shop, Event e);
    }

    @Override
    public int compareTo(Event other) {
      return Double.compare(time, other.time);
    }
  }

  private static final class Shop {
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<Integer> waiting = new ArrayDeque<>();
    private final Map<Event.Kind, Integer> counts = new EnumMap<>(Event.Kind.class);
    private final Random random;
    private final int tills;
    private int busy;
    private int longest;

    Shop(long seed, int tills) {
      random = new Random(seed);
      this.tills = tills;
      double t = 0;
      for (int c = 0; c < 200; c++) {
        t += -Math.log(1 - random.nextDouble()) * 3;
        events.add(new Event(t, Event.Kind.ARRIVAL, c));
      }
    }

    void arrive(Event e) {
      if (busy < tills) {
        serve(e.time(), e.customer());
      } else {
        waiting.addLast(e.customer());
        longest = Math.max(longest, waiting.size());
      }
    }

    void depart(Event e) {
      busy--;
      Integer next = waiting.pollFirst();
      if (next != null) {
        serve(e.time(), next);
      }
    }

    private void serve(double now, int customer) {
      busy++;
      events.add(new Event(now + 2 + random.nextInt(8), Event.Kind.DEPARTURE, customer));
    }

    Shop run() {
      while (!events.isEmpty()) {
        Event e = events.remove();
        counts.merge(e.kind(), 1, Integer::sum);
        e.kind().apply(this, e);
      }
      return this;
    }
  }

  @Runs(AWAY)
  static Object shop(ExecutorService pool) throws Exception {
    List<Future<Shop>> runs = new ArrayList<>();
    for (int tills = 1; tills <= 5; tills++) {
      Shop shop = new Shop(tills, tills);
      runs.add(pool.submit(shop::run));
    }
    List<Object> out = new ArrayList<>();
    for (Future<Shop> f : runs) {
      Shop s = f.get();
      out.add(Arrays.asList(s.longest, new EnumMap<>(s.counts), s.busy));
    }
    return out;
  }

  /** A body in space. */
  private static final class Body {
    double x;
    double y;
    double vx;
    double vy;
    final double mass;

    Body(double x, double y, double mass) {
      this.x = x;
      this.y = y;
      this.mass = mass;
    }
  }

  private abstract static class Universe {
    protected final List<Body> bodies = new ArrayList<>();
    protected final double dt;

    Universe(double dt) {
      this.dt = dt;
    }

    abstract void accelerate(int from, int to);

    void move(int from, int to) {
      for (Body b : bodies.subList(from, to)) {
        b.x += b.vx * dt;
        b.y += b.vy * dt;
      }
    }
  }

  private static final class Gravity extends Universe {
    private final DoubleUnaryOperator law;

    Gravity(double dt, DoubleUnaryOperator law) {
      super(dt);
      this.law = law;
      Random random = new Random(11);
      for (int i = 0; i < 16; i++) {
        bodies.add(new Body(random.nextDouble() * 10, random.nextDouble() * 10, i + 1));
      }
    }

    @Override
    void accelerate(int from, int to) {
      for (int i = from; i < to; i++) {
        Body a = bodies.get(i);
        for (Body b : bodies) {
          if (a != b) {
            double dx = b.x - a.x;
            double dy = b.y - a.y;
            double f = b.mass * law.applyAsDouble(dx * dx + dy * dy + 0.01);
            a.vx += f * dx * dt;
            a.vy += f * dy * dt;
          }
        }
      }
    }
  }

  @Runs(AWAY)
  static Object bodies(ExecutorService pool) throws Exception {
    Universe universe = new Gravity(0.01, r2 -> 1 / (r2 * Math.sqrt(r2)));
    for (int s = 0; s < 4; s++) {
      for (boolean fast : new boolean[] {true, false}) {
        List<Future<?>> parts = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
          int from = p * 4;
          parts.add(
              fast
                  ? pool.submit(() -> universe.accelerate(from, from + 4))
                  : pool.submit(() -> universe.move(from, from + 4)));
        }
        for (Future<?> f : parts) {
          f.get();
        }
      }
    }
    return universe.bodies;
  }

  @Runs(AWAY)
  static Object piWithAdders(ExecutorService pool) throws Exception {
    LongAdder hits = new LongAdder();
    DoubleAdder area = new DoubleAdder();
    CountDownLatch latch = new CountDownLatch(8);
    for (int t = 0; t < 8; t++) {
      SplittableRandom random = new SplittableRandom(t);
      pool.execute(
          () -> {
            for (int i = 0; i < 500; i++) {
              double x = random.nextDouble();
              double y = random.nextDouble();
              if (x * x + y * y < 1) {
                hits.increment();
                area.add(1.0 / 1024);
              }
            }
            latch.countDown();
          });
    }
    latch.await();
    return Arrays.asList(hits.sum(), area.sum());
  }

  /** People who meet, fall ill and recover. */
  private sealed interface Health {
    record Well() implements Health {}

    record Ill(int since) implements Health {}

    record Immune(int since, int wasIll) implements Health {}
  }

  private record Outcome(int peak, int day, List<String> last) {}

  private static Outcome epidemic(long seed, double beta) {
    Random random = new Random(seed);
    Health[] people = new Health[60];
    Arrays.fill(people, new Health.Well());
    people[0] = new Health.Ill(0);
    int peak = 0;
    int peakDay = 0;
    for (int day = 1; day < 40; day++) {
      int ill = 0;
      for (int i = 0; i < people.length; i++) {
        Health h = people[i];
        if (h instanceof Health.Ill s) {
          ill++;
          int other = random.nextInt(people.length);
          if (people[other] instanceof Health.Well && random.nextDouble() < beta) {
            people[other] = new Health.Ill(day);
          }
          if (day - s.since() > 5) {
            people[i] = new Health.Immune(day, s.since());
          }
        }
      }
      if (ill > peak) {
        peak = ill;
        peakDay = day;
      }
    }
    List<String> last =
        Arrays.stream(people)
            .collect(
                Collectors.groupingBy(h -> h.getClass().getSimpleName(), Collectors.counting()))
            .entrySet()
            .stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey() + "=" + e.getValue())
            .toList();
    return new Outcome(peak, peakDay, last);
  }

  @Runs(AWAY)
  static Object epidemics(ExecutorService pool) throws Exception {
    double[] betas = {0.1, 0.3, 0.5, 0.9};
    List<Future<Outcome>> runs =
        IntStream.range(0, 12)
            .mapToObj(i -> pool.submit(() -> epidemic(i, betas[i % betas.length])))
            .toList();
    List<Outcome> outcomes = Collections.synchronizedList(new ArrayList<>());
    for (Future<Outcome> f : runs) {
      outcomes.add(f.get());
    }
    outcomes.sort(Comparator.comparingInt(Outcome::peak).thenComparing(Outcome::day));
    return new ArrayList<>(outcomes);
  }
}
