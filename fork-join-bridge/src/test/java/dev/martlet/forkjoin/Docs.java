package dev.martlet.forkjoin;

import java.util.Arrays;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The examples of the JDK's documentation, as printed there. */
@SuppressWarnings({"serial", "unchecked", "rawtypes", "NullAway"})
final class Docs {
  private Docs() {}

  static class Fibonacci extends RecursiveTask<Integer> {
    final int n;

    Fibonacci(int n) {
      this.n = n;
    }

    @Override
    protected Integer compute() {
      if (n <= 1) {
        return n;
      }
      Fibonacci f1 = new Fibonacci(n - 1);
      f1.fork();
      Fibonacci f2 = new Fibonacci(n - 2);
      return f2.compute() + f1.join();
    }
  }

  static class FibAction extends RecursiveAction {
    final int n;
    int result;

    FibAction(int n) {
      this.n = n;
    }

    @Override
    protected void compute() {
      if (n <= 1) {
        result = n;
      } else {
        FibAction f1 = new FibAction(n - 1);
        FibAction f2 = new FibAction(n - 2);
        invokeAll(f1, f2);
        result = f1.result + f2.result;
      }
    }
  }

  static class SortTask extends RecursiveAction {
    static final int THRESHOLD = 1000;
    final long[] array;
    final int lo;
    final int hi;

    SortTask(long[] array, int lo, int hi) {
      this.array = array;
      this.lo = lo;
      this.hi = hi;
    }

    SortTask(long[] array) {
      this(array, 0, array.length);
    }

    @Override
    protected void compute() {
      if (hi - lo < THRESHOLD) {
        sortSequentially(lo, hi);
      } else {
        int mid = (lo + hi) >>> 1;
        invokeAll(new SortTask(array, lo, mid), new SortTask(array, mid, hi));
        merge(lo, mid, hi);
      }
    }

    void sortSequentially(int lo, int hi) {
      Arrays.sort(array, lo, hi);
    }

    void merge(int lo, int mid, int hi) {
      long[] buf = Arrays.copyOfRange(array, lo, mid);
      for (int i = 0, j = lo, k = mid; i < buf.length; j++) {
        array[j] = (k == hi || buf[i] < array[k]) ? buf[i++] : array[k++];
      }
    }
  }

  static class IncrementTask extends RecursiveAction {
    static final int THRESHOLD = 100;
    final long[] array;
    final int lo;
    final int hi;

    IncrementTask(long[] array, int lo, int hi) {
      this.array = array;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    protected void compute() {
      if (hi - lo < THRESHOLD) {
        for (int i = lo; i < hi; ++i) {
          array[i]++;
        }
      } else {
        int mid = (lo + hi) >>> 1;
        invokeAll(new IncrementTask(array, lo, mid), new IncrementTask(array, mid, hi));
      }
    }
  }

  static class Applyer extends RecursiveAction {
    final double[] array;
    final int lo;
    final int hi;
    double result;
    @Nullable Applyer next; // keeps track of right-hand-side tasks

    Applyer(double[] array, int lo, int hi, @Nullable Applyer next) {
      this.array = array;
      this.lo = lo;
      this.hi = hi;
      this.next = next;
    }

    double atLeaf(int l, int h) {
      double sum = 0;
      for (int i = l; i < h; ++i) { // perform leftmost base step
        sum += array[i] * array[i];
      }
      return sum;
    }

    @Override
    protected void compute() {
      int l = lo;
      int h = hi;
      Applyer right = null;
      while (h - l > 1 && getSurplusQueuedTaskCount() <= 3) {
        int mid = (l + h) >>> 1;
        right = new Applyer(array, mid, h, right);
        right.fork();
        h = mid;
      }
      double sum = atLeaf(l, h);
      while (right != null) {
        if (right.tryUnfork()) { // directly calculate if not stolen
          sum += right.atLeaf(right.lo, right.hi);
        } else {
          right.join();
          sum += right.result;
        }
        right = right.next;
      }
      result = sum;
    }
  }

  static class ForEach<E> extends CountedCompleter<Void> {
    final int version;
    final E[] array;
    final Consumer<E> action;
    final int lo;
    final int hi;

    ForEach(
        @Nullable CountedCompleter<?> p,
        int version,
        E[] array,
        Consumer<E> action,
        int lo,
        int hi) {
      super(p);
      this.version = version;
      this.array = array;
      this.action = action;
      this.lo = lo;
      this.hi = hi;
    }

    private ForEach<E> child(int lo, int hi) {
      return new ForEach<>(this, version, array, action, lo, hi);
    }

    @Override
    public void compute() {
      switch (version) {
        case 1 -> version1();
        case 2 -> version2();
        default -> version3();
      }
    }

    private void version1() {
      if (hi - lo >= 2) {
        int mid = (lo + hi) >>> 1;
        // must set pending count before fork
        setPendingCount(2);
        child(mid, hi).fork(); // right child
        child(lo, mid).fork(); // left child
      } else if (hi > lo) {
        action.accept(array[lo]);
      }
      tryComplete();
    }

    private void version2() {
      if (hi - lo >= 2) {
        int mid = (lo + hi) >>> 1;
        setPendingCount(1); // looks off by one, but correct!
        child(mid, hi).fork(); // right child
        child(lo, mid).compute(); // direct invoke
      } else {
        if (hi > lo) {
          action.accept(array[lo]);
        }
        tryComplete();
      }
    }

