package dev.martlet.internal.effects;

import dev.martlet.CloudExecutorService;
import dev.martlet.CloudForkJoinPool;
import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.UntravelableException;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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

  // Long arrays are compared within room that the call before this one had.
  private static final int MIN_SPARE = 1 << 16;
  private static final int MAX_SPARE = 1 << 23;
  private static final AtomicReference<byte @Nullable []> SPARE = new AtomicReference<>();

  private final ObjectTable table;
  private byte @Nullable [] spare;
  private int used;
  private @Nullable Object[] twins = new Object[16];
  private int covered;
  private final Set<Map.Entry<?, ?>> entries = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Object> maps = new ArrayList<>();

  // Where entries lie in them differs from JVM to JVM; they are compared as their owners' contents.
  private final Set<Object> innards = Collections.newSetFromMap(new IdentityHashMap<>());

  private static final class FieldTwin {
    final @Nullable Object[] references;
    final long[] bits;
    final Object @Nullable [] contents;
    final Contents.@Nullable Layout layout;
    final @Nullable Object[] guarded;

    FieldTwin(
        @Nullable Object[] references,
        long[] bits,
        Object @Nullable [] contents,
        Contents.@Nullable Layout layout,
        @Nullable Object[] guarded) {
      this.guarded = guarded;
      this.references = references;
      this.bits = bits;
      this.contents = contents;
      this.layout = layout;
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
      Object o = table.get(covered);
      twins[covered] = innards.contains(o) ? null : twin(o, covered);
      if (MapEntries.isLive(o)) {
        entries.add((Map.Entry<?, ?>) o);
      } else if (MapEntries.isMap(o)) {
        maps.add(o);
      }
    }
  }

  private @Nullable Object twin(Object o, int id) {
    Class<?> type = o.getClass();
    if (o instanceof Object[] a) {
      return a.length == 0 ? null : a.clone();
    } else if (type.isArray()) {
      return Array.getLength(o) == 0 ? null : twinOf(o, id);
    }
    if (type.isHidden()
        || isValue(o)
        || o instanceof CloudExecutorService
        || o instanceof CloudForkJoinPool
        || o == System.in
        || o == System.out
        || o == System.err) {
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
        bits[i] = Memory.getBits(o, layout.offsets[i], layout.types[i]);
      }
    }
    Contents contents = layout.contents;
    Object inner = contents == null ? null : contents.innards(o);
    if (inner != null) {
      innards.add(inner);
    }
    return contents == null
        ? new FieldTwin(references, bits, null, null, layout.guardedValues(o))
        : new FieldTwin(references, bits, contents.take(o), contents.layout(o), NOTHING);
  }

  private static boolean isValue(Object o) {
    return o instanceof String
        || o instanceof Class
        || o instanceof Boolean
        || o instanceof Character
        || (o instanceof Number && o.getClass().getModule() == JDK);
  }

  private static final Object[] NOTHING = {};

  private static final Module JDK = Object.class.getModule();

  /** The elements of a primitive array as they were, in the order of this machine. */
  private static final class ArrayTwin {
    final byte[] bytes;
    final int at;
    final int shift;

    ArrayTwin(byte[] bytes, int at, int shift) {
      this.bytes = bytes;
      this.at = at;
      this.shift = shift;
    }
  }

  private Object twinOf(Object array, int id) {
    int shift = shift(array);
    ArrayImage image = table.image(id);
    if (image != null) {
      return new PieceTwin(image, shift);
    }
    int length = Math.toIntExact((long) Array.getLength(array) << shift);
    ObjectTable.Origin origin = table.takeOrigin(id);
    if (origin != null) {
      return new ArrayTwin(origin.bytes(), origin.at(), shift);
    }
    byte[] room = room(length);
    ArrayTwin twin = new ArrayTwin(room, room == spare ? used : 0, shift);
    Memory.copy(array, twin.bytes, twin.at, length);
    if (room == spare) {
      used += length;
    }
    return twin;
  }

  private byte[] room(int length) {
    if (length < MIN_SPARE) {
      return new byte[length];
    }
    byte[] s = spare;
    if (s == null) {
      s = SPARE.getAndSet(null);
      if (s == null || s.length < length) {
        s = Memory.bytes(length);
      }
      spare = s;
    }
    return s.length - used >= length ? s : Memory.bytes(length);
  }

  /** Hears of arrays that came as images. */
  @FunctionalInterface
  public interface Results {
    /**
     * An array has been written to, or not.
     *
     * @param array the array
     * @param before the image by which it came
     * @param now the pieces of what it holds: those of the image, where nothing has changed
     * @param atOnce whether all that has changed was written together
     */
    void written(Object array, ArrayImage before, byte[][] now, boolean atOnce);
  }

  /** Tells what has come of arrays that came as images, after the last changes were written. */
  public void tell(Results to) {
    for (int id = 0; id < covered; id++) {
      if (twins[id] instanceof PieceTwin t) {
        t.tell(table.get(id), to);
      }
    }
  }

  /** Ends the use of this; no twin is needed any more. */
  public void release() {
    byte[] s = spare;
    if (s != null && s.length <= MAX_SPARE) {
      SPARE.set(s);
    }
    spare = null;
    twins = new Object[0];
    covered = 0;
  }

  private static int shift(Object array) {
    return switch (array.getClass().descriptorString().charAt(1)) {
      case 'B', 'Z' -> 0;
      case 'S', 'C' -> 1;
      case 'I', 'F' -> 2;
      default -> 3;
    };
  }

  /** As {@link #writeChanges(GraphEncoder, boolean)}, not for the last time. */
  public int writeChanges(GraphEncoder out) throws UntravelableException {
    return writeChanges(out, false);
  }

  /**
   * Writes what has changed since the twins were taken, and takes new twins of what changed.
   *
   * @param last whether no twins are needed any more
   * @return how many objects have changed
   */
  public int writeChanges(GraphEncoder out, boolean last) throws UntravelableException {
    int changed = 0;
    // What is written may bring new objects into the table; they are new on the other side too.
    int n = covered;
    for (int id = 0; id < n; id++) {
      Object twin = twins[id];
      if (twin == null) {
        continue;
      }
      Object o = table.get(id);
      Object now =
          twin instanceof FieldTwin t
              ? writeFields(id, o, t, out)
              : twin instanceof PieceTwin p
                  ? (p.writeElements(id, o, out, last) ? p : null)
                  : writeElements(id, o, twin, out, last);
      if (now != null) {
        twins[id] = now;
        checkEntries(o);
        changed++;
      }
    }
    out.writeInt(END);
    return changed;
  }

  /** An entry that came beside its map is a part of it at home, but not here. */
  private void checkEntries(Object changed) throws UntravelableException {
    if (entries.isEmpty()
        || maps.isEmpty()
        || !(entries.contains(changed) || MapEntries.isMap(changed))) {
      return;
    }
    for (Map.Entry<?, ?> e : entries) {
      for (Object map : maps) {
        if ((e == changed || map == changed) && MapEntries.of(map, e.getKey()) != null) {
          throw new UntravelableException(
              e.getClass().getName(), "is an entry of a map that was changed", e.getClass());
        }
      }
    }
  }

  /**
   * Writes what has changed in an array, and returns its new twin, or null if nothing has. What is
   * compared is what is written and kept: other threads of the task may go on writing.
   */
  private static @Nullable Object writeElements(
      int id, Object live, Object twin, GraphEncoder out, boolean last)
      throws UntravelableException {
    int length = Array.getLength(live);
    if (mismatch(live, twin, 0, length) < 0) {
      return null;
    }
    Object o = live;
    if (!last) {
      o = Array.newInstance(live.getClass().getComponentType(), length);
      System.arraycopy(live, 0, o, 0, length);
    }
    int from = mismatch(o, twin, 0, length);
    if (from < 0) {
      return null;
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
    if (twin instanceof ArrayTwin t && !last) {
      Memory.copy(o, t.bytes, t.at, length << t.shift);
      return t;
    }
    return o;
  }

  /** Returns where a run of changed elements ends; equal ones may be another task's to write. */
  private static int runEnd(Object o, Object twin, int from, int length) {
    int end = from + 1;
    if (o instanceof Object[] a) {
      Object[] b = (Object[]) twin;
      while (end < length && a[end] != b[end]) {
        end++;
      }
      return end;
    }
    ArrayTwin t = (ArrayTwin) twin;
    long a = Memory.base(o.getClass());
    long b = Memory.base(byte[].class) + t.at;
    while (end < length
        && differs(o, a + ((long) end << t.shift), t, b + ((long) end << t.shift))) {
      end++;
    }
    return end;
  }

  private static boolean differs(Object o, long at, ArrayTwin t, long twinAt) {
    return switch (t.shift) {
      case 0 -> Memory.getByte(o, at) != Memory.getByte(t.bytes, twinAt);
      case 1 -> Memory.getShort(o, at) != Memory.getShort(t.bytes, twinAt);
      case 2 -> Memory.getInt(o, at) != Memory.getInt(t.bytes, twinAt);
      default -> Memory.getLong(o, at) != Memory.getLong(t.bytes, twinAt);
    };
  }

  /**
   * Returns the first index in a range at which two arrays differ, or -1. Floating point numbers
   * are compared by their bits.
   */
  private static int mismatch(Object o, Object twin, int from, int to) {
    if (o instanceof Object[] a) {
      Object[] b = (Object[]) twin;
      for (int i = from; i < to; i++) {
        if (a[i] != b[i]) {
          return i;
        }
      }
      return -1;
    }
    ArrayTwin t = (ArrayTwin) twin;
    long m = Memory.mismatch(o, t.bytes, t.at, (long) from << t.shift, (long) to << t.shift);
    return m < 0 ? -1 : (int) (m >> t.shift);
  }

  /** As {@link #writeElements}, of an object. */
  private @Nullable FieldTwin writeFields(int id, Object o, FieldTwin t, GraphEncoder out)
      throws UntravelableException {
    FieldLayout layout = FieldLayout.of(o.getClass());
    if (t.guarded.length > 0 && !same(t.guarded, layout.guardedValues(o))) {
      throw new UntravelableException(
          o.getClass().getName(),
          "was changed by code of the JDK that cannot be followed",
          o.getClass());
    }
    Contents contents = layout.contents;
    if (contents == null && isUnchanged(o, layout, t)) {
      return null;
    }
    FieldTwin now = (FieldTwin) Objects.requireNonNull(twin(o, id));
    boolean changed = false;
    for (int i = 0; i < layout.fields.length; i++) {
      if (now.references[i] != t.references[i] || now.bits[i] != t.bits[i]) {
        changed = begin(id, changed, out);
        out.writeInt(i);
        if (FieldLayout.isReference(layout.types[i])) {
          out.write(now.references[i]);
        } else {
          out.writeLong(now.bits[i]);
        }
      }
    }
    if (t.contents == null || now.contents == null || contents == null) {
      if (changed) {
        out.writeInt(END);
      }
      return changed ? now : null;
    }
    if (contents instanceof Contents.Claimed) {
      if (changed || !Arrays.equals(t.contents, now.contents)) {
        begin(id, changed, out);
        out.writeInt(END);
        for (int i = 0; i < now.contents.length; i++) {
          out.writeLong((Long) t.contents[i]);
          out.writeLong((Long) now.contents[i]);
        }
        return now;
      }
      return null;
    }
    boolean same =
        sameElements(t.contents, now.contents)
            && (t.layout == null || now.layout == null || t.layout.isLike(now.layout));
    if (changed || !same) {
      begin(id, changed, out);
      out.writeInt(END);
      if (same) {
        ContentsDelta.writeNone(out);
      } else {
        new ContentsDelta(contents, t.contents, t.layout, now.contents, now.layout)
            .write(contents.isOrdered(o), out);
      }
      return now;
    }
    return null;
  }

  private static boolean isUnchanged(Object o, FieldLayout layout, FieldTwin t) {
    for (int i = 0; i < layout.fields.length; i++) {
      long offset = layout.offsets[i];
      char type = layout.types[i];
      if (FieldLayout.isReference(type)
          ? Memory.getReference(o, offset) != t.references[i]
          : Memory.getBits(o, offset, type) != t.bits[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(@Nullable Object[] a, @Nullable Object[] b) {
    for (int i = 0; i < a.length; i++) {
      if (a[i] != b[i] && !(a[i] instanceof Long && Objects.equals(a[i], b[i]))) {
        return false;
      }
    }
    return true;
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
}
