package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.each;
import static dev.martlet.programs.Support.outcome;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Scanner;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Interpreters, parsers, codes and games: programs of some classes that work together. */
final class Machines {
  private Machines() {}

  // ---- a stack machine ----

  enum Op {
    PUSH(1) {
      @Override
      void run(Machine m, int arg) {
        m.stack.push(arg);
      }
    },
    ADD(0) {
      @Override
      void run(Machine m, int arg) {
        m.stack.push(m.stack.pop() + m.stack.pop());
      }
    },
    MUL(0) {
      @Override
      void run(Machine m, int arg) {
        m.stack.push(m.stack.pop() * m.stack.pop());
      }
    },
    DEC(0) {
      @Override
      void run(Machine m, int arg) {
        m.stack.push(m.stack.pop() - 1);
      }
    },
    LOAD(1) {
      @Override
      void run(Machine m, int arg) {
        m.stack.push(m.memory[arg]);
      }
    },
    STORE(1) {
      @Override
      void run(Machine m, int arg) {
        m.memory[arg] = m.stack.pop();
      }
    },
    JNZ(1) {
      @Override
      void run(Machine m, int arg) {
        if (m.stack.pop() != 0) {
          m.pc = arg;
        }
      }
    },
    OUT(0) {
      @Override
      void run(Machine m, int arg) {
        m.out.append(m.stack.pop()).append(' ');
      }
    };

    private final int args;
    private int executed;

    Op(int args) {
      this.args = args;
    }

    abstract void run(Machine m, int arg);

    final void step(Machine m, int arg) {
      executed++;
      run(m, arg);
    }
  }

  static final class Machine {
    final Deque<Integer> stack = new ArrayDeque<>();
    final int[] memory = new int[8];
    final StringBuilder out = new StringBuilder();
    int pc;

    void run(List<Map.Entry<Op, Integer>> program) {
      while (pc < program.size()) {
        Map.Entry<Op, Integer> e = program.get(pc++);
        e.getKey().step(this, e.getValue());
      }
    }

    static List<Map.Entry<Op, Integer>> assemble(String source) {
      Scanner in = new Scanner(source);
      List<Map.Entry<Op, Integer>> program = new ArrayList<>();
      while (in.hasNext()) {
        Op op = Op.valueOf(in.next());
        program.add(Map.entry(op, op.args == 0 ? 0 : in.nextInt()));
      }
      return program;
    }
  }

  private static final String FACTORIAL =
      """
      STORE 0 PUSH 1 STORE 1
      LOAD 1 LOAD 0 MUL STORE 1
      LOAD 0 DEC STORE 0
      LOAD 0 JNZ 3
      LOAD 1 OUT
      """;

