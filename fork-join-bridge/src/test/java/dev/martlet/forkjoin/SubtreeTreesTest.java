package dev.martlet.forkjoin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.forkjoin.Trees.Kind;
import dev.martlet.forkjoin.Trees.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Random trees of random kinds of tasks are what they are on the JDK's pool. */
@SuppressWarnings("serial")
class SubtreeTreesTest {
  private static AwayPool pool;
  private static ForkJoinPool jdk;

  @BeforeContainer
  static void open() {
    pool = new AwayPool(4);
    jdk = new ForkJoinPool(4);
  }

  @AfterContainer
  static void close() {
    pool.close();
    jdk.shutdownNow();
  }

  /** A tree, the tasks of it that leave, and how many of ten. */
  record Case(Spec tree, int places, long seed, int ofTen) {}

  @Provide
  Arbitrary<Case> cases() {
    return Arbitraries.longs()
        .map(
            seed -> {
              Random r = new Random(seed);
              int[] places = {0};
              Spec tree = tree(r, 1 + r.nextInt(4), places, r.nextInt(4) == 0, r.nextBoolean());
              return new Case(tree, places[0], seed, r.nextBoolean() ? 10 : 1 + r.nextInt(5));
            });
  }

  // In JDK 17, where few threads join completers among other tasks, they may search for ever.
  private static final boolean MIXED = Runtime.version().feature() > 17;

  private static Spec tree(Random r, int depth, int[] places, boolean mayFail, boolean completers) {
    Kind[] kinds =
        Arrays.stream(Kind.values())
            .filter(k -> MIXED || completers == k.isCompleter())
            .toArray(Kind[]::new);
    Kind kind = kinds[r.nextInt(kinds.length)];
    int place = places[0]++;
    List<Spec> children = new ArrayList<>();
    if (depth > 0 && r.nextInt(5) > 0) {
      for (int n = 1 + r.nextInt(4); n > 0; n--) {
        children.add(tree(r, depth - 1, places, mayFail, completers));
      }
    }
    return new Spec(kind, place, mayFail && children.isEmpty() && r.nextInt(8) == 0, children);
  }

  private record Outcome(@Nullable Long value, @Nullable String failure) {}

  private static Outcome outcome(java.util.function.Supplier<Long> invocation) {
    try {
      return new Outcome(invocation.get(), null);
    } catch (RuntimeException e) {
      return new Outcome(null, e.getClass().getName());
    }
  }

  @Property(tries = 300)
  @Label("random trees give the JDK's results, exceptions and effects")
  void trees(@ForAll("cases") Case c) {
    long[] expected = new long[c.places];
    Outcome wanted = outcome(() -> jdk.invoke(Trees.task(c.tree, expected)));
    long[] places = new long[c.places];
    Random r = new Random(c.seed);
    Outcome found =
        outcome(
            () ->
                pool.invoke(
                    Trees.task(c.tree, places),
                    t -> {
                      synchronized (r) {
                        return r.nextInt(10) < c.ofTen;
                      }
                    }));
    assertThat(found).isEqualTo(wanted);
    assertThat(pool.reasons).isEmpty();
    assertThat(pool.away.get()).isGreaterThanOrEqualTo(c.ofTen / 10);
    if (!c.tree.anyFails()) {
      assertThat(places).isEqualTo(expected);
    }
  }
}
