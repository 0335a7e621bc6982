package dev.martlet.internal.effects;

import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.ArrayRange;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.codec.ObjectTable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call's effects, read from the worker's answer and applied to the live objects: first the plain
 * writes, then the logged operations in program order, as another thread would have seen them. All
 * is read and checked before anything is applied, except that hash tables are built last. Only
 * objects of the call's own table are touched, and only methods that {@link JdkTable} knows to
 * release.
 */
public final class Commit {
  private interface Write {
    void apply() throws Throwable;
  }

  private final ObjectTable table;
  private final int shipped;

  /** What others must not have drawn or read from, and its state afterwards. */
  private static final class Claim {
    final Object on;
    private final Contents.Claimed kind;
    private final long[] before;
    private final long[] after;

    Claim(Object on, Contents.Claimed kind, long[] before, long[] after) {
      this.on = on;
      this.kind = kind;
      this.before = before;
      this.after = after;
    }

    boolean hold() {
      return kind.claim(on, before, after);
    }

    void giveUp() {
      boolean unused = kind.claim(on, /* before= */ after, /* after= */ before);
    }
  }

  /** Another task has changed what a call's effects are based on; nothing was applied. */
  public static final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    ConflictException(String message) {
      super(message, null, false, false);
    }
  }

  private final List<Claim> claims = new ArrayList<>();
  private final List<Write> removals = new ArrayList<>();
  private final List<Write> writes = new ArrayList<>();
  private final IdentityHashMap<Object, List<Write>> puts = new IdentityHashMap<>();
  private final List<Object> filled = new ArrayList<>();
  private final List<Write> operations = new ArrayList<>();
  private final GraphDecoder in;
  private final @Nullable Locals locals;
  private final List<Written> written = new ArrayList<>();

  private record Written(Object array, ArrayImage before, List<ArrayRange> ranges) {}

  private Commit(GraphDecoder in, ObjectTable table, @Nullable Locals locals) {
    this.in = in;
    this.locals = locals;
    this.table = table;
    this.shipped = table.size();
  }

  /**
   * Reads effects.
   *
   * @param in positioned at the differences
   * @param table the call's objects
   * @param locals the values of the thread-locals among them, or null if there are none
   * @throws CodecException if the bytes are not effects on this call's objects
   */
  public static Commit read(GraphDecoder in, ObjectTable table, @Nullable Locals locals) {
    Commit c = new Commit(in, table, locals);
    in.holdTables();
    try {
      c.readChanges(in);
      c.readStatics(in);
      c.readLocals(in);
      c.readOperations(in);
    } catch (ReflectiveOperationException | ClassCastException | IndexOutOfBoundsException e) {
      throw new CodecException("effects do not fit the objects that were sent: " + e, e);
    }
    return c;
  }

  /** Returns whether there is nothing to apply. */
  public boolean isEmpty() {
    return claims.isEmpty()
        && removals.isEmpty()
        && writes.isEmpty()
        && puts.isEmpty()
        && operations.isEmpty();
  }

  /**
   * Applies the effects. An operation that throws ends the commit as it would have ended the task.
   *
   * @throws ConflictException if another task drew from the same generator; nothing is applied
   */
  public void apply() throws Throwable {
    applyHolding(locks(), 0);
    in.buildTables();
    for (Object o : filled) {
      fill(o);
    }
    apply(operations);
  }

  /**
   * Makes the claims and the plain writes while nobody reads the streams that are claimed: a
   * stream's position and its buffer are set one after the other.
   */
  private void applyHolding(List<Object> locks, int from) throws Throwable {
    if (from < locks.size()) {
      synchronized (locks.get(from)) {
        applyHolding(locks, from + 1);
      }
      return;
    }
    for (int i = 0; i < claims.size(); i++) {
      Claim c = claims.get(i);
      if (!c.hold()) {
        claims.subList(0, i).forEach(Claim::giveUp);
        throw new ConflictException(
            "uses a " + c.on.getClass().getName() + " that others use as well");
      }
    }
    // A key has its old hash code until the plain writes, and its new one from then on.
    apply(removals);
    apply(writes);
  }

  /**
   * Returns the locks of what is claimed, in the order in which streams around others take them.
   */
  private List<Object> locks() {
    List<Object> locks = new ArrayList<>();
    List<Object> streams = new ArrayList<>();
    for (Claim c : claims) {
      Object lock = c.kind.lock(c.on);
      if (lock != null && locks.stream().noneMatch(l -> l == lock)) {
        int at = 0;
        while (at < streams.size() && !Contents.isAround(c.on, streams.get(at))) {
          at++;
        }
        locks.add(at, lock);
        streams.add(at, c.on);
      }
    }
    return locks;
  }

  /**
   * Tells of the arrays that travelled as images and were written to. Only if these are all effects
   * of the attempt.
   *
   * @param version the attempt's number
   */
  public void tell(ArrayMirrors mirrors, long version) {
    for (Written w : written) {
      mirrors.written(w.array, w.before, w.ranges, version);
    }
  }

  private static void apply(List<Write> writes) throws Throwable {
    for (Write w : writes) {
      w.apply();
    }
  }

  /** Puts into a collection what is new in it, after its keys are complete themselves. */
  private void fill(Object o) throws Throwable {
    List<Write> those = puts.remove(o);
    if (those != null) {
      apply(those);
    }
  }

  private Object object(int id) {
    if (id < 0 || id >= shipped) {
      throw new CodecException("an effect on object " + id + " of " + shipped);
    }
    return table.get(id);
  }

  private void readChanges(GraphDecoder in) {
    for (int id = in.readInt(); id != Twins.END; id = in.readInt()) {
      Object o = object(id);
      if (o instanceof Object[] a) {
        readSlots(in, a);
      } else if (o.getClass().isArray()) {
        readRanges(in, o, table.image(id));
      } else {
        readFields(in, o);
      }
    }
  }

  private void readSlots(GraphDecoder in, Object[] a) {
    Class<?> component = a.getClass().getComponentType();
    for (int from = in.readInt(); from != Twins.END; from = in.readInt()) {
      int count = in.readInt();
      if (from < 0 || count < 0 || count > a.length - from) {
        throw new CodecException("a range of " + count + " from " + from + " of " + a.length);
      }
      Object[] values = new Object[count];
      for (int i = 0; i < count; i++) {
        values[i] = checked(component, in.read());
      }
      int at = from;
      writes.add(() -> System.arraycopy(values, 0, a, at, values.length));
    }
  }

  private void readRanges(GraphDecoder in, Object array, @Nullable ArrayImage before) {
    List<ArrayRange> ranges = new ArrayList<>();
    int length = Array.getLength(array);
    for (int from = in.readInt(); from != Twins.END; from = in.readInt()) {
      int count = in.readInt();
      if (from < 0 || count < 0 || count > length - from) {
        throw new CodecException("a range of " + count + " from " + from + " of " + length);
      }
      Object values = Array.newInstance(array.getClass().getComponentType(), count);
      in.readElements(values, 0, count);
      int at = from;
      writes.add(() -> System.arraycopy(values, 0, array, at, count));
      ranges.add(new ArrayRange(from, values));
    }
    if (before != null) {
      written.add(new Written(array, before, ranges));
    }
  }

  private void readFields(GraphDecoder in, Object o) {
    FieldLayout layout = FieldLayout.of(o.getClass());
    for (int i = in.readInt(); i != Twins.END; i = in.readInt()) {
      long offset = layout.offsets[i];
      char type = layout.types[i];
      if (FieldLayout.isReference(type)) {
        Object value = checked(layout.fields[i].getType(), in.read());
        writes.add(() -> Memory.putReference(o, offset, value));
      } else {
        long bits = in.readLong();
        writes.add(() -> Memory.putBits(o, offset, type, bits));
      }
    }
    if (layout.contents != null) {
      readContents(in, o, layout.contents);
    }
  }

  private void readContents(GraphDecoder in, Object o, Contents contents) {
    if (contents instanceof Contents.Claimed claimed) {
      long[] before = new long[claimed.size()];
      long[] after = new long[before.length];
      for (int i = 0; i < before.length; i++) {
        before[i] = in.readLong();
        after[i] = in.readLong();
      }
      claims.add(new Claim(o, claimed, before, after));
      return;
    }
    if (in.readInt() == Twins.REPLACED) {
      removals.add(() -> contents.clear(o));
    } else {
      for (int n = in.readInt(); n > 0; n--) {
        Object key = in.read();
        removals.add(() -> contents.remove(o, key));
      }
    }
    List<Write> added = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      Object key = in.read();
      Object value = contents.width == 2 ? in.read() : null;
      added.add(
          () -> {
            if (key != null) {
              fill(key);
            }
            contents.put(o, key, value);
          });
    }
    int bins = in.readInt();
    if (bins > 0) {
      int[] shape = readShape(in);
      List<@Nullable Object> keys = new ArrayList<>();
      for (int n = in.readInt(); n > 0; n--) {
        keys.add(in.read());
      }
      added.add(() -> contents.arrange(o, bins, keys, shape));
    }
    if (!added.isEmpty()) {
      puts.put(o, added);
      filled.add(o);
    }
  }

  private static int[] readShape(GraphDecoder in) {
    List<Integer> shape = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      shape.add(in.readInt());
    }
    return shape.stream().mapToInt(i -> i).toArray();
  }

  private void readStatics(GraphDecoder in) throws ReflectiveOperationException {
    for (int n = in.readInt(); n > 0; n--) {
      Class<?> declaring = (Class<?>) Objects.requireNonNull(in.read());
      Field f = declaring.getDeclaredField(in.readString());
      Object value = in.read();
      if (!Modifier.isStatic(f.getModifiers()) || JdkTable.isJdk(Statics.internalName(declaring))) {
        throw new CodecException("an effect on " + f);
      }
      writes.add(() -> Statics.put(f, value));
    }
  }

  private void readLocals(GraphDecoder in) {
    for (int n = in.readInt(); n > 0; n--) {
      Object o = object(in.readInt());
      Locals to = locals;
      if (!(o instanceof ThreadLocal<?> local) || to == null) {
        throw new CodecException("a value of a thread's for a " + o.getClass().getName());
      }
      if (in.readByte() != 0) {
        Object value = in.read();
        writes.add(() -> to.set(local, value));
      } else {
        writes.add(() -> to.remove(local));
      }
    }
  }

  private void readOperations(GraphDecoder in) throws ReflectiveOperationException {
    for (int kind = in.readInt(); kind != OperationLog.END; kind = in.readInt()) {
      Object o = object(in.readInt());
      if (kind == OperationLog.VOLATILE) {
        Class<?> declaring = (Class<?>) Objects.requireNonNull(in.read());
        Field f = declaring.getDeclaredField(in.readString());
        Object value = in.read();
        if (!declaring.isInstance(o) || !Modifier.isVolatile(f.getModifiers())) {
          throw new CodecException("a volatile write of " + f);
        }
        operations.add(() -> Statics.putField(o, f, value));
      } else {
        readCall(in, o);
      }
    }
  }

  private void readCall(GraphDecoder in, Object o) throws ReflectiveOperationException {
    String owner = in.readString();
    String name = in.readString();
    String descriptor = in.readString();
    int count = in.readInt();
    Operation operation = JdkTable.operationOn(o, name, descriptor);
    if (!JdkTable.isJdk(owner)
        || !JdkTable.synchronises(o.getClass())
        || !operation.releases()
        || count < 0
        || count > 255) {
      throw new CodecException("an operation " + owner + "." + name + " on " + o.getClass());
    }
    Object[] arguments = new Object[count + 1];
    arguments[0] = o;
    for (int i = 1; i <= count; i++) {
      arguments[i] = in.read();
    }
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    Class<?> type = Class.forName(owner.replace('/', '.'), false, platform);
    MethodHandle handle =
        Trusted.lookup()
            .findVirtual(type, name, MethodType.fromMethodDescriptorString(descriptor, platform))
            .asFixedArity();
    operations.add(() -> handle.invokeWithArguments(arguments));
  }

  private static @Nullable Object checked(Class<?> type, @Nullable Object value) {
    if (value != null && !type.isInstance(value)) {
      throw new CodecException("a " + value.getClass().getName() + " for a " + type.getName());
    }
    return value;
  }
}
