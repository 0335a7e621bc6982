package dev.martlet.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Completers of every kind. */
@SuppressWarnings({"serial", "unchecked", "rawtypes"})
final class ForkCompleters {
  private ForkCompleters() {}

  static class MapReducer<E, R> extends CountedCompleter<R> {
    final E[] array;
    final Function<E, R> mapper;
    final BiFunction<R, R, R> reducer;
    final int lo;
    final int hi;
    MapReducer<E, R> sibling;
    R result;

    MapReducer(
        CountedCompleter<?> p,
        E[] array,
        Function<E, R> mapper,
        BiFunction<R, R, R> reducer,
        int lo,
        int hi) {
      super(p);
      this.array = array;
      this.mapper = mapper;
      this.reducer = reducer;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    public void compute() {
      if (hi - lo >= 2) {
        int mid = (lo + hi) >>> 1;
        MapReducer<E, R> left = new MapReducer<>(this, array, mapper, reducer, lo, mid);
        MapReducer<E, R> right = new MapReducer<>(this, array, mapper, reducer, mid, hi);
        left.sibling = right;
        right.sibling = left;
        setPendingCount(1);
        right.fork();
        left.compute();
      } else {
        if (hi > lo) {
          result = mapper.apply(array[lo]);
        }
        tryComplete();
      }
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      if (caller != this) {
        MapReducer<E, R> child = (MapReducer<E, R>) caller;
        MapReducer<E, R> sib = child.sibling;
        if (sib == null || sib.result == null) {
          result = child.result;
        } else {
          boolean first = child.lo < sib.lo;
          result =
              reducer.apply(first ? child.result : sib.result, first ? sib.result : child.result);
        }
      }
    }

    @Override
    public R getRawResult() {
      return result;
    }
  }

  @Forks
  static Object mapReducer(ForkJoinPool pool) {
    String[] words = ForkSearches.lines();
    return Arrays.asList(
        pool.invoke(
            new MapReducer<>(
                null, words, s -> List.of(s.length()), ForkCompleters::concat, 0, words.length)),
        pool.invoke(new MapReducer<>(null, words, String::length, Integer::sum, 0, words.length)),
        pool.invoke(new MapReducer<String, Integer>(null, words, null, null, 3, 3)));
  }

  static List<Integer> concat(List<Integer> a, List<Integer> b) {
    List<Integer> c = new ArrayList<>(a);
    c.addAll(b);
    return c;
  }

  static final class Reducer extends CountedCompleter<Long> {
    final int[] array;
    final IntUnaryOperator f;
    final int lo;
    final int hi;
    Reducer forks;
    final Reducer next;
    long result;

    Reducer(CountedCompleter<?> p, int[] array, IntUnaryOperator f, int lo, int hi, Reducer next) {
      super(p);
      this.array = array;
      this.f = f;
      this.lo = lo;
      this.hi = hi;
      this.next = next;
    }

    @Override
    public void compute() {
      int l = lo;
      int h = hi;
      while (h - l >= 20) {
        int mid = (l + h) >>> 1;
        addToPendingCount(1);
        (forks = new Reducer(this, array, f, mid, h, forks)).fork();
        h = mid;
      }
      for (int i = l; i < h; i++) {
        result += f.applyAsInt(array[i]);
      }
      for (CountedCompleter<?> c = firstComplete(); c != null; c = c.nextComplete()) {
        Reducer t = (Reducer) c;
        for (Reducer s = t.forks; s != null; s = t.forks = s.next) {
          t.result += s.result;
        }
      }
    }

    @Override
    public Long getRawResult() {
      return result;
    }
  }

  @Forks
  static Object reducerWithLinkedForks(ForkJoinPool pool) {
    int factor = 3;
    return pool.invoke(
        new Reducer(null, ForkSorts.numbers(1_000, 5), x -> x % 1000 * factor, 0, 1_000, null));
  }

  static class Searcher<E> extends CountedCompleter<E> {
    final E[] array;
    final AtomicReference<E> result;
    final int lo;
    final int hi;
    final E wanted;

    Searcher(
        CountedCompleter<?> p, E[] array, AtomicReference<E> result, int lo, int hi, E wanted) {
      super(p);
      this.array = array;
      this.result = result;
      this.lo = lo;
      this.hi = hi;
      this.wanted = wanted;
    }

    @Override
    public E getRawResult() {
      return result.get();
    }

