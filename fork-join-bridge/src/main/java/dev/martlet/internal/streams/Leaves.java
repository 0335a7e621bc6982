package dev.martlet.internal.streams;

import dev.martlet.Frontier;
import dev.martlet.UncapturableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.executor.Errand;
import dev.martlet.internal.forkjoin.Calls;
import dev.martlet.internal.forkjoin.StreamLeaves;
import dev.martlet.internal.leaf.Chain;
import dev.martlet.internal.leaf.Chain.Mode;
import dev.martlet.internal.leaf.Leaf;
import dev.martlet.internal.leaf.Range;
import dev.martlet.internal.leaf.Sinks;
import dev.martlet.internal.leaf.Sinks.Shape;
import dev.martlet.internal.leaf.Trace;
import dev.martlet.internal.log.Log;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Spliterator;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.BaseStream;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs the leaves of a pool's parallel streams, each where it runs best.
 *
 * <p>By default that is found by measure: the first leaves of a pipeline run at home, one a
 * processor. Others leave if they are known to take longer than a few milliseconds and several
 * times what it takes to ship one, or if the first have been at it for so long already; of these,
 * too, a few stay to keep processors busy. A leaf that takes long is cut into parts that are away
 * at the same time, so that slow elements do not hold up the run.
 *
 * <p>What cannot leave runs here on the same elements. The source is consumed by then, so it is
 * these that are fed to the sinks. Thread-safe.
 */
public final class Leaves implements StreamLeaves {
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long GLANCE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long PART_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int PARTS = 8;

  // A leaf may be infinite, and elements that are never asked for are wasted.
  private static final int FIRST_CHUNK = 64;
  private static final int LONGEST_CHUNK = 1 << 16;

  private final Calls calls;
  private final Frontier frontier;
  private final int places;
  private final int processors;
  private final double shipFactor;
  private final int mostParts;
  private final AtomicInteger taken = new AtomicInteger();

  /**
   * Creates the leaves of a pool.
   *
   * @param processors how many processors the home has
   * @param shipFactor how many times longer than its transport a leaf has to run to leave
   */
  public Leaves(
      Calls calls, Frontier frontier, int parallelism, int processors, double shipFactor) {
    this.calls = calls;
    this.frontier = frontier;
    this.processors = processors;
    this.places = Math.min(processors, (parallelism + 1) / 2);
    // A stream that runs outside the pool has leaves for the processors of this machine only.
    this.mostParts = Math.max(PARTS, parallelism);
    this.shipFactor = shipFactor;
  }

  @Override
  public Spliterator<?> leaf(Object pipeline, Object sink, Spliterator<?> source) {
    if (source instanceof LeafSpliterator
        || frontier.kind() == Frontier.Kind.HOME
        || !(pipeline instanceof BaseStream<?, ?> stream)
        || !stream.isParallel()
        || !Sinks.isSink(sink)) {
      return source;
    }
    Shape shape = Sinks.shape(sink);
    return isOf(shape, source) ? LeafSpliterator.of(this, source, shape, true) : source;
  }

  private static boolean isOf(Shape shape, Spliterator<?> source) {
    return switch (shape) {
      case REFERENCE -> true;
      case INT -> source instanceof Spliterator.OfInt;
      case LONG -> source instanceof Spliterator.OfLong;
      case DOUBLE -> source instanceof Spliterator.OfDouble;
    };
  }

  /** Returns a parallel stream over a source, whose leaves run here wherever it is run. */
  @SuppressWarnings("unchecked")
  public <T> Stream<T> stream(Spliterator<T> source) {
    Spliterator<?> of = LeafSpliterator.of(this, source, Shape.REFERENCE, false);
    return StreamSupport.stream((Spliterator<T>) of, true);
  }

  /** Returns a parallel stream over a source, likewise. */
  public IntStream stream(Spliterator.OfInt source) {
    Spliterator<?> of = LeafSpliterator.of(this, source, Shape.INT, false);
    return StreamSupport.intStream((Spliterator.OfInt) of, true);
  }

  /** Returns a parallel stream over a source, likewise. */
  public LongStream stream(Spliterator.OfLong source) {
    Spliterator<?> of = LeafSpliterator.of(this, source, Shape.LONG, false);
    return StreamSupport.longStream((Spliterator.OfLong) of, true);
  }

  /** Returns a parallel stream over a source, likewise. */
  public DoubleStream stream(Spliterator.OfDouble source) {
    Spliterator<?> of = LeafSpliterator.of(this, source, Shape.DOUBLE, false);
    return StreamSupport.doubleStream((Spliterator.OfDouble) of, true);
  }

  /** Returns whether a sink is one that an iterator fills, one element at a time. */
  boolean isForOne(Object sink) {
    Chain chain = chain(sink);
    return chain == null || chain.end().getClass().isHidden();
  }

