package dev.martlet.internal.streams;

import dev.martlet.internal.leaf.Sinks;
import dev.martlet.internal.leaf.Sinks.Shape;
import java.util.Comparator;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a spliterator while a stream splits it and feeds its leaves to sinks, and has each
 * leaf run where it runs best. A traversal that may stop early comes as a row of {@code
 * tryAdvance}: the first of them runs the leaf, after which the sinks say whether they want more.
 *
 * <p>As a source of its own it is also asked for single elements, by iterators, and by streams that
 * have been made sequential. These run at home.
 */
class LeafSpliterator<T> implements Spliterator<T> {
  private static final StackWalker WALKER = StackWalker.getInstance();

  private final Leaves leaves;
  final Spliterator<T> of;
  private final boolean isLeaf;
  private boolean whole;
  private boolean done;

  private LeafSpliterator(Leaves leaves, Spliterator<T> of, boolean isLeaf) {
    this.leaves = leaves;
    this.of = of;
    this.isLeaf = isLeaf;
    this.whole = !isLeaf;
  }

  /**
   * Returns a spliterator of the shape that the stream expects.
   *
   * @param isLeaf whether a parallel stream is about to traverse it, and does nothing else
   */
  static Spliterator<?> of(Leaves leaves, Spliterator<?> of, Shape shape, boolean isLeaf) {
    return switch (shape) {
      case REFERENCE -> new LeafSpliterator<>(leaves, of, isLeaf);
      case INT -> new OfInt(leaves, (Spliterator.OfInt) of, isLeaf);
      case LONG -> new OfLong(leaves, (Spliterator.OfLong) of, isLeaf);
      case DOUBLE -> new OfDouble(leaves, (Spliterator.OfDouble) of, isLeaf);
    };
  }

  final boolean run(Object sink, boolean cancellable) {
    if (done) {
      return false;
    }
    if (!isLeaf && !isLeafOf(sink, cancellable)) {
      if (cancellable) {
        return Leaves.advance(of, sink);
      }
      done = true;
      Leaves.traverse(of, sink);
      return false;
    }
    done = true;
    leaves.run(of, sink, cancellable);
    return cancellable && Sinks.isCancelled(sink);
  }

  /** Returns whether this is a parallel stream's traversal of a leaf. */
  private boolean isLeafOf(Object sink, boolean cancellable) {
    return Sinks.isSink(sink)
        && !(cancellable && leaves.isForOne(sink))
        && (!whole || WALKER.walk(LeafSpliterator::isParallel));
  }

  private static boolean isParallel(Stream<StackWalker.StackFrame> frames) {
    return frames
        .map(StackWalker.StackFrame::getClassName)
        .dropWhile(name -> name.startsWith(LeafSpliterator.class.getPackageName()))
        .takeWhile(name -> name.startsWith("java.util."))
        .anyMatch(name -> name.equals("java.util.concurrent.CountedCompleter"));
  }

  final <S extends Spliterator<?>> @Nullable S split(@Nullable S prefix, Shape shape) {
    if (prefix == null) {
      return null;
    }
    whole = false;
    @SuppressWarnings("unchecked")
    S half = (S) of(leaves, prefix, shape, isLeaf);
    ((LeafSpliterator<?>) half).whole = false;
    return half;
  }

  @Override
  public boolean tryAdvance(Consumer<? super T> action) {
    return run(action, true);
  }

  @Override
  public void forEachRemaining(Consumer<? super T> action) {
    boolean unused = run(action, false);
  }

  @Override
  public @Nullable Spliterator<T> trySplit() {
    return split(of.trySplit(), Shape.REFERENCE);
  }

  @Override
  public long estimateSize() {
    return done ? 0 : of.estimateSize();
  }

  @Override
  public long getExactSizeIfKnown() {
    return done ? 0 : of.getExactSizeIfKnown();
  }

  @Override
  public int characteristics() {
    return of.characteristics();
  }

  @Override
  public Comparator<? super T> getComparator() {
    return of.getComparator();
  }

  private static final class OfInt extends LeafSpliterator<Integer> implements Spliterator.OfInt {
    OfInt(Leaves leaves, Spliterator.OfInt of, boolean isLeaf) {
      super(leaves, of, isLeaf);
    }

    @Override
    public Spliterator.@Nullable OfInt trySplit() {
      return split(((Spliterator.OfInt) of).trySplit(), Shape.INT);
    }

    @Override
    public boolean tryAdvance(IntConsumer action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(IntConsumer action) {
      boolean unused = run(action, false);
    }

    @Override
    public boolean tryAdvance(Consumer<? super Integer> action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(Consumer<? super Integer> action) {
      boolean unused = run(action, false);
    }
  }

  private static final class OfLong extends LeafSpliterator<Long> implements Spliterator.OfLong {
    OfLong(Leaves leaves, Spliterator.OfLong of, boolean isLeaf) {
      super(leaves, of, isLeaf);
    }

    @Override
    public Spliterator.@Nullable OfLong trySplit() {
      return split(((Spliterator.OfLong) of).trySplit(), Shape.LONG);
    }

    @Override
    public boolean tryAdvance(LongConsumer action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(LongConsumer action) {
      boolean unused = run(action, false);
    }

    @Override
    public boolean tryAdvance(Consumer<? super Long> action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(Consumer<? super Long> action) {
      boolean unused = run(action, false);
    }
  }

  private static final class OfDouble extends LeafSpliterator<Double>
      implements Spliterator.OfDouble {
    OfDouble(Leaves leaves, Spliterator.OfDouble of, boolean isLeaf) {
      super(leaves, of, isLeaf);
    }

    @Override
    public Spliterator.@Nullable OfDouble trySplit() {
      return split(((Spliterator.OfDouble) of).trySplit(), Shape.DOUBLE);
    }

    @Override
    public boolean tryAdvance(DoubleConsumer action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(DoubleConsumer action) {
      boolean unused = run(action, false);
    }

    @Override
    public boolean tryAdvance(Consumer<? super Double> action) {
      return run(action, true);
    }

    @Override
    public void forEachRemaining(Consumer<? super Double> action) {
      boolean unused = run(action, false);
    }
  }
}