    @Override
    public void compute() {
      int l = lo;
      int h = hi;
      while (result.get() == null && h >= l) {
        if (h - l >= 2) {
          int mid = (l + h) >>> 1;
          addToPendingCount(1);
          new Searcher<>(this, array, result, mid, h, wanted).fork();
          h = mid;
        } else {
          E x = array[l];
          if (x.equals(wanted) && result.compareAndSet(null, x)) {
            quietlyCompleteRoot();
          }
          break;
        }
      }
      tryComplete();
    }
  }

  @Forks
  static Object searcher(ForkJoinPool pool) {
    Integer[] all = IntStream.range(0, 200).boxed().toArray(Integer[]::new);
    List<Object> found = new ArrayList<>();
    for (int wanted : new int[] {0, 99, 199, 500}) {
      AtomicReference<Integer> result = new AtomicReference<>();
      found.add(pool.invoke(new Searcher<>(null, all, result, 0, all.length, wanted)));
    }
    return found;
  }

  static class ForEach<E> extends CountedCompleter<Void> {
    final E[] array;
    final Consumer<E> op;
    final int lo;
    final int hi;

    ForEach(CountedCompleter<?> p, E[] array, Consumer<E> op, int lo, int hi) {
      super(p);
      this.array = array;
      this.op = op;
      this.lo = lo;
      this.hi = hi;
    }

    static <E> void forEach(ForkJoinPool pool, E[] array, Consumer<E> op) {
      pool.invoke(new ForEach<>(null, array, op, 0, array.length));
    }

    @Override
    public void compute() {
      int n = hi - lo;
      for (; n >= 2; n /= 2) {
        addToPendingCount(1);
        new ForEach<>(this, array, op, lo + n / 2, lo + n).fork();
      }
      if (n > 0) {
        op.accept(array[lo]);
      }
      propagateCompletion();
    }
  }

  @Forks
  static Object forEachOverArray(ForkJoinPool pool) {
    Integer[] all = IntStream.range(0, 100).boxed().toArray(Integer[]::new);
    int[] squares = new int[100];
    LongAdder sum = new LongAdder();
    ConcurrentLinkedQueue<Integer> odd = new ConcurrentLinkedQueue<>();
    ForEach.forEach(
        pool,
        all,
        i -> {
          squares[i] = i * i;
          sum.add(i);
          if (i % 2 == 1) {
            odd.add(i);
          }
        });
    return List.of(squares, sum.sum(), new TreeSet<>(odd));
  }

  /** Counts completions of its children in a field of its own. */
  static class Counting extends CountedCompleter<Integer> {
    final int depth;
    int completed;
    final List<String> log = Collections.synchronizedList(new ArrayList<>());

    Counting(Counting above, int depth) {
      super(above, depth > 0 ? 2 : 0);
      this.depth = depth;
    }

    @Override
    public void compute() {
      if (depth > 0) {
        new Counting(this, depth - 1).fork();
        new Counting(this, depth - 1).fork();
      }
      tryComplete();
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      completed = 1;
      log.add("completed at " + depth);
      if (getCompleter() instanceof Counting c) {
        synchronized (c) {
          c.completed += completed;
        }
      }
    }

    @Override
    public Integer getRawResult() {
      return depth;
    }
  }

  @Forks
  static Object completionsNotedAbove(ForkJoinPool pool) {
    Counting root = new Counting(null, 4);
    Integer result = pool.invoke(root);
    return List.of(result, root.log, root.isCompletedNormally(), root.getPendingCount());
  }

  static final class Failing extends CountedCompleter<String> {
    final int from;
    final int to;
    final String handled;
    static final ConcurrentHashMap<String, Integer> seen = new ConcurrentHashMap<>();

    Failing(Failing above, int from, int to, String handled) {
      super(above);
      this.from = from;
      this.to = to;
      this.handled = handled;
    }

    @Override
    public void compute() {
      if (to - from > 1) {
        int mid = (from + to) / 2;
        setPendingCount(2);
        new Failing(this, from, mid, null).fork();
        new Failing(this, mid, to, null).fork();
      } else if (from == 5) {
        throw new IllegalStateException("five");
      }
      tryComplete();
    }

    @Override
    public boolean onExceptionalCompletion(Throwable ex, CountedCompleter<?> caller) {
      if (getCompleter() != null) { // the root counts as done before it comes here
        seen.put(from + "-" + to, 1);
      }
      return true;
    }
  }

  @Forks
  static Object exceptionalCompletionsAllTheWayUp(ForkJoinPool pool) {
    Failing.seen.clear();
    Failing root = new Failing(null, 0, 8, "x");
    String thrown = ForkContracts.thrown(() -> pool.invoke(root));
    return List.of(thrown, new TreeMap<>(Failing.seen), root.isCompletedAbnormally());
  }