  /** Feeds a leaf to its sinks. */
  void run(Spliterator<?> source, Object sink, boolean cancellable) {
    Run run = prepare(source, sink, cancellable);
    if (run != null) {
      run.run();
    } else if (cancellable) {
      boolean more = true;
      while (more && !Sinks.isCancelled(sink)) {
        more = advance(source, sink);
      }
    } else {
      traverse(source, sink);
    }
  }

  /** Looks at a leaf, and returns {@code null} if it runs at home without more ado. */
  private @Nullable Run prepare(Spliterator<?> source, Object sink, boolean cancellable) {
    try {
      Chain chain = chain(sink);
      LeafSite site = chain == null ? null : LeafSite.of(chain);
      return chain == null || site == null || site.mode(chain, null) == null
          ? null
          : new Run(chain, site, Source.of(source, chain.inShape()), cancellable);
    } catch (RuntimeException | LinkageError e) {
      tell(sink.getClass().getName() + " is not as expected: " + e);
      return null;
    }
  }

  private static void tell(String reason) {
    if (TOLD.compareAndSet(false, true)) {
      Log.of(Leaves.class).warn("Stream leaves run at home: {}", reason);
    }
  }

  private static @Nullable Chain chain(Object sink) {
    String missing = Sinks.missing();
    if (missing != null) {
      tell(missing);
      return null;
    }
    return Sinks.isSink(sink) ? Chain.of(sink) : null;
  }

  /** Feeds a source to a sink as the JDK does. */
  @SuppressWarnings("unchecked")
  static void traverse(Spliterator<?> source, Object sink) {
    if (source instanceof Spliterator.OfInt s && sink instanceof IntConsumer c) {
      s.forEachRemaining(c);
    } else if (source instanceof Spliterator.OfLong s && sink instanceof LongConsumer c) {
      s.forEachRemaining(c);
    } else if (source instanceof Spliterator.OfDouble s && sink instanceof DoubleConsumer c) {
      s.forEachRemaining(c);
    } else {
      ((Spliterator<Object>) source).forEachRemaining((Consumer<Object>) sink);
    }
  }

  /** Feeds one element to a sink, if there is one. */
  @SuppressWarnings("unchecked")
  static boolean advance(Spliterator<?> source, Object sink) {
    if (source instanceof Spliterator.OfInt s && sink instanceof IntConsumer c) {
      return s.tryAdvance(c);
    } else if (source instanceof Spliterator.OfLong s && sink instanceof LongConsumer c) {
      return s.tryAdvance(c);
    } else if (source instanceof Spliterator.OfDouble s && sink instanceof DoubleConsumer c) {
      return s.tryAdvance(c);
    }
    return ((Spliterator<Object>) source).tryAdvance((Consumer<Object>) sink);
  }

  /** Waits to see whether the first leaves of a site take long. */
  private boolean turnsOutHeavy(LeafSite site, long size) {
    double element = Double.NaN;
    for (long waited = 0; Double.isNaN(element); waited += GLANCE_NANOS) {
      if (waited > LEAST_NANOS && site.sampleNanos() > LEAST_NANOS) {
        return true;
      }
      LockSupport.parkNanos(GLANCE_NANOS);
      element = site.elementNanos();
    }
    return pays(site, element * size);
  }

  private boolean pays(LeafSite site, double nanos) {
    return nanos >= LEAST_NANOS && nanos >= shipFactor * site.shipNanos();
  }

