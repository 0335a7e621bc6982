package dev.martlet.internal.function;

import dev.martlet.Usage;
import dev.martlet.WorkerLostException;
import dev.martlet.internal.agent.Memory;
import dev.martlet.internal.agent.NoMemory;
import dev.martlet.internal.envelope.Boxes;
import dev.martlet.internal.envelope.Briefing;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.internal.log.Log;
import dev.martlet.internal.threads.Crew;
import dev.martlet.internal.threads.OwnThread;
import dev.martlet.spi.Depot;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import dev.martlet.spi.Store;
import dev.martlet.spi.StoreEvents;
import dev.martlet.spi.StoreException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A platform made of a cloud's functions and its store.
 *
 * <p>A slot's calls go {@linkplain Lane one trip at a time}; a {@linkplain Trip trip} is one
 * invocation of the function, with one call or more, and leaves when the {@linkplain Throttle cloud
 * takes it}. What a call says and asks while it runs, and what is said to it, are letters in the
 * store, since nobody can be called there: the {@linkplain MailRoom mail room} looks for them as
 * long as something is under way. Answers about code are kept {@linkplain CodeShelf on a shelf} in
 * the store, so that the next instances need not ask.
 *
 * <p>A trip is either invoked, and the answer comes back on the same connection, or submitted: then
 * it waits in the cloud's queue, and its answer comes to the inbox. That suits calls that run for
 * so long that a connection might not last, and is what is left when connections run out; many
 * events at a time are {@linkplain Spawner spread from within the cloud}. An event may be lost or
 * delivered twice, so a run of one {@linkplain Names#life takes it} before anything else, and no
 * other run of it begins. From then on it shows that it {@linkplain Vigil goes on}; one that nobody
 * has taken for long is {@linkplain Overdue invoked}.
 *
 * <p>However many calls are under way, what they were given takes a {@linkplain Budget bounded part
 * of the memory}.
 *
 * <p>A cloud that has no room is {@linkplain Departures asked again later}. Everything else that
 * goes wrong is told to the listener, who decides.
 */
public final class FunctionPlatform implements Platform {
  private static final String CLOSED = "the pool was closed";
  private static final long STOP_SECONDS = 5;

  // Code that is not in the store by then will be asked for.
  private static final long LONGEST_AHEAD_SECONDS = 30;

  // Connections that are silent for longer are cut by what lies between.
  private static final double LONG_NANOS = 100e9;

  // An event begins at once where there is room.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // Runs show six times as often that they go on.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  // Connections that wait for no answers.
  private static final int SUBMITTING = 32;

  private final String name;
  private final PlatformConfig config;
  private final FunctionClient direct;
  private final FunctionClient functions;
  private final Store store;
  private final Map<String, String> place;
  private final Mode mode;
  private final boolean once;
  private final Vault vault;
  private final Names names;
  private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<Long, Trip> trips = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Audience audience = new Audience(System::nanoTime);
  private final ExecutorService threads;
  private final ScheduledThreadPoolExecutor timer;
  private final CodeShelf shelf;
  private final Ledger ledger;
  private final Heartbeat heartbeat;
  private final MailRoom mail;
  private final Vigil vigil;
  private final Requests requests;
  private final Departures departures;
  private final Budget budget = Budget.ofHeap(this::execute);
  private final Attachments attachments = new Attachments(new Bucket(), this::execute);
  private CompletableFuture<Void> ready;
  private volatile double meanNanos;
  private volatile @Nullable StoreEvents events;
  private volatile boolean closed;
  private volatile boolean stored;
  private volatile boolean ordered;

  // Whether calls may make others elsewhere, and whether some may have, which leaves things behind.
  private final boolean nests;
  private volatile boolean nested;

  // Of a call that another one may have been worth while for.
  private static final long LONG_ENOUGH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  // Calls that make two calls each may be 31 at a time then.
  private static final int DEPTH = 4;

  private enum Nested {
    ALWAYS,
    NEVER,
    AUTOMATIC
  }

  private enum Mode {
    RESPONSE,
    EVENT,
    AUTOMATIC
  }

  /**
   * Creates a platform.
   *
   * @param name its name
   * @param functions invokes the worker; closed with the platform
   * @param store closed with the platform
   * @param place where the store is, for the platform's worker to open
   * @throws IllegalArgumentException if the setting {@code mode} is neither {@code response} nor
   *     {@code event} nor {@code automatic}, {@code invokers} or {@code nested} neither {@code
   *     always} nor {@code never} nor {@code automatic}, or {@code nestedDepth} no small number
   */
  public FunctionPlatform(
      String name,
      PlatformConfig config,
      FunctionClient functions,
      Store store,
      Map<String, String> place) {
    this(name, config, functions, store, place, PATIENCE, SILENCE);
  }

  /**
   * Creates a platform.
   *
   * @param patience after what time an event of which nothing was heard is invoked
   * @param silence after what time a run that does not show that it goes on is lost
   */
  public FunctionPlatform(
      String name,
      PlatformConfig config,
      FunctionClient functions,
      Store store,
      Map<String, String> place,
      Duration patience,
      Duration silence) {
    this.name = name;
    this.config = config;
    this.place = Map.copyOf(place);
    this.mode = choice("mode", config, Mode.AUTOMATIC);
    Spawner.Use invokers = choice("invokers", config, Spawner.Use.AUTOMATIC);
    this.once = Objects.equals(config.settings().get("retries"), 0);
    ThreadFactory factory = daemons("martlet-" + name);
    this.timer = new ScheduledThreadPoolExecutor(1, factory);
    timer.setRemoveOnCancelPolicy(true);
    this.threads = new Crew(timer, factory);
    this.ledger = new Ledger(functions);
    this.direct = functions;
    this.functions =
        new Spawner(functions, invokers, timer, System::nanoTime, a -> ledger.ended(a, null));
    this.store = new SteadyStore(store, timer);
    byte[] session = random(Request.SESSION);
    byte[] key = random(Vault.KEY);
    this.vault = new Vault(key);
    this.names = new Names(session);
    this.shelf = new CodeShelf(this.store, config.questions(), threads, System::nanoTime);
    this.heartbeat = new Heartbeat(this.store, names.live(), timer, this::isIdle);
    this.mail = new MailRoom(this, this.store, names, vault, timer);
    Map<String, String> told = nesting(place, direct, config);
    this.nests = !told.equals(place);
    this.requests = new Requests(this, config, this.functions, told, shelf, audience, session, key);
    int most = 2 * config.parallelism();
    this.vigil = new Vigil(this, this.store, names, vault, mail, timer, silence);
    Overdue overdue = new Overdue(this, functions, timer, patience);
    this.departures = new Departures(this, this.functions, mail, overdue, timer, most);
    this.ready = expected(config.questions()::expected);
  }

  /** Returns what instances are told of where the store is, and of calls that calls make. */
  private static Map<String, String> nesting(
      Map<String, String> place, FunctionClient functions, PlatformConfig config) {
    Nested use = choice("nested", config, Nested.AUTOMATIC);
    Object depth = config.settings().getOrDefault("nestedDepth", DEPTH);
    if (!String.valueOf(depth).matches("\\d{1,3}")) {
      throw new IllegalArgumentException("nestedDepth is " + depth + "; it can be 0 to 999");
    }
    FunctionClient.Place own = functions.relay();
    return use == Nested.NEVER || own == null
        ? place
        : new Briefing.Nesting(
                own.region(),
                own.function(),
                Integer.parseInt(String.valueOf(depth)),
                use == Nested.ALWAYS)
            .in(place);
  }

  /** Returns what a setting chooses. */
  private static <E extends Enum<E>> E choice(String key, PlatformConfig config, E otherwise) {
    Object setting = config.settings().get(key);
    List<String> names = new ArrayList<>();
    for (E e : otherwise.getDeclaringClass().getEnumConstants()) {
      String name = e.name().toLowerCase(Locale.ROOT);
      if (setting == null ? e == otherwise : name.equalsIgnoreCase(setting.toString())) {
        return e;
      }
      names.add(name);
    }
    throw new IllegalArgumentException(
        key + " is " + setting + "; it can be one of " + String.join(", ", names));
  }

  /**
   * Has events tell of what comes to the store. To be called before anything is invoked.
   *
   * @param of closed with the platform
   */
  public void listen(StoreEvents of) {
    events = of;
    of.listen(names.session(), mail::told);
  }

  @Override
  public void expect(Supplier<List<ByteBuffer>> questions) {
    CompletableFuture<Void> there =
        expected(
            () -> {
              // Those of an earlier version are void.
              List<ByteBuffer> all = new ArrayList<>(config.questions().expected());
              all.addAll(questions.get());
              return all;
            });
    synchronized (this) {
      ready = CompletableFuture.allOf(ready, there);
    }
  }

  /**
   * Puts answers onto the shelf.
   *
   * @return completes when they are there, or cannot be put there, or it takes too long
   */
  private CompletableFuture<Void> expected(Supplier<List<ByteBuffer>> questions) {
    return CompletableFuture.completedFuture(null)
        .thenComposeAsync(n -> shelf.ahead(questions.get()), threads)
        .completeOnTimeout(null, LONGEST_AHEAD_SECONDS, TimeUnit.SECONDS)
        .handle(
            (done, e) -> {
              if (e != null) {
                Log.of(FunctionPlatform.class).debug("Code is not put into the store ahead", e);
              }
              return null;
            });
  }

  private static ThreadFactory daemons(String name) {
    AtomicLong number = new AtomicLong();
    return r -> {
      Thread t = new OwnThread(null, r, name + "-" + number.incrementAndGet());
      t.setDaemon(true);
      return t;
    };
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PlatformLimits limits() {
    return functions.limits();
  }

  @Override
  public @Nullable Usage usage() {
    return ledger.total();
  }

  /** Returns how long an invocation may run, for a person. */
  String timeLimit() {
    return functions.timeLimit();
  }

  /** A trip needs so much room no more. */
  void giveBack(Trip trip, long bytes) {
    budget.leave(trip.giveBack(bytes));
  }

  /** What invocations used. */
  Ledger ledger() {
    return ledger;
  }

  @Override
  public @Nullable Depot depot() {
    return direct.longestSubmission() == 0 ? null : new Depot(direct, store, place);
  }

  /* --------------- Leaving --------------- */

  @Override
  public boolean hasRoom() {
    return budget.hasRoom();
  }

  @Override
  public void awaitRoom() {
    budget.await();
  }

  @Override
  public void whenRoom(Runnable action) {
    budget.whenRoom(action);
  }

  @Override
  public Invocation invoke(int slot, List<ByteBuffer> payload, InvocationListener listener) {
    return invoke(slot, payload, List.of(), listener);
  }

  @Override
  public Invocation invoke(
      int slot, List<ByteBuffer> payload, List<Attachment> attached, InvocationListener listener) {
    // Those beyond the pool's slots are to be by themselves.
    Lane lane =
        slot < config.parallelism()
            ? lanes.computeIfAbsent(slot, s -> new Lane(s, requests.longest() / 2))
            : new Lane(slot, 0);
    Parcel parcel = new Parcel(lane, payload, listener, budget, attachments);
    if (closed) {
      parcel.lost(WorkerLostException.Reason.KILLED, CLOSED, false);
      return parcel;
    }
    parcel.attach(attached);
    leave(lane, lane.add(parcel));
    if (closed) {
      parcel.kill(); // it may have come too late to be found
    }
    return parcel;
  }

  private void leave(Lane lane, List<Parcel> parcels) {
    if (parcels.isEmpty()) {
      return;
    }
    Trip trip = new Trip(this, lane, numbers.incrementAndGet(), parcels);
    attempt(trip, () -> leave(trip));
  }

  private void leave(Trip trip) {
    trips.put(trip.invocation(), trip);
    heartbeat.begin();
    if (closed) {
      CompletableFuture<Void> unused = trip.kill();
      return;
    }
    boolean submits = submits();
    CompletableFuture<ByteBuffer> unused =
        ready()
            .handle((done, e) -> e)
            .thenCompose(e -> prepare(trip, submits))
            .whenComplete(
                (request, e) ->
                    attempt(
                        trip,
                        () -> {
                          if (e == null) {
                            departures.add(trip, request, submits);
                          } else if (cause(e) instanceof StoreException) {
                            trip.refuse("its request cannot be put into the store: " + cause(e));
                          } else {
                            trip.fail(cause(e));
                          }
                        }));
  }

  private CompletableFuture<ByteBuffer> prepare(Trip trip, boolean submits) {
    long bytes = trip.bytes();
    return budget
        .room(bytes)
        .thenCompose(
            briefly -> {
              if (!trip.room(bytes)) {
                budget.leave(bytes);
                throw new CancellationException("nobody wants it any more");
              }
              return requests.prepare(trip, submits, briefly);
            });
  }

  /** Decides whether a trip is submitted: calls that are like the last ones take long. */
  private boolean submits() {
    return functions.longestSubmission() > 0
        && switch (mode) {
          case RESPONSE -> false;
          case EVENT -> true;
          case AUTOMATIC -> (meanNanos > LONG_NANOS || isCrowded()) && !once;
        };
  }

  /** Returns whether so many connections may wait for answers that few are left to submit by. */
  private boolean isCrowded() {
    int all = functions.connections();
    return config.parallelism() > all && trips.size() >= all - Math.min(SUBMITTING, all / 4);
  }

  /* --------------- Coming back --------------- */

  /** The cloud has queued a trip. */
  void submitted(Trip trip) {
    trip.submitted();
    vigil.begin();
  }

  /**
   * Sees to it that no run of a trip begins that is in the cloud's queue, or may be: neither while
   * the session goes on nor later.
   *
   * @param none what to do if none has begun; is told whether that is certain
   * @param some what to do if one has
   */
  void withhold(Trip trip, Consumer<Boolean> none, Runnable some) {
    CompletableFuture<Void> unused =
        vigil
            .withhold(trip)
            .handle(
                (first, e) -> {
                  if (e != null) {
                    Log.of(FunctionPlatform.class)
                        .debug("{} cannot be withheld", trip.invocation(), e);
                  }
                  return first;
                })
            .thenAccept(
                first ->
                    execute(
                        trip,
                        () -> {
                          if (Boolean.FALSE.equals(first)) {
                            some.run();
                          } else {
                            CompletableFuture<Void> unusedStop = trip.stop();
                            none.accept(first != null);
                          }
                        }));
  }

  /** A trip could not be submitted, for all that the cloud says. */
  void notSubmitted(Trip trip, Throwable cause, Runnable submitted) {
    boolean unknown =
        cause instanceof FunctionException e
            && (e.kind() == FunctionException.Kind.UNAVAILABLE
                || e.kind() == FunctionException.Kind.CUT);
    if (!unknown) {
      fail(trip, cause);
      return;
    }
    withhold(
        trip,
        certain ->
            trip.lose(
                WorkerLostException.Reason.DISCONNECTED,
                String.valueOf(cause.getMessage()),
                /* begun= */ !certain),
        submitted);
  }

  /** Returns whether anything is in the cloud's queue, or was and runs. */
  boolean hasSubmitted() {
    return trips.values().stream().anyMatch(Trip::isSubmitted);
  }

  /** The function has answered. */
  void arrive(Trip trip, FunctionAnswer answer) {
    Response response;
    try {
      response = Response.decode(answer.payload());
    } catch (RuntimeException e) {
      trip.used(ledger.ended(answer, null));
      trip.lose(
          WorkerLostException.Reason.DISCONNECTED,
          "what answered as " + answer.id() + " is no worker of this version: " + e.getMessage());
      return;
    }
    trip.answer(response, ledger.ended(answer, response));
  }

  /** The invocation has failed. */
  void fail(Trip trip, Throwable cause) {
    String detail = String.valueOf(cause.getMessage());
    if (cause instanceof Error) {
      trip.fail(cause); // another run would not help
      return;
    } else if (!(cause instanceof FunctionException)) {
      trip.lose(WorkerLostException.Reason.DISCONNECTED, cause.toString());
      return;
    }
    FunctionException e = (FunctionException) cause;
    trip.used(ledger.failed(e));
    switch (e.kind()) {
      case THROTTLED, NOT_STARTED, REFUSED -> trip.refuse(detail);
      case UNAVAILABLE, CUT -> trip.lose(WorkerLostException.Reason.DISCONNECTED, detail);
      // It may have left its last words.
      case CRASHED -> mail.sweep(() -> trip.lose(WorkerLostException.Reason.EXITED, detail));
      case OUT_OF_MEMORY ->
          mail.sweep(() -> trip.lose(WorkerLostException.Reason.OUT_OF_MEMORY, detail));
      case TIMED_OUT -> mail.sweep(() -> trip.outOfTime(detail));
      case TOO_LARGE -> trip.fail(e);
    }
  }

  /**
   * A trip has ended, and its lane is free.
   *
   * @param notBegun calls that are to be sent again
   * @param answered whether its run has ended, so that nobody needs what is in the store for it
   */
  void ended(Trip trip, List<Parcel> notBegun, boolean answered) {
    trips.remove(trip.invocation());
    giveBack(trip, Long.MAX_VALUE);
    List<String> keys = answered ? trip.stored() : List.of();
    if (answered) {
      took(trip.nanos());
      if (trip.wasSubmitted() && !once) {
        vigil.ended(trip);
      }
    }
    if (!keys.isEmpty()) {
      CompletableFuture<Void> unused = delete(keys);
    }
    trip.lane().putBack(notBegun);
    leave(trip.lane(), trip.lane().returned());
  }

  private synchronized CompletableFuture<Void> ready() {
    return ready;
  }

  private synchronized void took(long nanos) {
    nested |= nests && nanos > LONG_ENOUGH_NANOS;
    meanNanos = meanNanos + (nanos - meanNanos) / 8;
  }

  @Nullable Trip trip(long invocation) {
    return trips.get(invocation);
  }

  void forEach(Consumer<Trip> action) {
    trips.values().forEach(action);
  }

  boolean isIdle() {
    return trips.isEmpty();
  }

  /** Returns how many trips have begun and not ended. */
  int underWay() {
    return trips.size();
  }

  /** An instance has answered, which was told of the session or was not. */
  void heard(Trip trip, Response response, boolean told) {
    long startNanos = response.measure().initNanos();
    if (startNanos > 0) {
      mail.started(startNanos);
    }
    if (told) {
      audience.heard(response.instance());
      shelf.heard(trip.codeVersion(), response.first() ? trip.along() : List.of(), response.news());
    } else {
      audience.untold();
    }
  }

  /** Something awaits the client. */
  void look() {
    mail.sweep(() -> {});
  }

  /* --------------- The store --------------- */

  CompletableFuture<Void> put(String key, List<ByteBuffer> plain) {
    stored();
    return store.put(key, List.of(vault.seal(key, plain)));
  }

  /** Something of this session is in the store. */
  void stored() {
    stored = true;
    heartbeat.show();
  }

  /** Where attachments are. */
  private final class Bucket implements Attachments.Place {
    @Override
    public CompletableFuture<Void> put(String name, List<ByteBuffer> content) {
      return FunctionPlatform.this.put(names.attachment(name), content);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> all) {
      return FunctionPlatform.this.delete(all.stream().map(names::attachment).toList());
    }
  }

  /** Deletes objects, if that can be done; completes when it was tried. */
  private CompletableFuture<Void> delete(List<String> keys) {
    return store
        .delete(keys)
        .exceptionally(
            e -> {
              Log.of(FunctionPlatform.class).debug("{} were not deleted", keys, e);
              return null;
            });
  }

  /**
   * Brings an outcome from the store.
   *
   * @param told what the answer tells of it
   */
  CompletableFuture<ByteBuffer> fetch(Trip trip, long run, int index, ByteBuffer told) {
    stored();
    String whole = names.outcome(trip.invocation(), run, index);
    Boxes boxes = Boxes.read(told);
    for (int i = 0; i < boxes.count(); i++) {
      trip.stored(Boxes.name(whole, i));
    }
    byte[] all = room(boxes.bytes());
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> ways = new ArrayList<>();
    for (int i = 0; i < Math.min(Boxes.AT_A_TIME, boxes.count()); i++) {
      ways.add(fetch(boxes, whole, next, all));
    }
    return CompletableFuture.allOf(ways.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> ByteBuffer.wrap(all));
  }

  private static byte[] room(int bytes) {
    try {
      return Memory.bytes(bytes);
    } catch (OutOfMemoryError e) {
      throw (Error) NoMemory.told(e, "a result", bytes);
    }
  }

  /** Brings boxes that nobody else has begun to bring, one after the other. */
  private CompletableFuture<Void> fetch(Boxes boxes, String whole, AtomicInteger next, byte[] all) {
    int i = next.getAndIncrement();
    if (i >= boxes.count()) {
      return CompletableFuture.completedFuture(null);
    }
    String key = Boxes.name(whole, i);
    return store
        .get(key)
        .thenAcceptAsync(
            box -> {
              if (box == null) {
                throw new IllegalStateException("there is no " + key);
              }
              boxes.open(vault, whole, i, box, all);
            },
            this::execute)
        .thenCompose(done -> fetch(boxes, whole, next, all));
  }

  /** Says something to a call, or to all. */
  CompletableFuture<Void> say(Trip trip, int n, int index, ByteBuffer message) {
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + message.remaining()).putInt(index).put(message.duplicate()).flip();
    String key = names.message(trip.invocation(), n);
    trip.stored(key);
    return put(key, List.of(bytes));
  }

  /** Some run is told to stop, also when the session has ended. */
  void ordered() {
    ordered = true;
  }

  /** Returns whether the answer to a question does not depend on a call. */
  boolean isRepeatable(ByteBuffer question) {
    return config.questions().isRepeatable(question);
  }

  /**
   * Answers a question of an instance.
   *
   * @param known what the instance can keep is added to this
   */
  List<ByteBuffer> answer(ByteBuffer question, List<Known> known) {
    boolean repeatable = isRepeatable(question);
    int version = config.questions().version();
    ByteBuffer copy = question.duplicate();
    List<ByteBuffer> answer = config.questions().answerInParts(question);
    if (repeatable) {
      List<ByteBuffer> kept = new ArrayList<>();
      for (ByteBuffer b : answer) {
        kept.add(b.duplicate());
      }
      known.addAll(shelf.learn(version, copy, kept));
    }
    return answer;
  }

  /* --------------- Threads --------------- */

  void execute(Runnable action) {
    try {
      threads.execute(action);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      action.run(); // there is no thread to be had, and somebody waits
    }
  }

  /** Does what a trip waits for, whose calls fail if that fails. */
  void execute(Trip trip, Runnable action) {
    execute(() -> attempt(trip, action));
  }

  /** Does here and now what a trip waits for, whose calls fail if that fails. */
  static void attempt(Trip trip, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      trip.broke(e);
    }
  }

  /** Does what is done now and then, and must go on whatever becomes of it this time. */
  static void attempt(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      Log.of(FunctionPlatform.class).warn("Something was not done that is done now and then", e);
    }
  }

  static Throwable cause(Throwable e) {
    return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
  }

  static String text(ByteBuffer utf8) {
    return StandardCharsets.UTF_8.decode(utf8.duplicate()).toString();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    budget.close();
    for (Lane lane : lanes.values()) {
      for (Parcel p : lane.clear()) {
        p.lost(WorkerLostException.Reason.KILLED, CLOSED, false);
      }
    }
    List<CompletableFuture<Void>> stops = new ArrayList<>();
    for (Trip trip : trips.values()) {
      stops.add(trip.kill());
    }
    if (!stops.isEmpty()) {
      CompletableFuture<?> all =
          CompletableFuture.allOf(stops.toArray(new CompletableFuture<?>[0]));
      try {
        all.get(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        Log.of(FunctionPlatform.class).warn("Some calls may run on, for nothing", e);
      }
    }
    CompletableFuture<Void> gone = heartbeat.end(/* leaves= */ ordered);
    if (stored || nested) {
      mail.clear(ordered);
    }
    try {
      gone.get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      Log.of(FunctionPlatform.class).debug("{} was not deleted", names.live(), e);
    }
    timer.shutdownNow();
    StoreEvents e = events;
    if (e != null) {
      e.close();
    }
    functions.close();
    store.close();
    threads.shutdown();
  }
}
