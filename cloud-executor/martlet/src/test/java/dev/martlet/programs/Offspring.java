package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Runs.Where.EITHER;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.collect;
import static dev.martlet.programs.Support.outcome;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** Programs whose tasks have tasks of their own, in all the ways in which they can have them. */
final class Offspring {
  private Offspring() {}

  @Nested
  @Runs(EITHER)
  static Object completionServiceInsideTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              CompletionService<Integer> service = new ExecutorCompletionService<>(pool);
              for (int i = 0; i < 6; i++) {
                int n = i;
                service.submit(() -> n * n);
              }
              int sum = 0;
              for (int i = 0; i < 6; i++) {
                sum += service.take().get();
              }
              return sum;
            })
        .get();
  }

  @Nested
  @Runs(EITHER)
  static Object invokeAnyInsideTask(ExecutorService pool) throws Exception {
    return collect(
        pool,
        3,
        i ->
            () -> {
              Object failed;
              try {
                failed =
                    pool.invokeAny(
                        List.of(
                            () -> {
                              throw new IOException("a" + i);
                            }));
              } catch (ExecutionException e) {
                failed = e.getCause();
              }
              return all(failed, pool.invokeAny(List.of(() -> i, () -> i)));
            });
  }

  @Nested
  @Runs(EITHER)
  static Object stagesInsideTask(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              List<String> log = Collections.synchronizedList(new ArrayList<>());
              CompletableFuture<Integer> a = CompletableFuture.supplyAsync(() -> 20, pool);
              CompletableFuture<Integer> b =
                  a.thenComposeAsync(x -> CompletableFuture.supplyAsync(() -> x + 1, pool), pool);
              CompletableFuture<Integer> c =
                  b.thenCombineAsync(a, (x, y) -> x * y, pool)
                      .whenCompleteAsync((x, e) -> log.add("c=" + x), pool);
              CompletableFuture<Integer> d =
                  c.thenApplyAsync(x -> x / log.indexOf("c=" + x), pool)
                      .exceptionally(e -> e.getCause() instanceof ArithmeticException ? -1 : -2);
              return all(c.get(), d.get(), log);
            })
        .get();
  }

  static int[] quickSort(ExecutorService pool, int[] a, int from, int to) throws Exception {
    if (to - from < 16) {
      Arrays.sort(a, from, to);
      return a;
    }
    int p = a[(from + to) >>> 1];
    int i = from;
    int j = to - 1;
    while (i <= j) {
      while (a[i] < p) {
        i++;
      }
      while (a[j] > p) {
        j--;
      }
      if (i <= j) {
        int t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    int end = j + 1;
    int start = i;
    Future<?> left = pool.submit(() -> quickSort(pool, a, from, end));
    quickSort(pool, a, start, to);
    left.get();
    return a;
  }

  @Nested
  @Runs(AWAY)
  static Object quickSortByTasks(ExecutorService pool) throws Exception {
    int[] a = new Random(3).ints(500, 0, 10_000).toArray();
    int[] same = pool.submit(() -> quickSort(pool, a, 0, a.length)).get();
    return all(same == a, a);
  }

  record Interval(double from, double to) {
    double mid() {
      return (from + to) / 2;
    }
  }

  static double integrate(
      ExecutorService pool, DoubleUnaryOperator f, Interval r, double eps, LongAdder calls) {
    calls.increment();
    double l = r.from();
    double h = r.to();
    double whole =
        (h - l) / 6 * (f.applyAsDouble(l) + 4 * f.applyAsDouble(r.mid()) + f.applyAsDouble(h));
    Interval a = new Interval(l, r.mid());
    Interval b = new Interval(r.mid(), h);
    double parts = 0;
    for (Interval p : List.of(a, b)) {
      parts +=
          (p.to() - p.from())
              / 6
              * (f.applyAsDouble(p.from())
                  + 4 * f.applyAsDouble(p.mid())
                  + f.applyAsDouble(p.to()));
    }
    if (Math.abs(parts - whole) < eps) {
      return parts;
    }
    try {
      Future<Double> left = pool.submit(() -> integrate(pool, f, a, eps / 2, calls));
      double right = integrate(pool, f, b, eps / 2, calls);
      return left.get() + right;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Nested
  @Runs(EITHER)
  static Object adaptiveSimpson(ExecutorService pool) throws Exception {
    LongAdder calls = new LongAdder();
    double area =
        pool.submit(
                () ->
                    integrate(
                        pool, x -> x * x * StrictMath.sin(x), new Interval(0, 6), 1e-6, calls))
            .get();
    return all(area, calls.sum());
  }

  static final class Tree {
    final int value;
    final List<Tree> children = new ArrayList<>();
    int depth;
    Tree parent;

    Tree(int value) {
      this.value = value;
    }

    static Tree make(int value, int width, int depth) {
      Tree t = new Tree(value);
      for (int i = 0; i < width && depth > 0; i++) {
        Tree c = make(value * width + i, width, depth - 1);
        c.parent = t;
        t.children.add(c);
      }
      return t;
    }
  }

  static final class Marker implements Callable<Integer> {
    private final Tree tree;
    private final ExecutorService pool;

    Marker(Tree tree, ExecutorService pool) {
      this.tree = tree;
      this.pool = pool;
    }

    @Override
    public Integer call() throws Exception {
      tree.depth = tree.parent == null ? 0 : tree.parent.depth + 1;
      List<Marker> markers = new ArrayList<>();
      for (Tree c : tree.children) {
        markers.add(new Marker(c, pool));
      }
      int sum = tree.value * tree.depth;
      for (Future<Integer> f : pool.invokeAll(markers)) {
        sum += f.get();
      }
      return sum;
    }
  }

  @Nested
  @Runs(AWAY)
  static Object treeMarkedByTasksOfTasks(ExecutorService pool) throws Exception {
    Tree tree = Tree.make(1, 3, 3);
    int sum = pool.submit(new Marker(tree, pool)).get();
    return all(sum, tree);
  }

  @Nested
  @Runs(EITHER)
  static Object childrenCancelled(ExecutorService pool) throws Exception {
    return pool.submit(
            () -> {
              Future<?> endless =
                  pool.submit(
                      () -> {
                        while (true) {
                          Thread.sleep(1000);
                        }
                      });
              Future<Integer> quick = pool.submit(() -> 7);
              int seven = quick.get();
              Object late;
              try {
                late = endless.get(30, TimeUnit.MILLISECONDS);
              } catch (TimeoutException e) {
                late = "late";
              }
              boolean cancelled = endless.cancel(true);
              return all(seven, late, cancelled, endless.isCancelled(), outcome(endless));
            })
        .get();
  }

  @Nested
  @Runs(EITHER)
  static Object failuresOfChildren(ExecutorService pool) throws Exception {
    class Checked extends Exception {
      private static final long serialVersionUID = 1;
      final int[] state;

      Checked(int[] state) {
        super("checked " + state.length);
        this.state = state;
      }
    }
    int[] state = {1, 2};
    Object thrown =
        outcome(
            pool.submit(
                () ->
                    pool.submit(
                            () -> {
                              state[0]++;
                              throw new Checked(state);
                            })
                        .get()));
    return all(thrown, state, ((Checked) ((ExecutionException) thrown).getCause()).state == state);
  }

  private static final Map<Integer, BigInteger> MEMO = new ConcurrentHashMap<>();
  private static int computed;

  static BigInteger fib(ExecutorService pool, int n) throws Exception {
    BigInteger known = MEMO.get(n);
    if (known != null) {
      return known;
    }
    BigInteger f =
        n < 2
            ? BigInteger.valueOf(n)
            : pool.submit(() -> fib(pool, n - 1)).get().add(fib(pool, n - 2));
    computed++;
    MEMO.put(n, f);
    return f;
  }

  @Nested
  @Runs(EITHER)
  static Object memoOfTasksOfTasks(ExecutorService pool) throws Exception {
    MEMO.clear();
    computed = 0;
    BigInteger f = pool.submit(() -> fib(pool, 40)).get();
    return all(f, MEMO.size(), computed);
  }

  @Nested
  @Runs(EITHER)
  static Object futuresKeptInAMap(ExecutorService pool) throws Exception {
    Map<String, Future<Integer>> futures = new LinkedHashMap<>();
    futures.put("a", pool.submit(() -> 1));
    futures.put("b", pool.submit(() -> futures.get("a").get() + 1));
    futures.get("b").get();
    futures.put("c", pool.submit(() -> futures.get("a").get() + futures.get("b").get()));
    futures.get("c").get();
    List<Integer> values = new ArrayList<>();
    for (Future<Integer> f : futures.values()) {
      values.add(f.get());
    }
    return values;
  }

  interface Node<T> {
    T eval(Function<Callable<Object>, Future<Object>> spawn) throws Exception;
  }

  static Node<Integer> leaf(int n) {
    return spawn -> n;
  }

  static Node<Integer> sum(List<Node<Integer>> parts) {
    return spawn -> {
      List<Future<Object>> futures = new ArrayList<>();
      for (Node<Integer> p : parts) {
        futures.add(spawn.apply(() -> p.eval(spawn)));
      }
      int s = 0;
      for (Future<Object> f : futures) {
        s += (Integer) f.get();
      }
      return s;
    };
  }

  @Nested
  @Runs(EITHER)
  static Object expressionsThatSpawn(ExecutorService pool) throws Exception {
    Function<Callable<Object>, Future<Object>> spawn = pool::submit;
    Node<Integer> tree =
        sum(List.of(leaf(1), sum(List.of(leaf(2), leaf(3), sum(List.of(leaf(4))))), leaf(5)));
    return all(tree.eval(spawn), pool.submit(() -> tree.eval(spawn)).get());
  }

  @Nested
  @Runs(EITHER)
  static Object resultsCollectedFromChildrenNobodyAwaits(ExecutorService pool) throws Exception {
    Map<Integer, List<Integer>> found = new ConcurrentSkipListMap<>();
    CountDownLatch left = new CountDownLatch(12);
    for (int i = 0; i < 4; i++) {
      int n = i;
      pool.execute(
          () -> {
            List<Integer> mine = Collections.synchronizedList(new ArrayList<>());
            found.put(n, mine);
            for (int j = 0; j < 3; j++) {
              int k = j;
              pool.execute(
                  () -> {
                    mine.add(n * 10 + k);
                    left.countDown();
                  });
            }
          });
    }
    boolean done = left.await(30, TimeUnit.SECONDS);
    found.values().forEach(Collections::sort);
    return all(done, found.toString());
  }

  @Nested
  @Runs(EITHER)
  static Object arraysFilledByChildrenNobodyAwaits(ExecutorService pool) throws Exception {
    int[] cells = new int[12];
    CountDownLatch left = new CountDownLatch(cells.length);
    pool.submit(
        () -> {
          for (int i = 0; i < 3; i++) {
            int n = i;
            pool.submit(
                () -> {
                  for (int j = 0; j < 4; j++) {
                    int k = n * 4 + j;
                    pool.submit(
                        () -> {
                          cells[k] = k * k;
                          left.countDown();
                        });
                  }
                });
          }
        });
    boolean done = left.await(30, TimeUnit.SECONDS);
    return all(done, cells);
  }

  @OwnPool
  @Runs(EITHER)
  static Object shutDownWhileChildrenRun(ExecutorService pool) throws Exception {
    Queue<String> log = new ConcurrentLinkedQueue<>();
    CountDownLatch begun = new CountDownLatch(1);
    pool.submit(
        () -> {
          pool.submit(
              () -> {
                begun.countDown();
                Thread.sleep(300);
                log.add("child");
                return null;
              });
          log.add("parent");
        });
    begun.await();
    pool.shutdown();
    boolean ended = pool.awaitTermination(30, TimeUnit.SECONDS);
    return all(ended, log.stream().sorted().toList());
  }

  @Runs(EITHER)
  static Object interruptedParentsLeaveChildrenAlone(ExecutorService pool) throws Exception {
    CompletableFuture<String> child = new CompletableFuture<>();
    pool.submit(
            () -> {
              pool.execute(
                  () -> {
                    try {
                      Thread.sleep(100);
                      child.complete("slept");
                    } catch (InterruptedException e) {
                      child.complete("interrupted");
                    }
                  });
              Thread.currentThread().interrupt();
            })
        .get();
    return child.get(30, TimeUnit.SECONDS);
  }
}
