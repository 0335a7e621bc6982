package dev.martlet.internal.effects;

import dev.martlet.CloudExecutorService;
import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Twins of a call's objects, taken before the task runs, and the differences that it has made.
 *
 * <p>This is the multiple-writer scheme of TreadMarks (1994) on Java objects: two tasks that write
 * different slots of one array, different fields of one object or different keys of one table both
 * win, because each brings back only what it has changed. Objects are compared by the identity of
 * what they refer to. Synchronising objects have no twin; what a task does to them is logged (see
 * {@link OperationLog}).
 *
 * <p>The differences are written as a sequence of changed objects, each with its id in the table,
 * up to an id of -1; {@link Commit} reads them. Not thread-safe.
 */
public final class Twins {
  static final int END = -1;
  static final int REPLACED = 0;
  static final int PATCHED = 1;

  private final ObjectTable table;
  private @Nullable Object[] twins = new Object[16];
  private int covered;

  private static final class FieldTwin {
    final @Nullable Object[] references;
    final long[] bits;
    final Object @Nullable [] contents;
    final int @Nullable [] places;

    FieldTwin(
        @Nullable Object[] references,
        long[] bits,
        Object @Nullable [] contents,
        int @Nullable [] places) {
      this.references = references;
      this.bits = bits;
      this.contents = contents;
      this.places = places;
    }
  }

  /** Creates twins for the objects of a table; none are taken yet. */
  public Twins(ObjectTable table) {
    this.table = table;
  }

  /** Takes twins of the objects that came into the table since the last time. */
  public void cover() {
    int size = table.size();
    if (size > twins.length) {
      twins = Arrays.copyOf(twins, Math.max(size, twins.length * 2));
    }
    for (; covered < size; covered++) {
      twins[covered] = twin(table.get(covered));
    }
  }

  private static @Nullable Object twin(Object o) {
    Class<?> type = o.getClass();
    if (type.isArray()) {
      return Array.getLength(o) == 0 ? null : copy(o);
    }
    if (type.isHidden()
        || isValue(o)
        || o instanceof CloudExecutorService
        || JdkTable.synchronises(type)) {
      return null;
    }
    FieldLayout layout = FieldLayout.of(type);
    if (layout.isEmpty()) {
      return null;
    }
    int n = layout.fields.length;
    @Nullable Object[] references = new Object[n];
    long[] bits = new long[n];
    for (int i = 0; i < n; i++) {
      if (FieldLayout.isReference(layout.types[i])) {
        references[i] = Memory.getReference(o, layout.offsets[i]);
      } else {
        bits[i] = FieldLayout.bits(o, layout.offsets[i], layout.types[i]);
      }
    }
    Contents contents = layout.contents;
    return contents == null
        ? new FieldTwin(references, bits, null, null)
        : new FieldTwin(references, bits, contents.take(o), contents.places(o));
  }

  private static boolean isValue(Object o) {
    return o instanceof String
        || o instanceof Class
        || o instanceof Boolean
        || o instanceof Character
        || (o instanceof Number && o.getClass().getModule() == JDK);
  }

  private static final Module JDK = Object.class.getModule();

  private static Object copy(Object array) {
    if (array instanceof Object[] a) {
      return a.clone();
    } else if (array instanceof int[] a) {
      return a.clone();
    } else if (array instanceof long[] a) {
      return a.clone();
    } else if (array instanceof double[] a) {
      return a.clone();
    } else if (array instanceof byte[] a) {
      return a.clone();
    } else if (array instanceof float[] a) {
      return a.clone();
    } else if (array instanceof char[] a) {
      return a.clone();
    } else if (array instanceof short[] a) {
      return a.clone();
    }
    return ((boolean[]) array).clone();
  }

  /**
   * Writes what has changed since the twins were taken, and takes new twins of what changed.
   *
   * @return how many objects have changed
   */
  public int writeChanges(GraphEncoder out) throws UntravelableException {
    int changed = 0;
    // What is written may bring new objects into the table; they are new on the other side too.
    int n = covered;
    for (int id = 0; id < n; id++) {
      Object twin = twins[id];
      if (twin != null && writeChange(id, table.get(id), twin, out)) {
        twins[id] = twin(table.get(id));
        changed++;
      }
    }
    out.writeInt(END);
    return changed;
  }

