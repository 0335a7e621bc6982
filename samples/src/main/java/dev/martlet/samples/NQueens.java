package dev.martlet.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RecursiveTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Counts the ways to place n queens on a board so that none attacks another. */
@Command(name = "n-queens", description = "Counts the solutions of n queens by recursive tasks.")
final class NQueens implements Callable<Integer> {
  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-q", "--queens"},
      description = "How many queens (default: ${DEFAULT-VALUE}).")
  private int queens = 15;

  @Override
  public Integer call() throws Exception {
    String title = queens + " queens, by a RecursiveTask for each placing of the first rows";
    long solutions =
        comparison.runForkJoin(title, pool -> pool.invoke(new Placing(queens)), Long::equals);
    comparison.line("solutions", "%,d", solutions);
    return 0;
  }

  /** Queens placed in the first rows; bits stand for columns under attack. */
  static final class Placing extends RecursiveTask<Long> {
    private static final long serialVersionUID = 1L;
    private static final int FORKING_ROWS = 3;

    private final int queens;
    private final int row;
    private final int columns;
    private final int left;
    private final int right;

    Placing(int queens) {
      this(queens, 0, 0, 0, 0);
    }

    private Placing(int queens, int row, int columns, int left, int right) {
      this.queens = queens;
      this.row = row;
      this.columns = columns;
      this.left = left;
      this.right = right;
    }

    @Override
    protected Long compute() {
      int all = (1 << queens) - 1;
      if (row == Math.min(FORKING_ROWS, queens)) {
        return count(all, columns, left, right);
      }
      List<Placing> next = new ArrayList<>();
      for (int free = all & ~(columns | left | right); free != 0; free &= free - 1) {
        int bit = Integer.lowestOneBit(free);
        next.add(
            new Placing(queens, row + 1, columns | bit, (left | bit) << 1, (right | bit) >>> 1));
      }
      invokeAll(next);
      return next.stream().mapToLong(Placing::join).sum();
    }

    private static long count(int all, int columns, int left, int right) {
      if (columns == all) {
        return 1;
      }
      long solutions = 0;
      for (int free = all & ~(columns | left | right); free != 0; free &= free - 1) {
        int bit = Integer.lowestOneBit(free);
        solutions += count(all, columns | bit, (left | bit) << 1, (right | bit) >>> 1);
      }
      return solutions;
    }
  }
}
