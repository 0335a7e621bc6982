package dev.martlet.internal.worker.host;

import dev.martlet.internal.capture.Tokens;
import dev.martlet.internal.codec.ArrayImage;
import dev.martlet.internal.codec.ArrayVolume;
import dev.martlet.internal.codec.Border;
import dev.martlet.internal.codec.ClassPlan;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ObjectTable;
import dev.martlet.internal.codec.Trust;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.effects.JdkTable;
import dev.martlet.internal.effects.MapEntries;
import dev.martlet.internal.effects.Operation;
import dev.martlet.internal.effects.OperationLog;
import dev.martlet.internal.effects.Statics;
import dev.martlet.internal.effects.Twins;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.weave.AttemptDropped;
import dev.martlet.internal.worker.weave.CallHooks;
import dev.martlet.internal.worker.weave.WovenMembers;
import dev.martlet.internal.worker.weave.WovenStatics;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: its objects, what the task has done to them so far, and the judgement on
 * what it is about to do.
 *
 * <p>A task may use what came with it as it likes, as long as it learns nothing of other tasks:
 * monitors, volatile reads and acquiring operations on objects of the table drop the attempt, and
 * the call runs at home. Operations that only release are logged. They are brought home with the
 * outcome, or before if somebody may be waiting for them: where an operation wakes waiters, and
 * where the task pauses, the effects so far are set down as a segment; segments that the outcome
 * does not follow soon are flushed.
 *
 * <p>An attempt that has touched the world outside, or whose effects have been flushed, cannot be
 * dropped any more; it is spoiled and its future fails.
 *
 * <p>Threads that the task has started share the attempt, so its mutable state is guarded by this
 * object's monitor.
 */
