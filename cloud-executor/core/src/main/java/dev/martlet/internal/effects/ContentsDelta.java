package dev.martlet.internal.effects;

import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.effects.Contents.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a collection: removals, then puts, or its whole contents if it has no keys.
 * Of a hash table also how long it has become, and what its {@linkplain
 * dev.martlet.internal.codec.LongBins long bins} are like.
 *
 * <p>In a bin of a hash table, and in a collection that keeps the order in which entries came, they
 * are met as they were put there. One that was removed and put back, or that others have been put
 * before, counts as removed and put.
 */
final class ContentsDelta {
  private static final int[] NONE = {};

  /** A map with fewer grows where a bin becomes long, in whatever order entries are put there. */
  private static final int MANY_BINS = 64;

  private final Contents contents;
  private final int width;
  private final @Nullable Object[] before;
  private final @Nullable Object[] now;
  private final @Nullable Layout layoutBefore;
  private final @Nullable Layout layout;

  // Indexes of the keys that stay.
  private final IdentityHashMap<Object, Integer> beforeAt = new IdentityHashMap<>();
  private boolean sorted = true;

  ContentsDelta(
      Contents contents,
      @Nullable Object[] before,
      @Nullable Layout layoutBefore,
      @Nullable Object[] now,
      @Nullable Layout layout) {
    this.contents = contents;
    this.width = contents.width;
    this.before = before;
    this.layoutBefore = ofAll(before, layoutBefore);
    this.now = now;
    this.layout = ofAll(now, layout);
  }

  /**
   * Returns a layout if it is of these entries: others may have been added by threads that go on,
   * and some collected.
   */
  private @Nullable Layout ofAll(@Nullable Object[] entries, @Nullable Layout of) {
    if (of == null || of.hashes().length * width != entries.length) {
      return null;
    }
    int[] shape = of.shape();
    for (int at = 0; at < shape.length; at += 2 + Math.max(0, shape[at + 1])) {
      if (shape[at] + Math.abs(shape[at + 1]) > of.hashes().length) {
        return null;
      }
    }
    return of;
  }

  /** Writes that nothing has happened. */
  static void writeNone(GraphEncoder out) {
    out.writeInt(Twins.PATCHED);
    out.writeInt(0);
    out.writeInt(0);
    writeLayout(0, NONE, out);
  }

  /**
   * Writes what has happened.
   *
   * @param keepsOrder whether the collection keeps the order in which entries came
   */
  void write(boolean keepsOrder, GraphEncoder out) throws UntravelableException {
    compare();
    if (!contents.isKeyed()) {
      out.writeInt(Twins.REPLACED);
      out.writeInt(now.length / width);
      for (Object x : now) {
        out.write(x);
      }
      writeLayout(0, NONE, out);
      return;
    }
    if (contents.isSorted() && !sorted) {
      beforeAt.clear(); // keys were taken out, changed and put back: all are
    }
    int[] shape = shape();
    if (keepsOrder) {
      findMoved(new int[now.length / width], false, shape);
    } else if (layout != null && layout.bins() > 0) {
      int[] bins = layout.hashes().clone();
      for (int i = 0; i < bins.length; i++) {
        bins[i] &= layout.bins() - 1;
      }
      findMoved(bins, layout.newestFirst(), shape);
    }
    out.writeInt(Twins.PATCHED);
    writeRemovals(out);
    writePuts(out);
    writeArrangement(shape, out);
  }

  /** Returns the shape of those bins in which the order has to be told. */
  private int[] shape() {
    if (layout == null || layout.bins() == 0) {
      return NONE;
    }
    if (isTurned()) {
      return new int[] {0, -now.length / width};
    }
    return layoutBefore != null && layoutBefore.shape().length > 0
        ? ofAllBins(layout)
        : layout.shape();
  }

  /** Writes how long a hash table is, and how bins of it are arranged. */
  private void writeArrangement(int[] shape, GraphEncoder out) throws UntravelableException {
    if (layout == null || layout.bins() == 0) {
      writeLayout(0, NONE, out);
      return;
    }
    List<@Nullable Object> keys = new ArrayList<>();
    int[] ofKeys = shape;
    if (shape.length > 0 && layout.bins() < MANY_BINS) {
      for (int i = 0; i < now.length; i += width) {
        keys.add(now[i]);
      }
    } else {
      ofKeys = collect(shape, keys);
    }
    writeLayout(layout.bins(), ofKeys, out);
    out.writeInt(keys.size());
    for (Object key : keys) {
      out.write(key);
    }
  }

