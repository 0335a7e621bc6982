package dev.martlet.programs.apps;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;

import dev.martlet.programs.Nested;
import dev.martlet.programs.Runs;
import dev.martlet.programs.Sequential;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.stream.IntStream;

/** Searches: queens, sudoku, knapsacks, tours, mazes, games. */
final class Puzzles {
  private Puzzles() {}

  private static <T> List<T> get(List<Future<T>> futures) throws Exception {
    List<T> out = new ArrayList<>();
    for (Future<T> f : futures) {
      out.add(f.get());
    }
    return out;
  }

  private static int queens(int n, int row, int columns, int left, int right) {
    if (row == n) {
      return 1;
    }
    int count = 0;
    for (int free = ~(columns | left | right) & ((1 << n) - 1); free != 0; free &= free - 1) {
      int bit = free & -free;
      count += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
  }

  @Runs(AWAY)
  static Object queens(ExecutorService pool) throws Exception {
    int n = 9;
    AtomicInteger total = new AtomicInteger();
    List<Future<Integer>> counts = new ArrayList<>();
    for (int c = 0; c < n; c++) {
      int bit = 1 << c;
      counts.add(
          pool.submit(
              () -> {
                int found = queens(n, 1, bit, bit << 1, bit >> 1);
                total.addAndGet(found);
                return found;
              }));
    }
    return Arrays.asList(get(counts), total);
  }

  @Nested
  @Runs(AWAY)
  static Object queensByNestedTasks(ExecutorService pool) throws Exception {
    return pool.submit(() -> placed(pool, 7, new ArrayList<>())).get();
  }

  private static int placed(ExecutorService pool, int n, List<Integer> columns) throws Exception {
    if (columns.size() == n) {
      return 1;
    }
    List<Future<Integer>> forks = new ArrayList<>();
    int here = 0;
    for (int c = 0; c < n; c++) {
      if (safe(columns, c)) {
        List<Integer> next = new ArrayList<>(columns);
        next.add(c);
        if (columns.isEmpty()) {
          forks.add(pool.submit(() -> placed(pool, n, next)));
        } else {
          here += placed(pool, n, next);
        }
      }
    }
    for (Future<Integer> f : forks) {
      here += f.get();
    }
    return here;
  }

  private static boolean safe(List<Integer> columns, int c) {
    for (int r = 0; r < columns.size(); r++) {
      int d = columns.get(r) - c;
      if (d == 0 || Math.abs(d) == columns.size() - r) {
        return false;
      }
    }
    return true;
  }

  /** A sudoku with candidates kept as bits. */
  private static final class Sudoku implements Cloneable {
    private int[] cells = new int[81];
    private int guesses;

    Sudoku(String text) {
      for (int i = 0; i < 81; i++) {
        cells[i] = text.charAt(i) == '.' ? 0 : text.charAt(i) - '0';
      }
    }

    @Override
    protected Sudoku clone() {
      try {
        Sudoku s = (Sudoku) super.clone();
        s.cells = cells.clone();
        return s;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    private int used(int at) {
      int used = 0;
      int row = at / 9;
      int column = at % 9;
      for (int i = 0; i < 9; i++) {
        used |= 1 << cells[row * 9 + i];
        used |= 1 << cells[i * 9 + column];
        used |= 1 << cells[(row / 3 * 3 + i / 3) * 9 + column / 3 * 3 + i % 3];
      }
      return used;
    }

    boolean solve() {
      int best = -1;
      int options = 10;
      for (int i = 0; i < 81; i++) {
        if (cells[i] == 0) {
          int free = 9 - Integer.bitCount(used(i) & 0x3fe);
          if (free < options) {
            options = free;
            best = i;
          }
        }
      }
      if (best < 0) {
        return true;
      }
      int used = used(best);
      for (int d = 1; d <= 9; d++) {
        if ((used >> d & 1) == 0) {
          guesses++;
          cells[best] = d;
          if (solve()) {
            return true;
          }
          cells[best] = 0;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      StringBuilder s = new StringBuilder();
      for (int c : cells) {
        s.append(c);
      }
      return s.toString();
    }
  }

  @Runs(AWAY)
  static Object sudoku(ExecutorService pool) throws Exception {
    Sudoku easy =
        new Sudoku(
            "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79");
    Sudoku none = easy.clone();
    none.cells[2] = 5;
    Future<Boolean> solved = pool.submit(easy::solve);
    Future<Boolean> impossible = pool.submit(none::solve);
    return Arrays.asList(solved.get(), impossible.get(), easy, none.guesses > 0);
  }

  @Runs(AWAY)
  static Object sudokuAny(ExecutorService pool) throws Exception {
    String puzzle =
        "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..";
    List<Callable<String>> starts = new ArrayList<>();
    for (int d = 1; d <= 9; d++) {
      int digit = d;
      starts.add(
          () -> {
            Sudoku s = new Sudoku(puzzle);
            s.cells[1] = digit;
            if ((new Sudoku(puzzle).used(1) >> digit & 1) != 0 || !s.solve()) {
              throw new IllegalStateException("no solution with " + digit);
            }
            return s.toString();
          });
    }
    return pool.invokeAny(starts);
  }

  private record Item(String name, int weight, int value) {}

  private record Load(int value, List<Item> items) implements Comparable<Load> {
    @Override
    public int compareTo(Load o) {
      return Integer.compare(value, o.value);
    }
  }

  private static Load fill(List<Item> items, int at, int capacity, Map<Long, Load> memo) {
    if (at == items.size() || capacity <= 0) {
      return new Load(0, List.of());
    }
    long key = (long) at << 32 | capacity;
    Load known = memo.get(key);
    if (known != null) {
      return known;
    }
    Load best = fill(items, at + 1, capacity, memo);
    Item item = items.get(at);
    if (item.weight() <= capacity) {
      Load with = fill(items, at + 1, capacity - item.weight(), memo);
      if (with.value() + item.value() > best.value()) {
        List<Item> taken = new ArrayList<>(with.items());
        taken.add(0, item);
        best = new Load(with.value() + item.value(), Collections.unmodifiableList(taken));
      }
    }
    memo.put(key, best);
    return best;
  }

  @Runs(AWAY)
  static Object knapsacks(ExecutorService pool) throws Exception {
    List<Item> items = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 18; i++) {
      items.add(new Item("i" + i, 1 + random.nextInt(20), random.nextInt(50)));
    }
    List<Future<Load>> loads = new ArrayList<>();
    for (int capacity : new int[] {0, 10, 50, 90}) {
      loads.add(pool.submit(() -> fill(items, 0, capacity, new HashMap<>())));
    }
    return Arrays.asList(get(loads), Collections.max(get(loads)));
  }

  /** A tour improved by annealing. */
  private static final class Annealer implements Callable<Annealer> {
    private final double[][] cities;
    private final Random random;
    private final Listener listener;
    int[] tour;
    double length;

    interface Listener {
      void improved(int step, double length);
    }

    Annealer(double[][] cities, long seed, Listener listener) {
      this.cities = cities;
      this.random = new Random(seed);
      this.listener = listener;
      tour = IntStream.range(0, cities.length).toArray();
      length = measure();
    }

    private double measure() {
      double sum = 0;
      for (int i = 0; i < tour.length; i++) {
        double[] a = cities[tour[i]];
        double[] b = cities[tour[(i + 1) % tour.length]];
        sum += Math.hypot(a[0] - b[0], a[1] - b[1]);
      }
      return sum;
    }

    @Override
    public Annealer call() {
      double t = 1;
      for (int s = 0; s < 300; s++, t *= 0.98) {
        int i = random.nextInt(tour.length);
        int j = random.nextInt(tour.length);
        swap(i, j);
        double l = measure();
        if (l < length || random.nextDouble() < Math.exp((length - l) / t)) {
          if (l < length) {
            listener.improved(s, l);
          }
          length = l;
        } else {
          swap(i, j);
        }
      }
      return this;
    }

    private void swap(int i, int j) {
      int x = tour[i];
      tour[i] = tour[j];
      tour[j] = x;
    }
  }

  @Runs(AWAY)
  static Object tours(ExecutorService pool) throws Exception {
    double[][] cities = new double[12][];
    Random random = new Random(1);
    Arrays.setAll(cities, i -> new double[] {random.nextDouble(), random.nextDouble()});
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    List<Future<Annealer>> runs = new ArrayList<>();
    for (int seed = 0; seed < 6; seed++) {
      int id = seed;
      runs.add(
          pool.submit(
              new Annealer(cities, seed, (s, l) -> progress.add(String.format("%d@%03d", id, s)))));
    }
    Annealer best = Collections.min(get(runs), Comparator.comparingDouble(a -> a.length));
    return Arrays.asList(best.length, best.tour, new TreeSet<>(progress));
  }

  @Runs(EITHER)
  static Object branchAndBound(ExecutorService pool) throws Exception {
    int[][] cost = new int[8][8];
    Random random = new Random(3);
    for (int[] row : cost) {
      Arrays.setAll(row, i -> 1 + random.nextInt(90));
    }
    AtomicInteger best = new AtomicInteger(Integer.MAX_VALUE);
    List<Future<?>> all = new ArrayList<>();
    for (int first = 0; first < 8; first++) {
      int f = first;
      all.add(pool.submit(() -> assign(cost, 1, 1 << f, cost[0][f], best)));
    }
    for (Future<?> f : all) {
      f.get();
    }
    return best.get();
  }

  private static void assign(int[][] cost, int row, int used, int sum, AtomicInteger best) {
    if (sum >= best.get()) {
      return;
    }
    if (row == cost.length) {
      best.accumulateAndGet(sum, Math::min);
      return;
    }
    for (int c = 0; c < cost.length; c++) {
      if ((used >> c & 1) == 0) {
        assign(cost, row + 1, used | 1 << c, sum + cost[row][c], best);
      }
    }
  }

  @Runs(AWAY)
  static Object minimumByAccumulator(ExecutorService pool) throws Exception {
    LongAccumulator min = new LongAccumulator(Math::min, Long.MAX_VALUE);
    AtomicLong max = new AtomicLong(Long.MIN_VALUE);
    AtomicReference<String> longest = new AtomicReference<>("");
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      long x = (i * 7919L) % 1009;
      pool.execute(
          () -> {
            min.accumulate(x);
            max.accumulateAndGet(x, Math::max);
            longest.updateAndGet(
                s -> s.length() >= Long.toString(x, 2).length() ? s : Long.toString(x, 2));
            done.countDown();
          });
    }
    done.await();
    return Arrays.asList(min.get(), max.get(), longest.get().length());
  }

  /** A maze of text. */
  private record Maze(List<String> rows) {
    private record Step(int y, int x, Step from) {
      int length() {
        return from == null ? 0 : 1 + from.length();
      }
    }

    Optional<Step> shortest(int y, int x) {
      Set<List<Integer>> seen = new HashSet<>();
      Deque<Step> open = new ArrayDeque<>();
      open.add(new Step(y, x, null));
      while (!open.isEmpty()) {
        Step s = open.remove();
        char c =
            s.y < 0 || s.y >= rows.size() || s.x < 0 || s.x >= rows.get(s.y).length()
                ? '#'
                : rows.get(s.y).charAt(s.x);
        if (c == 'E') {
          return Optional.of(s);
        }
        if (c != '#' && seen.add(List.of(s.y, s.x))) {
          for (int d = 0; d < 4; d++) {
            open.add(new Step(s.y + (d - 1) % 2, s.x + (d - 2) % 2, s));
          }
        }
      }
      return Optional.empty();
    }
  }

  @Runs(AWAY)
  static Object mazes(ExecutorService pool) throws Exception {
    Maze maze = new Maze(List.of("#########", "#..#....#", "#.##.##.#", "#....#E.#", "#########"));
    List<Future<Optional<Maze.Step>>> paths = new ArrayList<>();
    for (int[] s : new int[][] {{1, 1}, {3, 4}, {0, 0}}) {
      paths.add(pool.submit(() -> maze.shortest(s[0], s[1])));
    }
    List<Object> out = new ArrayList<>();
    for (Optional<Maze.Step> p : get(paths)) {
      out.add(p.map(Maze.Step::length));
      out.add(p);
    }
    return out;
  }

  private enum Mark {
    X,
    O,
    NONE;

    Mark other() {
      return this == X ? O : this == O ? X : NONE;
    }
  }

  private static final int[][] LINES = {
    {0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}
  };

  private static Mark winner(Mark[] board) {
    for (int[] l : LINES) {
      if (board[l[0]] != Mark.NONE && board[l[0]] == board[l[1]] && board[l[1]] == board[l[2]]) {
        return board[l[0]];
      }
    }
    return Mark.NONE;
  }

  private static int minimax(Mark[] board, Mark turn, int alpha, int beta) {
    Mark won = winner(board);
    if (won != Mark.NONE) {
      return won == turn ? 1 : -1;
    }
    int best = -2;
    int a = alpha;
    for (int i = 0; i < 9 && a < beta; i++) {
      if (board[i] == Mark.NONE) {
        board[i] = turn;
        best = Math.max(best, -minimax(board, turn.other(), -beta, -a));
        board[i] = Mark.NONE;
        a = Math.max(a, best);
      }
    }
    return best == -2 ? 0 : best;
  }

  @Runs(AWAY)
  static Object noughtsAndCrosses(ExecutorService pool) throws Exception {
    Mark[] board = new Mark[9];
    Arrays.fill(board, Mark.NONE);
    board[0] = Mark.X;
    List<Future<Integer>> moves = new ArrayList<>();
    for (int m = 1; m < 9; m++) {
      Mark[] copy = board.clone();
      copy[m] = Mark.O;
      moves.add(pool.submit(() -> minimax(copy, Mark.X, -2, 2)));
    }
    return get(moves);
  }

  /** Dijkstra over an own graph with own edges. */
  private static final class Graph {
    private final Map<String, List<Edge>> edges = new HashMap<>();

    private final class Edge {
      final String to;
      final int cost;

      Edge(String to, int cost) {
        this.to = to;
        this.cost = cost;
      }

      List<Edge> onward() {
        return edges.getOrDefault(to, List.of());
      }
    }

    Graph edge(String a, String b, int cost) {
      edges.computeIfAbsent(a, k -> new ArrayList<>()).add(new Edge(b, cost));
      edges.computeIfAbsent(b, k -> new ArrayList<>()).add(new Edge(a, cost));
      return this;
    }

    Map<String, Integer> distances(String from) {
      Map<String, Integer> known = new java.util.TreeMap<>();
      PriorityQueue<Edge> open = new PriorityQueue<>(Comparator.comparingInt(e -> e.cost));
      open.add(new Edge(from, 0));
      while (!open.isEmpty()) {
        Edge e = open.poll();
        if (known.putIfAbsent(e.to, e.cost) == null) {
          for (Edge next : e.onward()) {
            open.add(new Edge(next.to, e.cost + next.cost));
          }
        }
      }
      return known;
    }
  }

  @Runs(AWAY)
  static Object roads(ExecutorService pool) throws Exception {
    Graph g = new Graph().edge("a", "b", 7).edge("a", "c", 9).edge("a", "f", 14);
    g.edge("b", "c", 10).edge("b", "d", 15).edge("c", "d", 11).edge("c", "f", 2).edge("d", "e", 6);
    g.edge("e", "f", 9);
    Map<String, Map<String, Integer>> all = new ConcurrentHashMap<>();
    List<Future<?>> done = new ArrayList<>();
    for (String s : List.of("a", "c", "e", "z")) {
      done.add(
          pool.submit(
              () -> {
                all.put(s, g.distances(s));
              }));
    }
    for (Future<?> f : done) {
      f.get();
    }
    return all;
  }

  @Sequential
  @Runs(EITHER)
  static Object sharedVisited(ExecutorService pool) throws Exception {
    BitSet visited = new BitSet();
    Deque<Integer> order = new ArrayDeque<>();
    for (int i : new int[] {3, 1, 3, 2, 1, 9}) {
      pool.submit(
              () -> {
                if (!visited.get(i)) {
                  visited.set(i);
                  order.addLast(i);
                }
              })
          .get();
    }
    return Arrays.asList(visited, order);
  }

  /** A queue of work drained by some workers, each of which may add to it. */
  @Runs(EITHER)
  static Object crawl(ExecutorService pool) throws Exception {
    Map<Integer, int[]> links = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      links.put(i, new int[] {(i * 3 + 1) % 40, (i * 7 + 2) % 40});
    }
    Queue<Integer> todo = new ConcurrentLinkedQueue<>(List.of(0));
    Set<Integer> seen = ConcurrentHashMap.newKeySet();
    seen.add(0);
    AtomicInteger pending = new AtomicInteger(1);
    List<Future<Integer>> workers = new ArrayList<>();
    for (int w = 0; w < 3; w++) {
      workers.add(
          pool.submit(
              () -> {
                int mine = 0;
                while (pending.get() > 0) {
                  Integer page = todo.poll();
                  if (page == null) {
                    Thread.onSpinWait();
                    continue;
                  }
                  mine++;
                  for (int next : links.get(page)) {
                    if (seen.add(next)) {
                      pending.incrementAndGet();
                      todo.add(next);
                    }
                  }
                  pending.decrementAndGet();
                }
                return mine;
              }));
    }
    int total = 0;
    for (int n : get(workers)) {
      total += n;
    }
    return Arrays.asList(total == seen.size(), new TreeSet<>(seen));
  }
}
