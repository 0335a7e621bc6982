package dev.martlet.samples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.RecursiveTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Fills a knapsack with the most valuable items that it can carry, by branch and bound. An item is
 * worth its weight and a fixed amount, which makes bounds weak and the search long.
 */
@Command(name = "knapsack", description = "Solves a knapsack problem by recursive tasks.")
final class Knapsack implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-i", "--items"},
      description = "How many items (default: ${DEFAULT-VALUE}).")
  private int count = 48;

  /** What may be packed. */
  record Item(int weight, int value) {}

  /** The most valuable packing of some items: a bit for each that is in. */
  record Packing(long value, long items) {
    Packing better(Packing other) {
      return other.value > value ? other : this;
    }
  }

  @Override
  public Integer call() throws Exception {
    List<Item> items = items(count, 7);
    long capacity = items.stream().mapToLong(Item::weight).sum() / 2;
    String title = count + " items, by a RecursiveTask for each choice of the first ones";
    Packing best =
        comparison.runForkJoin(
            title, pool -> pool.invoke(new Choice(items, 0, capacity, 0, 0)), Packing::equals);
    comparison.line("value", "%,d of %d items", best.value, Long.bitCount(best.items));
    return 0;
  }

  /** Returns items, the most valuable for their weight first. */
  static List<Item> items(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int weight = random.nextInt(1_000, 10_000);
      items.add(new Item(weight, weight + 1_000));
    }
    items.sort(Comparator.comparingDouble(i -> -(double) i.value / i.weight));
    return items;
  }

  /** The first items are chosen; the rest is searched. */
  static final class Choice extends RecursiveTask<Packing> {
    private static final long serialVersionUID = 1L;
    private static final int FORKING_ITEMS = 7;

    private final transient List<Item> items;
    private final int next;
    private final long room;
    private final long value;
    private final long chosen;

    Choice(List<Item> items, int next, long room, long value, long chosen) {
      this.items = items;
      this.next = next;
      this.room = room;
      this.value = value;
      this.chosen = chosen;
    }

    @Override
    protected Packing compute() {
      if (next == Math.min(FORKING_ITEMS, items.size())) {
        return new Search(items).search(next, room, value, chosen);
      }
      Choice without = new Choice(items, next + 1, room, value, chosen);
      Item item = items.get(next);
      if (item.weight > room) {
        return without.invoke();
      }
      Choice with =
          new Choice(items, next + 1, room - item.weight, value + item.value, chosen | 1L << next);
      without.fork();
      return with.invoke().better(without.join());
    }
  }

  /** A depth-first search that cuts off what cannot become better than the best so far. */
  private static final class Search {
    private final List<Item> items;
    private Packing best = new Packing(-1, 0);

    Search(List<Item> items) {
      this.items = items;
    }

    Packing search(int next, long room, long value, long chosen) {
      if (value > best.value) {
        best = new Packing(value, chosen);
      }
      if (next < items.size() && value + bound(next, room) > best.value) {
        Item item = items.get(next);
        if (item.weight <= room) {
          search(next + 1, room - item.weight, value + item.value, chosen | 1L << next);
        }
        search(next + 1, room, value, chosen);
      }
      return best;
    }

    /** The value if items could be cut. */
    private double bound(int next, long room) {
      double bound = 0;
      long left = room;
      for (int i = next; i < items.size(); i++) {
        Item item = items.get(i);
        if (item.weight > left) {
          return bound + (double) item.value * left / item.weight;
        }
        left -= item.weight;
        bound += item.value;
      }
      return bound;
    }
  }
}