    private void version3() {
      int l = lo;
      int h = hi;
      while (h - l >= 2) {
        int mid = (l + h) >>> 1;
        addToPendingCount(1);
        child(mid, h).fork(); // right child
        h = mid;
      }
      if (h > l) {
        action.accept(array[l]);
      }
      propagateCompletion();
    }
  }

  static class Searcher<E> extends CountedCompleter<E> {
    final E[] array;
    final AtomicReference<E> result;
    final E wanted;
    final int lo;
    final int hi;

    Searcher(
        @Nullable CountedCompleter<?> p,
        E[] array,
        AtomicReference<E> result,
        E wanted,
        int lo,
        int hi) {
      super(p);
      this.array = array;
      this.result = result;
      this.wanted = wanted;
      this.lo = lo;
      this.hi = hi;
    }

    @Override
    public E getRawResult() {
      return result.get();
    }

    @Override
    public void compute() { // similar to ForEach version 3
      int l = lo;
      int h = hi;
      while (result.get() == null && h >= l) {
        if (h - l >= 2) {
          int mid = (l + h) >>> 1;
          addToPendingCount(1);
          new Searcher<>(this, array, result, wanted, mid, h).fork();
          h = mid;
        } else {
          E x = array[l];
          if (matches(x) && result.compareAndSet(null, x)) {
            quietlyCompleteRoot(); // root task is now joinable
          }
          break;
        }
      }
      tryComplete(); // normally complete whether or not found
    }

    boolean matches(E e) {
      return e.equals(wanted);
    }
  }

  static class MapReducer<E> extends CountedCompleter<E> {
    final E[] array;
    final Function<E, E> mapper;
    final BinaryOperator<E> reducer;
    final int lo;
    final int hi;
    MapReducer<E> sibling;
    E result;

    MapReducer(
        @Nullable CountedCompleter<?> p,
        E[] array,
        Function<E, E> mapper,
        BinaryOperator<E> reducer,
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
        MapReducer<E> left = new MapReducer(this, array, mapper, reducer, lo, mid);
        MapReducer<E> right = new MapReducer(this, array, mapper, reducer, mid, hi);
        left.sibling = right;
        right.sibling = left;
        setPendingCount(1); // only right is pending
        right.fork();
        left.compute(); // directly execute left
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
        MapReducer<E> child = (MapReducer<E>) caller;
        MapReducer<E> sib = child.sibling;
        if (sib == null || sib.result == null) {
          result = child.result;
        } else if (child.lo < sib.lo) {
          result = reducer.apply(child.result, sib.result);
        } else {
          result = reducer.apply(sib.result, child.result);
        }
      }
    }

    @Override
    public E getRawResult() {
      return result;
    }
  }

  /** The version that takes completions on by itself. */
  static class LinkedMapReducer<E> extends CountedCompleter<E> {
    final E[] array;
    final Function<E, E> mapper;
    final BinaryOperator<E> reducer;
    final int lo;
    final int hi;
    LinkedMapReducer<E> forks;
    LinkedMapReducer<E> next; // record subtask forks in list
    E result;

    LinkedMapReducer(
        @Nullable CountedCompleter<?> p,
        E[] array,
        Function<E, E> mapper,
        BinaryOperator<E> reducer,
        int lo,
        int hi,
        @Nullable LinkedMapReducer<E> next) {
      super(p);
      this.array = array;
      this.mapper = mapper;
      this.reducer = reducer;
      this.lo = lo;
      this.hi = hi;
      this.next = next;
    }

    @Override
    public void compute() {
      int l = lo;
      int h = hi;
      while (h - l >= 2) {
        int mid = (l + h) >>> 1;
        addToPendingCount(1);
        forks = new LinkedMapReducer(this, array, mapper, reducer, mid, h, forks);
        forks.fork();
        h = mid;
      }
      if (h > l) {
        result = mapper.apply(array[l]);
      }
      // process completions by reducing along and advancing subtask links
      for (CountedCompleter<?> c = firstComplete(); c != null; c = c.nextComplete()) {
        for (LinkedMapReducer t = (LinkedMapReducer) c, s = t.forks;
            s != null;
            s = t.forks = s.next) {
          t.result = reducer.apply((E) t.result, (E) s.result);
        }
      }
    }

    @Override
    public E getRawResult() {
      return result;
    }
  }

  /** The documentation's HeaderBuilder and BodyReader. */
  static class PartBuilder extends CountedCompleter<Void> {
    final StringBuilder packet;
    final String part;

    PartBuilder(CountedCompleter<?> p, StringBuilder packet, String part) {
      super(p);
      this.packet = packet;
      this.part = part;
    }

    @Override
    public void compute() {
      packet.append(part);
      tryComplete();
    }
  }

  static class PacketSender extends CountedCompleter<String> {
    final StringBuilder header = new StringBuilder();
    final StringBuilder body = new StringBuilder();
    @Nullable String sent;

    PacketSender() {
      super(null, 1); // trigger on second completion
    }

    @Override
    public void compute() {} // never called

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      sent = header + " " + body;
    }

    @Override
    public String getRawResult() {
      return sent;
    }
  }
}
