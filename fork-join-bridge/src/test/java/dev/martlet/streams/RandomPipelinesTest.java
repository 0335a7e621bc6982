package dev.martlet.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.Frontier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.BaseStream;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random pipelines over random sources, in the pool and on the JDK. */
@Timeout(300)
class RandomPipelinesTest {
  private static final int PIPELINES = 2_000;
  private static final int MOST_STAGES = 5;

  /** A step from one stream to the next, or from a stream to what becomes of it. */
  private record Step(String name, Function<Object, Object> of) {}

  @SuppressWarnings("unchecked")
  private static Stream<Integer> refs(Object s) {
    return (Stream<Integer>) s;
  }

  private static IntStream ints(Object s) {
    return (IntStream) s;
  }

  private static LongStream longs(Object s) {
    return (LongStream) s;
  }

  private static DoubleStream doubles(Object s) {
    return (DoubleStream) s;
  }

  private static Step source(SplittableRandom r) {
    int n = r.nextInt(60);
    long seed = r.nextLong();
    int kind = r.nextInt(12);
    List<Integer> list = new SplittableRandom(seed).ints(n, -30, 100).boxed().toList();
    return new Step(
        "source " + kind + " of " + n,
        unused ->
            switch (kind) {
              case 0 -> list.stream();
              case 1 -> new ArrayList<>(list).stream();
              case 2 -> new ArrayDeque<>(list).stream();
              case 3 -> new TreeSet<>(list).stream();
              case 4 -> Arrays.stream(list.toArray(new Integer[0]));
              case 5 -> IntStream.range(-n, n);
              case 6 -> LongStream.rangeClosed(-n, n / 2);
              case 7 -> Arrays.stream(list.stream().mapToInt(i -> i).toArray());
              case 8 -> Arrays.stream(list.stream().mapToDouble(i -> i).toArray());
              case 9 -> Stream.iterate(n, i -> i < 3 * n, i -> i + 1);
              case 10 -> Stream.concat(list.stream(), IntStream.range(0, n).boxed());
              default ->
                  LongStream.concat(
                      LongStream.iterate(seed % 99, i -> i * 7 % 101).limit(n),
                      LongStream.range(0, n));
            });
  }

