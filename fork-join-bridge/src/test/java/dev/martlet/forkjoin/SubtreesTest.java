package dev.martlet.forkjoin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.CloudPool;
import dev.martlet.internal.executor.CoreProvider;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.Subtrees;
import dev.martlet.spi.PoolSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Subtrees on real workers, without a fork/join pool here. */
@SuppressWarnings("serial")
class SubtreesTest {
  private static CloudPool pool;

  @BeforeAll
  static void open() {
    pool =
        (CloudPool)
            new CoreProvider()
                .newPool(
                    new PoolSettings(
                        Map.of("parallelism", "4"), Map.of(), Map.of(), List.of(), null));
  }

  @AfterAll
  static void close() {
    pool.close();
  }

  /** Computes a task on a worker, as a thread of a fork/join pool would have it computed. */
  static @Nullable Object away(ForkJoinTask<?> task) {
    Body body = Objects.requireNonNull(Subtrees.body(task), () -> "" + Subtrees.reason(task));
    Errand errand = pool.send(body);
    Errand.Fate fate = errand.await();
    assertThat(fate).as(() -> "" + errand.reason()).isNotEqualTo(Errand.Fate.HOME);
    return Subtrees.finish(task, errand);
  }

  static long pid() {
    return ProcessHandle.current().pid();
  }

  static class Fib extends RecursiveTask<Integer> {
    final int n;
    long pid;

    Fib(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      pid = pid();
      if (n < 2) {
        return n;
      }
      Fib left = new Fib(n - 1);
      left.fork();
      return new Fib(n - 2).compute() + left.join();
    }
  }

  @Test
  void a_recursive_task_is_computed_in_another_process() {
    Fib fib = new Fib(15);
    assertThat(away(fib)).isEqualTo(610);
    assertThat(fib.pid).isNotZero().isNotEqualTo(pid());
    assertThat(fib.isDone()).isFalse();
  }

  @Test
  void a_recursive_action_sorts_its_range_of_the_callers_array() {
    long[] array = new Random(1).longs(20_000).toArray();
    long[] expected = array.clone();
    Arrays.sort(expected, 5_000, 15_000);
    assertThat(away(new Docs.SortTask(array, 5_000, 15_000))).isNull();
    assertThat(array).isEqualTo(expected);
  }

  static class Failing extends RecursiveAction {
    @Override
    protected void compute() {
      sneaky(new IOException("as thrown"));
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneaky(Throwable t) throws T {
      throw (T) t;
    }
  }

  @Test
  void what_compute_throws_is_thrown_at_home() {
    assertThatThrownBy(() -> away(new Failing()))
        .isInstanceOf(IOException.class)
        .hasMessage("as thrown");
  }
}
