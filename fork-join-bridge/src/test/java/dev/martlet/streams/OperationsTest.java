package dev.martlet.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation of the four kinds of streams, as the JDK has it. */
class OperationsTest {
  private static StreamPool pool;

  @BeforeAll
  static void open() {
    pool = StreamPool.allRemote();
  }

  @AfterAll
  static void close() {
    pool.close();
  }

  /** Makes streams, parallel ones in the pool, and sequential ones to compare them with. */
  record Kit(boolean parallel) {
    Stream<String> strings() {
      Stream<String> s =
          IntStream.range(0, 200).mapToObj(i -> "s" + i * 37 % 101).toList().stream();
      return parallel ? s.parallel() : s;
    }

    IntStream ints() {
      IntStream s = IntStream.range(-50, 150);
      return parallel ? s.parallel() : s;
    }

    LongStream longs() {
      LongStream s = LongStream.rangeClosed(1, 100);
      return parallel ? s.parallel() : s;
    }

    DoubleStream doubles() {
      DoubleStream s = Arrays.stream(new double[] {1, 2, 4, 0.5, -8, 64, 0.25, 7});
      return parallel ? s.parallel() : s;
    }
  }

  record Row(String name, boolean leaves, Function<Kit, Object> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row away(String name, Function<Kit, Object> run) {
    return new Row(name, true, run);
  }

  private static Row home(String name, Function<Kit, Object> run) {
    return new Row(name, false, run);
  }

  static List<Row> rows() {
    return List.of(
        // Stateless operations.
        away("map", k -> k.strings().map(s -> s + "!").toList()),
        away("filter", k -> k.strings().filter(s -> s.length() > 2).toList()),
        away("filter sized", k -> k.ints().filter(i -> i % 3 == 0).toArray().length),
        away("peek", k -> k.strings().peek(s -> s.length()).count() + k.ints().peek(i -> {}).sum()),
        away("mapToInt", k -> k.strings().mapToInt(String::length).sum()),
        away("mapToLong", k -> k.strings().mapToLong(String::length).sum()),
        away("mapToDouble", k -> k.strings().mapToDouble(String::length).sum()),
        away("mapToObj", k -> k.ints().mapToObj(i -> "i" + i).toList()),
        away("boxed", k -> k.ints().boxed().toList()),
        away("long boxed", k -> k.longs().boxed().toList()),
        away("double boxed", k -> k.doubles().boxed().toList()),
        away("asLongStream", k -> k.ints().asLongStream().boxed().toList()),
        away("asDoubleStream", k -> k.ints().asDoubleStream().boxed().toList()),
        away("long asDoubleStream", k -> k.longs().asDoubleStream().sum()),
        away(
            "int to all",
            k -> k.ints().mapToLong(i -> i).mapToDouble(l -> l).mapToInt(d -> (int) d).sum()),
        away("long to int", k -> k.longs().mapToInt(l -> (int) l).map(i -> i * 2).boxed().toList()),
        away("long map", k -> k.longs().map(l -> l * l).filter(l -> l % 2 == 1).boxed().toList()),
        away("double map", k -> k.doubles().map(d -> d * 2).filter(d -> d > 1).boxed().toList()),
        away(
            "double to long",
            k -> k.doubles().mapToLong(d -> (long) d).mapToObj(l -> "" + l).toList()),
        away("flatMap", k -> k.strings().flatMap(s -> Stream.of(s, s + s)).toList()),
        away("flatMap of none", k -> k.strings().flatMap(s -> (Stream<String>) null).toList()),
        away("flatMapToInt", k -> k.strings().flatMapToInt(String::chars).boxed().toList()),
        away(
            "flatMapToLong",
            k -> k.strings().flatMapToLong(s -> LongStream.of(s.length(), 1)).sum()),
        away("flatMapToDouble", k -> k.strings().flatMapToDouble(s -> DoubleStream.of(1, 2)).sum()),
        away("int flatMap", k -> k.ints().flatMap(i -> IntStream.range(0, i)).boxed().toList()),
        away("long flatMap", k -> k.longs().flatMap(i -> LongStream.range(0, i)).boxed().toList()),
        away(
            "double flatMap",
            k -> k.doubles().flatMap(d -> DoubleStream.of(d, -d)).boxed().toList()),
        away(
            "flatMap that stops",
            k ->
                k.strings()
                    .flatMap(s -> Stream.of(s, s + "x"))
                    .filter(s -> s.endsWith("9x"))
                    .findFirst()),
        away(
            "flatMapToInt that stops",
            k -> k.strings().flatMapToInt(String::chars).anyMatch(c -> c == '7')),
        away(
            "int flatMap that stops",
            k ->
                k.ints()
                    .flatMap(i -> IntStream.iterate(i, j -> j + 1))
                    .filter(j -> j > 10)
                    .findFirst()),
        away(
            "mapMulti",
            k ->
                k.strings()
                    .<String>mapMulti(
                        (s, to) -> {
                          to.accept(s);
                          to.accept("-");
                        })
                    .toList()),
        away(
            "mapMultiToInt",
            k -> k.strings().mapMultiToInt((s, to) -> to.accept(s.length())).sum()),
        away(
            "mapMultiToLong",
            k -> k.strings().mapMultiToLong((s, to) -> to.accept(s.length())).sum()),
        away("mapMultiToDouble", k -> k.strings().mapMultiToDouble((s, to) -> to.accept(1)).sum()),
        away(
            "int mapMulti",
            k ->
                k.ints()
                    .mapMulti(
                        (i, to) -> {
                          to.accept(i);
                          to.accept(-i);
                        })
                    .boxed()
                    .toList()),
        away("long mapMulti", k -> k.longs().mapMulti((i, to) -> to.accept(-i)).boxed().toList()),
        away(
            "double mapMulti",
            k -> k.doubles().mapMulti((i, to) -> to.accept(-i)).boxed().toList()),
        // Stateful operations.
        away("sorted", k -> k.strings().map(s -> s + 1).sorted().toList()),
        away(
            "sorted by",
            k ->
                k.strings()
                    .map(s -> s + 1)
                    .sorted(
                        Comparator.comparing(String::length)
                            .thenComparing(Comparator.reverseOrder()))
                    .toList()),
        away("int sorted", k -> k.ints().map(i -> i * 31 % 17).sorted().boxed().toList()),
        away("sorted then map", k -> k.strings().sorted().map(s -> s + 2).toList()),
        away("distinct", k -> k.strings().map(s -> s.substring(0, 2)).distinct().toList()),
        away("int distinct", k -> k.ints().map(i -> i % 7).distinct().boxed().toList()),
        away(
            "distinct unordered",
            k ->
                k.strings()
                    .map(s -> s.substring(0, 2))
                    .unordered()
                    .distinct()
                    .collect(java.util.stream.Collectors.toSet())),
        away(
            "distinct sorted",
            k -> k.strings().map(s -> s.substring(1)).sorted().distinct().toList()),
        away("limit of sized", k -> k.strings().map(s -> s + 3).limit(57).toList()),
        away("skip of sized", k -> k.strings().map(s -> s + 3).skip(57).toList()),
        away(
            "skip and limit of sized",
            k -> k.ints().map(i -> i + 3).skip(13).limit(100).boxed().toList()),
        away("limit of unsized", k -> k.strings().filter(s -> s.length() > 2).limit(57).toList()),
        away("skip of unsized", k -> k.ints().filter(i -> i % 2 == 0).skip(41).boxed().toList()),
        away(
            "skip and limit of unsized",
            k -> k.longs().filter(i -> i % 3 > 0).skip(3).limit(20).boxed().toList()),
        away(
            "limit then map",
            k -> k.doubles().filter(d -> d > 0).limit(3).map(d -> d + 1).boxed().toList()),
        home(
            "limit unordered",
            k -> k.strings().filter(s -> s.length() > 2).unordered().limit(57).count()),
        home(
            "generate and limit",
            k ->
                (k.parallel() ? Stream.generate(() -> "g").parallel() : Stream.generate(() -> "g"))
                    .limit(50)
                    .map(s -> s + 1)
                    .toList()),
        away("takeWhile", k -> k.ints().map(i -> i + 1).takeWhile(i -> i < 77).boxed().toList()),
        away("dropWhile", k -> k.ints().map(i -> i + 1).dropWhile(i -> i < 77).boxed().toList()),
        away(
            "takeWhile of objects",
            k -> k.strings().map(s -> s + 4).takeWhile(s -> !s.startsWith("s99")).toList()),
        away(
            "dropWhile of objects",
            k ->
                k.strings()
                    .filter(s -> s.length() > 1)
                    .dropWhile(s -> !s.startsWith("s99"))
                    .toList()),
        away(
            "long and double takeWhile",
            k ->
                k.longs().takeWhile(i -> i < 30).sum() + k.doubles().dropWhile(d -> d > 0).count()),
        home(
            "takeWhile unordered",
            k -> k.ints().unordered().filter(i -> true).takeWhile(i -> true).count()),
        // Ends.
        away("reduce", k -> k.strings().map(s -> s).reduce("", String::concat)),
        away("reduce to optional", k -> k.strings().reduce((a, b) -> a + b)),
        away(
            "reduce to another type",
            k -> k.strings().reduce(0, (n, s) -> n + s.length(), Integer::sum)),
        away(
            "int reduce",
            k -> List.of(k.ints().reduce(0, Integer::sum), k.ints().reduce(Integer::max))),
        away(
            "long reduce",
            k -> List.of(k.longs().reduce(1, (a, b) -> a * b % 1009), k.longs().reduce(Long::sum))),
        away(
            "double reduce",
            k -> List.of(k.doubles().reduce(0, Double::sum), k.doubles().reduce(Math::max))),
        away(
            "collect", k -> k.strings().collect(ArrayList::new, ArrayList::add, ArrayList::addAll)),
        away(
            "int collect",
            k -> k.ints().collect(ArrayList::new, ArrayList::add, ArrayList::addAll)),
        away(
            "long collect",
            k -> k.longs().collect(ArrayList::new, ArrayList::add, ArrayList::addAll)),
        away(
            "double collect",
            k -> k.doubles().collect(ArrayList::new, ArrayList::add, ArrayList::addAll)),
        away(
            "min and max",
            k ->
                List.of(
                    k.strings().min(Comparator.naturalOrder()),
                    k.strings().max(Comparator.comparing(s -> s.substring(1))))),
        away(
            "primitive min and max",
            k -> List.of(k.ints().min(), k.longs().max(), k.doubles().min())),
        away("sums", k -> List.of(k.ints().sum(), k.longs().sum(), k.doubles().sum())),
        away(
            "averages",
            k -> List.of(k.ints().average(), k.longs().average(), k.doubles().average())),
        away(
            "statistics",
            k ->
                ""
                    + k.ints().summaryStatistics()
                    + k.longs().summaryStatistics()
                    + k.doubles().summaryStatistics()),
        away(
            "count",
            k ->
                k.strings().filter(s -> s.length() > 2).count()
                    + k.ints().filter(i -> i > 0).count()
                    + k.longs().flatMap(l -> LongStream.of(l, l)).count()
                    + k.doubles().filter(d -> d > 0).count()),
        away(
            "anyMatch",
            k -> List.of(k.strings().anyMatch("s5"::equals), k.strings().anyMatch("t5"::equals))),
        away(
            "allMatch",
            k -> List.of(k.ints().allMatch(i -> i < 150), k.ints().allMatch(i -> i < 140))),
        away(
            "noneMatch",
            k -> List.of(k.longs().noneMatch(i -> i < 0), k.doubles().noneMatch(i -> i < 0))),
        away(
            "findFirst",
            k ->
                List.of(
                    k.strings().filter(s -> s.length() > 2).findFirst(),
                    k.strings().filter(s -> s.length() > 9).findFirst())),
        away(
            "primitive findFirst",
            k ->
                List.of(
                    k.ints().filter(i -> i > 30).findFirst(),
                    k.longs().findFirst(),
                    k.doubles().filter(d -> d < 0).findFirst())),
        away("findAny", k -> k.strings().filter(s -> s.length() > 2).findAny().isPresent()),
        away("toArray", k -> Arrays.asList(k.strings().map(s -> s + 5).toArray())),
        away(
            "toArray of a type",
            k -> Arrays.asList(k.strings().filter(s -> s.length() > 2).toArray(String[]::new))),
        away(
            "primitive toArray",
            k ->
                Arrays.toString(k.ints().map(i -> i * 2).toArray())
                    + Arrays.toString(k.longs().filter(l -> l > 3).toArray())
                    + Arrays.toString(k.doubles().map(d -> -d).toArray())),
        away("toList", k -> k.strings().map(s -> s + 6).toList()),
        away(
            "forEach",
            k -> {
              List<String> all = Collections.synchronizedList(new ArrayList<>());
              k.strings().map(s -> s + 7).forEach(all::add);
              return new HashSet<>(all);
            }),
        away(
            "forEach of numbers",
            k -> {
              AtomicLong sum = new AtomicLong();
              k.ints().map(i -> i + 1).forEach(sum::addAndGet);
              k.longs().map(i -> i + 1).forEach(sum::addAndGet);
              k.doubles().map(i -> i + 1).forEach(d -> sum.addAndGet((long) d));
              return sum.get();
            }),
        away(
            "forEachOrdered",
            k -> {
              List<String> all = new ArrayList<>();
              k.strings().filter(s -> s.length() > 2).map(s -> s + 8).forEachOrdered(all::add);
              k.ints().map(i -> i + 8).forEachOrdered(i -> all.add("" + i));
              return all;
            }),
        home(
            "forEach of the JDK's",
            k -> {
              List<String> all = Collections.synchronizedList(new ArrayList<>());
              k.strings().forEach(all::add);
              return new HashSet<>(all);
            }),
        home(
            "iterator",
            k -> {
              List<String> all = new ArrayList<>();
              k.strings().map(s -> s + 9).iterator().forEachRemaining(all::add);
              return all;
            }),
        away(
            "spliterator",
            k -> {
              List<String> all = new ArrayList<>();
              k.strings().map(s -> s + 9).spliterator().forEachRemaining(all::add);
              return all;
            }),
        away(
            "concat",
            k ->
                Stream.concat(
                        k.strings().map(s -> s + "a"), k.strings().filter(s -> s.length() > 2))
                    .map(s -> s + "b")
                    .toList()),
        home("sequential", k -> k.strings().map(s -> s + 1).sequential().toList()),
        away(
            "onClose",
            k -> {
              List<String> closed = new ArrayList<>();
              try (Stream<String> s = k.strings().onClose(() -> closed.add("closed"))) {
                closed.add("" + s.map(x -> x + 1).filter(x -> true).count());
              }
              return closed;
            }));
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("an operation gives what it gives on the JDK")
  void sameAsJdk(Row row) {
    Object expected = row.run.apply(new Kit(false));
    long before = pool.away();
    Object actual = pool.run(() -> row.run.apply(new Kit(true)));
    assertThat(actual).isEqualTo(expected);
    if (row.leaves) {
      assertThat(pool.away()).as("calls").isGreaterThan(before);
    }
  }
}