  private static Step stage(SplittableRandom r, Object shape) {
    int k = r.nextInt(2, 9);
    int kind = r.nextInt(16);
    Function<Object, Object> f;
    if (shape instanceof Stream) {
      f =
          switch (kind) {
            case 0 -> s -> refs(s).map(i -> i * k);
            case 1 -> s -> refs(s).filter(i -> i % k != 0);
            case 2 -> s -> refs(s).flatMap(i -> Stream.of(i, i + k));
            case 3 -> s -> refs(s).sorted();
            case 4 -> s -> refs(s).sorted(Comparator.comparing((Integer i) -> i % k).reversed());
            case 5 -> s -> refs(s).distinct();
            case 6 -> s -> refs(s).limit(k * 4L);
            case 7 -> s -> refs(s).skip(k);
            case 8 -> s -> refs(s).takeWhile(i -> i % (k * 5) != 1);
            case 9 -> s -> refs(s).dropWhile(i -> i % k != 1);
            case 10 ->
                s ->
                    refs(s)
                        .<Integer>mapMulti(
                            (i, to) -> {
                              if (i > k) {
                                to.accept(i);
                                to.accept(k);
                              }
                            });
            case 11 -> s -> refs(s).peek(i -> Integer.toString(i));
            case 12 -> s -> refs(s).mapToInt(i -> i - k);
            case 13 -> s -> refs(s).mapToLong(i -> (long) i * i);
            case 14 -> s -> refs(s).flatMapToDouble(i -> DoubleStream.of(i, k));
            default -> s -> refs(s).flatMapToInt(i -> IntStream.range(0, Math.floorMod(i, k)));
          };
    } else if (shape instanceof IntStream) {
      f =
          switch (kind) {
            case 0 -> s -> ints(s).map(i -> i * k);
            case 1 -> s -> ints(s).filter(i -> i % k != 0);
            case 2 -> s -> ints(s).flatMap(i -> IntStream.of(i, i + k));
            case 3 -> s -> ints(s).sorted();
            case 4 -> s -> ints(s).boxed();
            case 5 -> s -> ints(s).distinct();
            case 6 -> s -> ints(s).limit(k * 4L);
            case 7 -> s -> ints(s).skip(k);
            case 8 -> s -> ints(s).takeWhile(i -> i % (k * 5) != 1);
            case 9 -> s -> ints(s).dropWhile(i -> i % k != 1);
            case 10 ->
                s ->
                    ints(s)
                        .mapMulti(
                            (i, to) -> {
                              if (i > k) {
                                to.accept(i);
                                to.accept(k);
                              }
                            });
            case 11 -> s -> ints(s).asLongStream();
            case 12 -> s -> ints(s).mapToObj(i -> i - k);
            case 13 -> s -> ints(s).mapToLong(i -> (long) i * i);
            case 14 -> s -> ints(s).mapToDouble(i -> i + k);
            default -> s -> ints(s).asDoubleStream();
          };
    } else if (shape instanceof LongStream) {
      f =
          switch (kind) {
            case 0 -> s -> longs(s).map(i -> i % 1000 * k);
            case 1 -> s -> longs(s).filter(i -> i % k != 0);
            case 2 -> s -> longs(s).flatMap(i -> LongStream.of(i, i + k));
            case 3 -> s -> longs(s).sorted();
            case 4 -> s -> longs(s).mapToObj(i -> (int) i);
            case 5 -> s -> longs(s).distinct();
            case 6 -> s -> longs(s).limit(k * 4L);
            case 7 -> s -> longs(s).skip(k);
            case 8 -> s -> longs(s).takeWhile(i -> i % (k * 5) != 1);
            case 9 -> s -> longs(s).dropWhile(i -> i % k != 1);
            case 10 ->
                s ->
                    longs(s)
                        .mapMulti(
                            (i, to) -> {
                              if (i > k) {
                                to.accept(i);
                                to.accept(k);
                              }
                            });
            case 11 -> s -> longs(s).asDoubleStream();
            case 12 -> s -> longs(s).mapToInt(i -> (int) i - k);
            default -> s -> longs(s).peek(i -> Long.toString(i));
          };
    } else {
      f =
          switch (kind) {
            case 0 -> s -> doubles(s).map(i -> i + k);
            case 1 -> s -> doubles(s).filter(i -> i % k != 0);
            case 2 -> s -> doubles(s).flatMap(i -> DoubleStream.of(i, i + k));
            case 3 -> s -> doubles(s).sorted();
            case 4 -> s -> doubles(s).mapToObj(i -> (int) i);
            case 5 -> s -> doubles(s).distinct();
            case 6 -> s -> doubles(s).limit(k * 4L);
            case 7 -> s -> doubles(s).skip(k);
            case 8 -> s -> doubles(s).takeWhile(i -> i % (k * 5) != 1);
            case 9 -> s -> doubles(s).dropWhile(i -> i % k != 1);
            case 10 ->
                s ->
                    doubles(s)
                        .mapMulti(
                            (i, to) -> {
                              if (i > k) {
                                to.accept(i);
                                to.accept(k);
                              }
                            });
            case 11 -> s -> doubles(s).boxed().map(Double::intValue);
            case 12 -> s -> doubles(s).mapToInt(i -> (int) i - k);
            default -> s -> doubles(s).mapToLong(i -> (long) i);
          };
    }
    return new Step("stage " + kind + " of " + shape.getClass().getSimpleName() + " with " + k, f);
  }

