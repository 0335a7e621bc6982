package dev.martlet.forkjoin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples of the JDK's documentation give the same with subtrees on workers. */
@SuppressWarnings("serial")
class DocsTest {
  private static AwayPool pool;

  @BeforeAll
  static void open() {
    pool = new AwayPool(4);
  }

  @AfterAll
  static void close() {
    pool.close();
  }

  /** Which tasks leave: the root, all below it, or some. */
  static Predicate<ForkJoinTask<?>> some(int seed) {
    Random random = new Random(seed);
    return t -> {
      synchronized (random) {
        return random.nextInt(10) == 0;
      }
    };
  }

  static Predicate<ForkJoinTask<?>> all() {
    return t -> true;
  }

  static Predicate<ForkJoinTask<?>> below(ForkJoinTask<?> root) {
    return t -> t != root;
  }

  private static void assertAway() {
    assertThat(pool.reasons).isEmpty();
    assertThat(pool.away.get()).isPositive();
  }

  @Test
  void fibonacci() {
    for (int mode = 0; mode < 3; mode++) {
      Docs.Fibonacci f = new Docs.Fibonacci(12);
      assertThat(pool.invoke(f, mode(mode, f))).isEqualTo(144);
      assertAway();
    }
  }

  static Predicate<ForkJoinTask<?>> mode(int mode, ForkJoinTask<?> root) {
    return switch (mode) {
      case 0 -> all();
      case 1 -> below(root);
      default -> some(7);
    };
  }

  @Test
  void fibAction() {
    for (int mode = 0; mode < 3; mode++) {
      Docs.FibAction f = new Docs.FibAction(12);
      pool.invoke(f, mode(mode, f));
      assertThat(f.result).isEqualTo(144);
      assertAway();
    }
  }

  @Test
  void sortTask() {
    for (int mode = 0; mode < 3; mode++) {
      long[] array = new Random(mode).longs(50_000).toArray();
      long[] expected = array.clone();
      Arrays.sort(expected);
      Docs.SortTask t = new Docs.SortTask(array);
      pool.invoke(t, mode(mode, t));
      assertThat(array).isEqualTo(expected);
      assertAway();
    }
  }

  @Test
  void incrementTask() {
    for (int mode = 0; mode < 3; mode++) {
      long[] array = LongRange.of(5_000);
      Docs.IncrementTask t = new Docs.IncrementTask(array, 0, array.length);
      pool.invoke(t, mode(mode, t));
      for (int i = 0; i < array.length; i++) {
        assertThat(array[i]).isEqualTo(i + 1);
      }
      assertAway();
    }
  }

  private static final class LongRange {
    static long[] of(int n) {
      long[] a = new long[n];
      Arrays.setAll(a, i -> i);
      return a;
    }
  }

  @Test
  void applyer() {
    for (int mode = 0; mode < 3; mode++) {
      double[] array = IntStream.range(0, 3_000).asDoubleStream().toArray();
      Docs.Applyer a = new Docs.Applyer(array, 0, array.length, null);
      pool.invoke(a, mode(mode, a));
      assertThat(a.result).isEqualTo(8_995_500_500.0);
      assertThat(pool.reasons).isEmpty();
    }
  }

  @Test
  void forEach() {
    for (int version = 1; version <= 3; version++) {
      for (int mode = 0; mode < 3; mode++) {
        Integer[] array = IntStream.range(0, 60).boxed().toArray(Integer[]::new);
        int[] squares = new int[60];
        LongAdder sum = new LongAdder();
        Docs.ForEach<Integer> f =
            new Docs.ForEach<>(
                null,
                version,
                array,
                i -> {
                  squares[i] = i * i;
                  sum.add(i);
                },
                0,
                array.length);
        pool.invoke(f, mode(mode, f));
        assertThat(f.isCompletedNormally()).isTrue();
        assertThat(sum.sum()).as("version %s, mode %s", version, mode).isEqualTo(1770);
        assertThat(squares).isEqualTo(IntStream.range(0, 60).map(i -> i * i).toArray());
        assertAway();
      }
    }
  }

  @Test
  void searcher() {
    for (int mode = 0; mode < 3; mode++) {
      Integer[] array = IntStream.range(0, 100).boxed().toArray(Integer[]::new);
      for (int wanted : new int[] {0, 61, 1000}) {
        AtomicReference<Integer> result = new AtomicReference<>();
        Docs.Searcher<Integer> s =
            new Docs.Searcher<>(null, array, result, wanted, 0, array.length);
        assertThat(pool.invoke(s, mode(mode, s))).isEqualTo(wanted == 1000 ? null : wanted);
        assertThat(s.isCompletedNormally()).isTrue();
      }
    }
  }

  @Test
  void mapReducer() {
    for (int mode = 0; mode < 3; mode++) {
      String[] array = IntStream.range(0, 50).mapToObj(i -> "" + i).toArray(String[]::new);
      Docs.MapReducer<String> m =
          new Docs.MapReducer<>(null, array, s -> s + ";", String::concat, 0, array.length);
      assertThat(pool.invoke(m, mode(mode, m))).isEqualTo(String.join(";", array) + ";");
      assertAway();
    }
  }

  @Test
  void mapReducerThatTakesCompletionsOnLeavesAsAWholeOnly() {
    Integer[] array = IntStream.range(0, 50).boxed().toArray(Integer[]::new);
    for (int mode = 0; mode < 2; mode++) {
      Docs.LinkedMapReducer<Integer> m =
          new Docs.LinkedMapReducer<>(null, array, i -> 2 * i, Integer::sum, 0, array.length, null);
      assertThat(pool.invoke(m, mode(mode, m))).isEqualTo(2450);
      assertThat(pool.away.get()).isEqualTo(mode == 0 ? 1 : 0);
    }
    assertThat(pool.reasons).isNotEmpty().allMatch(r -> r.contains("whole tree"));
  }

  static class Packets extends RecursiveTask<String> {
    @Override
    protected String compute() {
      Docs.PacketSender p = new Docs.PacketSender();
      new Docs.PartBuilder(p, p.header, "header").fork();
      new Docs.PartBuilder(p, p.body, "body").fork();
      return p.join();
    }
  }

  @Test
  void triggers() {
    for (int mode = 0; mode < 2; mode++) {
      Packets p = new Packets();
      assertThat(pool.invoke(p, mode(mode, p))).isEqualTo("header body");
      assertAway();
    }
  }
}
