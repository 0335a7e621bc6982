package dev.martlet.internal.dispatch;

import dev.martlet.UncapturableException;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.capture.Capture;
import dev.martlet.internal.capture.Captured;
import dev.martlet.internal.capture.FieldRef;
import dev.martlet.internal.capture.Findings;
import dev.martlet.internal.capture.HomeException;
import dev.martlet.internal.classpath.ClassWorld;
import dev.martlet.internal.codec.ArrayMirrors;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.Locals;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.effects.Statics;
import dev.martlet.spi.Platform.Attachment;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Month;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Encodes tasks whose client may be gone when they run, and reads what became of them.
 *
 * <p>Nobody can be asked then, so what analysis knows that a task may ask for comes along: the
 * classes of the application that its code may need are initialised when the task is submitted, and
 * the static fields that it may read travel with their values as of then. What is not known is
 * missed where the task runs, and said. Long arrays travel as images, whose pieces tasks share.
 */
public final class Detaching {
  private static final StackTraceElement[] NOBODY = {};

  // Nobody knows the call by it.
  private static final long WIRE_ID = 0;

  private final ClassWorld world;
  private final Capture capture;
  private final Border border;
  private final ArrayMirrors mirrors;
  private final boolean effects;
  private final String thread;
  private final Supplier<byte[]> changedState;
  private final IdentityHashMap<Findings, Needs> needs = new IdentityHashMap<>();

  /**
   * A task, encoded.
   *
   * @param payload its request
   * @param bytes its length
   * @param attachments what it looks for in the store
   * @param initialised application classes that are initialised here
   * @param enums enums whose constants it may have seen here
   */
  public record Packed(
      List<ByteBuffer> payload,
      long bytes,
      List<Attachment> attachments,
      Set<String> initialised,
      Set<Class<?>> enums) {}

  private record Needs(Set<String> initialised, Set<Class<?>> enums, List<Field> statics) {}

  Detaching(
      Dispatcher.Config config,
      ClassWorld world,
      Capture capture,
      Border border,
      ArrayMirrors mirrors,
      Supplier<byte[]> changedState) {
    this.world = world;
    this.capture = capture;
    this.border = border;
    this.mirrors = mirrors;
    this.effects = config.effects();
    this.thread = config.poolName() + "-job";
    this.changedState = changedState;
  }

  /**
   * Encodes a task.
   *
   * @throws UncapturableException if it cannot leave its client behind
   */
  public Packed pack(Callable<?> task) {
    Captured c;
    try {
      c = capture.capture(task, Body.Kind.CALL.code(), null, null, Locals.NONE);
    } catch (HomeException e) {
      throw new UncapturableException(e.reason(), e.path());
    }
    if (c.releases()) {
      throw new UncapturableException(
          c.reason() + ", where nobody may be then; let it return a result of its own", "");
    }
    check(c.table());
    Needs n = needs(c);
    List<ByteBuffer> payload = new ArrayList<>();
    List<ByteBuffer> ahead = ahead(c.table(), n.statics);
    payload.add(header(length(ahead)));
    payload.addAll(ahead);
    payload.addAll(c.takeGraph());
    List<Attachment> attachments = Away.attachments(c.table(), 0);
    return new Packed(payload, length(payload), attachments, n.initialised, n.enums);
  }

  private static int length(List<ByteBuffer> parts) {
    long length = 0;
    for (ByteBuffer b : parts) {
      length += b.remaining();
    }
    if (length > GraphEncoder.LONGEST) {
      throw new UncapturableException(
          "its objects and static fields take " + length + " bytes, more than can travel", "");
    }
    return (int) length;
  }

  /** Other class loaders than the program's own are gone with the client. */
  private void check(ObjectTable table) {
    for (int id = 0; id < table.size(); id++) {
      Object o = table.get(id);
      Class<?> type = o instanceof Class<?> c ? c : o.getClass();
      if (world.idOf(type) > ClassWorld.SYSTEM) {
        throw new UncapturableException(
            type.getName()
                + " is of a class loader that ends with this JVM; a detached task's classes are to"
                + " be on the class path",
            "");
      }
    }
  }

  private ByteBuffer header(int ahead) {
    byte[] name = Protocol.utf8(thread);
    byte[] now = changedState.get();
    ByteBuffer b =
        ByteBuffer.allocate(1 + 8 + 8 + 4 + 4 + 8 + 4 + name.length + (4 + now.length) + 4);
    int flags = Protocol.DETACHED | (effects ? Protocol.EFFECTS : 0);
    b.put((byte) (now.length > 0 ? flags | Protocol.STATE : flags));
    b.putLong(WIRE_ID).putLong(1).putInt(1).putInt(world.generation());
    b.putLong(System.nanoTime());
    Protocol.putString(b, name);
    if (now.length > 0) {
      Protocol.putString(b, now);
    }
    return b.putInt(ahead).flip();
  }

  /* --------------- What it may ask for --------------- */

  private Needs needs(Captured c) {
    synchronized (needs) {
      Needs known = needs.get(c.findings());
      if (known == null) {
        known = find(c);
        needs.put(c.findings(), known);
      }
      return known;
    }
  }

