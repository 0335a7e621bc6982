package dev.martlet.internal.function;

import dev.martlet.WorkerLostException;
import dev.martlet.internal.envelope.Known;
import dev.martlet.internal.envelope.Names;
import dev.martlet.internal.envelope.Request;
import dev.martlet.internal.envelope.Response;
import dev.martlet.internal.envelope.Vault;
import dev.martlet.spi.FunctionClient;
import dev.martlet.spi.FunctionClient.FunctionAnswer;
import dev.martlet.spi.FunctionException;
import dev.martlet.spi.Platform;
import dev.martlet.spi.PlatformConfig;
import dev.martlet.spi.PlatformLimits;
import dev.martlet.spi.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * <p>A cloud that has no room is asked again later, which is no loss. Everything else that goes
 * wrong is told to the listener, who decides.
 */
public final class FunctionPlatform implements Platform {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final int LONGEST_PAUSE_SHIFT = 6;

  // Shorter ones are worth the bytes of the invocation.
  private static final int SMALL = 1 << 12;

  private final String name;
  private final PlatformConfig config;
  private final FunctionClient functions;
  private final Store store;
  private final Map<String, String> place;
  private final int longest;
  private final byte[] session = random(Request.SESSION);
  private final byte[] key = random(Vault.KEY);
  private final Vault vault = new Vault(key);
  private final Names names = new Names(session);
  private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<Long, Trip> trips = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final ExecutorService threads;
  private final ScheduledThreadPoolExecutor timer;
  private final Throttle throttle;
  private final CodeShelf shelf;
  private final MailRoom mail;
  private final CompletableFuture<Void> ready;
  private volatile boolean closed;
  private volatile boolean stored;

  /**
   * Creates a platform.
   *
   * @param name its name
   * @param functions invokes the worker; closed with the platform
   * @param store closed with the platform
   * @param place where the store is, for the platform's worker to open
   */
  public FunctionPlatform(
      String name,
      PlatformConfig config,
      FunctionClient functions,
      Store store,
      Map<String, String> place) {
    this.name = name;
    this.config = config;
    this.functions = functions;
    this.store = store;
    this.place = Map.copyOf(place);
    this.longest = (int) Math.min(Integer.MAX_VALUE, functions.limits().inlineRequest());
    ThreadFactory factory = daemons("martlet-" + name);
    this.threads = Executors.newCachedThreadPool(factory);
    this.timer = new ScheduledThreadPoolExecutor(1, factory);
    timer.setRemoveOnCancelPolicy(true);
    this.throttle = new Throttle(2 * config.parallelism());
    this.shelf = new CodeShelf(store);
    this.mail = new MailRoom(this, store, names, vault, timer);
    this.ready = CompletableFuture.completedFuture(null).thenComposeAsync(n -> expected(), threads);
  }

  /** Puts what every instance begins with onto the shelf. */
  private CompletableFuture<Void> expected() {
    int version = config.questions().version();
    List<Known> answers = new ArrayList<>();
    for (ByteBuffer question : config.questions().expected()) {
      ByteBuffer copy = question.duplicate();
      answers.add(new Known(copy, config.questions().answerInParts(question)));
    }
    return shelf.keep(version, answers);
  }

