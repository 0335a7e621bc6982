package dev.martlet.internal.codec;

import dev.martlet.internal.agent.IdentityHash;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes object graphs as bytes, one root after another over one {@link ObjectTable}. Each object
 * is announced where it is first met and its content follows later, in the order of numbers, so the
 * walk needs no recursion and no list of what is to do. Not thread-safe; reusable after {@link
 * #reset}.
 */
public final class GraphEncoder {
  /** How many bytes a message has at most, so that with what is put around it it fits an array. */
  public static final int LONGEST = Integer.MAX_VALUE - (1 << 25);

  // To find out whether a string is a literal takes longer than to write it.
  private static final int LONGEST_LITERAL = 64;
  private static final int MOST_LITERALS = 64;

  private final ClassSpace space;
  private final Border border;
  private final ByteSink sink = new ByteSink();
  private final IdentityHashMap<Class<?>, ClassInfo> infos = new IdentityHashMap<>();
  private @Nullable Snapshot spare = new Snapshot();
  private @Nullable ArrayMirrors mirrors;
  private @Nullable Locals locals;
  private final List<Class<?>> applicationClasses = new ArrayList<>();
  private ObjectTable table;
  private @Nullable ClassInfo last;
  private @Nullable ClassInfo[] work = new @Nullable ClassInfo[16]; // by number - workBase
  private int workBase;
  private int message = 1;
  private int literals = MOST_LITERALS;
  private boolean mutable;
  private long most = LONGEST;
  private long due; // bytes of arrays that were met, and are not written yet
  private @Nullable Object cut;
  private @Nullable Object token;
  private Class<?> standIn = Object.class;

  /** Creates an encoder. */
  public GraphEncoder(ClassSpace space, Border border, ObjectTable table) {
    this.space = space;
    this.border = border;
    this.table = table;
  }

  /** Starts a new message over a table; what is known about classes is kept. */
  public void reset(ObjectTable table) {
    this.table = table;
    sink.reset();
    applicationClasses.clear();
    message++;
    literals = MOST_LITERALS;
    mutable = false;
    cut = null;
    locals = null;
  }

  /**
   * Has an object travel as a token up to the next reset.
   *
   * @param type the type of what stands for it there; where that does not fit, it does not travel
   */
  public void cut(Object o, Object token, Class<?> type) {
    cut = o;
    this.token = token;
    standIn = type;
  }

  /**
   * Lets long arrays of bytes become part of {@link #buffers} as they are, up to the next reset.
   * They must not change until the buffers are done with, or it must not matter if they do.
   */
  public void lend() {
    boolean unused = sink.lend(true);
  }

  /** Sets how many bytes the message has at most; an array beyond that does not travel. */
  public void limit(long bytes) {
    most = bytes;
  }

  /** Lets long primitive arrays travel as images, or not. */
  public void mirrors(@Nullable ArrayMirrors m) {
    mirrors = m;
  }

  /** Lets thread-locals travel up to the next reset, with the values that they have there. */
  public void locals(@Nullable Locals from) {
    locals = from;
  }

  // ---- what was written ----

  /** Returns the table. */
  public ObjectTable table() {
    return table;
  }

  /** Returns the number of bytes written. */
  public long size() {
    return sink.size();
  }

  /** Returns what was written; valid until more is. */
  public List<ByteBuffer> buffers() {
    return sink.buffers();
  }

  /** Returns a copy of what was written. */
  public byte[] toByteArray() {
    return sink.toByteArray();
  }

  /** Returns whether anything was written that can change in place. */
  public boolean wroteMutable() {
    return mutable;
  }

  /** Returns the application classes of the objects written. */
  public List<Class<?>> applicationClasses() {
    return List.copyOf(applicationClasses);
  }

  // ---- framing ----

  /** Writes a byte. */
  public void writeByte(int b) {
    sink.writeByte(b);
  }

  /** Writes an int; small ones take fewer bytes. */
  public void writeInt(int v) {
    sink.writeInt(v);
  }

  /** Writes a long; small ones take fewer bytes. */
  public void writeLong(long v) {
    sink.writeLong(v);
  }

  /** Writes a string without identity. */
  public void writeString(String s) {
    sink.writeString(s);
  }

  /** Writes bytes with their number. */
  public void writeBytes(byte[] b) {
    sink.writeVar(b.length);
    sink.write(b, 0, b.length);
  }

  /** Writes the elements of a part of a primitive array, without their number. */
  public void writeElements(Object array, int from, int n) {
    sink.writeElements(array, from, n);
  }

  /** Writes a class. */
  public void writeClass(Class<?> type) {
    try {
      writeClassIndex(info(type));
    } catch (Refusal r) {
      throw new IllegalArgumentException(type + " " + r.getMessage(), r);
    }
  }

  // ---- graphs ----

  /**
   * Writes a graph.
   *
   * @throws UntravelableException if it holds something that does not travel; then nothing of it
   *     was written, and the table is as before
   */
  public void write(@Nullable Object root) throws UntravelableException {
    int objects = table.size();
    int classes = table.classes().size();
    long bytes = sink.size();
    try {
      graph(root, objects);
    } catch (Refusal r) {
      undo(objects, classes, bytes);
      throw new PathFinder(space, border, locals).explain(root, r);
    } catch (Throwable e) {
      undo(objects, classes, bytes);
      throw e;
    } finally {
      if (table.size() - objects > 1024 || work.length > 4096) {
        work = new @Nullable ClassInfo[16];
      } else {
        Arrays.fill(work, 0, Math.min(work.length, Math.max(0, table.size() - objects)), null);
      }
    }
  }

  private void undo(int objects, int classes, long bytes) {
    Arrays.fill(work, null);
    table.truncate(objects);
    table.classes().truncate(classes);
    sink.truncate(bytes);
    due = 0;
    last = null;
  }

  private void graph(@Nullable Object root, int from) {
    workBase = from;
    value(root);
    contents(from);
  }

  private void contents(int from) {
    for (int id = from; id < table.size(); id++) {
      int at = id - workBase;
      ClassInfo info = at < work.length ? work[at] : null;
      if (info != null) {
        work[at] = null;
        content(id, table.get(id), info);
      }
    }
  }

  private void later(int id, ClassInfo info) {
    int at = id - workBase;
    if (at >= work.length) {
      work = Arrays.copyOf(work, Math.max(at + 1, work.length * 2));
    }
    work[at] = info;
  }

  private ClassInfo info(Class<?> type) {
    ClassInfo l = last;
    if (l != null && l.type == type) {
      return l;
    }
    ClassInfo info = infos.get(type);
    if (info == null) {
      info = ClassInfo.of(type, space, border);
      infos.put(type, info);
    }
    last = info;
    return info;
  }

  private void writeClassIndex(ClassInfo info) {
    ClassTable classes = table.classes();
    int index = classes.indexOf(info.type);
    if (index >= 0) {
      sink.writeVar(index);
    } else {
      byte[] definition = info.definition(space);
      sink.writeVar(classes.add(info));
      sink.write(definition, 0, definition.length);
    }
  }

  private void value(@Nullable Object o) {
    if (o == null) {
      sink.writeByte(Wire.NULL);
      return;
    }
    if (boxed(o)) {
      return;
    }
    int hash = IdentityHash.known(o); // the table may be the first to ask for it
    int known = table.idOf(o);
    if (known >= 0) {
      sink.writeVar(Wire.BACK + known);
      return;
    }
    if (o instanceof String s) {
      table.add(s);
      sink.writeByte(isLiteral(s) ? Wire.LITERAL : Wire.STRING);
      sink.writeString(s);
      return;
    }
    Object token = o == cut ? this.token : border.replace(o);
    if (token != null) {
      replaced(o, token);
      return;
    }
    ClassInfo info = info(o.getClass());
    ClassPlan plan = info.plan;
    Field constant = info.constant(o);
    if (constant != null) {
      table.add(o);
      sink.writeByte(Wire.CONSTANT);
      writeClassIndex(info(constant.getDeclaringClass()));
      sink.writeString(constant.getName());
      return;
    }
    if (info.met != message) {
      info.met = message;
      if (info.application) {
        applicationClasses.add(info.type);
      }
      mutable |= plan.mutable();
    }
    switch (plan.kind()) {
      case CLASS -> {
        table.add(o);
        ClassInfo named = info((Class<?>) o);
        if (((Class<?>) o).isHidden() && named.plan.shape == null) {
          throw new Refusal(o, "is a generated class that only this JVM has");
        }
        sink.writeByte(Wire.CLASS);
        writeClassIndex(named);
      }
      case ENUM -> constantOfEnum((Enum<?>) o);
      case ATOM -> {
        Atom atom = Objects.requireNonNull(plan.atom);
        table.add(o);
        sink.writeByte(Wire.ATOM);
        sink.writeVar(atom.number);
        sink.writeString(atom.print(o));
      }
      case PRIMITIVE_ARRAY, REFERENCE_ARRAY -> {
        ArrayMirrors m = plan.kind() == ClassPlan.Kind.PRIMITIVE_ARRAY ? mirrors : null;
        ArrayImage image = m == null ? null : m.image(o);
        int id = table.add(o);
        if (image != null) {
          table.image(id, image);
          image(o, info, image);
          return;
        }
        object(hash);
        writeClassIndex(info);
        int length = Array.getLength(o);
        sink.writeVar(length);
        if (length > 0) {
          if (plan.kind() == ClassPlan.Kind.PRIMITIVE_ARRAY) {
            expect(o);
          }
          later(id, info);
        }
      }
      case REFUSED -> {
        int stream = standardStream(o);
        if (stream < 0) {
          throw new Refusal(o, String.valueOf(plan.refusal()));
        }
        table.add(o);
        sink.writeByte(Wire.STANDARD_STREAM);
        sink.writeByte(stream);
      }
      default -> {
        if (plan.local && locals == null) {
          throw new Refusal(o, TypeTable.OF_THREADS);
        }
        int id = table.add(o);
        object(plan.hash(o, hash));
        writeClassIndex(info);
        if (plan.throwable) {
          Jdk.fillStackTrace((Throwable) o);
        }
        if (plan.slots.length > 0 || plan.rebuild != null) {
          later(id, info);
        }
      }
    }
  }

  /** Refuses what is too much as soon as it is met, since to write it takes memory. */
  private void expect(Object array) {
    long bytes = ArrayImage.bytes(array);
    due += bytes;
    if (sink.size() + due > most) {
      throw new Refusal(
          array,
          String.format(
              Locale.ROOT,
              "has %,d bytes, with which there are more than the %,d that can travel together",
              bytes,
              most));
    }
  }

  private void object(int hash) {
    if (hash == 0) {
      sink.writeByte(Wire.OBJECT);
    } else {
      sink.writeByte(Wire.HASHED);
      sink.writeFixedInt(hash);
    }
  }

  private void image(Object array, ClassInfo info, ArrayImage image) {
    sink.writeByte(Wire.IMAGE);
    writeClassIndex(info);
    sink.writeVar(Array.getLength(array));
    sink.writeLong(image.number());
    sink.writeByte(image.again() ? 1 : 0);
    long[] versions = image.versions();
    for (int from = 0, to; from < versions.length; from = to) {
      to = from + 1;
      while (to < versions.length && versions[to] == versions[from]) {
        to++;
      }
      sink.writeVar(to - from);
      sink.writeLong(versions[from]);
    }
  }

  /** Returns whether a string is in the JVM's table of literals, without putting it there. */
  @SuppressWarnings({"StringEquality", "ReferenceEquality", "StringCopy"}) // that is the question
  private boolean isLiteral(String s) {
    return literals > 0
        && s.length() <= LONGEST_LITERAL
        && border.keepsLiterals()
        && literals-- > 0
        && new String(s).intern() == s;
  }

  private boolean boxed(Object o) {
    Class<?> c = o.getClass();
    if (c == Integer.class) {
      sink.writeByte(Wire.INT);
      sink.writeInt((Integer) o);
    } else if (c == Long.class) {
      sink.writeByte(Wire.LONG);
      sink.writeLong((Long) o);
    } else if (c == Double.class) {
      sink.writeByte(Wire.DOUBLE);
      sink.writeFixedLong(Double.doubleToRawLongBits((Double) o));
    } else if (c == Boolean.class) {
      sink.writeByte((Boolean) o ? Wire.TRUE : Wire.FALSE);
    } else if (c == Float.class) {
      sink.writeByte(Wire.FLOAT);
      sink.writeFixedInt(Float.floatToRawIntBits((Float) o));
    } else if (c == Short.class) {
      sink.writeByte(Wire.SHORT);
      sink.writeInt((Short) o);
    } else if (c == Byte.class) {
      sink.writeByte(Wire.BYTE);
      sink.writeByte((Byte) o);
    } else if (c == Character.class) {
      sink.writeByte(Wire.CHAR);
      sink.writeVar((Character) o);
    } else {
      return false;
    }
    return true;
  }

  @SuppressWarnings("GetClassOnEnum") // constants with bodies have fields of their own
  private void constantOfEnum(Enum<?> e) {
    ClassInfo declaring = info(e.getDeclaringClass());
    ClassInfo own = info(e.getClass());
    int id = table.add(e);
    boolean state = declaring.application && own.plan.slots.length > 0;
    sink.writeByte(state ? Wire.ENUM_WITH_STATE : Wire.ENUM);
    writeClassIndex(declaring);
    sink.writeString(e.name());
    if (state) {
      later(id, own);
    }
  }

  private void replaced(Object o, Object token) {
    int id = table.add(o);
    sink.writeByte(Wire.REPLACED);
    // Lent arrays come in the order of their numbers; these here would be out of it.
    boolean lends = sink.lend(false);
    value(token);
    contents(id + 1);
    sink.lend(lends);
  }

  static int standardStream(Object o) {
    return o == System.out ? 0 : o == System.err ? 1 : o == System.in ? 2 : -1;
  }

  private void content(int id, Object o, ClassInfo info) {
    ClassPlan plan = info.plan;
    switch (plan.kind()) {
      case PRIMITIVE_ARRAY -> {
        due -= ArrayImage.bytes(o);
        sink.writeElements(o, 0, Array.getLength(o));
      }
      case REFERENCE_ARRAY -> {
        Class<?> type = info.type.getComponentType();
        for (Object e : (Object[]) o) {
          checkCut(e, type);
          value(e);
        }
      }
      default -> {
        fields(id, o, info);
        if (plan.rebuild != null) {
          rebuilt(o, plan.rebuild);
        }
        if (plan.local && locals != null) {
          local((ThreadLocal<?>) o, locals);
        }
      }
    }
  }

  private void local(ThreadLocal<?> o, Locals from) {
    boolean set = from.isSet(o);
    sink.writeByte(set ? 1 : 0);
    if (set) {
      value(from.get(o));
    }
  }

  private void fields(int id, Object o, ClassInfo info) {
    FieldSlot[] slots = info.plan.slots;
    boolean[] home = info.home;
    for (int i = 0; i < slots.length; i++) {
      FieldSlot s = slots[i];
      switch (s.code()) {
        case 'L' -> {
          if (home != null && home[i]) {
            sink.writeByte(Wire.PRUNED);
            table.prune(id, s.field());
          } else {
            Object value = s.getReference(o);
            checkCut(value, s.type());
            value(value);
          }
        }
        case 'J' -> sink.writeLong(s.getBits(o));
        case 'D' -> sink.writeFixedLong(s.getBits(o));
        case 'F' -> sink.writeFixedInt((int) s.getBits(o));
        case 'B', 'Z' -> sink.writeByte((int) s.getBits(o));
        case 'C' -> sink.writeVar((int) s.getBits(o));
        default -> sink.writeInt((int) s.getBits(o));
      }
    }
  }

  private void checkCut(@Nullable Object value, Class<?> type) {
    if (value != null && value == cut && !type.isAssignableFrom(standIn)) {
      throw new Refusal(value, "is one that stays at home");
    }
  }

  private void rebuilt(Object o, Rebuild rebuild) {
    Snapshot s = spare == null ? new Snapshot() : spare;
    spare = null; // taken: values that travel by name may hold tables themselves
    try {
      rebuild.take(o, s);
    } catch (ConcurrentModificationException e) {
      throw new Refusal(o, UntravelableException.CHANGED);
    }
    sink.writeLong(s.a);
    sink.writeLong(s.b);
    sink.writeVar(s.size());
    for (int i = 0; i < s.size(); i++) {
      value(s.get(i));
    }
    if (rebuild.hasShape()) {
      sink.writeVar(s.shape.length);
      for (int i : s.shape) {
        sink.writeInt(i);
      }
    }
    s.clear();
    spare = s;
  }
}
