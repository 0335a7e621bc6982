package dev.martlet.internal.worker.host;

import dev.martlet.internal.agent.LocalMap;
import dev.martlet.internal.agent.SetOrder;
import dev.martlet.internal.agent.Trusted;
import dev.martlet.internal.codec.CodecException;
import dev.martlet.internal.codec.GraphDecoder;
import dev.martlet.internal.codec.GraphEncoder;
import dev.martlet.internal.codec.ScalarForm;
import dev.martlet.internal.codec.UntravelableException;
import dev.martlet.internal.dispatch.Body;
import dev.martlet.internal.dispatch.JvmState;
import dev.martlet.internal.dispatch.Protocol;
import dev.martlet.internal.dispatch.World;
import dev.martlet.internal.leaf.Leaf;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.worker.loader.CodeCache;
import dev.martlet.internal.worker.loader.CodeUnavailableError;
import dev.martlet.internal.worker.loader.Realm;
import dev.martlet.internal.worker.process.InboundCall;
import dev.martlet.internal.worker.process.Line;
import dev.martlet.internal.worker.process.WorkerHost;
import dev.martlet.internal.worker.weave.AttemptDropped;
import dev.martlet.internal.worker.weave.Frames;
import dev.martlet.internal.worker.weave.Weaver;
import dev.martlet.internal.worker.weave.WovenMembers;
import dev.martlet.spi.CurrentContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls: decodes a request in a realm, runs the task, and answers with outcome and effects.
 */
public final class CallHost implements WorkerHost {
  static final int LONGEST = GraphEncoder.LONGEST;
  private static final String REMEDY = "let it return a result of its own";
  private static final long DISK = 4L << 30;
  private static final long MEMORY = 64L << 20;

  private final @Nullable CodeCache code;
  private @Nullable Line line;
  private @Nullable World world;
  private @Nullable Realms realms;

  @SuppressWarnings("ThreadLocalUsage") // there is one host a JVM
  private final ThreadLocal<@Nullable LightCalls> light = new ThreadLocal<>();

  // What thread-locals hold for each of the client's threads that calls run on behalf of: those of
  // libraries, and of the JDK. What an application's hold comes and goes with the calls.
  private final Map<String, Object> locals = new ConcurrentHashMap<>();

  private final ClientClock clock = new ClientClock();
  private final ArrayBases bases = new ArrayBases();
  private final Map<Integer, ScalarForm> forms = new ConcurrentHashMap<>();

  private final FlushTimer timer = new FlushTimer();

  /** Creates the host; the worker does, by name. */
  public CallHost() {
    this(null);
  }

  /**
   * Creates the host.
   *
   * @param code where it keeps code, or null for a cache of its own in the usual place
   */
  public CallHost(@Nullable CodeCache code) {
    this.code = code;
  }

  @Override
  public void open(ByteBuffer bytes, Line to) {
    World w = World.read(bytes);
    // Before the client's properties hide those that this JVM was started with.
    Object unused = Trusted.lookup();
    Loggers.install();
    if (!SetOrder.give(w.setOrder())) {
      Log.of(CallHost.class).debug("What Set.of makes iterates otherwise here than at the client");
    }
    JvmState.read(w.state()).apply(w.local());
    WovenMembers.hide();
    Output.install();
    open(w, to);
  }

  @Override
  public void practise() {
    start(() -> new Rehearsal(true).run(), "martlet-rehearsal");
  }

  @Override
  public void close() {
    timer.close();
    locals.clear();
    forms.clear();
    realms = null;
    line = null;
  }

  @Override
  public void warmUp() {
    start(Weaver::warmUp, "martlet-warm-up");
    start(Realm::warmUp, "martlet-services");
  }

  private static void start(Runnable work, String name) {
    Thread t = new Thread(null, work, name, 0, false);
    t.setDaemon(true);
    t.start();
  }

  void open(World w, Line to) {
    line = to;
    world = w;
    realms = new Realms(w, to, code == null ? openCache() : code);
  }

  private static CodeCache openCache() {
    try {
      return new CodeCache(null, DISK, MEMORY);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the cache for code", e);
    }
  }

  /** Returns what loads the classes of light tasks. */
  ClassLoader sharedLoader() {
    World w = Objects.requireNonNull(world);
    return Objects.requireNonNull(realms).shared().realm().loader(w.systemLoader());
  }

  @Override
  public void rehearse() {
    Rehearsal.runAll();
  }

