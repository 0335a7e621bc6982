package dev.martlet.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds clusters by Lloyd's algorithm: each round is one parallel stream over the points. */
@Command(name = "k-means", description = "Clusters points by parallel streams.")
final class KMeans implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-p", "--points"},
      description = "How many points (default: ${DEFAULT-VALUE}).")
  private int points = 200_000;

  @Option(
      names = {"-k", "--clusters"},
      description = "How many clusters (default: ${DEFAULT-VALUE}).")
  private int clusters = 64;

  @Option(
      names = {"-r", "--rounds"},
      description = "How many rounds (default: ${DEFAULT-VALUE}).")
  private int rounds = 10;

  /** A point of the plane. */
  record Point(long x, long y) {
    /** Returns the square of the distance to another point. */
    long squared(Point p) {
      return (x - p.x) * (x - p.x) + (y - p.y) * (y - p.y);
    }
  }

  /** Points added up; whole numbers, so that their order does not matter. */
  record Sum(long x, long y, long points) {
    static final Sum NONE = new Sum(0, 0, 0);

    static Sum of(Point p) {
      return new Sum(p.x, p.y, 1);
    }

    Sum plus(Sum s) {
      return new Sum(x + s.x, y + s.y, points + s.points);
    }

    Point mean() {
      return new Point(x / points, y / points);
    }
  }

  @Override
  public Integer call() throws Exception {
    List<Point> all = points(points, clusters);
    int k = clusters;
    int n = rounds;
    String title =
        String.format("k-means of %,d points, %d clusters, %d rounds", points, clusters, rounds);
    List<Point> means =
        comparison.runForkJoin(
            title, pool -> pool.submit(() -> cluster(all, k, n)).get(), List::equals);
    double off =
        all.stream().mapToLong(p -> p.squared(means.get(nearest(p, means)))).average().orElse(0);
    comparison.line("distance to the centre", "%,.0f (root mean square)", Math.sqrt(off));
    return 0;
  }

  /** Returns points around some centres. */
  static List<Point> points(int count, int clusters) {
    SplittableRandom random = new SplittableRandom(11);
    List<Point> centres = new ArrayList<>();
    for (int i = 0; i < clusters; i++) {
      centres.add(new Point(random.nextLong(1_000_000), random.nextLong(1_000_000)));
    }
    List<Point> points = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Point c = centres.get(random.nextInt(clusters));
      points.add(
          new Point(
              c.x + random.nextLong(-20_000, 20_000), c.y + random.nextLong(-20_000, 20_000)));
    }
    return points;
  }

  /** Returns the means of the clusters, the first points being their first means. */
  static List<Point> cluster(List<Point> points, int clusters, int rounds) {
    List<Point> means = List.copyOf(points.subList(0, clusters));
    for (int i = 0; i < rounds; i++) {
      List<Point> now = means;
      Map<Integer, Sum> sums =
          points.parallelStream()
              .collect(
                  Collectors.groupingBy(
                      p -> nearest(p, now), Collectors.reducing(Sum.NONE, Sum::of, Sum::plus)));
      means =
          IntStream.range(0, clusters)
              .mapToObj(c -> sums.containsKey(c) ? sums.get(c).mean() : now.get(c))
              .toList();
    }
    return means;
  }

  static int nearest(Point p, List<Point> means) {
    int nearest = 0;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < means.size(); i++) {
      long d = p.squared(means.get(i));
      if (d < least) {
        least = d;
        nearest = i;
      }
    }
    return nearest;
  }
}