  private Needs find(Captured c) {
    Set<String> initialised = new LinkedHashSet<>();
    Set<Class<?>> enums = new LinkedHashSet<>(List.of(DayOfWeek.class, Month.class));
    List<Field> statics = new ArrayList<>();
    for (String name : c.classes()) {
      Class<?> type = load(name, /* initialise= */ false);
      if (type != null && world.isApplication(type) && load(name, true) != null) {
        initialised.add(name);
      }
      if (type != null && type.isEnum()) {
        enums.add(type);
      }
    }
    for (Class<?> type : c.types()) {
      if (type.isEnum()) {
        enums.add(type);
      }
    }
    for (FieldRef f : c.findings().staticsRead()) {
      Class<?> type = load(f.owner().replace('/', '.'), /* initialise= */ false);
      if (type != null && world.isApplication(type) && load(type.getName(), true) != null) {
        initialised.add(type.getName());
        add(type, f.name(), statics);
      }
    }
    return new Needs(initialised, enums, statics);
  }

  /** Adds a field that a class has itself; an inherited one is found with its own class. */
  private static void add(Class<?> type, String field, List<Field> to) {
    try {
      for (Field f : type.getDeclaredFields()) {
        if (f.getName().equals(field) && Modifier.isStatic(f.getModifiers())) {
          to.add(f);
        }
      }
    } catch (LinkageError e) {
      return; // the type of some field is not there; a task that reads this one fails
    }
  }

  private @Nullable Class<?> load(String name, boolean initialise) {
    try {
      Class<?> type = Class.forName(name, initialise, ClassLoader.getSystemClassLoader());
      return world.idOf(type) == ClassWorld.SYSTEM ? type : null;
    } catch (ClassNotFoundException | LinkageError e) {
      return null; // where the task needs it, it fails in the same way
    }
  }

  private List<ByteBuffer> ahead(ObjectTable table, List<Field> statics) {
    List<ByteBuffer> all = new ArrayList<>();
    for (Field f : statics) {
      GraphEncoder encoder = new GraphEncoder(capture.space(), border, table);
      encoder.mirrors(mirrors);
      encoder.locals(Locals.NONE);
      try {
        encoder.write(Statics.get(f));
      } catch (UntravelableException e) {
        continue; // a task that reads it all the same fails
      }
      byte[] type = Protocol.utf8(f.getDeclaringClass().getName());
      byte[] name = Protocol.utf8(f.getName());
      byte[] value = encoder.toByteArray();
      ByteBuffer b = ByteBuffer.allocate(4 + 4 + type.length + 4 + name.length + 4 + value.length);
      b.putInt(ClassWorld.SYSTEM);
      Protocol.putString(b, type);
      Protocol.putString(b, name);
      Protocol.putString(b, value);
      all.add(b.flip());
    }
    return all;
  }

  /* --------------- What became of it --------------- */

  /**
   * Returns what a task returned.
   *
   * @throws Throwable what it threw, or why it could not be run
   */
  public @Nullable Object value(ByteBuffer answer) throws Throwable {
    ByteBuffer in = answer.duplicate();
    byte status = in.get();
    in.getLong();
    switch (status) {
      case Protocol.RETURNED, Protocol.THREW, Protocol.UNTRAVELABLE -> {
        in.get();
        ByteBuffer unused = Protocol.getBytes(in);
      }
      case Protocol.DROPPED, Protocol.SPOILED ->
          throw new UncapturableException("the task " + Away.text(in), "");
      case Protocol.OUT_OF_MEMORY ->
          throw Away.lostWorker(WorkerLostException.Reason.OUT_OF_MEMORY, Away.text(in));
      default -> throw new IllegalStateException(Away.text(in));
    }
    if (status == Protocol.UNTRAVELABLE) {
      throw Away.untravelable(Away.text(in));
    }
    ObjectTable table = new ObjectTable();
    Object value = new GraphDecoder(capture.space(), border, table, in, Trust.INBOUND).read();
    if (status == Protocol.RETURNED) {
      return value;
    }
    if (!(value instanceof Throwable thrown)) {
      throw new CodecException("a task that threw nothing");
    }
    StackTraces.join(thrown, NOBODY);
    throw thrown;
  }

  /** Returns why a task has no answer whose instance has ended. */
  public static WorkerLostException lost(WorkerLostException.Reason reason, String detail) {
    return Away.lostWorker(reason, detail);
  }

  /** Returns the lines that a task has printed or logged. */
  public static List<String> lines(List<ByteBuffer> messages) {
    List<String> lines = new ArrayList<>();
    for (ByteBuffer message : messages) {
      ByteBuffer m = message.duplicate();
      if (m.get() != Protocol.LOG) {
        lines.add(StandardCharsets.UTF_8.decode(m).toString());
        continue;
      }
      m.get();
      String level = Protocol.getString(m);
      String name = Protocol.getString(m);
      String source = Protocol.getString(m);
      String text = Protocol.getString(m);
      String trace = Protocol.getString(m);
      String where = name.isEmpty() ? source : name;
      lines.add(level + " " + where + ": " + text + (trace.isEmpty() ? "" : "\n" + trace));
    }
    return lines;
  }
}
