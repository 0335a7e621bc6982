package dev.martlet.programs;

import dev.martlet.CloudForkJoinPool;
import dev.martlet.Frontier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Programs whose tasks take long: by default some of them run in other processes. */
@SuppressWarnings("serial")
final class ForkHeavy {
  private static final int TASKS = 8;

  private ForkHeavy() {}

  /** Takes some time, and returns the process that it ran in. */
  static long work() {
    try {
      Thread.sleep(40);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return ProcessHandle.current().pid();
  }

  /** What is the same wherever the tasks ran, provided that a Martlet pool sent some away. */
  static String spread(ForkJoinPool pool, Collection<Long> processes) {
    Set<Long> others = new HashSet<>(processes);
    others.remove(ProcessHandle.current().pid());
    boolean sends =
        pool instanceof CloudForkJoinPool p && p.frontier().kind() == Frontier.Kind.AUTOMATIC;
    return sends && others.isEmpty() ? "all at home" : processes.size() + " tasks";
  }

  static class Leaf extends RecursiveTask<Long> {
    @Override
    protected Long compute() {
      return work();
    }
  }

  static class Tree extends RecursiveTask<List<Long>> {
    private final int depth;

    Tree(int depth) {
      this.depth = depth;
    }

    @Override
    protected List<Long> compute() {
      if (depth == 0) {
        return new ArrayList<>(List.of(work()));
      }
      Tree left = new Tree(depth - 1);
      Tree right = new Tree(depth - 1);
      left.fork();
      List<Long> all = right.compute();
      all.addAll(left.join());
      return all;
    }
  }

  @Forks(heavy = true)
  static Object tree(ForkJoinPool pool) {
    return spread(pool, pool.invoke(new Tree(3)));
  }

  @Forks(heavy = true)
  static Object leavesSubmittedOneByOne(ForkJoinPool pool) {
    List<ForkJoinTask<Long>> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(pool.submit(new Leaf()));
    }
    return spread(pool, tasks.stream().map(ForkJoinTask::join).toList());
  }

