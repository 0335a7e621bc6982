package dev.martlet.internal.streams;

import dev.martlet.internal.codec.FieldSlot;
import dev.martlet.internal.leaf.Range;
import dev.martlet.internal.leaf.Sinks;
import dev.martlet.internal.leaf.Sinks.Shape;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a leaf, taken from its spliterator in parts: a range as its bounds, anything else
 * drained into arrays. Not thread-safe.
 */
abstract class Source {
  /** Returns the next part with at most so many elements, or {@code null} at the end. */
  abstract @Nullable Object next(long most);

  /** Feeds a sink all that is left, as the JDK does, and returns about how many elements. */
  abstract long rest(Shape in, Object sink, boolean cancellable);

  /**
   * Returns how many elements are taken at a time if all are to leave.
   *
   * @param cancellable whether not all may be wanted
   * @param chunk how many are taken if there may be no end to them
   */
  abstract long most(boolean cancellable, long chunk);

  /** Returns how many elements are left, or {@link Long#MAX_VALUE} if that is not known. */
  abstract long size();

  /** Returns how many elements a part has. */
  static long size(Object part) {
    return part instanceof Range r ? r.size() : Array.getLength(part);
  }

  /** Returns some of the elements of a part. */
  static Object part(Object all, long from, long to) {
    if (all instanceof Range r) {
      return new Range(r.from() + from, r.from() + to - 1);
    }
    int n = (int) (to - from);
    Object part = Array.newInstance(all.getClass().getComponentType(), n);
    System.arraycopy(all, (int) from, part, 0, n);
    return part;
  }

  static Source of(Spliterator<?> from, Shape shape) {
    Range range = RangeFields.take(from);
    return range == null ? new Drained(from, shape) : new OfRange(range);
  }

  private static final class OfRange extends Source {
    private @Nullable Range left;

    OfRange(Range all) {
      left = all;
    }

    @Override
    @Nullable Object next(long most) {
      Range all = left;
      if (all == null || all.from() > all.upTo()) {
        return null;
      }
      if (all.size() <= most) {
        left = null;
        return all;
      }
      left = new Range(all.from() + most, all.upTo());
      return new Range(all.from(), all.from() + most - 1);
    }

    @Override
    long most(boolean cancellable, long chunk) {
      return Long.MAX_VALUE;
    }

    @Override
    long rest(Shape in, Object sink, boolean cancellable) {
      Range all = left;
      left = null;
      return all == null ? 0 : all.feed(in, sink, cancellable);
    }

    @Override
    long size() {
      Range all = left;
      return all == null ? 0 : all.size();
    }
  }

  /** What the spliterators of ranges look like inside. */
  private static final class RangeFields {
    private static final @Nullable RangeFields INT =
        of("java.util.stream.Streams$RangeIntSpliterator");
    private static final @Nullable RangeFields LONG =
        of("java.util.stream.Streams$RangeLongSpliterator");

    private final Class<?> type;
    private final FieldSlot from;
    private final FieldSlot upTo;
    private final FieldSlot last;

    private RangeFields(Class<?> type) throws NoSuchFieldException {
      this.type = type;
      from = slot("from");
      upTo = slot("upTo");
      last = slot("last");
    }

    private FieldSlot slot(String name) throws NoSuchFieldException {
      Field f = type.getDeclaredField(name);
      return new FieldSlot(f);
    }

    private static @Nullable RangeFields of(String name) {
      try {
        return new RangeFields(Class.forName(name, false, null));
      } catch (ReflectiveOperationException e) {
        return null; // and such ranges are drained
      }
    }

    /** Returns the range of a spliterator, which is empty then: ordered tasks look again. */
    static @Nullable Range take(Spliterator<?> s) {
      RangeFields f =
          INT != null && INT.type.isInstance(s)
              ? INT
              : LONG != null && LONG.type.isInstance(s) ? LONG : null;
      if (f == null) {
        return null;
      }
      long from = f.from.getBits(s);
      long upTo = f.upTo.getBits(s);
      boolean closed = f.last.getBits(s) > 0;
      f.from.putBits(s, upTo);
      f.last.putBits(s, 0);
      return from >= upTo && !closed ? new Range(1, 0) : new Range(from, closed ? upTo : upTo - 1);
    }
  }

  private static final class Drained extends Source {
    private static final int FIRST = 64;
    private static final int LONGEST = 1 << 18;