final class CallRun implements CallHooks {
  private static final Map<Realm, CallRun> RUNNING = new ConcurrentHashMap<>();
  private static final Field ELEMENTS = elements();
  private static final StackWalker WALKER =
      StackWalker.getInstance(
          Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE, StackWalker.Option.SHOW_HIDDEN_FRAMES));

  // A burst of operations travels together; a task that goes on for longer shows what it did.
  private static final long SEGMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long FLUSH_MILLIS = 100;

  // Threads that go on submitting when the task has ended do so for ever, for all that is known.
  private static final long SUBMITTING_NANOS = TimeUnit.SECONDS.toNanos(10);

  // As many of an answer's parts as may come by themselves, less some.
  private static final int MOST_PIECES = 1000;

  // What is read at a time takes memory besides the arrays.
  private static final int MOST_VOLUMES = 8;

  final Output.Buffer out = new Output.Buffer();
  final Output.Buffer err = new Output.Buffer();
  InboundCall inbound;
  final Realm realm;
  private final RealmSpace space;
  final ObjectTable table = new ObjectTable();

  private final long wireId;
  private final boolean effects;
  private final Line line;
  private final Border border;
  private final Twins twins = new Twins(table);
  private final OperationLog log = new OperationLog();
  private final List<StaticValue> statics = new ArrayList<>();
  private final Set<Class<?>> initialised = new HashSet<>();
  private final Map<List<@Nullable Object>, Object> loggers = new HashMap<>();
  private final List<ByteBuffer> segments = new ArrayList<>();
  private final List<ArrayBases.Spare> spare = new ArrayList<>();
  private final FlushTimer timer;
  private final RealmHooks hooks;
  private final ArrayBases bases;
  private final Cells cells;
  private final Background background;
  private @Nullable NestedPool nested;
  private @Nullable ForkedTasks forked;
  private @Nullable Completer completer;
  private boolean rootQuietly;
  private boolean shared;
  private int covered;
  private boolean decoding = true;
  private boolean synchronisers;
  private long segmentNanos = System.nanoTime();
  private boolean ended;
  private @Nullable String external;
  private boolean flushed;
  private @Nullable String dropped;
  private boolean spoiled;
  private volatile @Nullable String unanswered;
  private @Nullable Properties properties;
  private @Nullable ByteBuffer ahead;
  private boolean detached;
  private @Nullable Set<String> initialisedAtHome;
  private ByteBuffer state = ByteBuffer.allocate(0);
  private long nanosAhead;

  private static final class StaticValue {
    final Field field;
    final Class<?> declaring;
    final int index;
    @Nullable Object twin;

    StaticValue(Field field, Class<?> declaring, int index, @Nullable Object twin) {
      this.field = field;
      this.declaring = declaring;
      this.index = index;
      this.twin = twin;
    }
  }

  CallRun(
      InboundCall inbound,
      long wireId,
      boolean effects,
      Realms.Lease lease,
      Line line,
      Border border,
      Cells cells,
      ArrayBases bases,
      FlushTimer timer) {
    this.cells = cells;
    this.bases = bases;
    this.timer = timer;
    this.inbound = inbound;
    this.wireId = wireId;
    this.effects = effects;
    this.realm = lease.realm();
    this.hooks = lease.hooks();
    this.background = lease.background();
    this.space = new RealmSpace(realm);
    this.line = line;
    this.border = border;
  }

  /** Returns the attempt that the current thread works for, or {@code null}. */
  static @Nullable CallRun ofThread() {
    CallRun run = Background.run();
    if (Background.isEverybodys(Thread.currentThread())) {
      CallRun caller = WALKER.walk(CallRun::ofFrames);
      return caller != null || run == null || !run.shared ? caller : run;
    }
    return run;
  }

  /** Returns the attempt whose classes are on the stack. */
  private static @Nullable CallRun ofFrames(Stream<StackWalker.StackFrame> frames) {
    return frames
        .map(f -> Realm.of(f.getDeclaringClass()))
        .filter(Objects::nonNull)
        .findFirst()
        .map(RUNNING::get)
        .orElse(null);
  }

  /** Makes this the run of its realm, until {@link #close}. */
  void open() {
    background.open(this);
    RUNNING.put(realm, this);
  }

  void close() {
    RUNNING.remove(realm, this);
    background.open(null);
  }

  /** Has the current thread work for this run. */
  void enter() {
    background.enter();
  }

  void exit() {
    Background.exit();
  }

  /** Makes this the run of light calls, one after the other, beside others in its realm. */
  void share() {
    shared = true;
    decoding = false;
    background.open(this);
  }

  boolean isShared() {
    return shared;
  }

  /** Makes this the run of the next light call. */
  void reuse(InboundCall next) {
    inbound = next;
    table.reset();
  }

  /** Returns whether nothing is left of the last call. */
  synchronized boolean isClean() {
    return dropped == null
        && unanswered == null
        && external == null
        && log.isEmpty()
        && !realm.isSpent();
  }

  GraphDecoder decoder(ByteBuffer in) {
    return decoder(in, table);
  }

  private GraphDecoder decoder(ByteBuffer in, ObjectTable into) {
    GraphDecoder decoder = new GraphDecoder(space, border, into, in, Trust.FULL);
    decoder.images(
        (id, number, again, bytes, versions, blank) ->
            bases.arrive(
                number,
                again,
                bytes,
                versions,
                blank,
                which -> new PieceSource(number, versions, bytes).fetch(id, which)));
    decoder.locals(cells);
    return decoder;
  }

  /** Where the pieces of an array are that comes as an image. */
  private final class PieceSource {
    private final long number;
    private final long[] versions;
    private final long bytes;

    PieceSource(long number, long[] versions, long bytes) {
      this.number = number;
      this.versions = versions;
      this.bytes = bytes;
    }

    /** Looks for pieces where the client puts them for all, and asks for those that are missing. */
    byte[][] fetch(int id, int[] which) {
      byte[][] found = new byte[versions.length][];
      List<ArrayVolume> volumes = ArrayVolume.of(number, versions, which);
      for (int from = 0; from < volumes.size(); from += MOST_VOLUMES) {
        List<ArrayVolume> some =
            volumes.subList(from, Math.min(volumes.size(), from + MOST_VOLUMES));
        List<String> names = some.stream().map(ArrayVolume::name).toList();
        List<@Nullable ByteBuffer> contents = asking(() -> line.attachments(names));
        for (int i = 0; i < some.size(); i++) {
          ByteBuffer content = contents.get(i);
          if (content != null) {
            some.get(i).decode(content, bytes, found);
          }
        }
      }
      int[] missing = Arrays.stream(which).filter(i -> found[i] == null).toArray();
      ask(id, missing, found);
      return Arrays.stream(which).mapToObj(i -> found[i]).toArray(byte[][]::new);
    }

    private void ask(int id, int[] which, byte[][] found) {
      for (int from = 0, to; from < which.length; from = to) {
        to = Math.min(which.length, from + MOST_PIECES);
        ByteBuffer question = header(Protocol.PIECES, 4 + 4 * (to - from)).putInt(id);
        for (int i = from; i < to; i++) {
          question.putInt(which[i]);
        }
        PieceReader answer = new PieceReader(asking(() -> line.askForParts(question.flip())));
        for (int i = from; i < to; i++) {
          found[which[i]] = answer.next(ArrayImage.length(bytes, which[i]));
        }
      }
    }
  }

  /** Returns a decoder of the request, of whose first part the header has been read. */
  GraphDecoder requestDecoder(ByteBuffer in) {
    if (effects) {
      table.keepOrigins();
    }
    GraphDecoder decoder = decoder(in);
    List<ByteBuffer> more = inbound.more();
    if (!more.isEmpty()) {
      List<ByteBuffer> all = new ArrayList<>(1 + more.size());
      all.add(in);
      all.addAll(more);
      decoder.resetParts(table, all);
    }
    return decoder;
  }

  GraphEncoder encoder() {
    return new GraphEncoder(space, new Outward(), table);
  }

  /** Returns an encoder of what the task answers. */
  GraphEncoder outcomeEncoder() {
    return detached ? new GraphEncoder(space, new Alone(), new ObjectTable()) : encoder();
  }

  /** Nobody may be at home when the task runs, so what it may ask for is here. */
  void detach(ByteBuffer values) {
    ahead = values;
    detached = true;
  }

  boolean isDetached() {
    return detached;
  }

  /**
   * Another call on another instance has made this one, and is all that there is of home.
   *
   * @param values the values of static fields
   * @param initialised the names of classes that are initialised at home
   */
  void nest(ByteBuffer values, ByteBuffer initialised) {
    ahead = values;
    Set<String> names = new HashSet<>();
    while (initialised.hasRemaining()) {
      names.add(initialised.getInt() + ":" + Protocol.getString(initialised));
    }
    initialisedAtHome = names;
  }

  private boolean isNested() {
    return initialisedAtHome != null;
  }

  /** Gives static fields the values that came ahead. */
  synchronized void takeAhead() {
    ByteBuffer values = ahead;
    if (values == null || !values.hasRemaining()) {
      return;
    }
    decoding = true;
    try {
      while (values.hasRemaining()) {
        Class<?> declaring = realm.load(values.getInt(), Protocol.getString(values));
        String name = Protocol.getString(values);
        Object value = decoder(Protocol.getBytes(values)).read();
        Class<?> unused = Class.forName(declaring.getName(), true, declaring.getClassLoader());
        int index = WovenStatics.index(declaring, name);
        if (index >= 0 && !WovenStatics.isPresent(declaring, index)) {
          WovenStatics.put(declaring, index, value);
          Object twin = WovenStatics.get(declaring, index);
          Field field = WovenStatics.field(declaring, index);
          statics.add(new StaticValue(field, declaring, index, twin));
        }
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    } finally {
      decoding = false;
    }
  }

  /** What travels by name in an outcome that refers to nothing that came with the task. */
  private final class Alone implements Border {
    private final Border outward = new Outward();

    @Override
    public @Nullable Object replace(Object o) {
      int id = table.hasPruned() ? table.idOf(o) : -1;
      if (id >= 0 && !table.pruned().getOrDefault(id, Set.of()).isEmpty()) {
        homeOnly("returns " + describe(o) + " that it was given, of which fields stayed at home");
      }
      return outward.replace(o);
    }

    @Override
    public Object resolve(Object token) {
      return outward.resolve(token);
    }

    @Override
    public boolean staysHome(Field field) {
      return outward.staysHome(field);
    }

    @Override
    public boolean keepsLiterals() {
      return outward.keepsLiterals();
    }
  }

  /** What travels by name, and the entries of maps that came from home. */
  private final class Outward implements Border {
    @Override
    public @Nullable Object replace(Object o) {
      if (isNested() && (MapEntries.isLive(o) || o instanceof Future<?>)) {
        homeOnly("hands out " + describe(o));
      }
      if (MapEntries.isLive(o)) {
        Map.Entry<?, ?> e = (Map.Entry<?, ?>) o;
        for (int id = 0; id < covered; id++) {
          Object map = table.get(id);
          if (MapEntries.isMap(map) && MapEntries.of(map, e.getKey()) == o) {
            return Tokens.entry(map, e);
          }
        }
        return null;
      }
      return border.replace(o);
    }

    @Override
    public Object resolve(Object token) {
      return border.resolve(token);
    }

    @Override
    public boolean staysHome(Field field) {
      return border.staysHome(field);
    }

    @Override
    public boolean keepsLiterals() {
      return border.keepsLiterals();
    }
  }

  /** Makes this the run of a subtree, before anything is covered. */
  synchronized void subtree(ForkJoinTask<?> root, @Nullable Completer standIn) {
    forked = new ForkedTasks(table, root, standIn);
    completer = standIn;
  }

  /** Returns whether the subtree has completed the root of the tree that it is a part of. */
  synchronized boolean completesQuietly() {
    return rootQuietly;
  }

  /** A thread waits for a task. */
  synchronized void checkAwaited(ForkJoinTask<?> task) {
    if (forked != null && forked.isStranger(task)) {
      drop("waits for a " + task.getClass().getName() + " that others may run");
    }
  }

  /** Takes twins of all that came since the last time, and has it watched. */
  synchronized void cover() {
    if (effects) {
      twins.cover();
    }
    for (; covered < table.size(); covered++) {
      Class<?> type = table.get(covered).getClass();
      synchronisers |=
          JdkTable.synchronises(type)
              && !(forked != null && ForkJoinTask.class.isAssignableFrom(type));
      initialised.add(type);
    }
    boolean judges = false;
    if (forked != null) {
      forked.cover();
      judges = forked.judge();
      synchronisers |= judges;
    }
    hooks.watch(covered > 0, synchronisers, table.hasPruned(), judges);
    decoding = false;
    checkLocals();
  }

  /** Gives the task its pool. */
  void nested(NestedPool pool) {
    nested = pool;
  }

  /** Threads of a pool are about to work for the task. */
  synchronized void delegates() {
    cells.others();
    checkLocals();
  }

  private void checkLocals() {
    String objection = cells.objection();
    if (objection != null) {
      check();
      drop(objection);
    }
  }

  void line(String text, boolean error) {
    byte[] utf8 = Protocol.utf8(text);
    ByteBuffer message = ByteBuffer.allocate(1 + utf8.length);
    message.put(error ? Protocol.ERR : Protocol.OUT).put(utf8).flip();
    inbound.send(message);
  }

  void log(boolean slf4j, String level, String name, String source, String text, String trace) {
    byte[][] parts = {
      Protocol.utf8(level),
      Protocol.utf8(name),
      Protocol.utf8(source),
      Protocol.utf8(text),
      Protocol.utf8(trace)
    };
    int length = 2;
    for (byte[] p : parts) {
      length += 4 + p.length;
    }
    ByteBuffer message = ByteBuffer.allocate(length);
    message.put(Protocol.LOG).put((byte) (slf4j ? 1 : 0));
    for (byte[] p : parts) {
      Protocol.putString(message, p);
    }
    inbound.send(message.flip());
  }

  /* ---------------- Outcome ---------------- */

  /** Returns why the attempt must not count, or {@code null}. */
  synchronized @Nullable String dropped() {
    return dropped;
  }

  /** Returns whether the task has touched the world outside. */
  synchronized boolean isExternal() {
    return external != null;
  }

  /** Returns whether a dropped attempt cannot be repeated. */
  synchronized boolean spoiled() {
    return spoiled;
  }

  /** Makes an object that outlives the task. */
  <T> T keep(Supplier<? extends T> maker) {
    return background.apart(maker);
  }

  /** Drops the attempt if the task leaves anything running, which has to run at home. */
  void settle() {
    long start = System.nanoTime();
    String left = background.awaitRest();
    NestedPool calls = nested;
    while (calls != null && calls.join()) { // what threads of the task have submitted
      left = background.awaitRest();
      if (left != null && System.nanoTime() - start > SUBMITTING_NANOS) {
        calls.refuse();
        break;
      }
    }
    if (left != null) {
      try {
        homeOnly("leaves " + left + " running");
      } finally {
        background.interrupt();
      }
    }
  }

  /** Returns whether the task leaves its realm in a state that no other call may find. */
  boolean spendsRealm() {
    return realm.isSpent() || background.isSpent();
  }

  /** Ends the attempt and returns its effects that have not been flushed. */
  synchronized List<ByteBuffer> end() throws UntravelableException {
    checkProperties();
    segment(true);
    // The client knows the version by one worker only.
    boolean once = !line.mayRepeat();
    twins.tell(
        (array, before, now, atOnce) ->
            spare.add(bases.written(array, before, now, atOnce && !flushed && once ? wireId : 0)));
    twins.release();
    ended = true;
    return allSegments();
  }

  private List<ByteBuffer> allSegments() {
    List<ByteBuffer> all = new ArrayList<>(segments);
    segments.clear();
    return all;
  }

  /** Sets down all effects since the last segment. */
  private void segment(boolean last) throws UntravelableException {
    if (!effects) {
      return;
    }
    GraphEncoder to = encoder();
    if (last && forked != null) {
      forked.log(log);
    }
    boolean any = !log.isEmpty();
    any |= twins.writeChanges(to, last) > 0;
    List<StaticValue> changed = new ArrayList<>();
    for (StaticValue s : statics) {
      Object now = WovenStatics.get(s.declaring, s.index);
      if (now != s.twin && !(s.field.getType().isPrimitive() && Objects.equals(now, s.twin))) {
        s.twin = now;
        changed.add(s);
      }
    }
    to.writeInt(changed.size());
    for (StaticValue s : changed) {
      to.write(s.declaring);
      to.writeString(s.field.getName());
      to.write(s.twin);
    }
    List<Cells.Change> locals = last ? cells.changes() : List.of();
    to.writeInt(locals.size());
    for (Cells.Change c : locals) {
      to.writeInt(table.idOf(c.local()));
      to.writeByte(c.set() ? 1 : 0);
      if (c.set()) {
        to.write(c.value());
      }
    }
    log.drain(to);
    if (!last) {
      twins.cover();
      if (forked != null) {
        forked.coverOwn();
      }
    }
    if (to.size() > GraphEncoder.LONGEST) {
      String much = "takes " + to.size() + " bytes, more than can travel";
      throw new UntravelableException("all that it changes", much, Object.class);
    }
    if (any || !changed.isEmpty() || !locals.isEmpty()) {
      segments.add(ByteBuffer.allocate(4).putInt((int) to.size()).flip());
      segments.addAll(to.buffers());
    }
    segmentNanos = System.nanoTime();
  }

  /** Sets down the effects so far, and sees to it that they are flushed if the task goes on. */
  private void show() {
    try {
      segment(false);
    } catch (UntravelableException e) {
      drop("stores what cannot travel: " + e.getMessage());
    }
    if (!segments.isEmpty()) {
      timer.schedule(this::flush, FLUSH_MILLIS);
    }
  }

  private synchronized void flush() {
    if (ended || dropped != null || isNested() || segments.isEmpty()) {
      return;
    }
    long length = 0;
    for (ByteBuffer b : segments) {
      length += b.remaining();
    }
    if (length > CallHost.LONGEST) {
      return; // the answer will say that it is too much
    }
    flushed = true;
    List<ByteBuffer> all = allSegments();
    ByteBuffer question = header(Protocol.FLUSH, (int) length);
    all.forEach(question::put);
    Object unused = answer(ask(question.flip()), "makes changes visible");
  }

  private ByteBuffer header(byte kind, int length) {
    return ByteBuffer.allocate(1 + 8 + length).put(kind).putLong(wireId);
  }

  /** Lets other calls have arrays of this one, which has ended and left nothing running. */
  void giveBack() {
    spare.forEach(bases::give);
  }

  /** Makes the realm's static fields absent again. */
  synchronized void releaseStatics() {
    for (StaticValue s : statics) {
      WovenStatics.clear(s.declaring, s.index);
    }
    statics.clear();
  }

  /** Takes the values of thread-locals from the current thread, which has run the call. */
  synchronized void releaseLocals() {
    cells.clear();
  }

  /**
   * A question has had no answer, since the client, the store or the way there failed, or since
   * nobody wants this attempt any more. Whatever the task makes of that must not count.
   */
  void unanswered(Throwable why) {
    if (unanswered == null) {
      Throwable cause = why.getCause();
      unanswered = why.getMessage() + (cause == null ? "" : ": " + cause.getMessage());
    }
  }

  /** Returns why a question had no answer, or {@code null} if all had. */
  @Nullable String unanswered() {
    return unanswered;
  }

  /**
   * Returns whether the task can run at home as if it had never run here, and perhaps on a larger
   * stack: a cloud's thread may have less than woven code needs in addition.
   */
  synchronized boolean hasRoomAtHome() {
    return !realm.isLocal() && !detached && external == null && !flushed;
  }

  private void drop(String reason) {
    if (dropped == null) {
      dropped = reason;
      if (external != null) {
        spoiled = true;
        dropped = reason + ", after it had touched the world outside by " + external;
      } else if (flushed) {
        spoiled = true;
        dropped = reason + ", after changes that it made had become visible";
      }
    }
    throw stop(dropped);
  }

  private AttemptDropped stop(String reason) {
    if (WALKER.walk(CallRun::initialises)) {
      // The class is unusable from now on, for every call.
      realm.spend();
    }
    return new AttemptDropped(reason);
  }

  private static boolean initialises(Stream<StackWalker.StackFrame> frames) {
    return frames.anyMatch(
        f -> f.getMethodName().equals("<clinit>") && Realm.of(f.getDeclaringClass()) != null);
  }

  private synchronized void check() {
    if (dropped != null) {
      throw stop(dropped);
    }
  }

  /* ---------------- Calls that the task makes ---------------- */

  /** The client's JVM-wide state, as the request has brought it. */
  void state(ByteBuffer bytes) {
    state = bytes;
  }

  ByteBuffer state() {
    return state.duplicate();
  }

  /** By how much the client's {@link System#nanoTime} is ahead of this JVM's. */
  void nanosAhead(long nanos) {
    nanosAhead = nanos;
    hooks.nanosAhead(nanos);
  }

  long nanosAhead() {
    return nanosAhead;
  }

  /** Returns why none of the task's calls can leave, or {@code null}. */
  synchronized @Nullable String keepsCalls() {
    if (shared || detached || forked != null) {
      return "it is a call of a call that is not like others";
    } else if (dropped != null || unanswered != null) {
      return "the call that made it does not count";
    }
    return properties == null ? null : "the call that made it uses system properties";
  }

  /** Returns whether the task has an object only in part. */
  synchronized boolean hasInPart(Object o) {
    int id = table.hasPruned() ? table.idOf(o) : -1;
    return id >= 0 && !table.pruned().getOrDefault(id, Set.of()).isEmpty();
  }

  /** Returns the names of classes that are initialised at home, for a call of the task's. */
  synchronized byte[] initialisedAtHome() {
    Set<Class<?>> all = new HashSet<>(realm.initialised());
    for (Class<?> c : initialised) {
      if (!c.isArray() && !c.isHidden() && realm.isApplication(c)) {
        all.add(c);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Class<?> c : all) {
      byte[] name = Protocol.utf8(c.getName());
      ByteBuffer one = ByteBuffer.allocate(4 + 4 + name.length).putInt(realm.idOf(c));
      Protocol.putString(one, name);
      bytes.writeBytes(one.array());
    }
    return bytes.toByteArray();
  }

  RealmSpace space() {
    return space;
  }

  Border border() {
    return border;
  }

  /* ---------------- Hooks ---------------- */

  @Override
  public synchronized void monitor(Object o) {
    check();
    if (o instanceof Class<?> c && !isOfLibrary(c)) {
      drop("locks the class " + c.getName());
    } else if (table.idOf(o) >= 0 || isEverybodys(o)) {
      drop("locks " + describe(o) + ", which it shares");
    }
  }

  /** Returns whether a class has its own state on each worker, and need not be as at home. */
  private boolean isOfLibrary(Class<?> type) {
    return Realm.of(type) != null && !realm.isApplication(type);
  }

  /** Returns whether others may get at an object of the JVM that nobody has handed them. */
  private boolean isEverybodys(Object o) {
    ClassPlan plan = ClassPlan.of(o.getClass());
    return switch (plan.kind()) {
      case BOXED, STRING, ATOM -> true;
      case ENUM -> !isOfLibrary(o.getClass());
      case LAMBDA -> plan.slots().isEmpty();
      case REFUSED ->
          o == System.out
              || o == System.err
              || o == System.in
              || o instanceof Runtime
              || (o instanceof ClassLoader && Realm.of(o.getClass()) == null)
              || o instanceof Module
              || o instanceof ThreadGroup;
      default -> plan.isConstantOfJdk(o);
    };
  }

  @Override
  public synchronized boolean operation(
      Object receiver,
      String owner,
      String name,
      String descriptor,
      boolean dropsResult,
      @Nullable Object[] arguments) {
    if (forked != null && receiver instanceof ForkJoinTask<?> task) {
      task(task, name);
      return false;
    }
    Object shared = sharedBehind(receiver);
    if (shared == null) {
      return false;
    }
    check();
    int id = table.idOf(shared);
    Operation operation =
        shared == receiver ? JdkTable.operationOn(shared, name, descriptor) : Operation.ACQUIRE;
    switch (operation) {
      case NEUTRAL -> {
        return false;
      }
      case RELEASE, SIGNAL -> {
        if (dropsResult || JdkTable.returnsThis(shared.getClass(), name, descriptor)) {
          String now = Releases.check(shared, name, arguments);
          if (now == null) {
            now = Arguments.freeze(owner, name, descriptor, arguments);
          }
          if (now != null) {
            drop(now + " of " + describe(shared) + ", which it shares");
          }
          log.call(id, owner, name, descriptor, arguments);
          boolean wakes = operation == Operation.SIGNAL && segments.isEmpty();
          if (wakes || System.nanoTime() - segmentNanos > SEGMENT_NANOS) {
            show();
          }
          return true;
        }
        drop("uses what " + name + " of " + describe(shared) + " returns, which it shares");
      }
      default -> drop("calls " + name + " of " + describe(shared) + ", which it shares");
    }
    return false;
  }

  @Override
  public synchronized void task(ForkJoinTask<?> task, String method) {
    String objection = forked == null ? null : forked.objection(task, method);
    if (objection != null) {
      check();
      drop(objection);
    }
  }

  @Override
  public synchronized boolean completesRoot(CountedCompleter<?> task) {
    boolean above = completer != null && task.getRoot() == completer;
    rootQuietly |= above;
    return above;
  }

  /** Returns the shared synchroniser that a receiver is, or is a view of. */
  private @Nullable Object sharedBehind(Object receiver) {
    Class<?> type = receiver.getClass();
    if (forked != null && receiver instanceof ForkJoinTask) {
      return null; // judged by what it does to which task
    }
    if (JdkTable.synchronises(type)) {
      return table.idOf(receiver) >= 0 ? receiver : null;
    }
    return JdkTable.wraps(type) ? Views.sharedBehind(receiver, table) : null;
  }

  @Override
  public synchronized void reads(Object argument) {
    if (argument instanceof Object[] all) {
      for (Object a : all) {
        if (a != null && !(a instanceof Object[])) {
          reads(a);
        }
      }
      return;
    }
    Object shared = sharedBehind(argument);
    if (shared != null) {
      check();
      drop("hands " + describe(shared) + ", which it shares, to a method that reads it");
    }
  }

  @Override
  public synchronized void touches(Object o) {
    if (table.idOf(o) >= 0) {
      check();
      drop("accesses " + describe(o) + ", which it shares, by a handle");
    }
  }

  @Override
  public synchronized void volatileRead(Object o, String field) {
    if (table.idOf(o) >= 0) {
      check();
      drop("reads the volatile field " + field + " of an object that it shares");
    }
  }

  @Override
  public synchronized boolean volatileWrite(
      Object o, Class<?> declaring, String field, @Nullable Object value) {
    int id = table.idOf(o);
    if (id < 0) {
      return false;
    }
    check();
    log.write(id, declaring, field, value);
    show();
    return true;
  }

  @Override
  public synchronized void nullField(Object o, String owner, String field) {
    int id = table.idOf(o);
    if (id >= 0 && isPruned(id, owner, field)) {
      check();
      drop("reads " + owner.replace('/', '.') + "." + field + ", which stayed at home");
    }
  }

  @Override
  public synchronized void properties() {
    check();
    if (JvmState.isAnyWithheld()) {
      drop("looks at the system properties, of which secrets stay on their machine");
    }
    if (shared) {
      drop("looks at the system properties");
    }
    if (properties == null) {
      TimeZone unused = TimeZone.getDefault(); // the JDK may find it by a property, at first
      properties = (Properties) System.getProperties().clone();
    }
  }

  /** Undoes what the task did to the system properties, if it did anything. */
  private void checkProperties() throws UntravelableException {
    Properties now = System.getProperties();
    if (properties != null && !properties.equals(now)) {
      now.keySet().retainAll(properties.keySet());
      now.putAll(properties);
      throw new UntravelableException("System.getProperties()", "was changed", Properties.class);
    }
  }

  @Override
  public synchronized void readsAll(Object o) {
    int id = table.idOf(o);
    if (id >= 0 && !table.pruned().getOrDefault(id, Set.of()).isEmpty()) {
      check();
      drop("reads all of " + describe(o) + ", of which fields stayed at home");
    }
  }

  private boolean isPruned(int id, String owner, String field) {
    Set<Field> fields = table.pruned().get(id);
    return fields != null
        && fields.stream()
            .anyMatch(
                f ->
                    f.getName().equals(field)
                        && f.getDeclaringClass().getName().equals(owner.replace('/', '.')));
  }

  @Override
  public synchronized void staticField(Class<?> declaring, int index, boolean write) {
    check();
    Field field = absent(declaring, index);
    if (field == null) {
      return;
    }
    if (shared) {
      drop("touches the static field " + dotted(field));
    }
    if (decoding) {
      drop("reads the static field " + dotted(field) + " in a hash code or comparison");
    }
    if (isNested()) {
      lacks(declaring, field.getName());
      drop("uses the static field " + dotted(field) + ", which has not come with it");
    }
    if (!field.getType().isPrimitive()) {
      // The answer adds to the table, which must hold at home what segments have added to it here.
      flush();
    }
    ByteBuffer answer = ask(Protocol.STATIC, declaring, field.getName());
    Object value = answer(answer, "reads the static field " + dotted(field));
    WovenStatics.put(declaring, index, value);
    statics.add(new StaticValue(field, declaring, index, WovenStatics.get(declaring, index)));
    cover();
  }

  /** Returns a static field that has no value yet; null if it has one. */
  private @Nullable Field absent(Class<?> declaring, int index) {
    try {
      return WovenStatics.isPresent(declaring, index) ? null : WovenStatics.field(declaring, index);
    } catch (LinkageError e) {
      drop(WovenMembers.lacking(declaring, e));
      throw e;
    }
  }

  @Override
  public synchronized void initialise(Class<?> type) {
    // What came from home is initialised there.
    if (decoding || !initialised.add(type)) {
      return;
    }
    Set<String> names = initialisedAtHome;
    if (names == null) {
      ByteBuffer answer = ask(Protocol.INITIALISE, type, "");
      Object unused = answer(answer, "initialises " + type.getName());
    } else if (!names.contains(realm.idOf(type) + ":" + type.getName())) {
      check();
      lacks(type, "");
      drop("initialises " + type.getName());
    }
    realm.initialised(type);
  }

  /** Tells whoever has made this call what it would have needed; an empty field for the class. */
  private void lacks(Class<?> declaring, String field) {
    byte[] type = Protocol.utf8(declaring.getName());
    byte[] name = Protocol.utf8(field);
    ByteBuffer message = ByteBuffer.allocate(1 + 4 + 4 + type.length + 4 + name.length);
    message.put(Protocol.NEEDS).putInt(realm.idOf(declaring));
    Protocol.putString(message, type);
    Protocol.putString(message, name);
    inbound.send(message.flip());
  }

  @Override
  public void enumConstants(Object of) {
    Class<?> type = of instanceof Enum<?> e ? e.getDeclaringClass() : null;
    if (of instanceof Class<?> c) {
      type = c;
    } else if (of instanceof EnumSet<?> set) {
      type = (Class<?>) Statics.get(set, ELEMENTS);
    }
    if (type != null && type.isEnum() && realm.isApplication(type)) {
      int index = WovenStatics.enumArray(type);
      if (index >= 0) {
        staticField(type, index, false);
      }
    }
  }

  private static Field elements() {
    try {
      return EnumSet.class.getDeclaredField("elementType");
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this JDK's sets of enum constants are otherwise", e);
    }
  }

  /** Asks about a class, named apart from the table, which a message may just be adding to. */
  private ByteBuffer ask(byte kind, Class<?> type, String field) {
    byte[] name = Protocol.utf8(type.getName());
    byte[] member = Protocol.utf8(field);
    ByteBuffer question = header(kind, 4 + 4 + name.length + 4 + member.length);
    question.putInt(realm.idOf(type));
    Protocol.putString(question, name);
    Protocol.putString(question, member);
    return ask(question.flip());
  }

  private ByteBuffer ask(ByteBuffer question) {
    return asking(() -> line.ask(question));
  }

  private <T> T asking(Supplier<T> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      realm.spend(); // it may keep a class from being initialised
      unanswered(e);
      throw e;
    }
  }

  private @Nullable Object answer(ByteBuffer answer, String what) {
    byte status = answer.get();
    if (status == Protocol.DROPPED) {
      drop(what + ": " + Protocol.getString(answer));
    }
    if (status == Protocol.OK && !answer.hasRemaining()) {
      return null;
    }
    boolean failed = status == Protocol.FAILED;
    Object value = read(answer, failed ? new ObjectTable() : table);
    if (failed && value instanceof Throwable t) {
      throw sneaky(t);
    }
    return value;
  }

  private @Nullable Object read(ByteBuffer in, ObjectTable into) {
    decoding = true;
    try {
      return decoder(in, into).read();
    } finally {
      decoding = false;
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable t) throws T {
    throw (T) t;
  }

  @Override
  public synchronized void external(String what) {
    check();
    if (shared || isNested()) {
      drop("touches the world outside by " + what);
    }
    if (external == null) {
      external = what;
    }
  }

  @Override
  public synchronized void homeOnly(String what) {
    check();
    drop(what);
  }

  @Override
  public void surroundings(String what) {
    if (!realm.isLocal()) {
      homeOnly(what + ", which differs from machine to machine");
    }
  }

  @Override
  public synchronized void reflect(@Nullable Object accessor, @Nullable Object target) {
    if (!(accessor instanceof Field f) || !realm.isApplication(f.getDeclaringClass())) {
      return;
    }
    if (Modifier.isStatic(f.getModifiers())) {
      int index = WovenStatics.index(f);
      if (index >= 0) {
        staticField(f.getDeclaringClass(), index, true);
      }
    } else if (target != null) {
      int id = table.idOf(target);
      if (id >= 0 && (table.isPruned(id, f) || Modifier.isVolatile(f.getModifiers()))) {
        check();
        drop("touches " + dotted(f) + " of an object that it shares, by reflection");
      }
    }
  }

  @Override
  public synchronized void startThread(Thread thread) {
    check();
    started(thread);
  }

  @Override
  public synchronized void started(Object what) {
    if (shared) {
      drop("starts a thread");
    }
    background.started(what);
  }

  @Override
  public ForkJoinPool commonPool() {
    if (shared) {
      homeOnly("uses the common pool");
    }
    return background.pool(systemLoader());
  }

  @Override
  public Executor delayed(Executor executor) {
    return background.delayed(executor);
  }

  @Override
  public synchronized void pause() {
    check();
    if (!log.isEmpty()) {
      show();
    }
  }

  @Override
  public synchronized void identity(Object o) {
    if (!ClassPlan.of(o.getClass()).keepsHash() && table.idOf(o) >= 0) {
      check();
      drop("asks for the identity hash code of " + describe(o) + ", which it shares");
    }
  }

  @Override
  public ClassLoader systemLoader() {
    return realm.loader(Realm.SYSTEM);
  }

  @Override
  public synchronized Object logger(String name, boolean slf4j, Class<?> caller) {
    if (isNested()) {
      check();
      drop("asks for the logger " + name);
    }
    ClassLoader loader = slf4j ? caller.getClassLoader() : null;
    return loggers.computeIfAbsent(
        Arrays.asList(name, loader),
        key -> {
          byte[] utf8 = Protocol.utf8(name);
          ByteBuffer question = header(Protocol.LOGGER, 1 + 4 + utf8.length);
          question.put((byte) (slf4j ? 1 : 0));
          Protocol.putString(question, utf8);
          ByteBuffer answer = ask(question.flip());
          String level = answer.get() == Protocol.OK ? Protocol.getString(answer) : "INFO";
          return Loggers.logger(new Tokens.LoggerName(slf4j, level, name), loader);
        });
  }

  @Override
  public void exit(int status) {
    line.exiting(status);
  }

  private static String describe(Object o) {
    return "a " + o.getClass().getName();
  }

  private static String dotted(Field f) {
    return f.getDeclaringClass().getName() + "." + f.getName();
  }
}