  @Forks(heavy = true)
  static Object lambdas(ForkJoinPool pool) {
    List<ForkJoinTask<Long>> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(pool.submit(() -> work()));
    }
    return spread(pool, tasks.stream().map(ForkJoinTask::join).toList());
  }

  @Forks(heavy = true)
  static Object adaptedCallables(ForkJoinPool pool) {
    List<ForkJoinTask<Long>> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(ForkJoinTask.adapt(() -> work()));
    }
    tasks.forEach(pool::execute);
    return spread(pool, tasks.stream().map(ForkJoinTask::join).toList());
  }

  static class Adapts extends RecursiveTask<List<Long>> {
    @Override
    protected List<Long> compute() {
      List<ForkJoinTask<Long>> tasks = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        tasks.add(ForkJoinTask.adapt((Callable<Long>) ForkHeavy::work));
      }
      return invokeAll(tasks).stream().map(ForkJoinTask::join).collect(Collectors.toList());
    }
  }

  @Forks(heavy = true)
  static Object adaptedInATask(ForkJoinPool pool) {
    return spread(pool, pool.invoke(new Adapts()));
  }

  @Forks(heavy = true)
  static Object completableFutures(ForkJoinPool pool) {
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      all.add(CompletableFuture.supplyAsync(() -> 1, pool).thenApplyAsync(n -> n * work(), pool));
    }
    return spread(pool, all.stream().map(CompletableFuture::join).toList());
  }

  @Forks(heavy = true)
  static Object supplyAsync(ForkJoinPool pool) {
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      all.add(CompletableFuture.supplyAsync(ForkHeavy::work, pool));
    }
    return spread(pool, all.stream().map(CompletableFuture::join).toList());
  }

  @Forks(heavy = true)
  static Object completionService(ForkJoinPool pool) throws Exception {
    ExecutorCompletionService<Long> service = new ExecutorCompletionService<>(pool);
    for (int i = 0; i < TASKS; i++) {
      service.submit(() -> work());
    }
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      all.add(service.take().get());
    }
    return spread(pool, all);
  }

  @Forks(heavy = true)
  static Object futureTasks(ForkJoinPool pool) throws Exception {
    List<FutureTask<Long>> all = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      all.add(new FutureTask<>(() -> work()));
    }
    for (FutureTask<Long> f : all.subList(0, TASKS / 2)) {
      pool.execute(f);
    }
    all.subList(TASKS / 2, TASKS).forEach(pool::submit);
    List<Long> processes = new ArrayList<>();
    for (FutureTask<Long> f : all) {
      processes.add(f.get());
    }
    return spread(pool, processes);
  }

  @Forks(heavy = true)
  static Object invokeAll(ForkJoinPool pool) throws Exception {
    List<Callable<Long>> calls = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      calls.add(() -> work());
    }
    List<Long> processes = new ArrayList<>();
    for (var f : pool.invokeAll(calls)) {
      processes.add(f.get());
    }
    return spread(pool, processes);
  }

  /** A helper for functions of all kinds. */
  static final class Run<T> extends RecursiveTask<T> {
    private final Supplier<T> function;

    Run(Supplier<T> function) {
      this.function = function;
    }

    @Override
    protected T compute() {
      return function.get();
    }
  }

  @Forks(heavy = true)
  static Object helperWhoseFirstFunctionsStay(ForkJoinPool pool) {
    AtomicInteger next = new AtomicInteger();
    Set<Integer> drawn = new HashSet<>();
    List<ForkJoinTask<Integer>> first = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      first.add(
          pool.submit(
              new Run<>(
                  () -> {
                    work();
                    return next.incrementAndGet();
                  })));
    }
    first.forEach(t -> drawn.add(t.join()));
    List<ForkJoinTask<Long>> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(pool.submit(new Run<>(ForkHeavy::work)));
    }
    return drawn.size() + spread(pool, tasks.stream().map(ForkJoinTask::join).toList());
  }

  static class Light extends RecursiveTask<Long> {
    private final boolean heavy;

    Light(boolean heavy) {
      this.heavy = heavy;
    }

    @Override
    protected Long compute() {
      return heavy ? work() : 0;
    }
  }

  static class Lights extends RecursiveTask<List<Long>> {
    private final int n;
    private final boolean heavy;

    Lights(int n, boolean heavy) {
      this.n = n;
      this.heavy = heavy;
    }

    @Override
    protected List<Long> compute() {
      Light[] all = new Light[n];
      for (int i = 0; i < n; i++) {
        all[i] = new Light(heavy);
        all[i].fork();
      }
      return Arrays.stream(all).map(ForkJoinTask::join).collect(Collectors.toList());
    }
  }

  @Forks(heavy = true)
  static Object lightAtFirst(ForkJoinPool pool) {
    int light = pool.invoke(new Lights(3_000, false)).size();
    return light + spread(pool, pool.invoke(new Lights(16, true)));
  }

  @Forks(heavy = true)
  static Object streamElements(ForkJoinPool pool) throws Exception {
    return spread(
        pool,
        pool.submit(
                () ->
                    IntStream.range(0, 16)
                        .parallel()
                        .mapToObj(i -> work())
                        .collect(Collectors.toList()))
            .get());
  }

  @Forks(heavy = true)
  static Object streamForEachIntoArray(ForkJoinPool pool) throws Exception {
    long[] processes = new long[16];
    pool.submit(() -> IntStream.range(0, 16).parallel().forEach(i -> processes[i] = work())).get();
    return spread(pool, Arrays.stream(processes).boxed().toList());
  }

  static class Fill extends RecursiveAction {
    private final long[] into;
    private final int at;

    Fill(long[] into, int at) {
      this.into = into;
      this.at = at;
    }

    @Override
    protected void compute() {
      if (at < 0) {
        List<Fill> all = new ArrayList<>();
        for (int i = 0; i < into.length; i++) {
          all.add(new Fill(into, i));
        }
        invokeAll(all);
      } else {
        into[at] = work();
      }
    }
  }

  @Forks(heavy = true)
  static Object actionsIntoArray(ForkJoinPool pool) {
    long[] processes = new long[TASKS];
    pool.invoke(new Fill(processes, -1));
    return spread(pool, Arrays.stream(processes).boxed().toList());
  }

  static class Inner extends RecursiveTask<List<Long>> {
    @Override
    protected List<Long> compute() {
      return IntStream.range(0, 8).parallel().mapToObj(i -> work()).collect(Collectors.toList());
    }
  }

  @Forks(heavy = true)
  static Object streamInATask(ForkJoinPool pool) {
    return spread(pool, pool.invoke(new Inner()));
  }
}
