package dev.martlet.forkjoin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.martlet.CloudExecutors;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees of tasks of random kinds and shapes give what they give on the JDK's pool. */
@SuppressWarnings("serial")
class RandomTreesTest {
  private static final int TREES = 500;

  /** So many workers are killed in a test. */
  private static final int LOST = 3;

  private static final long HOME = ProcessHandle.current().pid();

  static Stream<Frontier> frontiers() {
    return Stream.of(
        Frontier.automatic(),
        Frontier.depth(1),
        Frontier.depth(2),
        Frontier.minimumWork(Duration.ZERO),
        Frontier.allRemote());
  }

  static final class Leaf extends RuntimeException {
    Leaf(long seed) {
      super("leaf " + seed);
    }
  }

  /** What a tree works on: each node has its own range of the array. */
  private record Node(long seed, int depth, long[] array, int lo, int hi, String bombs) {
    Node[] children() {
      SplittableRandom random = new SplittableRandom(seed);
      int n = depth == 0 || hi - lo < 4 ? 0 : random.nextInt(4);
      Node[] children = new Node[n];
      for (int i = 0, from = lo; i < n; i++) {
        int to = i == n - 1 ? hi : from + (hi - from) / (n - i);
        children[i] = new Node(random.nextLong(), depth - 1, array, from, to, bombs);
        from = to;
      }
      return children;
    }

    /** Ends the process, if that is a worker and a bomb is there: before its work, or in it. */
    void trip() {
      if (!bombs.isEmpty()
          && seed % 3 == 0
          && ProcessHandle.current().pid() != HOME
          && new File(bombs, "bomb").delete()) {
        Runtime.getRuntime().halt(1);
      }
    }

    /** Changes the range and returns a value; some leaves fail. */
    long leaf() {
      trip();
      if (seed % 97 == 0) {
        throw new Leaf(seed);
      }
      long sum = seed;
      for (int i = lo; i < hi; i++) {
        array[i] = array[i] * 31 + seed;
        sum += array[i];
      }
      return sum;
    }

    long mix(long a, long b) {
      array[lo] ^= a;
      trip();
      return a * 33 + b;
    }

    /** Which kind of task a node becomes. */
    ForkJoinTask<?> task() {
      return switch ((int) (seed >>> 5 & 3)) {
        case 0, 1 -> new Task(this);
        case 2 -> new Action(this);
        default -> new Completer(null, this);
      };
    }
  }

  private static long value(ForkJoinTask<?> task) {
    if (task instanceof Action a) {
      return a.result;
    }
    return (Long) task.join();
  }

  private static long fold(Node node, ForkJoinTask<?>[] children) {
    long sum = 0;
    for (ForkJoinTask<?> child : children) {
      sum = node.mix(sum, value(child));
    }
    return sum;
  }

  private static ForkJoinTask<?>[] tasks(Node[] nodes) {
    return Arrays.stream(nodes).map(Node::task).toArray(ForkJoinTask<?>[]::new);
  }

  static final class Task extends RecursiveTask<Long> {
    private final Node node;

    Task(Node node) {
      this.node = node;
    }

    @Override
    protected Long compute() {
      ForkJoinTask<?>[] children = tasks(node.children());
      if (children.length == 0) {
        return node.leaf();
      }
      for (int i = 1; i < children.length; i++) {
        children[i].fork();
      }
      children[0].invoke();
      for (int i = children.length - 1; i > 0; i--) {
        children[i].join();
      }
      return fold(node, children);
    }
  }

  static final class Action extends RecursiveAction {
    private final Node node;
    private long result;

    Action(Node node) {
      this.node = node;
    }

    @Override
    protected void compute() {
      ForkJoinTask<?>[] children = tasks(node.children());
      if (children.length == 0) {
        result = node.leaf();
      } else {
        invokeAll(children);
        result = fold(node, children);
      }
    }
  }

  static final class Completer extends CountedCompleter<Long> {
    private final Node node;
    private Completer[] children = {};
    private long result;

    Completer(CountedCompleter<?> parent, Node node) {
      super(parent);
      this.node = node;
    }

    @Override
    public void compute() {
      Node[] nodes = node.children();
      if (nodes.length == 0) {
        result = node.leaf();
      } else {
        children = new Completer[nodes.length];
        setPendingCount(nodes.length);
        for (int i = 0; i < nodes.length; i++) {
          children[i] = new Completer(this, nodes[i]);
        }
        for (Completer child : children) {
          child.fork();
        }
      }
      tryComplete();
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      long sum = 0;
      for (Completer child : children) {
        sum = node.mix(sum, child.result);
      }
      if (children.length > 0) {
        result = sum;
      }
    }

    @Override
    public Long getRawResult() {
      return result;
    }
  }

  private static String outcome(ForkJoinPool pool, long seed, String bombs)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    long[] array = random.longs(8 + random.nextInt(200)).toArray();
    Node root = new Node(random.nextLong(), 1 + random.nextInt(5), array, 0, array.length, bombs);
    ForkJoinTask<?> task = root.task();
    try {
      pool.submit(task).get();
      return value(task) + " " + Arrays.hashCode(array);
    } catch (ExecutionException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause.getClass().getName(); // which of several failures is told is open
    }
  }

  @ParameterizedTest
  @DisplayName("a random tree gives the same value, the same changes or a failure of the same kind")
  @MethodSource("frontiers")
  void trees(Frontier frontier) throws InterruptedException {
    ForkJoinPool jdk = new ForkJoinPool(4);
    try (CloudForkJoinPool pool =
        CloudExecutors.builder().parallelism(4).frontier(frontier).buildForkJoinPool()) {
      for (int i = 0; i < TREES; i++) {
        long seed = frontier.toString().hashCode() * 1_000_003L + i;
        assertThat(outcome(pool, seed, "")).as("seed %d", seed).isEqualTo(outcome(jdk, seed, ""));
      }
      if (frontier.kind() != Frontier.Kind.AUTOMATIC) {
        assertThat(pool.statistics().away()).isPositive();
      }
    } finally {
      jdk.shutdown();
    }
  }

  @ParameterizedTest
  @DisplayName("so does a random tree whose workers are killed in the middle of its subtrees")
  @ValueSource(ints = {1, 2})
  void killed(int depth, @TempDir Path bombs) throws Exception {
    ForkJoinPool jdk = new ForkJoinPool(4);
    Path bomb = bombs.resolve("bomb");
    int exploded = 0;
    try (CloudForkJoinPool pool =
        CloudExecutors.builder()
            .parallelism(4)
            .retries(LOST)
            .frontier(Frontier.depth(depth))
            .buildForkJoinPool()) {
      for (int i = 0; i < TREES && exploded < LOST; i++) {
        long seed = depth * 1_000_003L + i;
        if (Files.notExists(bomb)) {
          Files.createFile(bomb);
        }
        assertThat(outcome(pool, seed, bombs.toString()))
            .as("seed %d", seed)
            .isEqualTo(outcome(jdk, seed, ""));
        exploded += Files.exists(bomb) ? 0 : 1;
      }
      assertThat(pool.statistics().retried()).isGreaterThanOrEqualTo(LOST);
    } finally {
      jdk.shutdown();
    }
  }
}