  /** Finds the keys that stay, and whether they are in the order of before. */
  private void compare() {
    IdentityHashMap<Object, Integer> nowAt = new IdentityHashMap<>();
    for (int i = 0; i < now.length; i += width) {
      nowAt.put(now[i], i);
    }
    int last = -1;
    for (int i = 0; i < before.length; i += width) {
      Integer at = nowAt.get(before[i]);
      if (at != null && hasHash(i / width, at / width)) {
        beforeAt.put(before[i], i);
        sorted &= at > last;
        last = at;
      }
    }
  }

  /** Returns whether the table has grown and turns its bins then. */
  private boolean isTurned() {
    return layout != null
        && layoutBefore != null
        && layout.newestFirst()
        && layout.bins() != layoutBefore.bins();
  }

  private boolean hasHash(int indexBefore, int index) {
    return layout == null
        || layoutBefore == null
        || layout.hashes()[index] == layoutBefore.hashes()[indexBefore];
  }

  /**
   * Takes away from the keys that stay those that are not where they were among the keys of their
   * bin, unless the order there is told.
   *
   * @param bins that of each entry
   */
  private void findMoved(int[] bins, boolean newestFirst, int[] told) {
    int n = bins.length;
    boolean[] isTold = new boolean[n];
    for (int at = 0; at < told.length; at += 2 + Math.max(0, told[at + 1])) {
      Arrays.fill(isTold, told[at], told[at] + Math.abs(told[at + 1]), true);
    }
    int bin = -1;
    int last = -1;
    boolean behind = false;
    for (int k = 0; k < n; k++) {
      int i = newestFirst ? n - 1 - k : k;
      if (isTold[i]) {
        continue;
      }
      if (bins[i] != bin) {
        bin = bins[i];
        last = -1;
        behind = false;
      }
      Integer at = beforeAt.get(now[i * width]);
      int rank = at == null ? -1 : newestFirst ? before.length - at : at;
      behind |= at == null || rank < last;
      if (behind) {
        beforeAt.remove(now[i * width]);
      }
      last = rank;
    }
  }

  private void writeRemovals(GraphEncoder out) throws UntravelableException {
    List<Object> removed = new ArrayList<>();
    for (int i = 0; i < before.length; i += width) {
      if (!beforeAt.containsKey(before[i])) {
        removed.add(before[i]);
      }
    }
    out.writeInt(removed.size());
    for (Object key : removed) {
      out.write(key);
    }
  }

  private void writePuts(GraphEncoder out) throws UntravelableException {
    List<Integer> put = new ArrayList<>();
    int n = now.length / width;
    for (int k = 0; k < n; k++) {
      int i = (layout != null && layout.newestFirst() ? n - 1 - k : k) * width;
      Integer at = beforeAt.get(now[i]);
      if (at == null || (width == 2 && before[at + 1] != now[i + 1])) {
        put.add(i);
      }
    }
    out.writeInt(put.size());
    for (int i : put) {
      for (int k = 0; k < width; k++) {
        out.write(now[i + k]);
      }
    }
  }

  /**
   * Returns a shape of all bins, however short, since some were long: what is left of a tree
   * depends on how it was balanced.
   */
  private static int[] ofAllBins(Layout of) {
    int[] hashes = of.hashes();
    int[] shape = of.shape();
    List<Integer> all = new ArrayList<>();
    int known = 0;
    for (int first = 0, n; first < hashes.length; first += n) {
      n = 1;
      while (first + n < hashes.length
          && ((hashes[first + n] ^ hashes[first]) & (of.bins() - 1)) == 0) {
        n++;
      }
      if (known < shape.length && shape[known] == first) {
        int end = known + 2 + Math.max(0, shape[known + 1]);
        for (; known < end; known++) {
          all.add(shape[known]);
        }
      } else {
        all.add(first);
        all.add(-n);
      }
    }
    return all.stream().mapToInt(i -> i).toArray();
  }

  /** Returns a shape that counts the keys of long bins only, and collects these. */
  private int[] collect(int[] shape, List<@Nullable Object> keys) {
    int[] of = shape.clone();
    for (int at = 0; at < of.length; ) {
      int first = of[at];
      int n = Math.abs(of[at + 1]);
      of[at] = keys.size();
      for (int i = first; i < first + n; i++) {
        keys.add(now[i * width]);
      }
      at += 2 + Math.max(0, of[at + 1]);
    }
    return of;
  }

  private static void writeLayout(int bins, int[] shape, GraphEncoder out) {
    out.writeInt(bins);
    if (bins > 0) {
      out.writeInt(shape.length);
      for (int i : shape) {
        out.writeInt(i);
      }
    }
  }
}
