package dev.martlet.internal.codec;

import dev.martlet.internal.agent.IdentityHash;
import dev.martlet.internal.agent.Memory;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a {@link GraphEncoder} wrote, and numbers the objects alike. Objects are made blank
 * where they are announced and filled later; hash tables are built last, when their keys are
 * complete. Any bytes give a value or a {@link CodecException}; no number in them makes it allocate
 * more than their length warrants. Not thread-safe; reusable after {@link #reset}.
 */
public final class GraphDecoder {
  private static final int LONG = 1 << 10;

  private final Border border;
  private final Trust trust;
  private final Definitions definitions;
  private final List<PendingTable> pending = new ArrayList<>();
  private ObjectTable table;
  private ByteSource source;
  private @Nullable ClassInfo[] work = new @Nullable ClassInfo[16]; // by number - workBase
  private int workBase;
  private boolean held;
  private boolean replacing;
  private @Nullable ArrayImages images;
  private @Nullable Locals locals;
  private @Nullable Allowance allowance;

  /** Creates a decoder of one buffer. */
  public GraphDecoder(
      ClassSpace space, Border border, ObjectTable table, ByteBuffer bytes, Trust trust) {
    this(space, border, table, List.of(bytes), trust);
  }

  /** Creates a decoder of a row of buffers. */
  public GraphDecoder(
      ClassSpace space, Border border, ObjectTable table, List<ByteBuffer> bytes, Trust trust) {
    this.border = border;
    this.trust = trust;
    this.definitions = new Definitions(space, trust);
    this.table = table;
    this.source = source(bytes);
  }

  /** Starts a new message; what is known about classes is kept. */
  public void reset(ObjectTable table, List<ByteBuffer> bytes) {
    this.table = table;
    this.source = source(bytes);
    this.allowance = null;
  }

  /**
   * Starts a new message that came in parts, every second of which is the content of one array of
   * bytes, and becomes it.
   */
  public void resetParts(ObjectTable table, List<ByteBuffer> parts) {
    this.table = table;
    this.source = new ByteSource(parts, parts.size() > 1);
    this.allowance = null;
  }

  /** Takes arrays that travel as images. */
  public void images(ArrayImages from) {
    images = from;
  }

  /** Takes thread-locals, and gives them their values. */
  public void locals(Locals to) {
    locals = to;
  }

  private static ByteSource source(List<ByteBuffer> bytes) {
    if (bytes.size() == 1) {
      return new ByteSource(List.of(bytes.get(0).duplicate()));
    }
    List<ByteBuffer> own = new ArrayList<>(bytes.size());
    for (ByteBuffer b : bytes) {
      own.add(b.duplicate());
    }
    return new ByteSource(own);
  }

  /** Returns the table. */
  public ObjectTable table() {
    return table;
  }

  /** Returns how many bytes are left. */
  public long remaining() {
    return source.remaining();
  }

  // ---- framing ----

  /** Reads a byte. */
  public int readByte() {
    return source.readByte();
  }

  /** Reads an int. */
  public int readInt() {
    return source.readInt();
  }

  /** Reads a number of things that take at least some bytes each. */
  public int readLength(int bytesEach) {
    int n = source.readInt();
    if (n < 0 || (long) n * bytesEach > source.remaining()) {
      throw new CodecException("a length of " + n + " exceeds the bytes");
    }
    return n;
  }

  /** Reads a long. */
  public long readLong() {
    return source.readLong();
  }

  /** Reads a string. */
  public String readString() {
    return source.readString();
  }

  /** Reads bytes with their number. */
  public byte[] readBytes() {
    byte[] b = new byte[source.readLength(1)];
    source.read(b, 0, b.length);
    return b;
  }

  /** Reads elements into a part of a primitive array. */
  public void readElements(Object array, int from, int n) {
    if (n < 0 || from < 0 || from > Array.getLength(array) - n) {
      throw new CodecException("elements " + from + " to " + ((long) from + n) + " of an array");
    }
    source.readElements(array, from, n);
  }

  /** Reads a class. */
  public Class<?> readClass() {
    return Objects.requireNonNull(guarded(() -> classInfo().type));
  }

  // ---- graphs ----

  private interface Reading<T> {
    @Nullable T read();
  }

  /**
   * Reads a graph.
   *
   * @throws CodecException if the bytes are no graph; then the table is as before
   */
  public @Nullable Object read() {
    return guarded(this::graph);
  }

  private @Nullable Object graph() {
    int from = table.size();
    workBase = from;
    Object root = value();
    contents(from);
    if (!held) {
      finishTables(0);
    }
    if (work.length > 4096) {
      work = new @Nullable ClassInfo[16];
    }
    return root;
  }

  /**
   * From now on leaves hash tables empty until {@link #buildTables}, because the keys are objects
   * that are about to be changed.
   */
  public void holdTables() {
    held = true;
  }

  /** Builds the tables that were held. */
  public void buildTables() {
    held = false;
    finishTables(0);
  }

  private <T> @Nullable T guarded(Reading<T> reading) {
    int objects = table.size();
    int classes = table.classes().size();
    boolean done = false;
    try {
      @Nullable T result = reading.read();
      done = true;
      return result;
    } catch (CodecException e) {
      throw e;
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      throw new CodecException("the bytes are no graph of this class path", e);
    } finally {
      if (!done) {
        table.truncate(objects);
        table.classes().truncate(classes);
        pending.clear();
        Arrays.fill(work, null);
      }
    }
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

  private ClassInfo classInfo() {
    int index = source.readVar();
    ClassTable classes = table.classes();
    if (index != classes.size()) {
      return classes.get(index);
    }
    ClassInfo info = definitions.read(source);
    classes.add(info);
    return info;
  }

  @SuppressWarnings("StatementSwitchToExpressionSwitch") // as it is, it compiles to one jump
  private @Nullable Object value() {
    int token = source.readVar();
    switch (token) {
      case Wire.NULL:
        return null;
      case Wire.TRUE:
        return true;
      case Wire.FALSE:
        return false;
      case Wire.INT:
        return source.readInt();
      case Wire.LONG:
        return source.readLong();
      case Wire.DOUBLE:
        return Double.longBitsToDouble(source.readFixedLong());
      case Wire.FLOAT:
        return Float.intBitsToFloat(source.readFixedInt());
      case Wire.SHORT:
        return (short) source.readInt();
      case Wire.BYTE:
        return (byte) source.readByte();
      case Wire.CHAR:
        return (char) source.readVar();
      case Wire.STRING:
        return numbered(source.readString());
      case Wire.LITERAL:
        return numbered(source.readString().intern());
      case Wire.CLASS:
        return namedClass();
      case Wire.ENUM:
        return constantOfEnum(false);
      case Wire.ENUM_WITH_STATE:
        return constantOfEnum(true);
      case Wire.CONSTANT:
        return constant();
      case Wire.OBJECT:
        return object();
      case Wire.HASHED:
        return hashed();
      case Wire.ATOM:
        return numbered(Atom.at(source.readVar()).read(source.readString()));
      case Wire.REPLACED:
        return replaced();
      case Wire.STANDARD_STREAM:
        return standardStream();
      case Wire.IMAGE:
        return image();
      default:
        if (token < Wire.BACK) {
          throw new CodecException("no value begins with " + token);
        }
        return table.get(token - Wire.BACK);
    }
  }

  private Object numbered(Object o) {
    table.add(o);
    return o;
  }

  private Object namedClass() {
    int id = table.reserve();
    Class<?> type = classInfo().type;
    table.set(id, type);
    return type;
  }

  @SuppressWarnings({"unchecked", "rawtypes", "GetClassOnEnum"}) // fields of constants with bodies
  private Object constantOfEnum(boolean state) {
    ClassInfo declaring = classInfo();
    String name = source.readString();
    if (!Enum.class.isAssignableFrom(declaring.type) || declaring.type == Enum.class) {
      throw new CodecException(declaring.type.getName() + " is no enum");
    }
    Enum<?> e = EnumConstants.of(declaring.type, name);
    int id = table.add(e);
    if (state) {
      later(id, ClassInfo.read(e.getClass(), definitions.space(), null));
    }
    return e;
  }

  private Object constant() {
    int id = table.reserve();
    ClassInfo holder = classInfo();
    String name = source.readString();
    if (holder.application || holder.type.isArray() || holder.type.isPrimitive()) {
      throw new CodecException("no constants in " + holder.type.getName());
    }
    Object o = Constants.resolve(holder.type, name);
    if (ClassPlan.of(o.getClass()).kind() == ClassPlan.Kind.REFUSED) {
      throw new CodecException(holder.type.getName() + "." + name + " does not travel");
    }
    table.set(id, o);
    return o;
  }

  private Object replaced() {
    int id = table.reserve();
    int tables = pending.size();
    boolean former = replacing;
    replacing = true;
    Object token = value();
    contents(id + 1);
    replacing = former;
    finishTables(tables);
    if (token == null) {
      throw new CodecException("nothing in place of an object");
    }
    Object o = border.resolve(token);
    table.set(id, o);
    return o;
  }

  private Object standardStream() {
    Object o =
        switch (source.readByte()) {
          case 0 -> System.out;
          case 1 -> System.err;
          case 2 -> System.in;
          default -> throw new CodecException("no such stream");
        };
    return numbered(o);
  }

  private Object hashed() {
    int hash = source.readFixedInt();
    Object o = object();
    boolean unused = IdentityHash.give(o, hash);
    return o;
  }

  private Object object() {
    ClassInfo info = classInfo();
    ClassPlan plan = info.plan;
    switch (plan.kind()) {
      case PRIMITIVE_ARRAY, REFERENCE_ARRAY -> {
        Class<?> component = info.type.getComponentType();
        int length = source.readLength(plan.elementWidth());
        Object array = component == byte.class && !replacing ? source.claim(length) : null;
        if (array == null) {
          array =
              plan.kind() == ClassPlan.Kind.PRIMITIVE_ARRAY
                  ? Memory.array(component, length)
                  : Array.newInstance(component, length);
        }
        int id = table.add(array);
        if (length > 0) {
          later(id, info);
        }
        return array;
      }
      case OBJECT, REBUILT, PROXY, LAMBDA -> {
        if (info.single != null) {
          return numbered(info.single);
        }
        if (plan.local && locals == null) {
          throw new CodecException("no thread-local comes here");
        }
        Object o = Memory.allocate(info.type);
        int id = table.add(o);
        if (plan.slots.length > 0 || plan.rebuild != null) {
          later(id, info);
        }
        return o;
      }
      default -> throw new CodecException(info.type.getName() + " does not travel");
    }
  }

  private Object image() {
    ClassInfo info = classInfo();
    int length = source.readVar();
    long number = source.readLong();
    boolean again = source.readByte() != 0;
    ArrayImages from = images;
    if (from == null
        || info.plan.kind() != ClassPlan.Kind.PRIMITIVE_ARRAY
        || length <= 0
        || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new CodecException("no array comes as an image here");
    }
    long bytes = (long) length * info.plan.elementWidth();
    long[] versions = new long[ArrayImage.count(bytes)];
    for (int i = 0; i < versions.length; ) {
      int n = source.readVar();
      if (n <= 0 || n > versions.length - i) {
        throw new CodecException("an image with " + n + " pieces from " + i);
      }
      Arrays.fill(versions, i, i + n, source.readLong());
      i += n;
    }
    Class<?> component = info.type.getComponentType();
    ArrayImages.Arrived arrived =
        from.arrive(
            table.size(), number, again, bytes, versions, () -> Memory.array(component, length));
    int id = table.add(arrived.array());
    if (table.keepsOrigins()) {
      table.image(id, arrived.image());
    }
    return arrived.array();
  }

  private void content(int id, Object o, ClassInfo info) {
    ClassPlan plan = info.plan;
    switch (plan.kind()) {
      case PRIMITIVE_ARRAY -> {
        int length = Array.getLength(o);
        if (table.keepsOrigins() && length >= LONG) {
          ObjectTable.Origin origin = source.origin(o, length);
          if (origin != null) {
            table.origin(id, origin);
          }
        }
        source.readElements(o, 0, length);
      }
      case REFERENCE_ARRAY -> {
        Object[] array = (Object[]) o;
        for (int i = 0; i < array.length; i++) {
          array[i] = value();
        }
      }
      default -> {
        fields(id, o, plan);
        if (plan.rebuild != null) {
          rebuilt(o, plan.rebuild);
        }
        if (plan.local && locals != null) {
          local((ThreadLocal<?>) o, locals);
        }
      }
    }
  }

  private void local(ThreadLocal<?> o, Locals to) {
    if (source.readByte() != 0) {
      to.set(o, value());
    } else {
      to.remove(o);
    }
  }

  private void fields(int id, Object o, ClassPlan plan) {
    boolean discard = plan.kind() == ClassPlan.Kind.ENUM && trust == Trust.INBOUND;
    for (FieldSlot s : plan.slots) {
      if (s.isReference()) {
        int mark = source.peek();
        if (mark == Wire.PRUNED) {
          source.readByte();
          table.prune(id, s.field());
        } else {
          Object v = value();
          if (!discard) {
            s.putReference(o, v);
          }
        }
      } else {
        long bits =
            switch (s.code()) {
              case 'J' -> source.readLong();
              case 'D' -> source.readFixedLong();
              case 'F' -> source.readFixedInt();
              case 'B', 'Z' -> source.readByte();
              case 'C' -> source.readVar();
              default -> source.readInt();
            };
        if (!discard) {
          s.putBits(o, bits);
        }
      }
    }
  }

  private void rebuilt(Object o, Rebuild rebuild) {
    long a = source.readLong();
    long b = source.readLong();
    int n = source.readLength(1);
    Snapshot s = new Snapshot(new @Nullable Object[Math.max(1, n)]);
    if (trust == Trust.INBOUND) {
      if (allowance == null) {
        allowance = new Allowance();
      }
      s.allowance = allowance;
    }
    s.a = a;
    s.b = b;
    for (int i = 0; i < n; i++) {
      s.add(value());
    }
    if (rebuild.isMap() && n % 2 != 0) {
      throw new CodecException("a key without value");
    }
    int numbers = rebuild.hasShape() ? source.readLength(1) : 0;
    if (numbers > 0) {
      s.shape = new int[numbers];
      for (int i = 0; i < numbers; i++) {
        s.shape[i] = source.readInt();
      }
    }
    if (rebuild.isDeferred()) {
      pending.add(new PendingTable(o, rebuild, s));
    } else {
      rebuild.give(o, s);
    }
  }

  private void finishTables(int from) {
    if (pending.size() > from) {
      List<PendingTable> those = pending.subList(from, pending.size());
      PendingTable.finish(new ArrayList<>(those));
      those.clear();
    }
  }
}