  @Sequential
  @Runs(AWAY)
  static Object stackMachine(ExecutorService pool) throws Exception {
    for (Op op : Op.values()) {
      op.executed = 0;
    }
    List<Map.Entry<Op, Integer>> program = Machine.assemble(FACTORIAL);
    List<Machine> machines = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      Machine m = new Machine();
      m.stack.push(i);
      machines.add(m);
    }
    for (Machine m : machines) {
      pool.submit(() -> m.run(program));
    }
    pool.submit(() -> {}).get();
    Map<Op, Integer> executed = new EnumMap<>(Op.class);
    for (Op op : Op.values()) {
      executed.put(op, op.executed);
    }
    return all(machines, executed.toString());
  }

  // ---- expressions, parsed and derived ----

  sealed interface Expr permits Num, Var, Bin, Call {
    default double at(double x) {
      return Eval.eval(this, x);
    }
  }

  record Num(double value) implements Expr {
    static final Num ZERO = new Num(0);
    static final Num ONE = new Num(1);
  }

  enum Var implements Expr {
    X
  }

  record Bin(char op, Expr left, Expr right) implements Expr {
    Bin {
      Objects.requireNonNull(left);
      if ("+-*/".indexOf(op) < 0) {
        throw new IllegalArgumentException("operator " + op);
      }
    }
  }

  record Call(String name, Expr arg) implements Expr {}

  static final class Eval {
    private static final Map<String, DoubleUnaryOperator> FUNCTIONS = new HashMap<>();

    static {
      FUNCTIONS.put("sin", StrictMath::sin);
      FUNCTIONS.put("cos", StrictMath::cos);
      FUNCTIONS.put("sq", x -> x * x);
    }

    static double eval(Expr e, double x) {
      if (e instanceof Num n) {
        return n.value();
      } else if (e == Var.X) {
        return x;
      } else if (e instanceof Call c) {
        DoubleUnaryOperator f = FUNCTIONS.get(c.name());
        if (f == null) {
          throw new SyntaxError("no function " + c.name(), -1);
        }
        return f.applyAsDouble(eval(c.arg(), x));
      }
      Bin b = (Bin) e;
      double l = eval(b.left(), x);
      double r = eval(b.right(), x);
      return switch (b.op()) {
        case '+' -> l + r;
        case '-' -> l - r;
        case '*' -> l * r;
        default -> l / r;
      };
    }

    static Expr derive(Expr e) {
      if (e instanceof Num) {
        return Num.ZERO;
      } else if (e == Var.X) {
        return Num.ONE;
      } else if (e instanceof Call c && c.name().equals("sin")) {
        return simplify(new Bin('*', new Call("cos", c.arg()), derive(c.arg())));
      } else if (e instanceof Bin b && b.op() == '*') {
        return simplify(
            new Bin(
                '+',
                simplify(new Bin('*', derive(b.left()), b.right())),
                simplify(new Bin('*', b.left(), derive(b.right())))));
      } else if (e instanceof Bin b && b.op() != '/') {
        return simplify(new Bin(b.op(), derive(b.left()), derive(b.right())));
      }
      throw new UnsupportedOperationException("derive " + e);
    }

    /** Compares with {@code ==}, as there is one zero and one one. */
    @SuppressWarnings("ReferenceEquality")
    static Expr simplify(Bin b) {
      if (b.op() == '*' && (b.left() == Num.ZERO || b.right() == Num.ZERO)) {
        return Num.ZERO;
      } else if (b.op() == '*' && b.left() == Num.ONE || b.op() == '+' && b.left() == Num.ZERO) {
        return b.right();
      } else if (b.op() == '*' && b.right() == Num.ONE || b.op() == '+' && b.right() == Num.ZERO) {
        return b.left();
      }
      return b;
    }
  }

  static final class SyntaxError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient int position;

    SyntaxError(String message, int position) {
      super(message);
      this.position = position;
    }

    @Override
    public String getMessage() {
      return super.getMessage() + " at " + position;
    }
  }

  static final class Parser {
    private final CharSequence text;
    private int at;

    Parser(CharSequence text) {
      this.text = text;
    }

    static Expr parse(String text) {
      Parser p = new Parser(text.replace(" ", ""));
      Expr e = p.sum();
      if (p.at < p.text.length()) {
        throw new SyntaxError("unexpected '" + p.text.charAt(p.at) + "'", p.at);
      }
      return e;
    }

    private Expr sum() {
      Expr e = product();
      while (peek() == '+' || peek() == '-') {
        e = new Bin(text.charAt(at++), e, product());
      }
      return e;
    }

    private Expr product() {
      Expr e = atom();
      while (peek() == '*' || peek() == '/') {
        e = new Bin(text.charAt(at++), e, atom());
      }
      return e;
    }

    private Expr atom() {
      int start = at;
      if (Character.isDigit(peek())) {
        while (Character.isDigit(peek()) || peek() == '.') {
          at++;
        }
        double v = Double.parseDouble(text.subSequence(start, at).toString());
        return v == 0 ? Num.ZERO : v == 1 ? Num.ONE : new Num(v);
      } else if (Character.isLetter(peek())) {
        while (Character.isLetter(peek())) {
          at++;
        }
        String name = text.subSequence(start, at).toString();
        return name.equals("x") ? Var.X : new Call(name, parens());
      }
      return parens();
    }

    private Expr parens() {
      if (peek() != '(') {
        throw new SyntaxError("expected (", at);
      }
      at++;
      Expr e = sum();
      if (peek() != ')') {
        throw new SyntaxError("expected )", at);
      }
      at++;
      return e;
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }
  }

  @Runs(AWAY)
  static Object symbolicDerivation(ExecutorService pool) throws Exception {
    List<String> sources = List.of("x*x+3*x", "sin(2*x)", "0*x+x*1", "(x-1)*(x+1)", "5");
    List<Expr> parsed = collect(pool, 5, i -> () -> Parser.parse(sources.get(i)));
    List<Expr> derived = collect(pool, 5, i -> () -> Eval.derive(parsed.get(i)));
    boolean one = derived.get(2) == Num.ONE;
    boolean zero = derived.get(4) == Num.ZERO;
    List<Double> values = collect(pool, 5, i -> () -> derived.get(i).at(0.5));
    Eval.FUNCTIONS.put("half", x -> x / 2);
    double half = pool.submit(() -> Parser.parse("half(x)").at(3)).get();
    return all(
        derived,
        one,
        zero,
        values,
        half,
        outcome(pool.submit(() -> Parser.parse("2+*3"))),
        outcome(pool.submit(() -> Parser.parse("f(1)").at(0))),
        outcome(pool.submit(() -> new Bin('%', Num.ONE, Num.ONE))),
        outcome(pool.submit(() -> Eval.derive(Parser.parse("1/x")))));
  }

  // ---- JSON ----

  interface Json {
    String render(int indent);

    static Json of(Object o) {
      if (o instanceof Map<?, ?> m) {
        return indent -> {
          StringJoiner s = new StringJoiner(",", "{", "}");
          m.forEach((k, v) -> s.add('"' + k.toString() + "\":" + of(v).render(indent + 1)));
          return s.toString();
        };
      } else if (o instanceof Iterable<?> it) {
        return indent ->
            StreamSupport.stream(it.spliterator(), false)
                .map(e -> of(e).render(indent + 1))
                .collect(Collectors.joining(",", "[", "]"));
      } else if (o instanceof CharSequence s) {
        return indent -> '"' + s.toString().replace("\"", "\\\"") + '"';
      }
      return indent -> String.valueOf(o);
    }
  }

  @Runs(AWAY)
  static Object rendererOfClosures(ExecutorService pool) throws Exception {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", new StringBuilder("a \"b\""));
    document.put("sizes", new ArrayDeque<>(List.of(1, 2.5, true)));
    document.put("inner", Map.of("k", Arrays.asList(null, "x")));
    Json json = pool.submit(() -> Json.of(document)).get();
    document.put("later", 1);
    return all(json.render(0), pool.submit(() -> json.render(2)).get());
  }

  // ---- a text adventure of states ----

  interface State {
    State next(char c);

    default boolean accepts() {
      return false;
    }
  }

  static final class Numeral {
    private final StringBuilder digits = new StringBuilder();

    private final State start = c -> c == '-' || c == '+' ? this.sign : digit(c);
    private final State sign = this::digit;
    private final State integer =
        new State() {
          @Override
          public State next(char c) {
            return c == '.' ? point : digit(c);
          }

          @Override
          public boolean accepts() {
            return true;
          }
        };
    private final State point = c -> Character.isDigit(c) ? append(c, this.fraction) : this.error;
    private final State fraction =
        new State() {
          @Override
          public State next(char c) {
            return Character.isDigit(c) ? append(c, this) : error;
          }

          @Override
          public boolean accepts() {
            return digits.length() > 0;
          }
        };
    private final State error = c -> this.error;

    private State digit(char c) {
      return Character.isDigit(c) ? append(c, integer) : error;
    }

    private State append(char c, State s) {
      digits.append(c);
      return s;
    }

    State run(State from, String text) {
      State s = from;
      for (char c : text.toCharArray()) {
        s = s.next(c);
      }
      return s;
    }
  }

  @Runs(AWAY)
  static Object automatonOfLambdas(ExecutorService pool) throws Exception {
    List<Boolean> accepted =
        collect(
            pool,
            6,
            i ->
                () -> {
                  Numeral n = new Numeral();
                  return n.run(n.start, List.of("12", "-3.5", "+", "4.", "x", "0.25").get(i))
                      .accepts();
                });
    Numeral shared = new Numeral();
    State middle = pool.submit(() -> shared.run(shared.start, "-31")).get();
    boolean same = middle == shared.integer;
    State end = pool.submit(() -> shared.run(middle, ".41")).get();
    return all(accepted, same, end == shared.fraction, end.accepts(), shared.digits.toString());
  }

  // ---- codes ----

  abstract static class Tree implements Comparable<Tree> {
    final int weight;

    Tree(int weight) {
      this.weight = weight;
    }

    @Override
    public int compareTo(Tree o) {
      int c = Integer.compare(weight, o.weight);
      return c != 0 ? c : Character.compare(first(), o.first());
    }

    abstract char first();

    abstract void codes(String prefix, Map<Character, String> into);

    static final class Leaf extends Tree {
      final char symbol;

      Leaf(char symbol, int weight) {
        super(weight);
        this.symbol = symbol;
      }

      @Override
      char first() {
        return symbol;
      }

      @Override
      void codes(String prefix, Map<Character, String> into) {
        into.put(symbol, prefix);
      }
    }

    static final class Fork extends Tree {
      final Tree left;
      final Tree right;

      Fork(Tree left, Tree right) {
        super(left.weight + right.weight);
        this.left = left;
        this.right = right;
      }

      @Override
      char first() {
        return (char) Math.min(left.first(), right.first());
      }

      @Override
      void codes(String prefix, Map<Character, String> into) {
        left.codes(prefix + '0', into);
        right.codes(prefix + '1', into);
      }
    }
  }

  @Runs(AWAY)
  static Object huffman(ExecutorService pool) throws Exception {
    String text = "she sells sea shells by the sea shore";
    int[] counts = new int[128];
    each(pool, 128, c -> () -> counts[c] = (int) text.chars().filter(x -> x == c).count());
    Tree tree =
        pool.submit(
                () -> {
                  PriorityQueue<Tree> queue = new PriorityQueue<>();
                  for (char c = 0; c < counts.length; c++) {
                    if (counts[c] > 0) {
                      queue.add(new Tree.Leaf(c, counts[c]));
                    }
                  }
                  while (queue.size() > 1) {
                    queue.add(new Tree.Fork(queue.poll(), queue.poll()));
                  }
                  return queue.remove();
                })
            .get();
    Map<Character, String> codes = new TreeMap<>();
    pool.submit(() -> tree.codes("", codes)).get();
    BitSet bits = new BitSet();
    int length =
        pool.submit(
                () -> {
                  int n = 0;
                  for (char c : text.toCharArray()) {
                    for (char b : codes.get(c).toCharArray()) {
                      bits.set(n++, b == '1');
                    }
                  }
                  return n;
                })
            .get();
    String decoded =
        pool.submit(
                () -> {
                  StringBuilder out = new StringBuilder();
                  Tree t = tree;
                  for (int i = 0; i < length; i++) {
                    Tree.Fork f = (Tree.Fork) t;
                    t = bits.get(i) ? f.right : f.left;
                    if (t instanceof Tree.Leaf l) {
                      out.append(l.symbol);
                      t = tree;
                    }
                  }
                  return out.toString();
                })
            .get();
    return all(codes, bits.cardinality(), length, decoded.equals(text));
  }

  @Runs(AWAY)
  static Object lempelZivWelch(ExecutorService pool) throws Exception {
    Function<String, List<Integer>> compress =
        text -> {
          Map<String, Integer> codes = new HashMap<>();
          for (int i = 0; i < 256; i++) {
            codes.put("" + (char) i, i);
          }
          String w = "";
          List<Integer> out = new ArrayList<>();
          for (char c : text.toCharArray()) {
            String wc = w + c;
            if (codes.containsKey(wc)) {
              w = wc;
            } else {
              out.add(codes.get(w));
              codes.put(wc, codes.size());
              w = "" + c;
            }
          }
          out.add(codes.get(w));
          return out;
        };
    Function<List<Integer>, String> expand =
        in -> {
          Map<Integer, String> words = new HashMap<>();
          IntStream.range(0, 256).forEach(i -> words.put(i, "" + (char) i));
          String w = words.get(in.get(0));
          StringBuilder out = new StringBuilder(w);
          for (int k : in.subList(1, in.size())) {
            String entry = words.containsKey(k) ? words.get(k) : w + w.charAt(0);
            out.append(entry);
            words.put(words.size(), w + entry.charAt(0));
            w = entry;
          }
          return out.toString();
        };
    Function<String, String> both = compress.andThen(expand);
    List<Integer> codes = pool.submit(() -> compress.apply("TOBEORNOTTOBEORTOBEORNOT")).get();
    return all(codes, collect(pool, 3, i -> () -> both.apply("abcabc".repeat(i + 1))));
  }

  // ---- games ----

  enum Mark {
    X,
    O;

    Mark other() {
      return values()[1 - ordinal()];
    }
  }

  static final class Board implements Cloneable {
    private Mark[] cells = new Mark[9];
    private static final int[][] LINES = {
      {0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}
    };
    private static long visited;

    @Override
    public Board clone() {
      try {
        Board b = (Board) super.clone();
        b.cells = cells.clone();
        return b;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    Board with(int i, Mark m) {
      Board b = clone();
      b.cells[i] = m;
      return b;
    }

    boolean won(Mark m) {
      return Arrays.stream(LINES).anyMatch(l -> Arrays.stream(l).allMatch(i -> cells[i] == m));
    }

    int score(Mark mover, int alpha, int beta) {
      visited++;
      if (won(mover.other())) {
        return -1;
      }
      int best = -2;
      for (int i = 0; i < 9 && alpha < beta; i++) {
        if (cells[i] == null) {
          best = Math.max(best, -with(i, mover).score(mover.other(), -beta, -alpha));
          alpha = Math.max(alpha, best);
        }
      }
      return best == -2 ? 0 : best;
    }
  }

  @Sequential
  @Runs(AWAY)
  static Object ticTacToe(ExecutorService pool) throws Exception {
    Board.visited = 0;
    Board board = new Board().with(4, Mark.X).with(1, Mark.O);
    Map<Integer, Future<Integer>> moves = new TreeMap<>();
    for (int i = 0; i < 9; i++) {
      if (board.cells[i] == null) {
        Board next = board.with(i, Mark.X);
        moves.put(i, pool.submit(() -> -next.score(Mark.O, -2, 2)));
      }
    }
    Map<Integer, Integer> scores = new TreeMap<>();
    for (Map.Entry<Integer, Future<Integer>> e : moves.entrySet()) {
      scores.put(e.getKey(), e.getValue().get());
    }
    return all(scores, Board.visited);
  }

  static final class Maze {
    private final char[][] grid;

    Maze(String... rows) {
      grid = Arrays.stream(rows).map(String::toCharArray).toArray(char[][]::new);
    }

    record Cell(int r, int c) {
      Stream<Cell> around() {
        return Stream.of(
            new Cell(r - 1, c), new Cell(r + 1, c), new Cell(r, c - 1), new Cell(r, c + 1));
      }
    }

    boolean open(Cell c) {
      return c.r() >= 0
          && c.r() < grid.length
          && c.c() >= 0
          && c.c() < grid[c.r()].length
          && grid[c.r()][c.c()] != '#';
    }

    Optional<List<Cell>> path(Cell from, Cell to) {
      Map<Cell, Cell> before = new HashMap<>();
      Map<Cell, Integer> cost = new HashMap<>(Map.of(from, 0));
      PriorityQueue<Cell> open =
          new PriorityQueue<>(
              Comparator.<Cell>comparingInt(
                      c -> cost.get(c) + Math.abs(c.r() - to.r()) + Math.abs(c.c() - to.c()))
                  .thenComparing(Cell::r)
                  .thenComparing(Cell::c));
      open.add(from);
      while (!open.isEmpty()) {
        Cell c = open.remove();
        if (c.equals(to)) {
          LinkedList<Cell> path = new LinkedList<>();
          for (Cell p = c; p != null; p = before.get(p)) {
            path.addFirst(p);
          }
          return Optional.of(path);
        }
        c.around()
            .filter(this::open)
            .filter(n -> cost.getOrDefault(n, Integer.MAX_VALUE) > cost.get(c) + 1)
            .forEach(
                n -> {
                  cost.put(n, cost.get(c) + 1);
                  before.put(n, c);
                  open.add(n);
                });
      }
      return Optional.empty();
    }
  }

  @Runs(AWAY)
  static Object mazeByAStar(ExecutorService pool) throws Exception {
    Maze maze = new Maze("..#....", ".##.##.", ".....#.", "##.###.", ".......");
    Maze.Cell start = new Maze.Cell(0, 0);
    List<Optional<List<Maze.Cell>>> paths =
        collect(pool, 3, i -> () -> maze.path(start, new Maze.Cell(i * 2, 6)));
    pool.submit(() -> paths.get(2).ifPresent(p -> p.forEach(c -> maze.grid[c.r()][c.c()] = 'o')))
        .get();
    maze.grid[2][0] = '#';
    Optional<List<Maze.Cell>> none = pool.submit(() -> maze.path(start, new Maze.Cell(4, 6))).get();
    return all(paths, maze.grid, none.isEmpty(), none == Optional.<List<Maze.Cell>>empty());
  }

  /** Exact cover by dancing links, whose cells are linked in all four directions. */
  static final class DancingLinks {
    static class Cell {
      Cell left = this;
      Cell right = this;
      Cell up = this;
      Cell down = this;
      Column column;
      int row;
    }

    static final class Column extends Cell {
      final String name;
      int size;

      Column(String name) {
        this.name = name;
        column = this;
      }
    }

    private final Column root = new Column("root");
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final Deque<Integer> partial = new ArrayDeque<>();
    private final List<List<Integer>> solutions = new ArrayList<>();
    private int rows;

    void column(String name) {
      Column c = new Column(name);
      c.left = root.left;
      c.right = root;
      root.left.right = c;
      root.left = c;
      columns.put(name, c);
    }

    void row(String... names) {
      Cell first = null;
      for (String name : names) {
        Cell cell = new Cell();
        cell.row = rows;
        Column c = cell.column = columns.get(name);
        cell.up = c.up;
        cell.down = c;
        c.up.down = cell;
        c.up = cell;
        c.size++;
        if (first == null) {
          first = cell;
        } else {
          cell.left = first.left;
          cell.right = first;
          first.left.right = cell;
          first.left = cell;
        }
      }
      rows++;
    }

    private static void cover(Column c) {
      c.right.left = c.left;
      c.left.right = c.right;
      for (Cell i = c.down; i != c; i = i.down) {
        for (Cell j = i.right; j != i; j = j.right) {
          j.down.up = j.up;
          j.up.down = j.down;
          j.column.size--;
        }
      }
    }

    private static void uncover(Column c) {
      for (Cell i = c.up; i != c; i = i.up) {
        for (Cell j = i.left; j != i; j = j.left) {
          j.column.size++;
          j.down.up = j;
          j.up.down = j;
        }
      }
      c.right.left = c;
      c.left.right = c;
    }

    void solve() {
      if (root.right == root) {
        solutions.add(partial.stream().sorted().toList());
        return;
      }
      Column c = (Column) root.right;
      for (Cell j = c.right; j != root; j = j.right) {
        if (((Column) j).size < c.size) {
          c = (Column) j;
        }
      }
      cover(c);
      for (Cell r = c.down; r != c; r = r.down) {
        partial.push(r.row);
        for (Cell j = r.right; j != r; j = j.right) {
          cover(j.column);
        }
        solve();
        partial.pop();
        for (Cell j = r.left; j != r; j = j.left) {
          uncover(j.column);
        }
      }
      uncover(c);
    }

    static DancingLinks queens(int n) {
      DancingLinks links = new DancingLinks();
      for (int i = 0; i < n; i++) {
        links.column("r" + i);
        links.column("c" + i);
      }
      for (int r = 0; r < n; r++) {
        for (int c = 0; c < n; c++) {
          links.row("r" + r, "c" + c);
        }
      }
      return links;
    }
  }

  @Runs(AWAY)
  static Object dancingLinks(ExecutorService pool) throws Exception {
    DancingLinks shared = DancingLinks.queens(3);
    pool.submit(shared::solve).get();
    DancingLinks made = pool.submit(() -> DancingLinks.queens(4)).get();
    made.solve();
    int more =
        pool.submit(
                () -> {
                  made.solve();
                  return made.solutions.size();
                })
            .get();
    return all(shared.solutions, more, made.root.right == made.columns.get("r0"));
  }

  // ---- cards, where shuffles are seeded and hands compared by rules in enums ----

  enum Suit {
    CLUBS,
    DIAMONDS,
    HEARTS,
    SPADES
  }

  record Card(int rank, Suit suit) {}

  enum Hand implements Predicate<List<Card>> {
    FLUSH(h -> h.stream().map(Card::suit).distinct().count() == 1),
    STRAIGHT(
        h -> {
          int[] r = h.stream().mapToInt(Card::rank).sorted().distinct().toArray();
          return r.length == 5 && r[4] - r[0] == 4;
        }),
    THREE(h -> most(h) == 3),
    PAIR(h -> most(h) == 2),
    NOTHING(h -> true);

    private final Predicate<List<Card>> rule;

    Hand(Predicate<List<Card>> rule) {
      this.rule = rule;
    }

    private static long most(List<Card> h) {
      return h.stream()
          .collect(Collectors.groupingBy(Card::rank, Collectors.counting()))
          .values()
          .stream()
          .max(Comparator.naturalOrder())
          .orElse(0L);
    }

    @Override
    public boolean test(List<Card> h) {
      return rule.test(h);
    }

    static Hand of(List<Card> h) {
      return Arrays.stream(values()).filter(k -> k.test(h)).findFirst().orElseThrow();
    }
  }

  @Runs(AWAY)
  static Object pokerHands(ExecutorService pool) throws Exception {
    List<Card> deck =
        Arrays.stream(Suit.values())
            .flatMap(s -> IntStream.rangeClosed(2, 14).mapToObj(r -> new Card(r, s)))
            .toList();
    List<Map<Hand, Long>> tallies =
        collect(
            pool,
            4,
            seed ->
                () -> {
                  List<Card> mine = new ArrayList<>(deck);
                  Random random = new Random(seed);
                  return Stream.generate(
                          () -> {
                            Collections.shuffle(mine, random);
                            return mine.subList(0, 5);
                          })
                      .limit(100)
                      .collect(
                          Collectors.groupingBy(
                              Hand::of, () -> new EnumMap<>(Hand.class), Collectors.counting()));
                });
    Card ace = pool.submit(() -> deck.get(12)).get();
    return all(tallies, ace == deck.get(12), pool.submit(() -> Hand.valueOf("PAIR")).get());
  }
}