  private static ThreadFactory daemons(String name) {
    AtomicLong number = new AtomicLong();
    return r -> {
      Thread t = new Thread(null, r, name + "-" + number.incrementAndGet(), 0, false);
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

  /* --------------- Leaving --------------- */

  @Override
  public Invocation invoke(int slot, List<ByteBuffer> payload, InvocationListener listener) {
    Lane lane = lanes.computeIfAbsent(slot, s -> new Lane(s, longest / 2));
    Parcel parcel = new Parcel(lane, payload, listener);
    if (closed) {
      parcel.lost(WorkerLostException.Reason.NOT_STARTED, "the pool's workers are gone", false);
      return parcel;
    }
    leave(lane, lane.add(parcel));
    return parcel;
  }

  private void leave(Lane lane, List<Parcel> parcels) {
    if (!parcels.isEmpty()) {
      Trip trip = new Trip(this, lane, numbers.incrementAndGet(), parcels);
      trips.put(trip.invocation(), trip);
      CompletableFuture<ByteBuffer> unused =
          ready
              .handle((done, e) -> e)
              .thenCompose(e -> prepare(trip))
              .whenComplete(
                  (request, e) -> {
                    if (e != null) {
                      trip.refuse("its request cannot be put into the store: " + cause(e));
                    } else {
                      throttle.enter(() -> depart(trip, request, 0));
                    }
                  });
    }
  }

  /** Makes the request, of which the longest parts go into the store if it is too long. */
  private CompletableFuture<ByteBuffer> prepare(Trip trip) {
    List<Parcel> parcels = trip.parcels();
    boolean[] apart = new boolean[parcels.size()];
    List<Request.Call> calls = new ArrayList<>(parcels.size());
    for (int i = 0; i < parcels.size(); i++) {
      Parcel p = parcels.get(i);
      apart[i] = p.bytes() > longest * 4L;
      calls.add(
          new Request.Call(
              trip.lane().slot(), apart[i], apart[i] ? List.of() : p.payload(), p.board(trip, i)));
    }
    ByteBuffer request = request(trip, calls);
    while (request.remaining() > longest) {
      int most = -1;
      for (int i = 0; i < apart.length; i++) {
        if (!apart[i] && (most < 0 || parcels.get(i).bytes() > parcels.get(most).bytes())) {
          most = i;
        }
      }
      if (most < 0 || parcels.get(most).bytes() < SMALL) {
        return CompletableFuture.failedFuture(
            new IllegalStateException(request.remaining() + " bytes are too many"));
      }
      apart[most] = true;
      Request.Call c = calls.get(most);
      calls.set(most, new Request.Call(c.slot(), true, List.of(), c.messages()));
      request = request(trip, calls);
    }
    ByteBuffer ready = request;
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < apart.length; i++) {
      if (apart[i]) {
        puts.add(put(names.payload(trip.invocation(), i), parcels.get(i).payload()));
      }
    }
    return CompletableFuture.allOf(puts.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> ready);
  }

  private ByteBuffer request(Trip trip, List<Request.Call> calls) {
    int version = config.questions().version();
    return new Request(
            session,
            key,
            trip.invocation(),
            /* submitted= */ false,
            place,
            config.world(),
            version,
            shelf.hashes(version),
            calls)
        .encode();
  }

  private void depart(Trip trip, ByteBuffer request, int refusals) {
    if (!trip.isOpen()) {
      throttle.returned();
      return;
    }
    long epoch = throttle.epoch();
    if (refusals == 0) {
      for (Parcel p : trip.parcels()) {
        p.sent(name, false);
      }
    }
    mail.expect();
    CompletableFuture<FunctionAnswer> flight = functions.invoke(request.duplicate());
    trip.flight(flight);
    CompletableFuture<FunctionAnswer> unused =
        flight.whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                throttle.returned();
                execute(() -> arrive(trip, answer));
                return;
              }
              Throwable cause = cause(failure);
              if (cause instanceof FunctionException e
                  && e.kind() == FunctionException.Kind.THROTTLED) {
                throttle.refused(epoch);
                later(
                    () -> throttle.enterAgain(() -> depart(trip, request, refusals + 1)), refusals);
              } else {
                throttle.returned();
                execute(() -> fail(trip, cause));
              }
            });
  }

  private void later(Runnable action, int times) {
    long longestPause = FIRST_PAUSE_MILLIS << Math.min(times, LONGEST_PAUSE_SHIFT);
    long pause = ThreadLocalRandom.current().nextLong(longestPause / 2, longestPause);
    try {
      Future<?> unused = timer.schedule(action, pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The platform has been closed, which has ended all trips.
    }
  }

  /* --------------- Coming back --------------- */

  private void arrive(Trip trip, FunctionAnswer answer) {
    Response response;
    try {
      response = Response.decode(answer.payload());
    } catch (RuntimeException e) {
      trip.lose(
          WorkerLostException.Reason.DISCONNECTED,
          "what answered as " + answer.id() + " is no worker of this version: " + e.getMessage());
      return;
    }
    trip.answer(response);
  }

  private void fail(Trip trip, Throwable cause) {
    String detail = String.valueOf(cause.getMessage());
    if (!(cause instanceof FunctionException e)) {
      trip.lose(WorkerLostException.Reason.DISCONNECTED, cause.toString());
      return;
    }
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

  /** A trip has ended, and its lane is free. */
  void ended(Trip trip, List<Parcel> notBegun) {
    trips.remove(trip.invocation());
    trip.lane().putBack(notBegun);
    leave(trip.lane(), trip.lane().returned());
  }

  @Nullable Trip trip(long invocation) {
    return trips.get(invocation);
  }

  boolean isIdle() {
    return trips.isEmpty();
  }

  /* --------------- The store --------------- */

  CompletableFuture<Void> put(String key, List<ByteBuffer> plain) {
    stored = true;
    return store.put(key, List.of(vault.seal(key, plain)));
  }

  /** Something of this session is in the store. */
  void stored() {
    stored = true;
  }

  /** Brings an outcome from the store. */
  CompletableFuture<ByteBuffer> fetch(Trip trip, long run, int index) {
    stored = true;
    String key = names.outcome(trip.invocation(), run, index);
    return store
        .get(key)
        .thenApplyAsync(
            box -> {
              if (box == null) {
                throw new IllegalStateException("there is no " + key);
              }
              return vault.open(key, box);
            },
            threads);
  }

  /** Says something to a call, or to all. */
  CompletableFuture<Void> say(Trip trip, int n, int index, ByteBuffer message) {
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + message.remaining()).putInt(index).put(message.duplicate()).flip();
    return put(names.message(trip.invocation(), n), List.of(bytes));
  }

  /** Answers a question of an instance. */
  List<ByteBuffer> answer(ByteBuffer question) {
    boolean repeatable = config.questions().isRepeatable(question);
    int version = config.questions().version();
    ByteBuffer copy = question.duplicate();
    List<ByteBuffer> answer = config.questions().answerInParts(question);
    if (repeatable) {
      List<ByteBuffer> kept = new ArrayList<>();
      for (ByteBuffer b : answer) {
        kept.add(b.duplicate());
      }
      CompletableFuture<Void> unused = shelf.keep(version, List.of(new Known(copy, kept)));
    }
    return answer;
  }

  /* --------------- Threads --------------- */

  void execute(Runnable action) {
    try {
      threads.execute(action);
    } catch (RejectedExecutionException e) {
      action.run();
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
    closed = true;
    for (Lane lane : lanes.values()) {
      for (Parcel p : lane.clear()) {
        p.lost(WorkerLostException.Reason.KILLED, "the pool was closed", false);
      }
    }
    boolean killed = !trips.isEmpty();
    for (Trip trip : trips.values()) {
      trip.kill();
    }
    timer.shutdownNow();
    if (stored) {
      mail.clear(killed);
    }
    functions.close();
    store.close();
    threads.shutdown();
  }
}
