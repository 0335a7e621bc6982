package dev.martlet.programs;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Searches through trees of possibilities by fork and join. */
@SuppressWarnings("serial")
final class ForkSearches {
  private ForkSearches() {}

  static class Queens extends RecursiveTask<List<List<Integer>>> {
    final int n;
    final List<Integer> placed;

    Queens(int n, List<Integer> placed) {
      this.n = n;
      this.placed = placed;
    }

    @Override
    protected List<List<Integer>> compute() {
      List<List<Integer>> solutions = new ArrayList<>();
      if (placed.size() == n) {
        solutions.add(placed);
        return solutions;
      }
      List<Queens> next = new ArrayList<>();
      for (int column = 0; column < n; column++) {
        if (isSafe(column)) {
          List<Integer> more = new ArrayList<>(placed);
          more.add(column);
          next.add(new Queens(n, more));
        }
      }
      for (Queens q : invokeAll(next)) {
        solutions.addAll(q.join());
      }
      return solutions;
    }

    private boolean isSafe(int column) {
      int row = placed.size();
      for (int r = 0; r < row; r++) {
        int c = placed.get(r);
        if (c == column || Math.abs(c - column) == row - r) {
          return false;
        }
      }
      return true;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object queensWithLists(ForkJoinPool pool) {
    return pool.invoke(new Queens(6, List.of()));
  }

  static class CountQueens extends RecursiveAction {
    static final AtomicLong found = new AtomicLong();
    final int n;
    final int columns;
    final int left;
    final int right;

    CountQueens(int n, int columns, int left, int right) {
      this.n = n;
      this.columns = columns;
      this.left = left;
      this.right = right;
    }

    @Override
    protected void compute() {
      int all = (1 << n) - 1;
      if (columns == all) {
        found.incrementAndGet();
        return;
      }
      List<CountQueens> next = new ArrayList<>();
      for (int free = all & ~(columns | left | right); free != 0; free &= free - 1) {
        int bit = free & -free;
        next.add(new CountQueens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1));
      }
      invokeAll(next);
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object queensCountedInAStatic(ForkJoinPool pool) {
    CountQueens.found.set(0);
    pool.invoke(new CountQueens(7, 0, 0, 0));
    return CountQueens.found.get();
  }

  static class Permutations extends RecursiveAction {
    private final String prefix;
    private final String rest;
    private final Set<String> all;

    Permutations(String prefix, String rest, Set<String> all) {
      this.prefix = prefix;
      this.rest = rest;
      this.all = all;
    }

    @Override
    protected void compute() {
      if (rest.isEmpty()) {
        all.add(prefix);
        return;
      }
      List<ForkJoinTask<Void>> forked = new ArrayList<>();
      for (int i = 0; i < rest.length(); i++) {
        forked.add(
            new Permutations(
                    prefix + rest.charAt(i), rest.substring(0, i) + rest.substring(i + 1), all)
                .fork());
      }
      forked.forEach(ForkJoinTask::join);
    }
  }

  @Forks
  static Object permutationsIntoConcurrentSets(ForkJoinPool pool) {
    Set<String> keys = ConcurrentHashMap.newKeySet();
    Set<String> sorted = new ConcurrentSkipListSet<>();
    pool.invoke(new Permutations("", "abcd", keys));
    pool.invoke(new Permutations("", "xyz", sorted));
    return List.of(new TreeSet<>(keys), new ArrayList<>(sorted));
  }

  static class Tour extends RecursiveAction {
    private final int[][] distance;
    private final int[] path;
    private final int length;
    private final int cost;
    private final AtomicInteger best;

    Tour(int[][] distance, int[] path, int length, int cost, AtomicInteger best) {
      this.distance = distance;
      this.path = path;
      this.length = length;
      this.cost = cost;
      this.best = best;
    }

    @Override
    protected void compute() {
      if (cost >= best.get()) {
        return;
      }
      int n = distance.length;
      int last = path[length - 1];
      if (length == n) {
        int total = cost + distance[last][path[0]];
        for (int b = best.get(); total < b; b = best.get()) {
          if (best.compareAndSet(b, total)) {
            break;
          }
        }
        return;
      }
      List<Tour> next = new ArrayList<>();
      for (int city = 0; city < n; city++) {
        boolean visited = false;
        for (int i = 0; i < length; i++) {
          visited |= path[i] == city;
        }
        if (!visited) {
          int[] more = Arrays.copyOf(path, length + 1);
          more[length] = city;
          next.add(new Tour(distance, more, length + 1, cost + distance[last][city], best));
        }
      }
      invokeAll(next);
    }
  }

  static int[][] distances(int n) {
    int[][] d = new int[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        d[i][j] = i == j ? 0 : 10 + (i * 17 + j * 17 + i * j * 5) % 41;
      }
    }
    return d;
  }

  @Forks
  static Object travellingSalesmanWithASharedBound(ForkJoinPool pool) {
    AtomicInteger best = new AtomicInteger(Integer.MAX_VALUE);
    pool.invoke(new Tour(distances(7), new int[] {0}, 1, 0, best));
    return best.get();
  }

  static class Sudoku extends RecursiveTask<int[]> {
    private final int[] grid;
    private final AtomicBoolean solved;

    Sudoku(int[] grid, AtomicBoolean solved) {
      this.grid = grid;
      this.solved = solved;
    }

    @Override
    protected int[] compute() {
      if (solved.get()) {
        return null;
      }
      int at = -1;
      int fewest = 10;
      for (int i = 0; i < 81; i++) {
        if (grid[i] == 0) {
          int n = Integer.bitCount(options(i));
          if (n < fewest) {
            fewest = n;
            at = i;
          }
        }
      }
      if (at < 0) {
        solved.set(true);
        return grid;
      }
      List<Sudoku> next = new ArrayList<>();
      int options = options(at);
      for (int d = 1; d <= 9; d++) {
        if ((options & 1 << d) != 0) {
          int[] more = grid.clone();
          more[at] = d;
          Sudoku s = new Sudoku(more, solved);
          s.fork();
          next.add(s);
        }
      }
      int[] result = null;
      for (Sudoku s : next) {
        int[] r = s.join();
        result = r == null ? result : r;
      }
      return result;
    }

    private int options(int cell) {
      int options = 0b1111111110;
      for (int i = 0; i < 9; i++) {
        options &= ~(1 << grid[cell / 9 * 9 + i]);
        options &= ~(1 << grid[i * 9 + cell % 9]);
        options &= ~(1 << grid[(cell / 27 * 3 + i / 3) * 9 + cell % 9 / 3 * 3 + i % 3]);
      }
      return options;
    }
  }

  @Forks
  static Object sudokuUntilSolved(ForkJoinPool pool) {
    String puzzle =
        "530070000600195000098000060800060003400803001700020006060000280000419005000080079";
    int[] grid = puzzle.chars().map(c -> c - '0').toArray();
    return pool.invoke(new Sudoku(grid, new AtomicBoolean()));
  }

  static final class TreeNode {
    final int value;
    final List<TreeNode> children = new ArrayList<>();
    long sum;

    TreeNode(int value) {
      this.value = value;
    }
  }

  static TreeNode tree(int depth, int width, int[] id) {
    TreeNode n = new TreeNode(id[0]++);
    for (int i = 0; depth > 0 && i < width; i++) {
      n.children.add(tree(depth - 1, width, id));
    }
    return n;
  }

  static class TreeSum extends RecursiveTask<Long> {
    private final TreeNode node;

    TreeSum(TreeNode node) {
      this.node = node;
    }

    @Override
    protected Long compute() {
      List<TreeSum> parts = node.children.stream().map(TreeSum::new).toList();
      parts.forEach(ForkJoinTask::fork);
      long sum = node.value;
      for (TreeSum t : parts) {
        sum += t.join();
      }
      node.sum = sum;
      return sum;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object treeSumNotedInTheNodes(ForkJoinPool pool) {
    TreeNode root = tree(5, 3, new int[1]);
    Long sum = pool.invoke(new TreeSum(root));
    return List.of(sum, root);
  }

  static class Mirror extends RecursiveTask<TreeNode> {
    private final TreeNode node;

    Mirror(TreeNode node) {
      this.node = node;
    }

    @Override
    protected TreeNode compute() {
      List<Mirror> parts = new ArrayList<>();
      for (TreeNode c : node.children) {
        parts.add(0, new Mirror(c));
      }
      invokeAll(parts);
      node.children.clear();
      for (Mirror m : parts) {
        node.children.add(m.join());
      }
      return node;
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object treeMirroredInPlace(ForkJoinPool pool) {
    TreeNode root = tree(4, 3, new int[1]);
    TreeNode mirrored = pool.invoke(new Mirror(root));
    return List.of(root, mirrored == root);
  }

  static class Walk extends RecursiveTask<Long> {
    private final File directory;
    private final Map<String, Long> sizes;

    Walk(File directory, Map<String, Long> sizes) {
      this.directory = directory;
      this.sizes = sizes;
    }

    @Override
    protected Long compute() {
      long size = 0;
      List<Walk> below = new ArrayList<>();
      File[] files = directory.listFiles();
      for (File f : files == null ? new File[0] : files) {
        if (f.isDirectory()) {
          Walk w = new Walk(f, sizes);
          w.fork();
          below.add(w);
        } else {
          size += f.length();
        }
      }
      for (Walk w : below) {
        size += w.join();
      }
      sizes.put(directory.getName(), size);
      return size;
    }
  }

  @Forks
  static Object directoryWalk(ForkJoinPool pool) throws Exception {
    Path root = Files.createTempDirectory("walk");
    try {
      for (int i = 0; i < 4; i++) {
        Path d = Files.createDirectory(root.resolve("d" + i));
        for (int j = 0; j < 3; j++) {
          Files.writeString(d.resolve("f" + j), "x".repeat(10 * i + j));
        }
        Files.writeString(Files.createDirectory(d.resolve("deep" + i)).resolve("f"), "y".repeat(7));
      }
      Map<String, Long> sizes = new ConcurrentHashMap<>();
      long total = pool.invoke(new Walk(root.toFile(), sizes));
      sizes.remove(root.getFileName().toString());
      return List.of(total, new TreeMap<>(sizes));
    } finally {
      try (var files = Files.walk(root)) {
        files.sorted(Collections.reverseOrder()).forEach(p -> p.toFile().delete());
      }
    }
  }

  static class FindFiles extends RecursiveAction {
    final Path directory;
    final ConcurrentLinkedQueue<String> found;

    FindFiles(Path directory, ConcurrentLinkedQueue<String> found) {
      this.directory = directory;
      this.found = found;
    }

    @Override
    protected void compute() {
      List<FindFiles> below = new ArrayList<>();
      try (var files = Files.newDirectoryStream(directory)) {
        for (Path p : files) {
          if (Files.isDirectory(p)) {
            below.add(new FindFiles(p, found));
          } else if (p.toString().endsWith(".txt")) {
            found.add(p.getFileName() + ":" + Files.readString(p));
          }
        }
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      invokeAll(below);
    }
  }

  @Forks
  static Object filesReadByTasks(ForkJoinPool pool) throws Exception {
    Path root = Files.createTempDirectory("find");
    try {
      Path d = root;
      for (int i = 0; i < 4; i++) {
        d = Files.createDirectory(d.resolve("d" + i));
        Files.writeString(d.resolve(i + ".txt"), "text " + i);
        Files.writeString(d.resolve(i + ".bin"), "binary " + i);
      }
      ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();
      pool.invoke(new FindFiles(root, found));
      return new TreeSet<>(found);
    } finally {
      try (var files = Files.walk(root)) {
        files.sorted(Collections.reverseOrder()).forEach(p -> p.toFile().delete());
      }
    }
  }

  static class WordCount extends RecursiveTask<Map<String, Integer>> {
    private final String[] lines;
    private final int from;
    private final int to;

    WordCount(String[] lines, int from, int to) {
      this.lines = lines;
      this.from = from;
      this.to = to;
    }

    @Override
    protected Map<String, Integer> compute() {
      if (to - from < 3) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = from; i < to; i++) {
          for (String w : lines[i].split("\\W+")) {
            counts.merge(w.toLowerCase(), 1, Integer::sum);
          }
        }
        return counts;
      }
      int mid = (from + to) / 2;
      WordCount left = new WordCount(lines, from, mid);
      WordCount right = new WordCount(lines, mid, to);
      left.fork();
      Map<String, Integer> all = right.compute();
      left.join().forEach((w, n) -> all.merge(w, n, Integer::sum));
      return all;
    }
  }

  static String[] lines() {
    String[] lines = new String[40];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "The line " + i % 7 + " of the text; line by line, the words " + i * i;
    }
    return lines;
  }

  @Forks(Forks.Where.AWAY)
  static Object wordCount(ForkJoinPool pool) {
    return new TreeMap<>(pool.invoke(new WordCount(lines(), 0, 40)));
  }

  static class MergeWords extends RecursiveAction {
    private final List<String> lines;
    private final ConcurrentHashMap<String, Integer> counts;

    MergeWords(List<String> lines, ConcurrentHashMap<String, Integer> counts) {
      this.lines = lines;
      this.counts = counts;
    }

    @Override
    protected void compute() {
      if (lines.size() > 5) {
        int mid = lines.size() / 2;
        invokeAll(
            new MergeWords(lines.subList(0, mid), counts),
            new MergeWords(lines.subList(mid, lines.size()), counts));
        return;
      }
      for (String l : lines) {
        for (String w : l.split(" ")) {
          counts.merge(w, 1, Integer::sum);
        }
      }
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object wordsMergedIntoOneMap(ForkJoinPool pool) {
    ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();
    pool.invoke(new MergeWords(Arrays.asList(lines()), counts));
    return new TreeMap<>(counts);
  }

  static class Memo extends RecursiveTask<Long> {
    private final ConcurrentHashMap<Integer, Long> memo;
    private final int n;

    Memo(ConcurrentHashMap<Integer, Long> memo, int n) {
      this.memo = memo;
      this.n = n;
    }

    @Override
    protected Long compute() {
      if (n < 2) {
        return (long) n;
      }
      Long known = memo.get(n);
      if (known != null) {
        return known;
      }
      Memo left = new Memo(memo, n - 1);
      Memo right = new Memo(memo, n - 2);
      left.fork();
      long value = right.compute() + left.join();
      memo.putIfAbsent(n, value);
      return value;
    }
  }

  @Forks
  static Object fibonacciWithMemo(ForkJoinPool pool) {
    ConcurrentHashMap<Integer, Long> memo = new ConcurrentHashMap<>();
    return List.of(pool.invoke(new Memo(memo, 20)), new TreeMap<>(memo));
  }

  static class Knapsack extends RecursiveTask<Integer> {
    private static final int[] WEIGHTS = {12, 2, 1, 1, 4, 7, 5, 3, 9, 6};
    private static final int[] VALUES = {4, 2, 1, 2, 10, 8, 7, 3, 11, 5};
    private final int item;
    private final int room;

    Knapsack(int item, int room) {
      this.item = item;
      this.room = room;
    }

    @Override
    protected Integer compute() {
      if (item == WEIGHTS.length) {
        return 0;
      }
      Knapsack without = new Knapsack(item + 1, room);
      if (WEIGHTS[item] > room) {
        return without.compute();
      }
      without.fork();
      int with = VALUES[item] + new Knapsack(item + 1, room - WEIGHTS[item]).invoke();
      return Math.max(with, without.join());
    }
  }

  @Forks(Forks.Where.AWAY)
  static Object knapsackWithStaticTables(ForkJoinPool pool) {
    return pool.invoke(new Knapsack(0, 20));
  }

  static class Maze extends RecursiveAction {
    private final char[][] maze;
    private final int row;
    private final int column;
    private final boolean[][] visited;
    private final CopyOnWriteArrayList<String> reached;

    Maze(char[][] maze, int row, int column, boolean[][] visited, CopyOnWriteArrayList<String> r) {
      this.maze = maze;
      this.row = row;
      this.column = column;
      this.visited = visited;
      this.reached = r;
    }

    @Override
    protected void compute() {
      synchronized (visited) {
        if (row < 0
            || column < 0
            || row >= maze.length
            || column >= maze[0].length
            || maze[row][column] == '#'
            || visited[row][column]) {
          return;
        }
        visited[row][column] = true;
      }
      reached.add(row + "," + column);
      invokeAll(
          new Maze(maze, row + 1, column, visited, reached),
          new Maze(maze, row - 1, column, visited, reached));
      invokeAll(
          new Maze(maze, row, column + 1, visited, reached),
          new Maze(maze, row, column - 1, visited, reached));
    }
  }

  @Forks
  static Object floodFillWithMonitor(ForkJoinPool pool) {
    char[][] maze = {
      "..#....".toCharArray(),
      ".##.##.".toCharArray(),
      ".....#.".toCharArray(),
      "####.#.".toCharArray(),
      "...#...".toCharArray()
    };
    CopyOnWriteArrayList<String> reached = new CopyOnWriteArrayList<>();
    boolean[][] visited = new boolean[5][7];
    pool.invoke(new Maze(maze, 0, 0, visited, reached));
    return List.of(new TreeSet<>(reached), reached.size(), visited);
  }

  /** Finds any solution and tells it by a reference. */
  static class Subset extends RecursiveAction {
    private final int[] numbers;
    private final int at;
    private final int left;
    private final String taken;
    private final AtomicReference<String> found;

    Subset(int[] numbers, int at, int left, String taken, AtomicReference<String> found) {
      this.numbers = numbers;
      this.at = at;
      this.left = left;
      this.taken = taken;
      this.found = found;
    }

    @Override
    protected void compute() {
      if (left == 0) {
        found.compareAndSet(null, taken);
        return;
      }
      if (at == numbers.length || left < 0 || found.get() != null) {
        return;
      }
      invokeAll(
          new Subset(numbers, at + 1, left - numbers[at], taken + " " + numbers[at], found),
          new Subset(numbers, at + 1, left, taken, found));
    }
  }

  @Forks
  static Object subsetSumByReference(ForkJoinPool pool) {
    AtomicReference<String> found = new AtomicReference<>();
    pool.invoke(new Subset(new int[] {3, 34, 4, 12, 5, 2}, 0, 56, "", found));
    return found.get();
  }

  static class Collatz extends RecursiveTask<long[]> {
    final long from;
    final long to;

    Collatz(long from, long to) {
      this.from = from;
      this.to = to;
    }

    @Override
    protected long[] compute() {
      if (to - from > 40_000) {
        long mid = (from + to) / 2;
        Collatz l = new Collatz(from, mid);
        Collatz r = new Collatz(mid, to);
        invokeAll(l, r);
        return l.join()[1] >= r.join()[1] ? l.join() : r.join();
      }
      long best = 0;
      long bestSteps = 0;
      for (int round = 0; round < 4; round++) {
        for (long i = Math.max(1, from); i < to; i++) {
          long steps = 0;
          for (long n = i; n != 1; n = (n & 1) == 0 ? n / 2 : 3 * n + 1) {
            steps++;
          }
          if (steps > bestSteps) {
            bestSteps = steps;
            best = i;
          }
        }
      }
      return new long[] {best, bestSteps};
    }
  }

  @Forks(value = Forks.Where.AWAY, heavy = true)
  static Object heavyCollatz(ForkJoinPool pool) {
    return pool.invoke(new Collatz(1, 400_000));
  }
}