    private final Spliterator<?> from;
    private final Shape shape;
    private boolean done;

    Drained(Spliterator<?> from, Shape shape) {
      this.from = from;
      this.shape = shape;
    }

    @Override
    long most(boolean cancellable, long chunk) {
      return cancellable && from.getExactSizeIfKnown() < 0 ? chunk : LONGEST;
    }

    @Override
    long rest(Shape in, Object sink, boolean cancellable) {
      done = true;
      if (!cancellable) {
        long size = from.estimateSize();
        Leaves.traverse(from, sink);
        return size;
      }
      long n = 0;
      while (!Sinks.isCancelled(sink) && Leaves.advance(from, sink)) {
        n++;
      }
      return n;
    }

    @Override
    long size() {
      return done ? 0 : from.estimateSize();
    }

    @Override
    @Nullable Object next(long most) {
      if (done) {
        return null;
      }
      long exact = from.getExactSizeIfKnown();
      boolean all = exact >= 0 && exact <= most;
      int room = (int) (all ? exact : Math.min(most, FIRST));
      Filling to =
          switch (shape) {
            case REFERENCE -> new References(room);
            case INT -> new Ints(room);
            case LONG -> new Longs(room);
            case DOUBLE -> new Doubles(room);
          };
      if (all) {
        to.drain(from);
        done = true;
      } else {
        while (to.n < most) {
          if (!to.advance(from)) {
            done = true;
            break;
          }
        }
      }
      return to.n == 0 ? null : to.array();
    }
  }

  /** An array that elements are put into. */
  private abstract static class Filling {
    int n;

    abstract void drain(Spliterator<?> from);

    abstract boolean advance(Spliterator<?> from);

    abstract Object array();

    final int grown(int length) {
      return Math.max(16, length + (length >> 1));
    }
  }

  private static final class References extends Filling implements Consumer<Object> {
    private @Nullable Object[] a;

    References(int room) {
      a = new Object[room];
    }

    @Override
    public void accept(Object o) {
      if (n == a.length) {
        a = Arrays.copyOf(a, grown(n));
      }
      a[n++] = o;
    }

    @Override
    void drain(Spliterator<?> from) {
      from.forEachRemaining(this);
    }

    @Override
    boolean advance(Spliterator<?> from) {
      return from.tryAdvance(this);
    }

    @Override
    Object array() {
      return n == a.length ? a : Arrays.copyOf(a, n);
    }
  }

  private static final class Ints extends Filling implements IntConsumer {
    private int[] a;

    Ints(int room) {
      a = new int[room];
    }

    @Override
    public void accept(int o) {
      if (n == a.length) {
        a = Arrays.copyOf(a, grown(n));
      }
      a[n++] = o;
    }

    @Override
    void drain(Spliterator<?> from) {
      ((Spliterator.OfInt) from).forEachRemaining(this);
    }

    @Override
    boolean advance(Spliterator<?> from) {
      return ((Spliterator.OfInt) from).tryAdvance(this);
    }

    @Override
    Object array() {
      return n == a.length ? a : Arrays.copyOf(a, n);
    }
  }

  private static final class Longs extends Filling implements LongConsumer {
    private long[] a;

    Longs(int room) {
      a = new long[room];
    }

    @Override
    public void accept(long o) {
      if (n == a.length) {
        a = Arrays.copyOf(a, grown(n));
      }
      a[n++] = o;
    }

    @Override
    void drain(Spliterator<?> from) {
      ((Spliterator.OfLong) from).forEachRemaining(this);
    }

    @Override
    boolean advance(Spliterator<?> from) {
      return ((Spliterator.OfLong) from).tryAdvance(this);
    }

    @Override
    Object array() {
      return n == a.length ? a : Arrays.copyOf(a, n);
    }
  }

  private static final class Doubles extends Filling implements DoubleConsumer {
    private double[] a;

    Doubles(int room) {
      a = new double[room];
    }

    @Override
    public void accept(double o) {
      if (n == a.length) {
        a = Arrays.copyOf(a, grown(n));
      }
      a[n++] = o;
    }

    @Override
    void drain(Spliterator<?> from) {
      ((Spliterator.OfDouble) from).forEachRemaining(this);
    }

    @Override
    boolean advance(Spliterator<?> from) {
      return ((Spliterator.OfDouble) from).tryAdvance(this);
    }

    @Override
    Object array() {
      return n == a.length ? a : Arrays.copyOf(a, n);
    }
  }
}