  @Override
  public void run(InboundCall inbound) {
    Line to = Objects.requireNonNull(line);
    World w = Objects.requireNonNull(world);
    Realms all = Objects.requireNonNull(realms);
    ByteBuffer request = inbound.payload();
    if ((request.get(request.position()) & Protocol.SHARED) != 0) {
      light(inbound, request);
      return;
    }
    Thread thread = Thread.currentThread();
    String name = thread.getName();
    String clientThread = name;
    ClassLoader loader = thread.getContextClassLoader();
    Object own = LocalMap.ofThread();
    NestedPool pool = new NestedPool(w.poolName(), w.parallelism());
    Interrupts interrupts = new Interrupts(thread, pool::refuse);
    inbound.onMessage(interrupts);
    Realms.Lease lease = null;
    CallRun run = null;
    try {
      int flags = request.get();
      long wireId = request.getLong();
      long callId = request.getLong();
      int attempt = request.getInt();
      int generation = request.getInt();
      long sent = request.getLong();
      long nanosAhead = w.local() ? 0 : clock.heard(sent, System.nanoTime());
      clientThread = Protocol.getString(request);
      thread.setName(clientThread);
      LocalMap.install(locals.remove(clientThread));
      ByteBuffer state = ByteBuffer.allocate(0);
      if ((flags & Protocol.STATE) != 0) {
        state = Protocol.getBytes(request);
        JvmState.read(state.duplicate()).apply(w.local());
      }
      boolean detached = (flags & Protocol.DETACHED) != 0;
      boolean nested = (flags & Protocol.NESTED) != 0;
      ByteBuffer fields = detached || nested ? Protocol.getBytes(request) : null;
      ByteBuffer initialised = nested ? Protocol.getBytes(request) : null;
      if ((flags & Protocol.REFUSING) != 0) {
        pool.refuse();
      }
      if (interrupts.isUnwanted()) {
        inbound.complete(text(Protocol.REFUSED, 0, "the call was cancelled before it began"));
        return;
      }
      lease = all.take(generation);
      boolean effects = (flags & Protocol.EFFECTS) != 0;
      ClassLoader system = lease.realm().loader(w.systemLoader());
      Background background = lease.background();
      Cells cells = new Cells();
      Supplier<SubtreePool> subtrees =
          () -> {
            cells.others();
            return background.subtrees(
                () -> new SubtreePool(w.poolName(), w.parallelism(), w.local(), system));
          };
      WorkerBorder border = new WorkerBorder(system, pool, subtrees);
      run = new CallRun(inbound, wireId, effects, lease, to, border, cells, bases, timer);
      run.state(state);
      run.nanosAhead(nanosAhead);
      if (initialised != null) {
        run.nest(Objects.requireNonNull(fields), initialised);
      } else if (fields != null) {
        run.detach(fields);
      }
      pool.attach(run, lease.generation(), to);
      thread.setContextClassLoader(
          w.contextLoader() == Protocol.NO_LOADER ? null : lease.realm().loader(w.contextLoader()));
      lease.hooks().set(run);
      run.open();
      run.enter();
      WorkerContext context = new WorkerContext(pool, callId, attempt, run);
      CurrentContext.set(context);
      boolean forked = (flags & Protocol.FORKED) != 0;
      ByteBuffer[] answer = run(run, pool, border, forked ? subtrees : null, request, interrupts);
      String unanswered = run.unanswered();
      inbound.complete(unanswered == null ? answer : text(Protocol.UNANSWERED, 0, unanswered));
    } catch (CodeUnavailableError e) {
      inbound.complete(text(Protocol.UNANSWERED, 0, String.valueOf(e.getMessage())));
    } catch (Throwable e) {
      inbound.complete(text(Protocol.REFUSED, 0, "the worker cannot run the call: " + e));
    } finally {
      interrupts.end();
      CurrentContext.set(null);
      thread.setName(name);
      thread.setContextClassLoader(loader);
      try {
        if (lease != null) {
          release(all, lease, run);
        }
      } finally {
        Object values = LocalMap.ofThread();
        LocalMap.install(own);
        if (values != null && values != own) {
          locals.put(clientThread, values);
        }
      }
    }
  }

  private void light(InboundCall inbound, ByteBuffer request) {
    Interrupts interrupts = new Interrupts(Thread.currentThread(), () -> {});
    inbound.onMessage(interrupts);
    ByteBuffer[] answer;
    try {
      LightCalls calls = light.get();
      if (calls == null || !calls.isClean()) {
        calls = lightCalls(inbound);
        light.set(calls);
      }
      answer = calls.run(inbound, request, interrupts);
    } catch (Throwable e) {
      // Where it runs alone, it will be said what is wrong with it.
      light.remove();
      answer = new ByteBuffer[] {ByteBuffer.wrap(new byte[] {Protocol.NOT_SHARED})};
    }
    inbound.complete(answer);
  }