  static class HeaderBuilder extends CountedCompleter<Object> {
    final String[] into;
    final int index;

    HeaderBuilder(CountedCompleter<?> p, String[] into, int index) {
      super(p);
      this.into = into;
      this.index = index;
    }

    @Override
    public void compute() {
      into[index] = "part " + index;
      tryComplete();
    }
  }

  static class PacketSender extends CountedCompleter<String> {
    final String[] parts = new String[3];
    String sent;

    PacketSender() {
      super(null, 2);
    }

    @Override
    public void compute() {}

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      sent = String.join("+", parts);
    }

    @Override
    public String getRawResult() {
      return sent;
    }
  }

  @Forks
  static Object triggersStartedInTheirPool(ForkJoinPool pool) {
    PacketSender sender = new PacketSender();
    for (int i = 0; i < 3; i++) {
      pool.execute(new HeaderBuilder(sender, sender.parts, i));
    }
    return sender.join();
  }

  @Forks
  static Object triggersForkedByATask(ForkJoinPool pool) {
    return pool.invoke(
        new RecursiveTask<String>() {
          @Override
          protected String compute() {
            PacketSender sender = new PacketSender();
            for (int i = 0; i < 3; i++) {
              new HeaderBuilder(sender, sender.parts, i).fork();
            }
            return sender.join() + sender.isDone();
          }
        });
  }

  /** A completer that also is asked to help, and completes its root with a value. */
  static final class Helped extends CountedCompleter<Integer> {
    final int n;
    final AtomicInteger total;

    Helped(CountedCompleter<?> p, int n, AtomicInteger total) {
      super(p);
      this.n = n;
      this.total = total;
    }

    @Override
    public void compute() {
      total.addAndGet(n);
      if (n > 0) {
        setPendingCount(n);
        for (int i = 0; i < n; i++) {
          new Helped(this, i, total).fork();
        }
      }
      tryComplete();
    }
  }

  static final class HelpingAction extends RecursiveAction {
    final AtomicInteger total;

    HelpingAction(AtomicInteger total) {
      this.total = total;
    }

    @Override
    protected void compute() {
      Helped h = new Helped(null, 6, total);
      h.fork();
      h.helpComplete(100);
      h.join();
    }
  }

  @Forks
  static Object helpComplete(ForkJoinPool pool) {
    AtomicInteger total = new AtomicInteger();
    pool.invoke(new HelpingAction(total));
    return total.get();
  }

  static final class Completing extends CountedCompleter<String> {
    String value;
    final boolean abrupt;

    Completing(boolean abrupt) {
      super(null, 5);
      this.abrupt = abrupt;
    }

    @Override
    public void compute() {
      if (abrupt) {
        completeExceptionally(new IllegalArgumentException("abrupt"));
      } else {
        complete("early");
      }
    }

    @Override
    protected void setRawResult(String s) {
      value = s;
    }

    @Override
    public String getRawResult() {
      return value;
    }
  }

  @Forks
  static Object completedByItself(ForkJoinPool pool) {
    Completing normal = new Completing(false);
    Completing abrupt = new Completing(true);
    return List.of(
        pool.invoke(normal),
        ForkContracts.thrown(() -> pool.invoke(abrupt)),
        normal.getPendingCount(),
        abrupt.isCompletedAbnormally());
  }

  static class Histogram extends CountedCompleter<int[]> {
    final byte[] data;
    final int lo;
    final int hi;
    final int[] bins = new int[16];
    Histogram left;
    Histogram right;

    Histogram(Histogram p, byte[] data, int lo, int hi) {
      super(p);
      this.data = data;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    public void compute() {
      if (hi - lo > 256) {
        int mid = (lo + hi) >>> 1;
        left = new Histogram(this, data, lo, mid);
        right = new Histogram(this, data, mid, hi);
        setPendingCount(2);
        left.fork();
        right.fork();
      } else {
        for (int i = lo; i < hi; i++) {
          bins[data[i] & 15]++;
        }
      }
      tryComplete();
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      if (left != null) {
        for (int i = 0; i < 16; i++) {
          bins[i] = left.bins[i] + right.bins[i];
        }
        left = right = null;
      }
    }

    @Override
    public int[] getRawResult() {
      return bins;
    }
  }

  @Forks
  static Object histogramWithChildrenInFields(ForkJoinPool pool) throws Exception {
    byte[] data = new byte[5_000];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * i / 7);
    }
    ForkJoinTask<int[]> task = pool.submit(new Histogram(null, data, 0, data.length));
    return task.get();
  }
}
