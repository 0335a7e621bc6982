package dev.martlet.internal.leaf;

import dev.martlet.internal.capture.Site;
import dev.martlet.internal.capture.Sited;
import dev.martlet.internal.leaf.Chain.Mode;
import dev.martlet.internal.leaf.Sinks.Shape;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A leaf of a parallel stream, or a part of one, as it travels: its elements, or the bounds of a
 * range, and its sinks. What travels is made of arrays, names and what user code made.
 */
public final class Leaf implements Sited {
  private static final int RANGE = 1 << 8;
  private static final int CANCELLABLE = 1 << 9;

  private final Site site;
  private final Class<?> host;
  private final @Nullable Object[] parts;

  /**
   * Creates a leaf.
   *
   * @param site where it is from
   * @param host a class of the program
   * @param chain its sinks, of which an image is made now
   * @param mode how it travels
   * @param source an array of elements, or a {@link Range}
   * @param cancellable whether the sinks are asked before each element if they want it
   */
  public Leaf(
      Site site, Class<?> host, Chain chain, Mode mode, Object source, boolean cancellable) {
    this.site = site;
    this.host = host;
    int flags = mode.code() | chain.inShape().code() << 2 | chain.outShape().code() << 4;
    if (cancellable) {
      flags |= CANCELLABLE;
    }
    Object travels = source;
    if (source instanceof Range r) {
      flags |= RANGE;
      travels = new long[] {r.from(), r.upTo()};
    }
    parts = new @Nullable Object[] {flags, travels, chain.images(mode)};
  }

  @Override
  public Site site() {
    return site;
  }

  @Override
  public Class<?> host() {
    return host;
  }

  @Override
  public Object travels() {
    return parts;
  }

  /** What comes back of a leaf. */
  public static final class Outcome {
    private final @Nullable Object[] parts;

    private Outcome(@Nullable Object[] parts) {
      this.parts = parts;
    }

    /** Reads what {@link Leaf#run} returned. */
    public static Outcome of(@Nullable Object returned) {
      return new Outcome((@Nullable Object[]) Objects.requireNonNull(returned));
    }

    /** Returns the state of each stage. */
    public @Nullable Object[] states() {
      return (@Nullable Object[]) Objects.requireNonNull(parts[0]);
    }

    /** Returns the state of the end, or the array of elements for it. */
    public @Nullable Object result() {
      return parts[1];
    }

    /** Returns how many elements the first sink took. */
    public long fed() {
      return (Long) Objects.requireNonNull(parts[2]);
    }

    /** Returns what ended the leaf after the elements of the result, if anything. */
    public @Nullable Throwable thrown() {
      return (Throwable) parts[3];
    }
  }

  /** What runs a leaf is not made as what sent it; nothing has happened yet. */
  public static final class Unfit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unfit(Throwable cause) {
      super("is one that the worker's JDK cannot run: " + cause, cause);
    }
  }

  /**
   * Runs a leaf that has travelled.
   *
   * @throws Unfit if this JDK's streams are not made as the sender's
   */
  public static Object run(Object travelled) {
    @Nullable Object[] parts = (@Nullable Object[]) travelled;
    int flags = (int) Objects.requireNonNull(parts[0]);
    Object source = Objects.requireNonNull(parts[1]);
    @Nullable Object[] images = (@Nullable Object[]) Objects.requireNonNull(parts[2]);
    Mode mode = Mode.of(flags & 3);
    Shape in = Shape.of(flags >> 2 & 3);
    Shape out = Shape.of(flags >> 4 & 3);
    int n = mode == Mode.REPLAY ? images.length : images.length - 1;
    Object[] sinks = new Object[n];
    Object end = link(mode, out, images, sinks);
    Object sink = n == 0 ? end : sinks[0];
    Throwable thrown = null;
    long fed = 0;
    try {
      fed = feed(source, (flags & RANGE) != 0, in, sink, (flags & CANCELLABLE) != 0);
    } catch (Exception | AssertionError e) {
      if (mode != Mode.REPLAY || e.getClass().getName().startsWith("dev.martlet.internal.")) {
        throw e;
      }
      Trace.cut(e);
      thrown = e;
    }
    @Nullable Object[] states = new Object[n];
    for (int i = 0; i < n; i++) {
      states[i] = Layout.state(image(images, i), sinks[i]);
    }
    Object result =
        switch (mode) {
          case REPLAY -> Sinks.built(out, end);
          case WHOLE -> {
            Layout layout = Layout.of(end.getClass());
            yield Layout.state(layout, new byte[layout.slots.length], end);
          }
          case EFFECTS -> null;
        };
    return new @Nullable Object[] {states, result, fed, thrown};
  }

  /** Makes the sinks from the last to the first, and returns what the last one feeds. */
  private static Object link(Mode mode, Shape out, @Nullable Object[] images, Object[] sinks) {
    Object end;
    try {
      end =
          mode == Mode.REPLAY
              ? Sinks.builder(out)
              : Layout.object(image(images, sinks.length), null);
      Object next = end;
      for (int i = sinks.length - 1; i >= 0; i--) {
        next = Layout.object(image(images, i), next);
        sinks[i] = next;
      }
    } catch (RuntimeException | LinkageError e) {
      throw new Unfit(e);
    }
    if (mode == Mode.WHOLE && Sinks.accumulates(end)) {
      Sinks.begin(end);
    }
    return end;
  }

  private static @Nullable Object[] image(@Nullable Object[] images, int i) {
    return (@Nullable Object[]) Objects.requireNonNull(images[i]);
  }

  private static long feed(
      Object source, boolean isRange, Shape in, Object sink, boolean cancellable) {
    if (isRange) {
      long[] bounds = (long[]) source;
      return new Range(bounds[0], bounds[1]).feed(in, sink, cancellable);
    }
    return feed(source, in, sink, cancellable);
  }

  /** Gives a sink the elements of an array, and returns how many it took. */
  @SuppressWarnings("unchecked")
  public static long feed(Object array, Shape in, Object sink, boolean cancellable) {
    int i = 0;
    switch (in) {
      case REFERENCE -> {
        Consumer<Object> to = (Consumer<Object>) sink;
        Object[] all = (Object[]) array;
        for (; i < all.length && !(cancellable && Sinks.isCancelled(sink)); i++) {
          to.accept(all[i]);
        }
      }
      case INT -> {
        IntConsumer to = (IntConsumer) sink;
        int[] all = (int[]) array;
        for (; i < all.length && !(cancellable && Sinks.isCancelled(sink)); i++) {
          to.accept(all[i]);
        }
      }
      case LONG -> {
        LongConsumer to = (LongConsumer) sink;
        long[] all = (long[]) array;
        for (; i < all.length && !(cancellable && Sinks.isCancelled(sink)); i++) {
          to.accept(all[i]);
        }
      }
      case DOUBLE -> {
        DoubleConsumer to = (DoubleConsumer) sink;
        double[] all = (double[]) array;
        for (; i < all.length && !(cancellable && Sinks.isCancelled(sink)); i++) {
          to.accept(all[i]);
        }
      }
    }
    return i;
  }
}