  /** Takes one of the places at home, which keep processors busy that would idle otherwise. */
  private boolean takePlace(int most) {
    if (taken.incrementAndGet() <= most) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  /** A leaf on its way. */
  private final class Run {
    private final Chain chain;
    private final LeafSite site;
    private final Source source;
    private final boolean cancellable;
    private boolean untouched = true;

    Run(Chain chain, LeafSite site, Source source, boolean cancellable) {
      this.chain = chain;
      this.site = site;
      this.source = source;
      this.cancellable = cancellable;
    }

    void run() {
      switch (frontier.kind()) {
        case WORK, AUTOMATIC -> byMeasure();
        default -> chunks(true);
      }
    }

    private void byMeasure() {
      long size = source.size();
      if (size == 0) {
        long unused = source.rest(chain.inShape(), chain.head(), cancellable);
        return;
      }
      boolean unknown = Double.isNaN(site.elementNanos());
      boolean sample = unknown && site.beginSample(places);
      boolean place = false;
      try {
        if (size == Long.MAX_VALUE) {
          chunks(false);
          return;
        }
        if (!sample && isHeavy(size)) {
          boolean mayStay = frontier.kind() == Frontier.Kind.AUTOMATIC;
          place =
              mayStay && (takePlace(places) || (site.isSlowAway(size) && takePlace(processors)));
          if (!place) {
            chunks(true);
            return;
          }
        }
        long start = System.nanoTime();
        long fed = source.rest(chain.inShape(), chain.head(), cancellable);
        site.ran(Math.max(1, fed), System.nanoTime() - start);
      } finally {
        if (sample) {
          site.endSample();
        }
        if (place) {
          taken.decrementAndGet();
        }
      }
    }

    private boolean isHeavy(long size) {
      boolean unknown = Double.isNaN(site.elementNanos());
      return (unknown && frontier.kind() == Frontier.Kind.AUTOMATIC)
          ? turnsOutHeavy(site, size)
          : leaves(size);
    }

    private boolean isWanted() {
      return !(cancellable && Sinks.isCancelled(chain.head()));
    }

    /**
     * Feeds the leaf part by part.
     *
     * @param away whether all parts leave that can
     */
    private void chunks(boolean away) {
      long most = FIRST_CHUNK;
      while (isWanted()) {
        Object part = source.next(away ? source.most(cancellable, most) : most);
        if (part == null) {
          return;
        }
        long size = Source.size(part);
        if (away || leaves(size)) {
          away(part, size);
        } else {
          home(part);
        }
        most = Math.min(2 * most, LONGEST_CHUNK);
      }
    }

    private boolean leaves(long size) {
      double element = site.elementNanos();
      if (Double.isNaN(element)) {
        return false;
      }
      double nanos = element * size;
      return frontier.kind() == Frontier.Kind.WORK
          ? nanos >= frontier.work().toNanos()
          : pays(site, nanos);
    }

    private void home(Object part) {
      untouched = false;
      long start = System.nanoTime();
      long fed =
          part instanceof Range r
              ? r.feed(chain.inShape(), chain.head(), cancellable)
              : Leaf.feed(part, chain.inShape(), chain.head(), cancellable);
      site.ran(Math.max(1, fed), System.nanoTime() - start);
    }

    /** A part that was sent. */
    private record Sent(Object part, Mode mode, @Nullable Errand errand, long start) {}

    private void away(Object all, long size) {
      Deque<Sent> sent = new ArrayDeque<>();
      int n = parts(size);
      try {
        for (int i = 0; i < n; i++) {
          sent.add(send(part(all, size, i, n), null));
        }
        while (isWanted()) {
          Sent next = sent.poll();
          if (next == null) {
            return;
          }
          take(next);
        }
      } finally {
        for (Sent s : sent) {
          if (s.errand != null) {
            s.errand.cancel();
          }
        }
      }
    }

    private int parts(long size) {
      double nanos = site.elementNanos() * size;
      if (chain.carries() || cancellable || Double.isNaN(nanos)) {
        return 1;
      }
      int most = (int) Math.min(size, mostParts);
      return Math.max(1, Math.min(most, (int) (nanos / PART_NANOS)));
    }

    private Object part(Object all, long size, int i, int n) {
      if (n == 1) {
        return all;
      }
      long from = size * i / n;
      long to = size * (i + 1) / n;
      return Source.part(all, from, to);
    }

    private Sent send(Object part, @Nullable Mode failed) {
      Mode mode = site.mode(chain, failed);
      if (mode == null) {
        return new Sent(part, Mode.REPLAY, null, 0);
      }
      Leaf leaf = new Leaf(site.site(mode), host(part), chain, mode, part, cancellable);
      long start = System.nanoTime();
      try {
        return new Sent(part, mode, calls.send(new Body(Body.Kind.LEAF, leaf, null, null)), start);
      } catch (UncapturableException e) {
        if (site.mode(chain, mode) == null) {
          throw e;
        }
        site.refused(mode);
        return send(part, mode);
      } catch (RejectedExecutionException e) {
        return new Sent(part, mode, null, 0); // The pool ends; what has begun goes on here.
      }
    }

    private Class<?> host(Object part) {
      Class<?> host = site.host();
      if (host == null && part instanceof Object[] all) {
        for (Object o : all) {
          if (o != null && !Chain.isOfJdk(o.getClass())) {
            return o.getClass();
          }
        }
      }
      return host == null ? Object.class : host;
    }

    private void take(Sent s) {
      Errand errand = s.errand;
      if (errand == null) {
        home(s.part);
        return;
      }
      switch (errand.await()) {
        case RETURNED -> {
          long nanos = System.nanoTime() - s.start;
          site.accepted(s.mode);
          Leaf.Outcome outcome = Leaf.Outcome.of(errand.value());
          site.went(outcome.fed(), nanos, errand.runNanos());
          apply(s.mode, outcome);
        }
        case THREW -> throw Trace.sneaky(errand.failure());
        case HOME -> {
          site.refused(s.mode);
          Sent again = send(s.part, s.mode);
          if (again.errand == null) {
            home(s.part);
          } else {
            take(again);
          }
        }
      }
    }

    private void apply(Mode mode, Leaf.Outcome outcome) {
      Object result = outcome.result();
      switch (mode) {
        case WHOLE -> {
          if (result != null) {
            chain.restoreEnd((@Nullable Object[]) result, untouched);
          }
        }
        case REPLAY -> {
          if (result != null) {
            long unused = Leaf.feed(result, chain.outShape(), chain.end(), cancellable);
          }
        }
        case EFFECTS -> {}
      }
      untouched = false;
      chain.restoreStages(outcome.states());
      Throwable thrown = outcome.thrown();
      if (thrown != null) {
        throw Trace.sneaky(Trace.home(thrown));
      }
    }
  }
}