  private LightCalls lightCalls(InboundCall inbound) {
    World w = Objects.requireNonNull(world);
    Realms.Lease lease = Objects.requireNonNull(realms).shared();
    NestedPool pool = new NestedPool(w.poolName(), w.parallelism());
    ClassLoader system = lease.realm().loader(w.systemLoader());
    CallRun run =
        new CallRun(
            inbound,
            Protocol.LIGHT,
            false,
            lease,
            Objects.requireNonNull(line),
            new WorkerBorder(
                system,
                pool,
                () -> {
                  throw new CodecException("a light call has no fork/join pool");
                }),
            new Cells(),
            bases,
            timer);
    pool.attach(run, 0, null);
    return new LightCalls(run, forms);
  }

  private static void release(Realms all, Realms.Lease lease, @Nullable CallRun run) {
    lease.hooks().watch(false, false, false, false);
    if (run != null) {
      run.releaseLocals();
      boolean spent = run.spendsRealm();
      run.exit();
      run.close();
      if (spent) {
        return;
      }
      run.releaseStatics();
      run.giveBack();
    }
    all.give(lease);
  }

  private static ByteBuffer[] run(
      CallRun run,
      NestedPool pool,
      WorkerBorder border,
      @Nullable Supplier<SubtreePool> subtrees,
      ByteBuffer request,
      Interrupts interrupts) {
    Object value = null;
    Throwable thrown = null;
    boolean leaf = false;
    Subtree subtree = null;
    long start = System.nanoTime();
    long nanos;
    try {
      Body body;
      try {
        body = body(run.requestDecoder(request));
      } catch (CodecException e) {
        return text(Protocol.DROPPED, 0, "cannot be read on a worker: " + cause(e));
      }
      if (body.kind() == Body.Kind.COMPUTE) {
        run.subtree((ForkJoinTask<?>) body.function(), border.completer());
      }
      leaf = body.kind() == Body.Kind.LEAF;
      try {
        run.takeAhead();
      } catch (CodecException e) {
        return text(Protocol.DROPPED, 0, "cannot be read on a worker: " + cause(e));
      }
      run.cover();
      start = System.nanoTime();
      try {
        if (subtrees != null) {
          subtree = new Subtree(body, run, subtrees.get(), border.completer());
          value = subtree.run(interrupts);
        } else {
          interrupts.beginHere(pool::stop);
          value = body.invoke();
        }
      } finally {
        interrupts.ran();
        boolean unused = pool.join();
        nanos = System.nanoTime() - start;
      }
    } catch (Throwable t) {
      nanos = System.nanoTime() - start;
      thrown = t;
    }
    try {
      run.settle();
    } catch (AttemptDropped e) {
      thrown = e;
    } finally {
      interrupts.end();
    }
    try {
      Output.finish(run);
      String reason = run.dropped();
      if (reason != null) {
        return text(run.spoiled() ? Protocol.SPOILED : Protocol.DROPPED, nanos, reason);
      }
      if (thrown instanceof AttemptDropped || thrown instanceof Leaf.Unfit) {
        return text(Protocol.DROPPED, nanos, String.valueOf(thrown.getMessage()));
      }
      if (thrown instanceof OutOfMemoryError && isReal(thrown)) {
        return text(Protocol.OUT_OF_MEMORY, nanos, String.valueOf(thrown.getMessage()));
      }
      if (thrown instanceof StackOverflowError && run.hasRoomAtHome()) {
        return text(Protocol.DROPPED, nanos, "needs more stack than it has on this worker");
      }
      return answer(run, leaf, value, thrown, nanos, subtree == null ? 0 : subtree.interruptions());
    } catch (OutOfMemoryError e) {
      return text(Protocol.OUT_OF_MEMORY, nanos, String.valueOf(e.getMessage()));
    }
  }