  private static boolean writeChange(int id, Object o, Object twin, GraphEncoder out)
      throws UntravelableException {
    if (twin instanceof FieldTwin t) {
      return writeFields(id, o, t, out);
    }
    int length = Array.getLength(o);
    int from = mismatch(o, twin, 0, length);
    if (from < 0) {
      return false;
    }
    out.writeInt(id);
    while (from >= 0) {
      int to = runEnd(o, twin, from, length);
      out.writeInt(from);
      out.writeInt(to - from);
      if (o instanceof Object[] a) {
        for (int i = from; i < to; i++) {
          out.write(a[i]);
        }
      } else {
        out.writeElements(o, from, to - from);
      }
      from = mismatch(o, twin, to, length);
    }
    out.writeInt(END);
    return true;
  }

  /** Returns where a run of changed elements ends; equal ones may be another task's to write. */
  private static int runEnd(Object o, Object twin, int from, int length) {
    int end = from + 1;
    while (end < length && mismatch(o, twin, end, end + 1) >= 0) {
      end++;
    }
    return end;
  }

  /** Returns the first index in a range at which two arrays differ, or -1. */
  private static int mismatch(Object o, Object twin, int from, int to) {
    int m;
    if (o instanceof Object[] a) {
      Object[] b = (Object[]) twin;
      for (int i = from; i < to; i++) {
        if (a[i] != b[i]) {
          return i;
        }
      }
      return -1;
    } else if (o instanceof int[] a) {
      m = Arrays.mismatch(a, from, to, (int[]) twin, from, to);
    } else if (o instanceof long[] a) {
      m = Arrays.mismatch(a, from, to, (long[]) twin, from, to);
    } else if (o instanceof double[] a) {
      m = mismatch(a, (double[]) twin, from, to);
    } else if (o instanceof byte[] a) {
      m = Arrays.mismatch(a, from, to, (byte[]) twin, from, to);
    } else if (o instanceof float[] a) {
      m = mismatch(a, (float[]) twin, from, to);
    } else if (o instanceof char[] a) {
      m = Arrays.mismatch(a, from, to, (char[]) twin, from, to);
    } else if (o instanceof short[] a) {
      m = Arrays.mismatch(a, from, to, (short[]) twin, from, to);
    } else {
      m = Arrays.mismatch((boolean[]) o, from, to, (boolean[]) twin, from, to);
    }
    return m < 0 ? -1 : from + m;
  }

  // Arrays.mismatch takes different NaNs for equal, and compares bits first, so 0.0 and -0.0
  // differ.
  private static int mismatch(double[] a, double[] b, int from, int to) {
    int m = Arrays.mismatch(a, from, to, b, from, to);
    int end = m < 0 ? to - from : m;
    for (int i = 0; i < end; i++) {
      double x = a[from + i];
      if (Double.isNaN(x)
          && Double.doubleToRawLongBits(x) != Double.doubleToRawLongBits(b[from + i])) {
        return i;
      }
    }
    return m;
  }

  private static int mismatch(float[] a, float[] b, int from, int to) {
    int m = Arrays.mismatch(a, from, to, b, from, to);
    int end = m < 0 ? to - from : m;
    for (int i = 0; i < end; i++) {
      float x = a[from + i];
      if (Float.isNaN(x) && Float.floatToRawIntBits(x) != Float.floatToRawIntBits(b[from + i])) {
        return i;
      }
    }
    return m;
  }

