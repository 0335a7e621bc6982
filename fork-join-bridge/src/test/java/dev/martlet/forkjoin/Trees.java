package dev.martlet.forkjoin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.RecursiveTask;
import org.jspecify.annotations.Nullable;

/**
 * Trees of fork/join tasks of many kinds. Each leaf writes its own place of a shared array; the
 * value of a tree depends on the order of its children.
 */
@SuppressWarnings({"serial", "NullAway"})
final class Trees {
  private Trees() {}

  /** How a node runs its children. */
  enum Kind {
    FORK_JOIN,
    FORK_ALL_JOIN_BACKWARDS,
    COMPUTE_LAST,
    INVOKE_ALL_TWO,
    INVOKE_ALL_VARARGS,
    INVOKE_ALL_LIST,
    ACTION_FIELDS,
    UNFORK,
    TRY_COMPLETE,
    COMPUTE_DIRECTLY,
    COMPLETE;

    boolean isCompleter() {
      return this == TRY_COMPLETE || this == COMPUTE_DIRECTLY || this == COMPLETE;
    }
  }

  /** A tree as it shall be: leaves have no children. */
  record Spec(Kind kind, int place, boolean fails, List<Spec> children) {
    int size() {
      return 1 + children.stream().mapToInt(Spec::size).sum();
    }

    boolean anyFails() {
      return fails || children.stream().anyMatch(Spec::anyFails);
    }
  }

  static final class LeafException extends RuntimeException {
    LeafException(String message) {
      super(message);
    }
  }

  static long combine(long a, long b) {
    return a * 31 + b;
  }

  static long leaf(Spec spec, long[] places) {
    if (spec.fails) {
      throw new LeafException("leaf");
    }
    long value = spec.place * 7L + 3;
    places[spec.place] += value;
    return value;
  }

  static boolean isCompleter(Spec spec) {
    return spec.kind.isCompleter();
  }

  /** A tree that nobody has begun. */
  static ForkJoinTask<Long> task(Spec spec, long[] places) {
    return isCompleter(spec) ? new Completing(null, spec, places) : new Summing(spec, places);
  }

  static class Base<T> extends RecursiveTask<T> {
    final Spec spec;
    final long[] places;

    Base(Spec spec, long[] places) {
      this.spec = spec;
      this.places = places;
    }

    @Override
    @SuppressWarnings("unchecked")
    protected T compute() {
      return (T) (Long) leaf(spec, places);
    }
  }

  static class Summing extends Base<Long> {
    @Nullable ForkJoinTask<Long> kept;

    Summing(Spec spec, long[] places) {
      super(spec, places);
    }

    @Override
    protected Long compute() {
      List<Spec> children = spec.children;
      if (children.isEmpty()) {
        return super.compute();
      }
      List<ForkJoinTask<Long>> tasks = new ArrayList<>();
      children.forEach(c -> tasks.add(task(c, places)));
      long value = spec.place;
      int n = tasks.size();
      switch (spec.kind) {
        case FORK_JOIN -> {
          for (ForkJoinTask<Long> t : tasks) {
            value = combine(value, t.fork().join());
          }
        }
        case FORK_ALL_JOIN_BACKWARDS -> {
          tasks.forEach(ForkJoinTask::fork);
          long[] values = new long[n];
          for (int i = n - 1; i >= 0; i--) {
            values[i] = tasks.get(i).join();
          }
          for (long v : values) {
            value = combine(value, v);
          }
        }
        case COMPUTE_LAST -> {
          for (int i = 0; i < n - 1; i++) {
            tasks.get(i).fork();
          }
          long last =
              tasks.get(n - 1) instanceof Summing s ? s.compute() : tasks.get(n - 1).invoke();
          for (int i = 0; i < n - 1; i++) {
            value = combine(value, tasks.get(i).join());
          }
          value = combine(value, last);
        }
        case INVOKE_ALL_TWO -> {
          for (int i = 0; i + 1 < n; i += 2) {
            invokeAll(tasks.get(i), tasks.get(i + 1));
          }
          if (n % 2 == 1) {
            tasks.get(n - 1).quietlyInvoke();
          }
          for (ForkJoinTask<Long> t : tasks) {
            value = combine(value, t.join());
          }
        }
        case INVOKE_ALL_VARARGS -> {
          invokeAll(tasks.toArray(new ForkJoinTask<?>[0]));
          for (ForkJoinTask<Long> t : tasks) {
            value = combine(value, t.getRawResult());
          }
        }
        case INVOKE_ALL_LIST -> {
          for (ForkJoinTask<Long> t : invokeAll(tasks)) {
            value = combine(value, t.join());
          }
        }
        case ACTION_FIELDS -> {
          Fields fields = new Fields(tasks);
          kept = tasks.get(0);
          fields.fork();
          fields.join();
          value = combine(value, fields.result);
        }
        default -> {
          tasks.forEach(ForkJoinTask::fork);
          long[] values = new long[n];
          for (int i = n - 1; i >= 0; i--) {
            ForkJoinTask<Long> t = tasks.get(i);
            values[i] = t.tryUnfork() ? t.invoke() : t.join();
          }
          for (long v : values) {
            value = combine(value, v);
          }
        }
      }
      return value;
    }
  }

  /** Keeps its children in a field, and its result in another. */
  static class Fields extends RecursiveAction {
    final List<ForkJoinTask<Long>> tasks;
    long result;

    Fields(List<ForkJoinTask<Long>> tasks) {
      this.tasks = tasks;
    }

    @Override
    protected void compute() {
      tasks.forEach(ForkJoinTask::fork);
      for (ForkJoinTask<Long> t : tasks) {
        result = combine(result, t.join());
      }
    }
  }

  static class Completing extends CountedCompleter<Long> {
    final Spec spec;
    final long[] places;
    final @Nullable Completing[] below;
    final long[] values;
    int completions;
    @Nullable Long result;

    Completing(@Nullable CountedCompleter<?> above, Spec spec, long[] places) {
      super(above);
      this.spec = spec;
      this.places = places;
      this.values = new long[spec.children.size()];
      this.below = new Completing[values.length];
    }

    @Override
    public void compute() {
      if (spec.children.isEmpty()) {
        long own = leaf(spec, places);
        if (spec.kind == Kind.COMPLETE) {
          complete(own);
        } else {
          result = own;
          tryComplete();
        }
        return;
      }
      List<Completing> forked = new ArrayList<>();
      for (int i = 0; i < values.length; i++) {
        Spec c = spec.children.get(i);
        if (isCompleter(c)) {
          Completing b = new Completing(this, c, places);
          below[i] = b;
          forked.add(b);
        } else {
          values[i] = task(c, places).invoke();
        }
      }
      if (spec.kind == Kind.COMPUTE_DIRECTLY && !forked.isEmpty()) {
        setPendingCount(forked.size() - 1);
        for (int i = 1; i < forked.size(); i++) {
          forked.get(i).fork();
        }
        forked.get(0).compute();
      } else {
        setPendingCount(forked.size());
        forked.forEach(ForkJoinTask::fork);
        tryComplete();
      }
    }

    @Override
    public void onCompletion(CountedCompleter<?> caller) {
      completions++;
      if (values.length > 0) {
        long value = spec.place;
        for (int i = 0; i < values.length; i++) {
          Completing b = below[i];
          value = combine(value, b == null ? values[i] : b.result);
        }
        result = value;
      }
    }

    @Override
    protected void setRawResult(Long value) {
      result = value;
    }

    @Override
    public Long getRawResult() {
      return result;
    }
  }
}