  private static Step end(SplittableRandom r, Object shape) {
    int k = r.nextInt(2, 9);
    int kind = r.nextInt(14);
    Function<Object, Object> f;
    if (shape instanceof Stream) {
      f =
          switch (kind) {
            case 0 -> s -> refs(s).toList();
            case 1 -> s -> Arrays.asList(refs(s).toArray(Integer[]::new));
            case 2 -> s -> refs(s).reduce(0, Integer::sum);
            case 3 -> s -> refs(s).reduce((a, b) -> Math.max(a, b));
            case 4 ->
                s -> refs(s).collect(Collectors.groupingBy(i -> i % k, Collectors.counting()));
            case 5 -> s -> refs(s).map(String::valueOf).collect(Collectors.joining(","));
            case 6 -> s -> refs(s).count();
            case 7 -> s -> List.of(refs(s).anyMatch(i -> i % k == 1));
            case 8 -> s -> refs(s).filter(i -> i % k == 1).findFirst();
            case 9 -> s -> refs(s).max(Comparator.comparing(i -> i % k));
            case 10 ->
                s -> {
                  List<Integer> all = new ArrayList<>();
                  refs(s).forEachOrdered(all::add);
                  return all;
                };
            case 11 ->
                s -> {
                  List<Integer> all = Collections.synchronizedList(new ArrayList<>());
                  refs(s).forEach(i -> all.add(i * k));
                  return sorted(all);
                };
            case 12 -> s -> refs(s).collect(Collectors.partitioningBy(i -> i > k));
            default -> s -> refs(s).collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
          };
    } else if (shape instanceof IntStream) {
      f =
          switch (kind % 7) {
            case 0 -> s -> Arrays.toString(ints(s).toArray());
            case 1 -> s -> ints(s).sum();
            case 2 -> s -> ints(s).max();
            case 3 -> s -> "" + ints(s).summaryStatistics();
            case 4 -> s -> ints(s).filter(i -> i % k == 1).findFirst();
            case 5 -> s -> ints(s).noneMatch(i -> i % k == 1);
            default -> s -> ints(s).collect(ArrayList::new, (a, i) -> a.add(i), ArrayList::addAll);
          };
    } else if (shape instanceof LongStream) {
      f =
          switch (kind % 7) {
            case 0 -> s -> Arrays.toString(longs(s).toArray());
            case 1 -> s -> longs(s).sum();
            case 2 -> s -> longs(s).min();
            case 3 -> s -> longs(s).average();
            case 4 -> s -> longs(s).filter(i -> i % k == 1).findFirst();
            case 5 -> s -> longs(s).allMatch(i -> i % k == 1);
            default -> s -> longs(s).reduce(0, (a, b) -> a + b);
          };
    } else {
      f =
          switch (kind % 7) {
            case 0 -> s -> Arrays.toString(doubles(s).toArray());
            case 1 -> s -> doubles(s).sum();
            case 2 -> s -> doubles(s).max();
            case 3 -> s -> doubles(s).count();
            case 4 -> s -> doubles(s).filter(i -> i % k == 1).findFirst();
            case 5 -> s -> doubles(s).anyMatch(i -> i % k == 1);
            default -> s -> doubles(s).mapToObj(d -> "" + d).collect(Collectors.toList());
          };
    }
    return new Step("end " + kind + " of " + shape.getClass().getSimpleName() + " with " + k, f);
  }

  private static List<Integer> sorted(List<Integer> all) {
    return all.stream().sorted().toList();
  }

  private static List<Step> pipeline(SplittableRandom r) {
    List<Step> steps = new ArrayList<>();
    steps.add(source(r));
    Object shape = steps.get(0).of.apply(0);
    for (int i = r.nextInt(MOST_STAGES + 1); i > 0; i--) {
      Step s = stage(r, shape);
      steps.add(s);
      shape = s.of.apply(shape);
    }
    steps.add(end(r, shape));
    return steps;
  }

  private static Object run(List<Step> steps, boolean parallel) {
    Object at = 0;
    for (int i = 0; i < steps.size(); i++) {
      at = steps.get(i).of.apply(at);
      if (i == 0 && parallel) {
        at = ((BaseStream<?, ?>) at).parallel();
      }
    }
    return at;
  }

  @Test
  @DisplayName("a random pipeline gives in the pool what it gives on the JDK, in the same order")
  void sameAsJdk() {
    sameAsJdk(Frontier.allRemote(), Integer.getInteger("pipelines", PIPELINES));
  }

  @Test
  @DisplayName("so it does if some of its leaves stay at home")
  void sameAsJdkInPart() {
    sameAsJdk(Frontier.minimumWork(Duration.ZERO), Integer.getInteger("pipelines", PIPELINES) / 4);
  }

  private static void sameAsJdk(Frontier frontier, int pipelines) {
    long seed = Long.getLong("pipelines.seed", System.nanoTime());
    SplittableRandom seeds = new SplittableRandom(seed);
    try (StreamPool pool = new StreamPool(frontier, 2, Map.of("parallelism", "2"))) {
      for (int i = 0; i < pipelines; i++) {
        SplittableRandom r = seeds.split();
        List<Step> steps = pipeline(r);
        Object expected = run(steps, false);
        Object actual = pool.run(() -> run(steps, true));
        assertThat(actual)
            .as("seed %d, pipeline %d: %s", seed, i, steps.stream().map(Step::name).toList())
            .isEqualTo(expected);
      }
      assertThat(pool.away()).isGreaterThan(pipelines);
    }
  }
}