  private static boolean writeFields(int id, Object o, FieldTwin t, GraphEncoder out)
      throws UntravelableException {
    FieldLayout layout = FieldLayout.of(o.getClass());
    boolean changed = false;
    for (int i = 0; i < layout.fields.length; i++) {
      long offset = layout.offsets[i];
      char type = layout.types[i];
      if (FieldLayout.isReference(type)) {
        Object now = Memory.getReference(o, offset);
        if (now != t.references[i]) {
          changed = begin(id, changed, out);
          out.writeInt(i);
          out.write(now);
        }
      } else {
        long now = FieldLayout.bits(o, offset, type);
        if (now != t.bits[i]) {
          changed = begin(id, changed, out);
          out.writeInt(i);
          out.writeLong(now);
        }
      }
    }
    Contents contents = layout.contents;
    if (t.contents == null || contents == null) {
      if (changed) {
        out.writeInt(END);
      }
      return changed;
    }
    Object[] now = contents.take(o);
    if (contents instanceof Contents.Seed) {
      long seed = (Long) now[0];
      long drawnFrom = (Long) t.contents[0];
      if (changed || seed != drawnFrom) {
        begin(id, changed, out);
        out.writeInt(END);
        out.writeLong(drawnFrom);
        out.writeLong(seed);
        return true;
      }
      return false;
    }
    int[] places = contents.places(o);
    boolean same = sameElements(t.contents, now) && Arrays.equals(t.places, places);
    if (changed || !same) {
      begin(id, changed, out);
      out.writeInt(END);
      writeContents(o, contents, t, t.contents, now, places, same, out);
      return true;
    }
    return false;
  }

  private static boolean begin(int id, boolean begun, GraphEncoder out) {
    if (!begun) {
      out.writeInt(id);
    }
    return true;
  }

  private static boolean sameElements(Object[] a, Object[] b) {
    if (a.length != b.length) {
      return false;
    }
    for (int i = 0; i < a.length; i++) {
      if (a[i] != b[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes what happened to a collection: as removals, then puts, unless it has no keys or keeps an
   * order that they would not give; then as its whole contents.
   */
  private static void writeContents(
      Object o,
      Contents contents,
      FieldTwin twin,
      Object[] before,
      Object[] now,
      int @Nullable [] places,
      boolean same,
      GraphEncoder out)
      throws UntravelableException {
    if (same) {
      out.writeInt(PATCHED);
      out.writeInt(0);
      out.writeInt(0);
      return;
    }
    int width = contents.width;
    IdentityHashMap<Object, Integer> nowAt = new IdentityHashMap<>();
    for (int i = 0; i < now.length; i += width) {
      nowAt.put(now[i], i);
    }
    IdentityHashMap<Object, Integer> beforeAt = new IdentityHashMap<>();
    int removed = 0;
    int last = -1;
    boolean ordered = true;
    boolean sorted = true;
    int[] placesBefore = twin.places;
    for (int i = 0; i < before.length; i += width) {
      Integer at = nowAt.get(before[i]);
      if (at != null
          && places != null
          && placesBefore != null
          && places[at / width] != placesBefore[i / width]) {
        nowAt.remove(before[i]);
        at = null;
      }
      if (at == null) {
        removed++;
      } else {
        beforeAt.put(before[i], i);
        sorted &= at > last;
        ordered &= at > last;
        last = at;
      }
    }
    ordered &= last < now.length && last / width == (before.length / width) - removed - 1;
    if (!contents.isKeyed() || (contents.isOrdered(o) && !ordered)) {
      out.writeInt(REPLACED);
      out.writeInt(now.length / width);
      for (Object x : now) {
        out.write(x);
      }
      return;
    }
    if (contents.isSorted() && !sorted) {
      // Keys were taken out, changed and put back: all are.
      nowAt.clear();
      beforeAt.clear();
      removed = before.length / width;
    }
    out.writeInt(PATCHED);
    out.writeInt(removed);
    for (int i = 0; i < before.length; i += width) {
      if (!nowAt.containsKey(before[i])) {
        out.write(before[i]);
      }
    }
    int puts = 0;
    boolean[] put = new boolean[now.length / width];
    for (int i = 0; i < now.length; i += width) {
      Integer at = beforeAt.get(now[i]);
      if (at == null || (width == 2 && before[at + 1] != now[i + 1])) {
        put[i / width] = true;
        puts++;
      }
    }
    out.writeInt(puts);
    for (int i = 0; i < now.length; i += width) {
      if (put[i / width]) {
        for (int k = 0; k < width; k++) {
          out.write(now[i + k]);
        }
      }
    }
  }
}