  private static String cause(CodecException e) {
    return e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")");
  }

  /** Whether the JVM itself ran out of memory; user code may throw the error as well. */
  static boolean isReal(Throwable t) {
    String message = String.valueOf(t.getMessage());
    return message.equals("Java heap space")
        || message.startsWith("GC overhead limit")
        || message.equals("Metaspace")
        || message.startsWith("Compressed class space")
        || message.startsWith("unable to create native thread")
        || message.startsWith("Cannot reserve");
  }

  private static Body body(GraphDecoder in) {
    Body.Kind kind = Body.Kind.of(in.readByte());
    Object function = Objects.requireNonNull(in.read());
    Object first = in.read();
    return new Body(kind, function, first, in.read());
  }

  /**
   * Makes the answer.
   *
   * @param leaf whether the value is one that nobody has asked for: elements on their way
   * @param interruptions bits of how the call ended
   */
  private static ByteBuffer[] answer(
      CallRun run,
      boolean leaf,
      @Nullable Object value,
      @Nullable Throwable thrown,
      long nanos,
      int interruptions) {
    Frames.clean(thrown);
    List<ByteBuffer> effects;
    long length = 0;
    try {
      effects = run.end();
      for (ByteBuffer b : effects) {
        length += b.remaining();
      }
    } catch (UntravelableException e) {
      return dropped(run, nanos, "stores what cannot travel: " + e.getMessage());
    }
    if (run.isDetached() && length > 0) {
      return dropped(run, nanos, "changes what it was given, which nobody would see; " + REMEDY);
    }
    byte status = thrown == null ? Protocol.RETURNED : Protocol.THREW;
    List<ByteBuffer> outcome;
    int size = run.table.size();
    try {
      GraphEncoder o = run.outcomeEncoder();
      o.write(thrown == null ? value : thrown);
      outcome = o.buffers();
    } catch (UntravelableException e) {
      if (leaf && thrown == null) {
        return dropped(run, nanos, "makes what cannot travel: " + e.getMessage());
      }
      run.table.truncate(size);
      status = Protocol.UNTRAVELABLE;
      outcome = List.of(untravelable(thrown, e.path(), e.reason()));
    } catch (AttemptDropped e) {
      return text(Protocol.DROPPED, nanos, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      run.table.truncate(size);
      status = Protocol.UNTRAVELABLE;
      outcome = List.of(untravelable(thrown, "result", String.valueOf(e.getMessage())));
    }
    ByteBuffer header = ByteBuffer.allocate(1 + 8 + 1 + 4);
    header
        .put(status)
        .putLong(nanos)
        .put((byte) (interruptions | (run.isExternal() ? Protocol.EXTERNAL : 0)));
    long total = length;
    for (ByteBuffer b : outcome) {
      total += b.remaining();
    }
    if (total > LONGEST) {
      String all = total + " bytes of result and changes are too many for one answer";
      if (length > LONGEST / 2) {
        return text(Protocol.REFUSED, nanos, all);
      }
      header.put(0, Protocol.UNTRAVELABLE);
      outcome = List.of(untravelable(thrown, "result", all));
    }
    List<ByteBuffer> all = new ArrayList<>(effects);
    all.addAll(outcome);
    return response(header.putInt((int) length).flip(), all);
  }

  private static ByteBuffer[] dropped(CallRun run, long nanos, String what) {
    try {
      run.homeOnly(what);
    } catch (AttemptDropped d) {
      byte status = run.spoiled() ? Protocol.SPOILED : Protocol.DROPPED;
      return text(status, nanos, String.valueOf(d.getMessage()));
    }
    throw new IllegalStateException(what);
  }

  static ByteBuffer[] response(ByteBuffer header, List<ByteBuffer> rest) {
    ByteBuffer[] all = new ByteBuffer[1 + rest.size()];
    all[0] = header;
    for (int i = 1; i < all.length; i++) {
      all[i] = rest.get(i - 1);
    }
    return all;
  }

  /** Describes an outcome that cannot travel: a thrown one by class, message and frames. */
  private static ByteBuffer untravelable(@Nullable Throwable thrown, String path, String reason) {
    StringBuilder s = new StringBuilder();
    s.append(path).append('\n').append(reason).append('\n');
    if (thrown != null) {
      s.append(thrown.getClass().getName()).append('\n');
      s.append(String.valueOf(thrown.getMessage()).replace('\n', ' ')).append('\n');
      for (StackTraceElement f : thrown.getStackTrace()) {
        s.append(f.getClassName()).append('\t').append(f.getMethodName()).append('\t');
        s.append(f.getFileName()).append('\t').append(f.getLineNumber()).append('\n');
      }
    }
    return ByteBuffer.wrap(Protocol.utf8(s.toString()));
  }

  private static ByteBuffer[] text(byte status, long nanos, String text) {
    byte[] utf8 = Protocol.utf8(text);
    ByteBuffer b = ByteBuffer.allocate(1 + 8 + utf8.length);
    b.put(status).putLong(nanos).put(utf8).flip();
    return new ByteBuffer[] {b};
  }
}
